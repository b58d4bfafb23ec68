CREATE OR REPLACE FUNCTION opigno.purge_audit(before timestamptz) RETURNS bigint
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_purge_audit';
COMMENT ON FUNCTION opigno.purge_audit(timestamptz) IS
'Deletes the entries of the audit trail recorded before a time, and gives their number; that it did is recorded too. For the extension''s owner. Raises 22023 for NULL, 42501 where the caller may not.';
