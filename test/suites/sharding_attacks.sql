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
        $s$SELECT upsert_training_profile('course', 900, '{}')$s$]
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
    PERFORM grant_user(client_id, 'mallory') FROM test.client AS c WHERE c.n = 1;
    RESET search_path;
END
$$;

CREATE TABLE excluded_attack (name text PRIMARY KEY, reason text NOT NULL);
INSERT INTO excluded_attack SELECT unnest(names), reason FROM (VALUES
    ('{attach_entity_table,detach_entity_table,list_entity_tables}'::text[], 'tables of the site'),
    ('{refresh_grants,revoke_access,grant_access,purge_audit}', 'change the server for what follows'),
    ('{delete_training}', 'a hub deletes none'), ('{merge_user_contexts}', 'users of two shards')
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
-- mallory as its only user, of one with all users, and of an operator.
CREATE TABLE request (n serial PRIMARY KEY, method text, target text, headers text, body text, answer text,
    is_elsewhere boolean NOT NULL DEFAULT false);
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
    ('"Opigno-Client-UUID": "victim"'), ('"Authorization": "Bearer forged", "Opigno-Client-UUID": "victim"'),
    ('"Authorization": "Bearer a.eyJpc3MiOiJpc3N1ZXIiLCJzdWIiOiJ2aWN0aW0ifQ.c"'),
    ('"Authorization": "Basic x"'), ('"Opigno-Client-UUID": ""')) AS h (headers);
CREATE PROCEDURE request(schema text) LANGUAGE plpgsql AS $$
DECLARE
    given record;
    tokens text[] := (SELECT array_agg(access_token ORDER BY c.n) FROM test.client AS c);
    result text;
BEGIN
    FOR given IN SELECT * FROM compare.request ORDER BY n LOOP
        PERFORM set_config('role', 'gateway_level', true);
        EXECUTE format('SELECT concat_ws(E''\n'', r.status, r.response_headers, r.response_body::text)
            FROM %I.http_request($1, $2, $3, convert_to($4, ''UTF8'')) AS r', schema) INTO result
        USING given.method, given.target, ('{' || concat_ws(', ',
            nullif(format(given.headers, tokens[1], tokens[2], tokens[3]), ''),
            CASE WHEN given.body <> '' THEN '"Content-Type": "application/json"' END) || '}')::jsonb, given.body;
        RESET ROLE;
        UPDATE compare.request AS r SET answer = compare.comparable(regexp_replace(result,
            '"(id|ETag|userContextId)": ?"([^"\\]|\\.)*"', '"\1": ~', 'g')) WHERE r.n = given.n;
        COMMIT;
    END LOOP;
END
$$;
