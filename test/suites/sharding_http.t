#!/usr/bin/env bash
# The requests of test/gateway, with those of the seeds as they are printed, through the Node.js pass-through and a
# front with three shards: the answers are those of one server.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=test/suites/sharded_servers.sh
. "$(dirname "$0")/sharded_servers.sh"
cd "$top" || exit 1

need_packages curl >&2
command -v npm >/dev/null || need_packages nodejs npm >&2

work=$run/sharding_http
groups=() # of processes
stop() { [ ${#groups[@]} -eq 0 ] || kill -- "${groups[@]/#/-}" 2>/dev/null; }
trap 'stop; stop_servers; rm -rf "${work:?}"' EXIT
mkdir "$work" && chmod 755 "$work"
start_servers 3
for server in front hub shard_{0,1,2}; do on "$server" -c 'CREATE ROLE gateway LOGIN'; done
on front -c "SELECT opigno.grant_access('gateway', 'gateway')" -c 'CREATE DATABASE single' >/dev/null

ok 'npm has pg' npm install --loglevel error --no-audit --no-fund --ignore-scripts --prefix "$work" pg@8
cp test/gateway/*.txt "$work"
node test/gateway/graphql_requests.mjs >>"$work/requests.txt"
node test/gateway/jwts.mjs >"$work/keys"
set_up() { # DATABASE SCRIPT
    on front -d "$1" -v jwks="$(sed -n 's/^JWKS //p' "$work/keys")" \
        -v secret="$(sed -n 's/^HS256_SECRET //p' "$work/keys")" -f "$2" >"$work/more" &&
        cat "$work/keys" "$work/more" >"$work/values.$1"
}
# Through the front, the functions are those of its schema, and the tokens are on the hub.
sed -e '/CREATE EXTENSION/d' -e '/^UPDATE/,/;$/d' -e 's/opigno\.\([a-z_]*\)(/sharded.\1(/g' test/gateway/setup.sql \
    >"$work/setup.sql"
ok 'apps, users, clients and an issuer of JWTs' set_up single test/gateway/setup.sql
on front -d single -c 'SELECT opigno.add_retirement_salt()' >/dev/null
ok 'and through the front' set_up opigno "$work/setup.sql"
on hub -c "UPDATE opigno.access_token SET issued_at = now() - interval '2 hours',
    expires_at = now() - interval '1 hour' FROM opigno.client AS c
    WHERE c.client_id = access_token.client_id AND c.label = 'Old client' AND access_token.revoked_at IS NULL"
on front -c "CALL opigno.install_proxies('users', 'sharded')"

free_port() {
    perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport'
}
answers() { curl -sf --noproxy '*' "http://127.0.0.1:$port/health" >/dev/null; }
launch() { # DATABASE SCHEMA
    port=$(free_port)
    sed "s/opigno\.http_request/$2.http_request/" examples/http/passthrough.mjs >"$work/$1.mjs"
    (cd "$work" && PGHOST=$(socket_folder "$home" front) PGUSER=gateway PGDATABASE=$1 PORT=$port \
        exec setsid node "$1.mjs") >>"$work/$1.log" 2>&1 &
    groups+=($!)
    for _ in $(seq 200); do answers && return; sleep 0.1; done
}
play() { # DATABASE FILE
    test/gateway/play node "$port" "$work/values.$1" "$work/$2.txt" >"$work/$2.$1" 2>"$work/error"
}
launch single opigno
ok 'the pass-through of one server answers' answers
ok 'the requests get the expected statuses' play single requests
ok 'the attacks, too' play single attacks
launch opigno sharded
ok 'the pass-through of the front answers' answers
play opigno requests
play opigno attacks

# Without ids of users and marks of versions, which are those of the server.
comparable() { # FILE DATABASE
    sed -E 's/^[0-9a-f]{64} //; s/\\"id\\":(\\"[0-9]+\\"|[0-9]+)/\\"id\\":"~"/g; s/retired__user_[0-9a-f]+/~/g
        s/etag: ([^\\]|\\")*/etag: ~/g' "$work/$1.$2"
}
for requests in requests attacks; do
    is "$(wc -l <"$work/$requests.opigno") answers to the $requests are those of one server" \
        "$(diff <(comparable "$requests" single) <(comparable "$requests" opigno) | head -n 40)" ''
done
is 'nothing else went wrong in the pass-through' "$(sort -u "$work/opigno.log")" "$(sort -u "$work/single.log")"
finish_tap
