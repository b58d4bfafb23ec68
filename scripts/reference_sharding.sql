-- # Servers of a sharded system
-- Several servers can share the users. The [guide](guide/sharding.md) shows how.

-- ## user_shard
SELECT opigno.user_shard('john', 4), opigno.user_shard('3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77', 4);

-- ## announce_server_role_change
SELECT opigno.announce_server_role_change();

-- ## become_shard
SELECT opigno.become_shard(0, 1);
SELECT server_kind, shard, shards FROM opigno.server_role;

-- ## become_hub
SELECT opigno.become_hub() WHERE NOT EXISTS (SELECT FROM opigno.user_context);

-- ## become_single_server
SELECT opigno.become_single_server();

-- ## begin_user_moves
SELECT opigno.become_shard(0, 1);
SELECT opigno.begin_user_moves(2, slots => 64) > 0 AS has_begun;
SELECT slot_state, count(*) FROM opigno.moving_slot GROUP BY slot_state;
SELECT opigno.begin_user_moves(1) IS NULL AS is_undone;

-- ## await_user_moves
SELECT opigno.become_shard(1, 2) WHERE NOT EXISTS (SELECT FROM opigno.user_context);

-- ## lock_moving_slot
SELECT opigno.lock_moving_slot(1, 0);

-- ## mark_moving_slot
SELECT opigno.mark_moving_slot(1, 0, 10, 50);

-- ## user_slot
SELECT opigno.user_slot('john');

-- ## is_user_here
SELECT opigno.is_user_here('john');

-- ## check_user_place
SELECT opigno.check_user_place('john');

-- ## connect_for_moves
SELECT count(*) FROM opigno.moving_slot;

-- ## move_user_slot
SELECT count(*) FROM opigno.moving_slot;

-- ## move_users
SELECT count(*) FROM opigno.moving_slot;

-- ## distribute
SELECT kind, count(*) FROM opigno.citus_table GROUP BY kind ORDER BY kind;

-- ## distributed_rows
SELECT r.user_uuid, r.app_id, r.profile_data FROM opigno.distributed_rows('profile', '{john,0}') AS r
    (user_uuid text, app_id integer, profile_data jsonb, version bigint, created_at timestamptz,
     updated_at timestamptz);

-- ## registry_publication_script
SELECT left(command, 60) AS command FROM opigno.registry_publication_script();

-- ## registry_subscription_script
SELECT command FROM opigno.registry_subscription_script(1, 'host=hub dbname=platform');

-- ## registry_synchronous_script
SELECT command FROM opigno.registry_synchronous_script(2) OFFSET 2;

-- ## common_shard
SELECT opigno.common_shard('{john,3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77}', 4);

-- ## cluster_shards
CREATE FOREIGN DATA WRAPPER example;
CREATE SERVER users FOREIGN DATA WRAPPER example OPTIONS (p0 'host=a', p1 'host=b');
SELECT opigno.cluster_shards('users');

-- ## split_bulk
SELECT shard, ordinals, positions, part FROM opigno.split_bulk('delete_profiles',
    '[{"user_id": "ada", "app_id": 1}, {"user_id": "eve", "app_id": 1}, {"user_id": "ada", "app_id": 2}]', 4);

-- ## begin_bulk_part
SELECT opigno.begin_bulk_part('{2,5}', '{40,160}');
SELECT opigno.delete_profiles('[{"user_id": "ada"}, {"app_id": x}]') -> 'errors' AS errors;

-- ## begin_bulk_transaction
SELECT opigno.begin_bulk_transaction('a load', true);

-- ## bulk_transaction_committed
SELECT opigno.bulk_transaction_committed('a load'), opigno.bulk_transaction_committed('another');

-- ## end_bulk_transaction
SELECT opigno.end_bulk_transaction('a load');

-- ## bulk_mask
SELECT length(opigno.bulk_mask(16));

-- ## masked
SELECT opigno.masked('\x00ff', '\x0f0f');

-- ## unmasked
SELECT convert_from(opigno.unmasked(opigno.masked('secret', mask)), 'UTF8') FROM opigno.bulk_mask(6) AS mask;

-- ## connect_shard
SELECT opigno.connect_shard('users', 0, 'shard_0') WHERE EXISTS (SELECT FROM pg_extension WHERE extname = 'dblink');

-- ## issue_user_assertion
\set ECHO none
CREATE ROLE reference_gateway;
SELECT opigno.grant_access('reference_gateway', 'gateway') \g /dev/null
SELECT opigno.become_shard(0, 1) \g /dev/null
SET ROLE reference_gateway;
\set ECHO queries
SELECT opigno.issue_user_assertion('john', '{"Authorization": "Bearer expired", "Opigno-Client-UUID": "john"}') IS NULL
    AS is_refused;

-- ## split_http_request
SELECT * FROM opigno.split_http_request('GET', '/api/user/v1/accounts?username=john,ada,eve&view=shared', '{}', NULL, 4);
SELECT * FROM opigno.split_http_request('HEAD', '/user-contexts?limit=2', '{}', NULL, 2);

-- ## combine_http_answers
SELECT * FROM opigno.combine_http_answers('GET', '/user-contexts?limit=2', '{}', '[
    {"status": 200, "headers": {"Content-Type": "application/json"}, "body": [{"uuid": "ada"}, {"uuid": "john"}]},
    {"status": 200, "headers": {"Content-Type": "application/json"}, "body": [{"uuid": "eve"}]}]');

-- ## sharding_script
\set ECHO none
CREATE FOREIGN DATA WRAPPER example;
CREATE SERVER users FOREIGN DATA WRAPPER example OPTIONS (p0 'host=a', p1 'host=b');
CREATE SERVER users_hub FOREIGN DATA WRAPPER example OPTIONS (p0 'host=c');
\set ECHO queries
SELECT s FROM opigno.sharding_script('users', 'front') AS s WHERE s LIKE '%front.patch_profile(%' LIMIT 1;

-- ## install_proxies
\set ECHO none
CREATE LANGUAGE plproxy HANDLER plpgsql_call_handler;
CREATE FOREIGN DATA WRAPPER example;
CREATE SERVER users FOREIGN DATA WRAPPER example OPTIONS (p0 'host=a', p1 'host=b');
CREATE SERVER users_hub FOREIGN DATA WRAPPER example OPTIONS (p0 'host=c');
\set ECHO queries
CALL opigno.install_proxies('users', 'front');
SELECT pg_get_function_arguments('front.get_profile'::regproc);
