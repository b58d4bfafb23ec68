-- Moves of users between shards: numbers, refusals, and where a user is meanwhile. test/suites/move_users.t moves some.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_operator;
SELECT opigno.grant_access('regress_opigno_operator', 'operator');
CREATE TEMP TABLE users AS
SELECT DISTINCT ON (shard) shard, uuid
FROM (SELECT 'user-' || i, opigno.user_shard('user-' || i, 4) FROM generate_series(10, 40) AS i) AS u (uuid, shard)
WHERE shard IN (0, 2) ORDER BY shard, uuid;
SELECT uuid AS stays FROM users WHERE shard = 0 \gset
SELECT uuid AS goes FROM users WHERE shard = 2 \gset
SELECT opigno.set_training('t1', 'Training') IS NOT NULL AS set;
SELECT opigno.register_app('lms', app_id => 1);

\echo -- slots: independent of shards, and uniform
SELECT given, opigno.user_slot(given) FROM (VALUES ('john'), ('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77'),
    ('3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77'), ('')) AS v (given);
SELECT opigno.user_slot(NULL) IS NULL AS of_nobody;
SELECT count(*) AS pairs, bool_and(abs(n - 40000 / 28.0) < 5 * sqrt(40000 / 28.0)) AS is_uniform
FROM (SELECT count(*) AS n FROM generate_series(1, 40000) AS i
    GROUP BY opigno.user_shard('user-' || i, 4), opigno.user_slot('user-' || i) * 7 / 65536) AS s;

\echo -- every table of users has the column by which its rows move
SELECT m.table_name, m.user_column FROM opigno.moving_table AS m ORDER BY m.table_name COLLATE "C";
SELECT m.table_name AS without_column FROM opigno.moving_table AS m WHERE m.user_column <> ALL (m.columns);
SELECT p.table_name AS stays FROM opigno.table_placement AS p
WHERE p.placement = 'users' AND p.table_name NOT IN (SELECT m.table_name FROM opigno.moving_table AS m);
CREATE TABLE site_context (owner_uuid text REFERENCES opigno.user_context ON DELETE CASCADE);
CREATE TABLE site_profile (app integer, learner text, FOREIGN KEY (app, learner)
    REFERENCES opigno.profile (app_id, user_uuid) ON DELETE CASCADE);
CREATE TABLE site_progress (training text, learner text, FOREIGN KEY (learner, training)
    REFERENCES opigno.training_progress (user_uuid, training_id) ON DELETE CASCADE);
CREATE TABLE "site Retirement" (number bigint REFERENCES opigno.retirement (retirement_id) ON DELETE CASCADE);
CREATE TABLE site_app (app integer REFERENCES opigno.app);
SELECT relation, user_column, user_query FROM opigno.site_user_table ORDER BY relation::text COLLATE "C";
DROP TABLE site_context, site_profile, site_progress, "site Retirement", site_app;

\echo -- a server that is no shard
SELECT test.refusal('SELECT opigno.begin_user_moves(2)');
SELECT test.refusal('SELECT opigno.await_user_moves(1, 1)');
SELECT test.refusal(format('SELECT opigno.check_user_place(%L)', 'u')) AS here, opigno.is_user_here('u'),
    opigno.is_user_here(NULL) AS nobody;

\echo -- rights and arguments
SELECT opigno.become_shard(0, 2);
SELECT test.refusal(call) FROM (VALUES ('SELECT opigno.begin_user_moves(NULL)'),
    ('SELECT opigno.begin_user_moves(1)'), ('SELECT opigno.begin_user_moves(3)'),
    ('SELECT opigno.begin_user_moves(131072)'), ('SELECT opigno.begin_user_moves(65536)'),
    ('SELECT opigno.begin_user_moves(4, 0)'),
    ('SELECT opigno.begin_user_moves(NULL, 4097)'), ('SELECT opigno.await_user_moves(1, 1)'),
    ('SELECT opigno.await_user_moves(NULL, 0, 0)'), ('SELECT opigno.await_user_moves(0, 1)'),
    ('SELECT opigno.lock_moving_slot(NULL, 1)'), ('SELECT opigno.mark_moving_slot(1, NULL, NULL, 1)')) AS v (call);
SET ROLE regress_opigno_operator;
SELECT test.refusal(call) FROM (VALUES ('SELECT opigno.begin_user_moves(4)'),
    ('SELECT opigno.await_user_moves(1, 1)'), ('SELECT opigno.lock_moving_slot(2, 0)'),
    ('SELECT opigno.mark_moving_slot(2, 0, 1, 1)'), ('CALL opigno.move_users(''host=none'')')) AS v (call);
SELECT count(*) AS slots FROM opigno.moving_slot;
RESET ROLE;
SELECT test.refusal('CALL opigno.move_users(''host=none'')');

