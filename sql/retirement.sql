-- The process of retirement: states, beginning, moving, the queue, reports to partners, cancelling and clean-up.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_app;
CREATE ROLE regress_opigno_operator;
CREATE ROLE regress_opigno_auditor;
SELECT opigno.grant_access('regress_opigno_app', 'user');
SELECT opigno.grant_access('regress_opigno_operator', 'operator');
SELECT opigno.grant_access('regress_opigno_auditor', 'auditor');
SELECT count(opigno.register_app('App', app_id => 1));
SELECT count(opigno.set_user_context(uuid, 'Name of ' || uuid, uuid <> 'inactive'))
FROM unnest(ARRAY['learner', 'other', 'inactive', 'third', '00000000-0000-4000-8000-00000000000a']) AS uuid;
\pset tuples_only on
\pset format unaligned
/* A retirement as one line; its number counts from the first one. */
CREATE FUNCTION test.retirement(call text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT concat_ws('' '', user_uuid, retirement_id - (SELECT min(retirement_id) - 1
        FROM test.retirement_number),
        user_context_id = (SELECT c.id FROM opigno.user_context AS c WHERE c.uuid = r.user_uuid), was_active,
        current_state, last_state, retired_uuid, r.created_at = now(), r.updated_at >= r.created_at)
        FROM opigno.%s AS r', call);
EXCEPTION WHEN OTHERS THEN
    RETURN QUERY SELECT test.refusal('SELECT opigno.' || call);
END $$;
CREATE TABLE test.retirement_number (retirement_id bigint);
INSERT INTO test.retirement_number SELECT last_value + is_called::integer FROM opigno.retirement_id_seq;
CREATE FUNCTION test.state(uuid text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', c.is_active, test.nth(c.version), c.updated_at = now(), r.current_state)
    FROM opigno.user_context AS c LEFT JOIN opigno.retirement AS r ON r.user_uuid = c.uuid WHERE c.uuid = $1 $$;
SELECT test.nth(version) FROM opigno.user_context;

\echo -- the default states hold from the installation on, without a row
SELECT * FROM opigno.list_retirement_states();
SELECT count(*) FROM opigno.retirement_state;

\echo -- populate_retirement_states: what is wrong with a list, all at once
CREATE FUNCTION test.names() RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_agg(state_name ORDER BY execution_order) FROM opigno.list_retirement_states() $$;
SELECT body, test.refusal(format('SELECT opigno.set_retirement_states(%L)', body)) FROM (VALUES
    (NULL), ('{}'), ('[]'), ('"PENDING"'), ('["RETIRING_LMS"]'),
    ('["RETIRING_LMS", "PENDING", "ERRORED", "ABORTED", "COMPLETE"]'),
    ('["PENDING", "RETIRING_LMS", "COMPLETE", "ABORTED", "ERRORED"]'),
    ('["PENDING", "RETIRING_LMS", "ERRORED", "ABORTED", "COMPLETE", "LATER"]'),
    ('["PENDING", "RETIRING_LMS", "RETIRING_LMS", "ERRORED", "ABORTED", "COMPLETE"]'),
    ('["PENDING", "ERRORED", "ABORTED", "COMPLETE"]'),
    ('["PENDING", {"state_name": "A", "erases_data": true}, {"state_name": "B", "erases_data": true}, "ERRORED",
        "ABORTED", "COMPLETE"]'),
    ('["PENDING", {"state_name": "A_COMPLETE", "erases_data": true}, "ERRORED", "ABORTED", "COMPLETE"]'),
    ('["PENDING", {"state_name": "A", "erases_data": 1, "other": 2}, {}, 1, null, "", "1A", "A-B", "É",
        "A23456789012345678901234567890_", "ERRORED", "ABORTED", "COMPLETE"]'),
    ((SELECT jsonb_agg('A' || n)::text FROM generate_series(1, 1001) AS n)))
    AS c (body) WHERE length(body) < 1000 OR body IS NULL;
SELECT test.refusal(format('SELECT opigno.set_retirement_states(%L)', jsonb_agg('A' || n)))
FROM generate_series(1, 1001) AS n;

\echo -- a list that is the same writes nothing; a dry run writes nothing; then it is written
SELECT DISTINCT outcome FROM opigno.set_retirement_states(test.names());
SELECT count(*) FROM opigno.retirement_state;
SELECT * FROM opigno.set_retirement_states(
    '["PENDING", "FIRST", {"state_name": "ERASING", "erases_data": true}, "RETIRING_LMS",
        "ERRORED", "ABORTED", "COMPLETE"]', dry_run => true);
SELECT count(*) FROM opigno.retirement_state;
SELECT * FROM opigno.set_retirement_states(
    '["PENDING", "FIRST", {"state_name": "ERASING", "erases_data": true}, "RETIRING_LMS",
        "ERRORED", "ABORTED", "COMPLETE"]');
SELECT * FROM opigno.list_retirement_states();
SELECT * FROM opigno.set_retirement_states(
    '["PENDING", {"state_name": "RETIRING_LMS"}, "ERASING", "FIRST", "ERRORED", "ABORTED", "COMPLETE"]');
SELECT DISTINCT outcome FROM opigno.set_retirement_states(
    '["PENDING", {"state_name": "RETIRING_LMS", "erases_data": true}, "ERASING", "FIRST",
        "ERRORED", "ABORTED", "COMPLETE"]');
\echo -- the 22 states of the tests of Open edX
SELECT count(*), string_agg(DISTINCT outcome, ' ' ORDER BY outcome) FROM opigno.set_retirement_states('["PENDING",
    "LOCKING_ACCOUNT", "LOCKING_COMPLETE", "RETIRING_CREDENTIALS", "CREDENTIALS_COMPLETE", "RETIRING_ECOM",
    "ECOM_COMPLETE", "RETIRING_FORUMS", "FORUMS_COMPLETE", "RETIRING_EMAIL_LISTS", "EMAIL_LISTS_COMPLETE",
    "RETIRING_ENROLLMENTS", "ENROLLMENTS_COMPLETE", "RETIRING_NOTES", "NOTES_COMPLETE", "ADDING_TO_PARTNER_QUEUE",
    "PARTNER_QUEUE_COMPLETE", "RETIRING_LMS", "LMS_COMPLETE", "ERRORED", "ABORTED", "COMPLETE"]');
SELECT action, outcome, row_count, subject FROM opigno.audit WHERE action = 'set_retirement_states' ORDER BY id;

\echo -- beginning: deactivated, in the first state
SELECT test.retirement($$begin_retirement('learner')$$);
SELECT test.state('learner');
SELECT responses FROM opigno.retirement;
SELECT test.retirement($$begin_retirement('inactive')$$);
SELECT test.state('inactive');
SELECT test.retirement($$begin_retirement('00000000-0000-4000-8000-00000000000A')$$);
SELECT call, test.retirement(call) FROM (VALUES ($$begin_retirement(NULL)$$), ($$begin_retirement('')$$),
    ($$begin_retirement('nobody')$$), ($$begin_retirement('learner')$$)) AS c (call);
SELECT test.retirement($$get_retirement('00000000-0000-4000-8000-00000000000A')$$);
SELECT test.retirement($$get_retirement('nobody')$$);
SELECT test.retirement($$get_retirement(NULL)$$);

\echo -- in bulk: each failure is named, and stops no other
SELECT * FROM opigno.begin_retirements(ARRAY['third', NULL, 'other', 'nobody', 'other', 'learner', '', E'a\nb', NULL,
    '00000000-0000-4000-8000-00000000000A']);
SELECT * FROM opigno.begin_retirements('{}');
SELECT test.refusal('SELECT opigno.begin_retirements(NULL)');
SELECT test.state('other'), test.state('third');
SELECT action, outcome, user_uuid, last_user_uuid, row_count, subject FROM opigno.audit WHERE action ~ 'begin_ret'
ORDER BY id;

\echo -- who is being retired is not activated, in any way
SELECT call, test.refusal('SELECT opigno.' || call) FROM (VALUES
    ($$set_user_context('learner', is_active => true)$$),
    ($$set_user_context('learner', 'Another name', true, 'AUTHENTICATED')$$),
    ($$set_user_context('inactive', is_active => true)$$)) AS c (call);
SELECT opigno.set_user_context_json('{"uuid": "learner", "displayName": "A", "isActive": true}');
SELECT opigno.set_user_contexts('[{"uuid": "learner", "isActive": true}, {"uuid": "other", "displayName": "A"},
    {"uuid": "third", "isActive": true, "displayName": "B"}]', on_error => 'report');
SELECT opigno.set_user_contexts('[{"uuid": "learner", "isActive": true}, {"uuid": "other", "isActive": false}]');
CREATE TABLE staged (uuid text, is_active boolean, ordinal bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
INSERT INTO staged (uuid, is_active) VALUES ('learner', true), ('inactive', true), ('new', true);
SELECT (opigno.load_user_contexts('staged', on_error => 'report') ->> 'response');
SELECT display_name, test.state(uuid) FROM opigno.user_context ORDER BY uuid;
\echo -- other changes are made
SELECT display_name, is_active FROM opigno.set_user_context('learner', 'Name of learner', false, 'AUTHENTICATED');
SELECT display_name, is_active FROM opigno.set_user_context('other', 'Name of other');

\echo -- cancelling: everything is as before
SELECT test.retirement($$cancel_retirement('OTHER')$$);
SELECT test.retirement($$cancel_retirement('other')$$);
SELECT test.state('other');
SELECT test.retirement($$cancel_retirement('inactive')$$);
SELECT test.state('inactive');
SELECT test.retirement($$cancel_retirement('other')$$);
SELECT test.retirement($$cancel_retirement('nobody')$$);
SELECT test.retirement($$cancel_retirement(NULL)$$);
SELECT test.retirement($$begin_retirement('other')$$);

\echo -- moving: test_single_update, test_move_through_process, test_unknown_state, test_bad_vars, test_moves
SELECT test.retirement($$move_retirement('third', 'LOCKING_ACCOUNT', 'this should succeed')$$);
SELECT responses FROM opigno.retirement WHERE user_uuid = 'third';
SELECT call, test.retirement(call) FROM (VALUES
    ($$move_retirement('third', 'LOCKING_COMPLETE', '', expected_state => 'LOCKING_ACCOUNT')$$),
    ($$move_retirement('third', 'RETIRING_FORUMS', 'no', expected_state => 'LOCKING_ACCOUNT')$$),
    ($$move_retirement('third', 'LOCKING_ACCOUNT', 'no', expected_state => 'RETIRING_LMS')$$),
    ($$move_retirement('third', 'UNKNOWN', 'no', expected_state => 'UNKNOWN')$$),
    ($$move_retirement('third', 'UNKNOWN', 'no', true)$$),
    ($$move_retirement(NULL, NULL, NULL, NULL, NULL)$$),
    ($$move_retirement('', 'PENDING', NULL)$$),
    ($$move_retirement('nobody', 'COMPLETE', 'no')$$),
    ($$move_retirement('THIRD', 'COMPLETE', 'no')$$),
    ($$move_retirement('third', 'PENDING', 'no')$$),
    ($$move_retirement('third', 'PENDING', 'forced', true)$$),
    ($$move_retirement('third', 'PENDING', 'no')$$),
    ($$move_retirement('third', 'PENDING', 'forced', true)$$),
    ($$move_retirement('third', 'ERRORED', 'skips ahead')$$),
    ($$move_retirement('third', 'ABORTED', 'no')$$),
    ($$move_retirement('third', 'COMPLETE', 'no')$$),
    ($$move_retirement('third', 'RETIRING_LMS', 'no')$$),
    ($$move_retirement('third', 'COMPLETE', 'forced', true)$$),
    ($$move_retirement('third', 'PENDING', 'no')$$),
    ($$move_retirement('third', 'LMS_COMPLETE', 'forced', true)$$),
    ($$cancel_retirement('third')$$)) AS c (call);
SELECT responses FROM opigno.retirement WHERE user_uuid = 'third';
SELECT outcome, user_uuid, subject FROM opigno.audit WHERE action IN ('move_retirement', 'cancel_retirement')
ORDER BY id;
\echo -- every state in turn
SELECT test.retirement(format('move_retirement(%L, %L, %L)', 'learner', state_name, 'on'))
FROM opigno.list_retirement_states() WHERE category IN ('working', 'complete') OR state_name = 'COMPLETE'
ORDER BY execution_order;
\echo -- the log is bounded
SELECT test.refusal($$SELECT opigno.move_retirement('other', 'LOCKING_ACCOUNT', repeat('x', 1048576))$$);
SELECT length(responses) FROM opigno.retirement WHERE user_uuid = 'other';

\echo -- while users are in other states, the states cannot be changed
SELECT test.refusal(format('SELECT opigno.set_retirement_states(%L)', test.names() - 'RETIRING_LMS' - 'FORUMS_COMPLETE'
    || '[]'));
SELECT test.refusal(format('SELECT opigno.set_retirement_states(%L)', test.names() - 'FORUMS_COMPLETE'));
SELECT DISTINCT outcome FROM opigno.set_retirement_states(test.names());

\echo -- aborted: the user may be activated, and is deactivated again when it is moved on by force
SELECT test.retirement($$move_retirement('other', 'ABORTED', 'a mistake')$$);
SELECT test.retirement($$begin_retirement('other')$$);
SELECT is_active FROM opigno.set_user_context('other', is_active => true);
SELECT test.retirement($$move_retirement('other', 'ABORTED', 'again', true)$$);
SELECT test.state('other');
SELECT test.retirement($$move_retirement('other', 'PENDING', 'not a mistake', true)$$);
SELECT test.state('other');
SELECT is_active FROM opigno.set_user_context('other', is_active => false);
SELECT test.refusal($$SELECT opigno.set_user_context('other', is_active => true)$$);
-- Who was not active in ABORTED is not activated by cancelling.
SAVEPOINT aborted;
SELECT test.retirement($$move_retirement('other', 'ABORTED', '')$$);
SELECT test.retirement($$move_retirement('other', 'PENDING', '', true)$$);
SELECT test.retirement($$cancel_retirement('other')$$);
SELECT test.state('other');
ROLLBACK TO aborted;

\echo -- the queue: oldest first; TestAccountRetirementList
SELECT test.retirement($$retirement_queue(ARRAY['PENDING', 'LMS_COMPLETE'], 0)$$);
SELECT test.retirement($$retirement_queue(ARRAY['PENDING', 'LMS_COMPLETE'], 0, 1)$$);
SELECT test.retirement($$retirement_queue(ARRAY['PENDING', 'LMS_COMPLETE'], 0, 0)$$);
SELECT test.retirement($$retirement_queue(ARRAY['PENDING', 'LMS_COMPLETE'], 1)$$);
UPDATE opigno.retirement SET created_at = now() - interval '8 days' WHERE user_uuid = 'other';
SELECT test.retirement($$retirement_queue(ARRAY['PENDING', 'LMS_COMPLETE'], 7)$$);
SELECT test.retirement($$retirement_queue(ARRAY['PENDING', 'LMS_COMPLETE'], 8)$$);
SELECT test.retirement($$retirement_queue(ARRAY['PENDING'], 2147483647)$$);
SELECT call, test.refusal('SELECT opigno.' || call) FROM (VALUES
    ($$retirement_queue(NULL, NULL, NULL)$$), ($$retirement_queue('{}', -1, -1)$$),
    ($$retirement_queue(ARRAY['PENDING', 'PENDING', 'NO', NULL, 'pending'], 1)$$)) AS c (call);

\echo -- pages of retirements
SELECT test.retirement('list_retirements()');
SELECT test.retirement($$list_retirements('PENDING')$$);
SELECT test.retirement($$list_retirements('UNKNOWN')$$);
SELECT test.retirement($$list_retirements(begun_from => now() - interval '9 days', begun_before => now())$$);
SELECT test.retirement(format('list_retirements(after_id => %s, max_rows => 1)', min(retirement_id)))
FROM opigno.retirement;
SELECT test.retirement('list_retirements(max_rows => -1)');
\echo -- plans: by key, by number, by state
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
SELECT test.plan($$SELECT * FROM opigno.list_retirements('PENDING', after_id => 10)$$);
SET LOCAL enable_bitmapscan = on;
SELECT test.plan($$SELECT * FROM opigno.get_retirement('u')$$);
RESET enable_seqscan;

\echo -- reports to partners: TestPartnerReportingPut, List, Cleanup
SELECT call, test.refusal('SELECT opigno.' || call) FROM (VALUES ($$queue_partner_report(NULL)$$),
    ($$queue_partner_report('nobody')$$), ($$queue_partner_report('learner')$$), ($$queue_partner_report('other')$$))
    AS c (call);
SELECT user_uuid, current_state FROM opigno.move_retirement('other', 'ADDING_TO_PARTNER_QUEUE', '');
SELECT user_uuid, current_state FROM opigno.move_retirement('third', 'ADDING_TO_PARTNER_QUEUE', '', true);
SELECT opigno.queue_partner_report('third'), opigno.queue_partner_report('other'), opigno.queue_partner_report('other');
SELECT test.refusal($$SELECT opigno.take_partner_reports(-1)$$);
SELECT * FROM opigno.take_partner_reports(0);
SELECT user_uuid, user_context_id > 0, display_name, created_at = now() FROM opigno.take_partner_reports(1);
SELECT test.refusal($$SELECT opigno.clean_up_partner_reports(ARRAY['third', 'other'])$$);
SELECT user_uuid, user_context_id > 0, display_name, created_at = now() FROM opigno.take_partner_reports();
SELECT * FROM opigno.take_partner_reports();
SELECT opigno.queue_partner_report('other');
SELECT call, test.refusal('SELECT opigno.' || call) FROM (VALUES ($$clean_up_partner_reports(NULL)$$),
    ($$clean_up_partner_reports('{}')$$), ($$clean_up_partner_reports(ARRAY['third', 'third', '', NULL])$$),
    ($$clean_up_partner_reports(ARRAY['third', 'nobody', 'learner'])$$)) AS c (call);
SELECT user_uuid, is_being_processed FROM opigno.retirement_partner_report ORDER BY retirement_id;
SELECT opigno.clean_up_partner_reports(ARRAY['third']);
SELECT user_uuid, is_being_processed FROM opigno.retirement_partner_report ORDER BY retirement_id;
SELECT action, outcome, user_uuid, row_count FROM opigno.audit WHERE action ~ 'partner' ORDER BY id;
\echo -- a report goes with the retirement that is cancelled or aborted, unless the data is erased
SAVEPOINT aborted;
SELECT user_uuid, current_state FROM opigno.move_retirement('other', 'ABORTED', '');
SELECT count(*) FROM opigno.retirement_partner_report;
ROLLBACK TO aborted;
UPDATE opigno.retirement SET retired_uuid = 'retired__user_0123' WHERE user_uuid = 'other';
SELECT user_uuid, current_state FROM opigno.move_retirement('other', 'ABORTED', '');
SELECT count(*) FROM opigno.retirement_partner_report;
ROLLBACK TO aborted;
SELECT user_uuid, current_state FROM opigno.move_retirement('other', 'PENDING', '', true);
SELECT user_uuid, current_state FROM opigno.cancel_retirement('other');
SELECT test.state('other');
SELECT count(*) FROM opigno.retirement_partner_report;

\echo -- the data is erased: found by either uuid, not cancelled, not reported, and the trail names no user
UPDATE opigno.retirement SET retired_uuid = 'retired__user_0123' WHERE user_uuid = 'third';
SELECT test.retirement($$get_retirement('retired__user_0123')$$);
SELECT test.retirement($$get_retirement('third')$$);
SELECT test.refusal($$SELECT opigno.queue_partner_report('third')$$);
SELECT user_uuid, current_state FROM opigno.move_retirement('third', 'PENDING', '', true);
SELECT test.refusal($$SELECT opigno.cancel_retirement('third')$$);
SELECT user_uuid, current_state FROM opigno.move_retirement('third', 'COMPLETE', '');
SELECT outcome, user_uuid, subject FROM opigno.audit ORDER BY id DESC LIMIT 2;

\echo -- clean-up: overwritten, then deleted; TestAccountRetirementCleanup
CREATE TABLE written (what text);
CREATE FUNCTION test.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO public.written SELECT concat_ws(' ', TG_OP, replace(user_uuid, retirement_id::text, 'N'), retired_uuid,
        responses, current_state) FROM (SELECT (coalesce(NEW, OLD)).*) AS r;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER note BEFORE UPDATE OR DELETE ON opigno.retirement FOR EACH ROW EXECUTE FUNCTION test.note();
SELECT opigno.retirement_cleanup('{}');
SELECT call, test.refusal('SELECT opigno.' || call) FROM (VALUES ($$retirement_cleanup(NULL)$$),
    ($$retirement_cleanup(ARRAY['third', 'third', NULL, ''], '')$$),
    ($$retirement_cleanup(ARRAY['third'], repeat('x', 201))$$),
    ($$retirement_cleanup(ARRAY['third'], E'a\x01b')$$),
    ($$retirement_cleanup(ARRAY['third', 'nobody'])$$),
    ($$retirement_cleanup(ARRAY['third', '00000000-0000-4000-8000-00000000000A'])$$)) AS c (call);
SELECT * FROM written;
\echo -- a user whose data is not erased
SELECT test.refusal($$SELECT opigno.retirement_cleanup(ARRAY['third', 'learner'])$$);
UPDATE opigno.retirement SET retired_uuid = 'retired__user_4567' WHERE user_uuid = 'learner';
DELETE FROM written;
SELECT opigno.retirement_cleanup(ARRAY['third', 'learner']);
SELECT * FROM written;
SELECT user_uuid, current_state FROM opigno.retirement ORDER BY retirement_id;
DELETE FROM written;
\echo -- another word, and an unrelated user of that name
SELECT count(opigno.set_user_context(uuid, 'R', true)) FROM unnest(ARRAY['redacted', 'gone', 'fourth']) AS uuid;
SELECT outcome FROM opigno.begin_retirements(ARRAY['redacted', 'gone', 'fourth']);
SELECT user_uuid, current_state FROM opigno.move_retirement('fourth', 'ADDING_TO_PARTNER_QUEUE', '');
SELECT opigno.queue_partner_report('fourth');
SELECT user_uuid, current_state FROM opigno.move_retirement('fourth', 'COMPLETE', '');
UPDATE opigno.retirement SET retired_uuid = 'retired__user_89ab' WHERE user_uuid = 'fourth';
SELECT test.refusal($$SELECT opigno.retirement_cleanup(ARRAY['fourth'])$$);
SELECT user_uuid FROM opigno.take_partner_reports();
SELECT opigno.clean_up_partner_reports(ARRAY['fourth']);
\echo -- a user has the name that the redacted row would get
UPDATE opigno.retirement AS r SET user_uuid = 'gone_' || f.retirement_id
FROM opigno.retirement AS f WHERE r.user_uuid = 'gone' AND f.user_uuid = 'fourth';
DELETE FROM written;
SELECT opigno.retirement_cleanup(ARRAY['fourth'], 'gone');
SELECT regexp_replace(what, '(gone_N_)\S+', '\1HEX') FROM written;
UPDATE opigno.retirement SET user_uuid = 'gone' WHERE user_uuid LIKE 'gone\_%';
DROP TRIGGER note ON opigno.retirement;
SELECT user_uuid, current_state FROM opigno.retirement WHERE user_uuid IN ('redacted', 'gone', 'fourth') ORDER BY 1;
SELECT outcome, user_uuid, row_count FROM opigno.audit WHERE action = 'retirement_cleanup' ORDER BY id;

\echo -- a trigger that suppresses a write is found
CREATE TRIGGER suppress BEFORE INSERT OR UPDATE OR DELETE ON opigno.retirement
    FOR EACH ROW EXECUTE FUNCTION test.suppress();
SELECT call, test.refusal('SELECT opigno.' || call) FROM (VALUES ($$begin_retirement('other')$$),
    ($$begin_retirements(ARRAY['other'])$$), ($$move_retirement('gone', 'COMPLETE', '')$$),
    ($$cancel_retirement('gone')$$)) AS c (call);
DROP TRIGGER suppress ON opigno.retirement;
SELECT test.state('other'), test.state('gone');

\echo -- a request begins the retirement of its user and of no other, and may then read it
SELECT test.as_user('other', $$SELECT opigno.begin_retirement('gone')$$);
SELECT test.as_user('other', $$SELECT opigno.begin_retirement('nobody')$$);
SELECT test.as_user('gone', $$SELECT opigno.begin_retirement('gone')$$);
SELECT test.as_user('other', $$SELECT current_state FROM opigno.begin_retirement('other')$$);
SELECT test.as_user('other', $$SELECT opigno.my_profiles()$$);
SELECT test.as_user('other', $$SELECT string_agg(user_uuid || ' ' || current_state, ', ')
    FROM opigno.list_retirements()$$);
SELECT test.as_user('other', $$SELECT count(*) FROM opigno.get_retirement('gone')$$);
SELECT test.as_user('other', $$SELECT count(*) FROM opigno.list_retirement_states()$$);
SELECT test.as_user('other', $$SELECT opigno.set_user_context('other', is_active => true)$$);
SELECT call, test.as_user('other', 'SELECT opigno.' || call) FROM (VALUES ($$cancel_retirement('other')$$),
    ($$begin_retirements(ARRAY['other'])$$), ($$move_retirement('other', 'COMPLETE', '')$$),
    ($$retirement_queue(ARRAY['PENDING'], 0)$$), ($$retirement_cleanup(ARRAY['other'])$$),
    ($$queue_partner_report('other')$$), ($$take_partner_reports()$$), ($$clean_up_partner_reports(ARRAY['other'])$$),
    ($$set_retirement_states('[]')$$)) AS c (call);
\echo -- a request begins a retirement, and its user cannot act any more
SELECT opigno.test_request('redacted');
SELECT user_uuid FROM opigno.cancel_retirement('redacted');
SET LOCAL ROLE regress_opigno_app;
SELECT current_state FROM opigno.begin_retirement('redacted');
SELECT test.refusal('SELECT opigno.my_profiles()');
SELECT current_state FROM opigno.get_retirement('redacted');
RESET ROLE;

\echo -- an operator does all of it, an auditor reads
SET LOCAL ROLE regress_opigno_operator;
SELECT current_state FROM opigno.cancel_retirement('other');
SELECT outcome FROM opigno.begin_retirements(ARRAY['other']);
SELECT user_uuid FROM opigno.retirement_queue(ARRAY['PENDING'], 0) ORDER BY 1;
SELECT current_state FROM opigno.move_retirement('other', 'ADDING_TO_PARTNER_QUEUE', '');
SELECT opigno.queue_partner_report('other');
SELECT user_uuid FROM opigno.take_partner_reports();
SELECT user_uuid FROM opigno.retirement_partner_report;
SELECT opigno.clean_up_partner_reports(ARRAY['other']);
SELECT current_state FROM opigno.move_retirement('other', 'COMPLETE', '');
SELECT test.refusal($$SELECT opigno.retirement_cleanup(ARRAY['other'])$$);
SELECT current_state FROM opigno.move_retirement('other', 'RETIRING_LMS', '', true);
SELECT outcome FROM opigno.retire_user_data('other');
SELECT current_state FROM opigno.move_retirement('other', 'COMPLETE', '');
SELECT opigno.retirement_cleanup(ARRAY['other']);
SET LOCAL ROLE regress_opigno_auditor;
SELECT user_uuid FROM opigno.list_retirements() ORDER BY 1;
SELECT count(*) FROM opigno.list_retirement_states();
SELECT test.refusal($$SELECT opigno.begin_retirement('other')$$);
RESET ROLE;

ROLLBACK;
