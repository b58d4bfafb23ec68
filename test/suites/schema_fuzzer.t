#!/usr/bin/env bash
# The fuzzer of JSON Schema: compiles random schemas, and judges random documents.
#   FUZZ_SECONDS=600 scripts/test schema_fuzzer    for a longer while
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$top" || exit 1

make_fuzzer() {
    cmake -S . -B build/fuzz -DPG_CONFIG="$PG_CONFIG" -DCMAKE_CXX_COMPILER=clang++ &&
        cmake --build build/fuzz --target fuzz_json_schema -j 2
}
# The first inputs are random ones: short inputs are small schemas.
fuzz() {
    mkdir -p "$run/fuzz_json_schema" || return 1
    build/fuzz/fuzz_json_schema -max_len=600 -len_control=0 -max_total_time="${FUZZ_SECONDS:-20}" \
        -artifact_prefix=build/fuzz/ -print_final_stats=1 "$run/fuzz_json_schema" \
        >"$run/fuzz_json_schema.log" 2>&1 && return 0
    tail -n 60 "$run/fuzz_json_schema.log"
    return 1
}
ok 'the fuzzer builds' make_fuzzer
ok 'the fuzzer finds nothing' fuzz
ok 'the fuzzer did something' \
    [ "$(sed -n 's/^stat::number_of_executed_units: //p' "$run/fuzz_json_schema.log")" -gt 1000 ]

finish_tap
