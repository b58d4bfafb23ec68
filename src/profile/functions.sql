/*
 * What the functions below read. A policy shows a row or hides it, but cannot leave out members. So
 * the view reads the table with the rights of its owner and calls itself the function that says who
 * may see which row; security_barrier keeps conditions of the query from being evaluated before.
 * As text, user_uuid needs no cast in the functions, for which the plan would have another node.
 * The planner plans such a view by itself. An ORDER BY outside would hide a LIMIT from it, so the
 * view has the order of the primary key, and pages rely on it.
 */
CREATE OR REPLACE VIEW opigno.visible_profile WITH (security_barrier = true) AS
    SELECT p.user_uuid::text AS user_uuid, p.app_id,
        opigno.visible_profile_data(p.app_id, p.profile_data) AS profile_data,
        p.version, p.created_at, p.updated_at
    FROM opigno.profile AS p
    WHERE opigno.may_read_profile(p.user_uuid, p.app_id)
    ORDER BY 1, 2;
COMMENT ON VIEW opigno.visible_profile IS
'the profiles that the caller may see, without the members that the enforced schema of their app '
'hides from the caller; opigno.get_profile() and related functions read it';
COMMENT ON COLUMN opigno.visible_profile.user_uuid IS 'the user';
COMMENT ON COLUMN opigno.visible_profile.app_id IS 'the app';
COMMENT ON COLUMN opigno.visible_profile.profile_data IS
'the document without the members that the caller may not see';
COMMENT ON COLUMN opigno.visible_profile.version IS 'the version of the stored document';
COMMENT ON COLUMN opigno.visible_profile.created_at IS
'start of the transaction that created the profile';
COMMENT ON COLUMN opigno.visible_profile.updated_at IS
'start of the transaction that last changed the profile';

/*
 * Reads. The planner inlines them, so they have no SET, are not STRICT and run with the caller's
 * rights. OFFSET 0 keeps a subquery together: in a join each row of the other tables gives the keys
 * for the index. The planner takes no COALESCE into a view with security_barrier.
 */

