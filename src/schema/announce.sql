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

CREATE OR REPLACE FUNCTION opigno.may_read_app_schema(document_kind text) RETURNS boolean
    LANGUAGE c STABLE STRICT LEAKPROOF PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_may_read_app_schema';
COMMENT ON FUNCTION opigno.may_read_app_schema(text) IS
E'Returns whether the caller may read the schemas of documents of this kind.\n'
'Operators and auditors may read all. The level learning may read those of training profiles.\n'
'document_kind: profile or training_profile';
