/* Training profiles: the rules, the view and the reads are those of src/profile/functions.sql. */

CREATE OR REPLACE VIEW opigno.visible_training_profile WITH (security_barrier = true) AS
    SELECT p.training_id::text AS training_id, p.app_id,
        opigno.visible_training_profile_data(p.app_id, p.profile_data) AS profile_data,
        p.version, p.created_at, p.updated_at
    FROM opigno.training_profile AS p
    WHERE opigno.may_read_training_profile(p.app_id)
    ORDER BY 1, 2;
COMMENT ON VIEW opigno.visible_training_profile IS
'the training profiles that the caller may see, without the members that the enforced schema of '
'their app hides from the caller; opigno.get_training_profile() and related functions read it';
COMMENT ON COLUMN opigno.visible_training_profile.training_id IS 'the training';
COMMENT ON COLUMN opigno.visible_training_profile.app_id IS 'the app';
COMMENT ON COLUMN opigno.visible_training_profile.profile_data IS
'the document without the members that the caller may not see';
COMMENT ON COLUMN opigno.visible_training_profile.version IS 'the version of the stored document';
COMMENT ON COLUMN opigno.visible_training_profile.created_at IS
'start of the transaction that created the training profile';
COMMENT ON COLUMN opigno.visible_training_profile.updated_at IS
'start of the transaction that last changed the training profile';

