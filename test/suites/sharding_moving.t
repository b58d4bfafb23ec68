#!/usr/bin/env bash
# A front while users move from one shard to two new ones, of which one has all of its users and one has half of them:
# calls answer as on one server. The suite sharding has the calls.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=test/suites/sharded_servers.sh
. "$(dirname "$0")/sharded_servers.sh"

export PGOPTIONS='-c client_min_messages=warning' # PL/Proxy notes each connection that it makes anew
start_servers 1 2
definitions="SELECT md5(string_agg(pg_get_functiondef(oid) || coalesce(proacl::text, ''), '' ORDER BY proname))
    FROM pg_proc WHERE pronamespace = 'sharded'::regnamespace"
before=$(on front -c "$definitions")
on front -c 'CREATE DATABASE single'
on front -d single -c 'CREATE EXTENSION opigno_profiles' -c 'SELECT opigno.add_retirement_salt()' >/dev/null

on shard_0 -c 'CREATE EXTENSION dblink'
first=$(on shard_0 -c 'SELECT opigno.begin_user_moves(3, 4)')
for shard in 1 2; do
    on "shard_$shard" >/dev/null <<SQL
CREATE EXTENSION opigno_profiles;
SELECT opigno.become_shard($shard, 3);
SELECT command FROM opigno.registry_subscription_script($shard, 'host=$home/hub dbname=opigno user=postgres') \gexec
SELECT opigno.await_user_moves(1, $first, 4);
SQL
    ok "shard $shard has what the hub has" \
        wait_for "$home" "shard_$shard" "SELECT bool_and(srsubstate = 'r') FROM pg_subscription_rel"
done
on hub >/dev/null <<<'SELECT command FROM opigno.registry_synchronous_script(3) \gexec'
on front -c "ALTER SERVER users
    OPTIONS (ADD p1 'host=$home/shard_1 dbname=opigno', ADD p2 'host=$home/shard_2 dbname=opigno')"

# ---- what an earlier call has left -----------------------------------------------------------------------------------

moves() { # SERVER TO: the result of moving no slot, or the error
    on "$1" -v ON_ERROR_STOP=0 -c "CALL opigno.move_users('host=$home/$2 dbname=opigno user=postgres', 0, -1)" 2>&1 |
        sed -n 's/^\(ERROR: *\)\?\(.*\)/\2/p' | grep -v '^CONTEXT\|^DETAIL\|^PL\|^SQL' | head -n 2
}
prepared() { on shard_1 -c 'SELECT count(*) FROM pg_prepared_xacts'; }
database=$(on shard_1 -c "SELECT oid FROM pg_database WHERE datname = 'opigno'")
on shard_0 >/dev/null <<SQL
BEGIN;
CALL opigno.connect_for_moves('host=$home/shard_1 dbname=opigno user=postgres');
CALL opigno.move_user_slot(1, 3, 'opigno_profiles_move/$database/1/3', now());
ROLLBACK;
SQL
on shard_2 -c 'CREATE EXTENSION dblink'
is 'a server from which no users move decides nothing' "$(moves shard_2 shard_1) $(prepared)" \
    $'the other server does not await users of this shard\nHINT:  No users move from this shard. 1'
on shard_2 -c 'DROP EXTENSION dblink'
is 'the new shard waits for no lock that the transaction has' "$(on shard_1 -v ON_ERROR_STOP=0 \
    -c "SET lock_timeout = '5s'" -c 'SELECT opigno.become_single_server()' 2>&1 | grep '^DETAIL')" \
    "DETAIL:  The transaction \"opigno_profiles_move/$database/1/3\" is prepared here."
on shard_0 -c 'SELECT opigno.begin_user_moves(1)' -c 'SELECT opigno.begin_user_moves(3, 2)' >/dev/null
is 'moves in other slots decide nothing' "$(moves shard_0 shard_1 | head -n 1) $(prepared)" \
    'the other server does not await users of this shard 1'
on shard_0 -c 'SELECT opigno.begin_user_moves(1)' -c "SELECT nextval('opigno.user_context_id_seq')" >/dev/null
first=$(on shard_0 -c 'SELECT opigno.begin_user_moves(3, 4)')
on shard_0 -c 'DELETE FROM opigno.moving_slot WHERE shard = 1 AND slot = 3'
on shard_1 -c "UPDATE opigno.server_role SET first_number = $first"
is 'nor does a slot that is not there' "$(moves shard_0 shard_1 | head -n 1) $(prepared)" \
    'a prepared transaction on the other server has no slot of this shard 1'
