CREATE TABLE opigno.training_profile (
    training_id opigno.training_id NOT NULL REFERENCES opigno.training,
    app_id integer NOT NULL REFERENCES opigno.app,
    profile_data jsonb NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (training_id, app_id)
) WITH (fillfactor = 80);
/* This fails on servers that are built without lz4. */
DO LANGUAGE plpgsql $$
BEGIN
    ALTER TABLE opigno.training_profile ALTER COLUMN profile_data SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;
COMMENT ON TABLE opigno.training_profile IS
'what each app stores about each training: one document per training and app; written by '
'opigno.upsert_training_profile() and related functions';
COMMENT ON COLUMN opigno.training_profile.training_id IS 'the training';
COMMENT ON COLUMN opigno.training_profile.app_id IS 'the app';
COMMENT ON COLUMN opigno.training_profile.profile_data IS 'the document: any JSON value';
COMMENT ON COLUMN opigno.training_profile.version IS
'the clock in microseconds since 1970 at creation, and 1 more after each change';
COMMENT ON COLUMN opigno.training_profile.created_at IS
'start of the transaction that created the profile';
COMMENT ON COLUMN opigno.training_profile.updated_at IS
'start of the transaction that last changed the profile';
SELECT pg_extension_config_dump('opigno.training_profile', '');

ALTER TABLE opigno.training_profile ENABLE ROW LEVEL SECURITY;
CREATE POLICY training_profile_of_request ON opigno.training_profile FOR SELECT
    USING (opigno.may_read_whole_training_profile(app_id));
COMMENT ON POLICY training_profile_of_request ON opigno.training_profile IS
'a request sees training profiles, without those of other apps that are private and those with '
'members that a schema hides from the request; operators, auditors and the level learning see all';
