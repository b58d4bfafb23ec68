-- How large documents and numbers may be, measured by their text: every way to write them, as a request and as an
-- operator.
\pset format unaligned
\pset tuples_only on
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_size;
SELECT opigno.grant_access('regress_opigno_size', 'user');
SELECT count(opigno.set_user_context(uuid, uuid, true, 'AUTHENTICATED'))
FROM unnest(ARRAY['learner', 'other', 'old']) AS uuid;
SELECT app_id FROM opigno.register_app('Shop', app_id => 0),
    opigno.configure_extended_profile_field('bio', visibility => 'shared');

\echo -- the size of a text that is not made
CREATE FUNCTION test.is_measured(document jsonb) RETURNS boolean LANGUAGE sql RETURN
    (opigno.jsonb_text_size(document)).text_size = octet_length(document::text);
SELECT document, s.* FROM unnest(ARRAY['{}', '[]', 'null', 'true', 'false', '""', '0', '-0.50',
    '{"a":1,"b":[1,22.0,{}],"":null}', '[[],[[]],"\"\\\n\u0001\u007f/"]']::jsonb[]) AS document,
    opigno.jsonb_text_size(document) AS s;
SELECT opigno.jsonb_text_size(NULL);
SELECT 'numbers', count(*) > 10000, count(*) FILTER (WHERE s.longest_number <> length(number::text)
    OR s.text_size <> s.longest_number) FROM (
    SELECT (sign || digits || 'e' || exponent)::numeric FROM unnest(ARRAY['', '-']) AS sign,
        generate_series(-40, 40) AS exponent,
        unnest(ARRAY['1', '9', '12', '99', '123', '999', '1234', '9999', '10000', '12345', '0', '1.5', '0.05', '1.000',
        '99.99', '9999.9999', '12345678901234567890']) AS digits
    UNION ALL SELECT ('1e' || exponent)::numeric
    FROM unnest(ARRAY[131071, 131070, 131069, 131068, 1000, 999, -998, -999, -1000, -16380, -16383]) AS exponent
    UNION ALL SELECT repeat('9', n)::numeric FROM generate_series(1, 1010) AS n
    UNION ALL SELECT ('-0.' || repeat('1', n))::numeric FROM generate_series(1, 200) AS n
    UNION ALL SELECT ('12.' || repeat('0', n))::numeric FROM generate_series(1, 200) AS n
    UNION ALL SELECT round((random() * 10 ^ (random() * 40))::numeric, (random() * 100)::integer)
    FROM generate_series(1, 10000)
) AS n (number), opigno.jsonb_text_size(to_jsonb(number)) AS s;
SELECT 'strings', count(*), count(*) FILTER (WHERE NOT test.is_measured(jsonb_build_object(string, string)))
FROM (SELECT repeat('x', before) || chr(character) || repeat('y', behind) FROM generate_series(1, 127) AS character,
    generate_series(0, 9) AS before, unnest(ARRAY[0, 3, 8]) AS behind) AS s (string);
SELECT 'long', test.is_measured(to_jsonb(repeat(E'x\n', 100000) || 'y')), test.is_measured(jsonb_agg(repeat('"', n))),
    test.is_measured((repeat('[', 1000) || repeat(']', 1000))::jsonb) FROM generate_series(1, 300) AS n;

/* Documents, of which an escape of six bytes is one byte in jsonb. */
CREATE TABLE test.document (n serial, name text, document jsonb);
INSERT INTO test.document (name, document) VALUES
    ('number of 1000', ('{"bio": 1' || repeat('0', 999) || '}')::jsonb),
    ('number of 1001', ('{"bio": -1' || repeat('0', 999) || '}')::jsonb),
    ('1e131071', '{"bio": [{"deep": 1e131071}]}'),
    ('1e-16383', '{"bio": 1e-16383}'),
    ('1048576 bytes', jsonb_build_object('bio', repeat(E'\x01', 174760) || 'aaaaa')),
    ('1048577 bytes', jsonb_build_object('bio', repeat(E'\x01', 174760) || 'aaaaaa'));
