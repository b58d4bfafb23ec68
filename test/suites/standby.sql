-- For standby.t: answers of calls as one line.
SELECT opigno.grant_access('standby_auditor', 'auditor');

/* Without the times since now, which are those of calls. */
CREATE TABLE calls.start AS SELECT clock_timestamp() AS time;
CREATE FUNCTION calls.without_present(answer text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    found text;
BEGIN
    FOR found IN
        SELECT DISTINCT m[1] FROM regexp_matches(answer, '(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.\d]*\+00)', 'g') AS m
    LOOP
        CONTINUE WHEN found::timestamptz < (SELECT time FROM calls.start);
        answer := replace(answer, found, 'now');
    END LOOP;
    RETURN answer;
END $$;
/* What a call answers a role, in a request of a user or in none: its rows, or its error. */
CREATE FUNCTION calls.answer(role text, request text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
    detail text;
    hint text;
BEGIN
    IF request IS NOT NULL THEN
        PERFORM opigno.test_request(request, app_id => 0);
    END IF;
    EXECUTE format('SET LOCAL ROLE %I', role);
    EXECUTE format('SELECT string_agg(answer, '' # '') FROM (%s) AS q (answer)', query) INTO answer;
    RESET ROLE;
    RETURN translate(coalesce(calls.without_present(answer), 'NULL'), E'\n|', ' /');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN translate(concat_ws(' ', SQLSTATE || ': ' || SQLERRM, detail, hint), E'\n|', ' /');
END $$;
GRANT USAGE ON SCHEMA calls TO PUBLIC;
