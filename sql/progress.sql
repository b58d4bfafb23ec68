-- Progress in trainings: reports in any order, enrolment, who may report, and what is refused.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_app;
CREATE ROLE regress_opigno_learning;
CREATE ROLE regress_opigno_auditor;
SELECT opigno.grant_access('regress_opigno_app', 'user');
SELECT opigno.grant_access('regress_opigno_learning', 'learning');
SELECT opigno.grant_access('regress_opigno_auditor', 'auditor');
SELECT count(opigno.register_app('App', app_id => 1));
SELECT count(opigno.set_user_context(uuid, uuid, uuid <> 'inactive'))
FROM unnest(ARRAY['learner', 'other', 'inactive', 'anon-1']) AS uuid;
INSERT INTO opigno.training (training_id, title, is_active, version, created_at, updated_at)
SELECT id, 'Training ' || id, id <> 'old', 1, now(), now()
FROM unnest(ARRAY['t1', 't2', 'old', '00000000-0000-4000-8000-00000000000a']) AS id;
\pset tuples_only on
\pset format unaligned
/* A report as one line. */
CREATE FUNCTION test.report(VARIADIC given text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    EXECUTE format('SELECT concat_ws('' '', user_uuid, training_id, is_enrolled, status, progress, score,
        details, coalesce(to_char(reported_at, ''HH24:MI''), ''-''), outcome) FROM opigno.%s',
        array_to_string(given, ', ')) INTO line;
    RETURN line;
END $$;
SET LOCAL TIME ZONE 'UTC';

\echo -- created, repeated, newer, older, higher; NULL leaves a member
SELECT call, test.report(call) FROM (VALUES
    ($$report_progress('learner', 't1')$$),
    ($$report_progress('other', 't1', reported_at => '2020-01-01 08:00Z')$$),
    ($$report_progress('other', 't1', progress => 0.005, reported_at => '2020-01-01 08:00Z')$$),
    ($$report_progress('other', 't1', 'in_progress', 20, 3.50, '2020-01-01 10:00Z', '{"a":1}')$$),
    ($$report_progress('other', 't1', 'in_progress', 20, 3.50, '2020-01-01 10:00Z', '{"a":1}')$$),
    ($$report_progress('other', 't1', 'not_started', 10, 1, '2020-01-01 09:00Z', '{"a":2}')$$),
    ($$report_progress('other', 't1', progress => 33.335, reported_at => '2020-01-01 09:00Z')$$),
    ($$report_progress('other', 't1', 'failed', 100, reported_at => '2020-01-01 11:00Z')$$),
    ($$report_progress('other', 't1', 'in_progress', reported_at => '2020-01-01 12:00Z')$$),
    ($$report_progress('OTHER', 't2', 'passed', reported_at => '2020-01-01 12:00Z')$$),
    ($$report_progress('inactive', 'old', 'passed', reported_at => '2020-01-01 12:00Z')$$),
    ($$report_progress('anon-1', '00000000-0000-4000-8000-00000000000A', 'passed', 1e1, -1e2,
        '2020-01-01 12:00Z', '{}')$$)
) AS c (call) WHERE call !~ 'OTHER|learner';
SELECT outcome, status, progress, reported_at BETWEEN now() AND clock_timestamp(), test.nth(version)
FROM opigno.report_progress('learner', 't1');
SELECT outcome, status, progress, test.nth(version) FROM opigno.report_progress('learner', 't1', progress => 1);
SELECT test.nth(version), status_reported_at IS NULL, score_reported_at IS NULL, created_at = now(), updated_at = now()
FROM opigno.training_progress WHERE user_uuid = 'learner';

\echo -- one time: the greater value wins, whatever comes first
SELECT call, test.report(call) FROM (VALUES
    ($$report_progress('other', 't2', 'failed', 5, 2, '2020-01-01 10:00Z', '{"a":1}')$$),
    ($$report_progress('other', 't2', 'passed', 4, 1, '2020-01-01 10:00Z', '{"a":2}')$$),
    ($$report_progress('other', 't2', 'failed', 5, 2.0, '2020-01-01 10:00Z', '{"a":1}')$$)) AS c (call);

\echo -- going back
SELECT call, test.refusal('SELECT opigno.' || call) FROM (VALUES
    ($$report_progress('other', 't2', 'failed', reported_at => '2020-01-01 11:00Z')$$),
    ($$report_progress('other', 't2', 'not_started', reported_at => '2020-01-01 11:00Z')$$),
    ($$report_progress('other', 't1', 'not_started', reported_at => '2020-01-01 13:00Z')$$)) AS c (call);
