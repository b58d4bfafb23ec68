#!/usr/bin/env bash
# Loads from text through a front with three shards: the answers are those of one server, and a load is atomic over
# several shards, whatever is killed meanwhile.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=test/suites/sharded_servers.sh
. "$(dirname "$0")/sharded_servers.sh"
shopt -s lastpipe

front() { on front -c 'SET search_path = sharded' -v ON_ERROR_STOP=0 -v VERBOSITY=verbose "$@" 2>&1 |
    grep -vE '^(LOCATION|CONTEXT|PL/pgSQL function|SQL statement|SQL function|NOTICE)'; }
start_servers 3
for server in front hub shard_{0,1,2}; do
    on "$server" -c 'CREATE ROLE ops LOGIN' -c 'CREATE ROLE teach LOGIN' -c 'CREATE ROLE web LOGIN' >/dev/null
done
levels() { printf "SELECT %sgrant_access('ops', 'operator'), %sgrant_access('teach', 'learning'),
    %sgrant_access('web', 'gateway')" "$1" "$1" "$1"; }
front -c "$(levels sharded.)" -c "$(levels opigno.)" \
    -c "CALL opigno.install_proxies('users', 'sharded')" >/dev/null
on front -c 'CREATE DATABASE single' >/dev/null
on front -d single -c 'CREATE EXTENSION opigno_profiles' -c 'SELECT opigno.add_retirement_salt()' >/dev/null

# ---- the same answers as one server --------------------------------------------------------------------------------

set_up() { # DATABASE SCHEMA
    on front -d "$1" >/dev/null <<SQL
SET search_path = $2;
SELECT register_app('First', app_id => 0), register_app('Second', app_id => 1), set_training('course', 'Course'),
    set_training('other', 'Other'), configure_extended_profile_field('bio'),
    configure_preference('theme', '{"maxLength": 9}');
SELECT set_user_context('u' || i, 'U' || i, true) FROM generate_series(1, 9) AS i;
SET search_path = public;
SQL
    on front -d "$1" -f "$top/test/suites/sharding_bulk.sql"
}
set_up single opigno
set_up opigno sharded
on front -d single -c "CALL compare.generate(${SHARDING_BULK_CALLS:-400})"
on front -d single -c 'COPY compare.call (n, name, arguments) TO STDOUT' |
    on front -c 'COPY compare.call (n, name, arguments) FROM STDIN'
ok 'generated loads on one server' on front -d single -c "CALL compare.run('opigno')"
ok 'the same loads through the front' on front -c "CALL compare.run('sharded')"
# Versions are of the server's clock.
answers() { on front -d "$1" -c "SELECT n, name, arguments,
    regexp_replace(answer, 'has version [0-9]+', 'has version', 'g') FROM compare.call ORDER BY n"; }
is 'the same answers, to the letter' "$(diff <(answers single) <(answers opigno) | head -n 40)" ''
state() { # DATABASE SCHEMA
    on front -d "$1" -c "SET search_path = $2, pg_catalog" \
        -c 'SELECT user_uuid, app_id, profile_data FROM list_profiles(0), list_profiles(1) AS o (a, b, c) LIMIT 0' \
        -c 'SELECT user_uuid, app_id, profile_data FROM list_profiles(0)' \
        -c 'SELECT user_uuid, app_id, profile_data FROM list_profiles(1)' \
        -c 'SELECT uuid, display_name, is_active, scope FROM list_user_contexts()' \
        -c 'SELECT user_uuid, training_id, status, progress FROM list_progress()' \
        -c "SELECT u, get_preferences(u) FROM unnest('{u1,u2,u3,u4,u5,u6,u7,u8,u9}'::text[]) AS u"
}
is 'there were answers of all kinds' "$(on front -d single -c "SELECT
    count(*) FILTER (WHERE answer ~ '\"refused\":false') > 50,
    count(*) FILTER (WHERE answer ~ '\"refused\":true') > 50, count(*) FILTER (WHERE answer ~ 'of the body') > 20,
    count(*) FILTER (WHERE answer ~ '\"errors\":..\"code\"') > 5, count(*) FILTER (WHERE answer ~ 'not_shown') > 0,
    count(*) FILTER (WHERE answer ~ 'differs from entry') > 3, count(*) FILTER (WHERE answer ~ '^SQLSTATE') > 1,
    count(*) FILTER (WHERE answer ~ '\"users_created\":[1-9]') > 3, count(DISTINCT name) FROM compare.call")" \
    't|t|t|t|t|t|t|t|6'
is 'and the same data' "$(diff <(state single opigno 2>&1) <(state opigno sharded 2>&1) | head -n 20)" ''

# ---- loads over HTTP -----------------------------------------------------------------------------------------------

on front -d single -c "SELECT opigno.grant_access('web', 'gateway')" >/dev/null
tokens() { # DATABASE SCHEMA
    on front -d "$1" -v ON_ERROR_STOP=1 -f - <<SQL
SET search_path = $2;
SELECT update_app(0, domains => '{first.example}') \g /dev/null
SELECT name, client_key, client_secret FROM (VALUES ('ops', true), ('shop', false)) AS c (name, is_operator),
    LATERAL register_client(0, name, CASE WHEN is_operator THEN NULL ELSE 'all' END, is_operator => is_operator);
SQL
}
for database in 'single opigno' 'opigno sharded'; do
    read -r name schema <<<"$database"
    tokens "$name" "$schema" | while IFS='|' read -r client key secret; do
        on front -d "$name" -c "INSERT INTO compare.token SELECT '$client', 'Bearer ' || (
            $schema.issue_access_token('$key', '$secret', 'client_credentials') ->> 'access_token')"
    done
done
on front -d single -c "CALL compare.generate_requests(${SHARDING_BULK_CALLS:-300})"
on front -d single -c 'COPY compare.request (n, target, headers, body) TO STDOUT' |
    on front -c 'COPY compare.request (n, target, headers, body) FROM STDIN'
for server in hub shard_{0,1,2}; do
    on "$server" -c "ALTER ROLE web SET log_statement = 'all'" -c 'ALTER ROLE web SET log_parameter_max_length = 0'
done
ok 'generated requests on one server' on front -d single -c "CALL compare.run_requests('opigno')"
ok 'the same requests through the front' on front -c "CALL compare.run_requests('sharded')"
answers() { on front -d "$1" -c "SELECT n, target, headers, body,
    regexp_replace(answer, 'has version [0-9]+', 'has version', 'g') FROM compare.request ORDER BY n"; }
is 'the same answers, headers and statuses' "$(diff <(answers single) <(answers opigno) | head -n 40)" ''
logged() { grep -c "$1" "$home/shard_1/server.log"; }
ok 'shards log the statements' [ "$(logged 'opigno.unmasked(')" -gt 20 ]
is 'with neither tokens nor documents' "$(logged 'opigno_token_'; logged 'profile_data'; logged 'training_id')" \
    $'0\n0\n0'
is 'there were answers of all kinds' "$(on front -d single -c "SELECT string_agg(DISTINCT left(answer, 3), ' ')
    FROM compare.request")" '200 207 400 401 403 406 415 422'
is 'and the same data' "$(diff <(state single opigno 2>&1) <(state opigno sharded 2>&1) | head -n 20)" ''

# ---- levels --------------------------------------------------------------------------------------------------------

# Users by shard: v0, v1 and so on.
of_shard() { on front -c "SELECT 'v' || i FROM generate_series(1, 999) AS i
    WHERE opigno.user_shard('v' || i, 3) = $1 LIMIT ${2:-1}"; }
a=$(of_shard 0) b=$(of_shard 1) c=$(of_shard 2)
front -f - >/dev/null <<'SQL'
SELECT set_user_contexts(string_agg(format('{"uuid": "v%s", "displayName": "V", "isActive": true}', i), E'\n'))
FROM generate_series(1, 300) AS i;
SELECT create_profiles(string_agg(format('{"user_id": "v%s", "app_id": 0, "profile_data": {"round": 0}}', i), E'\n'))
FROM generate_series(1, 300) AS i;
SQL
patch="[{\"user_id\": \"$a\", \"app_id\": 0, \"patch\": {\"p\": 1}},
    {\"user_id\": \"$b\", \"app_id\": 0, \"patch\": {\"p\": 1}},
    {\"user_id\": \"$c\", \"app_id\": 0, \"patch\": {\"p\": 1}}]"
reports="[{\"user_id\": \"$a\", \"training_id\": \"course\"}, {\"user_id\": \"$b\", \"training_id\": \"course\"}]"
is 'an operator loads' "$(front -c 'SET ROLE ops' -c "SELECT patch_profiles('$patch') -> 'response' ->> 'merged'")" 3
is 'the level learning reports progress, and loads nothing else' "$(front -c 'SET ROLE teach' \
    -c "SELECT report_progress_many('$reports') -> 'response' ->> 'created'" \
    -c "SELECT patch_profiles('$patch')" -c "SELECT run_bulk('patch_profiles', '$patch', NULL, NULL, NULL, '')")" \
    $'2\nERROR:  42501: permission denied for function patch_profiles
ERROR:  42501: permission denied for function patch_profiles'
is 'no connection is left open' "$(front -c "SELECT sharded.patch_profiles('$patch') IS NULL" \
    -c 'SELECT public.dblink_get_connections() IS NULL')" $'f\nt'
is 'who may connect, and where' "$(
    front -f - <<'SQL' | sed 's/^psql:<stdin>:[0-9]*: //'
SELECT opigno.connect_shard('none', 0, 'x');
SELECT opigno.connect_shard('users', 3, 'x');
CREATE FOREIGN DATA WRAPPER other;
CREATE SERVER other FOREIGN DATA WRAPPER other OPTIONS (p0 'host=evil');
SELECT opigno.connect_shard('other', 0, 'x');
CREATE ROLE builder;
GRANT USAGE ON FOREIGN DATA WRAPPER plproxy TO builder;
GRANT CREATE ON DATABASE opigno TO builder;
GRANT USAGE ON SCHEMA opigno TO builder;
SET ROLE builder;
CREATE SERVER evil FOREIGN DATA WRAPPER plproxy OPTIONS (p0 'host=evil');
GRANT USAGE ON FOREIGN SERVER evil TO ops;
SELECT opigno.connect_shard('evil', 0, 'x');
SET ROLE ops;
SELECT opigno.connect_shard('evil', 0, 'x');
RESET ROLE;
REVOKE USAGE ON FOREIGN SERVER users FROM ops;
SET ROLE ops;
SELECT opigno.connect_shard('users', 0, 'x');
RESET ROLE;
GRANT USAGE ON FOREIGN SERVER users TO ops;
SQL
)" $'ERROR:  42704: server "none" does not exist
ERROR:  22023: server "users" has no shard 3
ERROR:  22023: server "other" is not a server of PL/Proxy
ERROR:  42501: permission denied for function connect_shard
ERROR:  42501: permission denied for foreign server evil
DETAIL:  Its owner is neither a superuser nor the owner of the extension.
ERROR:  42501: permission denied for foreign server users'
socket=$(socket_folder "$home" shard_1)
is 'as nobody else, unless a superuser does' "$(
    front -f - <<SQL | sed 's/^psql:<stdin>:[0-9]*: //'
CREATE SERVER shared FOREIGN DATA WRAPPER plproxy OPTIONS (modular_mapping '1',
    p0 'host=$socket dbname=opigno user = teach', p1 'host=$socket dbname=opigno application_name=''user=postgres''',
    p2 'postgresql://postgres@/opigno', p3 'dbname=opigno host=$socket options=');
CREATE USER MAPPING FOR PUBLIC SERVER shared;
GRANT USAGE ON FOREIGN SERVER shared TO ops;
SELECT opigno.connect_shard('shared', 0, 'x');
SELECT * FROM public.dblink('x', 'SELECT current_user::text') AS r (r text);
SET ROLE ops;
SELECT opigno.connect_shard('shared', 0, '0'), opigno.connect_shard('shared', 2, '2');
SELECT opigno.connect_shard('shared', 2, '2');
SELECT opigno.connect_shard('shared', 1, '1'), opigno.connect_shard('shared', 3, '3');
SELECT * FROM public.dblink('1', 'SELECT current_user::text') AS r (r text);
SELECT * FROM public.dblink('3', 'SELECT current_user::text') AS r (r text);
RESET ROLE;
CREATE USER MAPPING FOR ops SERVER shared OPTIONS (user 'postgres');
SET ROLE ops;
SELECT opigno.connect_shard('shared', 1, '2');
RESET ROLE;
SET client_min_messages = warning;
DROP SERVER shared CASCADE;
SQL
)" $'t\nteach
ERROR:  42501: permission denied to connect to a shard as another role
DETAIL:  The options of server "shared" name a user.
HINT:  Let role "ops" connect to the shards by its own name.
ERROR:  42501: permission denied to connect to a shard as another role
DETAIL:  The options of server "shared" name a user.
HINT:  Let role "ops" connect to the shards by its own name.
t|t\nops\nops
ERROR:  42501: permission denied to connect to a shard as another role
DETAIL:  The user mapping for server "shared" names another user.
HINT:  Let role "ops" connect to the shards by its own name.'
is 'the role of the caller is the one on the shard' "$(front -c 'SET ROLE ops' \
    -c "SELECT opigno.connect_shard('users', 1, 'x')" \
    -c "SELECT * FROM public.dblink('x', 'SELECT current_user::text') AS r (r text)" \
    -c "SELECT public.dblink_disconnect('x')")" \
    $'t\nops\nOK'

# ---- a shard that is down, and servers without prepared transactions -----------------------------------------------

stop_hard() { as_server_user "$bindir/pg_ctl" -D "$home/$1/data" -m immediate -w stop >/dev/null; }
round_of() { on "shard_$1" -c "SELECT DISTINCT profile_data ->> 'p' FROM opigno.profile WHERE user_uuid = '$2'"; }
stop_hard shard_1
next=${patch//\"p\": 1/\"p\": 2}
down='{"errors":[{"ordinal":2,"code":"08006","path":"","message":"shard 1 cannot be reached"}],'
is 'abort: refused with the entries of the shard that is down, and nothing is written' "$(
    front -c "SELECT patch_profiles('$next')"; round_of 0 "$a"; round_of 2 "$c")" \
    "$down"'"refused":true,"failed":1,"response":null}'$'\n1\n1'
is 'report: the others are written' "$(
    front -c "SELECT patch_profiles('$next', 'report')"; round_of 0 "$a"; round_of 2 "$c")" \
    "$down"'"refused":false,"failed":1,"response":{"received":3,"created":0,'\
'"replaced":0,"merged":2,"unchanged":0,"skipped":0,"users_created":0,"failed":1}}'$'\n2\n2'
token=$(on front -c "SELECT token FROM compare.token WHERE name = 'ops'")
# The answer, and whether no connection is left open.
http_load() { # TOKEN [HEADER] [TARGET]
    front -c "SET statement_timeout = '4s'" -c 'SET ROLE web' -c "SELECT status, response_body
        FROM http_request('POST', '${3:-/operator/profile/create-bulk?on_conflict=replace}', json_build_object(${2:-}
            'Authorization', '$1', 'Content-Type', 'application/json')::jsonb,
            convert_to('${patch//patch/profile_data}', 'UTF8'))" \
        -c 'SELECT public.dblink_get_connections() IS NULL' | sed 's/^401|.*"code":"28000".*/401/'
}
lenient="'Prefer', 'handling=lenient',"
is 'the same of a request' "$(http_load "$token"; round_of 0 "$a"; round_of 2 "$c")" \
    "503|$down"'"refused":true,"failed":1,"response":null}'$'\nt\n2\n2'
is 'a lenient one writes the others' "$(http_load "$token" "$lenient"; round_of 0 "$a"; round_of 2 "$c")" \
    "207|$down"'"refused":false,"failed":1,"response":{"received":3,"created":0,'\
'"replaced":2,"merged":0,"unchanged":0,"skipped":0,"users_created":0,"failed":1}}'$'\nt\n1\n1'
is 'who has more rights than a request is told so' "$(front -c "SELECT http_request('POST',
    '/operator/profile/create-bulk', '{\"Content-Type\": \"application/json\"}', '[]')" | grep -o '^ERROR: *[0-9]*')" \
    'ERROR:  42501'
is 'who has no token learns nothing' "$(http_load 'Bearer x'; http_load 'Bearer x' "$lenient"
    http_load 'Bearer x' '' '/operator/profile/create-bulk?dry_run=true')" $'401\nt\n401\nt\n401\nt'
on shard_2 -c BEGIN -c "SELECT FROM opigno.profile WHERE user_uuid = '$c' FOR UPDATE" -c 'SELECT pg_sleep(3)' \
    -c ROLLBACK >/dev/null & holder=$!
wait_for "$home" shard_2 "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
http_load "$token" >"$home/trial" & load=$!
wait_for "$home" shard_2 "SELECT count(*) > 0 FROM pg_stat_activity WHERE usename = 'web' AND wait_event_type = 'Lock'"
is 'what a request would write on the other shards keeps no lock' \
    "$(on shard_0 -c "SET lock_timeout = '1s'" \
        -c "SELECT FROM opigno.profile WHERE user_uuid = '$a' FOR UPDATE" 2>&1)" ''
wait "$holder" "$load"
is 'while it waits for one of them' "$(head -c 4 "$home/trial")" '503|'
is 'all users of a request are on it' "$(front -c 'SET ROLE web' -c "SELECT status, response_body::json ->> 'detail'
    FROM http_request('POST', '/operator/profile/create-bulk', json_build_object('Authorization', '$token',
    'Content-Type', 'application/json')::jsonb, '[{\"user_id\": \"$b\", \"app_id\": 0, \"profile_data\": {}}]')")" \
    '503|a shard cannot be reached; nothing was written'
is 'all users are on it' "$(front -c "SELECT delete_profiles('[{\"user_id\": \"$b\", \"app_id\": 0}]', 'report')")" \
    "${down/2/1}"'"refused":true,"failed":1,"response":null}'
start_server "$home/shard_1" "$home/shard_1"
restart_with() { # OPTIONS SERVER: after a checkpoint, without which a PREPARE could have to be replayed
    as_server_user "$bindir/pg_ctl" -D "$home/$2/data" -m fast -w stop >/dev/null
    as_server_user "$bindir/pg_ctl" -D "$home/$2/data" -l "$home/$2/server.log" \
        -o "-k '$home/$2' -c listen_addresses='' $1" -w start >/dev/null
}
restart_with '-c max_prepared_transactions=0' shard_2
is 'without prepared transactions' "$(front -c "SELECT patch_profiles('$next')" \
    -c "SELECT patch_profiles('$next', 'report') ->> 'failed'")" \
    $'ERROR:  0A000: a load that is atomic over several shards needs prepared transactions
DETAIL:  "max_prepared_transactions" is 0 on this shard.
HINT:  Pass on_error => \'report\', or set "max_prepared_transactions" on each shard.
0'
is 'and a request' "$(http_load "$token" | sed 's/|.*"detail"/|/'; http_load "$token" "$lenient" | cut -d'|' -f1)" \
    $'501| : "the front is not set up for loads; its log has the reason"}\nt\n200\nt'
ok 'the log of the front has the reason' \
    grep -q 'a load through the front failed: .*needs prepared transactions' "$home/front/server.log"
restart_with '' shard_2
is 'without dblink' "$(on front -c 'DROP EXTENSION dblink'
    front -c "SELECT patch_profiles('$next')" | head -n 1
    front -c 'SET ROLE web' -c "SELECT status FROM http_request('POST', '/operator/profile/create-bulk',
        json_build_object('Authorization', '$token', 'Content-Type', 'application/json')::jsonb,
        '[{\"user_id\": \"$a\"}]')"
    on front -c 'CREATE EXTENSION dblink' \
        -c 'GRANT EXECUTE ON FUNCTION dblink_connect_u(text, text) TO opigno_owner')" \
    $'ERROR:  0A000: loads over several shards need the extension dblink\n501'
