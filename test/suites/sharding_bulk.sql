-- For sharding_bulk.t: loads from text, the same on one server and through the front.
CREATE SCHEMA compare;
SET search_path = compare;
CREATE TABLE call (n integer PRIMARY KEY, name text NOT NULL, arguments text NOT NULL, answer text);

CREATE FUNCTION one_of(VARIADIC choices text[]) RETURNS text LANGUAGE sql VOLATILE AS
'SELECT choices[1 + floor(random() * cardinality(choices))::integer]';

-- As JSON strings: with escapes, other letter case, unknown, wrong.
CREATE FUNCTION a_user() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN random() < 0.8 THEN format('"u%s"', 1 + floor(random() * 12)) ELSE compare.one_of(
        '"3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77"', '"3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77"', '"U1"', '"\u00751"',
        '"none"', '"caf\u00e9"', '""', '" u1"', '7', 'null', '"a\u0000b"', '"a\u0007b"', '"retired__user_1"') END
$$;
CREATE FUNCTION an_entry(name text) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN random() < 0.06 THEN compare.one_of('3', '"u1"', '[1,2]', '{}', 'nothing',
            '{"user_id": "u1",}', '{"user_id": "u3" "app_id": 0}', '{"username": "u2", "username": "u3"}',
            '{"uuid": "u1"',
            'null',
            '{"a":[1,}',
            '{"user_id": "u4", "app_id": 0, "profile_data": {"a": 01}}', '{"uuid": "u2", "displayName": "a	b"}',
            '{"user_id": "u5", "user_id": "u6", "app_id": 0, "profile_data": 1}')
        ELSE replace(replace(CASE
        WHEN name ~ '_profiles$' THEN format('{%s: %s, "app_id": %s%s%s}',
            compare.one_of('"user_id"', '"user_id"', '"user_uuid"', '"us\u0065r_id"', '"user_id": null, "user_uuid"',
                '"user_id": "u1", "user_uuid"'),
            compare.a_user(), compare.one_of('0', '0', '1', '1', '7', '-1', '"0"'),
            CASE name WHEN 'create_profiles' THEN ', "profile_data": ' WHEN 'patch_profiles' THEN ', "patch": ' END
                || CASE WHEN name <> 'delete_profiles' THEN compare.one_of('{"a": 1}', '{"a": {"b": [1, 2.50]}}', '[1]',
                    '{"a": null, "c": "@"}', '{"user_id": "u9", "a": 1, "a": 2}', '1e131071') END,
            compare.one_of('', '', '', '', ', "version": 0', ', "other": 1'))
        WHEN name = 'patch_accounts' THEN format('{"username": %s%s}', compare.a_user(),
            compare.one_of(', "name": "New"', ', "name": ""', ', "bio": "b"', ', "other": 1', ', "job": "x"',
                ', "preferences": {"theme": "dark"}', ', "preferences": {"theme": "very, very dark"}', '',
                ', "extended_profile": [{"field_name": "hidden_@", "field_value": "v"}]'))
        WHEN name = 'set_user_contexts' THEN format('{%s"uuid": %s%s}', compare.one_of('', '"isActive": true, '),
            compare.a_user(), compare.one_of(', "displayName": "Name"', ', "displayName": "N", "isActive": false', '',
                ', "scope": "AUTHENTICATED"', ', "scope": ["NONE"]', ', "id": "1"', ', "displayName": "@"'))
        ELSE format('{"user_id": %s, "training_id": %s%s}', compare.a_user(), compare.one_of('"course"', '"other"',
                '"none"'), compare.one_of('', ', "progress": 20', ', "progress": 101', ', "status": "passed"',
                ', "progress": 60, "reported_at": "2020-01-01T00:00:00Z"', ', "details": {"a": 1}')) END,
        '@', floor(random() * 5)::text), ': ', compare.one_of(': ', ':', ': '))
        END