on shard_0 -c "INSERT INTO opigno.moving_slot (shard, slot, slot_state) VALUES (1, 3, 'here')"
is 'a slot that is here is rolled back' "$(moves shard_0 shard_1) $(prepared)" '0|0 0'
is 'begun again: a hint' "$(moves shard_0 shard_2 | tail -n 1)" \
    "HINT:  Call there: SELECT opigno.await_user_moves(1, $(on shard_0 \
        -c 'SELECT first_number FROM opigno.server_role'), 4);"
is 'what it says helps' \
    "$(on shard_2 -c "SELECT opigno.await_user_moves(1, $first, 4)") $(moves shard_0 shard_2)" 't 0|0'
on shard_1 -c 'SET session_replication_role = replica' \
    -c "INSERT INTO opigno.profile_migration VALUES (99, '{}', '', now(), now())" # there is no such app
is 'no moves during a migration of profiles' "$(moves shard_0 shard_1 | head -n 1)" \
    'a migration of profiles is not complete'
on shard_1 -c 'DELETE FROM opigno.profile_migration'

ok 'proxies while users move' on front -c "CALL opigno.install_proxies('users', 'sharded', from_shards => 1)"
is 'no bulk bodies' "$(on front -c "SELECT status FROM sharded.http_request('POST', '/operator/profile/create-bulk',
    '{\"Content-Type\": \"application/json\"}', '[]')")" 501
is 'nor purging, of which nobody knows whether it was complete' "$(on front -c "SELECT status FROM sharded.http_request(
    'POST', '/operator/users/purge-anonymous', '{\"Content-Type\": \"application/json\"}', '{}')")" 501
merge=$(on shard_0 -c "SELECT format('SELECT sharded.merge_user_contexts(%L, %L)', 'm1', 'm' || i)
    FROM generate_series(2, 20) AS i WHERE opigno.user_shard('m' || i, 3) <> opigno.user_shard('m1', 3) LIMIT 1")
is 'users who will be on two shards are not merged' "$(on front -v ON_ERROR_STOP=0 -c "$merge" 2>&1 | head -n 1)" \
    'ERROR:  the users are on several shards'
is 'one new shard has its users' \
    "$(on shard_0 -c "CALL opigno.move_users('host=$home/shard_1 dbname=opigno user=postgres')")" '4|0'
is 'another has half of them' \
    "$(on shard_0 -c "CALL opigno.move_users('host=$home/shard_2 dbname=opigno user=postgres', 0, 1)")" '2|0'

for database in opigno single; do
    on front -d "$database" -q -f "$top/test/suites/sharding.sql"
done
on front -d single -c "CALL compare.generate(${SHARDING_CALLS:-1000})"
on front -d single -c 'COPY compare.call (n, name, query) TO STDOUT' |
    on front -c 'COPY compare.call (n, name, query) FROM STDIN'
ok 'generated calls on one server' on front -d single -c "CALL compare.run('opigno')"
ok 'the same calls through the front' on front -c "CALL compare.run('sharded')"
answers() { # DATABASE: two functions write all users of a list in one transaction
    on front -d "$1" -c "SELECT n, name, query, answer FROM compare.call
        WHERE name NOT IN ('retirement_cleanup', 'clean_up_partner_reports') ORDER BY n"
}
is 'the same answers' "$(diff <(answers single) <(answers opigno) | head -n 40)" ''
is 'functions that are refused' "$(on front -c "SELECT DISTINCT name, answer FROM compare.call
    WHERE name IN ('retirement_cleanup', 'clean_up_partner_reports') ORDER BY 1")" \
    $'clean_up_partner_reports|SQLSTATE 0A000\nretirement_cleanup|SQLSTATE 0A000'
is 'users are on all shards' "$(for shard in 0 1 2; do
    on "shard_$shard" -c 'SELECT count(*) > 0 FROM opigno.user_context'; done)" $'t\nt\nt'
