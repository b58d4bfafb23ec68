CREATE OR REPLACE FUNCTION opigno.user_slot(user_uuid text) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_user_slot';
COMMENT ON FUNCTION opigno.user_slot(text) IS
E'Returns a number from 0 to 65535, by which users move between shards in parts.\n'
'It is the highest 16 bits of the hash that opigno.user_shard() uses. An index on it lets '
'opigno.move_users() find users: see docs/guide/moving_users.md.\n'
'user_uuid: the user, in any letter case; the user need not exist';

CREATE OR REPLACE FUNCTION opigno.check_user_place(user_uuid text) RETURNS boolean
    LANGUAGE c STABLE PARALLEL SAFE COST 10
    AS 'MODULE_PATHNAME', 'opigno_check_user_place';
COMMENT ON FUNCTION opigno.check_user_place(text) IS
E'Returns true if a user belongs on this server at present. Also for NULL.\n'
'While users move it waits for a move of this user, and keeps the user where it is until the end '
'of the transaction. Proxies of a front call it with each read then, so that no user seems to be '
'missing.\n'
'user_uuid: the user, in any letter case; the user need not exist\n'
'Raises PT409 if the user belongs on another server.';

CREATE OR REPLACE FUNCTION opigno.is_user_here(user_uuid text) RETURNS boolean
    LANGUAGE c STABLE PARALLEL SAFE COST 10
    AS 'MODULE_PATHNAME', 'opigno_is_user_here';
COMMENT ON FUNCTION opigno.is_user_here(text) IS
E'Returns whether a user belongs on this server at present. True for NULL.\n'
'While users move it waits for a move of this user. Proxies of a front ask it then.\n'
'user_uuid: the user, in any letter case; the user need not exist';

CREATE OR REPLACE FUNCTION opigno.begin_user_moves(shards integer, slots integer DEFAULT NULL)
    RETURNS bigint
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_begin_user_moves';
COMMENT ON FUNCTION opigno.begin_user_moves(integer, integer) IS
E'Begins to move users from this shard to new shards.\n'
'A user whose shard is another one of so many shards has to move. opigno.move_users() moves them, '
'while others go on writing; opigno.become_shard() ends the moves. Waits for all transactions that '
'write user contexts or audit records. From then on the sequences give only numbers that leave '
'the remainder of this shard when divided by the new number of shards.\n'
'Returns the number from which the sequences of new shards must begin, for '
'opigno.await_user_moves(). With the present number of shards it ends moves of which none was '
'made, and returns NULL. Call it again after a dump of the shard was restored.\n'
'Requires the rights of the extension''s owner. See docs/guide/moving_users.md.\n'
'shards: the new number of shards, a multiple of the present one\n'
'slots: in how many transactions the users of each new shard move, 1 to 4096. Default 1024. While '
'one of them runs, writes of its users wait. All new shards together have at most 262144.\n'
'Raises 22023 for other numbers.\n'
'Raises 42501 if the caller does not have the rights of the extension''s owner.\n'
'Raises PT409 if this server is not a shard, or if users are moving in another way.';

CREATE OR REPLACE FUNCTION opigno.await_user_moves(
        from_shards integer, first_number bigint, slots integer DEFAULT NULL)
    RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_await_user_moves';
COMMENT ON FUNCTION opigno.await_user_moves(integer, bigint, integer) IS
E'Lets a new shard await users of an old one.\n'
'Until they have arrived, it refuses them with PT409. opigno.move_users() on the old shard moves '
'them, and opigno.become_shard() ends the moves. Returns false if nothing had to be changed.\n'
'Requires the rights of the extension''s owner. See docs/guide/moving_users.md.\n'
'from_shards: the number of shards before\n'
'first_number: what opigno.begin_user_moves() returned on the old shard\n'
'slots: as for opigno.begin_user_moves()\n'
'Raises 22023 for numbers that do not go with the number of this shard, and for NULL.\n'
'Raises 42501 if the caller does not have the rights of the extension''s owner.\n'
'Raises PT409 if this server is not a shard, if users are stored on it, or if users are moving in '
'another way.';

