CREATE OR REPLACE FUNCTION opigno.purge_audit(before timestamptz) RETURNS bigint
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_purge_audit';
COMMENT ON FUNCTION opigno.purge_audit(timestamptz) IS
E'Deletes the rows of the audit trail that were recorded before a time, and returns their '
'number.\n'
'The call itself is recorded too. Requires the rights of the extension''s owner.\n'
'before: the time\n'
'Raises 22023 for NULL.\n'
'Raises 42501 if the caller does not have the rights of the extension''s owner.';
