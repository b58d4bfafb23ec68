-- Many user contexts at once.
\pset format unaligned
\pset tuples_only on
ALTER SEQUENCE opigno.user_context_id_seq RESTART 1;

SELECT opigno.set_user_contexts('[]');
SELECT opigno.set_user_contexts('[
    {"uuid":"3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77","displayName":"Andrew M. Pearson","isActive":true,"scope":"AUTHENTICATED"},
    {"uuid":"anon-7f3a","displayName":"Anonymous User","isActive":true},
    {"uuid":"17adb4c1-eb29-44bf-9d9a-5f8d056e58ee","displayName":"John, Doe","isActive":true,"scope":["MENTOR","AUTHENTICATED"]}
]');
-- created, changed in each member, left as it is
SELECT opigno.set_user_contexts('[
    {"uuid":"new-user","displayName":"New","isActive":false,"scope":[]},
    {"uuid":"3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77","isActive":false},
    {"uuid":"anon-7f3a","scope":"AUTHENTICATED"},
    {"uuid":"17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE","displayName":"John, Doe","scope":["MENTOR","AUTHENTICATED"]}
]');
SELECT uuid, id, display_name, is_active, scope FROM opigno.list_user_contexts();

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
    ('[{"uuid":"3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77","isActive":true},{"uuid":"x","displayName":"X","isActive":true},{"uuid":"3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77","isActive":true}]'),
    ('[{"uuid":"a","displayName":"A","isActive":true},{"uuid":"a","displayName":"A","isActive":true},{"uuid":"a","scope":"WIZARD"}]'),
    ('[{"uuid":"","displayName":" ","isActive":"yes","scope":"WIZARD"},{"uuid":"b","displayname":"B","scope":["MENTOR","MENTOR"]}]')
) AS v (body);
SELECT test.digest() = :'digest_before' AS nothing_changed;

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
SELECT test.refusal($$SELECT opigno.set_user_contexts('[{"uuid":"a"')$$);
SELECT test.refusal($$SELECT opigno.set_user_contexts('[{"uuid":"a\u0000b"}]')$$);
SELECT test.refusal($$SELECT opigno.set_user_contexts('')$$);
SELECT test.refusal($$SELECT opigno.set_user_contexts(NULL)$$);
SELECT test.refusal($$SELECT opigno.set_user_contexts('[]', on_error => 'ignore')$$);
SELECT test.refusal($$SELECT opigno.set_user_contexts(repeat('[', 100000))$$) LIKE '54001: %' LIMIT 1;
SELECT test.digest() = :'digest_before' AS nothing_changed;
DELETE FROM opigno.user_context;

-- A trigger of the site's that suppresses what is written is told.
SELECT FROM opigno.set_user_context('stored', 'Stored', true);
CREATE FUNCTION test.suppress() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER suppress BEFORE INSERT OR UPDATE ON opigno.user_context FOR EACH ROW EXECUTE FUNCTION test.suppress();
SELECT test.refusal($$SELECT opigno.set_user_contexts('[{"uuid":"new-user","displayName":"New","isActive":true}]')$$);
SELECT test.refusal($$SELECT opigno.set_user_contexts('[{"uuid":"stored","displayName":"New"}]')$$);
SELECT opigno.set_user_contexts('[{"uuid":"stored","displayName":"Stored"}]');
DROP TRIGGER suppress ON opigno.user_context;
DROP FUNCTION test.suppress;

-- One that changes what is written has the last word, and the counts are right.
CREATE FUNCTION test.shout() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.display_name := upper(NEW.display_name); RETURN NEW; END';
CREATE TRIGGER shout BEFORE INSERT OR UPDATE ON opigno.user_context FOR EACH ROW EXECUTE FUNCTION test.shout();
SELECT opigno.set_user_contexts('[{"uuid":"stored","displayName":"Loud"},{"uuid":"louder","displayName":"Louder","isActive":true}]');
SELECT display_name FROM opigno.set_user_context('loudest', 'Loudest', true);
SELECT uuid, display_name FROM opigno.list_user_contexts();
DROP TRIGGER shout ON opigno.user_context;
DROP FUNCTION test.shout;
DELETE FROM opigno.user_context;

-- A larger one: each way of writing agrees with the single function.
SELECT opigno.set_user_contexts((SELECT json_agg(json_build_object('uuid', 'user-' || n, 'displayName', 'User ' || n, 'isActive', n % 2 = 0))::text
                                 FROM generate_series(1, 5000) AS n));
SELECT opigno.set_user_contexts((SELECT json_agg(json_build_object('uuid', 'user-' || n, 'isActive', true))::text
                                 FROM generate_series(1, 5000) AS n));
SELECT count(*), count(DISTINCT id), min(display_name), bool_and(is_active) FROM opigno.user_context;
DELETE FROM opigno.user_context;
