-- get_user_bundle: equal to the separate calls, for everybody who may see more or less.
CREATE ROLE regress_opigno_app;
CREATE ROLE regress_opigno_auditor;
CREATE ROLE regress_opigno_learning;
SELECT opigno.grant_access('regress_opigno_app', 'user'), opigno.grant_access('regress_opigno_auditor', 'auditor'),
    opigno.grant_access('regress_opigno_learning', 'learning');
GRANT USAGE ON SCHEMA test TO regress_opigno_app, regress_opigno_auditor;
SELECT app_id FROM opigno.register_app('Shop', app_id => 0);
SELECT app_id FROM opigno.register_app('School', app_id => 1);
SELECT app_id FROM opigno.register_app('Secret', app_id => 2, is_private => true);
SELECT count(opigno.set_user_context(u, 'Name of ' || u, true, 'AUTHENTICATED'))
FROM unnest(ARRAY['ann', 'bob', 'idle']) AS u;
SELECT count(opigno.upsert_profile(u, a, jsonb_build_object('of', u, 'number', 1.50, 'app', a)))
FROM unnest(ARRAY['ann', 'bob']) AS u, generate_series(0, 2) AS a;
SELECT count(opigno.configure_extended_profile_field(f, visibility => 'shared'))
FROM unnest(ARRAY['city', 'second "x"']) AS f;
SELECT count(opigno.patch_account(u, '{"extended_profile":[{"field_name":"city","field_value":"Gent"}]}'))
FROM unnest(ARRAY['ann', 'bob']) AS u;
SELECT count(opigno.set_preference(u, 'key' || n, 'value ' || n)) FROM unnest(ARRAY['ann', 'bob']) AS u,
    generate_series(1, 3) AS n;
SELECT count(opigno.set_training('t' || n, 'Training ' || n)) FROM generate_series(1, 3) AS n;
SELECT count(opigno.report_progress(u, 't' || n, 'in_progress', 10 * n, 1.50 * n, details => '{"lesson": 1}'))
FROM unnest(ARRAY['ann', 'bob']) AS u, generate_series(1, 3) AS n;
SELECT status, reported_at FROM opigno.set_training('t4', 'Training 4'), opigno.enrol_user('ann', 't4');
CREATE TABLE test.learner (learner_id text PRIMARY KEY, badge text);
INSERT INTO test.learner VALUES ('ann', 'gold'), ('bob', 'silver');
SELECT opigno.attach_entity_table('test.learner', 'badges', user_column => 'learner_id') \g /dev/null

/* The bundle that the separate calls make. */
CREATE FUNCTION test.separately(u text) RETURNS jsonb STABLE LANGUAGE sql AS $$
    SELECT jsonb_build_object(
        'user_context', opigno.get_user_context_json(u),
        'profiles', (SELECT coalesce(jsonb_agg(to_jsonb(p) - 'user_uuid' ORDER BY p.app_id), '[]')
            FROM generate_series(0, 2) AS a, opigno.get_profile(u, a) AS p),
        'account', opigno.get_account(u),
        'preferences', opigno.get_preferences(u),
        'trainings', (SELECT coalesce(jsonb_agg(to_jsonb(p) - 'user_uuid'
                || jsonb_build_object('title', (SELECT t.title FROM opigno.get_training(p.training_id) AS t))
                ORDER BY p.training_id), '[]')
            FROM opigno.get_progress(u) AS p),
        'entities', (SELECT coalesce(jsonb_object_agg(e.label, e.entities), '{}') FROM (
            SELECT e.label, jsonb_agg(e.entity) AS entities FROM opigno.user_entities(u) AS e GROUP BY e.label) AS e))
$$;
SET TimeZone = 'UTC';

\echo -- equal to the separate calls
CREATE FUNCTION test.is_equal(u text) RETURNS boolean STABLE LANGUAGE sql
    AS $$ SELECT opigno.get_user_bundle(u)::jsonb = test.separately(u) $$;
