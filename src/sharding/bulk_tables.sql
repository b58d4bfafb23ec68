/* Loads that are atomic over several shards, on the shard that decides them. */
CREATE TABLE opigno.bulk_transaction (
    transaction_id text COLLATE "C" PRIMARY KEY,
    begun_by oid NOT NULL,
    begun_at timestamptz NOT NULL
);
COMMENT ON TABLE opigno.bulk_transaction IS
'loads over several shards that have committed on this shard, the lowest of theirs, and are not '
'known to have committed on the others';
COMMENT ON COLUMN opigno.bulk_transaction.transaction_id IS
'random name of the load; prepared transactions of the other shards have it in theirs';
COMMENT ON COLUMN opigno.bulk_transaction.begun_by IS
'OID of the role that loads; not its name: a dump can be restored where the role is missing';
COMMENT ON COLUMN opigno.bulk_transaction.begun_at IS 'start of the transaction on this shard';
SELECT pg_extension_config_dump('opigno.bulk_transaction', '');

ALTER TABLE opigno.bulk_transaction ENABLE ROW LEVEL SECURITY;
CREATE POLICY bulk_transaction_of_all ON opigno.bulk_transaction FOR SELECT USING (true);
COMMENT ON POLICY bulk_transaction_of_all ON opigno.bulk_transaction IS
'rows name no users; who has the level may see which loads are not finished';