CREATE OR REPLACE FUNCTION opigno.lock_moving_slot(shard integer, slot integer DEFAULT NULL)
    RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_lock_moving_slot';
COMMENT ON FUNCTION opigno.lock_moving_slot(integer, integer) IS
E'Keeps others from writing users of one slot until the end of the transaction, and from moving '
'users to the same shard.\n'
'opigno.move_users() calls it. Waits for transactions that write users of the slot, and for those '
'that may write any user. Requires the rights of the extension''s owner.\n'
'shard: the new shard\n'
'slot: the slot; NULL: none, only other moves are kept off\n'
'Raises 22023 if shard is NULL.\n'
'Raises 42501 if the caller does not have the rights of the extension''s owner.\n'
'Raises PT409 if another session moves users to the shard.';

CREATE OR REPLACE FUNCTION opigno.mark_moving_slot(
        shard integer, slot integer, moved_users bigint, moved_rows bigint)
    RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_mark_moving_slot';
COMMENT ON FUNCTION opigno.mark_moving_slot(integer, integer, bigint, bigint) IS
E'Notes that the users of a slot have moved: from this shard, or to it.\n'
'opigno.move_users() calls it on both. Returns false if they were not expected to move. Writes an '
'audit record. Requires the rights of the extension''s owner.\n'
'shard: the new shard\n'
'slot: the slot\n'
'moved_users: how many user contexts have moved\n'
'moved_rows: how many rows of all tables have moved\n'
'Raises 22023 for NULL.\n'
'Raises 42501 if the caller does not have the rights of the extension''s owner.';

/*
 * Where the rows of each table of users go with their user. Without it: by the column user_uuid,
 * which every such table has.
 */
CREATE OR REPLACE VIEW opigno.moving_table WITH (security_invoker = true) AS
    SELECT p.table_name, CASE p.table_name WHEN 'user_context' THEN 'uuid'
        WHEN 'user_merge' THEN 'into_uuid' ELSE 'user_uuid' END AS user_column,
        l.columns, l.types
    FROM opigno.table_placement AS p, LATERAL (
        SELECT array_agg(a.attname::text ORDER BY a.attnum) AS columns,
            array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum) AS types
        FROM pg_attribute AS a
        WHERE a.attrelid = to_regclass('opigno.' || p.table_name) AND a.attnum > 0
            AND NOT a.attisdropped AND a.attgenerated = '') AS l
    WHERE p.placement = 'users' AND p.table_name <> 'retired_identifier';
COMMENT ON VIEW opigno.moving_table IS
'tables whose rows move with their users, for opigno.move_users(); hashes of retired users, in '
'opigno.retired_identifier, are copied';
COMMENT ON COLUMN opigno.moving_table.table_name IS 'name of the table, without its schema';
COMMENT ON COLUMN opigno.moving_table.user_column IS
'the column with the user to whom a row belongs';
COMMENT ON COLUMN opigno.moving_table.columns IS 'the columns, without those that are generated';
COMMENT ON COLUMN opigno.moving_table.types IS 'their types';

CREATE OR REPLACE VIEW opigno.site_user_table WITH (security_invoker = true) AS
    SELECT f.conrelid::regclass AS relation, k.user_column,
        CASE WHEN k.user_column IS NOT NULL
            THEN format('SELECT t.%I::text AS user_uuid FROM %s AS t', k.user_column,
                f.conrelid::regclass)
            ELSE format('SELECT u.%I::text AS user_uuid FROM %s AS t JOIN opigno.%I AS u ON %s',
                m.user_column, f.conrelid::regclass, m.table_name, k.condition) END AS user_query
    FROM opigno.moving_table AS m
        JOIN pg_constraint AS f ON f.confrelid = to_regclass(format('opigno.%I', m.table_name)),
        LATERAL (
            SELECT min(o.attname) FILTER (WHERE r.attname = m.user_column)::text AS user_column,
                string_agg(format('t.%I = u.%I', o.attname, r.attname), ' AND ' ORDER BY c.n)
                    AS condition
            FROM unnest(f.conkey, f.confkey) WITH ORDINALITY AS c (own, referenced, n)
                JOIN pg_attribute AS o ON o.attrelid = f.conrelid AND o.attnum = c.own
                JOIN pg_attribute AS r ON r.attrelid = f.confrelid AND r.attnum = c.referenced
        ) AS k
    WHERE f.contype = 'f' AND f.connamespace <> 'opigno'::regnamespace AND f.conparentid = 0
    UNION
    SELECT c.oid::regclass, t.key_column,
        format('SELECT t.%I::text AS user_uuid FROM %s AS t', t.key_column, c.oid::regclass)
    FROM opigno.entity_table AS t JOIN pg_class AS c ON c.oid = t.relation
    WHERE t.keyed_by = 'user';
