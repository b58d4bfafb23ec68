/* What this server is in a sharded system. */
CREATE TABLE opigno.server_role (
    is_this_server boolean PRIMARY KEY DEFAULT true
        CONSTRAINT server_has_one_role CHECK (is_this_server),
    server_kind text COLLATE "C" NOT NULL
        CONSTRAINT server_kind_is_known CHECK (server_kind IN ('shard', 'hub')),
    shard integer,
    shards integer CONSTRAINT shards_is_from_1_to_65536 CHECK (shards BETWEEN 1 AND 65536),
    changed_at timestamptz NOT NULL,
    from_shards integer,
    to_shards integer,
    slots integer,
    first_number bigint,
    CONSTRAINT users_move_between_shards
        CHECK (CASE WHEN slots IS NULL
            THEN from_shards IS NULL AND to_shards IS NULL AND first_number IS NULL
            ELSE server_kind = 'shard' AND slots BETWEEN 1 AND 4096 AND first_number IS NOT NULL
                AND (from_shards IS NULL) <> (to_shards IS NULL)
                AND coalesce(shards % from_shards = 0 AND shard >= from_shards,
                    to_shards > shards AND to_shards <= 65536 AND to_shards % shards = 0) END),
    CONSTRAINT only_a_shard_has_a_number
        CHECK (CASE server_kind WHEN 'shard'
            THEN shards IS NOT NULL AND coalesce(shard BETWEEN 0 AND shards - 1, false)
            ELSE shard IS NULL AND shards IS NULL END),
    CONSTRAINT server_role_change_is_announced CHECK (opigno.announce_server_role_change())
);
COMMENT ON TABLE opigno.server_role IS
'at most one row: what this server is in a system that is sharded by user; no row: a server on its '
'own; written by opigno.become_shard(), opigno.become_hub() and opigno.become_single_server()';
COMMENT ON COLUMN opigno.server_role.is_this_server IS 'always true';
COMMENT ON COLUMN opigno.server_role.server_kind IS
'shard (stores the users of one shard) or hub (stores the registries, and no users)';
COMMENT ON COLUMN opigno.server_role.shard IS
'number of this shard, 0 to shards - 1, as opigno.user_shard() returns it; NULL on a hub';
COMMENT ON COLUMN opigno.server_role.shards IS 'number of shards; NULL on a hub';
COMMENT ON COLUMN opigno.server_role.changed_at IS
'start of the transaction that last changed what the server is';
COMMENT ON COLUMN opigno.server_role.from_shards IS
'while users move to this shard: the number of shards that they come from; NULL otherwise';
COMMENT ON COLUMN opigno.server_role.to_shards IS
'while users move from this shard: the number of shards that they go to; NULL otherwise';
COMMENT ON COLUMN opigno.server_role.slots IS
'while users move: the number of slots of each new shard; NULL otherwise';
COMMENT ON COLUMN opigno.server_role.first_number IS
'while users move: the sequences of the old shard had given only numbers below this one, and those '
'of the new shard give no others; NULL otherwise';
SELECT pg_extension_config_dump('opigno.server_role', '');

ALTER TABLE opigno.server_role ENABLE ROW LEVEL SECURITY;
CREATE POLICY server_role_of_all ON opigno.server_role FOR SELECT USING (true);
COMMENT ON POLICY server_role_of_all ON opigno.server_role IS
'what the server is, is no secret';

/* A secret that is lost is replaced: dumps do not have it. */
CREATE TABLE opigno.shard_secret (
    secret bytea PRIMARY KEY CONSTRAINT shard_secret_has_32_bytes CHECK (length(secret) = 32),
    created_at timestamptz NOT NULL
);
COMMENT ON TABLE opigno.shard_secret IS
'the secrets with which shards sign assertions of users for each other; written by '
'opigno.become_hub(), which adds one if there is none; no level of access can read them';
COMMENT ON COLUMN opigno.shard_secret.secret IS 'random bytes, the key of HMAC-SHA256';
COMMENT ON COLUMN opigno.shard_secret.created_at IS
'start of the transaction that added the secret; the newest signs, and all verify';

ALTER TABLE opigno.shard_secret ENABLE ROW LEVEL SECURITY;
CREATE POLICY shard_secret_of_nobody ON opigno.shard_secret FOR SELECT USING (false);
COMMENT ON POLICY shard_secret_of_nobody ON opigno.shard_secret IS
'only the owner and superusers, to whom row security does not apply';
