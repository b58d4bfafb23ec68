/* Each session takes 32 numbers at once: taking one costs as much as inserting the row. */
CREATE SEQUENCE opigno.audit_id_seq AS bigint CACHE 32;
COMMENT ON SEQUENCE opigno.audit_id_seq IS 'numbers of the rows of opigno.audit';

CREATE TABLE opigno.audit (
    id bigint NOT NULL DEFAULT nextval('opigno.audit_id_seq'),
    recorded_at timestamptz NOT NULL,
    action text NOT NULL,
    outcome text,
    session_role text NOT NULL,
    acting_role text NOT NULL,
    request_client bigint,
    request_user text COLLATE "C",
    user_uuid text COLLATE "C",
    last_user_uuid text COLLATE "C",
    row_count bigint,
    app_id integer,
    version bigint,
    subject text,
    PRIMARY KEY (recorded_at, id)
);
COMMENT ON TABLE opigno.audit IS
'The audit trail: who changed what, and when. Each call that changes something appends one row in '
'its own transaction.';
COMMENT ON COLUMN opigno.audit.id IS
'number of the row, from a sequence; numbers have gaps, and a later transaction can have a lower '
'number';
COMMENT ON COLUMN opigno.audit.recorded_at IS 'time of the change, which is before its commit';
COMMENT ON COLUMN opigno.audit.action IS 'the function that was called';
COMMENT ON COLUMN opigno.audit.outcome IS
'result: created, updated, replaced, merged, deleted, granted or revoked; for a bulk call also: '
'created or updated';
COMMENT ON COLUMN opigno.audit.session_role IS 'the role that logged in (session_user)';
COMMENT ON COLUMN opigno.audit.acting_role IS
'the role whose rights were used (current_user of the caller)';
COMMENT ON COLUMN opigno.audit.request_client IS
'the client of the request; NULL if there was none';
COMMENT ON COLUMN opigno.audit.request_user IS
'the user that the request named; NULL if there was no request';
COMMENT ON COLUMN opigno.audit.user_uuid IS
'the user whose data was changed; for a bulk call the first changed user in byte order';
COMMENT ON COLUMN opigno.audit.last_user_uuid IS
'for a bulk call the last changed user in byte order; for opigno.merge_user_contexts() the user '
'that was merged; NULL if the call was for one user';
COMMENT ON COLUMN opigno.audit.row_count IS
'number of changed rows; NULL if the call was for one row';
COMMENT ON COLUMN opigno.audit.app_id IS 'the app whose data was changed';
COMMENT ON COLUMN opigno.audit.version IS 'version of the row after the change, or at its deletion';
COMMENT ON COLUMN opigno.audit.subject IS
'what was set: members of a user context, with the values of is_active and scope; a scope and the '
'scopes it implies; a role and its level; a table and its column; a field and its configuration; '
'names of the fields, members and preferences of an account (their first thousand bytes); '
'user_context for users that a load has created or a purge has deleted; what a merge has written '
'of each kind; a training, or "a to z" for the first and the last one that a load has changed';
ALTER TABLE opigno.audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY audit_of_readers ON opigno.audit FOR SELECT
    USING (opigno.reads_every_user());
COMMENT ON POLICY audit_of_readers ON opigno.audit IS 'auditors see every row';
SELECT pg_extension_config_dump('opigno.audit_id_seq', '');
SELECT pg_extension_config_dump('opigno.audit', '');
