-- Levels of access: what grant_access gives, revoke_access takes and refresh_grants renews.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_app;
CREATE ROLE "regress_opigno odd ""name""";
SELECT opigno.grant_access('regress_opigno_app', 'user');
SELECT opigno.grant_access('regress_opigno_app', 'auditor');
SELECT opigno.grant_access('regress_opigno odd "name"', 'operator');
SELECT * FROM opigno.role_level ORDER BY role, level;

\echo -- a role has exactly what its levels list, with no right to pass it on
CREATE VIEW test.granted AS
    SELECT a.grantee, 'USAGE' AS privilege, 'SCHEMA' AS kind, n.nspname::text AS object, a.is_grantable
    FROM pg_namespace AS n, aclexplode(n.nspacl) AS a WHERE n.nspname = 'opigno'
    UNION ALL
    SELECT a.grantee, a.privilege_type, 'TYPE', 'opigno.' || t.typname, a.is_grantable
    FROM pg_type AS t, aclexplode(t.typacl) AS a WHERE t.typnamespace = 'opigno'::regnamespace
    UNION ALL
    SELECT a.grantee, a.privilege_type, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
        'opigno.' || c.relname, a.is_grantable
    FROM pg_class AS c, aclexplode(c.relacl) AS a WHERE c.relnamespace = 'opigno'::regnamespace
    UNION ALL
    SELECT a.grantee, a.privilege_type, CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END,
        format('opigno.%I(%s)', p.proname, oidvectortypes(p.proargtypes)), a.is_grantable
    FROM pg_proc AS p, aclexplode(p.proacl) AS a WHERE p.pronamespace = 'opigno'::regnamespace;
CREATE FUNCTION test.differences() RETURNS TABLE (role name, difference text) LANGUAGE sql AS $$
    WITH has AS (SELECT r.rolname, g.privilege, g.object FROM test.granted AS g JOIN pg_roles AS r ON r.oid = g.grantee
        WHERE r.rolname LIKE 'regress_opigno%'),
        should AS (SELECT DISTINCT l.role::name, p.privilege, p.object FROM opigno.role_level AS l
        JOIN opigno.level_privilege AS p USING (level))
    SELECT d.rolname, 'too much: ' || d.privilege || ' ' || d.object
    FROM (SELECT * FROM has EXCEPT SELECT * FROM should) AS d
    UNION ALL
    SELECT d.role, 'missing: ' || d.privilege || ' ' || d.object
    FROM (SELECT * FROM should EXCEPT SELECT * FROM has) AS d
    UNION ALL
    SELECT grantee::regrole::name, 'may pass on ' || object FROM test.granted WHERE is_grantable
        AND grantee::regrole::name LIKE 'regress_opigno%' $$;
SELECT * FROM test.differences();
SELECT count(*) > 30 AS there_is_something_to_compare FROM test.granted WHERE grantee = 'regress_opigno_app'::regrole;

\echo -- refresh_grants gives what a level has come to include; the comparison above can fail
REVOKE EXECUTE ON FUNCTION opigno.list_apps FROM regress_opigno_app;
SELECT * FROM test.differences();
SELECT opigno.refresh_grants();
SELECT * FROM test.differences();

\echo -- a renamed role keeps its level, and the level is inherited by members unless they do not inherit
ALTER ROLE "regress_opigno odd ""name""" RENAME TO regress_opigno_operator;
SELECT * FROM opigno.role_level ORDER BY role, level;
CREATE ROLE regress_opigno_member IN ROLE regress_opigno_operator;
CREATE ROLE regress_opigno_no_heir NOINHERIT IN ROLE regress_opigno_operator;
SET ROLE regress_opigno_member;
SELECT opigno.reads_every_user();
SELECT app_id FROM opigno.register_app('Member''s', app_id => 3);
SET ROLE regress_opigno_no_heir;
SELECT test.refusal('SELECT opigno.reads_every_user()');
SET ROLE regress_opigno_operator;
SELECT opigno.reads_every_user();
RESET ROLE;

\echo -- who may not grant: everybody but the owner
SELECT r.rolname, call, test.refusal(format('SET LOCAL ROLE %I; SELECT opigno.%s', r.rolname, call))
FROM pg_roles AS r, unnest(ARRAY[$$grant_access('regress_opigno_app', 'operator')$$,
    $$revoke_access('regress_opigno_app')$$,
    'refresh_grants()', $$purge_audit(now())$$, $$test_request('user-1')$$]) AS call
