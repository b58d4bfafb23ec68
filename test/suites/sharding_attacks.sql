-- For sharding.t: the attacks of sql/attacks.sql through the front and on one server, by roles that may execute every
-- proxy, so that the privileges of the shards decide. psql's variable attacks holds the rows of that file.
SET search_path = compare;
CREATE TABLE attack (n serial PRIMARY KEY, name text NOT NULL, statement text NOT NULL);
INSERT INTO attack (name, statement) VALUES
    :attacks;
CREATE TABLE outcome (n integer, level text, outcome text NOT NULL, PRIMARY KEY (n, level));
CREATE SCHEMA test;
GRANT USAGE ON SCHEMA test TO PUBLIC;
CREATE TABLE test.client (n integer, client_id bigint, client_key text, client_secret text, access_token text);
GRANT SELECT ON test.client TO PUBLIC;
CREATE FUNCTION test.client(n integer) RETURNS test.client STABLE LANGUAGE sql AS $$
    SELECT * FROM test.client AS c WHERE c.n = client.n
$$;

-- Through the schema, mallory and the victim are on different shards.
CREATE PROCEDURE prepare_attacks(schema text) LANGUAGE plpgsql AS $$
DECLARE
    step text;
    who text;
BEGIN
    PERFORM set_config('search_path', schema || ', pg_catalog', false);
    FOREACH step IN ARRAY ARRAY[
        $s$SELECT register_app('Shop', app_id => 900)$s$,
        $s$SELECT configure_extended_profile_field('secret', visibility => 'private')$s$,
        $s$SELECT configure_extended_profile_field('open', visibility => 'shared')$s$,
        $s$SELECT set_training('course', 'Training')$s$, $s$SELECT set_training('other course', 'Training')$s$,
        $s$SELECT set_training('done', 'Training')$s$, $s$SELECT set_training('empty', 'Training')$s$,
        $s$SELECT upsert_training_profile('course', 900, '{}')$s$,
        $s$SELECT register_token_issuer('idp', operator_claim => '/operator')$s$,
        $s$SELECT register_token_key('idp', repeat('k', 32), algorithm => 'HS256')$s$]
    LOOP
        EXECUTE step;
        COMMIT;
    END LOOP;
    FOREACH who IN ARRAY ARRAY['mallory', 'victim'] LOOP
        PERFORM set_user_context(who, 'Name of ' || who, true, 'AUTHENTICATED');
        PERFORM upsert_profile(who, 900, jsonb_build_object('secret of', who));
        PERFORM patch_account(who, json_build_object('extended_profile', json_build_array(
            json_build_object('field_name', 'secret', 'field_value', 'secret of ' || who),
            json_build_object('field_name', 'open', 'field_value', 'shared by ' || who))));
        PERFORM set_preference(who, 'k', 'preferred by ' || who);
        PERFORM report_progress(who, 'course', 'in_progress'), report_progress(who, 'done', 'passed');
        COMMIT;
    END LOOP;
    FOR i IN 1..3 LOOP
        INSERT INTO test.client (n, client_id, client_key, client_secret)
        SELECT i, c.client_id, c.client_key, c.client_secret FROM register_client(900, 'Client ' || i,
            CASE i WHEN 2 THEN 'all' END, is_operator => i = 3) AS c;
        UPDATE test.client AS c SET access_token =
            issue_access_token(client_key, client_secret, 'client_credentials') ->> 'access_token' WHERE c.n = i;
        COMMIT;
    END LOOP;
    PERFORM set_user_context('dismissed', 'Dismissed', false, 'AUTHENTICATED');
    COMMIT;
    PERFORM grant_user(client_id, 'mallory') FROM test.client AS c WHERE c.n = 1;
    RESET search_path;
END
$$;

CREATE TABLE excluded_attack (name text PRIMARY KEY, reason text NOT NULL);
INSERT INTO excluded_attack SELECT unnest(names), reason FROM (VALUES
    ('{attach_entity_table,detach_entity_table,list_entity_tables}'::text[], 'tables of the site'),
    ('{refresh_grants,revoke_access,grant_access,purge_audit}', 'change the server for what follows'),
    ('{delete_training}', 'a hub deletes none'), ('{merge_user_contexts}', 'users of two shards'),
    ('{issue_user_assertion}', 'one server has no shards')
) AS e (names, reason);

