-- Schemas of profiles: set, list, drop and check; every write is judged.
BEGIN;
\set ON_ERROR_ROLLBACK on
SELECT count(opigno.set_user_context(uuid, uuid, true)) FROM unnest('{ada,bob,eve}'::text[]) AS uuid;
SELECT count(opigno.register_app('App ' || n, app_id => n)) FROM generate_series(0, 2) AS n;
\pset format unaligned
\pset tuples_only on
\set schema '{"type": "object", "properties": {"age": {"type": "integer", "minimum": 0}, "tags": {"type": "array", "items": {"maxLength": 3}}, "name": {"type": "string", "default": "none"}}, "required": ["age"], "additionalProperties": false}'

\echo -- set, list, drop
SELECT * FROM opigno.set_profile_schema(1, :'schema');
SELECT * FROM opigno.set_profile_schema(1, :'schema');
SELECT * FROM opigno.set_profile_schema(1, :'schema', 'enforce', true);
SELECT * FROM opigno.set_profile_schema(1, 'true', 'warn');
SELECT * FROM opigno.set_profile_schema(1, 'true', 'warn');
SELECT * FROM opigno.set_profile_schema(1, '{"$schema": "http://json-schema.org/draft-07/schema#"}', 'warn');
SELECT app_id, version, mode, draft, assert_formats, apply_defaults, set_at = now(), schema -> 'type'
FROM opigno.profile_schemas();
SELECT * FROM opigno.set_profile_schema(1, :'schema', expected_version => 3);
SELECT * FROM opigno.set_profile_schema(1, :'schema', expected_version => 0);
SELECT * FROM opigno.set_profile_schema(2, :'schema', expected_version => -1);
SELECT * FROM opigno.set_profile_schema(1, :'schema', expected_version => 4);
SELECT * FROM opigno.set_profile_schema(2, :'schema', expected_version => 0);
SELECT version, mode FROM opigno.profile_schemas(1);
SELECT opigno.drop_profile_schema(2, 7);
SELECT opigno.drop_profile_schema(2, 1), opigno.drop_profile_schema(2), opigno.drop_profile_schema(77);
SELECT * FROM opigno.set_profile_schema(2, :'schema');
SELECT version, mode FROM opigno.profile_schemas(2);
SELECT outcome, app_id, version, subject FROM opigno.audit WHERE action LIKE '%profile_schema' ORDER BY id;

\echo -- invalid arguments
SELECT * FROM opigno.set_profile_schema(NULL, NULL, 'x', expected_version => -2);
SELECT * FROM opigno.set_profile_schema(1, '{"type": "text", "minimum": "1", "properties": {"a": {"pattern": "("}},
    "$ref": "http://example.org/"}', 'off');
SELECT * FROM opigno.set_profile_schema(77, '{}');
SELECT * FROM opigno.set_profile_schema(1, '{"requird": ["a"], "properties": {"a": {"minimun": 1}}}');
SELECT * FROM opigno.set_profile_schema(1, to_jsonb(repeat('x', 1048576)));
SELECT opigno.drop_profile_schema(NULL, -2);
SELECT opigno.check_profile_schema(NULL);
SELECT opigno.check_profile_schema('{"type": "text", "properties": {"a~/b": {"pattern": "(?=a)"}}, "minimun": 1}');
SELECT opigno.check_profile_schema('{"format": "hostname"}');
SELECT opigno.check_profile_schema('{"format": "hostname"}', true);
SELECT opigno.check_profile_schema('true');

\echo -- single writes
SELECT * FROM opigno.set_profile_schema(1, :'schema');
SELECT outcome FROM opigno.upsert_profile('ada', 1, '{"age": 1, "tags": ["abc"]}');
SELECT outcome FROM opigno.upsert_profile('ada', 1, '{"age": -1, "tags": ["a", "secret"], "nickname": "secret"}');
SELECT outcome FROM opigno.upsert_profile('bob', 1, '"secret"');
SELECT outcome FROM opigno.upsert_profile('bob', 1, '{}');
SELECT outcome FROM opigno.upsert_profile('bob', 77, '{}');
SELECT outcome FROM opigno.upsert_profile('nobody', 1, '{}');
SELECT outcome FROM opigno.patch_profile('ada', 1, '{"tags": ["b"]}');
SELECT outcome FROM opigno.patch_profile('ada', 1, '{"age": null}');
SELECT outcome FROM opigno.patch_profile('bob', 1, '{"tags": []}');
SELECT outcome FROM opigno.patch_profile('bob', 1, '{"age": 1.5}', 7);
SELECT outcome FROM opigno.upsert_profile('bob', 0, '{"age": -1}');
SELECT user_uuid, app_id, profile_data FROM opigno.profile ORDER BY 1, 2;

