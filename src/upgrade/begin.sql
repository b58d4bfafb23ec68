\echo Use "ALTER EXTENSION opigno_profiles UPDATE" to load this file. \quit

/* SET LOCAL, because a plain SET would stay on in the session of whoever upgrades. */
SET LOCAL search_path TO pg_catalog, pg_temp;
/* privileges.sql does not change the privileges of objects that existed before. */
SELECT set_config('opigno_profiles_script.members_before',
                  array_agg(d.classid || ':' || d.objid)::text, true)
FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
WHERE e.extname = 'opigno_profiles' AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e';