for server in front hub shard_{0,1,2}; do
    on "$server" -c 'CREATE ROLE web LOGIN' -c "SELECT opigno.grant_access('web', 'gateway')" >/dev/null
done
on front -d single -c "SELECT opigno.grant_access('web', 'gateway')" >/dev/null
on front -c "CALL opigno.install_proxies('users', 'sharded', from_shards => 1)"
requests() { # DATABASE SCHEMA TARGET...: by an operator
    on front -d "$1" <<SQL | sed -E 's/[0-9a-f]{16,}/~/g'
SELECT client_key, client_secret FROM $2.register_client(0, 'Operator', is_operator => true) \gset
SELECT $2.issue_access_token(:'client_key', :'client_secret', 'client_credentials') ->> 'access_token' AS token \gset
SET ROLE web;
SELECT r.status, r.response_headers ->> 'Link', CASE r.status WHEN 200 THEN (SELECT string_agg(e.e ->> 'uuid', ' ')
    FROM json_array_elements(r.response_body::json) AS e (e)) END
FROM unnest(ARRAY[$(printf "'%s'," "${@:3}")'/user-contexts']) AS target,
    $2.http_request('GET', target, jsonb_build_object('Authorization', 'Bearer ' || :'token')) AS r;
SQL
}
pages=('/user-contexts?limit=3' '/user-contexts?limit=4&after=m2' '/user-contexts?limit=100' '/user-contexts?limit=x')
is 'lists over HTTP' "$(requests opigno sharded "${pages[@]}")" "$(requests single opigno "${pages[@]}")"
is 'users by name are not split' "$(requests opigno sharded '/api/user/v1/accounts?username=u1,u2' \
    '/operator/users/bundles?users=u1,u2,u3,u4' | cut -d'|' -f1 | xargs)" '501 501 200'
of_pairs() { # DATABASE SCHEMA: requests of users about others, in SQL and by path
    on front -d "$1" <<SQL | sed -E 's/user_[0-9a-f]{16}/~/g'
SELECT client_key, client_secret FROM $2.register_client(0, 'Client', may_act_for => 'all') \gset
SELECT $2.issue_access_token(:'client_key', :'client_secret', 'client_credentials') ->> 'access_token' AS token \gset
SET ROLE web;
SELECT i, j, target, r.status, (SELECT string_agg(u[1], ' ') FROM regexp_matches(r.response_body,
    '"(?:username|displayName)": ?"[^"]*"', 'g') AS u)
FROM generate_series(1, 9) AS i, generate_series(1, 9) AS j,
    unnest(ARRAY['/api/user/v1/accounts?username=u', '/api/user/v1/accounts/u', '/user-contexts/u']) AS target,
    $2.http_request('GET', target || j, jsonb_build_object('Authorization', 'Bearer ' || :'token',
        'opigno-client-uuid', 'u' || i, 'opigno-user-assertion', 'of a client')) AS r ORDER BY i, j, target;
SQL
}
pairs=$(of_pairs single opigno)
is 'requests of a user about another one' "$(diff <(of_pairs opigno sharded) - <<<"$pairs")" ''
is 'of which some succeed' "$(cut -d'|' -f4 <<<"$pairs" | sort -u | xargs)" '200 404'
is 'the others move, with all that was written' "$(on shard_0 \
    -c "CALL opigno.move_users('host=$home/shard_2 dbname=opigno user=postgres')" | cut -d'|' -f1)" 2
answer() { on front -c "SELECT string_agg(u || (SELECT to_jsonb(p) - 'user_uuid' FROM sharded.get_preferences(u) AS p),
    E'\n' ORDER BY u) FROM (SELECT 'u' || i AS u FROM generate_series(1, 11) AS i) AS u"; }
moving=$(answer)
for shard in 1 2 0; do on "shard_$shard" -c "SELECT opigno.become_shard($shard, 3)" >/dev/null; done
on front -c "CALL opigno.install_proxies('users', 'sharded')"
is 'afterwards, users are found as before' "$(answer)" "$moving"
on front -c "ALTER SERVER users OPTIONS (DROP p1, DROP p2)" -c "CALL opigno.install_proxies('users', 'sharded')"
on front -c 'DROP OWNED BY web' >/dev/null
is 'proxies for moves leave nothing behind' "$(on front -c "$definitions")" "$before"
finish_tap