on shard_0 -c BEGIN -c "SELECT opigno.begin_bulk_transaction('held', true)" -c 'SELECT pg_sleep(3)' -c ROLLBACK \
    >/dev/null & holder=$!
wait_for "$home" shard_0 "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
is 'who has no token does not wait for other loads' \
    "$(SECONDS=0; http_load 'Bearer x'; [ $SECONDS -lt 2 ] || echo late)" $'401\nt'
wait "$holder"
on shard_1 -c "UPDATE opigno.access_token SET revoked_at = now()" 2>&1
is 'one shard refuses, and others have written: it is an error of its entries' "$(for _ in $(seq 50); do
    http_load "$token" "$lenient" | head -n 1 | grep -v '^401' && break; done)" \
    '207|{"errors":[{"ordinal":2,"code":"28000","path":"","message":"authorization failed"}],"refused":false,'\
'"failed":1,"response":{"received":3,"created":0,"replaced":0,"merged":0,"unchanged":2,"skipped":0,"users_created":0,'\
'"failed":1}}'
on shard_1 -c "UPDATE opigno.access_token SET revoked_at = NULL"

# ---- atomic loads at once ------------------------------------------------------------------------------------------

body() { # VALUE ORDER: a patch of all users
    printf '%s' "(SELECT string_agg(format('{\"user_id\": \"v%s\", \"app_id\": 0, \"patch\": {\"round\": %s}}',
        i, $1), E'\n' ORDER BY i $2) FROM generate_series(1, 300) AS i)"
}
loads() { # FIRST ORDER
    local n
    for ((n = $1; n < $1 + 12; ++n)); do
        front -c "SELECT patch_profiles($(body "$n" "$2")) -> 'response' ->> 'merged'"
    done
}
values_of() { for shard in 0 1 2; do on "shard_$shard" -c "SELECT DISTINCT profile_data -> 'round'
    FROM opigno.profile WHERE profile_data ? 'round'"; done | sort -u; }
in_doubt() { for shard in 0 1 2; do on "shard_$shard" -c "SELECT 'shard $shard', gid FROM pg_prepared_xacts"; done; }
rows_left() { for shard in 0 1 2; do
    on "shard_$shard" -c "SELECT 'shard $shard', transaction_id FROM opigno.bulk_transaction"; done; }
loads 1000 ASC >"$home/first" & first=$!
loads 2000 DESC >"$home/second" & second=$!
wait "$first" "$second"
is 'two at once, in opposite orders: each succeeds' \
    "$(sort "$home/first" "$home/second" | uniq -c | sed 's/^ *//')" '24 300'
is 'and all users have the values of one load' "$(values_of | wc -l)" 1
sleep 0.5
is 'nothing is left of them' "$(in_doubt; rows_left)" ''
is 'a cancelled load: nothing is written, and nothing left' "$(before=$(values_of)
    on shard_2 -c BEGIN -c "SELECT FROM opigno.profile WHERE user_uuid = '$c' FOR UPDATE" \
        -c 'SELECT pg_sleep(3)' -c COMMIT >/dev/null &
    sleep 0.5
    front -c "SET statement_timeout = '1s'" -c "SELECT patch_profiles($(body 3000 ASC))"
    wait
    [ "$(values_of)" = "$before" ] && echo same
    in_doubt; rows_left)" $'ERROR:  57014: canceling statement due to statement timeout\nsame'

