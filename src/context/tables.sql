/*
 * Domains have the CHECK constraints. The server parses those of a table for each statement, which
 * takes more than half as long again, and its error message would show the row.
 */
CREATE DOMAIN opigno.display_name AS text
    CONSTRAINT display_name_has_1_to_255_characters CHECK (char_length(VALUE) BETWEEN 1 AND 255);
COMMENT ON DOMAIN opigno.display_name IS 'Full name or pseudonym of a user, 1 to 255 characters.';

/*
 * id has a plain sequence and no unique index: every key contains the uuid, so that the table can
 * be sharded by user.
 */
CREATE SEQUENCE opigno.user_context_id_seq AS bigint;
COMMENT ON SEQUENCE opigno.user_context_id_seq IS 'ids of user contexts';

CREATE TABLE opigno.user_context (
    uuid opigno.user_uuid PRIMARY KEY,
    id bigint NOT NULL DEFAULT nextval('opigno.user_context_id_seq'),
    display_name opigno.display_name NOT NULL,
    is_active boolean NOT NULL,
    scope opigno.scope_list NOT NULL DEFAULT '{}',
    created_by_client_id bigint,
    version bigint NOT NULL
        DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
    account_version bigint NOT NULL
        DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
    preferences_version bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
) WITH (fillfactor = 90);
COMMENT ON TABLE opigno.user_context IS
'identity and permissions of users; written by opigno.set_user_context() and related functions';
COMMENT ON COLUMN opigno.user_context.uuid IS 'key of the user, in canonical form';
COMMENT ON COLUMN opigno.user_context.id IS
'internal number of the user context, from a sequence; a string in JSON';
COMMENT ON COLUMN opigno.user_context.display_name IS 'full name or pseudonym, 1 to 255 characters';
COMMENT ON COLUMN opigno.user_context.is_active IS 'whether the user can act';
COMMENT ON COLUMN opigno.user_context.scope IS
'granted scopes, without those that they imply; empty for an anonymous user';
COMMENT ON COLUMN opigno.user_context.created_by_client_id IS
'the client that created the user context; NULL if it was not created by a client';
COMMENT ON COLUMN opigno.user_context.version IS
'the clock in microseconds since 1970 at creation, and 1 more after each change of the user '
'context';
COMMENT ON COLUMN opigno.user_context.account_version IS
'the clock in microseconds since 1970 at creation, and 1 more after each change of display_name or '
'of the preference account_privacy; the version of the account is the sum of this number and of '
'opigno.account.version';
COMMENT ON COLUMN opigno.user_context.preferences_version IS
'0 until a preference is set, then the clock in microseconds since 1970, and 1 more after each '
'call that changes preferences of the user';
COMMENT ON COLUMN opigno.user_context.created_at IS
'start of the transaction that created the user context';
COMMENT ON COLUMN opigno.user_context.updated_at IS
'start of the transaction that last changed the user context';
SELECT pg_extension_config_dump('opigno.user_context_id_seq', '');
SELECT pg_extension_config_dump('opigno.user_context', '');
