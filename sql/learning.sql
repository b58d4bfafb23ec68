-- The level learning: trainings and progress by uuid, and nothing else of a user. Tables, views and functions are
-- those of the catalogue, so what is added later is tested too.
CREATE ROLE regress_opigno_learning;
SELECT opigno.grant_access('regress_opigno_learning', 'learning');
SELECT app_id FROM opigno.register_app('Shop', app_id => 0);
SELECT uuid FROM opigno.set_user_context('ann', 'hush name', true, 'AUTHENTICATED');
SELECT outcome FROM opigno.upsert_profile('ann', 0, '{"note": "hush note"}');
SELECT opigno.set_preference('ann', 'theme', 'hush theme');
SELECT opigno.configure_extended_profile_field('city', visibility => 'shared') \g /dev/null
SELECT opigno.patch_account('ann', '{"extended_profile":[{"field_name":"city","field_value":"hush city"}]}')
    \g /dev/null
SELECT title FROM opigno.set_training('course', 'Course');
SELECT status FROM opigno.report_progress('ann', 'course', 'in_progress', 50);
SELECT outcome FROM opigno.upsert_training_profile('course', 0, '{"room": "course room"}');
SELECT outcome FROM opigno.set_profile_schema(0, '{"properties": {"hush": {}}}');
SELECT outcome FROM opigno.set_training_profile_schema(0, '{"properties": {"course": {}}}');
CREATE TABLE test.badge (of_user text PRIMARY KEY, badge text);
INSERT INTO test.badge VALUES ('ann', 'hush badge');
SELECT opigno.attach_entity_table('test.badge', 'badges', user_column => 'of_user') \g /dev/null
CREATE VIEW test.member AS
    SELECT d.classid, d.objid FROM pg_depend AS d JOIN pg_extension AS e ON d.refobjid = e.oid
    WHERE e.extname = 'opigno_profiles' AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e';

/* What the level sees by a query: its rows as text, or the refusal. What it changes is undone. */
CREATE FUNCTION test.seen(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    seen text;
    detail text;
    hint text;
    context text;
BEGIN
    SET LOCAL ROLE regress_opigno_learning;
    EXECUTE query INTO seen;
    RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = coalesce(seen, '');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT;
    RETURN concat_ws(' ', SQLSTATE, SQLERRM, detail, hint, context);
END $$;

\echo -- tables and views: those that it may read, and none of them shows a secret
CREATE TABLE test.seen_in_table AS
    SELECT c.relname AS name,
        test.seen(format('SELECT string_agg(t::text, '' '') FROM %s AS t', c.oid::regclass)) AS seen
    FROM pg_class AS c JOIN test.member AS m ON m.objid = c.oid AND m.classid = 'pg_class'::regclass
    WHERE c.relkind IN ('r', 'v');
SELECT name, seen ~ 'course' AS has_course, seen ~ 'ann' AS has_uuid, seen ~ 'hush' AS has_secret
FROM test.seen_in_table WHERE seen !~ '^42501' ORDER BY name COLLATE "C";
SELECT name FROM test.seen_in_table WHERE seen ~ 'hush';

\echo -- functions: every one that it may execute, called about ann, and none of them tells a secret
CREATE FUNCTION test.call_of(function oid) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT string_agg(t::text, '' '') FROM %s(%s) AS t', p.oid::regproc, (
        SELECT string_agg(CASE
            WHEN n > p.pronargs - p.pronargdefaults AND type <> 'text'::regtype THEN 'NULL'
            WHEN type = 'text[]'::regtype THEN '''{ann}'''
            WHEN type IN ('jsonb'::regtype, 'json'::regtype) THEN '''{}'''
            WHEN type IN ('integer'::regtype, 'bigint'::regtype, 'numeric'::regtype) THEN '0'
            WHEN type = 'text'::regtype AND p.proargnames[n] ~ 'training' THEN '''course'''
            WHEN type = 'text'::regtype AND p.proargnames[n] ~ 'user|uuid' THEN '''ann'''
            WHEN type = 'text'::regtype AND n <= p.pronargs - p.pronargdefaults THEN '''ann'''
            ELSE 'NULL' END || '::' || format_type(type, NULL), ', ' ORDER BY n)
        FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a (type, n)))
    FROM pg_proc AS p WHERE p.oid = function
$$;
CREATE TABLE test.told AS
    SELECT p.proname AS name, test.call_of(p.oid) AS call, test.seen(test.call_of(p.oid)) AS told
    FROM pg_proc AS p JOIN test.member AS m ON m.objid = p.oid AND m.classid = 'pg_proc'::regclass
    WHERE p.prokind = 'f' AND has_function_privilege('regress_opigno_learning', p.oid, 'EXECUTE');
SELECT name, left(told, 5) AS sqlstate, told ~ 'hush' AS has_secret FROM test.told ORDER BY name COLLATE "C";
SELECT call FROM test.told WHERE told ~ 'hush';

\echo -- the control: an operator is told the secrets by the same kind of call
CREATE FUNCTION test.told_to_owner(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    told text;
BEGIN
    EXECUTE query INTO told;
    RETURN told;
END $$;
SELECT p.proname FROM pg_proc AS p JOIN test.member AS m ON m.objid = p.oid AND m.classid = 'pg_proc'::regclass
WHERE p.proname IN ('get_user_context', 'get_profile', 'get_account', 'get_preferences', 'user_entities',
    'get_user_bundle') AND test.told_to_owner(test.call_of(p.oid)) ~ 'hush' ORDER BY p.proname COLLATE "C";

DROP FUNCTION test.seen, test.call_of, test.told_to_owner;
DROP TABLE test.seen_in_table, test.told, test.badge;
DROP VIEW test.member;
DROP OWNED BY regress_opigno_learning;
DROP ROLE regress_opigno_learning;
DELETE FROM opigno.entity_table;
DELETE FROM opigno.training_standing;
DELETE FROM opigno.training_progress;
DELETE FROM opigno.training_profile;
DELETE FROM opigno.app_schema;
DELETE FROM opigno.training;
DELETE FROM opigno.profile;
DELETE FROM opigno.app;
DELETE FROM opigno.account;
DELETE FROM opigno.preference;
DELETE FROM opigno.extended_profile_field;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