WHERE r.rolname IN ('regress_opigno_app', 'regress_opigno_operator') ORDER BY 1, 2;
\echo -- also with EXECUTE granted by hand
GRANT EXECUTE ON FUNCTION opigno.grant_access, opigno.revoke_access, opigno.refresh_grants, opigno.purge_audit,
    opigno.test_request TO regress_opigno_operator;
SELECT r.rolname, call, test.refusal(format('SET LOCAL ROLE %I; SELECT opigno.%s', r.rolname, call))
FROM pg_roles AS r, unnest(ARRAY[$$grant_access('regress_opigno_app', 'operator')$$,
    $$revoke_access('regress_opigno_app')$$,
    'refresh_grants()', $$purge_audit(now())$$, $$test_request('user-1')$$]) AS call
WHERE r.rolname = 'regress_opigno_operator' ORDER BY 1, 2;

\echo -- bad arguments
SELECT test.refusal($$SELECT opigno.grant_access('regress_opigno_app', 'wizard')$$);
SELECT test.refusal($$SELECT opigno.grant_access(NULL, NULL)$$);
SELECT test.refusal($$SELECT opigno.grant_access('regress_opigno_nobody', 'user')$$);
SELECT test.refusal($$SELECT opigno.grant_access('public', 'user')$$);
SELECT test.refusal($$SELECT opigno.grant_access('PUBLIC', 'user')$$);
SELECT test.refusal($$SELECT opigno.grant_access('regress_opigno_app; DROP TABLE opigno.profile', 'user')$$);
SELECT test.refusal($$SELECT opigno.revoke_access(NULL)$$);
SELECT test.refusal($$SELECT opigno.revoke_access('regress_opigno_nobody')$$);

SELECT test.refusal($$SELECT opigno.grant_access(nspowner::regrole::text, 'operator') FROM pg_namespace
    WHERE nspname = 'opigno'$$);
SELECT test.refusal($$SELECT opigno.revoke_access(nspowner::regrole::text) FROM pg_namespace
    WHERE nspname = 'opigno'$$);

\echo -- a level that another role has granted too is not gone, and that is told
CREATE ROLE regress_opigno_passes_on;
CREATE ROLE regress_opigno_gets;
GRANT USAGE ON SCHEMA opigno TO regress_opigno_passes_on;
GRANT EXECUTE ON PROCEDURE opigno.access_operator TO regress_opigno_passes_on WITH GRANT OPTION;
SELECT opigno.grant_access('regress_opigno_gets', 'operator');
SET ROLE regress_opigno_passes_on;
GRANT EXECUTE ON PROCEDURE opigno.access_operator TO regress_opigno_gets;
RESET ROLE;
SELECT test.refusal($$SELECT opigno.revoke_access('regress_opigno_gets')$$);
SELECT opigno.revoke_access('regress_opigno_passes_on');
SELECT opigno.revoke_access('regress_opigno_gets');
SELECT * FROM opigno.role_level WHERE role LIKE 'regress_opigno_%s_%n' OR role = 'regress_opigno_gets';
DROP ROLE regress_opigno_passes_on, regress_opigno_gets;

\echo -- PUBLIC with a level, by hand, is shown as such
GRANT EXECUTE ON PROCEDURE opigno.access_user TO PUBLIC;
SELECT level FROM opigno.role_level WHERE role IS NULL;
REVOKE EXECUTE ON PROCEDURE opigno.access_user FROM PUBLIC;

\echo -- what DBAs do: it makes nobody an operator, and is taken back
CREATE ROLE regress_opigno_careless;
SELECT opigno.grant_access('regress_opigno_careless', 'user');
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA opigno TO regress_opigno_careless;
SELECT level FROM opigno.role_level WHERE role = 'regress_opigno_careless';
SELECT opigno.revoke_access('regress_opigno_careless');
DROP ROLE regress_opigno_careless;

\echo -- revoke_access takes all of it, once or twice
SELECT opigno.revoke_access('regress_opigno_app'), opigno.revoke_access('regress_opigno_app');
SELECT count(*) FROM test.granted WHERE grantee = 'regress_opigno_app'::regrole;
DROP ROLE regress_opigno_app;
SELECT opigno.revoke_access('regress_opigno_operator');
SELECT DISTINCT object FROM test.granted WHERE grantee = 'regress_opigno_operator'::regrole;
SELECT * FROM opigno.role_level;

\echo -- what was recorded
SELECT action, outcome, acting_role = current_user AS by_me, subject FROM opigno.audit WHERE action ~ 'access|grants'
ORDER BY id;
ROLLBACK;
