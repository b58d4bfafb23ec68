#!/usr/bin/env bash
# Specs of test/isolation on a coordinator of Citus after opigno.distribute(): those that test/citus/specs names print
# there what they print on one server, but for the numbers of shards. test/citus/README.md has the others.
#   CITUS_SPECS='patch_profile merge_users' scripts/test citus_isolation      these specs only
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=scripts/lib/common.sh
. "$top/scripts/lib/common.sh"
# shellcheck source=scripts/lib/citus.sh
. "$top/scripts/lib/citus.sh"
cd "$top" || exit 1

require_citus
output=$top/build/citus_isolation
rm -rf "$output"
mkdir -p "$output"
start_distributed "$run/citus"

# Who waits for a lock on a node is known to Citus only, whose function calls the old one by this name. The extension
# stays between the permutations of a spec, and has the rows of its installation in each.
on coordinator >/dev/null <<'SQL'
ALTER FUNCTION pg_catalog.pg_isolation_test_session_is_blocked(integer, integer[]) 
    RENAME TO old_pg_isolation_test_session_is_blocked;
CREATE FUNCTION pg_catalog.pg_isolation_test_session_is_blocked(integer, integer[]) RETURNS boolean LANGUAGE sql AS
'SELECT pg_catalog.citus_isolation_test_session_is_blocked($1, $2)';
SET citus.enable_ddl_propagation = off;
CREATE SCHEMA installed;
SELECT format('CREATE TABLE installed.%I AS SELECT * FROM opigno.%1$I', relname) FROM pg_class
WHERE relnamespace = 'opigno'::regnamespace AND relkind = 'r' \gexec
SELECT format('CREATE PROCEDURE installed.restore() LANGUAGE plpgsql SET client_min_messages = warning AS %L',
    format('BEGIN SET LOCAL citus.multi_shard_modify_mode = sequential; TRUNCATE %s CASCADE; %s END',
        string_agg(format('opigno.%I', relname), ', '),
        string_agg(format('INSERT INTO opigno.%I SELECT * FROM installed.%1$I;', relname), ' ')))
FROM pg_class WHERE relnamespace = 'opigno'::regnamespace AND relkind = 'r' \gexec
SQL

run_spec() { # NAME
    { echo 'setup { CALL installed.restore(); }'
        sed -E 's/CREATE EXTENSION opigno_profiles( CASCADE)?;/RESET search_path;/
            s/DROP EXTENSION opigno_profiles( CASCADE)?;/RESET search_path;/' "test/isolation/specs/$1.spec"
    } >"$output/$1.spec"
    PGISOLATIONTIMEOUT=20 timeout 120 "$(dirname "$("$PG_CONFIG" --pgxs)")/../test/isolation/isolationtester" \
        "host=$home/coordinator user=postgres dbname=opigno" <"$output/$1.spec" >"$output/$1.out" 2>&1
    diff "test/isolation/expected/$1.out" <(sed -E 's/_1[0-9]{5}\b//g' "$output/$1.out")
}
read -ra names <<<"${CITUS_SPECS:-$(tr '\n' ' ' <test/citus/specs)}"
for name in "${names[@]}"; do ok "$name" run_spec "$name"; done

finish_tap
