/*
 * Which tables the hub sends to the shards. A new table needs a line here, which
 * sql/shard_server.sql demands.
 */
CREATE OR REPLACE VIEW opigno.table_placement WITH (security_invoker = true) AS
    SELECT name AS table_name, p.placement
    FROM (VALUES
        ('registry', '{
            access_token,account_setting,app,app_schema,client,client_secret,
            extended_profile_field,preference_rule,retirement_salt,retirement_state,
            shard_secret,site_scope,token_issuer,token_key,token_secret,training,
            training_profile}'::text[]),
        ('users', '{
            account,client_user,preference,profile,retired_identifier,
            retirement,retirement_partner_report,training_progress,training_standing,
            user_context,user_merge}'),
        ('server', '{
            app_schema_fault,audit,bulk_error,bulk_transaction,entity_table,erasure_certificate,
            moving_slot,profile_migration,ranking_step,server_role}')
    ) AS p (placement, names), unnest(p.names) AS name;
COMMENT ON VIEW opigno.table_placement IS
'which server holds the rows of each table in a system that is sharded by user';
COMMENT ON COLUMN opigno.table_placement.table_name IS 'name of the table, without its schema';
COMMENT ON COLUMN opigno.table_placement.placement IS
'registry (written on the hub, and copied to every shard), users (rows of users, on their shard) '
'or server (every server has its own)';

CREATE OR REPLACE VIEW opigno.sharded_sequence WITH (security_invoker = true) AS
    SELECT q.seqrelid::regclass::text AS sequence_name, q.seqincrement AS increment_by
    FROM opigno.table_placement AS p
        JOIN pg_class AS c
            ON c.relname = p.table_name AND c.relnamespace = 'opigno'::regnamespace
        JOIN pg_attrdef AS a ON a.adrelid = c.oid
        JOIN pg_depend AS d ON d.classid = 'pg_attrdef'::regclass AND d.objid = a.oid
            AND d.refclassid = 'pg_class'::regclass
        JOIN pg_sequence AS q ON q.seqrelid = d.refobjid
    WHERE p.placement <> 'registry';
COMMENT ON VIEW opigno.sharded_sequence IS
'sequences of which each shard takes every n-th number, n being the number of shards: those that '
'number rows of users, audit records and errors of loads';
COMMENT ON COLUMN opigno.sharded_sequence.sequence_name IS 'the sequence';
COMMENT ON COLUMN opigno.sharded_sequence.increment_by IS
'its increment: 1, or the number of shards';

CREATE OR REPLACE FUNCTION opigno.become_shard(shard integer, shards integer) RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_become_shard';
COMMENT ON FUNCTION opigno.become_shard(integer, integer) IS
E'Makes this server one of the shards of a system that is sharded by user.\n'
'From then on it refuses users of other shards and changes of what shards receive from the hub, '
'with PT409. Its sequences give only numbers that leave the remainder shard when divided by '
'shards, so that numbers of different shards differ. Waits for all transactions that write user '
'contexts or audit records, and reads all user contexts: run it while nobody writes.\n'
'Returns false if nothing had to be changed. Call it again after a dump of the shard was restored: '
'dumps do not have the increments of sequences.\n'
'Requires the rights of the extension''s owner.\n'
'shard: the number of this shard, 0 to shards - 1, as user_shard() returns it\n'
'shards: the number of shards, 1 to 65536\n'
'Raises 22023 for other numbers and for NULL.\n'
'Raises 42501 if the caller does not have the rights of the extension''s owner.\n'
'Raises PT409 if users of other shards are stored on this server.';

CREATE OR REPLACE FUNCTION opigno.become_hub() RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_become_hub';
COMMENT ON FUNCTION opigno.become_hub() IS
E'Makes this server the hub of a system that is sharded by user: it holds what every shard must '
'know, and no users.\n'
'From then on it refuses users with PT409, and does not delete trainings and states of retirement '
'that shards may use. While a shard that commits wait for is not connected, it refuses changes. '
'It adds a salt for retired users and a secret for assertions of users where these are missing. '
'Waits until no other session writes user contexts.\n'
'Returns false if the server was a hub already, and has both. Requires the rights of the '
'extension''s owner.\n'
'Raises 42501 if the caller does not have the rights of the extension''s owner.\n'
'Raises PT409 if users are stored on this server.';

CREATE OR REPLACE FUNCTION opigno.become_single_server() RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_become_single_server';
COMMENT ON FUNCTION opigno.become_single_server() IS
E'Makes this server one on its own, as it is after installation.\n'
'The sequences of a shard give every number again.\n'
'Returns false if the server was on its own already. Requires the rights of the extension''s '
'owner.\n'
'Raises 42501 if the caller does not have the rights of the extension''s owner.';

