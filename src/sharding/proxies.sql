CREATE OR REPLACE FUNCTION opigno.sharding_script(
    cluster text, schema text DEFAULT NULL, hub text DEFAULT NULL,
    from_shards integer DEFAULT NULL)
    /* To compile so large a query takes longer than to run it. */
    RETURNS SETOF text LANGUAGE sql STABLE PARALLEL SAFE ROWS 500 SET jit TO off
BEGIN ATOMIC
    WITH target AS (
        SELECT coalesce($2, 'sharded')::name::text AS schema, coalesce($3, $1 || '_hub') AS hub,
            opigno.cluster_shards($1) AS shards,
            /* It raises the error for an unknown hub. */
            opigno.cluster_shards(coalesce($3, $1 || '_hub')) AS hubs,
            /* While users move from so many shards. It raises the error for wrong numbers. */
            CASE WHEN opigno.user_shard('', $4) >= 0 THEN $4 END AS old_shards
    ), original AS (
        SELECT p.oid, p.proname::text AS name, r.route, r.key_argument,
            /* PL/Proxy has one result for all calls of a query: in a select list, rows of one call
               would be shown for another. A function of SQL reads all of them at once. */
            coalesce(c.query, CASE WHEN p.proretset THEN 'SELECT * FROM shards' END) AS query,
            p.provolatile AS volatility, p.proacl AS acl, p.proowner AS owner,
            p.pronargs AS arguments,
            oidvectortypes(p.proargtypes) AS types,
            pg_get_function_arguments(p.oid) AS declared, pg_get_function_result(p.oid) AS result,
            array_position(p.proargnames[:p.pronargs], r.key_argument) AS key_position,
            (SELECT format('TABLE(%s)', string_agg(format('%I %s', a.name,
                    format_type(a.type, NULL)), ', ' ORDER BY a.n))
             FROM unnest(p.proargnames, p.proargmodes, p.proallargtypes)
                WITH ORDINALITY AS a (name, mode, type, n)
             WHERE a.mode IN ('o', 'b')) AS row_type,
            format(CASE WHEN r.key_argument = 'payload' THEN '$%s ->> ''uuid'''
                    WHEN r.route = 'bulk' THEN '$%s[1]' ELSE '$%s' END,
                array_position(p.proargnames[:p.pronargs], r.key_argument)) AS key,
            (SELECT string_agg('$' || n, ', ' ORDER BY n)
             FROM generate_series(1, p.pronargs) AS n) AS list
        FROM opigno.function_route AS r
            JOIN pg_proc AS p ON p.proname = r.function_name
                AND p.pronamespace = 'opigno'::regnamespace AND p.prokind = 'f'
            LEFT JOIN opigno.shard_combination AS c ON c.function_name = p.proname
        WHERE r.route <> 'local'
            AND (r.key_argument IS DISTINCT FROM 'body' OR $4 IS NOT NULL)
    ), place (route, suffix, on_hub, run_on) AS (
        /* %1$s: the key argument, %2$s: the number of shards */
        VALUES ('user', '', false, 'coalesce(opigno.user_shard(%1$s, %2$s), 0)'),
            ('user', '_of_shards', false, 'coalesce(opigno.user_shard(%1$s, %2$s), 0)'),
            ('bulk', '', false, 'opigno.common_shard(%1$s, %2$s)'),
            ('bulk', '_of_shards', false, 'coalesce(opigno.user_shard(%1$s, %2$s), 0)'),
            ('bulk', '_of_no_user', false, '0'),
            ('list', '_of_shards', false, 'ALL'),
            ('each', '_of_shards', false, 'ALL'), ('each', '_of_hub', true, '0'),
            ('hub', '', true, '0'), ('hub', '_of_shards', true, '0'), ('any', '', false, 'ANY'),
            ('request', '_of_hub', true, '0'), ('request', '_of_any', false, 'ANY')
    ), proxy AS (
        /* What runs on one server or on several: functions in PL/Proxy. */
        SELECT o.oid, o.acl, o.owner, o.name, o.name || l.suffix AS proxy,
            l.suffix <> '' AS is_part,
            o.declared, o.types,
            CASE WHEN l.suffix = '' OR o.route = 'request' OR o.result ~ '^(TABLE|SETOF)'
                THEN o.result ELSE 'SETOF ' || o.result END AS result,
            'plproxy' AS language,
            format(E'\n    CLUSTER %L;%s\n    RUN ON %s;\n    TARGET opigno.%I;\n',
                CASE WHEN l.on_hub THEN t.hub ELSE $1 END,
                CASE WHEN o.route = 'bulk' AND l.suffix = '_of_shards'
                    THEN format(E'\n    SPLIT $%s;', o.key_position) ELSE '' END,
                CASE WHEN o.key_argument = 'from_uuid'
                    THEN format('opigno.common_shard(ARRAY[$1, $2], %s)', t.shards)
                    /* New shards have no place yet for new users. */
                    WHEN o.route = 'any' AND t.old_shards IS NOT NULL
                    THEN format('opigno.user_shard(gen_random_uuid()::text, %s)', t.old_shards)
                    ELSE format(l.run_on, '$' || o.key_position
                        || CASE o.key_argument WHEN 'payload' THEN ' ->> ''uuid''' ELSE '' END,
                        t.shards) END,
                o.name) AS body
        FROM target AS t, original AS o
            JOIN place AS l ON l.route = o.route
                AND (o.route NOT IN ('user', 'hub', 'bulk') OR (o.query IS NULL) = (l.suffix = ''))
        WHERE t.old_shards IS NULL OR o.route NOT IN ('user', 'bulk')
            OR l.suffix = '_of_no_user'
        UNION ALL
        /* While users move, a user is on the old shard or on the new one. Both say so: what writes
           checks it itself, and reads are checked by the same query. */
        SELECT o.oid, o.acl, o.owner, o.name, o.name || l.suffix, true, o.declared, o.types,
            CASE WHEN o.result ~ '^(TABLE|SETOF)' THEN o.result ELSE 'SETOF ' || o.result END,
            'plproxy',
            format(E'\n    CLUSTER %L;\n    RUN ON %s;\n    %s;\n', $1,
                /* Both users must belong on one shard after the moves, too. */
                CASE WHEN o.key_argument = 'from_uuid'
                    THEN format('mod(opigno.common_shard(ARRAY[$1, $2], %s), %s)', t.shards,
                        l.shards)
                    ELSE format('coalesce(opigno.user_shard(%s, %s), 0)', o.key, l.shards) END,
                CASE WHEN o.route = 'user' AND (o.volatility = 'v' OR o.name = 'is_user_here')
                    THEN format('TARGET opigno.%I', o.name)
                    ELSE format('SELECT * FROM opigno.%I(%s) AS r '
                        'WHERE opigno.check_user_place(%s)', o.name, o.list,
                        /* PL/Proxy adds a type after the name of a parameter. */
                        CASE WHEN o.route = 'bulk' THEN format(
                            '(SELECT i FROM unnest($%s) AS i LIMIT 1)', o.key_position)
                            ELSE o.key END) END)
        FROM target AS t, original AS o, LATERAL (
                VALUES ('_of_old_shard', t.old_shards), ('_of_new_shard', t.shards))
                AS l (suffix, shards)
        WHERE t.old_shards IS NOT NULL
            AND (o.route = 'user' OR o.route = 'bulk' AND o.query IS NOT NULL)
        UNION ALL
        /* Names of arguments can be those of columns, which PL/pgSQL does not permit. */
        SELECT o.oid, o.acl, o.owner, o.name, o.name || '_of_moving_user', true, o.types, o.types,
            CASE WHEN o.result = 'record' THEN o.row_type
                WHEN o.result ~ '^(TABLE|SETOF)' THEN o.result ELSE 'SETOF ' || o.result END,
            CASE WHEN o.volatility = 'v' THEN 'plpgsql' ELSE 'plpgsql STABLE' END
                || ' SET search_path TO pg_catalog, pg_temp',
            format($front$
BEGIN
    FOR attempt IN 1 .. 100 LOOP
        BEGIN
            /* After an error PL/Proxy connects anew, so it is better to ask first. */
            IF opigno.user_shard(%5$s, %6$s) = opigno.user_shard(%5$s, %7$s)
                OR (SELECT r FROM %1$I.is_user_here_of_old_shard(%5$s) AS r)
            THEN
                RETURN QUERY SELECT * FROM %1$I.%2$I(%3$s);
            ELSE
                RETURN QUERY SELECT * FROM %1$I.%4$I(%3$s);
            END IF;
            RETURN;
        EXCEPTION WHEN SQLSTATE 'PT409' THEN
            IF SQLERRM NOT LIKE '%%the user is not on this shard' OR attempt = 100
                OR opigno.user_shard(%5$s, %6$s) = opigno.user_shard(%5$s, %7$s)
            THEN
                RAISE;
            END IF;
        END;
        PERFORM pg_sleep(0.02);
    END LOOP;
END;
$front$, t.schema, o.name || '_of_old_shard',
                o.list, o.name || '_of_new_shard', o.key, t.old_shards, t.shards)
        FROM target AS t, original AS o
        WHERE t.old_shards IS NOT NULL
            AND (o.route = 'user' OR o.route = 'bulk' AND o.query IS NOT NULL)
        UNION ALL
        SELECT o.oid, o.acl, o.owner, o.name, o.name, false, o.declared, o.types, o.result,
            CASE WHEN o.volatility = 'v' THEN 'sql' ELSE 'sql STABLE' END,
            format(E'\n    SELECT * FROM %I.%I(%s)\n', t.schema, o.name || '_of_moving_user',
                o.list)
        FROM target AS t, original AS o
        WHERE t.old_shards IS NOT NULL AND o.route = 'user'
        UNION ALL
        /* Users of a list move one by one, and are asked for one by one. */
        SELECT o.oid, o.acl, o.owner, o.name, o.name, false, o.declared, o.types, o.result,
            'sql SET search_path TO pg_catalog, pg_temp',
            format(E'\n    WITH shards AS (\n'
                '        SELECT r.* FROM (SELECT DISTINCT ON (opigno.canonical_user_uuid(i.given)) '
                'i.given\n            FROM unnest($%5$s) AS i (given)) AS u, %1$I.%2$I(%3$s) AS r\n'
                '        UNION ALL SELECT * FROM %1$I.%6$I(%4$s) AS r\n'
                '        WHERE $%5$s IS NULL OR cardinality($%5$s) = 0)\n    %7$s\n',
                t.schema, o.name || '_of_moving_user',
                rtrim(replace(o.list || ',', '$' || o.key_position || ',', 'ARRAY[u.given],'), ','),
                o.list,
                o.key_position, o.name || '_of_no_user', o.query)
        FROM target AS t, original AS o
        WHERE t.old_shards IS NOT NULL AND o.route = 'bulk' AND o.query IS NOT NULL
        UNION ALL
        /* These write all users of a list, or of a body, in one transaction. */
        SELECT o.oid, o.acl, o.owner, o.name, o.name, false, o.declared, o.types, o.result,
            'plpgsql SET search_path TO pg_catalog, pg_temp', format($front$
BEGIN
    RAISE 'function %s cannot be called while users move' USING ERRCODE = '0A000',
        HINT = 'Call a function for one user, or call it again when the users have moved.';
END;
$front$, o.name)
        FROM target AS t, original AS o
        WHERE t.old_shards IS NOT NULL AND o.route = 'bulk' AND o.query IS NULL
        UNION ALL
        /* What combines the answers of several servers. */
        SELECT o.oid, o.acl, o.owner, o.name, o.name, false, o.declared, o.types, o.result,
            CASE WHEN o.query <> 'SELECT * FROM shards'
                THEN 'sql SET search_path TO pg_catalog, pg_temp'
                WHEN o.volatility = 'v' THEN 'sql' ELSE 'sql STABLE' END,
            format(E'\n    WITH shards AS (\n        SELECT * FROM %I.%I(%s) AS r%s)\n    %s\n',
                t.schema, o.name || '_of_shards', a.list,
                CASE o.route
                    WHEN 'each' THEN format(E'\n        UNION ALL SELECT * FROM %I.%I(%s) AS r',
                        t.schema, o.name || '_of_hub', a.list)
                    WHEN 'bulk' THEN format(
                        E'\n        UNION ALL SELECT * FROM %I.%I(%s) AS r\n'
                        '        WHERE $%s IS NULL OR cardinality($%s) = 0',
                        t.schema, o.name || '_of_no_user', a.list, o.key_position, o.key_position)
                    ELSE '' END,
                o.query)
        FROM target AS t, original AS o,
            LATERAL (SELECT string_agg('$' || n, ', ' ORDER BY n) AS list
                     FROM generate_series(1, o.arguments) AS n) AS a
        WHERE o.query IS NOT NULL
            AND (t.old_shards IS NULL OR o.route NOT IN ('user', 'bulk'))
        UNION ALL
        /* opigno.http_request_route() says where a request runs. */
        SELECT o.oid, o.acl, o.owner, o.name, o.name || l.suffix, true,
            'user_uuid text, ' || o.declared, 'text, ' || o.types, o.result, 'plproxy',
            format(E'\n    CLUSTER %L;\n    RUN ON opigno.user_shard($1, %s);\n'
                '    SELECT status, response_headers, response_body\n'
                '        FROM opigno.http_request($2, $3, $4, $5);\n', $1, l.shards)
        FROM target AS t, original AS o, LATERAL (
            VALUES (CASE WHEN t.old_shards IS NULL THEN '_of_user' ELSE '_of_new_shard' END,
                    t.shards),
                ('_of_old_shard', t.old_shards)) AS l (suffix, shards)
        WHERE o.route = 'request' AND l.shards IS NOT NULL
        UNION ALL
        /* The parts of a request to several shards. */
        SELECT o.oid, o.acl, o.owner, o.name, o.name || '_of_shards', true,
            'shards integer[], targets text[], bodies bytea[], method text, headers jsonb',
            'integer[], text[], bytea[], text, jsonb',
            'TABLE(shard integer, status integer, response_headers jsonb, response_body text)',
            'plproxy',
            format(E'\n    CLUSTER %L;\n    SPLIT $1, $2, $3;\n    RUN ON $1;\n'
                '    SELECT s.shard, r.status, r.response_headers, r.response_body\n'
                '        FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2),\n'
                '                pg_catalog.unnest($3)) AS s (shard, target, body),\n'
                '            opigno.http_request($4, s.target, $5, s.body) AS r;\n', $1)
        FROM original AS o WHERE o.route = 'request'
        UNION ALL
        SELECT o.oid, o.acl, o.owner, o.name, o.name || '_of_all', true, o.declared, o.types,
            o.result, 'plpgsql SET search_path TO pg_catalog, pg_temp', format($front$
DECLARE
    shards integer[];
    targets text[];
    bodies bytea[];
    answers json[];
BEGIN
    SELECT array_agg(s.shard), array_agg(s.shard_target), array_agg(coalesce(s.shard_body, $4, ''))
    INTO shards, targets, bodies
    FROM opigno.split_http_request($1, $2, $3, $4, %2$s) AS s%3$s;
    IF shards IS NULL THEN
        RETURN;
    END IF;
    IF $1 IN ('GET', 'HEAD') THEN
        SELECT array_agg(json_build_object('status', g.status, 'headers', g.response_headers,
            'body', g.response_body::json) ORDER BY g.shard) INTO answers
        FROM %1$I.http_request_of_shards(shards, targets, bodies, 'GET', $3) AS g;
    ELSE
        /* Each commits by itself. Its answer must not be lost because another shard fails. */
        FOR i IN 1 .. cardinality(shards) LOOP
            BEGIN
                answers[i] := (SELECT json_build_object('status', g.status, 'headers',
                        g.response_headers, 'body', g.response_body::json)
                    FROM %1$I.http_request_of_shards(
                        shards[i:i], targets[i:i], bodies[i:i], $1, $3) AS g);
            EXCEPTION WHEN internal_error OR connection_exception OR admin_shutdown
                    OR crash_shutdown OR cannot_connect_now THEN
                RAISE LOG 'no answer of shard %% through the front: %%', shards[i], SQLERRM;
                answers[i] := '{"status": 503, "headers": {"Content-Type": '
                    '"application/problem+json", "Cache-Control": "no-store"}, "body": '
                    '{"title": "Service Unavailable", "status": 503, "detail": '
                    '"a server cannot be reached; other servers may have written"}}';
            END;
        END LOOP;
    END IF;
    SELECT r.* INTO status, response_headers, response_body
    FROM opigno.combine_http_answers($1, $2, $3, array_to_json(answers)) AS r;
END;
$front$, t.schema, t.shards,
            /* While users move, only lists: all shards have a part of the same target. */
            CASE WHEN t.old_shards IS NOT NULL THEN E'\n    HAVING count(*) > 1 '
                'AND bool_and(s.shard_target = $2) AND $1 IN (''GET'', ''HEAD'')' ELSE '' END)
        FROM target AS t, original AS o WHERE o.route = 'request'
        UNION ALL
        SELECT o.oid, o.acl, o.owner, o.name, o.name || '_of_user', true,
            'user_uuid text, ' || o.declared, 'text, ' || o.types, o.result,
            'plpgsql SET search_path TO pg_catalog, pg_temp', format($front$
BEGIN
    FOR attempt IN 1 .. 100 LOOP
        IF opigno.user_shard($1, %2$s) = opigno.user_shard($1, %3$s)
            OR (SELECT r FROM %1$I.is_user_here_of_old_shard($1) AS r)
        THEN
            SELECT * INTO status, response_headers, response_body
            FROM %1$I.http_request_of_old_shard($1, $2, $3, $4, $5);
        ELSE
            SELECT * INTO status, response_headers, response_body
            FROM %1$I.http_request_of_new_shard($1, $2, $3, $4, $5);
        END IF;
        EXIT WHEN attempt = 100 OR status IS DISTINCT FROM 409
            OR response_body NOT LIKE '%%the user is not on this shard%%'
            OR opigno.user_shard($1, %2$s) = opigno.user_shard($1, %3$s);
        PERFORM pg_sleep(0.02);
    END LOOP;
END;
$front$, t.schema, t.old_shards, t.shards)
        FROM target AS t, original AS o
        WHERE o.route = 'request' AND t.old_shards IS NOT NULL
        UNION ALL
        SELECT o.oid, o.acl, o.owner, o.name, o.name, false, o.declared, o.types, o.result,
            'plpgsql SET search_path TO pg_catalog, pg_temp', format($front$
DECLARE
    place record;
    problem jsonb;
    sent_headers jsonb := $3;
    assertion text;
    is_asked boolean := false;
BEGIN
    place := opigno.http_request_route($1, $2, $3, $4);
    BEGIN
        IF place.request_user_uuid IS NOT NULL AND (%2$L OR place.route <> 'user'
            OR opigno.user_shard(place.user_uuid, %3$s)
                <> opigno.user_shard(place.request_user_uuid, %3$s))
        THEN
            is_asked := true;
            BEGIN
                SELECT r INTO assertion
                FROM %1$I.issue_user_assertion(place.request_user_uuid, $3) AS r;
            EXCEPTION WHEN SQLSTATE 'PT409' OR undefined_function OR program_limit_exceeded
                    OR insufficient_resources OR transaction_rollback OR lock_not_available THEN
                RAISE LOG 'no assertion for the front: %%', SQLERRM;
                problem := CASE WHEN SQLERRM LIKE '%%the user is not on this shard' AND NOT %2$L
                    THEN '{"title": "Conflict", "status": 409,
                        "detail": "the user is not on this shard",
                        "hint": "Register the issuer of the JWT on the front, too."}'::jsonb
                    ELSE '{"title": "Service Unavailable", "status": 503,
                        "detail": "no server can say who asks; the log of the front has more"}' END;
            END;
            IF assertion IS NULL THEN
                /* The shard of the user refuses the request, and says why. */
                place.route := 'user';
                place.user_uuid := place.request_user_uuid;
            ELSIF assertion <> '' THEN
                SELECT jsonb_object_agg(h.key, h.value) INTO sent_headers
                FROM (SELECT h.key, h.value FROM jsonb_each($3) AS h
                      WHERE lower(h.key) <> 'opigno-user-assertion'
                      UNION ALL SELECT 'Opigno-User-Assertion', to_jsonb(assertion)) AS h;
            END IF;
        END IF;
        IF problem IS NOT NULL THEN
            status := problem -> 'status';
        ELSIF place.route = 'user' THEN
            SELECT * INTO status, response_headers, response_body
            FROM %1$I.http_request_of_user(place.user_uuid, $1, $2, sent_headers, $4);
        ELSIF place.route = 'hub' THEN
            SELECT * INTO status, response_headers, response_body
            FROM %1$I.http_request_of_hub($1, $2, sent_headers, $4);
        ELSIF place.route = 'any' THEN
            SELECT * INTO status, response_headers, response_body
            FROM %1$I.ask_any_shard($1, $2, $3, $4);
        ELSIF place.on_error IS NOT NULL AND NOT %2$L THEN
            SELECT * INTO status, response_headers, response_body
            FROM %1$I.run_bulk_request(place.function_name, place.on_error, place.dry_run,
                $1, $2, sent_headers, $4);
        ELSE
            SELECT * INTO status, response_headers, response_body
            FROM %1$I.http_request_of_all($1, $2, sent_headers, $4);
        END IF;
        IF status IS NULL THEN
            problem := jsonb_build_object('title', 'Not Implemented', 'status', 501,
                'detail', 'the request needs several servers',
                'hint', CASE WHEN place.function_name IS NULL THEN 'Send several requests.'
                    WHEN to_regproc(format('%%I.%%I', %1$L, place.function_name)) IS NULL
                    THEN 'Call the SQL function ' || place.function_name || ' on each shard.'
                    ELSE 'Call the SQL function ' || place.function_name || ' on the front.' END);
        ELSIF is_asked AND assertion IS NULL AND status < 400 THEN
            /* In this moment something has changed. That shard may not have what is asked for. */
            problem := '{"title": "Service Unavailable", "status": 503,
                "detail": "the user has changed; what the request writes may have been written"}';
        END IF;
    EXCEPTION WHEN internal_error OR connection_exception OR admin_shutdown OR crash_shutdown
            OR cannot_connect_now THEN
        /* PL/Proxy raises internal_error if it cannot connect, or loses the connection. */
        RAISE LOG 'no answer through the front: %%', SQLERRM;
        problem := '{"title": "Service Unavailable", "status": 503,
            "detail": "a server cannot be reached; what the request writes may have been written"}';
    END;
    IF problem IS NOT NULL THEN
        status := problem -> 'status';
        response_headers :=
            '{"Content-Type": "application/problem+json", "Cache-Control": "no-store"}';
        response_body := CASE WHEN $1 <> 'HEAD' THEN jsonb_strip_nulls(problem) END;
    END IF;
