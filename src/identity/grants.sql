CREATE OR REPLACE FUNCTION opigno.grant_access(role text, level text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_grant_access';
COMMENT ON FUNCTION opigno.grant_access(text, text) IS
'Gives a database role a level of access, with the privileges listed in opigno.level_privilege. level: user (acts for the user of a request), gateway (the same, for HTTP gateways), operator (acts on every user), auditor (reads everything, writes nothing); a role may have several. role: its name as pg_roles has it. For the extension''s owner. Raises 22023 for an unknown level, 42704 for an unknown role, 42501 where the caller may not.';

CREATE OR REPLACE FUNCTION opigno.revoke_access(role text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_revoke_access';
COMMENT ON FUNCTION opigno.revoke_access(text) IS
'Takes all levels of access from a database role, with every privilege that a level gives. Levels that it inherits from other roles stay. For the extension''s owner. Raises 22023 for NULL, 42704 for an unknown role, 42501 where the caller may not.';

CREATE OR REPLACE FUNCTION opigno.refresh_grants() RETURNS integer
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_refresh_grants';
COMMENT ON FUNCTION opigno.refresh_grants() IS
'Gives every role of opigno.role_level what its levels may do by now, and takes from every role but the extension''s owner the privileges of opigno.owner_privilege, by REVOKE ... CASCADE. To be called once after ALTER EXTENSION opigno_profiles UPDATE. Gives the number of levels granted. For the extension''s owner; raises 42501 where the caller may not.';