SELECT call, test.report(call) FROM (VALUES
    ($$report_progress('other', 't2', 'in_progress', 1, 0, '2020-01-01 11:00Z', '{}', true)$$),
    ($$report_progress('other', 't2', 'in_progress', 1, 0, '2020-01-01 11:00Z', '{}', true)$$),
    ($$report_progress('other', 't2', 'passed', 5, 2, '2020-01-01 10:00Z', '{"a":1}')$$),
    ($$report_progress('other', 't2', progress => 0, reported_at => '2020-01-01 09:00Z', allow_decrease => true)$$),
    ($$report_progress('other', 't2', progress => 50, reported_at => '2020-01-01 09:00Z')$$),
    ($$report_progress('other', 't2', progress => 50, reported_at => '2020-01-01 09:01Z')$$)) AS c (call);

\echo -- enrolment
SELECT call, test.report(call) FROM (VALUES
    ($$remove_enrolment('other', 't2')$$), ($$remove_enrolment('other', 't2')$$),
    ($$report_progress('other', 't2', 'passed', reported_at => '2020-01-01 14:00Z')$$),
    ($$enrol_user('other', 't2')$$), ($$enrol_user('other', 't2')$$),
    ($$remove_enrolment('other', 'old')$$), ($$remove_enrolment('nobody', 'none')$$),
    ($$enrol_user('other', 'old')$$),
    ($$report_progress('other', 'old', progress => 7, reported_at => '2019-01-01 14:00Z')$$)) AS c (call);

\echo -- refused
SELECT test.digest() AS digest_before \gset
SELECT call, test.refusal('SELECT opigno.' || call) FROM (VALUES
    ($$report_progress(NULL, NULL, 'done', 101, 'NaN', now() + interval '61 s', '[]')$$),
    ($$report_progress('other', 't1', progress => -0.001)$$), ($$report_progress('other', 't1', progress => 100.001)$$),
    ($$report_progress('other', 't1', progress => 'NaN')$$), ($$report_progress('other', 't1', score => 'Infinity')$$),
    ($$report_progress('other', 't1', score => '-Infinity')$$), ($$report_progress('other', 't1', score => 1e1001)$$),
    ($$report_progress('other', 't1', reported_at => 'infinity')$$),
    ($$report_progress('other', 't1', reported_at => '-infinity')$$),
    ($$report_progress('other', 't1', details => 'null')$$), ($$report_progress('', E'a\tb')$$),
    ($$report_progress('other', 't1', details => '{"a":1e1001}')$$),
    ($$report_progress('nobody', 'none')$$), ($$report_progress('other', 'none')$$),
    ($$enrol_user('nobody', 't1')$$), ($$enrol_user('other', 'none')$$), ($$enrol_user(NULL, NULL)$$),
    ($$remove_enrolment(NULL, NULL)$$)) AS c (call);
SELECT test.digest() = :'digest_before' AS nothing_changed;

\echo -- every order of the same reports gives the same row
CREATE TABLE test.case (n integer, status text, progress numeric, score numeric, reported_at timestamptz,
    details jsonb);
