/*
 * The view of the reads and the policy call these functions. Those that choose rows are LEAKPROOF
 * and cheap, so that queries by key use the index.
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

CREATE OR REPLACE FUNCTION opigno.may_read_whole_profile(user_uuid text, app_id integer)
    RETURNS boolean LANGUAGE c STABLE STRICT LEAKPROOF PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_may_read_whole_profile';
COMMENT ON FUNCTION opigno.may_read_whole_profile(text, integer) IS
E'Returns whether the caller may read the profile of a user in an app with all its members.\n'
'This is what opigno.may_read_profile() returns, unless the enforced schema of the app hides '
'members from the request: then it is false.\n'
'user_uuid: the user, in canonical form\n'
'app_id: the app\n'
'Raises 0A000 if this build cannot compile the schema of the app.';

CREATE OR REPLACE FUNCTION opigno.visible_profile_data(app_id integer, profile_data jsonb)
    RETURNS jsonb LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_visible_profile_data';
COMMENT ON FUNCTION opigno.visible_profile_data(integer, jsonb) IS
E'Returns a profile of an app without the members that the caller may not see.\n'
'The enforced schema of the app says which these are, by "writeOnly" and "x-opigno-read". '
'Operators and auditors see all members.\n'
'app_id: the app\n'
'profile_data: the document\n'
'Raises 0A000 if this build cannot compile the schema of the app.';
