/*
 * The process of retirement: its states, the users in it, and what partners must be told. The
 * erasure's tables are in erasure_tables.sql.
 */
CREATE DOMAIN opigno.retirement_state_name AS text COLLATE "C"
    CONSTRAINT retirement_state_name_is_a_name CHECK (VALUE ~ '^[_A-Za-z][_0-9A-Za-z]{0,29}$');
COMMENT ON DOMAIN opigno.retirement_state_name IS
'Name of a state of retirement: [_A-Za-z][_0-9A-Za-z]*, at most 30 characters.';

/*
 * Empty until opigno.set_retirement_states() is called or a retirement is begun: then the default
 * states of opigno.default_retirement_states() hold. Rows that the install script inserts would
 * meet themselves when a dump is restored.
 */
CREATE TABLE opigno.retirement_state (
    state_name opigno.retirement_state_name PRIMARY KEY,
    execution_order integer NOT NULL
        CONSTRAINT retirement_state_order_is_unique UNIQUE DEFERRABLE,
    is_required boolean NOT NULL,
    is_dead_end boolean NOT NULL,
    erases_data boolean NOT NULL
);
CREATE UNIQUE INDEX retirement_state_erases_data_idx
    ON opigno.retirement_state (erases_data) WHERE erases_data;
COMMENT ON INDEX opigno.retirement_state_erases_data_idx IS 'only one state erases data';
COMMENT ON TABLE opigno.retirement_state IS
'states of retirement, written by opigno.set_retirement_states(); while the table is empty, the '
'default states hold: opigno.list_retirement_states() shows those that hold';
COMMENT ON COLUMN opigno.retirement_state.state_name IS 'name of the state';
COMMENT ON COLUMN opigno.retirement_state.execution_order IS
'place of the state in the process: 1, 11, 21 and so on';
COMMENT ON COLUMN opigno.retirement_state.is_required IS
'true for PENDING, ERRORED, ABORTED and COMPLETE, which every list of states has';
COMMENT ON COLUMN opigno.retirement_state.is_dead_end IS
'true for ERRORED, ABORTED and COMPLETE, which a user leaves only by force';
COMMENT ON COLUMN opigno.retirement_state.erases_data IS
'true for the one state in which opigno.retire_user_data() erases the user''s data';
SELECT pg_extension_config_dump('opigno.retirement_state', '');

/* Every role that may read users reads the table. No policy permits writes. */
ALTER TABLE opigno.retirement_state ENABLE ROW LEVEL SECURITY;
CREATE POLICY retirement_state_of_all ON opigno.retirement_state FOR SELECT USING (true);
COMMENT ON POLICY retirement_state_of_all ON opigno.retirement_state IS 'states are no secret';

CREATE SEQUENCE opigno.retirement_id_seq AS bigint;
COMMENT ON SEQUENCE opigno.retirement_id_seq IS 'numbers of retirements';

/*
 * There is no foreign key to the user context, which the erasure deletes. The replica identity is
 * the number of the retirement: the old rows that logical decoding shows have no user_uuid.
 */
