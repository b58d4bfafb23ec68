CREATE OR REPLACE FUNCTION opigno.distributed_rows(read_name text, arguments text[])
    RETURNS SETOF record LANGUAGE c STABLE PARALLEL UNSAFE COST 200 ROWS 100
    AS 'MODULE_PATHNAME', 'opigno_distributed_rows';
COMMENT ON FUNCTION opigno.distributed_rows(text, text[]) IS
E'Returns rows of tables that Citus has distributed, as far as the caller may see them.\n'
'The nodes of Citus do not know the request, so the rows are read with the rights of the '
'extension''s owner, and the server that was called decides which of them the caller sees. After '
'opigno.distribute() the functions that read call this one. Call those.\n'
'read_name: profile, profiles, user_context, user_contexts, user_contexts_before, progress, '
'progress_of_training, accounts, clients or training_profiles\n'
'arguments: what the rows are chosen by; users and trainings are in canonical form\n'
'Raises 22023 for an unknown name, and for another number of arguments than it needs.\n'
'Raises 42804 if the query gives the rows other columns.';

CREATE OR REPLACE VIEW opigno.citus_table WITH (security_invoker = true) AS
    WITH placed AS (
        SELECT c.oid, p.table_name, p.placement,
            (SELECT a.attname FROM pg_index AS i
                JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
             WHERE i.indrelid = c.oid AND i.indisprimary
                AND a.atttypid = 'opigno.user_uuid'::regtype) AS key_column
        FROM opigno.table_placement AS p
            JOIN pg_class AS c
                ON c.relname = p.table_name AND c.relnamespace = 'opigno'::regnamespace
    ), judged AS (
        SELECT p.*, a.attnum,
            EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = p.oid AND i.indisunique
                    AND a.attnum <> ALL (i.indkey::smallint[])) AS has_other_key,
            EXISTS (SELECT FROM pg_constraint AS f WHERE f.conrelid = p.oid AND f.contype = 'f'
                    AND f.confrelid = 'opigno.user_context'::regclass
                    AND f.conkey[1] <> a.attnum) AS refers_to_other_user,
            EXISTS (SELECT FROM pg_constraint AS f WHERE f.conrelid = p.oid
                    AND f.contype = 'f') AS refers
        FROM placed AS p
            LEFT JOIN pg_attribute AS a ON a.attrelid = p.oid AND a.attname = p.key_column
    )
    SELECT j.table_name,
        CASE WHEN j.placement = 'users' AND j.key_column IS NOT NULL AND NOT j.has_other_key
                AND NOT j.refers_to_other_user AND j.table_name <> 'user_merge' THEN 'distributed'
            WHEN j.placement = 'server' AND NOT j.refers AND j.table_name <> 'profile_migration'
                THEN 'local'
            ELSE 'reference' END AS kind,
        j.key_column::text AS key_column
    FROM judged AS j;
COMMENT ON VIEW opigno.citus_table IS
'what opigno.distribute() makes of each table on a coordinator of Citus';
COMMENT ON COLUMN opigno.citus_table.table_name IS 'name of the table, without its schema';
COMMENT ON COLUMN opigno.citus_table.kind IS
'distributed (by user), reference (whole on every node) or local (on the coordinator only)';
COMMENT ON COLUMN opigno.citus_table.key_column IS
'the column with the user, if the primary key begins with it; distributed tables are split by it';

/*
 * Citus refuses plans of SQL functions over distributed tables, and its nodes know no request. So
 * these functions read what the coordinator may show. The bodies are parsed in the caller's
 * search_path.
 */
