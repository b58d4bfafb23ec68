/*
 * A CHECK constraint of opigno.server_role calls this function for each row that is written. Rows
 * are updated before they are deleted.
 */
CREATE OR REPLACE FUNCTION opigno.announce_server_role_change() RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_announce_server_role_change';
COMMENT ON FUNCTION opigno.announce_server_role_change() IS
E'Returns true, and tells all sessions at commit that opigno.server_role has changed.\n'
'A constraint of opigno.server_role calls it, so that sessions notice that this server has become '
'a shard, a hub or neither.';
