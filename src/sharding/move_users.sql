/*
 * The other server prepares its part of each slot's transaction, this one commits its own, which
 * decides, and then the other one commits. dblink has the connection.
 */
CREATE OR REPLACE PROCEDURE opigno.connect_for_moves(
    connection text, INOUT shard integer DEFAULT NULL, INOUT prepared_prefix text DEFAULT NULL)
    LANGUAGE plpgsql AS $$
DECLARE
    remote pg_catalog.text;
    server pg_catalog.record;
    target pg_catalog.record;
    name pg_catalog.text;
    row_count pg_catalog.int8;
    is_true boolean;
    list pg_catalog.text := '';
    statement pg_catalog.text;
BEGIN
    PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
    PERFORM set_config('datestyle', 'ISO', true), set_config('extra_float_digits', '1', true),
        set_config('bytea_output', 'hex', true), set_config('intervalstyle', 'postgres', true);
    IF connection IS NULL THEN
        RAISE '"connection" is required' USING ERRCODE = '22023';
    END IF;
    SELECT format('%I.dblink', n.nspname) INTO remote
    FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
    WHERE e.extname = 'dblink';
    SELECT r.shard, r.shards, r.to_shards, r.slots, r.first_number INTO server
    FROM opigno.server_role AS r WHERE r.server_kind = 'shard';
    IF server.shard IS NULL THEN
        RAISE 'this server is not a shard' USING ERRCODE = 'PT409';
    END IF;
    EXECUTE format('SELECT %s_disconnect(c) FROM unnest(%s_get_connections()) AS c '
        'WHERE c = %L', remote, remote, 'opigno_move');
    EXECUTE format('SELECT %s_connect(%L, $1)', remote, 'opigno_move') USING connection;
    /* What another mover has left there must not keep this one waiting. */
    EXECUTE format('SELECT %s_exec(%L, $1)', remote, 'opigno_move') USING
        'SET search_path TO pg_catalog, pg_temp; SET lock_timeout = ''60s''';
    EXECUTE format('SELECT * FROM %s(%L, $1) AS r (shard integer, shards integer, '
        'from_shards integer, slots integer, first_number bigint, database oid, '
        'prepared integer, version text)', remote, 'opigno_move') INTO target USING
        'SELECT r.shard, r.shards, r.from_shards, r.slots, r.first_number, d.oid, '
        'pg_catalog.current_setting(''max_prepared_transactions''), e.extversion '
        'FROM opigno.server_role AS r, pg_catalog.pg_database AS d, pg_catalog.pg_extension AS e '
        'WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() '
        'AND e.extname OPERATOR(pg_catalog.=) ''opigno_profiles'' '
        'AND r.server_kind OPERATOR(pg_catalog.=) ''shard''';
    /* After the moves, this is shard s of as many as the other one. */
    IF target.shard IS NULL OR target.shard = server.shard
        OR target.shards <> coalesce(server.to_shards, server.shards)
        OR (target.shard - server.shard) % server.shards <> 0 AND server.to_shards IS NOT NULL
    THEN
        RAISE 'users of this shard do not move to the other server' USING ERRCODE = 'PT409',
            DETAIL = format('This is shard %s of %s. The other server is %s.', server.shard,
                concat_ws(', from which users move to shards of ', server.shards,
                    server.to_shards),
                CASE WHEN target.shard IS NULL THEN 'no shard'
                    ELSE format('shard %s of %s', target.shard, target.shards) END),
            HINT = 'opigno.begin_user_moves() begins moves, and opigno.become_shard() makes a '
                'server a new shard.';
    END IF;
    IF server.to_shards IS NULL THEN
        /* The moves from here have ended: what is prepared there has been decided. */
        is_true := coalesce(server.shard = target.shard % target.from_shards, false);
    ELSE
        is_true := coalesce(target.from_shards = server.shards AND target.slots = server.slots
            AND target.first_number >= server.first_number, false);
    END IF;
    IF NOT is_true THEN
        RAISE 'the other server does not await users of this shard' USING ERRCODE = 'PT409',
            DETAIL = format('It is shard %s of %s, and %s.', target.shard, target.shards,
                CASE WHEN target.from_shards IS NULL THEN 'awaits no users'
                    ELSE format('awaits those of %s shards in %s slots, with numbers from %s on',
                        target.from_shards, target.slots, target.first_number) END),
            HINT = CASE WHEN server.to_shards IS NULL THEN 'No users move from this shard.'
                ELSE format('Call there: SELECT opigno.await_user_moves(%s, %s, %s);',
                    server.shards, server.first_number, server.slots) END;
    END IF;
    shard := target.shard;
    prepared_prefix := format('opigno_profiles_move/%s/%s/', target.database, target.shard);
    /* Another mover must not be between the two parts of a commit, where no transaction has locks:
       so this one lasts as long as the call. */
    IF NOT pg_try_advisory_lock('opigno.moving_slot'::regclass::oid::integer, target.shard) THEN
        RAISE 'another session moves users to shard %', target.shard USING ERRCODE = 'PT409',
            HINT = 'Wait until it has ended.';
    END IF;
    PERFORM opigno.lock_moving_slot(target.shard);
    FOR name IN EXECUTE format('SELECT r.gid FROM %s(%L, $1) AS r (gid text)', remote,
        'opigno_move') USING format('SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database '
            'OPERATOR(pg_catalog.=) pg_catalog.current_database() '
            'AND pg_catalog.starts_with(gid, %L)', prepared_prefix)
    LOOP
        statement := CASE WHEN server.to_shards IS NULL THEN 'COMMIT' ELSE (
            SELECT CASE m.slot_state WHEN 'here' THEN 'ROLLBACK' WHEN 'moved' THEN 'COMMIT' END
            FROM opigno.moving_slot AS m
            WHERE m.shard = target.shard
                AND m.slot::text = substr(name, length(prepared_prefix) + 1)) END;
        IF statement IS NULL THEN
            RAISE 'a prepared transaction on the other server has no slot of this shard'
                USING ERRCODE = 'PT409', DETAIL = format('It is %L.', name),
                HINT = 'Find out where its users are before you end it there by hand.';
        END IF;
        EXECUTE format('SELECT %s_exec(%L, $1)', remote, 'opigno_move')
            USING statement || ' PREPARED ' || quote_literal(name);
    END LOOP;
    IF server.to_shards IS NULL THEN
        RETURN;
    END IF;
    IF target.version <> (SELECT e.extversion FROM pg_extension AS e
                          WHERE e.extname = 'opigno_profiles') THEN
        RAISE 'the other server has another version of the extension'
            USING ERRCODE = 'PT409', HINT = 'Update both.';
    END IF;
    IF target.prepared = 0 THEN
        RAISE 'prepared transactions are disabled on the other server' USING ERRCODE = '55000',
            HINT = 'Set max_prepared_transactions there to a nonzero value.';
    END IF;
    EXECUTE format('SELECT r.has_any FROM %s(%L, $1) AS r (has_any boolean)', remote,
            'opigno_move') INTO is_true
        USING 'SELECT EXISTS (SELECT FROM opigno.profile_migration)';
    IF is_true OR EXISTS (SELECT FROM opigno.profile_migration) THEN
        RAISE 'a migration of profiles is not complete' USING ERRCODE = 'PT409',
            DETAIL = format('It is on %s.', CASE WHEN is_true THEN 'the other server'
                ELSE 'this server' END),
            HINT = 'Call opigno.migrate_profiles() there: opigno.profile_migration has the patch.';
    END IF;
    FOR name IN SELECT unnest('{app,client,training,retirement_state}'::text[]) LOOP
        EXECUTE format('SELECT count(*) FROM opigno.%I', name) INTO row_count;
        EXECUTE format('SELECT r.row_count < $2 FROM %s(%L, $1) AS r (row_count bigint)', remote,
                'opigno_move') INTO is_true
            USING format('SELECT pg_catalog.count(*) FROM opigno.%I', name), row_count;
        IF is_true THEN
            list := concat_ws(', ', nullif(list, ''), name);
        END IF;
    END LOOP;
    IF list <> '' THEN
        RAISE 'the registry of the other server is not complete' USING ERRCODE = 'PT409',
            DETAIL = format('It has fewer rows in %s.', list),
            HINT = 'It receives the registry from the hub: see opigno.registry_lag there.';
    END IF;
    FOR name IN
        SELECT format('SELECT CASE WHEN %s THEN %L ELSE %L END', string_agg(format('EXISTS ('
                'SELECT FROM (%s) AS t WHERE opigno.user_shard(t.user_uuid, %s) = %s)',
                t.user_query, server.to_shards, target.shard), ' OR '), t.relation, '')
        FROM opigno.site_user_table AS t GROUP BY t.relation ORDER BY t.relation::text
    LOOP
        EXECUTE name INTO name;
        list := concat_ws(', ', nullif(list, ''), nullif(name, ''));
    END LOOP;
    IF list <> '' THEN
        RAISE 'tables of the site have rows of users who move' USING ERRCODE = 'PT409',
            DETAIL = format('They are %s.', list),
            HINT = 'Move these rows yourself, after you have dropped their foreign keys or called '
                'opigno.detach_entity_table().';
    END IF;
    /* Nobody knows whose hashes these are. */
    FOR name IN
        SELECT format('INSERT INTO opigno.retired_identifier SELECT * FROM '
            'unnest(%L::bytea[], %L::timestamptz[]) '
            'ON CONFLICT DO NOTHING', array_agg(i.identifier_hash), array_agg(i.retired_at))
        FROM (SELECT r.*, row_number() OVER () / 10000 AS part
              FROM opigno.retired_identifier AS r) AS i
        GROUP BY i.part
    LOOP
        EXECUTE format('SELECT %s_exec(%L, $1)', remote, 'opigno_move') USING name;
    END LOOP;