CREATE OR REPLACE VIEW opigno.citus_read WITH (security_invoker = true) AS
    WITH row_of (kind, columns) AS (
        VALUES ('profile', 'user_uuid pg_catalog.text, app_id pg_catalog.int4, '
            'profile_data pg_catalog.jsonb, version pg_catalog.int8, '
            'created_at pg_catalog.timestamptz, updated_at pg_catalog.timestamptz'),
        ('user_context', 'uuid pg_catalog.text, id pg_catalog.int8, '
            'display_name pg_catalog.text, is_active pg_catalog.bool, scope pg_catalog.text[], '
            'version pg_catalog.int8, created_at pg_catalog.timestamptz, '
            'updated_at pg_catalog.timestamptz, created_by_client_id pg_catalog.int8'),
        ('account', 'user_uuid pg_catalog.text, extended_profile pg_catalog.jsonb, '
            'preferences pg_catalog.jsonb'),
        ('training_profile', 'training_id pg_catalog.text, app_id pg_catalog.int4, '
            'profile_data pg_catalog.jsonb, version pg_catalog.int8, '
            'created_at pg_catalog.timestamptz, updated_at pg_catalog.timestamptz'),
        ('progress', 'user_uuid pg_catalog.text, training_id pg_catalog.text, '
            'is_enrolled pg_catalog.bool, status pg_catalog.text, progress pg_catalog.numeric, '
            'score pg_catalog.numeric, details pg_catalog.jsonb, '
            'reported_at pg_catalog.timestamptz, version pg_catalog.int8, '
            'created_at pg_catalog.timestamptz, updated_at pg_catalog.timestamptz')
    ), read (function_name, kind, read_name, arguments, columns, condition) AS (
        VALUES ('get_profile', 'profile', 'profile', '%1$s, NULL', NULL,
            'r.app_id OPERATOR(pg_catalog.=) $2'),
        ('list_profiles', 'profile', 'profiles', '%2$s, %4$s, $1::pg_catalog.text', NULL, 'true'),
        ('export_profiles', 'profile', 'profiles',
            '%2$s, $3::pg_catalog.text, $1::pg_catalog.text',
            'pg_catalog.json_build_object(''user_id'', r.user_uuid, ''app_id'', r.app_id, '
            '''profile_data'', r.profile_data)::pg_catalog.text', 'true'),
        ('get_user_context', 'user_context', 'user_context', '%1$s', '%6$s', 'true'),
        ('list_user_contexts', 'user_context', 'user_contexts', '%1$s, %3$s, %5$s, $4', '%6$s',
            'true'),
        ('list_user_contexts_before', 'user_context', 'user_contexts_before',
            '%1$s, %3$s, %5$s, $4', '%6$s', 'true'),
        ('count_user_contexts', 'user_context', 'user_contexts',
            'NULL, NULL, $1::pg_catalog.text, $2', 'pg_catalog.count(*)', 'true'),
        ('export_user_contexts', 'user_context', 'user_contexts',
            '%1$s, $2::pg_catalog.text, NULL, NULL',
            'pg_catalog.json_build_object(''uuid'', r.uuid, ''displayName'', r.display_name, '
            '''isActive'', r.is_active, ''scope'', r.scope)::pg_catalog.text', 'true'),
        ('export_accounts', 'account', 'accounts', '%1$s, $2::pg_catalog.text',
            '(pg_catalog.jsonb_build_object(''username'', r.user_uuid) OPERATOR(pg_catalog.||) '
            'coalesce((SELECT pg_catalog.jsonb_object_agg(f.key, f.value) '
            'FROM pg_catalog.jsonb_each(r.extended_profile) AS f '
            'JOIN opigno.list_extended_profile_fields() AS e '
            'ON e.field_name OPERATOR(pg_catalog.=) f.key '
            'AND e.placement OPERATOR(pg_catalog.=) ''account''), ''{}'') '
            'OPERATOR(pg_catalog.||) coalesce((SELECT pg_catalog.jsonb_build_object('
            '''extended_profile'', pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('
            '''field_name'', f.key, ''field_value'', f.value))) '
            'FROM pg_catalog.jsonb_each(r.extended_profile) AS f WHERE NOT EXISTS (SELECT FROM '
            'opigno.list_extended_profile_fields() AS e WHERE e.field_name '
            'OPERATOR(pg_catalog.=) f.key AND e.placement OPERATOR(pg_catalog.=) ''account'') '
            'HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) 0), ''{}'') '
            'OPERATOR(pg_catalog.||) CASE WHEN r.preferences IS NULL THEN ''{}'' ELSE '
            'pg_catalog.jsonb_build_object(''preferences'', r.preferences) END)::pg_catalog.text',
            'true'),
        ('get_training_profile', 'training_profile', 'training_profiles',
            'NULL, NULL, $2::pg_catalog.text, %1$s', NULL, 'r.app_id OPERATOR(pg_catalog.=) $2 '
            'AND r.training_id OPERATOR(pg_catalog.=) opigno.canonical_user_uuid($1)'),
        ('list_training_profiles', 'training_profile', 'training_profiles',
            '%2$s, %4$s, $1::pg_catalog.text, NULL', NULL,
            'r.app_id OPERATOR(pg_catalog.=) $1'),
        ('get_progress', 'progress', 'progress', '%1$s, %2$s', NULL, 'true'),
        ('list_progress', 'progress', 'progress_of_training', '%2$s, %4$s, %1$s, $4', NULL,
            'true')
    )
    SELECT d.function_name,
        format('SELECT %s FROM opigno.distributed_rows(%L, ARRAY[%s]) AS r (%s) WHERE %s',
            format(coalesce(d.columns, 'r.*'), '', '', '', '', '',
                'r.uuid, r.id, r.display_name, r.is_active, r.scope, r.version, r.created_at, '
                'r.updated_at'),
            d.read_name,
            format(d.arguments, 'opigno.canonical_user_uuid($1)', 'opigno.canonical_user_uuid($2)',
                'coalesce($2, 100)::pg_catalog.text', 'coalesce($3, 100)::pg_catalog.text',
                '$3::pg_catalog.text'),
            w.columns, d.condition) AS body
    FROM read AS d JOIN row_of AS w ON w.kind = d.kind;
