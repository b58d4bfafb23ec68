-- The ranking by trainings passed: kept with each report, exact without steps, as fresh as ranked_at with them.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_app;
SELECT opigno.grant_access('regress_opigno_app', 'user');
SELECT count(opigno.set_user_context('r' || n, 'R', n <> 7, CASE WHEN n = 6 THEN '' ELSE 'AUTHENTICATED' END))
FROM generate_series(1, 8) AS n;
INSERT INTO opigno.training (training_id, title, is_active, version, created_at, updated_at)
SELECT 'r' || n, 'Training', true, 1, now(), now() FROM generate_series(1, 5) AS n;
\pset tuples_only on
\pset format unaligned
CREATE FUNCTION test.ranks() RETURNS TABLE (user_uuid text, rank bigint, average text, passed integer,
    completed integer)
LANGUAGE sql AS $$
    SELECT u, r.rank, round(r.average_score, 2)::text, r.passed_trainings_number, r.completed_trainings_number
    FROM (SELECT 'r' || n AS u FROM generate_series(1, 9) AS n) AS s, opigno.passed_trainings_ranking(u) AS r
    ORDER BY 2, 1;
$$;
/* Whether the standings are those that progress gives. */
CREATE FUNCTION test.standings_are_right() RETURNS boolean LANGUAGE sql AS $$
    SELECT NOT EXISTS (
        SELECT FROM (SELECT p.user_uuid, count(*) FILTER (WHERE status = 'passed') AS passed, count(*) AS completed,
                coalesce(sum(score), 0) AS total, count(score) AS scored FROM opigno.training_progress AS p
            WHERE status IN ('passed', 'failed') GROUP BY 1) AS p
        FULL JOIN opigno.training_standing AS s ON s.user_uuid = p.user_uuid
        WHERE (coalesce(passed, 0), coalesce(completed, 0), coalesce(total, 0), coalesce(scored, 0))
            IS DISTINCT FROM (passed_trainings_number::bigint, completed_trainings_number::bigint, score_sum,
                scored_trainings_number::bigint)
            OR average_score <> CASE scored_trainings_number WHEN 0 THEN 0
                ELSE trim_scale(round(score_sum / scored_trainings_number, 6)) END);
$$;

SELECT * FROM test.ranks();
SELECT count(opigno.report_progress(u, t, s, 100, score)) FROM (VALUES
    ('r1', 'r1', 'passed', 10), ('r1', 'r2', 'passed', 5), ('r1', 'r3', 'failed', 3), ('r2', 'r1', 'passed', 8),
    ('r2', 'r2', 'passed', NULL), ('r3', 'r1', 'passed', 6), ('r3', 'r2', 'passed', 6), ('r4', 'r1', 'failed', 1),
    ('r5', 'r1', 'in_progress', 9), ('r6', 'r1', 'passed', 10), ('r6', 'r2', 'passed', 10), ('r7', 'r1', 'passed', 10),
    ('r7', 'r2', 'passed', 10), ('r7', 'r3', 'passed', 10)) AS v (u, t, s, score);
SELECT * FROM test.ranks();
SELECT test.standings_are_right();
SELECT ranked_at = statement_timestamp() FROM opigno.passed_trainings_ranking('R1');

\echo -- a failed training is passed, a score corrected, a training restarted
SELECT outcome FROM opigno.report_progress('r4', 'r1', 'passed', score => 20);
SELECT outcome FROM opigno.report_progress('r2', 'r1', score => 8.0);
SELECT outcome FROM opigno.report_progress('r1', 'r3', 'in_progress');
SELECT outcome FROM opigno.report_progress('r1', 'r2', 'not_started', allow_decrease => true);
SELECT * FROM test.ranks();
SELECT test.standings_are_right();
SELECT opigno.report_progress_many('{"reports":[{"user_id":"r5","training_id":"r1","status":"passed"},'
    '{"user_id":"r5","training_id":"r2","status":"passed","score":1},'
    '{"user_id":"r1","training_id":"r3","status":"failed"}]}') -> 'response';
SELECT * FROM test.ranks();
SELECT test.standings_are_right();

\echo -- with steps: the same, for 5000 users
INSERT INTO opigno.user_context (uuid, display_name, is_active, scope, version, account_version, created_at, updated_at)
SELECT 's' || n, 'S', n % 50 <> 0, CASE WHEN n % 49 > 0 THEN '{AUTHENTICATED}' ELSE '{}' END::text[], 1, 1, now(), now()
FROM generate_series(1, 5000) AS n;
SELECT opigno.report_progress_many(string_agg(json_build_object('user_id', 's' || n, 'training_id', 'r' || t, 'status',
        CASE WHEN (n * t) % 7 < 5 THEN 'passed' ELSE 'failed' END, 'score', (n * 37 * t) % 1009)::text,
            E'\n')) -> 'response'
FROM generate_series(1, 5000) AS n, generate_series(1, 3) AS t WHERE n % (t + 1) < 2;
SELECT test.standings_are_right();
CREATE TABLE test.exact AS SELECT uuid::text, r.* FROM opigno.user_context AS c,
    opigno.passed_trainings_ranking(c.uuid) AS r WHERE uuid LIKE 's%0';
SELECT count(*) FROM test.exact;
SELECT opigno.refresh_passed_trainings_ranking();
SELECT count(*) FROM test.exact AS e, opigno.passed_trainings_ranking(e.uuid) AS r
WHERE (e.rank, e.average_score, e.passed_trainings_number, e.completed_trainings_number)
    IS DISTINCT FROM (r.rank, r.average_score, r.passed_trainings_number, r.completed_trainings_number);
SELECT count(*) FROM (SELECT c.uuid, rank() OVER (ORDER BY coalesce(passed_trainings_number, 0) DESC,
    coalesce(average_score, 0) DESC) AS n
    FROM opigno.user_context AS c LEFT JOIN opigno.training_standing AS s ON s.user_uuid = c.uuid WHERE c.is_active
        AND c.scope <> '{}') AS w
    JOIN test.exact AS e ON e.uuid = w.uuid AND e.rank <> w.n;
SELECT action, outcome, row_count, subject FROM opigno.audit WHERE action = 'refresh_passed_trainings_ranking';

\echo -- a request learns its own rank only
SELECT opigno.test_request('r1');
SET LOCAL ROLE regress_opigno_app;
SELECT count(*), min(passed_trainings_number) FROM opigno.passed_trainings_ranking('r1');
SELECT count(*) FROM opigno.passed_trainings_ranking('r2');
SELECT count(*) FROM opigno.training_standing;
SELECT opigno.refresh_passed_trainings_ranking();
RESET ROLE;
SELECT count(*) FROM opigno.passed_trainings_ranking(NULL);
ROLLBACK;
