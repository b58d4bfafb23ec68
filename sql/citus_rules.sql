-- The rules that let Citus distribute the tables by user: docs/decisions/0026-citus.md.
BEGIN;
-- Policies have no sub-select.
SELECT p.tablename, p.policyname FROM pg_policies AS p
WHERE p.schemaname = 'opigno' AND concat(p.qual, p.with_check) ~* '\mselect\M';
-- The kind of each table with users. Those that are not distributed have a key without the user, another unique key,
-- or a foreign key to another user.
SELECT k.kind, string_agg(k.table_name, ', ' ORDER BY k.table_name COLLATE "C") AS tables
FROM opigno.citus_table AS k JOIN opigno.table_placement AS p ON p.table_name = k.table_name
WHERE p.placement = 'users' GROUP BY k.kind ORDER BY k.kind;
-- Primary and unique keys of distributed tables begin with the user.
SELECT i.indexrelid::regclass FROM opigno.citus_table AS k
    JOIN pg_class AS c ON c.relname = k.table_name AND c.relnamespace = 'opigno'::regnamespace
    JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisunique
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = k.key_column
WHERE k.kind = 'distributed' AND i.indkey[0] <> a.attnum;
-- Their foreign keys refer to the rows of the same user, or to a table that is on every node.
SELECT f.conname FROM pg_constraint AS f
    JOIN pg_class AS c ON c.oid = f.conrelid AND c.relnamespace = 'opigno'::regnamespace
    JOIN pg_class AS r ON r.oid = f.confrelid
    JOIN opigno.citus_table AS k ON k.table_name = c.relname
    JOIN opigno.citus_table AS t ON t.table_name = r.relname
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = k.key_column
WHERE f.contype = 'f' AND k.kind = 'distributed' AND t.kind <> 'reference'
    AND NOT (t.kind = 'distributed' AND f.conkey[1] = a.attnum);
-- The only foreign key that opigno.distribute() leaves out.
SELECT f.conname FROM pg_constraint AS f
    JOIN pg_class AS c ON c.oid = f.conrelid JOIN pg_class AS r ON r.oid = f.confrelid
    JOIN opigno.citus_table AS k ON k.table_name = c.relname
    JOIN opigno.citus_table AS t ON t.table_name = r.relname
WHERE f.contype = 'f' AND f.connamespace = 'opigno'::regnamespace
    AND k.kind <> 'distributed' AND t.kind = 'distributed';
-- Keys by which tables are split are of one domain. opigno.distribute() moves its CHECK to user_context.
SELECT DISTINCT a.atttypid::regtype FROM opigno.citus_table AS k
    JOIN pg_class AS c ON c.relname = k.table_name AND c.relnamespace = 'opigno'::regnamespace
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = k.key_column
WHERE k.kind = 'distributed';
-- No row triggers.
SELECT t.tgname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'opigno'::regnamespace AND NOT t.tgisinternal;
-- Every SQL function over a distributed table gets another body, but one.
SELECT DISTINCT p.proname FROM pg_depend AS d
    JOIN pg_proc AS p ON p.oid = d.objid AND d.classid = 'pg_proc'::regclass
    JOIN pg_class AS c ON c.oid = d.refobjid AND d.refclassid = 'pg_class'::regclass
WHERE c.relnamespace = 'opigno'::regnamespace
    AND (c.relname = 'visible_profile'
         OR c.relname IN (SELECT k.table_name FROM opigno.citus_table AS k WHERE k.kind = 'distributed'))
    AND p.proname NOT IN (SELECT r.function_name FROM opigno.citus_read AS r);

-- Without Citus there is nothing to distribute over.
SELECT test.refusal('CALL opigno.distribute()');
CREATE ROLE regress_opigno_app;
SELECT opigno.grant_access('regress_opigno_app', 'user');
SET ROLE regress_opigno_app;
SELECT test.refusal('CALL opigno.distribute()');
RESET ROLE;

-- What the functions read after that: the same as before, here over tables that are not distributed.
SELECT FROM opigno.register_app('App', app_id => 1);
SELECT count(*) FROM generate_series(1, 3) AS n,
    opigno.set_user_context('u' || n, 'User ' || n, n <> 3, 'AUTHENTICATED');
