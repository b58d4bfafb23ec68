CREATE OR REPLACE FUNCTION opigno.set_profile_schema(
    app_id integer, schema jsonb, mode text DEFAULT NULL, assert_formats boolean DEFAULT NULL,
    apply_defaults boolean DEFAULT NULL, expected_version bigint DEFAULT NULL,
    OUT version bigint, OUT outcome text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'opigno_set_profile_schema';
COMMENT ON FUNCTION opigno.set_profile_schema(integer, jsonb, text, boolean, boolean, bigint) IS
E'Sets the JSON Schema of the profiles of an app, and returns its version and the outcome.\n'
'Every function that writes profiles judges the document by the schema, a patch by its result. A '
'write that changes nothing is not judged. Profiles that are stored already are not judged: '
'opigno.validate_profiles() finds those that violate a schema.\n'
'With mode ''enforce'' a document that violates the schema is refused. The schema takes the place '
'of the one that was enforced, and of one with mode ''warn''. With mode ''warn'' documents are '
'stored, and opigno.profile_schema_faults() shows what they violate. The schema takes the place '
'of one with mode ''warn'', and the enforced one stays.\n'
'The outcome is created if the app had no schema, replaced, or unchanged: the same schema and '
'options with the same mode are not set again. Versions count from 1 for each app and are never '
'used again.\n'
'An enforced schema also limits requests, but not operators. They may not write members with '
'"readOnly": true, and do not see those with "writeOnly": true. "x-opigno-read" and '
'"x-opigno-write" name the scopes that may see and write a member; an empty list means operators '
'only. Who may not see a member by "x-opigno-read" may not write it. These rights hold for all '
'that is within the member. They must be where "properties", "allOf" and static references lead '
'to. opigno.get_profile() and related functions leave out what a request may not see, and a '
'SELECT from opigno.profile does not show such profiles to it.\n'
'The function waits for transactions that have written profiles of the app, and later ones wait '
'until its transaction ends. After that no session stores a profile that violates the schema. '
'Set lock_timeout if loads can run. Requires the level operator or a request of an operator.\n'
'app_id: the app\n'
'schema: a JSON Schema of draft 4, 6, 7, 2019-09 or 2020-12; "$schema" says which. Default '
'2020-12. It has at most 1048576 bytes as text. A WARNING lists keywords that the draft does not '
'have: they are ignored.\n'
'mode: ''enforce'' (default) or ''warn''\n'
'assert_formats: if true, strings must have the format that "format" names. Default false.\n'
'apply_defaults: if true, a member that a written document lacks gets the value of "default", '
'before the document is judged, in objects that are reached by "properties", "allOf" and "$ref". '
'With mode ''warn'' it is not stored. Default false.\n'
'expected_version: set the schema only if this is the highest version with the mode ''enforce'' or '
'''warn''; 0: only if there is none; -1: only if there is one. NULL sets it in any case.\n'
'Raises 22023 for invalid arguments; the error lists all of them, with the places of the '
'schema.\n'
'Raises 23503 for an unknown app.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.\n'
'Raises 54000 for a schema that is too large.\n'
'Raises 40001 or PT409 above READ COMMITTED if another transaction has changed the schemas '
'meanwhile.\n'
'Raises PT412 if the version is not the expected one.';

CREATE OR REPLACE FUNCTION opigno.drop_profile_schema(
    app_id integer, expected_version bigint DEFAULT NULL) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'opigno_drop_profile_schema';
COMMENT ON FUNCTION opigno.drop_profile_schema(integer, bigint) IS
E'Stops judging the profiles of an app by its schemas, and returns whether there was a schema.\n'
'The schemas remain in opigno.profile_schemas() with mode ''off''. The function waits as '
'opigno.set_profile_schema() does. Requires the level operator or a request of an operator.\n'
'app_id: the app\n'
'expected_version: as in opigno.set_profile_schema()\n'
'Raises 22023 for invalid arguments; the error lists all of them.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.\n'
'Raises 40001 or PT409 above READ COMMITTED if another transaction has changed the schemas '
'meanwhile.\n'
'Raises PT412 if the version is not the expected one.';

CREATE OR REPLACE FUNCTION opigno.check_profile_schema(
    schema jsonb, assert_formats boolean DEFAULT NULL) RETURNS json
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000
    AS 'MODULE_PATHNAME', 'opigno_check_profile_schema';
COMMENT ON FUNCTION opigno.check_profile_schema(jsonb, boolean) IS
E'Returns what opigno.set_profile_schema() would say of a schema, and writes nothing.\n'
'The result is {"errors":[{"code","path","message"}],"warnings":[{"path","message"}]}. '
'errors says why the schema would be refused; warnings are keywords that would be ignored. Paths '
'are JSON Pointers into the schema. Requires the level operator or a request of an operator.\n'
'schema: as in opigno.set_profile_schema()\n'
'assert_formats: as in opigno.set_profile_schema()\n'
'Raises 22023 if schema is NULL.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.';

CREATE OR REPLACE FUNCTION opigno.profile_schemas(app_id integer DEFAULT NULL)
    RETURNS TABLE (app_id integer, version bigint, mode text, draft text, assert_formats boolean,
                   apply_defaults boolean, set_at timestamptz, schema jsonb)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
    SELECT s.app_id, s.version, s.mode, s.draft, s.assert_formats, s.apply_defaults, s.set_at,
        s.schema
    FROM opigno.app_schema AS s
    WHERE s.document_kind = 'profile' AND ($1 IS NULL OR s.app_id = $1)
    ORDER BY s.app_id, s.version;
END;
COMMENT ON FUNCTION opigno.profile_schemas(integer) IS
E'Returns the schemas of profiles, also former ones, in the order of app_id and version.\n'
'mode is enforce, warn, or off for a former schema. Operators and auditors see all schemas, other '
'callers none.\n'
'app_id: only the schemas of this app; NULL for all apps';

CREATE OR REPLACE FUNCTION opigno.profile_schema_faults(app_id integer)
    RETURNS TABLE (version bigint, path text, keyword text, schema_path text, faults bigint,
                   first_at timestamptz, last_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
    SELECT f.version, f.path, f.keyword, f.schema_path, sum(f.faults)::bigint, min(f.first_at),
        max(f.last_at)
    FROM opigno.app_schema_fault AS f
    WHERE f.app_id = $1 AND f.document_kind = 'profile'
        /* On a shard, rows of former schemas stay. */
        AND EXISTS (SELECT FROM opigno.app_schema AS s
                    WHERE s.app_id = f.app_id AND s.document_kind = f.document_kind
                        AND s.version = f.version AND s.mode = 'warn')
    GROUP BY f.version, f.path, f.keyword, f.schema_path
    ORDER BY f.version, f.path, f.schema_path;
END;
COMMENT ON FUNCTION opigno.profile_schema_faults(integer) IS
E'Returns the faults that profiles had by the schema of mode ''warn'' when they were written.\n'
'path is a JSON Pointer into the profile, with * for elements of arrays and for members that the '
'schema does not name; schema_path is one into the schema. A load counts the faults of all '
'entries that it read. The faults are deleted with the next change of the app''s schemas. '
'Operators and auditors see all faults, other callers none.\n'
'app_id: the app';