END
$$;
COMMENT ON PROCEDURE opigno.connect_for_moves(text, integer, text) IS
E'Connects to the new shard for opigno.move_users(), and ends what an earlier call left there. '
'Call that.\n'
'connection: as in opigno.move_users()\n'
'shard: the result: the number of the new shard\n'
'prepared_prefix: the result: how the names of prepared transactions begin\n'
'Raises the errors of opigno.move_users().';

CREATE OR REPLACE PROCEDURE opigno.move_users(
    connection text, from_slot integer DEFAULT NULL, to_slot integer DEFAULT NULL,
    INOUT moved_slots bigint DEFAULT NULL, INOUT moved_users bigint DEFAULT NULL)
    LANGUAGE plpgsql AS $$
DECLARE
    remote pg_catalog.text;
    new_shard pg_catalog.int4;
    prefix pg_catalog.text;
    next_slot pg_catalog.int4;
    users pg_catalog.int8;
    users_rows pg_catalog.int8;
    retired_since pg_catalog.timestamptz;
    /* Of the lock for the call, which connect_for_moves() takes: an error outside the block can
       have left one. */
    release CONSTANT pg_catalog.text :=
        'SELECT pg_catalog.pg_advisory_unlock(l.classid::pg_catalog.int4, '
        'l.objid::pg_catalog.int4) FROM pg_catalog.pg_locks AS l '
        'WHERE l.locktype OPERATOR(pg_catalog.=) ''advisory'' '
        'AND l.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid() '
        'AND l.classid OPERATOR(pg_catalog.=) ''opigno.moving_slot''::pg_catalog.regclass '
        'AND l.objsubid OPERATOR(pg_catalog.=) 2';
