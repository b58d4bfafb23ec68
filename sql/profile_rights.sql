-- What the schema of an app lets requests see and write: readOnly, writeOnly, x-opigno-read, x-opigno-write.
BEGIN;
\set ON_ERROR_ROLLBACK on
SELECT count(opigno.set_user_context(uuid, uuid, true, scope))
FROM (VALUES ('learner', 'AUTHENTICATED'), ('admin', 'ADMINISTRATOR'), ('teacher', 'AUTHENTICATED')) AS u (uuid, scope);
SELECT count(opigno.register_app('App ' || n, app_id => n)) FROM generate_series(0, 2) AS n;
SELECT count(opigno.register_scope('STAFF', description => 'staff'));
SELECT count(opigno.register_scope('TEACHER', '{STAFF}', 'teachers'));
SELECT count(opigno.set_user_scopes('teacher', '{TEACHER}'));
CREATE ROLE regress_opigno_app;
CREATE ROLE regress_opigno_operator;
CREATE ROLE regress_opigno_auditor;
SELECT opigno.grant_access('regress_opigno_app', 'user'), opigno.grant_access('regress_opigno_operator', 'operator'),
    opigno.grant_access('regress_opigno_auditor', 'auditor');
GRANT USAGE ON SCHEMA test TO regress_opigno_app;
\pset format unaligned
\pset tuples_only on

\echo -- what is refused when the schema is set
SELECT test.refusal($$SELECT opigno.set_profile_schema(1, '{"properties": {
    "a": {"x-opigno-read": ["NOBODY", "STAFF"]}, "b": {"x-opigno-write": "STAFF"}, "c": {"items": {"readOnly": true}},
    "d": {"anyOf": [{"writeOnly": true}]}}, "patternProperties": {"^x": {"x-opigno-read": []}}}')$$);
