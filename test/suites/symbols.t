#!/usr/bin/env bash
# The wall between C++ and PostgreSQL: which symbols our objects need and which they show.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$top" || exit 1

# Objects that may use the C++ runtime, because a library needs it: simdjson and RE2.
runtime_objects=(src/json/text/structure.o src/json/schema/regular_expression.o)

runtime_symbols='^_Zn[aw]|^_Zd[al]|^_ZSt|^_ZNS|^_ZNKS|^_ZTI|^_ZTV|^__cxa_|^__gxx_personality|^_Unwind'

needs_no_runtime() { ! nm --undefined-only --format=just-symbols "$1" | grep -E "$runtime_symbols"; }

objects=(src/*.o src/*/*.o src/*/*/*.o)
ok 'there are objects' [ "${#objects[@]}" -gt 5 ]
for object in "${objects[@]}"; do
    case " ${runtime_objects[*]:-} " in *" $object "*) continue ;; esac
    ok "$object needs no C++ runtime" needs_no_runtime "$object"
done

# The check itself can fail.
planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT
printf '#include <string>\nstd::string f(const char *s) { return std::string(s) + s; }\n' |
    g++ -x c++ -std=c++20 -c -o "$planted/string.o" -
printf 'int *f() { return new int; }\n' | g++ -x c++ -fno-exceptions -c -o "$planted/new.o" -
printf 'void f() { throw 1; }\n' | g++ -x c++ -c -o "$planted/throw.o" -
for object in string new throw; do
    ok "an object with $object is found" bash -c "$(declare -f needs_no_runtime)
        runtime_symbols='$runtime_symbols'; ! needs_no_runtime $planted/$object.o"
done

exported=$(nm -D --defined-only --format=just-symbols opigno_profiles.so | sort)
is 'the library shows nothing but its functions' \
    "$(grep -Ev '^(Pg_magic_func|_PG_init|pg_finfo_opigno_[a-z_]+|opigno_[a-z_]+)$' <<<"$exported")" ''
is 'each function has its info record and the other way round' \
    "$(sed -n 's/^pg_finfo_//p' <<<"$exported")" "$(grep '^opigno_' <<<"$exported")"
is 'each function shown is declared in SQL and the other way round' \
    "$(grep '^opigno_' <<<"$exported")" \
    "$(sed -n "s/.*AS 'MODULE_PATHNAME', '\(.*\)';/\1/p" src/*/*.sql src/*/*/*.sql | sort)"
is 'the library needs no libstdc++' "$(objdump -p opigno_profiles.so | grep 'NEEDED.*stdc++')" ''

finish_tap
