/*
 * Reads. The planner inlines them, so they have no SET, are not STRICT and run with the caller's
 * rights.
 */

CREATE OR REPLACE FUNCTION opigno.get_user_context(uuid text)
    RETURNS TABLE (uuid text, id bigint, display_name text, is_active boolean, scope text[],
                   version bigint, created_at timestamptz, updated_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT c.uuid::text, c.id, c.display_name::text, c.is_active, c.scope::text[],
        c.version, c.created_at, c.updated_at
    FROM opigno.user_context AS c
    WHERE c.uuid = opigno.canonical_user_uuid($1);
END;
COMMENT ON FUNCTION opigno.get_user_context(text) IS
E'Returns the user context of a user, or no row if there is none that the caller may see.\n'
'A request sees its own user context and those of users for whom its client may act. The planner '
'inlines the function, so it costs no more than a SELECT by primary key.\n'
'uuid: the user, in any letter case';

CREATE OR REPLACE FUNCTION opigno.list_user_contexts(
    after_uuid text DEFAULT NULL, max_rows integer DEFAULT NULL,
    is_active boolean DEFAULT NULL, scope text DEFAULT NULL)
    RETURNS TABLE (uuid text, id bigint, display_name text, is_active boolean, scope text[],
                   version bigint, created_at timestamptz, updated_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
BEGIN ATOMIC
    SELECT c.uuid::text, c.id, c.display_name::text, c.is_active, c.scope::text[],
        c.version, c.created_at, c.updated_at
    FROM opigno.user_context AS c
    WHERE c.uuid > coalesce(opigno.canonical_user_uuid($1), '')
      AND ($3 IS NULL OR c.is_active = $3)
      AND ($4 IS NULL OR $4 = ANY (c.scope) OR ($4 = 'ANONYMOUS' AND c.scope = '{}'))
    ORDER BY c.uuid
    LIMIT coalesce($2, 100);
END;
COMMENT ON FUNCTION opigno.list_user_contexts(text, integer, boolean, text) IS
E'Returns a page of the user contexts that the caller may see, in the byte order of their uuids.\n'
'The function reads the primary key in order. It reads many rows to find few if the filters '
'match few, or if the caller is a request, which sees few: use opigno.my_user_context() in '
'requests.\n'
'after_uuid: the page starts after this uuid, the last one of the page before; NULL for the '
'first page\n'
'max_rows: the number of rows of a page, 100 by default\n'
'is_active: only user contexts with this value\n'
'scope: only user contexts that have this scope directly. ANONYMOUS finds those without scopes; '
'an unknown scope finds nothing.\n'
'Raises 2201W for a negative max_rows.';

CREATE OR REPLACE FUNCTION opigno.list_user_contexts_before(
    before_uuid text DEFAULT NULL, max_rows integer DEFAULT NULL,
    is_active boolean DEFAULT NULL, scope text DEFAULT NULL)
    RETURNS TABLE (uuid text, id bigint, display_name text, is_active boolean, scope text[],
                   version bigint, created_at timestamptz, updated_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
BEGIN ATOMIC
    SELECT c.uuid::text, c.id, c.display_name::text, c.is_active, c.scope::text[],
        c.version, c.created_at, c.updated_at
    FROM opigno.user_context AS c
    WHERE ($1 IS NULL OR c.uuid < opigno.canonical_user_uuid($1))
      AND ($3 IS NULL OR c.is_active = $3)
      AND ($4 IS NULL OR $4 = ANY (c.scope) OR ($4 = 'ANONYMOUS' AND c.scope = '{}'))
    ORDER BY c.uuid DESC
    LIMIT coalesce($2, 100);
END;
COMMENT ON FUNCTION opigno.list_user_contexts_before(text, integer, boolean, text) IS
E'Returns a page as opigno.list_user_contexts() does, in descending order of the uuids.\n'
'before_uuid: the page starts before this uuid, the last one of the page that was read before; '
'NULL for the last user contexts\n'
'max_rows: the number of rows of a page, 100 by default\n'
'is_active: only user contexts with this value\n'
'scope: as in opigno.list_user_contexts()\n'
'Raises 2201W for a negative max_rows.';

CREATE OR REPLACE FUNCTION opigno.count_user_contexts(
    is_active boolean DEFAULT NULL, scope text DEFAULT NULL)
    RETURNS TABLE (total bigint) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT count(*)
    FROM opigno.user_context AS c
    WHERE ($1 IS NULL OR c.is_active = $1)
      AND ($2 IS NULL OR $2 = ANY (c.scope) OR ($2 = 'ANONYMOUS' AND c.scope = '{}'));
END;
COMMENT ON FUNCTION opigno.count_user_contexts(boolean, text) IS
E'Returns one row with the number of the user contexts that opigno.list_user_contexts() lists on '
'all pages.\n'
'The function reads the whole table.\n'
'is_active: only user contexts with this value\n'
'scope: as in opigno.list_user_contexts()';

CREATE OR REPLACE FUNCTION opigno.export_user_contexts(
    after_uuid text DEFAULT NULL, max_rows integer DEFAULT NULL)
    RETURNS SETOF text LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000
BEGIN ATOMIC
    SELECT json_build_object('uuid', c.uuid, 'displayName', c.display_name,
                             'isActive', c.is_active, 'scope', c.scope)::text
    FROM opigno.user_context AS c
    WHERE c.uuid > coalesce(opigno.canonical_user_uuid($1), '')
    ORDER BY c.uuid
    LIMIT $2;
END;
COMMENT ON FUNCTION opigno.export_user_contexts(text, integer) IS
E'Returns the user contexts as entries of opigno.set_user_contexts(), one line each (NDJSON), in '
'the byte order of their uuids.\n'
'A line contains no line break. Ids, times and creating clients are left out: the user contexts '
'get new ones where they are loaded. The scopes must be registered there. The function returns one '
'line at a time, so memory use stays small. It is for operators. See docs/guide/loading.md.\n'
'after_uuid: the export starts after this user, the last one of the part before; NULL for the '
'first part\n'
'max_rows: the number of lines of a part; NULL for all\n'
'Raises 2201W for a negative max_rows.';

CREATE OR REPLACE FUNCTION opigno.get_user_context_json(uuid text) RETURNS json
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 200
    AS 'MODULE_PATHNAME', 'opigno_get_user_context_json';
COMMENT ON FUNCTION opigno.get_user_context_json(text) IS
E'Returns the user context of a user as JSON, or NULL if there is none that the caller may see.\n'
'The result is {"displayName","id","isActive","scope","uuid"} in this order, without white '
'space. id is a string.\n'
'uuid: the user, in any letter case';

CREATE OR REPLACE FUNCTION opigno.has_scope(uuid text, scope text) RETURNS boolean
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 200
    AS 'MODULE_PATHNAME', 'opigno_has_scope';
COMMENT ON FUNCTION opigno.has_scope(text, text) IS
E'Returns whether an active user context has a scope, directly or implied by another scope.\n'
'The result is false, and never NULL, for a user that is unknown, inactive, NULL, or that the '
'caller may not see.\n'
'uuid: the user, in any letter case\n'
'scope: a known scope. ANONYMOUS: whether the user context has no scope.\n'
'Raises 22023 for NULL and for an unknown scope.';

CREATE OR REPLACE FUNCTION opigno.my_user_context()
    RETURNS TABLE (uuid text, id bigint, display_name text, is_active boolean, scope text[],
                   version bigint, created_at timestamptz, updated_at timestamptz)
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 200 ROWS 1
    AS 'MODULE_PATHNAME', 'opigno_my_user_context';
COMMENT ON FUNCTION opigno.my_user_context() IS
E'Returns the user context that the current request names, even if it is not active; no row if '
'it does not exist.\n'
'Raises 28000 if there is no request.\n'
'Raises 42501 if the caller does not have the level user, gateway or operator.';

/* Writes, in C++. They run with the caller's rights, and check them first. */

CREATE OR REPLACE FUNCTION opigno.set_user_context(
    uuid text, display_name text DEFAULT NULL, is_active boolean DEFAULT NULL,
    scope text DEFAULT NULL, expected_version bigint DEFAULT NULL,
    OUT uuid text, OUT id bigint, OUT display_name text, OUT is_active boolean, OUT scope text[],
    OUT version bigint, OUT created_at timestamptz, OUT updated_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_set_user_context';
COMMENT ON FUNCTION opigno.set_user_context(text, text, boolean, text, bigint) IS
E'Creates a user context, or changes the given properties of an existing one, and returns it as '
'opigno.get_user_context() does.\n'
'NULL leaves a property unchanged. To create a user context, display_name and is_active are '
'required. Setting values that are already stored writes nothing.\n'
'Operators may set every user context. A client may set that of its request, even before it '
'exists or while it is inactive, and those of users that it created or was granted, or all if it '
'may act for all. It may grant and take away only its may_grant_scopes, and may activate only user '
'contexts that it created.\n'
'A request without a client may create its user context without scopes, and may change its '
'display name while it is active, but not its scopes or is_active.\n'
'uuid: the user, in any letter case. The uuid of a new user has no white space at its ends and no '
'invisible characters (Unicode''s Default_Ignorable_Code_Point).\n'
'display_name: full name or pseudonym, 1 to 255 characters, one of them visible, without '
'bidirectional control characters. A name that is already stored is accepted.\n'
'is_active: whether the user can act\n'
'scope: the only scope of the user context. '''' and ANONYMOUS remove all scopes.\n'
'expected_version: write only if the user context has this version; 0: only if there is none; -1: '
'only if there is one. NULL writes in any case.\n'
'Raises 22023 for invalid arguments. The message and the detail list the first eleven errors and '
'the number of the others.\n'
'Raises 28000 if there is no request and the caller is not an operator.\n'
'Raises 42501 if the caller may not set this user context or this value.\n'
'Raises PT409 if is_active is true and the user has a retirement (opigno.begin_retirement()) in '
'another state than ABORTED, and if a trigger suppresses the write.\n'
'Raises PT412 if the stored version is not the expected one.\n'
'Implements setUserContext of Opigno.';

CREATE OR REPLACE FUNCTION opigno.set_user_context_json(payload json) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_set_user_context_json';
COMMENT ON FUNCTION opigno.set_user_context_json(json) IS
E'Does the same as opigno.set_user_context() for a JSON object, and returns the result or all '
'errors as JSON.\n'
'The result is {"errors":[],"response":{"displayName","id","isActive","scope","uuid"}}. If the '
'payload has errors, nothing is written and the result is '
'{"errors":[{"code","path","message"}],"response":null} with the first 100 errors: code is the '
'SQLSTATE, and path is a JSON Pointer (RFC 6901). A member that is given more than once is an '
'error, and then the only one.\n'
'payload: {"uuid","displayName","isActive","scope","version"}. null leaves a member unchanged. '
'scope is a name or an array of names; "" and [] remove all scopes. version is the expected '
'version, as expected_version of opigno.set_user_context(); another stored version is an error '
'(PT412) of the result. So is isActive true for a user who has a retirement in another state than '
'ABORTED (PT409). The read-only member id of opigno.get_user_context_json() is accepted if it is '
'the stored one.\n'
'Raises 22023 for SQL NULL.\n'
'Raises 28000 if there is no request and the caller is not an operator.\n'
'Raises 42501 if the caller may not set this user context or this value.\n'
'Raises PT409 if a trigger suppresses the write.\n'
'Implements setUserContext of Opigno.';

CREATE OR REPLACE FUNCTION opigno.set_user_contexts(
    body text, on_error text DEFAULT NULL, dry_run boolean DEFAULT NULL,
    max_errors integer DEFAULT NULL, on_duplicate text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_set_user_contexts';
COMMENT ON FUNCTION opigno.set_user_contexts(text, text, boolean, integer, text) IS
E'Does the same as opigno.set_user_context_json() for many user contexts in one call.\n'
'The result is {"errors":[{"ordinal","code","path","message","hint"}],"refused","failed",'
'"response":{"received","created","updated","unchanged","skipped","failed"}}, as in '
'opigno.create_profiles(), where errors of the body are described, too.\n'
'Of two entries that set the same values for one user, the second counts as unchanged, whatever '
'the result of the first. If they set different values, on_duplicate decides. User uuids are '
'compared regardless of letter case. An entry that activates a user who has a retirement in '
'another state than ABORTED is an error of the entry (PT409).\n'
'The body may have any number of entries; memory use stays small. opigno.bulk_progress shows '
'the progress. Requires the level operator or a request of an operator. See '
'docs/guide/loading.md.\n'
'body: a JSON array, {"userContexts":[...]}, or one JSON object per line (NDJSON). If an entry has '
'the member version and the user context has another version, this is an error of the entry '
'(PT412).\n'
'on_error: ''abort'' (default) or ''report'', as in opigno.create_profiles()\n'
'dry_run: if true, returns the same result and writes nothing, but takes ids from the sequence. '
'This works in a READ ONLY transaction, and not on a standby.\n'
'max_errors: the number of errors that are listed, those of the first entries, and at most ten of '
'an entry. Default 100.\n'
'on_duplicate: what to do with two different entries for one user: ''error'' (default), or '
'''last'': the last one is written, and the others count as skipped, as if the body did not '
'contain them. Entries that cannot be read take no part: an earlier one can be the last.\n'
'Raises 22023 for invalid arguments.\n'
'Raises 25006 for a dry run on a standby.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.\n'
'Raises PT409 if other sessions or triggers prevent the call from writing all entries.';

CREATE OR REPLACE FUNCTION opigno.load_user_contexts(
    staging text, on_error text DEFAULT NULL, dry_run boolean DEFAULT NULL,
    max_errors integer DEFAULT NULL, keep_lines boolean DEFAULT NULL,
    after_ordinal bigint DEFAULT NULL, max_rows integer DEFAULT NULL,
    delete_loaded boolean DEFAULT NULL, trust_owner boolean DEFAULT NULL,
    on_duplicate text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'opigno_load_user_contexts';
COMMENT ON FUNCTION opigno.load_user_contexts(
    text, text, boolean, integer, boolean, bigint, integer, boolean, boolean, text) IS
E'Does the same as opigno.set_user_contexts() for the rows of a staging table.\n'
'The table is one of opigno.load_profiles(). It has either a column line with an entry of '
'opigno.set_user_contexts() as JSON text, or the column uuid and any of display_name, is_active, '
'scope and version, the expected version. NULL leaves a property unchanged. scope is a name, '
'several names with commas between them, or an array; an empty text removes all scopes.\n'
'The result is that of opigno.set_user_contexts(), with last_ordinal in response and paths that '
'point into the row. Errors are stored in opigno.bulk_error as by opigno.load_profiles().\n'
'staging: the name of the table in SQL syntax, or its OID as text\n'
'on_error: as in opigno.set_user_contexts()\n'
'dry_run: as in opigno.set_user_contexts()\n'
'max_errors: the number of errors that are stored\n'
'keep_lines: as in opigno.load_profiles()\n'
'after_ordinal: as in opigno.load_profiles()\n'
'max_rows: as in opigno.load_profiles()\n'
'delete_loaded: as in opigno.load_profiles()\n'
'trust_owner: as in opigno.load_profiles()\n'
'on_duplicate: as in opigno.set_user_contexts()\n'
'Raises 42501 if the caller does not have the level operator, may not read or delete rows of '
'the table, or does not have the rights of its owner.\n'
'Raises 42809 for a table that is not a staging table, and with delete_loaded for one with '
'rules.\n'
'Raises 42P01 for an unknown table.\n'
'Raises PT409 as opigno.load_profiles() does.\n'
'Raises the other errors of opigno.set_user_contexts().';

CREATE OR REPLACE PROCEDURE opigno.load_user_contexts_in_batches(
    staging text, keep_lines boolean DEFAULT NULL, batch_rows integer DEFAULT NULL,
    trust_owner boolean DEFAULT NULL, on_duplicate text DEFAULT NULL,
    INOUT received bigint DEFAULT NULL, INOUT created bigint DEFAULT NULL,
    INOUT updated bigint DEFAULT NULL, INOUT unchanged bigint DEFAULT NULL,
    INOUT skipped bigint DEFAULT NULL, INOUT failed bigint DEFAULT NULL)
    LANGUAGE plpgsql AS $$
DECLARE
    counts pg_catalog.jsonb;
BEGIN
    CALL opigno.load_in_batches(
        'user contexts', staging, NULL, NULL, keep_lines, batch_rows, trust_owner, on_duplicate,
        counts);
    received := counts OPERATOR(pg_catalog.->>) 'received';
    created := counts OPERATOR(pg_catalog.->>) 'created';
    updated := counts OPERATOR(pg_catalog.->>) 'updated';
    unchanged := counts OPERATOR(pg_catalog.->>) 'unchanged';
    skipped := counts OPERATOR(pg_catalog.->>) 'skipped';
    failed := counts OPERATOR(pg_catalog.->>) 'failed';
END
$$;
COMMENT ON PROCEDURE opigno.load_user_contexts_in_batches(
    text, boolean, integer, boolean, text, bigint, bigint, bigint, bigint, bigint, bigint) IS
E'Loads a staging table in batches, as opigno.load_user_contexts() does with on_error ''report'' '
'and delete_loaded, and returns the counts of all batches as one row.\n'
'The batches are those of opigno.load_profiles_in_batches(). Two rows for one user in different '
'batches are no error: the later one changes what the earlier one has written.\n'
'staging: as in opigno.load_user_contexts()\n'
'keep_lines: as in opigno.load_profiles()\n'
'batch_rows: the number of rows of a batch. Default 10000.\n'
'trust_owner: as in opigno.load_profiles()\n'
'on_duplicate: as in opigno.load_user_contexts(), for two rows of one batch\n'
'received: a result, like all arguments after it. In CALL leave them out; PL/pgSQL needs a '
'variable for each. The number of rows, '
'without blank ones.\n'
'created: the number of user contexts that were created\n'
'updated: the number of user contexts that were changed\n'
'unchanged: the number of rows that changed nothing\n'
'skipped: the number of rows that on_duplicate skipped\n'
'failed: the number of rows with errors\n'
'Raises 25001 as opigno.load_profiles_in_batches() does.\n'
'Raises the errors of opigno.load_user_contexts().';

CREATE OR REPLACE FUNCTION opigno.set_user_scopes(
    uuid text, scopes text[], expected_version bigint DEFAULT NULL,
    OUT uuid text, OUT id bigint, OUT display_name text, OUT is_active boolean, OUT scope text[],
    OUT version bigint, OUT created_at timestamptz, OUT updated_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_set_user_scopes';
COMMENT ON FUNCTION opigno.set_user_scopes(text, text[], bigint) IS
E'Replaces the scopes of an existing user context and returns its row.\n'
'The same rules as in opigno.set_user_context() say who may set which scopes.\n'
'uuid: the user, in any letter case\n'
'scopes: all scopes of the user context; {} removes all\n'
'expected_version: write only if the user context has this version; -1 is any version\n'
'Raises 22023 for invalid arguments. The message and the detail list the first eleven errors and '
'the number of the others.\n'
'Raises 23503 for an unknown user.\n'
'Raises 28000 if there is no request and the caller is not an operator.\n'
'Raises 42501 if the caller may not set these scopes of this user context.\n'
'Raises PT412 if the stored version is not the expected one.';

CREATE OR REPLACE FUNCTION opigno.create_anonymous_user_context(
    display_name text DEFAULT NULL,
    OUT uuid text, OUT id bigint, OUT display_name text, OUT is_active boolean, OUT scope text[],
    OUT version bigint, OUT created_at timestamptz, OUT updated_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_create_anonymous_user_context';
COMMENT ON FUNCTION opigno.create_anonymous_user_context(text) IS
E'Creates an active user context without scopes under a new uuid and returns its row.\n'
'The uuid is anon- followed by 128 random bits in hexadecimal digits. Operators may call it, '
'and clients in a request whose user can act.\n'
'display_name: as in opigno.set_user_context(). Default "Anonymous User".\n'
'Raises 22023 for an invalid name.\n'
'Raises 28000 if there is no request and the caller is not an operator.\n'
'Raises 42501 unless the caller may create anonymous user contexts.';

CREATE OR REPLACE FUNCTION opigno.anonymize_user_context(
    uuid text, pseudonym text DEFAULT NULL, fields boolean DEFAULT NULL,
    OUT uuid text, OUT id bigint, OUT display_name text, OUT is_active boolean, OUT scope text[],
    OUT version bigint, OUT created_at timestamptz, OUT updated_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_anonymize_user_context';
COMMENT ON FUNCTION opigno.anonymize_user_context(text, text, boolean) IS
E'Replaces the display name of an existing user context by a pseudonym and returns its row.\n'
'The uuid, the profiles of apps, the fields of the account (such as bio) and the preferences stay. '
'With fields => true, the fields and the preferences are removed in the same transaction. The '
'same rules as in opigno.set_user_context() say who may do this.\n'
'uuid: the user, in any letter case\n'
'pseudonym: a display name as in opigno.set_user_context(). Default user_ followed by 64 random '
'bits in hexadecimal digits.\n'
'fields: if true, also does what opigno.clear_account() does, and requires that the caller may do '
'that. Default false.\n'
'Raises 22023 for an invalid pseudonym.\n'
'Raises 23503 for an unknown user.\n'
'Raises 28000 if there is no request and the caller is not an operator.\n'
'Raises 42501 if the caller may not change this user context.';

CREATE OR REPLACE FUNCTION opigno.attach_foreign_key(
    referencing_table text, column_name text, is_validated boolean DEFAULT NULL) RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_attach_foreign_key';
COMMENT ON FUNCTION opigno.attach_foreign_key(text, text, boolean) IS
E'Creates a foreign key from a column of a table to user contexts and returns its name.\n'
'It runs ALTER TABLE ... ADD FOREIGN KEY (column) REFERENCES opigno.user_context (uuid); the '
'caller does not need the privilege REFERENCES. If the key exists, the function only raises a '
'NOTICE.\n'
'Until the transaction ends, nobody can write to user contexts or to the table. For a large '
'table pass is_validated false, commit, and call the function again: validating an existing key '
'does not block writers.\n'
'To change the column''s type, drop the key first. Partitioned tables require PostgreSQL 18 or '
'later; before, create a key on each partition.\n'
'Requires the level operator, and ownership of the table.\n'
'referencing_table: the name of the table in SQL syntax, with or without its schema\n'
'column_name: the name of the column as in pg_attribute; its type must be text, varchar or '
'opigno.user_uuid\n'
'is_validated: if false, existing rows are not checked (NOT VALID) until ALTER TABLE ... '
'VALIDATE CONSTRAINT or another call of this function. Default true.\n'
'Raises 22023 for missing arguments.\n'
'Raises 23503 if a row names an unknown user.\n'
'Raises 42501 if the caller does not have the level operator or does not own the table.\n'
'Raises 42703 for an unknown column.\n'
'Raises 42804 for a column of another type.\n'
'Raises 42809 for an object that cannot have such a key.\n'
'Raises 42P01 for an unknown table.\n'
'Raises PT409 if the table was renamed while its key was created.';
