\echo Use "ALTER EXTENSION opigno_profiles UPDATE" to load this file. \quit

/* The Makefile appends the tables that 0.2.0 adds, and every function file. No table of 0.1.0 changes its columns. */
SET LOCAL search_path TO pg_catalog, pg_temp;
/* For privileges.sql: what was there before keeps the privileges it has. */
SELECT set_config('opigno_profiles_script.members_before', array_agg(d.classid || ':' || d.objid)::text, true)
FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
WHERE e.extname = 'opigno_profiles' AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e';
/* It has another argument now. */
DROP FUNCTION opigno.set_user_contexts(text, text, boolean);
COMMENT ON SCHEMA opigno IS 'what an e-learning platform knows about its users: user contexts, scopes, apps and their profiles';
