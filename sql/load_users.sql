-- User contexts and accounts from staging tables: as lines, or as columns of a CSV file. load_profiles.sql has what all
-- staging tables have in common.
SELECT opigno.configure_extended_profile_field('country', placement => 'account');
SELECT opigno.configure_extended_profile_field('year_of_birth', placement => 'account');
SELECT opigno.configure_extended_profile_field('bio');
CREATE ROLE regress_opigno_loader;
SELECT opigno.grant_access('regress_opigno_loader', 'operator');
CREATE VIEW test.errors AS SELECT ordinal, user_uuid, code, path, message, line FROM opigno.bulk_error ORDER BY id;
GRANT USAGE, CREATE ON SCHEMA test TO regress_opigno_loader;
GRANT SELECT ON test.errors TO regress_opigno_loader;
SET ROLE regress_opigno_loader;
SET search_path = test;

\echo -- user contexts as columns: each error by ordinal and column
CREATE TABLE users (ordinal bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, uuid text, display_name text,
    is_active text, scope text, note text);
\copy users (uuid, display_name, is_active, scope) FROM PROGRAM 'printf ''%s\n'' uuid,display_name,is_active,scope a,Ada,t,ADMINISTRATOR ''b,"Bob ""B""",yes,""'' c,,1,AUTHENTICATED ''d,D,maybe,"NOPE, AUTHENTICATED"'' ,E,t, 17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE,F,off,{AUTHENTICATED} a,Anna,,'  WITH (FORMAT csv, HEADER)
SELECT opigno.load_user_contexts('users');
SELECT opigno.load_user_contexts('users', 'report', keep_lines => true, max_errors => 4);
SELECT * FROM errors;
SELECT uuid, display_name, is_active, scope FROM opigno.list_user_contexts();
\echo -- in batches: NULL leaves a property as it is, and the last row of a user wins where the caller says so
INSERT INTO users (uuid, display_name) VALUES ('b', 'Bob'), ('b', 'Bert'), ('b', 'Bob');
CALL opigno.load_user_contexts_in_batches('users', keep_lines => false, on_duplicate => 'last');
CALL opigno.load_user_contexts_in_batches('users', batch_rows => 1);
SELECT ordinal, uuid FROM users;
SELECT uuid, display_name, is_active, scope FROM opigno.list_user_contexts();
SELECT ordinal, line FROM errors;
\echo -- typed columns, and fewer of them
CREATE TABLE states (ordinal integer PRIMARY KEY, uuid varchar(9), is_active boolean, scope text[]);
INSERT INTO states VALUES (1, 'a', false, '{}'), (2, 'b', NULL, '{AUTHENTICATED}'), (3, 'c', true, NULL);
SELECT opigno.load_user_contexts('states', 'report', max_rows => 5, delete_loaded => true);
SELECT uuid, display_name, is_active, scope FROM opigno.list_user_contexts();
TABLE states;
\echo -- as lines, whose members have the names of set_user_contexts
CREATE TABLE lines (ordinal bigint PRIMARY KEY, line text);
INSERT INTO lines VALUES (1, '{"uuid":"c","displayName":"C"}'), (2, '{"uuid":"c","display_name":"C"}'), (3, ''),
    (4, '{"uuid":"g","displayName":"G","isActive":true,"scope":["AUTHENTICATED"]}'), (5, '{');
SELECT opigno.load_user_contexts('lines', 'report');
SELECT ordinal, user_uuid, path FROM errors;
SELECT opigno.load_user_contexts('lines', dry_run => true, after_ordinal => 3, max_rows => 1);

\echo -- accounts as columns: a column is a member, and NULL is none
CREATE TABLE accounts (ordinal bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, username text, name text, country text,
    year_of_birth integer, extended_profile text, account_privacy text);
\copy accounts (username, name, country, year_of_birth, extended_profile, account_privacy) FROM PROGRAM 'printf ''%s\n'' username,name,country,year_of_birth,extended_profile,account_privacy ''a,Ada,FR,1815,"[{""field_name"":""bio"",""field_value"":{""n"":1.50}}]",custom'' b,,DE,,, ''g,,,,"[1, ""username"": ""a""]",'' nobody,,DE,,, ,,DE,,, b,,,7,,loud' WITH (FORMAT csv, HEADER)
SELECT opigno.load_accounts('accounts', 'report', keep_lines => true);
SELECT * FROM errors;
SELECT opigno.get_account('a')::jsonb - '{date_joined,id,version,preferences_version}'::text[] AS a,
    opigno.get_account('b')::jsonb -> 'country' AS country_of_b;
UPDATE accounts SET country = 'AT', account_privacy = NULL WHERE ordinal = 6;
CALL opigno.load_accounts_in_batches('accounts', on_duplicate => 'last');
SELECT ordinal, username FROM accounts;
SELECT opigno.get_account('b')::jsonb -> 'country' AS country_of_b,
    opigno.get_account('b')::jsonb -> 'year_of_birth' AS year_of_birth_of_b;
