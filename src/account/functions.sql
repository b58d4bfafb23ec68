/* Site configuration. */

CREATE OR REPLACE FUNCTION opigno.extended_profile_fields()
    RETURNS TABLE (field_name text, field_position integer, visibility text, merge text, placement text)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 20
BEGIN ATOMIC
    SELECT f.field_name::text, f.field_position, f.visibility, f.merge, f.placement
    FROM opigno.extended_profile_field AS f ORDER BY f.field_position, f.field_name;
END;
COMMENT ON FUNCTION opigno.extended_profile_fields() IS
'The configured fields of extended profiles in their order: what accounts show. Rule: Open edX, site configuration extended_profile_fields.';

CREATE OR REPLACE FUNCTION opigno.configure_extended_profile_field(
    field_name text, field_position integer DEFAULT NULL, visibility text DEFAULT NULL, merge text DEFAULT NULL,
    placement text DEFAULT NULL,
    OUT field_name text, OUT field_position integer, OUT visibility text, OUT merge text, OUT placement text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_configure_extended_profile_field';
COMMENT ON FUNCTION opigno.configure_extended_profile_field(text, integer, text, text, text) IS
'Configures a field, so that accounts show it, or changes what is given of one (NULL leaves it), and gives its row of opigno.extended_profile_fields(). field_name: 1 to 255 characters, not blank. field_position: its place in the order (default: behind the last). visibility: private (default: its user and operators), shared (every authenticated user), or custom (its user chooses by the preferences account_privacy and visibility.<field_name>, and until then shows it to nobody; not for fields whose name no such key can hold, nor for name and date_joined). merge: deep (default: a patch merges objects, RFC 7396) or replace (Open edX: a value is replaced whole). placement: extended_profile (default: an entry of that list) or account (a member of the account). Values stored before are shown from now on. For operators. Raises 22023 with all faults, 42501 where the caller may not.';

CREATE OR REPLACE FUNCTION opigno.drop_extended_profile_field(field_name text) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_drop_extended_profile_field';
COMMENT ON FUNCTION opigno.drop_extended_profile_field(text) IS
'Hides a field again; what users stored in it is kept. False if it is not configured. For operators. Raises 22023 for a bad name, 42501 where the caller may not.';

/* Accounts. */

CREATE OR REPLACE FUNCTION opigno.get_account(user_uuid text, view text DEFAULT NULL) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 200
    AS 'MODULE_PATHNAME', 'opigno_get_account';
COMMENT ON FUNCTION opigno.get_account(text, text) IS
'The account of a user: {"username" (the user uuid),"name","is_active","date_joined" (UTC),"scope",<configured members, null where absent>,"extended_profile":[{"field_name","field_value" ("" where absent)}],"account_privacy","preferences","version" (of the fields, 0: none are stored)}. view: the most to show (default: all the caller may see). own: this; for the request''s user. operator: with "id"; for operators and auditors. shared: username, shared fields, account_privacy, and what the user chose: fields configured custom where account_privacy is all_users, or custom with the preference visibility.<field_name> all_users; so too date_joined, and name by visibility.name alone. "preferences" is null where they take more than 1 MB, as rows written by hand may. NULL for an unknown user and where nothing is shown: without AUTHENTICATED, and to others of an inactive user. Raises 22023 for an unknown view. Rule: Open edX, GET /api/user/v1/accounts/{username}.';

CREATE OR REPLACE FUNCTION opigno.get_accounts(user_uuids text[], view text DEFAULT NULL)
    RETURNS TABLE (user_uuid text, account json)
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 200 ROWS 100
    AS 'MODULE_PATHNAME', 'opigno_get_accounts';
COMMENT ON FUNCTION opigno.get_accounts(text[], text) IS
'opigno.get_account() for a list of users: one row each, in the order in which the list names them first; those of whom nothing is shown are left out. A list may have 500 elements; those of operators and auditors may have more. Raises 22023 for an unknown view, 54000 for a longer list. Rule: Open edX, GET /api/user/v1/accounts?username=a,b.';

CREATE OR REPLACE FUNCTION opigno.my_account() RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 200
    AS 'MODULE_PATHNAME', 'opigno_my_account';
COMMENT ON FUNCTION opigno.my_account() IS
'opigno.get_account() for the request''s user, view own. Raises 28000 without a request, 42501 where its user cannot act.';

CREATE OR REPLACE FUNCTION opigno.patch_account(user_uuid text, patch jsonb, expected_version bigint DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_patch_account';
COMMENT ON FUNCTION opigno.patch_account(text, jsonb, bigint) IS
'Applies the document of a PATCH to an account and answers the whole account, as opigno.get_account() does. patch: {"extended_profile":[{"field_name","field_value"}],"name","account_privacy",<members configured with placement account>}. A field_value is any JSON: null removes, objects merge deeply (RFC 7396) or are replaced where the field is so configured, of one name given twice the later counts; fields need not be configured. What is not named is left alone; two patches at once both take effect; what changes nothing writes nothing. Refuses by an answer, with all faults (the first 100) and nothing written: {"field_errors":{field:{"developer_message","user_message"}}}, malformed entries under a JSON Pointer such as /extended_profile/3/field_name, or {"developer_message","user_message"} where the patch is no object. Faults are unknown and read-only members, bad names, reserved fields (old_names, old_emails, session_id). expected_version: write only if the fields have this version (0: none are stored). Operators patch every account, also of inactive users; a request that of its user, up to 1048576 bytes of fields as text (operators 268435455; what is larger already may become smaller). A number has at most 1000 characters as text. account_privacy is a preference and counts as one: opigno.patch_preferences(). Raises 22023, 54000 for what is too large, PT412 for another version, 23503 for an unknown user, 28000 without a request, 42501 where the caller may not. Rule: Open edX, PATCH /api/user/v1/accounts/{username}.';

CREATE OR REPLACE FUNCTION opigno.patch_my_account(patch jsonb, expected_version bigint DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_patch_my_account';
COMMENT ON FUNCTION opigno.patch_my_account(jsonb, bigint) IS
'opigno.patch_account() for the request''s user; answers the view own. Raises what that does, and 28000 without a request for every caller.';

CREATE OR REPLACE FUNCTION opigno.patch_accounts(
        body text, on_error text DEFAULT NULL, dry_run boolean DEFAULT NULL,
        max_errors integer DEFAULT NULL)
    RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_patch_accounts';
COMMENT ON FUNCTION opigno.patch_accounts(text, text, boolean, integer) IS
'opigno.patch_account() for many users in one call, for operators. body: a JSON array of patches, '
'{"accounts":[...]} or one patch a line. Each patch has the member "username", which names its user. '
'Answers {"errors":[{"ordinal","code","path","message"}],"failed","response":{"received","updated",'
'"unchanged","failed"}}: the first max_errors (default 100) errors with the place of their entry from 1, '
'and how many entries failed. '
'on_error ''abort'' (default): with an error nothing is written and response is null; ''report'': the '
'entries without errors are written. dry_run: answers the same and writes nothing. '
'Two byte-equal entries for one user count once, and the other as unchanged; two different ones are an '
'error of the later. Fields that are too large, and a preference account_privacy beyond the limits of '
'opigno.patch_preferences(), are errors of their entry (54000), and an unknown user is (23503). '
'A body whose list is not closed is one error without an ordinal, and nothing is written. '
'Raises 22023 for a bad argument and 42501 where the caller may not.';

/* Preferences. */

CREATE OR REPLACE FUNCTION opigno.get_preferences(user_uuid text) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 200
    AS 'MODULE_PATHNAME', 'opigno_get_preferences';
COMMENT ON FUNCTION opigno.get_preferences(text) IS
'The preferences of a user as one object of strings, {} where there are none. NULL for an unknown user, and one that the caller may not act for or read. Raises 54000 where they take more than 1 MB, as rows written by hand may. Rule: Open edX, GET /api/user/v1/preferences/{username}.';

CREATE OR REPLACE FUNCTION opigno.get_preference(user_uuid text, key text) RETURNS text
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 200
    AS 'MODULE_PATHNAME', 'opigno_get_preference';
COMMENT ON FUNCTION opigno.get_preference(text, text) IS
'One preference of a user. NULL where it is not set, and of users that the caller may not act for or read. Rule: Open edX, GET /api/user/v1/preferences/{username}/{key}.';

CREATE OR REPLACE FUNCTION opigno.my_preferences() RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 200
    AS 'MODULE_PATHNAME', 'opigno_my_preferences';
COMMENT ON FUNCTION opigno.my_preferences() IS
'opigno.get_preferences() for the request''s user. Raises what that does, 28000 without a request, 42501 where its user cannot act.';

CREATE OR REPLACE FUNCTION opigno.patch_preferences(user_uuid text, patch jsonb) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_patch_preferences';
COMMENT ON FUNCTION opigno.patch_preferences(text, jsonb) IS
'Sets and deletes preferences, all or none, and answers all of the user''s. patch: an object; null deletes (also what is not set), a string is stored as it is, anything else as its JSON text. A key has 1 to 255 of the characters [-_.a-zA-Z0-9]; a value is not blank; time_zone is a name of pg_timezone_names, account_privacy private, all_users or custom; at most 65536 bytes, a number at most 1000 characters. A user has at most 1000 preferences, whose keys and values take at most 1 MB (1048576 bytes), also by operators; what makes no more of them is always taken. Refuses by an answer with all faults (the first 100) and nothing written: {"field_errors":{key:{"developer_message","user_message"}}}, or {"developer_message","user_message"} for {} and what is no object. Writes of preferences of one user, also by opigno.patch_account(), wait for each other until the end of the transaction, and do not deadlock; changes of the user context wait as well, so keep such transactions short. The answer is null where what is left takes more than 1 MB. Operators set those of every user, a request those of its user. Raises 22023 for NULL, 23503 for an unknown user, 54000 for too many preferences or bytes, 28000 without a request, 42501 where the caller may not. Rule: Open edX, PATCH /api/user/v1/preferences/{username}.';

CREATE OR REPLACE FUNCTION opigno.patch_my_preferences(patch jsonb) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_patch_my_preferences';
COMMENT ON FUNCTION opigno.patch_my_preferences(jsonb) IS
'opigno.patch_preferences() for the request''s user. Raises what that does, and 28000 without a request for every caller.';

CREATE OR REPLACE FUNCTION opigno.set_preference(user_uuid text, key text, value text) RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_set_preference';
COMMENT ON FUNCTION opigno.set_preference(text, text, text) IS
'Sets one preference and gives the outcome: created, replaced, or unchanged (nothing is written). Rules and rights as in opigno.patch_preferences(). Raises 22023 for a bad key or value, 23503 for an unknown user, 54000 for too many preferences or bytes, 28000 without a request, 42501 where the caller may not. Rule: Open edX, PUT /api/user/v1/preferences/{username}/{key}.';

CREATE OR REPLACE FUNCTION opigno.delete_preference(user_uuid text, key text) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_delete_preference';
COMMENT ON FUNCTION opigno.delete_preference(text, text) IS
'Deletes one preference. False if it is not set. Rights as in opigno.patch_preferences(). Raises 22023, 23503, 28000 and 42501 as that does. Rule: Open edX, DELETE /api/user/v1/preferences/{username}/{key}.';
