-- HTTP requests that read several shards: their parts, and one answer from those of the shards.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_gateway;
SELECT opigno.grant_access('regress_opigno_gateway', 'gateway');
CREATE FUNCTION test.parts(target text, method text DEFAULT 'GET', shards integer DEFAULT 3) RETURNS SETOF text
LANGUAGE sql AS $$
    SELECT s.shard || ' ' || s.shard_target FROM opigno.split_http_request(method, target, '{}', NULL, shards) AS s
$$;
-- statuses: of the shards. Headers are the number of the shard.
CREATE FUNCTION test.combined(target text, statuses integer[], bodies text[], method text DEFAULT 'GET',
    headers jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(E'\n', r.status, r.response_headers, r.response_body)
    FROM opigno.combine_http_answers(method, target, headers, (
        SELECT json_agg(json_build_object('status', statuses[n], 'body', bodies[n]::json, 'headers',
            json_build_object('Vary', concat('shard ', n), 'Link', 'of shard')) ORDER BY n)
        FROM generate_subscripts(statuses, 1) AS n)) AS r
$$;
GRANT USAGE ON SCHEMA test TO regress_opigno_gateway;
\set queue '''/api/user/v1/accounts/retirement_queue/?cool_off_days=0&states=PENDING'''
SET ROLE regress_opigno_gateway;

\echo -- lists are asked of all shards, with the same target
SELECT target, method, test.parts(target, method) FROM (VALUES ('/user-contexts?limit=2&after=%41', 'GET'),
    ('https://api.example/user-contexts', 'HEAD'), ('/trainings/t%20u/progress', 'GET'),
    ('/api/user/v1/accounts/retirement_queue/', 'GET'), (:queue, 'GET'),
    ('/api/user/v1/accounts/retirements_by_status_and_date/', 'GET')) AS v (target, method);
SELECT count(*), min(shard), max(shard) FROM opigno.split_http_request('GET', '/user-contexts', '{}', NULL, 65536);

\echo -- users, of their shards
SELECT u, opigno.user_shard(u, 3) FROM unnest('{a,b,c,d,U5,u5,"","a b",a/b&c}'::text[]) AS u ORDER BY u COLLATE "C";
SELECT opigno.user_shard(chr(233), 3) AS e_acute;
SELECT target, test.parts(target) FROM unnest(ARRAY['/api/user/v1/accounts?username=a,b,c,d',
    '/api/user/v1/accounts?view=shared&username=a,b&x=%2f,+', '/operator/users/bundles?users=b,a,b,a&apps=0,1&&users=z',
    '/operator/users/bundles?include=profiles&users=b%2Ca&', '/operator/users/bundles?u%73ers=a%20b,%C3%A9,a%2Fb%26c',
    '/operator/users/bundles?users=,a,,b,', '/operator/users/bundles?users=,', '/operator/users/bundles?users=',
    '/operator/users/bundles', '/operator/users/bundles?users', '/operator/users/bundles?xusers=a,b&users=a,b',
    'http://host/operator/users/bundles?users=a,b', '/api/user/v1/accounts?username=U5,u5,a'
    ]) AS target;
SELECT test.parts('/api/user/v1/accounts?username=17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE,'
    '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee,a');

\echo -- the first shard refuses too many users, and any shard a target that is too long
SELECT s.shard, length(s.shard_target), left(s.shard_target, 40)
FROM opigno.split_http_request('GET', '/operator/users/bundles?users=' || repeat('a,b,', 250) || 'c&apps=x', '{}', NULL,
    3) AS s;
SELECT count(*) FROM opigno.split_http_request('GET', '/operator/users/bundles?users=' || repeat('a,b,', 250), '{}',
    NULL, 3);
SELECT count(*) FROM opigno.split_http_request('GET', '/api/user/v1/accounts?username=' || repeat('a,b,', 300), '{}',
    NULL, 3);
SELECT s.shard, length(s.shard_target)
FROM opigno.split_http_request('GET', '/user-contexts?after=' || repeat('a', 65536), '{}', NULL, 3) AS s;

\echo -- writes: a body that names users is split, and every server refuses one that is malformed
SELECT body, s.shard, s.shard_target, convert_from(s.shard_body, 'UTF8') AS shard_body
FROM unnest(ARRAY['{"usernames": " a, b,,c ,A,b", "x": [1.50, null]}', '{"usernames": "a"}',
    '{"usernames": "a", "usernames": "b"}', '{"usernames": "a,b", "x": {"y": 1, "y": 2}}', '{"usernames": ["a", "b"]}',
    '{"usernames": ","}', '{"usernames": "a,b"', '[]', '', NULL])
    WITH ORDINALITY AS b (body, n),
    opigno.split_http_request('POST', '/api/user/v1/accounts/bulk_retire_users?x', '{}', convert_to(body, 'UTF8'),
    3) AS s
ORDER BY n, s.shard;
SELECT test.refusal($$SELECT opigno.split_http_request('POST', '/api/user/v1/accounts/bulk_retire_users', '{}', '\xff',
    3)$$);
SELECT target, s.shard, s.shard_target, s.shard_body IS NULL AS is_whole
FROM unnest('{/api/user/v1/accounts/retirement_partner_report/,/api/user/v1/accounts/cancel_retirement/,
    /operator/users/purge-anonymous?a=b}'::text[]) WITH ORDINALITY AS t (target, n),
    opigno.split_http_request('POST', target, '{}', '{', 2) AS s ORDER BY n, s.shard;

\echo -- other requests have no parts
SELECT method, target, test.parts(target, method) FROM (VALUES ('POST', '/user-contexts'), ('get', '/user-contexts'),
    ('OPTIONS', '/user-contexts'), ('GET', '/user-contexts/a'), ('GET', '/user-contexts/'), ('GET', '/nowhere'),
    ('POST', '/api/user/v1/accounts?username=a,b'), ('POST', '/operator/profile/create-bulk'), ('GET', '/graphql'),
    ('GET', '*'), ('GET', 'user-contexts'), ('GET', '/user-contexts?a=%zz'), ('', '')) AS v (method, target);
SELECT test.refusal(call) FROM unnest(ARRAY[
    $$SELECT opigno.split_http_request(NULL, NULL, NULL, NULL, NULL)$$,
    $$SELECT opigno.split_http_request('GET', '/user-contexts', '[]', NULL, 3)$$,
    $$SELECT opigno.split_http_request('GET', '/user-contexts', '{}', NULL, 65537)$$]) AS call;

\echo -- a page: the order of keys in bytes, and a link if it is full
SELECT limits, test.combined('/user-contexts?limit=' || limits, '{200,200,200}', ARRAY[
    '[{"displayName": "uuid", "uuid": "B"},{"uuid":"a b","x":{"uuid":"A"},"n":1.00}]', '[]',
    '[{"uuid":"\u0041"}, {"uuid": "c"},{"uuid":"z","scope":["]","}"]} ]'])
FROM unnest('{1,2,4,5,6}'::text[]) AS limits;
SELECT test.combined('/user-contexts?scope=X&limit=1&after=%41&unknown=1', '{200,200}',
    ARRAY['[{"uuid":"\u00e9/&"}]', '[]']) AS with_parameters,
    test.combined('/trainings/t/progress?limit=1', '{200,200}', ARRAY['[{"uuid":"a","user_uuid":"d"}]',
    '[{"user_uuid":"c","score":1.50}]']) AS progress;
SELECT test.combined('/user-contexts?limit=2', '{200,200}', ARRAY['[{"uuid":"a"}]', '[{"uuid":"b"}]'], 'HEAD') AS head,
    test.combined('/user-contexts', '{200}', '{[]}') AS empty,
    test.combined('/user-contexts', '{200,200}', ARRAY['[{"uuid":"a","n":1}]', '[{"uuid":"a","n":2}]']) AS moving_user;
SELECT status, response_headers, length(response_body), md5(response_body)
FROM opigno.combine_http_answers('GET', '/user-contexts?limit=1000', '{}',
    (SELECT json_agg(json_build_object('status', 200, 'body', s.body)) FROM (
        SELECT n % 3 AS shard, json_agg(json_build_object('uuid', to_char(n, 'FM0000')) ORDER BY n) AS body
        FROM generate_series(1, 1200) AS n GROUP BY 1) AS s));
SELECT md5('[' || string_agg('{"uuid" : "' || to_char(n, 'FM0000') || '"}', ',' ORDER BY n) || ']')
FROM generate_series(1, 1000) AS n;

\echo -- retirements: by time, then by number
SELECT target, test.combined(target, '{200,200}', ARRAY[
    '[{"id":9,"created":"2026-01-01T00:00:01+00:00"},{"id":10,"created":"2026-01-01T00:00:01.5+00:00"}]',
    '[{"id":100,"created":"2026-01-01T00:00:00.25+00:00"},{"id":2,"created":"2026-01-01T00:00:01.5+00:00"}]'])
FROM unnest(ARRAY[:queue, :queue || '&limit=3', :queue || '&limit=', :queue || '&limit=0',
    '/api/user/v1/accounts/retirements_by_status_and_date/?limit=1']) AS target;

\echo -- users: as the request names them
SELECT test.combined('/operator/users/bundles?users=d,A,b,,c,a,D', '{200,200}', ARRAY[
    '[{"user_uuid":"A","bundle":[1.0]},{"user_uuid":"","bundle":{"user_uuid":"d"}}]',
    '[{"user_uuid":"d","bundle":1},{"user_uuid":"c","bundle":2}]']) AS bundles,
    test.combined('/api/user/v1/accounts?username=B,17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE,a', '{200,200}', ARRAY[
    '[{"username":"a"}]', '[{"username":"17adb4c1-eb29-44bf-9d9a-5f8d056e58ee"},{"username":"as it is now"}]'])
    AS accounts;

\echo -- refusals
SELECT statuses, test.combined('/api/user/v1/accounts?username=a,b,c', statuses, bodies) AS users,
    test.combined('/user-contexts', statuses, bodies) AS list, test.combined('/user-contexts', statuses, bodies,
    headers => '{"authorization": "Bearer a.b.c"}') AS list_of_jwt
FROM (VALUES ('{404,200}'::integer[]), ('{404,404}'), ('{404,409}'), ('{409,200}'), ('{409,403,401}'), ('{200,500}'),
    ('{409,200,200}'), ('{401,401}')) AS v (statuses),
    LATERAL (SELECT array_agg(CASE s WHEN 200 THEN '[{"username":"a","uuid":"a"}]'
        ELSE to_json(concat(s, ' of ', n))::text END ORDER BY n)
        FROM unnest(statuses) WITH ORDINALITY AS u (s, n)) AS b (bodies);
SELECT test.combined('/user-contexts', '{401}', '{NULL}') AS no_body,
    test.combined('/user-contexts', '{401}', '{"{}"}', 'HEAD') AS head;

\echo -- answers to writes: lists of users, sums, the one that has the retirement, and refusals
SELECT target, r.status, r.response_body FROM (VALUES
    (1, '/api/user/v1/accounts/bulk_retire_users', '[{"status": 200, "body": {"successful_user_retirements": ["b", "a"],
        "failed_user_retirements": []}}, {"status": 200, "body": {"successful_user_retirements": ["Z"],
        "failed_user_retirements": [null, "x y", "x\"", "x", "x!"], "other": 1}}]'),
    (2, '/api/user/v1/accounts/bulk_retire_users', '[{"status": 204}, {"status": 204}]'),
    (3, '/api/user/v1/accounts/bulk_retire_users', '[{"status": 200, "body": {}}, {"status": 503, "body": {"a": 1}}]'),
    (4, '/api/user/v1/accounts/retirement_partner_report/', '[{"status": 200, "body": [
        {"user_id": "3", "original_username": "c", "created": "2026-01-02T00:00:00Z"}]}, {"status": 200, "body": [
        {"user_id": "2", "original_username": "b", "created": "2026-01-01T00:00:00Z"},
        {"user_id": "12", "original_username": "d", "created": "2026-01-02T00:00:00Z"}]}]'),
    (5, '/api/user/v1/accounts/cancel_retirement/', '[{"status": 400, "body": {"message":"Retirement does not exist!"}},
        {"status": 200, "body": {"success":true}}]'),
    (6, '/api/user/v1/accounts/cancel_retirement/', '[{"status": 400, "body": {"message":"Retirement does not exist!"}},
        {"status": 400, "body": {"message":"It is too late."}}]'),
    (7, '/api/user/v1/accounts/cancel_retirement/', '[{"status": 400, "body": {"message":"Retirement does not exist!"}},
        {"status": 400, "body": {"message":"Retirement does not exist!"}}]'),
    (8, '/operator/users/purge-anonymous', '[{"status": 200, "body": {"deleted":2}}, {"status": 200,
        "body": {"deleted":40}}]'),
    (9, '/api/user/v1/accounts/retirement_partner_report/', '[{"status": 503, "body": {}}, {"status": 200, "body": []},
        {"status": 200, "body": [{"user_id": "2", "original_username": "b", "created": "2026-01-01T00:00:00Z"}]}]'),
    (10, '/api/user/v1/accounts/retirement_partner_report/', '[{"status": 200, "body": []},
        {"status": 503, "body": 1}]'),
    (11, '/api/user/v1/accounts/retirement_partner_report/', '[{"status": 200, "body": []},
        {"status": 200, "body": []}]'),
    (12, '/api/user/v1/accounts/cancel_retirement/', '[{"status": 409, "body": {}}, {"status": 200, "body": {}}]'),
    (13, '/api/user/v1/accounts/cancel_retirement/', '[{"status": 409, "body": {}}, {"status": 204}]'),
    (14, '/operator/users/purge-anonymous', '[{"status": 200, "body": {"deleted":2}}, {"status": 403, "body": "no"}]'))
    AS v (n, target, answers), opigno.combine_http_answers('POST', target, '{}', answers::json) AS r ORDER BY n;
