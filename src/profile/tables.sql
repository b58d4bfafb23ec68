CREATE TABLE opigno.profile (
    user_uuid opigno.user_uuid NOT NULL REFERENCES opigno.user_context,
    app_id integer NOT NULL REFERENCES opigno.app,
    profile_data jsonb NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (user_uuid, app_id)
) WITH (fillfactor = 80);
/* This fails on servers that are built without lz4. */
DO LANGUAGE plpgsql $$
BEGIN
    ALTER TABLE opigno.profile ALTER COLUMN profile_data SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;
COMMENT ON TABLE opigno.profile IS
'what each app stores about each user: one document per user and app; written by '
'opigno.upsert_profile() and related functions';
COMMENT ON COLUMN opigno.profile.user_uuid IS 'the user';
COMMENT ON COLUMN opigno.profile.app_id IS 'the app';
COMMENT ON COLUMN opigno.profile.profile_data IS 'the document: any JSON value';
COMMENT ON COLUMN opigno.profile.version IS
'the clock in microseconds since 1970 at creation, and 1 more after each change';
COMMENT ON COLUMN opigno.profile.created_at IS 'start of the transaction that created the profile';
COMMENT ON COLUMN opigno.profile.updated_at IS
'start of the transaction that last changed the profile';
SELECT pg_extension_config_dump('opigno.profile', '');

ALTER TABLE opigno.profile ENABLE ROW LEVEL SECURITY;
CREATE POLICY profile_of_request ON opigno.profile FOR SELECT
    USING (opigno.may_read_whole_profile(user_uuid, app_id));
COMMENT ON POLICY profile_of_request ON opigno.profile IS
'a request sees the profiles of its user, without those of other apps that are private and those '
'with members that a schema hides from the request; operators and auditors see all';

/*
 * Errors of loads, visible for a week to the role that ran the load. The table is not in dumps,
 * because it can contain users' data.
 */
CREATE SEQUENCE opigno.bulk_error_id_seq AS bigint;
COMMENT ON SEQUENCE opigno.bulk_error_id_seq IS 'numbers of the rows of opigno.bulk_error';
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
COMMENT ON TABLE opigno.bulk_error IS
'Errors of rows of staging tables. Functions such as opigno.load_profiles() write '
'them, and replace those of earlier loads of the same rows. They are hidden after a week, '
'deleted by the next load, and not in dumps.';
COMMENT ON COLUMN opigno.bulk_error.id IS 'number of the error';
COMMENT ON COLUMN opigno.bulk_error.recorded_at IS 'time at which the error was found';
COMMENT ON COLUMN opigno.bulk_error.recorded_by IS
'the role that ran the load, by its OID: the role can read the error after it was renamed';
COMMENT ON COLUMN opigno.bulk_error.staging IS
'schema and name of the staging table at the time of the load, quoted if SQL requires it: '
'public.staged';
COMMENT ON COLUMN opigno.bulk_error.ordinal IS 'ordinal of the row in the staging table';
COMMENT ON COLUMN opigno.bulk_error.user_uuid IS 'the user, if the row names one';
COMMENT ON COLUMN opigno.bulk_error.app_id IS 'the app, if the row names one';
COMMENT ON COLUMN opigno.bulk_error.code IS 'SQLSTATE';
COMMENT ON COLUMN opigno.bulk_error.path IS 'JSON Pointer to the faulty part of the row';
COMMENT ON COLUMN opigno.bulk_error.message IS
'the error message; it can contain the name of a member of the row that is unknown or repeated, '
'but no value';
COMMENT ON COLUMN opigno.bulk_error.line IS 'the row, if the load had keep_lines';
COMMENT ON COLUMN opigno.bulk_error.expires_at IS
'a week after the load: from then on the error is hidden, and the next load deletes it';

ALTER TABLE opigno.bulk_error ENABLE ROW LEVEL SECURITY;
CREATE POLICY bulk_error_of_role ON opigno.bulk_error FOR SELECT
    USING (recorded_by = quote_ident(current_user)::regrole AND expires_at > now());
COMMENT ON POLICY bulk_error_of_role ON opigno.bulk_error IS
'a role sees the errors of its own loads';

CREATE TABLE opigno.profile_migration (
    app_id integer PRIMARY KEY REFERENCES opigno.app,
    patch jsonb NOT NULL,
    after_uuid text COLLATE "C" NOT NULL,
    started_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
DO LANGUAGE plpgsql $$
BEGIN
    ALTER TABLE opigno.profile_migration ALTER COLUMN patch SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;
COMMENT ON TABLE opigno.profile_migration IS
'migrations of profiles that are not complete: opigno.migrate_profiles() writes them, and removes '
'them at the end';
COMMENT ON COLUMN opigno.profile_migration.app_id IS 'the app';
COMMENT ON COLUMN opigno.profile_migration.patch IS 'the merge patch';
COMMENT ON COLUMN opigno.profile_migration.after_uuid IS
'the user of the last profile that was processed; an empty text before the first one';
COMMENT ON COLUMN opigno.profile_migration.started_at IS 'start of the first batch';
COMMENT ON COLUMN opigno.profile_migration.updated_at IS 'start of the last batch';
SELECT pg_extension_config_dump('opigno.profile_migration', '');

ALTER TABLE opigno.profile_migration ENABLE ROW LEVEL SECURITY;
CREATE POLICY profile_migration_of_operators ON opigno.profile_migration FOR SELECT
    USING (opigno.reads_every_user());
COMMENT ON POLICY profile_migration_of_operators ON opigno.profile_migration IS
'operators and auditors see all';
