/*
 * A CHECK constraint of opigno.app_schema calls this function for each row that is written. A
 * trigger could be disabled, and would not see rows that logical replication writes.
 */

CREATE OR REPLACE FUNCTION opigno.announce_schema_change() RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_announce_schema_change';
COMMENT ON FUNCTION opigno.announce_schema_change() IS
E'Returns true, and tells all sessions at commit that opigno.app_schema has changed.\n'
'A constraint of opigno.app_schema calls it, so that sessions forget the schemas of apps.';
