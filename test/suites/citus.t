#!/usr/bin/env bash
# opigno.distribute() on a coordinator of Citus with two nodes: where the tables are, what works over them, and what is
# refused. CITUS_STAGE=/folder is where "make install DESTDIR=/folder" of Citus has put its files; without it, the
# Citus of the server's own folders is used. docs/guide/citus.md lists what works.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=scripts/lib/common.sh
. "$top/scripts/lib/common.sh"

stage=${CITUS_STAGE:-}
if [ ! -e "$stage$("$PG_CONFIG" --sharedir)/extension/citus.control" ]; then
    echo '1..0 # SKIP no Citus: set CITUS_STAGE to the DESTDIR of its "make install"'
    exit 0
fi

# Citus finds its files only in the server's own folders: a copy of the server has them.
home=$run/citus
nodes=(coordinator node_1 node_2)
stop_nodes() {
    local node
    for node in "${nodes[@]}"; do
        server_runs "$home/$node" &&
            as_server_user "$bindir/pg_ctl" -D "$home/$node/data" -m immediate -w stop >/dev/null
    done
}
trap 'stop_nodes; rm -rf "${home:?}"' EXIT
trap 'exit 1' INT TERM
install -d -o "$server_user" -m 0700 "$home"
copy_server "$home" WERROR=1
if [ -n "$stage" ]; then cp -R "$stage/." "$home/copy/"; fi
chmod -R a+rX "$home/copy"
for node in "${nodes[@]}"; do
    install -d -o "$server_user" -m 0700 "$home/$node"
    init_server "$home/$node"
    as_server_user tee -a "$home/$node/data/postgresql.conf" >/dev/null <<'SETTINGS'
shared_preload_libraries = 'citus'
shared_buffers = 32MB
fsync = off
max_prepared_transactions = 50
citus.shard_count = 4
citus.node_conninfo = 'sslmode=disable'
SETTINGS
    start_server "$home/$node" "$home/$node"
    PGHOST=$home/$node "$bindir/createdb" opigno
done
on() { PGHOST=$home/$1 PGUSER=postgres "$bindir/psql" -XqAt -v ON_ERROR_STOP=1 -d opigno "${@:2}"; } # NODE
ask() { on coordinator "$@" 2>&1; }
refused() { ask -v VERBOSITY=verbose -c "$1" | sed -n 's/^\(ERROR\|HINT\): *//p'; }

# ---- setting up ----------------------------------------------------------------------------------------------------

on coordinator -c 'CREATE EXTENSION opigno_profiles'
is 'without Citus' "$(refused 'CALL opigno.distribute()' | head -n 1)" \
    '0A000: this database does not have the extension citus'
on coordinator -c 'DROP EXTENSION opigno_profiles'
for node in "${nodes[@]}"; do on "$node" -c 'CREATE EXTENSION citus'; done
on coordinator -c "SELECT citus_set_coordinator_host('$home/coordinator', 5432)" >/dev/null
on coordinator -c 'CREATE EXTENSION opigno_profiles'
is 'the owner has to log in on the nodes' "$(refused 'CALL opigno.distribute()' | head -n 1)" \
    "PT409: the extension's owner cannot log in"
for node in "${nodes[@]}"; do on "$node" -c 'SET citus.enable_alter_role_propagation = off' \
    -c 'ALTER ROLE opigno_owner LOGIN'; done
is 'without nodes' "$(refused 'CALL opigno.distribute()' | head -n 1)" \
    'PT409: this is not a coordinator with nodes for shards'
on coordinator -c "SELECT opigno.set_user_context('before', 'Before', true)" >/dev/null
for node in node_1 node_2; do on coordinator -c "SELECT citus_add_node('$home/$node', 5432)" >/dev/null; done
is 'distributed' "$(ask -c 'CALL opigno.distribute()')" ''
is 'a second time' "$(ask -c 'CALL opigno.distribute()')" ''
is 'each table is where citus_table says' "$(ask <<'SQL'
SELECT k.table_name, k.kind, p.partmethod FROM opigno.citus_table AS k LEFT JOIN pg_dist_partition AS p
    ON p.logicalrelid = format('opigno.%I', k.table_name)::regclass
