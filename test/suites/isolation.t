#!/usr/bin/env bash
# What is claimed about sessions at work at once: pg_isolation_regress over test/isolation.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$top" || exit 1

output=$top/build/isolation
rm -rf "$output"
mkdir -p "$output"
specs=$(cd test/isolation/specs && printf '%s\n' *.spec | sed 's/\.spec$//')
# shellcheck disable=SC2086 # the names are words
"$(dirname "$("$PG_CONFIG" --pgxs)")/../test/isolation/pg_isolation_regress" --bindir="$bindir" \
    --inputdir="$top/test/isolation" --outputdir="$output" --dbname=isolation $specs >"$output/summary" 2>&1

passed() {
    grep -Eq "^(test $1 +\.\.\. ok|ok [0-9]+ +- $1 )" "$output/summary" && return 0
    cat "$output/summary" "$output"/regression.diffs
    return 1
}

ok 'there are specs' [ "$(wc -w <<<"$specs")" -gt 3 ]
for spec in $specs; do ok "$spec" passed "$spec"; done

finish_tap
