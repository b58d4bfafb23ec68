/* Issuers of JWTs and their keys. */
CREATE OR REPLACE FUNCTION opigno.list_token_issuers()
    RETURNS TABLE (issuer text, app_id integer, audience text[], algorithm text, user_claim text,
                   operator_claim text, operator_value text, leeway integer, requires_iss boolean,
                   created_at timestamptz, updated_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
    SELECT i.issuer::text, i.app_id, i.audience, i.algorithm::text, i.user_claim, i.operator_claim,
        i.operator_value, i.leeway, i.requires_iss, i.created_at, i.updated_at
    FROM opigno.token_issuer AS i ORDER BY i.issuer;
END;
COMMENT ON FUNCTION opigno.list_token_issuers() IS
E'Returns the registered issuers of JWTs in the order of their names.\n'
'Operators and auditors see all issuers, and others none.\n'
'Implements the claim iss of RFC 7519.';

CREATE OR REPLACE FUNCTION opigno.register_token_issuer(
    issuer text, app_id integer DEFAULT NULL, audience text[] DEFAULT NULL,
    algorithm text DEFAULT NULL, user_claim text DEFAULT NULL, operator_claim text DEFAULT NULL,
    operator_value text DEFAULT NULL, leeway integer DEFAULT NULL,
    requires_iss boolean DEFAULT NULL,
    OUT issuer text, OUT app_id integer, OUT audience text[], OUT algorithm text,
    OUT user_claim text, OUT operator_claim text, OUT operator_value text, OUT leeway integer,
    OUT requires_iss boolean, OUT created_at timestamptz, OUT updated_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_register_token_issuer';
COMMENT ON FUNCTION opigno.register_token_issuer(text, integer, text[], text, text, text, text,
    integer, boolean) IS
E'Registers an issuer of JWTs, or changes the given properties of a registered one, and returns '
'its row as opigno.list_token_issuers() does.\n'
'NULL leaves a property unchanged. Requires the level operator.\n'
'issuer: the claim iss of the tokens, compared byte by byte; 1 to 1000 bytes without control '
'characters\n'
'app_id: the app of requests with such tokens. Default: none.\n'
'audience: at most 100 names of this service. A token must have one of them in its claim aud. An '
'empty array (default) refuses tokens that have the claim.\n'
'algorithm: RS256 (default), RS384, RS512 or PS256: the algorithm of RSA keys that are '
'registered without one. Keys that are registered already keep theirs.\n'
'user_claim: a JSON Pointer to the claim that names the user. Default /sub.\n'
'operator_claim: a JSON Pointer to the claim that makes an operator. An empty text removes it, '
'and then no token makes one, which is the default.\n'
'operator_value: the claim must be this string, or an array that contains it. An empty text '
'removes it, and then the claim must be true, which is the default.\n'
'leeway: the seconds by which the clocks of issuer and server may differ, from 0 to 300. Default '
'60.\n'
'requires_iss: false accepts tokens without the claim iss too. Default true.\n'
'Raises 22023 for invalid arguments; the error lists all of them.\n'
'Raises 23503 for an unknown app.\n'
'Raises 42501 if the caller does not have the level operator.\n'
'Implements the claims iss and aud of RFC 7519.';

CREATE OR REPLACE FUNCTION opigno.drop_token_issuer(issuer text) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_drop_token_issuer';
COMMENT ON FUNCTION opigno.drop_token_issuer(text) IS
E'Removes an issuer with all its keys, and returns whether it was registered.\n'
'Its tokens are refused from then on. Requires the level operator.\n'
'issuer: the name of the issuer\n'
'Raises 22023 for NULL.\n'
'Raises 42501 if the caller does not have the level operator.';

CREATE OR REPLACE FUNCTION opigno.list_token_keys()
    RETURNS TABLE (issuer text, key_id text, algorithm text, thumbprint text, is_of_set boolean,
                   created_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 20
BEGIN ATOMIC
    SELECT k.issuer::text, k.key_id::text, k.algorithm::text, encode(sha256(k.public_key), 'hex'),
        k.is_of_set, k.created_at
    FROM opigno.token_key AS k ORDER BY k.issuer, k.token_key_id;
END;
COMMENT ON FUNCTION opigno.list_token_keys() IS
E'Returns the keys that verify JWTs, without the keys themselves.\n'
'thumbprint is the SHA-256 of the public key as SubjectPublicKeyInfo in DER. It is NULL for '
'HS256: the hash of a secret would help to guess it. is_of_set is true for keys that '
'opigno.register_token_keys() registered. Operators and auditors see all keys, and others none.\n'
'Implements the key sets of RFC 7517.';

CREATE OR REPLACE FUNCTION opigno.register_token_key(
    issuer text, token_key text, key_id text DEFAULT NULL, algorithm text DEFAULT NULL,
    OUT issuer text, OUT key_id text, OUT algorithm text, OUT thumbprint text,
    OUT is_of_set boolean, OUT created_at timestamptz)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 500
    AS 'MODULE_PATHNAME', 'opigno_register_token_key';
COMMENT ON FUNCTION opigno.register_token_key(text, text, text, text) IS
E'Registers a key that verifies JWTs of an issuer, and returns its row as '
'opigno.list_token_keys() does.\n'
'A key with the same key_id and algorithm is replaced. Requires the level operator.\n'
'issuer: the name of a registered issuer\n'
'token_key: a public key or a certificate in PEM, or a JWK, of at most 65536 bytes. RSA keys have '
'2048 to 8192 bits, and EC keys are on P-256 or P-384. Of a certificate only the key is used. '
'With the algorithm HS256: the secret itself, 32 to 1024 bytes, or a JWK of the type oct. Who '
'knows this secret can make tokens for every user.\n'
'key_id: kid in the header of the tokens, 1 to 255 bytes. Default: that of the JWK. A key without '
'it is tried for every token of the issuer.\n'
'algorithm: RS256, RS384, RS512, PS256, ES256, ES384, EdDSA or HS256. The key is used with no '
'other algorithm. Default: that of the JWK, the only one of the key''s kind, or the issuer''s '
'algorithm for RSA keys.\n'
'Raises 0A000 in a build without libcrypto.\n'
'Raises 22023 for invalid arguments, and for a private key, which is not stored.\n'
'Raises 23503 for an unknown issuer.\n'
'Raises 42501 if the caller does not have the level operator.\n'
'Implements RFC 7517 and RFC 8037.';

CREATE OR REPLACE FUNCTION opigno.register_token_keys(
    issuer text, jwks json,
    OUT registered integer, OUT removed integer, OUT skipped text[])
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 2000
    AS 'MODULE_PATHNAME', 'opigno_register_token_keys';
COMMENT ON FUNCTION opigno.register_token_keys(text, json) IS
E'Registers the key set of an issuer in the place of the set that was registered before.\n'
'Returns how many keys of the set are registered now, how many keys were removed, and a text for '
'each key that was skipped. Keys that opigno.register_token_key() registered remain, unless the '
'set has a key with the same kid and algorithm. Requires the level operator.\n'
'issuer: the name of a registered issuer\n'
'jwks: a JWK Set, {"keys": [...]}, of at most 262144 bytes and 100 keys. Keys for encryption and '
'keys of other types and algorithms are skipped, and so are symmetric keys.\n'
'Raises 0A000 in a build without libcrypto.\n'
'Raises 22023 for a set without a usable key, and for a set with a private key. Nothing is '
'changed then.\n'
'Raises 23503 for an unknown issuer.\n'
'Raises 42501 if the caller does not have the level operator.\n'
'Implements the JWK Sets of RFC 7517.';

CREATE OR REPLACE FUNCTION opigno.drop_token_key(
    issuer text, key_id text DEFAULT NULL, thumbprint text DEFAULT NULL) RETURNS integer
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_drop_token_key';
COMMENT ON FUNCTION opigno.drop_token_key(text, text, text) IS
E'Removes keys of an issuer, and returns how many.\n'
'Requires the level operator.\n'
'issuer: the name of the issuer\n'
'key_id: the keys with this key_id. NULL: the keys without one.\n'
'thumbprint: only the key with this thumbprint, whatever its key_id is; as '
'opigno.list_token_keys() shows it\n'
'Raises 22023 if issuer is NULL, or if both key_id and thumbprint are given.\n'
'Raises 42501 if the caller does not have the level operator.';
