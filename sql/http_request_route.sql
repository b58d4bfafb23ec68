-- Where HTTP requests run in a system that is sharded by user.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_gateway;
SELECT opigno.grant_access('regress_opigno_gateway', 'gateway');
CREATE FUNCTION test.route(method text, target text, headers jsonb DEFAULT '{}', body text DEFAULT NULL)
    RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', r.route, r.user_uuid, r.function_name, 'for ' || r.request_user_uuid)
    FROM opigno.http_request_route(method, target, headers, convert_to(body, 'UTF8')) AS r
$$;
CREATE FUNCTION test.token(claims jsonb, scheme text DEFAULT 'Bearer') RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('Authorization', scheme || ' eyJhbGciOiJFUzI1NiJ9.'
        || rtrim(translate(encode(convert_to(claims::text, 'UTF8'), 'base64'), E'+/\n', '-_'), '=') || '.c2lnbmF0dXJl')
$$;
GRANT USAGE ON SCHEMA test TO regress_opigno_gateway;
\set ada '''{"Opigno-Client-UUID": "ada"}'''
\set json '''{"Content-Type": "application/json"}'''
\set ada_json '''{"content-type": "application/json", "opigno-client-uuid": "ada"}'''

\echo -- Every route of src/gateway/routes, without a user and with one. test/suites/source.t demands a line for each.
CREATE TABLE test.route (method text, pattern text);
INSERT INTO test.route VALUES
    ('GET', '/api/user/v1/accounts'),
    ('GET', '/api/user/v1/accounts/:username'),
    ('PATCH', '/api/user/v1/accounts/:username'),
    ('GET', '/api/user/v1/accounts/:username/retirement_status/'),
    ('POST', '/api/user/v1/accounts/bulk_retire_users'),
    ('POST', '/api/user/v1/accounts/cancel_retirement/'),
    ('POST', '/api/user/v1/accounts/deactivate_logout/'),
    ('POST', '/api/user/v1/accounts/retire/'),
    ('POST', '/api/user/v1/accounts/retirement_cleanup/'),
    ('POST', '/api/user/v1/accounts/retirement_partner_report/'),
    ('PUT', '/api/user/v1/accounts/retirement_partner_report/'),
    ('POST', '/api/user/v1/accounts/retirement_partner_report_cleanup/'),
    ('GET', '/api/user/v1/accounts/retirement_queue/'),
    ('GET', '/api/user/v1/accounts/retirements_by_status_and_date/'),
    ('PATCH', '/api/user/v1/accounts/update_retirement_status/'),
    ('GET', '/api/user/v1/preferences/:username'),
    ('PATCH', '/api/user/v1/preferences/:username'),
    ('GET', '/api/user/v1/preferences/:username/:key'),
    ('PUT', '/api/user/v1/preferences/:username/:key'),
    ('DELETE', '/api/user/v1/preferences/:username/:key'),
    ('GET', '/app/all'),
    ('GET', '/graphql'),
    ('POST', '/graphql'),
    ('GET', '/health'),
    ('POST', '/oauth/revoke'),
    ('POST', '/oauth/token'),
    ('GET', '/openapi.json'),
    ('POST', '/operator/app/register'),
    ('POST', '/operator/profile/create-bulk'),
    ('POST', '/operator/progress/report-bulk'),
    ('POST', '/operator/training-profile/create-bulk'),
    ('POST', '/operator/training/set-bulk'),
    ('GET', '/operator/users/bundle/:userid'),
    ('GET', '/operator/users/bundles'),
    ('GET', '/operator/users/enrolments/:userid/:training'),
    ('PUT', '/operator/users/enrolments/:userid/:training'),
    ('DELETE', '/operator/users/enrolments/:userid/:training'),
    ('GET', '/operator/users/export/:userid'),
    ('POST', '/operator/users/merge'),
    ('GET', '/operator/users/profile/:userid/:appid'),
    ('GET', '/operator/users/progress/:userid'),
    ('GET', '/operator/users/progress/:userid/:training'),
    ('POST', '/operator/users/progress/:userid/:training'),
    ('POST', '/operator/users/purge-anonymous'),
    ('GET', '/operator/users/ranking/:userid'),
    ('GET', '/operator/users/retirement-certificate/:userid'),
    ('GET', '/training-profiles/:appid'),
    ('GET', '/trainings'),
    ('GET', '/trainings/:training'),
    ('PUT', '/trainings/:training'),
    ('DELETE', '/trainings/:training'),
    ('GET', '/trainings/:training/profiles/:appid'),
    ('PUT', '/trainings/:training/profiles/:appid'),
    ('PATCH', '/trainings/:training/profiles/:appid'),
    ('DELETE', '/trainings/:training/profiles/:appid'),
    ('GET', '/trainings/:training/progress'),
    ('GET', '/user-contexts'),
    ('GET', '/user-contexts/:uuid'),
    ('PUT', '/user-contexts/:uuid'),
    ('PATCH', '/user-contexts/:uuid'),
    ('GET', '/user/bundle'),
    ('GET', '/user/enrolments/:training'),
    ('PUT', '/user/enrolments/:training'),
    ('DELETE', '/user/enrolments/:training'),
    ('GET', '/user/export'),
    ('GET', '/user/profiles/:appid'),
    ('PATCH', '/user/profiles/:appid'),
    ('DELETE', '/user/profiles/:appid'),
    ('POST', '/user/profiles/create'),
    ('GET', '/user/progress'),
    ('GET', '/user/progress/:training'),
    ('POST', '/user/progress/:training'),
    ('GET', '/user/ranking');
