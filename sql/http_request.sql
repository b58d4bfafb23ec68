-- Answers to HTTP requests: the requests of the seeds, statuses, conditional writes, bad requests.
CREATE ROLE regress_opigno_gateway;
SELECT opigno.grant_access('regress_opigno_gateway', 'gateway');
SELECT app_id FROM opigno.register_app('Course shop', 'sells courses', '{shop.example}', 0);
SELECT app_id FROM opigno.register_app('Library', app_id => 1);
SELECT client_key AS shop_key, client_secret AS shop_secret, client_id AS shop
FROM opigno.register_client(0, 'Shop server', may_act_for => 'all') \gset
SELECT client_key AS ops_key, client_secret AS ops_secret
FROM opigno.register_client(0, 'Administration', is_operator => true) \gset
SELECT uuid FROM opigno.set_user_context('string', 'A user', true, 'AUTHENTICATED');
SELECT uuid FROM opigno.set_user_context('andrew', 'Andrew M. Pearson', true, 'AUTHENTICATED');
SELECT field_name FROM opigno.configure_extended_profile_field('occupation');

/* An answer without what differs from run to run. */
CREATE FUNCTION test.http(method text, target text, headers jsonb, body text DEFAULT NULL)
    RETURNS TABLE (status integer, response_headers jsonb, response_body text) LANGUAGE sql AS $$
    SELECT h.status, test.nths(regexp_replace(h.response_headers::text, '-[0-9a-f]{16}(?=\\")', '-mark'))::jsonb,
        regexp_replace(regexp_replace(test.nths(h.response_body),
            '"(id|created_at|updated_at|date_joined)":"[^"]*"', '"\1":"..."', 'g'),
            'opigno_token_\w+', 'opigno_token_...')
    FROM opigno.http_request(method, target, headers, convert_to(body, 'UTF8')) AS h
$$;
GRANT USAGE ON SCHEMA test TO regress_opigno_gateway;

\echo -- POST /oauth/token, with the client in the form and in HTTP Basic
\set form '''{"content-type": "application/x-www-form-urlencoded"}'''
SET ROLE regress_opigno_gateway;
SELECT * FROM test.http('POST', '/oauth/token', :form, 'grant_type=client_credentials&client_id=' || :'shop_key'
    || '&client_secret=' || :'shop_secret');
SELECT * FROM test.http('POST', '/oauth/token',
    jsonb_build_object('Content-Type', 'application/x-www-form-urlencoded; charset=utf-8', 'authorization', 'Basic '
        || translate(encode(convert_to(:'shop_key' || ':' || :'shop_secret', 'UTF8'), 'base64'), E'\n', '')),
    'grant_type=client_credentials&scope=read');
SELECT * FROM test.http('POST', '/oauth/token', :form, 'grant_type=client_credentials&client_id=a&client_secret=b');
SELECT * FROM test.http('POST', '/oauth/token', :form, 'grant_type=password');
SELECT * FROM test.http('POST', '/oauth/token', :form, 'grant_type=%zz');
RESET ROLE;
SELECT opigno.issue_access_token(:'shop_key', :'shop_secret', 'client_credentials') ->> 'access_token' AS token,
    opigno.issue_access_token(:'ops_key', :'ops_secret', 'client_credentials') ->> 'access_token' AS ops_token \gset
SELECT jsonb_build_object('Authorization', 'Bearer ' || :'token', 'Opigno-Client-UUID', 'andrew', 'Content-Type',
        'application/json') AS own,
    jsonb_build_object('authorization', 'Bearer ' || :'token', 'opigno-client-uuid', 'andrew', 'content-type',
        'application/merge-patch+json; charset=utf-8') AS patch,
    jsonb_build_object('Authorization', 'bearer ' || :'ops_token', 'Content-Type', 'application/json') AS ops \gset

SET ROLE regress_opigno_gateway;
\echo -- Sentinel: apps
SELECT * FROM test.http('GET', '/app/all', '{}');
SELECT * FROM test.http('POST', '/operator/app/register', :'ops',
    '{"app":"Forum","domains":["forum.example"],"appid":7}');
SELECT * FROM test.http('POST', '/operator/app/register', :'ops', '{"app":1,"domain":[]}');
SELECT * FROM test.http('POST', '/operator/app/register', :'own', '{"app":"Mine"}');