\echo -- a request
SELECT opigno.test_request('bob', app_id => 1);
SELECT outcome FROM opigno.create_my_profile(1, '{"age": 1, "extra": 1}');
SELECT outcome FROM opigno.create_my_profile(1, '{"age": 1}');
SELECT outcome FROM opigno.patch_my_profile(1, '{"age": "one"}');
\echo -- over HTTP and GraphQL: members of the document keep their names
CREATE ROLE regress_opigno_gateway;
SELECT opigno.grant_access('regress_opigno_gateway', 'gateway');
SELECT client_key AS key, client_secret AS secret FROM opigno.register_client(1, 'Shop', may_act_for => 'all') \gset
SELECT jsonb_build_object('Authorization', 'Bearer ' || (opigno.issue_access_token(:'key', :'secret',
    'client_credentials') ->> 'access_token'), 'Opigno-Client-UUID', 'bob') AS headers \gset
SELECT opigno.test_request('bob', app_id => 1);
SET LOCAL ROLE regress_opigno_gateway;
SELECT h.status, h.response_body FROM opigno.http_request('PATCH', '/user/profiles/1',
    :'headers' || '{"Content-Type": "application/merge-patch+json"}'::jsonb, '{"user_uuid": 1, "app_id": 2}') AS h;
SELECT opigno.graphql('mutation { patchProfile(userUuid: "bob", appId: 1, patch: {user_uuid: 1}) {
    errors response { version } } }');
RESET ROLE;
ROLLBACK;

\echo -- loads
BEGIN;
SELECT count(opigno.set_user_context(uuid, uuid, true)) FROM unnest('{ada,bob,eve,fay}'::text[]) AS uuid;
SELECT count(opigno.register_app('App ' || n, app_id => n)) FROM generate_series(0, 2) AS n;
SELECT * FROM opigno.set_profile_schema(1, :'schema');
SELECT opigno.upsert_profile('eve', 1, '{"age": 1}') \g /dev/null
\set entries '[{"app_id": 1, "user_id": "ada", "profile_data": {"age": -1, "extra": "secret"}}, {"profile_data": {"age": 2}, "user_id": "bob", "app_id": 1}, {"user_id": "bob", "app_id": 0, "profile_data": {"age": -1}}, {"user_id": "eve", "app_id": 1, "profile_data": {}}, {"user_id": "eve", "app_id": 9, "profile_data": {}}]'
SELECT jsonb_pretty(opigno.create_profiles(:'entries', 'replace', 'report', true)::jsonb);
SELECT opigno.create_profiles(:'entries', 'replace', 'report', true)::text
     = opigno.create_profiles(:'entries', 'replace', 'report')::text AS dry_run_is_the_same;
SELECT user_uuid, app_id, profile_data FROM opigno.profile ORDER BY 1, 2;
SELECT opigno.create_profiles(:'entries', 'replace');
\echo -- merges: into a profile, into nothing, and results that violate the schema
\set entries '[{"user_id": "ada", "app_id": 1, "profile_data": {"tags": []}}, {"user_id": "bob", "app_id": 1, "profile_data": {"tags": ["b"]}}, {"user_id": "eve", "app_id": 1, "profile_data": {"tags": ["long"]}}, {"user_id": "fay", "app_id": 1, "profile_data": {"age": 7}}]'
SELECT jsonb_pretty(opigno.create_profiles(:'entries', 'merge', 'report')::jsonb);
SELECT jsonb_pretty(opigno.patch_profiles(replace(:'entries', 'profile_data', 'patch'), 'report')::jsonb);
\echo -- all exist: one statement
SELECT jsonb_pretty(opigno.patch_profiles('[{"user_id": "bob", "app_id": 1, "patch": {"age": 3}},
    {"user_id": "eve", "app_id": 1, "patch": {"age": -3}}, {"user_id": "fay", "app_id": 1, "patch": {"age": 7}}]',
    'report')::jsonb);
