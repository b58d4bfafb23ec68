-- Rules that every object of the extension keeps; each query gives no row.
CREATE TEMP VIEW member AS
    SELECT d.classid, d.objid FROM pg_depend AS d JOIN pg_extension AS e ON d.refobjid = e.oid
    WHERE e.extname = 'opigno_profiles' AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e';
CREATE TEMP VIEW function AS
    SELECT p.*, l.lanname FROM pg_proc AS p JOIN member AS m ON m.objid = p.oid AND m.classid = 'pg_proc'::regclass
    JOIN pg_language AS l ON l.oid = p.prolang;
CREATE TEMP VIEW relation AS
    SELECT c.* FROM pg_class AS c JOIN member AS m ON m.objid = c.oid AND m.classid = 'pg_class'::regclass;

-- There is something to check.
SELECT count(*) > 10 AS has_functions FROM function;
SELECT count(*) > 1 AS has_relations FROM relation;

\echo -- everything lives in schema opigno
SELECT proname FROM function WHERE pronamespace <> 'opigno'::regnamespace;
SELECT relname FROM relation WHERE relnamespace <> 'opigno'::regnamespace;

\echo -- nothing for PUBLIC
SELECT p.oid::regprocedure FROM function AS p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
WHERE a.grantee = 0;
SELECT c.relname FROM relation AS c, aclexplode(c.relacl) AS a WHERE a.grantee = 0;
SELECT n.nspname FROM pg_namespace AS n, aclexplode(n.nspacl) AS a WHERE n.nspname = 'opigno' AND a.grantee = 0;
SELECT t.typname FROM pg_type AS t JOIN member AS m ON m.objid = t.oid AND m.classid = 'pg_type'::regclass
    AND t.typelem = 0, aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) AS a
WHERE a.grantee = 0 AND t.typrelid NOT IN (SELECT oid FROM relation
    WHERE relkind <> 'c'); -- row types of tables are members from 17 on

\echo -- no SECURITY DEFINER, and none without a fixed search_path
SELECT oid::regprocedure FROM function WHERE prosecdef;

\echo -- no SQL function whose body is parsed at call time under a search_path of the caller
SELECT oid::regprocedure FROM function WHERE lanname = 'sql' AND prosqlbody IS NULL;
SELECT oid::regprocedure, lanname FROM function WHERE lanname NOT IN ('c', 'sql') AND prokind <> 'a'
    AND NOT (prokind = 'p' AND lanname = 'plpgsql');

\echo -- procedures that commit have no SET, which would forbid that; load_profiles.sql plants what could be in their
\echo -- way
SELECT oid::regprocedure FROM function WHERE prokind = 'p' AND lanname = 'plpgsql' AND proconfig IS NOT NULL
    AND prosrc ~ '\mCOMMIT\M';

\echo -- SQL functions can be inlined, but for one that is no part of larger queries
SELECT oid::regprocedure FROM function WHERE lanname = 'sql'
    AND (proisstrict OR provolatile = 'v' OR proconfig IS NOT NULL OR NOT proretset);

\echo -- what reads tables under row security, and the request itself, may run in parallel workers, which know the request
SELECT oid::regprocedure FROM function WHERE proparallel <> 's'
    AND (lanname = 'sql' OR proname LIKE 'may\_read\_%' OR proname LIKE 'request\_%' OR proname = 'reads_every_user');

\echo -- every C symbol is the SQL name with the prefix
SELECT oid::regprocedure, prosrc FROM function WHERE lanname = 'c' AND prosrc <> 'opigno_' || proname;

\echo -- volatile functions are not parallel safe
SELECT oid::regprocedure FROM function WHERE provolatile = 'v' AND proparallel = 's';

\echo -- no overloads, no variadics, every argument named, optional ones DEFAULT NULL
SELECT proname FROM function GROUP BY proname HAVING count(*) > 1;
SELECT oid::regprocedure FROM function
WHERE provariadic <> 0 OR (pronargs > 0 AND (proargnames IS NULL OR '' = ANY (proargnames)));
SELECT p.oid::regprocedure FROM function AS p, generate_series(pronargs - pronargdefaults + 1, pronargs) AS n
WHERE pg_get_function_arg_default(p.oid, n) NOT LIKE 'NULL::%';