SELECT count(*) FROM generate_series(1, 3) AS n, opigno.upsert_profile('u' || n, 1, '{"n": 1}');
SELECT FROM opigno.set_training('t', 'Training');
SELECT FROM opigno.report_progress('u1', 't', 'passed', 100, 5);
SELECT FROM opigno.upsert_training_profile('t', 1, '{"n": 1}');
SELECT FROM opigno.configure_extended_profile_field('bio', placement => 'account');
SELECT FROM opigno.configure_extended_profile_field('goals');
SELECT FROM opigno.patch_account('u1', '{"bio": "b", "extended_profile": [{"field_name": "goals",
    "field_value": null}]}');
SELECT FROM opigno.patch_account('u2', '{"extended_profile": [{"field_name": "goals", "field_value": {"a": 1}}]}');
SELECT opigno.set_preference('u2', 'a', 'b'), opigno.set_preference('u3', 'c', 'd');
CREATE FUNCTION test.as_on_citus(call text) RETURNS TABLE (is_same boolean, row_count bigint) LANGUAGE plpgsql AS $$
DECLARE
    name text := substring(call FROM '^\w+');
    here text;
    there text;
BEGIN
    EXECUTE format('SELECT count(*), string_agg(t::text, E''\n'') FROM opigno.%s AS t', call) INTO row_count, here;
    EXECUTE (SELECT format('CREATE OR REPLACE FUNCTION test.%I(%s) RETURNS %s LANGUAGE sql STABLE AS %L', name,
        pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), r.body)
        FROM opigno.citus_read AS r JOIN pg_proc AS p ON p.proname = r.function_name
            AND p.pronamespace = 'opigno'::regnamespace WHERE r.function_name = name);
    EXECUTE format('SELECT string_agg(t::text, E''\n'') FROM test.%s AS t', call) INTO there;
    is_same := here IS NOT DISTINCT FROM there;
    RETURN NEXT;
END $$;
SELECT call, t.* FROM unnest('{"get_profile(''U1'', 1)","get_profile(''u1'', 1)","get_profile(''u1'', NULL)",
    "list_profiles(1)","list_profiles(1, ''u1'', 1)","list_profiles(NULL)","export_profiles(1)",
    "export_profiles(1, ''u2'')","get_user_context(''u3'')","get_user_context(NULL)","list_user_contexts()",
    "list_user_contexts(''u1'', 1, true)","list_user_contexts(scope => ''ANONYMOUS'')",
    "list_user_contexts_before(''u3'')","count_user_contexts(true)","export_user_contexts(''u1'', 1)",
    "get_progress(''u1'')","get_progress(''u1'', ''other'')","list_progress(''t'')",
    "list_progress(''t'', status => ''failed'')","export_accounts()",
    "export_accounts(''U1'', 1)","get_training_profile(''t'', 1)","get_training_profile(''t'', NULL)",
    "get_training_profile(NULL, 1)","list_training_profiles(1)","list_training_profiles(NULL)",
    "list_training_profiles(1, ''t'')"}'::text[]) WITH ORDINALITY AS c (call, n), test.as_on_citus(call) AS t
ORDER BY n;
-- In a request, too.
SAVEPOINT request;
SELECT opigno.test_request('u1', app_id => 1);
SET LOCAL ROLE regress_opigno_app;
SELECT user_uuid, profile_data FROM test.list_profiles(1);
SELECT uuid FROM test.list_user_contexts();
SELECT count(*) FROM test.get_profile('u2', 1);
SELECT count(*) FROM test.get_progress('u1');
ROLLBACK TO request;
-- What it refuses.
SELECT test.refusal($$SELECT FROM opigno.distributed_rows('other', '{}') AS r (a text)$$);
SELECT test.refusal($$SELECT FROM opigno.distributed_rows('profile', '{u1}') AS r (a text)$$);
SELECT test.refusal($$SELECT FROM opigno.distributed_rows('profile', '{u1,NULL}') AS r (a integer)$$);
SELECT test.refusal($$SELECT opigno.distributed_rows('profile', '{u1,NULL}')$$);
SELECT test.refusal($$SELECT FROM opigno.list_user_contexts(max_rows => -1)$$);
SELECT test.refusal($$SELECT FROM test.list_user_contexts(max_rows => -1)$$);
ROLLBACK;
