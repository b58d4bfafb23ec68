-- Schemas of the values of fields and preferences: what is refused when one is set, and every way to write a value.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_app;
SELECT opigno.grant_access('regress_opigno_app', 'user');
SELECT count(opigno.set_user_context(uuid, 'Name of ' || uuid, true, 'AUTHENTICATED'))
FROM unnest(ARRAY['learner', 'other']) AS uuid;
CREATE FUNCTION test.patch(patch jsonb) RETURNS TABLE (field text, developer_message text, user_message text)
    LANGUAGE sql AS $$ SELECT f.* FROM test.field_errors(test.as_user('learner', format(
        'SELECT opigno.patch_my_account(%L)', patch))::json) AS f $$;
CREATE FUNCTION test.entry(name text, value jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object(
    'extended_profile', jsonb_build_array(jsonb_build_object('field_name', name, 'field_value', value))) $$;
CREATE FUNCTION test.stored() RETURNS jsonb LANGUAGE sql AS $$
    SELECT extended_profile FROM opigno.account WHERE user_uuid = 'learner' $$;

\echo -- a schema is set, left, changed and removed
SELECT field_name, value_schema FROM opigno.configure_extended_profile_field('age', placement => 'account',
    value_schema => '{"type": "integer", "minimum": 0, "maximum": 150}');
SELECT value_schema FROM opigno.configure_extended_profile_field('age', visibility => 'shared');
SELECT value_schema FROM opigno.configure_extended_profile_field('age', value_schema => 'true');
SELECT value_schema FROM opigno.configure_extended_profile_field('age',
    value_schema => '{"type": "integer", "minimum": 0, "maximum": 150}');
SELECT field_name, value_schema FROM opigno.configure_extended_profile_field('address', value_schema =>
    '{"properties": {"city": {"type": "string", "minLength": 1}, "zip": {"minLength": 4, "maxLength": 5}},
      "required": ["city"], "additionalProperties": false}');
SELECT field_name FROM opigno.configure_extended_profile_field('free');
SELECT field_name, value_schema FROM opigno.list_extended_profile_fields();
SELECT outcome, subject FROM opigno.audit WHERE action = 'configure_extended_profile_field' ORDER BY id;

\echo -- all errors of a schema at once, and nothing is changed
SELECT test.refusal($$SELECT opigno.configure_extended_profile_field('age', merge => 'shallow', value_schema =>
    '{"type": "number of years", "minimum": "0", "$ref": "https://example.com/age"}')$$);
SELECT test.refusal($$SELECT opigno.configure_extended_profile_field('age', value_schema => '3')$$);
SELECT value_schema FROM opigno.configure_extended_profile_field('other', value_schema => '{"minimun": 3}');
SELECT opigno.drop_extended_profile_field('other');
SELECT count(*) FROM opigno.list_extended_profile_fields() WHERE value_schema->>'maximum' = '150';

\echo -- the result is judged: all faults, by place, together with other errors; nothing is written
SELECT * FROM test.patch('{"age": 151}');
SELECT * FROM test.patch('{"age": 1.5}');
SELECT * FROM test.patch('{"age": -1, "name": "", "unknown": 1}' || test.entry('address', '{"zip": "123", "x": 1}'));
SELECT test.stored() IS NULL AS nothing_is_stored;
SELECT * FROM test.patch('{"age": 30}' || test.entry('address', '{"city": "Oslo", "zip": "0150"}'));
SELECT * FROM test.patch(test.entry('address', '{"city": null}'));
SELECT * FROM test.patch(test.entry('address', '{"zip": null}'));
SELECT test.stored();
SELECT * FROM test.patch('{"age": null}' || test.entry('free', '{"any": ["thing"]}'));
SELECT test.stored();
\echo -- of two entries with one name the later counts
SELECT * FROM test.patch('{"extended_profile": [{"field_name": "address", "field_value": 1},
    {"field_name": "address", "field_value": {"city": ""}}]}');

\echo -- what was stored before stays, can be sent back, and can be removed
SELECT * FROM test.patch('{"age": 30}');
SELECT value_schema FROM opigno.configure_extended_profile_field('age', value_schema => '{"maximum": 20}');
SELECT * FROM test.patch('{"age": 30}' || test.entry('free', '1'));
SELECT * FROM test.patch(test.entry('free', '2'));
SELECT * FROM test.patch('{"age": 29}');
SELECT test.stored();
SELECT * FROM test.patch('{"age": null}');
SELECT test.stored();

\echo -- a field that only operators may edit has that error alone
SELECT editable_by FROM opigno.configure_extended_profile_field('age', editable_by => 'operator');
SELECT * FROM test.patch('{"age": 21}');
SELECT f.* FROM test.field_errors(opigno.patch_account('learner', '{"age": 21}')) AS f;
SELECT opigno.patch_account('learner', '{"age": 20}') -> 'age' AS age;
SELECT test.as_user('learner', $$SELECT opigno.clear_account('learner')$$), test.stored();

