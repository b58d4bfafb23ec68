-- The rules of HTTP in answers: methods, queries, Accept, Prefer, conditions; and what a request leaves behind.
CREATE ROLE regress_opigno_gateway;
SELECT opigno.grant_access('regress_opigno_gateway', 'gateway');
SELECT app_id FROM opigno.register_app('Course shop', domains => '{shop.example}', app_id => 0);
SELECT uuid FROM unnest('{ada,bob}'::text[]) AS name, opigno.set_user_context(name, name, true, 'AUTHENTICATED');
SELECT client_key AS key, client_secret AS secret
FROM opigno.register_client(0, 'Administration', may_act_for => 'all', is_operator => true) \gset
SELECT jsonb_build_object('Authorization', 'Bearer ' || (opigno.issue_access_token(:'key', :'secret',
    'client_credentials') ->> 'access_token'), 'Opigno-Client-UUID', 'ada') AS ada \gset

/* An answer: the status, and what says why. */
CREATE FUNCTION test.http(method text, target text, headers jsonb DEFAULT '{}', body text DEFAULT NULL)
    RETURNS TABLE (status integer, response_headers jsonb, response_body text) LANGUAGE sql AS $$
    SELECT h.* FROM opigno.http_request(method, target, headers, convert_to(body, 'UTF8')) AS h
$$;
CREATE FUNCTION test.reason(response_body text) RETURNS text LANGUAGE sql AS $$
    SELECT test.nths(concat_ws(' ', b ->> 'detail', b ->> 'errors')) FROM (SELECT response_body::jsonb) AS r (b)
    WHERE jsonb_typeof(b) = 'object'
$$;
GRANT USAGE ON SCHEMA test TO regress_opigno_gateway;
SET ROLE regress_opigno_gateway;
SELECT status FROM test.http('POST', '/user/profiles/create', :'ada' || '{"Content-Type":"application/json"}'::jsonb,
    '{"app_id":0,"profile_data":{"a":1}}');

\echo -- methods: a path has the pattern that names it
SELECT target, h.status, h.response_headers ->> 'Allow' AS allow
FROM unnest(ARRAY['*', '/health', '/user/profiles/create', '/user/profiles/0', '/user-contexts', '/user-contexts/',
    '/user-contexts/ada', '/user-contexts/ada/', '/app/all', '/app/all/', '/graphql', '', '/'])
    AS target, test.http('OPTIONS', target) AS h;
SELECT method, target, h.status, h.response_headers ->> 'Allow' AS allow
FROM (VALUES ('GET', '/user/profiles/create'), ('DELETE', '/user/profiles/create'), ('POST', '/user/profiles/0'),
    ('HEAD', '/user/profiles/create'), ('TRACE', '/health'), ('get', '/health'), ('', '/health'), ('GET', '*'),
    ('POST', '/graphql'), ('GET', '/graphql?query={a}')) AS r (method, target), test.http(method, target) AS h;
\echo -- HEAD answers as GET, without content
SELECT target, g.status, h.status = g.status AND h.response_headers = g.response_headers AS same,
    h.response_body IS NULL AS without_content
FROM unnest(ARRAY['/health', '/openapi.json', '/app/all', '/user/profiles/0', '/operator/users/profile/ada/0',
    '/operator/users/profile/bob/0', '/api/user/v1/accounts?username=ada', '/api/user/v1/accounts/ada',
    '/api/user/v1/preferences/ada', '/api/user/v1/preferences/ada/k', '/user-contexts', '/user-contexts/ada',
    '/user-contexts?limit=0', '/nothing', '/%zz'])
    AS target, test.http('GET', target, :'ada') AS g, test.http('HEAD', target, :'ada') AS h;

\echo -- parameters of the query
SELECT target, h.status, test.reason(h.response_body) AS reason
FROM unnest(ARRAY['?isActive=maybe', '?isActive=', '?isActive', '?isActive=TRUE', '?isActive=true', '?isActive=false',
    '?limit=', '?limit=x', '?limit=%2B5', '?limit=5.0', '?limit=0', '?limit=1001', '?limit=99999999999999999999',
    '?limit=x&isActive=maybe', '?limit=1&limit=2', '?limit=1&limit=1', '?scope=NONE', '?scope=', '?scope=ANONYMOUS',
    '?after=', '?after=zzz', '?after=a&after=b', '?x=1', '?x=1&x=2', '?Limit=0', '?', '?&&', '?=', '?=1', '?%zz=1',
    '?limit=%00', '?after=%ff', '?after=%0a']) AS query, concat('/user-contexts', query) AS target,
    test.http('GET', target, :'ada') AS h;
