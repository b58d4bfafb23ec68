CREATE OR REPLACE FUNCTION opigno.cluster_shards(cluster text) RETURNS integer
    LANGUAGE c STABLE PARALLEL SAFE COST 100
    AS 'MODULE_PATHNAME', 'opigno_cluster_shards';
COMMENT ON FUNCTION opigno.cluster_shards(text) IS
E'Returns the number of shards of a cluster of PL/Proxy: of the partitions of a foreign server.\n'
'cluster: the name of the foreign server\n'
'Raises 22023 for NULL and for a server without partitions.\n'
'Raises 42704 for an unknown server.';

/*
 * How the answers of several shards become one: a query over their rows, which are named shards. $1
 * and so on are the arguments. A column of rows without names is named r. Functions that are not
 * here have one answer.
 */
CREATE OR REPLACE VIEW opigno.shard_combination WITH (security_invoker = true) AS
    SELECT name AS function_name, c.query
    FROM (VALUES
        ('{list_user_contexts}'::text[],
         'SELECT * FROM shards ORDER BY uuid COLLATE "C" LIMIT coalesce($2, 100)'),
        ('{list_user_contexts_before}',
         'SELECT * FROM shards ORDER BY uuid COLLATE "C" DESC LIMIT coalesce($2, 100)'),
        ('{list_profiles,list_progress}',
         'SELECT * FROM shards ORDER BY user_uuid COLLATE "C" LIMIT coalesce($3, 100)'),
        ('{list_retirements}',
         'SELECT * FROM shards ORDER BY retirement_id LIMIT coalesce($5, 100)'),
        /* Numbers of different shards are not in the order of time. */
        ('{retirement_queue}',
         'SELECT * FROM shards ORDER BY created_at, retirement_id LIMIT coalesce($3, 100)'),
        ('{export_user_contexts}',
         'SELECT r FROM shards ORDER BY r::json ->> ''uuid'' COLLATE "C" LIMIT $2'),
        ('{export_accounts}',
         'SELECT r FROM shards ORDER BY r::json ->> ''username'' COLLATE "C" LIMIT $2'),
        ('{export_profiles}',
         'SELECT r FROM shards ORDER BY r::json ->> ''user_id'' COLLATE "C" LIMIT $3'),
        ('{count_user_contexts}', 'SELECT sum(total)::bigint FROM shards'),
        ('{profile_schema_faults}',
         'SELECT version, path, keyword, schema_path, sum(faults)::bigint, min(first_at), '
         'max(last_at) FROM shards GROUP BY version, path, keyword, schema_path '
         'ORDER BY version, path COLLATE "C", schema_path COLLATE "C"'),
        ('{validate_profiles}',
         'SELECT json_build_object('
         '''errors'', (SELECT coalesce(json_agg(e.error), ''[]'') FROM (SELECT e.error '
         'FROM shards AS s, json_array_elements(s.r -> ''errors'') AS e (error) '
         'LIMIT coalesce($3, 100)) AS e), '
         '''version'', (SELECT max((s.r ->> ''version'')::bigint) FROM shards AS s), '
         '''received'', (SELECT sum((s.r ->> ''received'')::bigint) FROM shards AS s), '
         '''failed'', (SELECT sum((s.r ->> ''failed'')::bigint) FROM shards AS s), '
         '''faults'', (SELECT coalesce(json_agg(f), ''[]'') FROM (SELECT f.path, f.keyword, '
         'f.schema_path, sum(f.faults) AS faults FROM shards AS s, '
         'json_to_recordset(s.r -> ''faults'') AS f (path text, keyword text, schema_path text, '
         'faults bigint) GROUP BY f.path, f.keyword, f.schema_path '
         'ORDER BY f.path COLLATE "C", f.schema_path COLLATE "C") AS f))'),
        ('{begin_retirements,retire_users_data}',
         'SELECT * FROM shards ORDER BY user_uuid COLLATE "C" NULLS FIRST'),
        ('{get_accounts,get_user_bundles}',
         'SELECT s.* FROM shards AS s JOIN (SELECT opigno.canonical_user_uuid(i.given) '
         'AS user_uuid, min(i.n) AS n FROM unnest($1) WITH ORDINALITY AS i (given, n) '
         'GROUP BY 1) AS i '
         'ON i.user_uuid = s.user_uuid ORDER BY i.n'),
        ('{purge_anonymous_user_contexts,purge_audit,refresh_grants}',
         'SELECT sum(r) FROM shards'),
        ('{import_retired_identifiers}', 'SELECT max(r) FROM shards'),
        ('{detach_entity_table}', 'SELECT bool_or(r) FROM shards'),
        ('{attach_entity_table,grant_access,revoke_access}', 'SELECT count(*) FROM shards')
    ) AS c (names, query), unnest(c.names) AS name;
COMMENT ON VIEW opigno.shard_combination IS
'how proxies combine the answers of several shards, for opigno.sharding_script()';
COMMENT ON COLUMN opigno.shard_combination.function_name IS 'name of the function';
COMMENT ON COLUMN opigno.shard_combination.query IS
'a query over the rows of the shards, with the arguments as parameters';

CREATE OR REPLACE FUNCTION opigno.sharding_script(
    cluster text, schema text DEFAULT NULL, hub text DEFAULT NULL)
    RETURNS SETOF text LANGUAGE sql STABLE PARALLEL SAFE ROWS 500
BEGIN ATOMIC
    WITH target AS (
        SELECT coalesce($2, 'sharded') AS schema, coalesce($3, $1 || '_hub') AS hub,
            opigno.cluster_shards($1) AS shards,
            /* It raises the error for an unknown hub. */
            opigno.cluster_shards(coalesce($3, $1 || '_hub')) AS hubs
    ), original AS (
        SELECT p.oid, p.proname::text AS name, r.route, r.key_argument,
            /* PL/Proxy has one result for all calls of a query: in a select list, rows of one call
               would be shown for another. A function of SQL reads all of them at once. */
            coalesce(c.query, CASE WHEN p.proretset THEN 'SELECT * FROM shards' END) AS query,
            p.provolatile AS volatility, p.proacl AS acl, p.proowner AS owner,
            p.pronargs AS arguments,
            oidvectortypes(p.proargtypes) AS types,
            pg_get_function_arguments(p.oid) AS declared, pg_get_function_result(p.oid) AS result,
            array_position(p.proargnames[:p.pronargs], r.key_argument) AS key_position
        FROM opigno.function_route AS r
            JOIN pg_proc AS p ON p.proname = r.function_name
                AND p.pronamespace = 'opigno'::regnamespace AND p.prokind = 'f'
            LEFT JOIN opigno.shard_combination AS c ON c.function_name = p.proname
        WHERE r.route <> 'local' AND r.key_argument IS DISTINCT FROM 'body'
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
                    ELSE format(l.run_on, '$' || o.key_position
                        || CASE o.key_argument WHEN 'payload' THEN ' ->> ''uuid''' ELSE '' END,
                        t.shards) END,
                o.name) AS body
        FROM target AS t, original AS o
            JOIN place AS l ON l.route = o.route
                AND (o.route NOT IN ('user', 'hub', 'bulk') OR (o.query IS NULL) = (l.suffix = ''))
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
        UNION ALL
        /* opigno.http_request_route() says where a request runs. */
        SELECT o.oid, o.acl, o.owner, o.name, o.name || '_of_user', true,
            'user_uuid text, ' || o.declared, 'text, ' || o.types, o.result, 'plproxy',
            format(E'\n    CLUSTER %L;\n    RUN ON opigno.user_shard($1, %s);\n'
                '    SELECT status, response_headers, response_body\n'
                '        FROM opigno.http_request($2, $3, $4, $5);\n', $1, t.shards)
        FROM target AS t, original AS o WHERE o.route = 'request'
        UNION ALL
        SELECT o.oid, o.acl, o.owner, o.name, o.name, false, o.declared, o.types, o.result,
            'plpgsql SET search_path TO pg_catalog, pg_temp', format($front$
DECLARE
    place record;
    problem jsonb;
BEGIN
    place := opigno.http_request_route($1, $2, $3, $4);
    BEGIN
        IF place.route = 'user' THEN
            SELECT * INTO status, response_headers, response_body
            FROM %1$I.http_request_of_user(place.user_uuid, $1, $2, $3, $4);
        ELSIF place.route = 'hub' THEN
            SELECT * INTO status, response_headers, response_body
            FROM %1$I.http_request_of_hub($1, $2, $3, $4);
        ELSIF place.route = 'any' THEN
            SELECT * INTO status, response_headers, response_body
            FROM %1$I.http_request_of_any($1, $2, $3, $4);
        ELSE
            problem := jsonb_build_object('title', 'Not Implemented', 'status', 501,
                'detail', 'the request needs several servers',
                'hint', CASE WHEN to_regproc(format('%%I.%%I', %1$L, place.function_name)) IS NULL
                    THEN 'Call the SQL function ' || place.function_name || ' on each shard.'
                    ELSE 'Call the SQL function ' || place.function_name || ' on the front.' END);
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
        response_body := jsonb_strip_nulls(problem);
    END IF;
END;
$front$, t.schema)
        FROM target AS t, original AS o WHERE o.route = 'request'
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
                CASE WHEN x.is_part
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
COMMENT ON FUNCTION opigno.sharding_script(text, text, text) IS
E'Returns the statements that make a database the front of a system that is sharded by user, one '
'statement a row.\n'
'They create a function for each function of the extension whose route in opigno.function_route '
'is not local: with the same name and arguments, in another schema. It runs the function on the '
'servers of its route, over PL/Proxy. Roles that may execute the function of the extension may '
'execute the proxy. Functions that an earlier script made and this one does not make are dropped. '
'opigno.install_proxies() executes the statements. See docs/guide/sharding.md.\n'
'cluster: the foreign server of PL/Proxy whose partitions are the shards\n'
'schema: the schema of the proxies. Default sharded.\n'
'hub: the foreign server of PL/Proxy whose partition p0 is the hub. Default: the name of the '
'cluster and _hub.\n'
'Raises the errors of opigno.cluster_shards().';