CREATE OR REPLACE FUNCTION opigno.get_training_profile(training_id text, app_id integer)
    RETURNS TABLE (training_id text, app_id integer, profile_data jsonb, version bigint,
                   created_at timestamptz, updated_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT p.training_id, p.app_id, p.profile_data, p.version, p.created_at, p.updated_at
    FROM opigno.visible_training_profile AS p
    WHERE p.training_id = opigno.canonical_user_uuid($1) AND p.app_id = $2
    OFFSET 0;
END;
COMMENT ON FUNCTION opigno.get_training_profile(text, integer) IS
E'Returns the profile of a training in an app, or no row if there is none that the caller may '
'see.\n'
'The planner inlines the function, so it costs no more than a SELECT by primary key.\n'
'training_id: the training; a UUID in any letter case\n'
'app_id: the app';

CREATE OR REPLACE FUNCTION opigno.list_training_profiles(
    app_id integer, after_training_id text DEFAULT NULL, max_rows integer DEFAULT NULL)
    RETURNS TABLE (training_id text, app_id integer, profile_data jsonb, version bigint,
                   created_at timestamptz, updated_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
BEGIN ATOMIC
    SELECT p.training_id, p.app_id, p.profile_data, p.version, p.created_at, p.updated_at
    FROM opigno.visible_training_profile AS p
    WHERE p.app_id = $1
        AND p.training_id > CASE WHEN $2 IS NULL THEN '' ELSE opigno.canonical_user_uuid($2) END
    LIMIT coalesce($3, 100);
END;
COMMENT ON FUNCTION opigno.list_training_profiles(integer, text, integer) IS
E'Returns a page of the training profiles of an app that the caller may see, in the byte order of '
'training ids.\n'
'The function reads the primary key in order. It reads many index entries if few trainings have a '
'profile of the app.\n'
'app_id: the app\n'
'after_training_id: the page starts after this training, the last one of the page before; NULL '
'for the first page\n'
'max_rows: the number of rows of a page, 100 by default\n'
'Raises 2201W for a negative max_rows.';

/* Writes, in C++: the rules are those of src/profile/functions.sql. */

CREATE OR REPLACE FUNCTION opigno.upsert_training_profile(
    training_id text, app_id integer, profile_data jsonb, expected_version bigint DEFAULT NULL,
    OUT version bigint, OUT outcome text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_upsert_training_profile';
COMMENT ON FUNCTION opigno.upsert_training_profile(text, integer, jsonb, bigint) IS
E'Stores a document as the profile of a training in an app, and returns its version and the '
'outcome.\n'
'The outcomes, versions, limits and schemas are those of opigno.upsert_profile(). Operators, '
'requests of operators and roles of the level learning may write all training profiles. Another '
'request needs the scope ADMINISTRATOR: a client may write only those of its own app, and a '
'request without an app none of private apps.\n'
'training_id: the training; a UUID in any letter case\n'
'app_id: the app\n'
'profile_data: as in opigno.upsert_profile()\n'
'expected_version: as in opigno.upsert_profile()\n'
'Raises 22023 for invalid arguments; the error lists all of them.\n'
'Raises 23503 for an unknown training or app.\n'
'Raises 42501 if the caller may not write this training profile, or the schema of the app does '
'not let the request write a member.\n'
'Raises the other errors of opigno.upsert_profile().';

CREATE OR REPLACE FUNCTION opigno.patch_training_profile(
    training_id text, app_id integer, patch jsonb, expected_version bigint DEFAULT NULL,
    OUT version bigint, OUT outcome text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_patch_training_profile';
COMMENT ON FUNCTION opigno.patch_training_profile(text, integer, jsonb, bigint) IS
E'Applies a JSON Merge Patch (RFC 7396) to the profile of a training in an app, and returns its '
'version and the outcome.\n'
'It does for training profiles what opigno.patch_profile() does for profiles. The rules of '
'opigno.upsert_training_profile() say who may do this.\n'
'training_id: the training; a UUID in any letter case\n'
'app_id: the app\n'
'patch: the merge patch\n'
'expected_version: as in opigno.upsert_profile()\n'
'Raises 22023 also if the patch is not an object and the stored document is one.\n'
'Raises the other errors of opigno.upsert_training_profile().';

CREATE OR REPLACE FUNCTION opigno.delete_training_profile(
    training_id text, app_id integer, expected_version bigint DEFAULT NULL) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_delete_training_profile';
COMMENT ON FUNCTION opigno.delete_training_profile(text, integer, bigint) IS
E'Deletes the profile of a training in an app, and returns whether there was one.\n'
'The rules of opigno.upsert_training_profile() say who may do this.\n'
'training_id: the training; a UUID in any letter case\n'
'app_id: the app\n'
'expected_version: as in opigno.delete_profile()\n'
'Raises 22023 for invalid arguments; the error lists all of them.\n'
'Raises 42501 if the caller may not write this training profile.\n'
'Raises the other errors of opigno.delete_profile().';

/* Bulk functions. */

CREATE OR REPLACE FUNCTION opigno.create_training_profiles(
    body text, on_conflict text DEFAULT NULL, on_error text DEFAULT NULL,
    dry_run boolean DEFAULT NULL, max_errors integer DEFAULT NULL,
    on_duplicate text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'opigno_create_training_profiles';
COMMENT ON FUNCTION opigno.create_training_profiles(text, text, text, boolean, integer, text) IS
E'Creates many training profiles in one call, as opigno.create_profiles() does with profiles.\n'
'The result, the limits and the handling of errors are those of opigno.create_profiles(), with '
'training_id in the place of user_id, and without users_created. Rows of '
'opigno.list_training_profiles() are entries, too. Requires the level operator or learning, or a '
'request of an operator.\n'
'body: entries {"training_id","app_id","profile_data"}, as in opigno.create_profiles()\n'
'on_conflict: as in opigno.create_profiles()\n'
'on_error: as in opigno.create_profiles()\n'
'dry_run: as in opigno.create_profiles()\n'
'max_errors: as in opigno.create_profiles()\n'
'on_duplicate: as in opigno.create_profiles()\n'
'Raises 42501 if the caller has neither level and its request is not an operator''s.\n'
'Raises the other errors of opigno.create_profiles().';

CREATE OR REPLACE FUNCTION opigno.patch_training_profiles(
    body text, on_error text DEFAULT NULL, dry_run boolean DEFAULT NULL,
    max_errors integer DEFAULT NULL, on_duplicate text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'opigno_patch_training_profiles';
COMMENT ON FUNCTION opigno.patch_training_profiles(text, text, boolean, integer, text) IS
E'Applies a JSON Merge Patch (RFC 7396) to each of many training profiles, as '
'opigno.patch_profiles() does with profiles.\n'
'body: entries {"training_id","app_id","patch"}, as in opigno.create_profiles()\n'
'on_error: as in opigno.create_profiles()\n'
'dry_run: as in opigno.create_profiles()\n'
'max_errors: as in opigno.create_profiles()\n'
'on_duplicate: as in opigno.patch_profiles()\n'
'Raises the errors of opigno.create_training_profiles().';

CREATE OR REPLACE FUNCTION opigno.delete_training_profiles(
    body text, on_error text DEFAULT NULL, dry_run boolean DEFAULT NULL,
    max_errors integer DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'opigno_delete_training_profiles';
COMMENT ON FUNCTION opigno.delete_training_profiles(text, text, boolean, integer) IS
E'Deletes many training profiles in one call, as opigno.delete_profiles() does with profiles.\n'
'body: entries {"training_id","app_id"}, as in opigno.create_profiles()\n'
'on_error: as in opigno.create_profiles()\n'
'dry_run: as in opigno.create_profiles()\n'
'max_errors: as in opigno.create_profiles()\n'
'Raises the errors of opigno.create_training_profiles().';

CREATE OR REPLACE FUNCTION opigno.merged_training_profile(
    profile_data jsonb, patch jsonb, app_id integer, judges boolean) RETURNS jsonb
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100
    AS 'MODULE_PATHNAME', 'opigno_merged_training_profile';
COMMENT ON FUNCTION opigno.merged_training_profile(jsonb, jsonb, integer, boolean) IS
E'Does the same as opigno.merged_profile(), with the schemas of training profiles.\n'
'For the extension''s owner.\n'
'profile_data: the stored document\n'
'patch: the merge patch\n'
'app_id: the app\n'
'judges: whether the schemas of the app judge the result\n'
'Raises 54000 if jsonb cannot store the result.';

/* Schemas. */

CREATE OR REPLACE FUNCTION opigno.set_training_profile_schema(
    app_id integer, schema jsonb, mode text DEFAULT NULL, assert_formats boolean DEFAULT NULL,
    apply_defaults boolean DEFAULT NULL, expected_version bigint DEFAULT NULL,
    OUT version bigint, OUT outcome text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'opigno_set_training_profile_schema';
COMMENT ON FUNCTION opigno.set_training_profile_schema(
    integer, jsonb, text, boolean, boolean, bigint) IS
E'Sets the JSON Schema of the training profiles of an app, and returns its version and the '
'outcome.\n'
'It does for training profiles what opigno.set_profile_schema() does for profiles, with versions '
'of their own. Requires the level operator or learning, or a request of an operator.\n'
'app_id: the app\n'
'schema: as in opigno.set_profile_schema()\n'
'mode: as in opigno.set_profile_schema()\n'
'assert_formats: as in opigno.set_profile_schema()\n'
'apply_defaults: as in opigno.set_profile_schema()\n'
'expected_version: as in opigno.set_profile_schema()\n'
'Raises 42501 if the caller has neither level and its request is not an operator''s.\n'
'Raises the other errors of opigno.set_profile_schema().';

CREATE OR REPLACE FUNCTION opigno.drop_training_profile_schema(
    app_id integer, expected_version bigint DEFAULT NULL) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'opigno_drop_training_profile_schema';
COMMENT ON FUNCTION opigno.drop_training_profile_schema(integer, bigint) IS
E'Stops judging the training profiles of an app by their schemas, and returns whether there was a '
'schema.\n'
'The schemas remain in opigno.training_profile_schemas() with mode ''off''. Requires the level '
'operator or learning, or a request of an operator.\n'
'app_id: the app\n'
'expected_version: as in opigno.set_profile_schema()\n'
'Raises 42501 if the caller has neither level and its request is not an operator''s.\n'
'Raises the other errors of opigno.drop_profile_schema().';

CREATE OR REPLACE FUNCTION opigno.training_profile_schemas(app_id integer DEFAULT NULL)
    RETURNS TABLE (app_id integer, version bigint, mode text, draft text, assert_formats boolean,
                   apply_defaults boolean, set_at timestamptz, schema jsonb)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
    SELECT s.app_id, s.version, s.mode, s.draft, s.assert_formats, s.apply_defaults, s.set_at,
        s.schema
    FROM opigno.app_schema AS s
    WHERE s.document_kind = 'training_profile' AND ($1 IS NULL OR s.app_id = $1)
    ORDER BY s.app_id, s.version;
END;
COMMENT ON FUNCTION opigno.training_profile_schemas(integer) IS
E'Returns the schemas of training profiles, also former ones, in the order of app_id and version.\n'
'mode is enforce, warn, or off for a former schema. Operators, auditors and the level learning '
'see all schemas, other callers none.\n'
'app_id: only the schemas of this app; NULL for all apps';

CREATE OR REPLACE FUNCTION opigno.training_profile_schema_faults(app_id integer)
    RETURNS TABLE (version bigint, path text, keyword text, schema_path text, faults bigint,
                   first_at timestamptz, last_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
    SELECT f.version, f.path, f.keyword, f.schema_path, sum(f.faults)::bigint, min(f.first_at),
        max(f.last_at)
    FROM opigno.app_schema_fault AS f
    WHERE f.app_id = $1 AND f.document_kind = 'training_profile'
        /* On a shard, rows of former schemas stay. */
        AND EXISTS (SELECT FROM opigno.app_schema AS s
                    WHERE s.app_id = f.app_id AND s.document_kind = f.document_kind
                        AND s.version = f.version AND s.mode = 'warn')
    GROUP BY f.version, f.path, f.keyword, f.schema_path
    ORDER BY f.version, f.path, f.schema_path;
END;
COMMENT ON FUNCTION opigno.training_profile_schema_faults(integer) IS
E'Returns the faults that training profiles had by the schema of mode ''warn'' when they were '
'written.\n'
'path is a JSON Pointer into the profile, with * for elements of arrays and for members that the '
'schema does not name; schema_path is one into the schema. A load counts the faults of all '
'entries that it read. The faults are deleted with the next change of the app''s schemas. '
'Operators, auditors and the level learning see all, other callers none.\n'
'app_id: the app';

CREATE OR REPLACE FUNCTION opigno.validate_training_profiles(
    app_id integer, schema jsonb DEFAULT NULL, max_errors integer DEFAULT NULL,
    assert_formats boolean DEFAULT NULL, apply_defaults boolean DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000
    AS 'MODULE_PATHNAME', 'opigno_validate_training_profiles';
COMMENT ON FUNCTION opigno.validate_training_profiles(
    integer, jsonb, integer, boolean, boolean) IS
E'Judges all training profiles of an app by a schema, as opigno.validate_profiles() does with '
'profiles. Writes nothing.\n'
'The result is that of opigno.validate_profiles(), with training_id in the place of user_id. '
'Requires the level operator or learning, or a request of an operator.\n'
'app_id: the app\n'
'schema: as in opigno.validate_profiles(), by default a schema of the app for training profiles\n'
'max_errors: as in opigno.validate_profiles()\n'
'assert_formats: as in opigno.validate_profiles()\n'
'apply_defaults: as in opigno.validate_profiles()\n'
'Raises 42501 if the caller has neither level and its request is not an operator''s.\n'
'Raises the other errors of opigno.validate_profiles().';
