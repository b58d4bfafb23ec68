-- Profiles by an operator: versions, outcomes, and every kind of bad input.
SELECT count(opigno.set_user_context(uuid, uuid, uuid <> 'inactive'))
FROM unnest(ARRAY['17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 'learner', 'inactive']) AS uuid;
SELECT count(opigno.register_app('App ' || n, app_id => n)) FROM generate_series(0, 2) AS n;

\echo -- the example of Sentinel: an app_id of 0
SELECT test.nth(version) AS version, outcome
FROM opigno.upsert_profile('17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE', 0, '{"additionalProp1": {}}');
SELECT user_uuid, app_id, profile_data, test.nth(version) AS version
FROM opigno.get_profile('17adb4c1-EB29-44bf-9d9a-5f8d056e58ee', 0);

\echo -- any JSON value, created, replaced and unchanged: the same bytes
SELECT document, test.nth(version) AS version, outcome
FROM unnest(ARRAY['{}', '[1, 2]', '"text"', '1', '1.0', '1.00', 'true', 'null', '{"a": 1.0}',
    '{"a":1.0}', '{"a": 1}']) WITH ORDINALITY AS d (document, n),
    LATERAL opigno.upsert_profile('learner', 1, document::jsonb) AS w ORDER BY n;
SELECT xmin AS xmin_before, ctid AS ctid_before, updated_at AS updated_before FROM opigno.profile
WHERE user_uuid = 'learner' AND app_id = 1 \gset
BEGIN;
SELECT test.nth(version) AS version, outcome
FROM opigno.upsert_profile('learner', 1, '{"a": 1}');
SELECT test.nth(version) AS version, outcome
FROM opigno.patch_profile('learner', 1, '{"a": 1, "b": null}');
SELECT pg_current_xact_id_if_assigned() IS NULL AS nothing_was_written;
COMMIT;
BEGIN READ ONLY;
SELECT test.nth(version) AS version, outcome
FROM opigno.upsert_profile('learner', 1, '{"a": 1}');
COMMIT;
SELECT xmin = :'xmin_before' AND ctid = :'ctid_before' AS is_the_same_row FROM opigno.profile
WHERE user_uuid = 'learner' AND app_id = 1;

\echo -- patches: created without its nulls, merged, unchanged
SELECT patch, test.nth(version) AS version, outcome
FROM unnest(ARRAY['{"a": {"b": null, "c": 1}}', '{"a": {"d": [1]}}', '{"a": {"c": null}}',
    '{"x": null}', '{"a": null, "y": 1}']) WITH ORDINALITY AS p (patch, n),
    LATERAL opigno.patch_profile('learner', 2, patch::jsonb) AS w ORDER BY n;
SELECT profile_data, test.nth(version) AS version, created_at <= updated_at AS times
FROM opigno.get_profile('learner', 2);

\echo -- a patch that is no object: refused where it would replace an object, which is nearly always a mistake
SELECT patch, test.refusal(format('SELECT opigno.patch_profile(%L, 2, %L)', 'learner', patch))
FROM unnest(ARRAY['"{\"theme\": \"dark\"}"', '[{"op": "remove", "path": "/y"}]', 'null', '1', 'true']) AS patch;
SELECT profile_data, test.nth(version) AS version FROM opigno.get_profile('learner', 2);
SELECT test.refusal($$SELECT opigno.patch_profile('learner', 2, '"text"', 1)$$);
BEGIN;
\echo -- no object is lost: RFC 7396 by the letter
SELECT patch, test.nth(version) AS version, outcome
FROM unnest(ARRAY['"text"', '[1]', 'null', '{"a": null, "b": {"c": null}}']) WITH ORDINALITY AS p (patch, n),
    LATERAL opigno.patch_profile('learner', 0, patch::jsonb) AS w ORDER BY n;
SELECT profile_data FROM opigno.get_profile('learner', 0);
ROLLBACK;

\echo -- several in one transaction and one statement
BEGIN;
SELECT sum(test.nth(version)) FROM (SELECT (opigno.patch_profile('learner', 2, jsonb_build_object('n', n))).version
    FROM generate_series(1, 10) AS n) AS s;
SELECT opigno.delete_profile('learner', 2), opigno.delete_profile('learner', 2);
SELECT test.nth(version) AS version, outcome
FROM opigno.patch_profile('learner', 2, '{"again": true}');
ROLLBACK;

\echo -- expected versions; 0: there must be none, -1: there must be one
SELECT call, test.refusal('SELECT opigno.' || call) FROM unnest(ARRAY[
    $$upsert_profile('learner', 2, '{}', 1)$$, $$patch_profile('learner', 2, '{}', 99)$$,
    $$upsert_profile('learner', 2, '{}', 0)$$, $$patch_profile('learner', 2, '{}', 0)$$,
    $$upsert_profile('learner', 0, '{}', 1)$$, $$patch_profile('learner', 0, '{}', 1)$$,
    $$delete_profile('learner', 2, 1)$$, $$delete_profile('learner', 2, 0)$$,
    $$delete_profile('learner', 0, 1)$$,
    $$upsert_profile('learner', 0, '{}', -1)$$, $$patch_profile('learner', 0, '{}', -1)$$,
    $$delete_profile('learner', 0, -1)$$,
    $$upsert_profile('learner', 2, '{}', -2)$$, $$patch_profile('learner', 2, '{}', -9223372036854775808)$$,
    $$delete_profile('learner', 2, -2)$$]) AS call;
SELECT version AS first, test.nth(version) AS version, outcome
FROM opigno.upsert_profile('learner', 0, '{}', 0) \gset
SELECT :version AS version, :'outcome' AS outcome;
SELECT test.nth(version) AS version, outcome
FROM opigno.patch_profile('learner', 0, '{"a": 1}', :first);
SELECT test.nth(version) AS version, outcome
FROM opigno.upsert_profile('learner', 0, '{"a": 1}', :first + 1);
SELECT test.nth(version) AS version, outcome
FROM opigno.upsert_profile('learner', 0, '{"a": 2}', :first + 1);
SELECT test.nth(version) AS version, outcome
FROM opigno.patch_profile('learner', 0, '{"a": 3}', -1);
SELECT test.nth(version) AS version, outcome
FROM opigno.upsert_profile('learner', 0, '{"a": 4}', -1);
SELECT test.nth(version) AS version, outcome
FROM opigno.upsert_profile('learner', 0, '{"a": 4}', -1);
SELECT opigno.delete_profile('learner', 0, :first + 4), opigno.delete_profile('learner', 0, 0),
    opigno.delete_profile('learner', 0), opigno.delete_profile('unknown', 99);

\echo -- data of inactive users may still be written by an operator
SELECT test.nth(version) AS version, outcome
FROM opigno.patch_profile('inactive', 1, '{"a": 1}');

\echo -- pages of an app
SELECT user_uuid, app_id, profile_data FROM opigno.list_profiles(1);
SELECT user_uuid FROM opigno.list_profiles(1, max_rows => 1);
SELECT user_uuid FROM opigno.list_profiles(1, 'inactive');
SELECT count(*) FROM opigno.list_profiles(NULL);
SELECT test.refusal('SELECT * FROM opigno.list_profiles(1, max_rows => -1)');
SELECT (SELECT count(*) FROM opigno.get_profile('learner', NULL)) + (SELECT count(*)
    FROM opigno.get_profile(NULL, 1)) AS found;

\echo -- bad input: all of it told, nothing changed, the server alive
SELECT test.digest() AS digest_before \gset
SELECT call, test.refusal('SELECT opigno.' || call) FROM unnest(ARRAY[
    $$upsert_profile(NULL, NULL, NULL, -2)$$, $$patch_profile('', NULL, NULL)$$, $$delete_profile(NULL, NULL, -2)$$,
    $$upsert_profile('learner', 1, NULL)$$,
    $$upsert_profile(repeat('x', 256), 1, '1')$$, $$upsert_profile(E'a\nb', 1, '1')$$,
    $$upsert_profile('unknown', 1, '1')$$, $$upsert_profile('learner', 99, '1')$$,
    $$upsert_profile('unknown', -1, '1')$$, $$patch_profile('unknown', 99, '1')$$,
    $$upsert_profile('learner', 1, '{"a":"\u0000"}')$$, $$patch_profile('learner', 1, '{"a":')$$,
    $$upsert_profile('learner', 1, repeat('[', 100000)::jsonb)$$,
    $$patch_profile('learner', 1, (repeat('{"a":', 100000) || '1' || repeat('}', 100000))::jsonb)$$,
    $$upsert_profile('learner', 1, to_jsonb(repeat('x', 268435456)))$$]) AS call;
\echo -- a merge that jsonb cannot hold
SELECT test.refusal($$SELECT opigno.patch_profile('learner', 1, jsonb_build_object('a', repeat('x', 150000000)))
    FROM opigno.patch_profile('learner', 1, jsonb_build_object('b', repeat('x', 150000000)))$$);
SELECT test.digest() = :'digest_before' AS nothing_changed;

\echo -- direct writes of the owner: constraints only
SELECT test.refusal($$INSERT INTO opigno.profile VALUES ('unknown', 1, '1', 1, now(), now())$$) LIMIT 1;
SELECT test.refusal($$INSERT INTO opigno.profile VALUES ('learner', 99, '1', 1, now(), now())$$) LIMIT 1;
SELECT test.refusal($$DELETE FROM opigno.user_context$$) LIMIT 1;
SELECT test.refusal($$DELETE FROM opigno.app$$) LIMIT 1;

\echo -- a trigger of the site that suppresses what is written is told, not looped over
CREATE TRIGGER suppress BEFORE INSERT OR UPDATE OR DELETE ON opigno.profile FOR EACH ROW
    EXECUTE FUNCTION test.suppress();
SELECT call, test.refusal('SELECT opigno.' || call)
FROM unnest(ARRAY[$$upsert_profile('learner', 0, '1')$$, $$patch_profile('learner', 1, '{"z":1}')$$,
    $$delete_profile('learner', 1)$$]) AS call;
DROP TRIGGER suppress ON opigno.profile;

\echo -- and one that changes the version is believed
CREATE FUNCTION test.jump() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN NEW.version := NEW.version + 10; RETURN NEW; END';
CREATE TRIGGER jump BEFORE UPDATE ON opigno.profile FOR EACH ROW EXECUTE FUNCTION test.jump();
BEGIN;
SELECT version, outcome FROM opigno.patch_profile('learner', 1, '{"z":1}') \gset
SELECT version - :version AS difference_to_the_stored_one, :'outcome' AS outcome FROM opigno.get_profile('learner', 1);
ROLLBACK;
DROP TRIGGER jump ON opigno.profile;
DROP FUNCTION test.jump;

\echo -- what was recorded, the last twelve
SELECT * FROM (SELECT id - (SELECT max(id) FROM opigno.audit) AS n, action, outcome, user_uuid, app_id,
        test.nth(version) AS version
    FROM opigno.audit ORDER BY id DESC LIMIT 12) AS s ORDER BY n;
\echo -- a version never comes again: what was deleted and created again has a higher one
CREATE TABLE test.versions (n integer GENERATED ALWAYS AS IDENTITY, version bigint);
CREATE FUNCTION test.microseconds() RETURNS numeric LANGUAGE sql AS
    'SELECT extract(epoch FROM clock_timestamp()) * 1000000';
SELECT test.microseconds() AS before \gset
INSERT INTO test.versions (version) SELECT version FROM opigno.upsert_profile('learner', 0, '{}');
SELECT version BETWEEN :before AND test.microseconds() AS is_the_clock, version < 2 ^ 53 AS is_exact_in_javascript
FROM opigno.get_profile('learner', 0);
INSERT INTO test.versions (version) SELECT version FROM opigno.patch_profile('learner', 0, '{"a": 1}');
SELECT opigno.delete_profile('learner', 0, -1);
BEGIN;
INSERT INTO test.versions (version) SELECT version FROM opigno.patch_profile('learner', 0, '{"a": 1}');
SELECT opigno.delete_profile('learner', 0);
INSERT INTO test.versions (version) SELECT version FROM opigno.upsert_profile('learner', 0, '{"a": 1}');
SELECT opigno.delete_profiles('{"user_id": "learner", "app_id": 0}') #>> '{response,deleted}' AS deleted;
SELECT opigno.create_profiles('{"user_id": "learner", "app_id": 0, "profile_data": {}}')
    #>> '{response,created}' AS created;
INSERT INTO test.versions (version) SELECT version FROM opigno.get_profile('learner', 0);
COMMIT;
DELETE FROM opigno.profile WHERE user_uuid = 'learner' AND app_id = 0;
INSERT INTO test.versions (version) SELECT version FROM opigno.upsert_profile('learner', 0, '{"of": "somebody else"}');
SELECT bool_and(version > before) AS each_is_higher, count(*) FROM (SELECT version,
    lag(version, 1, 0::bigint) OVER (ORDER BY n) AS before FROM test.versions) AS v;
SELECT n, refusal LIKE 'PT412: the profile has version %, not the expected %' AS is_refused FROM test.versions,
    LATERAL (SELECT * FROM test.refusal(format($$SELECT opigno.upsert_profile('learner', 0, '{}', %s)$$, version))
    AS r (refusal) LIMIT 1) AS s WHERE n < 6 ORDER BY n;
SELECT opigno.delete_profile('learner', 0);
DROP TABLE test.versions;
DROP FUNCTION test.microseconds;

\echo -- also where the clock stands still or goes back: a deleted version of the future is exceeded
SELECT outcome FROM opigno.upsert_profile('learner', 0, '{}');
UPDATE opigno.profile SET version = version + 3600000000 WHERE user_uuid = 'learner' AND app_id = 0
RETURNING version AS future \gset
SELECT opigno.delete_profile('learner', 0, :future);
SELECT version - :future AS higher_by FROM opigno.upsert_profile('learner', 0, '{}');
UPDATE opigno.profile SET version = version + 10 WHERE user_uuid = 'learner' AND app_id = 0;
SELECT opigno.delete_profiles('{"user_id": "learner", "app_id": 0}') #>> '{response,deleted}' AS deleted;
SELECT version - :future AS higher_by FROM opigno.upsert_profile('learner', 0, '{}');
DELETE FROM opigno.profile;
DELETE FROM opigno.app;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
