-- Merging anonymous users into known ones, and purging anonymous users.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_operator;
CREATE ROLE regress_opigno_app;
CREATE ROLE regress_opigno_auditor;
CREATE ROLE regress_opigno_learning;
CREATE ROLE regress_opigno_owner;
GRANT regress_opigno_owner TO regress_opigno_operator;
SELECT opigno.grant_access('regress_opigno_' || role, level)
FROM (VALUES ('operator', 'operator'), ('app', 'user'), ('auditor', 'auditor'), ('learning', 'learning'),
    ('owner', 'user'))
    AS r (role, level) \g /dev/null
CREATE SCHEMA customer AUTHORIZATION regress_opigno_owner;
GRANT USAGE ON SCHEMA customer TO regress_opigno_operator;
GRANT USAGE ON SCHEMA test TO regress_opigno_operator, regress_opigno_app;
SELECT count(opigno.register_app('App ' || n, app_id => n)) FROM generate_series(0, 3) AS n;
SELECT count(opigno.set_training(t, 'Training')) FROM unnest(ARRAY['both', 'mine', 'yours', 'later']) AS t;
SELECT count(opigno.configure_extended_profile_field(f)) FROM unnest(ARRAY['city', 'goals']) AS f;
SELECT count(opigno.register_client(0, 'Client ' || n)) FROM generate_series(1, 2) AS n;
CREATE FUNCTION test.client(n integer) RETURNS bigint LANGUAGE sql AS $$
    SELECT client_id FROM opigno.client WHERE label = 'Client ' || n
$$;
CREATE TABLE customer.visit (id integer PRIMARY KEY, visitor text NOT NULL, page text);
CREATE INDEX ON customer.visit (visitor);
CREATE TABLE customer.seat (who opigno.user_uuid, room text, n integer, note text, UNIQUE (who, room));
CREATE TABLE customer."Odd ""badge""" ("the user" uuid, name text, PRIMARY KEY ("the user"));
ALTER TABLE customer.visit OWNER TO regress_opigno_owner;
ALTER TABLE customer.seat OWNER TO regress_opigno_owner;
ALTER TABLE customer."Odd ""badge""" OWNER TO regress_opigno_owner;
SELECT opigno.attach_entity_table('customer.visit', 'visits', 'visitor', on_retirement => 'erase');
SELECT opigno.attach_entity_table('customer.seat', 'seats', 'who');
SELECT opigno.attach_entity_table('customer."Odd ""badge"""', 'badges', 'the user', on_retirement => 'keep');

/* An anonymous user and a known one, who have something in common and something of their own. */
CREATE FUNCTION test.make_pair(anonymous text, known text, has_badges boolean DEFAULT false) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    PERFORM opigno.set_user_context(anonymous, 'Anonymous User', true),
        opigno.set_user_context(known, 'Known User', true, 'AUTHENTICATED');
    PERFORM opigno.upsert_profile(anonymous, 0, '{"of": "anonymous", "cart": [1], "deep": {"a": 1, "b": 1}, "n": 1}'),
        opigno.upsert_profile(known, 0, '{"of": "known", "deep": {"b": 2, "c": 2}, "n": null}'),
        opigno.upsert_profile(anonymous, 1, '{"only": "anonymous", "null": null}'),
        opigno.upsert_profile(known, 2, '{"only": "known"}'),
        opigno.upsert_profile(anonymous, 3, '[1]'), opigno.upsert_profile(known, 3, '[2]');
    PERFORM opigno.patch_account(anonymous, '{"extended_profile": [
            {"field_name": "city", "field_value": "Gent"}, {"field_name": "goals", "field_value": "Learn"}]}'),
        opigno.patch_account(known, '{"extended_profile": [{"field_name": "city", "field_value": "Brugge"}]}');
    PERFORM opigno.set_preference(anonymous, 'both', 'anonymous'), opigno.set_preference(anonymous, 'one', '1'),
        opigno.set_preference(anonymous, 'account_privacy', 'all_users'),
        opigno.set_preference(known, 'both', 'known'), opigno.set_preference(known, 'two', '2');
    PERFORM opigno.report_progress(anonymous, 'both', 'passed', 80, 7, '2026-01-01 10:00Z', '{"by": "anonymous"}'),
        opigno.report_progress(known, 'both', 'in_progress', 90, 3, '2026-01-02 10:00Z', '{"by": "known"}'),
        opigno.report_progress(anonymous, 'mine', 'failed', 100, 2, '2026-01-01 10:00Z'),
        opigno.report_progress(known, 'yours', 'passed', 100, 9, '2026-01-01 10:00Z');
    PERFORM opigno.grant_user(test.client(1), anonymous), opigno.grant_user(test.client(2), anonymous),
        opigno.grant_user(test.client(2), known);
    INSERT INTO customer.visit SELECT coalesce(max(id), 0) + 1, anonymous, 'home' FROM customer.visit;
    INSERT INTO customer.visit SELECT max(id) + 1, known, 'shop' FROM customer.visit;
    INSERT INTO customer.seat VALUES (anonymous, 'aula', 1, 'anonymous'), (anonymous, 'lab', 1, 'anonymous'),
        (known, 'aula', 2, 'known');
    IF has_badges THEN
        INSERT INTO customer."Odd ""badge""" VALUES (anonymous::uuid, 'tin'), (known::uuid, 'gold');
    END IF;
