-- User contexts in SQL's own types.
\pset null '(null)'
ALTER SEQUENCE opigno.user_context_id_seq RESTART 1;
SELECT FROM test.register_scopes();

-- Create, read, change what is given.
SELECT uuid, id, display_name, is_active, scope, created_at = now() AND updated_at = now() AS dated
FROM opigno.set_user_context('3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77', 'Andrew M. Pearson', true, 'AUTHENTICATED');
SELECT uuid, display_name, is_active, scope FROM opigno.get_user_context('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77');
SELECT uuid, display_name, is_active, scope
FROM opigno.set_user_context('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', is_active => false);
SELECT uuid, display_name, is_active, scope
FROM opigno.set_user_context('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', 'user_12345');
SELECT uuid, display_name, is_active, scope
FROM opigno.set_user_context('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', 'user_12345', true, 'ADMINISTRATOR');
SELECT uuid, display_name, is_active, scope
FROM opigno.set_user_context('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', 'user_12345', true);
SELECT scope FROM opigno.set_user_context('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', scope => '');
SELECT scope FROM opigno.set_user_context('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', scope => 'AUTHENTICATED');
SELECT scope FROM opigno.set_user_context('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', scope => 'ANONYMOUS');
SELECT count(*) FROM opigno.get_user_context('unknown');
SELECT count(*) FROM opigno.get_user_context(NULL);

-- What is so already is not written: the row stays the same version of the row. Updates take no id of the sequence.
SELECT ctid AS ctid_before, xmin AS xmin_before FROM opigno.user_context \gset
SELECT display_name FROM opigno.set_user_context('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', 'user_12345', true, '');
SELECT display_name FROM opigno.set_user_context('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', 'user_12345', true);
SELECT display_name FROM opigno.set_user_context('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', 'user_12345');
SELECT display_name FROM opigno.set_user_context('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77');
BEGIN;
SELECT display_name FROM opigno.set_user_context('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', 'user_12345', true, '');
SELECT pg_current_xact_id_if_assigned() IS NULL AS nothing_was_written;
COMMIT;
BEGIN READ ONLY;
SELECT display_name FROM opigno.set_user_context('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', 'user_12345', true, '');
COMMIT;
SELECT ctid = :'ctid_before' AND xmin = :'xmin_before' AS is_the_same_row FROM opigno.user_context;
SELECT max(id) = (SELECT last_value FROM opigno.user_context_id_seq) AS no_id_was_spent FROM opigno.user_context;

-- Also right after new ones: no id, no trigger, no transaction id for who is there already.
SELECT count(opigno.set_user_context('quota' || n, 'Quota', true)) FROM generate_series(1, 3) AS n;
SELECT last_value AS last_value_before FROM opigno.user_context_id_seq \gset
BEGIN;
SELECT display_name FROM opigno.set_user_context('quota1', 'Quota', true);
SELECT pg_current_xact_id_if_assigned() IS NULL AS nothing_was_written;
COMMIT;
SELECT count(opigno.set_user_context('quota' || n, 'Quota', true)) FROM generate_series(4, 5) AS n;
SELECT display_name FROM opigno.set_user_context('quota1', 'Renamed', true);
SELECT last_value - :last_value_before AS ids_spent FROM opigno.user_context_id_seq;
-- A load, with a user in between who is there already.
SELECT count(DISTINCT (c).id), bool_and((c).display_name = 'Load') FROM (
    SELECT opigno.set_user_context('quota' || CASE n WHEN 25 THEN 1 ELSE n + 10 END, 'Load', true) AS c
        FROM generate_series(1, 50) AS n) AS s;
DELETE FROM opigno.user_context WHERE uuid LIKE 'quota%';

-- Scopes.
SELECT uuid, scope FROM opigno.set_user_scopes('3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77', '{MENTOR,AUTHENTICATED}');
SELECT uuid, scope FROM opigno.set_user_scopes('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', '{ANONYMOUS}');
SELECT uuid, scope FROM opigno.set_user_scopes('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', '{AUTHENTICATED}');

-- Anonymous and anonymized users.
SELECT uuid ~ '^anon-[0-9a-f]{32}$' AS uuid, display_name, is_active, scope FROM opigno.create_anonymous_user_context();
SELECT uuid ~ '^anon-[0-9a-f]{32}$' AS uuid, display_name, is_active, scope
FROM opigno.create_anonymous_user_context('Guest');
SELECT uuid, display_name ~ '^user_[0-9a-f]{16}$' AS display_name, is_active, scope
FROM opigno.anonymize_user_context('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77');
SELECT uuid, display_name FROM opigno.anonymize_user_context('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', 'user_12345');

