-- What a server is in a sharded system, and what it refuses then.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_operator;
CREATE ROLE regress_opigno_app;
CREATE ROLE regress_opigno_gateway;
SELECT opigno.grant_access('regress_opigno_' || role, level)
FROM (VALUES ('operator', 'operator'), ('app', 'user'), ('gateway', 'gateway')) AS r (role, level) \g /dev/null
CREATE TEMP TABLE users AS
SELECT DISTINCT ON (shard) shard, uuid
FROM (SELECT 'user-' || i, opigno.user_shard('user-' || i, 3) FROM generate_series(10, 40) AS i) AS u (uuid, shard)
ORDER BY shard, uuid;
GRANT SELECT ON users TO PUBLIC;
-- The faults of an answer in JSON.
CREATE FUNCTION pg_temp.faults(answer json) RETURNS SETOF text LANGUAGE sql
    AS $$SELECT e ->> 'ordinal' || ': ' || (e ->> 'code') || ' ' || (e ->> 'path') || ' ' || (e ->> 'message')
        FROM json_array_elements(answer -> 'errors') AS e$$;
TABLE users;
SELECT uuid AS on_0 FROM users WHERE shard = 0 \gset
SELECT uuid AS on_1 FROM users WHERE shard = 1 \gset
SELECT uuid AS on_2 FROM users WHERE shard = 2 \gset
SELECT opigno.register_app('lms', app_id => 1) \g /dev/null
SELECT opigno.set_training('t1', 'Training') \g /dev/null
DELETE FROM opigno.audit;

\echo -- every table is placed, and only these; foreign keys between placements lead to registries or stay
SELECT c.relname AS not_placed FROM pg_class AS c
    JOIN pg_depend AS d ON d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e'
    JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'opigno_profiles'
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND (SELECT count(*) FROM opigno.table_placement WHERE table_name = c.relname) <> 1
ORDER BY 1;
SELECT table_name AS no_table FROM opigno.table_placement
WHERE to_regclass('opigno.' || table_name) IS NULL ORDER BY 1;
SELECT f.conname AS leads_elsewhere
FROM pg_constraint AS f JOIN pg_class AS a ON a.oid = f.conrelid JOIN pg_class AS b ON b.oid = f.confrelid
    JOIN opigno.table_placement AS p ON p.table_name = a.relname
    JOIN opigno.table_placement AS q ON q.table_name = b.relname
WHERE f.contype = 'f' AND f.connamespace = 'opigno'::regnamespace
    AND q.placement <> 'registry' AND q.placement <> p.placement ORDER BY 1;
\echo -- rows that shards refer to and a hub could delete: register them with check_may_delete_registered()
SELECT f.conrelid::regclass AS from_table, f.confrelid::regclass AS to_table
FROM pg_constraint AS f JOIN pg_class AS a ON a.oid = f.conrelid JOIN pg_class AS b ON b.oid = f.confrelid
    JOIN opigno.table_placement AS p ON p.table_name = a.relname
    JOIN opigno.table_placement AS q ON q.table_name = b.relname
WHERE f.contype = 'f' AND f.connamespace = 'opigno'::regnamespace
    AND p.placement <> 'registry' AND q.placement = 'registry'
ORDER BY f.conrelid::regclass::text COLLATE "C";
\echo -- sequences are of registries, or each shard takes its own numbers
SELECT c.relname, EXISTS (SELECT FROM opigno.sharded_sequence
        WHERE sequence_name = 'opigno.' || c.relname) AS is_sharded
FROM pg_class AS c WHERE c.relkind = 'S' AND c.relnamespace = 'opigno'::regnamespace ORDER BY 1;
SELECT DISTINCT increment_by FROM opigno.sharded_sequence;

\echo -- arguments and rights
SELECT test.refusal(format('SELECT opigno.become_shard(%s, %s)', shard, shards))
FROM (VALUES ('NULL', 'NULL'), ('0', '0'), ('0', '65537'), ('3', '3'), ('-1', '3'), ('-1', '0')) AS v (shard, shards);
SET ROLE regress_opigno_operator;
SELECT test.refusal('SELECT opigno.become_shard(0, 3)');
SELECT test.refusal('SELECT opigno.become_hub()');
SELECT test.refusal('SELECT opigno.become_single_server()');
SELECT test.refusal('INSERT INTO opigno.server_role (server_kind, changed_at) VALUES (''hub'', now())');
RESET ROLE;
SELECT r FROM unnest(ARRAY['true, ''hub'', 1, 3', 'true, ''shard'', NULL, NULL', 'true, ''shard'', 3, 3',
        'true, ''shard'', NULL, 3', 'true, ''front'', NULL, NULL', 'false, ''hub'', NULL, NULL']) AS given,
    test.refusal(format('INSERT INTO opigno.server_role VALUES (%s, now())', given)) AS r
