-- Versions of user contexts, accounts and sets of preferences, and versions that entries of loads expect.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_app;
SELECT opigno.grant_access('regress_opigno_app', 'user');
SELECT count(opigno.register_app('App ' || n, app_id => n)) FROM generate_series(0, 1) AS n;
SELECT count(opigno.set_user_context(uuid, 'Name of ' || uuid, true, 'AUTHENTICATED'))
FROM unnest(ARRAY['a', 'b', 'c']) AS uuid;
SELECT count(opigno.configure_extended_profile_field(name, placement => 'account'))
FROM unnest(ARRAY['bio', 'f']) AS name;
/* By how much a statement increases the versions of a user. */
CREATE FUNCTION test.versions(uuid text) RETURNS bigint[] LANGUAGE sql AS $$
    SELECT ARRAY[c.version, (opigno.get_account(uuid) ->> 'version')::bigint, opigno.preferences_version(uuid)]
    FROM opigno.get_user_context(uuid) AS c $$;
CREATE FUNCTION test.increase(uuid text, statement text)
    RETURNS TABLE (context bigint, account bigint, preferences text) LANGUAGE plpgsql AS $$
DECLARE
    before bigint[] := test.versions(uuid);
    after bigint[];
BEGIN
    EXECUTE statement;
    after := test.versions(uuid);
    RETURN QUERY SELECT after[1] - before[1], after[2] - before[2],
        CASE WHEN before[3] = 0 AND after[3] > 0 THEN 'first' ELSE (after[3] - before[3])::text END;
END $$;

\echo -- a new user: all versions are there, none set no preferences
SELECT version = account_version AS same, preferences_version,
    version > 1500000000000000 AND version < 2 ^ 53 AS is_a_clock
FROM opigno.user_context WHERE uuid = 'a';

\echo -- each change adds 1 to each version that it is part of, and what changes nothing adds nothing
SELECT n, statement, context, account, preferences FROM unnest(ARRAY[
    $$opigno.set_user_context('a', 'Renamed')$$, $$opigno.set_user_context('a', 'Renamed')$$,
    $$opigno.set_user_context('a', scope => '')$$, $$opigno.set_user_context('a', 'Again', false)$$,
    $$opigno.set_user_context('a', is_active => true)$$, $$opigno.set_user_scopes('a', '{AUTHENTICATED}')$$,
    $$opigno.anonymize_user_context('a', 'Somebody')$$,
    $$opigno.set_user_context_json('{"uuid":"a","displayName":"By JSON"}')$$,
    $$opigno.set_user_contexts('{"uuid":"a","displayName":"By a load"}')$$,
    $$opigno.set_user_contexts('{"uuid":"a","displayName":"By a load","scope":"ADMINISTRATOR"}')$$,
    $$opigno.set_user_contexts('{"uuid":"a","displayName":"By a load"}')$$,
    $$opigno.patch_account('a', '{"bio":"1"}')$$, $$opigno.patch_account('a', '{"bio":"1","f":"1"}')$$,
    $$opigno.patch_account('a', '{"bio":"1","f":"1"}')$$,
    $$opigno.patch_account('a', '{"name":"By a patch"}')$$,
    $$opigno.patch_account('a', '{"account_privacy":"private"}')$$,
    $$opigno.patch_account('a', '{"name":"N","account_privacy":"custom"}')$$,
    $$opigno.patch_account('a', '{"name":"Of all","bio":"2","account_privacy":"private"}')$$,
    $$opigno.patch_accounts('{"username":"a","name":"Of a load","bio":"3"}')$$,
    $$opigno.patch_accounts('{"username":"a","name":"Of a load","bio":"3"}')$$,
    $$opigno.set_preference('a', 'theme', 'dark')$$, $$opigno.set_preference('a', 'theme', 'dark')$$,
    $$opigno.set_preference('a', 'account_privacy', 'all_users')$$,
    $$opigno.patch_preferences('a', '{"theme":"light","more":"1","account_privacy":null}')$$,
    $$opigno.patch_preferences('a', '{"theme":"light"}')$$,
    $$opigno.delete_preference('a', 'more')$$, $$opigno.delete_preference('a', 'more')$$,
    $$opigno.delete_preference('a', 'theme')$$, $$opigno.set_preference('a', 'theme', 'dark')$$])
    WITH ORDINALITY AS s (statement, n), LATERAL test.increase('a', 'SELECT ' || statement) ORDER BY n;

