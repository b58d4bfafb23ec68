/* Reads: inlined by the planner, so no SET, not STRICT, invoker's rights. */

CREATE OR REPLACE FUNCTION opigno.get_profile(user_uuid text, app_id integer)
    RETURNS TABLE (user_uuid text, app_id integer, profile_data jsonb, version bigint,
                   created_at timestamptz, updated_at timestamptz)
    LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 1
BEGIN ATOMIC
    SELECT p.user_uuid::text, p.app_id, p.profile_data, p.version, p.created_at, p.updated_at
    FROM opigno.profile AS p
    WHERE p.user_uuid = opigno.canonical_user_uuid($1) AND p.app_id = $2;
END;
COMMENT ON FUNCTION opigno.get_profile(text, integer) IS
'The profile of a user, named in any letter case, in an app, or no row; also where the caller may not see it. Costs what the bare SELECT by key costs: the planner inlines it. Rule: Sentinel, GET /operator/users/profile/:userid/:appid.';

CREATE OR REPLACE FUNCTION opigno.list_profiles(
    app_id integer, after text DEFAULT NULL, max_rows integer DEFAULT NULL)
    RETURNS TABLE (user_uuid text, app_id integer, profile_data jsonb, version bigint,
                   created_at timestamptz, updated_at timestamptz)
    LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 100
BEGIN ATOMIC
    SELECT p.user_uuid::text, p.app_id, p.profile_data, p.version, p.created_at, p.updated_at
    FROM opigno.profile AS p
    WHERE p.app_id = $1 AND p.user_uuid > coalesce(opigno.canonical_user_uuid($2), '')
    ORDER BY p.user_uuid
    LIMIT coalesce($3, 100);
END;
COMMENT ON FUNCTION opigno.list_profiles(integer, text, integer) IS
'The profiles of an app in the byte order of user uuids, from the first one behind `after` (exclusive: the last user_uuid of the page before), at most max_rows (default 100), as far as the caller may see them: for operators, since in a request all the others are read and left out (my_profiles() is not so). Raises 2201W for a negative max_rows. Walks the primary key: where few users have a profile of the app it reads many index entries.';

CREATE OR REPLACE FUNCTION opigno.my_profiles(app_id integer DEFAULT NULL)
    RETURNS TABLE (user_uuid text, app_id integer, profile_data jsonb, version bigint,
                   created_at timestamptz, updated_at timestamptz)
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 200 ROWS 3
    AS 'MODULE_PATHNAME', 'opigno_my_profiles';
COMMENT ON FUNCTION opigno.my_profiles(integer) IS
'The profiles of the request''s user by app_id: of one app, or of all (NULL) that the request may see, those of other private apps excluded. Raises 28000 without a request, 42501 where its user cannot act. Rule: Sentinel, GET /user/profiles/:appid.';

/* Writes: C++, invoker's rights, one check of who asks. */