COMMENT ON VIEW opigno.citus_read IS
'the bodies that opigno.distribute() gives functions that read distributed tables';
COMMENT ON COLUMN opigno.citus_read.function_name IS 'name of the function';
COMMENT ON COLUMN opigno.citus_read.body IS 'a query over opigno.distributed_rows()';

CREATE OR REPLACE PROCEDURE opigno.distribute()
    LANGUAGE plpgsql SET search_path TO pg_catalog, pg_temp AS $$
DECLARE
    owner CONSTANT oid := (SELECT n.nspowner FROM pg_namespace AS n WHERE n.nspname = 'opigno');
    item record;
    failure record;
    foreign_keys text[] := '{}';
    inner_name text;
    version CONSTANT text := (
        SELECT e.extversion FROM pg_extension AS e WHERE e.extname = 'opigno_profiles');
    commands text[] := ARRAY[
        'ALTER DOMAIN opigno.user_uuid DROP CONSTRAINT IF EXISTS user_uuid_is_canonical'];
BEGIN
    IF NOT pg_has_role(owner, 'USAGE') THEN
        RAISE 'permission denied for procedure distribute' USING ERRCODE = '42501',
            DETAIL = 'It requires the rights of the extension''s owner.';
    ELSIF (SELECT count(*) = 0 FROM pg_extension WHERE extname = 'citus') THEN
        RAISE 'this database does not have the extension citus' USING ERRCODE = '0A000',
            HINT = 'Install Citus, and run CREATE EXTENSION citus. docs/guide/sharding.md needs '
                'PL/Proxy instead.';
    ELSIF EXISTS (SELECT FROM opigno.server_role) THEN
        RAISE 'this server is a shard or a hub' USING ERRCODE = 'PT409',
            HINT = 'opigno.become_single_server() makes it a server on its own.';
    ELSIF NOT (SELECT r.rolcanlogin FROM pg_roles AS r WHERE r.oid = owner) THEN
        RAISE 'the extension''s owner cannot log in' USING ERRCODE = 'PT409',
            DETAIL = 'The coordinator connects to the other nodes as the owner.',
            HINT = format('ALTER ROLE %s LOGIN; pg_hba.conf of the nodes decides from where.',
                owner::regrole);
    END IF;
    EXECUTE 'SELECT citus_is_coordinator() AS is_one, (SELECT count(*) FROM pg_dist_node AS n '
        'WHERE n.isactive AND n.shouldhaveshards) AS nodes' INTO item;
    IF NOT item.is_one OR item.nodes = 0 THEN
        RAISE 'this is not a coordinator with nodes for shards' USING ERRCODE = 'PT409',
            HINT = 'Call citus_set_coordinator_host() and citus_add_node() on the coordinator.';
    END IF;
    EXECUTE 'SELECT format(''%s:%s'', w.nodename, w.nodeport) AS node, w.result '
        'FROM run_command_on_workers($1) AS w WHERE w.result IS DISTINCT FROM $2 LIMIT 1'
        INTO failure USING format('SELECT extversion FROM pg_extension WHERE extname = %L',
            'opigno_profiles'), version;
    IF failure.node IS NOT NULL THEN
        RAISE 'a node of Citus does not have this version of the extension' USING ERRCODE = 'PT409',
            DETAIL = format('This server has version %s. Node %s says: %s.', version, failure.node,
                coalesce(nullif(failure.result, ''), 'no extension')),
            HINT = 'CREATE EXTENSION opigno_profiles, or ALTER EXTENSION opigno_profiles UPDATE, '
                'on the coordinator, which sends it to the nodes.';
    END IF;
    EXECUTE 'SELECT format(''%s:%s'', w.nodename, w.nodeport) AS node '
        'FROM run_command_on_workers(''SHOW max_prepared_transactions'') AS w '
        'WHERE w.success AND w.result = ''0'' LIMIT 1' INTO failure;
    IF failure.node IS NOT NULL THEN
        RAISE 'a node of Citus has no prepared transactions' USING ERRCODE = 'PT409',
            DETAIL = format('max_prepared_transactions is 0 on %s. A write and its audit record '
                'are one transaction by two-phase commit.', failure.node),
            HINT = 'Set max_prepared_transactions to max_connections or more on each node, and '
                'restart it.';
    ELSIF EXISTS (
        SELECT FROM pg_policy AS p
        WHERE p.polrelid IN ('opigno.user_context'::regclass, 'opigno.profile'::regclass,
            'opigno.training_progress'::regclass, 'opigno.account'::regclass,
            'opigno.preference'::regclass, 'opigno.client_user'::regclass,
            'opigno.training_profile'::regclass)
        GROUP BY p.polrelid HAVING count(*) > 1)
    THEN
        RAISE 'tables of users have row security policies of the site' USING ERRCODE = 'PT409',
            DETAIL = 'They do not hold for tables that Citus has distributed.';
    END IF;
    PERFORM set_config('citus.multi_shard_modify_mode', 'sequential', true);
    PERFORM set_config('client_min_messages', 'warning', true);

    /* Tables of extensions are there on each node already, with foreign keys. */
    FOR item IN EXECUTE
        'SELECT f.conrelid::regclass::text AS t, f.conname, pg_get_constraintdef(f.oid) AS def, '
        '    f.confrelid = ''opigno.user_context''::regclass AND k.kind <> ''distributed'' AS lost '
        'FROM pg_constraint AS f JOIN pg_class AS c ON c.oid = f.conrelid '
        '    JOIN opigno.citus_table AS k ON k.table_name = c.relname '
        'WHERE f.contype = ''f'' AND f.connamespace = ''opigno''::regnamespace '
        '    AND NOT EXISTS (SELECT FROM pg_dist_partition AS p '
        '        WHERE p.logicalrelid = f.conrelid)'
    LOOP
        commands := commands || format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I',
            item.t, item.conname);
        IF NOT item.lost THEN
            foreign_keys := foreign_keys || format('ALTER TABLE %s ADD CONSTRAINT %I %s',
                item.t, item.conname, item.def);
        END IF;
    END LOOP;
    FOR item IN SELECT c.command FROM unnest(commands) WITH ORDINALITY AS c (command, n)
        ORDER BY c.n
    LOOP
        EXECUTE 'SELECT format(''%s:%s'', w.nodename, w.nodeport) AS node, w.result '
            'FROM run_command_on_workers($1) AS w WHERE NOT w.success LIMIT 1'
            INTO failure USING item.command;
        IF failure.node IS NOT NULL THEN
            RAISE 'a node of Citus could not be set up' USING ERRCODE = 'PT409',
                DETAIL = format('%s on %s: %s', item.command, failure.node, failure.result),
                HINT = 'Call the procedure again when the cause is gone.';
        END IF;
        EXECUTE item.command;
    END LOOP;
    /* Citus loses rows whose key is of a domain with a CHECK constraint. */
    IF 0 = (SELECT count(*) FROM pg_constraint AS c
                   WHERE c.conrelid = 'opigno.user_context'::regclass
                       AND c.conname = 'user_uuid_is_canonical') THEN
        ALTER TABLE opigno.user_context ADD CONSTRAINT user_uuid_is_canonical
            CHECK (opigno.is_user_uuid(uuid));
    END IF;

    FOR item IN EXECUTE
        'SELECT format(''opigno.%I'', k.table_name) AS t, k.kind, k.key_column '
        'FROM opigno.citus_table AS k WHERE k.kind <> ''local'' AND NOT EXISTS (SELECT '
        '    FROM pg_dist_partition AS p '
        '    WHERE p.logicalrelid = format(''opigno.%I'', k.table_name)::regclass) '
        'ORDER BY k.kind DESC, k.table_name <> ''user_context'', k.table_name'
    LOOP
        IF item.kind = 'reference' THEN
            EXECUTE 'SELECT create_reference_table($1::regclass)' USING item.t;
        ELSE
            EXECUTE 'SELECT create_distributed_table($1::regclass, $2, colocate_with => $3)'
                USING item.t, item.key_column, CASE item.t WHEN 'opigno.user_context' THEN 'none'
                    ELSE 'opigno.user_context' END;
        END IF;
    END LOOP;
    FOR item IN SELECT c.command FROM unnest(foreign_keys) AS c (command) LOOP
        EXECUTE item.command;
    END LOOP;

    FOR item IN SELECT p.oid, r.function_name, r.body FROM opigno.citus_read AS r
        JOIN pg_proc AS p ON p.proname = r.function_name
            AND p.pronamespace = 'opigno'::regnamespace
    LOOP
        EXECUTE format('CREATE OR '
            'REPLACE FUNCTION opigno.%I(%s) RETURNS %s LANGUAGE sql STABLE AS %L',
            item.function_name, pg_get_function_arguments(item.oid),
            pg_get_function_result(item.oid), item.body);
    END LOOP;
    /* Citus refuses parameters of queries in SQL functions, and not of those in PL/pgSQL. There a
       result column may not have the name of an argument, so the arguments have none. These
       functions show what the caller may read, so PUBLIC may execute them. */
    FOR item IN
        SELECT DISTINCT p.oid, p.proname, p.proargnames[:p.pronargs] AS names,
            oidvectortypes(p.proargtypes) AS types, pg_get_function_result(p.oid) AS result,
            regexp_replace(pg_get_function_sqlbody(p.oid),
                '^BEGIN ATOMIC\s+(.*);\s*END$', '\1') AS body
        FROM pg_depend AS d
            JOIN pg_proc AS p ON p.oid = d.objid AND d.classid = 'pg_proc'::regclass
            JOIN pg_class AS c ON c.oid = d.refobjid AND d.refclassid = 'pg_class'::regclass
            JOIN opigno.citus_table AS k ON k.table_name = c.relname AND k.kind = 'reference'
        WHERE p.pronamespace = 'opigno'::regnamespace AND p.prosqlbody IS NOT NULL
            AND p.proretset AND p.prokind = 'f'
    LOOP
        FOR place IN REVERSE cardinality(item.names) .. 1 LOOP
            item.body := regexp_replace(item.body,
                format('\m%s\.%s\M', item.proname, item.names[place]), '$' || place, 'g');
        END LOOP;
        inner_name := 'citus_' || item.proname;
        EXECUTE format('CREATE OR '
            'REPLACE FUNCTION opigno.%I(%s) RETURNS %s LANGUAGE plpgsql STABLE '
            'SET search_path TO pg_catalog, pg_temp AS %L', inner_name, item.types, item.result,
            format(E'#variable_conflict use_column\nBEGIN\n    RETURN QUERY %s;\nEND', item.body));
        IF 0 = (SELECT count(*) FROM pg_depend AS d
                       WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'e' AND d.objid =
                           to_regprocedure(format('opigno.%I(%s)', inner_name, item.types))) THEN
            EXECUTE format('ALTER EXTENSION opigno_profiles ADD FUNCTION opigno.%I(%s)',
                inner_name, item.types);
        END IF;
        EXECUTE format('CREATE OR '
            'REPLACE FUNCTION opigno.%I(%s) RETURNS %s LANGUAGE sql STABLE AS %L',
            item.proname, pg_get_function_arguments(item.oid), item.result,
            CASE item.proname WHEN 'find_trainings' THEN
                /* Citus forgets that a view is read with the rights of its owner. */
                'SELECT t.* FROM opigno.citus_find_trainings($1, NULL, CASE WHEN $2 IS NULL '
                'THEN $3 ELSE 2147483647 END) AS t WHERE $2 IS NULL '
                'OR t.training_id OPERATOR(pg_catalog.=) ANY (SELECT r.training_id FROM '
                'opigno.distributed_rows(''training_profiles'', ARRAY[NULL, NULL, '
                '$2::pg_catalog.text, NULL]) AS r (training_id pg_catalog.text, '
                'app_id pg_catalog.int4, profile_data pg_catalog.jsonb, version pg_catalog.int8, '
                'created_at pg_catalog.timestamptz, updated_at pg_catalog.timestamptz)) '
                'LIMIT coalesce($3, 10)'
            ELSE format('SELECT * FROM opigno.%I(%s)', inner_name,
                (SELECT coalesce(string_agg('$' || n, ', ' ORDER BY n), '')
                 FROM generate_series(1, cardinality(item.names)) AS n)) END);
    END LOOP;
END
$$;
COMMENT ON PROCEDURE opigno.distribute() IS
E'Distributes the tables of users over the nodes of Citus, on its coordinator.\n'
'Tables with a row or rows for each user are split by user, and the rows of one user are on one '
'node. Registries, and tables of users with few rows, are copied to every node. The others stay '
'on the coordinator: see opigno.citus_table. Functions that read tables of users are replaced. '
'Clients call the coordinator. Call the procedure again after each upgrade. It waits for all '
'transactions that use the tables. docs/guide/citus.md says what works and what does not.\n'
'Raises 0A000 if the database does not have Citus.\n'
'Raises 42501 if the caller does not have the rights of the extension''s owner.\n'
'Raises PT409 if the server is no coordinator with nodes, if it is a shard or a hub, if the owner '
'cannot log in, or if a node refuses a command.';