-- Statements that use what has no proxy are left out.
CREATE FUNCTION translated(statement text, schema text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(regexp_replace(statement, '(\(|, |app_id":)0(?=[,)}])', '\1900', 'g'),
        '\mopigno\.', schema || '.', 'g')
    WHERE NOT EXISTS (
        SELECT FROM regexp_matches(statement, '\mopigno\.(\w+)(\(?)', 'g') AS m (parts)
        WHERE parts[2] = '' OR NOT EXISTS (
            SELECT FROM opigno.function_route AS r JOIN pg_proc AS p ON p.proname = r.function_name
                AND p.pronamespace = 'opigno'::regnamespace AND p.prokind = 'f'
            WHERE r.function_name = parts[1] AND r.route <> 'local'
                AND r.function_name NOT IN (SELECT e.name FROM compare.excluded_attack AS e)))
        AND statement ~ '\mopigno\.'
$$;
CREATE PROCEDURE attack(schema text) LANGUAGE plpgsql AS $$
DECLARE
    attempt record;
    rows bigint;
    result text;
BEGIN
    FOR attempt IN SELECT a.n, l.level, compare.translated(a.statement, schema) AS statement
        FROM compare.attack AS a, unnest(ARRAY['stranger', 'user', 'gateway', 'auditor', 'learning', 'operator'])
            WITH ORDINALITY AS l (level, n)
        WHERE compare.translated(a.statement, schema) IS NOT NULL ORDER BY l.n, a.n
    LOOP
        BEGIN
            PERFORM set_config('role', attempt.level || '_level', true);
            EXECUTE attempt.statement;
            GET DIAGNOSTICS rows = ROW_COUNT;
            result := rows;
        EXCEPTION WHEN OTHERS THEN
            result := SQLSTATE;
        END;
        RESET ROLE;
        INSERT INTO compare.outcome VALUES (attempt.n, attempt.level, result);
        COMMIT;
    END LOOP;
END
$$;

-- Requests over HTTP by the level gateway. %1$s and so on are access tokens of a client with
-- mallory as its only user, of one with all users, and of an operator; %4$s and so on are JWTs of mallory, of an
-- operator without a user, of the victim as an operator, and of an operator who is not active.
CREATE FUNCTION base64url(bytes bytea) RETURNS text LANGUAGE sql AS
    $$ SELECT rtrim(translate(encode(bytes, 'base64'), E'+/\n', '-_'), '=') $$;
CREATE FUNCTION padded(pad integer) RETURNS bytea LANGUAGE sql AS $$
    SELECT string_agg(set_byte('\x00', 0, CASE WHEN n < 32 THEN ascii('k') ELSE 0 END # pad), ''
        ORDER BY n) FROM generate_series(0, 63) AS n $$;
CREATE FUNCTION jwt(claims jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT t.message || '.' || compare.base64url(sha256(compare.padded(92) ||
        sha256(compare.padded(54) || convert_to(t.message, 'UTF8'))))
    FROM concat(compare.base64url('{"alg":"HS256"}'), '.', compare.base64url(convert_to((claims
        || jsonb_build_object('iss', 'idp', 'exp', floor(extract(epoch FROM now())) + 3600))::text, 'UTF8')))
        AS t (message)
$$;
CREATE TABLE request (n serial PRIMARY KEY, method text, target text, headers text, body text, answer text);
INSERT INTO request (method, target, headers, body)
SELECT r.method, r.target, h.headers, r.body
FROM (VALUES ('GET', '/user-contexts/victim', ''), ('GET', '/user-contexts/mallory', ''),
    ('HEAD', '/user-contexts/mallory', ''), ('OPTIONS', '/user-contexts/victim', ''), ('DELETE', '/nowhere', ''),
    ('GET', '/user/profiles/900', ''), ('GET', '/user/profiles', ''), ('GET', '/user/progress', ''),
    ('PUT', '/user-contexts/victim', '{"displayName": "Defaced"}'),
    ('PUT', '/user-contexts/mallory', '{"displayName": 7}'),
    ('PATCH', '/user/profiles/900', '{"patched": 1}'), ('POST', '/user/profiles/create', '{"app_id": 900}'),
    ('GET', '/api/user/v1/accounts/victim', ''), ('GET', '/api/user/v1/accounts?username=victim', ''),
    ('GET', '/api/user/v1/preferences/victim', ''), ('PATCH', '/api/user/v1/accounts/victim', '{"name": "Defaced"}'),
    ('GET', '/api/user/v1/preferences/mallory', ''), ('GET', '/api/user/v1/me', ''),
    ('PUT', '/trainings/mallory', '{"title": "M"}'), ('GET', '/trainings/course', ''), ('GET', '/health', ''),
    ('POST', '/graphql', '{"query": "{ getUserContext(uuid: \"victim\") { displayName } }"}'),
    ('POST', '/graphql', '{"query": "{ getUserContext(uuid: \"mallory\") { displayName scope } }"}'),
    ('POST', '/graphql', '{"query": "mutation { anonymizeUserContext(uuid: \"victim\") { uuid } }"}'),
    ('POST', '/graphql', '{"query": "{"}'), ('POST', '/graphql', '{'), ('GET', '/user-contexts/%00', '')
) AS r (method, target, body), (VALUES (''), ('"Authorization": "Bearer %1$s"'),
    ('"Authorization": "Bearer %1$s", "Opigno-Client-UUID": "mallory"'),
    ('"Authorization": "Bearer %1$s", "Opigno-Client-UUID": "MALLORY"'),
    ('"Authorization": "Bearer %1$s", "Opigno-Client-UUID": "victim"'),
    ('"Authorization": "Bearer %2$s", "Opigno-Client-UUID": "victim"'),
    ('"Authorization": "Bearer %2$s", "Opigno-Client-UUID": "mallory"'), ('"Authorization": "Bearer %2$s"'),
    ('"Authorization": "Bearer %3$s"'), ('"Authorization": "Bearer %3$s", "Opigno-Client-UUID": "mallory"'),
    ('"Authorization": "Bearer %1$s", "Opigno-Client-UUID": "nobody"'),
    ('"Authorization": "Bearer %7$s"'),
    ('"Opigno-Client-UUID": "victim"'), ('"Authorization": "Bearer forged", "Opigno-Client-UUID": "victim"'),
    ('"Authorization": "Bearer a.eyJpc3MiOiJpc3N1ZXIiLCJzdWIiOiJ2aWN0aW0ifQ.c"'),
    ('"Authorization": "Basic x"'), ('"Opigno-Client-UUID": ""')) AS h (headers);

-- Lists, and users of several shards.
INSERT INTO request (method, target, headers, body)
SELECT r.method, r.target, h.headers, ''
FROM (SELECT method, prefix || rest FROM (VALUES
        ('GET', '/user-contexts', ARRAY['', '?limit=1', '?limit=2', '?limit=5', '?limit=1000', '?limit=2&after=u2',
            '?after=U4&limit=5', '?after=3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77&limit=2', '?after=zzzz',
            '?after=mallory&limit=1&unknown=1', '?isActive=false&limit=5', '?scope=NONE',
            '?isActive=true&scope=AUTHENTICATED&limit=2', '?limit=0', '?limit=x&isActive=7', '?limit=1001',
            '?after=%00', '?after=a&after=b', '?limit=2&limit=2']),
        ('HEAD', '/user-contexts', ARRAY['', '?limit=2', '?limit=x']),
        ('GET', '/trainings/', ARRAY['course/progress', 'course/progress?limit=1', 'COURSE/progress?limit=2',
            'course/progress?limit=1&after=mallory', 'done/progress?status=passed', 'course/progress?status=x',
            'empty/progress', 'none/progress']),
        ('GET', '/api/user/v1/accounts?username=', ARRAY['mallory,victim', 'victim,MALLORY,mallory,victim,VICTIM',
            'u1,u2,u3,u11,u4,U5,none,u1,3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77', 'none,nobody', ',victim,,mallory,',
            'victim%2Cmallory&view=shared', 'u2,victim&username=u3', 'with%20space,%C3%A9,u1+,u%31',
            repeat('u1,u2,', 251), 'victim,%00']),
        ('HEAD', '/api/user/v1/accounts?username=', ARRAY['mallory,victim', 'none,nobody']),
        ('GET', '/operator/users/bundles?users=', ARRAY['mallory,victim', 'victim,u2,none,VICTIM,u4,victim',
            'mallory,,victim&include=user_context,profiles&apps=900', 'u2,victim&apps=x', 'u2,victim&include=x',
            'u1,with%20space&include=account', repeat('u1,u2,', 251)]),
        ('GET', '/api/user/v1/accounts/retirement_queue/', ARRAY['?cool_off_days=0&states=PENDING',
            '?cool_off_days=0&states=PENDING&states=LOCKING_ACCOUNT&states=RETIRING_LMS&states=COMPLETE',
            '?cool_off_days=0&states=RETIRING_LMS&states=LOCKING_ACCOUNT&states=PENDING&limit=1',
            '?cool_off_days=0&states=PENDING&limit=2', '?cool_off_days=0&states=PENDING&limit=0',
            '?cool_off_days=0&states=PENDING&limit=', '?cool_off_days=0&states=PENDING&limit=x',
            '?cool_off_days=7&states=PENDING', '?cool_off_days=0&states=NONE', '?states=PENDING']),
        ('GET', '/api/user/v1/accounts/retirements_by_status_and_date/', ARRAY[
            '?start_date=2020-01-01&end_date=' || current_date || '&state=PENDING',
            '?start_date=2020-01-01&end_date=' || current_date || '&state=PENDING&limit=1',
            '?start_date=2020-01-01&end_date=2020-01-02&state=PENDING',
            '?start_date=2020-01-01&end_date=x&state=PENDING', '?start_date=2020-01-01&end_date=2020-01-02'])
        ) AS l (method, prefix, rests), unnest(l.rests) AS rest) AS r (method, target),
    (SELECT DISTINCT q.headers FROM request AS q
     UNION ALL VALUES ('"Authorization": "Bearer %3$s", "Origin": "https://a.example", "Accept": "application/json"'),
         ('"Authorization": "Bearer %3$s", "Accept": "text/html"'), ('"Authorization": "Bearer %4$s"'),
         ('"Authorization": "Bearer %4$s", "Opigno-Client-UUID": "victim"'), ('"Authorization": "Bearer %5$s"'),
         ('"Authorization": "Bearer %6$s"')) AS h (headers)
ORDER BY h.headers COLLATE "C", r.target COLLATE "C", r.method;

-- Writes over several shards.
INSERT INTO request (method, target, headers, body)
SELECT r.method, r.target, '"Authorization": "Bearer ' || h.headers, r.body
FROM (VALUES ('%1$s", "Opigno-Client-UUID": "mallory"'), ('%2$s", "Opigno-Client-UUID": "mallory"'), ('%3$s"'),
        ('%3$s", "Opigno-Client-UUID": "mallory"'), ('%3$s", "Prefer": "return=minimal"'), ('%4$s"'), ('%5$s"'),
        ('%6$s"'), ('%7$s"'), ('forged"'), ('"')) AS h (headers),
    LATERAL (VALUES
        (1, 'POST', '/api/user/v1/accounts/bulk_retire_users', '{"usernames": "u1, u3,u4 , U5,none,u1,,with space,' ||
            '3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77, \u00e9"}'),
        (2, 'POST', '/api/user/v1/accounts/bulk_retire_users', '{"usernames": ["u1", "u2"]}'),
        (3, 'POST', '/api/user/v1/accounts/bulk_retire_users', '{"usernames": "u2,u6,u7", "user\"names": 1}'),
        (4, 'POST', '/api/user/v1/accounts/bulk_retire_users', '{"usernames": ","}'),
        (4, 'POST', '/api/user/v1/accounts/bulk_retire_users', '{"usernames": "n1", "usernames": "u1,u2"}'),
        (4, 'POST', '/api/user/v1/accounts/bulk_retire_users', '{"usernames": "u1,u2", "z": {"a": 1, "a": 2}}'),
        (4, 'POST', '/api/user/v1/accounts/bulk_retire_users', '{"usernames": "n,n!,n b,n/c,u1,u2"}'),
        (4, 'POST', '/api/user/v1/accounts/retirement_cleanup/', '{"usernames": ["u1"], "usernames": ["u2"]}'),
        (4, 'POST', '/api/user/v1/accounts/retirement_partner_report_cleanup/',
            '[{"original_username": "u1", "original_username": "u2"}]'),
        (5, 'POST', '/api/user/v1/accounts/bulk_retire_users', '{"usernames": "u1,u2"'),
        (6, 'POST', '/api/user/v1/accounts/bulk_retire_users?x=1', '{"usernames": "u6,u7"}'),
        (7, 'PUT', '/api/user/v1/accounts/retirement_partner_report/', '{"username": "u1"}'),
        (8, 'PUT', '/api/user/v1/accounts/retirement_partner_report/', '{"username": "u3"}'),
        (9, 'PUT', '/api/user/v1/accounts/retirement_partner_report/', '{"username": "u4"}'),
        (10, 'POST', '/api/user/v1/accounts/retirement_partner_report/', ''),
        (11, 'POST', '/api/user/v1/accounts/cancel_retirement/', '{"retirement_id": 999999999}'),
        (12, 'POST', '/api/user/v1/accounts/cancel_retirement/', '{"retirement_id": "x"}'),
        (13, 'POST', '/api/user/v1/accounts/cancel_retirement/', '{}'),
        (14, 'POST', '/api/user/v1/accounts/cancel_retirement/', '{'),
        (15, 'POST', '/operator/users/purge-anonymous', '{"older_than": "2001-01-01T00:00:00Z"}'),
        (16, 'POST', '/operator/users/purge-anonymous', '{"older_than": "yesterday", "max_rows": "x"}'),
        (17, 'GET', '/user-contexts?limit=1000', '')) AS r (n, method, target, body)
ORDER BY h.headers COLLATE "C", r.n, r.body COLLATE "C";

-- Retirements that began in one call have one time on one server, and one for each shard through the front. Reports to
-- partners are in the order of retirements on one server, and in that of their own creation through the front.
CREATE FUNCTION in_order(retirements text, is_cut boolean) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN array_agg(e.created ORDER BY e.n) <> array_agg(e.created ORDER BY e.created COLLATE "C")
            AND retirements ~ 'current_state' THEN 'not in the order of creation'
        WHEN is_cut THEN count(*)::text
        ELSE string_agg(e.r::text, ',' ORDER BY e.r ->> 'original_username') END
    FROM (SELECT r, n, r ->> 'created' FROM json_array_elements(retirements::json) WITH ORDINALITY AS a (r, n))
        AS e (r, n, created)
$$;
CREATE PROCEDURE request(schema text) LANGUAGE plpgsql AS $$
DECLARE
    given record;
    tokens text[] := (SELECT array_agg(access_token ORDER BY c.n) FROM test.client AS c)
        || compare.jwt('{"sub": "mallory"}') || compare.jwt('{"operator": true}')
        || compare.jwt('{"sub": "victim", "operator": true}')
        || compare.jwt('{"sub": "dismissed", "operator": true}');
    result record;
BEGIN
    FOR given IN SELECT * FROM compare.request ORDER BY n LOOP
        PERFORM set_config('role', 'gateway_level', true);
        EXECUTE format('SELECT r.* FROM %I.http_request($1, $2, $3, convert_to($4, ''UTF8'')) AS r', schema) INTO result
        USING given.method, given.target, ('{' || concat_ws(', ',
            nullif(format(given.headers, VARIADIC tokens), ''),
            CASE WHEN given.body <> '' THEN '"Content-Type": "application/json"' END) || '}')::jsonb, given.body;
        RESET ROLE;
        UPDATE compare.request AS r SET answer = compare.comparable(regexp_replace(concat_ws(E'\n', result.status,
            result.response_headers, CASE WHEN result.response_body LIKE '[%"original_username"%'
            THEN compare.in_order(result.response_body, given.target ~ 'limit=[1-9]') ELSE result.response_body END),
            '("(id|ETag|userContextId|user_id)": ?|User: )("([^"\\]|\\.)*"|\d+)', '\1~', 'g')) WHERE r.n = given.n;
        COMMIT;
    END LOOP;
END
$$;