# ---- shards that wait, refuse and go away --------------------------------------------------------------------------

waits_on() { wait_for "$home" "$1" "SELECT count(*) > 0 FROM pg_stat_activity
    WHERE usename = '${2:-ops}' AND wait_event_type = 'Lock'"; }
end_waiting_on() { on "$1" -c "SELECT FROM pg_stat_activity AS a, pg_terminate_backend(a.pid)
    WHERE a.usename = 'ops' AND a.wait_event_type = 'Lock'" >/dev/null; }
hold_user() { on "$1" -c BEGIN -c "SELECT FROM opigno.profile WHERE user_uuid = '$2' FOR UPDATE" \
    -c "SELECT pg_sleep($3)" -c ROLLBACK >/dev/null; }
prepare_on() { # SHARD NAME...
    local name
    for name in "${@:2}"; do on "$1" -c BEGIN -c 'SELECT 1' -c "PREPARE TRANSACTION 'opigno_profiles/$name'"; done \
        >/dev/null
}
resolved() { front -c 'SELECT * FROM resolve_bulk_transactions()'; }
ops_loads() { front -c 'SET ROLE ops' -c "SELECT patch_profiles('$1' ${2:-}) ${3:-}" \
    -c 'SELECT public.dblink_get_connections() IS NULL'; }

# A load that has begun on shard 1 does not end for a while. Shard 2 has prepared.
prepare_on shard_2 1/idle/2
on shard_1 -c BEGIN -c "SELECT opigno.begin_bulk_transaction('idle', true)" -c 'SELECT pg_sleep(13)' -c ROLLBACK \
    >/dev/null & holder=$!
wait_for "$home" shard_1 "SELECT count(*) = 1 FROM pg_locks AS l WHERE l.relation = 'opigno.bulk_transaction'::regclass
    AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted"
on front -c "SELECT sharded.patch_profiles('${patch//\"p\": 1/\"p\": 3}') -> 'response' ->> 'merged'" \
    >"$home/waited" 2>&1 & load=$!
is 'who resolves does not wait for a load that does not end' "$(resolved)" '2|idle|in doubt'
wait "$holder" "$load"
is 'a load waits for another one longer than its timeout, and says so' \
    "$(grep -v '^CONTEXT\|^SQL\|^PL' "$home/waited")" \
    $'NOTICE:  the load waits for another one on shard 1\n3'
is 'then it is resolved' "$(resolved)" '2|idle|rolled back'

prepare_on shard_1 0/gone/1 0/here/1
on shard_0 -c BEGIN -c "SELECT opigno.begin_bulk_transaction('gone', true)" -c 'SELECT pg_sleep(3)' -c ROLLBACK \
    >/dev/null & holder=$!
wait_for "$home" shard_0 "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
resolved >"$home/resolved" & resolver=$!
waits_on shard_0 postgres
on shard_1 -c "ROLLBACK PREPARED 'opigno_profiles/0/gone/1'"
wait "$holder" "$resolver"
is 'another session ends the first of two transactions of a shard' "$(cat "$home/resolved")" '1|here|rolled back'

long=$(printf '%0120d' 0)
prepare_on shard_1 0/here/1 0/x/99999999999 99/x/1 0/x/2 1/x/1 "0/$long/1" 0/zz/1
is 'names that are none of a load are left alone' "$(resolved | sed "s/$long/long/g")" \
    $'WARNING:  01000: prepared transaction "opigno_profiles/0/long/1" on shard 1: '\
$'"transaction_id" must have from 1 to 100 bytes
1|long|in doubt\n1|here|rolled back\n1|x|in doubt\n1|zz|rolled back\n1|x|in doubt\n1|x|in doubt'
is 'and loads go on' "$(ops_loads "$patch" '' "-> 'response' ->> 'merged'")" $'3\nt'
for name in 0/x/99999999999 99/x/1 0/x/2 1/x/1 "0/$long/1"; do
    on shard_1 -c "ROLLBACK PREPARED 'opigno_profiles/$name'"
done

# A session that ends a prepared transaction waits for a standby.
prepare_on shard_1 0/busy/1
on shard_1 -c "ALTER SYSTEM SET synchronous_standby_names = 'none'" -c 'SELECT pg_reload_conf()' >/dev/null
wait_for "$home" shard_1 "SELECT current_setting('synchronous_standby_names') = 'none'"
on shard_1 -c "ROLLBACK PREPARED 'opigno_profiles/0/busy/1'" & ends=$!
wait_for "$home" shard_1 "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
is 'a transaction that another session ends is left to it' "$(resolved)" '1|busy|in doubt'
on shard_1 -c 'ALTER SYSTEM RESET synchronous_standby_names' -c 'SELECT pg_reload_conf()' >/dev/null
wait "$ends"
is 'and it does' "$(resolved; in_doubt)" ''

on shard_1 >/dev/null <<SQL
CREATE FUNCTION public.sleep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(5); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER sleep AFTER UPDATE ON opigno.profile DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.user_uuid = '$b') EXECUTE FUNCTION public.sleep();
SQL
next=${patch//\"p\": 1/\"p\": 4}
is 'cancelled while a shard prepares: nothing is left, and no connection' "$(front -c "SET statement_timeout = '1s'" \
    -c "SELECT patch_profiles('$next')" -c 'SELECT public.dblink_get_connections() IS NULL'; in_doubt; rows_left
    round_of 0 "$a"; round_of 1 "$b")" $'ERROR:  57014: canceling statement due to statement timeout\nt\n1\n1'
ops_loads "$next" >"$home/lost" & load=$!
wait_for "$home" shard_1 "SELECT count(*) = 1 FROM pg_stat_activity AS a WHERE a.query ~ '^PREPARE'
    AND a.wait_event = 'PgSleep' AND pg_cancel_backend(a.pid)"
wait "$load"
is 'a shard that cancels its PREPARE' "$(cat "$home/lost"; in_doubt; rows_left; round_of 0 "$a"; round_of 2 "$c")" \
    $'ERROR:  57014: canceling statement due to user request\nt\n1\n1'
on shard_1 -c 'DROP TRIGGER sleep ON opigno.profile' -c 'DROP FUNCTION public.sleep()'

on shard_1 -c "ALTER ROLE ops SET statement_timeout = '1s'"
hold_user shard_1 "$b" 3 & holder=$!
wait_for "$home" shard_1 "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
is 'a shard that cancels its part: the others are reported' "$(
    ops_loads "$next" ", 'report'" "#>> '{response,merged}'" | head -n 1; round_of 0 "$a"; round_of 2 "$c"
    ops_loads "${next//4/5}" ", 'report'" "-> 'errors'" | head -n 1)" \
    $'2\n4\n4\n[{"ordinal":2,"code":"57014","path":"","message":"canceling statement due to statement timeout"}]'
