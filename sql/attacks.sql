-- What each level must not be able to do, beside what it may: every function, table and view, listed from the
-- catalogue.
SELECT FROM test.register_scopes();
CREATE ROLE regress_opigno_stranger;
CREATE ROLE regress_opigno_user;
CREATE ROLE regress_opigno_gateway;
CREATE ROLE regress_opigno_operator;
CREATE ROLE regress_opigno_auditor;
CREATE ROLE regress_opigno_learning;
SELECT opigno.grant_access('regress_opigno_' || level, level)
FROM unnest(ARRAY['user', 'gateway', 'operator', 'auditor', 'learning']) AS level \g /dev/null
GRANT USAGE ON SCHEMA opigno TO regress_opigno_stranger;
SELECT count(opigno.set_user_context(uuid, 'Name of ' || uuid, true, 'AUTHENTICATED'))
FROM unnest(ARRAY['mallory', 'victim']) AS uuid;
SELECT app_id FROM opigno.register_app('Shop', app_id => 0);
SELECT count(opigno.register_token_issuer('issuer')),
    count(opigno.register_token_key('issuer', repeat('s', 32), algorithm => 'HS256'));
SELECT count(opigno.upsert_profile(uuid, 0, jsonb_build_object('secret of', uuid)))
FROM unnest(ARRAY['mallory', 'victim']) AS uuid;
SELECT count(opigno.configure_extended_profile_field(name, visibility => visibility))
FROM (VALUES ('secret', 'private'), ('open', 'shared')) AS f (name, visibility);
SELECT count(opigno.patch_accounts(format('[{"username":%1$s,"extended_profile":[{"field_name":"secret",'
    '"field_value":"secret of %2$s"},{"field_name":"open","field_value":"shared by %2$s"}]}]', to_json(uuid), uuid))),
    count(opigno.set_preference(uuid, 'k', 'preferred by ' || uuid)) FROM unnest(ARRAY['mallory', 'victim']) AS uuid;
SELECT count(opigno.set_training(id, 'Training')) FROM unnest(ARRAY['course', 'done', 'empty', 'other course']) AS id;
SELECT count(opigno.upsert_training_profile('course', app_id, '{"secret of": "nobody"}')) FROM opigno.list_apps();
SELECT count(opigno.report_progress(uuid, 'course', 'in_progress')),
    count(opigno.report_progress(uuid, 'done', 'passed'))
FROM unnest(ARRAY['mallory', 'victim']) AS uuid;
CREATE TABLE test.badge (of_user text PRIMARY KEY, badge text);
INSERT INTO test.badge VALUES ('mallory', 'secret of mallory'), ('victim', 'secret of victim');
SELECT FROM opigno.attach_entity_table('test.badge', 'badges', user_column => 'of_user');
SELECT count(test.nth(version)) FROM opigno.profile;
-- Two clients, each with an access token; the first may act for mallory, who knows the secrets of both.
ALTER SEQUENCE opigno.client_id_seq RESTART;
CREATE TABLE test.client (n serial, client_id bigint, client_key text, client_secret text, access_token text);
INSERT INTO test.client (client_id, client_key, client_secret, access_token)
SELECT c.client_id, c.client_key, c.client_secret,
    opigno.issue_access_token(c.client_key, c.client_secret, 'client_credentials') ->> 'access_token'
FROM unnest(ARRAY['Shop', 'Other shop']) AS label, opigno.register_client(0, label) AS c;
GRANT SELECT ON test.client TO PUBLIC;
SELECT opigno.grant_user(client_id, 'mallory') FROM test.client WHERE n = 1;
CREATE FUNCTION test.client(n integer) RETURNS test.client STABLE LANGUAGE sql AS $$
    SELECT * FROM test.client AS c WHERE c.n = client.n
$$;
INSERT INTO opigno.access_token VALUES (sha256('expired'), 0, now() - interval '1 day', now() - interval '1 day');

CREATE TABLE test.staged (ordinal bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, line text);
CREATE TABLE test.staged_by_owner (LIKE test.staged INCLUDING ALL);
INSERT INTO test.staged (line) VALUES ('{"user_id":"victim","app_id":0,"profile_data":1}');
GRANT USAGE ON SCHEMA test TO regress_opigno_user, regress_opigno_gateway, regress_opigno_operator,
    regress_opigno_auditor, regress_opigno_learning;
GRANT SELECT ON test.staged TO PUBLIC;

/* What comes of a statement by a role in a request: its SQLSTATE, or how many rows, and whether any data changed. It
   is undone. */
CREATE FUNCTION test.attempt(level text, request text, statement text, of_operator boolean DEFAULT false) RETURNS text
    LANGUAGE plpgsql AS $$
DECLARE
    digest_before text := test.digest();
    rows bigint;
BEGIN
    IF request IS NOT NULL THEN
        PERFORM opigno.test_request(request, is_operator => of_operator);
    END IF;
    EXECUTE 'SET LOCAL ROLE regress_opigno_' || level;
    EXECUTE statement;
    GET DIAGNOSTICS rows = ROW_COUNT;
    RESET ROLE;
    RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = rows || CASE WHEN test.digest() <> digest_before THEN ' changed'
        ELSE '' END;
EXCEPTION WHEN OTHERS THEN
    RETURN CASE SQLSTATE WHEN 'ZZ999' THEN SQLERRM ELSE SQLSTATE END;
END $$;
CREATE VIEW test.member AS
    SELECT d.classid, d.objid FROM pg_depend AS d JOIN pg_extension AS e ON d.refobjid = e.oid
    WHERE e.extname = 'opigno_profiles' AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e';
SELECT test.digest() AS digest_before \gset

