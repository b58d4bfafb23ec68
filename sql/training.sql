-- Trainings: created, changed, read, found by the start of their titles, and deleted.
\pset null '(null)'
SELECT training_id, title, is_active, test.nth(version) AS version, created_at = updated_at AS is_new
FROM opigno.set_training('3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77', 'First Aid');
SELECT training_id, title, is_active, test.nth(version) AS version
FROM opigno.set_training('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', is_active => false);
SELECT training_id, is_active FROM opigno.get_training('3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77');
SELECT count(*) FROM opigno.get_training('unknown');
SELECT ctid AS ctid_before FROM opigno.training \gset
SELECT title, test.nth(version) AS version
FROM opigno.set_training('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', 'First Aid', false);
SELECT ctid = :'ctid_before' AS is_the_same_row FROM opigno.training;
SELECT action, outcome, subject, user_uuid FROM opigno.audit WHERE action = 'set_training' ORDER BY recorded_at, id;

-- Refusals: all faults at once, and nothing changed.
SELECT test.digest() AS digest_before \gset
SELECT call, test.refusal('SELECT opigno.' || call) FROM (VALUES
    ($$set_training(NULL, 'A')$$), ($$set_training('', 'A')$$), ($$set_training('new')$$),
    ($$set_training(' new', 'A')$$), ($$set_training(E'a\nb', 'A')$$), ($$set_training('new', E' \t')$$),
    ($$set_training('new', repeat('x', 256))$$), ($$set_training(repeat('x', 256), ' ', NULL, -2)$$),
    ($$set_training(' new', ' ', NULL, -2)$$), ($$set_training('new', 'A', NULL, -1)$$),
    ($$set_training('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', 'A', expected_version => 0)$$),
    ($$set_training('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', 'A', expected_version => 7)$$),
    ($$delete_training(NULL, -2)$$), ($$delete_training('unknown', -1)$$),
    ($$delete_training('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', 0)$$)) AS v (call);
SELECT test.digest() = :'digest_before' AS nothing_changed;

-- Autocomplete: by prefix, without letter case, the exact title first.
SELECT count(opigno.set_training(training_id, title)) FROM (VALUES ('a', 'Data'), ('b', 'data  Base Design'),
    ('c', 'DATA'), ('d', 'Database'), ('e', 'Dance')) AS v (training_id, title);
SELECT * FROM opigno.find_trainings('DATA');
SELECT * FROM opigno.find_trainings(' data B');
SELECT * FROM opigno.find_trainings('', max_rows => 2);
SELECT * FROM opigno.find_trainings('First');
SELECT training_id FROM opigno.list_trainings('a', 2, true);
SELECT opigno.search_key(E'\t A \n\n B ');

SELECT opigno.set_training('id ' || n, 'Title ' || n) IS NULL FROM generate_series(1, 2000) AS n OFFSET 2000;
ANALYZE opigno.training;
SELECT test.plan($$SELECT * FROM opigno.find_trainings('title 7')$$);
SELECT count(opigno.upsert_training_profile('id ' || n, app_id, '{}'))
FROM opigno.register_app('Finder', app_id => 0), generate_series(1, 2000, 2) AS n;
ANALYZE opigno.training_profile;
SELECT test.plan($$SELECT * FROM opigno.find_trainings('title 7', 0)$$);
SELECT training_id FROM opigno.find_trainings('title 7', 0, 3);
SELECT training_id FROM opigno.find_trainings('title 7', 1, 3);
SET plan_cache_mode = force_generic_plan;
PREPARE find (text) AS SELECT * FROM opigno.find_trainings($1);
SELECT test.plan($$EXECUTE find('title 7')$$);
PREPARE find_of_app (text, integer, integer) AS SELECT * FROM opigno.find_trainings($1, $2, $3);
SELECT test.plan($$EXECUTE find_of_app('title 7', 0, 10)$$);
RESET plan_cache_mode;
CREATE ROLE regress_opigno_app;
SELECT opigno.grant_access('regress_opigno_app', 'user');
SET ROLE regress_opigno_app;
SELECT test.plan($$SELECT * FROM opigno.find_trainings('title 7')$$);
SELECT training_id FROM opigno.find_trainings('TITLE 77', max_rows => 3);
SELECT test.refusal($$SELECT opigno.set_training('new', 'A')$$);
SELECT test.refusal($$SELECT opigno.delete_training('a')$$);
RESET ROLE;
SELECT opigno.revoke_access('regress_opigno_app');
DROP ROLE regress_opigno_app;

