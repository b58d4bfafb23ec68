/* Issuers of JWTs and the keys that verify their signatures. */
CREATE TABLE opigno.token_issuer (
    issuer text COLLATE "C" PRIMARY KEY
        CONSTRAINT issuer_has_1_to_1000_bytes CHECK (octet_length(issuer) BETWEEN 1 AND 1000),
    app_id integer CONSTRAINT issuer_app_exists REFERENCES opigno.app,
    audience text[] NOT NULL DEFAULT '{}'
        CONSTRAINT audience_is_a_list CHECK (array_position(audience, NULL) IS NULL),
    algorithm text COLLATE "C" NOT NULL DEFAULT 'RS256'
        CONSTRAINT issuer_algorithm_is_for_rsa
        CHECK (algorithm IN ('RS256', 'RS384', 'RS512', 'PS256')),
    user_claim text NOT NULL DEFAULT '/sub',
    operator_claim text,
    operator_value text,
    leeway integer NOT NULL DEFAULT 60
        CONSTRAINT leeway_is_from_0_to_300 CHECK (leeway BETWEEN 0 AND 300),
    requires_iss boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
COMMENT ON TABLE opigno.token_issuer IS
'issuers whose JWTs are accepted; written by opigno.register_token_issuer()';
COMMENT ON COLUMN opigno.token_issuer.issuer IS 'the claim iss of the tokens; 1 to 1000 bytes';
COMMENT ON COLUMN opigno.token_issuer.app_id IS
'the app of requests with such tokens; NULL: they have no app';
COMMENT ON COLUMN opigno.token_issuer.audience IS
'one of these must be in the claim aud; empty: a token with aud is refused';
COMMENT ON COLUMN opigno.token_issuer.algorithm IS
'algorithm of RSA keys that are registered without one';
COMMENT ON COLUMN opigno.token_issuer.user_claim IS
'JSON Pointer to the claim that names the user';
COMMENT ON COLUMN opigno.token_issuer.operator_claim IS
'JSON Pointer to the claim that makes an operator; NULL: no token does';
COMMENT ON COLUMN opigno.token_issuer.operator_value IS
'the claim is this string, or an array with it; NULL: the claim is true';
COMMENT ON COLUMN opigno.token_issuer.leeway IS
'seconds by which the clocks of issuer and server may differ';
COMMENT ON COLUMN opigno.token_issuer.requires_iss IS
'false: tokens without the claim iss are verified with the keys of this issuer too';
COMMENT ON COLUMN opigno.token_issuer.created_at IS
'start of the transaction that registered the issuer';
COMMENT ON COLUMN opigno.token_issuer.updated_at IS
'start of the transaction that last changed the issuer';
SELECT pg_extension_config_dump('opigno.token_issuer', '');

ALTER TABLE opigno.token_issuer ENABLE ROW LEVEL SECURITY;
CREATE POLICY token_issuer_of_operators ON opigno.token_issuer FOR SELECT
    USING (opigno.reads_every_user());
COMMENT ON POLICY token_issuer_of_operators ON opigno.token_issuer IS
'operators and auditors see all';

CREATE SEQUENCE opigno.token_key_id_seq AS bigint;
COMMENT ON SEQUENCE opigno.token_key_id_seq IS 'ids of token keys';

/* A key has one algorithm, so that the header of a token cannot choose how its key is used. */
CREATE TABLE opigno.token_key (
    token_key_id bigint PRIMARY KEY,
    issuer text COLLATE "C" NOT NULL
        CONSTRAINT token_key_issuer_exists REFERENCES opigno.token_issuer ON DELETE CASCADE,
    algorithm text COLLATE "C" NOT NULL
        CONSTRAINT token_key_algorithm_is_supported
        CHECK (algorithm IN
            ('RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA', 'HS256')),
    key_id text COLLATE "C",
    public_key bytea,
    is_of_set boolean NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT token_key_is_unique UNIQUE (issuer, algorithm, key_id),
    CONSTRAINT token_key_of_hs256_has_no_public_key
        CHECK ((public_key IS NULL) = (algorithm = 'HS256'))
);
COMMENT ON TABLE opigno.token_key IS
'keys that verify JWTs; written by opigno.register_token_key() and opigno.register_token_keys()';
COMMENT ON COLUMN opigno.token_key.token_key_id IS 'number of the key, from a sequence';
COMMENT ON COLUMN opigno.token_key.issuer IS 'the issuer';
COMMENT ON COLUMN opigno.token_key.algorithm IS
'the only algorithm that the key is used with: alg in the header of a token';
COMMENT ON COLUMN opigno.token_key.key_id IS
'kid in the header of a token; NULL: the key is tried for every token of its issuer';
COMMENT ON COLUMN opigno.token_key.public_key IS
'SubjectPublicKeyInfo in DER; NULL for HS256, whose keys are in opigno.token_secret';
COMMENT ON COLUMN opigno.token_key.is_of_set IS
'opigno.register_token_keys() has registered the key, and will remove it';
COMMENT ON COLUMN opigno.token_key.created_at IS
'start of the transaction that registered the key';
SELECT pg_extension_config_dump('opigno.token_key_id_seq', '');
/* A dump has no secrets, and so no keys that need one. */
SELECT pg_extension_config_dump('opigno.token_key', $$WHERE algorithm <> 'HS256'$$);

ALTER TABLE opigno.token_key ENABLE ROW LEVEL SECURITY;
CREATE POLICY token_key_of_operators ON opigno.token_key FOR SELECT
    USING (opigno.reads_every_user());
COMMENT ON POLICY token_key_of_operators ON opigno.token_key IS 'operators and auditors see all';

CREATE TABLE opigno.token_secret (
    token_key_id bigint PRIMARY KEY
        CONSTRAINT token_secret_key_exists REFERENCES opigno.token_key ON DELETE CASCADE,
    secret bytea NOT NULL
        CONSTRAINT token_secret_has_32_to_1024_bytes CHECK (length(secret) BETWEEN 32 AND 1024)
);
COMMENT ON TABLE opigno.token_secret IS
'keys of HS256, with which tokens can be forged; no level of access can read them, and dumps '
'leave them out';
COMMENT ON COLUMN opigno.token_secret.token_key_id IS 'the key that has this secret';
COMMENT ON COLUMN opigno.token_secret.secret IS 'the secret';

ALTER TABLE opigno.token_secret ENABLE ROW LEVEL SECURITY;
CREATE POLICY token_secret_of_nobody ON opigno.token_secret FOR SELECT USING (false);
COMMENT ON POLICY token_secret_of_nobody ON opigno.token_secret IS
'only the owner and superusers, to whom row security does not apply';
