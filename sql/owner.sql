-- Who owns the extension's objects: the role that the setting names, else who creates the extension.
SET client_min_messages = warning;
DROP EXTENSION IF EXISTS opigno_profiles;
RESET client_min_messages;
CREATE ROLE regress_opigno_owner;
CREATE ROLE regress_opigno_mallory;
CREATE ROLE "regress_opigno Odd ""owner""";
CREATE ROLE regress_opigno_superuser SUPERUSER;
CREATE ROLE regress_opigno_login LOGIN;
CREATE VIEW owner AS
    SELECT owner::regrole, is_all FROM (
        SELECT nspowner AS owner, NOT EXISTS (
            SELECT FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'opigno_profiles'
            LEFT JOIN pg_proc AS p ON p.oid = d.objid AND d.classid = 'pg_proc'::regclass
            LEFT JOIN pg_class AS c ON c.oid = d.objid AND d.classid = 'pg_class'::regclass
            LEFT JOIN pg_type AS t ON t.oid = d.objid AND d.classid = 'pg_type'::regclass
            WHERE d.deptype = 'e' AND coalesce(proowner, relowner, typowner, nspowner) <> nspowner) AS is_all
        FROM pg_namespace WHERE nspname = 'opigno') AS o;
-- No privilege that is not the owner's, of what pg_dump takes for the extension's own either.
CREATE VIEW others_privilege AS
    SELECT d.objid, a.grantee::regrole, a.grantor::regrole FROM pg_depend AS d
        JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'opigno_profiles'
    JOIN pg_init_privs AS i ON i.objoid = d.objid AND i.classoid = d.classid, aclexplode(i.initprivs) AS a,
    pg_namespace AS n
    WHERE n.nspname = 'opigno' AND (a.grantee <> nspowner OR a.grantor <> nspowner);

\echo -- the setting, before the session has the library and after
\c -
SET opigno_profiles.owner = 'regress_opigno_owner';
CREATE EXTENSION opigno_profiles;
SELECT * FROM owner;
SELECT * FROM others_privilege;
SELECT count(*) > 30 AS there_are_privileges FROM pg_init_privs AS i JOIN pg_proc AS p ON p.oid = i.objoid
WHERE p.pronamespace = 'opigno'::regnamespace;
SELECT extowner::regrole = session_user::regrole AS created_by_me FROM pg_extension WHERE extname = 'opigno_profiles';
DROP EXTENSION opigno_profiles;
SET opigno_profiles.owner = 'regress_opigno Odd "owner"';
CREATE EXTENSION opigno_profiles;
SELECT * FROM owner;
DROP EXTENSION opigno_profiles;
SET opigno_profiles.owner = '';
CREATE EXTENSION opigno_profiles;
SELECT owner = session_user::regrole AS is_mine, is_all FROM owner;
DROP EXTENSION opigno_profiles;

\echo -- a default privilege of the installer for the owner-to-be, or for others, is none
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO regress_opigno_owner, regress_opigno_mallory;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON ROUTINES TO regress_opigno_owner, regress_opigno_mallory;
SET opigno_profiles.owner = 'regress_opigno_owner';
CREATE EXTENSION opigno_profiles;
SELECT * FROM others_privilege;
SELECT has_table_privilege('regress_opigno_owner', 'opigno.audit', 'SELECT, INSERT, UPDATE, DELETE'),
    has_table_privilege('regress_opigno_mallory', 'opigno.audit', 'SELECT');
ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM regress_opigno_owner, regress_opigno_mallory;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON ROUTINES FROM regress_opigno_owner, regress_opigno_mallory;

\echo -- the owner does what it may without superuser
SET ROLE regress_opigno_owner;
SELECT uuid FROM opigno.set_user_context('u', 'U', true);
SELECT opigno.grant_access('regress_opigno_mallory', 'user');
SELECT role, level FROM opigno.role_level;
SELECT opigno.revoke_access('regress_opigno_mallory');
SELECT count(*) FROM opigno.audit;
SELECT opigno.purge_audit('infinity');
RESET ROLE;
DROP EXTENSION opigno_profiles;

\echo -- what it must not be
\set SHOW_CONTEXT never
SET opigno_profiles.owner = 'regress_opigno_nobody';
CREATE EXTENSION opigno_profiles;
SET opigno_profiles.owner = 'REGRESS_OPIGNO_OWNER';
CREATE EXTENSION opigno_profiles;
SET opigno_profiles.owner = 'public';
CREATE EXTENSION opigno_profiles;
SET opigno_profiles.owner = 'regress_opigno_superuser';
CREATE EXTENSION opigno_profiles;
DROP EXTENSION opigno_profiles;
SET opigno_profiles.owner = 'regress_opigno_login';
CREATE EXTENSION opigno_profiles;
SELECT * FROM owner;
DROP EXTENSION opigno_profiles;

\echo -- only a superuser sets it, in a session that has the library, in one that has not yet, and for later ones
SET ROLE regress_opigno_mallory;
SET opigno_profiles.owner = 'regress_opigno_mallory';
RESET ROLE;
ALTER ROLE regress_opigno_mallory CREATEROLE;
GRANT regress_opigno_login TO regress_opigno_mallory WITH ADMIN OPTION;
\c -
SET ROLE regress_opigno_mallory;
SET opigno_profiles.owner = 'regress_opigno_mallory';
ALTER ROLE regress_opigno_mallory SET opigno_profiles.owner = 'regress_opigno_mallory';
ALTER ROLE regress_opigno_login SET opigno_profiles.owner = 'regress_opigno_mallory';
RESET ROLE;
SELECT current_setting('opigno_profiles.owner') AS left_in_the_session;
CREATE EXTENSION opigno_profiles;
SELECT owner = 'regress_opigno_mallory'::regrole AS is_mallory, is_all FROM owner;
DROP EXTENSION opigno_profiles;
\c -
SET ROLE regress_opigno_mallory;
BEGIN;
SET LOCAL opigno_profiles.owner = 'regress_opigno_mallory';
RESET ROLE;
CREATE EXTENSION opigno_profiles;
SELECT owner = 'regress_opigno_mallory'::regrole AS is_mallory, is_all FROM owner;
ROLLBACK;
RESET ROLE;

\echo -- the owner of the database may neither set it for the database nor create the extension
CREATE ROLE regress_opigno_database_owner;
SELECT datdba::regrole AS former_owner FROM pg_database WHERE datname = current_database() \gset
ALTER DATABASE :"DBNAME" OWNER TO regress_opigno_database_owner;
\c -
SET ROLE regress_opigno_database_owner;
ALTER DATABASE :"DBNAME" SET opigno_profiles.owner = 'regress_opigno_database_owner';
CREATE EXTENSION opigno_profiles;
RESET ROLE;
ALTER DATABASE :"DBNAME" OWNER TO :"former_owner";

DROP VIEW owner, others_privilege;
DROP ROLE regress_opigno_owner, regress_opigno_mallory, "regress_opigno Odd ""owner""", regress_opigno_superuser,
    regress_opigno_login, regress_opigno_database_owner;
