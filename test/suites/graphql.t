#!/usr/bin/env bash
# GraphQL behind the pass-throughs of examples/http: the documents of the seeds, graphql-http's audits,
# the page with GraphiQL, the schema in docs/schema.graphql, clients and their tools, the number of
# statements; and the answers to generated documents, the errors of mutated ones, and the coercion of
# values, compared with those of graphql-js over the same data.
# DOCUMENT_SEED=... repeats a run, DOCUMENTS=... (3000) sets the number of documents.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=scripts/lib/common.sh
. "$top/scripts/lib/common.sh"
cd "$top" || exit 1
work=$run/graphql
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

need_packages python3-psycopg python3-psycopg-pool php-cli php-pgsql curl chromium >&2
command -v npm >/dev/null || need_packages nodejs npm >&2
# Scripts of packages would download programs from elsewhere.
ok 'npm has the tools' npm install --loglevel error --no-audit --no-fund --ignore-scripts --prefix "$work" \
    pg@8 graphql@16 graphql-http@1 graphql-yoga@5 @graphql-codegen/cli@5 @graphql-codegen/typescript@4 \
    @graphql-codegen/typescript-operations@4 relay-compiler@18 @apollo/client@4 rxjs@7 @urql/core@6 \
    graphiql@5 @graphiql/toolkit react@19 react-dom@19 esbuild puppeteer-core@24
cp -r examples/http/{*.{mjs,py,php},graphiql} test/graphql/*.mjs test/graphql/corpus test/graphql/clients/* \
    docs/schema.graphql "$work"

# The suite gateway may have left the role.
[ -n "$(sql -c "SELECT 1 FROM pg_roles WHERE rolname = 'gateway'" postgres)" ] ||
    sql -c 'CREATE ROLE gateway LOGIN' postgres
"$bindir/createdb" graphql
read -r operator shop client <<<"$("$bindir/psql" -Xq -f test/graphql/setup.sql graphql)"
ok 'users, apps and clients' [ -n "$client" ]

# ---- over HTTP ---------------------------------------------------------------------------------

declare -A url
start() { # NAME COMMAND...
    local name=$1 port
    shift
    port=$(free_port)
    "$bindir/createdb" -T graphql "graphql_$name"
    url[$name]=http://127.0.0.1:$port/graphql
    (cd "$work" && PGUSER=gateway PGDATABASE=graphql_$name PORT=$port PHP_CLI_SERVER_WORKERS=4 \
        exec "${@//PORT/$port}") >"$work/$name.log" 2>&1 &
    helpers+=($!)
    ok "$name starts" succeeds_soon curl -sf "http://127.0.0.1:$port/health"
}
start node node passthrough.mjs
start python /usr/bin/python3 passthrough.py
start php php -S 127.0.0.1:PORT -d enable_post_data_reading=0 passthrough.php
for name in node python php; do
    ok "$name: the documents of the seeds get the printed answers" node "$work/seeds.mjs" "${url[$name]}" "$shop"
    ok "$name: graphql-http's audits pass" node "$work/audit.mjs" "${url[$name]}" "$operator"
done

# A server of GraphQL outside of the database, over the functions with JSON.
start yoga node yoga.mjs
ok 'yoga: the documents of the seeds get the printed answers' node "$work/seeds.mjs" "${url[yoga]}" "$shop"

start graphiql env GRAPHIQL=1 node passthrough.mjs
ok 'GraphiQL: in Chromium, the documents of the seeds get the printed answers' \
    node "$work/page.mjs" "${url[graphiql]}" "$shop"
status_of() { # SERVER PATH
    curl -s --path-as-is -o "$work/answer" -w '%{http_code}' "${url[$1]%/graphql}$2"
}
for path in /graphiql/../passthrough.mjs /graphiql/page.jsx /graphiql/%2e%2e/passthrough.mjs; do
    is "$path is not served" "$(status_of graphiql "$path")" 404
done
is 'no page is served without GRAPHIQL' "$(status_of node /graphiql)" 404

for library in apollo urql; do
    ok "$library: queries, mutations and errors" node "$work/$library.mjs" "${url[node]}" "$operator"
done
ok 'the schema of the endpoint is docs/schema.graphql' \
    diff docs/schema.graphql <(node "$work/schema.mjs" "${url[node]}" "$operator")
code_of_endpoint() {
    cd "$work" && GRAPHQL_URL=${url[node]} GRAPHQL_TOKEN=$operator \
        node node_modules/.bin/graphql-codegen --config codegen.cjs && grep -q '^export type PageQuery = ' types.ts
}
ok 'graphql-codegen makes types from the endpoint' code_of_endpoint
relay_of_schema() {
    mkdir "$work/relay" "$work/relay/src" && cp "$work/page.js" "$work/relay/src" && cd "$work/relay" &&
        printf '{"src": "src", "schema": "../schema.graphql", "language": "javascript"}' >relay.config.json &&
        node ../node_modules/relay-compiler/cli.js relay.config.json
}
case $(uname -m) in
x86_64) chmod +x "$work/node_modules/relay-compiler/linux-x64/relay" ;;
*) chmod +x "$work/node_modules/relay-compiler/linux-arm64/relay" ;;
esac
ok "Relay's compiler takes the schema" relay_of_schema
ok 'the endpoint executes what it has compiled' \
    node "$work/relay.mjs" "$work/relay/src/__generated__" "${url[node]}" "$operator"

# ---- execution ---------------------------------------------------------------------------------

statements_of() { # SIZE
    sql -v client="$client" -v size="$1" -f test/graphql/statements.sql graphql 2>&1 | sed '1,/^== the document/d' |
        grep -c 'Query Text:'
}
ten=$(statements_of 10)
ok "a page of 10 users takes a few statements: $ten" [ "$ten" -gt 5 -a "$ten" -lt 20 ]
is 'a page of 500 takes as many' "$(statements_of 500)" "$ten"

export DOCUMENTS=${DOCUMENTS:-3000} DOCUMENT_SEED=${DOCUMENT_SEED:-$RANDOM}
printf '# DOCUMENT_SEED=%s DOCUMENTS=%s\n' "$DOCUMENT_SEED" "$DOCUMENTS"
ok 'mutated documents get the errors of graphql-js' \
    env PGDATABASE=graphql node "$work/validation.mjs" "$client"
ok 'generated documents get the answers of graphql-js' \
    env PGDATABASE=graphql node "$work/execution.mjs" "$client"
ok 'values of variables and literals become those of graphql-js' \
    env PGDATABASE=graphql node "$work/coercion.mjs" "$client"
ok 'hostile documents are refused or answered soon, and stop at a timeout' \
    env PGDATABASE=graphql node "$work/hostile.mjs" "$client"

finish_tap
