-- Bodies of text, of every bulk function: what is malformed in them, members that are given twice, and what answers say
-- of a refusal.
SELECT count(opigno.set_user_context(uuid, uuid, true)) FROM unnest(ARRAY['a', 'b']) AS uuid;
SELECT app_id FROM opigno.register_app('App', app_id => 1);
CREATE TABLE test.bulk (n serial, call text, list text, entry text, other text);
INSERT INTO test.bulk (call, list, entry, other) VALUES
    ('create_profiles(%L)', 'profiles', '"user_id":"a","app_id":1,"profile_data":1', '"user_id":"b"'),
    ('patch_profiles(%L)', 'profiles', '"user_id":"a","app_id":1,"patch":{}', '"app_id":1'),
    ('delete_profiles(%L)', 'profiles', '"user_id":"a","app_id":1', '"user\u005fid":"b"'),
    ('set_user_contexts(%L)', 'userContexts', '"uuid":"a","scope":[]', '"scope":["ADMINISTRATOR"]'),
    ('patch_accounts(%L)', 'accounts', '"username":"a","name":"A"', '"name":"B"');
CREATE FUNCTION test.answer(call text, body text) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
    answer json;
BEGIN
    EXECUTE 'SELECT opigno.' || format(call, body) INTO answer;
    RETURN answer;
END $$;
/* A byte order mark, in every encoding. */
CREATE FUNCTION test.mark() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF getdatabaseencoding() = 'UTF8' THEN
        RETURN chr(65279);
    END IF;
    RETURN chr(239) || chr(187) || chr(191);
END $$;
/* One line for each error, or one if there is none. */
CREATE FUNCTION test.told(answer json) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' ', CASE answer ->> 'refused' WHEN 'true' THEN 'refused,' ELSE 'written,' END,
        answer ->> 'failed', 'failed:', 'entry ' || (e ->> 'ordinal') || ':', e ->> 'code',
        '"' || (e ->> 'path') || '"', e ->> 'message', 'HINT: ' || (e ->> 'hint'))
    FROM (SELECT) AS x LEFT JOIN json_array_elements(answer -> 'errors') AS e ON true $$;

\echo -- every answer says whether it is a refusal, and a refusal has failures
SELECT b.call, body, t FROM test.bulk AS b,
    LATERAL unnest(ARRAY['[]', '[{' || entry || '}]', '[{}]', '[', '{"' || list || '":[]', '[] x']) WITH ORDINALITY AS v
    (body, at), LATERAL test.told(test.answer(call, body)) WITH ORDINALITY AS t (t, line) ORDER BY n, at, line;
SELECT answer ->> 'refused' AS refused, answer ->> 'failed' AS failed, answer -> 'response' ->> 'failed' AS in_response
FROM unnest(ARRAY[$$create_profiles(%L, on_error => 'report')$$, $$create_profiles(%L, on_error => 'report',
    dry_run => true)$$, 'create_profiles(%L, dry_run => true)']) WITH ORDINALITY AS c (call, n),
    test.answer(call, '[{"user_id":"b","app_id":1,"profile_data":1},{}]') AS answer ORDER BY n;

\echo -- the list has another name, or is no list
SELECT b.call, body, t.t FROM test.bulk AS b, LATERAL unnest(ARRAY['{"users":[{}]}', '{"' || list || '":{}}', '{"'
    || list || '":null}']) WITH ORDINALITY AS v (body, at), LATERAL test.told(test.answer(call, body)) AS t
ORDER BY n, at;
SELECT test.refusal($$SELECT * FROM opigno.parse_profiles('{"users":[]}')$$);

