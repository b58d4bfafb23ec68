/* Clients: the credentials by which the server of an app authenticates. Secrets are elsewhere. */
CREATE SEQUENCE opigno.client_id_seq AS bigint;
COMMENT ON SEQUENCE opigno.client_id_seq IS 'ids of clients';

CREATE TABLE opigno.client (
    client_id bigint PRIMARY KEY,
    client_key text COLLATE "C" NOT NULL CONSTRAINT client_key_is_unique UNIQUE,
    app_id integer NOT NULL CONSTRAINT client_app_exists REFERENCES opigno.app,
    label text NOT NULL CONSTRAINT client_label_has_1_to_255_characters
        CHECK (char_length(label) BETWEEN 1 AND 255),
    may_act_for text COLLATE "C" NOT NULL DEFAULT 'created'
        CONSTRAINT client_may_act_for_created_or_all CHECK (may_act_for IN ('created', 'all')),
    may_grant_scopes opigno.scope_list NOT NULL DEFAULT '{AUTHENTICATED}',
    is_operator boolean NOT NULL DEFAULT false,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
COMMENT ON TABLE opigno.client IS
'clients of apps; written by opigno.register_client() and related functions';
COMMENT ON COLUMN opigno.client.client_id IS 'number of the client, from a sequence';
COMMENT ON COLUMN opigno.client.client_key IS
'public name of the client, the client_id of OAuth 2.0: a random UUID';
COMMENT ON COLUMN opigno.client.app_id IS 'the app to which the client belongs';
COMMENT ON COLUMN opigno.client.label IS 'name for people, 1 to 255 characters';
COMMENT ON COLUMN opigno.client.may_act_for IS
'the users for whom the client may act: created (those that it created or was granted) or all';
COMMENT ON COLUMN opigno.client.may_grant_scopes IS
'scopes that the client may grant to users and take away from them';
COMMENT ON COLUMN opigno.client.is_operator IS 'true: requests of the client act on every user';
COMMENT ON COLUMN opigno.client.expires_at IS
'from this time on the secrets and access tokens of the client are refused';
COMMENT ON COLUMN opigno.client.revoked_at IS
'time of opigno.revoke_client(); NULL for a client that was not revoked';
COMMENT ON COLUMN opigno.client.created_at IS 'start of the transaction that registered the client';
COMMENT ON COLUMN opigno.client.updated_at IS
'start of the transaction that last changed the client';
SELECT pg_extension_config_dump('opigno.client_id_seq', '');
SELECT pg_extension_config_dump('opigno.client', '');

ALTER TABLE opigno.client ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_of_operators ON opigno.client FOR SELECT
    USING (opigno.reads_every_user());
COMMENT ON POLICY client_of_operators ON opigno.client IS 'operators and auditors see all';

/*
 * A secret has 256 random bits, so its hash cannot be guessed back and needs no salt. The check of
 * a secret is one look-up by its hash: the time that it takes says nothing about stored hashes.
 */
CREATE TABLE opigno.client_secret (
    secret_hash bytea PRIMARY KEY
        CONSTRAINT secret_hash_has_32_bytes CHECK (length(secret_hash) = 32),
    client_id bigint NOT NULL CONSTRAINT secret_client_exists REFERENCES opigno.client,
    expires_at timestamptz,
    created_at timestamptz NOT NULL
);
CREATE INDEX client_secret_client_id ON opigno.client_secret (client_id);
COMMENT ON TABLE opigno.client_secret IS
'hashes of the secrets of clients; no level of access can read them';
COMMENT ON COLUMN opigno.client_secret.secret_hash IS 'SHA-256 of the secret';
COMMENT ON COLUMN opigno.client_secret.client_id IS 'the client';
COMMENT ON COLUMN opigno.client_secret.expires_at IS
'from this time on the secret is refused; NULL for the current secret';
COMMENT ON COLUMN opigno.client_secret.created_at IS
'start of the transaction that made the secret';
SELECT pg_extension_config_dump('opigno.client_secret', '');

ALTER TABLE opigno.client_secret ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_secret_of_nobody ON opigno.client_secret FOR SELECT USING (false);
COMMENT ON POLICY client_secret_of_nobody ON opigno.client_secret IS
'only the owner and superusers, to whom row security does not apply';

CREATE TABLE opigno.client_user (
    user_uuid opigno.user_uuid
        CONSTRAINT client_user_exists REFERENCES opigno.user_context ON DELETE CASCADE,
    client_id bigint CONSTRAINT user_client_exists REFERENCES opigno.client,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (user_uuid, client_id)
);
CREATE INDEX client_user_client_id ON opigno.client_user (client_id);
COMMENT ON TABLE opigno.client_user IS
'users that a client did not create and may act for nevertheless; written by opigno.grant_user()';
COMMENT ON COLUMN opigno.client_user.user_uuid IS 'the user';
COMMENT ON COLUMN opigno.client_user.client_id IS 'the client';
COMMENT ON COLUMN opigno.client_user.created_at IS
'start of the transaction that granted the user';
SELECT pg_extension_config_dump('opigno.client_user', '');

ALTER TABLE opigno.client_user ENABLE ROW LEVEL SECURITY;
CREATE POLICY client_user_of_operators ON opigno.client_user FOR SELECT
    USING (opigno.reads_every_user());
COMMENT ON POLICY client_user_of_operators ON opigno.client_user IS
'operators and auditors see all';

/*
 * Tokens have no foreign key: it would lock the client's row for each token that is issued, and
 * sessions that issue tokens for one client would wait for each other's log flushes. The check
 * joins the client. Dumps leave the table out.
 */
CREATE TABLE opigno.access_token (
    token_hash bytea PRIMARY KEY
        CONSTRAINT token_hash_has_32_bytes CHECK (length(token_hash) = 32),
    client_id bigint NOT NULL,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX access_token_expires_at ON opigno.access_token (expires_at);
COMMENT ON TABLE opigno.access_token IS
'access tokens; written by opigno.issue_access_token(); no level of access can read them';
COMMENT ON COLUMN opigno.access_token.token_hash IS 'SHA-256 of the token';
COMMENT ON COLUMN opigno.access_token.client_id IS 'the client that the token was issued to';
COMMENT ON COLUMN opigno.access_token.issued_at IS 'when the token was issued';
COMMENT ON COLUMN opigno.access_token.expires_at IS 'from this time on the token is refused';
COMMENT ON COLUMN opigno.access_token.revoked_at IS
'when the token was revoked; NULL for a token that was not revoked';

ALTER TABLE opigno.access_token ENABLE ROW LEVEL SECURITY;
CREATE POLICY access_token_of_nobody ON opigno.access_token FOR SELECT USING (false);
COMMENT ON POLICY access_token_of_nobody ON opigno.access_token IS
'only the owner and superusers, to whom row security does not apply';
