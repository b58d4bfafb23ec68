#!/usr/bin/env bash
# The official JSON-Schema-Test-Suite, outside of the server, and a tenth of it by the server's functions. Every test
# passes but those in test/json_schema/failures.txt, and docs/json-schema.md says how many do.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$top" || exit 1
build=build/json_schema
suite=$build/official/suite
report=test/json_schema/report.pl
failures=test/json_schema/failures.txt

make_runner() {
    cmake -S . -B "$build" -DPG_CONFIG="$PG_CONFIG" -DSANITIZE=address,undefined &&
        cmake --build "$build" --target json_schema_runner -j 2
}
run_suite() {
    local files
    mapfile -t files < <(cd "$suite" && find draft[467] draft20* -name '*.json' | sort)
    "$build/json_schema_runner" "$suite" "${files[@]}" >"$run/json_schema.tsv"
}
differences() { perl "$report" "$failures" <"${1:-$run/json_schema.tsv}"; }
table_of_docs() { sed -n '/^| tests /,/^$/p' docs/json-schema.md | sed '/^$/d'; }

ok 'the official suite is here' test/json_schema/fetch_suite "$build/official"
ok 'the runner builds' make_runner
ok 'it is that of the sanitizers' bash -c "nm -D $build/json_schema_runner | grep __asan_init"
ok 'the runner runs' run_suite
ok 'it runs all drafts' [ "$(cut -d / -f 1 "$run/json_schema.tsv" | sort | uniq -c | awk '$1 > 800' | wc -l)" = 5 ]
ok 'every test passes but those that are expected to fail' differences
is 'docs/json-schema.md has the table' "$(table_of_docs)" "$(perl "$report" --table <"$run/json_schema.tsv")"

# ---- the server ----------------------------------------------------------------------------------

ask_server() {
    local files
    mapfile -t files < <(cd "$suite" && find draft[467] draft20* -maxdepth 1 -name '*.json' | sort)
    "$bindir/createdb" json_schema || return 1
    "$build/json_schema_runner" --texts "$suite" "${files[@]}" |
        "$bindir/psql" -XqAt -v ON_ERROR_STOP=1 -d json_schema -f test/json_schema/server.sql
}
is 'the server sets and judges as the runner does' "$(ask_server 2>&1 | tail -n 20)" 't|t'

# The check itself can fail.
sed '1s/\tpassed$/\twrong/' "$run/json_schema.tsv" >"$run/json_schema_wrong.tsv"
sed 's/\trefused: .*/\tpassed/' "$run/json_schema.tsv" >"$run/json_schema_passed.tsv"
head -n 100 "$run/json_schema.tsv" >"$run/json_schema_short.tsv"
for kind in wrong passed short; do
    is "a suite that is $kind is found" "$(differences "$run/json_schema_$kind.tsv" >/dev/null; echo $?)" 1
done

finish_tap