SELECT test.refusal($$SELECT opigno.set_profile_schema(1, '{"properties": {"a": {"x-opigno-read": ["NOBODY"]}},
    "writeOnly": true}')$$);
SELECT test.refusal($$SELECT opigno.set_profile_schema(1, '{"properties": {"a": {"x-opigno-read": ["NOBODY"]}}}')$$);
SELECT opigno.check_profile_schema('{"properties": {"a": {"x-opigno-write": ["NOBODY"]}}}');

\echo -- the document of the tests; operators write all of it
\set schema '{"properties": {"name": {"type": "string"}, "pin": {"writeOnly": true}, "credits": {"readOnly": true}, "note": {"x-opigno-read": ["STAFF", "ADMINISTRATOR"]}, "group": {"x-opigno-write": ["TEACHER"]}, "audit": {"x-opigno-read": [], "x-opigno-write": []}, "job": {"$ref": "#/$defs/job"}}, "$defs": {"job": {"properties": {"salary": {"x-opigno-read": ["ADMINISTRATOR"]}, "rank": {"readOnly": true}}}}}'
\set whole '{"name": "n", "pin": 1234, "credits": 5.0, "note": "x", "group": "g", "audit": [1], "job": {"salary": 9, "rank": 1, "at": "here"}}'
SELECT outcome FROM opigno.set_profile_schema(1, :'schema');
SELECT user_uuid, outcome FROM unnest('{learner,teacher,admin}'::text[]) AS user_uuid,
    opigno.upsert_profile(user_uuid, 1, :'whole');

\echo -- each reads what it may see, by every function; the table shows whole documents only
PREPARE get AS SELECT profile_data FROM opigno.get_profile(opigno.request_user(), 1);
CREATE FUNCTION test.read_all() RETURNS SETOF text LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT 'get_profile ' || profile_data::text FROM opigno.get_profile(opigno.request_user(), 1)
    UNION ALL SELECT 'my_profiles ' || profile_data::text FROM opigno.my_profiles()
    UNION ALL SELECT 'list_profiles ' || profile_data::text FROM opigno.list_profiles(1)
    UNION ALL SELECT 'export_profiles ' || line FROM opigno.export_profiles(1) AS line
    UNION ALL SELECT 'view ' || profile_data::text FROM opigno.visible_profile
    UNION ALL SELECT 'table ' || profile_data::text FROM opigno.profile
$$;
GRANT EXECUTE ON FUNCTION test.read_all() TO regress_opigno_app;
SELECT count(opigno.test_request('learner', app_id => 1));
SET LOCAL ROLE regress_opigno_app;
SELECT test.read_all();
EXECUTE get;
\echo -- from the table neither a member, nor a row, nor what an expression or an index could tell
SELECT count(*), count(profile_data) FROM opigno.profile;
SELECT version > 0, profile_data -> 'pin' FROM opigno.profile WHERE user_uuid = 'learner' AND app_id = 1;
COPY (SELECT profile_data FROM opigno.profile) TO STDOUT;
COPY (SELECT profile_data FROM opigno.visible_profile) TO STDOUT;
DECLARE c CURSOR FOR SELECT profile_data FROM opigno.get_profile('learner', 1);
FETCH c;
CLOSE c;
RESET ROLE;
SELECT count(opigno.test_request('teacher', app_id => 1));
SET LOCAL ROLE regress_opigno_app;
SELECT profile_data FROM opigno.my_profiles();
RESET ROLE;
SELECT count(opigno.test_request('admin', app_id => 1));
SET LOCAL ROLE regress_opigno_app;
SELECT profile_data FROM opigno.my_profiles();
SELECT count(*) FROM opigno.profile;
RESET ROLE;
\echo -- a request can have fewer scopes than its user
SELECT count(opigno.test_request('admin', '{}', 1));
SET LOCAL ROLE regress_opigno_app;
SELECT profile_data FROM opigno.my_profiles();
RESET ROLE;

\echo -- operators and auditors see all
SET LOCAL ROLE regress_opigno_operator;
SELECT user_uuid, profile_data = :'whole' FROM opigno.list_profiles(1);
SELECT count(*) FROM opigno.profile;
SET LOCAL ROLE regress_opigno_auditor;
SELECT user_uuid, profile_data = :'whole' FROM opigno.list_profiles(1);
SELECT count(*) FROM opigno.profile;
RESET ROLE;
SELECT user_uuid, profile_data = :'whole' FROM opigno.get_profile('learner', 1);

\echo -- what a request writes: what it does not see is kept, what it may not write is refused
CREATE FUNCTION test.stored() RETURNS TABLE (nth bigint, profile_data text) LANGUAGE sql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    SELECT test.nth(version), profile_data::text FROM opigno.profile WHERE user_uuid = 'learner' AND app_id = 1
$$;
GRANT EXECUTE ON FUNCTION test.stored(), test.refusal(text) TO regress_opigno_app;
SELECT nth FROM test.stored();
SELECT count(opigno.test_request('learner', app_id => 1));
SET LOCAL ROLE regress_opigno_app;
SELECT outcome FROM opigno.upsert_profile('learner', 1, (SELECT profile_data FROM opigno.get_profile('learner', 1)));
SELECT outcome FROM opigno.upsert_profile('learner', 1,
    '{"name": "new", "credits": 5, "group": "g", "job": {"rank": 1}}');
SELECT * FROM test.stored();
SELECT outcome FROM opigno.patch_my_profile(1, '{"name": "again", "credits": 5.00, "job": {"at": "there"}}');
SELECT * FROM test.stored();
SELECT test.refusal($$SELECT opigno.upsert_profile('learner', 1, '{}')$$);
SELECT test.refusal($$SELECT opigno.patch_profile('learner', 1,
    '{"credits": 6, "note": null, "group": null, "audit": [1], "job": {"salary": 9, "rank": null}}')$$);
SELECT test.refusal($$SELECT opigno.patch_profile('learner', 1, '{"job": null}')$$);
SELECT test.refusal($$SELECT opigno.delete_profile('learner', 1)$$);
SELECT test.refusal($$SELECT opigno.delete_my_profile(1)$$);
SELECT * FROM test.stored();
\echo -- no answer tells whether a guess of what is not seen is right
SELECT test.refusal($$SELECT opigno.patch_profile('learner', 1, '{"note": "x"}')$$);
SELECT test.refusal($$SELECT opigno.patch_profile('learner', 1, '{"note": "y"}')$$);
SELECT outcome FROM opigno.patch_profile('learner', 1, '{"pin": 1}');
SELECT outcome FROM opigno.patch_profile('learner', 1, '{"pin": 1}');
SELECT outcome FROM opigno.upsert_profile('learner', 1,
    '{"name": "again", "pin": 1, "credits": 5, "group": "g", "job": {"rank": 1, "at": "there"}}');
SELECT outcome FROM opigno.patch_profile('learner', 1, '{"pin": null}');
SELECT * FROM test.stored();
RESET ROLE;
\echo -- a new profile
SELECT opigno.delete_profile('learner', 1), opigno.delete_profile('teacher', 1);
SELECT count(opigno.test_request('learner', app_id => 1));
SET LOCAL ROLE regress_opigno_app;
SELECT test.refusal($$SELECT opigno.create_my_profile(1, '{"credits": 1, "audit": null, "name": "n"}')$$);
SELECT outcome FROM opigno.create_my_profile(1, '{"name": "n", "pin": 1}');
SELECT opigno.delete_my_profile(1);
RESET ROLE;
SELECT count(opigno.test_request('teacher', app_id => 1));
SET LOCAL ROLE regress_opigno_app;
SELECT outcome FROM opigno.create_my_profile(1, '{"group": "mine", "note": "seen"}');
SELECT profile_data FROM opigno.my_profiles();
RESET ROLE;

\echo -- a whole document that only operators write, and defaults in places that requests may not write
SELECT outcome FROM opigno.set_profile_schema(1, '{"readOnly": true}');
SELECT outcome FROM opigno.set_profile_schema(2, '{"properties": {"credits": {"readOnly": true, "default": 0}}}',
    apply_defaults => true);
SELECT count(opigno.test_request('learner', app_id => 1));
SET LOCAL ROLE regress_opigno_app;
SELECT test.refusal($$SELECT opigno.create_my_profile(1, '{}')$$);
SELECT count(*) FROM opigno.my_profiles();
RESET ROLE;
SELECT count(opigno.test_request('learner', app_id => 2));
SET LOCAL ROLE regress_opigno_app;
SELECT outcome FROM opigno.create_my_profile(2, '{}');
SELECT profile_data FROM opigno.my_profiles(2);
RESET ROLE;

\echo -- a change of the schema holds for the next execution of a prepared statement, and in the same query
SELECT count(*) FROM opigno.upsert_profile('learner', 2, '{"pin": 1, "name": "n"}');
SELECT count(opigno.test_request('learner', app_id => 2));
PREPARE of_two AS SELECT profile_data FROM opigno.get_profile('learner', 2);
PREPARE of_table AS SELECT profile_data FROM opigno.profile WHERE user_uuid = 'learner' AND app_id = 2;
SET LOCAL plan_cache_mode = force_generic_plan;
SET LOCAL ROLE regress_opigno_app;
EXECUTE of_two;
EXECUTE of_table;
RESET ROLE;
SELECT outcome FROM opigno.set_profile_schema(2, '{"properties": {"pin": {"writeOnly": true}}}');
SET LOCAL ROLE regress_opigno_app;
EXECUTE of_two;
EXECUTE of_table;
RESET ROLE;
SELECT outcome FROM opigno.set_profile_schema(2, 'true', 'warn');
SET LOCAL ROLE regress_opigno_app;
EXECUTE of_two;
RESET ROLE;
SELECT opigno.drop_profile_schema(2);
SELECT outcome FROM opigno.set_profile_schema(2, '{"properties": {"pin": {"writeOnly": true}}}', 'warn');
SET LOCAL ROLE regress_opigno_app;
EXECUTE of_two;
EXECUTE of_table;
RESET ROLE;
DEALLOCATE ALL;

\echo -- an error does not tell of members that the request does not see, but of what the request has given
SELECT outcome FROM opigno.set_profile_schema(2, 'true');
SELECT outcome FROM opigno.upsert_profile('learner', 2,
    '{"name": "n", "note": {"diagnosis": 1}, "salary": 900, "pin": 12345}');
SELECT outcome FROM opigno.set_profile_schema(2, '{"properties": {"name": {"maxLength": 3},
    "note": {"x-opigno-read": [], "additionalProperties": false},
    "salary": {"x-opigno-read": ["STAFF"], "maximum": 500}, "pin": {"writeOnly": true, "maximum": 9999}}}');
