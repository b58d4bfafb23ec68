-- The first test of each run: the extension, and what the other tests have in common.
CREATE EXTENSION IF NOT EXISTS opigno_profiles;

-- What a statement is refused with, and a digest of all the data.
CREATE SCHEMA test;
GRANT USAGE ON SCHEMA test TO PUBLIC;
/*
 * A version as the number of changes, from 1: a first version is the clock in microseconds. The function keeps the
 * first versions that it is given. Two rows are never created within 20 microseconds, and no test shows a row that was
 * changed more often.
 */
CREATE TABLE test.first_version (version bigint PRIMARY KEY);
CREATE FUNCTION test.nth(given bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    base bigint := (SELECT max(version) FROM test.first_version WHERE version BETWEEN given - 19 AND given);
BEGIN
    IF base IS NULL AND given IS NOT NULL THEN
        INSERT INTO test.first_version VALUES (given);
        base := given;
    END IF;
    RETURN given - base + 1;
END
$$;
/* The same for all versions in a text. */
CREATE FUNCTION test.nths(given text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    version text;
BEGIN
    FOR version IN SELECT DISTINCT m[1] FROM regexp_matches(given, '\m\d{16}\M', 'g') AS m ORDER BY 1 LOOP
        given := replace(given, version, test.nth(version::bigint)::text);
    END LOOP;
    RETURN given;
END
$$;
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
    RETURN NEXT SQLSTATE || ': ' || test.nths(message);
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
        SELECT c.oid FROM pg_class AS c JOIN pg_depend AS d ON d.objid = c.oid AND d.classid = 'pg_class'::regclass
            AND d.deptype = 'e'
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
-- The site's own scopes, of tests that need some.
CREATE FUNCTION test.register_scopes() RETURNS void LANGUAGE sql AS $$
    SELECT opigno.register_scope('MENTOR', '{AUTHENTICATED}', 'guides learners');
    SELECT opigno.register_scope('HEAD_MENTOR', '{MENTOR}');
    SELECT opigno.register_scope('_guest2');
    DELETE FROM opigno.audit;
$$;
-- A trigger function that suppresses every write.
CREATE FUNCTION test.suppress() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
-- An account as text without what differs from run to run, and one line for each fault of a refusal.
CREATE FUNCTION test.account(account json) RETURNS text LANGUAGE sql AS $$
    SELECT test.nths(regexp_replace(account::text, '"(id|date_joined)":"[^"]*"', '"\1":"..."', 'g'))
$$;
CREATE FUNCTION test.field_errors(answer json)
    RETURNS TABLE (field text, developer_message text, user_message text) LANGUAGE sql AS $$
    SELECT e.key, e.value ->> 'developer_message', e.value ->> 'user_message'
    FROM json_each(coalesce(answer -> 'field_errors', json_build_object('', answer))) AS e
$$;
-- The statement's answer in a request of this user by the role regress_opigno_app, which the test creates.
CREATE FUNCTION test.as_user(uuid text, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    PERFORM opigno.test_request(uuid);
    SET LOCAL ROLE regress_opigno_app;
    EXECUTE statement INTO answer;
    RESET ROLE;
    RETURN CASE WHEN answer LIKE '{"username"%' THEN test.account(answer::json) ELSE answer END;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ': ' || test.nths(SQLERRM);
END $$;
