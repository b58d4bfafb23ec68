CREATE TABLE opigno.profile (
    user_uuid opigno.user_uuid NOT NULL REFERENCES opigno.user_context,
    app_id integer NOT NULL REFERENCES opigno.app,
    profile_data jsonb NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (user_uuid, app_id)
) WITH (fillfactor = 80);
/* Where the server is built with it. */
DO LANGUAGE plpgsql $$
BEGIN
    ALTER TABLE opigno.profile ALTER COLUMN profile_data SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;
COMMENT ON TABLE opigno.profile IS 'what each app stores about each user: one document per user and app; written by opigno.upsert_profile() and its kin';
COMMENT ON COLUMN opigno.profile.user_uuid IS 'the user';
COMMENT ON COLUMN opigno.profile.app_id IS 'the app';
COMMENT ON COLUMN opigno.profile.profile_data IS 'the document: any JSON value';
COMMENT ON COLUMN opigno.profile.version IS '1 when the profile is created, and 1 more with each change';
COMMENT ON COLUMN opigno.profile.created_at IS 'start of the transaction that created the profile';
COMMENT ON COLUMN opigno.profile.updated_at IS 'start of the transaction that changed the profile last';
SELECT pg_extension_config_dump('opigno.profile', '');

/* What is asked once a query stands in a sub-select, so that look-ups by key stay index scans. */
ALTER TABLE opigno.profile ENABLE ROW LEVEL SECURITY;
CREATE POLICY profile_of_request ON opigno.profile FOR SELECT
    USING ((SELECT opigno.reads_every_user())
           OR (user_uuid = (SELECT opigno.request_user())
               AND (app_id = (SELECT opigno.request_app())
                    OR app_id <> ALL (ARRAY(SELECT a.app_id FROM opigno.app AS a WHERE a.is_private)))));
COMMENT ON POLICY profile_of_request ON opigno.profile IS
'a request sees the profiles of its user, but of private apps only those of its own app; operators and auditors see all';

/* What was wrong with the rows of loads: for who loaded them, and for a week. Not in dumps, as it may hold their lines. */
CREATE SEQUENCE opigno.bulk_error_id_seq AS bigint;
COMMENT ON SEQUENCE opigno.bulk_error_id_seq IS 'ids of opigno.bulk_error';
CREATE TABLE opigno.bulk_error (
    id bigint NOT NULL DEFAULT nextval('opigno.bulk_error_id_seq') PRIMARY KEY,
    recorded_at timestamptz NOT NULL,
    recorded_by regrole NOT NULL,
    staging text NOT NULL,
    ordinal bigint NOT NULL,
    user_uuid text COLLATE "C",
    app_id integer,
    code text NOT NULL,
    path text NOT NULL,
    message text NOT NULL,
    line text,
    expires_at timestamptz NOT NULL
);
CREATE INDEX bulk_error_staging_idx ON opigno.bulk_error (recorded_by, staging, ordinal);
CREATE INDEX bulk_error_expires_at_idx ON opigno.bulk_error (expires_at);
COMMENT ON TABLE opigno.bulk_error IS 'what is wrong with rows of staging tables: written by opigno.load_profiles() and opigno.load_profiles_in_batches(), which replace what earlier loads of the same rows left; hidden after a week, deleted by the next load, and not in dumps';
COMMENT ON COLUMN opigno.bulk_error.id IS 'number of the error';
COMMENT ON COLUMN opigno.bulk_error.recorded_at IS 'when it was found';
COMMENT ON COLUMN opigno.bulk_error.recorded_by IS 'the role that loaded, by its OID: it may read the error under whatever name it has';
COMMENT ON COLUMN opigno.bulk_error.staging IS 'schema and name of the staging table when it was loaded, quoted as SQL needs it: public.staged';
COMMENT ON COLUMN opigno.bulk_error.ordinal IS 'of the row there';
COMMENT ON COLUMN opigno.bulk_error.user_uuid IS 'the user, where the row names one';
COMMENT ON COLUMN opigno.bulk_error.app_id IS 'the app, where the row names one';
COMMENT ON COLUMN opigno.bulk_error.code IS 'SQLSTATE';
COMMENT ON COLUMN opigno.bulk_error.path IS 'JSON Pointer to what is wrong within the row';
COMMENT ON COLUMN opigno.bulk_error.message IS 'what is wrong; it may name a member of the row that is none of ours, and holds no value';
COMMENT ON COLUMN opigno.bulk_error.line IS 'the row itself, where the load was told to keep it (keep_lines)';
COMMENT ON COLUMN opigno.bulk_error.expires_at IS 'from when on it is hidden, and deleted by the next load: a week later';

ALTER TABLE opigno.bulk_error ENABLE ROW LEVEL SECURITY;
CREATE POLICY bulk_error_of_role ON opigno.bulk_error FOR SELECT
    USING (recorded_by = (SELECT quote_ident(current_user)::regrole) AND expires_at > now());
COMMENT ON POLICY bulk_error_of_role ON opigno.bulk_error IS 'a role sees what was wrong with its own loads';
