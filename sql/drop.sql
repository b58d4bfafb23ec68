-- Dropping the extension leaves nothing, its schema included.
DROP SCHEMA test CASCADE;
DROP EXTENSION opigno_profiles;
SELECT nspname FROM pg_namespace WHERE nspname = 'opigno';
SELECT proname FROM pg_proc WHERE prosrc LIKE 'opigno%';
SELECT typname FROM pg_type WHERE typname IN ('user_uuid', 'scope_list', 'display_name', 'user_context', 'site_scope');

-- Nothing made beforehand is adopted.
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
