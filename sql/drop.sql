-- Dropping the extension leaves nothing, its schema included.
DROP SCHEMA test CASCADE;
DROP EXTENSION opigno_profiles;
SELECT nspname FROM pg_namespace WHERE nspname = 'opigno';
SELECT proname FROM pg_proc WHERE prosrc LIKE 'opigno%';
SELECT typname FROM pg_type WHERE typname LIKE '%user_uuid%';

-- Nothing made beforehand is adopted.
CREATE SCHEMA opigno;
CREATE EXTENSION opigno_profiles;
DROP SCHEMA opigno;
CREATE EXTENSION opigno_profiles;
DROP EXTENSION opigno_profiles;