CREATE TABLE opigno.retirement (
    user_uuid opigno.user_uuid PRIMARY KEY,
    retirement_id bigint NOT NULL DEFAULT nextval('opigno.retirement_id_seq'),
    user_context_id bigint NOT NULL,
    retired_uuid text COLLATE "C",
    was_active boolean NOT NULL,
    current_state opigno.retirement_state_name NOT NULL
        CONSTRAINT retirement_current_state_exists REFERENCES opigno.retirement_state,
    last_state opigno.retirement_state_name NOT NULL,
    responses text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX retirement_retirement_id_idx ON opigno.retirement (retirement_id);
CREATE INDEX retirement_current_state_idx ON opigno.retirement (current_state, retirement_id);
CREATE INDEX retirement_retired_uuid_idx ON opigno.retirement (retired_uuid)
    WHERE retired_uuid IS NOT NULL;
ALTER TABLE opigno.retirement REPLICA IDENTITY USING INDEX retirement_retirement_id_idx;
COMMENT ON INDEX opigno.retirement_retirement_id_idx IS
'replica identity: the old rows that logical decoding shows have no user_uuid';
COMMENT ON INDEX opigno.retirement_current_state_idx IS 'for opigno.retirement_queue()';
COMMENT ON INDEX opigno.retirement_retired_uuid_idx IS 'for opigno.get_retirement()';
COMMENT ON TABLE opigno.retirement IS
'users who are being retired or were retired; written by opigno.begin_retirement() and related '
'functions';
COMMENT ON COLUMN opigno.retirement.user_uuid IS
'the user; opigno.retirement_cleanup() redacts it and deletes the row';
COMMENT ON COLUMN opigno.retirement.retirement_id IS 'number of the retirement, from a sequence';
COMMENT ON COLUMN opigno.retirement.user_context_id IS 'the id that the user context has or had';
COMMENT ON COLUMN opigno.retirement.retired_uuid IS
'what stands for the user after the erasure: retired__user_ and a hash; NULL before';
COMMENT ON COLUMN opigno.retirement.was_active IS
'whether the user was active when the retirement began, or when it was last moved on from ABORTED; '
'opigno.cancel_retirement() restores it';
COMMENT ON COLUMN opigno.retirement.current_state IS 'the state that the user is in';
COMMENT ON COLUMN opigno.retirement.last_state IS
'the state before; at the beginning the current state';
COMMENT ON COLUMN opigno.retirement.responses IS
'what each move reported, with the states, one after the other; at most 1 MB';
COMMENT ON COLUMN opigno.retirement.created_at IS
'start of the transaction that began the retirement';
COMMENT ON COLUMN opigno.retirement.updated_at IS
'start of the transaction that last changed the row';
SELECT pg_extension_config_dump('opigno.retirement_id_seq', '');
SELECT pg_extension_config_dump('opigno.retirement', '');

ALTER TABLE opigno.retirement ENABLE ROW LEVEL SECURITY;
CREATE POLICY retirement_of_request ON opigno.retirement FOR SELECT
    USING (opigno.may_read_user_context(user_uuid, NULL));
COMMENT ON POLICY retirement_of_request ON opigno.retirement IS
'a request sees the retirement of its user, who cannot act any more; a client also those of users '
'that it was granted, or all if it may act for all; operators and auditors see all';

/* No foreign keys: partners are told after the user's data is erased. */
CREATE TABLE opigno.retirement_partner_report (
    user_uuid opigno.user_uuid PRIMARY KEY,
    retirement_id bigint NOT NULL,
    user_context_id bigint NOT NULL,
    display_name opigno.display_name NOT NULL,
    is_being_processed boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX retirement_partner_report_retirement_id_idx
    ON opigno.retirement_partner_report (retirement_id);
CREATE INDEX retirement_partner_report_queue_idx
    ON opigno.retirement_partner_report (retirement_id) WHERE NOT is_being_processed;
ALTER TABLE opigno.retirement_partner_report
    REPLICA IDENTITY USING INDEX retirement_partner_report_retirement_id_idx;
COMMENT ON INDEX opigno.retirement_partner_report_retirement_id_idx IS
'replica identity: the old rows that logical decoding shows have no user_uuid';
COMMENT ON INDEX opigno.retirement_partner_report_queue_idx IS
'for opigno.take_partner_reports()';
COMMENT ON TABLE opigno.retirement_partner_report IS
'users of whose retirement partners must be told; written by opigno.queue_partner_report() and '
'related functions';
COMMENT ON COLUMN opigno.retirement_partner_report.user_uuid IS 'the user';
COMMENT ON COLUMN opigno.retirement_partner_report.retirement_id IS
'number of the user''s retirement';
COMMENT ON COLUMN opigno.retirement_partner_report.user_context_id IS
'the id that the user context has or had';
COMMENT ON COLUMN opigno.retirement_partner_report.display_name IS
'the display name when the report was queued; it outlives the erasure until '
'opigno.clean_up_partner_reports()';
COMMENT ON COLUMN opigno.retirement_partner_report.is_being_processed IS
'whether opigno.take_partner_reports() has returned the row';
COMMENT ON COLUMN opigno.retirement_partner_report.created_at IS
'start of the transaction that queued the report';
COMMENT ON COLUMN opigno.retirement_partner_report.updated_at IS
'start of the transaction that last changed the row';
SELECT pg_extension_config_dump('opigno.retirement_partner_report', '');

ALTER TABLE opigno.retirement_partner_report ENABLE ROW LEVEL SECURITY;
CREATE POLICY retirement_partner_report_of_operators
    ON opigno.retirement_partner_report FOR SELECT USING (opigno.reads_every_user());
COMMENT ON POLICY retirement_partner_report_of_operators ON opigno.retirement_partner_report IS
'operators and auditors see all';
