-- Shows opigno_profiles on several servers: a front, a hub and three shards. Run on the front.
-- "scripts/quickstart sharded" runs it. It can be run again.
\set ECHO queries
\pset footer off
\set ada c1d7a3f0-5a1e-4f0e-9a57-2d0b6f1c8e44
\set andrew 3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77
\set john 17adb4c1-eb29-44bf-9d9a-5f8d056e58ee

\echo '\n-- Each user is on one shard, which follows from the uuid.'
SELECT user_uuid, opigno.user_shard(user_uuid, 3) AS shard
FROM unnest(ARRAY[:'ada', :'andrew', :'john', 'anon-7a3a']) AS user_uuid;

\echo '-- Call the functions in the schema "sharded". Each runs where its user is: setUserContext,'
SELECT sharded.set_user_context_json('{
    "uuid": "3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77",
    "displayName": "Andrew M. Pearson",
    "isActive": true,
    "scope": "AUTHENTICATED"
}') \g (format=unaligned tuples_only=on)

\echo '\n-- the same with SQL types, in any letter case,'
SELECT uuid, display_name, is_active, scope
FROM sharded.set_user_context(upper(:'john'), 'John Doe', true, 'AUTHENTICATED');
SELECT sharded.get_user_context_json(:'john') \g (format=unaligned tuples_only=on)

\echo '\n-- a pseudonym, and an anonymous user.'
SELECT uuid, display_name FROM sharded.anonymize_user_context(:'andrew');
SELECT uuid, display_name, scope
FROM sharded.set_user_context('anon-7a3a', 'Anonymous User', true);

\echo '-- Lists come from all shards, in the order of one server.'
SELECT uuid, display_name FROM sharded.list_user_contexts('17', 3);

\echo '-- Load many users: each entry goes to the shard of its user.'
SELECT sharded.set_user_contexts('[
    {"uuid": "9c2f0d6e-5d0b-4a55-8f0e-3f1d3a0f6f11", "displayName": "Ada", "isActive": true},
    {"uuid": "b7e1f9a4-2c55-4d0e-9d3c-0c8a1f4e2d22", "displayName": "Bob", "isActive": true}
]') \g (format=unaligned tuples_only=on)

\echo
\echo '-- The hub holds what all users share. Shards know a change when the call returns.'
SELECT * FROM sharded.register_scope('MENTOR', '{AUTHENTICATED}', 'guides learners');
SELECT uuid, scope FROM sharded.set_user_scopes(:'john', '{MENTOR}');
SELECT sharded.has_scope(:'john', 'AUTHENTICATED');
SELECT sharded.register_app('Course shop', 'sells courses', '{shop.example}', 0)
WHERE NOT EXISTS (SELECT FROM sharded.list_apps() WHERE app = 'Course shop') \g /dev/null
SELECT * FROM sharded.list_apps();

\echo '-- Profiles: a document, a merge patch, and a version that is not the expected one.'
SELECT sharded.delete_profile(:'john', 0) \g /dev/null
SELECT * FROM sharded.upsert_profile(:'john', 0,
    '{"theme": "dark", "cart": {"items": 2, "coupon": "SPRING"}}');
SELECT * FROM sharded.patch_profile(:'john', 0, '{"cart": {"coupon": null, "total": 19.90}}');
SELECT profile_data, version FROM sharded.get_profile(:'john', 0);
\set ON_ERROR_STOP off
\set VERBOSITY verbose
SELECT * FROM sharded.patch_profile(:'john', 0, '{"theme": "light"}', expected_version => 1);
\set VERBOSITY default
\set ON_ERROR_STOP on

