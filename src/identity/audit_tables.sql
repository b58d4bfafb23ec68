CREATE SEQUENCE opigno.audit_id_seq AS bigint;
COMMENT ON SEQUENCE opigno.audit_id_seq IS 'ids of the audit trail';

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
COMMENT ON TABLE opigno.audit IS 'what was changed, when and by whom: one row for each call that changed something; appended by the writing functions, in their transactions';
COMMENT ON COLUMN opigno.audit.id IS 'number of the entry, from a sequence: it has gaps, and later transactions may have lower ones';
COMMENT ON COLUMN opigno.audit.recorded_at IS 'when the change was made, which is before it was committed';
COMMENT ON COLUMN opigno.audit.action IS 'the function that was called';
COMMENT ON COLUMN opigno.audit.outcome IS 'what became of it: created, updated, replaced, merged, deleted, granted or revoked; of a list also: created or updated';
COMMENT ON COLUMN opigno.audit.session_role IS 'the role that logged in: session_user';
COMMENT ON COLUMN opigno.audit.acting_role IS 'the role whose rights were used: current_user of the caller';
COMMENT ON COLUMN opigno.audit.request_client IS 'the client of the request; NULL without one';
COMMENT ON COLUMN opigno.audit.request_user IS 'the user that the request named; NULL without one';
COMMENT ON COLUMN opigno.audit.user_uuid IS 'the user whose data was changed; of a list the first of those changed, in byte order';
COMMENT ON COLUMN opigno.audit.last_user_uuid IS 'the last one changed of a list, whose others lie between; NULL where the call was for one user';
COMMENT ON COLUMN opigno.audit.row_count IS 'rows changed; NULL where the call was for one';
COMMENT ON COLUMN opigno.audit.app_id IS 'the app whose data was changed';
COMMENT ON COLUMN opigno.audit.version IS 'the version that the row has since, or had when it was deleted';
COMMENT ON COLUMN opigno.audit.subject IS 'what was set: which members of a user context, and the values of is_active and scope; a scope and what it implies; a role and its level; a table and its column; a field and its configuration; which fields, members and preferences of an account, the first thousand bytes of their names';
ALTER TABLE opigno.audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY audit_of_readers ON opigno.audit FOR SELECT USING ((SELECT opigno.reads_every_user()));
COMMENT ON POLICY audit_of_readers ON opigno.audit IS 'auditors see every row';
SELECT pg_extension_config_dump('opigno.audit_id_seq', '');
SELECT pg_extension_config_dump('opigno.audit', '');