\echo -- malformed JSON: reason, entry and byte; never the text
CREATE TABLE test.malformed (n serial, value text);
INSERT INTO test.malformed (value) VALUES ('{"secret":1,}'), ('{"secret":[1, ]}'), ('{"secret":NaN}'),
    ('{"secret":-Infinity}'), ('{"secret":undefined}'), ('{secret:1}'), ('{''secret'':1}'), ('{"secret":''x''}'),
    ('{"secret":"\ud83d"}'), ('{"secret":"\u0000"}'), ('{"secret":"' || chr(9) || '"}'), ('{"secret":"\x41"}'),
    ('{"secret":"\u00"}'), ('{"secret":01}'), ('{"secret":.5}'), ('{"secret":1e}'), ('{"secret" 1}'),
    ('{"secret":1 "x":2}'), ('{"secret":1]'), ('{"secret":}'), ('{"secret":1} {}'), (test.mark() || '{}'),
    ('{"secret":1 // one' || chr(9) || '}'), ('{"secret":1e200000}'), ('{"secret":1');
SELECT replace(value, test.mark(), 'MARK') AS value, t.ordinal, t.code, t.message
FROM test.malformed, LATERAL json_to_recordset(opigno.create_profiles(E'\n{}\n' || value) -> 'errors')
    AS t (ordinal integer, code text, message text)
WHERE t.code <> '22023' ORDER BY n;
SELECT b.call, t.t FROM test.bulk AS b, LATERAL unnest(ARRAY[E'{"\n', '[{},{"a":tru}]', '{"' || list || '":[{"a" 1}]}'])
    WITH ORDINALITY AS v (body, at), LATERAL test.told(test.answer(call, body)) WITH ORDINALITY AS t (t, line)
WHERE t.t LIKE '%22P02%' ORDER BY n, at, line;

\echo -- without a list, an entry is on one line; a line that is cut is an error of its own
SELECT replace(body, chr(10), '\n') AS body, t.t
FROM unnest(ARRAY[E'{\n  "user_id": "a",\n  "app_id": 1\n}\n', E'{"user_id":"a","app_id":1}\n{\n"user_id":"b"}',
    E'{"user_id":"a",\r\n"app_id":[\r\n]}', E'{"user_id":"a",\n{"user_id":"a","app_id":1}', E'{"user_id":"a','{'])
    WITH ORDINALITY AS v (body, at), LATERAL test.told(opigno.delete_profiles(body, 'report')) AS t ORDER BY at;
SELECT test.refusal($$SELECT * FROM opigno.parse_profiles(E'{\n"user_id":"a"}')$$);

\echo -- one byte order mark at the head
SELECT b.call, t.t FROM test.bulk AS b, LATERAL unnest(ARRAY['[{' || entry || '}]', '{"' || list || '":[{' || entry
    || '}]}', '{' || entry || '}', test.mark() || '[]']) WITH ORDINALITY AS v (body, at),
    LATERAL test.told(test.answer(call, test.mark() || body)) AS t WHERE n IN (3, 4) ORDER BY n, at;
CREATE TABLE test.marked (ordinal integer PRIMARY KEY, line text);
INSERT INTO test.marked VALUES (3, test.mark() || '{"user_id":"a","app_id":1,"profile_data":3}'),
    (5, test.mark() || '{"user_id":"b","app_id":1,"profile_data":4}');
SELECT t FROM test.told(opigno.load_profiles('test.marked', 'replace', dry_run => true)) AS t;
SELECT t FROM test.told(opigno.load_profiles('test.marked', 'replace', dry_run => true, after_ordinal => 0)) AS t;
UPDATE test.marked SET line = test.mark() || ' ' WHERE ordinal = 3;
SELECT opigno.load_profiles('test.marked', 'replace', dry_run => true) ->> 'failed' AS failed;

\echo -- a member that is given twice: of an entry, however it is spelled, and of the body; documents follow jsonb
SELECT b.call, t.t FROM test.bulk AS b, LATERAL unnest(ARRAY['[{' || entry || ',' || other || '}]',
    '{' || other || ',' || entry || '}', '{"' || list || '":[],"' || list || '":[]}',
    '{"' || list || '":[],"\u00' || to_hex(ascii(list)) || substr(list, 2) || '":[]}']) WITH ORDINALITY AS v (body, at),
    LATERAL test.told(test.answer(call, body)) WITH ORDINALITY AS t (t, line) ORDER BY n, at, line;
