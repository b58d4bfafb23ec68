-- Many profiles at once, by an operator: forms of the body, conflicts, every kind of fault.
SELECT count(opigno.set_user_context(uuid, uuid, uuid <> 'asleep'))
FROM unnest(ARRAY['a', 'b', 'c', 'asleep', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee']) AS uuid;
SELECT count(opigno.register_app('App ' || n, app_id => n)) FROM generate_series(1, 2) AS n;
CREATE VIEW test.profiles AS SELECT user_uuid, app_id, profile_data, test.nth(version) AS version
    FROM opigno.profile ORDER BY 1, 2;
/* Of an answer, one line for each error. */
CREATE FUNCTION test.errors(answer json) RETURNS TABLE (ordinal integer, user_id text, app_id integer, code text,
    path text, message text) LANGUAGE sql AS
    $$ SELECT e.* FROM json_to_recordset(answer -> 'errors') AS e (ordinal integer, user_id text, app_id integer,
    code text, path text, message text) $$;

\echo -- the example of Sentinel, as printed: unknown user and app
\set seed '{\n"profiles": [\n{\n"app_id": 0,\n"profile_data": {\n"additionalProp1": {}\n},\n"user_id": "string"\n},\n{\n"app_id": 0,\n"profile_data": {\n"additionalProp1": {}\n},\n"user_id": "string"\n}\n]\n}'
SELECT * FROM test.errors(opigno.create_profiles(:'seed'));
\echo -- with both: it holds the same pair twice
SELECT app_id FROM opigno.register_app('Zero', app_id => 0);
SELECT uuid FROM opigno.set_user_context('string', 'String', true);
SELECT opigno.create_profiles(:'seed');
SELECT * FROM test.profiles;
SELECT opigno.create_profiles(:'seed', on_conflict)
FROM unnest(ARRAY['error', 'skip', 'replace', 'merge']) AS on_conflict;

\echo -- different entries for one key: the last wins if the caller says so, and the others are as if not there
\set twice '[{"user_id":"a","app_id":1,"profile_data":{"n":1}},{"user_id":"b","app_id":1,"profile_data":0},{"user_id":"a","app_id":1,"profile_data":{"m":2}},{"user_id":"A","app_id":1,"profile_data":5},{"user_id":"a","app_id":1,"profile_data":{"n":1}},{"user_id":"a","app_id":2,"profile_data":3},{"user_id":"a","app_id":1}]'
SELECT * FROM test.errors(opigno.create_profiles(:'twice', on_error => 'report', dry_run => true));
SELECT opigno.create_profiles(:'twice', on_error => 'report', dry_run => true, on_duplicate => 'error') -> 'response';
SELECT opigno.create_profiles(:'twice', on_error => 'report', on_duplicate => 'last');
SELECT * FROM test.profiles WHERE user_uuid <> 'string';
SELECT opigno.patch_profiles('[{"user_id":"a","app_id":1,"patch":{"x":1}},{"user_id":"a","app_id":1,"patch":{"y":2}}]',
    on_duplicate => 'last');
SELECT opigno.create_profiles('[]', on_duplicate => 'first');
SELECT * FROM test.profiles WHERE user_uuid <> 'string';
DELETE FROM opigno.profile WHERE user_uuid <> 'string';

\echo -- three forms of the body; documents of every kind; keys in any letter case
SELECT opigno.create_profiles('[{"user_id": "a", "app_id": 1, "profile_data": null}, {"user_id": "b", "app_id": 1.0, '
    '"profile_data": [1.10, "\u005d }"]} ,{"profile_data":"x","app_id":1,'
    '"user_id":"17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE"}]');
SELECT opigno.create_profiles(E'{"user_id": "a", "app_id": 2, "profile_data": {"a": "\\"[\\\\"}}\r\n\r\n'
    '\t {"user_id": "b", "app_id": 2, "profile_data": 12345678901234567890} \n');
SELECT opigno.create_profiles(' {"profiles" : [ ] } '), opigno.create_profiles('[]'), opigno.create_profiles(''),
    opigno.create_profiles(E' \n ');
SELECT * FROM test.profiles;

\echo -- what is there already: refused, skipped, replaced, merged; the same bytes are unchanged
\set entries '[{"user_id":"a","app_id":1,"profile_data":{"k":1.0,"old":{"x":1}}},{"user_id":"c","app_id":1,"profile_data":{"new":null}},{"user_id":"b","app_id":2,"profile_data":12345678901234567890}]'
SELECT opigno.create_profiles(:'entries', 'error');
SELECT opigno.create_profiles(:'entries', 'error', 'report', dry_run => true);
SELECT opigno.create_profiles(:'entries', 'skip', dry_run => true),
    opigno.create_profiles(:'entries', 'replace', dry_run => true),
    opigno.create_profiles(:'entries', 'merge', dry_run => true);
SELECT opigno.create_profiles(:'entries', 'replace');
SELECT user_uuid, app_id, version FROM test.profiles WHERE app_id = 1;
SELECT opigno.create_profiles('[{"user_id":"a","app_id":1,"profile_data":{"k":null,"old":{"y":2}}},{"user_id":"c",'
    '"app_id":1,"profile_data":{"new":null}},{"user_id":"c","app_id":2,"profile_data":{"kept":null}}]', 'merge');
SELECT opigno.patch_profiles('[{"user_id":"a","app_id":1,"patch":{"old":{"x":null}}},{"user_id":"b","app_id":0,'
    '"patch":{"gone":null,"made":{"z":null,"y":1}}},{"user_id":"c","app_id":2,"patch":{}}]');
SELECT * FROM test.profiles;

\echo -- a patch that is no object is refused where it would replace one, as an error of its entry
SELECT call, e.ordinal, e.user_id, e.app_id, e.code, e.path, e.message FROM unnest(ARRAY['merge', 'patch']) AS call,
    LATERAL (SELECT string_agg(json_build_object('user_id', user_id, 'app_id', 1,
        CASE call WHEN 'merge' THEN 'profile_data' ELSE 'patch' END, patch::json)::text, E'\n' ORDER BY n) FROM (VALUES
        (1, 'a', '"{\"old\": 1}"'), (2, 'c', '[{"op": "remove", "path": "/old"}]'), (3, 'b', '{"no object": "before"}'))
        AS v (n, user_id, patch)) AS b (body),
    LATERAL (SELECT CASE call WHEN 'merge' THEN opigno.create_profiles(body, 'merge')
        ELSE opigno.patch_profiles(body) END) AS r (answer), LATERAL test.errors(answer) AS e;
SELECT answer -> 'response' AS response, e.ordinal, e.path FROM opigno.patch_profiles(
    '[{"user_id":"a","app_id":1,"patch":null},{"user_id":"b","app_id":1,"patch":{"an":"object"}},'
    '{"user_id":"c","app_id":1,"patch":{"more":1}}]', on_error => 'report') AS answer, LATERAL test.errors(answer) AS e;
/* Also where a trigger of the site keeps the loads from the statement for all entries. */
CREATE FUNCTION test.pass() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER pass BEFORE UPDATE ON opigno.profile FOR EACH ROW EXECUTE FUNCTION test.pass();
SELECT e.* FROM test.errors(opigno.patch_profiles('[{"user_id":"c","app_id":1,"patch":7}]')) AS e;
DROP TRIGGER pass ON opigno.profile;
DROP FUNCTION test.pass;
SELECT * FROM test.profiles WHERE app_id = 1;

\echo -- creating by a merge is RFC 7396 of nothing: the same load twice is unchanged
\set nulls '[{"user_id":"asleep","app_id":1,"profile_data":{"a":null,"b":{"c":null,"d":1}}},{"user_id":"asleep","app_id":2,"profile_data":[null]}]'
SELECT opigno.create_profiles(:'nulls', 'merge') -> 'response' AS first, opigno.create_profiles(:'nulls', 'merge')
    -> 'response' AS again;
SELECT app_id, profile_data FROM test.profiles WHERE user_uuid = 'asleep';
SELECT opigno.create_profiles(:'nulls', 'replace') -> 'response' ->> 'replaced' AS replaced;
SELECT app_id, profile_data FROM test.profiles WHERE user_uuid = 'asleep';
DELETE FROM opigno.profile WHERE user_uuid = 'asleep';

\echo -- users who are missing, in any mode; not for apps that are
SELECT opigno.create_profiles('[{"user_id":"n1","app_id":1,"profile_data":1},{"user_id":"n1","app_id":2,'
    '"profile_data":1},{"user_id":"n2","app_id":99,"profile_data":1},{"user_id":"asleep","app_id":1,"profile_data":1}]',
    on_error => 'report', create_missing_users => true);
SELECT uuid, display_name, is_active, scope FROM opigno.list_user_contexts() WHERE uuid LIKE 'n%' OR uuid = 'asleep';
\echo -- no user whose key has white space around it; who has such a key already gets a profile
INSERT INTO opigno.user_context (uuid, display_name, is_active, created_at, updated_at)
VALUES (' old ', 'Old', true, now(), now());
SELECT json_agg(json_build_object('user_id', user_id, 'app_id', app_id, 'profile_data', 1)) AS around
FROM (VALUES (' n3', 1), ('n3 ', 2), (' old ', 1), (' n3 ', 99)) AS v (user_id, app_id) \gset
SELECT opigno.create_profiles(:'around', on_error => 'report', create_missing_users => true);
SELECT opigno.create_profiles(:'around', 'skip', on_error => 'report') -> 'errors' -> 0 ->> 'message' AS without_it;
SELECT opigno.patch_profiles('[{"user_id":" n3","app_id":1,"patch":1},{"user_id":" old ","app_id":1,"patch":2}]',
    on_error => 'report', create_missing_users => true);
SELECT uuid FROM opigno.user_context WHERE uuid LIKE '% %';
DELETE FROM opigno.profile WHERE user_uuid = ' old ';
DELETE FROM opigno.user_context WHERE uuid = ' old ';

\echo -- every fault of every entry; equal and different repetitions
\set faulty '[1, null, "text", [], {}, {"user_id": null, "app_id": null, "profile_data": null}, {"user_id": 1, "app_id": "1", "profile_data": 1}, {"user_id": "", "app_id": -1, "profile_data": 1}, {"user_id": "a", "app_id": 1.5, "profile_data": 1}, {"user_id": "a", "app_id": 1e10, "profile_data": 1, "extra/~": 1}, {"user_id": "a", "app_id": 2147483648, "profile_data": 1}, {"user_id": "nobody", "app_id": 99, "profile_data": 1}, {"user_id": "a", "app_id": 0, "profile_data": {"n": 1}}, {"user_id": "a", "app_id": 0, "profile_data": {"n":1}}, {"user_id": "a", "app_id": 0, "profile_data": {"n": 1.0}}]'
SELECT test.digest() AS digest_before \gset
SELECT * FROM test.errors(opigno.create_profiles(:'faulty'));
SELECT answer -> 'response' AS response, answer -> 'failed' AS failed, json_array_length(answer -> 'errors') AS errors
FROM opigno.create_profiles(:'faulty', max_errors => 2) AS answer;
SELECT test.digest() = :'digest_before' AS nothing_changed;
SELECT answer -> 'response' AS response, json_array_length(answer -> 'errors') AS errors
FROM opigno.create_profiles(:'faulty', on_error => 'report', max_errors => 0) AS answer;
SELECT profile_data FROM opigno.get_profile('a', 0);

\echo -- bodies that end too soon, or do not end
SELECT body, e.code, e.path, e.message
FROM unnest(ARRAY['[', '[{"a":1}', '[{"a":1},]', '[{"a":1} {"b":2}]', '[{"a":"]}', '[{"a":1}] []', '{"profiles":[]',
    '{"profiles":[],"more":1}', '{"profiles":{}}', 'text', '[{"a":1},{]', '["\u0000"]',
    '[,]']) WITH ORDINALITY AS b (body, n),
    LATERAL (SELECT * FROM test.errors(opigno.create_profiles(body, on_error => 'report')) LIMIT 1) AS e ORDER BY n;
SELECT call, test.refusal('SELECT opigno.' || call)
FROM unnest(ARRAY[$$create_profiles(NULL, 'ignore', 'continue', max_errors => -1)$$, $$patch_profiles(NULL)$$,
    $$delete_profiles('[]', 'no')$$]) AS call;

\echo -- deleted
SELECT opigno.delete_profiles('{"profiles":[{"user_id":"a","app_id":1},{"user_id":"a","app_id":1},{"user_id":"nobody",'
    '"app_id":1},{"user_id":"17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE","app_id":1}]}', dry_run => true);
SELECT opigno.delete_profiles('{"profiles":[{"user_id":"a","app_id":1},{"user_id":"a","app_id":1},{"user_id":"nobody",'
    '"app_id":1},{"user_id":"17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE","app_id":1}]}');
SELECT user_uuid, app_id FROM test.profiles;

\echo -- many: more than one batch, in any order, each fault told by its ordinal
SELECT opigno.create_profiles((SELECT string_agg(format('{"user_id":"m%s","app_id":%s,"profile_data":{"n":%s}}',
    md5(n::text), CASE WHEN n % 1000 = 7 THEN 77 ELSE n % 2 END, n), E'\n') FROM generate_series(1, 3500) AS n),
    on_error => 'report', create_missing_users => true, max_errors => 0) -> 'response' AS response;
SELECT ordinal, code
FROM test.errors(opigno.create_profiles((SELECT string_agg(format('{"user_id":"m%s","app_id":%s,'
    '"profile_data":{"n":%s}}', md5(n::text), CASE WHEN n % 1000 = 7 THEN 77 ELSE n % 2 END, n), E'\n')
    FROM generate_series(1, 3500) AS n), 'skip', 'report', create_missing_users => true));
SELECT count(*), sum((profile_data ->> 'n')::integer) FROM opigno.profile WHERE user_uuid LIKE 'm%';

\echo -- a trigger of the site that suppresses what is written is told, not looped over
CREATE TRIGGER suppress BEFORE INSERT OR UPDATE ON opigno.profile FOR EACH ROW EXECUTE FUNCTION test.suppress();
SELECT test.refusal($$SELECT opigno.create_profiles('[{"user_id":"a","app_id":1,"profile_data":1}]', 'replace')$$)
LIMIT 1;
DROP TRIGGER suppress ON opigno.profile;

\echo -- what a site adds to the table holds in loads too: triggers, foreign keys, rules, constraints and indexes; the
\echo -- setting that leaves triggers out does not stay
CREATE TABLE test.customer (name text PRIMARY KEY);
CREATE FUNCTION test.raise_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'a trigger of the site'; END $$;
CREATE PROCEDURE test.try_load() LANGUAGE plpgsql AS $$
BEGIN
    RAISE NOTICE '%; %',
        (SELECT r FROM test.refusal($q$SELECT opigno.create_profiles(
            (SELECT json_agg(json_build_object('user_id', uuid, 'app_id', 1, 'profile_data', 2))::text
             FROM opigno.user_context), 'replace')$q$) AS r LIMIT 1),
        current_setting('session_replication_role');
    ROLLBACK;
END $$;
DO $$
DECLARE
    change text;
BEGIN
    FOREACH change IN ARRAY ARRAY['',
        'CREATE TRIGGER t BEFORE INSERT ON opigno.profile FOR EACH ROW EXECUTE FUNCTION test.raise_it()',
        'CREATE TRIGGER t AFTER INSERT ON opigno.profile FOR EACH STATEMENT EXECUTE FUNCTION test.raise_it()',
        'ALTER TABLE opigno.profile ADD FOREIGN KEY (user_uuid) REFERENCES test.customer NOT VALID',
        'CREATE RULE r AS ON INSERT TO opigno.profile DO ALSO SELECT 1 / 0',
        'ALTER TABLE opigno.profile ADD CHECK (profile_data <> ''2'')',
        'CREATE UNIQUE INDEX only_one ON opigno.profile (app_id) WHERE app_id = 1 AND user_uuid IN (''a'', ''b'')'] LOOP
        RAISE NOTICE '%', change;
        BEGIN
            EXECUTE change;
        EXCEPTION WHEN feature_not_supported OR wrong_object_type THEN -- of partitioned tables
            CONTINUE;
        END;
        CALL test.try_load();
    END LOOP;
END $$;
SELECT test.refusal($$INSERT INTO opigno.profile VALUES ('a', 99, '1', 1, now(), now())$$);
DROP PROCEDURE test.try_load;
DROP FUNCTION test.raise_it;
DROP TABLE test.customer;

\echo -- the trail: one row for each load that changed something
SELECT action, outcome, user_uuid, last_user_uuid, row_count FROM opigno.audit WHERE action LIKE '%profiles'
ORDER BY id;
DROP VIEW test.profiles;
DROP FUNCTION test.errors;
DELETE FROM opigno.profile;
DELETE FROM opigno.app;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