SELECT target, h.status, test.reason(h.response_body) AS reason
FROM unnest(ARRAY['', '?username=', '?username=,', '?username=ada,bob,ada', '?username=ada&username=bob',
    '?username=nobody', '?username=ada&view=shared', '?username=ada&view=', '?username=ada&view=shared&view=own'])
    AS query, concat('/api/user/v1/accounts', query) AS target, test.http('GET', target, :'ada') AS h;
SELECT target, h.status, test.reason(h.response_body) AS reason
FROM unnest(ARRAY['?dry_run=maybe', '?dry_run=', '?dry_run=1', '?dryrun=true', '?dry_run=true&dry_run=false',
    '?on_conflict=x', '?on_conflict=', '?on_conflict=skip&on_conflict=merge', '?x=1&on_conflict=skip&y',
    '?dry_run=true', '?on_conflict=skip']) AS query, concat('/operator/profile/create-bulk', query) AS target,
    test.http('POST', target, :'ada' || '{"Content-Type":"application/json"}'::jsonb,
        '[{"user_id":"ada","app_id":0,"profile_data":{"b":1}},{"user_id":"bob","app_id":0,"profile_data":1}]') AS h;
SELECT method, target, h.status, test.reason(h.response_body) AS reason
FROM (VALUES ('PATCH', '/user/profiles/0?x=1', '{}'), ('PATCH', '/user-contexts/ada?displayName=Eve', '{}'),
    ('PATCH', '/api/user/v1/accounts/ada?view=shared', '{}'),
    ('DELETE', '/user/profiles/0?expected_version=1', NULL)) AS r (method, target, body),
    test.http(method, target, :'ada' || '{"Content-Type":"application/merge-patch+json"}'::jsonb, body) AS h;
SELECT h.status, test.reason(h.response_body) AS reason
FROM test.http('GET', '/user-contexts?after=' || repeat('a', 70000), :'ada') AS h;
SELECT h.status, h.response_body FROM test.http('POST', '/oauth/token',
    '{"Content-Type":"application/x-www-form-urlencoded"}', 'grant_type=client_credentials&client_id='
    || :'key' || '&client_secret=x&client_secret=' || :'secret') AS h;

\echo -- Accept
SELECT accept, (SELECT status FROM test.http('GET', '/app/all', a)) AS "/app/all",
    (SELECT concat_ws(' ', status, response_headers ->> 'Content-Type')
     FROM test.http('GET', '/health', a)) AS "/health"
FROM unnest(ARRAY['application/json', 'application/health+json', 'APPLICATION/JSON', 'application/json;q=0',
    'application/json; charset=utf-8; q=0.000', 'application/json;q=0, */*', '*/*, application/json ; q=0',
    'application/*;q=0, */*', 'application/*;q=0, application/json', '*/*;q=0', 'text/*', 'text/*, */*;q=0.1',
    'application/*', 'application/problem+json', 'json', '*', ',', ';q=1', 'application/json;q=0.001'])
    WITH ORDINALITY AS accepts (accept, n), jsonb_build_object('Accept', accept) AS a ORDER BY n;

\echo -- Prefer
SELECT prefer, h.status, h.response_headers ->> 'Preference-Applied' AS applied
FROM jsonb_array_elements('["return=minimal", "Return=minimal", "return=\"minimal\"", "return = minimal",
    "respond-async, return=minimal; foo=bar", "return=MINIMAL", "return=minimalist", "no-return=minimal",
    "return=representation, return=minimal", ["wait=1", "return=minimal"], "return", ""]') AS prefer,
    test.http('PATCH', '/user/profiles/0', :'ada' || '{"Content-Type":"application/merge-patch+json"}'::jsonb
        || jsonb_build_object('Prefer', prefer), '{}') AS h;

