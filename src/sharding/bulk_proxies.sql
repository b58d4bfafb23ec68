/*
 * What the proxies of loads from text need in the site's schema: opigno.sharding_script() replaces
 * site_schema, dblink_schema, cluster_name and shards_number.
 * docs/decisions/0024-bulk-over-shards.md has the reasons.
 *
 * await_bulk waits for a connection without blocking, so that the call can be cancelled. Each
 * statement that was sent returns one row with one column, or its tag.
 */
CREATE OR REPLACE VIEW opigno.bulk_proxy WITH (security_invoker = true) AS
    SELECT p.proxy, p.arguments, p.types, p.result, p.body, p.description
    FROM (VALUES
        ('send_bulk', 'connection text, statement text', 'text, text', 'void', $body$
BEGIN
    /* Whatever it would answer belongs to another statement: await_bulk finds no connection. */
    IF dblink_schema.dblink_send_query(connection, statement) <> 1 THEN
        PERFORM dblink_schema.dblink_disconnect(connection);
    END IF;
EXCEPTION WHEN connection_exception THEN
    NULL; /* it had no connection */
END
$body$, 'Sends statements to a shard. await_bulk raises what is wrong with the connection.'),

        ('await_bulk', 'connection text, shard integer', 'text, integer', 'text', $body$
DECLARE
    pause double precision := 0.001;
    given text;
    latest text;
BEGIN
    LOOP
        WHILE dblink_schema.dblink_is_busy(connection) = 1 LOOP
            PERFORM pg_sleep(pause);
            pause := least(pause * 1.1, 0.05);
        END LOOP;
        BEGIN
            SELECT r.answer INTO given
            FROM dblink_schema.dblink_get_result(connection) AS r (answer text);
            EXIT WHEN NOT FOUND;
        EXCEPTION WHEN query_canceled OR others THEN
            /* As long as results are unread, nothing can be sent. If the connection was lost,
             * nothing will be. A cancel of this call is not one of the shard: it does not wait. */
            IF SQLSTATE !~ '^(08|57P|25P03)' AND (SQLSTATE <> '57014'
                OR dblink_schema.dblink_error_message(connection) <> 'OK')
            THEN
                LOOP
                    WHILE dblink_schema.dblink_is_busy(connection) = 1 LOOP
                        PERFORM pg_sleep(pause);
                    END LOOP;
                    PERFORM FROM dblink_schema.dblink_get_result(connection, false)
                        AS r (answer text);
                    EXIT WHEN NOT FOUND;
                END LOOP;
            END IF;
            RAISE;
        END;
        /* What ends a transaction answers nothing. */
        latest := CASE WHEN given = 'ROLLBACK' THEN coalesce(latest, given) ELSE given END;
    END LOOP;
    IF latest IS NULL THEN
        RAISE 'there is no answer' USING ERRCODE = '08006';
    END IF;
    RETURN latest;
EXCEPTION WHEN connection_exception OR admin_shutdown OR crash_shutdown OR cannot_connect_now
        OR idle_in_transaction_session_timeout THEN
    RAISE 'the connection to shard % was lost', shard
        USING ERRCODE = '08006', DETAIL = split_part(SQLERRM, E'\n', 1);
END
$body$, 'Waits for a connection of dblink, and returns what its last statement has returned.'),

        ('close_bulk', 'prefix text, cancels boolean', 'text, boolean', 'void', $body$
DECLARE
    connection text;
BEGIN
    FOREACH connection IN ARRAY coalesce(dblink_schema.dblink_get_connections(), '{}') LOOP
        CONTINUE WHEN NOT starts_with(connection, prefix);
        BEGIN
            IF cancels AND dblink_schema.dblink_is_busy(connection) = 1 THEN
                PERFORM dblink_schema.dblink_cancel_query(connection);
            END IF;
        EXCEPTION WHEN query_canceled OR others THEN
            NULL; /* it is closed in any case */
        END;
        PERFORM dblink_schema.dblink_disconnect(connection);
    END LOOP;
EXCEPTION WHEN undefined_function OR invalid_schema_name THEN
    NULL; /* there is no dblink */
END
$body$, 'Closes the connections of dblink whose names begin so. If cancels, their statements end.'),

        ('run_bulk', 'function_name text, body text, on_error text, dry_run boolean, '
            'max_errors integer, options text, request jsonb DEFAULT NULL::jsonb',
         'text, text, text, boolean, integer, text, jsonb', 'json', $body$
DECLARE
    prefix text := 'opigno_bulk_' || gen_random_uuid() || '_';
    id text := gen_random_uuid();
    settings text := format('SET TimeZone = %L; SET DateStyle = %L; ',
        current_setting('TimeZone'), current_setting('DateStyle'));
    shards integer[];
    bodies text[];
    ordinals text[];
    positions text[];
    are_lines boolean;
    flaw json;
    parts integer;
    is_atomic boolean;
    is_trial boolean := dry_run;
    is_undone boolean;        /* each part is rolled back */
    is_sent boolean := false; /* what is written may be committed by itself */
    phase text := 'open';     /* open, prepared, committing, committed */
    answers text[];
    codes text[];             /* of the parts without an answer */
    messages text[];
    errors jsonb := '[]';     /* errors that shards have raised */
    refusal jsonb;            /* of the request: an answer that is not the one of a load */
    statements text[];        /* of a request, for each part */
    headers jsonb;            /* of the request's answer */
    code text;
    message text;
    detail text;
    hint text;
    result text;
    decision boolean;
    count_old text[];         /* queries for transactions in doubt */
    old bigint := 0;
BEGIN
    SELECT array_agg(s.shard), array_agg(s.part), array_agg(s.ordinals::text),
        array_agg(s.positions::text), bool_or(s.are_lines), (array_agg(s.flaw))[1], count(*)
    INTO shards, bodies, ordinals, positions, are_lines, flaw, parts
    FROM opigno.split_bulk(function_name, body, shards_number) AS s;
    body := NULL;
    answers := array_fill(NULL::text, ARRAY[parts]);
    codes := answers;
    messages := answers;
    is_atomic := parts > 1 AND on_error IS DISTINCT FROM 'report' AND dry_run IS NOT TRUE
        AND flaw IS NULL;

    FOR i IN 1..parts LOOP
        BEGIN
            PERFORM opigno.connect_shard('cluster_name', shards[i], prefix || i);
        EXCEPTION WHEN connection_exception THEN
            GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
            RAISE LOG 'shard % cannot be reached: %: %', shards[i], message, detail;
            codes[i] := '08006';
            messages[i] := format('shard %s cannot be reached', shards[i]);
            /* Nothing can be written, and the errors of the other shards are still wanted. */
            is_trial := is_trial OR is_atomic;
        END;
    END LOOP;
    is_atomic := is_atomic AND is_trial IS NOT TRUE;
    is_undone := request IS NOT NULL AND is_trial AND dry_run IS NOT TRUE;
    FOR i IN 1..parts LOOP
        CONTINUE WHEN request IS NULL OR codes[i] IS NOT NULL;
        statements[i] := site_schema.bulk_request(request, bodies[i], prefix || i, shards[i]);
    END LOOP;

    /* Transactions in doubt would stand in the way of this one. */
    IF is_atomic THEN
        FOR i IN 1..parts LOOP
            count_old[i] := format(
                'SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database() '
                'AND gid ~ ''^opigno_profiles/[0-9]{1,5}/[^/]+/%s$'' '
                'AND prepared < clock_timestamp() - interval ''1 minute''', shards[i]);
            PERFORM site_schema.send_bulk(prefix || i,
                settings || count_old[i] || ' AND owner = current_user');
        END LOOP;
        FOR i IN 1..parts LOOP
            old := old + site_schema.await_bulk(prefix || i, shards[i])::bigint;
        END LOOP;
        IF old > 0 THEN
            PERFORM site_schema.resolve_bulk_transactions('1 minute');
        END IF;
        FOR i IN 1..parts LOOP
            LOOP
                PERFORM site_schema.send_bulk(prefix || i, format(
                    'BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = ''10s''; '
                    'SELECT set_config(''synchronous_commit'', CASE current_setting('
                    '''synchronous_commit'') WHEN ''off'' THEN ''local'' '
                    'ELSE current_setting(''synchronous_commit'') END, true); '
                    'SELECT opigno.begin_bulk_transaction(%L, %L); '
                    'SET LOCAL lock_timeout TO DEFAULT', id, i = 1));
                BEGIN
                    PERFORM site_schema.await_bulk(prefix || i, shards[i]);
                    EXIT;
                EXCEPTION WHEN lock_not_available THEN
                    RAISE NOTICE 'the load waits for another one on shard %', shards[i];
                END;
                PERFORM site_schema.send_bulk(prefix || i, 'ROLLBACK; ' || count_old[i]);
                IF site_schema.await_bulk(prefix || i, shards[i]) <> '0' AND NOT EXISTS (
                    SELECT FROM site_schema.resolve_bulk_transactions('1 minute') AS r
                    WHERE r.outcome IN ('committed', 'rolled back'))
                THEN
                    RAISE 'the load waits for a transaction in doubt on shard %', shards[i]
                        USING ERRCODE = '55P03',
                        HINT = 'A superuser can call site_schema.resolve_bulk_transactions().';
                END IF;
            END LOOP;
        END LOOP;
    END IF;

    is_sent := NOT is_atomic AND is_trial IS NOT TRUE AND flaw IS NULL;
    FOR i IN 1..parts LOOP
        CONTINUE WHEN codes[i] IS NOT NULL;
        PERFORM site_schema.send_bulk(prefix || i,
            CASE WHEN is_atomic THEN '' ELSE settings END
            /* A request cannot be made a dry run. */
            || CASE WHEN is_undone THEN 'BEGIN; ' ELSE '' END
            || CASE WHEN positions[i] IS NULL THEN '' ELSE format(
                'SELECT opigno.begin_bulk_part(%L, %L, %L, %L); ', ordinals[i], positions[i],
                are_lines, flaw IS NOT NULL) END
            || CASE WHEN request IS NOT NULL THEN statements[i]
                ELSE format(
                    'SELECT opigno.%I(%L, on_error => %L, dry_run => %L, max_errors => %L%s)',
                    function_name, bodies[i], on_error, is_trial, max_errors, options) END
            || CASE WHEN is_undone THEN '; ROLLBACK' ELSE '' END);
        bodies[i] := NULL;
        statements[i] := NULL;
    END LOOP;
    FOR i IN 1..parts LOOP
        CONTINUE WHEN codes[i] IS NOT NULL;
        BEGIN
            answers[i] := site_schema.await_bulk(prefix || i, shards[i]);
            IF request IS NOT NULL
                AND site_schema.is_bulk_answer(answers[i]::jsonb -> 'headers')
            THEN
                headers := answers[i]::json -> 'headers';
                answers[i] := answers[i]::json ->> 'body';
            ELSIF request IS NOT NULL THEN
                refusal := answers[i];
                answers[i] := NULL;
                codes[i] := coalesce((refusal ->> 'body')::json ->> 'code',
                    'PT' || (refusal ->> 'status'));
                messages[i] := coalesce((refusal ->> 'body')::json ->> 'detail',
                    (refusal ->> 'body')::json ->> 'title');
            END IF;
        EXCEPTION WHEN connection_exception THEN
            codes[i] := CASE WHEN is_sent THEN '08007' ELSE '08006' END;
            messages[i] := CASE WHEN is_sent
                THEN format('the answer of shard %s was lost; the entry may have been written',
                    shards[i])
                ELSE SQLERRM END;
        WHEN query_canceled OR others THEN
            IF SQLSTATE = '57014' AND dblink_schema.dblink_error_message(prefix || i) = 'OK' THEN
                RAISE; /* this call is cancelled, and not the statement of the shard */
            END IF;
            GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
                detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
            codes[i] := code;
            messages[i] := message;
            errors := errors || jsonb_build_array(jsonb_build_object(
                'code', code, 'message', message, 'detail', detail, 'hint', hint));
        END;
    END LOOP;
    /* An error is raised unless other shards may have written. */
    IF errors <> '[]' AND (NOT is_sent OR (num_nonnulls(VARIADIC answers) = 0
            AND ('08007' = ANY (codes)) IS NOT TRUE)) THEN
        PERFORM site_schema.raise_bulk(errors -> 0);
    END IF;
    IF refusal IS NOT NULL AND (NOT is_sent OR (num_nonnulls(VARIADIC answers) = 0
            AND ('08007' = ANY (codes)) IS NOT TRUE)) THEN
        RAISE USING ERRCODE = 'PT000', MESSAGE = refusal;
    END IF;
    IF '08007' = ANY (codes) AND (num_nonnulls(VARIADIC answers) = 0) THEN
        RAISE 'the answers of the shards were lost'
            USING ERRCODE = '08007', DETAIL = 'The entries may have been written.';
    END IF;
    IF request IS NOT NULL AND num_nonnulls(VARIADIC answers) = 0 THEN
        RAISE 'no shard of the load can be reached' USING ERRCODE = '08006';
    END IF;

    IF is_atomic AND num_nonnulls(VARIADIC codes) = 0 AND NOT EXISTS (
        SELECT FROM unnest(answers) AS a (answer) WHERE (a.answer::json ->> 'refused')::boolean)
    THEN
        phase := 'prepared';
        FOR i IN 2..parts LOOP
            PERFORM site_schema.send_bulk(prefix || i, format('PREPARE TRANSACTION %L',
                format('opigno_profiles/%s/%s/%s', shards[1], id, shards[i])));
        END LOOP;
        FOR i IN 2..parts LOOP
            BEGIN
                IF site_schema.await_bulk(prefix || i, shards[i]) <> 'PREPARE TRANSACTION' THEN
                    RAISE 'shard % has rolled back', shards[i];
                END IF;
            EXCEPTION WHEN connection_exception THEN
                codes[i] := '08006';
                messages[i] := SQLERRM;
            WHEN query_canceled OR others THEN
                IF SQLSTATE = '57014'
                    AND dblink_schema.dblink_error_message(prefix || i) = 'OK'
                THEN
                    RAISE;
                END IF;
                /* Such as a deferred constraint. The other shards have to end, too. */
                GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
                    detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
                errors := errors || jsonb_build_array(jsonb_build_object(
                    'code', code, 'message', message, 'detail', detail, 'hint', hint));
            END;
        END LOOP;
        IF errors <> '[]' THEN
            PERFORM site_schema.raise_bulk(errors -> 0);
        END IF;
        IF num_nonnulls(VARIADIC codes) = 0 THEN
            /* The decision. From here on the load has happened if this has. */
            phase := 'committing';
            PERFORM site_schema.send_bulk(prefix || 1, 'COMMIT');
            BEGIN
                decision := site_schema.await_bulk(prefix || 1, shards[1]) = 'COMMIT';
            EXCEPTION WHEN connection_exception THEN
                decision := site_schema.bulk_decision(prefix || 'decision', shards[1], id);
            WHEN query_canceled OR others THEN
                IF SQLSTATE <> '57014'
                    OR dblink_schema.dblink_error_message(prefix || 1) <> 'OK'
                THEN
                    phase := 'prepared'; /* a deferred constraint: the shard has rolled back */
                END IF;
                RAISE;
            END;
            IF decision IS NULL THEN
                RAISE 'the answer of shard % was lost', shards[1]
                    USING ERRCODE = '08007', DETAIL = 'The entries may have been written.',
                    HINT = 'Call site_schema.resolve_bulk_transactions() '
                        'when the shard can be reached.';
            END IF;
            IF NOT decision THEN
                codes[1] := '08006';
                messages[1] := format('the connection to shard %s was lost', shards[1]);
                phase := 'prepared';
            END IF;
        END IF;
        IF decision THEN
            phase := 'committed';
            FOR i IN 2..parts LOOP
                PERFORM site_schema.send_bulk(prefix || i, format('COMMIT PREPARED %L',
                    format('opigno_profiles/%s/%s/%s', shards[1], id, shards[i])));
            END LOOP;
            decision := true;
            FOR i IN 2..parts LOOP
                BEGIN
                    PERFORM site_schema.await_bulk(prefix || i, shards[i]);
                EXCEPTION WHEN undefined_object THEN
                    NULL; /* another session has found the decision, and committed it */
                WHEN query_canceled OR others THEN
                    /* If this call is cancelled, too: the load has happened. */
                    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
                    decision := false;
                    RAISE WARNING 'the load is decided, and shard % has not committed it yet: %',
                        shards[i], message
                        USING HINT = 'Call site_schema.resolve_bulk_transactions().';
                END;
            END LOOP;
            /* Nobody waits for this; site_schema.resolve_bulk_transactions() makes up for it. */
            IF decision THEN
                PERFORM site_schema.send_bulk(prefix || 1, format(
                    'SET synchronous_commit = off; SELECT opigno.end_bulk_transaction(%L)', id));
            END IF;
        ELSE
            PERFORM site_schema.roll_back_bulk(prefix, shards, id);
        END IF;
    END IF;
    PERFORM site_schema.close_bulk(prefix, false);
    IF is_atomic AND num_nonnulls(VARIADIC codes) > 0 AND phase = 'prepared' THEN
        /* Errors of the shards that failed are all that is left to say. */
        answers := array_fill(NULL::text, ARRAY[parts]);
    END IF;
    result := CASE WHEN parts = 1 AND answers[1] IS NOT NULL THEN answers[1]
        ELSE site_schema.bulk_answer(answers, flaw, ordinals, codes, messages,
            coalesce(on_error = 'report', false), max_errors)::text END;
    RETURN CASE WHEN request IS NULL THEN result
        ELSE json_build_object('headers', headers, 'body', result,
            'is_incomplete', num_nonnulls(VARIADIC codes) > 0)::text END;
EXCEPTION WHEN query_canceled OR others THEN
    BEGIN
        IF phase = 'prepared' THEN
            PERFORM site_schema.roll_back_bulk(prefix, shards, id);
        END IF;
    EXCEPTION WHEN query_canceled OR others THEN
        phase := 'committing';
    END;
    PERFORM site_schema.close_bulk(prefix, phase = 'open');
    IF phase IN ('committing', 'committed') THEN
        RAISE WARNING 'a load over several shards may be unfinished'
            USING HINT = 'Call site_schema.resolve_bulk_transactions().';
    END IF;
    RAISE;
END
$body$, 'Runs a load from text on the shards of its users. The proxies of loads call it.'),

        /* New connections: those of the load can be in any state. */
        ('roll_back_bulk', 'prefix text, shards integer[], id text', 'text, integer[], text',
         'void', $body$
DECLARE
    connection text;
BEGIN
    /* Afterwards no transaction is about to be prepared. */
    FOR i IN 2..cardinality(shards) LOOP
        BEGIN
            PERFORM dblink_schema.dblink_cancel_query(prefix || i);
            PERFORM site_schema.await_bulk(prefix || i, shards[i]);
        EXCEPTION WHEN query_canceled OR others THEN
            NULL; /* the shard answers a cancel with an error */
        END;
    END LOOP;
    PERFORM site_schema.close_bulk(prefix, true);
    FOR i IN 2..cardinality(shards) LOOP
        connection := prefix || 'back_' || i;
        BEGIN
            PERFORM opigno.connect_shard('cluster_name', shards[i], connection);
            PERFORM site_schema.send_bulk(connection, format('ROLLBACK PREPARED %L',
                format('opigno_profiles/%s/%s/%s', shards[1], id, shards[i])));
            PERFORM site_schema.await_bulk(connection, shards[i]);
        EXCEPTION WHEN undefined_object THEN
            NULL; /* it was not prepared */
        WHEN query_canceled OR others THEN
            RAISE WARNING 'shard % may have a prepared transaction of a load that was rolled back',
                shards[i] USING HINT = 'Call site_schema.resolve_bulk_transactions().';
        END;
    END LOOP;
END
$body$, 'Rolls back the transactions of a load, prepared or not.'),

        ('bulk_decision', 'connection text, shard integer, id text', 'text, integer, text',
         'boolean', $body$
DECLARE
    decision boolean;
BEGIN
    PERFORM opigno.connect_shard('cluster_name', shard, connection);
    /* What is undecided can stay so until the server notices that the front has gone. */
    PERFORM site_schema.send_bulk(connection, format(
        'BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 0; '
        'SET LOCAL lock_timeout = ''5s''; SELECT opigno.bulk_transaction_committed(%L)', id));
    decision := site_schema.await_bulk(connection, shard);
    PERFORM site_schema.close_bulk(connection, false);
    RETURN decision;
EXCEPTION WHEN connection_exception OR lock_not_available THEN
    PERFORM site_schema.close_bulk(connection, false);
    RETURN NULL;
WHEN query_canceled OR others THEN
    PERFORM site_schema.close_bulk(connection, true);
    RAISE;
END
$body$, 'Asks a shard whether a load has committed that it coordinates. Returns NULL if the shard '
        'cannot be reached, and if it does not decide for 5 s.'),

        ('resolve_bulk_transactions', 'older_than interval DEFAULT NULL::interval', 'interval',
         'TABLE(shard integer, transaction_id text, outcome text)', $body$
DECLARE
    prefix text := 'opigno_resolve_' || gen_random_uuid() || '_';
    rows text[] := '{}';      /* committed loads: shard/id */
    found text[] := '{}';     /* prepared transactions: the shard where it is, ':', its name */
    prepared text[] := '{}';  /* those that this role may end */
    reached integer[] := '{}';
    answer json;
    entry text;
    name text;
    decision boolean;
BEGIN
    /* First the rows: the prepared transactions of a committed load exist before its row does. */
    FOR pass IN 1..2 LOOP
        FOR i IN 0..shards_number - 1 LOOP
            BEGIN
                IF pass = 1 THEN
                    PERFORM opigno.connect_shard('cluster_name', i, prefix || i);
                    reached := reached || i;
                END IF;
                CONTINUE WHEN i <> ALL (reached);
                PERFORM site_schema.send_bulk(prefix || i, CASE pass
                    WHEN 1 THEN 'SET statement_timeout = 0; '
                        'SELECT coalesce(json_agg(t.transaction_id), ''[]'') '
                        'FROM opigno.bulk_transaction AS t, pg_roles AS r '
                        'WHERE r.rolname = current_user AND (r.rolsuper OR t.begun_by = r.oid)'
                    ELSE format('SELECT coalesce(json_agg(json_build_object(''gid'', p.gid, '
                        '''may'', (r.rolsuper OR p.owner = r.rolname) '
                        'AND p.prepared <= clock_timestamp() - %L::interval)), ''[]'') '
                        'FROM pg_prepared_xacts AS p, pg_roles AS r '
                        'WHERE r.rolname = current_user AND p.database = current_database() '
                        'AND p.gid ~ ''^opigno_profiles/[0-9]{1,5}/[^/]+/[0-9]{1,5}$''',
                        coalesce(older_than, '0')) END);
                answer := site_schema.await_bulk(prefix || i, i);
                IF pass = 1 THEN
                    rows := rows || ARRAY(
                        SELECT i || '/' || r FROM json_array_elements_text(answer) AS r);
                ELSE
                    found := found || ARRAY(
                        SELECT i || ':' || (p ->> 'gid') FROM json_array_elements(answer) AS p);
                    prepared := prepared || ARRAY(
                        SELECT i || ':' || (p ->> 'gid') FROM json_array_elements(answer) AS p
                        WHERE (p ->> 'may')::boolean ORDER BY 1);
                END IF;
            EXCEPTION WHEN connection_exception THEN
                reached := array_remove(reached, i);
                RETURN QUERY SELECT i, NULL::text, 'cannot be reached';
            END;
        END LOOP;
    END LOOP;
    /* By shards: a transaction waits only for those of lower ones. */
    FOREACH entry IN ARRAY prepared LOOP
        shard := split_part(entry, ':', 1);
        name := substr(entry, strpos(entry, ':') + 1);
        transaction_id := split_part(name, '/', 3);
        outcome := 'in doubt';
        BEGIN
            /* Any role can prepare a transaction with such a name, anywhere. */
            decision := CASE WHEN split_part(name, '/', 4) = shard::text
                    AND split_part(name, '/', 2)::integer < shard
                THEN site_schema.bulk_decision(prefix || 'decision',
                    split_part(name, '/', 2)::integer, transaction_id) END;
            IF decision IS NOT NULL THEN
                PERFORM site_schema.send_bulk(prefix || shard, format('%s PREPARED %L',
                    CASE WHEN decision THEN 'COMMIT' ELSE 'ROLLBACK' END, name));
                PERFORM site_schema.await_bulk(prefix || shard, shard);
                found := array_remove(found, entry);
                outcome := CASE WHEN decision THEN 'committed' ELSE 'rolled back' END;
            END IF;
        EXCEPTION WHEN undefined_object THEN
            found := array_remove(found, entry);
            CONTINUE; /* another session has ended it */
        WHEN connection_exception OR object_not_in_prerequisite_state THEN
            NULL; /* with the second another session is ending it */
        WHEN others THEN
            RAISE WARNING 'prepared transaction "%" on shard %: %', name, shard, SQLERRM;
        END;
        RETURN NEXT;
    END LOOP;
    /* A shard that cannot be reached may have prepared transactions. */
    IF cardinality(reached) = shards_number THEN
        FOREACH entry IN ARRAY rows LOOP
            CONTINUE WHEN EXISTS (SELECT FROM unnest(found) AS p
                WHERE split_part(p, '/', 2) || '/' || split_part(p, '/', 3) = entry);
            BEGIN
                shard := split_part(entry, '/', 1);
                PERFORM site_schema.send_bulk(prefix || shard, format(
                    'SELECT opigno.end_bulk_transaction(%L)',
                    substr(entry, strpos(entry, '/') + 1)));
                PERFORM site_schema.await_bulk(prefix || shard, shard);
            EXCEPTION WHEN connection_exception THEN
                NULL;
            WHEN others THEN
                RAISE WARNING 'load "%" on shard %: %', entry, shard, SQLERRM;
            END;
        END LOOP;
    END IF;
    PERFORM site_schema.close_bulk(prefix, false);
EXCEPTION WHEN query_canceled OR others THEN
    PERFORM site_schema.close_bulk(prefix, true);
    RAISE;
END
$body$, 'Ends prepared transactions of loads over several shards: those of this role, and for '
        'superusers all. What the coordinating shard has committed is committed, everything else '
        'is rolled back. Transactions younger than older_than are left alone. Returns what was '
        'done: committed, rolled back, in doubt, or cannot be reached.')
    ) AS p (proxy, arguments, types, result, body, description)
    UNION ALL TABLE opigno.bulk_answer_proxy;
COMMENT ON VIEW opigno.bulk_proxy IS
'functions of the front for loads from text over several shards, for opigno.sharding_script()';
COMMENT ON COLUMN opigno.bulk_proxy.proxy IS 'name of the function';
COMMENT ON COLUMN opigno.bulk_proxy.arguments IS
'its arguments, as pg_get_function_arguments() has them';
COMMENT ON COLUMN opigno.bulk_proxy.types IS 'the types of its arguments';
COMMENT ON COLUMN opigno.bulk_proxy.result IS 'its result, as pg_get_function_result() has it';
COMMENT ON COLUMN opigno.bulk_proxy.body IS 'its body in PL/pgSQL, with the names to replace';
COMMENT ON COLUMN opigno.bulk_proxy.description IS 'its comment';
