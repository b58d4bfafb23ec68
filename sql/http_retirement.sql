-- Answers to HTTP requests about leaving: Open edX's routes of retirement with its own tests by their names, and
-- merging, purging, export and certificates. README.md says which of Open edX's tests are left out.
BEGIN;
\set ON_ERROR_ROLLBACK on
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_opigno_gateway;
SELECT opigno.grant_access('regress_opigno_gateway', 'gateway');
SELECT app_id FROM opigno.register_app('Course shop', app_id => 0);
SELECT client_key AS shop_key, client_secret AS shop_secret
FROM opigno.register_client(0, 'Shop server', may_act_for => 'all') \gset
SELECT client_key AS ops_key, client_secret AS ops_secret
FROM opigno.register_client(0, 'Administration', is_operator => true) \gset
SELECT set_config('test.own', jsonb_build_object('Content-Type', 'application/json', 'Opigno-Client-UUID', 'own',
        'Authorization', 'Bearer ' || (opigno.issue_access_token(:'shop_key', :'shop_secret', 'client_credentials')
        ->> 'access_token'))::text, false) IS NOT NULL,
    set_config('test.ops', jsonb_build_object('Content-Type', 'application/json',
        'Authorization', 'Bearer ' || (opigno.issue_access_token(:'ops_key', :'ops_secret', 'client_credentials')
        ->> 'access_token'))::text, false) IS NOT NULL;

/* An answer without what differs from run to run: the status and the content. Requests are an operator's. */
CREATE FUNCTION test.ask(method text, target text, body text DEFAULT NULL, headers jsonb DEFAULT '{}')
    RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer record;
BEGIN
    SET LOCAL ROLE regress_opigno_gateway;
    SELECT * INTO answer FROM opigno.http_request(method,
        CASE WHEN target LIKE '/%' THEN target ELSE '/api/user/v1/accounts/' || target END,
        CASE WHEN headers ? 'Authorization' THEN headers ELSE current_setting('test.ops')::jsonb || headers END,
        convert_to(body, 'UTF8'));
    RESET ROLE;
    RETURN concat_ws(' ', answer.status, regexp_replace(regexp_replace(regexp_replace(regexp_replace(
        answer.response_body, '"(id|user_id|retirement_id|version)":"?\d+"?', '"\1":0', 'g'),
        '"(created|modified|issued_at|\w+_at|date_joined)":"[^"]*"', '"\1":"..."', 'g'),
        'User: \d+ State: (\w+ \(step \d+\)) Last Updated: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}\+00:00 ',
        'User: N State: \1 Last Updated: T '), '[0-9a-f]{64}', 'hash', 'g'));
END $$;
CREATE FUNCTION test.status(method text, target text, body text DEFAULT NULL, headers jsonb DEFAULT '{}')
    RETURNS integer LANGUAGE sql AS $$ SELECT left(test.ask(method, target, body, headers), 3)::integer $$;
CREATE FUNCTION test.claim(name text, claim boolean) RETURNS text LANGUAGE sql AS $$ SELECT CASE WHEN claim THEN 'ok'
    ELSE 'NOT OK' END || ' - ' || name $$;
/* Users whose retirements are in this state. */
CREATE FUNCTION test.retire(state text, VARIADIC users text[]) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN
    PERFORM opigno.set_user_context(uuid, 'Name of ' || uuid, true, 'AUTHENTICATED') FROM unnest(users) AS uuid;
    PERFORM opigno.begin_retirement(uuid) FROM unnest(users) AS uuid;
    PERFORM opigno.move_retirement(uuid, state, 'test', true) FROM unnest(users) AS uuid WHERE state <> 'PENDING';
    RETURN array_length(users, 1);
