-- What the product gives out it takes back: exports into an empty database, and answers as patches and entries.
SELECT FROM test.register_scopes();
SELECT count(opigno.configure_extended_profile_field(name, placement => placement, merge => merge)) FROM (VALUES
    ('country', 'account', 'deep'), ('links', 'account', 'replace'), ('bio', 'extended_profile', 'deep'))
    AS v (name, placement, merge);
SELECT app_id FROM opigno.register_app('App', app_id => 1);
SELECT app_id FROM opigno.register_app('Other', app_id => 2);
SELECT count(opigno.set_user_context(uuid, name, is_active)) FROM (VALUES ('a', E'A "quoted" \\ name', true),
    ('b', 'B', false), (E'c\\"', 'C', true), ('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 'D', true))
    AS v (uuid, name, is_active);
SELECT FROM opigno.set_user_scopes('a', '{MENTOR,ADMINISTRATOR}');
SELECT count(opigno.upsert_profile(user_uuid, app_id, document::jsonb)) FROM (VALUES
    ('a', 1, '{"path":"C:\\tab\there\n","n":1.500,"deep":{"null":null},"tab\t":[]}'), ('b', 1, '"\u0001"'),
    (E'c\\"', 1, 'null'), ('a', 2, '12345678901234567890.10')) AS v (user_uuid, app_id, document);
SELECT count(opigno.patch_account(user_uuid, patch::json)) FROM (VALUES
    ('a', '{"country":{"code":"FR"},"links":[{"x":null}],"extended_profile":'
     '[{"field_name":"bio","field_value":"\n\t\""},'
     '{"field_name":"not configured","field_value":{"a":[1.10]}}],"account_privacy":"custom"}'),
    ('b', '{"extended_profile":[{"field_name":"bio","field_value":""}]}')) AS v (user_uuid, patch);
SELECT opigno.patch_preferences('a', '{"time_zone":"Europe/Vienna","list":[1, 2],"text":"1"}') IS NOT NULL AS patched;
SELECT opigno.patch_preferences(E'c\\"', E'{"multi.line":"a\\nb"}') IS NOT NULL AS patched;

\echo -- one line each, in the order of users; in parts
SELECT * FROM opigno.export_user_contexts();
SELECT * FROM opigno.export_profiles(1);
SELECT * FROM opigno.export_accounts();
SELECT count(*) AS with_line_breaks FROM (SELECT opigno.export_user_contexts() AS line UNION ALL
    SELECT opigno.export_profiles(1) UNION ALL SELECT opigno.export_accounts()) AS e WHERE line ~ '[\n\r]';
SELECT * FROM opigno.export_profiles(1, max_rows => 1);
SELECT * FROM opigno.export_profiles(1, 'A', 1);
SELECT * FROM opigno.export_profiles(1, 'b');
SELECT count(*) FROM opigno.export_profiles(7);
SELECT * FROM opigno.export_user_contexts('17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE', 1);
SELECT * FROM opigno.export_accounts('a', 1);
SELECT * FROM opigno.export_accounts(max_rows => -1);

\echo -- a move: the same rows afterwards, but for ids, versions and times
CREATE VIEW test.moved AS
    SELECT 'user' AS kind, uuid::text AS user_uuid, NULL::text AS key, to_jsonb(c) - ARRAY['id', 'version',
        'account_version', 'preferences_version', 'created_at', 'updated_at'] AS data FROM opigno.user_context AS c
    UNION ALL SELECT 'profile', user_uuid, app_id::text, profile_data FROM opigno.profile
    UNION ALL SELECT 'account', user_uuid, NULL, extended_profile FROM opigno.account
    UNION ALL SELECT 'preference', user_uuid, key, to_jsonb(value) FROM opigno.preference;
CREATE TABLE test.before AS TABLE test.moved;
CREATE TABLE test.exported AS
    SELECT 1 AS step, line FROM opigno.export_user_contexts() AS line UNION ALL
    SELECT 2, line FROM opigno.export_profiles(1) AS line UNION ALL
    SELECT 2, line FROM opigno.export_profiles(2) AS line UNION ALL
    SELECT 3, line FROM opigno.export_accounts() AS line;
DELETE FROM opigno.profile;
DELETE FROM opigno.account;
DELETE FROM opigno.preference;
DELETE FROM opigno.user_context;
SELECT opigno.set_user_contexts(string_agg(line, E'\n')) FROM test.exported WHERE step = 1;
SELECT opigno.create_profiles(string_agg(line, E'\n')) FROM test.exported WHERE step = 2;
SELECT opigno.patch_accounts(string_agg(line, E'\n')) FROM test.exported WHERE step = 3;
SELECT count(*) FROM test.before;
SELECT * FROM (TABLE test.before EXCEPT TABLE test.moved) AS lost;
SELECT * FROM (TABLE test.moved EXCEPT TABLE test.before) AS added;
\echo -- and again, which changes nothing
SELECT opigno.set_user_contexts(string_agg(line, E'\n')) -> 'response' AS r FROM test.exported WHERE step = 1;
SELECT opigno.create_profiles(string_agg(line, E'\n'), 'replace') -> 'response' AS r FROM test.exported WHERE step = 2;
SELECT opigno.patch_accounts(string_agg(line, E'\n')) -> 'response' AS r FROM test.exported WHERE step = 3;

\echo -- read-only members are accepted if they are the stored ones
CREATE FUNCTION test.answer_of(answer json) RETURNS text LANGUAGE sql AS $$ SELECT regexp_replace(answer::text,
    '"(id|version|preferences_version|date_joined)":("[^"]*"|\d+)', '"\1":...', 'g') $$;
SELECT test.answer_of(opigno.set_user_context_json(opigno.get_user_context_json(uuid)))
FROM unnest(ARRAY['a', 'b']) AS uuid;
SELECT opigno.set_user_contexts(json_agg(opigno.get_user_context_json(c.uuid))::text) -> 'response' AS r
FROM opigno.list_user_contexts() AS c;
SELECT opigno.set_user_context_json((opigno.get_user_context_json('a')::jsonb || '{"id":"1x"}')::json) -> 'errors' AS e;
SELECT opigno.set_user_contexts('[{"uuid":"a","id":"0"},{"uuid":"new","id":"7","isActive":true},{"uuid":"b","id":7}]',
    'report');
SELECT test.answer_of(opigno.patch_account('a', opigno.get_account('a')));
SELECT test.answer_of(opigno.patch_account('b', opigno.get_account('b')));
SELECT opigno.patch_accounts(json_agg(opigno.get_account(c.uuid))::text) -> 'response' AS r
FROM opigno.list_user_contexts() AS c;
SELECT opigno.patch_accounts(json_agg(opigno.get_account(c.uuid))::text) -> 'response' AS r
FROM opigno.list_user_contexts() AS c;
SELECT test.refusal($$SELECT opigno.patch_account('a', '{"version":7}')$$) AS version;
SELECT member, opigno.patch_account('a', json_build_object(member, value)) -> 'field_errors' -> member
    ->> 'developer_message' AS refused
FROM (VALUES ('username', '"b"'), ('id', '"0"'), ('is_active', 'false'), ('date_joined', '"2000-01-01T00:00:00+00:00"'),
    ('scope', '[]'), ('preferences', '{}'), ('preferences_version', '1')) AS v (member, text),
    LATERAL (SELECT text::json AS value) AS w;
SELECT opigno.create_profiles(json_agg(p)::text, 'replace') FROM opigno.list_profiles(1) AS p;
SELECT opigno.create_profiles(json_agg(p)::text, 'merge') -> 'response' AS r FROM (SELECT p.user_uuid, p.app_id,
    CASE WHEN p.user_uuid = 'a' THEN '{"more":true}' ELSE p.profile_data END AS profile_data, p.version, p.created_at,
    p.updated_at FROM opigno.list_profiles(1) AS p) AS p;
SELECT opigno.create_profiles(json_agg(to_jsonb(p) || '{"version":null}')::text, 'replace', 'report')
FROM (SELECT p.user_uuid, 1 AS app_id, 0 AS profile_data, p.created_at, p.updated_at + interval '1 second' AS updated_at
      FROM opigno.list_profiles(1) AS p UNION ALL
      SELECT '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 1, 0, now(), NULL) AS p;
SELECT opigno.create_profiles('[{"user_id":"a","user_uuid":"a","app_id":1,"profile_data":1},{"user_uuid":7,"app_id":1,'
    '"profile_data":1},{"user_id":"a","app_id":1,"profile_data":1,"created_at":"soon","updated_at":5}]');
SELECT opigno.delete_profiles(json_agg(to_jsonb(p) - 'profile_data')::text) -> 'response' AS r
FROM opigno.list_profiles(2) AS p;

\echo -- preferences of entries of patch_accounts
SELECT opigno.patch_accounts('[{"username":"b","preferences":{"time_zone":"Nowhere","a b":"1","x":null}},'
    '{"username":"a","preferences":[]},{"username":"c\\\"","preferences":{"account_privacy":"custom"},'
    '"account_privacy":"private"},{"username":"nobody","preferences":{"x":"1"}}]', 'report');
SELECT opigno.patch_accounts(json_build_array(json_build_object('username', 'b', 'country', 'AT', 'preferences',
    (SELECT json_object_agg('key.' || n, n) FROM generate_series(1, 1001) AS n)))::text) -> 'errors' AS e;
SELECT opigno.get_preferences('b'), opigno.get_account('b') -> 'country' AS country;
SELECT opigno.patch_accounts('[{"username":"b","country":"AT","preferences":{"time_zone":"UTC","account_privacy":'
    '"all_users"},"account_privacy":"all_users"},{"username":"a","preferences":{"list":null,"none":null}}]')
    -> 'response';
SELECT opigno.get_preferences('b'), opigno.get_account('b') -> 'country' AS country, opigno.get_preferences('a') AS a;
SELECT action, outcome, user_uuid, last_user_uuid, row_count FROM opigno.audit ORDER BY id DESC LIMIT 1;
\echo -- a move with the settings of a site, and an answer as a patch, which changes no view
SELECT * FROM opigno.configure_accounts('store', 'all_users');
SELECT empty_as FROM opigno.configure_extended_profile_field('gender', placement => 'account', empty_as => 'null');
SELECT empty_as FROM opigno.configure_extended_profile_field('spoken', placement => 'account', empty_as => 'list');
SELECT editable_by FROM opigno.configure_extended_profile_field('badge', editable_by => 'operator');
SELECT opigno.patch_account('b', '{"gender":"","extended_profile":[{"field_name":"badge","field_value":"gold"},'
    '{"field_name":"misspelt","field_value":1}]}') -> 'not_shown' AS not_shown;
CREATE TABLE test.site AS SELECT * FROM test.moved WHERE kind IN ('account', 'preference');
CREATE TABLE test.site_export AS SELECT line FROM opigno.export_accounts() AS line;
DELETE FROM opigno.account;
DELETE FROM opigno.preference;
SELECT opigno.patch_accounts(string_agg(line, E'\n')) FROM test.site_export;
SELECT * FROM (TABLE test.site EXCEPT TABLE test.moved) AS lost;
SELECT kind, key FROM (TABLE test.moved EXCEPT TABLE test.site) AS added WHERE kind IN ('account', 'preference');
SELECT opigno.get_account('b')::jsonb - '{version,preferences,preferences_version}'::text[]
    = (opigno.patch_account('b', opigno.get_account('b'))::jsonb
       - '{version,preferences,preferences_version}'::text[]) AS same;
SELECT a -> 'gender' AS gender, a -> 'spoken' AS spoken, a -> 'extended_profile' AS fields,
    (opigno.patch_account('b', a) ->> 'version')::bigint - (a ->> 'version')::bigint AS changes
FROM opigno.get_account('b') AS a;
DROP TABLE test.site, test.site_export;
DELETE FROM opigno.account_setting;
DROP VIEW test.moved;
DROP TABLE test.before, test.exported;
DROP FUNCTION test.answer_of;
DELETE FROM opigno.profile;
DELETE FROM opigno.account;
DELETE FROM opigno.preference;
DELETE FROM opigno.user_context;
DELETE FROM opigno.app;
DELETE FROM opigno.extended_profile_field;
DELETE FROM opigno.site_scope;
DELETE FROM opigno.audit;