\echo -- other types, a column of an unknown member, more columns than a function has arguments
CREATE TABLE typed (ordinal bigint PRIMARY KEY, username text, country jsonb, extended_profile json,
    year_of_birth numeric);
INSERT INTO typed VALUES (1, 'a', 'null', '[{"field_name":"bio","field_value":null}]', 1.50),
    (2, 'b', '{"n":[null]}', NULL, NULL);
SELECT opigno.load_accounts('typed');
SELECT opigno.get_account('a')::jsonb - '{date_joined,id,version,preferences_version}'::text[] AS a;
SELECT opigno.get_account('b')::jsonb -> 'country' AS country_of_b;
ALTER TABLE typed ADD "Odd ""one" text;
UPDATE typed SET "Odd ""one" = 'x' WHERE ordinal = 2;
SELECT opigno.load_accounts('typed', 'report');
DO $$
BEGIN
    FOR n IN 1..120 LOOP
        EXECUTE format('ALTER TABLE test.typed ADD column_%s text', n);
    END LOOP;
END $$;
SELECT opigno.load_accounts('typed', 'report', keep_lines => true) -> 'failed' AS failed;
SELECT ordinal, length(line) > 2000 AS is_whole FROM errors WHERE line LIKE '%column_120%';
\echo -- as lines
TRUNCATE lines;
INSERT INTO lines VALUES (1, '{"username":"b","country":"IT"}'), (2, '{"username":"b","land":"IT"}');
CALL opigno.load_accounts_in_batches('lines', batch_rows => 1);
SELECT opigno.get_account('b')::jsonb -> 'country' AS country_of_b;
\echo -- tables without the columns, and arguments
SELECT call, r
FROM unnest(ARRAY[$$load_accounts('users')$$, $$load_user_contexts('accounts')$$, $$load_accounts('nowhere')$$,
    $$load_user_contexts(NULL, 'ignore', max_rows => 0)$$, $$load_accounts('lines', on_duplicate => 'first')$$])
    WITH ORDINALITY AS c (call, n), LATERAL test.refusal('SELECT opigno.' || call) AS r ORDER BY n;
BEGIN;
\set VERBOSITY terse
CALL opigno.load_accounts_in_batches('lines');
ROLLBACK;
BEGIN;
CALL opigno.load_user_contexts_in_batches('lines');
ROLLBACK;
\set VERBOSITY default
RESET search_path;
RESET ROLE;
\echo -- one row of the audit trail for each load that changed something
SELECT action, outcome, user_uuid, last_user_uuid, row_count FROM opigno.audit WHERE action LIKE 'load%' ORDER BY id;

\echo -- JSON that jsonb cannot hold, in a column of type json
BEGIN;
CREATE TABLE test.held (ordinal integer PRIMARY KEY, username text, extended_profile json, preferences json,
    version text);
INSERT INTO test.held VALUES (1, 'a', '"\u0000"', NULL, NULL), (2, 'a', NULL, '{"a":"\u0000"}', NULL),
    (3, 'b', '[]', '{}', 'x'), (4, 'b', NULL, NULL, '-1');
SELECT opigno.load_accounts('test.held', 'report');
SELECT ordinal, code, path, message FROM opigno.bulk_error WHERE staging LIKE '%held' ORDER BY ordinal;
SELECT opigno.set_user_context_json('{"uuid":"a","displayName":"secret \u0000"}');
SELECT opigno.patch_account('a', '{"name":"secret \u0000"}');
SELECT opigno.patch_preferences('a', '{"theme":"secret \ud800"}');
\echo -- an entry for a profile that must exist makes no user
SELECT opigno.register_app('Held', app_id => 99) IS NOT NULL AS registered;
SELECT opigno.create_profiles('[{"user_id":"ghost","app_id":99,"profile_data":1,"created_at":"2001-01-01"},
    {"user_id":"ghost2","app_id":99,"profile_data":1,"version":7}]', on_error => 'report',
    create_missing_users => true);
SELECT uuid FROM opigno.user_context WHERE uuid LIKE 'ghost%';
\echo -- the version in a patch is the expected one
SELECT test.refusal($$SELECT opigno.patch_account('a', '{"name":"Stale","version":7}')$$) AS refused;
SELECT opigno.patch_account('a', '{"name":"Stale","version":7}', 8) AS differ;
SELECT opigno.patch_account('a', '{"name":"Any version","version":-1}') ->> 'name' AS name;
ROLLBACK;

DROP TABLE test.users, test.states, test.lines, test.accounts, test.typed;
DROP VIEW test.errors;
DELETE FROM opigno.account;
DELETE FROM opigno.preference;
DELETE FROM opigno.user_context;
DELETE FROM opigno.extended_profile_field;
DELETE FROM opigno.audit;
DELETE FROM opigno.bulk_error;
SELECT opigno.revoke_access('regress_opigno_loader');
DROP OWNED BY regress_opigno_loader;
DROP ROLE regress_opigno_loader;