\echo -- Sentinel: profiles
SELECT * FROM test.http('POST', '/operator/profile/create-bulk', :'ops', '{
"profiles": [
{
"app_id": 0,
"profile_data": {
"additionalProp1": {}
},
"user_id": "string"
},
{
"app_id": 0,
"profile_data": {
"additionalProp1": {}
},
"user_id": "string"
}
]
}');
SELECT * FROM test.http('POST', '/operator/profile/create-bulk', :'ops',
    '[{"app_id":0,"profile_data":{},"user_id":"string"},{"app_id":1,"profile_data":{},"user_id":"string"}]');
SELECT * FROM test.http('POST', '/operator/profile/create-bulk', :'ops' || '{"Prefer":"handling=lenient"}'::jsonb,
    '[{"app_id":0,"profile_data":{},"user_id":"string"},{"app_id":1,"profile_data":{},"user_id":"string"}]');
SELECT * FROM test.http('POST', '/operator/profile/create-bulk?on_conflict=replace&dry_run=true', :'ops',
    '[{"app_id":0,"profile_data":{},"user_id":"string"}]');
SELECT * FROM test.http('GET', '/operator/users/profile/string/0', :'ops');
SELECT * FROM test.http('GET', '/operator/users/profile/str%69ng/0?x=1', :'ops');
SELECT * FROM test.http('GET', '/operator/users/profile/andrew/0', :'ops');
SELECT * FROM test.http('GET', '/operator/users/profile/string/0', :'own');
SELECT * FROM test.http('GET', '/user/profiles/0', :'own');
SELECT * FROM test.http('POST', '/user/profiles/create', :'own',
    '{"app_id":0,"profile_data":{"n":12345678901234567890.10,"s":"\u0065"}}');
SELECT * FROM test.http('POST', '/user/profiles/create', :'own', '{"app_id":0,"profile_data":{}}');
SELECT * FROM test.http('POST', '/user/profiles/create', :'own', '{"app_id":1,"profile_data":{}}');
SELECT * FROM test.http('GET', '/user/profiles/0', :'own');
SELECT * FROM test.http('PATCH', '/user/profiles/0', :'patch', '{"s":null,"t":[1]}');
SELECT response_headers ->> 'ETag' AS etag FROM opigno.http_request('GET', '/user/profiles/0', :'own') \gset
SELECT * FROM test.http('PATCH', '/user/profiles/0', :'patch' || jsonb_build_object('If-Match', :'etag'), '{"t":2}');
SELECT * FROM test.http('PATCH', '/user/profiles/0', :'patch' || jsonb_build_object('If-Match', :'etag'), '{"t":3}');
SELECT * FROM test.http('PATCH', '/user/profiles/0', :'patch' || '{"If-Match":"\"abc\""}'::jsonb, '{"t":3}');
SELECT * FROM test.http('PATCH', '/user/profiles/0', :'patch' || '{"If-Match":"*","Prefer":"return=minimal"}'::jsonb,
    '{"t":4}');
SELECT * FROM test.http('HEAD', '/user/profiles/0', :'own');
SELECT * FROM test.http('DELETE', '/user/profiles/0', :'own');
SELECT * FROM test.http('DELETE', '/user/profiles/0', :'own');

\echo -- Open edX: accounts. The body of the documentation lacks a quote
SELECT * FROM test.http('PATCH', '/api/user/v1/accounts/andrew', :'patch', '{
        "extended_profile": [
            {
                "field_name:" "occupation",
                "field_value": {
                    "name": "Organic Farmer",
                    "salary": "65000"
                }
            }
        ]
    }');
SELECT * FROM test.http('PATCH', '/api/user/v1/accounts/andrew', :'patch', '{"extended_profile": [{"field_name":
    "occupation", "field_value": {"name": "Organic Farmer", "salary": "65000"}}]}');