SELECT method, pattern, test.route(method, pattern, type, body) AS without_user,
    test.route(method, pattern, type || :ada::jsonb, body) AS with_ada
FROM test.route, jsonb_build_object('Content-Type', CASE
    WHEN pattern ~ '^/oauth' THEN 'application/x-www-form-urlencoded'
    WHEN method = 'PATCH' AND pattern !~ 'update_retirement_status' THEN 'application/merge-patch+json'
    ELSE 'application/json' END) AS type,
    concat(CASE WHEN pattern ~ 'partner_report_cleanup' THEN '[{"original_username": "bob"}]'
    WHEN pattern ~ 'retirement_cleanup' THEN '{"usernames": ["bob"]}' ELSE '{"username": "bob", "usernames": "bob",
    "from_uuid": "bob", "into_uuid": "eve", "query": "{ getUserContext(uuid: \"bob\") { id } }"}' END) AS body
ORDER BY pattern COLLATE "C", method COLLATE "C";

SET ROLE regress_opigno_gateway;
\echo -- The requests of the seeds
SELECT test.route('POST', '/operator/profile/create-bulk', :json, '{"profiles": [{"app_id": 0, "profile_data":
    {"additionalProp1": {}}, "user_id": "string"}]}') AS bulk,
    test.route('GET', '/operator/users/profile/string/0') AS profile,
    test.route('GET', '/user/profiles/0', '{"Opigno-Client-UUID": "string"}') AS own,
    test.route('PATCH', '/api/user/v1/accounts/andrew', '{"Content-Type": "application/merge-patch+json"}', '{
        "extended_profile": [{"field_name": "occupation", "field_value": "Organic Farmer"}]}') AS account,
    test.route('GET', '/api/user/v1/accounts?username=andrew') AS accounts;
SELECT test.route('POST', '/graphql', :json || '{"Opigno-Client-UUID": "90b8ab56-0fd5-4a73-a4be-3ee0ae8ca9e7"}'::jsonb,
    '{"query": "query ($uuid: String!) { getUserContext(uuid: $uuid) { uuid displayName } }",
    "variables": {"uuid": "90b8ab56-0fd5-4a73-a4be-3ee0ae8ca9e7"}}') AS graphql;

\echo -- Methods and targets
SELECT method, left(target, 60) AS target, test.route(method, target) FROM (VALUES
    ('HEAD', '/operator/users/profile/bob/0'),
    ('OPTIONS', '/operator/users/profile/bob/0'), ('GET', 'https://api.example/operator/users/profile/bob/0?x=1'),
    ('GET', '/operator/users/profile/b%6Fb%20%2F%26/0'), ('GET', '/user-contexts/17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE'),
    ('GET', '/api/user/v1/accounts?view=shared&username=bob,bob'), ('GET', '/api/user/v1/accounts?username=bob,eve'),
    ('GET', '/api/user/v1/accounts?username=,'), ('GET', '/operator/users/bundles?users=bob%2Ceve&apps=0'),
    ('GET', '/operator/users/bundles?users=17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE,17adb4c1-eb29-44bf-9d9a-5f8d056e58ee'),
    ('get', '/operator/users/profile/bob/0'), ('GET', '/operator/users/profile/b%zz/0'), ('GET', 'operator'),
    ('GET', '/nowhere'), ('DELETE', '/operator/users/profile/bob/0'), ('OPTIONS', '*'), ('GET', '*'), ('', ''),
    ('GET', '/operator/users/profile/' || repeat('x', 256) || '/0')) AS v (method, target);
SELECT test.route(NULL, '/', '{}') AS no_method, test.route('GET', NULL, '{}') AS no_target,
    test.route('GET', '/', NULL) AS no_headers, test.route('GET', '/health', '[]') AS headers_in_array;

