#!/usr/bin/env bash
# opigno.distribute() on a coordinator of Citus with two nodes: where the tables are, what works over them, and what is
# refused. docs/guide/citus.md lists what works, and scripts/lib/citus.sh says where Citus is looked for.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=scripts/lib/common.sh
. "$top/scripts/lib/common.sh"

# shellcheck source=scripts/lib/citus.sh
. "$top/scripts/lib/citus.sh"

require_citus
start_citus "$run/citus"

# ---- setting up ----------------------------------------------------------------------------------------------------

on coordinator -c 'CREATE EXTENSION opigno_profiles'
is 'without Citus' "$(refused 'CALL opigno.distribute()' | head -n 1)" \
    '0A000: this database does not have the extension citus'
on coordinator -c 'DROP EXTENSION opigno_profiles'
create_citus
on coordinator -c 'CREATE EXTENSION opigno_profiles'
is 'the owner has to log in on the nodes' "$(refused 'CALL opigno.distribute()' | head -n 1)" \
    "PT409: the extension's owner cannot log in"
for node in "${citus_nodes[@]}"; do on "$node" -c 'SET citus.enable_alter_role_propagation = off' \
    -c 'ALTER ROLE opigno_owner LOGIN'; done
is 'without nodes' "$(refused 'CALL opigno.distribute()' | head -n 1)" \
    'PT409: this is not a coordinator with nodes for shards'
on coordinator -c "SELECT opigno.set_user_context('before', 'Before', true)" >/dev/null
add_citus_nodes
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

# ---- a write and its audit record ----------------------------------------------------------------------------------

# The coordinator's commit fails after the node has done its part: two sessions with write skew, of which the other one
# commits first.
is 'a commit that fails on the coordinator leaves nothing on the node' "$(ask -v psql="$bindir/psql" <<'SQL' |
CREATE TABLE mark (n integer, session integer);
INSERT INTO mark VALUES (1, 0), (2, 0);
DELETE FROM opigno.audit;
\setenv PSQL :psql
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT session FROM mark WHERE n = 1;
UPDATE mark SET session = 1 WHERE n = 2;
SELECT outcome FROM opigno.upsert_profile('u20', 1, '{"lost": true}');
\setenv OTHER 'SELECT FROM mark WHERE n = 2; UPDATE mark SET session = 2 WHERE n = 1'
\! "$PSQL" -XqAt -d opigno -c "BEGIN ISOLATION LEVEL SERIALIZABLE; $OTHER; COMMIT"
\set ON_ERROR_STOP 0
COMMIT;
\set ON_ERROR_STOP 1
SELECT profile_data FROM opigno.get_profile('u20', 1);
SELECT action, user_uuid FROM opigno.audit;
SELECT outcome FROM opigno.upsert_profile('u20', 1, '{"kept": true}');
SELECT profile_data FROM opigno.get_profile('u20', 1);
SELECT action, user_uuid FROM opigno.audit;
SQL
    grep -v '^DETAIL\|^HINT\|^$\|^--' | sed 's/.*ERROR:/ERROR:/')" '0
replaced
ERROR:  could not serialize access due to read/write dependencies among transactions
{"n": 20}
replaced
{"kept": true}
upsert_profile|u20'
is 'nodes prepare what they commit' "$(
    for node in node_1 node_2; do
        on "$node" -c 'ALTER SYSTEM SET log_statement = "all"' -c 'SELECT pg_reload_conf()' >/dev/null
    done
    on coordinator -c "SELECT opigno.patch_profile('u21', 1, '{\"logged\": 1}')" >/dev/null
    for node in node_1 node_2; do
        on "$node" -c 'ALTER SYSTEM RESET log_statement' -c 'SELECT pg_reload_conf()' >/dev/null
    done
    grep -ho "statement: \(PREPARE TRANSACTION\|COMMIT PREPARED\|COMMIT\)" "$home"/node_?/server.log | uniq)" \
    'statement: PREPARE TRANSACTION
