-- Who a request speaks for: right or absent, never stale, and out of reach of every setting.
\set VERBOSITY terse
SELECT FROM test.register_scopes();
SELECT count(opigno.set_user_context('user-' || n, 'User ' || n, n < 4, CASE n WHEN 2 THEN 'ADMINISTRATOR' END))
FROM generate_series(1, 4) AS n;
SELECT app_id FROM opigno.register_app('Shop', app_id => 0);
/* What the functions say, in a line. */
CREATE FUNCTION test.request() RETURNS text LANGUAGE sql AS $$
    SELECT format('user %s, context %s, scope %s, app %s, client %s',
        opigno.request_user(), opigno.request_named_user(), opigno.request_scope(), opigno.request_app(),
        opigno.request_client()) $$;
\pset tuples_only on
\pset format unaligned
\echo -- none, one, and none after the transaction
SELECT test.request();
BEGIN;
SELECT opigno.test_request('USER-1'), opigno.test_request('user-1', '{MENTOR}', 0, 7);
SELECT test.request();
COMMIT;
SELECT test.request();
BEGIN;
SELECT opigno.test_request('user-2');
SELECT test.request();
ROLLBACK;
SELECT test.request();
SELECT opigno.test_request('user-2');
SELECT test.request();
BEGIN;
SELECT opigno.test_request('user-2');
SELECT 1 / 0;
SELECT test.request();
COMMIT;
SELECT test.request();

\echo -- in one statement, with a request that it begins itself
SELECT test.request() FROM (SELECT opigno.test_request('user-1') OFFSET 0) AS s;

\echo -- savepoints: what is rolled back brings back what was before
BEGIN;
SAVEPOINT a;
SELECT opigno.test_request('user-1');
SAVEPOINT b;
SELECT opigno.test_request('user-2');
SAVEPOINT c;
SELECT opigno.test_request('user-3');
RELEASE SAVEPOINT c;
SELECT test.request();
ROLLBACK TO SAVEPOINT b;
SELECT test.request();
SELECT opigno.test_request('user-3');
SELECT 1 / 0;
ROLLBACK TO SAVEPOINT b;
SELECT test.request();
RELEASE SAVEPOINT b;
SELECT test.request();
ROLLBACK TO SAVEPOINT a;
SELECT test.request();
COMMIT;

\echo -- exception blocks, nested calls, one within another
CREATE FUNCTION test.try_request(uuid text, fails boolean) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM opigno.test_request(uuid);
    IF fails THEN
        PERFORM 1 / 0;
    END IF;
    RETURN opigno.request_user();
EXCEPTION WHEN division_by_zero THEN
    RETURN 'after the error: ' || coalesce(opigno.request_user(), 'none');
END $$;
BEGIN;
SELECT test.try_request('user-1', true);
SELECT test.try_request('user-1', false);
SELECT test.try_request('user-2', true);
SELECT test.request();
COMMIT;

\echo -- no setting gives one, whatever its name; the prefix of ours is closed
SELECT count(set_config(prefix || name, 'user-1', false))
FROM unnest(ARRAY['opigno.', 'request.jwt.claims.', 'app.']) AS prefix,
    unnest(ARRAY['request_user', 'user_uuid', 'user', 'uuid', 'sub']) AS name;
SET opigno.request_user = 'user-1';
SELECT test.request();
SET opigno_profiles.request_user = 'user-1';
SELECT set_config('opigno_profiles.user', 'user-1', false);
SELECT test.request();
DISCARD ALL;
SELECT test.request();

\echo -- unknown and inactive users: the request names them, and acts for nobody
BEGIN;
SELECT opigno.test_request('nobody', '{ADMINISTRATOR}');
SELECT test.request();
SELECT opigno.test_request('user-4');
SELECT test.request();
COMMIT;

\echo -- its own user context, changed in the same transaction
BEGIN;
SELECT opigno.test_request('user-9');
SELECT FROM opigno.set_user_context('user-9', 'User 9', true, 'AUTHENTICATED');
SELECT test.request();
SAVEPOINT a;
SELECT FROM opigno.set_user_context('user-9', is_active => false);
SELECT test.request();
ROLLBACK TO SAVEPOINT a;
SELECT test.request();
SELECT FROM opigno.set_user_context('user-1', 'another user');
SELECT test.request();
ROLLBACK;

\echo -- also by a list
BEGIN;
SELECT opigno.test_request('user-1');
SELECT opigno.set_user_contexts('[{"uuid":"user-1","scope":"AUTHENTICATED"},{"uuid":"user-2","scope":[]}]');
SELECT test.request();
SELECT opigno.set_user_contexts('[{"uuid":"user-1","isActive":false}]');
SELECT test.request();
ROLLBACK;

