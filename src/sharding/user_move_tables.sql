/* While users move between shards: the parts in which they move, each in one transaction. */
CREATE TABLE opigno.moving_slot (
    shard integer NOT NULL,
    slot integer NOT NULL,
    slot_state text COLLATE "C" NOT NULL
        CONSTRAINT slot_state_is_known CHECK (slot_state IN ('here', 'moved', 'awaited')),
    moved_users bigint,
    moved_rows bigint,
    moved_at timestamptz,
    PRIMARY KEY (shard, slot)
);
COMMENT ON TABLE opigno.moving_slot IS
'parts of the users that move from this shard to new ones, or to this new shard; empty when no '
'users move; written by opigno.begin_user_moves(), opigno.await_user_moves() and '
'opigno.move_users()';
COMMENT ON COLUMN opigno.moving_slot.shard IS 'number of the new shard';
COMMENT ON COLUMN opigno.moving_slot.slot IS
'number of the slot: opigno.user_slot() of its users, multiplied by the number of slots and '
'divided by 65536';
COMMENT ON COLUMN opigno.moving_slot.slot_state IS
'here (its users are on this server), moved (they are on the new shard) or awaited (they are on '
'the old shard)';
COMMENT ON COLUMN opigno.moving_slot.moved_users IS
'number of user contexts that have moved; NULL before';
COMMENT ON COLUMN opigno.moving_slot.moved_rows IS
'number of rows of all tables that have moved; NULL before';
COMMENT ON COLUMN opigno.moving_slot.moved_at IS 'time at which the slot moved; NULL before';
SELECT pg_extension_config_dump('opigno.moving_slot', '');

ALTER TABLE opigno.moving_slot ENABLE ROW LEVEL SECURITY;
CREATE POLICY moving_slot_of_all ON opigno.moving_slot FOR SELECT USING (true);
COMMENT ON POLICY moving_slot_of_all ON opigno.moving_slot IS 'slots name no user';