\echo -- direct writes, on every table, view and sequence: nobody
CREATE VIEW test.direct AS
    SELECT c.relname, statement FROM pg_class AS c JOIN test.member AS m ON m.objid = c.oid
        AND m.classid = 'pg_class'::regclass,
        LATERAL (SELECT string_agg(quote_ident(attname), ', ') FILTER (WHERE attnum = 1) FROM pg_attribute
        WHERE attrelid = c.oid AND attnum > 0) AS a (first_column),
        LATERAL unnest(CASE c.relkind WHEN 'S'
        THEN ARRAY[format('SELECT nextval(%L)', c.oid::regclass), format('SELECT setval(%L, 1)', c.oid::regclass),
        format('SELECT * FROM %s', c.oid::regclass)]
            ELSE ARRAY[format('INSERT INTO %s DEFAULT VALUES', c.oid::regclass),
            format('UPDATE %s SET %s = %s', c.oid::regclass, first_column, first_column),
                       format('DELETE FROM %s', c.oid::regclass), format('TRUNCATE %s', c.oid::regclass),
                       format('LOCK %s IN EXCLUSIVE MODE', c.oid::regclass),
                       format('CREATE TRIGGER t BEFORE INSERT ON %s EXECUTE FUNCTION '
                       'suppress_redundant_updates_trigger()', c.oid::regclass),
                       format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', c.oid::regclass)] END) AS statement
    WHERE c.relkind IN ('r', 'v', 'S');
SELECT relname, count(*) AS statements FROM test.direct GROUP BY relname ORDER BY relname COLLATE "C";
SELECT level, relname, statement, result FROM test.direct,
    unnest(ARRAY['stranger', 'user', 'gateway', 'operator', 'auditor', 'learning']) AS level,
    test.attempt(level, 'mallory', statement) AS result
WHERE result NOT IN ('42501', '42809' /* no such thing for a view */, '55000' /* a view that takes no rows */,
    '0A000' /* a view that cannot be updated */)
ORDER BY level, relname, statement;

\echo -- reading: rows that name the victim, in every table and view; then rows of mallory, as the control
SELECT c.relname, statement, test.attempt('stranger', 'mallory', statement) AS stranger,
    test.attempt('user', NULL, statement) AS user_without_request, test.attempt('user', 'mallory', statement) AS "user",
    test.attempt('gateway', 'mallory', statement) AS gateway, test.attempt('operator', NULL, statement) AS operator,
    test.attempt('auditor', NULL, statement) AS auditor, test.attempt('learning', NULL, statement) AS learning
FROM pg_class AS c JOIN test.member AS m ON m.objid = c.oid AND m.classid = 'pg_class'::regclass,
    unnest(ARRAY['victim', 'mallory']) AS who,
    format('SELECT FROM %s AS t WHERE t::text LIKE %L', c.oid::regclass, '%' || who || '%') AS statement
WHERE c.relkind IN ('r', 'v') ORDER BY who DESC, c.relname COLLATE "C";

\echo -- functions: attacks in a request of mallory, and controls
CREATE TABLE test.attack (n serial, name text, statement text);
INSERT INTO test.attack (name, statement) VALUES
    ('upsert_training_profile', $$SELECT FROM opigno.upsert_training_profile('course', 0, '{"mallory": 1}')$$),
    ('patch_training_profile', $$SELECT FROM opigno.patch_training_profile('course', 0, '{"mallory": 1}')$$),
    ('delete_training_profile', $$SELECT opigno.delete_training_profile('course', 0)$$),
    ('create_training_profiles', $$SELECT opigno.create_training_profiles('[{"training_id":"course","app_id":0,
    "profile_data":{"mallory":1}}]', 'replace')$$),
    ('patch_training_profiles', $$SELECT opigno.patch_training_profiles('[{"training_id":"course","app_id":0,
    "patch":{"mallory":1}}]')$$),
    ('delete_training_profiles', $$SELECT opigno.delete_training_profiles('[{"training_id":"course","app_id":0}]')$$),
    ('set_training_profile_schema', $$SELECT FROM opigno.set_training_profile_schema(0, '{"not":{}}')$$),
    ('drop_training_profile_schema', $$SELECT opigno.drop_training_profile_schema(0)$$),
    ('validate_training_profiles', $$SELECT opigno.validate_training_profiles(0, '{"type":"null"}')$$),
    ('training_profile_schemas', $$SELECT FROM opigno.training_profile_schemas()$$),
    ('training_profile_schema_faults', $$SELECT FROM opigno.training_profile_schema_faults(0)$$),
    ('may_read_app_schema', $$SELECT FROM opigno.may_read_app_schema('profile') AS f WHERE f$$),
    ('may_read_training_profile', $$SELECT FROM opigno.may_read_training_profile(0) AS f WHERE f$$),
    ('may_read_whole_training_profile', $$SELECT FROM opigno.may_read_whole_training_profile(0) AS f WHERE f$$),
    ('visible_training_profile_data', $$SELECT FROM opigno.visible_training_profile_data(0, '{}') AS f
    WHERE f IS NULL$$),
    ('get_training_profile', $$SELECT FROM opigno.get_training_profile('course', 0)$$),
    ('list_training_profiles', $$SELECT FROM opigno.list_training_profiles(0)$$),
    ('set_training', $$SELECT FROM opigno.set_training('mallory', 'Mallory')$$),
    ('set_trainings', $$SELECT opigno.set_trainings('[{"training_id":"mallory","title":"Mallory"}]')$$),
    ('delete_training', $$SELECT opigno.delete_training('mallory')$$),
    ('get_user_context', $$SELECT FROM opigno.get_user_context('victim')$$),
    ('get_user_context', $$SELECT FROM opigno.get_user_context('mallory')$$),
    ('get_user_context_json', $$SELECT FROM opigno.get_user_context_json('victim') AS f WHERE f IS NOT NULL$$),
    ('list_user_contexts', $$SELECT FROM opigno.list_user_contexts() WHERE uuid = 'victim'$$),
    ('list_user_contexts_before', $$SELECT FROM opigno.list_user_contexts_before() WHERE uuid = 'victim'$$),
    ('count_user_contexts', $$SELECT FROM opigno.count_user_contexts() AS c WHERE c.total > 1$$),
    ('has_scope', $$SELECT FROM opigno.has_scope('victim', 'AUTHENTICATED') AS f WHERE f$$),
    ('my_user_context', $$SELECT FROM opigno.my_user_context() WHERE uuid = 'victim'$$),
    ('my_user_context', $$SELECT FROM opigno.my_user_context() WHERE uuid = 'mallory'$$),
    ('set_user_context', $$SELECT FROM opigno.set_user_context('victim', 'Defaced')$$),
    ('set_user_context', $$SELECT FROM opigno.set_user_context('mallory', scope => 'ADMINISTRATOR')$$),
    ('set_user_context', $$SELECT FROM opigno.set_user_context('mallory', is_active => false)$$),
    ('set_user_context', $$SELECT FROM opigno.set_user_context('mallory', 'Renamed')$$),
    ('set_user_context_json',
    $$SELECT FROM opigno.set_user_context_json('{"uuid":"victim","displayName":"Defaced"}')$$),
    ('set_user_context_json',
    $$SELECT FROM opigno.set_user_context_json('{"uuid":"mallory","scope":["ADMINISTRATOR"]}')$$),
    ('set_user_contexts', $$SELECT FROM opigno.set_user_contexts('[{"uuid":"victim","displayName":"Defaced"}]')$$),
    ('set_user_contexts', $$SELECT FROM opigno.set_user_contexts('[{"uuid":"mallory","displayName":"Renamed"}]')$$),
    ('attach_foreign_key', $$SELECT FROM opigno.attach_foreign_key('test.staged', 'line')$$),
    ('attach_foreign_key', $$SELECT FROM opigno.attach_foreign_key('opigno.preference', 'value')$$),
    ('set_user_scopes', $$SELECT FROM opigno.set_user_scopes('victim', '{}')$$),
    ('set_user_scopes', $$SELECT FROM opigno.set_user_scopes('mallory', '{ADMINISTRATOR}')$$),
    ('create_anonymous_user_context', $$SELECT FROM opigno.create_anonymous_user_context()$$),
    ('anonymize_user_context', $$SELECT FROM opigno.anonymize_user_context('victim')$$),
    ('anonymize_user_context', $$SELECT FROM opigno.anonymize_user_context('mallory')$$),
    ('anonymize_user_context', $$SELECT FROM opigno.anonymize_user_context('victim', fields => true)$$),
    ('register_scope', $$SELECT FROM opigno.register_scope('MALLORY', '{ADMINISTRATOR}')$$),
    ('register_app', $$SELECT FROM opigno.register_app('Mallory''s')$$),
    ('update_app', $$SELECT FROM opigno.update_app(0, 'Mallory''s')$$),
    ('list_apps', $$SELECT FROM opigno.list_apps()$$),
    ('scopes', $$SELECT FROM opigno.scopes() WHERE scope = 'AUTHENTICATED'$$),
    ('validate_scope', $$SELECT FROM opigno.validate_scope('{AUTHENTICATED}')$$),
    ('get_profile', $$SELECT FROM opigno.get_profile('victim', 0)$$),
    ('get_profile', $$SELECT FROM opigno.get_profile('mallory', 0)$$),
    ('list_profiles', $$SELECT FROM opigno.list_profiles(0) WHERE user_uuid = 'victim'$$),
    ('my_profiles', $$SELECT FROM opigno.my_profiles() WHERE user_uuid = 'victim'$$),
    ('my_profiles', $$SELECT FROM opigno.my_profiles() WHERE user_uuid = 'mallory'$$),
    ('may_read_progress', $$SELECT FROM opigno.may_read_progress('victim') AS f WHERE f$$),
    ('report_progress', $$SELECT FROM opigno.report_progress('victim', 'course', 'passed')$$),
    ('report_progress', $$SELECT FROM opigno.report_progress('mallory', 'course', 'passed')$$),
    ('enrol_user', $$SELECT FROM opigno.enrol_user('victim', 'other course')$$),
    ('enrol_user', $$SELECT FROM opigno.enrol_user('mallory', 'other course')$$),
    ('remove_enrolment', $$SELECT FROM opigno.remove_enrolment('victim', 'course')$$),
    ('remove_enrolment', $$SELECT FROM opigno.remove_enrolment('mallory', 'course')$$),
    ('report_progress_many',
    $$SELECT FROM opigno.report_progress_many('[{"user_id":"mallory","training_id":"course","status":"passed"}]')$$),
    ('get_progress', $$SELECT FROM opigno.get_progress('victim')$$),
    ('get_progress', $$SELECT FROM opigno.get_progress('mallory')$$),
    ('list_progress', $$SELECT FROM opigno.list_progress('course') WHERE user_uuid = 'victim'$$),
    ('my_progress', $$SELECT FROM opigno.my_progress() WHERE user_uuid = 'victim'$$),
    ('my_progress', $$SELECT FROM opigno.my_progress() WHERE user_uuid = 'mallory'$$),
    ('passed_trainings_ranking', $$SELECT FROM opigno.passed_trainings_ranking('victim')$$),
    ('passed_trainings_ranking', $$SELECT FROM opigno.passed_trainings_ranking('mallory')$$),
    ('refresh_passed_trainings_ranking', $$SELECT FROM opigno.refresh_passed_trainings_ranking()$$),
    ('upsert_profile', $$SELECT FROM opigno.upsert_profile('victim', 0, '{}')$$),
    ('upsert_profile', $$SELECT FROM opigno.upsert_profile('mallory', 0, '{}')$$),
    ('patch_profile', $$SELECT FROM opigno.patch_profile('victim', 0, '{"a":1}')$$),
    ('patch_profile', $$SELECT FROM opigno.patch_profile('mallory', 0, '{"a":1}')$$),
    ('delete_profile', $$SELECT FROM opigno.delete_profile('victim', 0)$$),
    ('delete_profile', $$SELECT FROM opigno.delete_profile('mallory', 0)$$),
    ('create_profiles',
    $$SELECT FROM opigno.create_profiles('[{"user_id":"victim","app_id":0,"profile_data":1}]', 'replace')$$),
    ('create_profiles',
    $$SELECT FROM opigno.create_profiles('[{"user_id":"mallory","app_id":0,"profile_data":1}]', 'replace')$$),
    ('patch_profiles', $$SELECT FROM opigno.patch_profiles('[{"user_id":"victim","app_id":0,"patch":{"a":1}}]')$$),
    ('patch_profiles', $$SELECT FROM opigno.patch_profiles('[{"user_id":"mallory","app_id":0,"patch":{"a":1}}]')$$),
    ('delete_profiles', $$SELECT FROM opigno.delete_profiles('[{"user_id":"victim","app_id":0}]')$$),
    ('delete_profiles', $$SELECT FROM opigno.delete_profiles('[{"user_id":"mallory","app_id":0}]')$$),
    ('load_profiles', $$SELECT FROM opigno.load_profiles('test.staged', 'replace')$$),
    ('load_profiles', $$SELECT FROM opigno.load_profiles('test.staged_by_owner')$$),
    ('load_profiles', $$SELECT FROM opigno.load_profiles('opigno.audit')$$),
    ('load_profiles_in_batches', $$CALL opigno.load_profiles_in_batches('test.staged_by_owner')$$),
    ('export_profiles', $$SELECT FROM opigno.export_profiles(0) AS line WHERE line LIKE '%victim%'$$),
    ('export_user_contexts', $$SELECT FROM opigno.export_user_contexts() AS line WHERE line LIKE '%victim%'$$),
    ('export_accounts', $$SELECT FROM opigno.export_accounts() AS line WHERE line LIKE '%victim%'$$),
    ('load_user_contexts', $$SELECT FROM opigno.load_user_contexts('test.staged')$$),
    ('load_user_contexts_in_batches', $$CALL opigno.load_user_contexts_in_batches('test.staged_by_owner')$$),
    ('load_accounts', $$SELECT FROM opigno.load_accounts('test.staged')$$),
    ('load_accounts_in_batches', $$CALL opigno.load_accounts_in_batches('test.staged_by_owner')$$),
    ('load_in_batches', $$CALL opigno.load_in_batches('profiles', 'test.staged_by_owner')$$),
    ('may_commit', $$SELECT FROM opigno.may_commit()$$),
    ('parse_profiles', $$SELECT FROM opigno.parse_profiles('[{}]')$$),
    ('create_my_profile', $$SELECT FROM opigno.create_my_profile(0, '{}')$$),
    ('patch_my_profile', $$SELECT FROM opigno.patch_my_profile(0, '{"a":1}')$$),
    ('delete_my_profile', $$SELECT FROM opigno.delete_my_profile(0)$$),
    ('list_extended_profile_fields', $$SELECT FROM opigno.list_extended_profile_fields()$$),
    ('configure_extended_profile_field',
    $$SELECT FROM opigno.configure_extended_profile_field('secret', visibility => 'shared')$$),
    ('list_preference_rules', $$SELECT FROM opigno.list_preference_rules()$$),
    ('configure_preference', $$SELECT FROM opigno.configure_preference('k', 'false')$$),
    ('drop_preference_rule', $$SELECT FROM opigno.drop_preference_rule('k')$$),
    ('configure_accounts', $$SELECT FROM opigno.configure_accounts(default_visibility => 'all_users')$$),
    ('drop_extended_profile_field', $$SELECT FROM opigno.drop_extended_profile_field('secret')$$),
    ('get_account', $$SELECT FROM opigno.get_account('victim') AS f WHERE f::text ~ 'secret of victim'$$),
    ('get_account', $$SELECT FROM opigno.get_account('victim') AS f WHERE f::text ~ 'shared by victim'$$),
    ('get_account', $$SELECT FROM opigno.get_account('mallory', 'operator') AS f WHERE f::text ~ 'secret of mallory'$$),
    ('get_accounts',
    $$SELECT FROM opigno.get_accounts('{victim}', 'operator') AS f WHERE f::text ~ 'secret of victim'$$),
    ('get_accounts', $$SELECT FROM opigno.get_accounts('{mallory}', 'own') AS f WHERE f::text ~ 'secret of mallory'$$),
    ('my_account', $$SELECT FROM opigno.my_account() AS f WHERE f::text ~ 'secret of victim'$$),
    ('my_account', $$SELECT FROM opigno.my_account() AS f WHERE f::text ~ 'secret of mallory'$$),
    ('patch_account', $$SELECT FROM opigno.patch_account('victim', '{"name":"Defaced"}')$$),
    ('patch_account', $$SELECT FROM opigno.patch_account('mallory', '{"name":"Renamed"}')$$),
    ('patch_account', $$SELECT FROM opigno.patch_account('mallory', '{"scope":["ADMINISTRATOR"]}')$$),
    ('clear_account', $$SELECT FROM opigno.clear_account('victim')$$),
    ('clear_account', $$SELECT FROM opigno.clear_account('mallory')$$),
    ('patch_my_account', $$SELECT FROM opigno.patch_my_account('{"username":"victim","name":"Defaced"}')$$),
    ('patch_my_account', $$SELECT FROM opigno.patch_my_account('{"name":"Renamed"}')$$),
    ('patch_accounts', $$SELECT FROM opigno.patch_accounts('[{"username":"victim","name":"Defaced"}]')$$),
    ('patch_accounts', $$SELECT FROM opigno.patch_accounts('[{"username":"mallory","name":"Renamed"}]')$$),
    ('get_preferences', $$SELECT FROM opigno.get_preferences('victim') AS f WHERE f IS NOT NULL$$),
    ('get_preferences', $$SELECT FROM opigno.get_preferences('mallory') AS f WHERE f IS NOT NULL$$),
    ('preferences_version', $$SELECT FROM opigno.preferences_version('victim') AS f WHERE f IS NOT NULL$$),
    ('preferences_version', $$SELECT FROM opigno.preferences_version('mallory') AS f WHERE f IS NOT NULL$$),
    ('get_preference', $$SELECT FROM opigno.get_preference('victim', 'k') AS f WHERE f IS NOT NULL$$),
    ('get_preference', $$SELECT FROM opigno.get_preference('mallory', 'k') AS f WHERE f IS NOT NULL$$),
    ('my_preferences', $$SELECT FROM opigno.my_preferences() AS f WHERE f::text ~ 'victim'$$),
    ('my_preferences', $$SELECT FROM opigno.my_preferences() AS f WHERE f::text ~ 'mallory'$$),
    ('patch_preferences', $$SELECT FROM opigno.patch_preferences('victim', '{"k":null}')$$),
    ('patch_preferences', $$SELECT FROM opigno.patch_preferences('mallory', '{"k":"new"}')$$),
    ('patch_my_preferences', $$SELECT FROM opigno.patch_my_preferences('{"k":"new"}')$$),
    ('set_preference', $$SELECT FROM opigno.set_preference('victim', 'k', 'new')$$),
    ('set_preference', $$SELECT FROM opigno.set_preference('mallory', 'k', 'new')$$),
    ('delete_preference', $$SELECT FROM opigno.delete_preference('victim', 'k')$$),
    ('delete_preference', $$SELECT FROM opigno.delete_preference('mallory', 'k')$$),
    ('request_user', $$SELECT FROM opigno.request_user() AS f WHERE f = 'mallory'$$),
    ('request_named_user', $$SELECT FROM opigno.request_named_user() AS f WHERE f = 'mallory'$$),
    ('request_scope', $$SELECT FROM opigno.request_scope() AS f WHERE f = '{AUTHENTICATED}'$$),
    ('request_app', $$SELECT FROM opigno.request_app() AS f WHERE f IS NOT NULL$$),
    ('request_client', $$SELECT FROM opigno.request_client() AS f WHERE f IS NOT NULL$$),
    ('require_scope', $$SELECT FROM opigno.require_scope('ADMINISTRATOR')$$),
    ('require_scope', $$SELECT FROM opigno.require_scope('AUTHENTICATED')$$),
    ('reads_every_user', $$SELECT FROM opigno.reads_every_user() AS f WHERE f$$),
    ('may_read_profile', $$SELECT FROM opigno.may_read_profile('victim', 0) AS f WHERE f$$),
    ('may_read_whole_profile', $$SELECT FROM opigno.may_read_whole_profile('victim', 0) AS f WHERE f$$),
    ('visible_profile_data', $$SELECT FROM opigno.visible_profile_data(0, '{}') AS f WHERE f IS NULL$$),
    ('may_read_profile', $$SELECT FROM opigno.may_read_profile('mallory', 0) AS f WHERE f$$),
    ('may_read_account', $$SELECT FROM opigno.may_read_account('victim') AS f WHERE f$$),
    ('may_read_account', $$SELECT FROM opigno.may_read_account('mallory') AS f WHERE f$$),
    ('may_read_preference', $$SELECT FROM opigno.may_read_preference('victim') AS f WHERE f$$),
    ('may_read_preference', $$SELECT FROM opigno.may_read_preference('mallory') AS f WHERE f$$),
    ('may_read_user_context', $$SELECT FROM opigno.may_read_user_context('victim', NULL) AS f WHERE f$$),
    ('may_read_user_context', $$SELECT FROM opigno.may_read_user_context('mallory', NULL) AS f WHERE f$$),
    ('list_clients', $$SELECT FROM opigno.list_clients()$$),
    ('list_client_credentials', $$SELECT FROM opigno.list_client_credentials()$$),
    ('register_client', $$SELECT FROM opigno.register_client(0, 'Mallory''s', 'all', '{ADMINISTRATOR}', true)$$),
    ('update_client', $$SELECT FROM opigno.update_client((test.client(1)).client_id, is_operator => true)$$),
    ('rotate_client_secret', $$SELECT FROM opigno.rotate_client_secret((test.client(1)).client_id)$$),
    ('revoke_client', $$SELECT FROM opigno.revoke_client((test.client(1)).client_id)$$),
    ('revoke_client_tokens', $$SELECT FROM opigno.revoke_client_tokens((test.client(1)).client_id)$$),
    ('grant_user', $$SELECT FROM opigno.grant_user((test.client(1)).client_id, 'victim')$$),
    ('revoke_user', $$SELECT FROM opigno.revoke_user((test.client(1)).client_id, 'mallory')$$),
    ('issue_access_token', $$SELECT FROM opigno.issue_access_token('shop', 'guessed', 'client_credentials')$$),
    ('issue_access_token', $$SELECT FROM test.client(1) AS c,
    opigno.issue_access_token(c.client_key, 'guessed', 'client_credentials')$$),
    ('issue_access_token', $$SELECT FROM test.client(1) AS c,
    opigno.issue_access_token(c.client_key, c.client_secret, 'client_credentials')$$),
    ('revoke_access_token', $$SELECT FROM opigno.revoke_access_token((test.client(1)).access_token)$$),
    ('revoke_access_token', $$SELECT FROM test.client(2) AS c,
    opigno.revoke_access_token((test.client(1)).access_token, c.client_key, c.client_secret)$$),
    ('revoke_access_token', $$SELECT FROM test.client(1) AS c,
    opigno.revoke_access_token(c.access_token, c.client_key, c.client_secret)$$),
    ('introspect_access_token', $$SELECT FROM opigno.introspect_access_token(
    (test.client(1)).access_token) AS f WHERE f::text ~ 'true'$$),
    ('introspect_access_token', $$SELECT FROM test.client(2) AS c, opigno.introspect_access_token(
    (test.client(1)).access_token, c.client_key, c.client_secret) AS f WHERE f::text ~ 'true'$$),
    ('introspect_access_token', $$SELECT FROM test.client(1) AS c, opigno.introspect_access_token(
    c.access_token, c.client_key, c.client_secret) AS f WHERE f::text ~ 'true'$$),
    ('delete_expired_access_tokens', $$SELECT FROM opigno.delete_expired_access_tokens(10)$$),
    ('purge_access_tokens', $$CALL opigno.purge_access_tokens()$$),
    ('begin_request', $$SELECT FROM opigno.begin_request('Bearer guessed', 'mallory')$$),
    ('begin_request',
    $$SELECT FROM opigno.begin_request('Bearer ' || (test.client(1)).access_token, 'victim')$$),
    ('begin_request',
    $$SELECT FROM opigno.begin_request('Bearer ' || (test.client(2)).access_token, 'mallory')$$),
    ('begin_request',
    $$SELECT FROM opigno.begin_request('Bearer ' || (test.client(1)).access_token, 'mallory')$$),
    ('http_request', $$SELECT FROM opigno.http_request('GET', '/user/profiles/0', jsonb_build_object('Authorization',
    'Bearer ' || (test.client(1)).access_token, 'Opigno-Client-UUID', 'victim')) AS h WHERE h.status < 400$$),
    ('http_request', $$SELECT FROM opigno.http_request('DELETE', '/user/profiles/0', jsonb_build_object('Authorization',
    'Bearer ' || (test.client(2)).access_token, 'Opigno-Client-UUID', 'mallory')) AS h WHERE h.status < 400$$),
    ('http_request', $$SELECT FROM opigno.http_request('DELETE', '/user/profiles/0', jsonb_build_object('Authorization',
    'Bearer ' || (test.client(1)).access_token, 'Opigno-Client-UUID', 'mallory')) AS h WHERE h.status < 400$$),
    ('graphql', $$SELECT FROM opigno.graphql('{ getUserContext(uuid: "victim") { uuid } }') AS g
    WHERE g::text ~ 'victim'$$),
    ('graphql', $$SELECT FROM opigno.graphql('{ userContexts { edges { node { uuid profiles { version } } } } }') AS g
    WHERE g::text ~ 'victim'$$),
    ('graphql', $$SELECT FROM opigno.graphql('mutation { upsertProfile(userUuid: "victim", appId: 0, profileData: 1) {
    errors response { version } } }') AS g WHERE g::text ~ '"errors":\[\]'$$),
    ('graphql', $$SELECT FROM opigno.graphql('mutation { setUserContext(uuid: "victim", displayName: "x") { errors } }')
    AS g WHERE g::text ~ '"errors":\[\]'$$),
    -- The client of this token is no operator: nothing that it sends may act as one, whatever role carries it.
    ('http_request', $$SELECT FROM opigno.http_request('PUT', '/user-contexts/victim', jsonb_build_object(
    'Authorization', 'Bearer ' || (test.client(1)).access_token, 'Opigno-Client-UUID', 'mallory',
    'Content-Type', 'application/json'), '{"displayName":"Defaced","scope":"ADMINISTRATOR"}') AS h
    WHERE h.status < 400$$),
    ('http_request', $$SELECT FROM opigno.http_request('PATCH', '/api/user/v1/accounts/victim', jsonb_build_object(
    'Authorization', 'Bearer ' || (test.client(1)).access_token, 'Opigno-Client-UUID', 'mallory',
    'Content-Type', 'application/merge-patch+json'), '{"name":"Defaced"}') AS h WHERE h.status < 400$$),
    ('http_request', $$SELECT FROM opigno.http_request('POST', '/operator/app/register', jsonb_build_object(
    'Authorization', 'Bearer ' || (test.client(1)).access_token, 'Opigno-Client-UUID', 'mallory',
    'Content-Type', 'application/json'), '{"app":"Mallory''s"}') AS h WHERE h.status < 400$$),
    ('list_token_issuers', $$SELECT FROM opigno.list_token_issuers()$$),
    ('register_token_issuer', $$SELECT FROM opigno.register_token_issuer('mallory', operator_claim => '/op')$$),
    ('drop_token_issuer', $$SELECT FROM opigno.drop_token_issuer('issuer')$$),
    ('list_token_keys', $$SELECT FROM opigno.list_token_keys()$$),
    ('register_token_key',
    $$SELECT FROM opigno.register_token_key('issuer', repeat('m', 32), algorithm => 'HS256')$$),
    ('register_token_keys', $$SELECT FROM opigno.register_token_keys('issuer', '{"keys":[
    {"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}')$$),
    ('drop_token_key', $$SELECT FROM opigno.drop_token_key('issuer')$$),
    ('announce_app_change', $$SELECT FROM opigno.announce_app_change()$$),
    ('announce_schema_change', $$SELECT FROM opigno.announce_schema_change()$$),
    ('announce_server_role_change', $$SELECT FROM opigno.announce_server_role_change()$$),
    ('common_shard', $$SELECT opigno.common_shard('{victim}', 4)$$),
    ('cluster_shards', $$SELECT opigno.cluster_shards('none')$$),
    ('sharding_script', $$SELECT opigno.sharding_script('none')$$),
    ('split_bulk', $$SELECT FROM opigno.split_bulk('create_profiles', '[]', 4)$$),
    ('bulk_mask', $$SELECT FROM opigno.bulk_mask(16)$$),
    ('masked', $$SELECT opigno.masked('a', 'b')$$),
    ('unmasked', $$SELECT opigno.unmasked('x')$$),
    ('begin_bulk_part', $$SELECT opigno.begin_bulk_part('{1}', '{1}')$$),
    ('begin_bulk_transaction', $$SELECT opigno.begin_bulk_transaction('mallory', true)$$),
    ('bulk_transaction_committed', $$SELECT opigno.bulk_transaction_committed('mallory')$$),
    ('end_bulk_transaction', $$SELECT opigno.end_bulk_transaction('mallory')$$),
    ('connect_shard', $$SELECT opigno.connect_shard('none', 0, 'mallory')$$),
    ('install_proxies', $$CALL opigno.install_proxies('none')$$),
    ('distribute', $$CALL opigno.distribute()$$),
    ('distributed_rows', $$SELECT FROM opigno.distributed_rows('profile', '{victim,0}') AS r (user_uuid text,
    app_id integer, profile_data jsonb, version bigint, created_at timestamptz, updated_at timestamptz)$$),
    ('become_shard', $$SELECT opigno.become_shard(0, 1)$$),
    ('become_hub', $$SELECT opigno.become_hub()$$),
    ('become_single_server', $$SELECT opigno.become_single_server()$$),
    ('begin_user_moves', $$SELECT opigno.begin_user_moves(2)$$),
    ('await_user_moves', $$SELECT opigno.await_user_moves(1, 1)$$),
    ('lock_moving_slot', $$SELECT opigno.lock_moving_slot(1, 1)$$),
    ('mark_moving_slot', $$SELECT opigno.mark_moving_slot(1, 1, 1, 1)$$),
    ('connect_for_moves', $$CALL opigno.connect_for_moves('host=mallory')$$),
    ('move_user_slot', $$CALL opigno.move_user_slot(1, 1, 'mallory', now())$$),
    ('move_users', $$CALL opigno.move_users('host=mallory')$$),
    ('user_slot', $$SELECT opigno.user_slot('victim')$$),
    ('is_user_here', $$SELECT opigno.is_user_here('victim')$$),
    ('check_user_place', $$SELECT opigno.check_user_place('victim')$$),
    ('registry_publication_script', $$SELECT FROM opigno.registry_publication_script()$$),
    ('registry_subscription_script', $$SELECT FROM opigno.registry_subscription_script(0, '')$$),
    ('registry_synchronous_script', $$SELECT FROM opigno.registry_synchronous_script(1)$$),
    ('set_profile_schema', $$SELECT opigno.set_profile_schema(0, '{"type":"null"}')$$),
    ('drop_profile_schema', $$SELECT opigno.drop_profile_schema(0)$$),
    ('check_profile_schema', $$SELECT opigno.check_profile_schema('{}')$$),
    ('validate_profiles', $$SELECT opigno.validate_profiles(0, '{"type":"null"}')$$),
    ('migrate_profile_batch', $$SELECT opigno.migrate_profile_batch(0, '{"mallory":1}', 1000, true, false)$$),
    ('migrate_profiles', $$CALL opigno.migrate_profiles(0, '{"mallory":1}')$$),
    ('explain_patch', $$SELECT FROM opigno.explain_patch('victim', 0, '{}') AS f
    WHERE f ->> 'outcome' IS NOT NULL OR f ->> 'profile_data' IS NOT NULL$$),
    ('explain_patch', $$SELECT FROM opigno.explain_patch('mallory', 0, '{}') AS f WHERE f ->> 'outcome' IS NOT NULL$$),
    ('profile_schemas', $$SELECT FROM opigno.profile_schemas()$$),
    ('profile_schema_faults', $$SELECT FROM opigno.profile_schema_faults(0)$$),
    ('access_user', $$CALL opigno.access_user()$$),
    ('access_gateway', $$CALL opigno.access_gateway()$$),
    ('access_operator', $$CALL opigno.access_operator()$$),
    ('access_auditor', $$CALL opigno.access_auditor()$$),
    ('access_learning', $$CALL opigno.access_learning()$$),
    ('find_trainings', $$SELECT FROM opigno.find_trainings('train')$$),
    ('search_key', $$SELECT opigno.search_key('Text')$$),
    ('search_key_end', $$SELECT opigno.search_key_end('Text')$$),
    ('get_training', $$SELECT FROM opigno.get_training('course')$$),
    ('list_trainings', $$SELECT FROM opigno.list_trainings()$$),
    ('set_training', $$SELECT FROM opigno.set_training('course', 'Defaced')$$),
    ('set_training', $$SELECT FROM opigno.set_training('another', 'Made up')$$),
    ('delete_training', $$SELECT FROM opigno.delete_training('empty')$$),
    ('report_progress_many', $$SELECT FROM opigno.report_progress_many('[{"user_id":"victim","training_id":"course",
    "status":"passed"}]')$$),
    ('attach_entity_table', $$SELECT FROM opigno.attach_entity_table('test.badge', 'stolen',
    user_column => 'of_user')$$),
    ('attach_entity_table', $$SELECT FROM opigno.attach_entity_table('opigno.profile', 'stolen',
    user_column => 'user_uuid')$$),
    ('detach_entity_table', $$SELECT FROM opigno.detach_entity_table('badges')$$),
    ('list_entity_tables', $$SELECT FROM opigno.list_entity_tables()$$),
    ('user_entities', $$SELECT FROM opigno.user_entities('victim')$$),
    ('user_entities', $$SELECT FROM opigno.user_entities('mallory')$$),
    ('training_entities', $$SELECT FROM opigno.training_entities('course')$$),
    ('get_user_bundle', $$SELECT FROM opigno.get_user_bundle('victim') AS f WHERE f::text ~ '(of|by) victim'$$),
    ('get_user_bundle', $$SELECT FROM opigno.get_user_bundle('mallory') AS f WHERE f::text ~ 'secret of mallory'$$),
    ('get_user_bundles', $$SELECT FROM opigno.get_user_bundles('{victim}') AS f WHERE f::text ~ 'secret of victim'$$),
    ('get_user_bundles', $$SELECT FROM opigno.get_user_bundles('{mallory}') AS f WHERE f::text ~ 'secret of mallory'$$),
    ('default_retirement_states', $$SELECT FROM opigno.default_retirement_states() WHERE state_name = 'PENDING'$$),
    ('list_retirement_states', $$SELECT FROM opigno.list_retirement_states() WHERE state_name = 'PENDING'$$),
    ('set_retirement_states',
    $$SELECT FROM opigno.set_retirement_states('["PENDING","RETIRING_LMS","ERRORED","ABORTED","COMPLETE"]')$$),
    ('get_retirement', $$SELECT FROM opigno.get_retirement('victim')$$),
    ('list_retirements', $$SELECT FROM opigno.list_retirements() WHERE user_uuid = 'victim'$$),
    ('begin_retirement', $$SELECT FROM opigno.begin_retirement('victim')$$),
    ('begin_retirement', $$SELECT FROM opigno.begin_retirement('mallory')$$),
    ('begin_retirements', $$SELECT FROM opigno.begin_retirements('{victim}')$$),
    ('cancel_retirement', $$SELECT FROM opigno.cancel_retirement('victim')$$),
    ('move_retirement', $$SELECT FROM opigno.move_retirement('victim', 'COMPLETE', 'done')$$),
    ('retirement_queue', $$SELECT FROM opigno.retirement_queue('{PENDING}', 0)$$),
    ('retirement_cleanup', $$SELECT FROM opigno.retirement_cleanup('{victim}')$$),
    ('queue_partner_report', $$SELECT FROM opigno.queue_partner_report('victim')$$),
    ('take_partner_reports', $$SELECT FROM opigno.take_partner_reports()$$),
    ('clean_up_partner_reports', $$SELECT FROM opigno.clean_up_partner_reports('{victim}')$$),
    ('add_retirement_salt', $$SELECT FROM opigno.add_retirement_salt('salt of mallory')$$),
    ('list_retirement_salts', $$SELECT FROM opigno.list_retirement_salts()$$),
    ('retired_user_uuid', $$SELECT FROM opigno.retired_user_uuid('victim') AS f WHERE f IS NOT NULL$$),
    ('is_retired', $$SELECT FROM opigno.is_retired('victim') AS f WHERE f$$),
    ('import_retired_identifiers',
    $$SELECT FROM opigno.import_retired_identifiers('{6eeb7e012f8baccfd697cb4dc11eaaf228e889e7}')$$),
    ('retire_user_data', $$SELECT FROM opigno.retire_user_data('victim')$$),
    ('retire_users_data', $$SELECT FROM opigno.retire_users_data('{victim}') WHERE outcome IS NOT NULL$$),
    ('retirement_certificate', $$SELECT FROM opigno.retirement_certificate('victim')$$),
    ('verify_retirement_certificates', $$SELECT FROM opigno.verify_retirement_certificates()$$),
    ('merge_user_contexts', $$SELECT FROM opigno.merge_user_contexts('victim', 'mallory')$$),
    ('move_progress', $$SELECT opigno.move_progress('victim', 'mallory')$$),
    ('move_user_entities', $$SELECT opigno.move_user_entities('victim', 'mallory')$$),
    ('purge_user_entities', $$SELECT opigno.purge_user_entities('{victim}')$$),
    ('purge_anonymous_user_contexts', $$SELECT opigno.purge_anonymous_user_contexts(now())$$),
    ('purge_anonymous_user_context_batch',
    $$SELECT opigno.purge_anonymous_user_context_batch(now(), 1000, NULL, NULL)$$),
    ('purge_anonymous_user_contexts_in_batches',
    $$CALL opigno.purge_anonymous_user_contexts_in_batches(now())$$),
    ('export_user', $$SELECT FROM opigno.export_user('victim') AS f WHERE f::text ~ '(of|by) victim'$$),
    ('export_user', $$SELECT FROM opigno.export_user('mallory') AS f WHERE f::text ~ 'secret of mallory'$$),
    ('grant_access', $$SELECT opigno.grant_access(current_user::text, 'operator')$$),
    ('revoke_access', $$SELECT opigno.revoke_access('regress_opigno_auditor')$$),
    ('refresh_grants', $$SELECT opigno.refresh_grants()$$),
    ('test_request', $$SELECT opigno.test_request('victim')$$),
    ('purge_audit', $$SELECT opigno.purge_audit('infinity')$$),
    ('canonical_user_uuid', $$SELECT opigno.canonical_user_uuid('victim')$$),
    ('is_user_uuid', $$SELECT opigno.is_user_uuid('victim')$$),
    ('user_shard', $$SELECT opigno.user_shard('victim', 4)$$),
    ('http_request_route', $$SELECT opigno.http_request_route('GET', '/user-contexts/victim',
    '{"Authorization":"Bearer a.eyJpc3MiOiJpc3N1ZXIiLCJzdWIiOiJ2aWN0aW0ifQ.c"}')$$),
    ('issue_user_assertion', $$SELECT opigno.issue_user_assertion('victim',
    '{"Authorization":"Bearer guessed","Opigno-Client-UUID":"victim"}')$$),
    ('split_http_request', $$SELECT FROM opigno.split_http_request('GET', '/user-contexts', '{}', NULL, 4)$$),
    ('combine_http_answers', $$SELECT FROM opigno.combine_http_answers('GET', '/user-contexts', '{}',
    '[{"status":200,"body":[]}]')$$),
    ('jsonb_merge_patch', $$SELECT opigno.jsonb_merge_patch('{}', '{}')$$),
    ('jsonb_merge_diff', $$SELECT opigno.jsonb_merge_diff('{}', '{}')$$),
    ('jsonb_is_same', $$SELECT opigno.jsonb_is_same('{}', '{}')$$),
    ('jsonb_text_size', $$SELECT opigno.jsonb_text_size('{}')$$),
    ('merged_profile', $$SELECT opigno.merged_profile('{}', '{}', 0, true)$$),
    ('merged_training_profile', $$SELECT opigno.merged_training_profile('{}', '{}', 0, true)$$),
    ('jsonb_merge_patch_agg', $$SELECT opigno.jsonb_merge_patch_agg('{}')$$);
CREATE TABLE test.outcome AS
    SELECT a.*, test.attempt('stranger', 'mallory', statement) AS stranger,
        test.attempt('user', NULL, statement) AS user_without_request,
        test.attempt('user', 'mallory', statement) AS "user",
        test.attempt('gateway', 'mallory', statement) AS gateway,
        test.attempt('operator', 'mallory', statement) AS operator,
        test.attempt('auditor', 'mallory', statement) AS auditor,
        test.attempt('learning', NULL, statement) AS learning
    FROM test.attack AS a;
SELECT regexp_replace(statement, '^SELECT ', '') AS attempt, stranger, user_without_request, "user", gateway, operator,
    auditor, learning FROM test.outcome ORDER BY n;
-- Whoever is no operator changes nothing of the victim's, and without a request nothing but tokens of a client whose
-- secret he has; auditors and strangers change nothing.
SELECT statement FROM test.outcome WHERE concat(stranger, auditor) LIKE '%changed%'
    OR (user_without_request LIKE '%changed%' AND statement !~ '(issue|revoke)_access_token\(.*c\.client_secret')
    OR (statement ~ 'victim|ADMINISTRATOR' AND concat("user", gateway) LIKE '%changed%');
-- The level learning changes trainings and progress, may begin loads of progress, and changes nothing else.
SELECT statement FROM test.outcome WHERE learning LIKE '%changed%'
    AND statement !~ 'training|progress|enrol|begin_bulk_transaction';
-- In a request of an operator, the levels user and gateway get what the level operator gets, except for these; and the
-- others get what they got.
SELECT regexp_replace(statement, '^SELECT ', '') AS attempt, level, outcome, in_request
FROM test.outcome, LATERAL (VALUES ('user', operator), ('gateway', operator), ('auditor', auditor),
    ('stranger', stranger)) AS l (level, outcome), test.attempt(level, 'mallory', statement, true) AS in_request
WHERE in_request <> outcome ORDER BY n, level;
-- Every function is covered, and no name is there in vain.
SELECT p.proname AS not_covered FROM pg_proc AS p JOIN test.member AS m ON m.objid = p.oid
    AND m.classid = 'pg_proc'::regclass WHERE p.proname NOT IN (SELECT name FROM test.attack);
SELECT name AS unknown FROM test.attack
WHERE name NOT IN (SELECT p.proname FROM pg_proc AS p JOIN test.member AS m ON m.objid = p.oid
    AND m.classid = 'pg_proc'::regclass);
SELECT test.digest() = :'digest_before' AS nothing_changed;

\echo -- settings
SELECT level, statement, test.attempt(level, 'mallory', statement)
FROM unnest(ARRAY['user', 'operator', 'auditor']) AS level, unnest(ARRAY[
    'SET opigno_profiles.audit = off', $$SELECT set_config('opigno_profiles.audit', 'off', true)$$,
    'SET session_replication_role = replica',
    $$SET opigno_profiles.request = '0 0 0 0 0 - - 6:victim'$$,
    $$SELECT set_config('opigno_profiles.request', '0 0 0 0 0 - - 6:victim', true)$$,
    'RESET opigno_profiles.request', 'SHOW opigno_profiles.request',
    'SET LOCAL row_security = off; SELECT * FROM opigno.profile',
    'SET LOCAL row_security = off; SELECT * FROM opigno.my_profiles()',
    $$SET LOCAL row_security = off; SELECT FROM opigno.patch_profile('victim', 0, '{"a":1}')$$]) AS statement;

\echo -- leaky functions see only the rows that the policy lets through, wherever they stand
GRANT CREATE ON SCHEMA test TO regress_opigno_user;
SET ROLE regress_opigno_user;
CREATE FUNCTION test.leak(value text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN RAISE NOTICE
    'leaked: %', value; RETURN true; END $$;
CREATE FUNCTION test.leak_both(value jsonb,
    other text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$ BEGIN RAISE NOTICE 'leaked: %',
    value; RETURN true; END $$;
CREATE OPERATOR test.<<< (LEFTARG = jsonb, RIGHTARG = text, FUNCTION = test.leak_both);
RESET ROLE;
BEGIN;
SELECT opigno.test_request('mallory');
SET LOCAL ROLE regress_opigno_user;
SELECT user_uuid FROM opigno.profile WHERE test.leak(profile_data::text);
SELECT user_uuid FROM opigno.profile WHERE profile_data OPERATOR(test.<<<) 'x';
SELECT user_uuid FROM opigno.profile WHERE user_uuid = 'victim' AND test.leak(profile_data::text);
SELECT user_uuid FROM opigno.get_profile('victim', 0) WHERE test.leak(profile_data::text);
SELECT user_uuid FROM opigno.list_profiles(0) WHERE test.leak(profile_data::text);
SELECT uuid FROM opigno.user_context WHERE test.leak(display_name);
SELECT uuid FROM opigno.list_user_contexts() WHERE test.leak(display_name);
SELECT user_uuid FROM opigno.profile WHERE 1 / (CASE user_uuid WHEN 'victim' THEN 0 ELSE 1 END) = 1;
SELECT count(*) FROM opigno.profile TABLESAMPLE BERNOULLI (100);
COMMIT;
SET ROLE regress_opigno_user;
DROP OPERATOR test.<<< (jsonb, text);
DROP FUNCTION test.leak, test.leak_both;

\echo -- planted functions, operators, types and temporary tables: never called, never read
CREATE FUNCTION test.spy(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'spied'; END $$;
CREATE FUNCTION test.spy(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'spied'; END $$;
CREATE FUNCTION test.spy(integer, integer) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'spied'; END $$;
CREATE OPERATOR test.= (LEFTARG = text, RIGHTARG = text, FUNCTION = test.spy);
CREATE OPERATOR test.= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = test.spy);
CREATE FUNCTION test.canonical_user_uuid(text) RETURNS text LANGUAGE sql AS $$ SELECT test.spy($1) $$;
CREATE FUNCTION test.request_user() RETURNS text LANGUAGE sql AS $$ SELECT 'victim' $$;
CREATE FUNCTION test.reads_every_user() RETURNS boolean LANGUAGE sql AS $$ SELECT true $$;
CREATE FUNCTION test.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT test.spy('x')::timestamptz $$;
CREATE FUNCTION test.session_user() RETURNS text LANGUAGE sql AS $$ SELECT test.spy('x') $$;
CREATE DOMAIN test.text AS pg_catalog.text CHECK (test.spy(VALUE, VALUE));
CREATE TEMP TABLE user_context AS SELECT 'mallory'::pg_catalog.text AS uuid, true AS is_active,
    '{ADMINISTRATOR}'::pg_catalog.text[] AS scope;
CREATE TEMP TABLE profile AS SELECT 'victim'::pg_catalog.text AS user_uuid, 0 AS app_id,
    '{"shadow":1}'::jsonb AS profile_data, 1::bigint AS version;
CREATE TEMP TABLE site_scope AS SELECT 'ADMINISTRATOR'::pg_catalog.text AS scope;
CREATE TEMP TABLE app AS SELECT 0 AS app_id;
CREATE TEMP TABLE audit AS SELECT 0 AS id;
CREATE DOMAIN pg_temp.jsonb AS pg_catalog.jsonb CHECK (test.spy('x', VALUE::pg_catalog.text));
RESET ROLE;
BEGIN;
SELECT opigno.test_request('mallory');
SET LOCAL ROLE regress_opigno_user;
SET LOCAL search_path = pg_temp, test, pg_catalog;
SELECT test.nth(version) AS version, outcome FROM opigno.patch_my_profile(0, '{"patched": true}');
SELECT test.nth(version) AS version, outcome FROM opigno.upsert_profile('mallory', 0, '{"replaced": true}');
SELECT user_uuid, profile_data, test.nth(version) AS version FROM opigno.my_profiles();
SELECT user_uuid FROM opigno.get_profile('victim', 0);
SELECT uuid, scope FROM opigno.my_user_context();
SELECT uuid, display_name FROM opigno.set_user_context('mallory', 'Renamed');
SELECT opigno.set_user_context_json('{"uuid":"mallory"}') ->> 'response' LIKE '%Renamed%' AS as_it_is;
SELECT opigno.has_scope('mallory', 'ADMINISTRATOR');
SELECT count(*) FROM opigno.scopes() WHERE NOT built_in;
SELECT count(*) FROM opigno.list_apps();
SELECT opigno.require_scope('AUTHENTICATED');
SELECT opigno.delete_my_profile(0);
SELECT current_setting('search_path');
ROLLBACK;
SET ROLE regress_opigno_operator;
SET search_path = test, pg_catalog;
SELECT count(*) FROM opigno.profile;
SELECT app FROM opigno.update_app(0, 'Shop');
RESET search_path;
RESET ROLE;
DROP OWNED BY regress_opigno_user CASCADE;
SELECT test.digest() = :'digest_before' AS nothing_changed;

\echo -- code that the owner of a staging table or partition has put there, with the rights of who loads: EV001 is its
\echo -- trap, which the controls (trust) meet
GRANT CREATE ON SCHEMA test TO regress_opigno_stranger, regress_opigno_operator;
SET ROLE regress_opigno_stranger;
SET search_path = test;
CREATE FUNCTION trap() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped' USING ERRCODE = 'EV001'; END $$;
CREATE FUNCTION trap_trigger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM test.trap(); END $$;
CREATE TYPE trap_type AS (line text);
CREATE FUNCTION trap_text(trap_type) RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM test.trap(); END $$;
CREATE TABLE of_policy (ordinal bigint PRIMARY KEY, line text);
ALTER TABLE of_policy ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON of_policy USING (trap());
CREATE TABLE of_cast (ordinal bigint PRIMARY KEY, line trap_type);
CREATE TABLE of_trigger (ordinal bigint PRIMARY KEY, line text);
CREATE TABLE of_partition (ordinal bigint NOT NULL, line text);
GRANT ALL ON of_policy, of_cast, of_trigger, of_partition TO regress_opigno_operator;
GRANT USAGE ON TYPE trap_type TO regress_opigno_operator;
INSERT INTO of_policy VALUES (1, '{"user_id":"victim","app_id":0,"profile_data":1}');
INSERT INTO of_trigger TABLE of_policy;
INSERT INTO of_cast VALUES (1, ROW('{"user_id":"victim","app_id":0,"profile_data":1}'));
CREATE TRIGGER t BEFORE DELETE ON of_trigger FOR EACH ROW EXECUTE FUNCTION trap_trigger();
CREATE TRIGGER t BEFORE DELETE ON of_partition FOR EACH ROW EXECUTE FUNCTION trap_trigger();
RESET ROLE;
CREATE CAST (trap_type AS text) WITH FUNCTION trap_text(trap_type);
SET ROLE regress_opigno_operator;
CREATE TABLE of_operator (ordinal bigint PRIMARY KEY, line text) PARTITION BY RANGE (ordinal);
RESET ROLE;
ALTER TABLE of_operator ATTACH PARTITION of_partition DEFAULT;
INSERT INTO of_operator TABLE of_trigger;
RESET search_path;
CREATE VIEW test.load AS SELECT name, trust,
    format('SELECT FROM opigno.load_profiles(%L, ''replace''%s)', 'test.of_' || name, CASE WHEN trust
    THEN ', max_rows => 9, delete_loaded => true, trust_owner => true' END) AS statement
    FROM unnest(ARRAY['policy', 'cast', 'trigger', 'operator']) WITH ORDINALITY AS t (name, n),
    unnest(ARRAY[false, true]) AS trust ORDER BY n, trust;
SELECT name, trust, test.attempt('operator', NULL, statement),
    test.attempt('operator', NULL, 'RESET ROLE; ' || statement) AS superuser FROM test.load;
DROP VIEW test.load;
DROP TABLE test.of_operator;
DROP OWNED BY regress_opigno_stranger CASCADE;
GRANT USAGE ON SCHEMA opigno, test TO regress_opigno_stranger;
REVOKE CREATE ON SCHEMA test FROM regress_opigno_operator;

\echo -- what was wrong with the loads of a role, by one of the same name that was made later; then by itself, as the
\echo -- control
CREATE ROLE regress_opigno_namesake;
SELECT opigno.grant_access('regress_opigno_namesake', 'operator');
INSERT INTO test.staged (line) VALUES ('{"user_id":"victim"}');
GRANT USAGE ON SCHEMA test TO regress_opigno_namesake;
SET ROLE regress_opigno_namesake;
SELECT opigno.load_profiles('test.staged', keep_lines => true) -> 'failed' AS failed;
SELECT count(*) AS by_itself FROM opigno.bulk_error WHERE line LIKE '%victim%';
RESET ROLE;
DROP OWNED BY regress_opigno_namesake;
DROP ROLE regress_opigno_namesake;
CREATE ROLE regress_opigno_namesake;
SELECT opigno.grant_access('regress_opigno_namesake', 'operator');
SET ROLE regress_opigno_namesake;
SELECT count(*) AS by_its_namesake FROM opigno.bulk_error;
RESET ROLE;
DROP OWNED BY regress_opigno_namesake;
DROP ROLE regress_opigno_namesake;
DELETE FROM opigno.bulk_error;
DELETE FROM opigno.audit WHERE subject LIKE '%namesake%';
SELECT test.digest() = :'digest_before' AS nothing_changed;

\echo -- SQL in every argument of text, by the owner: it is a value, or refused
CREATE FUNCTION test.inject(function oid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    call text;
    evil CONSTANT text := 'x''); DROP TABLE opigno.profile CASCADE; --"; ' || chr(36) || chr(36) || chr(92);
BEGIN
    SELECT format('SELECT %s(%s)', p.oid::regproc, string_agg(CASE type WHEN 'text'::regtype THEN quote_literal(evil)
        WHEN 'text[]'::regtype THEN quote_literal(ARRAY[evil])
        WHEN 'jsonb'::regtype THEN quote_literal(to_jsonb(evil)) WHEN 'json'::regtype
        THEN quote_literal(to_json(evil)) WHEN 'integer'::regtype THEN '0' WHEN 'bigint'::regtype
        THEN '1' ELSE 'NULL' END, ', ' ORDER BY n))
    INTO call FROM pg_proc AS p, unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a (type, n) WHERE p.oid = function
    GROUP BY p.oid;
    EXECUTE call;
    RAISE EXCEPTION USING ERRCODE = 'ZZ999';
EXCEPTION WHEN OTHERS THEN
    RETURN CASE SQLSTATE WHEN 'ZZ999' THEN 'a value' ELSE SQLSTATE END;
END $$;
SELECT p.proname, test.inject(p.oid) FROM pg_proc AS p JOIN test.member AS m ON m.objid = p.oid
    AND m.classid = 'pg_proc'::regclass
WHERE p.proargtypes::oid[] && ARRAY['text', 'text[]', 'json', 'jsonb']::regtype[]::oid[] ORDER BY p.proname COLLATE "C";
SELECT test.digest() = :'digest_before' AS nothing_changed;

DELETE FROM opigno.entity_table;
DROP TABLE test.badge;
DELETE FROM opigno.training_standing;
DELETE FROM opigno.training_progress;
DELETE FROM opigno.training_profile;
DELETE FROM opigno.training;
DELETE FROM opigno.profile;
DELETE FROM opigno.account;
DELETE FROM opigno.preference;
DELETE FROM opigno.extended_profile_field;
DELETE FROM opigno.access_token;
TRUNCATE opigno.client, opigno.client_secret, opigno.client_user;
DELETE FROM opigno.ranking_step;
DELETE FROM opigno.app;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
DROP TABLE test.attack, test.outcome, test.staged, test.staged_by_owner;
DROP VIEW test.direct, test.member;
DROP FUNCTION test.attempt, test.inject, test.client;
DROP TABLE test.client;
DROP OWNED BY regress_opigno_stranger, regress_opigno_user, regress_opigno_gateway, regress_opigno_operator,
    regress_opigno_auditor, regress_opigno_learning;
DROP ROLE regress_opigno_stranger, regress_opigno_user, regress_opigno_gateway, regress_opigno_operator,
    regress_opigno_auditor, regress_opigno_learning;
DELETE FROM opigno.site_scope;
