CREATE OR REPLACE FUNCTION opigno.merge_user_contexts(
    from_uuid text, into_uuid text, on_conflict text DEFAULT NULL,
    OUT into_uuid text, OUT profiles bigint, OUT accounts bigint, OUT preferences bigint,
    OUT trainings bigint, OUT clients bigint, OUT entities bigint, OUT outcome text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'opigno_merge_user_contexts';
COMMENT ON FUNCTION opigno.merge_user_contexts(text, text, text) IS
E'Moves all data of an anonymous user to a known one, deletes the anonymous user context, and '
'returns how many rows of the known user were written.\n'
'The data are the profiles, the fields of the account, the preferences, the progress in trainings '
'with its place in the ranking, the grants to clients, and the rows of attached tables. The '
'columns of the result count them; accounts is 0 or 1, and trainings counts those with progress '
'that was written. The display name, the scopes and is_active of the known user stay. The outcome '
'is merged, or unchanged if exactly this was done before.\n'
'If both users have a profile in an app, an account with fields, a preference of one key or '
'progress in one training: keep leaves that of the known user, and replace takes that of the '
'anonymous one. With merge, a profile becomes the document of the anonymous user with that of the '
'known one as a merge patch (RFC 7396) on it: members of the known user win, those that only the '
'anonymous one has are added, and members of the known user that are null are not in the result. '
'If one of the two is not an object, that of the known user stays. The account gets the fields '
'that the known user does not have; a value is never mixed of both. Preferences and attached rows '
'are as with keep. Preferences that say who sees the account (account_privacy and visibility.*) '
'move with replace only. Progress follows the rules of opigno.report_progress(): the newest report '
'wins, the status does not go back, and progress is the greatest. A merged profile must satisfy '
'the schema of its app that is enforced; what only moves is not judged again.\n'
'Both user contexts are locked in the order of their uuids. Writes for the anonymous user that '
'come later find no user, but reports of operators and of the level learning by '
'opigno.report_progress(), opigno.report_progress_many(), opigno.enrol_user() and '
'opigno.remove_enrolment() reach the known one: opigno.user_merge has the pairs. One audit row '
'names both: user_uuid is the known user, last_user_uuid the anonymous one, and the subject has '
'the counts.\n'
'Requires an operator or an operator''s request. See docs/guide/merging.md.\n'
'from_uuid: the anonymous user, that is, one without scopes, in any letter case\n'
'into_uuid: the other user, in any letter case; as a result, the same in canonical form\n'
'on_conflict: keep (the default), replace or merge\n'
'Raises 22023 for invalid arguments.\n'
'Raises 23503 for an unknown user, and if a table that is not attached refers to the anonymous '
'user context.\n'
'Raises 23514 for a merged profile that violates the schema of its app.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.\n'
'Raises 54000 for merged documents that are too large, and for too many preferences.\n'
'Raises 25000 above READ COMMITTED.\n'
'Raises PT409 if one of the users is being retired.\n'
'Raises PT409 if from_uuid has scopes or was merged into another user, if an attached table '
'refuses the write, and if a trigger suppresses a write.';

CREATE OR REPLACE FUNCTION opigno.purge_anonymous_user_contexts(
    older_than timestamptz, max_rows integer DEFAULT NULL) RETURNS bigint
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000
    AS 'MODULE_PATHNAME', 'opigno_purge_anonymous_user_contexts';
COMMENT ON FUNCTION opigno.purge_anonymous_user_contexts(timestamptz, integer) IS
E'Deletes anonymous users, that is, those without scopes, that are not in use any more, with all '
'their data, and returns their number.\n'
'A user is not in use if its user context, profiles, account, preferences and progress were all '
'last written before the given time. Reading does not count. Call the function again until it '
'returns 0, or call opigno.purge_anonymous_user_contexts_in_batches().\n'
'Users that another session has locked, and those that a table of yours refers to by a foreign '
'key, are left out, and users who are being retired. Of attached tables, the rows are deleted if '
'on_retirement is erase, and stay as they are otherwise. The audit trail and opigno.bulk_error '
'stay as they are. A call that deletes users writes one audit row with the first and the last '
'one.\n'
'Requires an operator or an operator''s request.\n'
'older_than: the time, not in the future: now() - interval ''90 days''\n'
'max_rows: the most users that are deleted, 1 to 100000. Default 1000.\n'
'Raises 22023 for invalid arguments.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.\n'
'Raises PT409 if an attached table refuses the write, and if a trigger suppresses a write.';

CREATE OR REPLACE FUNCTION opigno.purge_anonymous_user_context_batch(
    older_than timestamptz, max_rows integer, after_created_at timestamptz, after_uuid text,
    OUT deleted bigint, OUT last_created_at timestamptz, OUT last_uuid text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000
    AS 'MODULE_PATHNAME', 'opigno_purge_anonymous_user_context_batch';
COMMENT ON FUNCTION opigno.purge_anonymous_user_context_batch(
    timestamptz, integer, timestamptz, text) IS
E'Deletes a batch of anonymous users, for opigno.purge_anonymous_user_contexts_in_batches(). Call '
'that.\n'
'The batches follow the age of the users, so none is looked at twice. last_created_at and '
'last_uuid say where the next batch starts; they are NULL after the last batch.\n'
'older_than: as in opigno.purge_anonymous_user_contexts()\n'
'max_rows: the number of users of a batch\n'
'after_created_at: the batch starts after the user of this time and uuid, the last one of the '
'batch before; NULL for the first batch\n'
'after_uuid: the uuid of that user\n'
'Raises the errors of opigno.purge_anonymous_user_contexts().';

CREATE OR REPLACE PROCEDURE opigno.purge_anonymous_user_contexts_in_batches(
    older_than timestamptz, batch_rows integer DEFAULT NULL, INOUT deleted bigint DEFAULT NULL)
    LANGUAGE plpgsql AS $$
DECLARE
    batch pg_catalog.record;
    after_created_at pg_catalog.timestamptz;
    after_uuid pg_catalog.text;
BEGIN
    IF NOT opigno.may_commit() THEN
        RAISE 'a purge in batches cannot run inside a transaction block'
            USING ERRCODE = '25001', DETAIL = 'It commits after each batch.',
            HINT = 'Call the procedure alone, with autocommit on: not after BEGIN, and not in a '
                'function or in a block with EXCEPTION.';
    END IF;
    deleted := 0;
    LOOP
        COMMIT;
        SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
        SELECT * INTO batch FROM opigno.purge_anonymous_user_context_batch(
            older_than, batch_rows, after_created_at, after_uuid) AS b;
        deleted := deleted OPERATOR(pg_catalog.+) batch.deleted;
        EXIT WHEN batch.last_uuid IS NULL;
        after_created_at := batch.last_created_at;
        after_uuid := batch.last_uuid;
    END LOOP;
    COMMIT;
END
$$;
COMMENT ON PROCEDURE opigno.purge_anonymous_user_contexts_in_batches(
    timestamptz, integer, bigint) IS
E'Deletes all anonymous users that are not in use any more, and commits after each batch.\n'
'It does what opigno.purge_anonymous_user_contexts() does, until no such user is left. Call it '
'outside a transaction block. After an interruption call it again. Two calls at once share the '
'work. Requires the level operator.\n'
'older_than: the time, not in the future: now() - interval ''90 days''\n'
'batch_rows: the number of users of a batch, 1 to 100000. Default 1000.\n'
'deleted: a result; in CALL leave it out, PL/pgSQL needs a variable: the number of users that were '
'deleted\n'
'Raises 22023 for invalid arguments.\n'
'Raises 25001 inside a transaction block, a function, or a block with EXCEPTION, before any '
'work.\n'
'Raises 42501 if the caller does not have the level operator.\n'
'Raises PT409 if an attached table refuses the write.';

CREATE OR REPLACE FUNCTION opigno.export_user(user_uuid text) RETURNS json
    LANGUAGE c STABLE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'opigno_export_user';
COMMENT ON FUNCTION opigno.export_user(text) IS
E'Returns all that is known about a user and that the caller may see, as one JSON object, read in '
'one snapshot.\n'
'The first members are those of opigno.get_user_bundle(), with the profiles of all apps. They are '
'followed by: clients, the grants to clients; merges, the users that were merged into this one, '
'and the one into which this one was merged; audit, the rows of the audit trail that name the user '
'as user_uuid, last_user_uuid or request_user, oldest first; bulk_errors, the errors of the '
'caller''s own loads that name the user; retirements and partner_reports, the user''s rows of '
'opigno.retirement and opigno.retirement_partner_report. '
'Their objects have the columns of these tables, of opigno.client_user, opigno.user_merge, '
'opigno.audit and opigno.bulk_error. Times are in UTC.\n'
'A member is null if the role of the caller has no SELECT on its table: the trail is for auditors, '
'and errors of loads are for operators. A role with both levels sees all. What the policies '
'of the tables hide is missing, so of these members a user''s own request sees retirements only. '
'Rows of the trail that stand for a range of users are there only if the user is the first or '
'the last one. Of an attached table there are at most 1000 rows, and a table with a problem is '
'missing: see opigno.user_entities(). Values of fields that are not configured any more are not '
'shown.\n'
'The trail and the errors have no index on the user, so the call reads them whole.\n'
'user_uuid: the user, in any letter case; NULL returns NULL\n'
'Raises 25000 during a parallel query.\n'
'Raises the errors of opigno.get_user_bundle().';
