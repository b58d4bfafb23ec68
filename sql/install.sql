-- Creating the extension leaves the session as it was and needs no schema of the user's.
SELECT current_setting('search_path') AS search_path_before \gset
DROP EXTENSION opigno_profiles;
CREATE EXTENSION opigno_profiles;
SELECT current_setting('search_path') = :'search_path_before' AS search_path_is_what_it_was;

-- Every framework's reset.
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
SELECT extname, relname AS a_table_that_is_still_there
FROM pg_extension, pg_class
WHERE extname = 'opigno_profiles' AND pg_class.oid = 'opigno.user_context'::regclass;
