-- The audit trail: a row for each call that changed something, in its transaction, and none for what changed nothing.
BEGIN;
\set ON_ERROR_ROLLBACK on
DELETE FROM opigno.audit;
CREATE VIEW test.trail AS
    SELECT action, outcome, session_role = session_user AS by_me, acting_role = current_user AS as_me, request_client,
        request_user, user_uuid, last_user_uuid, row_count, app_id, test.nth(version) AS version, subject
    FROM opigno.audit ORDER BY id;
SAVEPOINT before;
SELECT FROM opigno.set_user_context('rolled back', 'Rolled back', true);
SELECT count(*) FROM test.trail;
ROLLBACK TO before;
SELECT count(*) FROM test.trail;
SAVEPOINT before;
SAVEPOINT a;
SELECT FROM opigno.set_user_context('rolled back', 'Rolled back', true);
ROLLBACK TO SAVEPOINT a;
RELEASE before;
SELECT count(*) FROM test.trail;

-- Lists: one row, with the first and the last user and how many were written.
SELECT opigno.set_user_contexts('[{"uuid":"c","displayName":"C","isActive":true},{"uuid":"a","displayName":"A",'
    '"isActive":true},{"uuid":"b","displayName":"B","isActive":true}]');
SELECT opigno.set_user_contexts('[{"uuid":"c","displayName":"C"},{"uuid":"a","displayName":"Changed"},{"uuid":"d",'
    '"displayName":"D","isActive":true}]');
SELECT opigno.set_user_contexts('[{"uuid":"c","displayName":"C"}]');
SELECT opigno.set_user_contexts('[{"uuid":"c","displayName":"Not written"}]', dry_run => true);
SELECT opigno.set_user_contexts('[{"uuid":"c","displayName":"Not written"},{}]');
-- Scopes and apps, once each.
SELECT FROM opigno.register_scope('AUDITED');
SELECT FROM opigno.register_scope('AUDITED');
SELECT FROM opigno.register_scope('AUDITED', description => 'changed');
SELECT FROM opigno.register_app('App', app_id => 0);
SELECT FROM opigno.update_app(0, 'App');
-- A request's client, user and profile.
SAVEPOINT before;
SELECT opigno.test_request('a', app_id => 0, client_id => 7);
SELECT FROM opigno.create_my_profile(0, '{"a":1}');
SELECT FROM opigno.patch_my_profile(0, '{"a":1}');
SELECT FROM opigno.patch_my_profile(0, '{"a":2}');
SELECT opigno.delete_my_profile(0), opigno.delete_my_profile(0);
RELEASE before;
SELECT * FROM test.trail;
SELECT count(*) = count(recorded_at) AND min(recorded_at) > now() - interval '1 minute'
    AND max(recorded_at) <= clock_timestamp() AS times FROM opigno.audit;

-- Off, by a superuser; and on again.
SET opigno_profiles.audit = off;
SELECT FROM opigno.set_user_context('a', 'Not recorded');
RESET opigno_profiles.audit;
SELECT count(*) FROM test.trail WHERE user_uuid = 'a' AND action = 'set_user_context';
CREATE ROLE regress_opigno_operator;
SELECT opigno.grant_access('regress_opigno_operator', 'operator');
SET ROLE regress_opigno_operator;
SET opigno_profiles.audit = off;
SHOW opigno_profiles.audit;
RESET ROLE;

-- Retention.
UPDATE opigno.audit SET recorded_at = recorded_at - interval '2 years' WHERE user_uuid = 'a';
SELECT opigno.purge_audit(now() - interval '1 year');
SELECT opigno.purge_audit(now() - interval '1 year');
SELECT action, outcome, row_count FROM test.trail WHERE action = 'purge_audit';
SELECT test.refusal('SELECT opigno.purge_audit(NULL)');
ROLLBACK;