WHERE k.kind <> CASE p.partmethod WHEN 'h' THEN 'distributed' WHEN 'n' THEN 'reference' ELSE 'local' END
SQL
)" ''
is 'tables of users are in one group' "$(ask -c "SELECT count(*) > 1, count(DISTINCT colocationid) = 1
    FROM pg_dist_partition WHERE partmethod = 'h'")" 't|t'
is 'all foreign keys but one are there' "$(ask -c "SELECT count(*) FILTER (WHERE conname = 'user_merge_into_exists'),
    count(*) > 15 FROM pg_constraint WHERE contype = 'f' AND connamespace = 'opigno'::regnamespace")" '0|t'

# ---- what works ----------------------------------------------------------------------------------------------------

ask >/dev/null <<'SQL'
SELECT opigno.register_app('One', app_id => 1);
SELECT opigno.set_user_context('u' || n, 'User ' || n, true, 'AUTHENTICATED') FROM generate_series(1, 40) AS n;
SELECT opigno.upsert_profile('u' || n, 1, jsonb_build_object('n', n)) FROM generate_series(1, 40) AS n;
CREATE ROLE citus_user LOGIN;
CREATE ROLE citus_operator LOGIN;
SELECT opigno.grant_access('citus_user', 'user');
SELECT opigno.grant_access('citus_operator', 'operator');
SQL
is 'both nodes have users' "$(ask -c "SELECT count(*) FROM (SELECT nodename FROM run_command_on_shards(
    'opigno.profile', 'SELECT count(*) FROM %s') AS r JOIN pg_dist_placement AS p USING (shardid)
    JOIN pg_dist_node AS n USING (groupid) WHERE r.result::int > 0 GROUP BY nodename) AS n")" 2
is 'user contexts, scopes' "$(ask <<'SQL'
SELECT (opigno.set_user_scopes('u1', '{ADMINISTRATOR}')).scope, opigno.has_scope('u1', 'ADMINISTRATOR');
SELECT display_name FROM opigno.get_user_context('u2');
SELECT opigno.get_user_context_json('u2') ->> 'displayName';
SELECT (opigno.create_anonymous_user_context()).is_active;
SELECT opigno.set_user_context_json('{"uuid": "u3", "displayName": "Third"}') ->> 'errors';
SELECT count(*) FROM opigno.list_user_contexts();
SELECT total FROM opigno.count_user_contexts();
SELECT count(*) FROM opigno.list_user_contexts_before();
SELECT count(*) FROM opigno.export_user_contexts();
SQL
)" '{ADMINISTRATOR}|t
User 2
User 2
t
[]
42
42
42
42'
is 'profiles' "$(ask <<'SQL'
SELECT outcome FROM opigno.patch_profile('u1', 1, '{"a": 1}');
SELECT outcome FROM opigno.patch_profile('u1', 1, '{"a": 1}');
SELECT outcome FROM opigno.upsert_profile('u1', 1, '{"b": 2}', (SELECT version FROM opigno.get_profile('u1', 1)));
SELECT profile_data FROM opigno.get_profile('u1', 1);
SELECT opigno.delete_profile('u2', 1), opigno.delete_profile('u2', 1);
SELECT string_agg(user_uuid, ' ') FROM opigno.list_profiles(1, 'u37');
SELECT count(*) FROM opigno.export_profiles(1);
SQL
)" 'merged
unchanged
replaced
{"b": 2}
t|f
u38 u39 u4 u40 u5 u6 u7 u8 u9
39'
is 'another version, and an unknown user' "$(
    refused "SELECT opigno.patch_profile('u1', 1, '{}', 1)" | sed -n 's/:.*//p' | head -n 1
    refused "SELECT opigno.patch_profile('none', 1, '{}')" | sed -n 's/:.*//p' | head -n 1
)" $'PT412\n23503'
is 'accounts, preferences, progress' "$(ask <<'SQL'
SELECT opigno.get_account('u1') ->> 'name';
SELECT opigno.set_preference('u1', 'time_zone', 'UTC');
SELECT opigno.patch_preferences('u1', '{"theme": "dark"}') ->> 'theme', opigno.get_preferences('u1') ->> 'theme';
SELECT training_id FROM opigno.set_training('t', 'Training');
SELECT outcome FROM opigno.report_progress('u1', 't', 'passed', 100, 5);
SELECT status FROM opigno.get_progress('u1');
SELECT user_uuid FROM opigno.list_progress('t');
SQL
)" 'User 1
created
dark|dark
t
created
passed
u1'
is 'an operator sees everybody' "$(ask -c 'SET ROLE citus_operator' \
    -c 'SELECT count(*) FROM opigno.list_profiles(1)')" 39