\echo -- Headers: what http_request refuses runs anywhere
SELECT headers, test.route('GET', '/user/progress', headers) FROM unnest(ARRAY['{"opigno-client-uuid": "ada"}',
    '{"OPIGNO-CLIENT-UUID": ["ada"]}', '{"Opigno-Client-UUID": "17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE"}',
    '{"Opigno-Client-UUID": ["ada", "bob"]}', '{"Opigno-Client-UUID": "ada,bob"}', '{"Opigno-Client-UUID": ""}',
    '{"Opigno-Client-UUID": 1}', '{"Opigno-Client-UUID": "a\u0007b"}', '{"X-Other": {}, "Opigno-Client-UUID": " ada"}'
    ]::jsonb[]) AS headers;

\echo -- Bodies
SELECT target, body, test.route('POST', '/api/user/v1/accounts/' || target, :json, body) FROM (VALUES
    ('retire/', '{"username": "bob"}'), ('retire/', '{"username": ""}'), ('retire/', '{"username": 1}'),
    ('retire/', '["bob"]'), ('retire/', '{"username": "bob"'), ('retire/', ''), ('retire/', NULL),
    ('bulk_retire_users', '{"usernames": " bob , bob"}'), ('bulk_retire_users', '{"usernames": "bob, eve"}'),
    ('retirement_cleanup/', '{"usernames": ["bob", "bob"]}'), ('retirement_cleanup/', '{"usernames": ["bob", "eve"]}'),
    ('retirement_partner_report_cleanup/', '[{"original_username": "bob"}, {"original_username": "bob", "x": 1}]'),
    ('retirement_partner_report_cleanup/', '[{"original_username": "bob"}, {"original_username": "eve"}]'),
    ('retirement_partner_report_cleanup/', '[1, {}]')) AS v (target, body);
SELECT test.route('POST', '/api/user/v1/accounts/retire/', '{}', '{"username": "bob"}') AS no_type,
    (opigno.http_request_route('POST', '/api/user/v1/accounts/retire/', :json, '\xff')).route AS no_utf8,
    test.route('POST', '/api/user/v1/accounts/retire/', :json, '{"username": "bob", "x": "' || repeat('x', 1048576)
    || '"}') AS too_large,
    test.route('PATCH', '/user-contexts/bob', '{}', '{') AS not_read;
RESET ROLE;

\echo -- JWTs, which nobody has verified here: by sub, or by the claims of registered issuers
SELECT issuer FROM opigno.register_token_issuer('https://idp.example', user_claim => '/a~1b/user',
    operator_claim => '/roles', operator_value => 'ops');
SELECT issuer FROM opigno.register_token_issuer('sentinel', user_claim => '/UserID', operator_claim => '/Operator',
    requires_iss => false);
SET ROLE regress_opigno_gateway;
SELECT claims, test.route('GET', '/user/progress', test.token(claims)) AS own,
    test.route('GET', '/api/user/v1/preferences/bob', test.token(claims, 'jwt')) AS of_bob,
    test.route('GET', '/operator/users/progress/bob', test.token(claims)) AS as_operator,
    test.route('GET', '/user/progress', test.token(claims) || :ada::jsonb) AS with_ada
FROM unnest(ARRAY['{"iss": "other", "sub": "Frank"}', '{"iss": "other", "sub": 7}', '{"iss": "other"}',
    '{"iss": "https://idp.example", "sub": "x", "a/b": {"user": "frank"}, "roles": ["learner"]}',
    '{"iss": "https://idp.example", "a/b": {"user": "frank"}, "roles": ["ops"]}',
    '{"iss": "https://idp.example", "a/b": {"user": "frank"}, "roles": "ops"}',
    '{"iss": "https://idp.example", "a/b": {"user": "frank"}, "roles": {"ops": 1}}',
    '{"iss": "https://idp.example", "a/b": "frank"}',
    '{"sub": "x", "UserID": "frank", "Operator": false}', '{"UserID": "frank", "Operator": true}',
    '{"Operator": true}', '[]']::jsonb[]) AS claims;
SELECT token, test.route('GET', '/user/progress', jsonb_build_object('Authorization', token)) FROM unnest(
    '{Bearer opigno_token_x,Bearer a.b.c,Bearer a..c,Bearer a.eyJ9.c,Bearer a.e30.c,Bearer a.eyJzdWIiOiJmcmFuayJ9,"",.}'
    ::text[]) AS token;

\echo -- GraphQL: the users in the fields of an operation
SELECT query, test.route('POST', '/graphql', :json, jsonb_build_object('query', query, 'variables',
        '{"u": "bob", "n": null, "i": 12}'::jsonb, 'operationName', CASE WHEN query ~ ' q ' THEN 'q' END)::text)
    AS without_user,
    test.route('POST', '/graphql', :ada_json, jsonb_build_object('query', query)::text) AS with_ada
