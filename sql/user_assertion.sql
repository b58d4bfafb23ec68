-- A shard asserts what it knows of a user, and another shard or the hub runs a request of that user.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_gateway;
CREATE ROLE regress_opigno_app;
SELECT opigno.grant_access('regress_opigno_gateway', 'gateway') \g /dev/null
SELECT opigno.grant_access('regress_opigno_app', 'user') \g /dev/null
-- Users of shards 0 and 1 of 2.
CREATE TEMP TABLE users AS SELECT user_uuid, opigno.user_shard(user_uuid, 2) AS shard
FROM unnest('{ada,asserted-1,asserted-2,asserted-3,asserted-4,asserted-5,asserted-6}'::text[]) AS user_uuid;
SELECT min(user_uuid) AS here, max(user_uuid) AS idle FROM users WHERE shard = 0 \gset
SELECT min(user_uuid) AS there FROM users WHERE shard = 1 \gset
\set new 'asserted-8'
SELECT opigno.user_shard(:'here', 2), opigno.user_shard(:'idle', 2), opigno.user_shard(:'there', 2),
    opigno.user_shard(:'new', 2), :'here' <> :'idle' AS are_two;

SELECT app_id FROM opigno.register_app('Shop', app_id => 900);
SELECT count(opigno.register_token_issuer('idp', operator_claim => '/operator')),
    count(opigno.register_token_key('idp', repeat('k', 32), algorithm => 'HS256'));
CREATE TABLE test.client AS
SELECT n, c.client_id, opigno.issue_access_token(c.client_key, c.client_secret, 'client_credentials')
    ->> 'access_token' AS access_token
FROM generate_series(1, 3) AS n, opigno.register_client(900, 'Client ' || n, CASE n WHEN 2 THEN 'all' END,
    is_operator => n = 3) AS c;