CREATE OR REPLACE PROCEDURE opigno.install_proxies(
    cluster text, schema text DEFAULT NULL, hub text DEFAULT NULL)
    LANGUAGE plpgsql AS $$
DECLARE
    statement pg_catalog.text;
BEGIN
    IF coalesce(schema, 'sharded') OPERATOR(pg_catalog.=) 'opigno' THEN
        RAISE '"schema" must not be opigno'
            USING ERRCODE = '22023', DETAIL = 'The functions of the extension are there.';
    END IF;
    FOR statement IN SELECT s.s FROM opigno.sharding_script(cluster, schema, hub) AS s (s) LOOP
        EXECUTE statement;
    END LOOP;
END
$$;
COMMENT ON PROCEDURE opigno.install_proxies(text, text, text) IS
E'Executes the statements of opigno.sharding_script(), with the rights of the caller.\n'
'Call it on the front again after an upgrade of the extension, and after opigno.grant_access() and '
'opigno.revoke_access(). Functions in PL/Proxy can be created by superusers only.\n'
'cluster: as in opigno.sharding_script()\n'
'schema: as in opigno.sharding_script()\n'
'hub: as in opigno.sharding_script()\n'
'Raises 22023 for the schema of the extension.\n'
'Raises the errors of opigno.sharding_script().';