\echo '\n-- A role is created on each server. One call gives it a level on the hub and the shards.'
\echo '-- Then the front gets the same, and install_proxies grants the proxies of this level.'
SELECT 'CREATE ROLE opigno_tour_gateway LOGIN'
WHERE to_regrole('opigno_tour_gateway') IS NULL \gexec
\set ECHO none
\set create_role 'DO $$BEGIN IF to_regrole(\'opigno_tour_gateway\') IS NULL THEN '
\set create_role :create_role 'CREATE ROLE opigno_tour_gateway LOGIN; END IF; END$$;'
\set front 'host=' :servers '/front'
\set hub 'host=' :servers '/hub'
\set shard_0 'host=' :servers '/shard_0'
\set shard_1 'host=' :servers '/shard_1'
\set shard_2 'host=' :servers '/shard_2'
\set QUIET on
\connect -reuse-previous=on :hub
:create_role
\connect -reuse-previous=on :shard_0
:create_role
\connect -reuse-previous=on :shard_1
:create_role
\connect -reuse-previous=on :shard_2
:create_role
\connect -reuse-previous=on :front
\set QUIET off
\set ECHO queries
SELECT sharded.grant_access('opigno_tour_gateway', 'gateway') \g /dev/null
SELECT opigno.grant_access('opigno_tour_gateway', 'gateway') \g /dev/null
CALL opigno.install_proxies('users', 'sharded');

\echo '\n-- Register a client. The hub issues its access token, which every shard accepts.'
\echo '-- (Only once: later runs of the tour give the client a new secret.)'
SELECT sharded.register_client(0, 'Tour')
WHERE NOT EXISTS (SELECT FROM sharded.list_clients() WHERE label = 'Tour') \g /dev/null
SELECT client_id, client_key, sharded.rotate_client_secret(client_id) AS client_secret
FROM sharded.list_clients() WHERE label = 'Tour' \gset
SET ROLE opigno_tour_gateway;
SELECT response_body AS answer
FROM sharded.http_request('POST', '/oauth/token',
    '{"Content-Type": "application/x-www-form-urlencoded"}', convert_to(
    'grant_type=client_credentials&client_id=' || :'client_key' ||
    '&client_secret=' || :'client_secret', 'UTF8')) \gset
\echo :answer
SELECT jsonb_build_object('Authorization', 'Bearer ' || (:'answer'::json ->> 'access_token'),
    'Opigno-Client-UUID', :'ada', 'Content-Type', 'application/json') AS headers \gset

\echo '\n-- A request is one call of http_request, which finds the shard of its user. In the first'
\echo '-- run of the tour the user is new, and the request registers the user.'
SELECT status FROM sharded.http_request('PUT', '/user-contexts/' || :'ada', :'headers',
    '{"displayName": "Ada Lovelace", "isActive": true, "scope": "AUTHENTICATED"}');
SELECT status FROM sharded.http_request('DELETE', '/user/profiles/0', :'headers') \g /dev/null
SELECT status FROM sharded.http_request('POST', '/user/profiles/create', :'headers',
    '{"app_id": 0, "profile_data": {"theme": "light"}}');
SELECT status, response_body::json -> 0 -> 'profile_data' AS profile_data
FROM sharded.http_request('GET', '/user/profiles/0', :'headers');

\echo '-- GraphQL goes the same way.'
SELECT response_body AS response
FROM sharded.http_request('POST', '/graphql', :'headers', convert_to(jsonb_build_object('query',
    'query($uuid: String!) { getUserContext(uuid: $uuid) { displayName scope } }',
    'variables', jsonb_build_object('uuid', :'ada'))::text, 'UTF8'))
\g (format=unaligned tuples_only=on)

\echo '\n-- A client may act for the users that it has created or was granted, and for nobody else.'
SELECT status, response_body::json ->> 'title' AS title
FROM sharded.http_request('GET', '/user/profiles/0',
    :'headers'::jsonb || jsonb_build_object('Opigno-Client-UUID', :'john'));
RESET ROLE;

