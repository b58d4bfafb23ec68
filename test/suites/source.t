#!/usr/bin/env bash
# What the tree promises about itself: one version, one way of dependencies, small files, current reference.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$top" || exit 1

version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" opigno_profiles.control)
ok 'the control file names a version' [ -n "$version" ]
is 'META.json has the same version' \
    "$(perl -MJSON::PP -0777 -ne '$m = decode_json($_);
        print join " ", $m->{version}, $m->{provides}{opigno_profiles}{version}' META.json)" "$version $version"
ok 'CHANGELOG.md speaks of it' grep -q "^## $version" CHANGELOG.md

# pg < json, text < identity < bulk < the concept rooms; a concept room includes no other.
declare -A allowed=([pg]='pg' [json]='pg|json' [text]='pg|text' [identity]='pg|json|text|identity'
    [bulk]='pg|json|text|identity|bulk' [document]='pg|json|text|identity|document'
    [schema]='pg|json|text|identity|schema'
    [app_document]='pg|json|text|identity|bulk|document|schema|app_document')
for room in src/*/; do
    room=$(basename "$room")
    files=$(find "src/$room" -name '*.[ch]pp')
    [ -n "$files" ] || continue
    # shellcheck disable=SC2086 # the names are words
    is "src/$room includes nothing beside or above it" \
        "$(grep -HE '^#include "' $files |
            grep -vE "\"(${allowed[$room]:-pg|json|text|bulk|document|schema|app_document|identity|$room})/")" ''
done
is 'only src/pg includes PostgreSQL, and one file each RE2, simdjson and libcrypto' \
    "$(grep -lE '#include *[<"]([a-z_0-9]+/)*[a-z_0-9]+\.h[>"]' src/*.cpp src/*/*.[ch]pp src/*/*/*.[ch]pp |
        grep -v '^src/pg/')" $'src/client/jwt/signature.cpp
src/json/schema/regular_expression.cpp
src/json/text/structure.cpp'
is 'these files include nothing else of the kind' \
    "$(grep -hE '#include *[<"]([a-z_0-9]+/)*[a-z_0-9]+\.h[>"]' src/json/text/structure.cpp \
        src/client/jwt/signature.cpp src/json/schema/regular_expression.cpp |
        sed 's|<openssl/.*|<openssl/>|' | sort -u)" \
    $'#include <openssl/>\n#include <re2/re2.h>\n#include <simdjson.h>'
is 'no exceptions, no RTTI, no allocation of C++, but in the wall around RE2' \
    "$(grep -nE -e '\b(throw|try|catch|dynamic_cast|typeid|new|delete)\b *[({;a-z]' \
        -e 'std::(string|vector|map|function|regex)\b' src/*.cpp src/*/*.[ch]pp src/*/*/*.[ch]pp |
        grep -v '^src/json/schema/regular_expression.cpp:' | grep -vE '^[^:]*:[0-9]*: *(/?\*|//)|\*/$|= delete;$')" ''
is 'no #include of <ranges>, which clang 14 cannot read' \
    "$(grep -lE '#include <(ranges|iostream|regex)>' src/*.cpp src/*/*.[ch]pp src/*/*/*.[ch]pp)" ''
is 'files stay under 600 lines' \
    "$(wc -l src/*.cpp src/*/*.[ch]pp src/*/*/*.[ch]pp src/*/*.sql src/*/*/*.sql scripts/* scripts/lib/* \
        test/suites/* test/*/*.cpp 2>/dev/null | awk '$2 != "total" && $1 > 600')" ''
is 'no line of the SQL sources has more than 100 columns' \
    "$(find src -name '*.sql' -exec awk 'length > 100 { print FILENAME ":" FNR }' {} +)" ''
is 'no line of the tests has more than 120 columns, commands of psql aside' \
    "$(find sql test ! -path '*/expected/*' -type f ! -name '*.out' ! -name '*.diff' ! -name '*.md' -exec \
        awk 'length > 120 && !/^\\/ { print FILENAME ":" FNR }' {} +)" ''
ok 'the Makefile stays under 100 lines' [ "$(wc -l <Makefile)" -lt 100 ]

routes=$(grep -hoE '\{"[A-Z]+", "/[^"]*", Identity::' src/gateway/routes/*.cpp | sed -E 's/, Identity::$//; s/^\{//')
tested=$(sed -nE "/^INSERT INTO test.route/,/;$/s/^    \\('([A-Z]+)', '(.*)'\\)[,;]$/\"\\1\", \"\\2\"/p" \
    sql/http_request_route.sql)
is 'every route of HTTP has a line in sql/http_request_route.sql' "$(LC_ALL=C sort <<<"$tested")" \
    "$(LC_ALL=C sort <<<"$routes")"
is 'src/gateway/shard_route.cpp has no line for another route' "$(grep -oE '\{"[A-Z]+", "/[^"]*", Place::' \
    src/gateway/shard_route.cpp | sed -E 's/, Place::$//; s/^\{//' | grep -vxF "$routes")" ''

script=opigno_profiles--$version.sql
ok 'the install script is put together' [ -s "$script" ]
ok 'the install script is not committed' grep -qx '/opigno_profiles--\*\.sql' .gitignore
is 'the install script adopts nothing made beforehand' \
    "$(grep -n 'OR REPLACE\|IF NOT EXISTS' "$script" | grep -v '^[0-9]*:/\*')" ''
is 'the install script sets what it sets for its own transaction only' \
    "$(grep -E '^ *SET ' "$script" | grep -v '^ *SET TRANSACTION ')" "SET LOCAL search_path TO pg_catalog, pg_temp;
SET LOCAL opigno_profiles_script.members_before TO '{}';"
is 'every .sql file of src is part of it' \
    "$(find src -name '*.sql' ! -path 'src/upgrade/*' -exec cat {} + | wc -l)" "$(wc -l <"$script")"

ok 'docs/reference.md is what scripts/reference prints' \
    bash -c 'set -o pipefail; scripts/reference | diff docs/reference.md -'

finish_tap
