-- Pages of user contexts in the byte order of their uuids, whatever the database's collation.
BEGIN;
\set ON_ERROR_ROLLBACK on
SELECT count(*) FROM (
    SELECT opigno.set_user_context(uuid, 'User ' || uuid, uuid <> 'b', CASE WHEN uuid < 'a' COLLATE "C"
        THEN 'AUTHENTICATED' END)
    FROM (VALUES ('a'), ('B'), ('b'), ('A'), ('_'), ('a-b'), ('ab'), ('Zebra')) AS v (uuid)) AS s;
SELECT FROM opigno.set_user_scopes('A', '{ADMINISTRATOR,AUTHENTICATED}');

SELECT uuid, display_name, is_active, scope FROM opigno.list_user_contexts();
SELECT uuid FROM opigno.list_user_contexts(max_rows => 3);
SELECT uuid FROM opigno.list_user_contexts('Zebra', 3);
SELECT uuid FROM opigno.list_user_contexts('b', 3);
SELECT uuid FROM opigno.list_user_contexts(is_active => false);
SELECT uuid FROM opigno.list_user_contexts(scope => 'ADMINISTRATOR');
SELECT uuid FROM opigno.list_user_contexts(scope => 'AUTHENTICATED');
SELECT uuid FROM opigno.list_user_contexts(is_active => true, scope => 'ANONYMOUS');
SELECT uuid FROM opigno.list_user_contexts(max_rows => 0);
SELECT test.refusal($$SELECT * FROM opigno.list_user_contexts(max_rows => -1)$$);

-- 100 by default; a UUID as `after_uuid` may be in any letter case.
SELECT count(*) FROM (SELECT opigno.set_user_context('c' || n, 'User', true) FROM generate_series(1, 200) AS n) AS s;
SELECT count(*) FROM opigno.list_user_contexts();
SELECT FROM opigno.set_user_context('ffffffff-0000-4000-8000-000000000001', 'First', true);
SELECT FROM opigno.set_user_context('ffffffff-0000-4000-8000-000000000002', 'Second', true);
SELECT display_name FROM opigno.list_user_contexts('FFFFFFFF-0000-4000-8000-000000000001');
ROLLBACK;