BEGIN
    IF NOT opigno.may_commit() THEN
        RAISE 'users cannot be moved inside a transaction block'
            USING ERRCODE = '25001', DETAIL = 'The procedure commits after each slot.',
            HINT = 'Call the procedure alone, with autocommit on: not after BEGIN, and not in a '
                'function or in a block with EXCEPTION.';
    END IF;
    retired_since := pg_catalog.now() OPERATOR(pg_catalog.-) '1 day'::pg_catalog.interval;
    moved_slots := 0;
    moved_users := 0;
    EXECUTE release;
    LOOP
        COMMIT;
        SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
        PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
        SELECT format('%I.dblink', n.nspname) INTO remote
        FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
        WHERE e.extname = 'dblink';
        IF remote IS NULL THEN
            RAISE 'the extension dblink is not installed'
                USING ERRCODE = '0A000', HINT = 'CREATE EXTENSION dblink installs it.';
        END IF;
        BEGIN
            IF new_shard IS NULL THEN
                CALL opigno.connect_for_moves(connection, new_shard, prefix);
            ELSIF next_slot IS NOT NULL AND users IS NOT NULL THEN
                EXECUTE format('SELECT %s_exec(%L, $1)', remote, 'opigno_move')
                    USING format('COMMIT PREPARED %L', prefix || next_slot);
                moved_slots := moved_slots + 1;
                moved_users := moved_users + users;
            END IF;
            SELECT min(m.slot) INTO next_slot FROM opigno.moving_slot AS m
            WHERE m.shard = new_shard AND m.slot_state = 'here'
                AND m.slot BETWEEN coalesce(from_slot, 0) AND coalesce(to_slot, 65535);
            IF next_slot IS NOT NULL THEN
                CALL opigno.move_user_slot(
                    new_shard, next_slot, prefix || next_slot, retired_since, users, users_rows);
            END IF;
        EXCEPTION WHEN query_canceled OR OTHERS THEN
            EXECUTE format('SELECT %s_disconnect(c) FROM unnest(%s_get_connections()) AS c '
                'WHERE c = %L', remote, remote, 'opigno_move');
            EXECUTE release;
            RAISE;
        END;
        EXIT WHEN next_slot IS NULL;
    END LOOP;
    EXECUTE format('SELECT %s_disconnect(%L)', remote, 'opigno_move');
    EXECUTE release;
    COMMIT;
