\echo Use "CREATE EXTENSION opigno_profiles" to load this file. \quit

/* SET LOCAL, because a plain SET would stay on in the session of whoever installs. */
SET LOCAL search_path TO pg_catalog, pg_temp;
CREATE SCHEMA opigno;
COMMENT ON SCHEMA opigno IS 'what an e-learning platform knows about its users: user contexts and scopes';
/* What the domain user_uuid needs. LEAKPROOF, so that a look-up by key keeps its index under row security. */

CREATE FUNCTION opigno.canonical_user_uuid(user_uuid text) RETURNS text
    LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_canonical_user_uuid';
COMMENT ON FUNCTION opigno.canonical_user_uuid(text) IS
'The form in which a user uuid is stored: a UUID (8-4-4-4-12 hexadecimal digits) in lower case, any other string as it is. Raises nothing.';

CREATE FUNCTION opigno.is_user_uuid(candidate text) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_is_user_uuid';
COMMENT ON FUNCTION opigno.is_user_uuid(text) IS
'Whether a string is a user uuid in canonical form: 1 to 255 bytes of UTF-8, no control characters (C0, DEL, C1), and lower case if it is a UUID. Raises nothing.';
/* Domains: ahead of every table. */

CREATE DOMAIN opigno.user_uuid AS text COLLATE "C"
    CONSTRAINT user_uuid_is_canonical CHECK (opigno.is_user_uuid(VALUE));
COMMENT ON DOMAIN opigno.user_uuid IS
'Key of a user: any unique string of 1 to 255 bytes without control characters, a UUID among them in lower case (a UUIDv4 is recommended). opigno.canonical_user_uuid() makes the canonical form.';

CREATE DOMAIN opigno.scope_list AS text[] COLLATE "C"
    CONSTRAINT scope_list_is_a_list_of_names
    CHECK (array_position(VALUE, NULL) IS NULL AND coalesce(array_ndims(VALUE), 1) = 1);
