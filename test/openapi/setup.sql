-- Users, apps, clients, and what they have, for requests.mjs. sql/setup.sql has been run.
SET client_min_messages = error;
CREATE ROLE openapi_gateway;
SELECT opigno.grant_access('openapi_gateway', 'gateway');
GRANT USAGE ON SCHEMA test TO openapi_gateway;
ALTER FUNCTION test.digest() SECURITY DEFINER;
ALTER FUNCTION test.digest() SET search_path = pg_catalog;
SELECT opigno.register_app('Course shop', 'sells courses', '{shop.example}', 0);
SELECT opigno.register_app('Library', app_id => 1);
SELECT opigno.configure_extended_profile_field('occupation');
SELECT opigno.set_user_context(name, 'A user', true, 'AUTHENTICATED')
FROM unnest('{ada,bob,3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77}'::text[]) AS name;
SELECT opigno.set_training(name, initcap(name), name <> 'old') FROM unnest('{safety,first aid,old}'::text[]) AS name;
SELECT opigno.set_training('t' || n, 'Training ' || n) FROM generate_series(4, 39) AS n;
SELECT opigno.report_progress('ada', 'safety', 'passed', 100, 90, '2025-11-01 10:00+00');
SELECT opigno.enrol_user('bob', 'old');
SELECT opigno.upsert_training_profile(name, 0, '{"room": "A"}') FROM unnest('{safety,first aid,t4}'::text[]) AS name;
CREATE TABLE test.client AS
SELECT c.client_key, c.client_secret, opigno.issue_access_token(c.client_key, c.client_secret, 'client_credentials')
    ->> 'access_token' AS token
FROM (VALUES (false), (false), (true)) AS v (is_operator),
    opigno.register_client(0, 'Server', may_act_for => 'all', is_operator => is_operator) AS c;
/* Users who may leave, users whose retirements are in several states, and anonymous users. */
SELECT opigno.set_user_context(name || n, 'Somebody', true, scope)
FROM (VALUES ('leaver', 19, 'AUTHENTICATED'), ('retiring', 19, 'AUTHENTICATED'), ('reported', 9, 'AUTHENTICATED'),
    ('complete', 4, 'AUTHENTICATED'), ('anonymous', 19, NULL)) AS u (name, last, scope), generate_series(0, last) AS n;
SELECT opigno.begin_retirement(uuid) FROM opigno.user_context WHERE uuid ~ '^(retiring|reported|complete)' ORDER BY id;
SELECT opigno.move_retirement(user_uuid, 'RETIRING_LMS', '')
FROM opigno.retirement WHERE user_uuid ~ '^(complete|reported|retiring.$)' ORDER BY retirement_id;
SELECT opigno.retire_users_data(ARRAY(SELECT 'complete' || n FROM generate_series(0, 4) AS n));
SELECT opigno.move_retirement('complete' || n, 'COMPLETE', '') FROM generate_series(0, 4) AS n;
SELECT opigno.queue_partner_report('reported' || n) FROM generate_series(0, 9) AS n;
SELECT opigno.take_partner_reports();
