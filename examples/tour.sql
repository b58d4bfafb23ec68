-- Shows what opigno_profiles does, with the examples of Opigno's documentation.
-- scripts/quickstart runs it. It can be run again.
\set ECHO queries
\pset footer off

\echo '\n-- Register a user with the JSON of Opigno''s setUserContext.'
SELECT opigno.set_user_context_json('{
    "uuid": "3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77",
    "displayName": "Andrew M. Pearson",
    "isActive": true,
    "scope": "AUTHENTICATED"
}') \g (format=unaligned tuples_only=on)

\echo '\n-- The same with SQL types.'
SELECT uuid, display_name, is_active, scope
FROM opigno.set_user_context('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 'John Doe', true,
                             'AUTHENTICATED');

\echo '-- Read the user: getUserContext. A UUID is accepted in any letter case.'
SELECT opigno.get_user_context_json(
    '17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE') \g (format=unaligned tuples_only=on)

\echo '\n-- Deactivate the user. Members that are not given stay as they are.'
SELECT opigno.set_user_context_json('{
    "uuid": "3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77",
    "isActive": false
}') \g (format=unaligned tuples_only=on)

\echo '\n-- Update and anonymize the user, as documented ...'
SELECT opigno.set_user_context_json('{
    "uuid": "3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77",
    "displayName": "user_12345",
    "isActive": true,
    "scope": "AUTHENTICATED"
}') \g (format=unaligned tuples_only=on)

\echo '\n-- ... and with a generated pseudonym.'
SELECT uuid, display_name
FROM opigno.anonymize_user_context('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77');

\echo '-- Register an anonymous user: any unique string is a uuid, and there is no scope.'
SELECT opigno.set_user_context_json('{
    "uuid": "anon-7f3a",
    "displayName": "Anonymous User",
    "isActive": true
}') \g (format=unaligned tuples_only=on)

