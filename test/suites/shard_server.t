#!/usr/bin/env bash
# A hub and two shards, each a server of its own. What the hub commits, each shard has applied by then, and its sessions
# know it; a change that a shard would miss is refused, and no user waits for the hub. A restored shard writes nothing
# until its sequences leave out the numbers of others.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=test/suites/catalogue.sh
. "$(dirname "$0")/catalogue.sh"
# shellcheck source=scripts/lib/common.sh
. "$top/scripts/lib/common.sh"
# shellcheck source=scripts/lib/sharding.sh
. "$top/scripts/lib/sharding.sh"

home=$run/sharded
trap 'stop_sharded_servers "$home" shard_0 shard_1 hub; rm -rf "${home:?}"' EXIT
trap 'exit 1' INT TERM
make_sharded_servers "$home" "$run/stage" hub shard_0 shard_1
on() { PGHOST=$home/$1 sql opigno "${@:2}"; } # SERVER
# What a statement is refused with.
refused() { on "$1" -v ON_ERROR_STOP=0 -v VERBOSITY=verbose -c "$2" 2>&1 | sed -n 's/^\(ERROR\|HINT\): *//p'; }
stop_hard() { as_server_user "$bindir/pg_ctl" -D "$home/$1/data" -m immediate -w stop >/dev/null; }
wait_until() { wait_for "$home" "$@"; } # SERVER QUERY

# ---- setting up ----------------------------------------------------------------------------------------------------

on hub >/dev/null <<'SQL'
CREATE EXTENSION opigno_profiles;
SELECT opigno.become_hub();
SELECT opigno.register_app('One', app_id => 1), opigno.register_app('Two', app_id => 2), opigno.set_training('t', 'T');
SELECT opigno.set_retirement_states('["PENDING", "A", "RETIRING_LMS", "ERRORED", "ABORTED", "COMPLETE"]');
CREATE TABLE credential AS SELECT * FROM opigno.register_client(1, 'Client', 'all');
SQL
is 'a publication' "$(on hub <<<'SELECT command FROM opigno.registry_publication_script() \gexec' 2>&1)" ''
for shard in 0 1; do
    on "shard_$shard" >/dev/null <<SQL
CREATE EXTENSION opigno_profiles;
SELECT opigno.become_shard($shard, 2);
SELECT command FROM opigno.registry_subscription_script($shard, 'host=$home/hub dbname=opigno user=postgres') \gexec
SQL
    ok "shard $shard has what the hub had" wait_until "shard_$shard" \
        "SELECT bool_and(srsubstate = 'r') FROM pg_subscription_rel"
done
on hub <<<'SELECT command FROM opigno.registry_synchronous_script(2) \gexec' >/dev/null
ok 'the hub waits for both' wait_until hub "SELECT bool_and(is_waited_for AND is_connected) AND count(*) = 2
    AND current_setting('synchronous_commit') = 'remote_apply' FROM opigno.registry_lag"
is 'scripts for what is there already' "$(
    on hub -c 'SELECT left(command, 46) FROM opigno.registry_publication_script()'
    on shard_1 -c "SELECT command FROM opigno.registry_subscription_script(1, '')"
)" "ALTER PUBLICATION opigno_registry SET TABLE op
ALTER SUBSCRIPTION opigno_shard_1 REFRESH PUBLICATION WITH (copy_data = true)"
registries() { # SERVER
    PGHOST=$home/$1 digests opigno | grep -E "$(
        on hub -c "SELECT string_agg(format('^(opigno\.)?%s\|', table_name), '|') FROM opigno.table_placement
            WHERE placement = 'registry'"
    )"
}
for shard in 0 1; do is "shard $shard: the same registries" "$(registries "shard_$shard")" "$(registries hub)"; done
ok 'there is something to compare' grep -q training <<<"$(registries hub)"

# ---- a change is everywhere when its commit returns ----------------------------------------------------------------

stale=0
for change in {1..40}; do
    on hub -c "SELECT opigno.set_training('t', 'Title $change')" >/dev/null
    for shard in 0 1; do
        [ "$(on "shard_$shard" -c "SELECT title FROM opigno.training")" = "Title $change" ] || stale=$((stale + 1))
    done
done
is '40 changes, none of which a shard shows late' "$stale" 0

# A shard that cannot apply it keeps the hub waiting.
on shard_1 >/dev/null <<SQL
BEGIN;
LOCK TABLE opigno.training IN SHARE MODE;
\! '$bindir/psql' -Xq -h '$home/hub' -d opigno -c "SELECT opigno.set_training('t', 'Waited for')" >'$home/waited' 2>&1 &
SELECT pg_sleep(1.5);
\! cat '$home/waited' >'$home/waited_before'; '$bindir/psql' -XqAt -h '$home/hub' -d opigno -c "SELECT title FROM opigno.training" >>'$home/waited_before'
COMMIT;
SQL
is 'a commit waits for the slowest shard, and nobody sees it before' "$(cat "$home/waited_before")" 'Title 40'
ok 'then it returns' wait_until hub "SELECT title = 'Waited for' FROM opigno.training"
sleep 0.2