CREATE OR REPLACE FUNCTION opigno.registry_publication_script()
    RETURNS TABLE (command text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN EXISTS (SELECT FROM pg_publication WHERE pubname = 'opigno_registry')
            THEN 'ALTER PUBLICATION opigno_registry SET TABLE '
            ELSE 'CREATE PUBLICATION opigno_registry FOR TABLE ' END
        || string_agg(format('opigno.%I', p.table_name), ', ' ORDER BY p.table_name COLLATE "C")
    FROM opigno.table_placement AS p
    WHERE p.placement = 'registry';
END;
COMMENT ON FUNCTION opigno.registry_publication_script() IS
E'Returns the command that publishes on the hub what every shard must know.\n'
'It is for superusers. If there is the publication opigno_registry already, the command brings its '
'tables up to date.';

CREATE OR REPLACE FUNCTION opigno.registry_subscription_script(
        shard integer, connection text, copy_data boolean DEFAULT NULL)
    RETURNS TABLE (command text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN EXISTS (
            SELECT FROM pg_subscription AS s JOIN pg_database AS d ON d.oid = s.subdbid
            WHERE s.subname = n.name AND d.datname = current_database())
        THEN format('ALTER SUBSCRIPTION %I REFRESH PUBLICATION WITH (copy_data = %s)',
            n.name, coalesce(registry_subscription_script.copy_data, true)::text)
        ELSE format('CREATE SUBSCRIPTION %I CONNECTION %L PUBLICATION opigno_registry'
            ' WITH (synchronous_commit = on, copy_data = %s)', n.name,
            registry_subscription_script.connection,
            coalesce(registry_subscription_script.copy_data, true)::text) END
    FROM (SELECT 'opigno_shard_' || registry_subscription_script.shard AS name) AS n
    WHERE registry_subscription_script.shard BETWEEN 0 AND 65535
        AND registry_subscription_script.connection IS NOT NULL;
END;
COMMENT ON FUNCTION opigno.registry_subscription_script(integer, text, boolean) IS
E'Returns the command that makes a shard receive what the hub publishes.\n'
'It is for superusers of the shard. If there is the subscription already, the command makes it '
'receive tables that were published since.\n'
'shard: the number of the shard; the subscription is called opigno_shard_<number>\n'
'connection: how the shard connects to the hub, as for libpq; the role needs REPLICATION, and '
'SELECT on the published tables, some of which hold secrets\n'
'copy_data: false if the shard has the same rows already; default: true';

CREATE OR REPLACE FUNCTION opigno.registry_synchronous_script(
        shards integer, absent_shards integer[] DEFAULT NULL)
    RETURNS TABLE (command text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT c.command
    FROM (
        SELECT count(*) AS shards, string_agg('opigno_shard_' || i, ', ' ORDER BY i) AS names
        FROM generate_series(0, registry_synchronous_script.shards - 1) AS i
        WHERE i <> ALL (coalesce(registry_synchronous_script.absent_shards, '{}'))
    ) AS s, unnest(ARRAY[
        /* The next command would wait for a shard that is down. */
        'SET synchronous_commit = local',
        format('ALTER DATABASE %I SET synchronous_commit = remote_apply', current_database()),
        format('ALTER SYSTEM SET synchronous_standby_names = %L',
            CASE WHEN s.shards > 0 THEN format('FIRST %s (%s)', s.shards, s.names) ELSE '' END),
        'SELECT pg_reload_conf()'
    ]) WITH ORDINALITY AS c (command, n)
    WHERE registry_synchronous_script.shards BETWEEN 1 AND 65536
    ORDER BY c.n;
END;
COMMENT ON FUNCTION opigno.registry_synchronous_script(integer, integer[]) IS
E'Returns the commands that make each commit on the hub wait until all shards have applied it.\n'
'They are for superusers of the hub, when all subscriptions exist: from then on commits wait for '
'every shard. They replace what synchronous_standby_names has. Run all of them in one session.\n'
'shards: the number of shards\n'
'absent_shards: shards for which commits do not wait, because they are down for long; they apply '
'the changes when they are back. Default: none';

CREATE OR REPLACE VIEW opigno.registry_lag WITH (security_invoker = true) AS
    SELECT substring(s.slot_name FROM 14)::integer AS shard,
        s.active AS is_connected,
        CASE WHEN r.pid IS NULL THEN false ELSE r.sync_state IN ('sync', 'quorum') END
            AS is_waited_for,
        pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
            ELSE pg_current_wal_lsn() END,
            coalesce(r.replay_lsn, s.confirmed_flush_lsn))::bigint AS bytes_behind,
        r.replay_lag AS time_behind
    FROM pg_replication_slots AS s
        LEFT JOIN pg_stat_replication AS r ON r.pid = s.active_pid
    WHERE s.slot_name ~ '^opigno_shard_[0-9]{1,5}$' AND s.plugin = 'pgoutput'
        AND s.database = current_database();
COMMENT ON VIEW opigno.registry_lag IS
'on the hub: how far each shard is behind; superusers and members of pg_read_all_stats see all '
'columns';
COMMENT ON COLUMN opigno.registry_lag.shard IS 'number of the shard, from the name of its slot';
COMMENT ON COLUMN opigno.registry_lag.is_connected IS 'whether the shard is connected';
COMMENT ON COLUMN opigno.registry_lag.is_waited_for IS
'whether synchronous_standby_names makes commits on the hub wait for the shard; NULL if the caller '
'may not see that';
COMMENT ON COLUMN opigno.registry_lag.bytes_behind IS
'bytes of WAL that the shard has not reported as applied; not all of them concern the shard';
COMMENT ON COLUMN opigno.registry_lag.time_behind IS
'how long the shard took to apply what it reported last; NULL: it has nothing to apply';
