-- Dropping the extension leaves nothing, its schema included.
DROP SCHEMA test CASCADE;
DROP EXTENSION opigno_profiles;
SELECT nspname FROM pg_namespace WHERE nspname = 'opigno';
SELECT proname FROM pg_proc WHERE prosrc LIKE 'opigno%';
SELECT typname FROM pg_type WHERE typname IN ('user_uuid', 'scope_list', 'display_name', 'user_context', 'site_scope');

-- Nothing made beforehand is adopted.
-- From 18 on the server says in which line of the script.
\set SHOW_CONTEXT never
CREATE SCHEMA opigno;
CREATE EXTENSION opigno_profiles;
DROP SCHEMA opigno;

-- Made again in one session, it works with new plans.
CREATE EXTENSION opigno_profiles;
SELECT id, display_name FROM opigno.set_user_context('a', 'First', true);
SELECT opigno.get_user_context_json('a');
DROP EXTENSION opigno_profiles;
CREATE EXTENSION opigno_profiles;
SELECT opigno.get_user_context_json('a');
SELECT id, display_name FROM opigno.set_user_context('a', 'Second', true);
DISCARD ALL;
SELECT opigno.get_user_context_json('a');
DROP EXTENSION opigno_profiles;

-- Default privileges of the installer's make nobody an operator, and give no table away.
CREATE ROLE regress_opigno_favourite;
ALTER DEFAULT PRIVILEGES GRANT ALL ON ROUTINES TO regress_opigno_favourite;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO regress_opigno_favourite;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO regress_opigno_favourite;
CREATE EXTENSION opigno_profiles;
SELECT has_schema_privilege('regress_opigno_favourite', 'opigno', 'USAGE') AS uses_schema,
    count(*) FILTER (WHERE has_function_privilege('regress_opigno_favourite', oid, 'EXECUTE')) AS functions
FROM pg_proc WHERE pronamespace = 'opigno'::regnamespace;
SELECT count(*) FILTER (WHERE has_table_privilege('regress_opigno_favourite', oid,
    'SELECT, INSERT, UPDATE, DELETE')) AS tables FROM pg_class
WHERE relnamespace = 'opigno'::regnamespace AND relkind IN ('r', 'v', 'S');
SELECT * FROM opigno.role_level;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON ROUTINES FROM regress_opigno_favourite;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM regress_opigno_favourite;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON SEQUENCES FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON SCHEMAS FROM regress_opigno_favourite;

-- Dropped with a role that has a level: the role can go too.
SELECT opigno.grant_access('regress_opigno_favourite', 'operator');
DROP EXTENSION opigno_profiles;
DROP ROLE regress_opigno_favourite;
