-- Open edX's own tests of retirement, in SQL and by their names. README.md says which are left out;
-- http_retirement.sql has those of the views over HTTP.
BEGIN;
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_opigno_app;
SELECT opigno.grant_access('regress_opigno_app', 'user');
SELECT count(opigno.register_app('App', app_id => 1));
CREATE FUNCTION test.claim(name text, claim boolean) RETURNS text LANGUAGE sql AS $$ SELECT CASE WHEN claim THEN 'ok'
    ELSE 'NOT OK' END || ' - ' || name $$;
CREATE FUNCTION test.refused(statement text) RETURNS text LANGUAGE sql AS $$
    SELECT test.refusal('SELECT opigno.' || statement) LIMIT 1 $$;
CREATE FUNCTION test.users(VARIADIC uuids text[]) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(opigno.set_user_context(uuid, 'Name of ' || uuid, true, 'AUTHENTICATED'))
    FROM unnest(uuids) AS uuid $$;
/* Begins the retirement of new users and moves them to a state. */
CREATE FUNCTION test.retiring(state text, VARIADIC uuids text[]) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    PERFORM test.users(VARIADIC uuids);
    PERFORM opigno.begin_retirement(uuid) FROM unnest(uuids) AS uuid;
    PERFORM opigno.move_retirement(uuid, state, '', true) FROM unnest(uuids) AS uuid;
    RETURN cardinality(uuids);
END $$;
CREATE FUNCTION test.retired(VARIADIC uuids text[]) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    PERFORM test.retiring('RETIRING_LMS', VARIADIC uuids);
    PERFORM opigno.retire_users_data(uuids);
    PERFORM opigno.move_retirement(uuid, 'COMPLETE', '') FROM unnest(uuids) AS uuid;
    RETURN cardinality(uuids);
END $$;
CREATE FUNCTION test.state(uuid text) RETURNS text LANGUAGE sql AS $$
    SELECT current_state FROM opigno.get_retirement(uuid) $$;