-- Refusals: SQLSTATE, message, and nothing changed.
SELECT test.digest() AS digest_before \gset
SELECT test.refusal($$SELECT opigno.set_user_context('', 'A', true)$$);
SELECT test.refusal($$SELECT opigno.set_user_context(NULL, 'A', true)$$);
SELECT test.refusal($$SELECT opigno.set_user_context(repeat('x', 256), 'A', true)$$);
SELECT test.refusal($$SELECT opigno.set_user_context(E'new\nuser', 'A', true)$$);
SELECT test.refusal($$SELECT opigno.set_user_context(chr(127), 'A', true)$$);
SELECT test.refusal($$SELECT opigno.set_user_context('new-user')$$);
SELECT test.refusal($$SELECT opigno.set_user_context('new-user', 'A')$$);
SELECT test.refusal($$SELECT opigno.set_user_context('new-user', is_active => true)$$);
SELECT test.refusal($$SELECT opigno.set_user_context('new-user', '', true)$$);
SELECT test.refusal($$SELECT opigno.set_user_context('new-user', E' \t\n', true)$$);
SELECT test.refusal($$SELECT opigno.set_user_context('new-user', repeat('x', 256), true)$$);
SELECT test.refusal($$SELECT opigno.set_user_context('new-user', 'A', true, 'WIZARD')$$);
SELECT test.refusal($$SELECT opigno.set_user_context('new-user', ' ', NULL, 'WIZARD')$$);
SELECT test.refusal($$SELECT opigno.set_user_context('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', ' ', NULL, 'WIZARD')$$);
SELECT test.refusal($$SELECT opigno.set_user_context(NULL, ' ', NULL, 'WIZARD')$$);
SELECT test.refusal($$SELECT opigno.set_user_scopes('unknown', '{AUTHENTICATED}')$$);
SELECT test.refusal($$SELECT opigno.set_user_scopes('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', NULL)$$);
SELECT test.refusal($$SELECT opigno.set_user_scopes('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', '{MENTOR,MENTOR}')$$);
SELECT test.refusal($$SELECT opigno.set_user_scopes('', '{WIZARD,MENTOR,MENTOR}')$$);
SELECT test.refusal($$SELECT opigno.anonymize_user_context('unknown')$$);
SELECT test.refusal($$SELECT opigno.anonymize_user_context('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', '')$$);
SELECT test.refusal($$SELECT opigno.create_anonymous_user_context('')$$);
SELECT test.digest() = :'digest_before' AS nothing_changed;

-- A new user's uuid has no white space around it; a user who has such a uuid is read and changed.
SELECT uuid, test.refusal(format('SELECT opigno.set_user_context(%L, %L)', uuid, 'A'))
FROM unnest('{" x","x ",x y}'::text[]) AS uuid;
SELECT test.refusal($$SELECT opigno.set_user_context(' x', 'A', true)$$);
SELECT test.refusal($$SELECT opigno.set_user_context_json('{"uuid":"x ","displayName":"A","isActive":true}')$$);
SELECT opigno.set_user_context_json('{"uuid":"x ","displayName":"A","isActive":true,"scope":"WIZARD"}');
SELECT test.digest() = :'digest_before' AS nothing_changed;
INSERT INTO opigno.user_context (uuid, display_name, is_active, created_at, updated_at)
VALUES (' x ', E'\t', true, now(), now());
SELECT uuid, display_name, is_active FROM opigno.set_user_context(' x ', E'\t', false);
SELECT test.refusal($$SELECT opigno.set_user_context(' x ', E'\t\t', true)$$);
SELECT opigno.set_user_context_json('{"uuid":" x ","displayName":"\t","isActive":true}') -> 'response' ->> 'isActive'
    AS is_active;
SELECT uuid, display_name FROM opigno.set_user_context(' x ', 'X');
SELECT uuid, scope FROM opigno.set_user_scopes(' x ', '{AUTHENTICATED}');
SELECT uuid, display_name FROM opigno.anonymize_user_context(' x ', 'Y');
DELETE FROM opigno.user_context WHERE uuid = ' x ';