SELECT name, s.* FROM test.document, opigno.jsonb_text_size(document) AS s ORDER BY n;

/* Ways to write a document %1$L, where a profile is already and where there is none. */
CREATE TABLE test.way (n serial, by_request boolean, statement text);
INSERT INTO test.way (by_request, statement)
SELECT by_request, format(statement, uuid, '%1$L') FROM (VALUES
    (true, 'upsert_profile(%1$L, 0, %2$s)'), (true, 'patch_profile(%1$L, 0, %2$s)'),
    (false, 'upsert_profile(%1$L, 0, %2$s)'), (false, 'patch_profile(%1$L, 0, %2$s)'),
    (true, 'create_my_profile(0, %2$s)'), (true, 'patch_my_profile(0, %2$s)'),
    (false, $$create_profiles(test.list(%1$L, 'profile_data', %2$s))$$),
    (false, $$create_profiles(test.list(%1$L, 'profile_data', %2$s), 'skip', 'report')$$),
    (false, $$create_profiles(test.list(%1$L, 'profile_data', %2$s), 'replace')$$),
    (false, $$create_profiles(test.list(%1$L, 'profile_data', %2$s), 'merge')$$),
    (false, $$patch_profiles(test.list(%1$L, 'patch', %2$s))$$),
    (false, $$load_profiles(test.staged(%1$L, %2$s, 'lines'), 'replace')$$),
    (false, $$load_profiles(test.staged(%1$L, %2$s, 'columns'), 'merge')$$)
) AS w (by_request, statement), unnest(ARRAY['learner', 'other']) AS uuid WHERE uuid = 'learner' OR NOT by_request;
INSERT INTO test.way (by_request, statement) VALUES
    (true, $$patch_account('learner', test.fields(%1$L))$$), (false, $$patch_account('learner', test.fields(%1$L))$$),
    (true, 'patch_my_account(test.fields(%1$L))'),
    (false, $$patch_accounts(test.fields(%1$L, 'learner')::text)$$), (true, $$patch_preferences('learner', %1$L)$$),
    (false, $$patch_preferences('learner', %1$L)$$), (true, 'patch_my_preferences(%1$L)');