SELECT count(opigno.test_request('learner', app_id => 2));
SET LOCAL ROLE regress_opigno_app;
SELECT test.refusal($$SELECT opigno.patch_my_profile(2, '{"name": "long"}')$$);
SELECT opigno.explain_patch('learner', 2, '{"pin": 10000}') -> 'errors';
RESET ROLE;
ROLLBACK;

\echo -- two requests in one message: each has the scopes of its own
BEGIN;
SELECT count(opigno.set_user_context(uuid, uuid, true)) FROM unnest('{one,two}'::text[]) AS uuid;
SELECT count(opigno.register_app('App', app_id => 0)), count(opigno.register_scope('STAFF', description => 'staff'));
SELECT count(opigno.set_user_scopes('one', '{STAFF}'));
SELECT outcome FROM opigno.set_profile_schema(0, '{"properties": {"secret": {"x-opigno-read": ["STAFF"]}}}');
SELECT count(opigno.upsert_profile(uuid, 0, '{"secret": 1}')) FROM unnest('{one,two}'::text[]) AS uuid;
CREATE ROLE regress_opigno_app;
SELECT opigno.grant_access('regress_opigno_app', 'user');
COMMIT;
CREATE TABLE test.seen (n serial, user_uuid text, profile_data jsonb);
GRANT USAGE ON SCHEMA test TO regress_opigno_app;
GRANT INSERT ON test.seen TO regress_opigno_app;
GRANT USAGE ON SEQUENCE test.seen_n_seq TO regress_opigno_app;
BEGIN \; SELECT opigno.test_request('one', app_id => 0) \; SET LOCAL ROLE regress_opigno_app \;
    INSERT INTO test.seen (user_uuid, profile_data) SELECT user_uuid, profile_data FROM opigno.my_profiles() \;
    COMMIT \;
BEGIN \; COMMIT \;
BEGIN \; SELECT opigno.test_request('two', app_id => 0) \; SET LOCAL ROLE regress_opigno_app \;
    INSERT INTO test.seen (user_uuid, profile_data) SELECT user_uuid, profile_data FROM opigno.my_profiles() \;
    COMMIT \;
BEGIN \; SELECT opigno.test_request('one', app_id => 0) \; SET LOCAL ROLE regress_opigno_app \;
    INSERT INTO test.seen (user_uuid, profile_data) SELECT user_uuid, profile_data FROM opigno.my_profiles() \;
    COMMIT;
SELECT user_uuid, profile_data FROM test.seen ORDER BY n;
DROP TABLE test.seen;
DELETE FROM opigno.profile;
DELETE FROM opigno.app_schema;
DELETE FROM opigno.app;
DELETE FROM opigno.user_context;
DELETE FROM opigno.site_scope;
DELETE FROM opigno.audit;
SELECT opigno.revoke_access('regress_opigno_app');
DROP OWNED BY regress_opigno_app;
DROP ROLE regress_opigno_app;
