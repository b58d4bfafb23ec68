-- Many user contexts at once.
\pset format unaligned
\pset tuples_only on
ALTER SEQUENCE opigno.user_context_id_seq RESTART 1;
SELECT FROM test.register_scopes();

SELECT opigno.set_user_contexts('[]');
SELECT opigno.set_user_contexts('[
    {"uuid":"3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77","displayName":"Andrew M. Pearson","isActive":true,'
    '"scope":"AUTHENTICATED"},
    {"uuid":"anon-7f3a","displayName":"Anonymous User","isActive":true},
    {"uuid":"17adb4c1-eb29-44bf-9d9a-5f8d056e58ee","displayName":"John, Doe","isActive":true,"scope":["MENTOR",'
    '"AUTHENTICATED"]}
]');
-- created, changed in each member, left as it is
SELECT opigno.set_user_contexts('[
    {"uuid":"new-user","displayName":"New","isActive":false,"scope":[]},
    {"uuid":"3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77","isActive":false},
    {"uuid":"anon-7f3a","scope":"AUTHENTICATED"},
    {"uuid":"17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE","displayName":"John, Doe","scope":["MENTOR","AUTHENTICATED"]}
]');
SELECT uuid, id, display_name, is_active, scope FROM opigno.list_user_contexts();

-- Three forms of the body.
SELECT opigno.set_user_contexts(body) FROM (VALUES
    (' {"userContexts" : [{"uuid":"anon-7f3a","isActive":true} , {"uuid":"new-user"}]} '),
    (E'{"uuid":"anon-7f3a","isActive":true}\r\n\r\n\t {"uuid":"new-user"} \n'),
    ('{"uuid":"anon-7f3a"}'), ('{"userContexts":[]}'), (''), (E' \n ')
) AS v (body);

-- A dry run tells the same and writes nothing.
SELECT test.digest() AS digest_before \gset
SELECT opigno.set_user_contexts('[
    {"uuid":"other","displayName":"Other","isActive":true},
    {"uuid":"new-user","isActive":true},
    {"uuid":"anon-7f3a","scope":["AUTHENTICATED"]}
]', dry_run => true);
SELECT opigno.set_user_contexts('[{"uuid":"other"},{"uuid":"new-user","isActive":true}]', 'report', true);

-- Refusals: every fault with the place of its entry.
SELECT opigno.set_user_contexts(body) FROM (VALUES
    ('{}'), ('null'), ('"text"'), ('[1,"a",null,[]]'), ('[{}]'),
    ('[{"uuid":"a","displayName":"A","isActive":true},{"uuid":"b"}]'),
    ('[{"uuid":"3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77","isActive":true},{"uuid":"x","displayName":"X","isActive":true},'
    '{"uuid":"3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77","isActive":false}]'),
    ('[{"uuid":"a","displayName":"A","isActive":true},{"uuid":"a","displayName":"A","isActive":true},{"uuid":"a",'
    '"scope":"WIZARD"}]'),
    ('[{"uuid":"b","scope":"WIZARD"},{"uuid":"b","scope":"WIZARD"},{"uuid":"b","displayName":"B","isActive":true}]'),
    ('[{"uuid":"a"},{"uuid":},{"uuid":"a\u0000b"},{"uuid":"a" "b"}]'), (E'{"uuid":"a"\n[]]'),
    ('[{"uuid":"","displayName":" ","isActive":"yes","scope":"WIZARD"},{"uuid":"b","displayname":"B",'
    '"scope":["MENTOR","MENTOR"]}]')
) AS v (body);
SELECT test.digest() = :'digest_before' AS nothing_changed;

-- The body ends too soon, or does not end: nothing else is done.
SELECT opigno.set_user_contexts(body, 'report') FROM (VALUES
    ('['), ('[{"uuid":"a"'), ('[{"uuid":"new-user","isActive":true},{}'), ('[{"uuid":"new-user","isActive":true}'),
    ('[{"uuid":"new-user","isActive":true}]]'),
    ('{"userContexts":[{"uuid":"new-user","isActive":true}],"more":1}'), (repeat('[', 100000))
) AS v (body);
SELECT test.digest() = :'digest_before' AS nothing_changed;

-- As many errors are told as are wanted, those of the first entries; all are counted.
SELECT opigno.set_user_contexts((SELECT string_agg('{"uuid":"n' || n || '"}', E'\n') FROM generate_series(1, 500) AS n),
    max_errors => 3);
SELECT json_array_length(answer -> 'errors'), answer -> 'failed'
FROM opigno.set_user_contexts((SELECT string_agg('{"uuid":"n' || n || '"}', E'\n')
    FROM generate_series(1, 500) AS n)) AS answer;
SELECT opigno.set_user_contexts('[1,2]', max_errors => 0);
SELECT test.digest() = :'digest_before' AS nothing_changed;

-- A user twice: what is the same change counts once, what is another is a fault.
SELECT opigno.set_user_contexts(format('[{"uuid":"twice","displayName":"Twice","isActive":true,"scope":["MENTOR"]},%s]',
    other), 'report', true) FROM unnest(ARRAY[
    '{"isActive":true,"uuid":"twice","scope":"MENTOR","displayName":"Tw\u0069ce"}',
    '{"uuid":"twice","displayName":"Twice","isActive":true}',
    '{"uuid":"twice","displayName":"Twice","isActive":true,"scope":[]}',
    '{"uuid":"twice","displayName":"Twice","isActive":false,"scope":"MENTOR"}',
    '{"uuid":"twice","displayName":"twice","isActive":true,"scope":"MENTOR"}',
    '{"uuid":"twice"}', '{"uuid":"TWICE","displayName":"Twice","isActive":true,"scope":["MENTOR"]}',
    '{"uuid":"twice","displayName":7}']) AS other;
SELECT test.digest() = :'digest_before' AS nothing_changed;

-- A new user's uuid has no white space around it; a user who has such a uuid is changed.
INSERT INTO opigno.user_context (uuid, display_name, is_active, created_at, updated_at)
VALUES (' old ', E'\t', true, now(), now());
SELECT opigno.set_user_contexts('[{"uuid":" a","displayName":"A","isActive":true},{"uuid":"b ","displayName":"B"},'
    '{"uuid":" old ","displayName":"\t","isActive":false},{"uuid":" c ","displayName":"C","isActive":1}]', 'report');
SELECT uuid, display_name, is_active FROM opigno.get_user_context(' old ');
SELECT count(*) FROM opigno.user_context WHERE uuid LIKE '% %';
DELETE FROM opigno.user_context WHERE uuid = ' old ';

-- on_error => 'report' writes what has no faults.
SELECT opigno.set_user_contexts('[
    {"uuid":"good","displayName":"Good","isActive":true},
    {"uuid":"bad","displayName":"Bad"},
    {"uuid":"good","displayName":"Again","isActive":true},
    {"uuid":"anon-7f3a","displayName":"Renamed"},
    {"uuid":"new-user","displayName":"New","isActive":"no"}
]', on_error => 'report');
SELECT uuid, display_name, is_active FROM opigno.list_user_contexts();

-- What raises, and changes nothing.
SELECT test.digest() AS digest_before \gset
SELECT test.refusal($$SELECT opigno.set_user_contexts(NULL)$$);
SELECT test.refusal($$SELECT opigno.set_user_contexts(NULL, 'ignore', max_errors => -1)$$);
SELECT test.digest() = :'digest_before' AS nothing_changed;
DELETE FROM opigno.user_context;

-- A trigger of the site's that suppresses what is written is told.
SELECT FROM opigno.set_user_context('stored', 'Stored', true);
CREATE TRIGGER suppress BEFORE INSERT OR UPDATE ON opigno.user_context FOR EACH ROW EXECUTE FUNCTION test.suppress();
SELECT test.refusal($$SELECT opigno.set_user_contexts('[{"uuid":"new-user","displayName":"New","isActive":true}]')$$);
SELECT test.refusal($$SELECT opigno.set_user_contexts('[{"uuid":"stored","displayName":"New"}]')$$);
SELECT opigno.set_user_contexts('[{"uuid":"stored","displayName":"Stored"}]');
DROP TRIGGER suppress ON opigno.user_context;

-- One that changes what is written has the last word, and the counts are right.
CREATE FUNCTION test.shout() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN NEW.display_name := upper(NEW.display_name); RETURN NEW; END';
CREATE TRIGGER shout BEFORE INSERT OR UPDATE ON opigno.user_context FOR EACH ROW EXECUTE FUNCTION test.shout();
SELECT opigno.set_user_contexts('[{"uuid":"stored","displayName":"Loud"},{"uuid":"louder","displayName":"Louder",'
    '"isActive":true}]');
SELECT display_name FROM opigno.set_user_context('loudest', 'Loudest', true);
SELECT uuid, display_name FROM opigno.list_user_contexts();
DROP TRIGGER shout ON opigno.user_context;
DROP FUNCTION test.shout;
DELETE FROM opigno.user_context;

-- A larger one: each way of writing agrees with the single function.
SELECT opigno.set_user_contexts((SELECT json_agg(json_build_object('uuid', 'user-' || n, 'displayName', 'User ' || n,
    'isActive', n % 2 = 0))::text
                                 FROM generate_series(1, 5000) AS n));
SELECT opigno.set_user_contexts((SELECT json_agg(json_build_object('uuid', 'user-' || n, 'isActive', true))::text
                                 FROM generate_series(1, 5000) AS n));
SELECT count(*), count(DISTINCT id), min(display_name), bool_and(is_active) FROM opigno.user_context;

-- In any order, with what is new beside what is there; each fault is told by its ordinal.
CREATE FUNCTION test.mixed() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(CASE n % 1000 WHEN 7 THEN '{"uuid":"lacks-' || n || '"}' WHEN 8
        THEN '{"uuid":"user-' || n || '","scope":"WIZARD"}' WHEN 9 THEN '{"uuid":"user-1"}'
                           WHEN 10 THEN '{"uuid":"user-' || n - 100 || '","displayName":"Other"}' WHEN 11 THEN '{'
                           ELSE '{"uuid":"user-' || n || '","displayName":"' || CASE WHEN n % 3 = 0 THEN 'User '
                           ELSE 'Member ' END || n || '","isActive":true}' END, E'\n' ORDER BY md5(n::text) COLLATE "C")
    FROM generate_series(2001, 8000) AS n $$;
SELECT opigno.set_user_contexts(test.mixed(), dry_run => true) -> 'failed' AS failed;
SELECT count(*) FROM opigno.user_context WHERE display_name LIKE 'Member %';
SELECT opigno.set_user_contexts(test.mixed(), 'report', max_errors => 0);
SELECT entry, e ->> 'code', e ->> 'path', e ->> 'message'
FROM json_array_elements(opigno.set_user_contexts(test.mixed(), 'report') -> 'errors') AS e,
    (SELECT string_to_array(test.mixed(), E'\n') AS all_of_them) AS m,
        LATERAL (SELECT all_of_them[(e ->> 'ordinal')::integer] AS entry) AS told ORDER BY entry COLLATE "C", 3;
SELECT count(*), count(DISTINCT id), sum(CASE WHEN display_name = 'Member ' || substr(uuid, 6) THEN 1
    ELSE 0 END) AS members FROM opigno.user_context;
DROP FUNCTION test.mixed;

-- Progress, as a trigger sees it.
CREATE TABLE test.progress AS SELECT target, phase, bytes_done = bytes_total AS is_read, rows_read, rows_total,
    rows_done, rows_written, rows_failed FROM opigno.bulk_progress;
CREATE FUNCTION test.see() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    'BEGIN PERFORM pg_stat_clear_snapshot(); INSERT INTO test.progress SELECT target, phase, bytes_done = bytes_total '
    'AS is_read, rows_read, rows_total, rows_done, rows_written, rows_failed FROM opigno.bulk_progress; RETURN NULL; '
    'END';
CREATE TRIGGER see AFTER INSERT OR UPDATE ON opigno.user_context FOR EACH STATEMENT EXECUTE FUNCTION test.see();
SELECT opigno.set_user_contexts((SELECT string_agg('{"uuid":"user-' || n || '","displayName":"User","isActive":true}',
    E'\n') || E'\n{' FROM generate_series(7000, 9999) AS n), 'report') -> 'response';
SELECT * FROM test.progress;
SELECT count(*) FROM opigno.bulk_progress;
DROP TRIGGER see ON opigno.user_context;
DROP FUNCTION test.see;
DROP TABLE test.progress;
DELETE FROM opigno.user_context;
DELETE FROM opigno.site_scope;
