-- export_user: equal to the separate calls, for everybody who may see more or less.
BEGIN;
\set ON_ERROR_ROLLBACK on
SET LOCAL timezone = 'UTC';
CREATE ROLE regress_opigno_operator;
CREATE ROLE regress_opigno_auditor;
CREATE ROLE regress_opigno_both;
CREATE ROLE regress_opigno_app;
CREATE ROLE regress_opigno_learning;
SELECT opigno.grant_access('regress_opigno_' || role, level)
FROM (VALUES ('operator', 'operator'), ('auditor', 'auditor'), ('both', 'operator'), ('both', 'auditor'),
    ('app', 'user'), ('learning', 'learning')) AS r (role, level) \g /dev/null
GRANT USAGE, CREATE ON SCHEMA test TO regress_opigno_both;
SELECT app_id FROM opigno.register_app('Shop', app_id => 0);
SELECT app_id FROM opigno.register_app('Secret', app_id => 1, is_private => true);
SELECT count(opigno.set_user_context(u, 'Name of ' || u, true, 'AUTHENTICATED')) FROM unnest(ARRAY['ann', 'bob']) AS u;
SELECT FROM opigno.set_user_context('anon', 'Anonymous User', true);
SELECT count(opigno.upsert_profile(u, a, jsonb_build_object('of', u, 'number', 1.50, 'app', a)))
FROM unnest(ARRAY['ann', 'bob']) AS u, generate_series(0, 1) AS a;
SELECT FROM opigno.configure_extended_profile_field('city', visibility => 'shared');
SELECT count(opigno.patch_account(u, '{"extended_profile":[{"field_name":"city","field_value":"Gent"}]}'))
FROM unnest(ARRAY['ann', 'bob']) AS u;
SELECT count(opigno.set_preference(u, 'key', 'value ' || u)) FROM unnest(ARRAY['ann', 'bob']) AS u;
SELECT FROM opigno.set_training('t', 'Training');
SELECT count(opigno.report_progress(u, 't', 'in_progress', 10, 1.50, details => '{"lesson": 1}'))
FROM unnest(ARRAY['ann', 'bob']) AS u;
CREATE TABLE test.learner (learner_id text PRIMARY KEY, badge text);
INSERT INTO test.learner VALUES ('ann', 'gold'), ('bob', 'silver');
SELECT opigno.attach_entity_table('test.learner', 'badges', user_column => 'learner_id');
SELECT opigno.grant_user(client_id, 'ann') FROM opigno.register_client(0, 'Server');
SELECT outcome FROM opigno.merge_user_contexts('anon', 'ann');
SELECT FROM opigno.begin_retirement('bob');
SELECT FROM opigno.move_retirement('bob', 'RETIRING_NOTES', '');
SELECT opigno.queue_partner_report('bob');
SET ROLE regress_opigno_both;
CREATE TABLE test.staged (ordinal bigint PRIMARY KEY, line text);
INSERT INTO test.staged VALUES (1, '{"user_id": "ann", "app_id": 7, "profile_data": {"odd": "\"quoted\""}}'),
    (2, '{"user_id": "bob", "app_id": 7, "profile_data": {}}');
SELECT opigno.load_profiles('test.staged', keep_lines => true, on_error => 'report') -> 'failed' AS failed;
SELECT outcome FROM opigno.upsert_profile('ann', 0, '{"by": "both"}');
RESET ROLE;

/* The export that the separate calls make. NULL stands for a table that the role may not read. */
CREATE FUNCTION test.rows_of(relation text, condition text) RETURNS jsonb STABLE LANGUAGE plpgsql AS $$
DECLARE
    answer jsonb;
BEGIN
    EXECUTE format('SELECT coalesce(jsonb_agg(to_jsonb(t)), ''[]'') FROM %s AS t WHERE %s', relation, condition)
        INTO answer;
    RETURN answer;
EXCEPTION WHEN insufficient_privilege THEN
    RETURN NULL;
