#!/usr/bin/env bash
# The pass-throughs of examples/http carry requests and answers as they are: the requests of
# test/gateway get the same answers through each of them as from opigno.http_request() in psql.
# And what a pass-through must do on its own: keep requests apart, and outlive lost connections.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=scripts/lib/common.sh
. "$top/scripts/lib/common.sh"
cd "$top" || exit 1
work=$run/gateway
helpers=()
trap 'kill "${helpers[@]}" 2>/dev/null; rm -rf "$work"' EXIT
mkdir "$work" && chmod 755 "$work"

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

need_packages python3-psycopg python3-psycopg-pool php-cli php-pgsql curl >&2
command -v npm >/dev/null || need_packages nodejs npm >&2
ok 'npm has pg' npm install --loglevel error --no-audit --no-fund --ignore-scripts --prefix "$work" pg@8
cp examples/http/* "$work"

# Each pass-through has a copy of the same database. Their role is set up as the README says.
sql -c 'CREATE ROLE gateway LOGIN' -c 'ALTER ROLE gateway SET log_parameter_max_length = 0' \
    -c 'ALTER ROLE gateway SET log_parameter_max_length_on_error = 0' \
    -c 'ALTER ROLE gateway SET log_min_duration_statement = 0' postgres
"$bindir/createdb" gateway
ok 'apps, users and clients' bash -c \
    "'$bindir/psql' -Xq -f test/gateway/setup.sql gateway >'$work/values'"
play() { test/gateway/play "$1" "$work/values" "test/gateway/$2.txt"; } # TRANSPORT REQUESTS

"$bindir/createdb" -T gateway gateway_psql
for requests in requests attacks; do
    play gateway_psql "$requests" >"$work/$requests.out" 2>"$work/error"
    ok "opigno.http_request() answers the $requests as expected" [ $? = 0 ]
    sed 's/^/# /' "$work/error"
done

declare -A port
start() { # NAME COMMAND...
    local name=$1
    shift
    "$bindir/createdb" -T gateway "gateway_$name"
    port[$name]=$(free_port)
    (cd "$work" && PGUSER=gateway PGDATABASE=gateway_$name PORT=${port[$name]} PHP_CLI_SERVER_WORKERS=4 \
        exec "${@//PORT/${port[$name]}}") >"$work/$name.log" 2>&1 &
    helpers+=($!)
    ok "$name starts" succeeds_soon curl -sf "http://127.0.0.1:${port[$name]}/health"
}

get() { curl -s -w '%{http_code}' "http://127.0.0.1:${port[$1]}$2" "${@:3}"; } # NAME TARGET
of_connections() { # NAME EXPRESSION
    sql -c "SELECT $2 FROM pg_stat_activity WHERE datname = 'gateway_$1' AND usename = 'gateway'" postgres
}
waits_for_lock() { [ "$(of_connections "$1" "count(*) FILTER (WHERE wait_event_type = 'Lock')")" = "$2" ]; }

sleeps() { [ "$(sql -c "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'" postgres)" = 1 ]; }

try() { # NAME
    local name=$1 requests values answer token patch lost statuses=''
    for requests in requests attacks; do
        play "${port[$name]}" "$requests" >"$work/$name.$requests.out" 2>"$work/error"
        ok "$name: the $requests get the expected statuses" [ $? = 0 ]
        sed 's/^/# /' "$work/error"
        ok "$name: the answers to the $requests are those of opigno.http_request()" \
            diff "$work/$requests.out" "$work/$name.$requests.out"
    done

    values=$(sed -n 's/^SHOP_KEY /client_id=/p; s/^SHOP_SECRET /client_secret=/p' "$work/values" | paste -sd '&')
    answer=$(get "$name" /oauth/token -d "grant_type=client_credentials&$values")
    token=$(grep -oE 'opigno_token_\w+' <<<"$answer")
    ok "$name: curl gets a token" [ -n "$token" ]
    ok "$name: 20 clients at once, and each is answered for its own user" \
        test/gateway/many_clients "${port[$name]}" "$token"
    ok "$name: it shares at most 8 connections" [ "$(of_connections "$name" 'count(*)')" -le 8 ]

    # A statement that ends with an error of the server has no answer of the function.
    sql -c BEGIN -c "SELECT FROM opigno.profile WHERE user_uuid = 'u1' FOR UPDATE" -c 'SELECT pg_sleep(60)' \
        "gateway_$name" >/dev/null 2>&1 &
    local sleeper=$!
    succeeds_soon sleeps "$name"
    patch=(-X PATCH -H "Authorization: Bearer $token" -H 'Opigno-Client-UUID: u1'
        -H 'Content-Type: application/merge-patch+json' -d '{"a":1}')
    get "$name" /user/profiles/0 "${patch[@]}" >"$work/canceled" &
    local waiting=$!
    get "$name" /user/profiles/0 "${patch[@]}" -m 1 >/dev/null
    is "$name: a client leaves before the answer" $? 28
    ok "$name: both requests wait for a lock" succeeds_soon waits_for_lock "$name" 2
    of_connections "$name" 'pg_cancel_backend(pid)' >/dev/null
    wait "$waiting"
    is "$name: the answer for a canceled statement" "$(cat "$work/canceled")" $'no answer\n503'
    sql -c "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query ~ '^SELECT pg_sleep'" postgres >/dev/null
    wait "$sleeper"
    is "$name: the profile is as before" \
        "$(sql -c "SELECT profile_data FROM opigno.profile WHERE user_uuid = 'u1'" "gateway_$name")" '{}'

    lost=$(of_connections "$name" 'pg_terminate_backend(pid)' | grep -c t)
    for _ in $(seq 20); do statuses+=$(get "$name" /health -o /dev/null)' '; done
    ok "$name: for $lost lost connections at most as many requests have no answer: $statuses" \
        [ "$lost" -gt 0 -a "$(grep -o 503 <<<"$statuses" | wc -l)" -le "$lost" ]
    is "$name: the others do" "$(tr ' ' '\n' <<<"$statuses" | grep -v 503 | sort -u | xargs)" 200
    is "$name: no request and no token in its log" "$(grep -E 'opigno_(token|secret)_|Organic' "$work/$name.log")" ''
}

start node node passthrough.mjs
start python /usr/bin/python3 passthrough.py
start php php -S 127.0.0.1:PORT -d enable_post_data_reading=0 passthrough.php
for name in node python php; do try "$name"; done

# shellcheck disable=SC2016 # the server writes $1
ok 'the server logs the statements' grep -qF 'opigno.http_request($1, $2, $3, $4)' "$run/server.log"
is 'but no token and no secret' "$(grep -oE 'opigno_(token|secret)_\w+' "$run/server.log")" ''

finish_tap