WHERE r NOT LIKE 'DETAIL%';

\echo -- users of other shards are in the way
SELECT count(opigno.set_user_context(uuid, 'Name', true)) FROM users;
SELECT test.refusal('SELECT opigno.become_shard(1, 3)');
SELECT test.refusal('SELECT opigno.become_hub()');
SELECT opigno.become_single_server();
DELETE FROM opigno.user_context WHERE uuid <> :'on_1';

\echo -- a shard: once
ALTER SEQUENCE opigno.retirement_id_seq RESTART;
SELECT opigno.become_shard(1, 3);
SELECT opigno.become_shard(1, 3) AS again;
SELECT server_kind, shard, shards, changed_at = now() AS is_now FROM opigno.server_role;
SELECT action, outcome, subject FROM opigno.audit WHERE action LIKE 'become%' ORDER BY id;
SELECT array_agg(DISTINCT increment_by) AS increments FROM opigno.sharded_sequence;
SELECT test.refusal('SELECT opigno.become_shard(0, 3)');

\echo -- its numbers
SELECT nextval('opigno.retirement_id_seq') AS retirement, nextval('opigno.retirement_id_seq') AS retirement_2,
    nextval('opigno.user_context_id_seq') % 3 AS user_context, nextval('opigno.audit_id_seq') % 3 AS audit,
    nextval('opigno.app_id_seq') - lag AS app
FROM (SELECT nextval('opigno.app_id_seq') AS lag) AS a;
SELECT setval('opigno.user_context_id_seq', 1000) \g /dev/null
ALTER SEQUENCE opigno.user_context_id_seq INCREMENT BY 1;
UPDATE opigno.server_role SET changed_at = now();
\echo -- as after a restore
SET ROLE regress_opigno_operator;
SELECT test.refusal(format('SELECT opigno.set_user_context(%L, ''Other'')', :'on_1'));
SELECT display_name FROM opigno.get_user_context(:'on_1');
RESET ROLE;
SELECT test.refusal('SELECT opigno.purge_audit(''infinity'')');
SAVEPOINT before_request;
SELECT opigno.test_request(:'on_1');
SET LOCAL ROLE regress_opigno_app;
SELECT display_name FROM opigno.my_user_context();
ROLLBACK TO before_request;
SELECT opigno.become_shard(1, 3);
SELECT nextval('opigno.user_context_id_seq'), nextval('opigno.user_context_id_seq');

\echo -- functions of users: others are refused, whatever the letter case, and whoever they are
SELECT uuid, opigno.user_shard(uuid, 3) AS shard FROM (VALUES
    ('6f0d2c3a-0b7e-4a53-8a5d-0e1f2a3b4c5d'), ('6F0D2C3A-0B7E-4A53-8A5D-0E1F2A3B4C5D')) AS v (uuid);
SET ROLE regress_opigno_operator;
SELECT test.refusal(format(call, :'on_2')) FROM (VALUES
    ('SELECT opigno.set_user_context(%L, ''Name'', true)'),
    ('SELECT opigno.upsert_profile(%L, 1, ''{}'')')) AS c (call);
SELECT DISTINCT test.refusal(format(call, :'on_0')) FROM (VALUES
    ('SELECT opigno.set_user_context_json(json_build_object(''uuid'', %L))'),
    ('SELECT opigno.set_user_scopes(%L, ''{}'')'),
    ('SELECT opigno.patch_profile(%L, 1, ''{}'')'),
    ('SELECT opigno.delete_profile(%L, 1)'),
    ('SELECT opigno.patch_account(%L, ''{}'')'),
    ('SELECT opigno.set_preference(%L, ''k'', ''v'')'),
    ('SELECT opigno.report_progress(%L, ''t1'', ''started'')'),
    ('SELECT opigno.enrol_user(%L, ''t1'')'),
    ('SELECT opigno.begin_retirement(%L)'),
    ('SELECT opigno.merge_user_contexts(%L, ''other'')')) AS c (call);
