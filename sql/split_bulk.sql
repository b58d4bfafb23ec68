-- Bodies of loads, split by the shards of their users, and loads of a part.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE FUNCTION pg_temp.parts(body text, function_name text DEFAULT 'create_profiles') RETURNS SETOF text
LANGUAGE sql AS $$ SELECT format('%s %s%s at %s: %s%s', s.shard, s.ordinals, CASE WHEN s.are_lines THEN ' lines' END,
    coalesce(s.positions::text, 'all'), quote_literal(s.part), ' ' || s.flaw::text)
FROM opigno.split_bulk(function_name, body, 4) AS s $$;
SELECT u, opigno.user_shard(u, 4) FROM unnest('{a,b,c,d,e,f}'::text[]) AS u;
\echo -- lines, a list, and a document
SELECT pg_temp.parts(E'{"user_id": "a", "n": 1}\n\n{"user_id": "b"} \r\n{"user_uuid":"a"}\n'
    '{"n": {"user_id": "a"}, "user_id": "b"}\n');
SELECT pg_temp.parts('[{"user_id": "a"}, {"user_id":"b"} ,{"user_id": "a", "x": [1, "]"]}]');
SELECT pg_temp.parts('{"profiles": [{"user_id": "a"}, {"user_id": "b"}]}');
\echo -- the user as the load reads it: escapes, null, letter case of UUIDs
SELECT pg_temp.parts(E'{"us\\u0065r_id": "\\u0061"}\n{"user_id": null, "user_uuid": "a"}\n{"user_id": "b"}');
SELECT (SELECT s.shard FROM opigno.split_bulk('set_user_contexts', format('{"uuid": %s}', to_json(u)), 65536) AS s)
    = opigno.user_shard(u, 65536) AS is_same
FROM unnest(ARRAY['3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77', '3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77',
    'a "quoted" \ one']) AS u;
SELECT pg_temp.parts('[{"username": "a"}, {"username": "b"}]', 'patch_accounts');
SELECT pg_temp.parts('{"reports": [{"user_uuid": "a"}, {"user_id": "b"}]}', 'report_progress_many');
SELECT pg_temp.parts('{"userContexts": [{"uuid": "a"}, {"uuid": "b"}]}', 'set_user_contexts');
\echo -- entries without a user are for shard 0, and so is a body without entries
SELECT pg_temp.parts(E'nothing\n{"user_id": 7}\n3\n{"user_id": "b"}\n{}\n{"user_id');
SELECT pg_temp.parts(body) FROM unnest('{"",[],NULL,"{\"profiles\": []}"}'::text[]) AS body;
\echo -- flaws
SELECT pg_temp.parts('[{"user_id": "a"}, {"user_id": "b"}] x');
SELECT pg_temp.parts('[{"user_id": "a"} {"user_id": "b"}]');
SELECT pg_temp.parts(E'{"user_id": "a"}\n{"user_id": "b"}\n[1,\n2]');
SELECT test.refusal(call) FROM unnest(ARRAY[
    $$SELECT opigno.split_bulk('load_profiles', '', 4)$$, $$SELECT opigno.split_bulk(NULL, '', 0)$$,
    $$SELECT opigno.split_bulk('create_profiles', '', NULL)$$]) AS call;

\echo -- a load of a part: ordinals and byte positions of the whole
SELECT opigno.register_app('App', app_id => 0) IS NULL AS none;
SELECT opigno.begin_bulk_part('{3,7,9}', '{100,200,300}', true);
SELECT opigno.create_profiles(E'{"user_id": "none", "app_id": 0, "profile_data": 1}\n{"a": nothing}\n{"user_id": "n"}',
    on_error => 'report');
