#!/usr/bin/env bash
# The parser and the validation of GraphQL, held to graphql-js: the same trees, and the same errors at the same places,
# over a corpus and documents mutated from it. Then the fuzzer, for 100,000 inputs.
#   DOCUMENTS=200000 scripts/test graphql_parser       more than the usual 20,000 documents
#   DOCUMENT_SEED=12345 scripts/test graphql_parser    those of an earlier run, whose seed was printed
#   FUZZ_RUNS=10000000 scripts/test graphql_parser     more inputs
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=scripts/lib/common.sh
. "$top/scripts/lib/common.sh"
cd "$top" || exit 1
work=$run/graphql_parser
trap 'rm -rf "$work"' EXIT
mkdir "$work"

command -v npm >/dev/null || need_packages nodejs npm >&2
ok 'npm has graphql-js' \
    npm install --loglevel error --no-audit --no-fund --ignore-scripts --prefix "$work" graphql@16
cp -r test/graphql/*.mjs test/graphql/corpus "$work"

make_reader() {
    cmake -S . -B build/graphql -DPG_CONFIG="$PG_CONFIG" -DSANITIZE=address,undefined &&
        cmake --build build/graphql --target graphql_reader -j 2
}
export DOCUMENTS=${DOCUMENTS:-20000} DOCUMENT_SEED=${DOCUMENT_SEED:-$((RANDOM << 15 | RANDOM))}
printf '# DOCUMENT_SEED=%s DOCUMENTS=%s\n' "$DOCUMENT_SEED" "$DOCUMENTS"
ok 'the reader builds' make_reader
ok 'it is that of the sanitizers' bash -c 'nm -D build/graphql/graphql_reader | grep __asan_init'
ok 'parser and validation agree with graphql-js' node "$work/compare.mjs" build/graphql/graphql_reader

# ---- the fuzzer ----------------------------------------------------------------------------------

make_fuzzer() {
    cmake -S . -B build/fuzz -DPG_CONFIG="$PG_CONFIG" -DCMAKE_CXX_COMPILER=clang++ &&
        cmake --build build/fuzz --target fuzz_graphql -j 2
}
runs=${FUZZ_RUNS:-100000}
fuzz() {
    mkdir "$work/seeds" && build/fuzz/fuzz_graphql --write_seeds="$work/seeds" || return 1
    build/fuzz/fuzz_graphql -seed="$DOCUMENT_SEED" -dict=test/fuzz/graphql.dict -max_len=1000 -runs="$runs" \
        -artifact_prefix=build/fuzz/ -print_final_stats=1 "$work/seeds" >"$work/fuzz.log" 2>&1 && return 0
    tail -n 60 "$work/fuzz.log"
    return 1
}
ok 'the fuzzer builds' make_fuzzer
ok 'the fuzzer finds nothing' fuzz
ok 'the fuzzer tried all its inputs' \
    [ "$(sed -n 's/^stat::number_of_executed_units: //p' "$work/fuzz.log")" -ge "$runs" ]

finish_tap