SELECT test.refusal('SELECT opigno.set_user_context(''6F0D2C3A-0B7E-4A53-8A5D-0E1F2A3B4C5D'', ''Name'', true)');
SELECT opigno.upsert_profile(:'on_1', 1, '{}') IS NOT NULL AS own_user;
SELECT test.refusal('SELECT opigno.upsert_profile(NULL, 1, ''{}'')');
SELECT test.refusal('SELECT opigno.set_user_context_json(''[1]'')');
SELECT test.refusal('SELECT opigno.set_user_context_json(''{"uuid": 7}'')');
SELECT opigno.set_user_context_json('{"uuid": 7}');
SELECT count(*) AS of_another FROM opigno.get_user_context(:'on_0');
\echo -- who has no right learns nothing
SET ROLE regress_opigno_app;
SELECT test.refusal(format('SELECT opigno.upsert_profile(%L, 1, ''{}'')', :'on_0'));
RESET ROLE;

\echo -- a request of such a user cannot act
SELECT opigno.test_request(:'on_0');
SET LOCAL ROLE regress_opigno_app;
SELECT count(*) FROM opigno.my_profiles();
SELECT test.refusal('SELECT opigno.create_my_profile(1, ''{}'')');
SELECT test.refusal(format('SELECT opigno.upsert_profile(%L, 1, ''{}'')', :'on_1'));
RESET ROLE;
SELECT opigno.test_request(:'on_1');
SET LOCAL ROLE regress_opigno_app;
SELECT outcome FROM opigno.patch_my_profile(1, '{"own": true}');
RESET ROLE;

\echo -- functions of the hub: those that write are refused
SET ROLE regress_opigno_operator;
SELECT test.refusal('SELECT opigno.register_app(''other'')');
SELECT r FROM (VALUES
    ('SELECT opigno.update_app(1, app => ''new'')'), ('SELECT opigno.register_scope(''MENTOR'')'),
    ('SELECT opigno.set_training(''t2'', ''T'')'), ('SELECT opigno.delete_training(''t1'')'),
    ('SELECT opigno.configure_extended_profile_field(''f'')'),
    ('SELECT opigno.set_retirement_states(''[]'')'),
    ('SELECT opigno.register_client(1, ''label'')'), ('SELECT opigno.issue_access_token(''k'', ''s'')')) AS c (call),
    test.refusal(call) AS r
WHERE r LIKE 'PT409%';
SELECT count(*) AS apps FROM opigno.list_apps();
\echo -- what users of a shard need, and only the hub may make
SELECT test.refusal(format('SELECT opigno.begin_retirement(%L)', :'on_1'));
RESET ROLE;
INSERT INTO opigno.retirement_state (state_name, execution_order, is_required, is_dead_end, erases_data)
SELECT state_name, execution_order, is_required, is_dead_end, erases_data FROM opigno.default_retirement_states();
SAVEPOINT before_retirement;
SELECT current_state FROM opigno.begin_retirement(:'on_1');
SELECT current_state FROM opigno.move_retirement(:'on_1', 'RETIRING_LMS', '');
SELECT test.refusal(format('SELECT opigno.retire_user_data(%L)', :'on_1'));
ROLLBACK TO before_retirement;

\echo -- faults of a schema that the hub has replaced are not shown
INSERT INTO opigno.app_schema (app_id, document_kind, version, schema, draft, mode, assert_formats, apply_defaults,
    set_at) VALUES (1, 'profile', 7, '{"type": "array"}', '2020-12', 'warn', false, false, now());
SELECT outcome FROM opigno.upsert_profile(:'on_1', 1, '{"is": "an object"}');
SELECT version, faults FROM opigno.profile_schema_faults(1);
UPDATE opigno.app_schema SET mode = 'off' WHERE version = 7;
SELECT count(*) FROM opigno.profile_schema_faults(1);
ROLLBACK TO before_retirement;

\echo -- bulk: each entry that is of another shard is a fault
SET ROLE regress_opigno_operator;
SELECT pg_temp.faults(opigno.set_user_contexts(format('[{"uuid": "%s", "displayName": "A", "isActive": true},
    {"uuid": "%s", "displayName": "B", "isActive": true}, {"uuid": "%s", "displayName": "C"}]',
    :'on_0', :'on_1', :'on_2'), on_error => 'report'));
SELECT pg_temp.faults(opigno.create_profiles(format('[{"user_id": "%s", "app_id": 1, "profile_data": {}},
    {"user_id": "%s", "app_id": 1, "profile_data": {"a": 1}},
    {"user_id": "unknown-3", "app_id": 1, "profile_data": {}}]',
    :'on_0', :'on_1'), on_conflict => 'replace', on_error => 'report'));
SELECT pg_temp.faults(opigno.create_profiles(format('[{"user_id": "%s", "app_id": 1, "profile_data": {}},
    {"user_id": "%s", "app_id": 1, "profile_data": {"a": 2}}, {"user_id": "%s", "app_id": 1, "profile_data": {}}]',
    :'on_0', :'on_1', of_1), on_conflict => 'replace', on_error => 'report', create_missing_users => true))