CREATE FUNCTION test.orders(rounds integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    final jsonb;
    other jsonb;
    one record;
    highest integer;
    refused integer := 0;
BEGIN
    PERFORM setseed(0.5);
    FOR round IN 1..rounds LOOP
        TRUNCATE test.case;
        highest := 0;
        FOR n IN 1..6 LOOP /* statuses that never go back, of times that can be equal */
            highest := CASE WHEN highest = 2 AND random() < 0.3 THEN 1
                ELSE greatest(highest, floor(random() * 4)::integer) END;
            INSERT INTO test.case VALUES (n,
                CASE WHEN random() < 0.6 THEN ('{not_started,in_progress,failed,passed}'::text[])[highest + 1] END,
                CASE WHEN random() < 0.6 THEN floor(random() * 10) END,
                CASE WHEN random() < 0.6 THEN floor(random() * 5) END,
                '2020-01-01Z'::timestamptz + n / 2 * interval '1 hour',
                CASE WHEN random() < 0.6 THEN jsonb_build_object('n', floor(random() * 5)) END);
        END LOOP;
        final := NULL;
        FOR try IN 1..4 LOOP
            DELETE FROM opigno.training_progress WHERE user_uuid = 'learner' AND training_id = 't2';
            FOR one IN SELECT c.* FROM test.case AS c, generate_series(1, try)
                ORDER BY CASE try WHEN 1 THEN n ELSE random() END LOOP
                PERFORM opigno.report_progress('learner', 't2', one.status, one.progress, one.score, one.reported_at,
                    one.details);
            END LOOP;
            SELECT to_jsonb(p) - 'version' INTO other FROM opigno.training_progress AS p
            WHERE user_uuid = 'learner' AND training_id = 't2';
            final := coalesce(final, other);
            IF final <> other THEN
                RETURN format('%s became %s and %s', (SELECT json_agg(c) FROM test.case AS c), final, other);
            END IF;
        END LOOP;
    END LOOP;
    RETURN 'the same';
END $$;
SELECT test.orders(60);
DELETE FROM opigno.training_progress WHERE user_uuid = 'learner' AND training_id = 't2';

\echo -- what a call writes into the audit trail
SELECT action, outcome, acting_role = session_role, user_uuid, subject, count(*) FROM opigno.audit
WHERE action IN ('report_progress', 'enrol_user', 'remove_enrolment') AND user_uuid <> 'learner'
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 4, 5;

\echo -- reads
SELECT user_uuid, training_id, is_enrolled, status, progress, score, details, reported_at
FROM opigno.get_progress('other');
SELECT count(*) FROM opigno.get_progress('anon-1', '00000000-0000-4000-8000-00000000000A');
SELECT count(*) FROM opigno.get_progress('other', 'none');
SELECT user_uuid, status FROM opigno.list_progress('t1');
SELECT user_uuid, status FROM opigno.list_progress('t1', 'learner');
SELECT user_uuid, status FROM opigno.list_progress('t1', max_rows => 1);
SELECT user_uuid, status FROM opigno.list_progress('t1', status => 'in_progress');
SELECT test.refusal($$SELECT * FROM opigno.list_progress('t1', max_rows => -1)$$);

\echo -- many: the rules are the same; entries of one row are combined
CREATE FUNCTION test.many(VARIADIC entries text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    answer json := opigno.report_progress_many('{"reports":[' || array_to_string(entries, ',') || ']}', 'report');
BEGIN
    RETURN QUERY SELECT concat_ws(' ', e ->> 'entry', e ->> 'user_id', e ->> 'code', e ->> 'path', e ->> 'message',
        e ->> 'hint')
        FROM json_array_elements(answer -> 'errors') AS e;
    RETURN NEXT coalesce(answer ->> 'response', 'refused');
END $$;
SELECT test.many(
    '{"user_id":"other","training_id":"T3"}',
    '{"user_id":"learner","training_id":"t2","status":"passed","score":7.50,"reported_at":"2020-01-01T11:00:00Z"}',
    '{"user_id":"learner","training_id":"t2","status":"in_progress","progress":30,'
    '"reported_at":"2020-01-01T10:00:00.5+01:00"}',
    '{"user_uuid":"learner","training_id":"t2","status":"in_progress","progress":30,'
    '"reported_at":"2020-01-01T09:00:00.5Z"}',
    '{"user_id":"other","training_id":"t1","progress":1,"reported_at":"2020-01-01"}',
    '{"user_id":"other","training_id":"t2","status":"failed","reported_at":"2020-01-02 00:00+00"}',
    '{"user_id":"inactive","training_id":"t2","details":{"a":1},"reported_at":"2020-01-02T00:00:00Z","status":null}');
SELECT user_uuid, training_id, is_enrolled, status, progress, score, details, reported_at, test.nth(version)
FROM opigno.list_progress('t2');
SELECT test.many(
    '{"user_id":"learner","training_id":"t2","status":"in_progress","reported_at":"2020-01-01T12:00:00Z"}',
    '{"user_id":"learner","training_id":"t2","status":"in_progress",'
    '"reported_at":"2020-01-01T12:00:00Z","allow_decrease":true}',
    '{"user_id":"learner","training_id":"t2","progress":50,"reported_at":"2020-01-01T08:00:00Z"}',
    '{"user_id":"learner","training_id":"t2","progress":60,"reported_at":"2020-01-01T08:00:01Z"}');
SELECT status, progress, score, reported_at FROM opigno.get_progress('learner', 't2');
SELECT test.many('7', '{}',
    '{"user_id":1,"user_uuid":"a","training_id":[],"status":3,"progress":"1","score":true,"details":[],'
    '"reported_at":"soon","allow_decrease":1,"more":1}', '{"user_id":"nobody","training_id":"none"}',
        '{"user_id":"a","user_id":"b"}',
    '{"user_id":"other","training_id":"t1","status":"done","progress":100.01,"reported_at":"2999-01-01T00:00:00Z"}',
    '{"user_id":"other","training_id":"t1","reported_at":"2019-02-29T00:00:00Z"}',
        '{"user_id":"other","training_id":"t1","reported_at":"2020-01-01T00:00:00.Z"}');
SELECT test.digest() AS digest_before \gset
SELECT opigno.report_progress_many('{"reports":[{"user_id":"new","training_id":"t1"}, {"user_id":"x"}]}');
SELECT opigno.report_progress_many('{"reports":[{"user_id":"new","training_id":"t1"}]}', dry_run => true,
    create_missing_users => true);
SELECT test.digest() = :'digest_before' AS nothing_changed;
SELECT opigno.report_progress_many(E'{"user_id":"new","training_id":"t1"}\n{"user_id":"new","training_id":"none"}',
    'report',
    create_missing_users => true);
SELECT display_name, is_active, scope FROM opigno.get_user_context('new');
SELECT test.refusal($$SELECT opigno.report_progress_many(NULL, 'stop', max_errors => -1)$$);

\echo -- the same reports in one body, in any order, and as single calls
CREATE FUNCTION test.bulk_orders(rounds integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    single jsonb;
    many jsonb;
BEGIN
    FOR round IN 1..rounds LOOP
        TRUNCATE test.case;
        INSERT INTO test.case SELECT n, ('{not_started,in_progress,failed,passed}'::text[])[n / 3 + 1],
            CASE WHEN random() < 0.6 THEN floor(random() * 10) END,
                CASE WHEN random() < 0.6 THEN floor(random() * 5) END,
            '2020-01-01Z'::timestamptz + n / 2 * interval '1 hour',
            CASE WHEN random() < 0.6 THEN jsonb_build_object('n', floor(random() * 5)) END
        FROM generate_series(1, 10) AS n ORDER BY random() LIMIT 6;
        DELETE FROM opigno.training_progress WHERE training_id = 't2';
        DELETE FROM opigno.training_standing;
        PERFORM opigno.report_progress('learner', 't2', c.status, c.progress, c.score, c.reported_at, c.details)
            FROM test.case AS c;
        SELECT to_jsonb(p) - 'version' INTO single FROM opigno.training_progress AS p WHERE training_id = 't2';
        SELECT single || coalesce(to_jsonb(s), '{}') INTO single FROM (SELECT) AS one LEFT
            JOIN opigno.training_standing AS s ON true;
        DELETE FROM opigno.training_progress WHERE training_id = 't2';
        DELETE FROM opigno.training_standing;
        FOR part IN 0..round % 2 LOOP
            PERFORM opigno.report_progress_many(string_agg(json_build_object('user_id', 'learner', 'training_id',
                't2', 'status', c.status,
                'progress', c.progress, 'score', c.score, 'reported_at', c.reported_at, 'details', c.details)::text,
                    E'\n' ORDER BY random()))
            FROM test.case AS c WHERE round % 2 = 0 OR n % 2 = part;
        END LOOP;
        SELECT to_jsonb(p) - 'version' INTO many FROM opigno.training_progress AS p WHERE training_id = 't2';
        SELECT many || coalesce(to_jsonb(s), '{}') INTO many FROM (SELECT) AS one LEFT
            JOIN opigno.training_standing AS s ON true;
        IF many IS DISTINCT FROM single THEN
            RETURN format('%s became %s and %s', (SELECT json_agg(c) FROM test.case AS c), single, many);
        END IF;
    END LOOP;
    RETURN 'the same';
END $$;
SELECT test.bulk_orders(40);

\echo -- who may: the level learning for all, a request for its own user, and a JWT enrols only
CREATE FUNCTION test.as_role(who text, client bigint, role text, call text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
    message text;
    detail text;
    hint text;
BEGIN
    IF who <> '' THEN
        PERFORM opigno.test_request(who, NULL, CASE WHEN client > 0 THEN 1 END, client);
    END IF;
    EXECUTE 'SET LOCAL ROLE ' || role;
    EXECUTE format('SELECT string_agg(concat_ws('' '', user_uuid, training_id, is_enrolled, status), '', '')
        FROM opigno.%s',
        call) INTO answer;
    RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = coalesce(answer, 'no row');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN NEXT CASE SQLSTATE WHEN 'ZZ999' THEN message ELSE SQLSTATE || ': ' || message END;
    RETURN QUERY SELECT 'DETAIL: ' || detail WHERE detail <> '';
    RETURN QUERY SELECT 'HINT: ' || hint WHERE hint <> '';
END $$;
SELECT who, client, role, call, test.as_role(who, client, 'regress_opigno_' || role, call)
FROM (VALUES (1, 'anon-1', NULL::bigint, 'app'), (2, 'anon-1', 7, 'app'), (3, 'inactive', 7, 'app'), (4, '', NULL,
    'app'),
        (5, '', NULL, 'learning'), (6, '', NULL, 'auditor')) AS w (m, who, client, role),
    (VALUES (1, $$report_progress('anon-1', 't1')$$), (2, $$report_progress('other', 't1')$$),
        (3, $$enrol_user('anon-1', 't1')$$), (4, $$enrol_user('other', 't1')$$),
        (5, $$remove_enrolment('anon-1', 't2')$$), (6, 'my_progress()'),
        (7, $$my_progress('00000000-0000-4000-8000-00000000000A')$$),
        (8, $$get_progress('other', 't1')$$), (9, $$list_progress('t1')$$)) AS c (n, call)
ORDER BY m, n;
ROLLBACK;
