#!/usr/bin/env bash
# Files of sql/ on a coordinator of Citus after opigno.distribute(): what they print differs from expected/ only as
# test/citus/NAME.diff shows. test/citus/README.md has the reasons. A difference that appears or disappears fails.
#   CITUS_REGRESS='profile account' scripts/test citus_regress      these files only
# The differences of the run are left in build/citus_regress, to be reviewed and copied.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=scripts/lib/common.sh
. "$top/scripts/lib/common.sh"
# shellcheck source=scripts/lib/citus.sh
. "$top/scripts/lib/citus.sh"
cd "$top" || exit 1

require_citus
output=$top/build/citus_regress
rm -rf "$output"
mkdir -p "$output"
start_distributed "$run/citus"

read -ra names <<<"${CITUS_REGRESS:-$(tr '\n' ' ' <test/citus/files)}"

# As pg_regress runs a file.
run_file() { # NAME
    local options='-c intervalstyle=postgres_verbose'
    # The file itself reads tables in parallel, after which Citus refuses to write others.
    if [ "$1" = app ]; then options+=' -c citus.multi_shard_modify_mode=sequential'; fi
    PGHOST=$home/coordinator PGUSER=postgres PGDATABASE=opigno PGTZ=PST8PDT PGDATESTYLE='Postgres, MDY' \
        PG_ABS_SRCDIR=$top \
        PGOPTIONS=$options \
        "$bindir/psql" -X -a -q -v HIDE_TABLEAM=on -v HIDE_TOAST_COMPRESSION=on <"sql/$1.sql" >"$output/$1.out" 2>&1
}

# Lines that are missing and lines that are new: how columns are aligned, rows are ordered without ORDER BY and
# statements are planned is no difference, nor is what differs from run to run.
differences() { # NAME
    diff <(comparable "expected/$1.out") <(comparable "$output/$1.out") | sed -n '/^[<>]/p'
}
comparable() { # FILE
    sed -E "s|$home|HOME|g; s/HOME\/node_[12]/HOME\/node/g
        s/(_|shard )1[0-9]{5}\b/\1SHARD/g; s/pg_temp_[0-9]+/pg_temp/g; s/(intermediate result|subplan) [0-9_]+/\1/gi
        s/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/UUID/g; s/\b1[0-9]{15}\b/VERSION/g
        s/\"id\":\"[0-9]+\"/\"id\":\"N\"/g
        s/20[0-9]{2}-[0-9]{2}-[0-9]{2}[ T][0-9:.]+[+0-9:]*/TIME/g
        s/ +/ /g; s/ +$//
        /^( ?---[-+]*|\([0-9]+ rows?\)|)$/d
        /^ ?(->|(One-Time |Join )?Filter:|(Index|Recheck|Hash) Cond:|Sort Key:|Tasks? |Task$|Node: |Limit|Sort)/d
        /^ ?(Result$|Index (Only )?Scan|(Custom|Seq|Bitmap|Function|Subquery) |SubPlan|InitPlan|LockRows)/d" "$1" |
        LC_ALL=C sort
}

run_file setup
# Citus sends functions of the tests to the nodes, but no tables.
for node in "${citus_nodes[@]:1}"; do
    on "$node" -c 'CREATE TABLE test.first_version (version bigint PRIMARY KEY)'
done
for name in "${names[@]}"; do
    run_file "$name"
    differences "$name" >"$output/$name.diff"
    touch "$output/none"
    recorded=test/citus/$name.diff
    [ -e "$recorded" ] || recorded=$output/none
    ok "$name" diff "$recorded" "$output/$name.diff"
done
is 'each recorded difference is of a listed file' \
    "$(for file in test/citus/*.diff; do basename "$file" .diff; done |
        grep -vxF -f <(tr ' ' '\n' <test/citus/files))" ''

finish_tap