/* HMAC-SHA256 (RFC 2104) with a key of 32 bytes. */
CREATE FUNCTION test.hmac(message bytea, key bytea) RETURNS bytea LANGUAGE sql AS $$
    SELECT sha256(o.pad || sha256(i.pad || message))
    FROM (SELECT string_agg(set_byte('\x00', 0, CASE WHEN n < 32 THEN get_byte(key, n) ELSE 0 END # 54), '' ORDER BY n)
            FROM generate_series(0, 63) AS n) AS i (pad),
        (SELECT string_agg(set_byte('\x00', 0, CASE WHEN n < 32 THEN get_byte(key, n) ELSE 0 END # 92), '' ORDER BY n)
            FROM generate_series(0, 63) AS n) AS o (pad)
$$;
CREATE FUNCTION test.base64(bytes bytea) RETURNS text LANGUAGE sql AS
    $$ SELECT translate(encode(bytes, 'base64'), E'\n', '') $$;
CREATE FUNCTION test.jwt(claims jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT t.message || '.' || rtrim(translate(test.base64(test.hmac(convert_to(t.message, 'UTF8'),
        convert_to(repeat('k', 32), 'UTF8'))), '+/', '-_'), '=')
    FROM concat(rtrim(test.base64('{"alg":"HS256"}'), '='), '.', rtrim(translate(test.base64(convert_to((claims
        || jsonb_build_object('iss', 'idp', 'exp', floor(extract(epoch FROM now())) + 3600))::text, 'UTF8')),
        '+/', '-_'), '=')) AS t (message)
$$;
/* An assertion with these claims, and claims of another time. */
CREATE FUNCTION test.signed(claims text, secret text, authorization_header text) RETURNS text LANGUAGE sql AS $$
    SELECT test.base64(convert_to(claims, 'UTF8')) || '.'
        || test.base64(test.hmac(convert_to(claims, 'UTF8') || '\x00' || convert_to(authorization_header, 'UTF8'),
            convert_to(repeat(secret, 32), 'UTF8')))
$$;
CREATE FUNCTION test.shifted(claims text, seconds integer) RETURNS text LANGUAGE sql AS $$
    SELECT jsonb_set(claims::jsonb, '{issued_at}', to_jsonb(
        ((claims::jsonb ->> 'issued_at')::bigint + seconds * 1000000::bigint)::text))::text
$$;
/* client 4 is a user of JWTs, and 5 an operator of these. */
CREATE FUNCTION test.headers(client integer, user_uuid text, assertion text DEFAULT NULL) RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('Authorization', 'Bearer ' || CASE WHEN client < 4
            THEN (SELECT c.access_token FROM test.client AS c WHERE c.n = client)
            ELSE test.jwt(jsonb_build_object('sub', user_uuid, 'operator', client = 5)) END,
        'Opigno-Client-UUID', CASE WHEN client < 4 THEN user_uuid END, 'Content-Type', 'application/json',
        'Opigno-User-Assertion', assertion))
$$;
CREATE FUNCTION test.claims(assertion text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', c ->> 'user', c ->> 'scope', CASE WHEN (c ->> 'is_restricted')::boolean THEN 'restricted' END,
        CASE WHEN (c ->> 'names_new_user')::boolean THEN 'new' END,
        CASE WHEN (c ->> 'acts_on_all')::boolean THEN 'operator' END)
    FROM (SELECT convert_from(decode(split_part(assertion, '.', 1), 'base64'), 'UTF8')::jsonb) AS a (c)
$$;

\echo -- a server on its own, and arguments
SELECT count(*) FROM opigno.configure_accounts(default_visibility => 'all_users');
SELECT count(opigno.set_user_context(:'here', 'Here', true, 'AUTHENTICATED')),
    count(opigno.set_user_context(:'idle', 'Idle', false, 'AUTHENTICATED'));
SELECT opigno.grant_user(client_id, :'here') FROM test.client WHERE n = 1;
CREATE TABLE test.asserted (client integer, user_uuid text, assertion text);
GRANT SELECT, INSERT ON test.asserted TO regress_opigno_gateway;
SET ROLE regress_opigno_gateway;
SELECT test.refusal($$SELECT opigno.issue_user_assertion('ada', '{}')$$);
SELECT test.refusal('SELECT opigno.issue_user_assertion(NULL, NULL)');
RESET ROLE;

\echo -- the shard of the user
SELECT opigno.become_shard(0, 2);
SET ROLE regress_opigno_gateway;
SELECT test.refusal(format('SELECT opigno.issue_user_assertion(%L, %L)', :'here', test.headers(2, :'here')));
RESET ROLE;
INSERT INTO opigno.shard_secret VALUES (convert_to(repeat('o', 32), 'UTF8'), now() - interval '1 year'),
    (convert_to(repeat('n', 32), 'UTF8'), now());
SET ROLE regress_opigno_gateway;
SELECT * FROM opigno.shard_secret;
INSERT INTO test.asserted SELECT c, u, opigno.issue_user_assertion(u, test.headers(c, u))
FROM generate_series(1, 5) AS c, unnest(ARRAY[:'here', :'idle', :'new']) AS u;
SELECT client, user_uuid, test.claims(assertion), NOT EXISTS (SELECT opigno.request_user() INTERSECT SELECT user_uuid)
    AS no_request FROM test.asserted ORDER BY client, user_uuid COLLATE "C";
\echo -- an unknown token, a header with two users, and no headers: this server answers why
SELECT opigno.issue_user_assertion(:'here', test.headers(2, :'here') || '{"Authorization": "Bearer x"}') AS unknown,
    opigno.issue_user_assertion(:'here', test.headers(2, :'here' || ', ' || :'idle')) AS two,
    opigno.issue_user_assertion(:'here', '[]') AS no_headers;
\echo -- no user, and users of another shard
SELECT opigno.issue_user_assertion(:'here', test.headers(3, NULL)) = '' AS nobody;
SELECT test.refusal(format('SELECT opigno.issue_user_assertion(%L, %L)', user_uuid, test.headers(2, :'there')))
FROM unnest(ARRAY[:'here', :'there']) AS user_uuid;
\echo -- a security-restricted operation has no request
RESET ROLE;
CREATE SCHEMA restricted AUTHORIZATION regress_opigno_gateway;
SET ROLE regress_opigno_gateway;
CREATE MATERIALIZED VIEW restricted.asserted AS
    SELECT opigno.issue_user_assertion('asserted-1', test.headers(2, 'asserted-1'));
CREATE MATERIALIZED VIEW restricted.answered AS
    SELECT status FROM opigno.http_request('GET', '/user/progress', test.headers(2, 'asserted-1'));
\echo -- the signature is HMAC-SHA256 with the newest secret
SELECT bool_and(assertion = test.signed(convert_from(decode(split_part(assertion, '.', 1), 'base64'), 'UTF8'), 'n',
    test.headers(client, user_uuid) ->> 'Authorization')) FROM test.asserted;
RESET ROLE;

\echo -- another shard
DELETE FROM opigno.client_user;
DELETE FROM opigno.user_context;
SELECT opigno.become_shard(1, 2);
SELECT count(opigno.set_user_context(:'there', 'There', true, 'AUTHENTICATED')),
    count(opigno.patch_account(:'there', '{"bio": "shared"}'));
CREATE FUNCTION test.ask(client integer, user_uuid text, assertion text, method text, target text,
    body text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', r.status, r.response_body::jsonb ->> 'username', r.response_body::jsonb ->> 'detail')
    FROM opigno.http_request(method, target, test.headers(client, user_uuid, assertion), convert_to(body, 'UTF8')) AS r
$$;
SET ROLE regress_opigno_gateway;
SELECT test.ask(2, :'here', NULL, 'GET', '/api/user/v1/accounts/' || :'there') AS without;
SELECT client, user_uuid,
    test.ask(client, user_uuid, assertion, 'GET', '/api/user/v1/accounts/' || :'there') AS account,
    test.ask(client, user_uuid, assertion, 'GET', '/user-contexts/' || :'there') AS user_context,
    test.ask(client, user_uuid, assertion, 'GET', '/operator/users/profile/' || :'there' || '/900') AS profile
FROM test.asserted ORDER BY client, user_uuid COLLATE "C";
\echo -- lists of this shard, and what the user owns elsewhere
SELECT client, test.ask(client, user_uuid, assertion, 'GET', '/user-contexts') AS list,
    test.ask(client, user_uuid, assertion, 'GET', '/user/progress') AS own,
    test.ask(client, user_uuid, assertion, 'GET', '/api/user/v1/accounts/' || user_uuid) AS account,
    test.ask(client, user_uuid, assertion, 'PUT', '/user-contexts/' || user_uuid,
        '{"displayName": "X", "isActive": true}') AS creation
FROM test.asserted WHERE user_uuid = :'here' AND client IN (2, 3) ORDER BY client;
\echo -- for another token, another user, changed, cut, and by someone else
SELECT assertion AS good FROM test.asserted WHERE client = 2 AND user_uuid = :'here' \gset
SELECT convert_from(decode(split_part(:'good', '.', 1), 'base64'), 'UTF8') AS claims,
    test.headers(2, :'here') ->> 'Authorization' AS bearer \gset
SELECT n, left(test.ask(client, user_uuid, assertion, 'GET', '/api/user/v1/accounts/' || :'there'), 3) AS status
FROM (VALUES (1, 2, :'here', :'good'), (2, 4, :'here', :'good'), (3, 2, :'idle', :'good'),
    (4, 2, :'here', overlay(:'good' PLACING 'A' FROM 20)), (5, 2, :'here', left(:'good', -4)),
    (6, 2, :'here', split_part(:'good', '.', 1)), (7, 2, :'here', split_part(:'good', '.', 1) || '.'),
    (8, 2, :'here', '.'), (9, 2, :'here', 'not base64!.x'),
    (10, 2, :'here', test.signed(:'claims' || repeat(' ', 800000), 'n', :'bearer')),
    (11, 2, :'here', test.signed(:'claims' || repeat(' ', 700000), 'n', :'bearer')),
    (12, 2, :'here', test.signed(:'claims', 'o', :'bearer')),
    (13, 2, :'here', test.signed(:'claims', 'x', :'bearer')),
    (14, 2, :'here', test.signed(test.shifted(:'claims', -290), 'n', :'bearer')),
    (15, 2, :'here', test.signed(test.shifted(:'claims', 50), 'n', :'bearer')),
    (16, 2, :'here', test.signed(test.shifted(:'claims', -310), 'n', :'bearer')),
    (17, 2, :'here', test.signed(test.shifted(:'claims', 70), 'n', :'bearer')),
    (18, 2, :'here', test.signed('{}', 'n', :'bearer')), (19, 2, :'here', test.signed('[]', 'n', :'bearer')),
    (20, 2, :'here', test.signed(left(:'claims', 20), 'n', :'bearer')))
    AS a (n, client, user_uuid, assertion) ORDER BY n;
\echo -- an assertion gives no rights that the token does not give here
SELECT left(test.ask(2, :'here',
    test.signed(jsonb_set(:'claims'::jsonb, '{acts_on_all}', 'true')::text, 'n', :'bearer'), 'GET',
    '/operator/users/profile/' || :'there' || '/900'), 3) AS status;
\echo -- without an assertion, or with a wrong one
SELECT client, test.ask(client, :'here', assertion, 'GET', '/api/user/v1/accounts/' || :'there') AS account,
    test.ask(client, :'here', assertion, 'GET', '/operator/users/profile/' || :'there' || '/900') AS profile
FROM generate_series(1, 5) AS client, unnest(ARRAY[NULL, 'x']) AS assertion ORDER BY client, assertion;
\echo -- in SQL; who is here needs no assertion
SET ROLE regress_opigno_app;
SELECT FROM opigno.begin_request(test.headers(2, 'x') ->> 'Authorization', :'here', :'good');
SELECT opigno.request_user() = :'here' AS is_user, opigno.request_scope(), opigno.request_app() AS app;
SELECT test.refusal('SELECT opigno.my_profiles()');
SELECT test.refusal('SELECT opigno.my_account()');
SELECT test.refusal(format('SELECT opigno.get_profile(%L, 900)', :'there'));
SELECT count(*) AS user_contexts FROM opigno.user_context;
RESET ROLE;
SELECT count(opigno.set_user_context(:'there', 'Renamed', true, 'AUTHENTICATED'));
SELECT opigno.request_user() = :'here' AS is_user;
SET ROLE regress_opigno_app;
SELECT FROM opigno.begin_request(test.headers(2, 'x') ->> 'Authorization', :'there', :'good');
SELECT opigno.request_user() = :'there' AS is_user;
SELECT FROM opigno.begin_request(test.headers(2, 'x') ->> 'Authorization', :'here');
SELECT opigno.request_user() AS nobody;
RESET ROLE;

\echo -- the hub
DELETE FROM opigno.account;
DELETE FROM opigno.user_context;
SELECT opigno.become_hub(), opigno.become_hub() AS again;
SELECT count(*) FROM opigno.shard_secret;
SET ROLE regress_opigno_gateway;
SELECT client, user_uuid, test.ask(client, user_uuid, assertion, 'PUT', '/trainings/t' || client, '{"title": "T"}'),
    test.ask(client, user_uuid, 'x', 'PUT', '/trainings/t' || client, '{"title": "T"}') AS without
FROM test.asserted ORDER BY client, user_uuid COLLATE "C";
RESET ROLE;
\echo -- a secret that is lost is replaced
DELETE FROM opigno.shard_secret;
SELECT opigno.become_hub(), opigno.become_hub() AS again;
SELECT count(*), min(length(secret)) AS length FROM opigno.shard_secret;
SET ROLE regress_opigno_gateway;
SELECT test.refusal(format('SELECT opigno.issue_user_assertion(%L, %L)', :'here', test.headers(2, :'here')));
ROLLBACK;
