#!/usr/bin/env bash
# pg_regress over sql/ in databases of several kinds: other encodings, a linguistic collation, and one for each file.
#   REGRESS_IN='utf8 latin1' scripts/test regress     in these only
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$top" || exit 1

pg_regress=$(dirname "$("$PG_CONFIG" --pgxs)")/../test/regress/pg_regress
listed_tests() { # MAKE-ARGUMENTS...
    make -s -f - PG_CONFIG="$PG_CONFIG" "$@" print <<<$'include Makefile\nprint: ; @echo $(REGRESS)'
}
read -ra tests < <(listed_tests)

regress_in() { # KIND CREATEDB-OPTIONS...
    local kind=$1 output=$top/build/regress/$1 name
    case " ${REGRESS_IN:-$kind} " in *" $kind "*) ;; *) return ;; esac
    shift
    ok "$kind: createdb" make_database "regress_$kind" -T template0 "$@"
    run_tests "$kind" "${tests[@]}"
    for name in "${tests[@]}"; do
        ok "$kind: $name" passed "$output" "$name"
    done
    ok "$kind: pg_regress finds all well" grep -q "^ All .* tests passed\|^# All .* tests passed" "$output/summary"
}

# Each test in a database of its own, after "setup", as "make installcheck REGRESS=NAME" runs it.
regress_alone_in() { # KIND CREATEDB-OPTIONS...
    local kind=$1 name
    case " ${REGRESS_IN:-$kind} " in *" $kind "*) ;; *) return ;; esac
    shift
    ok "$kind: createdb" make_database regress_setup -T template0 "$@"
    ok "$kind: setup" "$bindir/psql" -Xq -v ON_ERROR_STOP=1 -f sql/setup.sql regress_setup
    for name in "${tests[@]:1}"; do
        ok "$kind: $name alone" passes_alone "$kind" "$name"
        "$bindir/dropdb" "regress_$kind"
    done
}

passes_alone() { # KIND NAME
    make_database "regress_$1" -T regress_setup && { run_tests "$1" "$2"; passed "$top/build/regress/$1" "$2"; }
}

make_database() { # NAME CREATEDB-OPTIONS...; extension_owner: instead of the server's setting
    "$bindir/createdb" "${@:2}" "$1" &&
        { [ -z "${extension_owner+is set}" ] || "$bindir/psql" -Xqc \
            "ALTER DATABASE $1 SET opigno_profiles.owner = '$extension_owner'" postgres; }
}

run_tests() { # KIND NAME...; leaves the summary and the results in build/regress/KIND
    local output=$top/build/regress/$1
    rm -rf "$output"
    mkdir -p "$output"
    "$pg_regress" --bindir="$bindir" --inputdir="$top" --outputdir="$output" --use-existing \
        --dbname="regress_$1" "${@:2}" >"$output/summary" 2>&1
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
# Once more, each alone, with the other kind of owner than scripts/test was told.
if [ "${EXTENSION_OWNER:-}" = superuser ]; then
    extension_owner=opigno_owner regress_alone_in opigno_owner -E UTF8 --locale=C.UTF-8
else
    extension_owner='' regress_alone_in superuser -E UTF8 --locale=C.UTF-8
fi
regress_in latin1 -E LATIN1 --locale=C
regress_in win1252 -E WIN1252 --locale=C
regress_in sql_ascii -E SQL_ASCII --locale=C
regress_in linguistic -E UTF8 --locale=C.UTF-8 --locale-provider=icu --icu-locale=en-US
is 'make installcheck REGRESS=NAME runs "setup" first' "$(listed_tests REGRESS=profile)" 'setup profile'

finish_tap
