-- Open edX's own tests of user_api, in SQL and by their names, with fields that a patch replaces as Open edX does.
-- README.md says which are left out.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_app;
SELECT opigno.grant_access('regress_opigno_app', 'user');
SELECT count(opigno.set_user_context(uuid, 'Bob', uuid <> 'inactive_user', 'AUTHENTICATED'))
FROM unnest(ARRAY['user', 'different_user', 'inactive_user']) AS uuid;
/* Whether a test's claim holds. */
CREATE FUNCTION test.claim(name text, claim boolean) RETURNS text LANGUAGE sql AS $$ SELECT CASE WHEN claim THEN 'ok'
    ELSE 'NOT OK' END || ' - ' || name $$;
CREATE FUNCTION test.patch(uuid text, patch jsonb) RETURNS jsonb LANGUAGE sql AS $$
    SELECT test.as_user(uuid, format('SELECT opigno.patch_account(%L, %L)', uuid, patch))::jsonb $$;
/* The first line of a refusal. */
CREATE FUNCTION test.refused(statement text) RETURNS text LANGUAGE sql AS $$ SELECT test.refusal(statement) LIMIT 1 $$;
CREATE FUNCTION test.list(uuid text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT opigno.get_account(uuid)::jsonb -> 'extended_profile' $$;
CREATE FUNCTION test.fields(VARIADIC pairs text[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('extended_profile',
        jsonb_agg(jsonb_build_object('field_name', pairs[n], 'field_value', pairs[n + 1]::jsonb) ORDER BY n))
        FROM generate_series(1, array_length(pairs, 1), 2) AS n $$;

\echo -- accounts/tests/test_api.py
SELECT test.nths((opigno.get_account('user')::jsonb - 'id' - 'date_joined')::text) AS
    "AccountSettingsOnCreationTest.test_create_account";
SELECT count(opigno.configure_extended_profile_field(name, merge => 'replace'))
FROM unnest(ARRAY['title', 'company', 'conlangs_spoken', 'favorite_beatle']) AS name;
SELECT test.claim('test_update_username_provided_with_extended_profile: round trip',
    test.patch('user', test.fields('conlangs_spoken', '["Esperanto", "Klingon"]', 'favorite_beatle',
    '{"name": "ringo"}')) -> 'extended_profile'
    = test.fields('title', '""', 'company', '""', 'conlangs_spoken', '["Esperanto", "Klingon"]', 'favorite_beatle',
    '{"name": "ringo"}') -> 'extended_profile');
SELECT test.claim('test_update_username_provided_with_extended_profile: of another user refused',
    test.as_user('user', $$SELECT opigno.patch_account('different_user', '{"extended_profile": []}')$$) LIKE '42501:%');
SELECT test.claim('test_update_extended_profile_with_meta_only',
    test.patch('user',
    test.fields('title', '"Dr"', 'company', '"edX"')) -> 'extended_profile' -> 0 ->> 'field_value' = 'Dr');
SELECT test.claim('test_update_extended_profile_with_meta_only: stored',
    (SELECT extended_profile =
        '{"title": "Dr", "company": "edX", "conlangs_spoken": ["Esperanto", "Klingon"], "favorite_beatle": {"name": '
        '"ringo"}}' FROM opigno.account WHERE user_uuid = 'user'));
CREATE FUNCTION test.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the site says no'; END $$;
CREATE TRIGGER fail BEFORE UPDATE ON opigno.account FOR EACH ROW EXECUTE FUNCTION test.fail();
SELECT test.claim('test_update_extended_profile_form_save_error: nothing is changed',
    test.refused($$SELECT opigno.patch_account('user',
    '{"name": "Changed", "extended_profile": [{"field_name": "title", "field_value": "Mr"}],
      "account_privacy": "private"}')$$) = 'P0001: the site says no'
    AND opigno.get_account('user')::jsonb @>
    '{"name": "Bob", "preferences": {}, "extended_profile": [{"field_name": "title", "field_value": "Dr"}]}');
DROP TRIGGER fail ON opigno.account;
DROP FUNCTION test.fail;
SELECT test.claim('test_update_extended_profile_without_extended_profile_data',
    test.patch('user', '{"name": "Bob"}') -> 'extended_profile' -> 0 ->> 'field_value' = 'Dr');
SELECT f.* AS test_update_multiple_validation_errors
FROM test.field_errors(test.patch('user',
    '{"name": "", "username": "mr.x", "date_joined": "2013-01-01", "extended_profile": "not a list"}')::json) AS f;
SELECT test.claim('test_update_error_validating', test.patch('user', '["not an object"]') ? 'developer_message');
SELECT f.* AS test_readonly_field_from_filter_is_rejected
FROM test.field_errors(test.patch('user', '{"is_active": false}')::json) AS f;
UPDATE opigno.user_context SET display_name = 'a <b>' WHERE uuid = 'user';
SELECT test.claim('test_validate_name_change_same_name', test.patch('user', '{"name": "a <b>"}') ->> 'name' = 'a <b>');
UPDATE opigno.user_context SET display_name = 'Bob' WHERE uuid = 'user';

\echo -- accounts/tests/test_forms.py: extraction
SELECT test.claim('extract valid',
    test.patch('user', test.fields('title', '"Ms"')) -> 'extended_profile' -> 0 ->> 'field_value' = 'Ms');
SELECT test.claim('extract with_empty_string',
    test.patch('user', test.fields('title', '""')) -> 'extended_profile' -> 0 ->> 'field_value' = ''
    AND (SELECT extended_profile ? 'title' FROM opigno.account WHERE user_uuid = 'user'));
SELECT f.* AS extract_not_a_list
FROM test.field_errors(test.patch('user', '{"extended_profile": {"title": "Dr"}}')::json) AS f;
SELECT f.* AS "extract_with_invalid_field_data: refused, where Open edX skips"
FROM test.field_errors(test.patch('user',
    '{"extended_profile": ["title", {"field_name": "title", "field_value": "skipped"}]}')::json) AS f;
SELECT f.* AS "extract_missing_field_name: refused, where Open edX skips"
FROM test.field_errors(test.patch('user', '{"extended_profile": [{"field_value": "Dr"}]}')::json) AS f;
SELECT test.claim('extract empty_list',
    test.patch('user', '{"extended_profile": []}') -> 'extended_profile' = test.list('user'));
SELECT test.claim('merges_errors',
    (SELECT array_agg(field) = '{name,extended_profile}'
        FROM test.field_errors(test.patch('user', '{"name": "", "extended_profile": 1}')::json)));

\echo -- accounts/tests/test_serializers.py: GetExtendedProfileTest
SELECT test.claim('no_model_configured_uses_meta', test.list('user') -> 1 ->> 'field_value' = 'edX');
SELECT test.claim('empty_meta',
    (SELECT bool_and(e ->> 'field_value' = '') FROM jsonb_array_elements(test.list('different_user')) AS e));
SELECT test.claim('missing_fields',
    test.patch('different_user', test.fields('company', '"edX"')) -> 'extended_profile' = test.fields('title', '""',
    'company', '"edX"', 'conlangs_spoken', '""', 'favorite_beatle', '""') -> 'extended_profile');
SAVEPOINT before;
SELECT count(opigno.drop_extended_profile_field(field_name)) FROM opigno.list_extended_profile_fields();
SELECT test.claim('no_configured_fields', test.list('user') = '[]');
ROLLBACK TO before;

\echo -- accounts/tests/test_views.py: TestAccountsAPI
\getenv source PG_ABS_SRCDIR
\set fields :source '/examples/open_edx_fields.sql'
\i :fields
SELECT f.field AS "test_update_multiple_validation_errors: a value too", f.developer_message, f.user_message
FROM test.field_errors(test.patch('user',
    '{"username": "not_allowed", "gender": "undecided", "bio": "is not written"}')::json) AS f;
SELECT field, test.patch('user', jsonb_build_object(field, value::jsonb)) -> field AS test_patch_account
FROM (VALUES (1, 'gender', '"f"'), (2, 'level_of_education', '"none"'), (3, 'country', '"GB"'),
    (4, 'year_of_birth', '2009'), (5, 'name', '"bob"'), (6, 'name', '"  bob  "'), (7, 'goals', '"Smell the roses"'),
    (8, 'mailing_address', '"Sesame Street"'), (9, 'bio', '"Learning is fun"'),
    (10, 'account_privacy', '"all_users"')) AS t (n, field, value) ORDER BY n;
SELECT bad AS "test_patch_account, refused", f.*
FROM (VALUES (1, 'name', '""'), (2, 'name', to_jsonb(repeat('z', 256))::text), (3, 'name', '"<p> name <p>"'),
    (4, 'name', '"http://name"'), (5, 'account_privacy', '""'), (6, 'gender', '"not a gender"'),
    (7, 'level_of_education', '"not a level"'), (8, 'country', '"XY"'), (9, 'year_of_birth', '"not_an_int"'),
    (10, 'bio', to_jsonb(repeat('z', 301))::text), (11, 'goals', '1')) AS t (n, member, bad),
    LATERAL test.field_errors(test.patch('user', jsonb_build_object(member, bad::jsonb))::json) AS f ORDER BY n;
SAVEPOINT before;
SELECT test.claim('test_patch_account, bio: 300 characters',
    test.patch('user', jsonb_build_object('bio', repeat('z', 300))) ->> 'bio' = repeat('z', 300));
ROLLBACK TO before;
SELECT opigno.get_account('user')::jsonb AS before \gset
SELECT f.* AS test_patch_account_noneditable FROM unnest(ARRAY['username', 'date_joined', 'is_active',
    'profile_image', 'requires_parental_consent']) AS member,
    LATERAL test.field_errors(test.patch('user', jsonb_build_object(member, 'new_value', 'bio', 'new'))::json) AS f;
SELECT test.claim('test_patch_account_noneditable: no other field changed',
    opigno.get_account('user')::jsonb = :'before');
SELECT test.claim('test_patch_account_empty_string: null',
    (SELECT bool_and(test.patch('user', jsonb_build_object(field, '')) -> field = 'null')
        FROM unnest(ARRAY['level_of_education', 'gender', 'country', 'state', 'bio']) AS field));
SELECT test.claim('test_get_account_empty_string: null, and stored as it was given',
    (SELECT bool_and(opigno.get_account('user')::jsonb -> field = 'null' AND a.extended_profile ->> field = '')
        FROM opigno.account AS a, unnest(ARRAY['level_of_education', 'gender', 'country', 'state', 'bio']) AS field
        WHERE a.user_uuid = 'user'));
SELECT test.claim('test_patch_account_empty_string: goals and others are kept',
    (SELECT bool_and(test.patch('user', jsonb_build_object(field, '')) ->> field = '')
        FROM unnest(ARRAY['goals', 'city', 'mailing_address']) AS field));
SELECT test.claim('test_get_account_default: absent ones are null, lists are empty',
    (SELECT bool_and(test.patch('user', jsonb_build_object(field, NULL)) -> field = 'null')
        FROM unnest(ARRAY['country', 'level_of_education', 'gender', 'goals']) AS field)
    AND (SELECT bool_and(test.patch('user', jsonb_build_object(field, NULL)) -> field = '[]')
        FROM unnest(ARRAY['language_proficiencies', 'social_links']) AS field));
SELECT test.claim('test_patch_account_disallowed_user',
    test.as_user('different_user', $$SELECT opigno.patch_account('user', '{"bio": "x"}')$$) LIKE '42501:%');
SELECT test.claim('test_patch_account_unknown_user: told alike',
    test.as_user('different_user',
    $$SELECT opigno.patch_account('does_not_exist', '{"bio": "x"}')$$) = test.as_user('different_user',
    $$SELECT opigno.patch_account('user', '{"bio": "x"}')$$));
SELECT test.claim('test_patch_account_inactive_user: refused, where Open edX allows it',
    test.as_user('inactive_user', $$SELECT opigno.patch_my_account('{"bio": "x"}')$$) LIKE '42501:%');
SELECT test.claim('test_patch_language_proficiencies: replaced, not merged',
    (SELECT array_agg(test.patch('user',
        jsonb_build_object('language_proficiencies', l::jsonb)) -> 'language_proficiencies' = l::jsonb
        ORDER BY n) = '{t,t,t,t}'
    FROM unnest(ARRAY['[{"code": "en"}]', '[{"code": "fr"}, {"code": "de"}]', '[]',
    '[{"code": "fr"}]']) WITH ORDINALITY AS u (l, n)));
SELECT bad AS test_patch_invalid_language_proficiencies, f.*
FROM unnest(ARRAY['"not_a_JSON_array"', '["not_a_JSON_object"]', '[{}]', '[{"code": "invalid_language_code"}]',
    '[{"code": "kw"}, {"code": "el"}, {"code": "kw"}]']) WITH ORDINALITY AS u (bad, n),
    LATERAL test.field_errors(test.patch('user', jsonb_build_object('language_proficiencies', bad::jsonb))::json) AS f
ORDER BY n;
SELECT bad AS test_unsupported_social_link_platform, f.*
FROM unnest(ARRAY['[{"platform": "unsupported", "social_link": "https://www.unsupported.com/name"}]',
    '[{"platform": "x", "social_link": "a"}, {"platform": "x", "social_link": "b"}]']) WITH ORDINALITY AS u (bad, n),
    LATERAL test.field_errors(test.patch('user', jsonb_build_object('social_links', bad::jsonb))::json) AS f
ORDER BY n;
SAVEPOINT before;
SELECT test.claim('test_add_social_links, as a list that is replaced',
    test.patch('user', '{"social_links": [{"platform": "linkedin", "social_link": "https://www.linkedin.com/in/bob"},
        {"platform": "x", "social_link": "https://www.x.com/bob"}]}') #>> '{social_links,1,platform}' = 'x');
SELECT count(opigno.configure_extended_profile_field('country', value_schema => jsonb_build_object('not',
    '{"const": "KP"}'::jsonb, 'allOf', jsonb_build_array(value_schema))))
FROM opigno.list_extended_profile_fields() WHERE field_name = 'country';
SELECT f.* AS test_change_to_disabled_country
FROM test.field_errors(test.patch('user', '{"country": "KP"}')::json) AS f;
SELECT test.claim('test_change_to_disabled_country: others can be selected',
    test.patch('user', '{"country": "GB"}') ->> 'country' = 'GB');
ROLLBACK TO before;
SELECT test.patch('user',
    '{"name": "Bob", "bio": "Tired mother of twins", "country": "GB", "gender": "f", "level_of_education": "m", '
    '"year_of_birth": 1980, "goals": "world peace", "mailing_address": "Park Ave"}') IS NOT NULL AS set;
SELECT opigno.set_preference('user', 'account_privacy', 'all_users');
SELECT who, view,
    test.as_user(who,
    format('SELECT opigno.get_account(%L, %L)', 'user',
    view))::jsonb - '{date_joined,extended_profile,preferences,preferences_version,version}'::text[] AS
    "test_get_account_private_visibility, all_users"
FROM (VALUES (1, 'different_user', NULL), (2, 'user', 'shared'), (3, 'user', 'own')) AS v (n, who, view) ORDER BY n;
SELECT opigno.set_preference('user', 'account_privacy', 'private');
SELECT who, view,
    test.as_user(who,
    format('SELECT opigno.get_account(%L, %L)', 'user',
    view))::jsonb - '{date_joined,extended_profile,preferences,preferences_version,version}'::text[] AS
    "test_get_account_private_visibility, private"
FROM (VALUES (1, 'different_user', NULL), (2, 'user', 'shared'), (3, 'user', 'own')) AS v (n, who, view) ORDER BY n;
SELECT opigno.patch_preferences('user',
    '{"account_privacy": "custom", "visibility.bio": "all_users", "visibility.country": "private", "visibility.name": '
    '"all_users", "visibility.gender": "all_users", "visibility.date_joined": "private"}') IS NOT NULL AS chosen;
SELECT test.as_user('different_user', $$SELECT opigno.get_account('user')$$)::jsonb AS test_custom_visibility_over_age;
CREATE TRIGGER suppress BEFORE INSERT OR UPDATE ON opigno.preference FOR EACH ROW EXECUTE FUNCTION test.suppress();
SELECT test.claim('TestAccountAPITransactions.test_update_account_settings_rollback',
    test.as_user('user',
    $$SELECT opigno.patch_my_account('{"name": "Changed", "bio": "changed", "account_privacy": "private"}')$$) LIKE
    'PT409:%'
    AND opigno.get_account('user')::jsonb @>
    '{"name": "Bob", "bio": "Tired mother of twins", "account_privacy": "custom"}');
DROP TRIGGER suppress ON opigno.preference;

\echo -- preferences/tests/test_views.py
SELECT test.claim('test_get_preferences_default', opigno.get_preferences('different_user')::text = '{}');
SELECT test.claim('test_get_preferences_different_user',
    test.as_user('different_user', $$SELECT opigno.get_preferences('user')$$) IS NULL);
SELECT test.claim('test_get_preferences_unknown_user', opigno.get_preferences('does_not_exist') IS NULL);
SELECT test.claim('test_create_preferences',
    test.as_user('different_user',
    $$SELECT opigno.patch_my_preferences(
        '{"dict_pref": {"int_key": 10}, "string_pref": "value", "time_zone": "Asia/Tokyo"}')$$)::jsonb
    = '{"dict_pref": "{\"int_key\": 10}", "string_pref": "value", "time_zone": "Asia/Tokyo"}');
SELECT test.claim('test_update_preferences: update, insert and delete in one',
    test.as_user('different_user',
    $$SELECT opigno.patch_my_preferences('{"string_pref": "updated_value", "new_pref": "new_value", "dict_pref": null,
        "time_zone": "Europe/London"}')$$)::jsonb
    = '{"string_pref": "updated_value", "new_pref": "new_value", "time_zone": "Europe/London"}');
SELECT f.* AS test_update_preferences_bad_data
FROM test.field_errors(test.as_user('different_user',
    format($$SELECT opigno.patch_my_preferences('{"string_pref": "updated_value", "%s": "new_value", "new_pref": "",
        "time_zone": "Asia/Africa"}')$$, repeat('x', 256)))::json) AS f;
SELECT test.claim('test_update_preferences_bad_data: nothing written',
    opigno.get_preference('different_user', 'string_pref') = 'updated_value'
    AND opigno.get_preference('different_user', 'time_zone') = 'Europe/London');
SELECT patch AS test_update_preferences_bad_request, f.* FROM unnest(ARRAY['"non_dict_data"', '{}']) AS patch,
    LATERAL test.field_errors(test.as_user('different_user',
    format('SELECT opigno.patch_my_preferences(%L)', patch))::json) AS f;
SELECT test.claim('test_update_preferences_other_user',
    test.as_user('different_user', $$SELECT opigno.patch_preferences('user', '{"a": "b"}')$$) LIKE '42501:%');
CREATE TRIGGER suppress BEFORE INSERT ON opigno.preference FOR EACH ROW WHEN (new.key = 'c')
    EXECUTE FUNCTION test.suppress();
SELECT test.claim('transactions.test_update_preferences_rollback',
    test.as_user('different_user',
    $$SELECT opigno.patch_my_preferences('{"a": "1", "b": "2", "c": "3", "string_pref": null}')$$) LIKE 'PT409:%'
    AND (SELECT count(*) FROM opigno.preference WHERE user_uuid = 'different_user') = 3);
DROP TRIGGER suppress ON opigno.preference;
SELECT test.claim('test_get_unset_preference', opigno.get_preference('different_user', 'does_not_exist') IS NULL);
SELECT test.claim('test_create_preference',
    test.as_user('different_user',
    $$SELECT opigno.set_preference('different_user', 'new_key', 'new value')$$) = 'created');
SELECT test.claim('test_create_preference: stored', opigno.get_preference('different_user', 'new_key') = 'new value');
SELECT v AS test_create_empty_preference,
    test.as_user('different_user', format('SELECT opigno.set_preference(%L, %L, %L)', 'different_user', 'empty', v))
    FROM unnest(ARRAY[NULL, '', '  ']) AS v;
SELECT test.claim('test_create_preference_too_long_key',
    test.as_user('different_user',
    $$SELECT opigno.set_preference('different_user', repeat('x', 256), 'v')$$) LIKE '22023:%');
SELECT test.claim('test_update_preference',
    (SELECT array_agg(test.as_user('different_user',
        format('SELECT opigno.patch_my_preferences(%L)', jsonb_build_object('new_key', v::jsonb)))::jsonb ->> 'new_key'
        ORDER BY n) = ARRAY['new string', '10', '{"int_key": 10}']
    FROM unnest(ARRAY['"new string"', '10', '{"int_key": 10}']) WITH ORDINALITY AS u (v, n)));
SELECT test.claim('test_update_preference_to_empty: the old stays',
    test.as_user('different_user', $$SELECT opigno.set_preference('different_user', 'new_key', ' ')$$) LIKE '22023:%'
    AND opigno.get_preference('different_user', 'new_key') = '{"int_key": 10}');
SELECT test.claim('test_update_preference_of_other_user_not_allowed',
    test.as_user('user', $$SELECT opigno.set_preference('different_user', 'new_key', 'x')$$) LIKE '42501:%');
SELECT test.claim('test_delete_preference, and again',
    test.as_user('different_user', $$SELECT opigno.delete_preference('different_user', 'new_key')$$) = 'true'
    AND test.as_user('different_user', $$SELECT opigno.delete_preference('different_user', 'new_key')$$) = 'false');
SELECT test.claim('test_delete_preference_of_other_user_not_allowed',
    test.as_user('user', $$SELECT opigno.delete_preference('different_user', 'string_pref')$$) LIKE '42501:%');

\echo -- preferences/tests/test_api.py and tests/test_models.py
SELECT test.claim('test_set_user_preference: UserNotAuthorized before UserNotFound',
    test.as_user('user', $$SELECT opigno.set_preference('does_not_exist', 'a', 'b')$$) LIKE '42501:%');
SELECT test.claim('test_set_user_preference: UserNotFound',
    test.refused($$SELECT opigno.set_preference('does_not_exist', 'a', 'b')$$) = '23503: user context does not exist');
SELECT test.claim('test_duplicate_user_key',
    test.refused($$INSERT INTO opigno.preference SELECT * FROM opigno.preference
    WHERE user_uuid = 'different_user' LIMIT 1$$) LIKE '23505:%');
SELECT test.claim('test_arbitrary_values',
    (SELECT bool_and(opigno.patch_preferences('different_user', json_build_object('testing', v)) ->> 'testing' = v)
        FROM unnest(ARRAY['string', '{"json": "string"}', repeat('long', 10000), '\', '''', ' x ']) AS v));
SELECT opigno.set_preference('user', 'event', 'x'), opigno.set_preference('user', 'event', 'y'),
    opigno.delete_preference('user', 'event');
SELECT test.claim('UserPreferenceEventTest: created, updated and deleted are recorded',
    array_agg(outcome ORDER BY id) = '{created,replaced,deleted}') FROM opigno.audit WHERE subject = 'event';
ROLLBACK;
