/* Profiles and the schemas of their apps: docs/guide/schemas.md. */

CREATE OR REPLACE FUNCTION opigno.validate_profiles(
    app_id integer, schema jsonb DEFAULT NULL, max_errors integer DEFAULT NULL,
    assert_formats boolean DEFAULT NULL, apply_defaults boolean DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000
    AS 'MODULE_PATHNAME', 'opigno_validate_profiles';
COMMENT ON FUNCTION opigno.validate_profiles(integer, jsonb, integer, boolean, boolean) IS
E'Judges all profiles of an app by a schema, and reports those that violate it. Writes nothing.\n'
'The result is {"errors":[{"user_id","app_id","code","path","message"}],"version","received",'
'"failed","faults":[{"path","keyword","schema_path","faults"}]}. path is a JSON Pointer into the '
'profile as opigno.export_profiles() shows it; in faults it points into the document, and has * '
'for elements and for members that the schema does not list. schema_path is a JSON Pointer into '
'the schema. No value is shown.\n'
'errors lists the first profiles in no particular order, each with at most ten faults. faults '
'counts the faults of all profiles, at most 1000 kinds. version is that of the stored schema, or '
'null for a given one.\n'
'The function reads all profiles of the server once, in the order of the table. '
'opigno.bulk_progress shows the progress. Requires the level operator or a request of an '
'operator.\n'
'app_id: the app\n'
'schema: a JSON Schema as in opigno.set_profile_schema(); NULL for the schema of the app that has '
'mode warn, or else the one that is enforced\n'
'max_errors: the number of errors that are listed. Default 100.\n'
'assert_formats: as in opigno.set_profile_schema(), for a given schema\n'
'apply_defaults: as in opigno.set_profile_schema(), for a given schema; profiles are judged with '
'the defaults that their next change would add\n'
'Raises 22023 for invalid arguments, and for a schema that opigno.set_profile_schema() would '
'refuse.\n'
'Raises 23503 for an unknown app.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.\n'
'Raises 42704 if no schema is given and the app has none.';

CREATE OR REPLACE FUNCTION opigno.migrate_profile_batch(
    app_id integer, patch jsonb, batch_rows integer, restart boolean, continues boolean,
    OUT received bigint, OUT merged bigint, OUT unchanged bigint, OUT failed bigint,
    OUT is_complete boolean, OUT errors json)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000
    AS 'MODULE_PATHNAME', 'opigno_migrate_profile_batch';
COMMENT ON FUNCTION opigno.migrate_profile_batch(integer, jsonb, integer, boolean, boolean) IS
E'Applies a merge patch to the next profiles of an app, for opigno.migrate_profiles(). Call '
'that.\n'
'It stores in opigno.profile_migration how far it is, in the same transaction.\n'
'app_id: the app\n'
'patch: the merge patch\n'
'batch_rows: the number of profiles\n'
'restart: if true, starts with the first profile\n'
'continues: whether the same call of opigno.migrate_profiles() has run a batch before; then a '
'migration that is not there any more was completed by another call\n'
'received: the profiles of the batch\n'
'merged: those that were changed\n'
'unchanged: those that the patch does not change\n'
'failed: those that were refused\n'
'is_complete: whether this was the last batch\n'
'errors: an object with the member errors, as in opigno.create_profiles(), of at most 100 '
'profiles\n'
'Raises the errors of opigno.migrate_profiles().';

CREATE OR REPLACE PROCEDURE opigno.migrate_profiles(
    app_id integer, patch jsonb, batch_rows integer DEFAULT NULL, restart boolean DEFAULT NULL,
    INOUT received bigint DEFAULT NULL, INOUT merged bigint DEFAULT NULL,
    INOUT unchanged bigint DEFAULT NULL, INOUT failed bigint DEFAULT NULL,
    INOUT errors json DEFAULT NULL)
    LANGUAGE plpgsql AS $$
DECLARE
    batch pg_catalog.record;
    batches pg_catalog.int8 := 0;
    listed pg_catalog.jsonb := '[]';
BEGIN
    IF NOT opigno.may_commit() THEN
        RAISE 'a migration of profiles cannot run inside a transaction block'
            USING ERRCODE = '25001', DETAIL = 'It commits after each batch.',
            HINT = 'Call the procedure alone, with autocommit on: not after BEGIN, and not in a '
                'function or in a block with EXCEPTION.';
    END IF;
    received := 0;
    merged := 0;
    unchanged := 0;
    failed := 0;
    LOOP
        /* Two calls for one app take turns, and each sees what the other has done. */
        COMMIT;
        SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
        SELECT * INTO batch FROM opigno.migrate_profile_batch(
            migrate_profiles.app_id, migrate_profiles.patch, migrate_profiles.batch_rows,
            migrate_profiles.restart AND batches OPERATOR(pg_catalog.=) 0,
            batches OPERATOR(pg_catalog.>) 0) AS b;
        batches := batches OPERATOR(pg_catalog.+) 1;
        received := received OPERATOR(pg_catalog.+) batch.received;
        merged := merged OPERATOR(pg_catalog.+) batch.merged;
        unchanged := unchanged OPERATOR(pg_catalog.+) batch.unchanged;
        failed := failed OPERATOR(pg_catalog.+) batch.failed;
        IF pg_catalog.jsonb_array_length(listed) OPERATOR(pg_catalog.<) 100 THEN
            listed := listed OPERATOR(pg_catalog.||) (
                batch.errors::pg_catalog.jsonb OPERATOR(pg_catalog.->) 'errors');
        END IF;
        EXIT WHEN batch.is_complete;
    END LOOP;
    errors := listed;
    COMMIT;
END
$$;
COMMENT ON PROCEDURE opigno.migrate_profiles(
    integer, jsonb, integer, boolean, bigint, bigint, bigint, bigint, json) IS
E'Applies one JSON Merge Patch (RFC 7396) to all profiles of an app, in batches, and returns the '
'counts of the call as one row.\n'
'Each batch is a transaction of its own. The batches follow the byte order of user uuids. After '
'an interruption the same call continues behind the last batch that was committed: '
'opigno.profile_migration shows how far it is. Profiles that the patch does not change are not '
'written. A profile whose result violates the schema that is enforced, or is too large, stays as '
'it is and counts as failed. Profiles that are created behind the current place are not '
'changed.\n'
'Call it outside a transaction block. Two calls for one app take turns, and both end when the '
'last profile is done. A profile that is not an object becomes one, as in '
'opigno.jsonb_merge_patch(). Requires the level operator.\n'
'app_id: the app\n'
'patch: the merge patch, an object\n'
'batch_rows: the number of profiles of a batch. Default 10000.\n'
'restart: if true, forgets a migration of this app that was interrupted, and starts with the first '
'profile\n'
'received: a result, like all arguments after it. In CALL leave them out; PL/pgSQL needs a '
'variable for each. The number of profiles.\n'
'merged: the number of profiles that were changed\n'
'unchanged: the number of profiles that the patch does not change\n'
'failed: the number of profiles that were refused\n'
'errors: the errors of the first profiles that were refused, as in opigno.create_profiles()\n'
'Raises 22023 for invalid arguments; the error lists all of them.\n'
'Raises 23503 for an unknown app.\n'
'Raises 25001 inside a transaction block, a function, or a block with EXCEPTION, before any '
'work.\n'
'Raises 42501 if the caller does not have the level operator.\n'
'Raises 55000 if a migration of this app with another patch was interrupted.';

CREATE OR REPLACE FUNCTION opigno.explain_patch(user_uuid text, app_id integer, patch jsonb)
    RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'opigno_explain_patch';
COMMENT ON FUNCTION opigno.explain_patch(text, integer, jsonb) IS
E'Returns what opigno.patch_profile() would do with a merge patch, and changes nothing.\n'
'The result is {"outcome","profile_data","diff","errors":[{"code","path","message","hint"}]}. '
'outcome is created, merged or unchanged, or null if the patch would be refused; then errors says '
'why. profile_data is the document after the patch, also if the schema of the app refuses it, and '
'diff the smallest merge patch that leads to it. Both are null if they are not known, and diff if '
'no merge patch leads there. A request sees of them what it may see of the profile.\n'
'The function writes in a subtransaction and rolls it back, as a dry run does. It works in a READ '
'ONLY transaction, and not on a standby.\n'
'user_uuid: the user, in any letter case\n'
'app_id: the app\n'
'patch: the merge patch\n'
'Raises 22023 for missing arguments; the error lists all of them.\n'
'Raises 25006 on a standby.\n'
'Raises 28000 if there is no request and the caller is not an operator.';