FROM (SELECT 'new-' || i AS of_1 FROM generate_series(1, 30) AS i
    WHERE opigno.user_shard('new-' || i, 3) = 1 LIMIT 1) AS n;
SELECT pg_temp.faults(opigno.report_progress_many(format('[{"user_id": "%s", "training_id": "t1"}]', :'on_0'),
    on_error => 'report', create_missing_users => true));
SELECT pg_temp.faults(opigno.patch_accounts(format('[{"username": "%s", "name": "Name"}]', :'on_0'),
    on_error => 'report'));
SELECT * FROM opigno.begin_retirements(ARRAY[:'on_0']);
SELECT test.refusal(format('SELECT opigno.merge_user_contexts(%L, %L)', :'on_1', :'on_0'));
RESET ROLE;
SELECT count(*) FILTER (WHERE opigno.user_shard(uuid, 3) = 1) AS own, count(*) AS users FROM opigno.user_context;

\echo -- a new anonymous user belongs here
SELECT opigno.become_single_server();
DELETE FROM opigno.profile;
DELETE FROM opigno.user_context;
SELECT opigno.become_shard(4, 5);
SELECT DISTINCT opigno.user_shard(uuid, 5) AS shard, id % 5 AS number
FROM generate_series(1, 20) AS i, LATERAL opigno.create_anonymous_user_context('Anonymous ' || i);
DELETE FROM opigno.user_context;
DELETE FROM opigno.retirement_state;

\echo -- a hub: no users, and nothing that shards refer to is deleted
SELECT opigno.become_hub();
SELECT opigno.become_hub() AS again;
SELECT server_kind, shard, shards FROM opigno.server_role;
SELECT DISTINCT increment_by FROM opigno.sharded_sequence;
SET ROLE regress_opigno_operator;
SELECT test.refusal('SELECT opigno.set_user_context(''new'', ''Name'', true)');
SELECT test.refusal('SELECT opigno.create_anonymous_user_context()');
SELECT pg_temp.faults(opigno.create_profiles('[{"user_id": "new", "app_id": 1, "profile_data": {}}]',
    create_missing_users => true));
SELECT pg_temp.faults(opigno.set_user_contexts('[{"uuid": "new", "displayName": "A", "isActive": true}]'));
SELECT test.refusal('SELECT opigno.delete_training(''t1'')');
SELECT opigno.delete_training('t2') AS unknown_training;
SELECT count(*) FROM opigno.set_retirement_states('["PENDING", {"state_name": "WORK", "erases_data": true},
    "DONE", "ERRORED", "ABORTED", "COMPLETE"]');
SELECT count(*) FROM opigno.set_retirement_states('["PENDING", {"state_name": "WORK", "erases_data": true}, "MORE",
    "DONE", "ERRORED", "ABORTED", "COMPLETE"]');
SELECT test.refusal('SELECT opigno.set_retirement_states(''["PENDING", {"state_name": "WORK", "erases_data": true},
    "ERRORED", "ABORTED", "COMPLETE"]'')');
SELECT opigno.register_app('other', app_id => 2);
SELECT count(*) AS salts FROM opigno.list_retirement_salts();
RESET ROLE;
SELECT opigno.become_shard(0, 3) AS other_role;

\echo -- on its own again: the announcement reaches this session
SELECT opigno.become_single_server();
SELECT opigno.become_single_server() AS again;
SELECT count(*) FROM opigno.server_role;
SELECT DISTINCT increment_by FROM opigno.sharded_sequence;
SELECT count(opigno.set_user_context(uuid, 'Name', true)) FROM users;

\echo -- scripts
SELECT * FROM opigno.registry_publication_script();
SELECT * FROM opigno.registry_subscription_script(1, 'host=hub dbname=''x''');
SELECT * FROM opigno.registry_subscription_script(1, 'host=hub', false);
SELECT count(*) FROM opigno.registry_subscription_script(NULL, 'host=hub');
SELECT replace(command, quote_ident(current_database()), '<database>') FROM opigno.registry_synchronous_script(3);
SELECT command FROM opigno.registry_synchronous_script(3, '{1}') OFFSET 2 LIMIT 1;
SELECT command FROM opigno.registry_synchronous_script(1, '{0}') OFFSET 2 LIMIT 1;
SELECT count(*) FROM opigno.registry_synchronous_script(NULL);
SELECT count(*) FROM opigno.registry_synchronous_script(0);
SELECT count(*) FROM opigno.registry_lag;
ROLLBACK;
