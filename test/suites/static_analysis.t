#!/usr/bin/env bash
# What can be found without running: both compilers' warnings, clang-tidy, the format, shellcheck.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$top" || exit 1

database=build/tidy
ok 'compile_commands.json' cmake -S . -B "$database" -DPG_CONFIG="$PG_CONFIG" -DCMAKE_CXX_COMPILER=clang++
flags=$(make -s -f - PG_CONFIG="$PG_CONFIG" WERROR=1 print \
    <<<$'include Makefile\nprint: ; @echo $(PG_CXXFLAGS) $(PG_CPPFLAGS)')

# Compiles a file, or a header by itself, and keeps what clang says; two at a time.
said=$PWD/$database/said
rm -rf "$said" && mkdir -p "$said"
compile() { # FILE
    local language=()
    case $1 in
        *.hpp) language=(-Wno-pragma-once-outside-header -x c++) ;;
        */regular_expression.cpp) language=(-fexceptions) ;; # as the Makefile says
    esac
    # shellcheck disable=SC2086 # the flags are words
    clang++ $flags "${language[@]}" -fsyntax-only "$1" >"$said/${1//\//.}" 2>&1 && echo compiled >>"$said/${1//\//.}"
}
export -f compile
export flags said
printf '%s\n' src/*.cpp src/*/*.[ch]pp src/*/*/*.[ch]pp | xargs -P 2 -I FILE bash -c 'compile FILE'
has_no_warning() { same "$(cat "$said/${1//\//.}")" compiled; } # FILE
for source in src/*.cpp src/*/*.cpp src/*/*/*.cpp; do ok "$source: clang has no warning" has_no_warning "$source"; done
for header in src/*/*.hpp src/*/*/*.hpp; do ok "$header stands alone" has_no_warning "$header"; done
ok 'clang-tidy' \
    bash -c "printf '%s\n' src/*.cpp src/*/*.cpp src/*/*/*.cpp | xargs -P 2 -n 4 clang-tidy --quiet -p $database"
# Other versions of clang-format break lines elsewhere.
if clang-format --version | grep -q ' version 14\.'; then
    ok 'clang-format would change nothing' \
        clang-format --dry-run -Werror src/*.cpp src/*/*.cpp src/*/*/*.cpp src/*/*.hpp src/*/*/*.hpp test/unit/*.cpp
fi
ok 'shellcheck' \
    shellcheck -x scripts/quickstart scripts/test scripts/reference bench/run bench/user_context bench/row_security \
    bench/audit bench/merge_patch bench/storage bench/patch_profile bench/account_patch bench/bulk_create \
    bench/bulk_modes bench/gateway bench/json_text bench/bulk.sh bench/lib.sh test/bare/run test/sanitize/run \
    test/sanitize/server test/sanitize/*.t test/ci/server scripts/lib/*.sh test/suites/*.sh test/suites/*.t .ci/run

finish_tap
