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

-- ## registry_publication_script
SELECT left(command, 60) AS command FROM opigno.registry_publication_script();

-- ## registry_subscription_script
SELECT command FROM opigno.registry_subscription_script(1, 'host=hub dbname=platform');

-- ## registry_synchronous_script
SELECT command FROM opigno.registry_synchronous_script(2) OFFSET 1;

-- ## common_shard
SELECT opigno.common_shard('{john,3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77}', 4);

-- ## cluster_shards
CREATE FOREIGN DATA WRAPPER example;
CREATE SERVER users FOREIGN DATA WRAPPER example OPTIONS (p0 'host=a', p1 'host=b');
SELECT opigno.cluster_shards('users');

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
