/* The view of the reads and the policy call these functions, as those of profiles:
 * src/profile/visibility.sql. */

CREATE OR REPLACE FUNCTION opigno.may_read_training_profile(app_id integer) RETURNS boolean
    LANGUAGE c STABLE STRICT LEAKPROOF PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_may_read_training_profile';
COMMENT ON FUNCTION opigno.may_read_training_profile(integer) IS
E'Returns whether the caller may read the training profiles of an app.\n'
'A request whose user can act may read them, but not those of other apps that are private. '
'Operators, auditors and roles of the level learning may read all.\n'
'An app that does not exist counts as private.\n'
'app_id: the app';

CREATE OR REPLACE FUNCTION opigno.may_read_whole_training_profile(app_id integer) RETURNS boolean
    LANGUAGE c STABLE STRICT LEAKPROOF PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_may_read_whole_training_profile';
COMMENT ON FUNCTION opigno.may_read_whole_training_profile(integer) IS
E'Returns whether the caller may read the training profiles of an app with all their members.\n'
'This is what opigno.may_read_training_profile() returns, unless the enforced schema of the app '
'hides members from the request: then it is false.\n'
'app_id: the app\n'
'Raises 0A000 if this build cannot compile the schema of the app.';

CREATE OR REPLACE FUNCTION opigno.visible_training_profile_data(
    app_id integer, profile_data jsonb) RETURNS jsonb
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_visible_training_profile_data';
COMMENT ON FUNCTION opigno.visible_training_profile_data(integer, jsonb) IS
E'Returns a training profile of an app without the members that the caller may not see.\n'
'The enforced schema of the app says which these are, as in opigno.visible_profile_data().\n'
'app_id: the app\n'
'profile_data: the document\n'
'Raises 0A000 if this build cannot compile the schema of the app.';
