#!/usr/bin/env bash
# The unit tests of the pure code, once plain and once under address and undefined-behaviour sanitizers.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$top" || exit 1

built() { # FOLDER CMAKE-OPTIONS...
    local folder=$1
    shift
    cmake -S . -B "$folder" -DPG_CONFIG="$PG_CONFIG" "$@" && cmake --build "$folder" -j 2
}

for kind in plain sanitized; do
    options=()
    [ "$kind" = plain ] || options=('-DSANITIZE=address,undefined')
    ok "$kind: builds" built "build/unit-$kind" "${options[@]}"
    [ "$kind" = plain ] || ok "$kind: really is" bash -c "nm -D build/unit-$kind/unit | grep __asan_init"
    tests=$(ctest --test-dir "build/unit-$kind" -N -L unit | sed -n 's/^ *Test *#[0-9]*: //p')
    ok "$kind: there are tests" [ "$(wc -l <<<"$tests")" -gt 5 ]
    while read -r name; do
        ok "$kind: $name" \
            ctest --test-dir "build/unit-$kind" --output-on-failure -R "^${name//./\\.}\$" --no-tests=error
    done <<<"$tests"
done

finish_tap