\echo -- and of the next load only
SELECT opigno.create_profiles('{"a": nothing}', on_error => 'report');
\echo -- a line alone is an entry, whatever the line after it is
SELECT opigno.begin_bulk_part('{3,7}', '{100,200}', true);
SELECT opigno.create_profiles(E'[1,\n{"a": 1}') -> 'errors' -> 0;
SELECT opigno.begin_bulk_part('{3,7}', '{100,200}');
SELECT opigno.create_profiles(E'[{"a": x}, {"b": y}]') -> 'errors';
\echo -- a part of a malformed body: the errors of reading, and nothing is written
SELECT opigno.set_user_context('a', 'A', true) IS NULL AS none;
SELECT opigno.begin_bulk_part('{1,2}', '{1,50}', false, true);
SELECT opigno.create_profiles('[{"user_id": "a", "app_id": 0, "profile_data": 1},
    {"user_id": "none", "app_id": 0, "profile_data": 1}]', on_error => 'report');
SELECT count(*) FROM opigno.profile WHERE user_uuid = 'a';
\echo -- not as many entries as were announced
SELECT opigno.begin_bulk_part('{1,2}', '{1,50}');
SELECT test.refusal($$SELECT opigno.create_profiles('[{"user_id": "a"}]')$$);
SELECT opigno.begin_bulk_part('{1}', '{1}');
SELECT test.refusal($$SELECT opigno.create_profiles('[1,2]')$$);
\echo -- forgotten with its subtransaction, kept by one that commits
SAVEPOINT s;
SELECT opigno.begin_bulk_part('{5}', '{50}');
ROLLBACK TO s;
SELECT opigno.delete_profiles('[1]') -> 'errors' -> 0 -> 'ordinal' AS ordinal;
SAVEPOINT s;
SELECT opigno.begin_bulk_part('{5}', '{50}');
RELEASE s;
SELECT opigno.delete_profiles('[1]') -> 'errors' -> 0 -> 'ordinal' AS ordinal;
SELECT test.refusal(format('SELECT opigno.begin_bulk_part(%s)', arguments)) FROM unnest(ARRAY['NULL, NULL',
    $$'{1,2}', '{1}'$$, $$'{2,1}', '{1,2}'$$, $$'{0}', '{1}'$$, $$'{1,NULL}', '{1,2}'$$, $$'{{1}}', '{1}'$$])
    AS arguments;
SELECT opigno.begin_bulk_part('{}', '{}');
ROLLBACK;
\echo -- forgotten with the transaction
BEGIN;
SELECT opigno.begin_bulk_part('{5}', '{50}');
COMMIT;
SELECT opigno.delete_profiles('[1]') -> 'errors' -> 0 -> 'ordinal' AS ordinal;

\echo -- loads over several shards
BEGIN;
SELECT opigno.begin_bulk_transaction('a', true), opigno.bulk_transaction_committed('a');
SELECT transaction_id, begun_by = current_user::regrole AS mine FROM opigno.bulk_transaction;
SELECT test.refusal($$SELECT opigno.begin_bulk_transaction('a', true)$$);
SELECT test.refusal(format('SELECT opigno.begin_bulk_transaction(%L)', id))
FROM unnest(ARRAY[NULL, '', repeat('a', 101)]) AS id;
SELECT opigno.bulk_transaction_committed('b'), opigno.end_bulk_transaction('b');
SELECT count(*) FROM opigno.bulk_transaction;
SELECT mode FROM pg_locks
WHERE relation = 'opigno.bulk_transaction'::regclass AND mode = 'ShareUpdateExclusiveLock';
CREATE ROLE bulk_operator;
SELECT opigno.grant_access('bulk_operator', 'operator');
SET LOCAL ROLE bulk_operator;
SELECT opigno.end_bulk_transaction('a') AS of_another;
RESET ROLE;
SELECT opigno.end_bulk_transaction('a');
SELECT test.refusal($$SELECT opigno.connect_shard('none', 0, 'c')$$);
SELECT test.refusal($$SELECT opigno.connect_shard(NULL, NULL, NULL)$$);
ROLLBACK;