\echo -- names: snake_case, no reserved word; authorization and operationName are names of HTTP and GraphQL
SELECT p.oid::regprocedure, name FROM function AS p, unnest(p.proname::text || coalesce(p.proargnames, '{}')) AS name
WHERE (name !~ '^[a-z][a-z0-9_]*$' OR name IN (SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T'))
   OR name IN ('user', 'limit', 'position'))
    AND (p.proname, name) NOT IN (('begin_request', 'authorization'), ('graphql', 'operationName'));
SELECT c.relname, a.attname FROM relation AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
WHERE a.attname !~ '^[a-z][a-z0-9_]*$' OR a.attname IN (SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T'));

\echo -- generators of GraphQL: no set-returning function like rows of a table, no argument like those of their lists
SELECT p.oid::regprocedure FROM function AS p JOIN relation AS c ON p.proname IN (c.relname, c.relname || 's')
WHERE p.proretset;
SELECT p.oid::regprocedure, name FROM function AS p, unnest(p.proargnames) AS name
WHERE p.proretset AND name IN ('first', 'last', 'before', 'after', 'offset', 'condition', 'filter');

\echo -- arguments and results that every driver knows
SELECT p.oid::regprocedure, type::regtype FROM function AS p,
    unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]) || p.prorettype) AS type
WHERE type::regtype::text NOT IN ('text', 'text[]', 'boolean', 'integer', 'bigint', 'bigint[]',
    'timestamp with time zone', 'jsonb', 'json', 'bytea', 'record', 'void', 'numeric', 'integer[]');

\echo -- everything has a comment
SELECT pg_describe_object(classid, objid, 0) FROM member
WHERE obj_description(objid, classid::regclass::name) IS NULL
  AND NOT (classid = 'pg_type'::regclass AND objid IN (SELECT oid FROM pg_type WHERE typtype = 'c' OR typelem <> 0));
SELECT c.relname, a.attname FROM relation AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relkind IN ('r', 'v') AND col_description(c.oid, a.attnum) IS NULL;

\echo -- tables: a primary key, no row triggers, data and sequences dumped; unique keys of user data contain the uuid
SELECT relname FROM relation AS c WHERE relkind = 'r'
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = c.oid AND contype = 'p');
SELECT relname FROM relation WHERE relhastriggers
    AND EXISTS (SELECT FROM pg_trigger WHERE tgrelid = relation.oid AND NOT tgisinternal);
SELECT relname FROM relation WHERE relkind IN ('r', 'S')
    AND relname NOT IN ('bulk_error', 'bulk_error_id_seq') /* gone in a week anyway */
    AND relname NOT IN ('app_schema_fault', 'app_schema_fault_id_seq') /* counted anew with each change of a schema */
    AND relname <> 'access_token' /* valid for an hour */
    AND relname NOT IN ('token_secret', 'shard_secret') /* who has them can forge tokens and assertions */
  AND oid <> ALL (SELECT unnest(extconfig) FROM pg_extension WHERE extname = 'opigno_profiles');
SELECT i.indexrelid::regclass FROM pg_index AS i JOIN relation AS c ON c.oid = i.indrelid
WHERE i.indisunique AND c.relname NOT IN ('site_scope', 'app', 'audit', 'extended_profile_field', 'preference_rule',
    'account_setting',
    'bulk_error', 'client', 'client_secret', 'access_token',
    'token_issuer', 'token_key', 'token_secret', 'app_schema', 'app_schema_fault', 'profile_migration', 'training',
    'training_profile',
    'entity_table', 'ranking_step', 'retirement_state', 'retirement', 'retirement_partner_report', 'retirement_salt',
    'retired_identifier', 'erasure_certificate', 'server_role', 'shard_secret', 'bulk_transaction',
    'moving_slot')
  AND NOT EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
    AND a.atttypid = 'opigno.user_uuid'::regtype);