\echo -- expected versions; $1 to $3 are those of the user context, the account and the preferences
CREATE FUNCTION test.expecting(uuid text, call text, less bigint) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    stored bigint[] := test.versions(uuid);
    parts text[];
BEGIN
    parts := regexp_match(call, '^(.*)\$(\d)(.*)$');
    IF less IS NULL OR less > 0 THEN
        call := parts[1] || stored[parts[2]::integer] - coalesce(less, 0) || parts[3];
    ELSE
        call := parts[1] || less + 1 || parts[3];
    END IF;
    RETURN QUERY SELECT test.refusal('SELECT opigno.' || call) LIMIT 1;
END $$;
SELECT patch_account IS NOT NULL AS there_are_fields, opigno.set_preference('b', 'theme', 'dark')
FROM opigno.patch_account('b', '{"bio": "stored"}');
SELECT call, w.word AS expected, test.expecting('b', call, w.less) FROM unnest(ARRAY[
    $$set_user_context('b', 'By $1', expected_version => $1)$$, $$set_user_scopes('b', '{ADMINISTRATOR}', $1)$$,
    $$patch_account('b', '{"bio": "by a patch"}', $2)$$, $$patch_account('b', '{"name": "By a patch"}', $2)$$,
    $$patch_account('b', '{"account_privacy": "custom"}', $2)$$,
    $$patch_account('b', '{"name": "Three", "bio": "three", "account_privacy": "all_users"}', $2)$$,
    $$patch_account('b', '{}', $2)$$,
    $$patch_preferences('b', '{"theme": "light"}', $3)$$, $$set_preference('b', 'theme', 'dark', $3)$$,
    $$set_preference('b', 'theme', 'dark', $3)$$,
    $$delete_preference('b', 'theme', $3)$$, $$delete_preference('b', 'theme', $3)$$]) WITH ORDINALITY AS c (call, n),
    (VALUES (1, 'one that was', 1), (2, 'none', -1), (3, 'less than -1', -3),
    (4, 'the stored one', NULL), (5, 'any', -2))
    AS w (m, word, less) ORDER BY n, m;

\echo -- in a request
SELECT test.as_user('b', 'SELECT ' || call) FROM unnest(ARRAY[
    $$opigno.patch_my_account('{"bio": "mine"}', 7)$$, $$opigno.patch_my_preferences('{"theme": "mine"}', 7)$$,
    $$opigno.set_preference('b', 'theme', 'mine', 7)$$, $$opigno.set_user_context('b', 'Mine', expected_version => 7)$$,
    $$opigno.patch_my_preferences('{"theme": "mine"}', -1)$$, $$opigno.preferences_version('b') > 7$$,
    $$opigno.preferences_version('c') IS NULL$$, $$version > 7 FROM opigno.my_user_context()$$]) AS call;

\echo -- preferences that never were: version 0, which is expected to create the first
SELECT opigno.preferences_version('c'), opigno.preferences_version('unknown'), opigno.preferences_version(NULL);
SELECT test.refusal($$SELECT opigno.set_preference('c', 'theme', 'dark', -1)$$);
SELECT opigno.set_preference('c', 'theme', 'dark', 0);
SELECT test.refusal($$SELECT opigno.set_preference('c', 'theme', 'light', 0)$$);
SELECT opigno.delete_preference('c', 'theme', opigno.preferences_version('c'));
SELECT opigno.preferences_version('c') > 0 AS goes_on;

