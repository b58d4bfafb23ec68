-- What a request of a client may do to users: its own, those that the client created or was granted, and all others.
SELECT FROM test.register_scopes();
CREATE ROLE regress_opigno_app;
CREATE ROLE regress_opigno_auditor;
CREATE ROLE regress_opigno_none;
SELECT opigno.grant_access('regress_opigno_app', 'user'), opigno.grant_access('regress_opigno_auditor', 'auditor');
GRANT USAGE ON SCHEMA opigno, test TO regress_opigno_none;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA opigno TO regress_opigno_none;
SELECT count(opigno.register_app('App ' || n, app_id => n)) FROM generate_series(0, 1) AS n;
INSERT INTO opigno.client (client_id, client_key, app_id, label, may_act_for, may_grant_scopes, is_operator, expires_at,
    created_at, updated_at)
SELECT client_id, 'key-' || client_id, 0, label, may_act_for, '{AUTHENTICATED,MENTOR}', label = 'operator', 'infinity',
    now(), now()
FROM (VALUES (1001, 'operator', 'created'), (1002, 'all', 'all'), (1003, 'created', 'created'),
    (1004, 'granted', 'created')) AS c (client_id, label, may_act_for);
-- "made" and "made-idle" are of each client; me, other and idle of client 9, which is not registered.
INSERT INTO opigno.user_context (uuid, display_name, is_active, scope, created_by_client_id, version, created_at,
    updated_at)
SELECT uuid, 'User ' || uuid, uuid !~ 'idle', '{AUTHENTICATED}', client, 1, now(), now()
FROM (SELECT 'made-' || n, n FROM generate_series(1001, 1004) AS n
    UNION ALL SELECT 'made-idle-' || n, n FROM generate_series(1001, 1004) AS n
    UNION ALL SELECT uuid, 9 FROM unnest('{me,other,idle,other-idle,granted,granted-idle}'::text[]) AS uuid)
    AS u (uuid, client);
INSERT INTO opigno.client_user SELECT uuid, 1004, now() FROM unnest('{granted,granted-idle}'::text[]) AS uuid;
SELECT count(opigno.upsert_profile(uuid, app_id, '{"a":1}')) FROM opigno.user_context, generate_series(0, 1) AS app_id;
DELETE FROM opigno.audit;

/* What comes of a statement in a request: its SQLSTATE, how many rows it gives, or "changed". It is undone. */
CREATE FUNCTION test.attempt(client bigint, own text, statement text, role text DEFAULT 'app') RETURNS text
    LANGUAGE plpgsql AS $$
DECLARE
    digest_before text := test.digest();
    rows bigint;
BEGIN
    PERFORM opigno.test_request(own, client_id => client);
    EXECUTE 'SET LOCAL ROLE regress_opigno_' || role;
    EXECUTE statement;
    GET DIAGNOSTICS rows = ROW_COUNT;
    RESET ROLE;
    RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = CASE WHEN test.digest() <> digest_before THEN 'changed'
        ELSE rows::text END;
EXCEPTION WHEN OTHERS THEN
    RETURN CASE SQLSTATE WHEN 'ZZ999' THEN SQLERRM ELSE SQLSTATE END;