SELECT t FROM unnest(ARRAY['{"user_id":"a","app_id":1,"app_id":1,"user_id":"a","x":1,"x":2,"x":3}',
    '{"user_id":"a","app_id":1,"profile_data":{"a":1,"a":{"b":1,"b":2}}}', '{"user_id":7,"":1,"":2}',
    '{"user_id":"a","app_id":1,"profile_data":[{"a":1e400,"a":2}],"app_id":1}',
    '{"' || repeat('name', 70) || '":1,"' || repeat('name', 70) || '":2}']) WITH ORDINALITY AS v (body, at),
    LATERAL test.told(opigno.create_profiles(body, 'replace')) WITH ORDINALITY AS t (t, line) ORDER BY at, line;
SELECT profile_data FROM opigno.get_profile('a', 1);
INSERT INTO test.marked VALUES (6, '{"user_id":"a","user_id":"b","app_id":1,"profile_data":3}');
SELECT t FROM test.told(opigno.load_profiles('test.marked', 'replace', dry_run => true, after_ordinal => 5)) AS t;
SELECT ordinal, user_id, code, path, message
FROM opigno.parse_profiles('{"user_id":"a","user_id":"b","app_id":1,"profile_data":3}');
SELECT test.refusal($$SELECT * FROM opigno.parse_profiles('{"profiles":[],"profiles":[]}')$$);
SELECT t FROM test.told(opigno.patch_accounts('[{"username":"a","extended_profile":[{"field_name":"f","field_value":'
    '{"x":1,"x":2}},{"field_name":"g","field_name":"f","field_value":1,"field\u005fvalue":2}]}]')) AS t;

\echo -- the same of single calls
SELECT opigno.set_user_context_json('{"uuid":"a","scope":[],"uuid":"b","scope":["ADMINISTRATOR"],"displayName":7}');
SELECT opigno.set_user_context_json('{"uuid":"a","displayName":"A","isActive":true}') ->> 'errors' AS errors;
SELECT opigno.patch_account('a', '{"name":"A","n\u0061me":"B","extended_profile":[{"field_name":"f","field_name":"g",'
    '"field_value":1}]}'), opigno.patch_preferences('a', '{"k":"v","k":null,"l":"v"}');
BEGIN;
SELECT FROM opigno.test_request('a', '{AUTHENTICATED}');
SELECT opigno.patch_my_account('{"name":"A","name":"A"}'), opigno.patch_my_preferences('{"k":"v","k":"v"}');
ROLLBACK;
SELECT display_name, (SELECT count(*) FROM opigno.account) AS accounts, (SELECT count(*) FROM opigno.preference) AS
    preferences FROM opigno.get_user_context('a');

\echo -- users that a load creates are counted, by a dry run too, and are in the trail
DELETE FROM opigno.audit;
SELECT opigno.create_profiles(body, create_missing_users => true, dry_run => true) -> 'response' AS dry_run,
    opigno.create_profiles(body, create_missing_users => true) -> 'response' AS response
FROM (VALUES ('[{"user_id":"z","app_id":1,"profile_data":1},{"user_id":"c","app_id":1,"profile_data":1},'
    '{"user_id":"y","app_id":1,"profile_data":1}]')) AS v (body);
SELECT opigno.patch_profiles('{"user_id":"d","app_id":1,"patch":{}}', create_missing_users => true) -> 'response' AS
    response;
SELECT opigno.create_profiles('{"user_id":"e","app_id":1,"profile_data":1}') -> 'response' AS response,
    opigno.create_profiles('{"user_id":"e","app_id":2,"profile_data":1}', create_missing_users => true) -> 'response'
    AS no_app;
UPDATE test.marked SET line = '{"user_id":"staged","app_id":1,"profile_data":1}';
DELETE FROM test.marked WHERE ordinal = 6;
SELECT opigno.load_profiles('test.marked', create_missing_users => true) -> 'response' AS response;
SELECT action, outcome, subject, user_uuid, last_user_uuid, row_count FROM opigno.audit ORDER BY id;

DROP TABLE test.bulk, test.malformed, test.marked;
DROP FUNCTION test.answer, test.told, test.mark;
DELETE FROM opigno.profile;
DELETE FROM opigno.app;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