CREATE FUNCTION test.queue(states text[], days integer, max_rows integer DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(user_uuid, ' ' ORDER BY retirement_id) FROM opigno.retirement_queue(states, days, max_rows) $$;
CREATE FUNCTION test.defaults() RETURNS text[] LANGUAGE sql AS $$
    SELECT array_agg(state_name ORDER BY execution_order) FROM opigno.default_retirement_states() $$;
CREATE FUNCTION test.populate(states text[], dry_run boolean DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(DISTINCT outcome, ' ' ORDER BY outcome)
    FROM opigno.set_retirement_states(to_jsonb(states), dry_run) $$;
CREATE FUNCTION test.populate_refused(states text[]) RETURNS text LANGUAGE sql AS $$
    SELECT test.refused(format('set_retirement_states(%L)', to_jsonb(states))) $$;

\echo -- accounts/tests/test_models.py
SELECT test.claim('no_default_state: the default states are there from the installation on',
    (SELECT count(*) = 16 FROM opigno.list_retirement_states()));
SELECT test.users('success', 'nobody_leaves');
SELECT test.claim('create_success', ARRAY[current_state, last_state] = '{PENDING,PENDING}' AND retired_uuid IS NULL)
FROM opigno.begin_retirement('success');
SELECT test.claim('create_success: the log', responses = 'Created in state PENDING by begin_retirement')
FROM opigno.retirement WHERE user_uuid = 'success';
SELECT test.claim('already_retired',
    test.refused($$begin_retirement('success')$$) = 'PT409: the user has a retirement already');
SELECT test.claim('request created', EXISTS (SELECT FROM opigno.get_retirement('success')));
SELECT opigno.cancel_retirement('success') IS NOT NULL;
SELECT test.claim('request deleted on PENDING delete: the user can leave again',
    NOT EXISTS (SELECT FROM opigno.get_retirement('success'))
    AND (SELECT current_state FROM opigno.begin_retirement('success')) = 'PENDING');
SELECT test.retired('finished'), opigno.retirement_cleanup('{finished}');
SELECT test.claim('preserved on non-PENDING delete: no user has the name again, in any letter case',
    opigno.is_retired('FINISHED') AND test.refused($$set_user_context('Finished', 'F', true)$$) LIKE '23505:%');

\echo -- populate_retirement_states
SELECT test.claim('test_successful_create', test.populate(test.defaults()) = 'unchanged'
    AND (SELECT array_agg(execution_order ORDER BY execution_order) = (SELECT array_agg(n)
        FROM generate_series(1, 151, 10) AS n) FROM opigno.list_retirement_states()));
SAVEPOINT states;
UPDATE opigno.retirement SET current_state = 'COMPLETE';
SELECT test.claim('test_successful_update: one is added',
    test.populate((test.defaults())[:3] || 'RETIRING_FOR_TESTS'::text || (test.defaults())[4:])
    = 'created unchanged updated');
SELECT test.claim('test_successful_update: states of no user are removed',
    test.populate((test.defaults())[:1] || (test.defaults())[12:]) = 'deleted unchanged updated');
SELECT test.claim('test_no_states', test.populate_refused('{}') LIKE '22023:%');
SELECT test.claim('test_required_states: ' || required, test.populate_refused(array_remove(test.defaults(), required))
    LIKE '22023:%') FROM unnest('{PENDING,ERRORED,ABORTED,COMPLETE}'::text[]) AS required;
SELECT test.claim('test_start_state: PENDING must be the first',
    test.populate_refused((test.defaults())[2:2] || (test.defaults())[1:1] || (test.defaults())[3:]) LIKE '22023:%');
SELECT test.claim('test_bad_end_states',
    test.populate_refused((test.defaults())[:13] || '{COMPLETE,ERRORED,ABORTED}'::text[]) LIKE '22023:%');
ROLLBACK TO states;
SELECT test.claim('test_users_in_bad_states',
    test.retiring('LOCKING_COMPLETE', 'in_process') = 1
    AND test.populate_refused((test.defaults())[:3] || 'RETIRING_FOR_TESTS'::text || (test.defaults())[4:])
        LIKE 'PT409:%');
SELECT test.claim('test_delete_state: a state with users', test.populate_refused(array_remove(test.defaults(),
    'LOCKING_COMPLETE')) LIKE 'PT409:%');
SELECT test.claim('test_delete_state: no user is in it any more', (opigno.move_retirement('in_process', 'COMPLETE', ''))
    .current_state = 'COMPLETE' AND test.populate(array_remove(test.defaults(), 'LOCKING_COMPLETE'))
    = 'deleted unchanged updated');
ROLLBACK TO states;
UPDATE opigno.retirement SET current_state = 'COMPLETE';
SELECT test.claim('test_dry_run', test.populate((test.defaults())[:1] || (test.defaults())[12:], true)
    = 'deleted unchanged updated' AND (SELECT count(*) = 16 FROM opigno.list_retirement_states()));
ROLLBACK TO states;

\echo -- cancel_user_retirement_request, TestCancelAccountRetirementStatusView
CREATE TABLE test.before AS SELECT c.id, c.uuid, c.display_name, c.is_active, c.scope
FROM opigno.get_user_context('nobody_leaves') AS c;
SELECT test.claim('test_cancel_retirement', current_state = 'PENDING') FROM opigno.begin_retirement('nobody_leaves');
SELECT test.claim('successful: inactive meanwhile', NOT is_active) FROM opigno.get_user_context('nobody_leaves');
SELECT test.claim('successful', current_state = 'PENDING') FROM opigno.cancel_retirement('nobody_leaves');
SELECT test.claim('successful: everything is as before', count(*) = 1) FROM (TABLE test.before INTERSECT
    SELECT c.id, c.uuid, c.display_name, c.is_active, c.scope FROM opigno.get_user_context('nobody_leaves') AS c) AS b;
DROP TABLE test.before;
SELECT test.claim('test_invalid_user_retirement, does_not_exist',
    test.refused($$cancel_retirement('unknown')$$) LIKE '23503:%');
SELECT test.claim('bad_request', test.refused('cancel_retirement(NULL)') LIKE '22023:%');
SELECT test.retiring('LOCKING_ACCOUNT', 'locking');
SELECT test.claim('test_invalid_retirement_status, not_pending',
    test.refused($$cancel_retirement('locking')$$) LIKE 'PT409:%');

\echo -- retire_user, bulk_retire_users
SELECT count(opigno.set_user_context('user' || n, 'User', true)) FROM generate_series(1, 1000) AS n;
SELECT test.claim('retire_user: a file of 1000', count(*) FILTER (WHERE outcome = 'created') = 1000)
FROM opigno.begin_retirements(ARRAY(SELECT 'user' || n FROM generate_series(1, 1000) AS n));
SELECT test.claim('retire_user: successful_create', test.state('user1000') = 'PENDING');
SELECT test.users('buser1', 'buser2', 'buser3');
SELECT test.claim('test_bulk_retire_user: some that do not exist or leave already',
    array_agg(user_uuid || ' ' || outcome ORDER BY user_uuid COLLATE "C")
    = '{buser1 created,buser2 created,buser4 failed,user1 failed}')
FROM opigno.begin_retirements('{buser2,buser1,buser4,user1,buser1}');
SELECT test.claim('test_bulk_retire_user: none', count(*) = 0) FROM opigno.begin_retirements('{}');
SELECT test.claim('test_bulk_retire_user: not by a user', test.as_user('buser3',
    $$SELECT opigno.begin_retirements('{buser3}')$$) LIKE '42501:%');
SELECT test.claim('all or none: an error of one statement ends all',
    test.refused($$begin_retirement(uuid) FROM unnest('{buser3,buser4}'::text[]) AS uuid$$) LIKE '23503:%'
    AND test.state('buser3') IS NULL);

\echo -- accounts/tests/test_retirement_views.py: TestDeactivateLogout
SELECT test.users('leaver');
SELECT test.claim('test_user_can_deactivate_self', test.as_user('leaver',
    $$SELECT current_state FROM opigno.begin_retirement('leaver')$$) = 'PENDING');
SELECT test.claim('test_user_can_deactivate_self: inactive', NOT is_active) FROM opigno.get_user_context('leaver');
SELECT test.claim('test_called_twice', test.as_user('leaver', $$SELECT opigno.begin_retirement('leaver')$$)
    LIKE '42501:%');
SELECT test.claim('test_called_twice: by an operator', test.refused($$begin_retirement('leaver')$$) LIKE 'PT409:%');

\echo -- TestPartnerReportingPut, List and Cleanup
SELECT test.retiring('RETIRING_NOTES', 'partner1', 'partner2', 'partner3');
SELECT test.claim('Put test_success', opigno.queue_partner_report('partner1') = 'created');
SELECT test.claim('Put test_idempotent', opigno.queue_partner_report('partner1') = 'unchanged');
SELECT test.claim('Put test_unknown_user', test.refused($$queue_partner_report('unknown')$$) LIKE '23503:%');
SELECT test.claim('List test_one_user', array_agg(user_uuid || display_name) = '{partner1Name of partner1}')
FROM opigno.take_partner_reports();
SELECT test.claim('List: the second call is empty', count(*) = 0) FROM opigno.take_partner_reports();
SELECT count(opigno.queue_partner_report(uuid)) FROM unnest('{partner2,partner3}'::text[]) AS uuid;
SELECT test.claim('Cleanup test_username_in_wrong_status: not taken yet, nothing is deleted',
    test.refused($$clean_up_partner_reports('{partner1,partner2}')$$) LIKE 'PT409:%'
    AND (SELECT count(*) = 3 FROM opigno.retirement_partner_report));
SELECT test.claim('List test_multiple_users', array_agg(user_uuid ORDER BY user_uuid) = '{partner2,partner3}')
FROM opigno.take_partner_reports();
SELECT test.claim('Cleanup test_no_usernames', test.refused($$clean_up_partner_reports('{}')$$) LIKE '22023:%');
SELECT test.claim('Cleanup test_username_does_not_exist',
    test.refused($$clean_up_partner_reports('{partner1,unknown}')$$) LIKE 'PT409:%');
SELECT test.claim('Cleanup: exact letter case',
    test.refused($$clean_up_partner_reports('{Partner1}')$$) LIKE 'PT409:%');
SELECT test.claim('Cleanup test_success', opigno.clean_up_partner_reports('{partner1,partner2}') = 2);
SELECT test.claim('Cleanup leaves others', array_agg(user_uuid) = '{partner3}') FROM opigno.retirement_partner_report;

\echo -- TestAccountRetirementList
SELECT test.claim('test_empty', test.queue('{EMAIL_LISTS_COMPLETE}', 0) IS NULL);
SELECT test.retiring('ERRORED', 'dead1'), test.retiring('ABORTED', 'dead2'),
    test.retiring('FORUMS_COMPLETE', 'step1', 'step2'), test.retiring('NOTES_COMPLETE', 'step3');
SELECT test.claim('test_users_exist_none_in_correct_status', test.queue('{LMS_COMPLETE}', 0) IS NULL);
SELECT test.claim('test_users_retrieved_in_multiple_states',
    test.queue('{FORUMS_COMPLETE,NOTES_COMPLETE}', 0) = 'step1 step2 step3');
SELECT test.claim('test_limit', test.queue('{FORUMS_COMPLETE,NOTES_COMPLETE}', 0, 2) = 'step1 step2');
UPDATE opigno.retirement SET created_at = now() - interval '8 days' WHERE user_uuid = 'step2';
SELECT test.claim('test_date_filter', test.queue('{FORUMS_COMPLETE,NOTES_COMPLETE}', 7) = 'step2'
    AND test.queue('{FORUMS_COMPLETE,NOTES_COMPLETE}', 9) IS NULL);
SELECT test.claim('test_bad_cool_off_days', test.refused($$retirement_queue('{PENDING}', -1)$$) LIKE '22023:%');
SELECT test.claim('test_bad_states: ' || coalesce(states, 'NULL'),
    test.refused(format('retirement_queue(%L, 0)', states)) LIKE '22023:%')
FROM unnest(ARRAY[NULL, '{}', '{UNKNOWN}', '{PENDING,UNKNOWN}', '{PENDING,PENDING}', '{pending}']) AS states;
SELECT test.claim('test_missing_params', test.refused($$retirement_queue('{PENDING}', NULL)$$) LIKE '22023:%');

\echo -- TestAccountRetirementsByStatusAndDate
UPDATE opigno.retirement SET created_at = '2026-01-02 23:59:59+00' WHERE user_uuid = 'step1';
UPDATE opigno.retirement SET created_at = '2026-01-03 00:00:00+00' WHERE user_uuid = 'step2';
SELECT test.claim('inclusive dates ' || start_day || ' to ' || end_day, coalesce((SELECT string_agg(user_uuid, ' ')
    FROM opigno.list_retirements('FORUMS_COMPLETE', (start_day::timestamp) AT TIME ZONE 'UTC',
        (end_day + 1)::timestamp AT TIME ZONE 'UTC')), '') = found)
FROM (VALUES (date '2026-01-01', date '2026-01-01', ''), ('2026-01-01', '2026-01-02', 'step1'),
    ('2026-01-02', '2026-01-03', 'step1 step2'), ('2026-01-03', '2026-01-03', 'step2'),
    ('2026-01-04', '2026-01-05', '')) AS d (start_day, end_day, found);

\echo -- TestAccountRetirementRetrieve
SELECT test.claim('test_no_retirement', count(*) = 0) FROM opigno.get_retirement('buser3');
SELECT test.retiring(state_name, 'in_' || state_name) FROM opigno.list_retirement_states()
WHERE state_name <> 'PENDING';
SELECT test.claim('test_retirement_all_states',
    bool_and(test.state('in_' || state_name) = state_name)) FROM opigno.list_retirement_states()
WHERE state_name <> 'PENDING';
SELECT test.retired('old_name');
SELECT test.claim('test_retrieve_by_old_username', test.state('old_name') = 'COMPLETE'
    AND test.state(opigno.retired_user_uuid('old_name')) = 'COMPLETE');

\echo -- TestAccountRetirementCleanup: overwritten before they are deleted, retirement.sql shows
SELECT test.retired('c1', 'c2', 'c3'), test.users('redacted');
SELECT test.claim('test_simple_success', opigno.retirement_cleanup('{c1,c2}') = 2 AND test.state('c1') IS NULL);
SELECT test.claim('test_leaves_other_users', test.state('c3') = 'COMPLETE'
    AND EXISTS (SELECT FROM opigno.get_user_context('redacted')));
SELECT test.claim('[]', opigno.retirement_cleanup('{}') = 0);
SELECT test.claim('test_nonexistent_user', test.refused($$retirement_cleanup('{c3,unknown}')$$) LIKE 'PT409:%');
SELECT test.claim('test_wrong_status', test.refused($$retirement_cleanup('{c3,locking}')$$) LIKE 'PT409:%');
SELECT test.claim('nothing is deleted then', test.state('c3') = 'COMPLETE');

\echo -- TestAccountRetirementUpdate
SELECT test.users('m');
SELECT opigno.begin_retirement('m') IS NOT NULL;
SELECT test.claim('test_single_update', current_state = 'LOCKING_ACCOUNT' AND last_state = 'PENDING')
FROM opigno.move_retirement('m', 'LOCKING_ACCOUNT', 'this should succeed');
SELECT test.claim('test_single_update: the log',
    responses LIKE E'%\n Moved from PENDING to LOCKING_ACCOUNT:\nthis should succeed\n')
FROM opigno.retirement WHERE user_uuid = 'm';
SELECT test.claim('test_move_through_process',
    string_agg((opigno.move_retirement('m', state_name, 'on')).current_state, ' ' ORDER BY execution_order)
    = string_agg(state_name, ' ' ORDER BY execution_order))
FROM (SELECT * FROM opigno.list_retirement_states() WHERE category IN ('working', 'complete')
    AND state_name <> 'LOCKING_ACCOUNT' OR state_name = 'COMPLETE' ORDER BY execution_order) AS s;
SELECT test.claim('test_unknown_state', test.refused($$move_retirement('locking', 'BOGUS_STATE', '')$$) LIKE '22023:%');
SELECT test.claim('test_unknown_state: forced', test.refused($$move_retirement('locking', 'BOGUS_STATE', '', true)$$)
    LIKE '22023:%');
SELECT test.claim('test_bad_vars', test.refused(call) LIKE '22023:%') FROM (VALUES
    ($$move_retirement(NULL, 'COMPLETE', '')$$), ($$move_retirement('locking', NULL, '')$$),
    ($$move_retirement('locking', 'COMPLETE', NULL)$$)) AS c (call);
SELECT test.claim('test_no_retirement', test.refused($$move_retirement('buser3', 'COMPLETE', '')$$) LIKE '23503:%');
SELECT test.claim('test_no_user', test.refused($$move_retirement('unknown', 'COMPLETE', '')$$) LIKE '23503:%');
SELECT test.claim(format('test_moves: %s to %s, force %s', from_state, to_state, force),
    (opigno.move_retirement('locking', from_state, '', true)).current_state = from_state
    AND CASE WHEN force THEN (opigno.move_retirement('locking', to_state, '', true)).current_state = to_state
        ELSE test.refused(format('move_retirement(%L, %L, %L)', 'locking', to_state, '')) LIKE 'PT409:%' END)
FROM (VALUES ('LOCKING_ACCOUNT', 'PENDING'), ('COMPLETE', 'PENDING'), ('RETIRING_LMS', 'RETIRING_LMS'))
    AS m (from_state, to_state), unnest('{f,t}'::boolean[]) AS force;
SELECT test.claim('dead ends, as Open edX means it: ' || from_state || ' to ' || to_state,
    (opigno.move_retirement('locking', from_state, '', true)).current_state = from_state
    AND test.refused(format('move_retirement(%L, %L, %L)', 'locking', to_state, '')) LIKE 'PT409:%')
FROM (VALUES ('ERRORED', 'ABORTED'), ('ERRORED', 'COMPLETE'), ('ABORTED', 'COMPLETE')) AS m (from_state, to_state);

\echo -- TestAccountRetirementPost, TestLMSAccountRetirementPost
SELECT test.retiring('RETIRING_LMS', 'pii');
SELECT opigno.upsert_profile('pii', 1, '{"bio": "x"}') IS NOT NULL, opigno.set_preference('pii', 'theme', 'dark');
SELECT test.claim('test_retire_user', outcome = 'deleted') FROM opigno.retire_user_data('pii');
SELECT test.claim('test_retire_user: nothing is left, and the name is the hash',
    NOT EXISTS (SELECT FROM opigno.user_context WHERE uuid = 'pii')
    AND NOT EXISTS (SELECT FROM opigno.profile WHERE user_uuid = 'pii')
    AND NOT EXISTS (SELECT FROM opigno.preference WHERE user_uuid = 'pii')
    AND (SELECT retired_uuid FROM opigno.get_retirement('pii')) = opigno.retired_user_uuid('pii'));
SELECT test.claim('test_retire_user_twice_idempotent', outcome = 'unchanged') FROM opigno.retire_user_data('pii');
SELECT test.claim('test_retire_user_where_username_not_provided',
    test.refused('retire_user_data(NULL)') LIKE '22023:%');
SELECT test.claim('test_retire_user: unknown', test.refused($$retire_user_data('unknown')$$) LIKE 'PT409:%');
SELECT test.claim('test_retire_user_where_user_not_in_state: ' || state_name,
    test.refused(format('retire_user_data(%L)', 'in_' || state_name)) LIKE 'PT409:%')
FROM opigno.list_retirement_states() WHERE NOT erases_data AND state_name <> 'PENDING';

\echo -- student/tests/test_retirement.py and the tests of user_util
SELECT test.claim('a salt is needed', opigno.add_retirement_salt('abc', 'sha1') > 0);
SELECT count(opigno.add_retirement_salt('123', 'sha1'));
SELECT test.claim('test_get_retired_username: ' || name, opigno.retired_user_uuid(name) = 'retired__user_' || hash)
FROM (VALUES ('learner1', '6eeb7e012f8baccfd697cb4dc11eaaf228e889e7'),
    ('ALearnerUserName', '87bc4975dab74131a6077092ec647e9fcd1ba2cc'),
    ('foo@bar.com', '99002733a164bb6394c85a9567705b322d8c30eb'),
    ('a.learner@example.com', '49678db3c6d0824efb663dc6b15b6be659a096fd')) AS v (name, hash);
SELECT test.claim('test_username_to_hash_is_case_insensitive',
    opigno.retired_user_uuid('ALEARNERUSERNAME') = opigno.retired_user_uuid('alearnerusername'));
SELECT test.claim('existing status wins', (SELECT retired_uuid FROM opigno.get_retirement('old_name'))
    = opigno.retired_user_uuid('old_name') AND opigno.retired_user_uuid('old_name') !~ '_[0-9a-f]{40}$');
SELECT test.claim('test_is_username_retired: by the old salt, imported', opigno.import_retired_identifiers(
    '{retired__user_fb5062b39630f07c662574f55a7e42ba68ad9437}') = 1 AND opigno.is_retired('learner1'));
SELECT test.claim('test_is_username_retired: a status row', opigno.is_retired('old_name')
    AND NOT opigno.is_retired('buser3'));
SELECT test.claim('username_exists_or_retired blocks', test.refused($$set_user_context('Learner1', 'L', true)$$)
    LIKE '23505:%');
SELECT test.claim('test_username_close_to_retired_format_active: no user has such a name',
    test.refused($$set_user_context('retired__user_', 'R', true)$$) LIKE '22023:%');
SELECT test.claim('bad salts: ' || call, test.refused(call) LIKE '22023:%') FROM (VALUES
    ($$add_retirement_salt('')$$), ($$add_retirement_salt('x', 'md5')$$)) AS c (call);
SELECT test.users('twin', 'Twin');
SELECT opigno.begin_retirement('twin') IS NOT NULL, opigno.move_retirement('twin', 'RETIRING_LMS', '') IS NOT NULL,
    opigno.retire_user_data('twin') IS NOT NULL;
SELECT test.claim('case-only twins: the other stays', is_active) FROM opigno.get_user_context('Twin');
ROLLBACK;
