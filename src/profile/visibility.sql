/*
 * The policy calls this function. It is LEAKPROOF and cheap, so that queries by key use the index
 * under row security.
 */

CREATE OR REPLACE FUNCTION opigno.may_read_profile(user_uuid text, app_id integer) RETURNS boolean
    LANGUAGE c STABLE STRICT LEAKPROOF PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_may_read_profile';
COMMENT ON FUNCTION opigno.may_read_profile(text, integer) IS
E'Returns whether the caller may read the profile of a user in an app.\n'
'A request may read the profiles of its user, if the user can act, but not those of '
'other apps that are private. Operators and auditors may read all.\n'
'An app that does not exist counts as private. The function does not check whether the '
'profile exists.\n'
'user_uuid: the user, in canonical form\n'
'app_id: the app';
