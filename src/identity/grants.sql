CREATE OR REPLACE FUNCTION opigno.grant_access(role text, level text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_grant_access';
COMMENT ON FUNCTION opigno.grant_access(text, text) IS
E'Gives a database role a level of access.\n'
'The role gets the privileges that opigno.level_privilege lists for the level. A role can have '
'several levels.\n'
'Requires the rights of the extension''s owner.\n'
'role: the name of the role, as in pg_roles\n'
'level: user (acts for the user of a request), gateway (the same, for HTTP gateways), operator '
'(acts on every user), auditor (reads everything, writes nothing) or learning (trainings and '
'progress by uuid)\n'
'Raises 22023 for an unknown level, for NULL, and for the extension''s owner, who has every '
'right.\n'
'Raises 42501 if the caller does not have the rights of the extension''s owner.\n'
'Raises 42704 for an unknown role.';

CREATE OR REPLACE FUNCTION opigno.revoke_access(role text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_revoke_access';
COMMENT ON FUNCTION opigno.revoke_access(text) IS
E'Takes all levels of access from a database role, with every privilege that a level gives.\n'
'Levels that the role inherits from other roles remain. A NOTICE reports a role that has no '
'level of its own.\n'
'Requires the rights of the extension''s owner.\n'
'role: the name of the role, as in pg_roles\n'
'Raises 22023 for NULL and for the extension''s owner, who keeps every right.\n'
'Raises 42501 if the caller does not have the rights of the extension''s owner.\n'
'Raises 42704 for an unknown role.\n'
'Raises PT409 if another role has granted the level too.';

CREATE OR REPLACE FUNCTION opigno.refresh_grants() RETURNS integer
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_refresh_grants';
COMMENT ON FUNCTION opigno.refresh_grants() IS
E'Grants the current privileges of each level to the roles that have it. Call it once after '
'ALTER EXTENSION opigno_profiles UPDATE.\n'
'Also revokes the privileges that opigno.owner_privilege lists, by REVOKE ... CASCADE: only the '
'extension''s owner should have them.\n'
'Returns the number of levels granted, over all roles of opigno.role_level. Requires the rights '
'of the extension''s owner.\n'
'Raises 42501 if the caller does not have the rights of the extension''s owner.';
