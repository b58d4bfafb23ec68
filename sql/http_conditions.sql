-- Conditional requests: which ETags a resource has, and which conditions are true.
CREATE ROLE regress_opigno_gateway;
SELECT opigno.grant_access('regress_opigno_gateway', 'gateway');
SELECT app_id FROM opigno.register_app('Course shop', app_id => 0);
SELECT uuid FROM unnest('{ada,bob}'::text[]) AS name, opigno.set_user_context(name, name, true, 'AUTHENTICATED');
SELECT client_key AS key, client_secret AS secret
FROM opigno.register_client(0, 'Administration', may_act_for => 'all', is_operator => true) \gset
SELECT client_key AS shop_key, client_secret AS shop_secret
FROM opigno.register_client(0, 'Shop server', may_act_for => 'all') \gset
SELECT jsonb_build_object('Authorization', 'Bearer ' || (opigno.issue_access_token(:'shop_key', :'shop_secret',
    'client_credentials') ->> 'access_token'), 'Opigno-Client-UUID', 'ada') AS ada,
    jsonb_build_object('Authorization', 'Bearer ' || (opigno.issue_access_token(:'key', :'secret',
    'client_credentials') ->> 'access_token'), 'Opigno-Client-UUID', 'ada') AS operator \gset
SELECT :'ada' || '{"Opigno-Client-UUID":"bob"}'::jsonb AS bob \gset

/* The Content-Type follows from the method. */
CREATE FUNCTION test.http(method text, target text, headers jsonb DEFAULT '{}', body text DEFAULT NULL)
    RETURNS TABLE (status integer, response_headers jsonb, response_body text) LANGUAGE sql AS $$
    SELECT h.* FROM opigno.http_request(method, target, jsonb_build_object('Content-Type',
        CASE method WHEN 'PATCH' THEN 'application/merge-patch+json' ELSE 'application/json' END) || headers,
        convert_to(body, 'UTF8')) AS h
