#!/usr/bin/env bash
# Within test/sanitize/run: the server really is watched, since faults planted in it are reported.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/../suites/tap.sh"
cd "$top" || exit 1
reports=${reports:?this runs within test/sanitize/run}

library=$run/planted.so
build_planted() {
    local flags
    read -ra flags < <(make -s -f - print <<<$'include Makefile\nprint: ; @echo $(PG_CXXFLAGS) $(PG_CPPFLAGS)')
    "${CXX:-g++}" "${flags[@]}" -g -O0 -fPIC -shared -o "$library" test/sanitize/planted.cpp && chmod a+r "$library"
}

sql() { "$bindir/psql" -XqAt -v ON_ERROR_STOP=1 -v library="$library" -d planted "$@"; }

# reported FUNCTION ARGUMENT KIND: calls it and takes away its report, which must be of that kind.
reported() {
    sql -c "SELECT planted_$1($2)" || return 1
    local found=0
    for report in "$reports"/*; do
        grep -q "opigno_planted_$1" "$report" || continue
        cat "$report"
        grep -q "$3" "$report" && found=1
        rm "$report"
    done
    [ "$found" = 1 ]
}

ok 'a module with faults builds' build_planted
ok 'a database for it' "$bindir/createdb" planted
ok 'its functions' sql <<'SQL'
CREATE FUNCTION planted_overrun(integer) RETURNS "char" LANGUAGE c AS :'library', 'opigno_planted_overrun';
CREATE FUNCTION planted_overflow(integer) RETURNS integer LANGUAGE c AS :'library', 'opigno_planted_overflow';
CREATE FUNCTION planted_uninitialised(integer) RETURNS boolean LANGUAGE c AS :'library', 'opigno_planted_uninitialised';
SQL

# Blocks above 8 kB are of malloc, smaller ones of palloc; only a server that tells of palloc's blocks shows faults in
# those.
sees_palloc=$(grep -c USE_VALGRIND "$(dirname "$("$PG_CONFIG" --pgxs)")/../Makefile.global")
case ${SANITIZE:-valgrind} in
valgrind)
    ok 'an overrun of a large block is reported' reported overrun 100000 'Invalid read of size 1'
    ok 'a decision on bytes never written is reported' reported uninitialised 100000 'uninitialised'
    [ "$sees_palloc" = 0 ] || ok 'an overrun of a small block is reported' reported overrun 100 'Invalid read of size 1'
    ;;
*)
    is 'the module is the instrumented one' \
        "$(nm -D opigno_profiles.so | grep -c '__asan_init\|__ubsan_handle_add_overflow$')" 2
    ok 'an overrun of a large block is reported' reported overrun 100000 'heap-buffer-overflow'
    ok 'an overflow of an integer is reported' reported overflow 2147483647 'signed integer overflow'
    [ "$sees_palloc" = 0 ] || ok 'an overrun of a small block is reported' reported overrun 100 'use-after-poison'
    ;;
esac

"$bindir/dropdb" planted
finish_tap
