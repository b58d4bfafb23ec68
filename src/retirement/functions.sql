/* States. */

CREATE OR REPLACE FUNCTION opigno.default_retirement_states()
    RETURNS TABLE (state_name text, execution_order integer, is_required boolean,
                   is_dead_end boolean, erases_data boolean)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 16
BEGIN ATOMIC
    VALUES ('PENDING', 1, true, false, false),
        ('LOCKING_ACCOUNT', 11, false, false, false),
        ('LOCKING_COMPLETE', 21, false, false, false),
        ('RETIRING_FORUMS', 31, false, false, false),
        ('FORUMS_COMPLETE', 41, false, false, false),
        ('RETIRING_EMAIL_LISTS', 51, false, false, false),
        ('EMAIL_LISTS_COMPLETE', 61, false, false, false),
        ('RETIRING_ENROLLMENTS', 71, false, false, false),
        ('ENROLLMENTS_COMPLETE', 81, false, false, false),
        ('RETIRING_NOTES', 91, false, false, false),
        ('NOTES_COMPLETE', 101, false, false, false),
        ('RETIRING_LMS', 111, false, false, true),
        ('LMS_COMPLETE', 121, false, false, false),
        ('ERRORED', 131, true, true, false),
        ('ABORTED', 141, true, true, false),
        ('COMPLETE', 151, true, true, false);
END;
COMMENT ON FUNCTION opigno.default_retirement_states() IS
E'Returns the states of retirement that hold until opigno.set_retirement_states() is called.\n'
'They are the default states of Open edX. opigno.list_retirement_states() returns those that '
'hold.';

CREATE OR REPLACE FUNCTION opigno.list_retirement_states()
    RETURNS TABLE (state_name text, execution_order integer, category text, is_required boolean,
                   is_dead_end boolean, erases_data boolean)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 16
BEGIN ATOMIC
    SELECT s.state_name, s.execution_order,
        CASE WHEN s.is_dead_end THEN 'end' WHEN s.is_required THEN 'start'
            WHEN right(s.state_name, 9) = '_COMPLETE' THEN 'complete' ELSE 'working' END,
        s.is_required, s.is_dead_end, s.erases_data
    FROM (
        SELECT t.state_name::text, t.execution_order, t.is_required, t.is_dead_end, t.erases_data
        FROM opigno.retirement_state AS t
        UNION ALL
        SELECT d.state_name, d.execution_order, d.is_required, d.is_dead_end, d.erases_data
        FROM opigno.default_retirement_states() AS d
        WHERE NOT EXISTS (SELECT FROM opigno.retirement_state)
    ) AS s
    ORDER BY s.execution_order;
END;
COMMENT ON FUNCTION opigno.list_retirement_states() IS
E'Returns the states of retirement in their order.\n'
'The column category is start (PENDING), working (a step runs), complete (a step is done: the name '
'ends in _COMPLETE) or end (ERRORED, ABORTED, COMPLETE). erases_data is true for the state in '
'which opigno.retire_user_data() erases the user''s data.';