\echo -- conditions
SELECT headers, h.status, test.reason(h.response_body) AS reason
FROM unnest(ARRAY['{"If-None-Match":"\"1\""}', '{"If-None-Match":" * "}', '{"If-Match":" * "}',
    '{"If-Match":"W/\"1\""}', '{"If-Match":"\"0\""}', '{"If-Match":""}',
    '{"If-Match":"*","If-None-Match":"*"}']::jsonb[]) AS headers,
    test.http('PATCH', '/user/profiles/0',
        :'ada' || '{"Content-Type":"application/merge-patch+json"}'::jsonb || headers, '{}') AS h;
\echo -- read-only members of a body
SELECT body, h.status, coalesce(test.reason(h.response_body), h.response_body) AS reason
FROM unnest(ARRAY['{"uuid":"ada"}', '{"uuid":"ADA"}', '{"uuid":"bob"}', '{"uuid":null}', '{"id":"-1"}', '{"id":1}'])
    AS body, test.http('PATCH', '/user-contexts/ada',
        :'ada' || '{"Content-Type":"application/merge-patch+json"}'::jsonb, body) AS h;

\echo -- settings: a caller cannot change its limits
SET opigno_profiles.max_body_size = '1GB';
SET opigno_profiles.require_conditional_writes = off;
RESET ROLE;
SELECT name, setting, unit, context, min_val, max_val, short_desc, extra_desc FROM pg_settings
WHERE name ~ '^opigno_profiles.*(body|conditional)' ORDER BY name;
ALTER ROLE regress_opigno_gateway SET opigno_profiles.max_body_size = '1kB';
SET SESSION AUTHORIZATION regress_opigno_gateway;
ALTER ROLE regress_opigno_gateway SET opigno_profiles.max_body_size = '2kB';
RESET SESSION AUTHORIZATION;
SET ROLE regress_opigno_gateway;

\echo -- answers do not depend on the settings of the session
CREATE TEMP VIEW answers AS SELECT md5(string_agg(concat(h.status, h.response_headers, h.response_body), E'\n'))
    AS digest FROM unnest(ARRAY['/user/profiles/0', '/operator/users/profile/ada/0', '/api/user/v1/accounts/ada',
    '/api/user/v1/accounts?username=ada,bob', '/api/user/v1/preferences/ada', '/user-contexts', '/user-contexts/ada',
    '/app/all', '/openapi.json', '/user-contexts?isActive=maybe']) AS target,
    opigno.http_request('GET', target, current_setting('test.headers')::jsonb) AS h;
SELECT set_config('test.headers', :'ada', false) IS NOT NULL AS is_set;
SELECT digest FROM answers \gset
BEGIN;
SET LOCAL "DateStyle" = 'German';
SET LOCAL "TimeZone" = 'Asia/Tokyo';
SET LOCAL "IntervalStyle" = 'sql_standard';
SET LOCAL extra_float_digits = -15;
SET LOCAL bytea_output = 'escape';
DO $$ BEGIN -- PostgreSQL 19 does not have these
    IF current_setting('server_version_num')::integer < 190000 THEN
        PERFORM set_config('standard_conforming_strings', 'off', true);
        PERFORM set_config('escape_string_warning', 'off', true);
    END IF;
END $$;
SET LOCAL quote_all_identifiers = on;
SET LOCAL transform_null_equals = on;
SET LOCAL array_nulls = off;
SET LOCAL default_transaction_read_only = on;
SELECT set_config(name, 'on', true) FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SET LOCAL plan_cache_mode = 'force_custom_plan';
SELECT digest = :'digest' AS same FROM answers;
ROLLBACK;
\echo -- nor on its search_path
RESET ROLE;
CREATE SCHEMA evil;
GRANT USAGE, CREATE ON SCHEMA evil TO regress_opigno_gateway;
SET ROLE regress_opigno_gateway;
CREATE FUNCTION evil.stolen() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'called'; END $$;
CREATE FUNCTION evil.same(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT evil.stolen()';
CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.same);
CREATE FUNCTION evil.overlap(text[], text[]) RETURNS boolean LANGUAGE sql AS 'SELECT evil.stolen()';
CREATE OPERATOR evil.&& (LEFTARG = text[], RIGHTARG = text[], FUNCTION = evil.overlap);
CREATE TEMP TABLE pg_extension (extname text, extversion text);
SET search_path = evil, pg_temp, pg_catalog;
SELECT h.status, h.response_headers ->> 'Access-Control-Allow-Origin' AS allowed FROM opigno.http_request('GET',
    '/user/profiles/0', current_setting('test.headers')::jsonb || '{"Origin":"https://shop.example"}') AS h;