END $$;
CREATE FUNCTION test.names(body text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(r ->> 'original_username', ' ' ORDER BY n)
    FROM jsonb_array_elements(substr(body, 5)::jsonb) WITH ORDINALITY AS a (r, n) $$;
/* The 22 states of the tests of Open edX. */
SELECT count(*) FROM opigno.set_retirement_states('["PENDING",
    "LOCKING_ACCOUNT", "LOCKING_COMPLETE", "RETIRING_CREDENTIALS", "CREDENTIALS_COMPLETE", "RETIRING_ECOM",
    "ECOM_COMPLETE", "RETIRING_FORUMS", "FORUMS_COMPLETE", "RETIRING_EMAIL_LISTS", "EMAIL_LISTS_COMPLETE",
    "RETIRING_ENROLLMENTS", "ENROLLMENTS_COMPLETE", "RETIRING_NOTES", "NOTES_COMPLETE", "ADDING_TO_PARTNER_QUEUE",
    "PARTNER_QUEUE_COMPLETE", "RETIRING_LMS", "LMS_COMPLETE", "ERRORED", "ABORTED", "COMPLETE"]');
SELECT uuid FROM unnest(ARRAY['own', 'learner1', 'other']) AS name,
    opigno.set_user_context(name, 'Name of ' || name, true, 'AUTHENTICATED');

\echo -- who may ask: 401 without a token, 403 for others than operators
CREATE FUNCTION test.routes() RETURNS TABLE (method text, target text, body text) LANGUAGE sql AS $$ VALUES
    ('POST', 'bulk_retire_users', '{"usernames": "own"}'),
    ('GET', 'retirement_queue/?cool_off_days=0&states=PENDING', NULL),
    ('GET', 'retirements_by_status_and_date/?start_date=2018-01-01&end_date=2018-01-01&state=PENDING', NULL),
    ('GET', 'own/retirement_status/', NULL),
    ('PATCH', 'update_retirement_status/', '{"username": "own", "new_state": "COMPLETE", "response": ""}'),
    ('POST', 'retire/', '{"username": "own"}'),
    ('POST', 'cancel_retirement/', '{"retirement_id": 1}'),
    ('POST', 'retirement_cleanup/', '{"usernames": []}'),
    ('PUT', 'retirement_partner_report/', '{"username": "own"}'),
    ('POST', 'retirement_partner_report/', NULL),
    ('POST', 'retirement_partner_report_cleanup/', '[{"original_username": "own"}]'),
    ('POST', '/operator/users/merge', '{"from_uuid": "anon", "into_uuid": "own"}'),
    ('POST', '/operator/users/purge-anonymous', '{"older_than": "2018-01-01T00:00:00Z"}'),
    ('GET', '/operator/users/export/own', NULL),
    ('GET', '/operator/users/retirement-certificate/own', NULL) $$;
SELECT format('%s %s: %s %s', method, split_part(target, '?', 1),
    test.status(method, target, body, jsonb '{"Authorization": "Bearer x", "Content-Type": "application/json"}'),
    test.ask(method, target, body, current_setting('test.own')::jsonb)) FROM test.routes();
SELECT test.status('POST', 'deactivate_logout/', NULL, '{"Authorization": "Bearer x"}'),
    test.status('GET', '/user/export', NULL, '{"Authorization": "Bearer x"}');
\echo -- the paths are those of Open edX, with its slashes
SELECT method, path, test.status(method, path)
FROM (VALUES ('GET', 'own/retirement_status'), ('POST', 'retire'), ('POST', 'deactivate_logout'),
    ('POST', 'bulk_retire_users/'), ('GET', 'bulk_retire_users'), ('GET', 'retire/')) AS p (method, path);

\echo -- deactivate_logout: a password is not accepted, and not shown
SELECT body, type, test.ask('POST', 'deactivate_logout/', body,
    current_setting('test.own')::jsonb || jsonb_build_object('Content-Type', type))
FROM (VALUES ('{"password": "correct horse"}', 'application/json'), ('{"password": null}', 'application/json'),
    ('password=correct+horse', 'application/x-www-form-urlencoded'), ('{"a": 1}', 'application/json'),
    ('{', 'application/json'), ('[]', 'application/json'), ('password=%zz', 'application/x-www-form-urlencoded'),
    ('a=1', 'application/x-www-form-urlencoded'), ('password=x', 'text/plain')) AS b (body, type);
SELECT test.ask('POST', 'deactivate_logout/?password=x', NULL, current_setting('test.own')::jsonb);
SELECT test.ask('POST', 'deactivate_logout/');
SELECT test.ask('POST', 'deactivate_logout/', NULL, '{"Opigno-Client-UUID": "nobody"}');
\echo -- TestDeactivateLogout
SELECT test.claim('test_password_mismatch: no password is compared, each is refused with 400',
    test.status('POST', 'deactivate_logout/', '{"password": "xxxx"}', current_setting('test.own')::jsonb) = 400);
SELECT count(*) FROM opigno.get_retirement('own');
SELECT test.claim('test_user_can_deactivate_self', test.ask('POST', 'deactivate_logout/', NULL,
    current_setting('test.own')::jsonb) = '204');
SELECT c.is_active, r.current_state FROM opigno.get_user_context('own') AS c, opigno.get_retirement(c.uuid) AS r;
SELECT test.claim('test_called_twice', test.status('POST', 'deactivate_logout/', NULL,
    current_setting('test.own')::jsonb) = 403);
SELECT test.ask('POST', 'deactivate_logout/', '', '{"Opigno-Client-UUID": "own"}') AS "an operator, twice";
SELECT test.ask('POST', 'deactivate_logout/', '{}', current_setting('test.own')::jsonb
    || '{"Opigno-Client-UUID": "other"}') AS "of another user, for whom the client acts";
SELECT count(*) FROM opigno.cancel_retirement('other');
SELECT count(*) FROM opigno.cancel_retirement('own');

\echo -- bulk_retire_users: BulkUsersRetirementView
SELECT body, test.ask('POST', 'bulk_retire_users', body) FROM unnest(ARRAY['{}', '{"usernames": ""}',
    '{"usernames": null}', '{"usernames": "nobody,, other ,own,other"}', '{"usernames": "other"}',
    '{"usernames": ["own"]}', '{"usernames": "x", "n": 1}', '[]', '']) WITH ORDINALITY AS b (body, n) ORDER BY n;
SELECT user_uuid, current_state FROM opigno.list_retirements();
SELECT count(*) FROM opigno.list_retirements() AS r, opigno.cancel_retirement(r.user_uuid);

\echo -- TestAccountRetirementList
SELECT test.claim('test_empty', test.ask('GET', 'retirement_queue/?cool_off_days=7&states=PENDING'
    '&states=LOCKING_ACCOUNT') = '200 []');
SELECT sum(test.retire(state, 'in_' || state)) FROM opigno.list_retirement_states() AS s (state);
UPDATE opigno.retirement SET created_at = now() - interval '8 days';
CREATE FUNCTION test.queue(query text) RETURNS text LANGUAGE sql AS $$
    SELECT test.names(test.ask('GET', 'retirement_queue/?' || query)) $$;
SELECT test.claim('test_users_exist_none_in_correct_status', test.queue('cool_off_days=7&' || (
    SELECT string_agg('states=' || state_name, '&') FROM opigno.list_retirement_states()
    WHERE is_dead_end)) = 'in_ERRORED in_ABORTED in_COMPLETE' AND test.queue('cool_off_days=7&' || (
    SELECT string_agg('states=' || state_name, '&' ORDER BY execution_order DESC)
    FROM opigno.list_retirement_states() WHERE NOT is_dead_end)) = (
    SELECT string_agg('in_' || state_name, ' ' ORDER BY execution_order) FROM opigno.list_retirement_states()
    WHERE NOT is_dead_end));
SELECT test.claim('test_users_retrieved_in_multiple_states',
    test.queue('cool_off_days=0&states=PENDING&states=FORUMS_COMPLETE') = 'in_PENDING in_FORUMS_COMPLETE');
SELECT test.ask('GET', 'retirement_queue/?cool_off_days=7&states=FORUMS_COMPLETE&states=PENDING&limit=1')
    AS "test_users_exist; no salt tells what stands for a user";
SELECT opigno.add_retirement_salt('abc', 'sha1') IS NULL;
SELECT test.ask('GET', 'retirement_queue/?cool_off_days=7&states=PENDING') AS "now it is told";
UPDATE opigno.retirement AS r SET created_at = now() - make_interval(days => s.execution_order / 10 + 1)
FROM opigno.list_retirement_states() AS s WHERE s.state_name = r.current_state;
SELECT test.claim('test_date_filter', bool_and(coalesce(array_length(string_to_array(test.queue('states=' ||
    'PENDING&states=LOCKING_ACCOUNT&states=LOCKING_COMPLETE&cool_off_days=' || days), ' '), 1), 0)
    = 3 - greatest(days - 1, 0))) FROM generate_series(0, 4) AS days;
SELECT test.claim('limit', test.queue('cool_off_days=0&states=PENDING&states=LOCKING_ACCOUNT&limit=1') = 'in_PENDING'
    AND test.ask('GET', 'retirement_queue/?cool_off_days=0&states=PENDING&limit=0') = '200 []'
    AND test.queue('cool_off_days=0&states=PENDING&limit=') = 'in_PENDING');
\echo -- test_bad_cool_off_days, test_bad_states, test_missing_params
SELECT query, test.ask('GET', 'retirement_queue/' || query) FROM unnest(ARRAY['?cool_off_days=-1&states=PENDING',
    '?cool_off_days=ABCDERTP&states=PENDING', '?cool_off_days=&states=PENDING', '?cool_off_days=99999999999&states=A',
    '?cool_off_days=7&states=TUNA&states=TACO', '?cool_off_days=7&states=PENDING&states=PENDING',
    '?cool_off_days=7&states=PENDING&states=O%27Neil%5C', '?cool_off_days=7&states=', '?cool_off_days=7&states=pending',
    '', '?cool_off_days=7', '?states=PENDING', '?cool_off_days=7&states=PENDING&limit=x',
    '?cool_off_days=7&states=PENDING&limit=-1', '?cool_off_days=7&cool_off_days=8&states=PENDING',
    '?cool_off_days=2147483647&states=PENDING']) AS query;

\echo -- TestAccountRetirementsByStatusAndDate
CREATE FUNCTION test.by_date(days_from integer, days_to integer, state text DEFAULT 'COMPLETE') RETURNS text
    LANGUAGE sql AS $$ SELECT test.ask('GET', format('%s?start_date=%s&end_date=%s&state=%s',
        'retirements_by_status_and_date/',
        to_char(now() AT TIME ZONE 'UTC' - make_interval(days => days_from), 'YYYY-MM-DD'),
        to_char(now() AT TIME ZONE 'UTC' - make_interval(days => days_to), 'YYYY-MM-DD'), state)) $$;
SELECT test.claim('test_empty', test.by_date(1, 0) = '200 []');
SELECT test.claim('test_users_exist_none_in_correct_state', test.by_date(1, 0, 'PENDING') LIKE '200 [{%'
    AND test.by_date(1, 0) = '200 []');
SELECT test.claim('test_users_exist', test.names(test.by_date(60, 0)) = 'in_COMPLETE');
SELECT test.retire('COMPLETE', VARIADIC array_agg('day' || n)) FROM generate_series(0, 9) AS n;
UPDATE opigno.retirement SET created_at = date_trunc('day', now(), 'UTC') - make_interval(days =>
    substr(user_uuid, 4)::integer)
    + CASE WHEN user_uuid ~ '[02468]' THEN interval '0' ELSE interval '86399.999999 s' END
WHERE user_uuid ~ '^day';
SELECT test.claim('test_date_filter: both dates are inclusive', bool_and(jsonb_array_length(substr(
    test.by_date(days, 0), 5)::jsonb) = days + 1 AND test.names(test.by_date(days, days)) = 'day' || days))
FROM generate_series(0, 9) AS days;
SELECT test.claim('test_bad_states', test.by_date(1, 0, 'TACO') = '400 "Unknown retirement state."');
\echo -- test_bad_dates, test_missing_params
SELECT date, test.ask('GET', 'retirements_by_status_and_date/?state=COMPLETE&end_date=2018-01-01&start_date=' || date),
    test.ask('GET', 'retirements_by_status_and_date/?state=COMPLETE&start_date=2018-01-01&end_date=' || date)
FROM unnest(ARRAY['10/21/2001', '2118-01-01', '2018-14-25', 'toast', '5', '', '2018-02-29', '2016-02-29', '2018-1-1',
    '0000-01-01', '2018-01-01x', '2018-01', '18-01-01', '2018-01-001', '-2018-01-01', '9999-12-31']) AS date;
SELECT query, test.ask('GET', 'retirements_by_status_and_date/?' || query) FROM unnest(ARRAY['',
    'start_date=2018-01-01', 'end_date=2018-01-01', 'state=PENDING', 'start_date=2018-01-01&state=PENDING',
    'end_date=2018-01-01&state=PENDING', 'start_date=2018-01-01&end_date=2018-01-01']) AS query;

\echo -- TestAccountRetirementRetrieve
SELECT test.ask('GET', 'learner1/retirement_status/') AS test_no_retirement,
    test.ask('GET', 'nobody/retirement_status/');
SELECT test.claim('test_retirements_all_states', bool_and(test.ask('GET', 'in_' || state_name || '/retirement_status/')
    LIKE format('200 {"id":%%"current_state":{"state_name":"%s","state_execution_order":%s}%%', state_name,
    execution_order))) FROM opigno.list_retirement_states();
UPDATE opigno.retirement SET retired_uuid = opigno.retired_user_uuid(user_uuid) WHERE user_uuid = 'in_RETIRING_LMS';
SELECT test.claim('test_retrieve_by_old_username, and by the one that stands for it',
    test.ask('GET', 'in_RETIRING_LMS/retirement_status/') LIKE '200 %'
    AND test.ask('GET', 'in_RETIRING_LMS/retirement_status/')
    = test.ask('GET', opigno.retired_user_uuid('in_RETIRING_LMS') || '/retirement_status/'));
UPDATE opigno.retirement SET retired_uuid = NULL WHERE user_uuid = 'in_RETIRING_LMS';

\echo -- TestAccountRetirementUpdate
CREATE FUNCTION test.update(body text) RETURNS text LANGUAGE sql AS $$
    SELECT test.ask('PATCH', 'update_retirement_status/', body) $$;
SELECT test.retire('PENDING', 'learner1');
SELECT test.update('{"username": "learner1", "new_state": "LOCKING_ACCOUNT", "response": "this should succeed"}');
SELECT test.claim('test_single_update', current_state = 'LOCKING_ACCOUNT' AND last_state = 'PENDING'
    AND responses LIKE '%this should succeed%') FROM opigno.retirement WHERE user_uuid = 'learner1';
SELECT state, test.update(jsonb_build_object('username', 'learner1', 'new_state', state, 'response', 'r' || state)
    ::text)
FROM unnest(ARRAY['LOCKING_COMPLETE', 'RETIRING_CREDENTIALS', 'CREDENTIALS_COMPLETE', 'COMPLETE']) WITH ORDINALITY
    AS s (state, n) ORDER BY n;
SELECT test.claim('test_move_through_process', current_state = 'COMPLETE' AND last_state = 'CREDENTIALS_COMPLETE'
    AND responses LIKE '%rLOCKING_COMPLETE%rRETIRING_CREDENTIALS%rCREDENTIALS_COMPLETE%rCOMPLETE%')
FROM opigno.retirement WHERE user_uuid = 'learner1';
\echo -- test_unknown_state, test_bad_vars, test_no_user, and the same by force
SELECT body, test.update(body) FROM unnest(ARRAY[
    '{"username": "in_PENDING", "new_state": "BOGUS_STATE", "response": "this should fail"}',
    '{"username": "in_PENDING", "new_state": "BOGUS_STATE", "response": "this should fail", "force": true}',
    '{"username": "in_PENDING", "response": "this should fail"}', '{"username": "in_PENDING", "new_state": "COMPLETE"}',
    '{"username": "in_PENDING"}',
    '{"username": "in_PENDING", "should_not_exist": "bad", "new_state": "COMPLETE", "response": "this should fail"}',
    '{"username": "does not exist", "new_state": "LOCKING_ACCOUNT", "response": "this should fail"}',
    '{"username": "IN_PENDING", "new_state": "LOCKING_ACCOUNT", "response": "no"}', '{}', '{"username": ""}',
    '{"username": null, "new_state": "COMPLETE", "response": ""}', '{"username": 5}', '[]', '"x"', '',
    '{"a": 1, "a": 2}',
    '{"username": "in_PENDING", "new_state": 5, "response": [], "force": "yes"}',
    '{"username": "in_PENDING", "new_state": null, "response": null, "force": null}']) AS body;
SELECT test.claim('test_no_retirement', test.status('PATCH', 'update_retirement_status/',
    '{"username": "other", "new_state": "LOCKING_ACCOUNT", "response": "this should fail"}') = 404);
\echo -- test_moves, and ends are ends
SELECT start_state, new_state, force, opigno.move_retirement('learner1', start_state, '', true) IS NULL,
    test.update(jsonb_build_object('username', 'learner1', 'new_state', new_state, 'response', 'foo', 'force', force)
    ::text)
FROM (VALUES ('LOCKING_ACCOUNT', 'PENDING', false), ('LOCKING_ACCOUNT', 'PENDING', true),
    ('COMPLETE', 'PENDING', false), ('COMPLETE', 'PENDING', true), ('LOCKING_ACCOUNT', 'LOCKING_ACCOUNT', false),
    ('LOCKING_ACCOUNT', 'LOCKING_ACCOUNT', true), ('ERRORED', 'COMPLETE', false), ('ABORTED', 'COMPLETE', NULL))
    AS m (start_state, new_state, force);
\echo -- there is no ETag; a move is refused if another one was faster
SELECT header, test.ask('PATCH', 'update_retirement_status/',
    '{"username": "in_PENDING", "new_state": "COMPLETE", "response": ""}', jsonb_build_object(header, value))
FROM (VALUES ('If-Match', '*'), ('If-Match', '"1"'), ('If-None-Match', 'x'), ('Content-Type', 'text/plain'))
    AS h (header, value);
SELECT test.ask('PUT', 'retirement_partner_report/', '{"username": "in_PENDING"}', '{"If-Match": "*"}');
SET LOCAL opigno_profiles.require_conditional_writes = on;
SELECT test.update('{"username": "in_PENDING", "new_state": "LOCKING_ACCOUNT", "response": ""}');
SET LOCAL opigno_profiles.require_conditional_writes = off;

\echo -- TestPartnerReportingPut
CREATE FUNCTION test.put(username text) RETURNS text LANGUAGE sql AS $$ SELECT test.ask('PUT',
    'retirement_partner_report/', jsonb_build_object('username', username)::text) $$;
SELECT test.retire('ADDING_TO_PARTNER_QUEUE', 'p1', 'p2', 'p3');
SELECT test.claim('test_success', test.put('p1') = '204');
SELECT count(*) FROM opigno.retirement_partner_report;
UPDATE opigno.retirement SET retired_uuid = 'retired__user_x' WHERE user_uuid = 'p1';
SELECT test.claim('test_idempotent', test.put('p1') = '204');
SELECT count(*) FROM opigno.retirement_partner_report;
SELECT test.claim('test_unknown_user', test.put('other') LIKE '404 %' AND test.put('nobody') LIKE '404 %');
SELECT test.put('in_FORUMS_COMPLETE') AS "in no working state", test.put(NULL);
UPDATE opigno.retirement SET retired_uuid = 'retired__user_y' WHERE user_uuid = 'p2';
SELECT test.put('p2') AS "after the erasure";
UPDATE opigno.retirement SET retired_uuid = NULL WHERE user_uuid = 'p2';
\echo -- TestPartnerReportingList
SELECT test.put('p2');
SELECT test.ask('POST', 'retirement_partner_report/')
    AS "test_success; e-mail addresses and organisations are not known";
SELECT test.ask('POST', 'retirement_partner_report/')
    AS "test_state_update, test_only_users_in_processing, test_no_users";
SELECT test.put('p3');
SELECT test.claim('test_success_multiple_statuses', test.names(test.ask('POST', 'retirement_partner_report/')) = 'p3');
\echo -- TestPartnerReportingCleanup
CREATE FUNCTION test.clean_up(body text) RETURNS text LANGUAGE sql AS $$
    SELECT test.ask('POST', 'retirement_partner_report_cleanup/', body) $$;
SELECT test.retire('ADDING_TO_PARTNER_QUEUE', 'p4');
SELECT test.put('p4');
SELECT test.clean_up('[]') AS test_no_usernames;
SELECT test.clean_up('[{"original_username": "p1"}, {"original_username": "no''body"}]')
    AS test_username_does_not_exist;
SELECT test.clean_up('[{"original_username": "p1"}, {"original_username": "p4"}]') AS test_username_in_wrong_status;
SELECT test.clean_up('[{"original_username": "p1"}, {"original_username": "p1"}]') AS "twice";
SELECT body, test.clean_up(body) FROM unnest(ARRAY['{}', '[1, {}, {"original_username": 1}, {"original_username": "p1",
    "n": 1}]', '["p1"]', 'x']) AS body;
SELECT string_agg(user_uuid, ' ' ORDER BY user_uuid) FROM opigno.retirement_partner_report;
SELECT test.claim('test_does_not_delete_users_in_process', test.clean_up('[{"original_username": "p1"},
    {"original_username": "p2"}]') = '204');
SELECT string_agg(user_uuid, ' ' ORDER BY user_uuid) FROM opigno.retirement_partner_report;
SELECT test.claim('test_success', test.clean_up('[{"original_username": "p3"}]') = '204');
CREATE TRIGGER suppress BEFORE DELETE ON opigno.retirement_partner_report FOR EACH ROW EXECUTE FUNCTION test.suppress();
SELECT test.names(test.ask('POST', 'retirement_partner_report/')), test.clean_up('[{"original_username": "p4"}]')
    AS "a trigger of the site";

\echo -- TestAccountRetirementPost
CREATE FUNCTION test.erase(username text) RETURNS text LANGUAGE sql AS $$ SELECT test.ask('POST', 'retire/',
    jsonb_build_object('username', username)::text) $$;
SELECT test.erase(NULL) AS test_retire_user_where_username_not_provided;
SELECT test.erase('in_PENDING'), test.erase('in_RETIRING_NOTES'), test.erase('other'), test.erase('');
SELECT body, test.ask('POST', 'retire/', body)
FROM unnest(ARRAY['{"username": 1}', '{"username": "x", "n": 1}']) AS body;
SELECT test.claim('test_retire_user', test.erase('in_RETIRING_LMS') = '204');
SELECT test.ask('GET', 'in_RETIRING_LMS/retirement_status/');
SELECT count(*) FROM opigno.get_user_context('in_RETIRING_LMS');
SELECT test.claim('test_retire_user_twice_idempotent', test.erase('in_RETIRING_LMS') = '204');
SELECT test.ask('GET', '/operator/users/retirement-certificate/in_RETIRING_LMS');
SELECT test.ask('GET', '/operator/users/retirement-certificate/other');

\echo -- TestCancelAccountRetirementStatusView
SELECT body, test.ask('POST', 'cancel_retirement/', body) FROM unnest(ARRAY['{}', '{"retirement_id": null}',
    '{"retirement_id": 0}', '{"retirement_id": 9007199254740993}', '{"retirement_id": -9223372036854775808}',
    '{"retirement_id": "x"}', '{"retirement_id": 1.5}', '{"retirement_id": []}', '{"retirement_id": 1e400}',
    '{"retirement_id": 1, "n": 1}', '[]']) AS body;
CREATE FUNCTION test.cancel(username text) RETURNS text LANGUAGE sql AS $$ SELECT test.ask('POST', 'cancel_retirement/',
    jsonb_build_object('retirement_id', retirement_id)::text) FROM opigno.get_retirement(username) $$;
SELECT test.cancel('in_LOCKING_ACCOUNT') AS test_cancel_retirement_not_pending;
SELECT test.retire('PENDING', 'c1', 'c2');
SELECT test.cancel('c1') AS test_cancel_retirement_successful;
SELECT is_active FROM opigno.get_user_context('c1');
SELECT test.ask('POST', 'cancel_retirement/', format('{"retirement_id": "%s"}', retirement_id)) AS "as a string"
FROM opigno.get_retirement('c2');
SELECT opigno.move_retirement('in_RETIRING_LMS', 'PENDING', '', true) IS NULL;
SELECT test.cancel('in_RETIRING_LMS') AS "the data is erased";

\echo -- TestAccountRetirementCleanup
CREATE FUNCTION test.clean(body text) RETURNS text LANGUAGE sql AS $$
    SELECT test.ask('POST', 'retirement_cleanup/', body) $$;
SELECT test.claim('test_no_usernames', test.clean('{"usernames": []}') = '204');
SELECT body, test.clean(body) FROM unnest(ARRAY['{"usernames": "foo"}', '{"usernames": null}', '{}',
    '{"usernames": ["day0", "does not exist"]}', '{"usernames": ["day0", "in_PENDING"]}',
    '{"usernames": ["day0", "day0"]}', '{"usernames": ["DAY0"]}', '{"usernames": ["day0", 1, null]}',
    '{"usernames": ["day0"], "redacted_username": 1, "redacted_email": [], "redacted_name": {}, "n": 1}',
    '{"usernames": ["day0"], "redacted_username": ""}']) AS body;
CREATE TABLE written (what text);
CREATE FUNCTION test.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO public.written
    SELECT TG_OP || ' ' || replace((r).user_uuid, OLD.retirement_id::text, 'N')
    FROM (SELECT coalesce(NEW, OLD)) AS n (r);
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER note BEFORE UPDATE OR DELETE ON opigno.retirement FOR EACH ROW EXECUTE FUNCTION test.note();
SELECT test.retire('COMPLETE', 'redacted');
SELECT test.clean('{"usernames": ["day0"]}') AS "its data is not erased";
UPDATE opigno.retirement SET retired_uuid = 'retired__user_' || user_uuid WHERE user_uuid ~ '^(day|p4)';
DELETE FROM written;
SELECT test.claim('test_simple_success: overwritten by default, then deleted', test.clean('{
    "usernames": ["day0", "day1"],
    "redacted_email": "redacted@example.com", "redacted_name": "redacted"}') = '204');
SELECT * FROM written;
DELETE FROM written;
SELECT test.claim('another word', test.clean('{"usernames": ["day2"], "redacted_username": "gone"}') = '204');
SELECT * FROM written;
SELECT test.claim('test_leaves_other_users, also one that is called so',
    (SELECT string_agg(user_uuid, ' ' ORDER BY user_uuid) FROM opigno.retirement WHERE user_uuid ~ '^(day|redacted)')
    = 'day3 day4 day5 day6 day7 day8 day9 redacted');
SELECT opigno.move_retirement('p4', 'COMPLETE', '') IS NULL;
SELECT test.clean('{"usernames": ["p4"]}') AS "a report to partners is left";

\echo -- merging
SELECT count(opigno.set_user_context(uuid, 'Anonymous', true)) FROM unnest(ARRAY['anon1', 'anon2', 'anon3']) AS uuid;
SELECT outcome FROM opigno.upsert_profile('anon1', 0, '{"cart": ["book"]}');
SELECT test.ask('POST', '/operator/users/merge', '{"from_uuid": "anon1", "into_uuid": "own", "on_conflict": "merge"}');
SELECT test.ask('POST', '/operator/users/merge', '{"from_uuid": "anon1", "into_uuid": "own"}');
\echo -- a late report for the anonymous user reaches the other one, whose progress is the answer
SELECT title FROM opigno.set_training('safety', 'Safety');
SELECT test.ask('POST', '/operator/users/progress/anon1/safety',
    '{"progress":10,"reported_at":"2026-01-01T00:00:00Z"}');
SELECT body, test.ask('POST', '/operator/users/merge', body) FROM unnest(ARRAY['{}',
    '{"from_uuid": "anon1", "into_uuid": "other"}', '{"from_uuid": "anon2", "into_uuid": "nobody"}',
    '{"from_uuid": "other", "into_uuid": "own"}', '{"from_uuid": "anon2", "into_uuid": "in_PENDING"}',
    '{"from_uuid": "anon2", "into_uuid": "own", "on_conflict": "x"}', '{"from_uuid": 1, "into_uuid": [], "n": 1}',
    '{"from_uuid": "anon2", "into_uuid": "own", "on_conflict": 1}', '[]']) AS body;
\echo -- purging
SELECT body, test.ask('POST', '/operator/users/purge-anonymous', body) FROM unnest(ARRAY['{}',
    '{"older_than": "2018-01-01"}', '{"older_than": "01/02/2018 00:00Z"}', '{"older_than": 5, "max_rows": "x", "n": 1}',
    '{"older_than": "2018-13-01T00:00:00Z"}',
    '{"older_than": "2999-01-01T00:00:00Z"}', '{"older_than": "2018-01-01T00:00:00Z", "max_rows": 0}',
    '{"older_than": "2018-01-01T00:00:00Z", "max_rows": 1.5}', '{"older_than": "2018-01-01T00:00:00Z"}',
    '{"older_than": "2018-01-01T01:00:00+01:00", "max_rows": null}']) AS body;
UPDATE opigno.user_context SET created_at = '2017-01-01', updated_at = '2017-01-01' WHERE uuid ~ '^anon';
SELECT test.ask('POST', '/operator/users/purge-anonymous', '{"older_than": "2018-01-01T00:00:00Z", "max_rows": 1}'),
    test.ask('POST', '/operator/users/purge-anonymous', '{"older_than": "2018-01-01T00:00:00Z"}');
\echo -- export
CREATE FUNCTION test.members(answer text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(key || ' ' || jsonb_typeof(value), ', ' ORDER BY key)
    FROM jsonb_each(substr(answer, 5)::jsonb) $$;
SELECT test.members(test.ask('GET', '/operator/users/export/own'));
SELECT test.members(test.ask('GET', '/user/export', NULL, current_setting('test.own')::jsonb));
SELECT substr(test.ask('GET', '/operator/users/export/in_PENDING'), 5)::jsonb -> 'retirements';
SELECT test.ask('GET', '/operator/users/export/nobody');
SELECT test.ask('GET', '/user/export');
SELECT test.ask('GET', '/user/export', NULL, current_setting('test.own')::jsonb
    || '{"Opigno-Client-UUID": "in_PENDING"}') AS "who is being retired";
ROLLBACK;
