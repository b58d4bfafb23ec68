/* Reads: inlined by the planner, so no SET, not STRICT, invoker's rights. Row security asks for the request: no worker knows it. */

CREATE OR REPLACE FUNCTION opigno.get_user_context(uuid text)
    RETURNS TABLE (uuid text, id bigint, display_name text, is_active boolean, scope text[],
                   created_at timestamptz, updated_at timestamptz)
    LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 1
BEGIN ATOMIC
    SELECT c.uuid::text, c.id, c.display_name::text, c.is_active, c.scope::text[], c.created_at, c.updated_at
    FROM opigno.user_context AS c
    WHERE c.uuid = opigno.canonical_user_uuid($1);
END;
COMMENT ON FUNCTION opigno.get_user_context(text) IS
'The user context of this uuid in any letter case, or no row; also where the caller may not see it: a request sees its own and those that its client created. Costs what the bare SELECT by key costs: the planner inlines it.';

CREATE OR REPLACE FUNCTION opigno.list_user_contexts(
    after text DEFAULT NULL, max_rows integer DEFAULT NULL,
    is_active boolean DEFAULT NULL, scope text DEFAULT NULL)
    RETURNS TABLE (uuid text, id bigint, display_name text, is_active boolean, scope text[],
                   created_at timestamptz, updated_at timestamptz)
    LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 100
BEGIN ATOMIC
    SELECT c.uuid::text, c.id, c.display_name::text, c.is_active, c.scope::text[], c.created_at, c.updated_at
    FROM opigno.user_context AS c
    WHERE c.uuid > coalesce(opigno.canonical_user_uuid($1), '')
      AND ($3 IS NULL OR c.is_active = $3)
      AND ($4 IS NULL OR $4 = ANY (c.scope) OR ($4 = 'ANONYMOUS' AND c.scope = '{}'))
    ORDER BY c.uuid
    LIMIT coalesce($2, 100);
END;
COMMENT ON FUNCTION opigno.list_user_contexts(text, integer, boolean, text) IS
'User contexts in the byte order of their uuids, from the first one behind `after` (exclusive: the last uuid of the page before), at most max_rows (default 100). is_active and scope filter; scope is one that the context holds itself, implied ones do not count, ANONYMOUS finds contexts without scopes, and an unknown one finds nothing. Shows what the caller may see. Raises 2201W for a negative max_rows. Walks the primary key: a filter that few rows pass reads many, and so does a request, which sees few: my_user_context() is for those.';

CREATE OR REPLACE FUNCTION opigno.get_user_context_json(uuid text) RETURNS json
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 200
    AS 'MODULE_PATHNAME', 'opigno_get_user_context_json';
COMMENT ON FUNCTION opigno.get_user_context_json(text) IS
'The user context of this uuid as {"displayName","id","isActive","scope","uuid"}, compact and in that order, id as a string; NULL if there is none that the caller may see.';

CREATE OR REPLACE FUNCTION opigno.has_scope(uuid text, scope text) RETURNS boolean
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 200
    AS 'MODULE_PATHNAME', 'opigno_has_scope';
COMMENT ON FUNCTION opigno.has_scope(text, text) IS
'Whether an active user context has a scope, by itself or implied by one it has. ANONYMOUS: whether it is active and has none. False, never NULL, for an unknown, inactive or NULL user, and one that the caller may not see. Raises 22023 for an unknown scope.';

CREATE OR REPLACE FUNCTION opigno.my_user_context()
    RETURNS TABLE (uuid text, id bigint, display_name text, is_active boolean, scope text[],
                   created_at timestamptz, updated_at timestamptz)
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 200 ROWS 1
    AS 'MODULE_PATHNAME', 'opigno_my_user_context';
COMMENT ON FUNCTION opigno.my_user_context() IS
'The user context that the request names, active or not; no row if it does not exist yet. Raises 28000 without a request, 42501 where the caller has no level of access.';

/* Writes: C++, invoker's rights, one check of who asks. */