is 'a request sees its own user, and what it writes' "$(ask <<'SQL'
BEGIN;
SELECT FROM opigno.test_request('u5');
SET LOCAL ROLE citus_user;
SELECT outcome FROM opigno.patch_my_profile(1, '{"mine": true}');
SELECT profile_data FROM opigno.my_profiles();
SELECT profile_data FROM opigno.get_profile('u5', 1);
SELECT count(*) FROM opigno.get_profile('u6', 1);
SELECT string_agg(user_uuid, ' ') FROM opigno.list_profiles(1);
SELECT string_agg(uuid, ' ') FROM opigno.list_user_contexts();
COMMIT;
SQL
)" 'merged
{"n": 5, "mine": true}
{"n": 5, "mine": true}
0
u5
u5'
is 'registries' "$(ask <<'SQL'
SELECT count(*) FROM opigno.list_apps();
SELECT count(*) FROM opigno.list_trainings();
SELECT training_id FROM opigno.get_training('t');
SELECT count(*) FROM opigno.find_trainings('Train');
SELECT count(opigno.register_client(1, 'Listed'));
SELECT label FROM opigno.list_clients();
SELECT count(*) FROM opigno.list_retirements();
SELECT count(*) FROM opigno.profile_schemas(1);
SET ROLE citus_operator;
SELECT app FROM opigno.list_apps();
RESET ROLE;
CREATE ROLE citus_gateway LOGIN;
SELECT opigno.grant_access('citus_gateway', 'gateway');
SET ROLE citus_gateway;
SELECT status FROM opigno.http_request('OPTIONS', '/trainings/t', '{"Origin": "https://example.org"}');
SQL
)" '1
1
t
1
1
Listed
0
0
One

204'
is 'a client and its token' "$(ask <<'SQL'
SELECT client_key, client_secret FROM opigno.register_client(1, 'Client', 'all') \gset
SELECT answer ->> 'access_token' AS token
FROM opigno.issue_access_token(:'client_key', :'client_secret', 'client_credentials') AS answer \gset
BEGIN;
SET LOCAL ROLE citus_user;
SELECT FROM opigno.begin_request('Bearer ' || :'token', 'u5');
SELECT uuid FROM opigno.my_user_context();
COMMIT;
SQL
)" 'u5'
is 'without a request a role sees nothing' "$(ask -c 'SET ROLE citus_user' \
    -c "SELECT count(*) FROM opigno.get_profile('u5', 1)")" 0
is 'a key that is not canonical is refused' "$(refused "INSERT INTO opigno.user_context
    (uuid, display_name, is_active, created_at, updated_at) VALUES ('', 'X', true, now(), now())" |
    grep -o 'violates check constraint "user_uuid_is_canonical"')" 'violates check constraint "user_uuid_is_canonical"'

# ---- what does not -------------------------------------------------------------------------------------------------

is 'a load of profiles' "$(refused "SELECT opigno.create_profiles(
    '[{\"user_id\": \"u1\", \"app_id\": 1, \"profile_data\": {}}]', 'skip')" | head -n 1)" \
    '0A000: could not run distributed query with FOR UPDATE/SHARE commands'
is 'a retirement' "$(refused "SELECT opigno.begin_retirement('u9')" | head -n 1)" \
    '0A000: could not run distributed query with FOR UPDATE/SHARE commands'
is 'an export of accounts' "$(refused 'SELECT opigno.export_accounts()' | grep -c '^0A000')" 1

finish_tap
