-- Training profiles: the schemas of their own, who may read what, writes and loads.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE training_profile_learning;
CREATE ROLE training_profile_user;
SELECT opigno.grant_access('training_profile_learning', 'learning');
SELECT opigno.grant_access('training_profile_user', 'user');
SELECT count(opigno.register_app('App ' || n, app_id => n)) FROM generate_series(0, 2) AS n;
SELECT count(*) FROM opigno.update_app(2, is_private => true);
SELECT count(opigno.set_user_context('ada', 'Ada', true));
INSERT INTO opigno.training VALUES ('t1', 'One', true, 1, now(), now()), ('t2', 'Two', true, 1, now(), now());
INSERT INTO opigno.training_profile (training_id, app_id, profile_data, version, created_at, updated_at)
    SELECT t, n, '{"open": 1, "hidden": 2}', 1, now(), now()
    FROM unnest('{t1,t2}'::text[]) AS t, generate_series(0, 2) AS n;

\echo -- the schemas of the two kinds are apart
SELECT * FROM opigno.set_profile_schema(1, '{"type": "object"}');
SELECT * FROM opigno.training_profile_schemas(1);
SELECT * FROM opigno.set_training_profile_schema(1, '{"properties": {"hidden": {"writeOnly": true}}}');
SELECT * FROM opigno.set_training_profile_schema(1, '{"properties": {"hidden": {"writeOnly": true}}}');
SELECT app_id, version, mode FROM opigno.training_profile_schemas();
SELECT app_id, version, mode FROM opigno.profile_schemas();
SELECT opigno.set_training_profile_schema(NULL, '{"type": 1}', 'on');
SELECT opigno.set_training_profile_schema(9, '{}');

\echo -- without a request nothing is seen
SET LOCAL ROLE training_profile_user;
SELECT count(*) FROM opigno.training_profile;
SELECT count(*) FROM opigno.list_training_profiles(0);

\echo -- a request sees what its app and the schemas let it see
RESET ROLE;
SELECT opigno.test_request('ada', '{AUTHENTICATED}', 0);
SET LOCAL ROLE training_profile_user;
SELECT training_id, app_id, profile_data FROM opigno.visible_training_profile;
SELECT training_id, app_id FROM opigno.training_profile ORDER BY 1, 2;
SELECT profile_data FROM opigno.get_training_profile('t1', 1);
SELECT count(*) FROM opigno.get_training_profile('t1', 2);
SELECT training_id FROM opigno.list_training_profiles(0, 't1');
SELECT count(*) FROM opigno.training_profile_schemas();
SELECT opigno.set_training_profile_schema(1, '{}');

\echo -- the level learning sees and sets all of trainings, and nothing of profiles
RESET ROLE;
SET LOCAL ROLE training_profile_learning;
SELECT count(*), count(profile_data -> 'hidden') FROM opigno.visible_training_profile;
SELECT count(*) FROM opigno.training_profile;
SELECT app_id, document_kind FROM opigno.app_schema;
SELECT opigno.drop_training_profile_schema(1);
SELECT opigno.drop_training_profile_schema(1);
SELECT app_id, version, mode FROM opigno.training_profile_schemas();
RESET ROLE;
SELECT app_id, version, mode FROM opigno.profile_schemas();

\echo -- writes of an operator: versions, merge patch, conflicts, faults all at once
SELECT version > 1, outcome FROM opigno.upsert_training_profile('T1', 1, '{"room": "A", "seats": {"all": 3}}');
SELECT version > 1, outcome FROM opigno.upsert_training_profile('t2', 2, '{"room": "A"}', 1);
SELECT outcome FROM opigno.patch_training_profile('t2', 2, '{"room": null, "seats": {"all": 9}}');
SELECT outcome FROM opigno.patch_training_profile('t2', 2, '{"seats": {"all": 9}}');
SELECT profile_data FROM opigno.get_training_profile('t2', 2);
SELECT opigno.upsert_training_profile('t2', 2, '{}', 1);
SELECT opigno.upsert_training_profile('t9', 9, '{}');
SELECT opigno.upsert_training_profile(NULL, NULL, NULL, -2);
SELECT opigno.patch_training_profile('t2', 2, '"text"');
SELECT opigno.delete_training_profile('t2', 2, 1);
SELECT opigno.delete_training_profile('t2', 2), opigno.delete_training_profile('t2', 2);
SELECT opigno.delete_training('t2');
SELECT action, outcome, user_uuid, subject, app_id FROM opigno.audit
WHERE action LIKE '%training_profile' ORDER BY id;

\echo -- the schema judges, also merges and loads; schemas of profiles do not
SELECT outcome FROM opigno.set_training_profile_schema(0, '{"properties": {"seats": {"type": "integer"}}}');
SELECT opigno.upsert_training_profile('t1', 0, '{"seats": "many"}');
SELECT opigno.patch_training_profile('t1', 0, '{"seats": "many"}');
SELECT outcome FROM opigno.patch_training_profile('t1', 0, '{"seats": 4}');
SELECT opigno.validate_training_profiles(0, '{"properties": {"seats": {"type": "string"}}}');
SELECT opigno.validate_training_profiles(2);