CREATE OR REPLACE FUNCTION opigno.set_user_context(
    uuid text, display_name text DEFAULT NULL, is_active boolean DEFAULT NULL, scope text DEFAULT NULL,
    OUT uuid text, OUT id bigint, OUT display_name text, OUT is_active boolean, OUT scope text[],
    OUT created_at timestamptz, OUT updated_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_set_user_context';
COMMENT ON FUNCTION opigno.set_user_context(text, text, boolean, text) IS
'Creates the user context or changes what is given (NULL leaves it), and gives the columns of opigno.get_user_context(). Creating needs display_name (1 to 255 characters, not blank) and is_active. scope sets exactly that one; '''' or ANONYMOUS clears. Writes nothing when all is so already. Raises 22023 with all faults (from the twelfth on, their number); PT409 where a trigger suppresses the write; 28000 without a request, 42501 where the caller may not. Operators set every user context. A client sets that of its request, also before it exists or while it is inactive, and those it created; it grants and takes away AUTHENTICATED only, and activates only what it created. A user''s own request changes neither scope nor is_active, and may create its user context without scopes. Rule: Opigno, setUserContext.';

CREATE OR REPLACE FUNCTION opigno.set_user_context_json(payload jsonb) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_set_user_context_json';
COMMENT ON FUNCTION opigno.set_user_context_json(jsonb) IS
'opigno.set_user_context() with the JSON of Opigno''s setUserContext: {"uuid","displayName","isActive","scope"}; null leaves a member, scope is a name or a list, "" and [] clear. Answers {"errors":[],"response":{"displayName","id","isActive","scope","uuid"}}, or a refusal {"errors":[{"code","path","message"}],"response":null} with all faults (the first 100), nothing written: code is the SQLSTATE, path a JSON Pointer (RFC 6901). Raises for SQL NULL (22023) and where the caller may not (28000, 42501).';

CREATE OR REPLACE FUNCTION opigno.set_user_contexts(
    body text, on_error text DEFAULT NULL, dry_run boolean DEFAULT NULL, max_errors integer DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_set_user_contexts';
COMMENT ON FUNCTION opigno.set_user_contexts(text, text, boolean, integer) IS
'opigno.set_user_context_json() for many user contexts at once, of any number and size in little memory: a JSON array, {"userContexts":[...]}, or lines (NDJSON). Answers {"errors":[{"ordinal","code","path","message"}],"failed","response":{"received","created","updated","unchanged","failed"}}: counts, and every fault with the position of its entry from 1 (no ordinal where the body ends too soon, which refuses the whole). on_error ''abort'' (default): with a fault nothing is written and response is null; ''report'': the entries without faults are written. dry_run: answers the same and writes nothing, but takes ids. max_errors (default 100): how many errors are listed, those of the first entries; failed counts every entry. Two entries that want the same of one user, in whatever letter case, count once and once as unchanged, whatever became of the first; two different ones are a fault of the later. opigno.bulk_progress shows how far it is. For operators. Raises 22023 for bad arguments, 42501 where the caller may not, PT409 where other sessions or triggers keep it from writing all.';

CREATE OR REPLACE FUNCTION opigno.set_user_scopes(
    uuid text, scopes text[],
    OUT uuid text, OUT id bigint, OUT display_name text, OUT is_active boolean, OUT scope text[],
    OUT created_at timestamptz, OUT updated_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_set_user_scopes';
COMMENT ON FUNCTION opigno.set_user_scopes(text, text[]) IS
'Gives a user context exactly these scopes, {} none, and gives its row. Raises 22023 with all faults of the list (from the twelfth on, their number), 23503 for an unknown user, 28000 without a request, 42501 where the caller may not: rights as in opigno.set_user_context().';

CREATE OR REPLACE FUNCTION opigno.create_anonymous_user_context(
    display_name text DEFAULT NULL,
    OUT uuid text, OUT id bigint, OUT display_name text, OUT is_active boolean, OUT scope text[],
    OUT created_at timestamptz, OUT updated_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_create_anonymous_user_context';
COMMENT ON FUNCTION opigno.create_anonymous_user_context(text) IS
'Creates an active user context without scopes under a new uuid anon-<128 random bits in hexadecimal>, and gives its row. display_name defaults to "Anonymous User". For operators and for clients whose request''s user can act. Raises 22023 for a bad name, 28000 without a request, 42501 where the caller may not.';

CREATE OR REPLACE FUNCTION opigno.anonymize_user_context(
    uuid text, pseudonym text DEFAULT NULL,
    OUT uuid text, OUT id bigint, OUT display_name text, OUT is_active boolean, OUT scope text[],
    OUT created_at timestamptz, OUT updated_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_anonymize_user_context';
COMMENT ON FUNCTION opigno.anonymize_user_context(text, text) IS
'Replaces the display name of a user context by a pseudonym, by default user_<64 random bits in hexadecimal>, keeps the rest, and gives its row. Raises 22023 for a bad pseudonym, 23503 for an unknown user, 28000 without a request, 42501 where the caller may not: rights as in opigno.set_user_context().';

CREATE OR REPLACE FUNCTION opigno.attach_foreign_key(
    referencing_table text, column_name text, is_validated boolean DEFAULT NULL) RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_attach_foreign_key';
COMMENT ON FUNCTION opigno.attach_foreign_key(text, text, boolean) IS
'Creates a foreign key from a column of a table of the caller''s to user contexts, and gives its name: ALTER TABLE ... ADD FOREIGN KEY (column) REFERENCES opigno.user_context (uuid), for which nobody needs the privilege REFERENCES. referencing_table: its name as SQL has it, with or without schema. column_name: its name as the catalogue has it; its type must be text, varchar or opigno.user_uuid. is_validated false: rows that are there are not checked (NOT VALID), until the table''s owner runs ALTER TABLE ... VALIDATE CONSTRAINT or this function is called again; the default checks them. If such a key exists, a NOTICE says so and nothing is created. Until the transaction ends neither user contexts nor the table can be written. For a large table pass false, commit, and call the function again: user contexts and the table can be written while the rows of an existing key are checked. To change the column''s type, drop the key first. A partitioned table needs PostgreSQL 18 or later; before, give each partition its key. For operators that own the table. Raises 22023 for missing arguments, 42P01 and 42703 for an unknown table or column, 42804 for another type, 42809 for what can have no such key, 23503 where a row names an unknown user, 42501 where the caller may not, PT409 where the table was renamed while its key was created.';
