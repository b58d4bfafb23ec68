-- Reads are inlined: an index scan and no Function Scan, with a constant, a parameter and a generic plan.
BEGIN;
\set ON_ERROR_ROLLBACK on
SELECT opigno.set_user_contexts((SELECT json_agg(json_build_object('uuid', 'user-' || n, 'displayName', 'User ' || n,
    'isActive', true))::text
                                 FROM generate_series(1, 2000) AS n));
ANALYZE opigno.user_context;

EXPLAIN (COSTS OFF) SELECT * FROM opigno.get_user_context('17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE');
EXPLAIN (COSTS OFF) SELECT * FROM opigno.list_user_contexts('user-1', 10, is_active => true);
EXPLAIN (COSTS OFF) SELECT v.n, c.display_name FROM (VALUES (1), (2)) AS v (n) CROSS JOIN
    LATERAL opigno.get_user_context('user-' || v.n) AS c;

SET plan_cache_mode = force_generic_plan;
PREPARE get_one (text) AS SELECT * FROM opigno.get_user_context($1);
EXPLAIN (COSTS OFF) EXECUTE get_one('user-7');
PREPARE get_page (text, integer) AS SELECT * FROM opigno.list_user_contexts($1, $2);
EXPLAIN (COSTS OFF) EXECUTE get_page('user-7', 10);
EXECUTE get_one('unknown');
RESET plan_cache_mode;

-- Under row security too, with the key from another table.
CREATE ROLE regress_opigno_reader;
GRANT USAGE ON SCHEMA test TO regress_opigno_reader;
SELECT opigno.grant_access('regress_opigno_reader', 'user');
CREATE TABLE test.enrolment AS SELECT 'user-' || n AS learner FROM generate_series(1, 3) AS n;
ANALYZE test.enrolment;
GRANT SELECT ON test.enrolment TO regress_opigno_reader;
SAVEPOINT before;
SELECT opigno.test_request('user-7');
SET LOCAL ROLE regress_opigno_reader;
SELECT test.plan($$SELECT * FROM opigno.get_user_context('user-7')$$);
SELECT test.plan($$SELECT c.* FROM test.enrolment AS e CROSS JOIN LATERAL opigno.get_user_context(e.learner) AS c$$);
ROLLBACK TO before;
ROLLBACK;
