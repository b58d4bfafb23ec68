CREATE DOMAIN opigno.domain_list AS text[]
    CONSTRAINT domain_list_is_a_list_of_names
    CHECK (array_position(VALUE, NULL) IS NULL AND coalesce(array_ndims(VALUE), 1) = 1);
COMMENT ON DOMAIN opigno.domain_list IS 'Domain names: one dimension, no NULL.';

CREATE SEQUENCE opigno.app_id_seq AS integer;
COMMENT ON SEQUENCE opigno.app_id_seq IS 'numbers for apps that are registered without one';

CREATE TABLE opigno.app (
    app_id integer PRIMARY KEY CONSTRAINT app_id_is_not_negative CHECK (app_id >= 0),
    app text NOT NULL
        CONSTRAINT app_has_1_to_255_characters CHECK (char_length(app) BETWEEN 1 AND 255),
    description text,
    domains opigno.domain_list NOT NULL DEFAULT '{}',
    is_private boolean NOT NULL DEFAULT false,
    max_profile_size integer NOT NULL DEFAULT 1048576
        CONSTRAINT max_profile_size_is_from_1_to_268435455
        CHECK (max_profile_size BETWEEN 1 AND 268435455),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT app_name_is_unique UNIQUE (app),
    CONSTRAINT app_change_is_announced CHECK (opigno.announce_app_change())
);
COMMENT ON TABLE opigno.app IS
'registered applications; written by opigno.register_app() and opigno.update_app()';
COMMENT ON COLUMN opigno.app.app_id IS
'number of the app, from 0; given at registration or taken from a sequence';
COMMENT ON COLUMN opigno.app.app IS 'name, 1 to 255 characters, unique';
COMMENT ON COLUMN opigno.app.description IS 'text for people';
COMMENT ON COLUMN opigno.app.domains IS 'domain names of the app';
COMMENT ON COLUMN opigno.app.is_private IS
'true: only requests of this app see its profiles; operators and auditors always see them';
COMMENT ON COLUMN opigno.app.max_profile_size IS
'largest text, in bytes, of a profile of this app that a request may write';
COMMENT ON COLUMN opigno.app.created_at IS 'start of the transaction that registered the app';
COMMENT ON COLUMN opigno.app.updated_at IS 'start of the transaction that last changed the app';
SELECT pg_extension_config_dump('opigno.app_id_seq', '');
SELECT pg_extension_config_dump('opigno.app', '');

/* Every role with a level reads the table. No policy permits writes, whatever has been granted. */
ALTER TABLE opigno.app ENABLE ROW LEVEL SECURITY;
CREATE POLICY app_of_all ON opigno.app FOR SELECT USING (true);
COMMENT ON POLICY app_of_all ON opigno.app IS 'apps are no secret';
