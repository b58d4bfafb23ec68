/*
 * Anonymous users that were merged into others. A report that names one of them and arrives later
 * finds the other here. No row leads to another row: a merge changes those that lead to its user.
 */
CREATE TABLE opigno.user_merge (
    from_uuid opigno.user_uuid PRIMARY KEY,
    into_uuid opigno.user_uuid NOT NULL
        CONSTRAINT user_merge_into_exists REFERENCES opigno.user_context ON DELETE CASCADE,
    merged_at timestamptz NOT NULL
);
CREATE INDEX user_merge_into_uuid_idx ON opigno.user_merge (into_uuid);
COMMENT ON TABLE opigno.user_merge IS
'anonymous users that were merged into others; written by opigno.merge_user_contexts()';
COMMENT ON COLUMN opigno.user_merge.from_uuid IS
'the user that was merged; a user context of this name that is created later has nothing to do '
'with it';
COMMENT ON COLUMN opigno.user_merge.into_uuid IS 'the user that has its data now';
COMMENT ON COLUMN opigno.user_merge.merged_at IS 'start of the transaction that merged them';
SELECT pg_extension_config_dump('opigno.user_merge', '');

ALTER TABLE opigno.user_merge ENABLE ROW LEVEL SECURITY;
CREATE POLICY user_merge_of_operators ON opigno.user_merge FOR SELECT
    USING (opigno.reads_every_user());
COMMENT ON POLICY user_merge_of_operators ON opigno.user_merge IS
'operators and auditors see all';

/*
 * For opigno.purge_anonymous_user_contexts(). created_at and uuid never change, so only a change of
 * scope keeps an update of a user context from being HOT: docs/guide/merging.md has the cost.
 */
CREATE INDEX user_context_anonymous_idx ON opigno.user_context (created_at, uuid)
    WHERE scope = '{}';
COMMENT ON INDEX opigno.user_context_anonymous_idx IS
'users without scopes by age, for opigno.purge_anonymous_user_contexts()';