\echo -- checks on user data are those of domains: parsed once a session, and silent about the row
SELECT conrelid::regclass, conname FROM pg_constraint JOIN relation ON relation.oid = conrelid WHERE contype = 'c'
    AND relname NOT IN ('site_scope', 'app', 'extended_profile_field', 'account_setting', 'client', 'client_secret',
    'access_token', 'token_issuer', 'token_key', 'token_secret', 'app_schema', 'entity_table',
    'retirement_salt', 'retired_identifier', 'erasure_certificate', 'server_role', 'shard_secret',
    'moving_slot');

\echo -- documents are compressed with lz4 where the server has it, and pages keep room for the next version of a row
SELECT attrelid::regclass, attname FROM pg_attribute JOIN relation ON relation.oid = attrelid AND relkind = 'r'
WHERE 'jsonb'::regtype IN (atttypid, (SELECT typbasetype FROM pg_type WHERE oid = atttypid))
    AND (attcompression = 'l') <> (SELECT 'lz4' = ANY (enumvals) FROM pg_settings
    WHERE name = 'default_toast_compression');
SELECT relname, reloptions FROM relation WHERE relname IN ('user_context', 'profile', 'account', 'preference',
    'training', 'training_progress', 'training_profile')
    AND reloptions IS NULL;

\echo -- views are security_invoker
SELECT relname FROM relation WHERE relkind = 'v' AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)
    /* leave out members of rows */
    AND NOT (relname IN ('visible_profile', 'visible_training_profile') AND 'security_barrier=true' = ANY (reloptions));

\echo -- every table has row security, and the owner is not held by it: writes depend on that
SELECT relname FROM relation WHERE relkind = 'r' AND NOT relrowsecurity;
SELECT relname FROM relation WHERE relforcerowsecurity;
SELECT relname FROM relation WHERE relrowsecurity AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = relation.oid);

\echo -- policies are for reading, without sub-selects. Of columns, they call leakproof functions that do not keep a
\echo -- query by key from its index
SELECT polrelid::regclass, polname FROM pg_policy JOIN relation ON relation.oid = polrelid
WHERE polcmd <> 'r' OR pg_get_expr(polqual, polrelid) ~ 'SELECT';
SELECT proname FROM function
WHERE proname LIKE 'may\_read\_%' AND NOT (proleakproof AND provolatile = 's' AND procost = 1);
SELECT polrelid::regclass, pg_get_expr(polqual, polrelid) FROM pg_policy JOIN relation ON relation.oid = polrelid
ORDER BY relname;

\echo -- a level has no table privilege beyond SELECT, none that it may pass on, and every function is of a level or of
\echo -- the owner alone, as are the hashes of secrets and tokens
SELECT c.relname, a.grantee::regrole, a.privilege_type FROM relation AS c, aclexplode(c.relacl) AS a
WHERE a.grantee <> c.relowner;
SELECT level, privilege, object FROM opigno.level_privilege
WHERE (kind, privilege) NOT IN (('SCHEMA', 'USAGE'), ('TYPE', 'USAGE'), ('TABLE', 'SELECT'), ('FUNCTION', 'EXECUTE'),
    ('PROCEDURE', 'EXECUTE'));
SELECT proname AS of_no_level FROM function WHERE NOT EXISTS
    (SELECT FROM opigno.level_privilege WHERE object = format('opigno.%I(%s)', proname, oidvectortypes(proargtypes)))
ORDER BY proname;
SELECT relname AS of_no_level FROM relation WHERE relkind IN ('r', 'v')
  AND NOT EXISTS (SELECT FROM opigno.level_privilege WHERE object = format('opigno.%I', relname)) ORDER BY relname;
SELECT object, array_agg(level ORDER BY level) AS levels FROM opigno.level_privilege GROUP BY object ORDER BY 2, 1;
