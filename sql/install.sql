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
GRANT USAGE ON SCHEMA test TO PUBLIC;
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
/* Every table of the extension, whatever they are by now. */
CREATE FUNCTION test.digest() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    relation regclass;
    digest text;
    digests text := '';
BEGIN
    FOR relation IN
        SELECT c.oid FROM pg_class AS c JOIN pg_depend AS d ON d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e'
            JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'opigno_profiles'
        WHERE c.relkind = 'r' ORDER BY c.relname
    LOOP
        EXECUTE format('SELECT md5(string_agg(t::text, E''\n'' ORDER BY t::text)) FROM %s AS t', relation) INTO digest;
        digests := digests || relation || coalesce(digest, '');
    END LOOP;
    RETURN md5(digests);
END
$$;
/* A plan, in the same words on every major: $0 up to 16 is (InitPlan 1).col1 in 17 and (InitPlan expr_1).col1 in 19. */
CREATE FUNCTION test.plan(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || statement LOOP
        line := regexp_replace(line, ' \(returns \$\d+\)', '');
        line := regexp_replace(line, '\$\d+|\(InitPlan \w+\)\.col1', '(InitPlan)', 'g');
        RETURN NEXT regexp_replace(line, 'InitPlan \w+', 'InitPlan');
    END LOOP;
END
$$;