$$;
CREATE FUNCTION a_body(name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    form text := compare.one_of('lines', 'list', 'document');
    list text := CASE name WHEN 'patch_accounts' THEN 'accounts' WHEN 'report_progress_many' THEN 'reports'
        WHEN 'set_user_contexts' THEN 'userContexts' ELSE 'profiles' END;
    entries text[] := ARRAY(SELECT compare.an_entry(name) FROM generate_series(1, floor(random() * 14)::integer));
    body text;
BEGIN
    IF random() < 0.3 AND cardinality(entries) > 2 THEN
        entries := entries || entries[2];
    END IF;
    body := array_to_string(entries, CASE form WHEN 'lines' THEN compare.one_of(E'\n', E'\n\n', E' \r\n')
        ELSE compare.one_of(',', E' ,\n ') END);
    body := CASE form WHEN 'lines' THEN body WHEN 'list' THEN '[' || body || ']'
        ELSE format('{"%s": [%s]}', CASE WHEN random() < 0.05 THEN 'others' ELSE list END, body) END;
    RETURN CASE WHEN random() < 0.88 THEN body ELSE compare.one_of(body || ']', left(body, -1), NULL, '', '{',
        body || 'x', replace(body, ',', ' '), E'\ufeff' || body, left(body, length(body) / 2), '[1 2]',
        body || E'\n[1,\n{"a": 1}]',
        E'{"a"\n' || body) END;
END
$$;

CREATE PROCEDURE generate(calls integer) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM setseed(0.3);
    INSERT INTO compare.call (n, name, arguments)
    SELECT i, f.name, format('%s%s', quote_nullable(compare.a_body(f.name)), (
        SELECT string_agg(format(', %s => %s', a.name, CASE a.name
            WHEN 'on_error' THEN compare.one_of('NULL', '''report''', '''report''', '''abort''')
            WHEN 'on_conflict' THEN compare.one_of('NULL', '''skip''', '''replace''', '''merge''')
            WHEN 'on_duplicate' THEN compare.one_of('NULL', '''last''', '''error''')
            WHEN 'max_errors' THEN compare.one_of('NULL', '1', '3', '0', '100')
            WHEN 'dry_run' THEN compare.one_of('NULL', 'false', 'false', 'true')
            ELSE compare.one_of('NULL', 'false', 'true') END), '' ORDER BY a.n)
            || CASE WHEN random() < 0.02 THEN '/*wrong*/' ELSE '' END
        FROM unnest((SELECT p.proargnames FROM pg_proc AS p WHERE p.pronamespace = 'opigno'::regnamespace
            AND p.proname = f.name)) WITH ORDINALITY AS a (name, n) WHERE a.name <> 'body'))
    FROM generate_series(1, calls) AS i JOIN (
        SELECT function_name AS name, row_number() OVER (ORDER BY function_name) - 1 AS place
        FROM opigno.function_route WHERE route = 'bulk' AND key_argument = 'body') AS f ON f.place = i % 6;
    UPDATE compare.call SET arguments = regexp_replace(arguments, 'on_error => [^,]*', 'on_error => ''wrong''')
    WHERE arguments LIKE '%/*wrong*/%';
END
$$;

CREATE PROCEDURE run(schema text) LANGUAGE plpgsql AS $$
DECLARE
    call record;
    result text;
    message text;
BEGIN
    FOR call IN SELECT * FROM compare.call ORDER BY n LOOP
        BEGIN
            EXECUTE format('SELECT %I.%I(%s)', schema, call.name, call.arguments) INTO result;
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
            result := format('SQLSTATE %s: %s', SQLSTATE, message);
        END;
        UPDATE compare.call AS c SET answer = coalesce(result, 'nothing') WHERE c.n = call.n;
        COMMIT;
    END LOOP;
END
$$;

-- ---- loads over HTTP ----
CREATE TABLE request (n integer PRIMARY KEY, target text NOT NULL, headers jsonb NOT NULL, body bytea, answer text);
CREATE TABLE token (name text PRIMARY KEY, token text NOT NULL);

CREATE PROCEDURE generate_requests(calls integer) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM setseed(0.4);
    INSERT INTO compare.request (n, target, headers, body)
    SELECT i, CASE WHEN i % 2 = 0 THEN '/operator/profile/create-bulk' || compare.one_of('', '', '?on_conflict=skip',
            '?on_conflict=merge', '?on_conflict=replace&dry_run=false', '?%64ry_run=true', '?dry_run=x',
            '?dry_run=true', '?on_conflict=x', '?other=1', '?dry_run=true&dry_run=false')
        ELSE '/operator/progress/report-bulk' || compare.one_of('', '', '?create_missing_users=true',
            '?create_missing_users=false&dry_run=true', '?create_missing_users=x') END,
        jsonb_strip_nulls(jsonb_build_object('Authorization', compare.one_of(VARIADIC array_fill('ops'::text, '{8}')
                || ARRAY['shop', 'none', NULL]),
            'Opigno-Client-UUID', compare.one_of(NULL, NULL, NULL, NULL, 'u1', 'x'),
            'Content-Type', compare.one_of(VARIADIC array_fill('application/json'::text, '{9}') || ARRAY['text/plain']),
            'prefer', compare.one_of(NULL, NULL, 'handling=lenient', 'respond-async, Handling=lenient'),
            'Origin', compare.one_of(NULL, NULL, 'https://first.example'),
            'Accept', compare.one_of(VARIADIC array_fill(NULL::text, '{9}') || ARRAY['text/html']))),
        convert_to(compare.a_body(CASE WHEN i % 2 = 0 THEN 'create_profiles' ELSE 'report_progress_many' END), 'UTF8')
            || CASE WHEN random() < 0.03 THEN '\xff'::bytea ELSE '' END
    FROM generate_series(1, calls) AS i;
END
$$;

CREATE PROCEDURE run_requests(schema text) LANGUAGE plpgsql AS $$
DECLARE
    request record;
    result text;
BEGIN
    FOR request IN SELECT r.*, coalesce(t.token, r.headers ->> 'Authorization') AS token
        FROM compare.request AS r LEFT JOIN compare.token AS t ON t.name = r.headers ->> 'Authorization' ORDER BY n
    LOOP
        SET ROLE web;
        EXECUTE format('SELECT concat_ws(E''\n'', r.status, r.response_headers, r.response_body)
            FROM %I.http_request(''POST'', $1, $2, $3) AS r', schema) INTO result
        USING request.target, request.headers
            || CASE WHEN request.token IS NULL THEN '{}' ELSE jsonb_build_object('Authorization', request.token) END,
            request.body;
        RESET ROLE;
        UPDATE compare.request AS r SET answer = result WHERE r.n = request.n;
        COMMIT;
    END LOOP;
END
$$;