\echo '-- Custom fields: the hub has the schema, and all shards count faults.'
\set schema '{"type": "object", "properties": {"theme": {"enum": ["light", "dark"]}, "cart": {"type": "object", "properties": {"items": {"type": "integer", "minimum": 0}}}}}'
SELECT outcome FROM sharded.set_profile_schema(0, :'schema', 'warn');
SELECT outcome FROM sharded.patch_profile(:'john', 0, '{"cart": {"items": -1}}');
SELECT outcome FROM sharded.patch_profile(:'ada', 0, '{"cart": {"items": -1}}');
SELECT path, keyword, faults FROM sharded.profile_schema_faults(0) ORDER BY version DESC LIMIT 1;
SELECT sharded.validate_profiles(0) ->> 'failed' AS failed;
SELECT sharded.drop_profile_schema(0) \g /dev/null

\echo '-- Accounts of Open edX.'
SELECT sharded.configure_extended_profile_field('occupation') \g /dev/null
SELECT sharded.patch_account(:'john', '{"extended_profile": [
    {"field_name": "occupation", "field_value": {"name": "Organic Farmer", "salary": "65000"}}
]}') -> 'extended_profile' AS extended_profile \g (format=unaligned tuples_only=on)
SELECT sharded.patch_preferences(:'john', '{"time_zone": "Asia/Tokyo"}')
\g (format=unaligned tuples_only=on)

\echo '\n-- Trainings are on the hub, and progress is with the user. A bundle has both.'
SELECT training_id, title FROM sharded.set_training('first-aid', 'First aid');
SELECT outcome FROM sharded.upsert_training_profile('first-aid', 0, '{"seats": 20}');
SELECT status, progress, score
FROM sharded.report_progress(:'ada', 'first-aid', 'in_progress', 40, 12.5, '2026-02-01 09:00Z');
SELECT training -> 'training_id' AS training_id, training -> 'status' AS status,
    training -> 'progress' AS progress, training -> 'score' AS score
FROM sharded.get_user_bundle(:'ada') AS b, json_array_elements(b -> 'trainings') AS training;

\echo '-- A user leaves: everything that is known, the retirement, the erasure, the certificate.'
SELECT set_config('tour.user', gen_random_uuid()::text, false) \g /dev/null
SELECT sharded.set_user_context(current_setting('tour.user'), 'Grace', true, 'AUTHENTICATED')
    \g /dev/null
SELECT sharded.upsert_profile(current_setting('tour.user'), 0, '{"theme": "dark"}') \g /dev/null
SELECT export -> 'user_context' ->> 'displayName' AS name,
    export -> 'profiles' -> 0 -> 'profile_data' AS profile_data
FROM sharded.export_user(current_setting('tour.user')) AS export;
SELECT current_state FROM sharded.begin_retirement(current_setting('tour.user'));
SELECT current_state FROM sharded.move_retirement(current_setting('tour.user'), 'RETIRING_LMS',
    'forums and mailing lists are done');
SELECT outcome FROM sharded.retire_user_data(current_setting('tour.user'));
SELECT current_state FROM sharded.move_retirement(current_setting('tour.user'), 'COMPLETE', 'done');
SELECT left(retired_uuid, 14) AS retired_uuid, erased -> 'user_context' AS user_context,
    erased -> 'profile' AS profile
FROM sharded.retirement_certificate(current_setting('tour.user'));
SELECT sharded.is_retired(current_setting('tour.user'));

\echo '\n-- A shard refuses the users of others. It has the audit trail of its own.'
\set QUIET on
\connect -reuse-previous=on :shard_2
\set QUIET off
\set ON_ERROR_STOP off
\set VERBOSITY verbose
SELECT opigno.patch_profile(:'john', 0, '{"theme": "light"}');
\set VERBOSITY default
\set ON_ERROR_STOP on
SELECT action, outcome, acting_role, request_client, user_uuid
FROM opigno.audit WHERE request_client IS NOT NULL ORDER BY id DESC LIMIT 3;
\set QUIET on
\connect -reuse-previous=on :front
\set QUIET off

\echo '-- The tour has shown a secret and a token. Neither is accepted any more.'
SELECT sharded.rotate_client_secret(:client_id) \g /dev/null
SELECT sharded.revoke_client_tokens(:client_id);
