-- begin_request: from an app's token to a user's profile, and everything that is refused.
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_opigno_backend;
CREATE ROLE regress_opigno_staff;
CREATE ROLE regress_opigno_passer_by;
SELECT opigno.grant_access('regress_opigno_backend', 'user'), opigno.grant_access('regress_opigno_staff', 'operator')
\g /dev/null
GRANT USAGE ON SCHEMA opigno TO regress_opigno_passer_by;
GRANT CREATE ON SCHEMA test TO regress_opigno_backend;
/* What the functions say, in a line. */
CREATE FUNCTION test.request() RETURNS text LANGUAGE sql AS $$
    SELECT format('user %s, context %s, scope %s, app %s, client %s', opigno.request_user(),
        opigno.request_named_user(), opigno.request_scope(), opigno.request_app(),
        CASE WHEN opigno.request_client() IS NOT NULL THEN 'set' END) $$;
/* The request that begins, or all that the outside gets to know. */
CREATE FUNCTION test.begun(header text, client_uuid text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text;
    detail text;
    hint text;
BEGIN
    PERFORM opigno.begin_request(header, client_uuid);
    RETURN test.request();
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws('|', SQLSTATE, message, nullif(detail, ''), hint);
END $$;
/* An access token of a new client, as a header. */
CREATE FUNCTION test.header(client_key text, client_secret text) RETURNS text LANGUAGE sql AS $$
    SELECT 'Bearer ' || (opigno.issue_access_token(client_key, client_secret, 'client_credentials') ->> 'access_token')
$$;

\echo -- an app, a client and a token; a new user with a profile
SET ROLE regress_opigno_staff;
SELECT FROM opigno.register_app('Shop', app_id => 0);
SELECT FROM opigno.register_app('Forum', app_id => 1);
SELECT client_id, client_key, client_secret FROM opigno.register_client(0, 'Shop server') \gset
SELECT client_id, client_key, client_secret FROM opigno.register_client(1, 'Forum server') \gset forum_
SET ROLE regress_opigno_backend;
SELECT test.header(:'client_key', :'client_secret') AS header \gset
SELECT test.header(:'forum_client_key', :'forum_client_secret') AS forum_header \gset
BEGIN;
SELECT opigno.begin_request(:'header', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee');
SELECT test.request();
SELECT uuid, display_name, is_active, scope
FROM opigno.set_user_context('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 'Ada', true, 'AUTHENTICATED');
SELECT test.request();
SELECT FROM opigno.create_my_profile(0, '{"cart": 1}');
SELECT app_id, profile_data FROM opigno.my_profiles();
COMMIT;
SELECT test.request();
BEGIN;
SELECT opigno.begin_request(:'header', '17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE');
SELECT test.request();
SELECT app_id, profile_data FROM opigno.my_profiles();
COMMIT;
SET ROLE regress_opigno_staff;
SELECT user_uuid, app_id, profile_data FROM opigno.list_profiles(0);
SELECT uuid, created_by_client_id = :client_id AS by_the_client FROM opigno.user_context;
\echo -- refused for a user of another client, and without a request
SET ROLE regress_opigno_backend;
SELECT test.begun(:'forum_header', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee');
SELECT FROM opigno.my_profiles();
\echo -- deactivated, refused, and reactivated by the client that created the user, not by another
SET ROLE regress_opigno_staff;
SELECT is_active FROM opigno.set_user_context('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', is_active => false);
SELECT opigno.grant_user(:forum_client_id, '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee');
SET ROLE regress_opigno_backend;
BEGIN;
\set ON_ERROR_ROLLBACK on
SELECT opigno.begin_request(:'header', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee');
SELECT test.request();
SELECT * FROM opigno.my_profiles();
SELECT opigno.patch_my_profile(0, '{"cart": 2}');
SELECT uuid, is_active FROM opigno.get_user_context('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee');
SELECT opigno.begin_request(:'forum_header', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee');
SELECT test.request();
SELECT uuid FROM opigno.set_user_context('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', is_active => true);
SELECT opigno.begin_request(:'header', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee');
SELECT is_active FROM opigno.set_user_context('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', is_active => true);
SELECT test.request();
SELECT app_id, profile_data FROM opigno.my_profiles();
COMMIT;

\echo -- a token of one app writes no profile of another app
RESET ROLE;
SELECT outcome FROM opigno.upsert_profile('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 1, '{"forum": 1}');
SET ROLE regress_opigno_backend;
BEGIN;
SELECT opigno.begin_request(:'header', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee');
SELECT test.refusal(call) FROM unnest(ARRAY[$$SELECT opigno.patch_my_profile(1, '{"a": 1}')$$,
    $$SELECT opigno.upsert_profile('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 1, '{}')$$,
    $$SELECT opigno.delete_my_profile(1)$$]) AS call;
SELECT outcome FROM opigno.patch_my_profile(0, '{"cart": 2}');
SELECT app_id, profile_data FROM opigno.my_profiles();
ROLLBACK;

\echo -- a new uuid: its request may only read and create this user context
BEGIN;
SELECT opigno.begin_request(:'header', 'new');
SELECT test.request();
SELECT count(*) FROM opigno.get_user_context('new');
SELECT count(*) FROM opigno.get_user_context('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee');
SELECT count(*) FROM opigno.profile;
SELECT test.refusal(call) FROM unnest(ARRAY[$$SELECT opigno.my_user_context()$$, $$SELECT opigno.my_profiles()$$,
    $$SELECT opigno.create_my_profile(0, '{}')$$, $$SELECT opigno.upsert_profile('new', 0, '{}')$$,
    $$SELECT opigno.set_user_context('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 'Renamed')$$,
    $$SELECT opigno.set_user_context('newer', 'Newer', true)$$,
    $$SELECT opigno.set_user_scopes('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', '{}')$$,
    $$SELECT opigno.create_anonymous_user_context()$$,
    $$SELECT opigno.anonymize_user_context('new')$$,
    $$SELECT opigno.patch_my_account('{"name":"New"}')$$,
    $$SELECT opigno.set_preference('new', 'k', 'v')$$]) AS call;
SELECT uuid FROM opigno.set_user_context('new', 'New', true);
SELECT test.request();
ROLLBACK;

\echo -- no reason is told to the outside: one answer to all these headers
RESET ROLE;
CREATE TABLE test.headers (n serial, what text, header text);
INSERT INTO test.headers (what, header)
SELECT what, header FROM (SELECT substr(:'header', 8)) AS t (token),
    LATERAL (VALUES ('NULL', NULL), ('empty', ''), ('white space', E' \t '), ('a scheme', 'Bearer'),
    ('a scheme and white space', 'Bearer '), ('the token alone', token), ('no space', 'Bearer' || token),
    ('another scheme', 'Basic ' || token), ('an unknown scheme', 'Token ' || token),
    ('a scheme that begins so', 'Bear ' || token), ('a scheme with a colon', 'Bearer: ' || token),
    ('a field with its name', 'Authorization: Bearer ' || token), ('two schemes', 'Bearer JWT ' || token),
    ('the token twice', 'Bearer ' || token || ' ' || token),
    ('the header twice, joined', 'Bearer ' || token || ', Bearer ' || token),
    ('joined without a space', 'Bearer ' || token || ',Bearer ' || token), ('a comma', 'Bearer ' || token || ','),
    ('a tab for the space', E'Bearer\t' || token), ('a line feed', 'Bearer ' || token || E'\n'),
    ('another header', 'Bearer ' || token || E'\r\nOpigno-Client-UUID: new'), ('quotes', format('Bearer "%s"', token)),
    ('parameters', format('Bearer token="%s"', token)), ('no token', 'Bearer guessed'),
    ('a prefix', 'Bearer opigno_token_'), ('a wrong checksum', 'Bearer ' || left(token, -1) || CASE right(token, 1)
        WHEN 'x' THEN 'y' ELSE 'x' END), ('another first character', 'Bearer ' || overlay(token PLACING
        CASE substr(token, 14, 1) WHEN '1' THEN '2' ELSE '1' END FROM 14)), ('capitals', 'Bearer ' || upper(token)),
    ('small letters', 'Bearer ' || lower(token)), ('cut off', 'Bearer ' || left(token, -1)),
    ('longer', 'Bearer ' || token || '0'), ('a secret', 'Bearer ' || :'client_secret'),
    ('a key', 'Bearer ' || :'client_key'), ('a hash', 'Bearer ' || encode(sha256(token::bytea), 'hex')),
    ('key and secret', format('Basic %s', encode(format('%s:%s', :'client_key', :'client_secret')::bytea, 'base64'))),
    ('a JWT', 'Bearer e30.e30.e30'), ('an unsigned JWT', 'JWT eyJhbGciOiJub25lIn0.eyJVc2VySUQiOiJhZGEifQ.'),
    ('dots', 'Bearer ..'), ('a token with a dot', 'Bearer ' || token || '.'), ('SQL', 'Bearer '' OR true --'),
    ('an accent', 'Bearer ' || token || chr(233)), ('1 MB', 'Bearer ' || repeat('A', 1000000)),
    ('1 MB of white space', repeat(' ', 1000000)), ('1 MB of dots', 'Bearer ' || repeat('.', 1000000)),
    ('many tokens', repeat('Bearer ' || token || ' ', 10000))) AS v (what, header);
-- A well-formed token that was never issued: of a client whose row is rolled back.
BEGIN;
SELECT test.header(client_key, client_secret) AS unknown FROM opigno.register_client(0, 'Never there') \gset
ROLLBACK;
INSERT INTO test.headers (what, header) VALUES ('unknown', :'unknown');
-- Revoked or expired tokens, and tokens of clients that are.
SELECT test.header(:'client_key', :'client_secret') AS revoked, test.header(:'client_key', :'client_secret') AS expired
\gset
SELECT opigno.revoke_access_token(substr(:'revoked', 8));
UPDATE opigno.access_token SET expires_at = now() WHERE token_hash = sha256(substr(:'expired', 8)::bytea);
CREATE TABLE test.gone AS SELECT c.*, test.header(client_key, client_secret) AS header
FROM unnest(ARRAY['revoked', 'expired']) AS what, opigno.register_client(0, what) AS c;
SELECT opigno.revoke_client(min(client_id)) FROM test.gone;
UPDATE opigno.client SET expires_at = now() WHERE client_id = (SELECT max(client_id) FROM test.gone);
INSERT INTO test.headers (what, header) VALUES ('revoked', :'revoked'), ('expired', :'expired');
INSERT INTO test.headers (what, header) SELECT 'client is ' || label, header
FROM test.gone AS g JOIN opigno.client AS c USING (client_id);
GRANT SELECT ON test.headers TO PUBLIC;
SELECT test.digest() AS digest_before \gset
SET ROLE regress_opigno_backend;
SELECT test.begun(header, client_uuid), count(*), count(DISTINCT n) AS headers
FROM test.headers, unnest(ARRAY[NULL, '', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 'new', ' ', E'a\nb']) AS client_uuid
GROUP BY 1;
-- One character before or after a valid header: white space is accepted, no other.
SELECT test.begun(header, 'new'), array_agg(code ORDER BY code)
FROM (SELECT code, overlay(chr(code) || :'header' || chr(code)
        PLACING '' FROM CASE place WHEN 'before' THEN 2 + length(:'header') ELSE 1 END FOR 1) AS header
    FROM generate_series(1, 255) AS code, unnest(ARRAY['before', 'after']) AS place) AS s
GROUP BY 1 HAVING test.begun(header, 'new') NOT LIKE '28000%';
RESET ROLE;
SELECT test.digest() = :'digest_before' AS nothing_changed;

\echo -- the forms of the header that are accepted
SET ROLE regress_opigno_backend;
SELECT scheme, test.begun(replace(scheme, 'TOKEN', substr(:'header', 8)), '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee')
FROM unnest(ARRAY['Bearer TOKEN', 'bearer TOKEN', 'BEARER TOKEN', 'bEaReR TOKEN', 'JWT TOKEN', 'jwt TOKEN', 'Jwt TOKEN',
    ' Bearer TOKEN ', 'Bearer    TOKEN', E'\t Bearer TOKEN \t', E'Bearer \tTOKEN']) AS scheme;

\echo -- the user: none, malformed, and another form of the same
SELECT client_uuid IS NULL AS is_null, left(client_uuid, 10) AS given, test.begun(:'header', client_uuid)
FROM unnest(ARRAY[NULL, '', ' ', E'\t', E'a\nb', E'a\x01', E'\x7f', repeat('x', 255), repeat('x', 256),
    repeat('x', 1000000), '17ADB4C1-eb29-44bf-9d9a-5f8d056e58EE', '17adb4c1eb2944bf9d9a5f8d056e58ee', 'a, b', '%s%n',
    ' new']) AS client_uuid;

\echo -- may act for: created users, granted users, all; and changes of that
RESET ROLE;
SELECT count(opigno.set_user_context(uuid, uuid, true)) FROM unnest(ARRAY['ada', 'john']) AS uuid;
SELECT opigno.grant_user(:client_id, 'john');
SELECT opigno.revoke_user(:forum_client_id, '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee');
SELECT uuid, test.begun(:'header', uuid), test.begun(:'forum_header', uuid)
FROM unnest(ARRAY['17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 'ada', 'john', 'unknown']) AS uuid;
SELECT opigno.update_client(:forum_client_id, may_act_for => 'all');
SELECT test.begun(:'forum_header', 'ada');
SELECT opigno.update_client(:forum_client_id, may_act_for => 'created');
SELECT opigno.revoke_user(:client_id, 'john');
SELECT test.begun(:'forum_header', 'ada'), test.begun(:'header', 'john');

\echo -- who may call it
SELECT role, test.refusal(format('SET LOCAL ROLE %I; SELECT opigno.begin_request(%L, ''new''); RESET ROLE', role,
    :'header')) FROM unnest(ARRAY['regress_opigno_passer_by', 'regress_opigno_backend']) AS role;

\echo -- again in a transaction: the last one counts; savepoints bring back the one before; a refusal changes nothing
SET ROLE regress_opigno_backend;
BEGIN;
SELECT opigno.begin_request(:'header', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee');
SELECT count(*) FROM opigno.profile;
SELECT opigno.begin_request(:'header', 'new');
SELECT test.request();
SELECT count(*) FROM opigno.profile;
SELECT opigno.begin_request(:'header', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee');
SELECT count(*) FROM opigno.profile;
SAVEPOINT a;
SELECT opigno.begin_request(:'forum_header', 'new');
SELECT test.request();
ROLLBACK TO SAVEPOINT a;
SELECT test.request();
SELECT opigno.begin_request('Bearer guessed', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee');
SELECT test.request();
SELECT opigno.begin_request(:'forum_header', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee');
SELECT test.request();
COMMIT;
SELECT test.request();
\unset ON_ERROR_ROLLBACK
BEGIN;
SELECT opigno.begin_request(:'header', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee');
SELECT opigno.begin_request('Bearer guessed', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee');
SELECT test.request();
ROLLBACK;

\echo -- revoked or expired between two statements of a transaction: the request goes on, the next one is refused
CREATE FUNCTION test.between(change text, header text, client_key text, client_secret text, uuid text)
    RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM opigno.begin_request(header, uuid);
    RESET ROLE;
    CASE change
        WHEN 'token revoked' THEN PERFORM opigno.revoke_access_token(substr(header, 8), client_key, client_secret);
        WHEN 'token expired' THEN UPDATE opigno.access_token SET expires_at = clock_timestamp()
            WHERE token_hash = sha256(substr(header, 8)::bytea);
        WHEN 'token deleted' THEN DELETE FROM opigno.access_token WHERE token_hash = sha256(substr(header, 8)::bytea);
        WHEN 'client revoked' THEN PERFORM opigno.revoke_client(opigno.request_client());
        WHEN 'client expired' THEN UPDATE opigno.client AS c SET expires_at = clock_timestamp()
            WHERE c.client_key = between.client_key;
        WHEN 'secret replaced' THEN PERFORM opigno.rotate_client_secret(opigno.request_client());
    END CASE;
    SET LOCAL ROLE regress_opigno_backend;
    RETURN NEXT change || ': ' || test.request();
    PERFORM opigno.patch_my_profile(0, '{"later": true}');
    RETURN QUERY SELECT profile_data::text FROM opigno.my_profiles() WHERE app_id = 0;
    RETURN NEXT test.begun(header, uuid);
END $$;
RESET ROLE;
\set between 'SELECT test.between(:''change'', :''header'', :''client_key'', :''client_secret'', ''17adb4c1-eb29-44bf-9d9a-5f8d056e58ee'');'
\set change 'token revoked'
BEGIN; :between ROLLBACK;
\set change 'token expired'
BEGIN; :between ROLLBACK;
\set change 'token deleted'
BEGIN; :between ROLLBACK;
\set change 'client revoked'
BEGIN; :between ROLLBACK;
\set change 'client expired'
BEGIN; :between ROLLBACK;
\set change 'secret replaced'
BEGIN; :between ROLLBACK;

\echo -- it writes nothing
BEGIN TRANSACTION READ ONLY;
SELECT test.begun(:'header', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee');
SELECT count(*) FROM opigno.my_profiles();
ROLLBACK;

\echo -- under row security, functions and operators that the caller planted are not called
SET ROLE regress_opigno_backend;
CREATE FUNCTION test.always(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'spied'; END $$;
CREATE FUNCTION test.always(bytea, bytea) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'spied'; END $$;
CREATE OPERATOR test.= (LEFTARG = text, RIGHTARG = text, FUNCTION = test.always);
CREATE OPERATOR test.= (LEFTARG = bytea, RIGHTARG = bytea, FUNCTION = test.always);
CREATE TEMP TABLE access_token AS SELECT sha256('guessed') AS token_hash;
SET search_path = pg_temp, test, pg_catalog;
SELECT opigno.begin_request(:'header', 'new');
SELECT opigno.introspect_access_token(substr(:'header', 8), :'client_key', :'client_secret') ->> 'active';
SELECT opigno.begin_request('Bearer guessed', 'new');
RESET search_path;
DROP TABLE pg_temp.access_token;
DROP OPERATOR test.= (text, text);
DROP OPERATOR test.= (bytea, bytea);
DROP FUNCTION test.always(text, text), test.always(bytea, bytea);
RESET ROLE;

DELETE FROM opigno.profile;
DELETE FROM opigno.access_token;
DELETE FROM opigno.user_context;
TRUNCATE opigno.client, opigno.client_secret, opigno.client_user;
DELETE FROM opigno.app;
DELETE FROM opigno.audit;
DROP FUNCTION test.request, test.begun, test.header, test.between;
DROP TABLE test.headers, test.gone;
DROP OWNED BY regress_opigno_backend, regress_opigno_staff, regress_opigno_passer_by;
DROP ROLE regress_opigno_backend, regress_opigno_staff, regress_opigno_passer_by;
