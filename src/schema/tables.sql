CREATE TABLE opigno.app_schema (
    app_id integer NOT NULL REFERENCES opigno.app,
    document_kind text COLLATE "C" NOT NULL DEFAULT 'profile'
        CONSTRAINT document_kind_is_known
        CHECK (document_kind IN ('profile', 'training_profile')),
    version bigint NOT NULL CONSTRAINT schema_version_is_positive CHECK (version > 0),
    schema jsonb NOT NULL,
    draft text NOT NULL
        CONSTRAINT draft_is_known CHECK (draft IN ('4', '6', '7', '2019-09', '2020-12')),
    mode text NOT NULL CONSTRAINT mode_is_known CHECK (mode IN ('enforce', 'warn', 'off')),
    assert_formats boolean NOT NULL,
    apply_defaults boolean NOT NULL,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (app_id, document_kind, version),
    CONSTRAINT app_schema_change_is_announced CHECK (opigno.announce_schema_change())
);
CREATE UNIQUE INDEX app_schema_mode_idx ON opigno.app_schema (app_id, document_kind, mode)
    WHERE mode <> 'off';
/* This fails on servers that are built without lz4. */
DO LANGUAGE plpgsql $$
BEGIN
    ALTER TABLE opigno.app_schema ALTER COLUMN schema SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;
COMMENT ON TABLE opigno.app_schema IS
'JSON Schemas of the profiles and of the training profiles of each app, with former versions; '
'written by opigno.set_profile_schema() and related functions';
COMMENT ON COLUMN opigno.app_schema.app_id IS 'the app';
COMMENT ON COLUMN opigno.app_schema.document_kind IS
'what the schema is for: profile or training_profile';
COMMENT ON COLUMN opigno.app_schema.version IS
'number of the schema within the app and the kind, from 1; never used again';
COMMENT ON COLUMN opigno.app_schema.schema IS 'the JSON Schema';
COMMENT ON COLUMN opigno.app_schema.draft IS
'the draft of JSON Schema by which it is read: 4, 6, 7, 2019-09 or 2020-12';
COMMENT ON COLUMN opigno.app_schema.mode IS
'enforce: writes that violate the schema are refused; warn: their faults are counted; off: a '
'former version. An app has at most one schema of each kind and mode but off.';
COMMENT ON COLUMN opigno.app_schema.assert_formats IS
'whether the keyword "format" is checked';
COMMENT ON COLUMN opigno.app_schema.apply_defaults IS
'whether missing members get the values of the keyword "default"';
COMMENT ON COLUMN opigno.app_schema.set_at IS 'start of the transaction that set the schema';
SELECT pg_extension_config_dump('opigno.app_schema', '');

ALTER TABLE opigno.app_schema ENABLE ROW LEVEL SECURITY;
CREATE POLICY app_schema_of_readers ON opigno.app_schema FOR SELECT
    USING (opigno.may_read_app_schema(document_kind));
COMMENT ON POLICY app_schema_of_readers ON opigno.app_schema IS
'operators and auditors see all, the level learning those of training profiles';

/*
 * Writes only insert rows here. A row for each place, which all writers update, would be locked
 * until each of them commits. Now and then the rows are added up. The table is not in dumps.
 */
CREATE SEQUENCE opigno.app_schema_fault_id_seq AS bigint;
COMMENT ON SEQUENCE opigno.app_schema_fault_id_seq IS
'numbers of the rows of opigno.app_schema_fault';
CREATE TABLE opigno.app_schema_fault (
    id bigint NOT NULL DEFAULT nextval('opigno.app_schema_fault_id_seq') PRIMARY KEY,
    app_id integer NOT NULL,
    document_kind text COLLATE "C" NOT NULL DEFAULT 'profile',
    version bigint NOT NULL,
    path text COLLATE "C" NOT NULL,
    keyword text COLLATE "C" NOT NULL,
    schema_path text COLLATE "C" NOT NULL,
    faults bigint NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL
);
CREATE INDEX app_schema_fault_app_idx ON opigno.app_schema_fault (app_id, document_kind, version);
COMMENT ON TABLE opigno.app_schema_fault IS
'faults of profiles and training profiles that were written while a schema of mode warn judged '
'them; opigno.profile_schema_faults() and opigno.training_profile_schema_faults() add them up. '
'They are deleted with the next change of the app''s schemas, and not in dumps.';
COMMENT ON COLUMN opigno.app_schema_fault.id IS 'number of the row';
COMMENT ON COLUMN opigno.app_schema_fault.app_id IS 'the app';
COMMENT ON COLUMN opigno.app_schema_fault.document_kind IS
'what the schema is for: profile or training_profile';
COMMENT ON COLUMN opigno.app_schema_fault.version IS 'version of the schema';
COMMENT ON COLUMN opigno.app_schema_fault.path IS
'JSON Pointer to the place in the profile, with * for elements of arrays and for members that the '
'schema does not name';
COMMENT ON COLUMN opigno.app_schema_fault.keyword IS 'the keyword that is violated';
COMMENT ON COLUMN opigno.app_schema_fault.schema_path IS
'JSON Pointer to the keyword in the schema';
COMMENT ON COLUMN opigno.app_schema_fault.faults IS 'number of faults';
COMMENT ON COLUMN opigno.app_schema_fault.first_at IS
'start of the transaction with the first of them';
COMMENT ON COLUMN opigno.app_schema_fault.last_at IS
'start of the transaction with the last of them';

ALTER TABLE opigno.app_schema_fault ENABLE ROW LEVEL SECURITY;
CREATE POLICY app_schema_fault_of_readers ON opigno.app_schema_fault FOR SELECT
    USING (opigno.may_read_app_schema(document_kind));
COMMENT ON POLICY app_schema_fault_of_readers ON opigno.app_schema_fault IS
'operators and auditors see all, the level learning those of training profiles';
