-- Profiles from a staging table that \copy has filled, by an operator: in one transaction, or in batches that commit.
SELECT count(opigno.set_user_context(uuid, uuid, true))
FROM unnest(ARRAY['a', 'b', 'c', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee']) AS uuid;
SELECT app_id FROM opigno.register_app('App', app_id => 1);
CREATE ROLE regress_opigno_loader;
SELECT opigno.grant_access('regress_opigno_loader', 'operator');
CREATE VIEW test.profiles AS SELECT user_uuid, app_id, profile_data, test.nth(version) AS version
    FROM opigno.profile ORDER BY 1, 2;
GRANT USAGE, CREATE ON SCHEMA test TO regress_opigno_loader;
GRANT SELECT ON test.profiles TO regress_opigno_loader;
SET ROLE regress_opigno_loader;
SET search_path = test;

\echo -- NDJSON with psql: the text format of copy eats backslashes, this CSV does not
\set lines `printf '%s\n' '{"user_id":"a","app_id":1,"profile_data":{"path":"C:\\tab\there","quote":"\"","comma":"x,y"}}' '' '{"user_id":"17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE","app_id":1,"profile_data":"\u005d"}'`
\echo :lines
CREATE TABLE staged (ordinal bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, line text);
\copy staged (line) FROM PROGRAM 'printf ''%s\n'' ''{"user_id":"a","app_id":1,"profile_data":{"path":"C:\\tab\there","quote":"\"","comma":"x,y"}}'' '''' ''{"user_id":"17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE","app_id":1,"profile_data":"\u005d"}''' WITH (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')
SELECT ordinal, line FROM staged;
SELECT string_agg(line, E'\n' ORDER BY ordinal) IS NOT DISTINCT FROM :'lines' AS is_as_the_file
FROM (SELECT ordinal, coalesce(line, '') AS line FROM staged) AS s;
CREATE TABLE staged_as_text (LIKE staged INCLUDING ALL);
\copy staged_as_text (line) FROM PROGRAM 'printf ''%s\n'' ''{"user_id":"a","app_id":1,"profile_data":{"path":"C:\\tab\there","quote":"\"","comma":"x,y"}}'''
SELECT line AS eaten FROM staged_as_text;
SELECT opigno.load_profiles('staged', dry_run => true);
SELECT opigno.load_profiles('staged');
SELECT * FROM profiles;
SELECT opigno.load_profiles('staged', 'skip', max_errors => 0);

\echo -- columns, as CSV has them: every fault by ordinal and place
CREATE TABLE "Staged CSV" (ordinal bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id text, app_id text,
    profile_data text);
\copy "Staged CSV" (user_id, app_id, profile_data) FROM PROGRAM 'printf ''%s\n'' user_id,app_id,profile_data ''b,1,"{""n"": 1.10}"'' ''c, 1 ,null'' ''nobody,7,1'' '',,'' ''a,one,{'' ''"",-1,"""\u0000"""'' ''a,"1, ""user_id"": ""b""",2''' WITH (FORMAT csv, HEADER)
SELECT json_array_length(answer -> 'errors') AS errors, answer -> 'failed' AS failed, answer -> 'response' AS response
FROM opigno.load_profiles('"Staged CSV"', on_error => 'report', max_errors => 3, keep_lines => true) AS answer;
SELECT staging, ordinal, user_uuid, app_id, code, path, message, line FROM opigno.bulk_error ORDER BY id;
SELECT * FROM profiles;
\echo -- a load of some of the rows replaces the errors of those
SELECT answer -> 'failed' AS failed, answer -> 'response' -> 'last_ordinal' AS last_ordinal
FROM opigno.load_profiles('"Staged CSV"', 'skip', 'report', after_ordinal => 2, max_rows => 2) AS answer;
SELECT ordinal, count(*), count(line) AS lines FROM opigno.bulk_error GROUP BY ordinal ORDER BY ordinal;
RESET ROLE;
SELECT count(*) > 0 AS owner_sees_errors FROM opigno.bulk_error;
UPDATE opigno.bulk_error SET expires_at = now() WHERE ordinal < 6;
SET ROLE regress_opigno_loader;
SELECT DISTINCT ordinal FROM opigno.bulk_error ORDER BY 1;
SELECT answer -> 'failed' AS failed FROM opigno.load_profiles('staged', 'skip') AS answer;
RESET ROLE;
SELECT DISTINCT ordinal FROM opigno.bulk_error ORDER BY 1;
SELECT opigno.grant_access('regress_opigno_loader', 'auditor');
CREATE ROLE regress_opigno_other_loader;
SELECT opigno.grant_access('regress_opigno_other_loader', 'operator');
SET ROLE regress_opigno_other_loader;
SELECT count(*) AS of_another FROM opigno.bulk_error;

\echo -- the rights of the caller on the table decide, not of the owner; tables without the columns; arguments
SELECT call, r
FROM unnest(ARRAY[$$load_profiles('test.staged')$$, $$load_profiles('test.staged', trust_owner => true)$$,
    $$load_profiles('nowhere')$$, $$load_profiles('pg_catalog.pg_class')$$, $$load_profiles('a.b.c.d')$$,
    $$load_profiles(NULL, 'ignore', max_rows => 0)$$]) WITH ORDINALITY AS c (call, n),
    LATERAL test.refusal('SELECT opigno.' || call) AS r ORDER BY n;
RESET ROLE;
SELECT r FROM test.refusal($$SELECT opigno.load_profiles('test.profiles')$$) AS r;

\echo -- in batches: what is left in the table is what has failed, and can be mended
GRANT CREATE ON SCHEMA test TO regress_opigno_other_loader;
SET ROLE regress_opigno_other_loader;
CREATE TABLE many (ordinal bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, line text);
INSERT INTO many (line) SELECT CASE WHEN n % 100 = 50 THEN '{' WHEN n % 40 = 1 THEN ' '
    ELSE format('{"user_id":"m%s","app_id":1,"profile_data":{"n":%s}}', n % 500, n) END
FROM generate_series(1, 1000) AS n;
CALL opigno.load_profiles_in_batches('many', 'merge', create_missing_users => true, batch_rows => 90);
SELECT count(*), count(*) FILTER (WHERE line = '{') AS malformed, min(ordinal) FROM many;
SELECT count(*), min(ordinal), max(ordinal), min(code) FROM opigno.bulk_error WHERE staging = 'test.many';
SELECT count(*), sum(nth), sum((profile_data ->> 'n')::integer) FROM (SELECT user_uuid, profile_data,
    version - min(version) OVER (PARTITION BY created_at) + 1 AS nth FROM opigno.profile) AS p
WHERE user_uuid LIKE 'm%';
UPDATE many SET line = replace('{"user_id":"m50","app_id":1,"profile_data":{"mended":true}}', '50',
    (ordinal % 500)::text);
CALL opigno.load_profiles_in_batches('many', 'merge', create_missing_users => true);
SELECT count(*) FROM many;
SELECT count(*) FROM opigno.bulk_error WHERE staging = 'test.many';
CALL opigno.load_profiles_in_batches('many');
\echo -- where it cannot commit: refused before any work
CREATE TABLE one (ordinal bigint PRIMARY KEY, line text);
INSERT INTO one VALUES (1, '{"user_id":"a","app_id":1,"profile_data":"of one"}');
BEGIN;
CALL opigno.load_profiles_in_batches('one', 'replace', batch_rows => 0);
ROLLBACK;
CREATE PROCEDURE call_it() LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    CALL opigno.load_profiles_in_batches('one', 'replace', NULL, NULL, NULL, NULL, NULL, n, n, n, n, n, n, n, n);
END $$;
CREATE FUNCTION function_calls_it() RETURNS void LANGUAGE plpgsql AS 'BEGIN CALL call_it(); END';
DO $$
DECLARE
    place text;
    detail text;
BEGIN
    FOREACH place IN ARRAY ARRAY['SELECT test.function_calls_it()', 'CALL test.call_it()'] LOOP
        BEGIN
            EXECUTE place;
        EXCEPTION WHEN active_sql_transaction THEN
            GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
            RAISE NOTICE '%: %: %', place, SQLERRM, detail;
        END;
    END LOOP;
END $$;
SELECT count(*) AS left_over FROM one;
SELECT count(*) AS loaded FROM opigno.profile WHERE profile_data = '"of one"';
\echo -- a procedure that may commit can call it; its results are written to variables
DO $$
DECLARE
    all_received bigint;
    n bigint;
    all_replaced bigint;
BEGIN
    CALL opigno.load_profiles_in_batches('one', 'replace', received => all_received, created => n,
        replaced => all_replaced, merged => n, unchanged => n, skipped => n, users_created => n, failed => n);
    RAISE NOTICE '% received, % replaced', all_received, all_replaced;
END $$;
SELECT opigno.may_commit() AS in_a_query;
DROP PROCEDURE call_it;
DROP FUNCTION function_calls_it;
DROP TABLE one;
\echo -- two rows for one key, by size of the batches: last with replace gives the same in each
CREATE TABLE twice (ordinal bigint PRIMARY KEY, line text);
CREATE PROCEDURE stage_twice() LANGUAGE sql AS $$
    DELETE FROM twice;
    INSERT INTO twice SELECT n, format('{"user_id":"b","app_id":1,"profile_data":{"n":%s}}', n)
    FROM generate_series(1, 5) AS n;
    INSERT INTO twice VALUES (6, '{"user_id":"b","app_id":1,"profile_data":{"n":5}}'),
        (7, '{"user_id":"b","app_id":1}'); $$;
CALL stage_twice();
CALL opigno.load_profiles_in_batches('twice', 'replace', batch_rows => 3);
SELECT profile_data FROM opigno.get_profile('b', 1);
SELECT ordinal FROM twice ORDER BY 1;
CALL stage_twice();
CALL opigno.load_profiles_in_batches('twice', 'replace', batch_rows => 3, on_duplicate => 'last');
SELECT profile_data FROM opigno.get_profile('b', 1);
SELECT ordinal FROM twice ORDER BY 1;
CALL stage_twice();
CALL opigno.load_profiles_in_batches('twice', 'replace', on_duplicate => 'last');
SELECT profile_data FROM opigno.get_profile('b', 1);
CALL stage_twice();
CALL opigno.load_profiles_in_batches('twice', 'skip', batch_rows => 3, on_duplicate => 'last');
SELECT profile_data FROM opigno.get_profile('b', 1);
CALL opigno.load_profiles_in_batches('twice', on_duplicate => 'first');
CALL opigno.load_in_batches('animals', 'twice');
INSERT INTO twice VALUES (-9223372036854775807, '{"user_id":"b","app_id":1,"profile_data":"least"}'),
    (9223372036854775807, '{"user_id":"b","app_id":1,"profile_data":"greatest"}');
SELECT opigno.load_profiles('twice', 'replace', 'report', on_duplicate => 'last') -> 'response' AS response;
SELECT profile_data FROM opigno.get_profile('b', 1);
DROP TABLE twice;
DROP PROCEDURE stage_twice;
CALL opigno.load_profiles_in_batches('profiles');
CALL opigno.load_profiles_in_batches('many', batch_rows => 0);
CALL opigno.load_profiles_in_batches(NULL);
CALL opigno.load_profiles_in_batches('many', 'ignore');
RESET ROLE;

\echo -- ordinals: 0 and negative ones are as good as others, but each is there once and none is missing
CREATE TABLE test.zero (ordinal integer PRIMARY KEY, line text);
INSERT INTO test.zero VALUES (0, '{'), (-1, '{"user_id":"b","app_id":1,"profile_data":"zero"}'),
    (1, '{"user_id":"c","app_id":1,"profile_data":1}'), (2, '{"user_id":"c","app_id":1,"profile_data":2}');
SELECT opigno.load_profiles('test.zero', 'replace');
SELECT opigno.load_profiles('test.zero', 'replace', after_ordinal => 2) -> 'response' -> 'last_ordinal' AS last_ordinal;
CREATE TABLE test.twice (ordinal bigint, line text);
CREATE TABLE test.fraction (ordinal numeric PRIMARY KEY, line text);
CREATE TABLE test.part (ordinal bigint NOT NULL, line text);
CREATE UNIQUE INDEX ON test.part (ordinal) WHERE ordinal > 7;
CREATE TABLE test.nullable (ordinal bigint UNIQUE, line text);
SELECT t, (SELECT r FROM test.refusal(format('SELECT opigno.load_profiles(%L)', t)) AS r LIMIT 1)
FROM unnest(ARRAY['test.twice', 'test.fraction', 'test.part', 'test.nullable', 'test.profiles']) AS t;
DROP TABLE test.zero, test.twice, test.fraction, test.part, test.nullable;
CREATE TABLE test.document (ordinal bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, line jsonb);
INSERT INTO test.document (line) VALUES ('{"user_id":"b","app_id":1,"profile_data":"from jsonb"}'),
    ('{"user_id":"b","app_id":1,"profile_data":1,"a member of my own":2}');
SELECT opigno.load_profiles('test.document', 'replace', 'report');
SELECT ordinal, path, message, line FROM opigno.bulk_error WHERE staging = 'test.document';

\echo -- what cannot be taken out of the staging table is not loaded
CREATE FUNCTION test.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER keep BEFORE DELETE ON test.document FOR EACH ROW EXECUTE FUNCTION test.keep();
UPDATE opigno.profile SET profile_data = '"before"' WHERE user_uuid = 'b';
CALL opigno.load_profiles_in_batches('test.document', 'replace');
SELECT profile_data FROM opigno.get_profile('b', 1);
DROP TABLE test.document;
DROP FUNCTION test.keep;

\echo -- exactly the rows that were loaded are taken out, blank ones too: what else a policy, trigger or child holds
\echo -- back or changes is an error, and nothing is loaded or lost
CREATE PROCEDURE test.stage() LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM opigno.profile;
    DROP TABLE IF EXISTS test.exact CASCADE;
    CREATE TABLE test.exact (ordinal bigint PRIMARY KEY, line text);
    INSERT INTO test.exact VALUES (1, '{"user_id":"a","app_id":1,"profile_data":1}'), (2, E' \t\r\n'),
        (3, '{"user_id":"b","app_id":1,"profile_data":3}'), (4, NULL),
        (5, '{"user_id":"c","app_id":1,"profile_data":5}'), (6, '{');
END $$;
CREATE FUNCTION test.state() RETURNS TABLE (loaded text, left_over text) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT (SELECT string_agg(profile_data::text, ' ' ORDER BY user_uuid) FROM opigno.profile),
        (SELECT string_agg(ordinal || coalesce(nullif(' ' || left(translate(line, E'\t\r\n', ''), 7), ' '), ''), ', '
            ORDER BY ordinal) FROM test.exact);
END $$;
CALL test.stage();
CALL opigno.load_profiles_in_batches('test.exact', batch_rows => 2);
SELECT * FROM test.state();
\echo -- a child, whose ordinals the index does not cover
CALL test.stage();
CREATE TABLE test.child () INHERITS (test.exact);
INSERT INTO test.child VALUES (1, '{"user_id":"c","app_id":1,"profile_data":"of the child"}');
CALL opigno.load_profiles_in_batches('test.exact');
SELECT opigno.load_profiles('test.exact');
SELECT * FROM test.state();
CREATE UNIQUE INDEX ON test.child (ordinal);
ALTER TABLE test.child ALTER ordinal SET NOT NULL;
CALL opigno.load_profiles_in_batches('test.child');
SELECT * FROM test.state();
\echo -- a trigger or a policy that keeps rows in the table, which blank ones made up for
CALL test.stage();
CREATE FUNCTION test.keep_some() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RETURN CASE WHEN OLD.ordinal NOT IN (1, 3) THEN OLD END; END';
CREATE TRIGGER keep BEFORE DELETE ON test.exact FOR EACH ROW EXECUTE FUNCTION test.keep_some();
CALL opigno.load_profiles_in_batches('test.exact');
SELECT * FROM test.state();
CALL test.stage();
ALTER TABLE test.exact ENABLE ROW LEVEL SECURITY;
ALTER TABLE test.exact OWNER TO regress_opigno_loader;
ALTER TABLE test.exact FORCE ROW LEVEL SECURITY;
CREATE POLICY reading ON test.exact USING (true);
CREATE POLICY deleting ON test.exact AS RESTRICTIVE FOR DELETE USING (ordinal NOT IN (1, 3));
SET ROLE regress_opigno_loader;
CALL opigno.load_profiles_in_batches('test.exact');
RESET ROLE;
SELECT * FROM test.state();
\echo -- a policy that hides a row from the load only
CREATE SEQUENCE test.look;
GRANT USAGE ON test.look TO regress_opigno_loader;
CREATE POLICY hiding ON test.exact AS RESTRICTIVE FOR SELECT USING (ordinal <> 3 OR nextval('test.look') > 1);
DROP POLICY deleting ON test.exact;
SET ROLE regress_opigno_loader;
CALL opigno.load_profiles_in_batches('test.exact');
RESET ROLE;
SELECT * FROM test.state();
\echo -- triggers that change rows between reading and deleting: of profiles and of the table itself
CALL test.stage();
CREATE FUNCTION test.change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$BEGIN UPDATE test.exact SET line = 'changed' WHERE ordinal = 3; RETURN NEW; END$$;
CREATE TRIGGER change BEFORE INSERT ON opigno.profile FOR EACH ROW WHEN (NEW.user_uuid = 'c')
    EXECUTE FUNCTION test.change();
CALL opigno.load_profiles_in_batches('test.exact');
SELECT * FROM test.state();
CREATE OR REPLACE FUNCTION test.change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN
    UPDATE test.exact SET ordinal = 7 WHERE ordinal = 6;
    UPDATE test.exact SET ordinal = 6 WHERE ordinal = 1;
    RETURN NEW; END$$;
CALL opigno.load_profiles_in_batches('test.exact');
SELECT * FROM test.state();
DROP TRIGGER change ON opigno.profile;
CREATE TRIGGER change BEFORE DELETE ON test.exact FOR EACH ROW WHEN (OLD.ordinal = 1) EXECUTE FUNCTION test.change();
CREATE OR REPLACE FUNCTION test.change() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$BEGIN UPDATE test.exact SET line = 'changed' WHERE ordinal = 3; RETURN OLD; END$$;
CALL opigno.load_profiles_in_batches('test.exact');
SELECT * FROM test.state();
\echo -- what a trigger inserts is loaded with what is behind it, or left
CALL test.stage();
CREATE FUNCTION test.add() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
    INSERT INTO test.exact
        VALUES (-1, '{"user_id":"x","app_id":1}'), (7, '{"user_id":"b","app_id":1,"profile_data":7}');
    RETURN NULL; END$$;
CREATE TRIGGER add AFTER DELETE ON test.exact FOR EACH ROW WHEN (OLD.ordinal = 3) EXECUTE FUNCTION test.add();
CALL opigno.load_profiles_in_batches('test.exact', 'replace', batch_rows => 3);
SELECT * FROM test.state();
\echo -- a trigger or a cascade that deletes rows which nobody has loaded
CALL test.stage();
CREATE FUNCTION test.delete_more() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN DELETE FROM test.exact WHERE ordinal = 5; RETURN NULL; END$$;
CREATE TRIGGER delete_more AFTER DELETE ON test.exact FOR EACH ROW WHEN (OLD.ordinal = 3)
    EXECUTE FUNCTION test.delete_more();
CALL opigno.load_profiles_in_batches('test.exact', batch_rows => 2);
SELECT * FROM test.state();
DROP TRIGGER delete_more ON test.exact;
ALTER TABLE test.exact ADD parent bigint REFERENCES test.exact ON DELETE CASCADE;
UPDATE test.exact SET parent = 3 WHERE ordinal = 6;
CALL opigno.load_profiles_in_batches('test.exact');
SELECT * FROM test.state();
UPDATE test.exact SET parent = NULL;
CALL opigno.load_profiles_in_batches('test.exact', batch_rows => 2);
SELECT * FROM test.state();
\echo -- rules; a constraint that may be late
CALL test.stage();
CREATE TABLE test.taken (ordinal bigint);
CREATE RULE keep AS ON DELETE TO test.exact WHERE OLD.ordinal IN (1, 3) DO INSTEAD
    INSERT INTO test.taken VALUES (OLD.ordinal);
CALL opigno.load_profiles_in_batches('test.exact');
SELECT opigno.load_profiles('test.exact', on_error => 'report') -> 'response' ->> 'created' AS created_without_deleting;
SELECT * FROM test.state();
CREATE TABLE test.late (ordinal bigint PRIMARY KEY DEFERRABLE, line text);
SELECT (SELECT r FROM test.refusal($$SELECT opigno.load_profiles('test.late')$$) AS r LIMIT 1);
DROP RULE keep ON test.exact;
DROP TABLE test.taken, test.late;
\echo -- a partitioned table: one index for all partitions, whose triggers count
CALL test.stage();
DROP TABLE test.exact CASCADE;
CREATE TABLE test.exact (ordinal bigint PRIMARY KEY, line text) PARTITION BY RANGE (ordinal);
CREATE TABLE test.exact_low PARTITION OF test.exact FOR VALUES FROM (0) TO (4);
CREATE TABLE test.exact_high PARTITION OF test.exact DEFAULT PARTITION BY HASH (ordinal);
CREATE TABLE test.exact_0 PARTITION OF test.exact_high FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE test.exact_1 PARTITION OF test.exact_high FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO test.exact SELECT n, CASE WHEN n % 4 = 0 THEN ''
    ELSE format('{"user_id":"%s","app_id":%s,"profile_data":%s}', chr(96 + n), CASE n WHEN 6 THEN 7 ELSE 1 END, n) END
FROM generate_series(1, 8) AS n;
INSERT INTO opigno.user_context (uuid, display_name, is_active, scope, created_at, updated_at)
    SELECT chr(96 + n), 'U', true, '{}', now(), now() FROM generate_series(4, 8) AS n;
CREATE TRIGGER keep BEFORE DELETE ON test.exact_low FOR EACH ROW EXECUTE FUNCTION test.keep_some();
CALL opigno.load_profiles_in_batches('test.exact');
SELECT * FROM test.state();
DROP TRIGGER keep ON test.exact_low;
CALL opigno.load_profiles_in_batches('test.exact', batch_rows => 3);
SELECT * FROM test.state();
SELECT ordinal, path FROM opigno.bulk_error WHERE staging = 'test.exact' AND recorded_by = current_user::regrole
ORDER BY id;

\echo -- one batch by itself; a dry run, and what is refused, stays in the table; by OID
CALL test.stage();
SELECT * FROM test.refusal($$SELECT opigno.load_profiles('test.exact', delete_loaded => true)$$);
SELECT opigno.load_profiles('test.exact', on_error => 'report', dry_run => true, max_rows => 10,
    delete_loaded => true) -> 'response';
SELECT opigno.load_profiles('test.exact', max_rows => 10, delete_loaded => true) -> 'failed' AS failed;
SELECT * FROM test.state();
SELECT opigno.load_profiles('test.exact'::regclass::oid::text, on_error => 'report', after_ordinal => 1, max_rows => 4,
    delete_loaded => true) -> 'response';
SELECT * FROM test.state();
SELECT * FROM test.refusal($$SELECT opigno.load_profiles('4294967295')$$);
SELECT * FROM test.refusal($$SELECT opigno.load_profiles('-')$$);

\echo -- whose table: who has not the rights of its owner must say trust_owner, and so must a superuser
ALTER TABLE test.exact OWNER TO regress_opigno_loader;
GRANT SELECT, DELETE ON test.exact TO regress_opigno_other_loader;
SELECT * FROM test.refusal($$SELECT opigno.load_profiles('test.exact')$$);
CALL opigno.load_profiles_in_batches('test.exact');
SET ROLE regress_opigno_other_loader;
SELECT * FROM test.refusal($$SELECT opigno.load_profiles('test.exact')$$);
SELECT opigno.load_profiles('test.exact', trust_owner => true) -> 'failed' AS failed;
RESET ROLE;
GRANT regress_opigno_loader TO regress_opigno_other_loader;
SET ROLE regress_opigno_other_loader;
SELECT opigno.load_profiles('test.exact') -> 'failed' AS failed;
RESET ROLE;
REVOKE regress_opigno_loader FROM regress_opigno_other_loader;
CALL opigno.load_profiles_in_batches('test.exact', trust_owner => true);
SELECT * FROM test.state();

\echo -- errors are of the role that loaded, under whatever name; names that are stored or shown are the same under any
\echo -- setting
ALTER TABLE test.exact OWNER TO regress_opigno_other_loader;
ALTER TABLE test.exact RENAME TO "Exact";
SET ROLE regress_opigno_other_loader;
SET search_path = test;
SET quote_all_identifiers = on;
SELECT opigno.load_profiles('"Exact"', keep_lines => true) -> 'failed' AS failed;
RESET quote_all_identifiers;
SELECT recorded_by, staging, ordinal, line FROM opigno.bulk_error WHERE staging = 'test."Exact"'
    AND recorded_by = current_user::regrole;
RESET ROLE;
RESET search_path;
ALTER ROLE regress_opigno_other_loader RENAME TO "regress_opigno Other";
SET ROLE "regress_opigno Other";
SELECT count(*) AS after_a_rename FROM opigno.bulk_error WHERE staging = 'test."Exact"';
SET enable_seqscan = off;
DO $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE $q$EXPLAIN (COSTS OFF) SELECT FROM opigno.bulk_error WHERE staging = 'test."Exact"'$q$ LOOP
        IF line ~ 'Index Cond: .*recorded_by.*staging' THEN RAISE NOTICE 'the policy is looked up by the index'; END IF;
    END LOOP;
END $$;
RESET enable_seqscan;
RESET ROLE;
ALTER ROLE "regress_opigno Other" RENAME TO regress_opigno_other_loader;
CREATE TEMP TABLE privilege AS SELECT * FROM opigno.level_privilege;
SET quote_all_identifiers = on;
SET search_path = opigno;
SELECT count(*) AS named_in_another_way FROM (TABLE opigno.level_privilege EXCEPT TABLE privilege) AS p;
RESET search_path;
RESET quote_all_identifiers;
DELETE FROM opigno.profile;
DROP TABLE test."Exact", privilege;
DROP FUNCTION test.state, test.keep_some, test.change, test.add, test.delete_more;
DROP PROCEDURE test.stage;
DROP SEQUENCE test.look;
ALTER TABLE test.many OWNER TO CURRENT_USER;

\echo -- a load that has read to the end forgets the errors of rows that are gone
CREATE TABLE test.again (ordinal bigint PRIMARY KEY, line text);
INSERT INTO test.again VALUES (5, '{');
CALL opigno.load_profiles_in_batches('test.again');
ALTER TABLE test.again RENAME TO before;
CREATE TABLE test.again (ordinal bigint PRIMARY KEY, line text);
INSERT INTO test.again VALUES (2, '{');
CALL opigno.load_profiles_in_batches('test.again');
SELECT ordinal FROM opigno.bulk_error WHERE staging = 'test.again';
DELETE FROM test.again;
CALL opigno.load_profiles_in_batches('test.again');
SELECT ordinal FROM opigno.bulk_error WHERE staging = 'test.again';
DROP TABLE test.again, test.before;
\echo -- digits are an OID, as for regclass
CREATE TABLE test.numbered (ordinal bigint PRIMARY KEY, line text);
SELECT 'test.numbered'::regclass::oid::text AS numbered \gset
SELECT opigno.load_profiles(:'numbered') -> 'failed' AS failed;
CALL opigno.load_profiles_in_batches(:'numbered');
DROP TABLE test.numbered;
\echo -- a column of a type of another role's, in a table of one's own
CREATE ROLE regress_opigno_type_owner;
GRANT CREATE ON SCHEMA test TO regress_opigno_type_owner;
SET ROLE regress_opigno_type_owner;
CREATE TYPE test.trap AS (content text);
CREATE FUNCTION test.spring(test.trap) RETURNS text LANGUAGE plpgsql AS
    $$BEGIN RAISE 'code of the type''s owner runs as %', current_user; END$$;
CREATE CAST (test.trap AS text) WITH FUNCTION test.spring(test.trap);
RESET ROLE;
CREATE TABLE test.trapped (ordinal bigint PRIMARY KEY, line test.trap);
INSERT INTO test.trapped VALUES (1, row('{}'));
SELECT opigno.load_profiles('test.trapped');
SELECT opigno.load_profiles('test.trapped', trust_owner => true);
DROP TABLE test.trapped;
DROP OWNED BY regress_opigno_type_owner CASCADE;
DROP ROLE regress_opigno_type_owner;

\echo -- an error of the site says which entries were at work
INSERT INTO test.many (line) SELECT format('{"user_id":"m%s","app_id":1,"profile_data":{"n":0}}', n)
FROM generate_series(1, 3) AS n;
ALTER TABLE opigno.profile ADD CONSTRAINT of_site CHECK (profile_data -> 'n' <> '0') NOT VALID;
\set VERBOSITY terse
SELECT opigno.load_profiles('test.many', 'replace');
\set VERBOSITY default
DO $$
DECLARE
    context text;
BEGIN
    PERFORM opigno.load_profiles('test.many', 'replace');
EXCEPTION WHEN check_violation THEN
    GET STACKED DIAGNOSTICS context = PG_EXCEPTION_CONTEXT;
    RAISE NOTICE '%', substring(context FROM 'writing [^\n]*');
END $$;
ALTER TABLE opigno.profile DROP CONSTRAINT of_site;
TRUNCATE test.many;

\echo -- a planted operator or function in front of search_path is not asked by the procedure
CREATE SCHEMA planted;
DO $do$
DECLARE
    o record;
BEGIN
    FOR o IN SELECT * FROM (VALUES ('+', 'bigint', 'bigint'), ('=', 'text', 'text'), ('>', 'bigint', 'bigint'),
        ('>', 'bigint', 'integer'), ('<', 'integer', 'integer'), ('->>', 'json', 'text'), ('->', 'json', 'text'),
        ('=', 'oid', 'oid'), ('<=', 'bigint', 'bigint'), ('<>', 'bigint', 'bigint'), ('<>', 'text', 'text'))
        AS v (name, l, r) LOOP
        EXECUTE format($q$CREATE OR REPLACE FUNCTION planted.trap(%1$s, %2$s) RETURNS boolean LANGUAGE plpgsql
            AS $b$ BEGIN RAISE 'trapped'; END $b$$q$, o.l, o.r);
        EXECUTE format('CREATE OPERATOR planted.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = planted.trap)',
            o.name, o.l, o.r);
    END LOOP;
END $do$;
CREATE FUNCTION planted.json_array_elements(json) RETURNS SETOF json LANGUAGE plpgsql AS
    $$ BEGIN RAISE 'trapped'; END $$;
CREATE FUNCTION planted.format(text, regclass) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'trapped'; END $$;
INSERT INTO test.many (line) VALUES ('{"user_id":"a","app_id":1,"profile_data":"trap"}'), ('{');
SET search_path = planted, test, pg_catalog;
CALL opigno.load_profiles_in_batches('many', 'replace');
RESET search_path;
SELECT profile_data FROM opigno.get_profile('a', 1);
\set VERBOSITY terse
DROP SCHEMA planted CASCADE;
\set VERBOSITY default

\echo -- the entries of a body as rows
SELECT * FROM opigno.parse_profiles(
    '{"profiles":[{"user_id":"17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE","app_id":1,'
    '"profile_data":{"a":1.10}},{"user_id":"a","app_id":-1,"profile_data":null},{"app_id":2},7,{"user_id":"a",'
    '"app_id":3,"profile_data":"\u0000"}]}');
SELECT count(*), sum(app_id)
FROM opigno.parse_profiles((SELECT string_agg(format('{"user_id":"u","app_id":%s,"profile_data":%s}', n, n), E'\n')
    FROM generate_series(1, 2000) AS n));
SELECT count(*) FROM opigno.parse_profiles(NULL);
SELECT call, r FROM unnest(ARRAY['[{}', '[{}] []']) AS call,
    LATERAL test.refusal(format('SELECT FROM opigno.parse_profiles(%L)', call)) AS r;
DROP TABLE test.staged, test.staged_as_text, test."Staged CSV", test.many;
DROP VIEW test.profiles;
DELETE FROM opigno.profile;
DELETE FROM opigno.app;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
DELETE FROM opigno.bulk_error;
SELECT opigno.revoke_access(role) FROM unnest(ARRAY['regress_opigno_loader', 'regress_opigno_other_loader']) AS role;
DROP OWNED BY regress_opigno_loader, regress_opigno_other_loader;
DROP ROLE regress_opigno_loader, regress_opigno_other_loader;