\echo -- require_scope
BEGIN;
SELECT opigno.test_request('user-2');
SELECT scope, test.refusal(format('SELECT opigno.require_scope(%L)', scope))
FROM unnest(ARRAY['ADMINISTRATOR', 'AUTHENTICATED', 'MENTOR', 'WIZARD', NULL]) AS scope;
SELECT opigno.test_request('user-1', '{MENTOR}');
SELECT test.refusal($$SELECT opigno.require_scope('AUTHENTICATED')$$);
/* Also where nobody looks at its result. */
SELECT test.refusal($$SELECT f FROM (SELECT opigno.require_scope('ADMINISTRATOR') AS g, 1 AS f) AS s$$);
SELECT test.refusal($$SELECT count(*) FROM (SELECT opigno.require_scope('ADMINISTRATOR') FROM generate_series(1,
    3)) AS s$$);
SELECT opigno.test_request('user-4', '{MENTOR}');
SELECT test.refusal($$SELECT opigno.require_scope('MENTOR')$$);
COMMIT;
SELECT test.refusal($$SELECT opigno.require_scope('AUTHENTICATED')$$);

\echo -- bad arguments
SELECT test.refusal($$SELECT opigno.test_request(NULL, '{WIZARD,MENTOR,MENTOR}')$$);
SELECT test.refusal($$SELECT opigno.test_request('user-1', app_id => 99)$$);
SELECT test.refusal($$SELECT opigno.test_request('user-1', client_id => -1)$$);
BEGIN;
SELECT opigno.test_request('user-1');
SAVEPOINT a;
SELECT opigno.test_request('');
ROLLBACK TO SAVEPOINT a;
SELECT test.request();
COMMIT;