CREATE OR REPLACE FUNCTION opigno.get_profile(user_uuid text, app_id integer)
    RETURNS TABLE (user_uuid text, app_id integer, profile_data jsonb, version bigint,
                   created_at timestamptz, updated_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT p.user_uuid, p.app_id, p.profile_data, p.version, p.created_at, p.updated_at
    FROM opigno.visible_profile AS p
    WHERE p.user_uuid = opigno.canonical_user_uuid($1) AND p.app_id = $2
    OFFSET 0;
END;
COMMENT ON FUNCTION opigno.get_profile(text, integer) IS
E'Returns the profile of a user in an app, or no row if there is none that the caller may see.\n'
'The planner inlines the function, so it costs no more than a SELECT by primary key.\n'
'user_uuid: the user, in any letter case\n'
'app_id: the app\n'
'Implements GET /operator/users/profile/:userid/:appid of Sentinel.';

CREATE OR REPLACE FUNCTION opigno.list_profiles(
    app_id integer, after_uuid text DEFAULT NULL, max_rows integer DEFAULT NULL)
    RETURNS TABLE (user_uuid text, app_id integer, profile_data jsonb, version bigint,
                   created_at timestamptz, updated_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
BEGIN ATOMIC
    SELECT p.user_uuid, p.app_id, p.profile_data, p.version, p.created_at, p.updated_at
    FROM opigno.visible_profile AS p
    WHERE p.app_id = $1
        AND p.user_uuid > CASE WHEN $2 IS NULL THEN '' ELSE opigno.canonical_user_uuid($2) END
    LIMIT coalesce($3, 100);
END;
COMMENT ON FUNCTION opigno.list_profiles(integer, text, integer) IS
E'Returns a page of the profiles of an app that the caller may see, in the byte order of user '
'uuids.\n'
'It is meant for operators: in a request it reads and discards the profiles of all other users. '
'Use opigno.my_profiles() in requests.\n'
'The function reads the primary key in order. It reads many index entries if few users have a '
'profile of the app.\n'
'app_id: the app\n'
'after_uuid: the page starts after this user, the last one of the page before; NULL for the '
'first page\n'
'max_rows: the number of rows of a page, 100 by default\n'
'Raises 2201W for a negative max_rows.';

CREATE OR REPLACE FUNCTION opigno.export_profiles(
    app_id integer, after_uuid text DEFAULT NULL, max_rows integer DEFAULT NULL)
    RETURNS SETOF text LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000
BEGIN ATOMIC
    SELECT json_build_object('user_id', p.user_uuid, 'app_id', p.app_id,
                             'profile_data', p.profile_data)::text
    FROM opigno.visible_profile AS p
    WHERE p.app_id = $1
        AND p.user_uuid > CASE WHEN $2 IS NULL THEN '' ELSE opigno.canonical_user_uuid($2) END
    LIMIT $3;
END;
COMMENT ON FUNCTION opigno.export_profiles(integer, text, integer) IS
E'Returns the profiles of an app as entries of opigno.create_profiles(), one line each (NDJSON), '
'in the byte order of user uuids.\n'
'A line contains no line break. Versions and times are left out: the profiles get new ones where '
'they are loaded. The function returns one line at a time, so memory use stays small. It is for '
'operators. See docs/guide/loading.md.\n'
'app_id: the app\n'
'after_uuid: the export starts after this user, the last one of the part before; NULL for the '
'first part\n'
'max_rows: the number of lines of a part; NULL for all\n'
'Raises 2201W for a negative max_rows.';

CREATE OR REPLACE FUNCTION opigno.my_profiles(app_id integer DEFAULT NULL)
    RETURNS TABLE (user_uuid text, app_id integer, profile_data jsonb, version bigint,
                   created_at timestamptz, updated_at timestamptz)
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 200 ROWS 3
    AS 'MODULE_PATHNAME', 'opigno_my_profiles';
COMMENT ON FUNCTION opigno.my_profiles(integer) IS
E'Returns the profiles of the request''s user in the order of app_id, without those of other '
'apps that are private.\n'
'app_id: only the profile of this app; NULL for all apps\n'
'Raises 28000 if there is no request.\n'
'Raises 42501 if the user of the request cannot act, or the caller does not have the level '
'user, gateway or operator.\n'
'Implements GET /user/profiles/:appid of Sentinel.';

/* Writes, in C++. They run with the caller's rights, and check them first. */

CREATE OR REPLACE FUNCTION opigno.upsert_profile(
    user_uuid text, app_id integer, profile_data jsonb, expected_version bigint DEFAULT NULL,
    OUT version bigint, OUT outcome text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_upsert_profile';
COMMENT ON FUNCTION opigno.upsert_profile(text, integer, jsonb, bigint) IS
E'Stores a document as the profile of a user in an app, and returns its version and the outcome.\n'
'The outcome is created, replaced, or unchanged: a document with the same bytes is not written '
'again.\n'
'The first version is the time in microseconds since 1970, and each change adds 1. A version is '
'never used again, even if the profile is deleted and created again.\n'
'Operators may write all profiles, also those of inactive users. A request may write the '
'profiles of its own user. A client may write only those of its own app, and a request without '
'an app none of private apps.\n'
'A document larger than the limit may be stored if it makes a stored one smaller.\n'
'Call it as SELECT * FROM opigno.upsert_profile(...): SELECT (opigno.upsert_profile(...)).* '
'calls it twice.\n'
'user_uuid: the user, in any letter case\n'
'app_id: the app\n'
'profile_data: any JSON value. If members have the same name, jsonb keeps the last one. The text '
'has at most the bytes that the app allows for requests (see opigno.register_app(), 1048576 by '
'default), or 268435455 for operators. Numbers have at most 1000 characters as text.\n'
'expected_version: write only if this is the stored version; 0: only if there is no profile; -1: '
'only if there is one. NULL writes in any case.\n'
'Raises 22023 for invalid arguments; the error lists all of them.\n'
'Raises 23503 for an unknown user or app.\n'
'Raises 23514 for a document that violates the schema of the app; the error lists all faults. See '
'docs/guide/schemas.md.\n'
'Raises 28000 if there is no request and the caller is not an operator.\n'
'Raises 42501 if the caller may not write this profile, or the schema of the app does not let the '
'request write a member; the error lists all of them. A new document keeps stored members that '
'the request may not see.\n'
'Raises 54000 for a document that is too large, or too expensive to judge by the schema.\n'
'Raises PT409 if a trigger suppresses the write.\n'
'Raises PT412 if the stored version is not the expected one.\n'
'Conversion to jsonb itself raises 22P02, 22P05, 54000 and 54001.';

CREATE OR REPLACE FUNCTION opigno.patch_profile(
    user_uuid text, app_id integer, patch jsonb, expected_version bigint DEFAULT NULL,
    OUT version bigint, OUT outcome text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_patch_profile';
COMMENT ON FUNCTION opigno.patch_profile(text, integer, jsonb, bigint) IS
E'Applies a JSON Merge Patch (RFC 7396) to the profile of a user in an app, and returns its '
'version and the outcome.\n'
'null removes a member, objects are merged, any other value replaces the old one. A profile '
'that does not exist is created from the patch. The outcome is created, merged, or unchanged: a '
'patch that changes no byte writes nothing.\n'
'If the stored document is an object, the patch must be an object, too. Other patches, which RFC '
'7396 allows, are nearly always mistakes: JSON text that was encoded twice, or a JSON Patch (RFC '
'6902). opigno.upsert_profile() replaces a document.\n'
'Concurrent patches of one profile are applied one after the other, and none is lost. The '
'merged document has the size limits of opigno.upsert_profile().\n'
'user_uuid: the user, in any letter case\n'
'app_id: the app\n'
'patch: the merge patch\n'
'expected_version: as in opigno.upsert_profile()\n'
'Raises 22023 also if the patch is not an object and the stored document is one.\n'
'Raises the other errors of opigno.upsert_profile().';

CREATE OR REPLACE FUNCTION opigno.delete_profile(
    user_uuid text, app_id integer, expected_version bigint DEFAULT NULL) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_delete_profile';
COMMENT ON FUNCTION opigno.delete_profile(text, integer, bigint) IS
E'Deletes the profile of a user in an app, and returns whether there was one.\n'
'The same rules as in opigno.upsert_profile() say who may do this.\n'
'user_uuid: the user, in any letter case\n'
'app_id: the app\n'
'expected_version: delete only if this is the stored version; -1: any version, but raise an error '
'if there is no profile. NULL deletes in any case.\n'
'Raises 22023 for invalid arguments; the error lists all of them.\n'
'Raises 23503 for an unknown app in a request.\n'
'Raises 28000 if there is no request and the caller is not an operator.\n'
'Raises 42501 if the caller may not write this profile, or it has members that the schema of the '
'app does not let the request write.\n'
'Raises PT412 if there is no profile with the expected version.';

CREATE OR REPLACE FUNCTION opigno.create_my_profile(
    app_id integer, profile_data jsonb, OUT version bigint, OUT outcome text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_create_my_profile';
COMMENT ON FUNCTION opigno.create_my_profile(integer, jsonb) IS
E'Creates the profile of the request''s user in an app, and returns its version and the outcome '
'created.\n'
'A client may create only profiles of its own app.\n'
'app_id: the app\n'
'profile_data: the document, with the limits of opigno.upsert_profile()\n'
'Raises 22023 for invalid arguments; the error lists all of them.\n'
'Raises 23503 for an unknown app.\n'
'Raises 23505 if the profile exists.\n'
'Raises 23514 for a document that violates the schema of the app.\n'
'Raises 28000 if there is no request.\n'
'Raises 42501 if the user of the request cannot act, or may not write profiles of this app.\n'
'Raises 54000 for a document that is too large.\n'
'Implements POST /user/profiles/create of Sentinel.';

CREATE OR REPLACE FUNCTION opigno.patch_my_profile(
    app_id integer, patch jsonb, expected_version bigint DEFAULT NULL,
    OUT version bigint, OUT outcome text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_patch_my_profile';
COMMENT ON FUNCTION opigno.patch_my_profile(integer, jsonb, bigint) IS
E'Does the same as opigno.patch_profile() for the request''s user.\n'
'app_id: the app\n'
'patch: the merge patch\n'
'expected_version: as in opigno.upsert_profile()\n'
'Raises 28000 if there is no request, for every caller.\n'
'Raises the other errors of opigno.patch_profile().';

CREATE OR REPLACE FUNCTION opigno.delete_my_profile(
    app_id integer, expected_version bigint DEFAULT NULL) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_delete_my_profile';
COMMENT ON FUNCTION opigno.delete_my_profile(integer, bigint) IS
E'Does the same as opigno.delete_profile() for the request''s user.\n'
'app_id: the app\n'
'expected_version: as in opigno.delete_profile()\n'
'Raises 28000 if there is no request, for every caller.\n'
'Raises the other errors of opigno.delete_profile().';

/* Bulk functions. */

CREATE OR REPLACE FUNCTION opigno.create_profiles(
    body text, on_conflict text DEFAULT NULL, on_error text DEFAULT NULL,
    dry_run boolean DEFAULT NULL, create_missing_users boolean DEFAULT NULL,
    max_errors integer DEFAULT NULL, on_duplicate text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'opigno_create_profiles';
COMMENT ON FUNCTION opigno.create_profiles(text, text, text, boolean, boolean, integer, text) IS
E'Creates many profiles in one call.\n'
'The result is {"errors":[{"ordinal","user_id","app_id","code","path","message","hint"}],'
'"refused","failed","response":{"received","created","replaced","merged","unchanged","skipped",'
'"users_created","failed"}}. ordinal is the position of the entry from 1, code the SQLSTATE, path '
'a JSON Pointer into the entry.\n'
'refused is true if the call wrote nothing because of errors. Then response is null, and failed '
'is at least 1. failed counts all entries with errors. A body that is malformed outside of '
'its entries, or whose entries are neither in a list nor on one line each, is refused as a whole, '
'by an error without ordinal, which counts as an entry.\n'
'An entry that is not valid JSON is an error (22P02 or 22P05) whose message says what is wrong at '
'which byte of the body, from 1. A member that an entry, or the object around the list, has more '
'than once is an error (22023). Within a document the last of such members counts.\n'
'users_created is the number of users that the call has created, or would create without dry_run. '
'They have a row of their own in opigno.audit.\n'
'Of two equal entries for one user and app, the second counts as unchanged, whatever the result '
'of the first. If they differ, on_duplicate decides.\n'
'The limits of operators in opigno.upsert_profile() apply to each document, given or merged; an '
'entry beyond them fails with 54000.\n'
'The function reads one entry at a time, so memory use stays small. It writes in the order of '
'the keys, so two loads do not deadlock. opigno.bulk_progress shows the progress. Requires the '
'level operator or a request of an operator. See docs/guide/loading.md.\n'
'body: entries {"user_id","app_id","profile_data"} as {"profiles":[...]}, a JSON array, or one '
'object per line (NDJSON). A byte order mark at its head is skipped. An entry can have the member '
'version, as expected_version of opigno.upsert_profile(); another stored version is an error of '
'the entry (PT412). Rows of opigno.list_profiles() are entries, too: user_uuid stands for '
'user_id, and created_at and updated_at must be the stored ones.\n'
'on_conflict: what to do if the profile exists: ''error'' (default), ''skip'', ''replace'', or '
'''merge'' (RFC 7396): the document is a merge patch, as in opigno.patch_profiles(), also for a '
'profile that does not exist\n'
'on_error: ''abort'' (default): if an entry has an error, the call is refused. ''report'': the '
'entries without errors are written.\n'
'dry_run: if true, returns the same result and writes nothing. This works in a READ ONLY '
'transaction, and not on a standby.\n'
'create_missing_users: if true, creates an active user context without scopes, named "Anonymous '
'User", for each unknown user. A uuid that no new user may have is an error of its entry (see '
'opigno.set_user_context()).\n'
'max_errors: the number of errors that are listed, those of the first entries, and at most ten of '
'an entry. Default 100.\n'
'on_duplicate: what to do with two different entries for one user and app: ''error'' (default), '
'or ''last'': the last one is written, and the others count as skipped, as if the body did not '
'contain them. Entries that cannot be read take no part: an earlier one can be the last.\n'
'Raises 22023 for invalid arguments; the error lists all of them.\n'
'Raises 25006 for a dry run on a standby.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.\n'
'Raises 54000 for a merge whose result jsonb cannot store.\n'
'Triggers and constraints of the site may raise other errors.\n'
'Implements POST /operator/profile/create-bulk of Sentinel.';

CREATE OR REPLACE FUNCTION opigno.patch_profiles(
    body text, on_error text DEFAULT NULL, dry_run boolean DEFAULT NULL,
    create_missing_users boolean DEFAULT NULL, max_errors integer DEFAULT NULL,
    on_duplicate text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'opigno_patch_profiles';
COMMENT ON FUNCTION opigno.patch_profiles(text, text, boolean, boolean, integer, text) IS
E'Applies a JSON Merge Patch (RFC 7396) to each of many profiles, as opigno.patch_profile() '
'does.\n'
'A patch that is not an object is an error of its entry (22023) if the stored document is one.\n'
'The result, the limits and the handling of errors are those of opigno.create_profiles().\n'
'body: entries {"user_id","app_id","patch"}, as in opigno.create_profiles()\n'
'on_error: ''abort'' (default) or ''report'', as in opigno.create_profiles()\n'
'dry_run: as in opigno.create_profiles()\n'
'create_missing_users: as in opigno.create_profiles()\n'
'max_errors: as in opigno.create_profiles()\n'
'on_duplicate: as in opigno.create_profiles(); with ''last'', earlier patches are not applied\n'
'Raises the errors of opigno.create_profiles().';

CREATE OR REPLACE FUNCTION opigno.delete_profiles(
    body text, on_error text DEFAULT NULL, dry_run boolean DEFAULT NULL,
    max_errors integer DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'opigno_delete_profiles';
COMMENT ON FUNCTION opigno.delete_profiles(text, text, boolean, integer) IS
E'Deletes many profiles in one call.\n'
'The result and the handling of errors are those of opigno.create_profiles(), but response is '
'{"received","deleted","missing","unchanged","skipped","failed"}.\n'
'body: entries {"user_id","app_id"}, as in opigno.create_profiles()\n'
'on_error: ''abort'' (default) or ''report'', as in opigno.create_profiles()\n'
'dry_run: as in opigno.create_profiles()\n'
'max_errors: as in opigno.create_profiles()\n'
'Raises the errors of opigno.create_profiles().';

CREATE OR REPLACE FUNCTION opigno.parse_profiles(body text)
    RETURNS TABLE (ordinal bigint, user_id text, app_id integer, profile_data jsonb,
                   code text, path text, message text)
    LANGUAGE c STABLE STRICT PARALLEL UNSAFE COST 10000 ROWS 1000
    AS 'MODULE_PATHNAME', 'opigno_parse_profiles';
COMMENT ON FUNCTION opigno.parse_profiles(text) IS
E'Returns the entries of a body of opigno.create_profiles() as rows, for queries of your own.\n'
'ordinal is the position from 1. user_id has a UUID in lower case. For an invalid entry the row '
'has what could be read of it, and the SQLSTATE, JSON Pointer and message of its first error.\n'
'The function reads no table: users and apps can be unknown, and entries can be repeated.\n'
'body: as in opigno.create_profiles()\n'
'Raises 22023 for a body with two lists.\n'
'Raises 22P02 for any other body that opigno.create_profiles() refuses as a whole.';

CREATE OR REPLACE FUNCTION opigno.merged_profile(
    profile_data jsonb, patch jsonb, app_id integer, judges boolean) RETURNS jsonb
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100
    AS 'MODULE_PATHNAME', 'opigno_merged_profile';
COMMENT ON FUNCTION opigno.merged_profile(jsonb, jsonb, integer, boolean) IS
E'Does the same as opigno.jsonb_merge_patch(), for statements of the loads.\n'
'If the app''s schema says so, missing members get their defaults. The result is NULL if it has '
'the same bytes as profile_data, if it has more than 268435455 bytes as text, if it would '
'replace an object and is not an object, and, with judges, if it violates a schema of the app '
'that is enforced or has the mode warn. For the extension''s owner.\n'
'profile_data: the stored document\n'
'patch: the merge patch\n'
'app_id: the app\n'
'judges: whether the schemas of the app judge the result\n'
'Raises 54000 if jsonb cannot store the result.';

/* Loads from a staging table. */

CREATE OR REPLACE FUNCTION opigno.load_profiles(
    staging text, on_conflict text DEFAULT NULL, on_error text DEFAULT NULL,
    dry_run boolean DEFAULT NULL, create_missing_users boolean DEFAULT NULL,
    max_errors integer DEFAULT NULL, keep_lines boolean DEFAULT NULL,
    after_ordinal bigint DEFAULT NULL, max_rows integer DEFAULT NULL,
    delete_loaded boolean DEFAULT NULL, trust_owner boolean DEFAULT NULL,
    on_duplicate text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'opigno_load_profiles';
COMMENT ON FUNCTION opigno.load_profiles(
    text, text, text, boolean, boolean, integer, boolean, bigint, integer, boolean, boolean,
    text) IS
E'Does the same as opigno.create_profiles() for the rows of a staging table.\n'
'The table is an ordinary or partitioned table without inheritance children. It has a column '
'ordinal of an integer type, NOT NULL and with a unique index that is not deferrable, which '
'orders the rows, and either a column line with an entry of opigno.create_profiles() as JSON '
'text (blank lines are skipped), or the columns user_id, app_id and profile_data, and perhaps '
'version, the expected version. See docs/guide/loading.md.\n'
'The table is read with the caller''s rights, and so are run its owner''s policies, casts and '
'triggers. Therefore the owner of the table, of each partition and of the columns'' types must '
'be the caller, a superuser, or a role that the caller is a member of. This holds for '
'superusers too.\n'
'The result is that of opigno.create_profiles(), with last_ordinal in response. Messages about '
'malformed JSON count bytes in the line or the column. The first line of the table may start with '
'a byte order mark. Errors are stored in opigno.bulk_error, for the caller only and for a '
'week, also by a dry run: the first 25000, or max_errors. They replace those of earlier loads '
'of these rows. A dry run in a READ ONLY transaction stores none; the result lists the first '
'max_errors.\n'
'Memory use stays small. Without max_rows a NOTICE reports the counts. Requires the level '
'operator.\n'
'staging: the name of the table in SQL syntax, or its OID as text\n'
'on_conflict: as in opigno.create_profiles()\n'
'on_error: as in opigno.create_profiles()\n'
'dry_run: as in opigno.create_profiles()\n'
'create_missing_users: as in opigno.create_profiles()\n'
'max_errors: the number of errors that are stored\n'
'keep_lines: if true, opigno.bulk_error also stores the rows that failed\n'
'after_ordinal: load only rows with a larger ordinal\n'
'max_rows: load at most this number of rows, including blank ones. last_ordinal is the last one '
'read, or after_ordinal if there are none.\n'
'delete_loaded: if true (requires max_rows), locks the table in SHARE ROW EXCLUSIVE mode and '
'deletes the rows that were read and did not fail, with the caller''s rights. Exactly these row '
'versions are deleted, or nothing is loaded. All errors are stored.\n'
'trust_owner: if true, the owners are not checked\n'
'on_duplicate: as in opigno.create_profiles()\n'
'Raises 42501 if the caller does not have the level operator, may not read or delete rows of '
'the table, or does not have the rights of its owner.\n'
'Raises 42809 for a table that is not a staging table, and with delete_loaded for one with '
'rules.\n'
'Raises 42P01 for an unknown table.\n'
'Raises PT409 if the table was renamed meanwhile, or if triggers, policies or other sessions '
'prevent the deletion of loaded rows.\n'
'Raises the other errors of opigno.create_profiles().';

CREATE OR REPLACE PROCEDURE opigno.load_profiles_in_batches(
    staging text, on_conflict text DEFAULT NULL, create_missing_users boolean DEFAULT NULL,
    keep_lines boolean DEFAULT NULL, batch_rows integer DEFAULT NULL,
    trust_owner boolean DEFAULT NULL, on_duplicate text DEFAULT NULL,
    INOUT received bigint DEFAULT NULL, INOUT created bigint DEFAULT NULL,
    INOUT replaced bigint DEFAULT NULL, INOUT merged bigint DEFAULT NULL,
    INOUT unchanged bigint DEFAULT NULL, INOUT skipped bigint DEFAULT NULL,
    INOUT users_created bigint DEFAULT NULL, INOUT failed bigint DEFAULT NULL)
    LANGUAGE plpgsql AS $$
DECLARE
    counts pg_catalog.jsonb;
BEGIN
    CALL opigno.load_in_batches(
        'profiles', staging, on_conflict, create_missing_users, keep_lines, batch_rows,
        trust_owner, on_duplicate, counts);
    received := counts OPERATOR(pg_catalog.->>) 'received';
    created := counts OPERATOR(pg_catalog.->>) 'created';
    replaced := counts OPERATOR(pg_catalog.->>) 'replaced';
    merged := counts OPERATOR(pg_catalog.->>) 'merged';
    unchanged := counts OPERATOR(pg_catalog.->>) 'unchanged';
    skipped := counts OPERATOR(pg_catalog.->>) 'skipped';
    users_created := counts OPERATOR(pg_catalog.->>) 'users_created';
    failed := counts OPERATOR(pg_catalog.->>) 'failed';
END
$$;
COMMENT ON PROCEDURE opigno.load_profiles_in_batches(
    text, text, boolean, boolean, integer, boolean, text,
    bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint) IS
E'Loads a staging table in batches, as opigno.load_profiles() does with on_error ''report'' and '
'delete_loaded, and returns the counts of all batches as one row.\n'
'Each batch is a transaction of its own. It deletes from the staging table the rows that it has '
'loaded, and blank ones. After a crash the same call continues, and no row is loaded twice. '
'Rows that failed remain in the table: correct them and load them again.\n'
'If triggers or policies of the table prevent the deletion of exactly the loaded rows, the '
'batch is rolled back with an error; earlier batches remain.\n'
'Two rows for one user and app are compared within a batch. In a later batch the second is a '
'conflict, whether it is equal or not. So with on_conflict ''error'' and ''skip'' the row of the '
'earlier batch wins, and with ''replace'' that of the later one. With on_conflict ''replace'' and '
'on_duplicate ''last'' the row with the highest ordinal always wins. Each batch checks the table '
'and its owner again.\n'
'Call it outside a transaction block. Two calls for one table take turns. Requires the level '
'operator, and the privileges to read the staging table and to delete from it. See '
'docs/guide/loading.md.\n'
'staging: as in opigno.load_profiles()\n'
'on_conflict: as in opigno.create_profiles()\n'
'create_missing_users: as in opigno.create_profiles()\n'
'keep_lines: as in opigno.load_profiles()\n'
'batch_rows: the number of rows of a batch. Default 10000.\n'
'trust_owner: as in opigno.load_profiles()\n'
'on_duplicate: as in opigno.create_profiles(), for two rows of one batch\n'
'received: a result, like all arguments after it. In CALL leave them out; PL/pgSQL needs a '
'variable for each. The number of rows, '
'without blank ones.\n'
'created: the number of profiles that were created\n'
'replaced: the number of profiles that were replaced\n'
'merged: the number of profiles that were merged\n'
'unchanged: the number of rows that changed nothing\n'
'skipped: the number of rows that on_conflict or on_duplicate skipped\n'
'users_created: the number of users that were created\n'
'failed: the number of rows with errors\n'
'Raises 25001 inside a transaction block, a function, or a block with EXCEPTION, before any '
'work.\n'
'Raises the errors of opigno.load_profiles().';