wait "$holder"
hold_user shard_1 "$b" 3 & holder=$!
hold_user shard_2 "$c" 3 & other=$!
for server in shard_1 shard_2; do
    wait_for "$home" "$server" "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
done
ops_loads "[{\"user_id\": \"$b\", \"app_id\": 0, \"patch\": {\"p\": 6}},
    {\"user_id\": \"$c\", \"app_id\": 0, \"patch\": {\"p\": 6}}]" ", 'report'" >"$home/lost" & load=$!
waits_on shard_2 && end_waiting_on shard_2
wait "$holder" "$other" "$load"
is 'an error of one shard does not hide that the answer of another was lost' "$(cat "$home/lost")" \
    $'ERROR:  08007: the answers of the shards were lost\nDETAIL:  The entries may have been written.\nt'
on shard_1 -c 'ALTER ROLE ops RESET statement_timeout'

on shard_1 -c BEGIN -c 'LOCK TABLE opigno.bulk_transaction IN SHARE UPDATE EXCLUSIVE MODE' -c 'SELECT pg_sleep(3)' \
    -c ROLLBACK >/dev/null & holder=$!
wait_for "$home" shard_1 "SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
ops_loads "$patch" >"$home/lost" & load=$!
waits_on shard_1 && end_waiting_on shard_1
wait "$holder" "$load"
is 'a connection that ends before the load names its shard' "$(grep -v ^DETAIL "$home/lost")" \
    $'ERROR:  08006: the connection to shard 1 was lost\nt'

# ---- SIGKILL in the middle of an atomic load -----------------------------------------------------------------------

# Deferred triggers make the shards stay in PREPARE TRANSACTION and COMMIT for a while.
for shard in 0 1 2; do
    on "shard_$shard" >/dev/null <<SQL
CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.7); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER slow AFTER UPDATE ON opigno.profile DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.user_uuid IN ('$a', '$b', '$c')) EXECUTE FUNCTION public.slow();
SQL
done
backend() { on "$1" -c "SELECT pid FROM pg_stat_activity WHERE query ~ '$2' AND pid <> pg_backend_pid()
    AND backend_type = 'client backend' ORDER BY backend_start DESC LIMIT 1" 2>/dev/null; }
wait_backend() { # SERVER QUERY: its process, when there is one
    local tries=0 pid
    until pid=$(backend "$1" "$2") && [ -n "$pid" ]; do
        [ $((tries += 1)) -lt 400 ] || return 1
        sleep 0.01
    done
    printf '%s' "$pid"
}
signal() { as_server_user kill "-$1" "$2"; }
is_up() { on "$1" -c 'SELECT 1' >/dev/null 2>&1; }
wait_up() { local tries=0; until is_up "$1" || [ $((tries += 1)) -gt 300 ]; do sleep 0.1; done; }
resolve() { # until no shard is missing
    local tries=0
    while true; do
        front -c 'SELECT shard, outcome FROM resolve_bulk_transactions()' >"$home/resolved"
        grep -q 'ERROR\|cannot be reached\|in doubt' "$home/resolved" || return 0
        [ $((tries += 1)) -lt 100 ] || return 1
        sleep 0.1
    done
}
old=$(values_of)
# The users of a shard are locked for a while, so that the load waits there.
hold() { on "$1" -c 'BEGIN' -c "SELECT FROM opigno.profile WHERE user_uuid IN ('$a', '$b', '$c') FOR UPDATE" \
    -c 'SELECT pg_sleep(5)' >/dev/null 2>&1; }
crash() { # ROUND SERVER QUERY [SERVER: what has prepared, and does not go on]
    local round=$1 pid='' stopped='' held='' job value waiting
    if [ "$3" = begin_bulk_part ]; then
        hold "$2" & held=$!
        wait_backend "$2" pg_sleep >/dev/null
    fi
    front -c "SELECT patch_profiles($(body "$round" ASC)) ->> 'refused'" >"$home/answer" &
    job=$!
    if [ -n "${4:-}" ]; then
        stopped=$(wait_backend "$4" '^PREPARE')
        wait_for "$home" "$4" 'SELECT count(*) = 1 FROM pg_prepared_xacts' ||
            printf 'not prepared in round %s\n' "$round"
        signal STOP "$stopped"
    fi
    if pid=$(wait_backend "$2" "$3"); then
        [ -z "$stopped" ] || wait_for "$home" shard_0 'SELECT count(*) = 1 FROM opigno.bulk_transaction' ||
            printf 'not decided in round %s\n' "$round"
        signal KILL "$pid"
        [ -z "$stopped" ] || [ "$stopped" = "$pid" ] || signal CONT "$stopped"
    else
        printf 'no process in round %s\n' "$round"
    fi
    wait "$job" ${held:+"$held"}
    for server in shard_0 shard_1 shard_2 front; do wait_up "$server"; done
    for server in shard_0 shard_1 shard_2; do
        wait_for "$home" "$server" "SELECT count(*) = 0 FROM pg_stat_activity
            WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()" ||
            printf 'a session is left on %s in round %s\n' "$server" "$round"
    done
    # What was decided is committed: by the load itself, or by who resolves.
    waiting=$(in_doubt | sed 's/shard \(.\)|.*/\1|committed/')
    [ -z "$stopped" ] || [ "$stopped" != "$pid" ] || waiting="${2#shard_}|committed"
    resolve || printf 'not resolved in round %s: %s\n' "$round" "$(cat "$home/resolved")"
    value=$(values_of)
    [ -z "$stopped" ] || { [ "$value" = "$round" ] &&
        [ "$(cat "$home/resolved")" = "$waiting" ]; } ||
        printf 'decided, and not committed in round %s: %s\n' "$round" "$(cat "$home/resolved")"
    case $value in
    "$round") if grep -q '^t' "$home/answer"; then printf 'written and refused in round %s\n' "$round"; fi ;;
    "$old") if grep -q '^f' "$home/answer"; then printf 'lost in round %s\n' "$round"; fi ;;
    *) printf 'some users in round %s: %s\n' "$round" "$(tr '\n' ' ' <<<"$value")" ;;
    esac
    in_doubt
    rows_left
    printf '# round %s: %s killed at %s: %s; resolved: %s; answer: %s\n' "$round" "$2" "$3" \
        "$([ "$value" = "$round" ] && echo all || echo none)" "$(tr '\n' ' ' <"$home/resolved")" \
        "$(head -n 1 "$home/answer" | cut -c1-70)" >>"$home/rounds"
    old=$value
}
{
    crash 1 shard_0 begin_bulk_part
    crash 2 shard_1 begin_bulk_part
    crash 3 shard_2 '^PREPARE'
    crash 4 shard_0 '^COMMIT'
    crash 5 shard_1 'PREPARE' shard_1
    crash 6 shard_2 'PREPARE' shard_1
    crash 7 front patch_profiles
    crash 8 shard_2 'PREPARE' shard_2
    crash 9 shard_0 '^COMMIT'
    crash 10 shard_1 '^PREPARE'
} >"$home/failures" 2>&1
cat "$home/rounds"
is 'ten times: all or none, and nothing is left' "$(cat "$home/failures")" ''
is 'no row is locked' "$(front -c "SET statement_timeout = '20s'" \
    -c "SELECT patch_profiles($(body 4000 ASC)) -> 'response' ->> 'merged'"; values_of)" $'300\n4000'
finish_tap