END
$$;
/* All that a user has. */
CREATE FUNCTION test.show(u text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT 'user ' || display_name || ' ' || scope::text FROM opigno.user_context WHERE uuid = u;
    RETURN QUERY SELECT 'profile ' || app_id || ' ' || profile_data::text FROM opigno.profile WHERE user_uuid = u
        ORDER BY app_id;
    RETURN QUERY SELECT 'account ' || extended_profile::text FROM opigno.account WHERE user_uuid = u;
    RETURN QUERY SELECT 'preference ' || key || ' ' || value FROM opigno.preference WHERE user_uuid = u ORDER BY key;
    RETURN QUERY SELECT concat_ws(' ', 'progress', training_id, status, progress, score, details ->> 'by',
            CASE WHEN reported_at > now() - interval '1 day' THEN 'today'
                ELSE to_char(reported_at AT TIME ZONE 'UTC', 'DD') END)
        FROM opigno.training_progress WHERE user_uuid = u ORDER BY training_id;
    RETURN QUERY SELECT concat_ws(' ', 'standing', passed_trainings_number, completed_trainings_number,
        scored_trainings_number, score_sum, average_score) FROM opigno.training_standing WHERE user_uuid = u;
    RETURN QUERY SELECT string_agg(label, ', ' ORDER BY label)
        FROM opigno.client_user JOIN opigno.client USING (client_id) WHERE user_uuid = u HAVING count(*) > 0;
    RETURN QUERY SELECT 'entity ' || label || ' ' || entity::text FROM opigno.user_entities(u);
END
$$;
/* The standing that the progress gives: it is kept by differences. */
CREATE VIEW test.wrong_standing AS
    SELECT user_uuid FROM (
        SELECT user_uuid, count(*) FILTER (WHERE status = 'passed') AS passed,
            count(*) FILTER (WHERE status IN ('passed', 'failed')) AS completed,
            count(score) FILTER (WHERE status IN ('passed', 'failed')) AS scored,
            coalesce(sum(score) FILTER (WHERE status IN ('passed', 'failed')), 0) AS score_sum
        FROM opigno.training_progress GROUP BY user_uuid) AS p FULL JOIN opigno.training_standing AS s USING (user_uuid)
    WHERE (coalesce(p.passed, 0), coalesce(p.completed, 0), coalesce(p.scored, 0), coalesce(p.score_sum, 0)) <>
        (coalesce(s.passed_trainings_number, 0), coalesce(s.completed_trainings_number, 0),
         coalesce(s.scored_trainings_number, 0), coalesce(s.score_sum, 0));

\echo -- keep: what the known user has stays
SELECT test.make_pair('anon-1', 'ann');
SELECT test.show('ann');
CREATE TEMPORARY TABLE version AS
    SELECT app_id, version FROM opigno.profile WHERE user_uuid IN ('ann', 'anon-1');
DELETE FROM opigno.audit;
SET ROLE regress_opigno_operator;
SELECT * FROM opigno.merge_user_contexts('anon-1', 'ann');
RESET ROLE;
SELECT test.show('ann');
SELECT test.show('anon-1');
SELECT * FROM test.wrong_standing;
SELECT action, outcome, acting_role, user_uuid, last_user_uuid, row_count, version, subject FROM opigno.audit;
SELECT from_uuid, into_uuid, merged_at = now() AS is_now FROM opigno.user_merge;
-- What moved has a new version, and what stayed the old one.
SELECT p.app_id, p.version > v.version AS is_newer, p.version = v.version AS is_same
FROM opigno.profile AS p JOIN version AS v USING (app_id) WHERE p.user_uuid = 'ann' AND app_id IN (1, 2) ORDER BY 1;
SELECT preferences_version > 0, account_version > 0 FROM opigno.user_context WHERE uuid = 'ann';
-- Once more: nothing happens.
SELECT * FROM opigno.merge_user_contexts('anon-1', 'ann');
SELECT count(*) FROM opigno.audit;

\echo -- replace: what the anonymous user has wins
SELECT test.make_pair('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b', true);
SELECT * FROM opigno.merge_user_contexts(
    '00000000-0000-4000-8000-00000000000A', '00000000-0000-4000-8000-00000000000B', 'replace');
SELECT test.show('00000000-0000-4000-8000-00000000000b');
SELECT * FROM test.wrong_standing;

\echo -- merge
SELECT test.make_pair('00000000-0000-4000-8000-00000000000c', '00000000-0000-4000-8000-00000000000d', true);
SELECT * FROM opigno.merge_user_contexts(
    '00000000-0000-4000-8000-00000000000c', '00000000-0000-4000-8000-00000000000d', 'merge');
SELECT test.show('00000000-0000-4000-8000-00000000000d');
SELECT * FROM test.wrong_standing;
-- What both have alike is not written.
SELECT FROM opigno.set_user_context('anon-same', 'A', true);
SELECT FROM opigno.set_user_context('same', 'S', true, 'AUTHENTICATED');
SELECT FROM unnest(ARRAY['anon-same', 'same']) AS u, opigno.upsert_profile(u, 0, '{"a": 1}'),
    opigno.set_preference(u, 'k', 'v'), opigno.report_progress(u, 'both', 'passed', 50, 1.0, '2026-01-01 10:00Z'),
    opigno.patch_account(u, '{"extended_profile": [{"field_name": "city", "field_value": "Gent"}]}');
SELECT profiles, accounts, preferences, trainings FROM opigno.merge_user_contexts('anon-same', 'same', 'replace');
SELECT test.nth(version) FROM opigno.profile WHERE user_uuid = 'same';

\echo -- progress: the rules of report_progress(), whatever the order of the reports
CREATE FUNCTION test.combined(first text, second text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    one jsonb := first;
    two jsonb := second;
    result text;
BEGIN
    PERFORM opigno.set_user_context('anon-p', 'A', true),
        opigno.set_user_context('known-p', 'K', true, 'AUTHENTICATED');
    PERFORM opigno.report_progress('anon-p', 'both', one ->> 's', (one ->> 'p')::numeric, (one ->> 'score')::numeric,
        ('2026-01-01 ' || (one ->> 'at') || 'Z')::timestamptz, one -> 'd', (one ->> 'less')::boolean);
    PERFORM opigno.report_progress('known-p', 'both', two ->> 's', (two ->> 'p')::numeric, (two ->> 'score')::numeric,
        ('2026-01-01 ' || (two ->> 'at') || 'Z')::timestamptz, two -> 'd', (two ->> 'less')::boolean);
    PERFORM opigno.merge_user_contexts('anon-p', 'known-p', 'merge');
    SELECT concat_ws(' ', p.status, p.progress, p.score, p.details, to_char(reported_at AT TIME ZONE 'UTC', 'HH24:MI'),
        nullif(s.passed_trainings_number, 0), nullif(s.completed_trainings_number, 0), nullif(s.score_sum, 0))
    INTO result
    FROM opigno.training_progress AS p LEFT JOIN opigno.training_standing AS s USING (user_uuid)
    WHERE user_uuid = 'known-p';
    IF EXISTS (SELECT FROM test.wrong_standing) THEN
        result := 'wrong standing: ' || result;
    END IF;
    DELETE FROM opigno.training_progress WHERE user_uuid = 'known-p';
    DELETE FROM opigno.training_standing WHERE user_uuid = 'known-p';
    DELETE FROM opigno.user_context WHERE uuid = 'known-p';
    RETURN result;
END
$$;
SELECT a AS one, b AS two, test.combined(a, b), test.combined(b, a) = test.combined(a, b) AS is_symmetric
FROM (VALUES ('{"at": "10:00", "s": "in_progress", "p": 50}', '{"at": "11:00", "s": "passed", "p": 40, "score": 5}'),
    ('{"at": "10:00", "s": "passed", "score": 5}', '{"at": "11:00", "s": "in_progress", "score": 4}'),
    ('{"at": "10:00", "s": "failed", "score": 5}', '{"at": "11:00", "s": "in_progress"}'),
    ('{"at": "10:00", "s": "failed"}', '{"at": "10:00", "s": "passed"}'),
    ('{"at": "10:00", "p": 10}', '{"at": "11:00", "s": "not_started"}'),
    ('{"at": "10:00", "p": 0}', '{"at": "11:00", "d": {"a": 1}}'),
    ('{"at": "10:00", "d": {"a": 2}}', '{"at": "10:00", "d": {"a": 1}}'),
    ('{"at": "10:00", "score": 2}', '{"at": "10:00", "score": 3}'),
    ('{"at": "10:00", "p": 90}', '{"at": "11:00", "p": 20, "less": true}'),
    ('{"at": "11:00", "p": 90}', '{"at": "10:00", "p": 20, "less": true}')) AS v (a, b);

\echo -- an enforced schema holds for what is merged, and not for what moves
SELECT FROM opigno.set_user_context('anon-s', 'A', true);
SELECT FROM opigno.set_user_context('known-s', 'K', true, 'AUTHENTICATED');
SELECT FROM opigno.upsert_profile('anon-s', 0, '{"a": 1}') AS p1, opigno.upsert_profile('known-s', 0, '{"b": 1}') AS p2,
    opigno.upsert_profile('anon-s', 1, '{"a": 1, "b": 1}') AS p3;
SELECT FROM generate_series(0, 1) AS app, opigno.set_profile_schema(app, '{"maxProperties": 1}');
SELECT test.refusal($$SELECT opigno.merge_user_contexts('anon-s', 'known-s', 'merge')$$);
SELECT profiles FROM opigno.merge_user_contexts('anon-s', 'known-s');
SELECT test.show('known-s');
SELECT count(opigno.drop_profile_schema(app)) FROM generate_series(0, 1) AS app;

\echo -- late reports reach the known user
SELECT user_uuid, training_id, status, outcome FROM opigno.report_progress('anon-1', 'later', 'passed', 100, 1);
SELECT user_uuid, training_id, status, progress, outcome FROM opigno.report_progress('anon-1', 'later', progress => 10);
SELECT user_uuid, training_id, outcome FROM opigno.remove_enrolment('anon-1', 'later');
SELECT user_uuid, training_id, outcome FROM opigno.enrol_user('anon-1', 'later');
SET ROLE regress_opigno_learning;
SELECT user_uuid, training_id, status, outcome FROM opigno.report_progress('anon-1', 'mine', 'passed');
SELECT opigno.report_progress_many('{"user_id": "anon-1", "training_id": "mine", "score": 3}
{"user_id": "zed", "training_id": "mine", "score": 3}
{"user_id": "ann", "training_id": "later", "score": 4}
{"user_id": "anon-1", "training_id": "both", "score": 8, "reported_at": "2026-02-01T00:00:00Z"}', 'report');
RESET ROLE;
SELECT opigno.report_progress_many('{"user_id": "anon-1", "training_id": "both", "score": 9}',
    create_missing_users => true);
SELECT test.show('ann');
SELECT * FROM test.wrong_standing;
SELECT action, outcome, user_uuid, subject FROM opigno.audit WHERE action ~ 'report|enrol' ORDER BY id DESC LIMIT 7;
-- Requests are not told of the other user.
SAVEPOINT request;
SELECT opigno.test_request('anon-1', app_id => 0, client_id => test.client(1));
SET LOCAL ROLE regress_opigno_app;
SELECT test.refusal($$SELECT opigno.report_progress('anon-1', 'later', 'passed')$$);
SELECT test.refusal($$SELECT opigno.enrol_user('anon-1', 'later')$$);
ROLLBACK TO request;

\echo -- chains lead to the last user, and not in circles
SELECT FROM unnest(ARRAY['c1', 'c2', 'c3']) AS u, opigno.set_user_context(u, 'C', true);
SELECT outcome FROM opigno.merge_user_contexts('c1', 'c2');
SELECT outcome FROM opigno.merge_user_contexts('c2', 'c3');
SELECT from_uuid, into_uuid FROM opigno.user_merge WHERE from_uuid LIKE 'c_';
SELECT into_uuid, outcome FROM opigno.merge_user_contexts('c1', 'c3');
SELECT test.refusal($$SELECT opigno.merge_user_contexts('c1', 'ann')$$);
SELECT test.refusal($$SELECT opigno.merge_user_contexts('c3', 'c1')$$);
-- A user context that is created again is a new user.
SELECT FROM opigno.set_user_context('c1', 'C', true);
SELECT user_uuid FROM opigno.report_progress('c1', 'later', progress => 1);
SELECT trainings, outcome FROM opigno.merge_user_contexts('c3', 'c1');
SELECT from_uuid, into_uuid FROM opigno.user_merge WHERE from_uuid LIKE 'c_';
SELECT user_uuid FROM opigno.report_progress('c2', 'later', progress => 2);
-- The pairs of a user go with it.
DELETE FROM opigno.training_progress WHERE user_uuid = 'c1';
DELETE FROM opigno.user_context WHERE uuid = 'c1';
SELECT from_uuid, into_uuid FROM opigno.user_merge WHERE from_uuid LIKE 'c_';

\echo -- who may merge, and what
SET ROLE regress_opigno_app;
SELECT test.refusal($$SELECT opigno.merge_user_contexts('c2', 'ann')$$);
SELECT test.refusal($$SELECT opigno.purge_anonymous_user_contexts('2026-01-01')$$);
SELECT count(*) FROM opigno.user_merge;
SET ROLE regress_opigno_operator;
SELECT test.refusal($$SELECT opigno.move_progress('c2', 'ann')$$);
SELECT test.refusal($$SELECT opigno.move_user_entities('c2', 'ann')$$);
SELECT test.refusal($$SELECT opigno.purge_user_entities('{c2}')$$);
SELECT count(*) > 0 FROM opigno.user_merge;
RESET ROLE;
SELECT test.refusal($$SELECT opigno.merge_user_contexts(NULL, E'a\u0001', 'mix')$$);
SELECT test.refusal($$SELECT opigno.merge_user_contexts('ann', 'ann')$$);
SELECT test.refusal($$SELECT opigno.merge_user_contexts('nobody', 'no one')$$);
SELECT test.refusal($$SELECT opigno.merge_user_contexts('ann', 'same')$$);
SELECT FROM opigno.set_user_context('anon-2', 'A', true);
SAVEPOINT request;
SELECT opigno.test_request('ann', app_id => 0);
SET LOCAL ROLE regress_opigno_app;
SELECT test.refusal($$SELECT opigno.merge_user_contexts('anon-2', 'ann')$$);
ROLLBACK TO request;
-- An operator's request may.
SELECT opigno.test_request('ann', app_id => 0, is_operator => true);
SET LOCAL ROLE regress_opigno_app;
SELECT outcome FROM opigno.merge_user_contexts('anon-2', 'ann');
SELECT opigno.purge_anonymous_user_contexts('2000-01-01');
SELECT user_uuid FROM opigno.report_progress('anon-2', 'later', progress => 1);
RESET ROLE;
SELECT action, acting_role, request_user, user_uuid, last_user_uuid FROM opigno.audit
WHERE action = 'merge_user_contexts' ORDER BY id DESC LIMIT 1;
ROLLBACK TO request;

\echo -- limits
SELECT FROM generate_series(1, 600) AS n, opigno.set_preference('anon-2', 'a' || n, 'x');
SELECT FROM opigno.set_user_context('known-2', 'K', true, 'AUTHENTICATED');
SELECT FROM generate_series(1, 401) AS n, opigno.set_preference('known-2', 'k' || n, 'x');
SELECT test.refusal($$SELECT opigno.merge_user_contexts('anon-2', 'known-2')$$);
SELECT opigno.delete_preference('anon-2', 'a1');
SELECT preferences FROM opigno.merge_user_contexts('anon-2', 'known-2');

\echo -- attached tables that refuse the write
SELECT FROM opigno.set_user_context('anon-3', 'A', true) AS u1, opigno.set_user_context('known-3', 'K', true) AS u2;
INSERT INTO customer.seat VALUES ('anon-3', 'aula', 1, 'secret');
CREATE UNIQUE INDEX one_seat ON customer.seat (who, lower(room));
INSERT INTO customer.seat VALUES ('known-3', 'AULA', 1, 'secret');
SELECT test.refusal($$SELECT opigno.merge_user_contexts('anon-3', 'known-3')$$);
DROP INDEX customer.one_seat;
CREATE FUNCTION customer.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE 'refused for % by %', OLD.note, current_user;
END
$$;
CREATE TRIGGER refuse BEFORE UPDATE ON customer.seat FOR EACH ROW EXECUTE FUNCTION customer.refuse();
SELECT test.refusal($$SELECT opigno.merge_user_contexts('anon-3', 'known-3')$$);
DROP TRIGGER refuse ON customer.seat;
-- No code of the owner runs later, with other rights.
CREATE CONSTRAINT TRIGGER later AFTER UPDATE ON customer.seat DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION customer.refuse();
SELECT test.refusal($$SELECT opigno.merge_user_contexts('anon-3', 'known-3')$$);
DROP TRIGGER later ON customer.seat;
-- A user whose name is no uuid cannot have rows that are keyed by one.
SELECT FROM opigno.set_user_context('00000000-0000-4000-8000-00000000000e', 'A', true);
SAVEPOINT badge;
INSERT INTO customer."Odd ""badge""" VALUES ('00000000-0000-4000-8000-00000000000e', 'tin');
SELECT test.refusal($$SELECT opigno.merge_user_contexts('00000000-0000-4000-8000-00000000000e', 'ann')$$);
ROLLBACK TO badge;
SELECT entities FROM opigno.merge_user_contexts('00000000-0000-4000-8000-00000000000e', 'ann');
-- A table that refers to users and is not attached.
CREATE TABLE customer.note (who text REFERENCES opigno.user_context);
INSERT INTO customer.note VALUES ('anon-3');
SELECT test.refusal($$SELECT opigno.merge_user_contexts('anon-3', 'known-3')$$);
TRUNCATE customer.note;
SELECT entities FROM opigno.merge_user_contexts('anon-3', 'known-3');
-- A table that was dropped has no rows.
DROP TABLE customer.visit;
SELECT FROM opigno.set_user_context('anon-4', 'A', true);
SELECT outcome FROM opigno.merge_user_contexts('anon-4', 'known-3');
SELECT opigno.detach_entity_table('visits');

\echo -- purge: only what is anonymous, old and unused
CREATE TABLE customer.visit (id integer PRIMARY KEY, visitor text NOT NULL);
CREATE INDEX ON customer.visit (visitor);
SELECT opigno.attach_entity_table('customer.visit', 'visits', 'visitor', on_retirement => 'erase');
DELETE FROM opigno.audit;
SELECT FROM unnest(ARRAY['old', 'old-2', 'old-profile', 'old-account', 'old-preference', 'old-progress', 'young',
    'noted', 'old-renamed']) AS u, opigno.set_user_context('p-' || u, 'A', true);
SELECT FROM opigno.set_user_context('p-known', 'K', true, 'AUTHENTICATED');
SELECT FROM unnest(ARRAY['p-old', 'p-old-profile']) AS u, opigno.upsert_profile(u, 0, '{"a": 1}');
SELECT FROM unnest(ARRAY['p-old', 'p-old-account']) AS u,
    opigno.patch_account(u, '{"extended_profile": [{"field_name": "city", "field_value": "Gent"}]}');
SELECT FROM unnest(ARRAY['p-old', 'p-old-preference']) AS u, opigno.set_preference(u, 'k', 'v');
SELECT FROM unnest(ARRAY['p-old', 'p-old-progress']) AS u, opigno.report_progress(u, 'both', 'passed');
SELECT opigno.grant_user(test.client(1), 'p-old');
INSERT INTO customer.visit VALUES (1, 'p-old'), (2, 'p-young');
INSERT INTO customer.seat VALUES ('p-old', 'aula', 1);
INSERT INTO customer.note VALUES ('p-noted');
UPDATE opigno.user_context SET created_at = now() - interval '100 days', updated_at = now() - interval '100 days'
WHERE uuid LIKE 'p-%' AND uuid <> 'p-young';
UPDATE opigno.user_context SET updated_at = now() WHERE uuid = 'p-old-renamed';
UPDATE opigno.profile SET updated_at = now() - interval '100 days' WHERE user_uuid = 'p-old';
UPDATE opigno.account SET updated_at = now() - interval '100 days' WHERE user_uuid = 'p-old';
UPDATE opigno.preference SET updated_at = now() - interval '100 days' WHERE user_uuid = 'p-old';
UPDATE opigno.training_progress SET updated_at = now() - interval '100 days' WHERE user_uuid = 'p-old';
SET ROLE regress_opigno_operator;
SELECT test.refusal($$SELECT opigno.purge_anonymous_user_contexts(NULL, 0)$$);
SELECT test.refusal($$SELECT opigno.purge_anonymous_user_contexts(now() + interval '1 day')$$);
SELECT opigno.purge_anonymous_user_contexts(now() - interval '101 days');
SELECT opigno.purge_anonymous_user_contexts(now() - interval '90 days', 1);
SELECT opigno.purge_anonymous_user_contexts(now() - interval '90 days', 1);
SELECT opigno.purge_anonymous_user_contexts(now() - interval '90 days', 1);
RESET ROLE;
SELECT uuid FROM opigno.user_context WHERE uuid LIKE 'p-%' ORDER BY uuid;
SELECT test.show('p-old');
SELECT * FROM customer.visit;
SELECT * FROM customer.seat WHERE who = 'p-old';
SELECT action, outcome, user_uuid, last_user_uuid, row_count, subject FROM opigno.audit
WHERE action ~ 'purge' ORDER BY id;
SELECT test.refusal($$CALL opigno.purge_anonymous_user_contexts_in_batches(now() - interval '90 days')$$);

\echo -- a batch reads an index in order
SET LOCAL enable_bitmapscan = off;
SELECT * FROM test.plan($$SELECT c.uuid FROM opigno.user_context AS c WHERE c.scope = '{}'
    AND (c.created_at, c.uuid) > ('-infinity', '') AND c.created_at < now() ORDER BY c.created_at, c.uuid LIMIT 10$$);
ROLLBACK;
