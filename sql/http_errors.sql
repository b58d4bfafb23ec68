-- Errors as answers to HTTP requests: their documents and words, and the errors of OAuth.
CREATE ROLE regress_opigno_gateway;
SELECT opigno.grant_access('regress_opigno_gateway', 'gateway');
SELECT app_id
FROM opigno.register_app('Course shop', domains => '{shop.example,http://old.example,localhost}', app_id => 0);
SELECT uuid FROM unnest('{ada,bob}'::text[]) AS name, opigno.set_user_context(name, name, true, 'AUTHENTICATED');
SELECT client_id, client_key AS key, client_secret AS secret
FROM opigno.register_client(0, 'Server', may_grant_scopes => '{AUTHENTICATED}', may_act_for => 'all') \gset
SELECT client_key AS small_key, client_secret AS small_secret, opigno.grant_user(client_id, 'ada')
FROM opigno.register_client(0, 'Small server') \gset
SELECT client_key AS ops_key, client_secret AS ops_secret
FROM opigno.register_client(0, 'Administration', is_operator => true) \gset
CREATE FUNCTION test.headers(key text, secret text, user_uuid text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('Authorization', 'Bearer ' || (opigno.issue_access_token(key, secret,
        'client_credentials') ->> 'access_token'), 'Opigno-Client-UUID', user_uuid, 'Content-Type', 'application/json')
$$;
SELECT test.headers(:'key', :'secret', 'ada') AS ada, test.headers(:'small_key', :'small_secret', 'ada') AS small,
    test.headers(:'ops_key', :'ops_secret', '') AS ops \gset
SELECT :'ada'::jsonb || '{"Content-Type":"application/merge-patch+json"}' AS patch \gset
CREATE FUNCTION test.http(method text, target text, headers jsonb DEFAULT '{}', body text DEFAULT NULL)
    RETURNS TABLE (status integer, response_headers jsonb, response_body text) LANGUAGE sql AS $$
    SELECT h.status, h.response_headers, regexp_replace(test.nths(h.response_body), 'opigno_token_\w+', '...')
    FROM opigno.http_request(method, target, headers, convert_to(body, 'UTF8')) AS h
$$;
GRANT USAGE ON SCHEMA test TO regress_opigno_gateway;
SET ROLE regress_opigno_gateway;

\echo -- all errors of a request, each with its place in the body
SELECT h.* FROM test.http('POST', '/operator/app/register', :'ops',
    '{"app":1,"domains":["a"," b"],"appid":-1,"x":2,"y/z":3}') AS h;
SELECT h.* FROM test.http('POST', '/operator/app/register', :'ops', '{"app":"","domains":["a"," b"]}') AS h;
SELECT h.* FROM test.http('POST', '/operator/app/register', :'ops', '{"app":"A","app":"B"}') AS h;
SELECT h.status, (h.response_body::jsonb ->> 'appid')::integer > 0 AS has_app_id
FROM test.http('POST', '/operator/app/register', :'ops', '{"app":"A","appid":null,"domains":null}') AS h;
\echo -- an app that the path names, and one that the body names
SELECT h.* FROM test.http('PATCH', '/user/profiles/9', :'ops' || '{"Opigno-Client-UUID":"ada"}'::jsonb
    || '{"Content-Type":"application/merge-patch+json"}', '{}') AS h;
SELECT h.* FROM test.http('POST', '/user/profiles/create', :'ops' || '{"Opigno-Client-UUID":"ada"}'::jsonb,
    '{"app_id":9,"profile_data":{}}') AS h;
SELECT h.status FROM test.http('POST', '/user/profiles/create', :'ada', '{"app_id":0,"profile_data":{"a":1}}') AS h;
\echo -- no message names a function or an argument of SQL
SELECT method, target, h.status, h.response_body FROM (VALUES
    ('POST', '/operator/app/register', '{"app":"B"}', 'application/json', 'ada'),
    ('POST', '/operator/profile/create-bulk', '[]', 'application/json', 'ada'),
    ('GET', '/operator/users/profile/ada/0', NULL, '', 'ada'),
    ('PUT', '/api/user/v1/preferences/ada/k', '""', 'application/json', 'ada'),
    ('PATCH', '/user/profiles/0', '"{}"', 'application/merge-patch+json', 'ada'),
    ('POST', '/user/profiles/create', '{"app_id":0,"profile_data":{}}', 'application/json', 'ada'),
    ('GET', '/user/profiles/0', NULL, '', repeat('x', 256)),
    ('PATCH', '/api/user/v1/accounts/bob', '{"name":"x"}', 'application/merge-patch+json', 'ada')
    ) AS r (method, target, body, type, user_uuid), test.http(method, target,
    :'ada' || jsonb_build_object('Content-Type', type, 'Opigno-Client-UUID', user_uuid), body) AS h;
SELECT h.* FROM test.http('GET', '/user-contexts/bob', :'small' || '{"Opigno-Client-UUID":"bob"}'::jsonb) AS h;
SELECT h.* FROM test.http('PATCH', '/api/user/v1/accounts/ada', :'patch' || '{"If-Match":"\"7\""}'::jsonb,
    '{"version":8}') AS h;

\echo -- who asks: no token, a bad one, another scheme; no user, two users
SELECT headers, h.status, h.response_headers ->> 'WWW-Authenticate' AS challenge,
    h.response_body::jsonb ->> 'detail' AS detail
FROM (VALUES ('{"Authorization":null}'::jsonb), ('{"Authorization":"Bearer opigno_token_x"}'),
    ('{"Authorization":"Basic eDp5"}'), ('{"Opigno-Client-UUID":null}'), ('{"Opigno-Client-UUID":""}'),
    ('{"Opigno-Client-UUID":["ada","bob"]}'), ('{"Opigno-Client-UUID":"ada, bob"}'),
    ('{"Opigno-Client-UUID":["ada","ada"]}')) AS v (headers),
    test.http('GET', '/user/profiles/0', jsonb_strip_nulls(:'ada' || headers)) AS h;

\echo -- OAuth: errors of its own, which no cache stores; one way to authenticate; blanks around the credentials
SELECT encode(convert_to(:'key' || ':' || :'secret', 'UTF8'), 'base64') AS credentials \gset
SELECT translate(:'credentials', E'\n', '') AS credentials,
    'grant_type=client_credentials&client_id=' || :'key' AS with_key,
    '{"Content-Type":"application/x-www-form-urlencoded"}'::jsonb AS form \gset
SELECT replace(request, :'secret', '...') AS request, h.* FROM (VALUES
    ('a repeated parameter', '{}'::jsonb, 'grant_type=client_credentials&grant_type=client_credentials'),
    ('a malformed form', '{}', 'grant_type=%zz'),
    ('another media type', '{"Content-Type":"application/json"}', '{}'),
    ('not acceptable', '{"Accept":"text/html"}', 'grant_type=client_credentials'),
    ('bytes that are no text', '{}', 'grant_type=%00'),
    ('a wrong secret', '{}', :'with_key' || '&client_secret=x'),
    ('no client', '{}', 'grant_type=client_credentials'),
    ('two ways', jsonb_build_object('Authorization', 'Basic ' || :'credentials'), :'with_key' || '&client_secret=x'),
    ('two clients', jsonb_build_object('Authorization', 'Basic ' || :'credentials'),
     'grant_type=client_credentials&client_id=x'),
    ('the client twice', jsonb_build_object('Authorization', 'Basic ' || :'credentials'), :'with_key'),
    ('blanks', jsonb_build_object('Authorization', ' basic   ' || :'credentials' || ' '),
     'grant_type=client_credentials'),
    ('Basic alone', '{"Authorization":"Basic"}', 'grant_type=client_credentials'),
    ('Basic twice', jsonb_build_object('Authorization', ARRAY['Basic ' || :'credentials', 'Basic ' || :'credentials']),
     'grant_type=client_credentials')) AS r (request, headers, body),
    test.http('POST', '/oauth/token', :'form' || headers, body) AS h;
\echo -- revocation
SELECT split_part(:'ada'::jsonb ->> 'Authorization', ' ', 2) AS token \gset
SELECT request, h.*, (SELECT g.status FROM test.http('GET', '/user/profiles/0', :'ada') AS g) AS then_get FROM (VALUES
    ('no client', 1, '{}'::jsonb, 'token=' || :'token'),
    ('a wrong secret', 2, '{}', 'client_id=' || :'key' || '&client_secret=x&token=' || :'token'),
    ('no token', 3, jsonb_build_object('Authorization', 'Basic ' || :'credentials'), ''),
    ('another client', 4, '{}', 'client_id=' || :'small_key' || '&client_secret=' || :'small_secret' || '&token='
     || :'token'),
    ('an unknown token', 5, jsonb_build_object('Authorization', 'Basic ' || :'credentials'), 'token=x')
    ) AS r (request, n, headers, body), test.http('POST', '/oauth/revoke', :'form' || headers, body) AS h ORDER BY n;
\echo -- a request that the caller has begun is not the client
BEGIN;
SELECT FROM opigno.begin_request(:'ada'::jsonb ->> 'Authorization', 'ada');
SELECT h.status, h.response_body FROM test.http('POST', '/oauth/revoke', :'form', 'token=' || :'token') AS h;
COMMIT;
SELECT h.* FROM test.http('POST', '/oauth/revoke', :'form' || jsonb_build_object('Authorization', 'Basic '
    || :'credentials'), 'token_type_hint=access_token&token=' || :'token') AS h;
SELECT h.status FROM test.http('GET', '/user/profiles/0', :'ada') AS h;
RESET ROLE;
SELECT test.headers(:'key', :'secret', 'ada') AS ada \gset
SELECT :'ada'::jsonb || '{"Content-Type":"application/merge-patch+json"}' AS patch \gset
SET ROLE regress_opigno_gateway;

\echo -- user contexts: created or changed, all errors at once, and members that null cannot remove
SELECT request, h.status, h.response_body::jsonb - 'id' AS body FROM (VALUES
    (1, 'PUT', 'new', '{"displayName":"New","isActive":true,"uuid":"new"}', '{}'::jsonb),
    (2, 'PUT', 'new', '{"displayName":"Newer"}', '{}'),
    (3, 'PUT', 'newer', '{"uuid":"bob","id":"999","displayName":"","scope":["NONE","ADMINISTRATOR"],"x":1,"version":3}',
     '{}'),
    (4, 'PUT', 'new', '{"displayName":"N"}', '{"If-None-Match":"*"}'),
    (5, 'PUT', 'new', '{"displayName":null}', '{}'),
    (6, 'PATCH', 'new', '{"displayName":null,"scope":null,"isActive":1}', '{}'),
    (7, 'PATCH', 'other', '{"displayName":"Other","isActive":true}', '{}'),
    (8, 'PATCH', 'other', '{"scope":"ADMINISTRATOR"}', '{}'),
    (9, 'PATCH', 'other', '[]', '{}'),
    (10, 'PATCH', 'other', '{"displayName":"a","displayName":"b"}', '{}'),
    (11, 'PATCH', 'other', '{"displayName":', '{}')) AS r (n, request, uuid, body, headers),
    test.http(request, '/user-contexts/' || uuid, (CASE request WHEN 'PUT' THEN :'ada' ELSE :'patch' END)::jsonb
        || headers || jsonb_build_object('Opigno-Client-UUID', uuid), body) AS h ORDER BY n;
\echo -- pages
SELECT h.status, h.response_headers ->> 'Link' AS link FROM unnest(ARRAY['?limit=2', '?limit=2&after=bob', '?limit=3',
    '?limit=4&isActive=true&scope=', '?limit=1&after=o', '']) AS query,
    test.http('GET', '/user-contexts' || query, :'ops') AS h;
SELECT h.status FROM test.http('PUT', '/user-contexts/%C3%A9%20%26%2B%22%3E', :'ops',
    '{"displayName":"Odd","isActive":true}') AS h;
SELECT h.response_headers ->> 'Link' AS link
FROM test.http('GET', '/user-contexts?limit=1&after=zz', :'ops') AS h;

\echo -- a malformed body of many entries
SELECT h.status, h.response_body FROM unnest(ARRAY['[{"user_id":', '{', '[1]']) AS body,
    test.http('POST', '/operator/profile/create-bulk', :'ops', body) AS h;
\echo -- the media type that a path accepts
SELECT method, target, h.status, h.response_headers - 'Content-Type' - 'Vary' AS headers FROM (VALUES
    ('PUT', '/user-contexts/ada'), ('PATCH', '/user-contexts/ada'), ('POST', '/user/profiles/create'))
    AS r (method, target), test.http(method, target, :'ada' || '{"Content-Type":"text/plain"}'::jsonb, '{}') AS h;
\echo -- origins: without a scheme, a domain is trusted with TLS, and on the machine itself
SELECT origin, h.response_headers ->> 'Access-Control-Allow-Origin' AS allowed, h.response_headers ->> 'Vary' AS vary
FROM unnest(ARRAY[NULL, 'https://shop.example', 'https://shop.example:9999', 'http://shop.example',
    'http://old.example', 'https://old.example', 'http://old.example:81', 'http://localhost:3000', 'https://localhost',
    'http://127.0.0.1']) WITH ORDINALITY AS o (origin, n),
    test.http('GET', '/health', jsonb_strip_nulls(jsonb_build_object('Origin', origin))) AS h ORDER BY n;
SELECT h.status, h.response_headers FROM test.http('GET', '/%zz', '{"Origin":"https://shop.example"}') AS h;
RESET ROLE;

\echo -- SQLSTATEs of a trigger of the site
CREATE FUNCTION test.raise_it() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE 'the reason' USING ERRCODE = current_setting('test.sqlstate'), DETAIL = 'Some detail.', HINT = 'Some hint.';
END $$;
CREATE TRIGGER raise_it BEFORE UPDATE ON opigno.user_context FOR EACH ROW EXECUTE FUNCTION test.raise_it();
SET ROLE regress_opigno_gateway;
SELECT sqlstate, h.* FROM unnest(ARRAY['PT200', 'PT418', 'PT503', '22023', '25006', '40001']) WITH ORDINALITY
    AS s (sqlstate, n), set_config('test.sqlstate', sqlstate, false) AS is_set,
    test.http('PATCH', '/user-contexts/ada', :'patch' || jsonb_build_object('X', is_set), '{"displayName":"A"}') AS h
ORDER BY n;
RESET ROLE;
DROP TRIGGER raise_it ON opigno.user_context;

\echo -- names and values of a constraint of the site are not in the answer
CREATE UNIQUE INDEX site_mail ON opigno.profile ((profile_data ->> 'mail'));
SELECT version > 0 AS is_stored FROM opigno.upsert_profile('bob', 0, '{"mail":"m@x"}');
SET ROLE regress_opigno_gateway;
SELECT h.status, h.response_body FROM test.http('PATCH', '/user/profiles/0', :'patch', '{"mail":"m@x"}') AS h;
RESET ROLE;
DROP INDEX opigno.site_mail;

\echo -- a value in quotes is no preference
SET ROLE regress_opigno_gateway;
SELECT prefer, h.status
FROM unnest(ARRAY['x="a, return=minimal, b"', 'x="\", return=minimal"', 'x="a", return=minimal']) AS prefer,
    test.http('PATCH', '/user/profiles/0', :'patch' || jsonb_build_object('Prefer', prefer), '{}') AS h;
\echo -- a setting of the caller does not matter
SET row_security = off;
SELECT h.status FROM test.http('GET', '/user-contexts/ada', :'ada') AS h;
RESET row_security;
RESET ROLE;

\echo -- in parallel mode it fails before it begins; the next errors of the session are as always
CREATE FUNCTION test.asks(n integer) RETURNS integer LANGUAGE plpgsql PARALLEL SAFE AS
    $$ BEGIN RETURN (SELECT status FROM opigno.http_request('GET', '/health', '{}')); END $$;
CREATE FUNCTION test.executes(n integer) RETURNS boolean LANGUAGE plpgsql PARALLEL SAFE AS
    $$ BEGIN RETURN opigno.graphql('{ apps { app } }') IS NULL; END $$;
CREATE TABLE test.many AS SELECT generate_series(1, 10000) AS n;
GRANT SELECT ON test.many TO regress_opigno_gateway;
SET ROLE regress_opigno_gateway;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers = 0;
\set SHOW_CONTEXT never
SELECT count(*) FROM test.many WHERE test.asks(n) = 3;
BEGIN;
SELECT FROM opigno.begin_request(:'ada'::jsonb ->> 'Authorization', 'ada');
SELECT count(*) FROM test.many WHERE test.executes(n);
ROLLBACK;
\set SHOW_CONTEXT errors
RESET ROLE;
SELECT opigno.set_user_context('new', NULL, NULL, 'NOSUCH');
SET ROLE regress_opigno_gateway;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers;
RESET ROLE;

\echo -- a role that row security does not hold back is refused
ALTER ROLE regress_opigno_gateway BYPASSRLS;
SET ROLE regress_opigno_gateway;
SELECT opigno.http_request('GET', '/health', '{}');
RESET ROLE;

DROP TABLE test.many;
DROP FUNCTION test.asks, test.executes, test.raise_it, test.http, test.headers;
DELETE FROM opigno.profile;
DELETE FROM opigno.access_token;
DELETE FROM opigno.client_secret;
TRUNCATE opigno.client_user;
DELETE FROM opigno.client;
DELETE FROM opigno.app;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
DROP OWNED BY regress_opigno_gateway;
DROP ROLE regress_opigno_gateway;