END
$$;
COMMENT ON PROCEDURE opigno.move_users(text, integer, integer, bigint, bigint) IS
E'Moves users from this shard to a new one, while others go on writing.\n'
'opigno.begin_user_moves() here and opigno.await_user_moves() there come before. Each slot moves '
'in one transaction, which waits for those that write its users, and keeps others waiting. After '
'an error or a crash of either server, call the procedure again: it ends what had begun and goes '
'on. No user is lost or on two shards then. Slots that have moved are in opigno.moving_slot, and '
'in the audit trail of both servers. '
'Requires the rights of the extension''s owner on both servers, and the extension dblink here. See '
'docs/guide/moving_users.md.\n'
'connection: how this server connects to the new shard: a connection string of libpq, or the name '
'of a foreign server for dblink\n'
'from_slot: the first slot to move. Default: all.\n'
'to_slot: the last slot to move\n'
'moved_slots: the result: how many slots this call has moved\n'
'moved_users: the result: how many user contexts this call has moved\n'
'Raises 0A000 if dblink is not installed.\n'
'Raises 22023 if connection is NULL.\n'
'Raises 25001 inside a transaction block.\n'
'Raises 42501 if the caller does not have the rights of the extension''s owner.\n'
'Raises 55000 if the new shard has no prepared transactions.\n'
'Raises PT409 if the other server does not await users of this shard, if it lacks rows of the '
'registry, if tables of the site have rows of users who move, if a migration of profiles is not '
'complete on one of them, and if another session moves users there.\n'
'Raises the errors of dblink, such as 08001.';
