#!/usr/bin/env bash
# pg_regress over sql/ in databases of several kinds: other encodings, and a linguistic collation.
#   REGRESS_IN='utf8 latin1' scripts/test regress     in these only
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$top" || exit 1

pg_regress=$(dirname "$("$PG_CONFIG" --pgxs)")/../test/regress/pg_regress
read -ra tests < <(make -s -f - PG_CONFIG="$PG_CONFIG" print <<<$'include Makefile\nprint: ; @echo $(REGRESS)')

regress_in() { # KIND CREATEDB-OPTIONS...; extension_owner: instead of the server's setting
    local kind=$1 output=$top/build/regress/$1 name
    case " ${REGRESS_IN:-$kind} " in *" $kind "*) ;; *) return ;; esac
    shift
    rm -rf "$output"
    mkdir -p "$output"
    ok "$kind: createdb" "$bindir/createdb" -T template0 "$@" "regress_$kind"
    [ -z "${extension_owner+is set}" ] ||
        ok "$kind: the setting" "$bindir/psql" -Xqc "ALTER DATABASE regress_$kind SET opigno_profiles.owner = '$extension_owner'" postgres
    "$pg_regress" --bindir="$bindir" --inputdir="$top" --outputdir="$output" --use-existing \
        --dbname="regress_$kind" "${tests[@]}" >"$output/summary" 2>&1
    for name in "${tests[@]}"; do
        ok "$kind: $name" passed "$output" "$name"
    done
    ok "$kind: pg_regress finds all well" grep -q "^ All .* tests passed\|^# All .* tests passed" "$output/summary"
}

passed() { # OUTPUT NAME; 16 and later print TAP
    grep -Eq "^(test $2 +\.\.\. ok|ok [0-9]+ +- $2 )" "$1/summary" && return 0
    cat "$1/summary"
    awk -v file="/$2.out" '/^diff / { show = index($0, file) } show' "$1/regression.diffs" 2>/dev/null
    return 1
}

is 'every file of sql/ is listed in the Makefile' "$(printf '%s\n' "${tests[@]}" | sort)" \
    "$(cd sql && printf '%s\n' *.sql | sed 's/\.sql$//' | sort)"
regress_in utf8 -E UTF8 --locale=C.UTF-8
# Once more with the other kind of owner than scripts/test was told.
if [ "${EXTENSION_OWNER:-}" = superuser ]; then
    extension_owner=opigno_owner regress_in opigno_owner -E UTF8 --locale=C.UTF-8
else
    extension_owner='' regress_in superuser -E UTF8 --locale=C.UTF-8
fi
regress_in latin1 -E LATIN1 --locale=C
regress_in win1252 -E WIN1252 --locale=C
regress_in sql_ascii -E SQL_ASCII --locale=C
regress_in linguistic -E UTF8 --locale=C.UTF-8 --locale-provider=icu --icu-locale=en-US

finish_tap
