-- Foreign keys from tables of others to user contexts. A key's check runs with the rights of the extension's owner.
CREATE ROLE regress_opigno_operator;
CREATE ROLE regress_opigno_user;
CREATE ROLE regress_opigno_other_operator;
SELECT opigno.grant_access('regress_opigno_operator', 'operator');
SELECT opigno.grant_access('regress_opigno_other_operator', 'operator');
SELECT opigno.grant_access('regress_opigno_user', 'user');
SELECT uuid FROM opigno.set_user_context('u', 'U', true);
CREATE SCHEMA customer AUTHORIZATION regress_opigno_operator;
GRANT ALL ON SCHEMA customer TO regress_opigno_user, regress_opigno_other_operator;
CREATE VIEW test.customer_key AS
    SELECT conrelid::regclass AS referring, conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
    WHERE contype = 'f' AND confrelid = 'opigno.user_context'::regclass AND connamespace <> 'opigno'::regnamespace;
GRANT SELECT ON test.customer_key TO PUBLIC;
CREATE VIEW test.references_granted AS
    SELECT attacl, relacl FROM pg_class AS c, pg_attribute AS a, aclexplode(coalesce(attacl, relacl)) AS g
    WHERE c.oid = 'opigno.user_context'::regclass AND a.attrelid = c.oid AND g.privilege_type = 'REFERENCES'
    AND g.grantee <> c.relowner;

\echo -- who may refer to user contexts by the privilege REFERENCES can run code as owner of the extension: a cast to
\echo -- text of a type of theirs
GRANT REFERENCES ON opigno.user_context TO regress_opigno_operator;
SET ROLE regress_opigno_operator;
CREATE TYPE customer.pair AS (uuid text);
CREATE FUNCTION customer.to_text(customer.pair) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF current_user = (SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'opigno') THEN
        RAISE 'this runs as the extension''s owner';
    END IF;
    RETURN ($1).uuid;
END $$;
CREATE CAST (customer.pair AS text) WITH FUNCTION customer.to_text(customer.pair) AS IMPLICIT;
CREATE TABLE customer.trap (author customer.pair);
INSERT INTO customer.trap VALUES (row('u'));
-- From 18 on the server refuses a composite type here.
SELECT refusal = CASE WHEN current_setting('server_version_num')::integer < 180000
    THEN 'P0001: this runs as the extension''s owner'
                      ELSE 'XX000: key columns are not both collatable' END AS is_so
    FROM test.refusal('ALTER TABLE customer.trap ADD FOREIGN KEY (author) REFERENCES opigno.user_context') AS refusal
    LIMIT 1;
DROP TABLE customer.trap;
RESET ROLE;
REVOKE REFERENCES ON opigno.user_context FROM regress_opigno_operator;

\echo -- attach_foreign_key takes no such type, and the type cannot become one later
SET ROLE regress_opigno_operator;
CREATE DOMAIN customer.word AS text CHECK (length(VALUE) > 0);
CREATE DOMAIN customer.user_uuid AS text;
CREATE TABLE customer.trap (author customer.pair, word customer.word, "domain" customer.user_uuid, list text[],
    plain uuid, fixed char(36), name name);
INSERT INTO customer.trap (author) VALUES (row('u'));
SELECT name, refusal FROM unnest(ARRAY['author', 'word', 'domain', 'list', 'plain', 'fixed', 'name', 'ctid', 'tableoid',
    'nothing', '']) AS name,
    test.refusal(format('SELECT opigno.attach_foreign_key(%L, %L)', 'customer.trap', name)) AS refusal;
CREATE TABLE customer.note (author text, reviewer varchar(40), reader opigno.user_uuid, "odd ""column" text);
INSERT INTO customer.note VALUES ('u', 'u', 'u', 'u');
SELECT opigno.attach_foreign_key('customer.note', 'author');
ALTER TABLE customer.note ALTER COLUMN author TYPE customer.pair USING row(author);
ALTER TABLE customer.note ALTER COLUMN author TYPE varchar(50);
ALTER TABLE customer.trap ADD FOREIGN KEY (author) REFERENCES opigno.user_context;
ALTER TABLE customer.note ADD FOREIGN KEY (reviewer) REFERENCES opigno.user_context;

\echo -- a name is what SQL makes of it; the key works, and no privilege is left
SET search_path = customer;
SELECT opigno.attach_foreign_key('note', 'reviewer'), opigno.attach_foreign_key('customer.note', 'reader'),
    opigno.attach_foreign_key('NOTE', 'odd "column');
RESET search_path;
SELECT * FROM test.customer_key ORDER BY conname;
RESET ROLE;
SELECT * FROM test.references_granted;
SELECT count(*) AS privileges_of_columns FROM pg_attribute WHERE attrelid = 'opigno.user_context'::regclass
    AND attacl IS NOT NULL;
SET ROLE regress_opigno_operator;
INSERT INTO customer.note (author) VALUES ('unknown');
INSERT INTO customer.note (reader) VALUES ('unknown');
INSERT INTO customer.note (author) VALUES ('u');
RESET ROLE;
DELETE FROM opigno.user_context WHERE uuid = 'u';

\echo -- what is there already is told; one that is not validated is validated
SET ROLE regress_opigno_operator;
SELECT opigno.attach_foreign_key('customer.note', 'author');
CREATE TABLE customer.late (author text);
INSERT INTO customer.late VALUES ('unknown');
SELECT opigno.attach_foreign_key('customer.late', 'author');
SELECT opigno.attach_foreign_key('customer.late', 'author', false);
SELECT opigno.attach_foreign_key('customer.late', 'author');
DELETE FROM customer.late;
SELECT opigno.attach_foreign_key('customer.late', 'author');
SELECT * FROM test.customer_key WHERE referring = 'customer.late'::regclass;
RESET ROLE;
SELECT action, outcome, acting_role, subject FROM opigno.audit WHERE action = 'attach_foreign_key' ORDER BY id;