CREATE OR REPLACE FUNCTION opigno.set_retirement_states(
    body jsonb, dry_run boolean DEFAULT NULL)
    RETURNS TABLE (state_name text, execution_order integer, erases_data boolean, outcome text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200 ROWS 16
    AS 'MODULE_PATHNAME', 'opigno_set_retirement_states';
COMMENT ON FUNCTION opigno.set_retirement_states(jsonb, boolean) IS
E'Replaces the states of retirement by a list, and returns what became of each state: created, '
'updated, unchanged or deleted.\n'
'The states get the numbers 1, 11, 21 and so on in the order of the list. PENDING is the first '
'one; ERRORED, ABORTED and COMPLETE are the last three, in this order. Exactly one working state '
'erases data: the one that says so, or RETIRING_LMS if none does. A list that changes nothing '
'writes nothing. While a user is in a state other than these four, the list cannot be changed. '
'The call waits for transactions that begin or move retirements. Requires the level operator or a '
'request of an operator.\n'
'body: an array of names, or of objects {"state_name", "erases_data"}. A name matches '
'[_A-Za-z][_0-9A-Za-z]* and has at most 30 characters.\n'
'dry_run: if true, returns the same result and writes nothing\n'
'Raises 22023 for a wrong list; the error lists all faults.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.\n'
'Raises PT409 while users are in other states.\n'
'Implements populate_retirement_states of Open edX.';

/*
 * Reads. The planner inlines them, so they have no SET, are not STRICT and run with the caller's
 * rights.
 */

CREATE OR REPLACE FUNCTION opigno.get_retirement(user_uuid text)
    RETURNS TABLE (retirement_id bigint, user_uuid text, user_context_id bigint,
                   retired_uuid text, was_active boolean, current_state text, last_state text,
                   created_at timestamptz, updated_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT r.retirement_id, r.user_uuid::text, r.user_context_id, r.retired_uuid, r.was_active,
        r.current_state::text, r.last_state::text, r.created_at, r.updated_at
    FROM opigno.retirement AS r
    WHERE r.user_uuid = opigno.canonical_user_uuid($1) OR r.retired_uuid = $1;
END;
COMMENT ON FUNCTION opigno.get_retirement(text) IS
E'Returns the retirement of a user, or no row if there is none that the caller may see.\n'
'A request sees the retirement of its user, who cannot act any more. opigno.retirement.responses '
'has what each step reported.\n'
'user_uuid: the user, in any letter case; or the retired_uuid that stands for the user after the '
'erasure, and for each user whose uuid differed from it only in letter case';

CREATE OR REPLACE FUNCTION opigno.list_retirements(
    state_name text DEFAULT NULL, begun_from timestamptz DEFAULT NULL,
    begun_before timestamptz DEFAULT NULL, after_id bigint DEFAULT NULL,
    max_rows integer DEFAULT NULL)
    RETURNS TABLE (retirement_id bigint, user_uuid text, user_context_id bigint,
                   retired_uuid text, was_active boolean, current_state text, last_state text,
                   created_at timestamptz, updated_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
BEGIN ATOMIC
    SELECT r.retirement_id, r.user_uuid::text, r.user_context_id, r.retired_uuid, r.was_active,
        r.current_state::text, r.last_state::text, r.created_at, r.updated_at
    FROM opigno.retirement AS r
    WHERE ($1 IS NULL OR r.current_state = $1)
        AND ($2 IS NULL OR r.created_at >= $2)
        AND ($3 IS NULL OR r.created_at < $3)
        AND r.retirement_id > coalesce($4, 0)
    ORDER BY r.retirement_id
    LIMIT coalesce($5, 100);
END;
COMMENT ON FUNCTION opigno.list_retirements(text, timestamptz, timestamptz, bigint, integer) IS
E'Returns a page of the retirements that the caller may see, in the order of their numbers.\n'
'It is meant for operators and auditors, and locks nothing: opigno.retirement_queue() is for those '
'who do the work. It reads an index in order, and many rows to find few if few match.\n'
'state_name: only retirements that are in this state; an unknown one finds nothing\n'
'begun_from: only retirements that began at this time or later\n'
'begun_before: only retirements that began before this time\n'
'after_id: the page starts after this retirement_id, the last one of the page before; NULL for '
'the first page\n'
'max_rows: the number of rows of a page, 100 by default\n'
'Raises 2201W for a negative max_rows.';

/* The process. */

CREATE OR REPLACE FUNCTION opigno.begin_retirement(
    user_uuid text,
    OUT retirement_id bigint, OUT user_uuid text, OUT user_context_id bigint,
    OUT retired_uuid text, OUT was_active boolean, OUT current_state text, OUT last_state text,
    OUT created_at timestamptz, OUT updated_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_begin_retirement';
COMMENT ON FUNCTION opigno.begin_retirement(text) IS
E'Begins the retirement of a user and returns its row: the user is deactivated and enters PENDING, '
'the first state.\n'
'From now on the user cannot act. opigno.cancel_retirement() activates the user again, and nothing '
'else does unless opigno.move_retirement() moves the retirement to ABORTED: then '
'opigno.set_user_context() can. '
'Users that were granted to clients stay granted until the erasure, so that cancelling restores '
'everything: nobody acts for an inactive user. Operators may retire every user. A request may '
'retire its own user, who must be active.\n'
'user_uuid: the user, in any letter case\n'
'Raises 22023 for an invalid user_uuid.\n'
'Raises 23503 for an unknown user.\n'
'Raises 28000 if there is no request and the caller is not an operator.\n'
'Raises 42501 if the caller may not retire this user.\n'
'Raises PT409 if the user has a retirement already, and if a trigger suppresses the write.\n'
'Implements the database''s part of deactivate_logout of Open edX.';

CREATE OR REPLACE FUNCTION opigno.begin_retirements(user_uuids text[])
    RETURNS TABLE (user_uuid text, outcome text, code text, message text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 ROWS 1000
    AS 'MODULE_PATHNAME', 'opigno_begin_retirements';
COMMENT ON FUNCTION opigno.begin_retirements(text[]) IS
E'Begins the retirement of many users, and returns one row for each: its outcome is created or '
'failed.\n'
'A failure does not stop the others: its row has the SQLSTATE and the message that '
'opigno.begin_retirement() would raise. A user that is given twice has one row. The rows are in '
'the byte order of the users, in which they are also locked, so that two calls do not deadlock. '
'Requires the level operator or a request of an operator.\n'
'user_uuids: the users, in any letter case\n'
'Raises 22023 if user_uuids is NULL.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.\n'
'Raises PT409 if a trigger suppresses a write.\n'
'Implements bulk_retire_users of Open edX.';

CREATE OR REPLACE FUNCTION opigno.cancel_retirement(
    user_uuid text,
    OUT retirement_id bigint, OUT user_uuid text, OUT user_context_id bigint,
    OUT retired_uuid text, OUT was_active boolean, OUT current_state text, OUT last_state text,
    OUT created_at timestamptz, OUT updated_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_cancel_retirement';
COMMENT ON FUNCTION opigno.cancel_retirement(text) IS
E'Cancels a retirement that is still PENDING, and returns the row that it had.\n'
'The user is active again if it was before, and the row is deleted. A report to partners that was '
'queued is deleted, too. Requires the level operator or a request of an operator.\n'
'user_uuid: the user, in any letter case\n'
'Raises 22023 for an invalid user_uuid.\n'
'Raises 23503 if the user has no retirement.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.\n'
'Raises PT409 if the retirement is in another state, or the data of the user is erased.\n'
'Implements cancel_retirement of Open edX.';

CREATE OR REPLACE FUNCTION opigno.move_retirement(
    user_uuid text, new_state text, response text, force boolean DEFAULT NULL,
    expected_state text DEFAULT NULL,
    OUT retirement_id bigint, OUT user_uuid text, OUT user_context_id bigint,
    OUT retired_uuid text, OUT was_active boolean, OUT current_state text, OUT last_state text,
    OUT created_at timestamptz, OUT updated_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_move_retirement';
COMMENT ON FUNCTION opigno.move_retirement(text, text, text, boolean, text) IS
E'Moves a retirement to another state and returns its row.\n'
'The state must come after the current one; states may be left out. From ERRORED, ABORTED and '
'COMPLETE no move leads on. The row is locked: of two calls that move a user from the same state '
'to the same one, the second fails. A move to ABORTED before the erasure deletes a report to '
'partners. Requires the level operator or a request of an operator.\n'
'user_uuid: the user, in any letter case\n'
'new_state: the name of a state\n'
'response: what the step reports, any text; it is appended to opigno.retirement.responses\n'
'force: if true, any state may follow on any, even the same. A user that leaves ABORTED is '
'deactivated again, and was_active then says whether it was active in ABORTED.\n'
'expected_state: move only if the retirement is in this state; NULL moves from any\n'
'Raises 22023 for missing arguments and for an unknown new_state; the error lists all faults.\n'
'Raises 23503 if the user has no retirement.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.\n'
'Raises 54000 if responses would have more than 1 MB.\n'
'Raises PT409 if the new state does not come after the current one, or that is an end.\n'
'Raises PT412 if the current state is not the expected one.\n'
'Implements update_retirement_status of Open edX.';

CREATE OR REPLACE FUNCTION opigno.retirement_queue(
    states text[], cool_off_days integer, max_rows integer DEFAULT NULL)
    RETURNS TABLE (retirement_id bigint, user_uuid text, user_context_id bigint,
                   retired_uuid text, was_active boolean, current_state text, last_state text,
                   created_at timestamptz, updated_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 ROWS 100
    AS 'MODULE_PATHNAME', 'opigno_retirement_queue';
COMMENT ON FUNCTION opigno.retirement_queue(text[], integer, integer) IS
E'Returns and locks the oldest retirements that wait for their next step, in the order of their '
'numbers.\n'
'The rows stay locked until the transaction ends. Other sessions that read the queue meanwhile get '
'other rows, so several workers share it: each reads the queue, does a step and moves the '
'retirements in one transaction. A worker whose steps take long moves them to a working state '
'first, and commits. Requires the level operator or a request of an operator.\n'
'states: only retirements in these states\n'
'cool_off_days: only retirements that began this many days ago or more; 0 for all\n'
'max_rows: the number of rows, 100 by default\n'
'Raises 22023 for missing or negative numbers, and for missing, unknown and repeated states; the '
'error lists all faults.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.\n'
'Implements retirement_queue of Open edX.';

CREATE OR REPLACE FUNCTION opigno.retirement_cleanup(
    user_uuids text[], redacted_uuid text DEFAULT NULL) RETURNS bigint
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'opigno_retirement_cleanup';
COMMENT ON FUNCTION opigno.retirement_cleanup(text[], text) IS
E'Deletes the rows of retirements that are complete, and returns their number.\n'
'All users must be in COMPLETE and their data must be erased, otherwise nothing is deleted. The '
'rows are first overwritten: user_uuid by redacted_uuid, _ and the retirement_id, since it must '
'stay unique, with eight hexadecimal digits if another user has it; retired_uuid by '
'redacted_uuid; responses by an empty text. Then they are deleted by retirement_id, which is also '
'the replica identity, so logical decoding shows no user in the old rows of either step. The hash '
'of a retired user stays: the user uuid is not given again. Rows of the audit trail and errors of '
'loads that name the uuid of a user of these because they were written at the time of the erasure '
'are redacted and deleted as by opigno.retire_user_data(); for this the audit trail is read once, '
'so clean up many users in a call. Requires the level operator or a request of an operator.\n'
'user_uuids: the users, in any letter case, each once; {} deletes nothing\n'
'redacted_uuid: what stands in place of the user, 1 to 200 bytes; redacted by default\n'
'Raises 22023 for invalid arguments; the error lists all faults.\n'
'Raises 25000 at other isolation levels than READ COMMITTED.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.\n'
'Raises PT409 unless all users have a retirement in COMPLETE and their data is erased, and while '
'one of them has a report to partners.\n'
'Implements retirement_cleanup of Open edX.';

/* Reports to partners. */

CREATE OR REPLACE FUNCTION opigno.queue_partner_report(user_uuid text) RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_queue_partner_report';
COMMENT ON FUNCTION opigno.queue_partner_report(text) IS
E'Notes that partners must be told of the retirement of a user, and returns created, or unchanged '
'if that was noted before.\n'
'The display name is copied for the report, since the erasure removes it: it stays until '
'opigno.clean_up_partner_reports(). The retirement must be in a working state, before the erasure. '
'Requires the level operator or a request of an operator.\n'
'user_uuid: the user, in any letter case\n'
'Raises 22023 for an invalid user_uuid.\n'
'Raises 23503 if the user has no retirement.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.\n'
'Raises PT409 if the state is no working state, or the data of the user is erased.\n'
'Implements PUT retirement_partner_report of Open edX.';

CREATE OR REPLACE FUNCTION opigno.take_partner_reports(max_rows integer DEFAULT NULL)
    RETURNS TABLE (user_uuid text, user_context_id bigint, display_name text,
                   created_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 ROWS 100
    AS 'MODULE_PATHNAME', 'opigno_take_partner_reports';
COMMENT ON FUNCTION opigno.take_partner_reports(integer) IS
E'Returns reports to partners that nobody has taken yet, the oldest retirements first, and marks '
'them as being processed.\n'
'Two sessions never take the same report. Requires the level operator or a request of an '
'operator.\n'
'max_rows: the number of reports, 100 by default\n'
'Raises 22023 for a negative max_rows.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.\n'
'Implements POST retirement_partner_report of Open edX.';

CREATE OR REPLACE FUNCTION opigno.clean_up_partner_reports(user_uuids text[]) RETURNS bigint
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000
    AS 'MODULE_PATHNAME', 'opigno_clean_up_partner_reports';
COMMENT ON FUNCTION opigno.clean_up_partner_reports(text[]) IS
E'Deletes reports to partners that were sent, and returns their number.\n'
'All must have been taken, otherwise nothing is deleted. The rows are overwritten and then deleted '
'as by opigno.retirement_cleanup(). Requires the level operator or a request of an operator.\n'
'user_uuids: the users, in any letter case, each once, at least one\n'
'Raises 22023 for invalid arguments; the error lists all faults.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.\n'
'Raises PT409 unless all users have a report that is being processed.\n'
'Implements retirement_partner_report_cleanup of Open edX.';
