CREATE OR REPLACE FUNCTION opigno.list_clients()
    RETURNS TABLE (client_id bigint, client_key text, app_id integer, label text, may_act_for text,
        may_grant_scopes text[], is_operator boolean, expires_at timestamptz,
        expires_soon boolean, revoked_at timestamptz, created_at timestamptz,
        updated_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 20
BEGIN ATOMIC
    SELECT c.client_id, c.client_key, c.app_id, c.label, c.may_act_for,
        c.may_grant_scopes::text[], c.is_operator, c.expires_at,
        c.revoked_at IS NULL AND c.expires_at < now() + interval '30 days', c.revoked_at,
        c.created_at, c.updated_at
    FROM opigno.client AS c ORDER BY c.client_id;
END;
COMMENT ON FUNCTION opigno.list_clients() IS
E'Returns all clients in the order of client_id, without anything of their secrets.\n'
'The column expires_soon is true for a client that expires within 30 days or has expired, unless '
'it is revoked. Shows nothing to callers who are neither operator nor auditor.';

CREATE OR REPLACE FUNCTION opigno.list_client_credentials(
    client_id bigint DEFAULT NULL, OUT client_id bigint, OUT kind text,
    OUT created_at timestamptz, OUT expires_at timestamptz) RETURNS SETOF record
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 1000 ROWS 100
    AS 'MODULE_PATHNAME', 'opigno_list_client_credentials';
COMMENT ON FUNCTION opigno.list_client_credentials(bigint) IS
E'Returns the secrets and the access tokens that are valid now, without their hashes: one row '
'each, by client, kind and time.\n'
'kind is secret or token. A client has several secrets after opigno.rotate_client_secret() with a '
'time. Requires the level operator.\n'
'client_id: the number of the client; NULL for all clients\n'
'Raises 42501 if the caller does not have the level operator.';

CREATE OR REPLACE FUNCTION opigno.register_client(
    app_id integer, label text, may_act_for text DEFAULT NULL,
    may_grant_scopes text[] DEFAULT NULL, is_operator boolean DEFAULT NULL,
    expires_at timestamptz DEFAULT NULL,
    OUT client_id bigint, OUT client_key text, OUT client_secret text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_register_client';
COMMENT ON FUNCTION opigno.register_client(
    integer, text, text, text[], boolean, timestamptz) IS
E'Registers a client of an app, and returns its number, its key and its secret.\n'
'Only this call shows the secret: the database stores its SHA-256. The secret begins with '
'opigno_secret_. The server of the app exchanges key and secret for access tokens with '
'opigno.issue_access_token(). Requires the level operator.\n'
'app_id: the app to which the client belongs\n'
'label: the name for people, 1 to 255 characters, one of them visible, without bidirectional '
'control characters\n'
'may_act_for: created (users that the client created, and those of opigno.grant_user(); the '
'default) or all (every user)\n'
'may_grant_scopes: the scopes that the client may grant to users and take away from them. Default '
'{AUTHENTICATED}.\n'
'is_operator: if true, requests of the client act on every user as an operator does. Default '
'false.\n'
'expires_at: from this time on the client is refused; infinity: never. Default in one year.\n'
'Raises 22023 for invalid arguments; the error lists all of them.\n'
'Raises 23503 for an unknown app.\n'
'Raises 42501 if the caller does not have the level operator.\n'
'Implements the clients ("access tokens") of Opigno''s back office.';

CREATE OR REPLACE FUNCTION opigno.update_client(
    client_id bigint, label text DEFAULT NULL, may_act_for text DEFAULT NULL,
    may_grant_scopes text[] DEFAULT NULL, is_operator boolean DEFAULT NULL,
    expires_at timestamptz DEFAULT NULL) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_update_client';
COMMENT ON FUNCTION opigno.update_client(
    bigint, text, text, text[], boolean, timestamptz) IS
E'Changes the given properties of a client. NULL leaves a property unchanged.\n'
'The change is valid for requests that begin after it, also for those with older access tokens. '
'Requires the level operator.\n'
'client_id: the number of the client\n'
'label: as in opigno.register_client()\n'
'may_act_for: as in opigno.register_client()\n'
'may_grant_scopes: as in opigno.register_client()\n'
'is_operator: as in opigno.register_client()\n'
'expires_at: as in opigno.register_client()\n'
'Raises 22023 for invalid arguments; the error lists all of them.\n'
'Raises 23503 for an unknown client.\n'
'Raises 42501 if the caller does not have the level operator.\n'
'Raises PT409 for a revoked client.';

CREATE OR REPLACE FUNCTION opigno.rotate_client_secret(
    client_id bigint, old_expires_at timestamptz DEFAULT NULL) RETURNS text
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_rotate_client_secret';
COMMENT ON FUNCTION opigno.rotate_client_secret(bigint, timestamptz) IS
E'Gives a client a new secret and returns the secret. Only this call shows it.\n'
'Access tokens that the client has remain valid; opigno.revoke_client_tokens() revokes them. '
'Requires the level operator.\n'
'client_id: the number of the client\n'
'old_expires_at: until when the older secrets are accepted, at most 366 days from now. '
'NULL: no longer.\n'
'Raises 22023 for invalid arguments; the error lists all of them.\n'
'Raises 23503 for an unknown client.\n'
'Raises 42501 if the caller does not have the level operator.\n'
'Raises PT409 for a revoked client.';

CREATE OR REPLACE FUNCTION opigno.revoke_client(client_id bigint) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_revoke_client';
COMMENT ON FUNCTION opigno.revoke_client(bigint) IS
E'Revokes a client for ever, with its secrets and access tokens. Returns false if it was revoked '
'before.\n'
'Requests of the client that have begun end with their transactions. Requires the level '
'operator.\n'
'client_id: the number of the client\n'
'Raises 22023 if client_id is NULL.\n'
'Raises 23503 for an unknown client.\n'
'Raises 42501 if the caller does not have the level operator.';

CREATE OR REPLACE FUNCTION opigno.revoke_client_tokens(client_id bigint) RETURNS bigint
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_revoke_client_tokens';
COMMENT ON FUNCTION opigno.revoke_client_tokens(bigint) IS
E'Revokes all access tokens of a client, and returns their number. The client can get new ones.\n'
'A token whose transaction has not committed yet remains valid. Requires the level operator.\n'
'client_id: the number of the client\n'
'Raises 22023 if client_id is NULL.\n'
'Raises 23503 for an unknown client.\n'
'Raises 42501 if the caller does not have the level operator.';

CREATE OR REPLACE FUNCTION opigno.grant_user(client_id bigint, user_uuid text) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_grant_user';
COMMENT ON FUNCTION opigno.grant_user(bigint, text) IS
E'Lets a client act for a user that it did not create. Returns false if it could before by this '
'function.\n'
'Requires the level operator.\n'
'client_id: the number of the client\n'
'user_uuid: the user\n'
'Raises 22023 for invalid arguments; the error lists all of them.\n'
'Raises 23503 for an unknown client or user.\n'
'Raises 42501 if the caller does not have the level operator.\n'
'Raises PT409 for a revoked client.';

CREATE OR REPLACE FUNCTION opigno.revoke_user(client_id bigint, user_uuid text) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_revoke_user';
COMMENT ON FUNCTION opigno.revoke_user(bigint, text) IS
E'Takes back what opigno.grant_user() gave. Returns false if there was nothing.\n'
'A client acts for the users that it created nevertheless. Requires the level operator.\n'
'client_id: the number of the client\n'
'user_uuid: the user\n'
'Raises 22023 for invalid arguments; the error lists all of them.\n'
'Raises 23503 for an unknown client.\n'
'Raises 42501 if the caller does not have the level operator.';

CREATE OR REPLACE FUNCTION opigno.issue_access_token(
    client_key text DEFAULT NULL, client_secret text DEFAULT NULL, grant_type text DEFAULT NULL,
    scope text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_issue_access_token';
COMMENT ON FUNCTION opigno.issue_access_token(text, text, text, text) IS
E'Issues an access token to a client, and returns the answer of OAuth 2.0.\n'
'The answer is {"access_token","token_type":"Bearer","expires_in":3600}, or {"error",'
'"error_description"} with the error invalid_request, unsupported_grant_type, invalid_client or '
'invalid_scope. The token begins with opigno_token_. It is valid for an hour, but not longer than '
'the client. Only this call shows it: the database stores its SHA-256. The server log has the '
'reason of invalid_client. Pass the arguments as parameters: literals can be logged. Requires the '
'level user, gateway or operator, but no request.\n'
'client_key: the key of the client, the client_id of OAuth 2.0\n'
'client_secret: the secret of the client\n'
'grant_type: client_credentials\n'
'scope: read, the only OAuth scope of Opigno, an empty text or NULL. It limits nothing.\n'
'Raises 42501 if the caller does not have one of these levels.\n'
'Implements POST /oauth/token of Opigno and RFC 6749, section 4.4.';

CREATE OR REPLACE FUNCTION opigno.revoke_access_token(
    access_token text, client_key text DEFAULT NULL, client_secret text DEFAULT NULL)
    RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_revoke_access_token';
COMMENT ON FUNCTION opigno.revoke_access_token(text, text, text) IS
E'Revokes an access token. Returns false if it was not valid, or is of another client.\n'
'A client may revoke its own tokens: it gives its key and secret, or calls the function in a '
'request. Operators may revoke every token. Requests that have begun with the token end with '
'their transactions. Pass the arguments as parameters: literals can be logged. Requires the level '
'user, gateway or operator.\n'
'access_token: the token\n'
'client_key: the key of the client; NULL in a request of the client, and for operators\n'
'client_secret: the secret of the client; NULL as client_key\n'
'Raises 22023 if access_token is NULL.\n'
'Raises 28000 if no client and no operator asks. The server log has the reason.\n'
'Raises 42501 if the caller does not have one of these levels.\n'
'Implements RFC 7009.';

CREATE OR REPLACE FUNCTION opigno.introspect_access_token(
    access_token text, client_key text DEFAULT NULL, client_secret text DEFAULT NULL) RETURNS json
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_introspect_access_token';
COMMENT ON FUNCTION opigno.introspect_access_token(text, text, text) IS
E'Returns whether an access token is valid: {"active":true,"client_id","token_type","exp","iat"} '
'or {"active":false}.\n'
'client_id is the key of the client, exp and iat are seconds since 1970. A token of another '
'client is shown as not active, as is a JWT. Pass the arguments as parameters: literals can be '
'logged. Who may ask, and how, is as in '
'opigno.revoke_access_token().\n'
'access_token: the token\n'
'client_key: as in opigno.revoke_access_token()\n'
'client_secret: as in opigno.revoke_access_token()\n'
'Raises 22023 if access_token is NULL.\n'
'Raises 28000 if no client and no operator asks. The server log has the reason.\n'
'Raises 42501 if the caller does not have the level user, gateway or operator.\n'
'Implements RFC 7662.';

CREATE OR REPLACE FUNCTION opigno.delete_expired_access_tokens(
    max_rows integer, after_expires_at timestamptz DEFAULT NULL,
    OUT deleted bigint, OUT last_expires_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_delete_expired_access_tokens';
COMMENT ON FUNCTION opigno.delete_expired_access_tokens(integer, timestamptz) IS
E'Deletes the access tokens that expired first. opigno.purge_access_tokens() calls it for each '
'batch.\n'
'Leaves out tokens that another transaction has locked. Returns the number of deleted tokens, and '
'where the next batch begins. Requires the level operator.\n'
'max_rows: the largest number of tokens\n'
'after_expires_at: last_expires_at of the batch before; NULL for the first batch\n'
'Raises 22023 if max_rows is NULL or not positive.\n'
'Raises 42501 if the caller does not have the level operator.';

/* A procedure that commits cannot have SET, so all names are qualified. */
CREATE OR REPLACE PROCEDURE opigno.purge_access_tokens(
    batch_rows integer DEFAULT NULL, INOUT deleted bigint DEFAULT NULL)
    LANGUAGE plpgsql AS $$
DECLARE
    batch pg_catalog.record;
    after pg_catalog.timestamptz;
BEGIN
    IF batch_rows OPERATOR(pg_catalog.<) 1 THEN
        RAISE '"batch_rows" must be positive' USING ERRCODE = '22023';
    END IF;
    IF NOT opigno.may_commit() THEN
        RAISE 'opigno.purge_access_tokens() cannot run inside a transaction block'
            USING ERRCODE = '25001',
            HINT = 'It commits each batch: call it in a statement of its own.';
    END IF;
    deleted := 0;
    LOOP
        SELECT * INTO batch
        FROM opigno.delete_expired_access_tokens(coalesce(batch_rows, 1000), after);
        COMMIT;
        EXIT WHEN batch.deleted OPERATOR(pg_catalog.=) 0;
        deleted := deleted OPERATOR(pg_catalog.+) batch.deleted;
        after := batch.last_expires_at;
    END LOOP;
END
$$;
COMMENT ON PROCEDURE opigno.purge_access_tokens(integer, bigint) IS
E'Deletes all expired access tokens, and commits after each batch.\n'
'Other sessions issue and check tokens meanwhile. Requires the level operator.\n'
'batch_rows: the number of tokens in a batch. Default 1000.\n'
'deleted: the result: the number of deleted tokens\n'
'Raises 22023 if batch_rows is not positive.\n'
'Raises 25001 inside a transaction block, a function or a block with EXCEPTION.\n'
'Raises 42501 if the caller does not have the level operator.';

CREATE OR REPLACE FUNCTION opigno.begin_request(
    authorization text, client_uuid text DEFAULT NULL, user_assertion text DEFAULT NULL)
    RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_begin_request';
COMMENT ON FUNCTION opigno.begin_request(text, text, text) IS
E'Begins a request for a user. The request ends with the transaction, or with the next call.\n'
'The function checks the token and whether its client may act for the user. It writes nothing, so '
'it works on a hot standby. If the user context does not exist or is not active, the request may '
'only read and set that user context, unless another client creates it first. A token that is '
'revoked or expires afterwards does not end the request. After an error that is caught, by '
'ROLLBACK TO SAVEPOINT or EXCEPTION, the request before is in force again. Pass the arguments as '
'parameters: literals can be logged. Requires the level user, gateway or operator.\n'
'authorization: the header Authorization: Bearer or JWT, in any letter case, and an access token '
'or a JWT\n'
'client_uuid: the header Opigno-Client-UUID: the user. Requests of operators need none, nor does '
'a JWT that names its user.\n'
'user_assertion: on a shard or hub that does not store the user: the result of '
'opigno.issue_user_assertion() on the shard that does, which roles of the level gateway can call. '
'It is ignored if it is not valid.\n'
'Raises 22023 for an invalid client_uuid.\n'
'Raises 28000 if the token is missing, malformed, unknown, expired or revoked, with one message '
'for all; the server log has the reason. Also if the request names no user.\n'
'Raises 42501 if the client may not act for the user, if client_uuid is not the user of the JWT, '
'and if the caller does not have one of these levels.\n'
'Raises PT409 for an operator''s JWT without an assertion, if its user is on another server.\n'
'Implements the headers Authorization and Opigno-Client-UUID of Opigno.';