COMMENT ON VIEW opigno.site_user_table IS
'tables of the site with rows of users: those with a foreign key to a table of '
'opigno.moving_table, and attached ones; opigno.move_users() does not move their rows';
COMMENT ON COLUMN opigno.site_user_table.relation IS 'the table';
COMMENT ON COLUMN opigno.site_user_table.user_column IS
'the column with the user; NULL: the table refers to rows of users by another key';
COMMENT ON COLUMN opigno.site_user_table.user_query IS
'a query for the users of its rows, in the column user_uuid';

/*
 * In a transaction of its caller: locks a slot, sends its rows over the connection of dblink that
 * opigno.move_users() has opened, deletes them here, and prepares the transaction there.
 */
CREATE OR REPLACE PROCEDURE opigno.move_user_slot(
    shard integer, slot integer, prepared_as text, identifiers_since timestamptz,
    INOUT moved_users bigint DEFAULT NULL, INOUT moved_rows bigint DEFAULT NULL)
    LANGUAGE plpgsql AS $$
DECLARE
    server pg_catalog.record;
    source pg_catalog.record;
    remote pg_catalog.text;
    users pg_catalog.text[];
    part pg_catalog.text[];
    row_ids pg_catalog.tid[];
    statement pg_catalog.text;
    part_bytes pg_catalog.int8;
    /* A statement has the text of its values, twice as long if all of it is quoted, below 1 GB. */
    max_bytes CONSTANT pg_catalog.int8 := 10000000;
    found_rows pg_catalog.int8;
    is_true boolean;
