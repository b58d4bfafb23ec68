-- Tables of the site whose rows belong to users or to trainings.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_operator;
CREATE ROLE regress_opigno_app;
CREATE ROLE regress_opigno_auditor;
CREATE ROLE regress_opigno_learning;
CREATE ROLE regress_opigno_owner;
CREATE ROLE regress_opigno_stranger;
GRANT regress_opigno_owner TO regress_opigno_operator;
SELECT opigno.grant_access('regress_opigno_' || role, level)
FROM (VALUES ('operator', 'operator'), ('app', 'user'), ('auditor', 'auditor'), ('learning', 'learning'))
    AS r (role, level) \g /dev/null
CREATE SCHEMA customer AUTHORIZATION regress_opigno_operator;
GRANT ALL ON SCHEMA customer TO regress_opigno_owner, regress_opigno_stranger;
SELECT count(opigno.set_user_context(uuid, 'Name', uuid <> 'inactive', 'AUTHENTICATED'))
FROM unnest(ARRAY['u1', 'u2', 'inactive', '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee']) AS uuid;
DELETE FROM opigno.audit;

SET ROLE regress_opigno_operator;
CREATE TABLE customer.contract (id integer PRIMARY KEY, user_uuid text NOT NULL, grade numeric, notes text);
CREATE INDEX ON customer.contract (user_uuid);
INSERT INTO customer.contract VALUES (2, 'u1', 1.50, 'second'), (1, 'u1', NULL, 'first'), (3, 'u2', 3, 'of u2'),
    (4, 'inactive', 4, 'of an inactive user');