-- The range of a prefix has all keys that start with it, and no other: also behind the last character with some bytes.
CREATE FUNCTION test.range_is_right(point integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    prefix text;
BEGIN
    IF getdatabaseencoding() <> 'UTF8' THEN
        RETURN true;
    END IF;
    prefix := 'a' || chr(point);
    RETURN opigno.search_key(prefix || repeat(chr(1114111), 200)) COLLATE "C" < opigno.search_key_end(prefix)
        AND 'a' || chr(point + 1) COLLATE "C" >= opigno.search_key_end(prefix);
END $$;
SELECT bool_and(test.range_is_right(point))
FROM unnest(ARRAY[33, 126, 127, 255, 959, 1087, 2047, 2048, 55294, 65533, 65534, 65535, 1114110]) AS point;
DROP FUNCTION test.range_is_right;
-- Many at once.
\pset format unaligned
\pset tuples_only on
SELECT opigno.set_trainings('[{"training_id":"x","title":"X"},{"training_id":"y","title":"Y","is_active":false}]');
SELECT opigno.set_trainings('{"trainings":[{"training_id":"x","title":"X"},{"training_id":"y","title":"Why"},'
    '{"training_id":"3BC5B83F-7D96-4B0C-B1E6-627A01D1AB78","title":"UUID"}]}');
SELECT training_id, title, is_active, test.nth(version) FROM opigno.list_trainings('w');
SELECT outcome, row_count, user_uuid IS NULL, subject FROM opigno.audit WHERE action = 'set_trainings'
ORDER BY recorded_at, id;
SELECT test.digest() AS digest_before \gset
SELECT test.nths(opigno.set_trainings('[{"training_id":"z"},{"training_id":" z ","title":" "},{"title":"No id"},7,'
    '{"training_id":"x","title":7,"is_active":"yes","level":1},{"training_id":"x","title":"X","version":1},'
    '{"training_id":"y","title":"A"},{"training_id":"y","title":"B"}]')::text);
SELECT opigno.set_trainings('[{"training_id":"z","title":"Z"},{"training_id":"x","is_active":false}]',
    dry_run => true);
SELECT opigno.set_trainings('{"userContexts":[]}');
SELECT test.refusal($$SELECT opigno.set_trainings(NULL, 'ignore', max_errors => -1)$$);
SELECT test.digest() = :'digest_before' AS nothing_changed;
SELECT opigno.set_trainings('[{"training_id":"y","title":"A"},{"training_id":"y","title":"B"}]',
    on_duplicate => 'last');
SELECT opigno.set_trainings('[{"training_id":"z"},{"training_id":"y","title":"C"}]', 'report');
SELECT title FROM opigno.get_training('y');
\pset tuples_only off
\pset format aligned

-- A training that progress refers to stays.
SELECT FROM opigno.set_user_context('user', 'User', true);
INSERT INTO opigno.training_progress (user_uuid, training_id, is_enrolled, status, progress, reported_at, version,
    created_at, updated_at) VALUES ('user', 'a', true, 'in_progress', 5, now(), 1, now(), now());
SELECT test.refusal($$SELECT opigno.delete_training('a')$$);
DELETE FROM opigno.training_progress;
SELECT opigno.delete_training('A');
SELECT opigno.delete_training('a');
SELECT opigno.delete_training('a');
DELETE FROM opigno.training_profile;
DELETE FROM opigno.app;
DELETE FROM opigno.training;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