SELECT u, test.is_equal(u), length(opigno.get_user_bundle(u)::text) > 1000 AS has_content
FROM unnest(ARRAY['ann', 'bob', 'idle', 'nobody']) AS u;
SET ROLE regress_opigno_auditor;
SELECT u, test.is_equal(u) FROM unnest(ARRAY['ann', 'idle', 'nobody']) AS u;
SET ROLE regress_opigno_app;
\echo -- without a request: nothing
SELECT u, test.is_equal(u), opigno.get_user_bundle(u) FROM unnest(ARRAY['ann', 'nobody']) AS u;
RESET ROLE;
BEGIN;
SELECT opigno.test_request('ann', app_id => 0);
SET LOCAL ROLE regress_opigno_app;
SELECT u, test.is_equal(u) FROM unnest(ARRAY['ann', 'bob', 'nobody']) AS u;
SELECT p ->> 'app_id' AS app_id FROM json_array_elements(opigno.get_user_bundle('ann') -> 'profiles') AS p;
SELECT opigno.get_user_bundle('bob');
SELECT user_uuid, regexp_replace(bundle::text, '(_at":"|version":)[-0-9T:.+]*', '\1', 'g') AS bundle
FROM opigno.get_user_bundles('{bob,ann}', '{1,2}', '{profiles}');
ROLLBACK;

\echo -- parts, in one order
SELECT regexp_replace(
    opigno.get_user_bundle('ann', include => '{preferences,user_context}')::text, '"id":"\d+"', '"id":""') AS bundle;
SELECT opigno.get_user_bundle('ANN', '{}', '{profiles,entities}');
SELECT json_object_keys(opigno.get_user_bundle('ann'));
SELECT user_uuid, bundle FROM opigno.get_user_bundles('{bob,ann,bob,nobody}', include => '{preferences,entities}');
SELECT opigno.get_user_bundle(NULL), opigno.get_user_bundle('ann', include => '{}');
SELECT FROM opigno.get_user_bundles(NULL);
SELECT test.refusal($$SELECT opigno.get_user_bundle('ann', '{NULL}', '{profile}')$$);
SELECT test.refusal($$SELECT opigno.get_user_bundles(ARRAY['ann', NULL], '{NULL}', '{NULL}')$$);
SELECT test.refusal($$SELECT opigno.get_user_bundles(array_fill('ann'::text, '{501}'))$$);
SET ROLE regress_opigno_learning;
SELECT opigno.get_user_bundle('ann');
SELECT FROM opigno.get_user_bundles('{ann}');
RESET ROLE;

\echo -- the account shows the preferences too: byte by byte the same, and refused if they take more than 1 MB
BEGIN;
SELECT count(opigno.set_preference('ann', k, v)) FROM (VALUES ('odd', '"},"preferences":{"x":"y"},\'),
    ('tab', E'a\tb'), ('a', '{"preferences": null}'), ('account_privacy', 'all_users'),
    ('preferences', 'p')) AS p (k, v);
SELECT (b -> 'preferences')::text = opigno.get_preferences('ann')::text AS preferences_are_same,
    (b -> 'account')::text = opigno.get_account('ann')::text AS account_is_same,
    b -> 'account' ->> 'account_privacy' AS privacy, b -> 'preferences'
FROM opigno.get_user_bundle('ann') AS b;
INSERT INTO opigno.preference (user_uuid, key, value, created_at, updated_at)
SELECT 'ann', 'large' || n, repeat('x', 65000), now(), now() FROM generate_series(1, 17) AS n;
SELECT b -> 'account' ->> 'account_privacy' AS privacy, b -> 'account' -> 'preferences' AS preferences
FROM opigno.get_user_bundle('ann', include => '{account}') AS b;
SELECT test.refusal($$SELECT opigno.get_user_bundle('ann')$$);
ROLLBACK;

\echo -- operators in schemas of the caller are not found first
CREATE SCHEMA trap;
CREATE FUNCTION trap.equals(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped'; END $$;
CREATE FUNCTION trap.equals(integer, integer) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped'; END $$;
CREATE OPERATOR trap.= (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.equals);
CREATE OPERATOR trap.= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = trap.equals);
\c
SET search_path = trap, pg_catalog;
SELECT length(opigno.get_user_bundle('ann', '{0,1}')::text) > 1000 AS is_read;
RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA trap CASCADE;
RESET client_min_messages;

SELECT opigno.detach_entity_table('badges');
DROP TABLE test.learner;
DROP FUNCTION test.is_equal, test.separately;
DROP OWNED BY regress_opigno_app, regress_opigno_auditor, regress_opigno_learning;
DROP ROLE regress_opigno_app;
DROP ROLE regress_opigno_auditor;
DROP ROLE regress_opigno_learning;
DELETE FROM opigno.training_standing;
DELETE FROM opigno.training_progress;
DELETE FROM opigno.training;
DELETE FROM opigno.profile;
DELETE FROM opigno.app;
DELETE FROM opigno.account;
DELETE FROM opigno.preference;
DELETE FROM opigno.extended_profile_field;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