\echo -- the old shard
SELECT count(opigno.set_user_context(uuid, 'Name', true)) FROM users;
SELECT opigno.begin_user_moves(4, 8) > 0 AS has_begun;
SELECT shard, shards, from_shards, to_shards, slots, first_number > 0 AS has_first FROM opigno.server_role;
SELECT shard, slot_state, count(*) FROM opigno.moving_slot GROUP BY 1, 2;
SELECT DISTINCT increment_by FROM opigno.sharded_sequence;
SELECT nextval('opigno.user_context_id_seq') % 4 AS of_shard;
SELECT test.refusal(call) FROM (VALUES ('SELECT opigno.begin_user_moves(4, 9)'),
    ('SELECT opigno.await_user_moves(1, 1)'), ('SELECT opigno.become_shard(0, 4)')) AS v (call);
SELECT opigno.begin_user_moves(4, 8) > 0 AS again, opigno.become_shard(0, 2) AS only_strides;
SELECT opigno.begin_user_moves(2) IS NULL AS is_undone, count(*) AS slots FROM opigno.moving_slot;
SELECT DISTINCT increment_by FROM opigno.sharded_sequence;
SELECT opigno.begin_user_moves(4, 1) > 0 AS has_begun;
SELECT outcome FROM opigno.patch_profile(:'goes', 1, '{"a": 1}');
SELECT opigno.is_user_here(:'goes'), opigno.check_user_place(:'goes');

\echo -- the slot moves
SELECT opigno.lock_moving_slot(2), opigno.lock_moving_slot(2, 0);
DELETE FROM opigno.profile WHERE user_uuid = :'goes';
DELETE FROM opigno.user_context WHERE uuid = :'goes';
SELECT opigno.mark_moving_slot(2, 0, 1, 2), opigno.mark_moving_slot(2, 0, 1, 2) AS again;
SELECT slot, slot_state, moved_users, moved_rows, moved_at IS NOT NULL AS has_time FROM opigno.moving_slot;
SELECT action, subject, row_count FROM opigno.audit WHERE action LIKE '%mov%' ORDER BY id;
SET ROLE regress_opigno_operator;
SELECT DISTINCT test.refusal(format(call, :'goes')) FROM (VALUES ('SELECT opigno.patch_profile(%L, 1, ''{}'')'),
    ('SELECT opigno.set_user_context(%L, ''Name'', true)'), ('SELECT opigno.check_user_place(%L)'),
    ('SELECT opigno.set_preference(%L, ''k'', ''v'')'), ('SELECT opigno.report_progress(%L, ''t1'')')) AS c (call);
SELECT opigno.set_user_contexts(format('[{"uuid": "%s", "displayName": "A", "isActive": true}]', :'goes'))::jsonb
    #>> '{errors,0,message}' AS bulk;
SELECT opigno.is_user_here(:'goes') AS goes, opigno.is_user_here(:'stays') AS stays;
SELECT outcome FROM opigno.patch_profile(:'stays', 1, '{"a": 1}');
RESET ROLE;
SELECT test.refusal('SELECT opigno.begin_user_moves(2)');
SELECT test.refusal('SELECT opigno.become_single_server()');
SELECT opigno.become_shard(0, 4) AS is_at_end, count(*) AS slots FROM opigno.moving_slot;
SELECT shard, shards, slots FROM opigno.server_role;

\echo -- the new shard
SELECT opigno.become_single_server();
DELETE FROM opigno.profile;
DELETE FROM opigno.user_context;
SELECT opigno.become_shard(2, 4);
SELECT test.refusal('SELECT opigno.await_user_moves(3, 1)');
SELECT opigno.await_user_moves(2, 100000, 1), opigno.await_user_moves(2, 100000, 1) AS again;
SELECT nextval('opigno.user_context_id_seq');
\echo -- the old shard has begun again: a higher number, even if no sequence has to be changed
SELECT setval('opigno.' || name, 300002) FROM unnest(ARRAY['audit_id_seq', 'bulk_error_id_seq']) AS name;
SELECT first_number, opigno.await_user_moves(2, 200000, 1), opigno.await_user_moves(2, 150000, 1) AS lower
FROM opigno.server_role;
SELECT first_number FROM opigno.server_role;
SELECT test.refusal(format('SELECT opigno.set_user_context(%L, ''Name'', true)', :'goes'));
SELECT test.refusal('SELECT opigno.create_anonymous_user_context()') ~ 'the user is not on this shard' AS no_place;
SELECT test.refusal('SELECT opigno.become_shard(2, 4)');
SELECT test.refusal('SELECT opigno.await_user_moves(1, 1, 1)');
\echo -- undone there, and begun again
SELECT opigno.become_single_server() AS is_undone, count(*) AS slots FROM opigno.moving_slot;
SELECT opigno.become_shard(2, 4), opigno.await_user_moves(2, 400000, 1);
SELECT opigno.mark_moving_slot(2, 0, 1, 2);
SELECT count(opigno.set_user_context(:'goes', 'Name', true)), opigno.is_user_here(:'goes');
SELECT opigno.become_shard(2, 4) AS is_at_end, opigno.become_shard(2, 4) AS again, count(*) AS slots
FROM opigno.moving_slot;
SELECT test.refusal('SELECT opigno.await_user_moves(2, 1)');
ROLLBACK;
