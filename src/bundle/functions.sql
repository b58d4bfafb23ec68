CREATE OR REPLACE FUNCTION opigno.get_user_bundle(
    user_uuid text, app_ids integer[] DEFAULT NULL, include text[] DEFAULT NULL) RETURNS json
    LANGUAGE c STABLE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'opigno_get_user_bundle';
COMMENT ON FUNCTION opigno.get_user_bundle(text, integer[], text[]) IS
E'Returns what is known about a user as one JSON object, read in one snapshot.\n'
'The members are those that include names, in this order: user_context, as '
'opigno.get_user_context_json() returns it; profiles, the rows of opigno.get_profile() in the '
'order of app_id; account, as opigno.get_account() returns it; preferences, as '
'opigno.get_preferences() returns them; trainings, the rows of opigno.get_progress() in the order '
'of training_id, with the title; entities, the rows of opigno.user_entities() as a list for each '
'label. '
'Times are in UTC.\n'
'What the caller may not see, or does not exist, is null or missing from the lists, as in these '
'functions.\n'
'user_uuid: the user, in any letter case\n'
'app_ids: only profiles in these apps; NULL for all apps\n'
'include: the members: user_context, profiles, account, preferences, trainings, entities; NULL for '
'all\n'
'Raises 22023 for an unknown member and for NULL in a list.\n'
'Raises 25000 during a parallel query, for entities.\n'
'Raises the errors of the functions above.';

CREATE OR REPLACE FUNCTION opigno.get_user_bundles(
    user_uuids text[], app_ids integer[] DEFAULT NULL, include text[] DEFAULT NULL)
    RETURNS TABLE (user_uuid text, bundle json)
    LANGUAGE c STABLE PARALLEL UNSAFE COST 10000 ROWS 100
    AS 'MODULE_PATHNAME', 'opigno_get_user_bundles';
COMMENT ON FUNCTION opigno.get_user_bundles(text[], integer[], text[]) IS
E'Returns what opigno.get_user_bundle() returns for several users, one row each.\n'
'The order is that in which the array names the users first.\n'
'user_uuids: at most 500 users, in any letter case\n'
'app_ids: as in opigno.get_user_bundle()\n'
'include: as in opigno.get_user_bundle()\n'
'Raises 22023 for an unknown member and for NULL in a list.\n'
'Raises 54000 for more than 500 users.\n'
'Raises the other errors of opigno.get_user_bundle().';