SELECT opigno.patch_profiles('[{"user_id": "ada", "app_id": 1, "patch": {"tags": []}, "version": 0},
    {"user_id": "fay", "app_id": 1, "patch": {"age": -7}, "version": -1},
    {"user_id": "bob", "app_id": 1, "patch": {"age": 4}, "version": -1}]', 'report');
SELECT user_uuid, app_id, profile_data FROM opigno.profile ORDER BY 1, 2;
\echo -- a staging table
CREATE TABLE staged (ordinal bigint PRIMARY KEY, user_id text, app_id text, profile_data text);
INSERT INTO staged VALUES (1, 'ada', '1', '{"age":"x"}'), (2, 'ada', '0', '{"age":"x"}'), (3, 'bob', '1', '{"age":5}');
SELECT opigno.load_profiles('staged', 'replace', 'report');
SELECT ordinal, user_uuid, app_id, code, path, message FROM opigno.bulk_error ORDER BY 1;
TRUNCATE staged;
INSERT INTO staged SELECT n, 'many' || n, '1', '{"age":' || n - 1 || '}' FROM generate_series(0, 3) AS n;
SELECT opigno.load_profiles('staged', on_error => 'report', create_missing_users => true);

\echo -- stored before the schema: unchanged it stays, a change must make it valid
SELECT outcome FROM opigno.upsert_profile('bob', 2, '{"age": -1, "old": 1}');
SELECT outcome FROM opigno.set_profile_schema(2, :'schema');
SELECT outcome FROM opigno.upsert_profile('bob', 2, '{"old": 1, "age": -1}');
SELECT outcome FROM opigno.patch_profile('bob', 2, '{"age": 1}');
SELECT outcome FROM opigno.patch_profile('bob', 2, '{"age": 1, "old": null}');
SELECT opigno.delete_profile('bob', 2);
SELECT opigno.drop_profile_schema(2);
SELECT outcome FROM opigno.upsert_profile('bob', 2, '{"age": -1, "old": 1}');
ROLLBACK;

\echo -- mode warn
BEGIN;
SELECT count(opigno.set_user_context(uuid, uuid, true)) FROM unnest('{ada,bob,eve}'::text[]) AS uuid;
SELECT count(opigno.register_app('App ' || n, app_id => n)) FROM generate_series(1, 2) AS n;
SELECT * FROM opigno.set_profile_schema(1, '{"properties": {"age": {"type": "number"}}}');
SELECT * FROM opigno.set_profile_schema(1, :'schema', 'warn');
SELECT outcome FROM opigno.upsert_profile('ada', 1, '{"age": -1, "tags": ["a", "secret", "secret"], "secret": 1}');
SELECT outcome FROM opigno.upsert_profile('ada', 1, '{"age": -1, "tags": ["a", "secret", "secret"], "secret": 1}');
SELECT outcome FROM opigno.upsert_profile('ada', 1, '{"age": "x"}');
SELECT opigno.create_profiles('[{"user_id": "bob", "app_id": 1, "profile_data": {"age": -5}},
    {"user_id": "eve", "app_id": 1, "profile_data": {"age": -6}}]', dry_run => true);
SELECT opigno.create_profiles('[{"user_id": "bob", "app_id": 1, "profile_data": {"age": -5}},
    {"user_id": "eve", "app_id": 1, "profile_data": {"age": -6}}]');
SELECT opigno.patch_profiles('[{"user_id": "bob", "app_id": 1, "patch": {"age": 1.5}},
    {"user_id": "eve", "app_id": 1, "patch": {"age": 6}}]');
SELECT version, path, keyword, schema_path, faults, first_at = now() AND last_at = now()
FROM opigno.profile_schema_faults(1);
SELECT count(opigno.patch_profile('ada', 1, jsonb_build_object('age', -n))) FROM generate_series(1, 600) AS n;
SELECT path, keyword, sum(faults), count(*) < 300 AS are_added_up FROM opigno.app_schema_fault
WHERE keyword = 'minimum' GROUP BY 1, 2;
SELECT faults FROM opigno.profile_schema_faults(1) WHERE keyword = 'minimum';
SELECT * FROM opigno.set_profile_schema(1, :'schema');
SELECT count(*) FROM opigno.profile_schema_faults(1);
ROLLBACK;

