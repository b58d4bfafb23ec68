-- Accounts and preferences in requests: one's own, what others see, and users who are not active.
CREATE ROLE regress_opigno_app;
CREATE ROLE regress_opigno_auditor;
SELECT opigno.grant_access('regress_opigno_app', 'user'), opigno.grant_access('regress_opigno_auditor', 'auditor');
SELECT count(opigno.set_user_context(uuid, 'Name of ' || uuid, true, CASE uuid WHEN 'anonymous' THEN '' WHEN 'admin'
    THEN 'ADMINISTRATOR' ELSE 'AUTHENTICATED' END))
    FROM unnest(ARRAY['learner', 'other', 'asleep', 'anonymous', 'admin']) AS uuid;
SELECT count(opigno.configure_extended_profile_field(name, position, visibility, placement => placement)) FROM (VALUES
    ('private', 1, 'private', 'extended_profile'), ('shared', 2, 'shared', 'extended_profile'),
    ('custom', 3, 'custom', 'extended_profile'),
    ('bio', 4, 'custom', 'account'), ('badge', 5, 'shared', 'account'), ('phone', 6, 'private', 'account')) AS f (name,
    position, visibility, placement);

\echo -- of the user, by either name
SELECT test.as_user('learner',
    $$SELECT opigno.patch_my_account('{"name": "Learner", "bio": "b", "badge": "gold", "phone": "1",
        "extended_profile": [
        {"field_name": "private", "field_value": "p"}, {"field_name": "shared", "field_value": "s"},
        {"field_name": "custom", "field_value": "c"}, {"field_name": "hidden", "field_value": "h"}]}')$$);
SELECT test.as_user('learner', $$SELECT opigno.patch_account('LEARNER', '{}')$$),
    test.as_user('learner', $$SELECT opigno.patch_account('learner',
    '{"is_active": false, "scope": ["ADMINISTRATOR"]}')$$);
SELECT opigno.get_account('learner') ->> 'version' AS version \gset
SELECT test.as_user('learner', format($$SELECT opigno.patch_my_account('{"bio": "c"}', %s)$$, :version)),
    test.as_user('learner', format($$SELECT opigno.patch_my_account('{"bio": "d"}', %s)$$, :version));
SELECT test.as_user('learner', 'SELECT opigno.my_account()') = test.as_user('learner',
    $$SELECT opigno.get_account('learner', 'operator')$$) AS same;
SELECT test.as_user('learner', $$SELECT opigno.patch_my_preferences('{"theme": "dark"}')$$),
    test.as_user('learner', 'SELECT opigno.my_preferences()'),
    test.as_user('learner', $$SELECT opigno.get_preferences('learner')$$),
    test.as_user('learner', $$SELECT opigno.set_preference('learner', 'theme', 'light')$$),
    test.as_user('learner', $$SELECT opigno.get_preference('learner', 'theme')$$),
    test.as_user('learner', $$SELECT opigno.delete_preference('learner', 'theme')$$);

SELECT test.as_user('learner', $$SELECT opigno.patch_my_account(json_build_object('bio', repeat('x', 1100000)))$$),
    length(opigno.patch_account('other', json_build_object('bio', repeat('x', 1100000)))::text) > 1100000 AS
    an_operator_may;
SELECT length(test.as_user('other',
    $$SELECT opigno.patch_my_account(json_build_object('bio', repeat('x', 1090000)))$$)) > 1090000 AS
    smaller_than_it_was;
SELECT opigno.patch_account('other', '{"bio": null}') IS NOT NULL AS removed;

\echo -- of others: no writes, and what is shared, to whom is authenticated
SELECT test.as_user('other', call)
FROM unnest(ARRAY[$$SELECT opigno.patch_account('learner', '{"name": "Defaced"}')$$,
    $$SELECT opigno.patch_preferences('learner', '{"theme": "x"}')$$,
    $$SELECT opigno.set_preference('learner', 'theme', 'x')$$,
    $$SELECT opigno.delete_preference('learner', 'theme')$$, $$SELECT opigno.patch_account('unknown', '{}')$$,
    $$SELECT opigno.configure_extended_profile_field('x')$$, $$SELECT opigno.patch_accounts('[]')$$]) AS call;
SELECT who, test.as_user(who, $$SELECT opigno.get_account('learner', 'operator')$$) AS account,
    test.as_user(who, $$SELECT opigno.get_preferences('learner')$$) AS preferences,
    test.as_user(who, $$SELECT opigno.get_preference('learner', 'account_privacy')$$) AS preference
    FROM unnest(ARRAY['other', 'admin', 'anonymous']) AS who;
\echo -- what its user chooses
SELECT privacy, test.as_user('learner',
    format('SELECT opigno.patch_my_preferences(%L)', privacy)) IS NOT NULL AS chosen,
    test.as_user('other', $$SELECT opigno.get_account('learner')$$)
FROM unnest(ARRAY['{"account_privacy": "private"}', '{"account_privacy": "all_users"}', '{"account_privacy": "custom"}',
    '{"visibility.custom": "all_users"}',
    '{"visibility.custom": "private", "visibility.bio": "all_users", "visibility.name": "all_users"}',
    '{"visibility.date_joined": "all_users", "visibility.phone": "all_users", "visibility.private": "all_users"}',
    '{"account_privacy": "private"}', '{"account_privacy": null}']) WITH ORDINALITY AS p (privacy, n) ORDER BY n;
\echo -- lists: what each shows
SELECT test.as_user('other', $$SELECT json_object_agg(user_uuid, json_build_array(account -> 'username',
    account ->> 'version' IS NOT NULL)) FROM opigno.get_accounts('{learner,OTHER,other,unknown,admin}')$$);
\echo -- each once, where it comes first; 500 names in a request, any number for who reads everything
SELECT test.as_user('other', $$SELECT json_agg(user_uuid)
    FROM opigno.get_accounts('{other,LEARNER,admin,learner,other,NULL,LEARNER}')$$);
SELECT names, test.as_user('other',
    format($$SELECT count(*) FROM opigno.get_accounts(array_fill('learner'::text, ARRAY[%s]))$$, names))
    FROM unnest(ARRAY[200, 500, 501]) AS names;
SELECT test.refusal($$SELECT count(*) FROM opigno.get_accounts(array_fill('learner'::text, ARRAY[501]))$$), count(*)
FROM opigno.get_accounts(array_fill('learner'::text, ARRAY[100000]));
BEGIN;
SELECT opigno.test_request('other');
SET LOCAL ROLE regress_opigno_app;
SELECT test.refusal($$SELECT count(*) FROM opigno.get_accounts(array_fill('learner'::text, ARRAY[501]))$$);
ROLLBACK;
SET ROLE regress_opigno_auditor;
SELECT count(*) FROM opigno.get_accounts(array_fill('learner'::text, ARRAY[501]));
RESET ROLE;
\echo -- rows that a list reads: a repeated name counts once, and of preferences only the choices of what others see
CREATE FUNCTION test.rows_read(rel regclass) RETURNS bigint LANGUAGE sql AS $$
    SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_all_tables WHERE relid = rel $$;
SELECT opigno.patch_account('admin',
    '{"extended_profile": [{"field_name": "custom", "field_value": "c"}]}') IS NOT NULL AS stored;
SELECT count(*) FROM json_object_keys(opigno.patch_preferences('admin',
    (SELECT jsonb_object_agg('visibility.' || n,
        'all_users') || '{"account_privacy": "custom", "visibility.custom": "all_users"}'
        FROM generate_series(1, 900) AS n)::json));
BEGIN;
SELECT test.rows_read('opigno.preference') AS preferences_before,
    test.rows_read('opigno.account') AS accounts_before \gset
SELECT test.as_user('other', $$SELECT json_agg(account -> 'extended_profile')
    FROM opigno.get_accounts(array_fill('admin'::text, ARRAY[200]))$$);
SELECT test.rows_read('opigno.preference') - :preferences_before AS preferences_read,
    test.rows_read('opigno.account') - :accounts_before AS accounts_read;
COMMIT;
DELETE FROM opigno.preference WHERE user_uuid = 'admin';
DELETE FROM opigno.account WHERE user_uuid = 'admin';
DROP FUNCTION test.rows_read;
\echo -- who is shown nothing reads nothing
BEGIN;
ALTER TABLE opigno.account RENAME TO no_account;
ALTER TABLE opigno.extended_profile_field RENAME TO no_field;
SELECT test.as_user('anonymous', $$SELECT count(*) FROM opigno.get_accounts('{learner,other}')$$),
    test.as_user('anonymous', $$SELECT opigno.get_account('learner')$$) IS NULL AS nothing,
    test.as_user('anonymous', $$SELECT count(*) FROM opigno.get_accounts('{anonymous}')$$) AS its_own_is_read,
    test.as_user('nobody', $$SELECT count(*) FROM opigno.get_accounts('{nobody,learner}')$$) AS restricted;
SET LOCAL ROLE regress_opigno_app;
SELECT count(*) FROM opigno.get_accounts(array_fill('learner'::text, ARRAY[501]));
ROLLBACK;
SELECT test.account(opigno.get_account('learner', 'shared')) AS as_others_see_it,
    test.account(opigno.get_account('learner', 'own')) AS as_its_user_sees_it;

\echo -- in the tables: the rows of the user
BEGIN;
SELECT opigno.test_request('learner');
SET LOCAL ROLE regress_opigno_app;
SELECT user_uuid, extended_profile FROM opigno.account;
SELECT user_uuid, key FROM opigno.preference ORDER BY key;
SELECT count(*) FROM opigno.list_extended_profile_fields();
COMMIT;
\echo -- without a request
SET ROLE regress_opigno_app;
SELECT call, test.refusal('SELECT opigno.' || call)
FROM unnest(ARRAY['my_account()', 'my_preferences()', $$patch_my_account('{}')$$, $$patch_my_preferences('{}')$$,
    $$patch_account('learner', '{}')$$, $$patch_preferences('learner', '{}')$$, $$set_preference('learner', 'a', 'b')$$,
    $$delete_preference('learner', 'a')$$]) AS call;
SELECT opigno.get_account('learner') IS NULL AND opigno.get_preferences('learner') IS NULL
    AND opigno.get_preference('learner', 'account_privacy') IS NULL AS nothing,
    (SELECT count(*) FROM opigno.get_accounts('{learner}'));
SELECT (SELECT count(*) FROM opigno.account) + (SELECT count(*) FROM opigno.preference) AS rows;
RESET ROLE;
\echo -- auditors read, and write nothing
SET ROLE regress_opigno_auditor;
SELECT test.account(opigno.get_account('learner')), opigno.get_preferences('learner');
SELECT test.refusal($$SELECT opigno.patch_account('learner', '{}')$$) LIMIT 1;
RESET ROLE;
\echo -- the owner has no request of its own
SELECT test.refusal('SELECT opigno.my_account()') LIMIT 1;
BEGIN;
SELECT opigno.test_request('learner');
SELECT test.account(opigno.patch_my_account('{"bio": "by the owner"}'));
COMMIT;

\echo -- activation: a deactivated user keeps all, cannot act, is hidden from others, and can be read and written by
\echo -- operators
SELECT test.as_user('asleep', $$SELECT opigno.patch_my_account('{"badge": "silver"}')$$) IS NOT NULL,
    test.as_user('asleep', $$SELECT opigno.patch_my_preferences('{"theme": "dark"}')$$);
SELECT is_active FROM opigno.set_user_context('asleep', is_active => false);
SELECT call, test.as_user('asleep', 'SELECT opigno.' || call)
FROM unnest(ARRAY['my_account()', 'my_preferences()', $$get_account('asleep')$$, $$get_account('learner')$$,
    $$get_preferences('asleep')$$, $$patch_my_account('{"badge": "gold"}')$$,
    $$patch_account('asleep', '{"badge": "gold"}')$$, $$patch_my_preferences('{"theme": "x"}')$$,
    $$set_preference('asleep', 'theme', 'x')$$, $$delete_preference('asleep', 'theme')$$]) AS call;
SELECT test.as_user('other', $$SELECT opigno.get_account('asleep')$$) IS NULL AS hidden_from_others,
    opigno.get_account('asleep', 'shared') IS NULL AS as_others_see_it;
SELECT test.account(opigno.get_account('asleep')), test.account(opigno.patch_account('asleep', '{"badge": "bronze"}')),
    opigno.set_preference('asleep', 'theme', 'light');
SELECT is_active FROM opigno.set_user_context('asleep', is_active => true);
SELECT test.as_user('asleep', 'SELECT opigno.my_account()'),
    test.as_user('other', $$SELECT opigno.get_account('asleep')$$);
SELECT action, outcome, request_user, user_uuid, subject FROM opigno.audit WHERE user_uuid = 'asleep' ORDER BY id;

DROP OWNED BY regress_opigno_app;
DROP ROLE regress_opigno_app;
DROP OWNED BY regress_opigno_auditor;
DROP ROLE regress_opigno_auditor;
DELETE FROM opigno.account;
DELETE FROM opigno.preference;
DELETE FROM opigno.extended_profile_field;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