BEGIN
    PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    PERFORM pg_catalog.set_config('synchronous_commit', 'on', true)
    WHERE current_setting('synchronous_commit') IN ('off', 'local');
    PERFORM set_config('datestyle', 'ISO', true), set_config('extra_float_digits', '1', true),
        set_config('bytea_output', 'hex', true), set_config('intervalstyle', 'postgres', true);
    SELECT format('%I.dblink', n.nspname) INTO remote
    FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
    WHERE e.extname = 'dblink';
    PERFORM opigno.lock_moving_slot(move_user_slot.shard, move_user_slot.slot);
    SELECT r.shards, r.to_shards, r.slots INTO server FROM opigno.server_role AS r;
    IF coalesce((SELECT m.slot_state FROM opigno.moving_slot AS m
            WHERE m.shard = move_user_slot.shard AND m.slot = move_user_slot.slot) <> 'here', true)
    THEN
        moved_users := NULL;
        RETURN;
    END IF;
    EXECUTE format('SELECT %s_exec(''opigno_move'', $1)', remote)
        USING 'BEGIN ISOLATION LEVEL READ COMMITTED';
    /* A transaction of ours that lost its client may still hold the row there. */
    EXECUTE format('SELECT EXISTS (SELECT FROM %s(''opigno_move'', $1) AS r (n integer))', remote)
        INTO is_true USING format('SELECT 1 FROM opigno.moving_slot WHERE shard = %s AND slot = %s '
            'AND slot_state = ''awaited'' FOR UPDATE NOWAIT', shard, slot);
    IF NOT is_true THEN
        RAISE 'shard % does not await the users of slot %', shard, slot USING ERRCODE = 'PT409';
    END IF;
    SELECT array_agg(u.uuid ORDER BY u.uuid COLLATE "C"), count(*) FILTER (WHERE u.is_context)
    INTO users, moved_users
    FROM (SELECT a.uuid, bool_or(a.is_context) AS is_context FROM (
            SELECT c.uuid::text AS uuid, true AS is_context FROM opigno.user_context AS c
            WHERE opigno.user_slot(c.uuid) BETWEEN (move_user_slot.slot * 65536 + server.slots - 1)
                    / server.slots
                AND ((move_user_slot.slot + 1) * 65536 - 1) / server.slots
            UNION ALL SELECT r.user_uuid::text, false FROM opigno.retirement AS r
            WHERE opigno.user_slot(r.user_uuid) * server.slots / 65536 = move_user_slot.slot
            UNION ALL SELECT q.user_uuid::text, false FROM opigno.retirement_partner_report AS q
            WHERE opigno.user_slot(q.user_uuid) * server.slots / 65536 = move_user_slot.slot) AS a
        WHERE opigno.user_shard(a.uuid, server.to_shards) = move_user_slot.shard
        GROUP BY a.uuid) AS u;
    moved_rows := 0;
    FOR place IN 0 .. coalesce(cardinality(users), 0) - 1 BY 200 LOOP
        part := users[place + 1 : place + 200];
        PERFORM FROM opigno.user_context AS c WHERE c.uuid = ANY (part) FOR UPDATE;
        /* The site's own tables: a foreign key of theirs could delete their rows. */
        FOR source IN SELECT t.relation, t.user_query FROM opigno.site_user_table AS t LOOP
            EXECUTE format('SELECT EXISTS (SELECT FROM (%s) AS t WHERE t.user_uuid = ANY ($1))',
                source.user_query) INTO is_true USING part;
            IF is_true THEN
                RAISE 'table % has rows of users who move', source.relation USING ERRCODE = 'PT409',
                    HINT = 'opigno.move_users() lists all such tables when it begins.';
            END IF;
        END LOOP;
        FOR source IN
            SELECT t.table_name, t.user_column, c.*
            FROM opigno.moving_table AS t, LATERAL (
                SELECT string_agg(format('%I', n.name), ', ' ORDER BY n.n) AS names,
                    string_agg(format('array_agg(g.%I::text)', n.name), ', ' ORDER BY n.n) AS lists,
                    string_agg('%L::text[]', ', ' ORDER BY n.n) AS arrays,
                    string_agg(format('v.%I::%s', n.name, n.type), ', ' ORDER BY n.n) AS casts
                FROM unnest(t.columns, t.types) WITH ORDINALITY AS n (name, type, n)) AS c
            ORDER BY t.table_name <> 'user_context', t.table_name COLLATE "C"
        LOOP
            EXECUTE format('SELECT coalesce(sum(octet_length(t::text)), 0) FROM opigno.%I AS t '
                    'WHERE t.%I = ANY ($1)', source.table_name, source.user_column)
                INTO part_bytes USING part;
            /* Large rows go in several statements, each of one row or of max_bytes. */
            FOR row_ids IN EXECUTE CASE
                WHEN part_bytes = 0 THEN 'SELECT NULL::tid[] WHERE false'
                WHEN part_bytes <= max_bytes THEN 'SELECT NULL::tid[]'
                ELSE format('SELECT array_agg(s.id) FROM (SELECT l.id, sum(l.bytes) '
                    'OVER (ORDER BY l.id) / %s AS n FROM (SELECT t.ctid AS id, '
                    'octet_length(t::text)::bigint AS bytes FROM opigno.%I AS t '
                    'WHERE t.%I = ANY ($1) FOR UPDATE) AS l) AS s GROUP BY s.n', max_bytes,
                    source.table_name, source.user_column) END USING part
            LOOP
                EXECUTE format('WITH gone AS (%s) SELECT count(*), format(%L, %s) FROM gone AS g',
                        format(CASE source.table_name WHEN 'user_context'
                            THEN 'SELECT t.* FROM opigno.%I AS t WHERE %s'
                            ELSE 'DELETE FROM opigno.%I AS t WHERE %s RETURNING t.*' END,
                            source.table_name, CASE WHEN row_ids IS NULL
                                THEN format('t.%I = ANY ($1)', source.user_column)
                                ELSE 't.ctid = ANY ($2)' END),
                        format('INSERT INTO opigno.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM '
                            'unnest(%s) AS v (%s)', replace(source.table_name, '%', '%%'),
                            replace(source.names, '%', '%%'), replace(source.casts, '%', '%%'),
                            source.arrays, replace(source.names, '%', '%%')),
                        source.lists)
                    INTO found_rows, statement USING part, row_ids;
                CONTINUE WHEN found_rows = 0;
                EXECUTE format(
                    'SELECT split_part(%s_exec(''opigno_move'', $1), '' '', 3) = $2::text', remote)
                    INTO is_true USING statement, found_rows;
                IF NOT is_true THEN
                    RAISE 'a trigger on opigno.% has suppressed rows', source.table_name
                        USING ERRCODE = 'PT409', HINT = 'Look for it on the new shard.';
                END IF;
                moved_rows := moved_rows + found_rows;
            END LOOP;
            /* The other rows refer to it. */
            CONTINUE WHEN source.table_name = 'user_context';
            EXECUTE format('SELECT EXISTS (SELECT FROM opigno.%I AS t WHERE t.%I = ANY ($1))',
                source.table_name, source.user_column) INTO is_true USING part;
            IF is_true THEN
                RAISE 'a trigger on opigno.% keeps rows', source.table_name
                    USING ERRCODE = 'PT409', HINT = 'Look for it on this server.';
            END IF;
        END LOOP;
        DELETE FROM opigno.user_context AS c WHERE c.uuid = ANY (part);
        IF EXISTS (SELECT FROM opigno.user_context AS c WHERE c.uuid = ANY (part)) THEN
            RAISE 'a trigger on opigno.user_context keeps rows' USING ERRCODE = 'PT409',
                HINT = 'Look for it on this server.';
        END IF;
    END LOOP;
    /* The hashes of users whose data was erased meanwhile. */
    SELECT format('INSERT INTO opigno.retired_identifier SELECT * FROM unnest(%L::bytea[], '
        '%L::timestamptz[]) ON CONFLICT DO NOTHING', array_agg(i.identifier_hash),
        array_agg(i.retired_at)) INTO statement
    FROM opigno.retired_identifier AS i WHERE i.retired_at >= identifiers_since;
    EXECUTE format('SELECT %s_exec(''opigno_move'', $1)', remote) USING statement;
    EXECUTE format('SELECT ok FROM %s(''opigno_move'', $1) AS r (ok boolean)', remote) INTO is_true
        USING format('SELECT opigno.mark_moving_slot(%s, %s, %s, %s)', shard, slot, moved_users,
            moved_rows);
    IF NOT opigno.mark_moving_slot(
            move_user_slot.shard, move_user_slot.slot, moved_users, moved_rows)
        OR NOT is_true THEN
        RAISE 'slot % of shard % is in an unexpected state', slot, shard USING ERRCODE = 'PT409';
    END IF;
    EXECUTE format('SELECT %s_exec(''opigno_move'', $1)', remote)
        USING format('PREPARE TRANSACTION %L', prepared_as);
END
$$;
COMMENT ON PROCEDURE opigno.move_user_slot(
    integer, integer, text, timestamptz, bigint, bigint) IS
E'Moves the users of one slot in the current transaction, for opigno.move_users(). Call that.\n'
'It prepares a transaction on the new shard, which opigno.move_users() commits.\n'
'shard: the new shard\n'
'slot: the slot\n'
'prepared_as: the name of the prepared transaction\n'
'identifiers_since: hashes of users who were retired from this time on are copied\n'
'moved_users: how many user contexts have moved; NULL if the slot had moved already\n'
'moved_rows: how many rows of all tables have moved\n'
'Raises PT409 if the new shard does not await the slot, if tables of the site have rows of its '
'users, and if a trigger suppresses a write.\n'
'Raises the errors of opigno.lock_moving_slot().';