\echo -- parallel workers know the request, and see as much as the session itself: neither more nor less
INSERT INTO opigno.app (app_id, app, is_private, created_at, updated_at)
SELECT n, 'App ' || n, n = 9, now(), now() FROM generate_series(7, 9) AS n;
INSERT INTO opigno.profile SELECT uuid, n, '{}', 1, now(), now()
FROM opigno.user_context, generate_series(7, 9) AS n;
INSERT INTO opigno.account (user_uuid, extended_profile, version, created_at, updated_at)
SELECT uuid, '{}', 1, now(), now() FROM opigno.user_context;
INSERT INTO opigno.preference SELECT uuid, 'k', 'v', now(), now() FROM opigno.user_context;
CREATE ROLE regress_opigno_user;
CREATE ROLE regress_opigno_auditor;
SELECT opigno.grant_access('regress_opigno_user', 'user'), opigno.grant_access('regress_opigno_auditor', 'auditor');
/* What a statement gives by itself, and what it gives in workers alone. */
CREATE FUNCTION test.in_workers(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    setting CONSTANT text :=
        (SELECT name FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query'));
    alone text;
    in_workers text;
    line text;
    launched text := '0';
BEGIN
    SET LOCAL max_parallel_workers_per_gather = 0;
    EXECUTE statement INTO alone;
    SET LOCAL max_parallel_workers_per_gather = 2;
    SET LOCAL parallel_setup_cost = 0;
    SET LOCAL parallel_tuple_cost = 0;
    SET LOCAL min_parallel_table_scan_size = 0;
    SET LOCAL min_parallel_index_scan_size = 0;
    SET LOCAL parallel_leader_participation = off;
    -- If the statistics of the tables speak against workers, one of them runs the whole plan.
    PERFORM set_config(setting, 'on', true);
    EXECUTE statement INTO in_workers;
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || statement LOOP
        launched := coalesce(substring(line FROM 'Workers Launched: (\d+)'), launched);
    END LOOP;
    PERFORM set_config(setting, 'off', true);
    RETURN format('%s, %s by %s', alone, in_workers, CASE launched WHEN '0' THEN 'the session' ELSE 'workers' END);
END $$;
CREATE TABLE test.many AS SELECT n FROM generate_series(1, 1000) AS n;
GRANT USAGE ON SCHEMA test TO regress_opigno_user, regress_opigno_auditor;
GRANT SELECT ON test.many TO regress_opigno_user, regress_opigno_auditor;
CREATE VIEW test.read AS SELECT * FROM unnest(ARRAY[
    'SELECT count(*) FROM opigno.profile', 'SELECT count(*) FROM opigno.user_context',
    'SELECT count(*) FROM opigno.account', 'SELECT count(*) FROM opigno.preference',
    $$SELECT string_agg(DISTINCT concat_ws(' ', opigno.request_user(), opigno.request_named_user(),
        opigno.request_app(), opigno.request_client(), opigno.request_scope(), opigno.reads_every_user()), '; ')
        FROM test.many$$]) WITH ORDINALITY AS t (statement, n);
GRANT SELECT ON test.read TO regress_opigno_user, regress_opigno_auditor;
SET ROLE regress_opigno_user;
SELECT test.in_workers(statement) AS without_request FROM test.read ORDER BY n;
RESET ROLE;
BEGIN;
SELECT opigno.test_request('user-1', '{AUTHENTICATED}', app_id => 9, client_id => 3);
SAVEPOINT a;
SET LOCAL ROLE regress_opigno_user;
SELECT test.in_workers(statement) AS of_the_private_app FROM test.read ORDER BY n;
SET LOCAL ROLE regress_opigno_auditor;
SELECT test.in_workers(statement) AS by_an_auditor FROM test.read ORDER BY n;
ROLLBACK TO SAVEPOINT a;
SELECT opigno.test_request('user-2', app_id => 7);
SET LOCAL ROLE regress_opigno_user;
SELECT test.in_workers(statement) AS of_another_app FROM test.read ORDER BY n;
ROLLBACK TO SAVEPOINT a;
SELECT opigno.test_request('nobody yet: 9', '{}');
SET LOCAL ROLE regress_opigno_user;
SELECT test.in_workers(statement) AS restricted FROM test.read ORDER BY n;
ROLLBACK TO SAVEPOINT a;
SET LOCAL ROLE regress_opigno_user;
SELECT test.in_workers(statement) AS as_it_was FROM test.read ORDER BY n;
\echo -- an app that this transaction makes private
RESET ROLE;
UPDATE opigno.app SET is_private = true WHERE app_id = 7;
SET LOCAL ROLE regress_opigno_user;
SELECT test.in_workers('SELECT array_agg(app_id ORDER BY app_id) FROM opigno.profile');
RESET ROLE;
ROLLBACK TO SAVEPOINT a;
SET LOCAL ROLE regress_opigno_user;
SELECT test.in_workers('SELECT array_agg(app_id ORDER BY app_id) FROM opigno.profile');
COMMIT;

\echo -- nobody else can set the request, not even a superuser
SELECT test.refusal(statement), statement FROM unnest(ARRAY[
    $$SET opigno_profiles.request = '0 0 0 0 0 - - 6:user-1'$$, $$SET opigno_profiles.request = ''$$,
    $$SELECT set_config('opigno_profiles.request', '0 0 0 0 0 - - 6:user-1', false)$$,
    $$ALTER ROLE regress_opigno_user SET opigno_profiles.request = '0 0 0 0 0 - - 6:user-1'$$,
    $$CREATE FUNCTION test.forged() RETURNS text LANGUAGE sql SET opigno_profiles.request = '0 0 0 0 0 - - 6:user-1'
        AS 'SELECT opigno.request_user()'$$]) AS statement;
SELECT opigno.request_user() IS NULL AS none;
\echo -- or read it
BEGIN;
SELECT opigno.test_request('user-1');
SHOW opigno_profiles.request;
SELECT current_setting('opigno_profiles.request');
SELECT * FROM pg_settings WHERE name = 'opigno_profiles.request';
CREATE FUNCTION test.from_current() RETURNS text LANGUAGE sql SET opigno_profiles.request FROM CURRENT
    AS 'SELECT opigno.request_user()';
ROLLBACK;
\echo -- RESET ALL keeps it; RESET by a superuser ends it, in workers too
BEGIN;
SELECT opigno.test_request('user-1');
RESET ALL;
SELECT test.in_workers('SELECT max(opigno.request_user()) FROM test.many');
RESET opigno_profiles.request;
SELECT test.in_workers('SELECT max(opigno.request_user()) FROM test.many');
COMMIT;
\echo -- a function with settings of its own can begin it
CREATE FUNCTION test.begun() RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog SET work_mem = '2MB' AS
    $$ BEGIN PERFORM opigno.test_request('user-1'); PERFORM opigno.test_request('user-2'); RETURN opigno.request_user();
    END $$;
BEGIN;
SELECT test.begun();
SELECT test.request();
SELECT test.begun() FROM opigno.test_request('user-3');
SELECT test.request();
COMMIT;
SELECT test.request();
DROP FUNCTION test.begun, test.in_workers;
DROP VIEW test.read;
DROP TABLE test.many;
DELETE FROM opigno.preference;
DELETE FROM opigno.account;
DELETE FROM opigno.profile;
DELETE FROM opigno.app WHERE app_id IN (7, 8, 9);
DROP OWNED BY regress_opigno_user, regress_opigno_auditor;
DROP ROLE regress_opigno_user, regress_opigno_auditor;

\echo -- a function that reads under row security runs where the request is known, also where it is not inlined
INSERT INTO opigno.profile SELECT 'user-1', 0, '{}', 1, now(), now();
CREATE TABLE test.keys AS SELECT 'user-1' AS uuid FROM generate_series(1, 20);
CREATE ROLE regress_opigno_reader;
SELECT opigno.grant_access('regress_opigno_reader', 'user');
GRANT SELECT ON test.keys TO regress_opigno_reader;
BEGIN;
SELECT opigno.test_request('user-1');
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL parallel_leader_participation = off;
SET LOCAL ROLE regress_opigno_reader;
SELECT count(*) FROM test.keys AS k CROSS JOIN LATERAL opigno.get_user_context(k.uuid) WITH ORDINALITY AS c;
SELECT count(*) FROM test.keys AS k CROSS JOIN LATERAL opigno.get_profile(k.uuid, 0) WITH ORDINALITY AS p;
COMMIT;
DROP OWNED BY regress_opigno_reader;
DROP ROLE regress_opigno_reader;
DROP TABLE test.keys;
DELETE FROM opigno.profile;

\echo -- a cursor that outlives the transaction holds what was seen in it
BEGIN;
SELECT opigno.test_request('user-1');
DECLARE held CURSOR WITH HOLD FOR SELECT opigno.request_user();
COMMIT;
FETCH held;
SELECT test.request();
CLOSE held;

\echo -- a cursor shows what the request of each FETCH may see
CREATE ROLE regress_opigno_reader;
SELECT opigno.grant_access('regress_opigno_reader', 'user');
INSERT INTO opigno.profile SELECT 'user-' || n, 0, '{}', 1, now(), now() FROM generate_series(1, 3) AS n;
BEGIN;
SELECT opigno.test_request('user-1');
SET LOCAL ROLE regress_opigno_reader;
DECLARE c CURSOR FOR SELECT user_uuid FROM opigno.profile ORDER BY user_uuid;
FETCH c;
RESET ROLE;
SELECT opigno.test_request('user-3');
SET LOCAL ROLE regress_opigno_reader;
FETCH ALL FROM c;
COMMIT;
DROP OWNED BY regress_opigno_reader;
DROP ROLE regress_opigno_reader;
DELETE FROM opigno.profile;

\echo -- a request does not begin while workers run
BEGIN;
CREATE FUNCTION test.begins() RETURNS void LANGUAGE sql PARALLEL RESTRICTED AS
    $$ SELECT opigno.test_request('user-1') $$;
CREATE TABLE test.rows AS SELECT generate_series(1, 1000) AS n;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT test.begins() FROM test.rows LIMIT 1;
ROLLBACK;

\echo -- a SECURITY DEFINER function of somebody else: rights are those of the effective role, the request is that of
\echo -- the transaction
CREATE ROLE regress_opigno_operator;
CREATE ROLE regress_opigno_user;
SELECT opigno.grant_access('regress_opigno_operator', 'operator'), opigno.grant_access('regress_opigno_user', 'user');
GRANT USAGE, CREATE ON SCHEMA test TO regress_opigno_operator, regress_opigno_user;
SET ROLE regress_opigno_operator;
CREATE FUNCTION test.lent() RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS
    $$ SELECT outcome FROM opigno.upsert_profile('user-3', 0, '{"lent": true}') $$;
CREATE FUNCTION test.not_lent() RETURNS text LANGUAGE sql AS
    $$ SELECT outcome FROM opigno.upsert_profile('user-3', 0, '{"lent": false}') $$;
CREATE VIEW test.not_lent AS SELECT * FROM opigno.profile;
GRANT SELECT ON test.not_lent TO regress_opigno_user;
SET ROLE regress_opigno_user;
CREATE FUNCTION test.of_a_user() RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS
    $$ SELECT outcome FROM opigno.upsert_profile('user-1', 0, '{}') $$;
SELECT test.refusal('SELECT test.lent()');
SELECT test.refusal('SELECT test.not_lent()');
SELECT count(*) FROM test.not_lent;
SET ROLE regress_opigno_operator;
SELECT test.refusal('SELECT test.of_a_user()');
SELECT test.refusal('SELECT test.not_lent()');
RESET ROLE;
SELECT action, outcome, session_role = session_user AS session_role, acting_role, user_uuid FROM opigno.audit
WHERE action = 'upsert_profile' ORDER BY id;

DELETE FROM opigno.profile;
DELETE FROM opigno.app;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
DROP OWNED BY regress_opigno_operator, regress_opigno_user;
DROP ROLE regress_opigno_operator, regress_opigno_user;
DROP FUNCTION test.request, test.try_request;
DELETE FROM opigno.site_scope;