statement: COMMIT PREPARED'
is 'nothing stays prepared, and Citus keeps what it needs for recovery' "$(ask <<'SQL'
SELECT count(*) > 0 FROM pg_dist_transaction;
SELECT recover_prepared_transactions();
SELECT sum(result::integer) FROM run_command_on_workers('SELECT count(*) FROM pg_prepared_xacts');
SQL
)" 't
0
0'

# ---- loads, retirement, merging ------------------------------------------------------------------------------------

response() { sed 's/.*"response"://; s/}$//'; }
is 'loads of profiles' "$(ask <<'SQL' | response
SELECT opigno.create_profiles('[{"user_id": "u10", "app_id": 1, "profile_data": {"a": 1}},
    {"user_id": "new1", "app_id": 1, "profile_data": {}}]', 'merge', create_missing_users => true);
SELECT opigno.create_profiles('[{"user_id": "u10", "app_id": 1, "profile_data": {}},
    {"user_id": "new1", "app_id": 1, "profile_data": {}}]', 'replace');
SELECT opigno.patch_profiles('[{"user_id": "u10", "app_id": 1, "patch": {"b": 2}},
    {"user_id": "new1", "app_id": 1, "patch": {}}]');
SELECT opigno.delete_profiles('[{"user_id": "new1", "app_id": 1}, {"user_id": "u10", "app_id": 1}]');
SELECT opigno.create_profiles(json_agg(json_build_object('user_id', 'u' || n, 'app_id', 1, 'profile_data',
    json_build_object('n', n)))::text, 'replace') FROM generate_series(1, 40) AS n;
SQL
)" '{"received":2,"created":1,"replaced":0,"merged":1,"unchanged":0,"skipped":0,"users_created":1,"failed":0}
{"received":2,"created":0,"replaced":1,"merged":0,"unchanged":1,"skipped":0,"users_created":0,"failed":0}
{"received":2,"created":0,"replaced":0,"merged":1,"unchanged":1,"skipped":0,"users_created":0,"failed":0}
{"received":2,"deleted":2,"missing":0,"unchanged":0,"skipped":0,"failed":0}
{"received":40,"created":2,"replaced":4,"merged":0,"unchanged":34,"skipped":0,"users_created":0,"failed":0}'
is 'faults of a load, and its audit record' "$(ask <<'SQL'
SELECT opigno.create_profiles('[{"user_id": "u1", "app_id": 1, "profile_data": {}},
    {"user_id": "nobody", "app_id": 1, "profile_data": {}}]') #>> '{errors,0,code}';
DELETE FROM opigno.audit;
SELECT opigno.patch_profiles('[{"user_id": "u11", "app_id": 1, "patch": {"x": 1}},
    {"user_id": "u12", "app_id": 1, "patch": {"x": 1}}]') -> 'errors';
SELECT action, user_uuid, last_user_uuid, row_count FROM opigno.audit;
SQL
)" '23505
[]
patch_profiles|u11|u12|2'
is 'loads of user contexts, accounts and progress' "$(ask <<'SQL' | response
SELECT opigno.set_user_contexts('[{"uuid": "u13", "displayName": "Thirteen"}, {"uuid": "u14", "isActive": false},
    {"uuid": "u15"}, {"uuid": "new2", "displayName": "New", "isActive": true}]');
SELECT count(opigno.configure_extended_profile_field(f)) FROM unnest('{bio,goals}'::text[]) AS f;
SELECT opigno.patch_accounts('[{"username": "u13", "extended_profile": [{"field_name": "bio", "field_value": "b"}]},
    {"username": "u15", "preferences": {"theme": "dark"}}]');
SELECT opigno.report_progress_many('[{"user_id": "u13", "training_id": "t", "status": "passed", "score": 3},
    {"user_id": "u15", "training_id": "t", "progress": 50}, {"user_id": "u1", "training_id": "t", "score": 7}]');