\echo -- user contexts: created with 0, not with others
SELECT test.refusal(format($$SELECT opigno.set_user_context('new', 'New', true, expected_version => %s)$$, expected))
FROM unnest(ARRAY[-1, 7]) AS expected;
SELECT uuid FROM opigno.set_user_context('new', 'New', true, expected_version => 0);
SELECT test.refusal($$SELECT opigno.set_user_context('new', 'Other', true, expected_version => 0)$$);
SELECT test.refusal($$SELECT opigno.set_user_scopes('unknown', '{}', -1)$$);
SELECT payload, opigno.set_user_context_json(payload::json) FROM unnest(ARRAY[
    '{"uuid": "json", "displayName": "J", "isActive": true, "version": 7}', '{"uuid": "new", "version": "7"}',
    '{"uuid": "new", "version": 1.5}', '{"uuid": "new", "version": -2}', '{"uuid": "new", "version": 1e30}',
    '{"uuid": "new", "displayName": "", "version": 7}']) AS payload;
SELECT test.nths(opigno.set_user_context_json('{"uuid": "new", "displayName": "Other", "version": 7}')::text);
SELECT opigno.set_user_context_json(format('{"uuid": "new", "displayName": "By its version", "version": %s}', version)
    ::json) #> '{response,displayName}' AS name FROM opigno.get_user_context('new');
SELECT opigno.set_user_context_json('{"uuid": "new", "displayName": "By any", "version": -1}')
    #> '{response,displayName}' AS name;

\echo -- entries of loads: their versions are compared with the rows that are written
\pset tuples_only on
\pset format unaligned
CREATE FUNCTION test.loaded(answer json) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT coalesce(answer ->> 'response', 'failed: ' || (answer ->> 'failed'))
    UNION ALL SELECT test.nths(concat_ws('|', e ->> 'ordinal', e ->> 'code', e ->> 'path', e ->> 'message'))
    FROM json_array_elements(answer -> 'errors') AS e $$;
SELECT test.loaded(opigno.set_user_contexts(format('[{"uuid":"a","displayName":"A 1","version":%s},'
    '{"uuid":"b","displayName":"B 1","version":7},{"uuid":"c","displayName":"C 1","version":-1},'
    '{"uuid":"new","displayName":"N 1","version":0},{"uuid":"n1","displayName":"N","isActive":true,"version":0},'
    '{"uuid":"n2","displayName":"N","isActive":true,"version":-1},{"uuid":"n3","displayName":"N","isActive":true,'
    '"version":7},{"uuid":"n4","version":7},{"uuid":"n5","version":"7"}]', version), on_error => 'report'))
FROM opigno.get_user_context('a');
SELECT uuid, display_name FROM opigno.list_user_contexts();
SELECT test.loaded(opigno.set_user_contexts('[{"uuid":"c","displayName":"C 2","version":-1},'
    '{"uuid":"c","displayName":"C 2"},{"uuid":"c","displayName":"C 2","version":-1},'
    '{"uuid":"b","displayName":"Name of b","version":7}]'));
SELECT test.loaded(opigno.patch_accounts(format('[{"username":"a","bio":"A","version":%s},{"username":"b","bio":"B",'
    '"version":7},{"username":"c","name":"C","version":0},{"username":"n1","account_privacy":"custom","version":-1},'
    '{"username":"unknown","version":-1},{"username":"new","version":1.5,"bio":[]}]',
    opigno.get_account('a') ->> 'version'), on_error => 'report'));
SELECT test.loaded(opigno.patch_accounts('[{"username":"c","bio":"C","version":-1},{"username":"c","bio":"C"}]'));
SELECT user_uuid, account ->> 'name', account ->> 'bio', account ->> 'account_privacy'
FROM opigno.get_accounts('{a,b,c,n1,new}');
SELECT count(opigno.upsert_profile(uuid, 0, '{"old": true}')) FROM unnest(ARRAY['a', 'b', 'c']) AS uuid;
CREATE FUNCTION test.entries(document text) RETURNS text LANGUAGE sql AS $$
    SELECT format('[{"user_id":"a","app_id":0,"%1$s":{"n":1},"version":%2$s},{"user_id":"b","app_id":0,"%1$s":{"n":1},'
        '"version":7},{"user_id":"c","app_id":0,"%1$s":{"n":1},"version":-1},'
        '{"user_id":"a","app_id":1,"%1$s":{"n":null},"version":0},'
        '{"user_id":"b","app_id":1,"%1$s":{"n":1},"version":-1},'
        '{"user_id":"c","app_id":1,"%1$s":{"n":null}},'
        '{"user_id":"new","app_id":0,"%1$s":{},"version":7},{"user_id":"b","app_id":0,"%1$s":{"n":1},"version":0},'
        '{"user_id":"new","app_id":1,"%1$s":{},"version":"1"}]', document, version)
    FROM opigno.get_profile('a', 0) $$;