-- Longest values.
SELECT char_length(uuid), char_length(display_name)
FROM opigno.set_user_context(repeat('u', 255), repeat('x', 255), true);

-- Direct writes are possible for the owner, within the constraints.
SELECT test.refusal($$INSERT INTO opigno.user_context (uuid, display_name, is_active, created_at, updated_at)
    VALUES ('3BC5B83F-7D96-4B0C-B1E6-627A01D1AB78', 'A', true, now(), now())$$) LIMIT 1;
SELECT test.refusal($$INSERT INTO opigno.user_context (uuid, display_name, is_active, created_at, updated_at)
    VALUES ('x', '', true, now(), now())$$) LIMIT 1;
SELECT test.refusal($$INSERT INTO opigno.user_context (uuid, display_name, is_active, scope, created_at, updated_at)
    VALUES ('x', 'A', true, '{NULL}', now(), now())$$) LIMIT 1;

-- A trigger of the site's that suppresses what is written is told, not looped over.
CREATE TRIGGER suppress BEFORE INSERT OR UPDATE ON opigno.user_context FOR EACH ROW EXECUTE FUNCTION test.suppress();
SELECT test.refusal($$SELECT opigno.set_user_context('new-user', 'A', true)$$);
SELECT test.refusal($$SELECT opigno.set_user_context('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', 'suppressed')$$);
DROP TRIGGER suppress ON opigno.user_context;

-- Only who has the owner's rights may write, even with EXECUTE, and a hostile search_path changes nothing.
CREATE ROLE regress_opigno_stranger;
GRANT USAGE ON SCHEMA opigno, test TO regress_opigno_stranger;
SET ROLE regress_opigno_stranger;
SELECT test.refusal($$SELECT opigno.set_user_context('new-user', 'A', true)$$);
SELECT test.refusal($$SELECT * FROM opigno.get_user_context('new-user')$$);
RESET ROLE;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA opigno TO regress_opigno_stranger;
SET ROLE regress_opigno_stranger;
SELECT call, test.refusal('SELECT opigno.' || call)
FROM (VALUES ($$set_user_context('new-user', 'A', true)$$), ($$set_user_context_json('{}')$$),
    ($$set_user_contexts('[]')$$),
    ($$set_user_context(NULL)$$), ($$set_user_context_json(NULL)$$), ($$set_user_contexts(NULL)$$),
    ($$set_user_contexts('', 'x')$$),
    ($$set_user_scopes(NULL, NULL)$$), ($$create_anonymous_user_context('')$$), ($$anonymize_user_context(NULL)$$),
    ($$register_scope(NULL)$$),
    ($$set_user_scopes('x', '{}')$$), ($$create_anonymous_user_context()$$), ($$anonymize_user_context('x')$$),
    ($$register_scope('X')$$), ($$get_user_context('x')$$), ($$get_user_context_json('x')$$),
    ($$list_user_contexts()$$),
    ($$has_scope('x', 'MENTOR')$$), ($$scopes()$$)) AS v (call);
RESET ROLE;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA opigno FROM regress_opigno_stranger;
DROP OWNED BY regress_opigno_stranger;
DROP ROLE regress_opigno_stranger;

CREATE FUNCTION test.never_equal(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR test.= (LEFTARG = text, RIGHTARG = text, FUNCTION = test.never_equal);
CREATE FUNCTION test.spy(pg_catalog.text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''spied''; END';
CREATE DOMAIN test.text AS pg_catalog.text CHECK (test.spy(VALUE));
CREATE DOMAIN pg_temp.text AS pg_catalog.text CHECK (test.spy(VALUE));
SET search_path = test, pg_catalog;
SELECT display_name FROM opigno.set_user_context('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', 'found');
SELECT opigno.get_user_context_json('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77') IS NOT NULL AS found;
SELECT opigno.has_scope('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', 'AUTHENTICATED');
SELECT count(*) FROM opigno.scopes();
SELECT opigno.set_user_contexts('[{"uuid":"3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77","displayName":"found again"}]');
SELECT current_setting('search_path') AS search_path_is_what_it_was;
RESET search_path;
DROP DOMAIN pg_temp.text, test.text;
DROP FUNCTION test.spy;
DROP OPERATOR test.= (text, text);
DROP FUNCTION test.never_equal;
DELETE FROM opigno.user_context;
DELETE FROM opigno.site_scope;