CREATE OR REPLACE FUNCTION opigno.upsert_profile(
    user_uuid text, app_id integer, profile_data jsonb, expected_version bigint DEFAULT NULL,
    OUT version bigint, OUT outcome text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_upsert_profile';
COMMENT ON FUNCTION opigno.upsert_profile(text, integer, jsonb, bigint) IS
'Stores a document, any JSON value, as the profile of a user in an app. Gives the version it has now and the outcome: created, replaced, or unchanged (the same bytes: nothing is written). expected_version: write only if this is the stored version; 0: only if there is no profile. Operators write those of every user and app, also of inactive users; a request those of its own user, and a client those of its app. A number has at most 1000 characters as text; the text of the document has at most as many bytes as the app allows for requests (opigno.register_app(), 1048576 by default), and 268435455 for operators. A document that is larger already may become smaller. Raises 54000 for what is too large, 22023 with all faults, 23503 for an unknown user or app, PT412 for another version, 28000 without a request, 42501 where the caller may not; 22P02, 22P05, 54000 and 54001 also come from jsonb itself. Call it as SELECT * FROM: (f(...)).* would call it twice.';

CREATE OR REPLACE FUNCTION opigno.patch_profile(
    user_uuid text, app_id integer, patch jsonb, expected_version bigint DEFAULT NULL,
    OUT version bigint, OUT outcome text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_patch_profile';
COMMENT ON FUNCTION opigno.patch_profile(text, integer, jsonb, bigint) IS
'Applies a JSON Merge Patch (RFC 7396) to the profile of a user in an app: null removes a member, objects merge, all else replaces. A profile that does not exist is created. Gives the version it has now and the outcome: created, merged, or unchanged (the same bytes: nothing is written). Two patches at once both take effect, one after the other. The size of the merged document is limited as in opigno.upsert_profile(); expected_version, rights and errors as there.';

CREATE OR REPLACE FUNCTION opigno.delete_profile(
    user_uuid text, app_id integer, expected_version bigint DEFAULT NULL) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_delete_profile';
COMMENT ON FUNCTION opigno.delete_profile(text, integer, bigint) IS
'Deletes the profile of a user in an app. False if there is none. expected_version: delete only if this is the stored version. Rights as in opigno.upsert_profile(). Raises 22023 with all faults, 23503 for an unknown app in a request, PT412 for another version or where there is none, 28000 without a request, 42501 where the caller may not.';

CREATE OR REPLACE FUNCTION opigno.create_my_profile(
    app_id integer, profile_data jsonb, OUT version bigint, OUT outcome text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_create_my_profile';
COMMENT ON FUNCTION opigno.create_my_profile(integer, jsonb) IS
'Creates the profile of the request''s user in an app, and gives its version, 1, and the outcome, created. A client creates those of its own app. The document is limited as in opigno.upsert_profile(). Raises 22023 with all faults, 23503 for an unknown app, 23505 if there is one already, 54000 for a document that is too large, 28000 without a request, 42501 where the caller may not. Rule: Sentinel, POST /user/profiles/create.';

CREATE OR REPLACE FUNCTION opigno.patch_my_profile(
    app_id integer, patch jsonb, expected_version bigint DEFAULT NULL, OUT version bigint, OUT outcome text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_patch_my_profile';
COMMENT ON FUNCTION opigno.patch_my_profile(integer, jsonb, bigint) IS
'opigno.patch_profile() for the request''s user. Raises what that does, and 28000 without a request for every caller.';

CREATE OR REPLACE FUNCTION opigno.delete_my_profile(
    app_id integer, expected_version bigint DEFAULT NULL) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_delete_my_profile';
COMMENT ON FUNCTION opigno.delete_my_profile(integer, bigint) IS
'opigno.delete_profile() for the request''s user. Raises what that does, and 28000 without a request for every caller.';

/* Many at once. */

CREATE OR REPLACE FUNCTION opigno.create_profiles(
    body text, on_conflict text DEFAULT NULL, on_error text DEFAULT NULL, dry_run boolean DEFAULT NULL,
    create_missing_users boolean DEFAULT NULL, max_errors integer DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'opigno_create_profiles';
COMMENT ON FUNCTION opigno.create_profiles(text, text, text, boolean, boolean, integer) IS
'Creates as many profiles as the body has entries {"user_id","app_id","profile_data"}: {"profiles":[...]}, a bare array, or lines (NDJSON). Answers {"errors":[{"ordinal","user_id","app_id","code","path","message"}],"failed","response":{"received","created","replaced","merged","unchanged","skipped","failed"}}: counts, and every fault with the position of its entry from 1, its SQLSTATE and a JSON Pointer; failed is exact, errors lists the first max_errors (default 100). on_conflict, for a profile that exists: ''error'' (default), ''skip'', ''replace'' or ''merge'' (RFC 7396). on_error ''abort'' (default): with a fault nothing is written and response is null; ''report'': the entries without faults are written. A body that is not closed, or goes on behind its end, is refused whole, by an error without ordinal. Two equal entries for one user and app count once and once as unchanged, whatever became of the first; two different ones are a fault. A number of more than 1000 characters as text, and a document, given or merged, of more than 268435455 bytes as text are faults of their entry (54000); a merge that jsonb itself cannot hold ends the call. dry_run: answers the same and writes nothing. create_missing_users: an unknown user becomes an active anonymous one, "Anonymous User". Reads entries one at a time and writes them in the order of their keys, so that memory stays small and two loads do not deadlock; opigno.bulk_progress shows how far it is. For operators. Raises 22023 with all faults of the arguments, 42501 where the caller may not, 54000 for a merge that jsonb cannot hold, and what triggers and constraints of the site raise. Rule: Sentinel, POST /operator/profile/create-bulk.';

CREATE OR REPLACE FUNCTION opigno.patch_profiles(
    body text, on_error text DEFAULT NULL, dry_run boolean DEFAULT NULL,
    create_missing_users boolean DEFAULT NULL, max_errors integer DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'opigno_patch_profiles';
COMMENT ON FUNCTION opigno.patch_profiles(text, text, boolean, boolean, integer) IS
'Applies a JSON Merge Patch (RFC 7396) to each of many profiles: entries {"user_id","app_id","patch"}, and all else as in opigno.create_profiles(). A profile that does not exist is created.';

CREATE OR REPLACE FUNCTION opigno.delete_profiles(
    body text, on_error text DEFAULT NULL, dry_run boolean DEFAULT NULL, max_errors integer DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'opigno_delete_profiles';
COMMENT ON FUNCTION opigno.delete_profiles(text, text, boolean, integer) IS
'Deletes many profiles: entries {"user_id","app_id"}, and all else as in opigno.create_profiles(); response counts deleted and missing ones.';

CREATE OR REPLACE FUNCTION opigno.parse_profiles(body text)
    RETURNS TABLE (ordinal bigint, user_id text, app_id integer, profile_data jsonb, code text, path text, message text)
    LANGUAGE c IMMUTABLE STRICT PARALLEL UNSAFE COST 10000 ROWS 1000
    AS 'MODULE_PATHNAME', 'opigno_parse_profiles';
COMMENT ON FUNCTION opigno.parse_profiles(text) IS
'The entries of a body of opigno.create_profiles() as rows, for a query of your own: position from 1, user (a UUID in lower case), app and document; and of an entry that is none, with what could be read of it, the SQLSTATE, JSON Pointer and message of its first fault. Looks at no table: users and apps may be unknown, and entries repeated. Raises 22P02 for a body that is not closed, or goes on behind its end.';

CREATE OR REPLACE FUNCTION opigno.merged_profile(profile_data jsonb, patch jsonb) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50
    AS 'MODULE_PATHNAME', 'opigno_merged_profile';
COMMENT ON FUNCTION opigno.merged_profile(jsonb, jsonb) IS
'opigno.jsonb_merge_patch() for the statements of opigno.patch_profiles() and its kin: NULL where the same bytes come of it, and where the result has more than 268435455 bytes as text. Raises 54000 where jsonb cannot hold the result. For the owner.';

/* Many at once, from a table that psql's \copy has filled. */

CREATE OR REPLACE FUNCTION opigno.load_profiles(
    staging text, on_conflict text DEFAULT NULL, on_error text DEFAULT NULL, dry_run boolean DEFAULT NULL,
    create_missing_users boolean DEFAULT NULL, max_errors integer DEFAULT NULL, keep_lines boolean DEFAULT NULL,
    after bigint DEFAULT NULL, max_rows integer DEFAULT NULL, delete_loaded boolean DEFAULT NULL,
    trust_owner boolean DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'opigno_load_profiles';
COMMENT ON FUNCTION opigno.load_profiles(text, text, text, boolean, boolean, integer, boolean, bigint, integer, boolean, boolean) IS
'opigno.create_profiles() for the rows of a staging table: a table, partitioned or not, that no other inherits from, with an integer column ordinal, NOT NULL and with a unique index that is not deferrable, which orders its rows, and either line, an entry of create_profiles as JSON text (blank ones are passed over), or user_id, app_id and profile_data, as CSV has them. staging: its name, or its OID as text. Reads with the caller''s rights and leaves the table as it is. What the table''s owner has put on it (policies, casts, triggers) runs with the caller''s rights: so the owner of the table and of each partition must be the caller, a superuser or a role that the caller is a member of. This holds for superusers as well, and for the owners of the columns'' types. trust_owner: whoever they are. Arguments and answer as for create_profiles, but path points into the row, response has last_ordinal, and all errors (the first 25,000, or max_errors) are in opigno.bulk_error, also by a dry run, instead of those of earlier loads of these rows, for the caller alone and for a week; keep_lines: with the row itself, as it was read. after, max_rows: only the rows behind that ordinal, and no more than so many, blank ones counted; last_ordinal is after where there are none. delete_loaded, with max_rows: locks the table in SHARE ROW EXCLUSIVE mode and deletes the rows that are not among the errors, with the caller''s rights; all their errors are kept. Exactly the versions of the rows that were read are deleted, or nothing is loaded. Memory stays small however many rows there are. Without max_rows a NOTICE sums up. For operators. Raises what create_profiles raises, 42P01 for an unknown table, 42809 for one that is no staging table, or, with delete_loaded, has rules, 42501 where the caller may not read it, or delete from it, or has not the rights of its owner, PT409 where triggers or policies keep loaded rows in it.';

CREATE OR REPLACE PROCEDURE opigno.load_profiles_in_batches(
    staging text, on_conflict text DEFAULT NULL, create_missing_users boolean DEFAULT NULL,
    keep_lines boolean DEFAULT NULL, batch_rows integer DEFAULT NULL, trust_owner boolean DEFAULT NULL)
    LANGUAGE plpgsql AS $$
DECLARE
    relation pg_catalog.oid;
    batches pg_catalog.int8 := 0;
    name pg_catalog.text;
    after pg_catalog.int8;
    last pg_catalog.int8;
    counts pg_catalog.json;
    received pg_catalog.int8 := 0;
    failed pg_catalog.int8 := 0;
BEGIN
    IF batch_rows OPERATOR(pg_catalog.<) 1 THEN
        RAISE '"batch_rows" must be positive' USING ERRCODE = '22023';
    END IF;
    IF staging IS NULL THEN
        RAISE '"staging" is required' USING ERRCODE = '22023';
    END IF;
    LOOP
        /* Two calls for one table take turns, each seeing what the other has done. */
        COMMIT;
        SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
        IF batches OPERATOR(pg_catalog.=) 0 THEN
            relation := CASE WHEN staging OPERATOR(pg_catalog.~) '^[0-9]+$' THEN staging::pg_catalog.oid ELSE staging::pg_catalog.regclass::pg_catalog.oid END;
        END IF;
        counts := opigno.load_profiles(relation::pg_catalog.text, on_conflict, 'report', NULL, create_missing_users, 0, keep_lines,
                                       after, coalesce(batch_rows, 10000), true, trust_owner) OPERATOR(pg_catalog.->) 'response';
        /* The first batch waits for its lock, and the name may be another table's then. Later ones are the same table's. */
        IF batches OPERATOR(pg_catalog.=) 0 AND staging OPERATOR(pg_catalog.!~) '^[0-9]+$'
                AND relation OPERATOR(pg_catalog.<>) staging::pg_catalog.regclass::pg_catalog.oid THEN
            ROLLBACK;
            CONTINUE;
        END IF;
        batches := batches OPERATOR(pg_catalog.+) 1;
        last := counts OPERATOR(pg_catalog.->>) 'last_ordinal';
        EXIT WHEN last IS NULL OR last OPERATOR(pg_catalog.=) after;
        after := last;
        received := received OPERATOR(pg_catalog.+) (counts OPERATOR(pg_catalog.->>) 'received')::pg_catalog.int8;
        failed := failed OPERATOR(pg_catalog.+) (counts OPERATOR(pg_catalog.->>) 'failed')::pg_catalog.int8;
    END LOOP;
    SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) INTO name
        FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
        WHERE c.oid OPERATOR(pg_catalog.=) relation;
    COMMIT;
    RAISE NOTICE '%: % rows received, % failed', name, received, failed;
    IF failed OPERATOR(pg_catalog.>) 0 THEN
        RAISE NOTICE 'the rows that failed are still in %', name USING HINT = 'What is wrong with them is in opigno.bulk_error.';
    END IF;
END
$$;
COMMENT ON PROCEDURE opigno.load_profiles_in_batches(text, text, boolean, boolean, integer, boolean) IS
'opigno.load_profiles() with on_error ''report'' and delete_loaded, so many rows at a time (batch_rows, default 10000), each batch in a transaction of its own that takes what it has loaded, and blank rows, out of the staging table: what is left there is what has failed, to be mended and loaded again, and after a crash the same call goes on where it stood, without loading a row twice. Exactly the rows that were loaded are deleted; where triggers or policies of the table prevent that, the batch is undone with an error. Each batch checks the table and its owner again (trust_owner as in load_profiles). Repetitions of a user and app are told within a batch; in a later one they are conflicts. Call it outside a transaction block; two calls for one table take turns. For operators who may read the staging table and delete from it. Raises what load_profiles raises; the batches before stay.';
