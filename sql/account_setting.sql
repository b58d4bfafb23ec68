-- What a site configures for accounts: what unset privacy means, fields that are not configured, fields for operators,
-- and how empty fields are shown.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_app;
SELECT opigno.grant_access('regress_opigno_app', 'user');
GRANT USAGE ON SCHEMA test TO regress_opigno_app;
SELECT count(opigno.set_user_context(uuid, 'Name of ' || uuid, true, 'AUTHENTICATED'))
FROM unnest(ARRAY['learner', 'other']) AS uuid;
SELECT count(opigno.configure_extended_profile_field(name, n, visibility, 'replace', placement))
FROM (VALUES (1, 'bio', 'custom', 'account'), (2, 'secret', 'private', 'account'),
    (3, 'occupation', 'custom', 'extended_profile')) AS v (n, name, visibility, placement);
DELETE FROM opigno.audit;

\echo -- settings: defaults, changes, what changes nothing, what is refused
SELECT * FROM opigno.configure_accounts();
SELECT count(*) FROM opigno.account_setting;
SELECT * FROM opigno.configure_accounts('store', 'private');
SELECT count(*) FROM opigno.account_setting;
SELECT * FROM opigno.configure_accounts(default_visibility => 'all_users');
SELECT * FROM opigno.configure_accounts('refuse');
SELECT xmin AS xmin_before, ctid AS ctid_before FROM opigno.account_setting \gset
SELECT * FROM opigno.configure_accounts('refuse', 'all_users');
SELECT xmin = :'xmin_before' AND ctid = :'ctid_before' AS nothing_was_written FROM opigno.account_setting;
SELECT test.refusal($$SELECT opigno.configure_accounts('drop', 'public')$$);
SELECT test.refusal($$SELECT opigno.configure_accounts('', '')$$);
SELECT test.refusal($$SELECT opigno.configure_extended_profile_field('x', editable_by => 'nobody', empty_as => '')$$);
SELECT test.refusal($$INSERT INTO opigno.account_setting VALUES (false, 'store', 'private', now())$$) LIMIT 1;
SELECT action, outcome, user_uuid, subject FROM opigno.audit ORDER BY id;
SELECT test.as_user('learner', 'SELECT opigno.configure_accounts()');
CREATE TRIGGER suppress BEFORE UPDATE ON opigno.account_setting FOR EACH ROW EXECUTE FUNCTION test.suppress();
SELECT test.refusal($$SELECT opigno.configure_accounts('store')$$);
DROP TRIGGER suppress ON opigno.account_setting;

\echo -- default_visibility: what account_privacy is until a user sets it, to everybody
SELECT opigno.configure_accounts('store');
SELECT test.account(opigno.patch_account('learner',
    '{"bio": "b", "secret": "s", "extended_profile": [{"field_name": "occupation", "field_value": "o"}]}'));
SELECT word, opigno.configure_accounts(default_visibility => word) IS NOT NULL AS set,
    test.as_user('other', $$SELECT opigno.get_account('learner')$$) AS of_another,
    test.as_user('learner', 'SELECT opigno.my_account()')::json ->> 'account_privacy' AS own
FROM unnest('{private,all_users,custom}'::text[]) AS word;
SELECT opigno.set_preference('learner', 'visibility.bio', 'all_users');
SELECT test.as_user('other', $$SELECT opigno.get_account('learner')$$) AS chosen_while_custom_is_the_default;
SELECT opigno.patch_account('learner', '{"account_privacy": "private"}') ->> 'account_privacy' AS own;
SELECT test.as_user('other', $$SELECT opigno.get_account('learner')$$) AS private_by_choice;
SELECT opigno.patch_account('learner', '{"account_privacy": null}') ->> 'account_privacy' AS the_default_again;
SELECT account ->> 'account_privacy' AS privacy FROM opigno.get_accounts('{other}', 'shared');