SELECT * FROM test.http('PATCH', '/api/user/v1/accounts/andrew', :'patch', '{"username": "x", "foo": 1}');
SELECT * FROM test.http('PATCH', '/api/user/v1/accounts/string', :'patch', '{"name": "x"}');
SELECT * FROM test.http('PATCH', '/api/user/v1/accounts/andrew', :'own', '{"name": "x"}');
SELECT * FROM test.http('GET', '/api/user/v1/accounts/string', :'own');
SELECT * FROM test.http('GET', '/api/user/v1/accounts?username=string,andrew,nobody', :'ops');
SELECT * FROM test.http('GET', '/api/user/v1/accounts/nobody', :'own');
\echo -- preferences
SELECT * FROM test.http('PATCH', '/api/user/v1/preferences/andrew', :'patch', '{"time_zone": "Asia/Tokyo", "k": 1}');
SELECT * FROM test.http('PATCH', '/api/user/v1/preferences/andrew', :'patch', '{"time_zone": "Mars/Base"}');
SELECT * FROM test.http('PUT', '/api/user/v1/preferences/andrew/k', :'own', '"two"');
SELECT * FROM test.http('PUT', '/api/user/v1/preferences/andrew/k', :'own', '""');
SELECT * FROM test.http('GET', '/api/user/v1/preferences/andrew/k', :'own');
SELECT * FROM test.http('DELETE', '/api/user/v1/preferences/andrew/k', :'own');
SELECT * FROM test.http('GET', '/api/user/v1/preferences/andrew/k', :'own');
SELECT * FROM test.http('GET', '/api/user/v1/preferences/andrew', :'own');

\echo -- user contexts
SELECT * FROM test.http('GET', '/user-contexts/andrew', :'own');
SELECT * FROM test.http('PUT', '/user-contexts/new-one', :'own' || '{"Opigno-Client-UUID":"new-one"}'::jsonb,
    '{"displayName":"New","isActive":true,"scope":"AUTHENTICATED"}');
SELECT * FROM test.http('PATCH', '/user-contexts/new-one', :'patch' || '{"opigno-client-uuid":"new-one"}'::jsonb,
    '{"isActive":false}');
SELECT * FROM test.http('GET', '/user/profiles/0', :'own' || '{"Opigno-Client-UUID":"new-one"}'::jsonb);
SELECT * FROM test.http('PUT', '/user-contexts/other', :'ops', '{"displayName":"","scope":"NOBODY","x":1}');
SELECT * FROM test.http('GET', '/user-contexts?limit=2', :'ops');
SELECT * FROM test.http('GET', '/user-contexts?limit=2&after=new-one&isActive=true', :'ops');
SELECT * FROM test.http('GET', '/user-contexts?limit=0', :'ops');

\echo -- conditional requests
SELECT * FROM test.http('POST', '/user/profiles/create', :'own', '{"app_id":0,"profile_data":{"a":1}}');
SELECT jsonb_build_object('If-None-Match', format('W/"1", %s', response_headers ->> 'ETag')) AS known,
    jsonb_build_object('If-Match', '"7"') AS other
FROM opigno.http_request('GET', '/user/profiles/0', :'own') \gset
SELECT * FROM test.http('GET', '/user/profiles/0', :'own' || :'known'::jsonb);
SELECT * FROM test.http('HEAD', '/user/profiles/0', :'own' || :'known'::jsonb);
SELECT * FROM test.http('GET', '/user/profiles/0', :'own' || '{"If-None-Match":"\"1\""}'::jsonb);
SELECT status FROM test.http('PATCH', '/user-contexts/andrew', :'patch' || :'other'::jsonb, '{"displayName":"A"}');
SELECT status FROM test.http('PUT', '/user-contexts/andrew', :'own' || '{"If-None-Match":"*"}'::jsonb,
    '{"displayName":"A"}');
SELECT status FROM test.http('PATCH', '/api/user/v1/accounts/andrew', :'patch' || :'other'::jsonb, '{"name":"A"}');
SELECT status FROM test.http('PUT', '/api/user/v1/preferences/andrew/k', :'own' || :'other'::jsonb, '"v"');
SELECT status FROM test.http('DELETE', '/api/user/v1/preferences/andrew/k', :'own' || :'other'::jsonb);
SELECT status FROM test.http('DELETE', '/user/profiles/0', :'own' || :'other'::jsonb);
RESET ROLE;
SET opigno_profiles.require_conditional_writes = on;
SET ROLE regress_opigno_gateway;
SELECT * FROM test.http('PATCH', '/user/profiles/0', :'patch', '{}');
SELECT status FROM test.http('DELETE', '/user/profiles/0', :'own');
SELECT status FROM test.http('DELETE', '/user/profiles/0', :'own' || '{"If-Match":"*"}'::jsonb);
RESET ROLE;
RESET opigno_profiles.require_conditional_writes;
SET ROLE regress_opigno_gateway;