SELECT h.response_body FROM opigno.http_request('GET', '/health', '{}') AS h;
RESET search_path;
DROP TABLE pg_temp.pg_extension;

\echo -- a request that the transaction has begun before goes on afterwards; it plays no part in the call
BEGIN;
SELECT FROM opigno.begin_request(:'ada'::jsonb ->> 'Authorization', 'bob');
SELECT opigno.request_user();
SELECT status, response_body::jsonb -> 0 ->> 'user_id' AS user_id FROM test.http('GET', '/user/profiles/0', :'ada');
SELECT status FROM test.http('GET', '/user/profiles/0');
SELECT status FROM test.http('GET', '/user/profiles/0', '{"Authorization":"Bearer opigno_token_x"}');
SELECT status FROM test.http('DELETE', '/user/profiles/9', :'ada');
SELECT status FROM test.http('GET', '/app/all');
SELECT opigno.request_user();
COMMIT;
SELECT opigno.request_user() IS NULL AND opigno.request_client() IS NULL AS none;

\echo -- GET and HEAD write nothing, and other answers of 400 and above leave nothing
RESET ROLE;
SELECT test.digest() AS before \gset
SET ROLE regress_opigno_gateway;
BEGIN;
SET TRANSACTION READ ONLY;
SELECT target, h.status FROM unnest(ARRAY['/user/profiles/0', '/api/user/v1/accounts/ada', '/user-contexts',
    '/user-contexts/none', '/health']) AS target, test.http('GET', target, :'ada') AS h;
SELECT h.status, h.response_headers FROM test.http('DELETE', '/user/profiles/0', :'ada') AS h;
COMMIT;
RESET ROLE;
/* A trigger of the site that raises the SQLSTATE of a setting. */
CREATE FUNCTION test.raise_after() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE 'the reason' USING ERRCODE = current_setting('test.sqlstate');
END $$;
CREATE TRIGGER raise_after AFTER UPDATE ON opigno.profile FOR EACH ROW EXECUTE FUNCTION test.raise_after();
SET ROLE regress_opigno_gateway;
\echo -- errors of concurrency are answers that say when to try again; errors of the server have no reason
SELECT sqlstate, h.status, h.response_headers ->> 'Retry-After' AS retry_after, test.reason(h.response_body) AS reason
FROM unnest(ARRAY['40001', '40P01', '55P03', '42501', '23505', 'P0001', 'XX000', '53100', 'PT418', 'PT204', 'PTABC'])
    AS sqlstate,
    set_config('test.sqlstate', sqlstate, false) AS is_set,
    test.http('PATCH', '/user/profiles/0', :'ada' || '{"Content-Type":"application/merge-patch+json"}'::jsonb
        || jsonb_build_object('X', is_set), '{"a":2}') AS h;
\echo -- cancel requests and shutdowns are raised
RESET ROLE;
CREATE FUNCTION test.raised(headers jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN (test.http('PATCH', '/user/profiles/0', headers, '{"a":2}')).status;
EXCEPTION WHEN OTHERS OR query_canceled THEN
    RETURN concat_ws(' ', SQLSTATE, SQLERRM, opigno.request_user());
END $$;
SET ROLE regress_opigno_gateway;
SELECT set_config('test.sqlstate', sqlstate, false) AS sqlstate,
    test.raised(:'ada' || '{"Content-Type":"application/merge-patch+json"}'::jsonb)
FROM unnest(ARRAY['57014', '57P01', '57P02']) AS sqlstate;
RESET ROLE;
SELECT test.digest() = :'before' AS nothing_changed;

DROP TRIGGER raise_after ON opigno.profile;
DROP FUNCTION test.raise_after, test.raised, test.http, test.reason;
DROP VIEW answers;
DROP SCHEMA evil CASCADE;
DELETE FROM opigno.profile;
DELETE FROM opigno.access_token;
DELETE FROM opigno.client_secret;
DELETE FROM opigno.client;
DELETE FROM opigno.app;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
DROP OWNED BY regress_opigno_gateway;
DROP ROLE regress_opigno_gateway;