\echo -- a field that is not configured: stored and named, once each
SELECT test.account(opigno.patch_account('other', '{"bio": 1, "extended_profile": [
    {"field_name": "ocupation", "field_value": "o"}, {"field_name": "occupation", "field_value": "o"},
    {"field_name": "ocupation", "field_value": {"a": 1}}, {"field_name": "gone", "field_value": null}]}'));
SELECT test.as_user('other', $$SELECT opigno.patch_my_account('{"extended_profile": [
    {"field_name": "hobby", "field_value": "chess"}]}')$$);
SELECT opigno.patch_account('other', '{"extended_profile": [{"field_name": "hobby", "field_value": "chess"}]}')
    -> 'not_shown' AS unchanged, opigno.patch_account('other', '{}') -> 'not_shown' AS nothing_given,
    opigno.get_account('other') -> 'not_shown' AS read;
SELECT json_array_length(opigno.patch_account('learner', json_build_object('extended_profile',
    (SELECT json_agg(json_build_object('field_name', 'f' || n, 'field_value', n)) FROM generate_series(1, 150) AS n)))
    -> 'not_shown') AS listed;
-- what an answer says is no error in a patch
SELECT opigno.patch_account('other', '{"not_shown": ["hobby"]}') -> 'username' AS username;
SELECT test.refusal($$SELECT opigno.configure_extended_profile_field('not_shown', placement => 'account')$$);
CREATE FUNCTION test.entry(uuid text, VARIADIC names text[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('username', uuid, 'extended_profile', jsonb_agg(jsonb_build_object('field_name', name,
        'field_value', nullif(name, 'gone')))) FROM unnest(names) AS name $$;
SELECT opigno.patch_accounts(jsonb_build_array(test.entry('other', 'x'), test.entry('learner', 'x', 'y', 'gone'),
    test.entry('nobody', 'w'), test.entry('other', 'z'))::text, 'report', dry_run => true) -> 'response' AS response;
SELECT opigno.patch_accounts('[{"username": "other", "bio": 1}]', dry_run => true) -> 'response' AS nothing_to_name;
\echo -- or refused; what is stored stays, and null removes it
SELECT opigno.configure_accounts('refuse');
SELECT test.digest() AS digest_before \gset
SELECT f.* FROM test.field_errors(opigno.patch_account('other', '{"bio": 2, "extended_profile": [
    {"field_name": "ocupation", "field_value": "o"}, {"field_name": "occupation", "field_value": "p"},
    {"field_name": "old_names", "field_value": 1}, {"field_name": "hobby", "field_value": ""}]}')) AS f;
SELECT f.* FROM test.field_errors(test.as_user('other', $$SELECT opigno.patch_my_account('{"extended_profile": [
    {"field_name": "hobby", "field_value": "chess"}]}')$$)::json) AS f;
SELECT opigno.patch_accounts('[{"username": "other", "extended_profile": [{"field_name": "x", "field_value": 1}]}]');
SELECT test.digest() = :'digest_before' AS nothing_changed;
SELECT extended_profile FROM opigno.account WHERE user_uuid = 'other';
SELECT test.account(opigno.patch_account('other', '{"bio": 2, "extended_profile": [
    {"field_name": "ocupation", "field_value": null}, {"field_name": "occupation", "field_value": "p"}]}'));
SELECT extended_profile FROM opigno.account WHERE user_uuid = 'other';
SELECT opigno.configure_accounts('store');

\echo -- a field that only operators edit: in the account and in the list; unchanged values are accepted
SELECT * FROM opigno.configure_extended_profile_field('secret', editable_by => 'operator');
SELECT * FROM opigno.configure_extended_profile_field('occupation', editable_by => 'operator');
SELECT field_name, editable_by, empty_as FROM opigno.list_extended_profile_fields();
SELECT test.account(opigno.patch_account('other', '{"secret": {"n": 1.0}}'));
SELECT test.digest() AS digest_before \gset
SELECT patch, f.* FROM unnest(ARRAY['{"secret": "mine", "bio": "new", "name": "New", "account_privacy": "custom"}',
    '{"secret": null}', '{"secret": {"n": 1.00}}',
    '{"secret": "mine", "extended_profile": [{"field_name": "hobby", "field_value": "go"},
        {"field_name": "occupation", "field_value": "mine"}]}',
    '{"extended_profile": [{"field_name": "occupation", "field_value": null}]}']) WITH ORDINALITY AS p (patch, n),
    LATERAL test.field_errors(test.as_user('other', format('SELECT opigno.patch_my_account(%L)', patch))::json) AS f
ORDER BY n;
SELECT f.* FROM test.field_errors(test.as_user('other',
    $$SELECT opigno.patch_account('other', '{"secret": "mine"}')$$)::json) AS f;
SELECT test.digest() = :'digest_before' AS nothing_changed;
SELECT test.as_user('other', $$SELECT opigno.patch_my_account('{"secret": {"n": 1.0}, "bio": "new",
    "extended_profile": [{"field_name": "occupation", "field_value": "p"}]}')$$) AS given_back_unchanged;
SELECT opigno.patch_accounts('[{"username": "other", "secret": "by an operator"}]') -> 'response' ->> 'updated'
    AS updated;
SELECT editable_by FROM opigno.configure_extended_profile_field('secret', editable_by => 'user');
SELECT test.as_user('other', $$SELECT opigno.patch_my_account('{"secret": "mine"}')$$)::json ->> 'secret' AS secret;
\echo -- also for a user of whom nothing is stored
DELETE FROM opigno.account WHERE user_uuid = 'other';
SELECT f.* FROM test.field_errors(test.as_user('other', $$SELECT opigno.patch_my_account('{"extended_profile": [
    {"field_name": "occupation", "field_value": "mine"}]}')$$)::json) AS f;
SELECT count(*) FROM opigno.account WHERE user_uuid = 'other';

\echo -- empty_as: how fields without a value, and with an empty string, are shown
SELECT count(opigno.configure_extended_profile_field(place || '_' || empty, n::integer, 'private', 'replace',
    CASE place WHEN 'a' THEN 'account' ELSE 'extended_profile' END, empty_as => empty))
FROM unnest(ARRAY['text', 'null', 'list']) WITH ORDINALITY AS e (empty, n), unnest('{a,l}'::text[]) AS place;
SELECT value, (SELECT string_agg(f ->> 'field_name' || ': ' || (f -> 'field_value'), ', ')
        FROM jsonb_array_elements(account -> 'extended_profile') AS f
        WHERE f ->> 'field_name' <> 'occupation') AS extended_profile,
    account -> 'a_text' AS text, account -> 'a_null' AS "null", account -> 'a_list' AS list
FROM unnest(ARRAY['null', '""', '" "', '[]', '{}', '0', 'false', '"x"']) WITH ORDINALITY AS v (value, n),
    LATERAL (SELECT opigno.patch_account('other', json_build_object('a_text', value::jsonb, 'a_null', value::jsonb,
        'a_list', value::jsonb, 'extended_profile', (SELECT json_agg(json_build_object('field_name', 'l_' || e,
            'field_value', value::jsonb)) FROM unnest(ARRAY['text', 'null', 'list']) AS e)))::jsonb AS account) AS p
ORDER BY n;
SELECT extended_profile FROM opigno.account WHERE user_uuid = 'other';

\echo -- members that Open edX shows and does not edit; a site may have fields of these names
SELECT f.*
FROM test.field_errors(opigno.patch_account('other', '{"profile_image": {}, "requires_parental_consent": true,
    "course_certificates": null, "last_login": 1, "verified_name": "x", "pending_name_change": "x",
    "secondary_email_enabled": true, "password_toggle_history": []}')) AS f;
SELECT count(opigno.configure_extended_profile_field('profile_image', placement => 'account'));
SELECT opigno.patch_account('other', '{"profile_image": {"has_image": false}}') -> 'profile_image' AS of_the_site;
ROLLBACK;