CREATE FUNCTION test.list(uuid text, member text, document jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT jsonb_build_array(jsonb_build_object('user_id', uuid, 'app_id', 0, member, document))::text $$;
CREATE FUNCTION test.fields(document jsonb, uuid text DEFAULT NULL) RETURNS json LANGUAGE sql AS $$
    SELECT CASE WHEN uuid IS NULL THEN patch ELSE jsonb_build_array(patch || jsonb_build_object('username', uuid))
    END::json
    FROM jsonb_build_object('extended_profile',
    jsonb_build_array(jsonb_build_object('field_name', 'bio', 'field_value', document -> 'bio'))) AS patch $$;
CREATE TABLE test.lines (ordinal integer PRIMARY KEY, line text);
CREATE TABLE test.columns (ordinal integer PRIMARY KEY, user_id text, app_id integer, profile_data text);
CREATE FUNCTION test.staged(uuid text, document jsonb, kind text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO test.lines VALUES (1, (test.list(uuid, 'profile_data', document)::jsonb -> 0)::text);
    INSERT INTO test.columns VALUES (1, uuid, 0, document);
    RETURN 'test.' || kind;
END $$;
GRANT SELECT ON test.document TO PUBLIC;
/* What a call answers, shortened, by an operator or in a request of the learner's; what it wrote is undone. */
CREATE FUNCTION test.tried(by_request boolean, call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    IF by_request THEN
        PERFORM opigno.test_request('learner');
        SET LOCAL ROLE regress_opigno_size;
    END IF;
    EXECUTE 'SELECT to_jsonb(s) #>> ''{}'' FROM opigno.' || call || ' AS s' INTO answer;
    RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = answer;
EXCEPTION WHEN OTHERS THEN
    RETURN CASE SQLSTATE WHEN 'ZZ999' THEN '' ELSE SQLSTATE || ': ' END || CASE WHEN length(SQLERRM) > 700
        THEN left(SQLERRM, 4) || ' ...' ELSE test.nths(SQLERRM) END;
END $$;
SET client_min_messages = warning;
SELECT test.nths(opigno.upsert_profile('other', 0, '{"bio": "of the other''s"}')::text);
SELECT test.digest() AS digest_before \gset
SELECT CASE WHEN by_request THEN 'request' ELSE 'operator' END, replace(statement, '%1$L', name),
    test.tried(by_request, format(statement, document)) FROM test.way AS w, test.document AS d ORDER BY w.n, d.n;
SELECT test.digest() = :'digest_before' AS nothing_changed;

\echo -- numbers that are no documents, and a preference that would be a gigabyte of text
SELECT test.tried(false, $$create_profiles('[{"user_id":"learner","app_id":1e131071,"profile_data":1},
    {"user_id":1e131071,"app_id":0.0,"profile_data":1},
    {"user_id":"learner","app_id":0e-16383,"profile_data":1}]')$$);
SELECT test.tried(false, $$set_user_context_json('{"uuid":"learner","displayName":1e131071,"scope":[1e131071]}')$$);
SELECT test.tried(true, $$patch_preferences('learner', ('{"p": [1e131071' || repeat(',1e131071',
    9000) || ']}')::json)$$);
SELECT test.tried(true, format('patch_preferences(%L, %L)', 'learner',
    jsonb_build_object('p', (SELECT jsonb_agg(repeat(E'\x01', 10000)) FROM generate_series(1, 2)))));
SELECT test.tried(true, format('patch_preferences(%L, %L)', 'learner',
    jsonb_build_object('p', ('1' || repeat('0', 99))::numeric, 'q', '[1]'::jsonb)));
SELECT code, path, message FROM
    opigno.parse_profiles('[{"user_id":"learner","app_id":0,"profile_data":{"a":[1e1000]}}]');
SELECT length((opigno.jsonb_merge_patch('{"a":1e131071}', '{"b":1}'))::text) AS by_the_letter;

\echo -- the limit that an app has for requests
SELECT test.refusal('SELECT opigno.' || call)
FROM unnest(ARRAY[$$register_app('Few', max_profile_size => 0)$$,
    $$register_app('Few', max_profile_size => 268435456)$$, $$update_app(0, '', max_profile_size => -1)$$]) AS call;
SELECT app_id FROM opigno.register_app('Few', app_id => 1, max_profile_size => 100);
SELECT app_id, max_profile_size FROM opigno.app ORDER BY app_id;
CREATE FUNCTION test.of_bytes(size integer) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('s', repeat('x', size - 9)) $$;
SELECT 'request', size, test.tried(true, format('create_my_profile(1, %L)', test.of_bytes(size)))
FROM unnest(ARRAY[100, 101]) AS size;
SELECT test.tried(false, format('upsert_profile(%L, 1, %L)', 'learner', test.of_bytes(101)));
SAVEPOINT before;
SELECT opigno.test_request('learner');
SET LOCAL ROLE regress_opigno_size;
SELECT test.refusal(format('SELECT opigno.create_my_profile(1, %L)', test.of_bytes(101)));
SELECT test.refusal($$SELECT opigno.patch_my_profile(1, '{"a":1e1000}')$$);
SELECT test.refusal(format('SELECT opigno.patch_my_account(test.fields(%L))',
    (SELECT document FROM test.document WHERE name = '1048577 bytes')));
ROLLBACK TO before;
SELECT opigno.update_app(1, max_profile_size => 200);
SELECT opigno.update_app(1, max_profile_size => 200, is_private => false);
SELECT 'request', size, test.tried(true, format('create_my_profile(1, %L)', test.of_bytes(size)))
FROM unnest(ARRAY[200, 201]) AS size;
SELECT action, outcome, app_id, subject FROM opigno.audit WHERE action ~ 'app' ORDER BY id;

\echo -- what merges build up; what is too large may become smaller, and may stay
SELECT test.nth(version) AS version, outcome FROM opigno.upsert_profile('learner', 1, test.of_bytes(150));
SELECT name, test.tried(true, format('patch_my_profile(1, %L)', jsonb_build_object('t', string)))
FROM (VALUES ('41 bytes', repeat('y', 41)), ('42 bytes', repeat('y', 42)),
    ('41 bytes with escapes', repeat(E'\x01', 6) || E'yyy\n'),
    ('42 bytes with escapes', repeat(E'\x01', 6) || E'yyyy"')) AS s (name, string);
SELECT test.tried(true, $$patch_my_profile(1, '{"n":1e1000}')$$);
SELECT test.nth(version) AS version, outcome FROM opigno.upsert_profile('learner', 1, test.of_bytes(300));
SELECT 'upsert', size, test.tried(true, format('upsert_profile(%L, 1, %L)', 'learner', test.of_bytes(size)))
FROM unnest(ARRAY[301, 300, 299, 201, 200]) AS size;
SELECT patch, test.tried(true, format('patch_my_profile(1, %L)', patch))
FROM unnest(ARRAY['{"t":1}', '{"s":null,"t":1}', '{"t":null}']) AS patch;
SELECT length(opigno.patch_account('learner',
    test.fields((SELECT document FROM test.document WHERE name = '1048577 bytes')))::text) > 1048577;
SELECT test.tried(true, $$patch_my_account(test.fields('{"bio":1}'))$$)::json -> 'extended_profile';
SELECT test.tried(true, format('patch_my_account(%L)', '{"extended_profile":[{"field_name":"more","field_value":1}]}'));

\echo -- what an earlier version let in can be changed, and mended, but not made worse
INSERT INTO opigno.profile VALUES ('old', 0, '{"a": 1e131071}', 1, now(), now());
INSERT INTO opigno.account VALUES ('old', '{"a": 1e131071}', 1, now(), now());
CREATE FUNCTION test.listed() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws('|', p.user_uuid, p.app_id, s.text_size, s.longest_number) FROM opigno.profile AS p,
        opigno.jsonb_text_size(p.profile_data) AS s WHERE s.longest_number > 1000
    UNION ALL SELECT concat_ws('|', a.user_uuid, s.text_size, s.longest_number) FROM opigno.account AS a,
        opigno.jsonb_text_size(a.extended_profile) AS s WHERE s.longest_number > 1000 $$;
SELECT test.listed();
SELECT patch, test.tried(false, format('patch_profile(%L, 0, %L)', 'old', patch)),
    test.tried(false, format('patch_profiles(%L)', test.list('old', 'patch', patch::jsonb)))
FROM unnest(ARRAY['{"b":1}', '{"b":1e1000}', '{"a":null}', '{"a":1e131071}', '{"a":-1e131071}', '{}']) AS patch;
SELECT patch, test.tried(false, format('patch_accounts(%L)', test.fields(patch::jsonb, 'old')))
FROM unnest(ARRAY['{"bio":1}', '{"bio":1e1000}']) AS patch;
SELECT opigno.patch_profile('old', 0, '{"a":null}'),
    opigno.patch_account('old', '{"extended_profile":[{"field_name":"a","field_value":null}]}') \g /dev/null
SELECT test.listed();

\echo -- the list functions and COPY after all
SELECT count(*), sum(length(profile_data::text)) > 0 FROM opigno.list_profiles(0);
SELECT count(*), sum(length(account::text)) > 0 FROM opigno.get_accounts('{learner,other,old}');
COPY (SELECT count(*) FROM opigno.profile AS p, LATERAL (SELECT p::text) AS t WHERE length(t.p) > 1000000) TO STDOUT;

RESET client_min_messages;
ROLLBACK;
