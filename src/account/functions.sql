/* Site configuration. */

CREATE OR REPLACE FUNCTION opigno.list_extended_profile_fields()
    RETURNS TABLE (field_name text, field_position integer, visibility text, merge text,
                   placement text, editable_by text, empty_as text, value_schema jsonb)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 20
BEGIN ATOMIC
    SELECT f.field_name::text, f.field_position, f.visibility, f.merge, f.placement,
        f.editable_by, f.empty_as, f.value_schema
    FROM opigno.extended_profile_field AS f ORDER BY f.field_position, f.field_name;
END;
COMMENT ON FUNCTION opigno.list_extended_profile_fields() IS
E'Returns the configured fields of extended profiles in their order. Accounts show these fields.\n'
'Implements the site configuration extended_profile_fields of Open edX.';

CREATE OR REPLACE FUNCTION opigno.configure_extended_profile_field(
    field_name text, field_position integer DEFAULT NULL, visibility text DEFAULT NULL,
    merge text DEFAULT NULL, placement text DEFAULT NULL, editable_by text DEFAULT NULL,
    empty_as text DEFAULT NULL, value_schema jsonb DEFAULT NULL,
    OUT field_name text, OUT field_position integer, OUT visibility text, OUT merge text,
    OUT placement text, OUT editable_by text, OUT empty_as text, OUT value_schema jsonb)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_configure_extended_profile_field';
COMMENT ON FUNCTION opigno.configure_extended_profile_field(text, integer, text, text, text, text,
    text, jsonb) IS
E'Configures a field of extended profiles, or changes the given properties of a configured one, '
'and returns its row as opigno.list_extended_profile_fields() does.\n'
'NULL leaves a property unchanged. Accounts show configured fields, with the values that are '
'stored already. Requires the level operator or a request of an operator.\n'
'field_name: 1 to 255 characters, one of them visible, without bidirectional control characters\n'
'field_position: the place in the order. Default: after the last field.\n'
'visibility: private (default; its user and operators), shared (every authenticated user), or '
'custom (the user chooses with the preferences account_privacy and visibility.<field_name>; '
'until then nobody else sees it). custom is not possible for name, date_joined, and names that '
'cannot be part of a preference key.\n'
'merge: how a patch changes an object: deep (default; RFC 7396) or replace (the whole value, as '
'in Open edX)\n'
'placement: extended_profile (default; an entry of that list) or account (a member of the '
'account)\n'
'editable_by: user (default; the user and operators) or operator (operators only; a request that '
'changes the field is refused)\n'
'empty_as: how accounts show a field that has no value or an empty string: text (default), null '
'or list ([]). With text, an empty string is shown as it is, and no value as null, or as "" in '
'extended_profile.\n'
'value_schema: a JSON Schema that accepts the values of the field. true accepts all values, and '
'so removes the schema. Each value that is written from now on is judged: after a merge the whole '
'value, and no value that is removed. What is stored already stays, and can be sent back '
'unchanged. Drafts and limits are those of opigno.set_profile_schema(). format and default are '
'annotations only.\n'
'Raises 22023 for invalid arguments; the error lists all of them.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.';

CREATE OR REPLACE FUNCTION opigno.drop_extended_profile_field(field_name text) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_drop_extended_profile_field';
COMMENT ON FUNCTION opigno.drop_extended_profile_field(text) IS
E'Removes a field from the configuration, and returns whether it was configured.\n'
'Accounts no longer show the field. The values that users stored in it remain. Requires the '
'level operator or a request of an operator.\n'
'field_name: the name of the field\n'
'Raises 22023 for an invalid name.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.';

