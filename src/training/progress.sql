/*
 * Reads. The planner inlines them, so they have no SET, are not STRICT and run with the caller's
 * rights.
 */

CREATE OR REPLACE FUNCTION opigno.get_progress(user_uuid text, training_id text DEFAULT NULL)
    RETURNS TABLE (user_uuid text, training_id text, is_enrolled boolean, status text,
                   progress numeric, score numeric, details jsonb, reported_at timestamptz,
                   version bigint, created_at timestamptz, updated_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
    SELECT p.user_uuid::text, p.training_id::text, p.is_enrolled, p.status::text,
        p.progress::numeric, p.score::numeric, p.details, p.reported_at, p.version,
        p.created_at, p.updated_at
    FROM opigno.training_progress AS p
    WHERE p.user_uuid = opigno.canonical_user_uuid($1)
        AND ($2 IS NULL OR p.training_id = opigno.canonical_user_uuid($2))
    ORDER BY p.training_id;
END;
COMMENT ON FUNCTION opigno.get_progress(text, text) IS
E'Returns what a user has reached in trainings that the caller may see, in the byte order of '
'training_id.\n'
'A request sees the progress of its user. The planner inlines the function, so it costs no more '
'than a SELECT by primary key.\n'
'user_uuid: the user, in any letter case\n'
'training_id: only this training; NULL for all';

CREATE OR REPLACE FUNCTION opigno.list_progress(
    training_id text, after_uuid text DEFAULT NULL, max_rows integer DEFAULT NULL,
    status text DEFAULT NULL)
    RETURNS TABLE (user_uuid text, training_id text, is_enrolled boolean, status text,
                   progress numeric, score numeric, details jsonb, reported_at timestamptz,
                   version bigint, created_at timestamptz, updated_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
BEGIN ATOMIC
    SELECT p.user_uuid::text, p.training_id::text, p.is_enrolled, p.status::text,
        p.progress::numeric, p.score::numeric, p.details, p.reported_at, p.version,
        p.created_at, p.updated_at
    FROM opigno.training_progress AS p
    WHERE p.training_id = opigno.canonical_user_uuid($1)
        AND p.user_uuid > coalesce(opigno.canonical_user_uuid($2), '')
        AND ($4 IS NULL OR p.status = $4)
    ORDER BY p.user_uuid
    LIMIT coalesce($3, 100);
END;
COMMENT ON FUNCTION opigno.list_progress(text, text, integer, text) IS
E'Returns a page of the progress of all users in a training, in the byte order of user uuids.\n'
'It is meant for operators and the level learning: in a request it reads and discards the rows of '
'all other users. Use opigno.my_progress() in requests.\n'
'It reads an index in order, and many rows to find few if few have the status.\n'
'training_id: the training, in any letter case\n'
'after_uuid: the page starts after this user, the last one of the page before; NULL for the '
'first page\n'
'max_rows: the number of rows of a page, 100 by default\n'
'status: only rows with this status; an unknown one finds nothing\n'
'Raises 2201W for a negative max_rows.';

CREATE OR REPLACE FUNCTION opigno.my_progress(training_id text DEFAULT NULL)
    RETURNS TABLE (user_uuid text, training_id text, is_enrolled boolean, status text,
                   progress numeric, score numeric, details jsonb, reported_at timestamptz,
                   version bigint, created_at timestamptz, updated_at timestamptz)
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 200 ROWS 10
    AS 'MODULE_PATHNAME', 'opigno_my_progress';
COMMENT ON FUNCTION opigno.my_progress(text) IS
E'Returns what the request''s user has reached in trainings, as opigno.get_progress() does.\n'
'training_id: only this training; NULL for all\n'
'Raises 28000 if there is no request.\n'
'Raises 42501 if the user of the request cannot act, or the caller does not have the level '
'user, gateway or operator.';

/* Writes, in C++. They run with the caller's rights, and check them first. */

CREATE OR REPLACE FUNCTION opigno.report_progress(
    user_uuid text, training_id text, status text DEFAULT NULL, progress numeric DEFAULT NULL,
    score numeric DEFAULT NULL, reported_at timestamptz DEFAULT NULL, details jsonb DEFAULT NULL,
    allow_decrease boolean DEFAULT NULL,
    OUT user_uuid text, OUT training_id text, OUT is_enrolled boolean, OUT status text,
    OUT progress numeric, OUT score numeric, OUT details jsonb, OUT reported_at timestamptz,
    OUT version bigint, OUT outcome text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_report_progress';
COMMENT ON FUNCTION opigno.report_progress(
    text, text, text, numeric, numeric, timestamptz, jsonb, boolean) IS
E'Stores a report of what a user has reached in a training, and returns the row and the outcome.\n'
'The outcome is created, updated, or unchanged: nothing is written if the report changes nothing, '
'such as one that came before. NULL leaves a member as it is.\n'
'Reports may arrive in any order. Of status, score and details the newest report that gives them '
'wins; of two with the same time, the one with the greater value. progress is the greatest that '
'was reported. So every order of the same reports gives the same row, if none is refused. A '
'report that is newer than the stored status, and would turn it back in the order not_started, '
'in_progress, failed, passed, is refused, but failed may become in_progress: the user has started '
'again.\n'
'The first report creates the row and enrols the user. Until a status is reported, it is '
'in_progress if progress is above 0, and not_started otherwise. A report does not change the '
'enrolment of an existing row, and may be of a user that cannot act or of an inactive training.\n'
'Operators and roles of the level learning report for every user. A request reports for its own '
'user, and only if it has a client: a user must not report his own results with a JWT. See '
'docs/guide/trainings.md.\n'
'A report of an operator or of the level learning for a user who was merged into another one goes '
'to that one: see opigno.merge_user_contexts().\n'
'user_uuid: the user, in any letter case; in the result, the one whose row it is\n'
'training_id: the training, in any letter case\n'
'status: not_started, in_progress, failed or passed\n'
'progress: percent from 0 to 100, rounded to two digits after the point\n'
'score: points, a finite number, stored without zeros at its end\n'
'reported_at: the time of the report. Default: the clock, so that a repeated call is a new '
'report.\n'
'details: a JSON object, which replaces the stored one\n'
'allow_decrease: if true, the report is applied as it is, also if it is older or lower. Older '
'reports that arrive later do not raise progress again.\n'
'Raises 22023 for invalid arguments, such as a reported_at more than a minute ahead of the clock.\n'
'Raises 23503 for an unknown user or training.\n'
'Raises 28000 if there is no request and the caller does not have the level operator or learning.\n'
'Raises 42501 if the caller may not report for this user.\n'
'Raises 54000 for a score or details that are too large.\n'
'Raises PT409 if the status would go back.';

CREATE OR REPLACE FUNCTION opigno.enrol_user(
    user_uuid text, training_id text,
    OUT user_uuid text, OUT training_id text, OUT is_enrolled boolean, OUT status text,
    OUT progress numeric, OUT score numeric, OUT details jsonb, OUT reported_at timestamptz,
    OUT version bigint, OUT outcome text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_enrol_user';
COMMENT ON FUNCTION opigno.enrol_user(text, text) IS
E'Enrols a user in a training, and returns the row and the outcome, as opigno.report_progress() '
'does.\n'
'A new row has the status not_started and progress 0. What was reported before remains.\n'
'Operators and roles of the level learning enrol every user, and a request its own user, also '
'with a JWT.\n'
'user_uuid: the user, in any letter case\n'
'training_id: the training, in any letter case\n'
'Raises 22023 for invalid arguments.\n'
'Raises 23503 for an unknown user or training.\n'
'Raises 28000 if there is no request and the caller does not have the level operator or learning.\n'
'Raises 42501 if the caller may not act for this user.';

CREATE OR REPLACE FUNCTION opigno.remove_enrolment(
    user_uuid text, training_id text,
    OUT user_uuid text, OUT training_id text, OUT is_enrolled boolean, OUT status text,
    OUT progress numeric, OUT score numeric, OUT details jsonb, OUT reported_at timestamptz,
    OUT version bigint, OUT outcome text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_remove_enrolment';
COMMENT ON FUNCTION opigno.remove_enrolment(text, text) IS
E'Ends the enrolment of a user in a training, and returns the row and the outcome, as '
'opigno.report_progress() does.\n'
'The progress remains. If there is no row, the outcome is missing and the other columns are '
'NULL.\n'
'Operators and roles of the level learning act for every user, and a request for its own user, '
'also with a JWT.\n'
'user_uuid: the user, in any letter case\n'
'training_id: the training, in any letter case\n'
'Raises 22023 for invalid arguments.\n'
'Raises 28000 if there is no request and the caller does not have the level operator or learning.\n'
'Raises 42501 if the caller may not act for this user.';

CREATE OR REPLACE FUNCTION opigno.report_progress_many(
    body text, on_error text DEFAULT NULL, dry_run boolean DEFAULT NULL,
    create_missing_users boolean DEFAULT NULL, max_errors integer DEFAULT NULL)
    RETURNS json LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'opigno_report_progress_many';
COMMENT ON FUNCTION opigno.report_progress_many(text, text, boolean, boolean, integer) IS
E'Applies many reports of progress by the rules of opigno.report_progress(), and returns JSON.\n'
'The body is {"reports":[...]}, an array, or one entry per line (NDJSON). An entry is '
'{"user_id","training_id","status","progress","score","reported_at","details",'
'"allow_decrease"}. Reports of one user and training are applied in the order of their times and '
'written as one row. Reports without a time have the time of the call.\n'
'The result is {"errors","refused","failed","response"}. The response has the number of reports '
'received, and of rows created and updated; of reports that changed nothing (unchanged), that '
'changed a row together with the one that is counted as created or updated (combined), and that '
'failed.\n'
'Operators and roles of the level learning may call it, and requests of operators. See '
'docs/guide/trainings.md.\n'
'Reports for users who were merged into others go to those: see opigno.merge_user_contexts().\n'
'body: the JSON text\n'
'on_error: abort (default) writes nothing if an entry has errors; report writes the others\n'
'dry_run: if true, gives the answer, but writes nothing\n'
'create_missing_users: if true, creates unknown users, as opigno.create_profiles() does; not for '
'the level learning\n'
'max_errors: how many errors the answer lists, 100 by default\n'
'Raises 22023 for invalid arguments.\n'
'Raises 42501 if the caller has neither the level operator or learning nor an operator''s '
'request.';

CREATE OR REPLACE FUNCTION opigno.move_progress(
    from_uuid text, into_uuid text, on_conflict text DEFAULT NULL) RETURNS bigint
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'opigno_move_progress';
COMMENT ON FUNCTION opigno.move_progress(text, text, text) IS
E'Moves the progress of a user to another one, for opigno.merge_user_contexts(). Call that.\n'
'Returns the number of rows of the other user that were written. Writes no audit row. Requires the '
'rights of the extension''s owner.\n'
'from_uuid: the user who has no progress afterwards; the caller has locked it FOR UPDATE\n'
'into_uuid: the other user, who is locked too\n'
'on_conflict: as in opigno.merge_user_contexts()\n'
'Raises 22023 for invalid arguments.\n'
'Raises 42501 if the caller does not have the rights of the extension''s owner.';