COMMENT ON DOMAIN opigno.scope_list IS 'Names of scopes: one dimension, none of them NULL.';
CREATE TABLE opigno.site_scope (
    scope text COLLATE "C" PRIMARY KEY
        CONSTRAINT site_scope_is_a_scope_name
        CHECK (scope ~ '^(?!__)[_A-Za-z][_0-9A-Za-z]{0,62}$'
               AND scope NOT IN ('true', 'false', 'null', 'ANONYMOUS', 'AUTHENTICATED', 'ADMINISTRATOR')),
    implies opigno.scope_list NOT NULL DEFAULT '{}',
    description text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
COMMENT ON TABLE opigno.site_scope IS 'scopes that this site adds to the built-in ones; written by opigno.register_scope()';
COMMENT ON COLUMN opigno.site_scope.scope IS 'name: [_A-Za-z][_0-9A-Za-z]*, at most 63 characters';
COMMENT ON COLUMN opigno.site_scope.implies IS 'scopes that who holds this one has as well';
COMMENT ON COLUMN opigno.site_scope.description IS 'for people';
COMMENT ON COLUMN opigno.site_scope.created_at IS 'start of the transaction that registered the scope';
COMMENT ON COLUMN opigno.site_scope.updated_at IS 'start of the transaction that changed the scope last';
REVOKE ALL ON TABLE opigno.site_scope FROM PUBLIC;
SELECT pg_extension_config_dump('opigno.site_scope', '');
CREATE FUNCTION opigno.validate_scope(scope text[]) RETURNS text[]
    LANGUAGE c STABLE PARALLEL SAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_validate_scope';
COMMENT ON FUNCTION opigno.validate_scope(text[]) IS
'Gives back the scopes as a user context would hold them: known names, each once, in the order given; {ANONYMOUS} becomes {}. Raises 22023 and names what is unknown, given twice or null; the known scopes are in the HINT.';

CREATE FUNCTION opigno.scopes(OUT scope text, OUT implies text[], OUT description text, OUT built_in boolean)
    RETURNS SETOF record
    LANGUAGE c STABLE PARALLEL SAFE COST 200 ROWS 10
    AS 'MODULE_PATHNAME', 'opigno_scopes';
COMMENT ON FUNCTION opigno.scopes() IS
'All scopes a user context can hold: the built-in ones, then the site''s own by name. implies lists what is implied directly.';

CREATE FUNCTION opigno.register_scope(
    name text, implies text[] DEFAULT NULL, description text DEFAULT NULL,
    OUT scope text, OUT implies text[], OUT description text, OUT built_in boolean)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_register_scope';
COMMENT ON FUNCTION opigno.register_scope(text, text[], text) IS
'Adds a scope of this site''s own, or changes one: NULL leaves what is stored. Gives the row of opigno.scopes(). name is a GraphQL enum name of at most 63 characters; implies names known scopes. Raises 22023 for a bad or built-in name, an unknown implied scope, and a scope that would imply itself, also through others; 42501 for who may not.';
/*
 * The checks are those of domains: the server parses a table's CHECK anew for each
 * statement, which cost more than half as much again, and shows the row that fails it.
 */
CREATE DOMAIN opigno.display_name AS text
    CONSTRAINT display_name_has_1_to_255_characters CHECK (char_length(VALUE) BETWEEN 1 AND 255);
COMMENT ON DOMAIN opigno.display_name IS 'Full name or pseudonym of a user, 1 to 255 characters.';

/* A plain sequence and no unique index on id: keys contain the uuid, so that the table distributes by user. */
CREATE SEQUENCE opigno.user_context_id_seq AS bigint;
COMMENT ON SEQUENCE opigno.user_context_id_seq IS 'ids of user contexts';

CREATE TABLE opigno.user_context (
    uuid opigno.user_uuid PRIMARY KEY,
    id bigint NOT NULL DEFAULT nextval('opigno.user_context_id_seq'),
    display_name opigno.display_name NOT NULL,
    is_active boolean NOT NULL,
    scope opigno.scope_list NOT NULL DEFAULT '{}',
    created_by_client_id bigint,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
) WITH (fillfactor = 90);
COMMENT ON TABLE opigno.user_context IS 'identity and permissions of users; written by opigno.set_user_context() and its kin';
COMMENT ON COLUMN opigno.user_context.uuid IS 'key of the user, in canonical form';
COMMENT ON COLUMN opigno.user_context.id IS 'internal number of the user context, from a sequence; shown as a string in JSON';
COMMENT ON COLUMN opigno.user_context.display_name IS 'full name or pseudonym, 1 to 255 characters';
COMMENT ON COLUMN opigno.user_context.is_active IS 'false: unpublished, the user cannot act';
COMMENT ON COLUMN opigno.user_context.scope IS 'scopes granted, without those they imply; empty for an anonymous user';
COMMENT ON COLUMN opigno.user_context.created_by_client_id IS 'the client that created the user context; NULL where none did';
COMMENT ON COLUMN opigno.user_context.created_at IS 'start of the transaction that created the user context';
COMMENT ON COLUMN opigno.user_context.updated_at IS 'start of the transaction that changed the user context last';
REVOKE ALL ON TABLE opigno.user_context FROM PUBLIC;
REVOKE ALL ON SEQUENCE opigno.user_context_id_seq FROM PUBLIC;
SELECT pg_extension_config_dump('opigno.user_context_id_seq', '');
SELECT pg_extension_config_dump('opigno.user_context', '');
/* Reads: inlined by the planner, so no SET, not STRICT, invoker's rights. */

CREATE FUNCTION opigno.get_user_context(uuid text)
    RETURNS TABLE (uuid text, id bigint, display_name text, is_active boolean, scope text[],
                   created_at timestamptz, updated_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT c.uuid::text, c.id, c.display_name::text, c.is_active, c.scope::text[], c.created_at, c.updated_at
    FROM opigno.user_context AS c
    WHERE c.uuid = opigno.canonical_user_uuid($1);
END;
COMMENT ON FUNCTION opigno.get_user_context(text) IS
'The user context of this uuid in any letter case, or no row. Costs what the bare SELECT by key costs: the planner inlines it.';

CREATE FUNCTION opigno.list_user_contexts(
    after text DEFAULT NULL, max_rows integer DEFAULT NULL,
    is_active boolean DEFAULT NULL, scope text DEFAULT NULL)
    RETURNS TABLE (uuid text, id bigint, display_name text, is_active boolean, scope text[],
                   created_at timestamptz, updated_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
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
'User contexts in the byte order of their uuids, from the first one behind `after` (exclusive: the last uuid of the page before), at most max_rows (default 100). is_active and scope filter; scope is one that the context holds itself, implied ones do not count, ANONYMOUS finds contexts without scopes, and an unknown one finds nothing. Raises 2201W for a negative max_rows. Walks the primary key: a filter that few rows pass reads many.';

CREATE FUNCTION opigno.get_user_context_json(uuid text) RETURNS json
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 200
    AS 'MODULE_PATHNAME', 'opigno_get_user_context_json';
COMMENT ON FUNCTION opigno.get_user_context_json(text) IS
'The user context of this uuid as {"displayName","id","isActive","scope","uuid"}, compact and in that order, id as a string; NULL if there is none.';

CREATE FUNCTION opigno.has_scope(uuid text, scope text) RETURNS boolean
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 200
    AS 'MODULE_PATHNAME', 'opigno_has_scope';
COMMENT ON FUNCTION opigno.has_scope(text, text) IS
'Whether an active user context has a scope, by itself or implied by one it has. ANONYMOUS: whether it is active and has none. False, never NULL, for an unknown, inactive or NULL user. Raises 22023 for an unknown scope.';

/* Writes: C++, invoker's rights, one check of who asks. */

CREATE FUNCTION opigno.set_user_context(
    uuid text, display_name text DEFAULT NULL, is_active boolean DEFAULT NULL, scope text DEFAULT NULL,
    OUT uuid text, OUT id bigint, OUT display_name text, OUT is_active boolean, OUT scope text[],
    OUT created_at timestamptz, OUT updated_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_set_user_context';
COMMENT ON FUNCTION opigno.set_user_context(text, text, boolean, text) IS
'Creates the user context or changes what is given (NULL leaves it), and gives the columns of opigno.get_user_context(). Creating needs display_name (1 to 255 characters, not blank) and is_active. scope sets exactly that one; '''' or ANONYMOUS clears. Writes nothing when all is so already. Raises 22023 with all faults (from the twelfth on, their number); PT409 where a trigger suppresses the write; 42501 for who may not. Rule: Opigno, setUserContext.';

CREATE FUNCTION opigno.set_user_context_json(payload jsonb) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_set_user_context_json';
COMMENT ON FUNCTION opigno.set_user_context_json(jsonb) IS
'opigno.set_user_context() with the JSON of Opigno''s setUserContext: {"uuid","displayName","isActive","scope"}; null leaves a member, scope is a name or a list, "" and [] clear. Answers {"errors":[],"response":{"displayName","id","isActive","scope","uuid"}}, or a refusal {"errors":[{"code","path","message"}],"response":null} with all faults, nothing written: code is the SQLSTATE, path a JSON Pointer (RFC 6901). Raises for SQL NULL (22023) and for who may not (42501).';

CREATE FUNCTION opigno.set_user_contexts(
    body text, on_error text DEFAULT NULL, dry_run boolean DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_set_user_contexts';
COMMENT ON FUNCTION opigno.set_user_contexts(text, text, boolean) IS
'opigno.set_user_context_json() for a JSON array of user contexts at once. Answers {"errors":[{"ordinal","code","path","message"}],"response":{"created","updated","unchanged"}}: counts, and every fault with the position of its entry from 1 (no ordinal where the whole is no array). on_error ''abort'' (default): with a fault nothing is written and response is null; ''report'': the entries without faults are written. dry_run: answers the same and writes nothing. A user given twice, in whatever letter case, is a fault of the later entry. Raises for what is no JSON (22P02, 22P05), for who may not (42501), and where other sessions or triggers keep it from writing all (22023, PT409).';

CREATE FUNCTION opigno.set_user_scopes(
    uuid text, scopes text[],
    OUT uuid text, OUT id bigint, OUT display_name text, OUT is_active boolean, OUT scope text[],
    OUT created_at timestamptz, OUT updated_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_set_user_scopes';
COMMENT ON FUNCTION opigno.set_user_scopes(text, text[]) IS
'Gives a user context exactly these scopes, {} none, and gives its row. Raises 22023 with all faults of the list (from the twelfth on, their number), 23503 for an unknown user, 42501 for who may not.';

CREATE FUNCTION opigno.create_anonymous_user_context(
    display_name text DEFAULT NULL,
    OUT uuid text, OUT id bigint, OUT display_name text, OUT is_active boolean, OUT scope text[],
    OUT created_at timestamptz, OUT updated_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_create_anonymous_user_context';
COMMENT ON FUNCTION opigno.create_anonymous_user_context(text) IS
'Creates an active user context without scopes under a new uuid anon-<128 random bits in hexadecimal>, and gives its row. display_name defaults to "Anonymous User". Raises 22023 for a bad name, 42501 for who may not.';

CREATE FUNCTION opigno.anonymize_user_context(
    uuid text, pseudonym text DEFAULT NULL,
    OUT uuid text, OUT id bigint, OUT display_name text, OUT is_active boolean, OUT scope text[],
    OUT created_at timestamptz, OUT updated_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_anonymize_user_context';
COMMENT ON FUNCTION opigno.anonymize_user_context(text, text) IS
'Replaces the display name of a user context by a pseudonym, by default user_<64 random bits in hexadecimal>, keeps the rest, and gives its row. Raises 22023 for a bad pseudonym, 23503 for an unknown user, 42501 for who may not.';
/* Nothing for PUBLIC. */
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA opigno FROM PUBLIC;
REVOKE ALL ON TYPE opigno.user_uuid, opigno.scope_list, opigno.display_name FROM PUBLIC;