CREATE OR REPLACE FUNCTION opigno.configure_accounts(
    unconfigured text DEFAULT NULL, default_visibility text DEFAULT NULL,
    OUT unconfigured text, OUT default_visibility text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_configure_accounts';
COMMENT ON FUNCTION opigno.configure_accounts(text, text) IS
E'Changes the given settings of accounts, and returns all of them.\n'
'NULL leaves a setting unchanged. Requires the level operator or a request of an operator.\n'
'unconfigured: what a patch does with a field of extended_profile that is not configured: store '
'(default; accounts do not show it, as in Open edX) or refuse. A field that is stored already '
'stays, and null removes it.\n'
'default_visibility: account_privacy of users who have not set this preference: private '
'(default), all_users or custom\n'
'Raises 22023 for invalid arguments; the error lists all of them.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.\n'
'Implements the setting default_visibility of Open edX.';

CREATE OR REPLACE FUNCTION opigno.list_preference_rules()
    RETURNS TABLE (key text, value_schema jsonb)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 20
BEGIN ATOMIC
    SELECT r.key::text, r.value_schema FROM opigno.preference_rule AS r ORDER BY r.key;
END;
COMMENT ON FUNCTION opigno.list_preference_rules() IS
E'Returns the preferences that have a rule for their values, in the order of their keys.';

CREATE OR REPLACE FUNCTION opigno.configure_preference(key text, value_schema jsonb) RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_configure_preference';
COMMENT ON FUNCTION opigno.configure_preference(text, jsonb) IS
E'Sets the rule for the values of a preference, and returns the outcome: created, replaced, or '
'unchanged.\n'
'Each value that is written from now on is judged, after the rules of '
'opigno.patch_preferences(). Values that are stored already stay. Requires the level operator or '
'a request of an operator.\n'
'key: the key of the preference\n'
'value_schema: a JSON Schema that accepts the values. A value is judged as it is stored, as a '
'JSON string: so enum and pattern are useful, and type number accepts nothing. Drafts and limits '
'are those of opigno.set_profile_schema(). format and default are annotations only.\n'
'Raises 22023 for invalid arguments; the error lists all of them.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.';

CREATE OR REPLACE FUNCTION opigno.drop_preference_rule(key text) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_drop_preference_rule';
COMMENT ON FUNCTION opigno.drop_preference_rule(text) IS
E'Removes the rule for the values of a preference, and returns whether there was one.\n'
'Values that are stored stay. Requires the level operator or a request of an operator.\n'
'key: the key of the preference\n'
'Raises 22023 for an invalid key.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.';

/* Accounts. */

CREATE OR REPLACE FUNCTION opigno.get_account(user_uuid text, view text DEFAULT NULL) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 200
    AS 'MODULE_PATHNAME', 'opigno_get_account';
COMMENT ON FUNCTION opigno.get_account(text, text) IS
E'Returns the account of a user, or NULL if the caller may see nothing of it.\n'
'The view own is {"username","name","is_active","date_joined","scope",...,'
'"extended_profile":[{"field_name","field_value"}],"account_privacy","preferences",'
'"preferences_version","version"}. username is the user uuid, and date_joined is in UTC. ... are '
'the members configured with placement account. A field without a value is "" in '
'extended_profile and null as a member, unless it is configured with empty_as. If the user has '
'not set account_privacy, it is that of opigno.configure_accounts(). version increases with each '
'call that changes what opigno.patch_account() can write: the fields, the name and '
'account_privacy. preferences_version is that of opigno.preferences_version(). preferences is '
'null if they take more than 1 MB, which only direct writes can cause.\n'
'The view operator also has "id". The view shared has username, shared fields and '
'account_privacy. It has date_joined and a field configured as custom if account_privacy is '
'all_users, or if it is custom and the preference visibility.<name> is all_users. It has name '
'only in the latter case.\n'
'Nothing is shown of an unknown user, of an inactive user to other users, and to a request '
'without AUTHENTICATED of other users. docs/guide/accounts.md describes the views and the '
'choices of users.\n'
'user_uuid: the user, in any letter case\n'
'view: show no more than this view: operator (for operators and auditors), own (for the '
'request''s user) or shared. Default: all that the caller may see.\n'
'Raises 22023 for an unknown view.\n'
'Implements GET /api/user/v1/accounts/{username} of Open edX.';

CREATE OR REPLACE FUNCTION opigno.get_accounts(user_uuids text[], view text DEFAULT NULL)
    RETURNS TABLE (user_uuid text, account json)
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 200 ROWS 100
    AS 'MODULE_PATHNAME', 'opigno_get_accounts';
COMMENT ON FUNCTION opigno.get_accounts(text[], text) IS
E'Returns the accounts of several users, as opigno.get_account() does, one row each.\n'
'The order is that in which the array names them first. Users of whom nothing is shown have no '
'row.\n'
'user_uuids: at most 500 users, in any letter case; any number for operators and auditors\n'
'view: as in opigno.get_account()\n'
'Raises 22023 for an unknown view.\n'
'Raises 54000 for more than 500 users.\n'
'Implements GET /api/user/v1/accounts?username=a,b of Open edX.';

CREATE OR REPLACE FUNCTION opigno.my_account() RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 200
    AS 'MODULE_PATHNAME', 'opigno_my_account';
COMMENT ON FUNCTION opigno.my_account() IS
E'Returns the account of the request''s user in the view own of opigno.get_account().\n'
'Raises 28000 if there is no request.\n'
'Raises 42501 if the user of the request cannot act, or the caller does not have the level user, '
'gateway or operator.';

CREATE OR REPLACE FUNCTION opigno.patch_account(
    user_uuid text, patch json, expected_version bigint DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_patch_account';
COMMENT ON FUNCTION opigno.patch_account(text, json, bigint) IS
E'Changes the fields, the name and account_privacy of an account, and returns the whole account '
'as opigno.get_account() does.\n'
'A field that the patch does not name stays unchanged. A field that is not configured is stored '
'or refused (see opigno.configure_accounts()). If it is stored, the result names it in the '
'further member "not_shown" (at most 100 names).\n'
'A patch that changes nothing writes nothing. Concurrent patches of one account are applied one '
'after the other, and none is lost.\n'
'If the patch has errors, nothing is written, and the result is '
'{"field_errors":{field:{"developer_message","user_message"}}} with the first 100 errors. '
'Invalid entries of extended_profile have a JSON Pointer such as /extended_profile/3/field_name '
'instead of a field. So has an error within a value, which points into the value that would be '
'stored. For a patch that is not an object the result is '
'{"developer_message","user_message"}. Errors are unknown members, read-only members that '
'differ from the stored ones, invalid names, values that violate the schema of their field, '
'changes by a request of fields that only operators may edit, and the reserved fields old_names, '
'old_emails and session_id. Members that the patch, or an object in it, has more than once are '
'errors, and then the only ones.\n'
'Operators may patch every account, also of inactive users. A request may patch that of its own '
'user. account_privacy is a preference with the rules of opigno.patch_preferences(). See '
'docs/guide/accounts.md.\n'
'user_uuid: the user, in any letter case\n'
'patch: {"extended_profile":[{"field_name","field_value"}],"name","account_privacy"} and the '
'members configured with placement account. A field_value of null removes the field, and '
'objects are merged (RFC 7396) or replaced, as the field is configured. Of two entries with one '
'name the later counts. All fields have at most 1048576 bytes as text (268435455 for '
'operators), unless the patch makes larger ones smaller. Numbers have at most 1000 characters '
'as text.\n'
'expected_version: write only if the account has this version, which covers the fields, the name '
'and account_privacy; -1 is any version. The member "version" of the patch says the same. An '
'account exists with its user, so 0 is never the stored version.\n'
'Raises 22023 for invalid arguments.\n'
'Raises 23503 for an unknown user.\n'
'Raises 28000 if there is no request and the caller is not an operator.\n'
'Raises 42501 if the caller may not patch this account.\n'
'Raises 54000 for fields that are too large, and for too many preferences.\n'
'Raises PT409 if a trigger suppresses the write.\n'
'Raises PT412 if the stored version is not the expected one.\n'
'Implements PATCH /api/user/v1/accounts/{username} of Open edX.';

CREATE OR REPLACE FUNCTION opigno.patch_my_account(
    patch json, expected_version bigint DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_patch_my_account';
COMMENT ON FUNCTION opigno.patch_my_account(json, bigint) IS
E'Does the same as opigno.patch_account() for the request''s user, and returns the view own.\n'
'patch: as in opigno.patch_account()\n'
'expected_version: as in opigno.patch_account()\n'
'Raises 28000 if there is no request, for every caller.\n'
'Raises the other errors of opigno.patch_account().';

CREATE OR REPLACE FUNCTION opigno.patch_accounts(
    body text, on_error text DEFAULT NULL, dry_run boolean DEFAULT NULL,
    max_errors integer DEFAULT NULL, on_duplicate text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_patch_accounts';
COMMENT ON FUNCTION opigno.patch_accounts(text, text, boolean, integer, text) IS
E'Does the same as opigno.patch_account() for many users in one call.\n'
'The result is {"errors":[{"ordinal","code","path","message","hint"}],"refused","failed",'
'"response":{"received","updated","unchanged","skipped","failed"}}, as in '
'opigno.create_profiles(), where errors of the body are described, too. If fields were stored '
'that are not configured, the response names them in the further member "not_shown" (at most 100 '
'names).\n'
'Of two equal entries for one user, the second counts as unchanged, whatever the result of the '
'first. If they differ, on_duplicate decides. A patch is checked against the account as it is '
'when the patch is applied. Fields that are too large, and a preference account_privacy beyond '
'the limits of opigno.patch_preferences(), are errors of their entry (54000), as an unknown user '
'(23503) and values that violate a schema (23514) are.\n'
'The body may have any number of entries; memory use stays small. opigno.bulk_progress shows '
'the progress. Requires the level operator or a request of an operator. See '
'docs/guide/loading.md.\n'
'body: a JSON array, {"accounts":[...]}, or one JSON object per line (NDJSON). Each entry is a '
'patch with the member "username", which names its user. It may have the member "version"; if the '
'account has another version, this is an error of the entry (PT412). It may have the member '
'"preferences", a patch of opigno.patch_preferences().\n'
'on_error: ''abort'' (default) or ''report'', as in opigno.create_profiles()\n'
'dry_run: as in opigno.create_profiles()\n'
'max_errors: the number of errors that are listed, those of the first entries, and at most ten of '
'an entry. Default 100.\n'
'on_duplicate: what to do with two different entries for one user: ''error'' (default), or '
'''last'': the last one is applied, and the others count as skipped, as if the body did not '
'contain them\n'
'Raises 22023 for invalid arguments.\n'
'Raises 25006 for a dry run on a standby.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.';

CREATE OR REPLACE FUNCTION opigno.load_accounts(
    staging text, on_error text DEFAULT NULL, dry_run boolean DEFAULT NULL,
    max_errors integer DEFAULT NULL, keep_lines boolean DEFAULT NULL,
    after_ordinal bigint DEFAULT NULL, max_rows integer DEFAULT NULL,
    delete_loaded boolean DEFAULT NULL, trust_owner boolean DEFAULT NULL,
    on_duplicate text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'opigno_load_accounts';
COMMENT ON FUNCTION opigno.load_accounts(
    text, text, boolean, integer, boolean, bigint, integer, boolean, boolean, text) IS
E'Does the same as opigno.patch_accounts() for the rows of a staging table.\n'
'The table is one of opigno.load_profiles(). It has either a column line with an entry of '
'opigno.patch_accounts() as JSON text, or the column username, and for each member of the patch a '
'column of its name. NULL leaves a member out. A text is a JSON string; numbers, booleans, json '
'and jsonb are JSON values of their kind. extended_profile and preferences may also be JSON text '
'in a column of type text.\n'
'The result is that of opigno.patch_accounts(), with last_ordinal in response and paths that '
'point into the row. Errors are stored in opigno.bulk_error as by opigno.load_profiles().\n'
'staging: the name of the table in SQL syntax, or its OID as text\n'
'on_error: as in opigno.patch_accounts()\n'
'dry_run: as in opigno.patch_accounts()\n'
'max_errors: the number of errors that are stored\n'
'keep_lines: as in opigno.load_profiles()\n'
'after_ordinal: as in opigno.load_profiles()\n'
'max_rows: as in opigno.load_profiles()\n'
'delete_loaded: as in opigno.load_profiles()\n'
'trust_owner: as in opigno.load_profiles()\n'
'on_duplicate: as in opigno.patch_accounts()\n'
'Raises 42501 if the caller does not have the level operator, may not read or delete rows of '
'the table, or does not have the rights of its owner.\n'
'Raises 42809 for a table that is not a staging table, and with delete_loaded for one with '
'rules.\n'
'Raises 42P01 for an unknown table.\n'
'Raises PT409 as opigno.load_profiles() does.\n'
'Raises the other errors of opigno.patch_accounts().';

CREATE OR REPLACE PROCEDURE opigno.load_accounts_in_batches(
    staging text, keep_lines boolean DEFAULT NULL, batch_rows integer DEFAULT NULL,
    trust_owner boolean DEFAULT NULL, on_duplicate text DEFAULT NULL,
    INOUT received bigint DEFAULT NULL, INOUT updated bigint DEFAULT NULL,
    INOUT unchanged bigint DEFAULT NULL, INOUT skipped bigint DEFAULT NULL,
    INOUT failed bigint DEFAULT NULL)
    LANGUAGE plpgsql AS $$
DECLARE
    counts pg_catalog.jsonb;
BEGIN
    CALL opigno.load_in_batches(
        'accounts', staging, NULL, NULL, keep_lines, batch_rows, trust_owner, on_duplicate, counts);
    received := counts OPERATOR(pg_catalog.->>) 'received';
    updated := counts OPERATOR(pg_catalog.->>) 'updated';
    unchanged := counts OPERATOR(pg_catalog.->>) 'unchanged';
    skipped := counts OPERATOR(pg_catalog.->>) 'skipped';
    failed := counts OPERATOR(pg_catalog.->>) 'failed';
END
$$;
COMMENT ON PROCEDURE opigno.load_accounts_in_batches(
    text, boolean, integer, boolean, text, bigint, bigint, bigint, bigint, bigint) IS
E'Loads a staging table in batches, as opigno.load_accounts() does with on_error ''report'' '
'and delete_loaded, and returns the counts of all batches as one row.\n'
'The batches are those of opigno.load_profiles_in_batches(). Two rows for one user in different '
'batches are no error: both patches are applied in their order.\n'
'staging: as in opigno.load_accounts()\n'
'keep_lines: as in opigno.load_profiles()\n'
'batch_rows: the number of rows of a batch. Default 10000.\n'
'trust_owner: as in opigno.load_profiles()\n'
'on_duplicate: as in opigno.load_accounts(), for two rows of one batch\n'
'received: a result, like all arguments after it. In CALL leave them out; PL/pgSQL needs a '
'variable for each. The number of rows, '
'without blank ones.\n'
'updated: the number of accounts that were changed\n'
'unchanged: the number of rows that changed nothing\n'
'skipped: the number of rows that on_duplicate skipped\n'
'failed: the number of rows with errors\n'
'Raises 25001 as opigno.load_profiles_in_batches() does.\n'
'Raises the errors of opigno.load_accounts().';

CREATE OR REPLACE FUNCTION opigno.export_accounts(
    after_uuid text DEFAULT NULL, max_rows integer DEFAULT NULL)
    RETURNS SETOF text LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000
BEGIN ATOMIC
    SELECT (jsonb_build_object('username', c.uuid)
            || coalesce((SELECT jsonb_object_agg(f.key, f.value)
                         FROM jsonb_each(a.extended_profile) AS f
                             JOIN opigno.extended_profile_field AS e
                                 ON e.field_name = f.key AND e.placement = 'account'), '{}')
            || (SELECT CASE WHEN count(*) > 0 THEN jsonb_build_object('extended_profile',
                           jsonb_agg(jsonb_build_object('field_name', f.key,
                                                        'field_value', f.value))) ELSE '{}' END
                FROM jsonb_each(a.extended_profile) AS f
                WHERE NOT EXISTS (SELECT FROM opigno.extended_profile_field AS e
                                  WHERE e.field_name = f.key AND e.placement = 'account'))
            || (SELECT CASE WHEN count(*) > 0 THEN jsonb_build_object('preferences',
                           jsonb_object_agg(p.key, p.value)) ELSE '{}' END
                FROM opigno.preference AS p WHERE p.user_uuid = c.uuid))::text
    FROM opigno.user_context AS c LEFT JOIN opigno.account AS a ON a.user_uuid = c.uuid
    WHERE c.uuid > coalesce(opigno.canonical_user_uuid($1), '')
        AND (a.extended_profile <> '{}'
             OR EXISTS (SELECT FROM opigno.preference AS p WHERE p.user_uuid = c.uuid))
    ORDER BY c.uuid
    LIMIT $2;
END;
COMMENT ON FUNCTION opigno.export_accounts(text, integer) IS
E'Returns the stored fields and preferences of users as entries of opigno.patch_accounts(), one '
'line each (NDJSON), in the byte order of user uuids. Users who have neither have no line.\n'
'A line contains no line break. Names are part of opigno.export_user_contexts(). Versions and '
'times are left out. Fields that are not configured are exported too. Those with placement account '
'must have this placement also where they are loaded. The function returns one line at a time, so '
'memory use stays small. It is for operators. See docs/guide/loading.md.\n'
'after_uuid: the export starts after this user, the last one of the part before; NULL for the '
'first part\n'
'max_rows: the number of lines of a part; NULL for all\n'
'Raises 2201W for a negative max_rows.';

CREATE OR REPLACE FUNCTION opigno.clear_account(user_uuid text) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_clear_account';
COMMENT ON FUNCTION opigno.clear_account(text) IS
E'Removes all fields and preferences of an account, and returns whether there were any.\n'
'The user context and the profiles of apps stay. A request does not remove fields that only '
'operators may edit. The version of the account increases. The same rules as in '
'opigno.patch_account() say who may do this.\n'
'user_uuid: the user, in any letter case\n'
'Raises 22023 for an invalid user uuid.\n'
'Raises 23503 for an unknown user.\n'
'Raises 28000 if there is no request and the caller is not an operator.\n'
'Raises 42501 if the caller may not patch this account.\n'
'Raises PT409 if a trigger suppresses the write.';

/* Preferences. */

CREATE OR REPLACE FUNCTION opigno.get_preferences(user_uuid text) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 200
    AS 'MODULE_PATHNAME', 'opigno_get_preferences';
COMMENT ON FUNCTION opigno.get_preferences(text) IS
E'Returns the preferences of a user as one JSON object of strings.\n'
'The result is {} if there are none, and NULL for an unknown user and for one whose data the '
'caller may not read.\n'
'user_uuid: the user, in any letter case\n'
'Raises 54000 if the preferences take more than 1 MB, which only direct writes can cause.\n'
'Implements GET /api/user/v1/preferences/{username} of Open edX.';

CREATE OR REPLACE FUNCTION opigno.preferences_version(user_uuid text) RETURNS bigint
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 200
    AS 'MODULE_PATHNAME', 'opigno_preferences_version';
COMMENT ON FUNCTION opigno.preferences_version(text) IS
E'Returns the version of the preferences of a user.\n'
'Each call that changes preferences increases it. The result is 0 if no preference was ever set. '
'It is NULL for an unknown user, and for one whose data the caller may not read. Pass it as '
'expected_version to the functions that set preferences.\n'
'user_uuid: the user, in any letter case';

CREATE OR REPLACE FUNCTION opigno.get_preference(user_uuid text, key text) RETURNS text
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 200
    AS 'MODULE_PATHNAME', 'opigno_get_preference';
COMMENT ON FUNCTION opigno.get_preference(text, text) IS
E'Returns one preference of a user.\n'
'The result is NULL if it is not set, and for a user whose data the caller may not read.\n'
'user_uuid: the user, in any letter case\n'
'key: the key of the preference\n'
'Implements GET /api/user/v1/preferences/{username}/{key} of Open edX.';

CREATE OR REPLACE FUNCTION opigno.my_preferences() RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 200
    AS 'MODULE_PATHNAME', 'opigno_my_preferences';
COMMENT ON FUNCTION opigno.my_preferences() IS
E'Returns the preferences of the request''s user, as opigno.get_preferences() does.\n'
'Raises 28000 if there is no request.\n'
'Raises 42501 if the user of the request cannot act, or the caller does not have the level '
'user, gateway or operator.\n'
'Raises the other errors of opigno.get_preferences().';

CREATE OR REPLACE FUNCTION opigno.patch_preferences(
    user_uuid text, patch json, expected_version bigint DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_patch_preferences';
COMMENT ON FUNCTION opigno.patch_preferences(text, json, bigint) IS
E'Sets and deletes preferences of a user, all or none, and returns all preferences of the user.\n'
'If the patch has errors, nothing is written, and the result is '
'{"field_errors":{key:{"developer_message","user_message"}}} with the first 100 errors. For {} '
'and for a patch that is not an object the result is {"developer_message","user_message"}. A key '
'that is given more than once is an error.\n'
'A user has at most 1000 preferences, whose keys and values take at most 1048576 bytes, also if '
'operators write them. A patch that adds nothing to them is always accepted. The result is null '
'if the preferences still take more than 1 MB.\n'
'Writes of the preferences of one user, also by opigno.patch_account(), and of the user context '
'wait for each other until the end of the transaction, and do not deadlock: keep such '
'transactions short.\n'
'Operators may set the preferences of every user, a request those of its own user. See '
'docs/guide/accounts.md.\n'
'user_uuid: the user, in any letter case\n'
'patch: a JSON object. null deletes a preference, a string is stored as it is, any other value '
'as JSON text. A key has 1 to 255 of the characters [-_.a-zA-Z0-9]. A value is not blank and '
'has at most 65536 bytes, and numbers have at most 1000 characters. time_zone is the name of a '
'zone or link of IANA''s database that pg_timezone_names has, and account_privacy is private, '
'all_users or custom. opigno.configure_preference() adds rules of the site.\n'
'expected_version: write only if the preferences have this version, which '
'opigno.preferences_version() returns; 0: only if none was ever set; -1: only if one was\n'
'Raises 22023 for NULL.\n'
'Raises 23503 for an unknown user.\n'
'Raises 28000 if there is no request and the caller is not an operator.\n'
'Raises 42501 if the caller may not set preferences of this user.\n'
'Raises 54000 for too many preferences or bytes.\n'
'Raises PT412 if the stored version is not the expected one.\n'
'Implements PATCH /api/user/v1/preferences/{username} of Open edX.';

CREATE OR REPLACE FUNCTION opigno.patch_my_preferences(
    patch json, expected_version bigint DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_patch_my_preferences';
COMMENT ON FUNCTION opigno.patch_my_preferences(json, bigint) IS
E'Does the same as opigno.patch_preferences() for the request''s user.\n'
'patch: as in opigno.patch_preferences()\n'
'expected_version: as in opigno.patch_preferences()\n'
'Raises 28000 if there is no request, for every caller.\n'
'Raises the other errors of opigno.patch_preferences().';

CREATE OR REPLACE FUNCTION opigno.set_preference(
    user_uuid text, key text, value text, expected_version bigint DEFAULT NULL) RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_set_preference';
COMMENT ON FUNCTION opigno.set_preference(text, text, text, bigint) IS
E'Sets one preference of a user, and returns the outcome: created, replaced, or unchanged.\n'
'Setting the value that is already stored writes nothing. The limits and the rules of who may '
'do this are those of opigno.patch_preferences().\n'
'user_uuid: the user, in any letter case\n'
'key: the key of the preference\n'
'value: the value of the preference\n'
'expected_version: as in opigno.patch_preferences()\n'
'Raises 22023 for an invalid key or value.\n'
'Raises 23503 for an unknown user.\n'
'Raises 23514 for a value that violates the rule of opigno.configure_preference().\n'
'Raises 28000 if there is no request and the caller is not an operator.\n'
'Raises 42501 if the caller may not set preferences of this user.\n'
'Raises 54000 for too many preferences or bytes.\n'
'Raises PT412 if the stored version is not the expected one.\n'
'Implements PUT /api/user/v1/preferences/{username}/{key} of Open edX.';

CREATE OR REPLACE FUNCTION opigno.delete_preference(
    user_uuid text, key text, expected_version bigint DEFAULT NULL) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_delete_preference';
COMMENT ON FUNCTION opigno.delete_preference(text, text, bigint) IS
E'Deletes one preference of a user, and returns whether it was set.\n'
'The same rules as in opigno.patch_preferences() say who may do this.\n'
'user_uuid: the user, in any letter case\n'
'key: the key of the preference\n'
'expected_version: as in opigno.patch_preferences()\n'
'Raises 22023 for an invalid key.\n'
'Raises 23503 for an unknown user.\n'
'Raises 28000 if there is no request and the caller is not an operator.\n'
'Raises 42501 if the caller may not set preferences of this user.\n'
'Raises PT412 if the stored version is not the expected one.\n'
'Implements DELETE /api/user/v1/preferences/{username}/{key} of Open edX.';