FROM unnest(ARRAY['{ getUserContext(uuid: "bob") { uuid } }', 'query ($u: String!) { getUserContext(uuid: $u) { id } }',
    'query ($d: String = "dan") { getUserContext(uuid: $d) { id } }',
    'query ($n: String = "dan") { retirement(userUuid: $n) { id } }',
    '{ a: getUserContext(uuid: "bob") { id } b: getUserContext(uuid: "bob") { id } apps { app } }',
    '{ a: getUserContext(uuid: "bob") { id } b: getUserContext(uuid: "eve") { id } }',
    'query q { apps { app } } query p { getUserContext(uuid: "bob") { id } }',
    '{ ...F ... on Query { ...F } } fragment F on Query { retirement(userUuid: """bob""") { id } ...F }',
    'query ($i: ID) { a: getUserPassedTrainingsRanking(userContextId: 12) { rank } b: getUserPassedTrainingsRanking(
    userContextId: $i) { rank } }', '{ userContexts { edges { node { uuid } } } }',
    '{ retirements { edges { cursor } } }',
    'mutation { setUserContext(uuid: "bob", displayName: "Bob") { errors } }',
    'mutation { setUserContexts(userContexts: [{uuid: "bob"}]) { failed } }',
    'mutation { setTraining(trainingId: "t", title: "T") { errors } b: setTraining(trainingId: "u") { errors } }',
    'mutation { setTraining(trainingId: "t", title: "T") { errors } enrolUser: createTrainingMembership(trainingId: "t")
    { errors } }', 'mutation { mergeUserContexts(fromUuid: "bob", intoUuid: "eve") { errors } }',
    '{ __typename __schema { types { name } } trainings { edges { cursor } } }', '{ none(uuid: "bob") }',
    'query q { apps { app } } query q { apps { app } }', '{ getUserContext(uuid: ["bob"]) { id } }', '{', '',
    '{ getUserContext(uuid: "b\u{0}") { id } }', 'subscription { x }']) AS query;
SELECT test.route('POST', '/graphql', :json || test.token('{"UserID": "frank", "Operator": true}'),
    jsonb_build_object('query', query)::text) AS with_frank_operator
FROM unnest(ARRAY['{ getUserContext(uuid: "bob") { id } apps { app } }', '{ retirement { id } }',
    '{ getUserContext(uuid: "bob") { id } retirement { id } }',
    '{ getUserContext(uuid: "frank") { id } retirement { id } }']) AS query;
SELECT test.route('GET', '/graphql?query=query(%24u:ID){getUserPassedTrainingsRanking(userContextId:%24u){rank}}'
    '&variables={%22u%22:%22bob%22}') AS get, test.route('GET', '/graphql?query={apps{app}}&variables={') AS malformed,
    test.route('POST', '/graphql', :json, '[]') AS no_object, test.route('POST', '/graphql', :ada_json, '{') AS no_json,
    test.route('POST', '/graphql', :ada_json, '{"query": 1}') AS no_query;
RESET ROLE;

\echo -- Every field of the schema, with the arguments that are users; and no other field has such an argument
SELECT uuid FROM opigno.set_user_context('ada', 'Ada Lovelace', true, 'AUTHENTICATED');
SELECT opigno.test_request('ada');
SET ROLE regress_opigno_gateway;
SELECT opigno.graphql('{ __schema { types { name fields { name args { name } } } } }') AS schema \gset
CREATE TEMP VIEW field AS
    SELECT t ->> 'name' AS type, f ->> 'name' AS field, (SELECT string_agg(concat(name, ': "bob"'), ', ')
    FROM jsonb_array_elements(f -> 'args') AS a, concat(a ->> 'name') AS name
    WHERE name ~* '^user(uuid|contextid)?$|uuid$') AS users
    FROM jsonb_array_elements(:'schema'::jsonb #> '{data,__schema,types}') AS t,
        jsonb_array_elements(nullif(t -> 'fields', 'null')) AS f;
SELECT type, field, users, test.route('POST', '/graphql', :json, jsonb_build_object('query', concat(
    CASE type WHEN 'Mutation' THEN 'mutation ' END, '{ ', field, '(' || users || ')', ' { x } }'))::text)
    AS without_user,
    test.route('POST', '/graphql', :ada_json, jsonb_build_object('query', concat(
    CASE type WHEN 'Mutation' THEN 'mutation ' END, '{ ', field, ' { x } }'))::text) AS with_ada
FROM field WHERE type IN ('Query', 'Mutation') ORDER BY type DESC, field COLLATE "C";
SELECT type, field, users FROM field WHERE type NOT IN ('Query', 'Mutation') AND users IS NOT NULL;
RESET ROLE;

\echo -- The level gateway is enough, and the level user is not
CREATE ROLE regress_opigno_backend;
SELECT opigno.grant_access('regress_opigno_backend', 'user');
SET ROLE regress_opigno_backend;
SELECT test.refusal($$SELECT opigno.http_request_route('GET', '/health', '{}')$$);
RESET ROLE;
ROLLBACK;