SQL
)" '{"received":4,"created":1,"updated":2,"unchanged":1,"skipped":0,"failed":0}
2
{"received":2,"updated":2,"unchanged":0,"skipped":0,"failed":0}
{"received":3,"created":2,"updated":1,"unchanged":0,"combined":0,"users_created":0,"failed":0}'
is 'accounts' "$(ask <<'SQL'
SELECT opigno.patch_account('u16', '{"name": "Sixteen", "extended_profile": [{"field_name": "bio",
    "field_value": "c"}]}') #>> '{extended_profile,0,field_value}';
SELECT user_uuid, account ->> 'name' FROM opigno.get_accounts('{u16,u13,none}');
SELECT opigno.export_accounts('u13', 2);
SELECT opigno.validate_profiles(1, '{"required": ["x"]}') ->> 'failed';
SQL
)" 'c
u16|Sixteen
u13|Thirteen
{"username": "u15", "preferences": {"theme": "dark"}}
{"username": "u16", "extended_profile": [{"field_name": "bio", "field_value": "c"}]}
38'
is 'training profiles' "$(ask <<'SQL'
SELECT outcome FROM opigno.upsert_training_profile('t', 1, '{"seats": 3}');
SELECT profile_data FROM opigno.get_training_profile('t', 1);
SELECT count(*) FROM opigno.list_training_profiles(1);
SELECT training_id FROM opigno.find_trainings('Train', 1);
SQL
)" 'created
{"seats": 3}
1
t'
is 'a retirement, and the name stays taken' "$(ask <<'SQL'
SELECT current_state FROM opigno.begin_retirement('u22');
SELECT count(*) FROM opigno.begin_retirements('{u23,u24}') WHERE outcome = 'created';
SELECT state_name AS erasing FROM opigno.list_retirement_states() WHERE erases_data \gset
SELECT current_state = :'erasing' FROM opigno.move_retirement('u22', :'erasing', '', true);
SELECT user_uuid, outcome, certificate_number FROM opigno.retire_users_data('{u22,u23}');
SELECT count(*) FROM opigno.get_user_context('u22');
SELECT count(*) FROM opigno.verify_retirement_certificates();
SELECT opigno.set_user_context_json('{"uuid": "U22", "displayName": "Again", "isActive": true}') #>> '{errors,0,code}';
SELECT (opigno.cancel_retirement('u24')).current_state;
SQL
)" 'PENDING
2
t
u22|deleted|1
u23|failed|
0
0
23505
PENDING'
is 'a merge, and a purge' "$(ask <<'SQL'
SELECT count(opigno.set_user_context(uuid, 'A', true, '')) FROM unnest('{anon1,anon2}'::text[]) AS uuid;
SELECT outcome FROM opigno.upsert_profile('anon1', 1, '{"from": "anon"}');
SELECT opigno.set_preference('anon1', 'color', 'red');
SELECT profiles, preferences, outcome FROM opigno.merge_user_contexts('anon1', 'u25', 'merge');
SELECT profile_data, opigno.get_preferences('u25') ->> 'color' FROM opigno.get_profile('u25', 1);
SELECT count(*) FROM opigno.get_user_context('anon1');
SELECT opigno.purge_anonymous_user_contexts(now());
SELECT count(*) FROM opigno.get_user_context('anon2');
SQL
)" '2
created
created
1|1|merged
{"n": 25, "from": "anon"}|red
0
5
0'

is 'the export of a user' "$(ask <<'SQL'
SELECT opigno.grant_user((SELECT client_id FROM opigno.list_clients() LIMIT 1), 'u26');
SET ROLE citus_operator;
SELECT e ->> 'account' IS NOT NULL, json_array_length(e -> 'profiles'), json_array_length(e -> 'clients')
FROM opigno.export_user('u26') AS e;
SQL
)" 't
t|1|1'

# ---- what does not -------------------------------------------------------------------------------------------------