\echo -- scripts in browsers: only from the domains of apps
SELECT * FROM test.http('OPTIONS', '/user/profiles/0', '{"Origin":"https://shop.example:8443"}');
SELECT * FROM test.http('GET', '/health', '{"origin":"http://shop.example"}');
SELECT origin, h.response_headers ->> 'Access-Control-Allow-Origin' AS allowed
FROM unnest(ARRAY['https://evil.example', 'null', 'ftp://shop.example', 'https://', 'https://shop.example/x',
    E'https://shop.example\r\nX: y', 'https://shop.example.evil.example']) AS origin,
    opigno.http_request('GET', '/health', jsonb_build_object('Origin', origin)) AS h;
\echo -- what the client accepts
SELECT accept, h.status FROM unnest(ARRAY['*/*', 'text/html, application/json;q=0.5', 'application/*', 'text/html', ''])
    AS accept, opigno.http_request('GET', '/app/all', jsonb_build_object('Accept', accept)) AS h;
\echo -- bodies that are too large
RESET ROLE;
SET opigno_profiles.max_body_size = '1kB';
SET ROLE regress_opigno_gateway;
SELECT status FROM test.http('PATCH', '/user/profiles/0', :'patch', repeat(' ', 1025));
SELECT status FROM test.http('POST', '/operator/profile/create-bulk', :'ops', repeat(' ', 1025) || '[]');
RESET ROLE;
SET opigno_profiles.max_bulk_body_size = '1kB';
SET ROLE regress_opigno_gateway;
SELECT status FROM test.http('POST', '/operator/profile/create-bulk', :'ops', repeat(' ', 1025) || '[]');
RESET ROLE;
RESET opigno_profiles.max_body_size;
RESET opigno_profiles.max_bulk_body_size;
SET ROLE regress_opigno_gateway;

\echo -- who is not allowed, and what is no request
SELECT * FROM test.http('GET', '/user/profiles/0', '{}');
SELECT * FROM test.http('GET', '/user/profiles/0', :'own' || '{"Authorization":["Bearer x","Bearer y"]}'::jsonb);
SELECT * FROM test.http('GET', '/user/profiles/0', :'own'::jsonb - 'Opigno-Client-UUID');
SELECT * FROM test.http('GET', '/nothing', '{}');
SELECT * FROM test.http('PUT', '/user/profiles/0', :'own', '{}');
SELECT * FROM test.http('OPTIONS', '/user/profiles/0', '{}');
SELECT * FROM test.http('PATCH', '/user/profiles/0', :'own', '{}');
SELECT * FROM test.http('GET', '/user/profiles/abc', :'own');
SELECT * FROM test.http('GET', '/user/profiles/%00', :'own');
SELECT * FROM test.http('GET', '/user/profiles/%e9', :'own');
SELECT * FROM test.http('GET', 'user/profiles/0', :'own');
SELECT * FROM test.http('GET', 'http://host.example/health', '{}');
SELECT h.status, h.response_body FROM opigno.http_request('PATCH', '/user/profiles/0', :'patch', '\x7bff7d') AS h;
SELECT test.refusal($$SELECT opigno.http_request(NULL, NULL, NULL)$$);
SELECT test.refusal($$SELECT opigno.http_request('GET', '/health', '[]')$$);
\echo -- the identity ends with the call
SELECT opigno.request_user() IS NULL AND opigno.request_client() IS NULL AS none;
RESET ROLE;
\echo -- a role that may do more than a request
SELECT opigno.http_request('GET', '/user-contexts', :'own');
SELECT opigno.grant_access('regress_opigno_gateway', 'operator');
SET ROLE regress_opigno_gateway;
SELECT opigno.http_request('GET', '/user-contexts', :'own');
RESET ROLE;
SELECT opigno.revoke_access('regress_opigno_gateway');
SELECT opigno.grant_access('regress_opigno_gateway', level) FROM unnest('{gateway,auditor}'::text[]) AS level;
SET ROLE regress_opigno_gateway;
SELECT opigno.http_request('GET', '/user-contexts', :'own');
RESET ROLE;

DROP FUNCTION test.http;
DELETE FROM opigno.preference;
DELETE FROM opigno.account;
DELETE FROM opigno.profile;
DELETE FROM opigno.extended_profile_field;
DELETE FROM opigno.access_token;
DELETE FROM opigno.client_secret;
DELETE FROM opigno.client;
DELETE FROM opigno.app;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
DROP OWNED BY regress_opigno_gateway;
DROP ROLE regress_opigno_gateway;
