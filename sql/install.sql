-- Creating the extension leaves the session as it was and needs no schema of the user's.
SELECT current_setting('search_path') AS search_path_before \gset
CREATE EXTENSION opigno_profiles;
SELECT current_setting('search_path') = :'search_path_before' AS search_path_is_what_it_was;

-- Every framework's reset.
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
SELECT extname, relname AS a_table_that_is_still_there
FROM pg_extension, pg_class
WHERE extname = 'opigno_profiles' AND pg_class.oid = 'opigno.user_context'::regclass;

-- For the tests that follow: what a statement is refused with, and a digest of all the data.
CREATE SCHEMA test;
CREATE FUNCTION test.refusal(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    message text;
    detail text;
    hint text;
BEGIN
    EXECUTE statement;
    RETURN NEXT 'not refused';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN NEXT SQLSTATE || ': ' || message;
    RETURN QUERY SELECT 'DETAIL: ' || detail WHERE detail <> '';
    RETURN QUERY SELECT 'HINT: ' || hint WHERE hint <> '';
END
$$;
CREATE FUNCTION test.digest() RETURNS text LANGUAGE sql AS $$
    SELECT md5(coalesce((SELECT string_agg(c::text, E'\n' ORDER BY c.uuid) FROM opigno.user_context AS c), '')
               || coalesce((SELECT string_agg(s::text, E'\n' ORDER BY s.scope) FROM opigno.site_scope AS s), ''))
$$;