$$;
CREATE FUNCTION test.etag(target text, headers jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT response_headers ->> 'ETag' FROM test.http('GET', target, headers)
$$;
/* The status of a write with If-Match and If-None-Match, and why. In them, E is the ETag that GET answers. */
CREATE FUNCTION test.try(method text, target text, headers jsonb, body text, if_match text,
    if_none_match text DEFAULT NULL, OUT status integer, OUT reason text) LANGUAGE sql AS $$
    SELECT h.status, regexp_replace(h.response_body::jsonb ->> 'detail', '\d{16}', 'N')
    FROM test.etag(target, headers) AS etag, test.http(method, target, headers || jsonb_strip_nulls(jsonb_build_object(
        'If-Match', replace(if_match, 'E', coalesce(etag, '"1"')),
        'If-None-Match', replace(if_none_match, 'E', coalesce(etag, '"1"')))), body) AS h
$$;
GRANT USAGE ON SCHEMA test TO regress_opigno_gateway;
SET ROLE regress_opigno_gateway;

\echo -- profiles that one call creates have one version, and one path for all users: the ETag names the user
SELECT status FROM test.http('POST', '/operator/profile/create-bulk', :'operator',
    '[{"user_id":"ada","app_id":0,"profile_data":{"a":1}},{"user_id":"bob","app_id":0,"profile_data":{"b":1}}]');
SELECT a ~ '^"\d{16}-[0-9a-f]{16}"$' AS is_tag, split_part(a, '-', 1) = split_part(b, '-', 1) AS same_version,
    a = b AS same, a = test.etag('/operator/users/profile/ada/0', :'operator') AS same_for_operators
FROM test.etag('/user/profiles/0', :'ada') AS a, test.etag('/user/profiles/0', :'bob') AS b;
SELECT test.etag('/user/profiles/0', :'ada') AS etag \gset
SELECT name, (test.http('GET', '/user/profiles/0', headers || jsonb_build_object('If-None-Match', :'etag'))).status,
    (test.http('PATCH', '/user/profiles/0', headers || jsonb_build_object('If-Match', :'etag'), '{"c":1}')).status
FROM (VALUES ('ada', :'ada'::jsonb), ('bob', :'bob')) AS u (name, headers);
\echo -- caches do not share what depends on who asks
SELECT method, target, h.status, h.response_headers -> 'Cache-Control' AS cache, h.response_headers -> 'Vary' AS vary
FROM (VALUES ('GET', '/user/profiles/0'), ('HEAD', '/user/profiles/0'), ('DELETE', '/user/profiles/9'),
    ('GET', '/user-contexts'), ('POST', '/user/profiles/create'), ('GET', '/app/all'), ('GET', '/nothing'),
    ('OPTIONS', '/user/profiles/0'), ('PUT', '/user/profiles/0')) AS r (method, target),
    test.http(method, target, :'ada') AS h;
SELECT h.status, h.response_headers -> 'Cache-Control' AS cache, h.response_headers -> 'Vary' AS vary
FROM test.http('GET', '/user/profiles/0', '{}') AS h;
SELECT h.status, h.response_headers -> 'Cache-Control' AS cache, h.response_headers -> 'Vary' AS vary
FROM test.http('GET', '/user/profiles/0', :'ada' || '{"If-None-Match":"*","Origin":"https://shop.example"}'::jsonb)
    AS h;

\echo -- lists of tags: If-Match compares strongly, If-None-Match weakly
SELECT if_match, t.* FROM unnest(ARRAY['E', '"7", E', 'E,"7"', '"7",,E , ,', '"7"', 'W/E', '"7", W/E', '"a,b"', '"\"',
    '""', '', ' ', '*', ' * ', '*, "7"', 'E "7"', '7', '"7', 'w/E', 'W/"', '"7" ,, x'])
    WITH ORDINALITY AS l (if_match, n),
    test.try('PATCH', '/user/profiles/0', :'ada', json_build_object('n', n)::text, if_match) AS t ORDER BY n;
SELECT if_none_match, t.*, (test.http('GET', '/user/profiles/0', :'ada' || jsonb_build_object('If-None-Match',
    replace(if_none_match, 'E', test.etag('/user/profiles/0', :'ada'))))).status AS of_get
FROM unnest(ARRAY['E', '"7", E', 'W/E', '"7", W/E', '"7"', '"7","8"', '*', '', 'E "7"', '7'])
    WITH ORDINALITY AS l (if_none_match, n),
    test.try('PATCH', '/user/profiles/0', :'ada', json_build_object('m', n)::text, NULL, if_none_match) AS t ORDER BY n;
\echo -- both headers: both must be true
SELECT if_match, if_none_match, t.* FROM (VALUES ('E', '"7"'), ('E', 'E'), ('E', '*'), ('"7"', '"8"'), ('*', '"7"'),
    ('*', '*')) AS l (if_match, if_none_match),
    test.try('PATCH', '/user/profiles/0', :'ada', '{"b":2}', if_match, if_none_match) AS t;
\echo -- tags are opaque: what is no ETag of the resource is none of another form, either
SELECT form, (test.try('PATCH', '/user/profiles/0', :'ada', '{"o":1}', tag)).status
FROM unnest(ARRAY['%s', '00%s', '+%s', '%s ', '%s-', '-%s', '%sx', 'x%s', '%s-0', '99999999999999999999%s']) AS form,
    format('"%s"', format(form, split_part(trim('"' FROM test.etag('/user/profiles/0', :'ada')), '-', 1))) AS tag;
SELECT form, (test.try('PATCH', '/user-contexts/ada', :'ada', '{}', tag)).status
FROM unnest(ARRAY['%s', '00%s', '%s-', '%s-0']) AS form,
    format('"%s"', format(form, trim('"' FROM test.etag('/user-contexts/ada', :'ada')))) AS tag;
\echo -- what does not exist. The profile is deleted before each request with If-None-Match: "7"
SELECT method, if_match, if_none_match, t.* FROM (VALUES ('DELETE', NULL, NULL), ('DELETE', '"7"', NULL),
    ('DELETE', '*', NULL), ('DELETE', NULL, '*'), ('DELETE', NULL, '"7"'), ('PATCH', '"7"', NULL), ('PATCH', '*', NULL),
    ('PATCH', '"7","8"', NULL), ('PATCH', NULL, '"7"'), ('DELETE', NULL, '*'), ('DELETE', 'E', '"7"'),
    ('PATCH', NULL, '*'), ('PATCH', NULL, '*')) AS l (method, if_match, if_none_match),
    test.http('DELETE', CASE if_none_match WHEN '"7"' THEN '/user/profiles/0' ELSE '/user/profiles/1' END, :'bob') AS d,
    test.try(method, '/user/profiles/0', :'bob' || jsonb_build_object('X', d.status), '{"d":1}', if_match,
        if_none_match) AS t;

\echo -- accounts: the ETag covers all that the answer shows, and a write compares the version only
SELECT test.etag('/api/user/v1/accounts/ada', :'ada') AS etag \gset
SELECT :'etag' ~ '^"\d{16}-[0-9a-f]{16}"$' AS is_tag,
    :'etag' = test.etag('/api/user/v1/accounts/ada', :'operator') AS same_for_operators,
    test.etag('/api/user/v1/accounts/ada?view=shared', :'ada') AS shared;
SELECT :'ada' || jsonb_build_object('If-None-Match', :'etag') AS known,
    :'ada' || jsonb_build_object('If-Match', :'etag') AS same,
    :'operator' || jsonb_build_object('If-Match', :'etag') AS same_of_operator \gset
SELECT status FROM test.http('GET', '/api/user/v1/accounts/ada', :'known');
SELECT status FROM test.http('PUT', '/api/user/v1/preferences/ada/k1', :'ada', '"v"');
SELECT status FROM test.http('GET', '/api/user/v1/accounts/ada', :'known');
SELECT status FROM test.http('DELETE', '/api/user/v1/preferences/ada/k1', :'ada');
SELECT status FROM test.http('GET', '/api/user/v1/accounts/ada', :'known');
SELECT test.etag('/api/user/v1/accounts/ada', :'ada') AS etag \gset
RESET ROLE;
SELECT field_name FROM opigno.configure_extended_profile_field('occupation');
SET ROLE regress_opigno_gateway;
SELECT status FROM test.http('GET', '/api/user/v1/accounts/ada',
    :'ada' || jsonb_build_object('If-None-Match', :'etag'));
SELECT status FROM test.http('PATCH', '/api/user/v1/accounts/ada', :'same', '{"name":"Ada"}');
SELECT status FROM test.http('PATCH', '/api/user/v1/accounts/ada', :'same', '{"name":"Eve"}');
SELECT status FROM test.http('PATCH', '/api/user/v1/accounts/ada', :'same_of_operator', '{"name":"Eve"}');
SELECT if_match, if_none_match, t.* FROM (VALUES ('"7", E', NULL), ('"7","8"', NULL), ('*', NULL), (NULL, 'E'),
    (NULL, '*'), (NULL, '"7"')) AS l (if_match, if_none_match),
    test.try('PATCH', '/api/user/v1/accounts/ada', :'ada', '{"name":"Ada L."}', if_match, if_none_match) AS t;

\echo -- one preference: the conditions are about its value
SELECT status FROM test.http('PUT', '/api/user/v1/preferences/ada/k1', :'ada', '"v"');
SELECT target, method, if_match, if_none_match, t.*
FROM (VALUES ('k2', 'PUT', NULL, '*'), ('k2', 'PUT', NULL, '*'), ('k3', 'PUT', '*', NULL), ('k3', 'PUT', '"1"', NULL),
    ('k3', 'DELETE', '*', NULL), ('k3', 'DELETE', '"1"', NULL), ('k3', 'DELETE', NULL, '*'), ('k2', 'PUT', '*', NULL),
    ('k2', 'PUT', 'E', NULL), ('k2', 'PUT', 'E, "7"', NULL), ('k2', 'PUT', 'W/E', NULL), ('k2', 'PUT', NULL, 'E'),
    ('k2', 'PUT', NULL, '"7"'), ('k2', 'DELETE', '"7"', NULL), ('k2', 'DELETE', 'E', NULL),
    ('k2', 'DELETE', 'E', NULL), ('k2', 'PUT', NULL, '*')) AS l (target, method, if_match, if_none_match),
    test.try(method, '/api/user/v1/preferences/ada/' || target, :'ada', '"w"', if_match, if_none_match) AS t;
SELECT test.etag('/api/user/v1/preferences/ada/k1', :'ada') AS etag \gset
SELECT body, h.status, h.response_headers ->> 'ETag' = test.etag('/api/user/v1/preferences/ada/k2', :'ada') AS same
FROM unnest(ARRAY['"x"', ' "x"', '"\u0078"', '5', '"5"']) AS body,
    test.http('PUT', '/api/user/v1/preferences/ada/k2', :'ada', body) AS h;
SELECT :'etag' ~ '^"[0-9a-f]{16}"$' AS is_tag,
    :'etag' = test.etag('/api/user/v1/preferences/ada/k1', :'ada') AS unchanged_by_others;
SELECT h.status, h.response_headers -> 'Preference-Applied' AS applied FROM test.http('GET',
    '/api/user/v1/preferences/ada/k1', :'ada' || jsonb_build_object('If-None-Match', :'etag')) AS h;
\echo -- who may not write is told so, whatever the conditions are
SELECT if_match, t.* FROM unnest('{NULL,*,"\"7\"","\"7\",\"8\""}'::text[]) AS if_match,
    test.try('PUT', '/api/user/v1/preferences/bob/k1', :'ada', '"w"', if_match) AS t;
\echo -- all preferences
SELECT if_match, if_none_match, t.* FROM unnest(ARRAY['E', '"7", E', '"7"', '"7","8"', '*'],
    ARRAY[NULL, NULL, NULL, NULL, NULL, 'E', '"7"', '*']) WITH ORDINALITY AS l (if_match, if_none_match, n),
    test.try('PATCH', '/api/user/v1/preferences/ada', :'ada', json_build_object('k', n)::text, if_match, if_none_match)
        AS t ORDER BY n;
\echo -- user contexts
SELECT if_match, if_none_match, t.status FROM unnest(ARRAY['E', '"7", E', '"7"', '"7","8"', '*'],
    ARRAY[NULL, NULL, NULL, NULL, NULL, 'E', '"7"', '*']) WITH ORDINALITY AS l (if_match, if_none_match, n),
    test.try('PATCH', '/user-contexts/ada', :'ada', json_build_object('displayName', 'Ada ' || n)::text, if_match,
        if_none_match) AS t ORDER BY n;

\echo -- Prefer: return=minimal in all writes of a resource
SELECT method, target, h.status, h.response_headers -> 'Preference-Applied' AS applied, h.response_body IS NULL AS none,
    h.response_headers ? 'ETag' AS has_tag
FROM (VALUES ('PATCH', '/user/profiles/0', '{"z":1}'), ('PATCH', '/api/user/v1/accounts/ada', '{"name":"A"}'),
    ('PATCH', '/api/user/v1/accounts/ada', '{"foo":"A"}'), ('PATCH', '/api/user/v1/preferences/ada', '{"k":"z"}'),
    ('PUT', '/api/user/v1/preferences/ada/k', '"y"'), ('DELETE', '/api/user/v1/preferences/ada/k', NULL),
    ('PATCH', '/user-contexts/ada', '{"displayName":"B"}'), ('PUT', '/user-contexts/ada', '{"displayName":"C"}'),
    ('PATCH', '/user-contexts/ada', '{"displayName":""}'), ('DELETE', '/user/profiles/0', NULL),
    ('POST', '/user/profiles/create', '{"app_id":0,"profile_data":{"a":1}}')) AS r (method, target, body),
    test.http(method, target, :'ada' || '{"Prefer":"return=minimal"}'::jsonb, body) AS h;
SELECT status, response_headers ? 'ETag' AS has_tag FROM test.http('PATCH', '/user/profiles/0',
    :'ada' || '{"Prefer":5}'::jsonb, '{}');
SELECT status, response_body IS NULL AS none FROM test.http('POST', '/operator/app/register',
    :'operator' || '{"Prefer":"return=minimal"}'::jsonb, '{"app":"Forum","appid":7}');

\echo -- members that come twice, at every depth
SELECT method, target, body, h.status, (SELECT array_agg(m[1])
    FROM regexp_matches(h.response_body, '(?<!user_message":")member \\"([^\\]*)', 'g') AS m) AS names
FROM (VALUES ('PATCH', '/user/profiles/0', '{"a":1,"a":2}'), ('PATCH', '/user/profiles/0', '{"a":{"b":1,"c":2,"b":3}}'),
    ('PATCH', '/user/profiles/0', '{"a":[1,{"x":{}},[{"b":{},"\u0062":1}]],"d":{"e":1,"e":2,"e":3}}'),
    ('PATCH', '/user/profiles/0', '[{"a":1,"a":2},{"b":1}]'),
    ('PATCH', '/user/profiles/0', '{"a":{"b":1},"c":{"b":1}}'),
    ('POST', '/user/profiles/create', '{"app_id":0,"profile_data":{"a/b":{"c":[],"c":""}},"app_id":0}'),
    ('PUT', '/api/user/v1/preferences/ada/k', '{"a":{"b":1,"b":2}}'),
    ('PATCH', '/api/user/v1/preferences/ada', '{"k":{"b":1,"b":2}}'),
    ('PATCH', '/api/user/v1/accounts/ada', '{"extended_profile":[{"field_name":"occupation",
        "field_value":{"name":"x","name":"y"}}]}')) AS r (method, target, body),
    test.http(method, target, :'ada', body) AS h;
\echo -- deep ones take no long time, and long names have no path
SELECT h.status, length(h.response_body) < 300 AS is_short FROM test.http('PATCH', '/user/profiles/0', :'ada',
    repeat('{"a":', 5000) || '{"b":1,"b":2}' || repeat('}', 5000)) AS h;
SELECT h.status, length(h.response_body) < 300 AS is_short FROM test.http('PATCH', '/user/profiles/0', :'ada',
    format('{"%s":{"b":1,"b":2}}', repeat('a', 5000))) AS h;
RESET ROLE;

DROP FUNCTION test.try, test.etag, test.http;
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