CREATE TABLE customer."Odd ""table""" (t varchar(80), "select" jsonb, who opigno.user_uuid, at timestamptz);
CREATE INDEX ON customer."Odd ""table""" (who, t);
INSERT INTO customer."Odd ""table""" VALUES ('b', '{"a": [1]}', 'u1', '2026-01-01 00:00+00'), ('a', NULL, 'u1', NULL);
CREATE TABLE customer.badge (owner uuid, name text);
CREATE INDEX ON customer.badge USING hash (owner);
INSERT INTO customer.badge VALUES ('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 'gold');
CREATE TABLE customer.syllabus (training opigno.training_id PRIMARY KEY, pages integer);
INSERT INTO customer.syllabus VALUES ('t1', 12), ('t2', 7);

\echo -- attach
SET LOCAL search_path = customer;
SELECT opigno.attach_entity_table('contract', 'contracts', 'user_uuid');
SELECT opigno.attach_entity_table('customer."Odd ""table"""', 'a_odd', 'who', on_retirement => 'erase');
SELECT opigno.attach_entity_table('customer.badge'::regclass::oid::text, 'Badges', 'owner',
    on_retirement => 'anonymise');
SELECT opigno.attach_entity_table('customer.syllabus', 'syllabus', training_column => 'training');
RESET search_path;
SELECT label, relation, key_column, keyed_by, on_retirement, attached_at = now() AS is_now, problem
FROM opigno.list_entity_tables();
RESET ROLE;
SELECT action, outcome, acting_role, subject FROM opigno.audit ORDER BY id;
SELECT label, table_owner, attached_by FROM opigno.entity_table ORDER BY label;

\echo -- operators and auditors read the rows of every user, in the order of labels and primary keys
SET ROLE regress_opigno_operator;
SET LOCAL timezone = 'UTC';
SELECT * FROM opigno.user_entities('u1');
SELECT * FROM opigno.user_entities('u1', 'contracts');
SELECT * FROM opigno.user_entities('u1', 'syllabus');
SELECT * FROM opigno.user_entities('u1', $$contracts' OR 'a' = 'a$$);
SELECT * FROM opigno.user_entities($$u1' OR 'a' = 'a$$);
SELECT * FROM opigno.user_entities('17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE');
SELECT * FROM opigno.user_entities('nobody');
SELECT * FROM opigno.user_entities(NULL);
SELECT * FROM opigno.training_entities('t1');
SELECT * FROM opigno.training_entities('u1');
SET ROLE regress_opigno_auditor;
SELECT * FROM opigno.user_entities('inactive');
SELECT * FROM opigno.training_entities('t2', 'syllabus');
SELECT label, problem FROM opigno.list_entity_tables();
RESET ROLE;

\echo -- a request reads the rows of its user, who must be able to act; the roles have no privilege on the tables
CREATE FUNCTION test.entities(uuid text) RETURNS TABLE (reads text, entities text) LANGUAGE plpgsql AS $$
BEGIN
    IF uuid IS NOT NULL THEN
        PERFORM opigno.test_request(uuid);
    END IF;
    SET LOCAL ROLE regress_opigno_app;
    RETURN QUERY SELECT 'of ' || u, string_agg(e.entity::text, ' ' ORDER BY e.label)
        FROM unnest(ARRAY['u1', 'u2', 'inactive']) AS u, opigno.user_entities(u, 'contracts') AS e GROUP BY 1
        UNION ALL SELECT 'of t1', e.entity::text FROM opigno.training_entities('t1') AS e
        UNION ALL SELECT 'list', e.label FROM opigno.list_entity_tables() AS e;
    RESET ROLE;
END $$;
SAVEPOINT before;
SELECT * FROM test.entities(NULL);
SELECT * FROM test.entities('u1') ORDER BY 1;
ROLLBACK TO before;
SELECT * FROM test.entities('u2') ORDER BY 1;
ROLLBACK TO before;
SELECT * FROM test.entities('inactive');
ROLLBACK TO before;
SELECT * FROM test.entities('unknown');
ROLLBACK TO before;
SELECT opigno.test_request('u2', is_operator => true);
SET LOCAL ROLE regress_opigno_app;
SELECT count(*) FROM opigno.user_entities('u1');
SELECT count(*) FROM opigno.list_entity_tables();
SELECT * FROM test.refusal($$SELECT opigno.detach_entity_table('contracts')$$);
ROLLBACK TO before;

\echo -- level learning: none of users, and not by a request
SET ROLE regress_opigno_learning;
SELECT * FROM test.refusal($$SELECT * FROM opigno.user_entities('u1')$$);
SELECT * FROM test.refusal($$SELECT * FROM opigno.training_entities('t1')$$);
SELECT * FROM test.refusal($$SELECT * FROM opigno.entity_table$$);
RESET ROLE;

\echo -- who may attach and detach
SET ROLE regress_opigno_app;
SELECT * FROM test.refusal($$SELECT opigno.attach_entity_table('customer.contract', 'x', 'user_uuid')$$);
SELECT * FROM test.refusal($$SELECT opigno.detach_entity_table('contracts')$$);
SELECT count(*) FROM opigno.entity_table;
SET ROLE regress_opigno_auditor;
SELECT * FROM test.refusal($$SELECT opigno.attach_entity_table('customer.contract', 'x', 'user_uuid')$$);
SET ROLE regress_opigno_owner;
CREATE TABLE customer.of_owner (u text PRIMARY KEY, v integer);
INSERT INTO customer.of_owner VALUES ('u1', 1);
SET ROLE regress_opigno_stranger;
CREATE TABLE customer.of_stranger (u text PRIMARY KEY, v integer);
CREATE TYPE customer.mood AS ENUM ('good');
CREATE TYPE customer.pair AS (a integer, b text);
RESET ROLE;
CREATE TABLE customer.of_superuser (u text PRIMARY KEY, v integer);
INSERT INTO customer.of_superuser VALUES ('u1', 7);

\echo -- what cannot be attached
SET ROLE regress_opigno_operator;
CREATE VIEW customer.a_view AS SELECT * FROM customer.contract;
CREATE MATERIALIZED VIEW customer.materialized AS SELECT * FROM customer.contract;
CREATE SEQUENCE customer.a_sequence;
CREATE TABLE customer.partitioned (u text PRIMARY KEY) PARTITION BY LIST (u);
CREATE TABLE customer.a_partition PARTITION OF customer.partitioned DEFAULT;
CREATE TABLE customer.parent (u text PRIMARY KEY);
CREATE TABLE customer.child (PRIMARY KEY (u)) INHERITS (customer.parent);
CREATE TEMP TABLE temporary (u text PRIMARY KEY);
CREATE DOMAIN customer.word AS text;
CREATE TABLE customer.types (i integer, n name, c char(36), d customer.word, a text[], j jsonb, training
    opigno.training_id, u opigno.user_uuid, b bytea);
CREATE TABLE customer.no_index (u text, part text, suffix text);
CREATE INDEX ON customer.no_index (suffix, u);
CREATE INDEX ON customer.no_index (lower(u));
CREATE INDEX ON customer.no_index (u) WHERE suffix IS NULL;
CREATE INDEX ON customer.no_index (part COLLATE "POSIX");
CREATE INDEX ON customer.no_index USING brin (u);
CREATE TABLE customer.foreign_type (u text PRIMARY KEY, mood customer.mood);
CREATE TABLE customer.foreign_types (u text PRIMARY KEY, moods customer.mood[], pair customer.pair);
CREATE TYPE customer.outer_type AS (mood customer.mood);
CREATE TABLE customer.nested_type (u text PRIMARY KEY, v customer.outer_type);
RESET ROLE;
CREATE FOREIGN DATA WRAPPER regress_opigno_wrapper;
CREATE SERVER regress_opigno_server FOREIGN DATA WRAPPER regress_opigno_wrapper;
CREATE FOREIGN TABLE customer.a_foreign_table (u text) SERVER regress_opigno_server;
ALTER FOREIGN TABLE customer.a_foreign_table OWNER TO regress_opigno_operator;
GRANT USAGE ON SCHEMA test TO regress_opigno_operator;
SELECT test.digest() AS digest_before \gset
SET ROLE regress_opigno_operator;
SELECT n AS name, refusal FROM unnest(ARRAY['customer.none', 'none.none', 'x; drop table customer.contract', '', ' ',
    '.', 'a.b.c.d', '"customer.contract"', 'customer.contract --', '0', '999999999', 'customer.a_view',
    'customer.materialized', 'customer.a_sequence', 'customer.contract_pkey', 'customer.partitioned',
    'customer.a_partition', 'customer.parent', 'temporary', 'customer.a_foreign_table', 'pg_catalog.pg_class',
    'information_schema.sql_features', 'opigno.profile', 'customer.of_stranger', 'customer.of_superuser',
    'customer.foreign_type', 'customer.foreign_types', 'customer.nested_type']) AS n,
    test.refusal(format('SELECT opigno.attach_entity_table(%L, %L, %L)', n, 'x', 'u')) AS refusal;
SELECT c AS column_name, refusal FROM unnest(ARRAY['i', 'n', 'c', 'd', 'a', 'j', 'training', 'u', 'b', 'none', 'ctid',
    'tableoid', '', 'u"; DROP TABLE customer.contract; --', '*']) AS c,
    test.refusal(format('SELECT opigno.attach_entity_table(%L, %L, %L)', 'customer.types', 'x', c)) AS refusal;
SELECT * FROM test.refusal($$SELECT opigno.attach_entity_table('customer.types', 'x', training_column => 'u')$$);
SELECT * FROM test.refusal($$SELECT opigno.attach_entity_table('customer.no_index', 'x', 'u')$$);
SELECT * FROM test.refusal($$SELECT opigno.attach_entity_table('customer.no_index', 'x', 'part')$$);
SELECT label, refusal FROM unnest(ARRAY['', ' ', '1a', 'a b', 'a-b', repeat('a', 64), 'a"', E'a\n', $$a'; --$$,
    'contracts', NULL]) AS label,
    test.refusal(format('SELECT opigno.attach_entity_table(%L, %L, %L)', 'customer.contract', label, 'user_uuid'))
    AS refusal;
SELECT * FROM test.refusal($$SELECT opigno.attach_entity_table('customer.contract', 'x')$$);
SELECT * FROM test.refusal($$SELECT opigno.attach_entity_table('customer.contract', 'x', 'user_uuid', 'user_uuid')$$);
SELECT * FROM test.refusal($$SELECT opigno.attach_entity_table('customer.contract', 'x', 'user_uuid',
    on_retirement => 'burn')$$);
\echo -- all faults at once
SELECT * FROM test.refusal($$SELECT opigno.attach_entity_table('customer.types', 'contracts', 'i',
    on_retirement => '')$$);
SELECT * FROM test.refusal($$SELECT opigno.attach_entity_table(NULL, NULL)$$);
SELECT * FROM test.refusal($$SELECT opigno.attach_entity_table('customer.a_view', '1', 'none')$$);
SELECT * FROM test.refusal($$SELECT opigno.detach_entity_table(NULL)$$);
RESET ROLE;
SELECT test.digest() = :'digest_before' AS nothing_changed;
DROP MATERIALIZED VIEW customer.materialized;
DROP VIEW customer.a_view;

\echo -- a collation that takes different users for equal, where the database can have one
CREATE FUNCTION test.collation_is_refused() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    BEGIN
        CREATE COLLATION customer.insensitive (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    EXCEPTION WHEN OTHERS THEN
        RETURN true;
    END;
    CREATE TABLE customer.insensitive (u text COLLATE customer.insensitive PRIMARY KEY);
    RETURN (SELECT refusal = '42804: the collation of column "u" is not deterministic' FROM test.refusal(
        'SELECT opigno.attach_entity_table(''customer.insensitive'', ''x'', ''u'')') AS refusal LIMIT 1);
END $$;
SELECT test.collation_is_refused();

\echo -- a table of a role of which the caller is a member, and one of a superuser
SET ROLE regress_opigno_operator;
SELECT opigno.attach_entity_table('customer.of_owner', 'of_owner', 'u');
RESET ROLE;
SELECT opigno.attach_entity_table('customer.of_superuser', 'of_superuser', 'u');
SELECT * FROM opigno.user_entities('u1', 'of_owner') UNION ALL SELECT * FROM opigno.user_entities('u1', 'of_superuser');

\echo -- what changes later: the rows are left out, the list says why, and no request breaks
CREATE FUNCTION test.state(given text) RETURNS TABLE (rows bigint, relation text, problem text) LANGUAGE sql AS $$
    SELECT (SELECT count(*) FROM opigno.user_entities('u1', given)), l.relation, l.problem
    FROM opigno.list_entity_tables() AS l WHERE l.label = given
$$;
SAVEPOINT before;
ALTER TABLE customer.contract RENAME TO agreement;
SELECT * FROM test.state('contracts');
CREATE TABLE customer.contract (user_uuid text PRIMARY KEY, secret text);
INSERT INTO customer.contract VALUES ('u1', 'of another table with the former name');
SELECT * FROM opigno.user_entities('u1', 'contracts');
ALTER SCHEMA customer RENAME TO client;
SELECT * FROM test.state('contracts');
ROLLBACK TO before;
SELECT * FROM test.state('contracts');
ALTER TABLE customer.contract RENAME COLUMN user_uuid TO who;
SELECT * FROM test.state('contracts');
ROLLBACK TO before;
ALTER TABLE customer.contract DROP COLUMN user_uuid;
SELECT * FROM test.state('contracts');
ROLLBACK TO before;
ALTER TABLE customer.contract ALTER COLUMN user_uuid TYPE integer USING 1;
SELECT * FROM test.state('contracts');
ROLLBACK TO before;
ALTER TABLE customer.contract ALTER COLUMN user_uuid TYPE varchar(20), ADD COLUMN more date, DROP COLUMN grade;
SELECT * FROM opigno.user_entities('u1', 'contracts');
ROLLBACK TO before;
ALTER TABLE customer.contract OWNER TO regress_opigno_owner;
SELECT * FROM test.state('contracts');
ROLLBACK TO before;
REVOKE SELECT ON customer.contract FROM regress_opigno_operator;
SELECT * FROM test.state('contracts');
ROLLBACK TO before;
REVOKE ALL ON SCHEMA customer FROM regress_opigno_owner;
SELECT * FROM test.state('of_owner');
ROLLBACK TO before;
ALTER TABLE customer.contract ADD COLUMN mood customer.mood;
SELECT * FROM test.state('contracts');
ROLLBACK TO before;
CREATE TABLE customer.heir () INHERITS (customer.contract);
SELECT * FROM test.state('contracts');
ROLLBACK TO before;
DROP TABLE customer.contract;
SELECT * FROM test.state('contracts');
SELECT count(*) FROM opigno.user_entities('u1');
SELECT opigno.detach_entity_table('contracts');
SELECT opigno.detach_entity_table('contracts');
SELECT action, outcome, subject FROM opigno.audit ORDER BY id DESC LIMIT 1;
ROLLBACK TO before;

\echo -- code of the owner of a table runs as that role and cannot leave it, and its errors break no request
SET ROLE regress_opigno_owner;
CREATE TYPE customer.trap AS ENUM ('plain', 'raise', 'reset', 'session', 'temporary', 'entities', 'profiles');
CREATE FUNCTION customer.to_json(customer.trap) RETURNS json LANGUAGE plpgsql AS $$
BEGIN
    IF $1 = 'raise' THEN
        RAISE 'secret of the row' USING ERRCODE = 'XX000';
    ELSIF $1 = 'reset' THEN
        RESET ROLE;
    ELSIF $1 = 'session' THEN
        SET SESSION AUTHORIZATION regress_opigno_app;
    ELSIF $1 = 'temporary' THEN
        CREATE TEMP TABLE mine ();
    ELSIF $1 = 'profiles' THEN
        RETURN json_build_object('profiles',
            (SELECT count(*) FROM opigno.list_profiles(0)), 'user',
            opigno.request_user());
    ELSIF $1 = 'entities' THEN
        RETURN json_build_object('rows', (SELECT count(*) FROM opigno.user_entities('u1')));
    END IF;
    PERFORM set_config('search_path', 'customer', false), set_config('timezone', 'Asia/Tokyo', false);
    RETURN json_build_object('is', current_user, 'path', current_setting('search_path'));
END $$;
CREATE CAST (customer.trap AS json) WITH FUNCTION customer.to_json(customer.trap);
CREATE TABLE customer.trapped (u text, word customer.trap);
CREATE INDEX ON customer.trapped (u);
INSERT INTO customer.trapped VALUES ('u1', 'plain');
RESET ROLE;
SET ROLE regress_opigno_operator;
SELECT opigno.attach_entity_table('customer.trapped', 'trapped', 'u');
RESET ROLE;
GRANT SELECT ON customer.trapped, customer.contract TO PUBLIC;
GRANT USAGE ON SCHEMA customer TO PUBLIC;
GRANT UPDATE ON customer.trapped TO PUBLIC;
SAVEPOINT before;
\echo -- the code has no request, whatever level its owner has
SELECT opigno.grant_access('regress_opigno_owner', 'user');
SELECT opigno.test_request('u1', is_operator => true);
SELECT opigno.upsert_profile('u1', app_id, '{"secret": 1}') IS NOT NULL
FROM opigno.register_app('Shop', app_id => 0) AS a;
SET LOCAL ROLE regress_opigno_app;
UPDATE customer.trapped SET word = 'profiles';
SELECT * FROM opigno.user_entities('u1', 'trapped');
ROLLBACK TO before;
SELECT opigno.grant_access('regress_opigno_owner', 'operator');
SAVEPOINT before;
SELECT opigno.test_request('u1');
SET LOCAL ROLE regress_opigno_app;
SELECT * FROM opigno.user_entities('u1', 'trapped');
SELECT current_user, current_setting('timezone') = 'UTC' AS is_as_before, current_setting('search_path');
UPDATE customer.trapped SET word = 'raise';
SELECT label, count(*) FROM opigno.user_entities('u1') GROUP BY label ORDER BY label;
UPDATE customer.trapped SET word = 'reset';
SELECT count(*) FROM opigno.user_entities('u1', 'trapped');
UPDATE customer.trapped SET word = 'session';
SELECT count(*) FROM opigno.user_entities('u1', 'trapped');
UPDATE customer.trapped SET word = 'temporary';
SELECT count(*) FROM opigno.user_entities('u1', 'trapped');
\echo -- it reads no entities while entities are read
UPDATE customer.trapped SET word = 'entities';
SELECT * FROM opigno.user_entities('u1', 'trapped');
SELECT label, count(*) FROM opigno.user_entities('u1') GROUP BY label ORDER BY label;
ROLLBACK TO before;

\echo -- policies hold for the owner only if they are forced
ALTER TABLE customer.contract ENABLE ROW LEVEL SECURITY;
CREATE POLICY first_only ON customer.contract USING (id = 1);
SELECT opigno.test_request('u1');
SET LOCAL ROLE regress_opigno_app;
SELECT count(*) FROM opigno.user_entities('u1', 'contracts');
RESET ROLE;
ALTER TABLE customer.contract FORCE ROW LEVEL SECURITY;
SET LOCAL ROLE regress_opigno_app;
SELECT count(*) FROM opigno.user_entities('u1', 'contracts');
SET LOCAL row_security = off;
SELECT count(*) FROM opigno.user_entities('u1', 'contracts');
ROLLBACK TO before;

\echo -- 1000 rows, and a row without entity if there are more
INSERT INTO customer.contract SELECT n, 'many' FROM generate_series(1001, 2000) AS n;
SELECT count(*), count(entity), max((entity ->> 'id')::integer) FROM opigno.user_entities('many');
INSERT INTO customer.contract VALUES (2001, 'many');
SELECT count(*), count(entity), max((entity ->> 'id')::integer) FROM opigno.user_entities('many');
ROLLBACK TO before;

\echo -- what the transaction has written is seen as by any query; a plan that was kept is made again after a change
INSERT INTO customer.contract VALUES (9, 'u1', 9, 'new');
SELECT entity -> 'id' AS id FROM opigno.user_entities('u1', 'contracts');
ALTER TABLE customer.contract DROP CONSTRAINT contract_pkey;
SELECT entity FROM opigno.user_entities('u1', 'contracts');
ROLLBACK TO before;

\echo -- a dump writes the name of a table, and a number for one that was dropped; the row can be restored
SET LOCAL search_path = '';
COPY (SELECT relation FROM opigno.entity_table WHERE label = 'contracts') TO STDOUT;
DROP TABLE customer.contract;
SELECT relation::text ~ '^\d+$' AS is_number, regclassin(relation::text::cstring) = relation AS is_same
FROM opigno.entity_table WHERE label = 'contracts';
RESET search_path;
ROLLBACK TO before;

\echo -- a label of direct writes follows the same rule
SELECT refusal FROM (VALUES ('a b', 'user', 'keep'), ('x', 'app', 'keep'), ('x', 'user', 'burn'))
    AS v (label, keyed_by, retired), test.refusal(format('INSERT INTO opigno.entity_table '
    'VALUES (%L, ''pg_class'', ''o'', ''c'', %L, %L, ''2026-01-01'', ''o'')', label, keyed_by, retired)) AS refusal
    WHERE refusal NOT LIKE 'DETAIL%';
SET LOCAL ROLE regress_opigno_operator;
SELECT * FROM test.refusal('DELETE FROM opigno.entity_table');
ROLLBACK;
