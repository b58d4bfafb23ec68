#!/usr/bin/env bash
# What can be found without running: both compilers' warnings, clang-tidy, the format, shellcheck.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$top" || exit 1

database=build/tidy
rm -rf "$database" # with another compiler than before, cmake would forget the other options
ok 'compile_commands.json' cmake -S . -B "$database" -DMODULE_ONLY=ON -DPG_CONFIG="$PG_CONFIG" \
    -DCMAKE_CXX_COMPILER=clang++
sources=(src/*.cpp src/*/*.cpp src/*/*/*.cpp)
headers=(src/*/*.hpp src/*/*/*.hpp)
# clang-tidy reads a file anew for each command that names it.
is 'compile_commands.json names each source once' \
    "$(sed -n "s|^ *\"file\": \"$PWD/\(.*\)\"|\1|p" "$database/compile_commands.json" | sort)" \
    "$(printf '%s\n' "${sources[@]}" | sort)"
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
# The same for clang-tidy; how many warnings it left out in the server's headers is nothing to read.
tidy() { # FILE
    local status=0 output
    output=$(clang-tidy --quiet -p "$database" "$1" 2>&1) || status=$?
    {
        grep -vE '^[0-9]+ warnings? generated\.$' <<<"$output" | grep .
        [ "$status" = 0 ] && echo tidied
    } >"$said/tidy.${1//\//.}"
}
export -f compile tidy
export flags said database
printf '%s\n' "${sources[@]}" "${headers[@]}" | xargs -P 2 -I FILE bash -c 'compile FILE'
printf '%s\n' "${sources[@]}" | xargs -P 2 -I FILE bash -c 'tidy FILE'
has_no_warning() { same "$(cat "$said/${1//\//.}")" compiled; } # FILE
has_no_finding() { same "$(cat "$said/tidy.${1//\//.}")" tidied; } # FILE
for source in "${sources[@]}"; do ok "$source: clang has no warning" has_no_warning "$source"; done
for header in "${headers[@]}"; do ok "$header stands alone" has_no_warning "$header"; done
for source in "${sources[@]}"; do ok "$source: clang-tidy finds nothing" has_no_finding "$source"; done
# Other versions of clang-format break lines elsewhere.
if clang-format --version | grep -q ' version 14\.'; then
    ok 'clang-format would change nothing' \
        clang-format --dry-run -Werror "${sources[@]}" "${headers[@]}" test/unit/*.cpp
fi
ok 'shellcheck' \
    shellcheck -x scripts/quickstart scripts/test scripts/reference bench/run bench/user_context bench/row_security \
    bench/audit bench/merge_patch bench/storage bench/patch_profile bench/account_patch bench/bulk_create \
    bench/bulk_modes bench/gateway bench/progress bench/training bench/retirement bench/bundle bench/json_text \
    bench/sharding bench/bulk.sh bench/lib.sh \
    test/bare/run test/sanitize/run \
    test/sanitize/server test/sanitize/*.t test/ci/* scripts/lib/*.sh test/suites/*.sh test/suites/*.t .ci/run

finish_tap