END
$$;
CREATE FUNCTION test.separately(u text) RETURNS jsonb STABLE LANGUAGE sql AS $$
    SELECT opigno.get_user_bundle(u)::jsonb || jsonb_build_object(
        'clients', test.rows_of('(SELECT client_id, created_at, user_uuid FROM opigno.client_user ORDER BY client_id)',
            format('user_uuid = %L', u)),
        'merges', test.rows_of('(SELECT * FROM opigno.user_merge ORDER BY from_uuid)',
            format('from_uuid = %1$L OR into_uuid = %1$L', u)),
        'audit', test.rows_of('(SELECT * FROM opigno.audit ORDER BY recorded_at, id)',
            format('user_uuid = %1$L OR last_user_uuid = %1$L OR request_user = %1$L', u)),
        'bulk_errors', test.rows_of('(SELECT * FROM opigno.bulk_error ORDER BY id)', format('user_uuid = %L', u)),
        'retirements', test.rows_of('(SELECT retirement_id, retired_uuid, current_state, last_state, responses,
            created_at, updated_at, user_uuid FROM opigno.retirement)', format('user_uuid = %L', u)),
        'partner_reports', test.rows_of('(SELECT retirement_id, display_name, created_at, updated_at, user_uuid
            FROM opigno.retirement_partner_report)', format('user_uuid = %L', u)))
$$;
/* Rows of clients and retirements are shown without the user, and errors without the role, which is the caller's. */
CREATE FUNCTION test.without(rows jsonb, key text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT CASE WHEN rows = 'null' THEN rows ELSE coalesce(
        (SELECT jsonb_agg(r.value - key ORDER BY r.ordinality) FROM jsonb_array_elements(rows) WITH ORDINALITY AS r),
        '[]') END
$$;
CREATE FUNCTION test.is_equal(u text) RETURNS boolean STABLE LANGUAGE sql AS $$
    SELECT opigno.export_user(u)::jsonb = s || jsonb_build_object('clients', test.without(s -> 'clients', 'user_uuid'),
        'bulk_errors', test.without(s -> 'bulk_errors', 'recorded_by'),
        'retirements', test.without(s -> 'retirements', 'user_uuid'),
        'partner_reports', test.without(s -> 'partner_reports', 'user_uuid'))
    FROM test.separately(u) AS s
$$;
/* The members, and how many rows they have. */
CREATE FUNCTION test.members(u text) RETURNS TABLE (member text, rows integer) STABLE LANGUAGE sql AS $$
    SELECT key, CASE json_typeof(value) WHEN 'array' THEN json_array_length(value) WHEN 'null' THEN NULL ELSE 1 END
    FROM json_each(opigno.export_user(u)) WITH ORDINALITY AS m (key, value, n) ORDER BY n
$$;

\echo -- the owner, who has made no load
SELECT * FROM test.members('ann');
SELECT u, test.is_equal(u) FROM unnest(ARRAY['ann', 'bob', 'anon', 'nobody']) AS u;
SELECT * FROM test.members('bob') WHERE member IN ('retirements', 'partner_reports');
SELECT opigno.export_user('nobody');
SELECT opigno.export_user(NULL) IS NULL;
SELECT opigno.export_user('anon') -> 'merges' -> 0 ->> 'into_uuid' AS merged_into;
SELECT a ->> 'action' AS action, a ->> 'outcome' AS outcome, a ->> 'user_uuid' AS user_uuid,
    a ->> 'last_user_uuid' AS last_user_uuid, regexp_replace(a ->> 'subject', 'client \d+', 'client') AS subject
FROM json_array_elements(opigno.export_user('ann') -> 'audit') AS a;
\echo -- operator and auditor in one: everything
SET ROLE regress_opigno_both;
SELECT * FROM test.members('ann');
SELECT u, test.is_equal(u) FROM unnest(ARRAY['ann', 'bob', 'nobody']) AS u;
SELECT opigno.export_user('ann') #>> '{bulk_errors,0,line}' AS line,
    opigno.export_user('ann') #>> '{bulk_errors,0,code}' AS code;
SELECT opigno.export_user('ann')::text LIKE '%"recorded_at":"' || to_char(now(), 'YYYY-MM-DD"T"') || '%+00:00"%'
    AS is_utc;
\echo -- an operator does not read the trail, and an auditor no errors of loads
SET ROLE regress_opigno_operator;
SELECT * FROM test.members('ann');
SELECT u, test.is_equal(u) FROM unnest(ARRAY['ann', 'nobody']) AS u;
SET ROLE regress_opigno_auditor;
SELECT * FROM test.members('ann');
SELECT u, test.is_equal(u) FROM unnest(ARRAY['ann', 'nobody']) AS u;
RESET ROLE;
\echo -- a request of the user, and without one
GRANT USAGE ON SCHEMA test TO regress_opigno_app;
SAVEPOINT request;
SELECT opigno.test_request('ann', app_id => 0);
SET LOCAL ROLE regress_opigno_app;
SELECT * FROM test.members('ann');
SELECT u, test.is_equal(u) FROM unnest(ARRAY['ann', 'bob', 'anon', 'nobody']) AS u;
ROLLBACK TO request;
SET ROLE regress_opigno_app;
SELECT opigno.export_user('ann');
SET ROLE regress_opigno_learning;
SELECT test.refusal($$SELECT opigno.export_user('ann')$$);
RESET ROLE;
\echo -- letter case of uuids, and one snapshot
SELECT FROM opigno.set_user_context('00000000-0000-4000-8000-00000000000a', 'Upper', true);
SELECT opigno.export_user('00000000-0000-4000-8000-00000000000A') #>> '{user_context,displayName}' AS name;
SELECT opigno.export_user('ann') ->> 'preferences' AS before, w.outcome
FROM (SELECT 'changed' AS outcome, opigno.set_preference('ann', 'key', 'new')) AS w;
SELECT opigno.export_user('ann') ->> 'preferences' AS after;
ROLLBACK;