END;
$front$, t.schema, t.old_shards IS NOT NULL, t.shards)
        FROM target AS t, original AS o WHERE o.route = 'request'
        UNION ALL
        /* Loads from text: src/sharding/bulk_proxies.sql has what they call. */
        SELECT p.oid, p.proacl, p.proowner, p.proname::text, p.proname::text, false,
            pg_get_function_arguments(p.oid), oidvectortypes(p.proargtypes),
            pg_get_function_result(p.oid), 'sql SET search_path TO pg_catalog, pg_temp',
            format(E'\n    SELECT %I.run_bulk(%L, %s, format(%L%s));\n', t.schema, p.proname,
                (SELECT string_agg('$' || array_position(p.proargnames, c.name), ', ' ORDER BY c.n)
                 FROM unnest('{body,on_error,dry_run,max_errors}'::text[])
                     WITH ORDINALITY AS c (name, n)), o.format, o.list)
        FROM target AS t, opigno.function_route AS r
            JOIN pg_proc AS p ON p.proname = r.function_name
                AND p.pronamespace = 'opigno'::regnamespace AND p.prokind = 'f',
            LATERAL (SELECT coalesce(string_agg(', ' || a.name || ' => %L', '' ORDER BY a.n), '')
                         AS format, coalesce(string_agg(', $' || a.n, '' ORDER BY a.n), '') AS list
                     FROM unnest(p.proargnames) WITH ORDINALITY AS a (name, n)
                     WHERE a.name <> ALL ('{body,on_error,dry_run,max_errors}')) AS o
        WHERE r.route = 'bulk' AND r.key_argument = 'body' AND t.old_shards IS NULL
        UNION ALL
        SELECT NULL, (SELECT array_agg(DISTINCT a.item::text)::aclitem[]
             FROM opigno.function_route AS r
                JOIN pg_proc AS p ON p.proname = r.function_name
                    AND p.pronamespace = 'opigno'::regnamespace AND p.prokind = 'f',
                unnest(p.proacl) AS a (item)
            WHERE r.route = 'request' OR r.route = 'bulk' AND r.key_argument = 'body'),
            (SELECT p.proowner FROM pg_proc AS p WHERE p.oid = 'opigno.split_bulk'::regproc),
            b.proxy, b.proxy, true, b.arguments, b.types, b.result,
            'plpgsql SET search_path TO pg_catalog, pg_temp',
            replace(replace(replace(replace(b.body, 'site_schema', quote_ident(t.schema)),
                'dblink_schema', coalesce((SELECT e.extnamespace::regnamespace::text
                    FROM pg_extension AS e WHERE e.extname = 'dblink'), 'public')),
                'shards_number', t.shards::text),
                '''cluster_name''', quote_literal($1))
        FROM target AS t, opigno.bulk_proxy AS b
    ), statement (step, proxy, line, text) AS (
        SELECT 1, '', 1, format('CREATE SCHEMA %I', t.schema) FROM target AS t
        WHERE NOT EXISTS (SELECT FROM pg_namespace AS n WHERE n.nspname = t.schema)
        UNION ALL
        SELECT 2, p.proname, 1,
            format('DROP FUNCTION %I.%I(%s)', t.schema, p.proname, oidvectortypes(p.proargtypes))
        FROM target AS t JOIN pg_namespace AS n ON n.nspname = t.schema
            JOIN pg_proc AS p ON p.pronamespace = n.oid
        WHERE obj_description(p.oid, 'pg_proc') LIKE '%Made by opigno.sharding_script().'
            AND NOT EXISTS (
                SELECT FROM proxy AS x
                WHERE x.proxy = p.proname AND x.declared = pg_get_function_arguments(p.oid)
                    AND x.result = pg_get_function_result(p.oid))
        UNION ALL
        /* Privileges that roles no longer have on the function itself. */
        SELECT DISTINCT 2, '', 2, format('REVOKE ALL ON %s FROM %s', s.object, g.grantee::regrole)
        FROM target AS t JOIN pg_namespace AS n ON n.nspname = t.schema
            JOIN pg_proc AS p ON p.pronamespace = n.oid,
            aclexplode(p.proacl) AS g, LATERAL (
                SELECT format('FUNCTION %I.%I(%s)', t.schema, p.proname,
                    oidvectortypes(p.proargtypes))
                WHERE NOT EXISTS (SELECT FROM proxy AS x, aclexplode(x.acl) AS a
                                  WHERE x.proxy = p.proname AND a.grantee = g.grantee)
                UNION ALL
                SELECT o.object FROM (VALUES (format('SCHEMA %I', t.schema)),
                    (format('FOREIGN SERVER %I', $1)), (format('FOREIGN SERVER %I', t.hub)))
                    AS o (object)
                WHERE NOT EXISTS (SELECT FROM proxy AS x, aclexplode(x.acl) AS a
                                  WHERE a.grantee = g.grantee)) AS s (object)
        WHERE obj_description(p.oid, 'pg_proc') LIKE '%Made by opigno.sharding_script().'
            AND g.grantee NOT IN (0, p.proowner)
        UNION ALL
        SELECT CASE WHEN x.is_part THEN 3 ELSE 4 END, x.proxy, s.line, s.text
        FROM target AS t, proxy AS x, LATERAL (VALUES
            (1, format(E'CREATE OR '
                'REPLACE FUNCTION %I.%I(%s)\n    RETURNS %s LANGUAGE %s AS %L',
                t.schema, x.proxy, x.declared, x.result, x.language,
                x.body)),
            (2, format(E'COMMENT ON FUNCTION %I.%I(%s) IS %L', t.schema, x.proxy, x.types,
                CASE WHEN x.oid IS NULL
                    THEN (SELECT b.description FROM opigno.bulk_proxy AS b WHERE b.proxy = x.proxy)
                        || E'\n'
                    WHEN x.is_part
                    THEN format(E'Runs opigno.%I() for %I.%I(). Call that.\n', x.name, t.schema,
                                x.name)
                    ELSE obj_description(x.oid, 'pg_proc') || E'\n' END
                || 'Made by opigno.sharding_script().')),
            (3, format('REVOKE ALL ON FUNCTION %I.%I(%s) FROM PUBLIC', t.schema, x.proxy, x.types))
        ) AS s (line, text)
        UNION ALL
        SELECT 5, x.proxy, 1,
            format('GRANT EXECUTE ON FUNCTION %I.%I(%s) TO %s', t.schema, x.proxy, x.types,
                string_agg(g.grantee::regrole::text, ', '
                    ORDER BY g.grantee::regrole::text COLLATE "C"))
        FROM target AS t, proxy AS x, aclexplode(x.acl) AS g
        WHERE g.grantee NOT IN (0, x.owner) AND g.privilege_type = 'EXECUTE'
        GROUP BY t.schema, x.proxy, x.types
        UNION ALL
        SELECT DISTINCT 6, '', s.line,
            format('GRANT USAGE ON %s TO %s', s.object, g.grantee::regrole)
        FROM target AS t, original AS o, aclexplode(o.acl) AS g, LATERAL (VALUES
            (1, format('SCHEMA %I', t.schema)), (2, format('FOREIGN SERVER %I', $1)),
            (3, format('FOREIGN SERVER %I', t.hub))) AS s (line, object)
        WHERE g.grantee NOT IN (0, o.owner)
        UNION ALL
        /* A role with USAGE could connect to the shards as any other one. */
        SELECT 7, '', s.line, s.text FROM target AS t, LATERAL (VALUES
            (1, (SELECT format('DROP EVENT TRIGGER %I', e.evtname) FROM pg_event_trigger AS e
                 WHERE e.evtname = t.schema || '_user_mapping')),
            (2, format(E'CREATE OR '
                'REPLACE FUNCTION %I.refuse_user_mapping() RETURNS event_trigger\n'
                '    LANGUAGE plpgsql SET search_path TO pg_catalog, pg_temp AS %L', t.schema,
                format($front$
BEGIN
    IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() AS c
               JOIN pg_user_mappings AS m ON m.umid = c.objid
               WHERE c.classid = 'pg_user_mapping'::regclass AND m.srvname IN (%L, %L))
        AND NOT (SELECT r.rolsuper FROM pg_roles AS r WHERE r.rolname = current_user)
    THEN
        RAISE 'permission denied for user mappings of the front' USING ERRCODE = '42501',
            DETAIL = 'A role could connect to other servers as another role.',
            HINT = 'A superuser can create user mappings.';
    END IF;
END
$front$, $1, t.hub))),
            (3, format('REVOKE ALL ON FUNCTION %I.refuse_user_mapping() FROM PUBLIC', t.schema)),
            (4, format('COMMENT ON FUNCTION %I.refuse_user_mapping() IS %L', t.schema,
                'Only superusers create user mappings for the servers of the front.')),
            (5, format('CREATE EVENT TRIGGER %I ON ddl_command_end WHEN TAG IN '
                '(''CREATE USER MAPPING'', ''ALTER USER MAPPING'') EXECUTE FUNCTION '
                '%I.refuse_user_mapping()', t.schema || '_user_mapping', t.schema)))
            AS s (line, text)
        WHERE s.text IS NOT NULL
    )
    SELECT s.text FROM statement AS s ORDER BY s.step, s.proxy COLLATE "C", s.line, s.text;