\echo -- defaults
BEGIN;
SELECT count(opigno.set_user_context(uuid, uuid, true)) FROM unnest('{ada,bob,eve}'::text[]) AS uuid;
SELECT opigno.register_app('App', app_id => 1) \g /dev/null
SELECT * FROM opigno.set_profile_schema(1, '{"properties": {"name": {"default": "none", "type": "string"},
    "sub": {"properties": {"n": {"default": 1}}}}, "required": ["name"]}', apply_defaults => true);
SELECT outcome FROM opigno.upsert_profile('ada', 1, '{"sub": {}}');
SELECT outcome FROM opigno.upsert_profile('ada', 1, '{"sub": {}}');
SELECT outcome FROM opigno.patch_profile('ada', 1, '{"name": null, "sub": {"n": 2}}');
SELECT opigno.create_profiles('[{"user_id": "bob", "app_id": 1, "profile_data": {}}]');
SELECT opigno.create_profiles('[{"user_id": "bob", "app_id": 1, "profile_data": {"name": null, "sub": {}}},
    {"user_id": "eve", "app_id": 1, "profile_data": {"name": 1}}]', 'merge', 'report');
SELECT opigno.patch_profiles('[{"user_id": "bob", "app_id": 1, "patch": {"name": null, "x": 1}}]');
SELECT user_uuid, profile_data FROM opigno.profile ORDER BY 1;
ROLLBACK;

\echo -- a schema that is rolled back is not used, and neither is a former one
BEGIN;
SELECT opigno.set_user_context('ada', 'ada', true) \g /dev/null
SELECT opigno.register_app('App', app_id => 1) \g /dev/null
SELECT outcome FROM opigno.set_profile_schema(1, '{"type": "string"}');
SELECT outcome FROM opigno.upsert_profile('ada', 1, '"a"');
SAVEPOINT before;
SELECT outcome FROM opigno.set_profile_schema(1, '{"type": "number"}');
SELECT outcome FROM opigno.upsert_profile('ada', 1, '1');
ROLLBACK TO before;
SELECT outcome FROM opigno.upsert_profile('ada', 1, '2');
SELECT outcome FROM opigno.upsert_profile('ada', 1, '"b"');
SELECT outcome FROM opigno.set_profile_schema(1, '{"type": "boolean"}');
SELECT outcome FROM opigno.upsert_profile('ada', 1, 'true');
\echo -- a cache that is too small for three schemas
SET opigno_profiles.schema_cache = 0;
SELECT count(opigno.register_app('App ' || n, app_id => n)) FROM generate_series(2, 9) AS n;
SELECT count(opigno.set_profile_schema(n, jsonb_build_object('const', n))) FROM generate_series(2, 9) AS n;
SELECT count(opigno.upsert_profile('ada', n, to_jsonb(n))) FROM generate_series(2, 9) AS n, generate_series(1, 3);
SELECT opigno.create_profiles((SELECT json_agg(json_build_object(
    'user_id', 'ada', 'app_id', n, 'profile_data', m))::text FROM generate_series(2, 9) AS n,
    generate_series(8, 9) AS m), 'replace', 'report', max_errors => 0);
\echo -- hostile documents and schemas
SELECT outcome FROM opigno.set_profile_schema(1, '{"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [
    {"items": {"$ref": "#/$defs/a"}}, {"items": {"$ref": "#/$defs/a"}}, {"type": "string"}], "minItems": 1}}}');
SELECT outcome FROM opigno.upsert_profile('ada', 1, (repeat('[', 60) || '[]' || repeat(']', 60))::jsonb);
SELECT outcome FROM opigno.set_profile_schema(1, '{"items": {"$ref": "#"}}');
DO $$
BEGIN
    PERFORM opigno.upsert_profile('ada', 1, (repeat('[', 6000) || repeat(']', 6000))::jsonb);
EXCEPTION WHEN statement_too_complex THEN
    RAISE NOTICE 'too deep';
END $$;
ROLLBACK;