is 'triggers' "$(refused "CREATE TRIGGER t BEFORE INSERT ON opigno.profile FOR EACH ROW
    EXECUTE FUNCTION suppress_redundant_updates_trigger()" | head -n 1)" \
    'XX000: triggers are not supported on distributed tables'
is 'a dry run in a transaction that is READ ONLY' "$(refused "BEGIN READ ONLY; SELECT opigno.patch_profiles(
    '[{\"user_id\": \"u30\", \"app_id\": 1, \"patch\": {}}]', dry_run => true)" | head -n 1)" \
    '25006: cannot execute SELECT FOR KEY SHARE in a read-only transaction'
on coordinator -c 'CREATE POLICY site ON opigno.preference AS RESTRICTIVE FOR SELECT USING (false)'
is 'policies of the site' "$(refused 'SELECT opigno.export_accounts()' | head -n 1)
$(refused 'CALL opigno.distribute()' | head -n 1)" \
    '0A000: table opigno.preference has row security policies of the site
PT409: tables of users have row security policies of the site'
on coordinator -c 'DROP POLICY site ON opigno.preference'
is 'a function that writes, in a query over a distributed table' "$(refused "SELECT opigno.set_preference(
    c.uuid::text, 'a', 'b') FROM opigno.user_context AS c WHERE c.uuid = 'u30'" | grep -c 'from a query on a shard')" 1

# ---- the coordinator is killed while four clients write -------------------------------------------------------------

on coordinator -c 'DELETE FROM opigno.audit' -c 'DELETE FROM opigno.profile'
for client in 1 2 3 4; do
    for ((n = 1; n <= 2000; n++)); do
        echo "SELECT opigno.patch_profile('u3$client', 1, '{\"n\": $n}');"
    done | on coordinator >/dev/null 2>&1 &
done
sleep 1
kill -KILL "$(head -n 1 "$home/coordinator/data/postmaster.pid")"
wait
sleep 2 # until its processes have seen it
rm -f "$home"/coordinator/data/postmaster.pid "$home"/coordinator/.s.PGSQL.*
start_server "$home/coordinator" "$home/coordinator"
is 'the counts of changes and of records are the same after one kill' "$(ask <<'SQL'
SELECT recover_prepared_transactions() IS NOT NULL;
SELECT count(*) > 10 FROM opigno.audit;
SELECT count(*) FROM (SELECT a.user_uuid, min(a.version) AS first, count(*) FROM opigno.audit AS a GROUP BY 1) AS a
    FULL JOIN (SELECT p.user_uuid || '' AS user_uuid, p.version FROM opigno.profile AS p OFFSET 0) AS p
        USING (user_uuid)
WHERE p.version - a.first + 1 IS DISTINCT FROM a.count;
SQL
)" 't
t
0'

# ---- the same session without Citus --------------------------------------------------------------------------------

# The purge passes over the user that another session has locked: it has the statement of one server again.
is 'a session goes on after Citus has gone' "$(ask -v psql="$bindir/psql" <<'SQL'
SET client_min_messages = error;
\setenv PSQL :psql
SELECT opigno.purge_anonymous_user_contexts(now()) IS NOT NULL;
DROP EXTENSION citus CASCADE;
DROP EXTENSION IF EXISTS opigno_profiles;
CREATE EXTENSION opigno_profiles;
SELECT count(opigno.set_user_context(u, 'A', true, '')) FROM unnest('{anon1,anon2}'::text[]) AS u;
\setenv LOCK 'BEGIN; SELECT FROM opigno.user_context WHERE uuid = $$anon1$$ FOR UPDATE'
\! "$PSQL" -XqAt -d opigno -c "$LOCK; SELECT pg_sleep(5)" >/dev/null & sleep 1
SET lock_timeout = '2s';
SELECT opigno.purge_anonymous_user_contexts(now());
SELECT uuid FROM opigno.list_user_contexts();
SQL
)" 't
2
1
anon1'

finish_tap