\echo -- loads: errors name trainings, and the trail has their range
SELECT opigno.create_training_profiles('[{"training_id": "t1", "app_id": 0, "profile_data": {"seats": 5}},
    {"training_id": "t2", "app_id": 0, "profile_data": {"seats": "x"}},
    {"training_id": "t9", "app_id": 0, "profile_data": 1}, {"user_id": "t1", "app_id": 9}]', 'replace');
SELECT opigno.create_training_profiles('[{"training_id": "T1", "app_id": 0, "profile_data": {"seats": 5}},
    {"training_id": "t1", "app_id": 0, "profile_data": {"seats": 6}},
    {"training_id": "t2", "app_id": 9, "profile_data": 1}]', 'replace', 'report');
SELECT opigno.create_training_profiles('{"profiles": [{"training_id": "t1", "app_id": 1, "profile_data": 1}]}');
SELECT opigno.create_training_profiles('{"training_id": "t1", "app_id": 0, "profile_data": {"seats": 5}}
{"training_id": "t1", "app_id": 0, "profile_data": {"seats": 6}}', 'replace', on_duplicate => 'last');
SELECT opigno.patch_training_profiles('[{"training_id": "t1", "app_id": 0, "patch": {"seats": null, "room": "B"}},
    {"training_id": "t2", "app_id": 0, "patch": {"seats": 7}}]');
SELECT opigno.patch_training_profiles('[{"training_id": "t1", "app_id": 0, "patch": {"seats": "x"}},
    {"training_id": "t2", "app_id": 0, "version": 5, "patch": {}}]');
SELECT training_id, app_id, profile_data FROM opigno.list_training_profiles(0);
SELECT opigno.create_training_profiles(json_agg(p)::text, 'replace') FROM opigno.list_training_profiles(0) AS p;
SELECT opigno.delete_training_profiles('[{"training_id": "t2", "app_id": 0}, {"training_id": "t2", "app_id": 2}]',
    dry_run => true);
SELECT opigno.delete_training_profiles('[{"training_id": "t2", "app_id": 0}, {"training_id": "t2", "app_id": 2}]');
SELECT opigno.create_training_profiles(NULL, 'x', 'y', max_errors => -1);
SELECT action, outcome, user_uuid, subject, row_count FROM opigno.audit
    WHERE action LIKE '%training_profiles' ORDER BY id;

\echo -- one statement is enough for many: patches of all by one, and defaults of the schema
SELECT outcome FROM opigno.set_training_profile_schema(2, '{"properties": {"mode": {"default": "online"}}}',
    apply_defaults => true);
SELECT opigno.create_training_profiles(
    (SELECT string_agg(format('{"training_id": "%s", "app_id": 2, "profile_data": {}}', t), E'\n')
     FROM unnest('{t1,t2}'::text[]) AS t), 'replace') #>> '{response,replaced}';
SELECT profile_data FROM opigno.list_training_profiles(2);

\echo -- a request writes with the scope ADMINISTRATOR, in its own app only
SELECT client_id AS client FROM opigno.register_client(1, 'Site', may_act_for => 'all') \gset
SELECT opigno.test_request('ada', '{AUTHENTICATED}', 1, :client);
SET LOCAL ROLE training_profile_user;
SELECT opigno.patch_training_profile('t1', 1, '{"a": 1}');
SELECT opigno.create_training_profiles('[]');
RESET ROLE;
SELECT opigno.test_request('ada', '{ADMINISTRATOR}', 1, :client);
SET LOCAL ROLE training_profile_user;
SELECT outcome FROM opigno.patch_training_profile('t1', 1, '{"a": 1}');
SELECT opigno.patch_training_profile('t1', 0, '{"a": 1}');
SELECT opigno.patch_training_profile('t1', 9, '{"a": 1}');
SELECT opigno.upsert_training_profile('t9', 1, '{"a": 1}');
SELECT opigno.delete_training_profile('t1', 1);
RESET ROLE;
SELECT opigno.test_request('ada', '{ADMINISTRATOR}');
SET LOCAL ROLE training_profile_user;
SELECT opigno.patch_training_profile('t1', 2, '{"a": 1}');
SELECT outcome FROM opigno.patch_training_profile('t1', 0, '{"seats": 1}');
RESET ROLE;
SELECT count(*) FROM opigno.update_app(1, max_profile_size => 100);
SELECT opigno.test_request('ada', '{ADMINISTRATOR}', 1);
SET LOCAL ROLE training_profile_user;
SELECT opigno.upsert_training_profile('t1', 1, to_jsonb(repeat('x', 200)));
RESET ROLE;

\echo -- the level learning writes all
SET LOCAL ROLE training_profile_learning;
SELECT outcome FROM opigno.upsert_training_profile('t1', 2, '{"a": 1}');
SELECT opigno.patch_training_profiles('[{"training_id": "t1", "app_id": 2, "patch": {"a": 2}}]')
    #>> '{response,merged}';

\echo -- trainings of an app are found by title; those whose profile is hidden are not
SELECT * FROM opigno.find_trainings('', 2);
SELECT * FROM opigno.find_trainings('o', 0, 5);
SELECT * FROM opigno.find_trainings('two', 0);
RESET ROLE;
SELECT opigno.test_request('ada', '{AUTHENTICATED}', 0);
SET LOCAL ROLE training_profile_user;
SELECT * FROM opigno.find_trainings('', 2);
SELECT * FROM opigno.find_trainings('', 0);
RESET ROLE;
ROLLBACK;