END $$;
/* The refusal of a statement in a request. */
CREATE FUNCTION test.refused(client bigint, own text, statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM opigno.test_request(own, client_id => client);
    SET LOCAL ROLE regress_opigno_app;
    RETURN QUERY SELECT test.refusal(statement);
    RESET ROLE;
END $$;
SELECT test.digest() AS digest_before \gset

\echo -- every kind of request, for every kind of user
CREATE VIEW test.requester AS SELECT * FROM (VALUES (1, 'operator', 1001::bigint), (2, 'operator, no user', 1001),
    (3, 'all', 1002), (4, 'created', 1003), (5, 'granted', 1004), (6, 'no client', NULL)) AS r (n, requester, client);
SELECT requester, kind,
    test.attempt(client, own, format('SELECT FROM opigno.get_user_context(%L)', uuid)) AS read,
    test.attempt(client, own, format('SELECT opigno.set_user_context(%L, ''Renamed'')', uuid)) AS name,
    test.attempt(client, own, format('SELECT opigno.set_user_scopes(%L, ''{AUTHENTICATED,MENTOR}'')', uuid)) AS within,
    test.attempt(client, own, format('SELECT opigno.set_user_context(%L, scope => ''MENTOR'')', uuid)) AS take,
    test.attempt(client, own, format('SELECT opigno.set_user_context(%L, scope => ''ADMINISTRATOR'')', uuid)) AS beyond,
    test.attempt(client, own, format('SELECT opigno.set_user_context(%L, is_active => false)', uuid)) AS deactivate,
    test.attempt(client, own, format('SELECT opigno.set_user_context(%L, is_active => true)', uuid)) AS activate,
    test.attempt(client, own, format('SELECT FROM opigno.get_profile(%L, 0)', uuid)) AS profile,
    test.attempt(client, own, format('SELECT opigno.upsert_profile(%L, 0, ''{}'')', uuid)) AS own_app,
    test.attempt(client, own, format('SELECT opigno.upsert_profile(%L, 1, ''{}'')', uuid)) AS other_app
FROM test.requester, LATERAL (VALUES
    (1, 'own', 'me', 'me'), (2, 'own, inactive', 'idle', 'idle'), (3, 'own, unknown', 'nobody', 'nobody'),
    (4, 'created', 'me', 'made-' || coalesce(client, 1003)),
    (5, 'created, inactive', 'me', 'made-idle-' || coalesce(client, 1003)),
    (6, 'created, own inactive', 'idle', 'made-' || coalesce(client, 1003)),
    (7, 'granted', 'me', 'granted'), (8, 'granted, inactive', 'me', 'granted-idle'),
    (9, 'granted, own inactive', 'idle', 'granted'),
    (10, 'other', 'me', 'other'), (11, 'other, inactive', 'me', 'other-idle'), (12, 'unknown', 'me', 'nobody'))
    AS u (m, kind, named, uuid), LATERAL (SELECT CASE WHEN n <> 2 THEN named END) AS o (own)
WHERE n <> 2 OR m IN (1, 2, 3, 5)
ORDER BY n, m;

\echo -- it creates the user that its request names, and for all also others
SELECT requester, uuid, test.attempt(client, own, format('SELECT opigno.set_user_context(%L, ''New'', true, %L)', uuid,
    scope)) AS attempt
FROM test.requester, LATERAL (SELECT unnest(CASE WHEN n = 2 THEN ARRAY[NULL] ELSE '{me,nobody}'::text[] END))
    AS o (own),
    unnest(ARRAY['nobody', 'nobody else']) AS uuid, LATERAL (SELECT CASE client WHEN 1001 THEN 'ADMINISTRATOR'
    ELSE CASE WHEN client IS NOT NULL THEN 'MENTOR' END END) AS s (scope)
ORDER BY n, own, uuid;

\echo -- all errors at once; the same words for a user of another client and for an unknown one
BEGIN;
SELECT test.refused(1003, 'me', statement) FROM unnest(ARRAY[
    $$SELECT opigno.set_user_context('made-1003', is_active => false, scope => 'ADMINISTRATOR,HEAD_MENTOR,MENTOR')$$,
    $$SELECT opigno.set_user_context('made-idle-1004', is_active => true, scope => 'ADMINISTRATOR')$$,
    $$SELECT opigno.set_user_context('nobody', 'x')$$, $$SELECT opigno.set_user_scopes('nobody', '{}')$$,
    $$SELECT opigno.upsert_profile('made-1003', 0, '{}')$$]) AS statement;
SELECT test.refused(1004, 'me', $$SELECT opigno.set_user_context('granted-idle', 'x', true, 'ADMINISTRATOR')$$);
ROLLBACK;

\echo -- scopes are those of the list by name; none for a client of an empty list; AUTHENTICATED for one that is unknown
BEGIN;
UPDATE opigno.client SET may_grant_scopes = '{HEAD_MENTOR}' WHERE client_id = 1003;
UPDATE opigno.client SET may_grant_scopes = '{}' WHERE client_id = 1004;
UPDATE opigno.user_context SET scope = '{ADMINISTRATOR}' WHERE uuid = 'other';
SELECT client, uuid, scope, test.attempt(client, 'me', format('SELECT opigno.set_user_scopes(%L, %L)', uuid, scope))
FROM (VALUES (1002::bigint, 'other'), (1003, 'made-1003'), (1004, 'granted')) AS r (client, uuid),
    unnest(ARRAY['{AUTHENTICATED,HEAD_MENTOR}', '{AUTHENTICATED,MENTOR}', '{AUTHENTICATED}', '{}']) AS scope
ORDER BY client, scope COLLATE "C";
SELECT opigno.test_request('me', app_id => 0, client_id => 9);
SET LOCAL ROLE regress_opigno_app;
SELECT scope, test.refusal(format('SELECT opigno.set_user_scopes(''me'', %L)', scope))
FROM unnest(ARRAY['{AUTHENTICATED,MENTOR}', '{}']) AS scope;
ROLLBACK;

\echo -- a client that is revoked, expired or changed while its request runs: the request goes on, the new list counts
BEGIN;
SELECT opigno.test_request('me', client_id => 1003);
UPDATE opigno.client SET may_grant_scopes = '{AUTHENTICATED}', revoked_at = now(), expires_at = now()
WHERE client_id = 1003;
SET LOCAL ROLE regress_opigno_app;
SELECT display_name FROM opigno.set_user_context('made-1003', 'Renamed');
SELECT test.refusal($$SELECT opigno.set_user_scopes('made-1003', '{AUTHENTICATED,MENTOR}')$$);
ROLLBACK;

\echo -- what each sees in tables and lists, by itself and in parallel workers
/* Also where the table has partitions, as in the suite partitions. */
CREATE FUNCTION test.scan_in_parallel(name text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    relation regclass;
BEGIN
    FOR relation IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'opigno'::regnamespace
        AND relname ~ ('^' || name || '(_p\d+)?$') LOOP
        EXECUTE format('ALTER TABLE %s SET (parallel_workers = 2)', relation);
    END LOOP;
END $$;
CREATE FUNCTION test.in_workers(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    setting CONSTANT text :=
        (SELECT name FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query'));
    alone text;
    in_workers text;
    line text;
    launched boolean := false;
BEGIN
    SET LOCAL max_parallel_workers_per_gather = 0;
    EXECUTE statement INTO alone;
    SET LOCAL max_parallel_workers_per_gather = 2;
    SET LOCAL parallel_setup_cost = 0;
    SET LOCAL parallel_tuple_cost = 0;
    SET LOCAL min_parallel_table_scan_size = 0;
    SET LOCAL min_parallel_index_scan_size = 0;
    SET LOCAL parallel_leader_participation = off;
    -- If the statistics of the tables speak against workers, one of them runs the whole plan.
    PERFORM set_config(setting, 'on', true);
    EXECUTE statement INTO in_workers;
    FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || statement LOOP
        launched := launched OR line ~ 'Workers Launched: [1-9]';
    END LOOP;
    PERFORM set_config(setting, 'off', true);
    RETURN CASE WHEN in_workers IS DISTINCT FROM alone THEN 'other than in workers: ' || in_workers
        WHEN NOT launched THEN 'no workers: ' ELSE '' END || coalesce(alone, 'nothing');
END $$;
/* The answer in a request. */
CREATE FUNCTION test.answer(client bigint, own text, statement text, role text DEFAULT 'app') RETURNS text
    LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    PERFORM opigno.test_request(own, client_id => client);
    EXECUTE 'SET LOCAL ROLE regress_opigno_' || role;
    EXECUTE statement INTO answer;
    RESET ROLE;
    RETURN answer;
END $$;
BEGIN;
SELECT test.scan_in_parallel('user_context'), test.scan_in_parallel('profile') \g /dev/null
SELECT requester, own, test.answer(client, own, $$SELECT test.in_workers(
    'SELECT string_agg(uuid::text, '' '' ORDER BY uuid) FROM opigno.user_context')$$) AS user_contexts
FROM test.requester, LATERAL (SELECT unnest(CASE WHEN n = 2 THEN ARRAY[NULL] ELSE '{me,idle,nobody}'::text[] END))
    AS o (own)
ORDER BY n, own;
SELECT requester, own, role, test.answer(client, own, $$SELECT concat_ws(', ',
    test.in_workers('SELECT count(*) FROM opigno.profile'),
    (SELECT count(*) FROM opigno.list_user_contexts()), (SELECT count(*) FROM opigno.client),
    (SELECT count(*) FROM opigno.client_user), opigno.get_user_context_json('granted') IS NOT NULL,
    opigno.has_scope('granted', 'AUTHENTICATED'), opigno.reads_every_user())$$, role)
    AS "profiles, list, clients, grants, json, scope, every user"
FROM test.requester, LATERAL (SELECT CASE WHEN n <> 2 THEN 'me' END) AS o (own),
    unnest(ARRAY['app', 'auditor']) AS role
WHERE role = 'app' OR n <= 2 ORDER BY n, role DESC;
ROLLBACK;

\echo -- a grant that this transaction makes or takes back counts from the next query on, also after a rollback
BEGIN;
SELECT test.scan_in_parallel('user_context') \g /dev/null
CREATE FUNCTION test.seen() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN test.answer(1003, 'me', $q$SELECT test.in_workers($p$SELECT count(*) FROM opigno.user_context
        WHERE uuid = 'other' OR length(uuid) < 0$p$)$q$) || ' '
        || test.answer(1003, 'me', $q$SELECT count(*) FROM opigno.get_user_context('other')$q$) || ' '
        || test.attempt(1003, 'me', $q$SELECT opigno.set_user_context('other', 'Renamed')$q$);
END $$;
SELECT test.seen();
SAVEPOINT a;
INSERT INTO opigno.client_user VALUES ('other', 1003, now());
SELECT test.seen();
SAVEPOINT b;
DELETE FROM opigno.client_user WHERE client_id = 1003;
SELECT test.seen();
ROLLBACK TO SAVEPOINT b;
SELECT test.seen();
ROLLBACK TO SAVEPOINT a;
SELECT test.seen();
\echo -- an open cursor keeps the snapshot, and shows what the request of each FETCH may see
SELECT opigno.test_request('me', client_id => 1004);
SET LOCAL enable_sort = off; -- a sort reads all rows at the first FETCH
SET LOCAL ROLE regress_opigno_app;
DECLARE c CURSOR FOR SELECT uuid FROM opigno.user_context ORDER BY uuid;
FETCH c;
RESET ROLE;
DELETE FROM opigno.client_user;
SET LOCAL ROLE regress_opigno_app;
FETCH 2 FROM c;
RESET ROLE;
SELECT opigno.test_request('me', client_id => 1003);
SET LOCAL ROLE regress_opigno_app;
FETCH 3 FROM c;
ROLLBACK;

\echo -- a request of an operator that names no user
BEGIN;
SELECT opigno.test_request(NULL, client_id => 1001);
SET LOCAL ROLE regress_opigno_app;
SELECT opigno.request_user(), opigno.request_named_user(), opigno.request_scope(), opigno.request_app(),
    opigno.request_client();
SELECT statement, test.refusal('SELECT opigno.' || statement) FROM unnest(ARRAY['my_user_context()', 'my_profiles()',
    'create_my_profile(0, ''{}'')', 'patch_my_profile(0, ''{}'')', 'delete_my_profile(0)', 'my_account()',
    'patch_my_account(''{}'')', 'my_preferences()', 'patch_my_preferences(''{}'')', 'require_scope(''AUTHENTICATED'')'])
    AS statement;
SELECT uuid FROM opigno.set_user_context('new', 'New', true, 'ADMINISTRATOR');
SELECT outcome FROM opigno.upsert_profile('new', 1, '{}');
SELECT opigno.anonymize_user_context('new', fields => true) IS NOT NULL AS anonymized;
SELECT display_name FROM opigno.create_anonymous_user_context();
RESET ROLE;
SELECT uuid LIKE 'anon-%' AS anonymous, is_active, scope, created_by_client_id FROM opigno.user_context
WHERE created_by_client_id = 1001 AND uuid NOT LIKE 'made%' ORDER BY 1;
SELECT action, acting_role, request_client, request_user, user_uuid LIKE 'anon-%' AS anonymous FROM opigno.audit
ORDER BY id;
ROLLBACK;

\echo -- the request of an operator whose user is inactive acts on all; functions of its own user are refused
SELECT statement, test.attempt(1001, 'idle', 'SELECT ' || statement) FROM unnest(ARRAY['opigno.my_profiles()',
    'opigno.patch_my_account(''{}'')', $$opigno.upsert_profile('other', 1, '{}')$$,
    'FROM opigno.my_user_context()']) AS statement;

\echo -- functions of operators at the level user: refused in all other requests, and without one
CREATE VIEW test.operators AS SELECT name, 'SELECT opigno.' || call AS statement FROM (VALUES
    ('set_user_contexts', $$set_user_contexts('[{"uuid":"other","displayName":"Renamed"}]')$$),
    ('register_scope', $$register_scope('NEW_SCOPE')$$), ('register_app', $$register_app('New')$$),
    ('update_app', $$update_app(1, 'New')$$),
    ('configure_extended_profile_field', $$configure_extended_profile_field('new')$$),
    ('drop_extended_profile_field', $$drop_extended_profile_field('new')$$),
    ('configure_accounts', $$configure_accounts(default_visibility => 'all_users')$$),
    ('patch_accounts', $$patch_accounts('[{"username":"other","name":"Renamed"}]')$$),
    ('create_profiles', $$create_profiles('[{"user_id":"other","app_id":1,"profile_data":1}]', 'replace')$$),
    ('patch_profiles', $$patch_profiles('[{"user_id":"other","app_id":1,"patch":{"b":1}}]')$$),
    ('delete_profiles', $$delete_profiles('[{"user_id":"other","app_id":1}]')$$),
    ('export_profiles', 'export_profiles(1)'), ('export_user_contexts', 'export_user_contexts()'),
    ('export_accounts', 'export_accounts()')) AS c (name, call);
SELECT name, test.attempt(NULL, 'me', statement) AS no_client, test.attempt(1002, 'me', statement) AS "all",
    test.attempt(1001, 'me', statement) AS operator, test.attempt(1001, NULL, statement) AS no_user,
    test.attempt(1001, NULL, statement, 'auditor') AS auditor, test.attempt(1001, NULL, statement, 'none') AS no_level
FROM test.operators ORDER BY name COLLATE "C";
\echo -- never by a request: what needs the owner, the level operator itself, or another transaction
SELECT statement, test.attempt(1001, 'me', statement) FROM unnest(ARRAY[
    $$SELECT opigno.grant_access('regress_opigno_none', 'operator')$$,
    $$SELECT opigno.revoke_access('regress_opigno_app')$$,
    'SELECT opigno.refresh_grants()', $$SELECT opigno.purge_audit('infinity')$$,
    $$SELECT opigno.test_request('other')$$,
    $$SELECT opigno.attach_foreign_key('test.first_version', 'version')$$,
    $$SELECT opigno.load_profiles('test.first_version')$$,
    $$CALL opigno.load_profiles_in_batches('test.first_version')$$,
    $$SELECT opigno.register_client(0, 'New')$$, $$SELECT opigno.update_client(1003, is_operator => true)$$,
    'SELECT opigno.rotate_client_secret(1003)', 'SELECT opigno.revoke_client(1003)',
    'SELECT opigno.revoke_client_tokens(1003)', $$SELECT opigno.grant_user(1003, 'other')$$,
    $$SELECT opigno.revoke_user(1004, 'granted')$$,
    'SELECT opigno.may_commit()', 'CALL opigno.purge_access_tokens()', 'CALL opigno.access_operator()',
    'SELECT FROM opigno.audit', 'SELECT FROM opigno.bulk_error', 'SELECT FROM opigno.access_token',
    'SELECT FROM opigno.client_secret', 'DELETE FROM opigno.profile', $$UPDATE opigno.client SET is_operator = true$$])
    AS statement;

\echo -- what test_request takes from a registered client, and what it refuses
CREATE FUNCTION test.operates(VARIADIC arguments text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    EXECUTE format('SELECT opigno.test_request(%s)', array_to_string(arguments, ', '));
    SET LOCAL ROLE regress_opigno_app;
    answer := concat_ws(', ', 'app ' || opigno.request_app(), CASE WHEN opigno.reads_every_user() THEN 'operator' END);
    RESET ROLE;
    RETURN answer;
END $$;
BEGIN;
SELECT test.operates($$'me'$$, 'client_id => 1003'), test.operates($$'me'$$, 'NULL', '0', '1003'),
    test.operates($$'me'$$, 'client_id => 1003', 'is_operator => true'), test.operates($$'me'$$, 'client_id => 1001'),
    test.operates('NULL', 'client_id => 1001'), test.operates($$'me'$$, 'client_id => 1001', 'is_operator => false'),
    test.operates('NULL', 'is_operator => true'), test.operates($$'me'$$, 'client_id => 9', 'app_id => 1');
COMMIT;
SELECT test.refusal('SELECT opigno.test_request(' || arguments || ')') FROM unnest(ARRAY['NULL',
    'NULL, client_id => 1003', 'NULL, client_id => 1001, is_operator => false',
    $$'me', client_id => 1003, app_id => 1$$, $$'me', client_id => 9$$, $$'', is_operator => true$$]) AS arguments;

SELECT test.digest() = :'digest_before' AS nothing_changed;
DELETE FROM opigno.client_user;
DELETE FROM opigno.client;
DELETE FROM opigno.profile;
DELETE FROM opigno.app;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
DROP FUNCTION test.attempt, test.refused, test.in_workers, test.scan_in_parallel, test.answer, test.operates;
DROP VIEW test.requester, test.operators;
DROP OWNED BY regress_opigno_app, regress_opigno_auditor, regress_opigno_none;
DROP ROLE regress_opigno_app, regress_opigno_auditor, regress_opigno_none;
DELETE FROM opigno.site_scope;