\echo -- loads: by ordinal; on_error report writes the others
CREATE FUNCTION test.load(body text, on_error text, dry_run boolean) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT (SELECT string_agg(line, E'\n') FROM (SELECT concat_ws(' ', e ->> 'ordinal', e ->> 'code', e ->> 'path',
        e ->> 'message', e ->> 'hint') FROM json_array_elements(answer -> 'errors') AS e
        UNION ALL SELECT (answer -> 'response')::text) AS list (line))
    FROM opigno.patch_accounts(body, on_error, dry_run) AS answer $$;
SELECT opigno.configure_preference('theme', '{"enum": ["dark", "light"]}');
SELECT test.load('[{"username": "learner", "age": 21, "preferences": {"theme": "pink"}}, {"username": "other", "age": 7,
    "extended_profile": [{"field_name": "address", "field_value": {"zip": "1"}}]}]', 'abort', false);
SELECT test.load('[{"username": "learner", "age": 21, "preferences": {"theme": "pink", "": 1}},
    {"username": "other", "age": 7, "preferences": {"theme": "dark"}}]', 'report', dry_run)
FROM unnest(ARRAY[true, false]) AS dry_run;
CREATE TABLE test.staged (ordinal bigint PRIMARY KEY, username text, age integer, preferences text);
INSERT INTO test.staged VALUES (1, 'learner', 21, '{"theme": "pink"}'), (2, 'other', 8, NULL);
SELECT opigno.load_accounts('test.staged', 'report') -> 'response' AS response;
SELECT ordinal, code, path, message FROM opigno.bulk_error ORDER BY ordinal, path;
SELECT user_uuid, extended_profile FROM opigno.account ORDER BY user_uuid;

\echo -- preferences: the value is judged as a string
SELECT opigno.configure_preference('theme', '{"enum": ["dark", "light"]}'),
    opigno.configure_preference('theme', '{"enum": ["dark", "light", "10"]}'),
    opigno.configure_preference('volume', '{"type": "number"}'),
    opigno.configure_preference('account_privacy', '{"const": "private"}');
SELECT * FROM opigno.list_preference_rules();
SELECT test.refusal($$SELECT opigno.configure_preference('a b', '{"enum": 1}')$$);
SELECT test.refusal($$SELECT opigno.configure_preference(NULL, NULL)$$);
SELECT test.refusal($$SELECT opigno.drop_preference_rule('')$$);
SELECT test.as_user('learner', format('SELECT opigno.set_preference(%L, %L, %L)', 'learner', key, value))
FROM (VALUES ('theme', 'pink'), ('theme', 'dark'), ('theme', ' '), ('volume', '10'), ('other', 'x')) AS v (key, value);
SELECT f.* FROM test.field_errors(test.as_user('learner',
    $$SELECT opigno.patch_my_preferences('{"theme": "pink", "volume": 10, "other": "y"}')$$)::json) AS f;
SELECT f.* FROM test.field_errors(test.as_user('learner',
    $$SELECT opigno.patch_my_preferences('{"theme": "pink", "time_zone": "Mars"}')$$)::json) AS f;
SELECT test.as_user('learner', $$SELECT opigno.patch_my_preferences('{"theme": 10, "other": null}')$$);
SELECT * FROM test.patch('{"account_privacy": "all_users"}');
SELECT * FROM test.patch('{"account_privacy": "all_users", "age": 22}');
SELECT opigno.configure_preference('theme', '{"const": "dark"}');
\echo -- what was stored before stays, and can be set again
SELECT test.as_user('learner', $$SELECT opigno.patch_my_preferences('{"theme": 10, "other": "z"}')$$);
SELECT test.as_user('learner', $$SELECT opigno.delete_preference('learner', 'theme')$$);
SELECT opigno.drop_preference_rule('theme'), opigno.drop_preference_rule('theme');
SELECT test.as_user('learner', $$SELECT opigno.set_preference('learner', 'theme', 'pink')$$);
SELECT outcome, subject FROM opigno.audit WHERE action IN ('configure_preference', 'drop_preference_rule') ORDER BY id;

\echo -- requests of users configure nothing
SELECT test.as_user('learner', statement) FROM unnest(ARRAY[$$SELECT opigno.configure_preference('theme', 'true')$$,
    $$SELECT opigno.drop_preference_rule('volume')$$,
    $$SELECT opigno.configure_extended_profile_field('age', value_schema => 'true')$$]) AS statement;
\echo -- a value that takes too long is refused
SELECT value_schema IS NOT NULL AS set FROM opigno.configure_extended_profile_field('free', value_schema =>
    (SELECT jsonb_build_object('$defs', jsonb_object_agg('d' || n, CASE WHEN n < 30 THEN jsonb_build_object('allOf',
        jsonb_build_array(jsonb_build_object('$ref', '#/$defs/d' || n + 1), jsonb_build_object('$ref',
        '#/$defs/d' || n + 1))) ELSE '{"not": {"type": "null"}}' END), '$ref', '#/$defs/d1')
    FROM generate_series(1, 30) AS n));
SELECT * FROM test.patch(test.entry('free', '1'));
ROLLBACK;
