-- HTTP requests that reach a shard which does not have their user: they are refused, and never "not found".
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_gateway;
SELECT opigno.grant_access('regress_opigno_gateway', 'gateway');
SELECT app_id FROM opigno.register_app('Course shop', app_id => 0);
SELECT client_key, client_secret FROM opigno.register_client(0, 'Administration', is_operator => true) \gset ops_
SELECT client_key, client_secret FROM opigno.register_client(0, 'Shop', may_act_for => 'all') \gset shop_
SELECT uuid, opigno.user_shard(uuid, 4) AS shard FROM unnest('{ada,bob,eve}'::text[]) AS uuid;
SELECT count(opigno.set_user_context('ada', 'Ada Lovelace', true, 'AUTHENTICATED'));
SELECT 'Bearer ' || (opigno.issue_access_token(:'ops_client_key', :'ops_client_secret', 'client_credentials')
    ->> 'access_token') AS ops, 'Bearer ' || (opigno.issue_access_token(:'shop_client_key', :'shop_client_secret',
    'client_credentials') ->> 'access_token') AS shop \gset
SELECT opigno.become_shard(opigno.user_shard('ada', 4), 4);
CREATE FUNCTION test.answer(method text, target text, headers jsonb, body text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(concat_ws(' ', h.status, coalesce(h.response_body::jsonb ->> 'detail', h.response_body)),
        '"id":"[0-9]+"', '"id":"N"')
    FROM opigno.http_request(method, target, headers || '{"Content-Type": "application/json"}',
        convert_to(body, 'UTF8')) AS h
$$;
GRANT USAGE ON SCHEMA test TO regress_opigno_gateway;
CREATE TABLE test.request (n serial, method text, target text, body text);
INSERT INTO test.request (method, target, body) VALUES
    ('GET', '/user/progress', NULL), ('GET', '/app/all', NULL), ('GET', '/user-contexts/ada', NULL),
    ('GET', '/user-contexts/bob', NULL), ('GET', '/operator/users/progress/bob', NULL),
    ('GET', '/api/user/v1/accounts/bob', NULL), ('GET', '/api/user/v1/accounts?username=bob', NULL),
    ('GET', '/api/user/v1/preferences/bob', NULL),
    ('PUT', '/user-contexts/bob', '{"displayName": "B", "isActive": true}'),
    ('POST', '/operator/users/merge', '{"from_uuid": "bob", "into_uuid": "ada"}'),
    ('POST', '/api/user/v1/accounts/retire/', '{"username": "bob"}'),
    ('POST', '/api/user/v1/accounts/retire/', '{"username":'),
    ('POST', '/graphql', '{"query": "{ getUserContext(uuid: \"ada\") { uuid } }"}'),
    ('POST', '/graphql', '{"query": "{ getUserContext(uuid: \"bob\") { id } retirement(userUuid: \"bob\") { id } }"}'),
    ('POST', '/graphql', '{"query": "mutation { setUserContext(uuid: \"bob\", displayName: \"B\", isActive: true) {
    errors } }"}');
UPDATE test.request SET body = replace(body, E'\n', ' ');
GRANT SELECT ON test.request TO regress_opigno_gateway;
SET ROLE regress_opigno_gateway;
\echo -- a client for ada
SELECT method, target, test.answer(method, target, jsonb_build_object('Authorization', :'shop',
    'Opigno-Client-UUID', 'ada'), body) FROM test.request ORDER BY n;
\echo -- a client for eve, who is on another shard
SELECT test.answer('GET', '/user/progress', jsonb_build_object('Authorization', :'shop',
    'Opigno-Client-UUID', 'eve'), NULL);
\echo -- an operator
SELECT method, target, test.answer(method, target, jsonb_build_object('Authorization', :'ops'), body)
FROM test.request ORDER BY n;
\echo -- an operator for eve
SELECT test.answer('GET', '/operator/users/progress/ada', jsonb_build_object('Authorization', :'ops',
    'Opigno-Client-UUID', 'eve'), NULL);
RESET ROLE;
ROLLBACK;
