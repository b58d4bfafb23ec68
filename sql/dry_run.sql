-- dry_run in READ ONLY transactions: each load answers as in others, and nothing is written.
SELECT count(opigno.set_user_context(uuid, uuid, true)) FROM unnest(ARRAY['a', 'b']) AS uuid;
SELECT app_id FROM opigno.register_app('App', app_id => 1);
SELECT outcome FROM opigno.upsert_profile('a', 1, '{"n":1}');
DELETE FROM opigno.audit;
CREATE TABLE test.staged (ordinal bigint PRIMARY KEY, line text);
INSERT INTO test.staged VALUES (1, '{"user_id":"a","app_id":1,"profile_data":2}'),
    (2, '{"user_id":"new","app_id":1,"profile_data":3}'), (3, '{'), (4, '{"user_id":"b","app_id":7,"profile_data":4}');
CREATE TABLE test.users (ordinal bigint PRIMARY KEY, uuid text, display_name text, is_active boolean);
INSERT INTO test.users VALUES (1, 'a', 'Ada', true), (2, 'c', 'C', NULL), (3, 'd', 'D', true);
CREATE TABLE test.accounts (ordinal bigint PRIMARY KEY, username text, name text);
INSERT INTO test.accounts VALUES (1, 'a', 'Ada'), (2, 'c', 'C');
CREATE TABLE test.load (n integer, load text);
INSERT INTO test.load VALUES
    (1, $$create_profiles('[{"user_id":"a","app_id":1,"profile_data":2},{"user_id":"b","app_id":1,"profile_data":{}},
        {"user_id":"new","app_id":1,"profile_data":{}}]', 'merge', 'report', true, true)$$),
    (2, $$create_profiles('[{"user_id":"a","app_id":1,"profile_data":2}]', dry_run => true)$$),
    (3, $$patch_profiles('[{"user_id":"a","app_id":1,"patch":{"m":2}},{"user_id":"b","app_id":1,"patch":{}}]',
        dry_run => true)$$),
    (4, $$delete_profiles('[{"user_id":"a","app_id":1},{"user_id":"b","app_id":1}]', dry_run => true)$$),
    (5, $$set_user_contexts('[{"uuid":"a","displayName":"Ada"},{"uuid":"c","displayName":"C","isActive":true}]',
        dry_run => true)$$),
    (6, $$patch_accounts('[{"username":"a","name":"Ada","account_privacy":"custom",
        "extended_profile":[{"field_name":"bio","field_value":"x"}]},{"username":"x"}]', 'report', true)$$),
    (7, $$load_profiles('test.staged', 'replace', 'report', true, true)$$),
    (8, $$load_profiles('test.staged', 'replace', 'report', true, max_rows => 3, delete_loaded => true)$$),
    (9, $$load_user_contexts('test.users', 'report', true)$$),
    (10, $$load_accounts('test.accounts', 'report', true)$$);
CREATE VIEW test.all_rows AS
    SELECT (SELECT count(*) FROM opigno.user_context) AS users, (SELECT count(*) FROM opigno.account) AS accounts,
        (SELECT count(*) FROM opigno.preference) AS preferences, (SELECT count(*) FROM opigno.audit) AS audited,
        (SELECT count(*) FROM opigno.bulk_error) AS errors, (SELECT count(*) FROM test.staged) AS staged,
        (SELECT string_agg(profile_data::text, ' ') FROM opigno.profile) AS profiles;
CREATE FUNCTION test.answer(load text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    EXECUTE 'SELECT opigno.' || load INTO answer;
    RETURN answer;
END $$;
TABLE test.all_rows;
SET client_min_messages = warning;
BEGIN READ ONLY;
SELECT n, test.answer(load) FROM test.load ORDER BY n;
TABLE test.all_rows;
SHOW transaction_read_only;
\set VERBOSITY terse
SAVEPOINT s;
INSERT INTO test.staged VALUES (5, '{}');
ROLLBACK TO s;
SELECT opigno.create_profiles('[{"user_id":"a","app_id":1,"profile_data":2}]', 'replace');
ROLLBACK;
\echo -- an error during the dry run leaves the transaction READ ONLY, too
ALTER TABLE opigno.profile ADD CONSTRAINT of_site CHECK (profile_data <> '2');
BEGIN READ ONLY;
SAVEPOINT s;
SELECT opigno.create_profiles('[{"user_id":"a","app_id":1,"profile_data":2}]', 'replace', dry_run => true);
ROLLBACK TO s;
SHOW transaction_read_only;
INSERT INTO test.staged VALUES (5, '{}');
ROLLBACK;
ALTER TABLE opigno.profile DROP CONSTRAINT of_site;
\set VERBOSITY default
\echo -- the same answers at other isolation levels, and outside READ ONLY
CREATE TEMP TABLE said AS SELECT n, test.answer(load) FROM test.load;
DELETE FROM opigno.bulk_error;
BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY, DEFERRABLE;
SELECT count(*) FROM said JOIN test.load USING (n) WHERE test.answer(load) = answer;
COMMIT;
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT count(*) FROM said JOIN test.load USING (n) WHERE test.answer(load) = answer;
COMMIT;
TABLE test.all_rows;
RESET client_min_messages;
\echo -- the notice of a load from a table says where its errors are
BEGIN READ ONLY;
SELECT opigno.load_profiles('test.staged', 'replace', 'report', true) -> 'failed' AS failed;
SELECT opigno.load_profiles('test.staged', 'replace', dry_run => true) -> 'failed' AS failed;
COMMIT;
DROP VIEW test.all_rows;
DROP FUNCTION test.answer;
DROP TABLE test.staged, test.users, test.accounts, test.load, said;
DELETE FROM opigno.profile;
DELETE FROM opigno.app;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