SAVEPOINT before;
SELECT mode, test.loaded(opigno.create_profiles(test.entries('profile_data'), mode, 'report', dry_run => true))
FROM unnest(ARRAY['error', 'skip', 'replace', 'merge']) AS mode;
SELECT test.loaded(opigno.patch_profiles(test.entries('patch'), 'report'));
SELECT user_uuid, app_id, profile_data FROM opigno.profile ORDER BY 1, 2;
ROLLBACK TO before;
SELECT test.loaded(opigno.create_profiles(test.entries('profile_data'), 'replace', 'report'));
SELECT user_uuid, app_id, profile_data FROM opigno.profile ORDER BY 1, 2;
SELECT test.loaded(opigno.create_profiles(test.entries('profile_data'), 'merge')) LIMIT 1;
SELECT test.loaded(opigno.delete_profiles(format('[{"user_id":"a","app_id":0,"version":%s},{"user_id":"b","app_id":0,'
    '"version":7},{"user_id":"c","app_id":0,"version":-1},{"user_id":"a","app_id":1,"version":0},{"user_id":"b",'
    '"app_id":1,"version":0},{"user_id":"new","app_id":0,"version":7},{"user_id":"new","app_id":1,"version":-1},'
    '{"user_id":"nobody","app_id":0},{"user_id":"c","app_id":1},{"user_id":"c","app_id":1,"version":-1}]', version),
    'report')) FROM opigno.get_profile('a', 0);
SELECT user_uuid, app_id, profile_data FROM opigno.profile ORDER BY 1, 2;
SELECT test.loaded(opigno.create_profiles('{"user_id":"made","app_id":0,"profile_data":1}',
    create_missing_users => true));
SELECT version = account_version, preferences_version FROM opigno.user_context WHERE uuid = 'made';
\echo -- a staging table can have a column version
CREATE TABLE test.staged (ordinal integer PRIMARY KEY, user_id text, app_id integer, profile_data jsonb,
    version bigint);
INSERT INTO test.staged VALUES (1, 'a', 0, '1', 7), (2, 'made', 0, '{"n":2}', -1), (3, 'made', 1, '3', 0),
    (4, 'a', 1, '4', -2), (5, 'b', 1, '{"n":5}', NULL);
SELECT test.loaded(opigno.load_profiles('test.staged', 'replace', 'report'));
CREATE TABLE test.staged_users (ordinal integer PRIMARY KEY, uuid text, display_name text, version text);
INSERT INTO test.staged_users VALUES (1, 'a', 'Stale', '7'), (2, 'made', 'Made', '-1'), (3, 'b', 'B', 'x'),
    (4, 'c', 'C again', NULL);
SELECT test.loaded(opigno.load_user_contexts('test.staged_users', 'report'));
SELECT uuid, display_name FROM opigno.user_context ORDER BY uuid;
\echo -- a trigger that suppresses deletions is told
CREATE FUNCTION test.keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER keep BEFORE DELETE ON opigno.profile FOR EACH ROW EXECUTE FUNCTION test.keep();
SELECT test.refusal(format('SELECT opigno.delete_profiles(%L)', body)) FROM unnest(ARRAY[
    '{"user_id":"made","app_id":0}', '{"user_id":"made","app_id":0,"version":-1}']) AS body;
SELECT opigno.delete_profiles('{"user_id":"made","app_id":7}') -> 'response' AS missing;
DROP TRIGGER keep ON opigno.profile;
\echo -- users made by an INSERT of the owner have versions, too
INSERT INTO opigno.user_context (uuid, display_name, is_active, created_at, updated_at)
VALUES ('direct', 'Direct', true, now(), now());
SELECT version > 1500000000000000, account_version > 1500000000000000 FROM opigno.user_context WHERE uuid = 'direct';
ROLLBACK;