\echo -- whose table it is not, who is no operator, what is a table of the extension or of the system, what can have no
\echo -- such key
SET ROLE regress_opigno_other_operator;
SELECT test.refusal($$SELECT opigno.attach_foreign_key('customer.trap', 'author')$$);
SELECT test.refusal($$SELECT opigno.attach_foreign_key('opigno.preference', 'value')$$);
SELECT test.refusal($$SELECT opigno.attach_foreign_key('pg_catalog.pg_description', 'description')$$);
SET ROLE regress_opigno_user;
CREATE TABLE customer.own (author text);
SELECT test.refusal($$SELECT opigno.attach_foreign_key('customer.own', 'author')$$);
RESET ROLE;
SELECT test.refusal($$SELECT opigno.attach_foreign_key('opigno.preference', 'value')$$);
SELECT test.refusal($$SELECT opigno.attach_foreign_key('pg_catalog.pg_description', 'description')$$);
SET ROLE regress_opigno_operator;
CREATE VIEW customer.shown AS SELECT * FROM customer.late;
CREATE TEMP TABLE passing (author text);
SELECT test.refusal($$SELECT opigno.attach_foreign_key('customer.nothing', 'author')$$);
SELECT test.refusal($$SELECT opigno.attach_foreign_key('nowhere.nothing', 'author')$$);
SELECT test.refusal($$SELECT opigno.attach_foreign_key('customer.shown', 'author')$$) LIMIT 1;
SELECT test.refusal($$SELECT opigno.attach_foreign_key('passing', 'author')$$);
SELECT test.refusal($$SELECT opigno.attach_foreign_key(NULL, NULL)$$);
SELECT test.refusal($$SELECT opigno.attach_foreign_key('customer.note; DROP TABLE customer.note', 'author')$$);
CREATE TABLE customer.fresh (author text);
BEGIN READ ONLY;
SELECT opigno.attach_foreign_key('customer.fresh', 'author');
ROLLBACK;

\echo -- a partition has its own key
CREATE TABLE customer.log (author text) PARTITION BY LIST (author);
CREATE TABLE customer.log_of_others PARTITION OF customer.log DEFAULT;
SELECT opigno.attach_foreign_key('customer.log_of_others', 'author');
INSERT INTO customer.log VALUES ('unknown');

\echo -- in the middle another table takes the name, a column of which would run code as the owner: nothing runs, and
\echo -- all is undone
RESET ROLE;
CREATE SCHEMA decoy AUTHORIZATION regress_opigno_operator;
CREATE TABLE decoy.swapped (author customer.user_uuid);
INSERT INTO decoy.swapped VALUES ('u');
CREATE SCHEMA shop AUTHORIZATION regress_opigno_operator;
CREATE TABLE shop.swapped (author text);
ALTER TABLE decoy.swapped OWNER TO regress_opigno_operator;
ALTER TABLE shop.swapped OWNER TO regress_opigno_operator;
CREATE FUNCTION test.swap() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    ALTER SCHEMA shop RENAME TO shop_before;
    ALTER SCHEMA decoy RENAME TO shop;
END $$;
GRANT CREATE ON DATABASE :"DBNAME" TO regress_opigno_operator;
CREATE EVENT TRIGGER regress_opigno_swap ON ddl_command_start WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION test.swap();
SET ROLE regress_opigno_operator;
SELECT opigno.attach_foreign_key('shop.swapped', 'author');
RESET ROLE;
DROP EVENT TRIGGER regress_opigno_swap;
SELECT * FROM test.references_granted;
SELECT * FROM test.customer_key WHERE referring::text ~ 'swapped';

\echo -- STRICT functions that the owner has altered not to be
BEGIN;
CREATE VIEW test.strict AS SELECT p.oid, p.proname, p.proargtypes FROM pg_proc AS p
WHERE p.pronamespace = 'opigno'::regnamespace AND p.proisstrict AND p.prokind = 'f';
CREATE TABLE test.altered AS SELECT * FROM test.strict;
SELECT count(*) >= 7 AS there_are_some FROM test.altered;
DO $$
DECLARE
    altered record;
    answer text;
BEGIN
    FOR altered IN SELECT * FROM test.altered LOOP
        EXECUTE format('ALTER FUNCTION %s CALLED ON NULL INPUT', altered.oid::regprocedure);
        EXECUTE format('SELECT f::text FROM %s(%s) AS f', altered.oid::regproc,
            (SELECT string_agg(format('NULL::%s', t::regtype), ', ')
                FROM unnest(altered.proargtypes::oid[]) AS t)) INTO answer;
        IF answer ~ '[^(),]' THEN
            RAISE NOTICE '% gives %', altered.proname, answer;
        END IF;
    END LOOP;
END $$;
ROLLBACK;

SET client_min_messages = warning;
DROP SCHEMA customer, decoy, shop CASCADE;
RESET client_min_messages;
DROP VIEW test.customer_key, test.references_granted;
DROP FUNCTION test.swap;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
DROP OWNED BY regress_opigno_operator, regress_opigno_other_operator, regress_opigno_user;
DROP ROLE regress_opigno_operator, regress_opigno_other_operator, regress_opigno_user;