SELECT test.refusal($$SELECT opigno.combine_http_answers('POST', '/operator/users/purge-anonymous', '{}', '[
    {"status": 200, "body": {"deleted": 9223372036854775807}}, {"status": 200, "body": {"deleted": 2}}]')$$);

\echo -- arguments
SELECT test.refusal(call) FROM unnest(ARRAY[
    $$SELECT opigno.combine_http_answers(NULL, NULL, NULL, NULL)$$,
    $$SELECT opigno.combine_http_answers('GET', '/user-contexts', '{}', '[]')$$,
    $$SELECT opigno.combine_http_answers('GET', '/user-contexts', '{}', '{}')$$,
    $$SELECT opigno.combine_http_answers('GET', '/user-contexts', '{}', '[{"status": 200, "body": null}, 7]')$$,
    $$SELECT opigno.combine_http_answers('GET', '/user-contexts', '{}', '[{"status": "200", "body": []}]')$$,
    $$SELECT opigno.combine_http_answers('GET', '/user-contexts', '7', '[{"status": 200, "body": []}]')$$,
    $$SELECT opigno.combine_http_answers('GET', '/user-contexts?limit=0', '{}', '[{"status": 200, "body": []}]')$$,
    $$SELECT opigno.combine_http_answers('PUT', '/user-contexts', '{}', '[{"status": 200, "body": []}]')$$,
    $$SELECT opigno.combine_http_answers('GET', '/health', '{}', '[{"status": 200, "body": []}]')$$]) AS call;
\echo -- what no shard answers
SELECT test.combined('/user-contexts', '{200,200,200,200}', ARRAY['{"uuid": "a"}', '7', '[7, null, ["uuid"], {}, "a"]',
    '[{"uuid": 7}, {"uuid": "\ud800"}]']);
RESET ROLE;

\echo -- The level gateway is needed
CREATE ROLE regress_opigno_backend;
SELECT opigno.grant_access('regress_opigno_backend', 'user');
SET ROLE regress_opigno_backend;
SELECT test.refusal(call) FROM unnest(ARRAY[
    $$SELECT opigno.split_http_request('GET', '/user-contexts', '{}', NULL, 3)$$,
    $$SELECT opigno.combine_http_answers('GET', '/user-contexts', '{}', '[]')$$]) AS call;
RESET ROLE;
ROLLBACK;
