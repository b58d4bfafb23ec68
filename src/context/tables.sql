/* A plain sequence and no unique index on id: keys contain the uuid, so that the table distributes by user. */
CREATE SEQUENCE opigno.user_context_id_seq AS bigint;
COMMENT ON SEQUENCE opigno.user_context_id_seq IS 'ids of user contexts';

CREATE TABLE opigno.user_context (
    uuid opigno.user_uuid PRIMARY KEY,
    id bigint NOT NULL DEFAULT nextval('opigno.user_context_id_seq'),
    display_name text NOT NULL
        CONSTRAINT user_context_display_name_length CHECK (char_length(display_name) BETWEEN 1 AND 255),
    is_active boolean NOT NULL,
    scope text[] COLLATE "C" NOT NULL DEFAULT '{}'
        CONSTRAINT user_context_scope_names
        CHECK (array_position(scope, NULL) IS NULL AND coalesce(array_ndims(scope), 1) = 1),
    created_by_client_id bigint,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
COMMENT ON TABLE opigno.user_context IS 'identity and permissions of users; written by opigno.set_user_context() and its kin';
COMMENT ON COLUMN opigno.user_context.uuid IS 'key of the user, in canonical form';
COMMENT ON COLUMN opigno.user_context.id IS 'internal number of the user context, from a sequence; shown as a string in JSON';
COMMENT ON COLUMN opigno.user_context.display_name IS 'full name or pseudonym, 1 to 255 characters';
COMMENT ON COLUMN opigno.user_context.is_active IS 'false: unpublished, the user cannot act';
COMMENT ON COLUMN opigno.user_context.scope IS 'scopes granted, without those they imply; empty for an anonymous user';
COMMENT ON COLUMN opigno.user_context.created_by_client_id IS 'the client that created the user context; NULL where none did';
COMMENT ON COLUMN opigno.user_context.created_at IS 'start of the transaction that created the user context';
COMMENT ON COLUMN opigno.user_context.updated_at IS 'start of the transaction that changed the user context last';
REVOKE ALL ON TABLE opigno.user_context FROM PUBLIC;
REVOKE ALL ON SEQUENCE opigno.user_context_id_seq FROM PUBLIC;
SELECT pg_extension_config_dump('opigno.user_context_id_seq', '');
SELECT pg_extension_config_dump('opigno.user_context', '');