user_of() { # SHARD
    on hub -c "SELECT 'u' || i FROM generate_series(1, 50) AS i WHERE opigno.user_shard('u' || i, 2) = $1 LIMIT 1"
}
user_0=$(user_of 0) user_1=$(user_of 1)
for shard in 0 1; do
    user="user_$shard"
    on "shard_$shard" -c "CREATE ROLE app_$shard; SELECT opigno.grant_access('app_$shard', 'user');
        SELECT opigno.set_user_context('${!user}', 'Name', true);
        SELECT opigno.upsert_profile('${!user}', 1, '{\"a\": 1}')" >/dev/null
done
is 'a user of the other shard' "$(refused shard_0 "SELECT opigno.set_user_context('$user_1', 'Name', true)")" \
    'PT409: the user is not on this shard
Call the function on shard 1, or through the front.'

# Sessions cache which apps are private and the schemas of apps. Each "hub" line runs while the session is open.
is 'a session on a shard forgets what it has cached' "$(
    hub="\\! '$bindir/psql' -XqAt -h '$home/hub' -d opigno -o /dev/null -c"
    request="BEGIN; DO \$\$BEGIN PERFORM opigno.test_request('$user_0', app_id => 2); END\$\$; SET LOCAL ROLE app_0;"
    on shard_0 -v ON_ERROR_STOP=0 -v VERBOSITY=sqlstate <<SQL 2>&1
$request
SELECT count(*) FROM opigno.my_profiles(1); COMMIT;
$hub "SELECT opigno.update_app(1, is_private => true)"
$request
SELECT count(*) FROM opigno.my_profiles(1); COMMIT;
SELECT outcome FROM opigno.patch_profile('$user_0', 1, '{"a": "2"}');
$hub "SELECT opigno.set_profile_schema(1, '{\"properties\": {\"a\": {\"type\": \"number\"}}}')"
SELECT outcome FROM opigno.patch_profile('$user_0', 1, '{"a": "3"}');
$hub "SELECT opigno.drop_profile_schema(1)"
SELECT outcome FROM opigno.patch_profile('$user_0', 1, '{"a": "4"}');
SQL
)" '1
0
merged
ERROR:  23514
merged'

token=$(on hub -c "SELECT opigno.issue_access_token(client_key, client_secret, 'client_credentials') ->> 'access_token'
    FROM credential")
begin() { refused "shard_$1" "SET ROLE app_$1; SELECT opigno.begin_request('Bearer $token', '$2')"; }
is 'an access token is good on every shard at once' "$(begin 0 "$user_0")$(begin 1 "$user_1")" ''
on hub -c "SELECT opigno.revoke_access_token('$token')" >/dev/null
is 'and no longer when it was revoked' "$({ begin 0 "$user_0"; begin 1 "$user_1"; } | grep 28000)" \
    $'28000: authorization failed\n28000: authorization failed'

# States change their order row by row there, and rows of issuers go with their keys.
on hub >/dev/null <<'SQL'
SELECT opigno.set_retirement_states('["PENDING", "Z", "A", "B", "RETIRING_LMS", "ERRORED", "ABORTED", "COMPLETE"]');
SELECT opigno.register_scope('MENTOR'), opigno.configure_extended_profile_field('f'),
    opigno.configure_extended_profile_field('g'), opigno.configure_preference('k', '{"maxLength": 9}'),
    opigno.configure_accounts('refuse'),
    opigno.register_token_issuer('https://issuer'), opigno.register_token_issuer('https://other');
SELECT opigno.register_token_key('https://issuer', repeat('s', 40), algorithm => 'HS256'),
    opigno.register_token_key('https://other', repeat('t', 40), algorithm => 'HS256');
SELECT opigno.drop_token_issuer('https://other'), opigno.drop_extended_profile_field('g');
SELECT opigno.upsert_training_profile('t', 1, '{"hours": 2}');
SQL
for shard in 0 1; do is "shard $shard: all of it" "$(registries "shard_$shard")" "$(registries hub)"; done
is 'the table of secrets, too' "$(on shard_1 -c 'SELECT count(*) FROM opigno.token_secret')" 1

# ---- a shard that is down ------------------------------------------------------------------------------------------

stop_hard shard_1
ok 'the hub notices' wait_until hub 'SELECT NOT is_connected FROM opigno.registry_lag WHERE shard = 1'
is 'a change that a shard would miss is refused' "$(refused hub "SELECT opigno.set_training('t', 'Missed')")" \
    'PT409: a shard does not receive the changes of the hub
opigno.registry_lag shows them.'
is 'the hub is read, and users of other shards are written' "$(
    on hub -c 'SELECT count(*) FROM opigno.list_apps()' \
        -c "SELECT opigno.introspect_access_token('$token') ->> 'active'"
    on shard_0 -c "SELECT outcome FROM opigno.patch_profile('$user_0', 1, '{\"a\": 5}')"
)" $'2\nfalse\nmerged'
on hub <<<"SELECT command FROM opigno.registry_synchronous_script(2, '{1}') \gexec" >/dev/null
is 'and not, if the hub need not wait for the shard' "$(refused hub "SELECT opigno.set_training('t', 'Late')")" ''
start_server "$home/shard_1" "$home/shard_1"
ok 'the shard applies it when it is back' wait_until shard_1 "SELECT title = 'Late' FROM opigno.training"
on hub <<<'SELECT command FROM opigno.registry_synchronous_script(2) \gexec' >/dev/null
ok 'the shard comes back' wait_until hub 'SELECT bool_and(is_waited_for) FROM opigno.registry_lag'
is 'and changes go on' "$(refused hub "SELECT opigno.set_training('t', 'Kept')")" ''
# Applied means on its disk.
lost=0
for crash in {1..5}; do
    wait_until hub 'SELECT bool_and(is_waited_for) FROM opigno.registry_lag'
    on hub -c "SELECT opigno.set_training('t', 'Kept $crash')" >/dev/null
    stop_hard shard_1
    start_server "$home/shard_1" "$home/shard_1"
    [ "$(on shard_1 -c 'SELECT title FROM opigno.training')" = "Kept $crash" ] || lost=$((lost + 1))
