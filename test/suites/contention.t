#!/usr/bin/env bash
# Many sessions at the same row for a while: nothing is lost, nobody fails, nobody deadlocks.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"

sql() { "$bindir/psql" -XqAt -v ON_ERROR_STOP=1 contention "$@"; }
script=$(mktemp -d)
trap 'rm -rf "$script"' EXIT

# at_once CLIENTS TRANSACTIONS SCRIPT...: how many transactions were done, and how many clients failed
at_once() {
    local clients=$1 transactions=$2 files=()
    shift 2
    for file; do files+=(-f "$script/$file"); done
    "$bindir/pgbench" -n -c "$clients" -j 2 -t "$transactions" "${files[@]}" contention 2>&1 |
        awk '/number of transactions actually processed/ { done = $NF } /aborted|ERROR/ { failed++ } END { print done, failed + 0 }'
}

"$bindir/createdb" contention
sql <<'SQL' >/dev/null
CREATE EXTENSION opigno_profiles;
SELECT opigno.set_user_context('u', 'U', true);
SELECT opigno.register_app('App', app_id => 0);
SELECT opigno.upsert_profile('u', 0, '{}');
SQL
echo "SELECT opigno.patch_profile('u', 0, jsonb_build_object(:client_id::text, (SELECT coalesce((profile_data ->> :client_id::text)::int, 0) + 1 FROM opigno.get_profile('u', 0))));" >"$script/patch"
echo "SELECT opigno.upsert_profile('u', 0, jsonb_build_object('n', random()));" >"$script/upsert"
echo "SELECT opigno.delete_profile('u', 0);" >"$script/delete"
echo "SELECT opigno.patch_profile('u', 0, jsonb_build_object('p', random()));" >"$script/any"

is '16 clients that patch a member each: all is done, nobody fails' "$(at_once 16 50 patch)" '800/800 0'
is 'every patch is in the document' "$(sql -c "SELECT count(*), min(value::int), max(value::int) FROM opigno.get_profile('u', 0), jsonb_each_text(profile_data)")" '16|50|50'
is 'the version counts every patch' "$(sql -c "SELECT version FROM opigno.get_profile('u', 0)")" 801
is 'and so does the audit trail' "$(sql -c "SELECT count(*) FROM opigno.audit WHERE action = 'patch_profile'")" 800
is '16 clients that delete, create and patch the same profile: nobody fails' "$(at_once 16 300 delete upsert any)" '4800/4800 0'
is 'the audit trail leads to the version that is there' \
    "$(sql -c "SELECT outcome = 'deleted' OR version = (SELECT version FROM opigno.get_profile('u', 0)) FROM opigno.audit ORDER BY id DESC LIMIT 1")" t

finish_tap