\echo '\n-- Register a scope of your own that implies a built-in one.'
SELECT * FROM opigno.register_scope('MENTOR', '{AUTHENTICATED}', 'guides learners');
SELECT uuid, scope FROM opigno.set_user_scopes('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', '{MENTOR}');
SELECT opigno.has_scope('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 'AUTHENTICATED');

\echo '-- Load many users.'
SELECT opigno.set_user_contexts('[
    {"uuid": "9c2f0d6e-5d0b-4a55-8f0e-3f1d3a0f6f11", "displayName": "Ada", "isActive": true},
    {"uuid": "b7e1f9a4-2c55-4d0e-9d3c-0c8a1f4e2d22", "displayName": "Bob", "isActive": true}
]') \g (format=unaligned tuples_only=on)

\echo '\n-- A refusal writes nothing and lists every error with its entry.'
SELECT opigno.set_user_contexts('[
    {"uuid": "9c2f0d6e-5d0b-4a55-8f0e-3f1d3a0f6f11", "displayName": "Ada Lovelace"},
    {"uuid": "9C2F0D6E-5D0B-4A55-8F0E-3F1D3A0F6F11", "displayName": "Ada again"},
    {"uuid": "new-user", "displayname": "a member spelled wrong", "isActive": true}
]') \g (format=unaligned tuples_only=on)

\echo '\n-- List users, one page at a time.'
SELECT uuid, display_name, is_active, scope FROM opigno.list_user_contexts(max_rows => 5);

\echo '-- Register an app with a chosen app_id. (Only once: names of apps are unique.)'
SELECT opigno.register_app('Course shop', 'sells courses', '{shop.example}', 0)
WHERE NOT EXISTS (SELECT FROM opigno.list_apps() WHERE app = 'Course shop') \g /dev/null
SELECT * FROM opigno.list_apps();

\echo '-- Store what the app knows about a user: one jsonb document with a version.'
SELECT opigno.delete_profile('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 0) \g /dev/null
SELECT * FROM opigno.upsert_profile('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 0,
    '{"theme": "dark", "cart": {"items": 2, "coupon": "SPRING"}}');

\echo '-- Apply a JSON Merge Patch: null removes a member, objects are merged.'
\echo '-- A patch that changes nothing writes nothing.'
SELECT * FROM opigno.patch_profile('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 0,
    '{"cart": {"coupon": null, "total": 19.90}}');
SELECT * FROM opigno.patch_profile('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 0, '{"theme": "dark"}');
SELECT profile_data, version FROM opigno.get_profile('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 0);

\echo '-- A write that expects another version than the stored one fails with PT412,'
\echo '-- which HTTP gateways turn into status 412.'
\set ON_ERROR_STOP off
\set VERBOSITY verbose
SELECT * FROM opigno.patch_profile('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 0, '{"theme": "light"}',
                                   expected_version => 1);
\set VERBOSITY default
\set ON_ERROR_STOP on

\echo '\n-- Register a client: the server of an app authenticates with its key and secret.'
\echo '-- (Only once: later runs of the tour give the client a new secret.)'
SELECT opigno.register_client(0, 'Tour')
WHERE NOT EXISTS (SELECT FROM opigno.list_clients() WHERE label = 'Tour') \g /dev/null
SELECT client_id, client_key, opigno.rotate_client_secret(client_id) AS client_secret
FROM opigno.list_clients() WHERE label = 'Tour' \gset
SELECT client_id, app_id, label, may_act_for, may_grant_scopes, expires_soon
FROM opigno.list_clients() WHERE label = 'Tour';

\echo '-- The server connects as a role of level "user". It gets an access token, in the form of an'
\echo '-- answer of OAuth 2.0. (The tour ends with the revocation of this token and this secret.)'
SELECT 'CREATE ROLE opigno_tour_app'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'opigno_tour_app') \gexec
SELECT opigno.grant_access('opigno_tour_app', 'user') \g /dev/null
SET ROLE opigno_tour_app;
SELECT opigno.issue_access_token(:'client_key', :'client_secret', 'client_credentials') AS answer
\gset
\echo :answer
SELECT 'Bearer ' || (:'answer'::json ->> 'access_token') AS authorization \gset

\echo '\n-- A request is a transaction: BEGIN, begin_request with the headers Authorization and'
\echo '-- Opigno-Client-UUID, calls, COMMIT. In the first run of the tour the user is new, and the'
\echo '-- request registers the user.'
BEGIN;
SELECT opigno.begin_request(:'authorization', 'c1d7a3f0-5a1e-4f0e-9a57-2d0b6f1c8e44') \g /dev/null
SELECT display_name, is_active, scope
FROM opigno.set_user_context('c1d7a3f0-5a1e-4f0e-9a57-2d0b6f1c8e44', 'Ada Lovelace', true,
                             'AUTHENTICATED');
SELECT opigno.delete_my_profile(0) \g /dev/null
SELECT * FROM opigno.create_my_profile(0, '{"theme": "light"}');

\echo '-- The request sees the data of its user only.'
SELECT app_id, profile_data, version FROM opigno.my_profiles();
SELECT uuid, display_name FROM opigno.user_context;
COMMIT;

\echo '-- Operators need no request, and see every user.'
RESET ROLE;
SELECT user_uuid, profile_data
FROM opigno.get_profile('c1d7a3f0-5a1e-4f0e-9a57-2d0b6f1c8e44', 0);

\echo '-- A client may act for the users that it has created or was granted, and for nobody else.'
SET ROLE opigno_tour_app;
\set ON_ERROR_STOP off
\set VERBOSITY verbose
SELECT opigno.begin_request(:'authorization', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee');
\set VERBOSITY default
\set ON_ERROR_STOP on

\echo '\n-- A user who is not active cannot act ...'
BEGIN;
SELECT opigno.begin_request(:'authorization', 'c1d7a3f0-5a1e-4f0e-9a57-2d0b6f1c8e44') \g /dev/null
SELECT display_name, is_active
FROM opigno.set_user_context('c1d7a3f0-5a1e-4f0e-9a57-2d0b6f1c8e44', is_active => false);
COMMIT;
BEGIN;
SELECT opigno.begin_request(:'authorization', 'c1d7a3f0-5a1e-4f0e-9a57-2d0b6f1c8e44') \g /dev/null
\set ON_ERROR_STOP off
\set VERBOSITY verbose
SELECT * FROM opigno.my_profiles();
\set VERBOSITY default
\set ON_ERROR_STOP on
ROLLBACK;

\echo '\n-- ... until the client that created the user reactivates the user.'
BEGIN;
SELECT opigno.begin_request(:'authorization', 'c1d7a3f0-5a1e-4f0e-9a57-2d0b6f1c8e44') \g /dev/null
SELECT display_name, is_active
FROM opigno.set_user_context('c1d7a3f0-5a1e-4f0e-9a57-2d0b6f1c8e44', is_active => true);
SELECT app_id, profile_data FROM opigno.my_profiles();
COMMIT;
RESET ROLE;

\echo '-- Load many profiles, with Sentinel''s example, which names one user and app twice.'
SELECT opigno.set_user_context('string', 'A user', true) \g /dev/null
SELECT opigno.create_profiles('{"profiles": [
    {"app_id": 0, "profile_data": {"additionalProp1": {}}, "user_id": "string"},
    {"app_id": 0, "profile_data": {"additionalProp1": {}}, "user_id": "string"}
]}', on_conflict => 'replace') \g (format=unaligned tuples_only=on)

\echo '\n-- Custom fields: a JSON Schema says what the profiles of an app look like.'
\echo '-- Which of the stored profiles would it refuse? The errors name places, never values.'
\set schema '{"type": "object", "properties": {"theme": {"enum": ["light", "dark"]}, "cart": {"type": "object", "properties": {"items": {"type": "integer", "minimum": 0}}}}, "additionalProperties": false}'
SELECT opigno.validate_profiles(0, :'schema') -> 'errors' \g (format=unaligned tuples_only=on)

\echo '\n-- Try the schema: writes pass, and faults are counted.'
SELECT outcome FROM opigno.set_profile_schema(0, :'schema', 'warn');
SELECT outcome FROM opigno.patch_profile('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 0,
                                         '{"cart": {"items": -1}}');
SELECT path, keyword, faults FROM opigno.profile_schema_faults(0);

\echo '-- Migrate the profiles of the app, in batches, with one merge patch, and enforce the schema.'
CALL opigno.migrate_profiles(0, '{"additionalProp1": null, "cart": {"items": 2}}');
SELECT outcome FROM opigno.set_profile_schema(0, :'schema', 'enforce');
\set ON_ERROR_STOP off
\set VERBOSITY verbose
SELECT * FROM opigno.patch_profile('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 0,
                                   '{"theme": "pink", "cart": {"items": 0.5}}');
\set VERBOSITY default
\set ON_ERROR_STOP on
SELECT opigno.drop_profile_schema(0) \g /dev/null

\echo '\n-- Accounts of Open edX: the site configures fields, and a merge patch sets them.'
SELECT opigno.configure_extended_profile_field('occupation') \g /dev/null
SELECT opigno.patch_account('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', '{"extended_profile": [
    {"field_name": "occupation", "field_value": {"name": "Organic Farmer", "salary": "65000"}}
]}') -> 'extended_profile' AS extended_profile \g (format=unaligned tuples_only=on)
SELECT opigno.patch_account('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee',
    '{"username": "somebody-else"}') \g (format=unaligned tuples_only=on)
SELECT opigno.patch_preferences('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee',
    '{"time_zone": "Asia/Tokyo"}') \g (format=unaligned tuples_only=on)

\echo '\n-- Trainings with custom fields by a schema, and two tables of the site: the entities that'
\echo '-- extend users and trainings.'
SELECT training_id, title FROM opigno.set_training('first-aid', 'First aid');
SELECT opigno.set_training_profile_schema(0, '{"properties": {"seats": {"type": "integer"}}}')
    \g /dev/null
SELECT outcome FROM opigno.upsert_training_profile('first-aid', 0, '{"seats": 20}');
CREATE TABLE IF NOT EXISTS learner_badge (learner text PRIMARY KEY, badge text);
CREATE TABLE IF NOT EXISTS training_extra (training text PRIMARY KEY, hours integer);
INSERT INTO learner_badge VALUES ('c1d7a3f0-5a1e-4f0e-9a57-2d0b6f1c8e44', 'early bird')
    ON CONFLICT DO NOTHING;
INSERT INTO training_extra VALUES ('first-aid', 12) ON CONFLICT DO NOTHING;
SELECT opigno.detach_entity_table(label) FROM opigno.list_entity_tables() \g /dev/null
SELECT opigno.attach_entity_table('learner_badge', 'badges', user_column => 'learner') \g /dev/null
SELECT opigno.attach_entity_table('training_extra', 'extra', training_column => 'training')
    \g /dev/null

\echo '-- The client finds the training by the beginning of its title, with its extended entity.'
\echo '-- It reports progress and score points. A report that comes again changes nothing.'
SET ROLE opigno_tour_app;
BEGIN;
SELECT opigno.begin_request(:'authorization', 'c1d7a3f0-5a1e-4f0e-9a57-2d0b6f1c8e44') \g /dev/null
SELECT t.training_id, t.title, p.profile_data, e.entity
FROM opigno.find_trainings('FIRST', app_id => 0) AS t,
    opigno.get_training_profile(t.training_id, 0) AS p,
    opigno.training_entities(t.training_id) AS e;
SELECT status, progress, score FROM opigno.report_progress(
    'c1d7a3f0-5a1e-4f0e-9a57-2d0b6f1c8e44', 'first-aid', 'in_progress', 40, 12.5,
    '2026-02-01 09:00Z');
SELECT outcome FROM opigno.report_progress(
    'c1d7a3f0-5a1e-4f0e-9a57-2d0b6f1c8e44', 'first-aid', 'in_progress', 40, 12.5,
    '2026-02-01 09:00Z');

\echo '-- Two requests, for the extended profile and for the data of trainings ...'
SELECT app_id, profile_data FROM opigno.my_profiles();
SELECT training_id, status, progress, score FROM opigno.my_progress();

\echo '-- ... and one combined request.'
SELECT opigno.get_user_bundle('c1d7a3f0-5a1e-4f0e-9a57-2d0b6f1c8e44',
    include => '{user_context,entities}') \g (format=unaligned tuples_only=on)
SELECT profile -> 'app_id' AS app_id, profile -> 'profile_data' AS profile_data
FROM opigno.get_user_bundle('c1d7a3f0-5a1e-4f0e-9a57-2d0b6f1c8e44') AS b,
    json_array_elements(b -> 'profiles') AS profile;
SELECT training -> 'training_id' AS training_id, training -> 'status' AS status,
    training -> 'progress' AS progress, training -> 'score' AS score
FROM opigno.get_user_bundle('c1d7a3f0-5a1e-4f0e-9a57-2d0b6f1c8e44') AS b,
    json_array_elements(b -> 'trainings') AS training;
COMMIT;
RESET ROLE;

\echo '\n-- A user leaves. First, everything that is known about the user ...'
SELECT set_config('tour.user', gen_random_uuid()::text, false) \g /dev/null
SELECT opigno.set_user_context(current_setting('tour.user'), 'Grace', true, 'AUTHENTICATED')
    \g /dev/null
SELECT opigno.upsert_profile(current_setting('tour.user'), 0, '{"theme": "dark"}') \g /dev/null
SELECT export -> 'user_context' ->> 'displayName' AS name,
    export -> 'profiles' -> 0 -> 'profile_data' AS profile_data
FROM opigno.export_user(current_setting('tour.user')) AS export;

\echo '-- ... then the retirement, the erasure, and the certificate of it.'
SELECT current_state FROM opigno.begin_retirement(current_setting('tour.user'));
SELECT current_state FROM opigno.move_retirement(current_setting('tour.user'), 'RETIRING_LMS',
    'forums and mailing lists are done');
SELECT outcome FROM opigno.retire_user_data(current_setting('tour.user'));
SELECT current_state FROM opigno.move_retirement(current_setting('tour.user'), 'COMPLETE', 'done');
SELECT left(retired_uuid, 14) AS retired_uuid, erased -> 'user_context' AS user_context,
    erased -> 'profile' AS profile
FROM opigno.retirement_certificate(current_setting('tour.user'));
SELECT opigno.is_retired(current_setting('tour.user'));

\echo '\n-- The audit trail says who changed what.'
SELECT action, outcome, acting_role, request_client, user_uuid, app_id, version
FROM opigno.audit WHERE request_client IS NOT NULL ORDER BY id DESC LIMIT 3;

\echo '-- The tour has shown a secret and a token. Neither is accepted any more.'
SELECT opigno.rotate_client_secret(:client_id) \g /dev/null
SELECT opigno.revoke_client_tokens(:client_id);