done
is 'a shard that crashes right after the commit has it when it starts' "$lost" 0
ok 'it comes back' wait_until hub 'SELECT bool_and(is_waited_for) FROM opigno.registry_lag'
is 'both are there' "$(
    on hub -c 'SELECT shard, is_connected, is_waited_for FROM opigno.registry_lag ORDER BY shard'
)" $'0|t|t\n1|t|t'

# ---- a dump --------------------------------------------------------------------------------------------------------

PGHOST=$home/shard_1 "$bindir/createdb" restored
PGHOST=$home/shard_1 "$bindir/pg_dump" --no-subscriptions opigno |
    PGHOST=$home/shard_1 "$bindir/psql" -Xq -v ON_ERROR_STOP=1 restored >/dev/null 2>"$home/restored"
is 'a dump of a shard can be restored' "$(cat "$home/restored")" ''
# The sequences are all that a dump lacks.
is 'it is the shard, but writes nothing before its sequences are right' "$(
    PGHOST=$home/shard_1 "$bindir/psql" -XqAt -v VERBOSITY=verbose restored <<SQL 2>&1 | sed '/^LOCATION/d'
SELECT server_kind, shard, shards FROM opigno.server_role;
SELECT opigno.set_user_context('$user_1', 'Other', true);
SELECT opigno.become_shard(1, 2);
SELECT opigno.become_shard(1, 2);
SELECT id % 2, display_name FROM opigno.set_user_context('$user_1', 'Other', true);
SELECT id % 2 FROM generate_series(1, 3), opigno.create_anonymous_user_context();
SQL
)" 'shard|1|2
ERROR:  PT409: the sequences of this shard do not leave out the numbers of other shards
DETAIL:  A dump does not have the increments of the sequences.
HINT:  Call opigno.become_shard(1, 2) again.
t
f
1|Other
1
1
1'

# ---- another number of shards --------------------------------------------------------------------------------------

is 'an open session learns at once what the server has become' "$(
    on shard_0 -v ON_ERROR_STOP=0 -v VERBOSITY=sqlstate <<SQL 2>&1
SELECT outcome FROM opigno.patch_profile('$user_0', 1, '{"a": 6}');
\! '$bindir/psql' -XqAt -h '$home/shard_0' -d opigno -o /dev/null -c "DELETE FROM opigno.profile; DELETE FROM opigno.user_context; SELECT opigno.become_hub()"
SELECT outcome FROM opigno.patch_profile('$user_0', 1, '{"a": 7}');
\! '$bindir/psql' -XqAt -h '$home/shard_0' -d opigno -o /dev/null -c "SELECT opigno.become_single_server()"
SELECT outcome FROM opigno.patch_profile('$user_0', 1, '{"a": 7}');
SQL
)" 'merged
ERROR:  PT409
ERROR:  23503'
is 'shard 0 has applied all without an error' \
    "$(grep -E 'logical replication.*exited|PANIC|terminated by signal' "$home/shard_0/server.log")" ''
finish_tap