END;
COMMENT ON FUNCTION opigno.sharding_script(text, text, text, integer) IS
E'Returns the statements that make a database the front of a system that is sharded by user, one '
'statement a row.\n'
'They create a function for each function of the extension whose route in opigno.function_route '
'is not local: with the same name and arguments, in another schema. It runs the function on the '
'servers of its route, over PL/Proxy. Roles that may execute the function of the extension may '
'execute the proxy. Functions that an earlier script made and this one does not make are dropped. '
'opigno.install_proxies() executes the statements. See docs/guide/sharding.md.\n'
'cluster: the foreign server of PL/Proxy whose partitions are the shards\n'
'schema: the schema of the proxies. Default sharded. A name is truncated to 63 bytes, as in '
'CREATE SCHEMA.\n'
'hub: the foreign server of PL/Proxy whose partition p0 is the hub. Default: the name of the '
'cluster and _hub.\n'
'from_shards: while users move, the number of shards before: the first partitions of the cluster. '
'A user is looked for on the old shard, and then on the new one. Default NULL: no users move.\n'
'Raises 22023 if from_shards is not from 1 to 65536.\n'
'Raises the errors of opigno.cluster_shards().';

CREATE OR REPLACE PROCEDURE opigno.install_proxies(
    cluster text, schema text DEFAULT NULL, hub text DEFAULT NULL,
    from_shards integer DEFAULT NULL)
    LANGUAGE plpgsql AS $$
