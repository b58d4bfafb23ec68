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
