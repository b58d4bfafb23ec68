-- What an account holds is removed: by clear_account, and by anonymize_user_context with fields => true.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_app;
SELECT opigno.grant_access('regress_opigno_app', 'user');
GRANT USAGE ON SCHEMA test TO regress_opigno_app;
SELECT count(opigno.set_user_context(uuid, 'Name of ' || uuid, true, 'AUTHENTICATED'))
FROM unnest(ARRAY['learner', 'other', 'third']) AS uuid;
SELECT count(opigno.configure_extended_profile_field(name, placement => 'account', editable_by => editor))
FROM (VALUES ('bio', 'user'), ('grade', 'operator')) AS v (name, editor);
SELECT count(opigno.register_app('App', app_id => 0)), count(opigno.upsert_profile('learner', 0, '{"kept": true}'));
CREATE FUNCTION test.fill(uuid text) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(opigno.patch_account(uuid, '{"bio": "b", "grade": 1, "account_privacy": "custom", "extended_profile": [
        {"field_name": "hidden", "field_value": {"deep": [1]}}]}'))
        + count(opigno.set_preference(uuid, 'theme', 'dark'))
$$;
CREATE VIEW test.stored AS
SELECT c.uuid, c.display_name ~ '^Name of' AS is_named, a.extended_profile, p.preferences
FROM opigno.user_context AS c LEFT JOIN opigno.account AS a ON a.user_uuid = c.uuid
    LEFT JOIN (SELECT user_uuid, array_agg(key ORDER BY key) AS preferences FROM opigno.preference GROUP BY user_uuid)
    AS p ON p.user_uuid = c.uuid;
SELECT test.fill('learner'), test.fill('other'), test.fill('third');
CREATE TABLE test.version AS SELECT user_uuid, version FROM opigno.account;
DELETE FROM opigno.audit;

\echo -- without fields => true they stay
SELECT display_name FROM opigno.anonymize_user_context('learner', 'user_1');
SELECT display_name FROM opigno.anonymize_user_context('learner', 'user_1', false);
SELECT * FROM test.stored ORDER BY uuid;
\echo -- with it they are gone, and the profiles of apps stay; versions move on
SELECT uuid, display_name, is_active, scope FROM opigno.anonymize_user_context('learner', 'user_1', true);
SELECT uuid, display_name ~ '^user_[0-9a-f]{16}$' AS display_name
FROM opigno.anonymize_user_context('other', fields => true);
SELECT * FROM test.stored ORDER BY uuid;
SELECT opigno.get_account('learner') -> 'bio' AS bio, opigno.get_preferences('learner') AS preferences,
    (SELECT profile_data FROM opigno.get_profile('learner', 0)) AS profile;
SELECT a.user_uuid, a.version > v.version AS moved_on
FROM opigno.account AS a JOIN test.version AS v USING (user_uuid) ORDER BY 1;
\echo -- again: nothing is left to remove, and nothing is written
SELECT count(*) AS audited_before FROM opigno.audit \gset
SELECT opigno.clear_account('learner'), opigno.clear_account('other');
SELECT uuid FROM opigno.anonymize_user_context('learner', 'user_1', true);
SELECT count(*) = :audited_before AS nothing_was_audited FROM opigno.audit;
SELECT opigno.clear_account('third');
SELECT * FROM test.stored WHERE uuid = 'third';
SELECT action, outcome, user_uuid, version IS NOT NULL AS has_version, subject FROM opigno.audit ORDER BY id;

\echo -- by a request: its own user; fields for operators stay
SELECT test.fill('other');
DELETE FROM opigno.audit;
SELECT test.as_user('other', $$SELECT opigno.clear_account('third')$$),
    test.as_user('other', $$SELECT opigno.clear_account('unknown')$$),
    test.as_user('third', $$SELECT uuid FROM opigno.anonymize_user_context('other', 'x', true)$$);
SELECT * FROM test.stored WHERE uuid = 'other';
SELECT test.as_user('other', $$SELECT display_name FROM opigno.anonymize_user_context('other', 'user_2', true)$$);
SELECT * FROM test.stored WHERE uuid = 'other';
SELECT test.as_user('other', $$SELECT opigno.clear_account('other')$$);
SELECT action, outcome, acting_role, request_user, user_uuid, subject FROM opigno.audit ORDER BY id;
SELECT opigno.clear_account('other');
SELECT * FROM test.stored WHERE uuid = 'other';

\echo -- all or nothing, and what is refused
SELECT test.fill('other');
CREATE TRIGGER suppress BEFORE DELETE ON opigno.preference FOR EACH ROW EXECUTE FUNCTION test.suppress();
SELECT test.digest() AS digest_before \gset
SELECT test.refusal($$SELECT opigno.anonymize_user_context('other', 'user_3', true)$$);
SELECT test.refusal($$SELECT opigno.clear_account('other')$$);
SELECT call, test.refusal('SELECT opigno.' || call) FROM unnest(ARRAY['clear_account(NULL)', 'clear_account('''')',
    'clear_account(''unknown'')', 'anonymize_user_context(''unknown'', fields => true)',
    'anonymize_user_context(''other'', '' '', true)']) AS call;
SELECT test.digest() = :'digest_before' AS nothing_changed;
ROLLBACK;