DECLARE
    statement pg_catalog.text;
BEGIN
    IF coalesce(schema, 'sharded') OPERATOR(pg_catalog.=) 'opigno' THEN
        RAISE '"schema" must not be opigno'
            USING ERRCODE = '22023', DETAIL = 'The functions of the extension are there.';
    END IF;
    IF opigno.cluster_shards(cluster) OPERATOR(pg_catalog.%) from_shards
            OPERATOR(pg_catalog.<>) 0
        OR from_shards OPERATOR(pg_catalog.>=) opigno.cluster_shards(cluster)
    THEN
        RAISE '"from_shards" must be a part of the number of shards' USING ERRCODE = '22023',
            DETAIL = 'The new number of shards is a multiple of the number before.';
    END IF;
    FOR statement IN
        SELECT s.s FROM opigno.sharding_script(cluster, schema, hub, from_shards) AS s (s)
    LOOP
        EXECUTE statement;
    END LOOP;
END
$$;
COMMENT ON PROCEDURE opigno.install_proxies(text, text, text, integer) IS
E'Executes the statements of opigno.sharding_script(), with the rights of the caller.\n'
'Call it on the front again after an upgrade of the extension, and after opigno.grant_access() and '
'opigno.revoke_access(). Functions in PL/Proxy can be created by superusers only.\n'
'cluster: as in opigno.sharding_script()\n'
'schema: as in opigno.sharding_script()\n'
'hub: as in opigno.sharding_script()\n'
'from_shards: as in opigno.sharding_script()\n'
'Raises 22023 for the schema of the extension, and if the number of shards is not a multiple of '
'from_shards.\n'
'Raises the errors of opigno.sharding_script().';
