#!/usr/bin/env bash
# Reading JSON text, held to jsonb_in: the same bytes or the same refusal, over texts that each try a rule and over
# damaged ones, in databases of three encodings, with simdjson and without. Then the fuzzer of the pure code, for a
# short while.
#   JSON_TEXTS=100000 scripts/test json_text       more than the usual 5,000 damaged texts
#   JSON_SEED=12345 scripts/test json_text         those of an earlier run, whose seed was printed
#   FUZZ_SECONDS=600 scripts/test json_text        a longer while
#   JSON_LIMITS=yes scripts/test json_text         also texts beyond jsonb's 256 MB, which takes 3 GB of memory
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$top" || exit 1
texts=${JSON_TEXTS:-5000} seed=${JSON_SEED:-$((RANDOM << 15 | RANDOM))}
printf '# %s texts; JSON_SEED=%s gives the same ones again\n' "$texts" "$seed"

declare -A encodings=([utf8]=UTF8 [latin1]=LATIN1 [sql_ascii]=SQL_ASCII)

# ---- the reader in a module, both ways ---------------------------------------------------------

make_module() { # simdjson|server
    local flags libraries=() with=no
    [ "$1" = server ] || with=yes libraries=(-lsimdjson)
    read -ra flags < <(make -s -f - PG_CONFIG="$PG_CONFIG" WERROR=1 WITH_SIMDJSON=$with print \
        <<<$'include Makefile\nprint: ; @echo $(PG_CXXFLAGS) $(PG_CPPFLAGS)')
    "${CXX:-g++}" "${flags[@]}" -O2 -fPIC -shared -o "$run/json_text_$1.so" \
        test/module/json_text.cpp src/json/text/*.cpp src/pg/{error,pointer}.cpp \
        src/json/value/{document,host,jsonb_check}.cpp "${libraries[@]}" &&
        chmod a+r "$run/json_text_$1.so"
}

sql() { # DATABASE PSQL-ARGUMENT...
    "$bindir/psql" -XqAt -v ON_ERROR_STOP=1 -v seed="$seed" -v texts="$texts" -d "json_text_$1" "${@:2}"
}

make_database() { # NAME ENCODING
    "$bindir/createdb" -T template0 -E "$2" --locale=C "json_text_$1" || return 1
    for way in "${ways[@]}"; do
        sql "$1" -v library="$run/json_text_$way.so" -v way="$way" <<'SQL' || return 1
CREATE SCHEMA :way;
SET search_path TO :way;
CREATE FUNCTION json_difference(text) RETURNS text LANGUAGE c IMMUTABLE STRICT AS :'library';
CREATE FUNCTION json_outcome(text) RETURNS text LANGUAGE c IMMUTABLE STRICT AS :'library';
CREATE FUNCTION json_is_fast(text) RETURNS boolean LANGUAGE c IMMUTABLE STRICT AS :'library';
CREATE FUNCTION json_loop(text, integer) RETURNS void LANGUAGE c IMMUTABLE STRICT AS :'library';
CREATE FUNCTION damaged_text(seed bigint, number bigint) RETURNS text LANGUAGE c IMMUTABLE STRICT AS :'library';
SQL
    done
}

with_simdjson=$(make -s -f - PG_CONFIG="$PG_CONFIG" print <<<$'include Makefile\nprint: ; @echo $(WITH_SIMDJSON)')
ways=(server)
if [ "$with_simdjson" = yes ]; then
    ways=(simdjson server)
else
    printf '# simdjson 3 is not here: only the reader without it is tried\n'
fi
for way in "${ways[@]}"; do
    ok "$way: the module builds" make_module "$way"
done
for database in utf8 latin1 sql_ascii; do
    ok "$database: the database" make_database "$database" "${encodings[$database]}"
done

# ---- texts that each try a rule ------------------------------------------------------------------

# The rule, what jsonb_in says (so that the texts try what they are meant to), and the text. Characters beyond ASCII
# are made by the database that reads them.
cat >"$run/rules.sql" <<'SQL'
CREATE TEMP TABLE rule (name text, outcome text, document text);
ALTER TABLE rule ALTER document SET STORAGE EXTERNAL;
\copy rule FROM stdin (FORMAT csv, DELIMITER '|', QUOTE E'\x01')
accept white space alone around a scalar|accept| 1 
accept each scalar: null|accept|null
accept each scalar: true|accept|true
accept each scalar: false|accept|false
accept each scalar: string|accept|"text"
accept each scalar: empty string|accept|""
accept each scalar: number|accept|-1.50
accept an empty array|accept|[]
accept an empty object|accept|{}
accept white space in an empty array|accept|[ ]
accept white space in an empty object|accept|{ }
accept containers in containers|accept|[{"a": [{}, [], {"b": [[]]}]}]
accept white space between all tokens|accept| { "a" : [ 1 , 2 ] , "b" : { } } 
accept an empty key|accept|{"": 1}
accept a key with escapes|accept|{"\u0061\n\"": 1}
accept a key twice: the last stays|accept|{"a": 1, "b": 2, "a": 3}
accept a key twice, once spelled by an escape|accept|{"a": 1, "\u0061": 2}
accept keys in any order|accept|{"bb": 1, "a": 2, "ab": 3, "": 4, "b": 5}
accept number: zero|accept|0
accept number: minus zero|accept|-0
accept number: minus zero with a fraction|accept|-0.00
accept number: digits of the fraction stay|accept|1.10
accept number: twenty digits|accept|12345678901234567890
accept number: huge exponent|accept|1e400
accept number: small exponent|accept|1e-400
accept number: exponent in capitals with a plus|accept|1E+2
accept number: zero with an exponent|accept|0e10
accept number: largest exponent|accept|1e131071
accept number: smallest exponent|accept|1e-16383
accept number: exponent with zeros before it|accept|1e0000000002
accept number: at 10,000|accept|[9999, 10000, 10001, 99999999, 100000000, 0.0001, 0.00001]
accept string: each short escape|accept|"\"\\\/\b\f\n\r\t"
accept string: escape of ASCII|accept|"\u0041\u007f\u0001"
accept string: DEL as it is|accept|""
accept string: brackets and commas|accept|"{}[],:"
accept string: backslashes before the quote|accept|["\\", "\\\\", "\\\""]
accept string: white space before the quote|accept|["a ", " "]
refuse number: beyond numeric|22003|1e131072
refuse number: beyond numeric, behind the point|22003|1e-16384
refuse number: exponent beyond any|22003|1e99999999999
refuse number: beyond numeric, with an error behind it|22003|[1e400000, @]
refuse number: beyond numeric, with an error next to it|22P02|[1e400000 @]
refuse number: zeros in front|22P02|01
refuse number: zeros in front, negative|22P02|-01
refuse number: no digit before the point|22P02|.5
refuse number: no digit behind the point|22P02|1.
refuse number: no digit between point and exponent|22P02|1.e5
refuse number: no digit of the exponent|22P02|1e
refuse number: sign alone in the exponent|22P02|1e+
refuse number: plus|22P02|+1
refuse number: minus alone|22P02|-
refuse number: two minuses|22P02|--1
refuse number: hexadecimal|22P02|0x1F
refuse number: underscore|22P02|1_000
refuse number: not a number|22P02|NaN
refuse number: infinity|22P02|-Infinity
refuse number: letters behind it|22P02|[12abc]
refuse number: two in a row|22P02|[1 2]
refuse literal: cut off|22P02|nul
refuse literal: too long|22P02|nulll
refuse literal: capitals|22P02|True
refuse literal: next to a string|22P02|[true"a"]
refuse string: cut off|22P02|"abc
refuse string: cut off behind a backslash|22P02|"abc\
refuse string: cut off in an escape|22P02|"\u00
refuse string: unknown escape|22P02|"\x"
refuse string: escape of a quote that ends it|22P02|"\"
refuse string: apostrophes|22P02|'abc'
refuse string: tab as it is|22P02|"a	b"
refuse string: digits of an escape|22P02|"\u12G4"
refuse string: capital U|22P02|"\U0041"
refuse string: two in a row|22P02|["a" "b"]
refuse string: two next to each other|22P02|["a""b"]
refuse string: U+0000|22P05|"\u0000"
refuse string: U+0000 in a key|22P05|{"\u0000": 1}
refuse string: U+0000 behind an error|22P02|[01, "\u0000"]
refuse string: U+0000 before an error|22P05|["\u0000", 01]
refuse string: high surrogate alone|22P02|"\ud800"
refuse string: high surrogate and a character|22P02|"\ud800\u0041"
refuse string: high surrogate twice|22P02|"\ud800\ud800"
refuse string: low surrogate alone|22P02|"\udc00"
refuse string: surrogates the wrong way round|22P02|"\udc00\ud800"
refuse nothing|22P02|
refuse white space alone|22P02|  
refuse array: not ended|22P02|[1, 2
refuse array: ended as an object|22P02|[1}
refuse array: comma before the end|22P02|[1,]
refuse array: comma at the start|22P02|[,1]
refuse array: two commas|22P02|[1,,2]
refuse array: colon|22P02|[1:2]
refuse array: ended twice|22P02|[]]
refuse object: not ended|22P02|{"a": 1
refuse object: ended as an array|22P02|{"a": 1]
refuse object: key without quotes|22P02|{a: 1}
refuse object: number as key|22P02|{1: 1}
refuse object: no colon|22P02|{"a" 1}
refuse object: no value|22P02|{"a":}
refuse object: key alone|22P02|{"a"}
refuse object: comma before the end|22P02|{"a": 1,}
refuse object: comma for a colon|22P02|{"a", 1}
refuse two documents|22P02|{} {}
refuse a word behind the document|22P02|[] x
refuse a comment|22P02|[1] // one
\.
INSERT INTO rule SELECT name, outcome, document FROM (VALUES
    ('accept white space of each kind', 'accept', E'\t[\n1\r\n]\t'),
    ('refuse string: line feed as it is', '22P02', E'"a\nb"'),
    ('refuse string: U+0001 as it is', '22P02', E'"\x01"'),
    ('refuse vertical tab as white space', '22P02', E'[\x0B1]'),
    ('refuse form feed as white space', '22P02', E'[\x0C]'),
    ('refuse number: form feed behind it', '22P02', E'[1\x0C]'),
    ('refuse a control character that shares bits with a colon', '22P02', E'{"a"\x1A1}'),
    ('accept 128 levels of arrays', 'accept', repeat('[', 128) || repeat(']', 128)),
    ('accept 129 levels of arrays', 'accept', repeat('[', 129) || repeat(']', 129)),
    ('accept 129 levels of objects', 'accept', repeat('{"a":', 129) || '1' || repeat('}', 129)),
    ('accept 2,000 levels', 'accept', repeat('[', 2000) || repeat(']', 2000)),
    ('accept 200 brackets that are a string', 'accept', '"' || repeat('[', 200) || '"'),
    ('refuse 100,000 levels', '54001', repeat('[', 100000) || repeat(']', 100000)),
    ('refuse 100,000 levels of objects that do not end', '54001', repeat('{"a":', 100000)),
    ('refuse 200 levels with an error inside', '22P02', repeat('[', 200) || 'x' || repeat(']', 200)),
    ('refuse 200 levels with U+0000 inside', '22P05', repeat('[', 200) || '"\u0000"' || repeat(']', 200)),
    ('refuse an error before 100,000 levels', '22P02', '[01,' || repeat('[', 100000)),
    ('accept a number of 6,001 digits', 'accept', repeat('7', 6001)),
    ('accept a number of 16,383 digits behind the point', 'accept', '0.' || repeat('7', 16383)),
    ('refuse a number of 140,000 digits', '22003', repeat('7', 140000)),
    ('accept 9 MB', 'accept', '[' || repeat('"eight MB", ', 800000) || '1]'),
    ('accept 17 MB', 'accept', '[' || repeat('1234567890123456, ', 1000000) || '1]'),
    ('refuse 17 MB that do not end', '22P02', '[' || repeat('1234567890123456, ', 1000000)))
    AS v (name, outcome, document);
INSERT INTO rule SELECT format('accept %s members and elements', n), 'accept',
    (SELECT '{' || string_agg(format('"k%s": [%s, "%s"]', m * 7919 % 1009, m, repeat('x', m % 9)), ',') || '}'
        FROM generate_series(1, n) AS m)
FROM unnest('{1,23,24,25,31,32,33,63,64,65,1000}'::integer[]) AS n;
INSERT INTO rule SELECT format('accept an array of %s', n), 'accept',
    (SELECT '[' || string_agg(CASE m % 3 WHEN 0 THEN '"abc"' WHEN 1 THEN m || '.5' ELSE '{}' END, ',') || ']'
     FROM generate_series(1, n) AS m)
FROM unnest('{31,32,33,64,65,1000}'::integer[]) AS n;
SQL
# Bytes beyond ASCII, and escapes that not every encoding has.
cat >"$run/utf8.sql" <<'SQL'
INSERT INTO rule VALUES ('accept characters of two, three and four bytes', 'accept', '{"é€": "😀ü"}'),
    ('accept noncharacters', 'accept', '"\uFFFF\uFFFE"'),
    ('accept a pair of surrogates', 'accept', '"\uD83D\uDE00"'),
    ('accept an escape beyond ASCII', 'accept', '"\u00e9\u20ac"'),
    ('accept a key that an escape and a character spell', 'accept', '{"é": 1, "\u00e9": 2}'),
    ('refuse a byte order mark', '22P02', '﻿[]'), ('refuse a no-break space', '22P02', '[' || chr(160) || '1]'),
    ('refuse a character behind a number', '22P02', '[1é]');
SQL
cat >"$run/latin1.sql" <<'SQL'
INSERT INTO rule VALUES ('accept a byte beyond ASCII', 'accept', '"' || chr(233) || '"'),
    ('accept two bytes that are UTF-8 as well', 'accept', '"' || chr(195) || chr(169) || '"'),
    ('accept an escape that there is', 'accept', '"\u00e9"'),
    ('accept a key that an escape and a byte spell', 'accept', '{"' || chr(233) || '": 1, "\u00e9": 2}'),
    ('refuse an escape that there is not', '22P05', '"\u20ac"'),
    ('refuse an escape that there is not, before an error', '22P05', '["\u20ac", 01]'),
    ('refuse an error before an escape that there is not', '22P02', '[01, "\u20ac"]'),
    ('refuse an emoji', '22P05', '{"\uD83D\uDE00": 1}'), ('refuse a no-break space', '22P02', '[' || chr(160) || '1]');
SQL
cat >"$run/sql_ascii.sql" <<'SQL'
INSERT INTO rule VALUES ('accept a byte that is no UTF-8', 'accept', '"' || chr(233) || '"'),
    ('accept bytes that are UTF-8', 'accept', '"' || chr(195) || chr(169) || '"'),
    ('refuse an escape beyond ASCII',
        CASE WHEN current_setting('server_version_num')::integer < 160000 THEN '0A000' ELSE '22P05' END, '"\u00e9"'),
    ('refuse a lone surrogate', '22P02', '"\ud800"'),
    ('refuse a byte behind a number', '22P02', '[1' || chr(233) || ']');
SQL

ask_rules() { # DATABASE WAY
    # shellcheck disable=SC2016 # $$ is SQL's
    "$bindir/psql" -XqAt -v ON_ERROR_STOP=1 -d "json_text_$1" -c "SET search_path TO $2" \
        -f "$run/rules.sql" -f "$run/$1.sql" -F ': ' -c '
        SELECT name, outcome, json_outcome(document) FROM rule WHERE outcome <> json_outcome(document)
        UNION ALL SELECT name, left(difference, 300), NULL
        FROM rule, json_difference(document) AS difference WHERE difference IS NOT NULL
        UNION ALL SELECT $$rules: $$ || (count(*) > 140), NULL, NULL FROM rule' </dev/null 2>&1
}
for database in utf8 latin1 sql_ascii; do
    for way in "${ways[@]}"; do
        PGCLIENTENCODING=$([ "$database" = utf8 ] && echo UTF8 || echo SQL_ASCII)
        export PGCLIENTENCODING
        is "$database, $way: each rule as jsonb_in has it" "$(ask_rules "$database" "$way")" 'rules: true: : '
    done
done
unset PGCLIENTENCODING
for way in "${ways[@]}"; do
    is "$way: with the smallest stack there is, depth as jsonb_in has it" "$(sql utf8 -v way="$way" <<'SQL'
SET search_path TO :way;
SET max_stack_depth = '100kB';
SELECT n, json_difference(repeat('[', n) || repeat(']', n)),
    json_difference(repeat('{"a":', n) || '1' || repeat('}', n))
FROM unnest('{128,129,300,1000,6000}'::integer[]) AS n;
SQL
)" $'128||\n129||\n300||\n1000||\n6000||'
done
if [ -n "${JSON_LIMITS:-}" ]; then
    for way in "${ways[@]}"; do
        is "$way: a string longer than jsonb holds is refused alike" "$(sql utf8 -c "SET search_path TO $way" \
            -c $'SELECT json_outcome(d), json_difference(d)
                FROM (SELECT \'"\' || repeat(\'x\', 268435456) || \'"\') AS t (d)')" '54000|'
        is "$way: more bytes than jsonb holds are refused alike" "$(sql utf8 -c "SET search_path TO $way" \
            -c $'SELECT json_outcome(d), json_difference(d)
                FROM (SELECT format(\'["%s", "%1$s"]\', repeat(\'x\', 140000000))) AS t (d)')" '54000|'
    done
fi

# ---- damaged texts -------------------------------------------------------------------------------

check_damaged() { # DATABASE WAY
    sql "$1" -v way="$2" <<'SQL'
SET search_path TO :way;
SELECT format('%s texts, such as %s of seed %s: %s', count(*) OVER (), n, :seed, left(difference, 500))
FROM generate_series(1, :texts) AS n, damaged_text(:seed, n) AS document, json_difference(document) AS difference
    WHERE difference IS NOT NULL ORDER BY length(document) LIMIT 1;
SQL
}
for database in utf8 latin1 sql_ascii; do
    for way in "${ways[@]}"; do
        is "$database, $way: no difference in $texts damaged texts of seed $seed" \
            "$(check_damaged "$database" "$way")" ''
    done
done

# Always of the same seed, so that no chance is in it.
is 'the damaged texts are of every kind' "$(sql utf8 <<'SQL'
SET search_path TO server;
SELECT string_agg(outcome, ' ' ORDER BY outcome) FROM (SELECT json_outcome(damaged_text(8259, n)) AS outcome
    FROM generate_series(1, 4000) AS n GROUP BY 1 HAVING count(*) > 10) AS o;
SQL
)" '22003 22P02 22P05 accept'

# numeric's bytes, of all integers up to 30,000 and of fractions of every length.
for way in "${ways[@]}"; do
    is "$way: numbers have the bytes of numeric" "$(sql utf8 -v way="$way" <<'SQL'
SET search_path TO :way;
SELECT number, difference FROM (
    SELECT n::text FROM generate_series(-30000, 30000) AS n
    UNION ALL SELECT round(n * 7919 / 10.0 ^ (n % 23), n % 29)::text FROM generate_series(1, 30000) AS n
    UNION ALL SELECT (10 ^ n - 1 + m)::numeric(80, 0)::text
    FROM generate_series(0::numeric, 70) AS n, generate_series(0, 2) AS m
    UNION ALL SELECT sign || repeat(digit, n) || point || repeat('0', m % 7) || repeat(digit, m)
    FROM generate_series(1, 68, 3) AS n, generate_series(0, 66, 5) AS m,
        unnest('{0,1,9}'::text[]) AS digit, unnest('{"",-}'::text[]) AS sign, unnest('{"",.}'::text[]) AS point)
    AS t (number), json_difference(number) AS difference
WHERE difference IS NOT NULL LIMIT 3;
SQL
)" ''
done

if [ "$with_simdjson" = yes ]; then
    is 'what is right is read by simdjson, but for what is left to the server' "$(sql utf8 <<'SQL'
SET search_path TO simdjson;
SELECT count(*) FILTER (WHERE json_outcome(document) = 'accept' AND NOT json_is_fast(document)) < 40,
    count(*) FILTER (WHERE json_is_fast(document)) > 1500
FROM generate_series(1, 4000) AS n, damaged_text(8259, n) AS document;
SQL
)" 't|t'
fi

# ---- the server's interest -----------------------------------------------------------------------

# jsonb_in asks for no interrupts, so this is of ours.
if [ "$with_simdjson" = yes ]; then
    is 'a cancel is obeyed' "$(sql utf8 2>&1 <<'SQL'
SET search_path TO simdjson;
SET statement_timeout = 300;
SELECT json_loop('{"a": [1, 2, {"b": null}]}', 20000000);
SQL
)" 'ERROR:  canceling statement due to statement timeout'
fi
for way in "${ways[@]}"; do
    is "$way: huge and malformed texts leave no memory behind" "$(sql utf8 -v way="$way" <<'SQL'
SET search_path TO :way;
SELECT count(json_difference(repeat('[{"a": "\n", "b": [1, 2.5]}, ', 20 * n) ||
    CASE n % 2 WHEN 0 THEN '1' || repeat(']', 20 * n) END)) FROM generate_series(1, 200) AS n;
SELECT json_loop('[' || repeat('"eight MB", ', 600000) || '1]', 3);
SELECT json_loop('[1]', 1);
SELECT sum(total_bytes) < 16000000 FROM pg_backend_memory_contexts
    WHERE name IN ('TopMemoryContext', 'CacheMemoryContext', 'MessageContext');
SQL
)" $'0\n\n\nt'
done

# ---- the fuzzer ----------------------------------------------------------------------------------

make_fuzzer() {
    cmake -S . -B build/fuzz -DPG_CONFIG="$PG_CONFIG" -DCMAKE_CXX_COMPILER=clang++ &&
        cmake --build build/fuzz --target fuzz_json_text
}
fuzz() {
    mkdir -p "$run/fuzz_json_text" && build/fuzz/fuzz_json_text --write_seeds="$run/fuzz_json_text" || return 1
    ASAN_OPTIONS=malloc_context_size=2:quarantine_size_mb=16 build/fuzz/fuzz_json_text -seed="$seed" -max_len=512 \
        -max_total_time="${FUZZ_SECONDS:-20}" -artifact_prefix=build/fuzz/ -print_final_stats=1 \
        "$run/fuzz_json_text" >"$run/fuzz_json_text.log" 2>&1 &&
        return 0
    tail -n 60 "$run/fuzz_json_text.log"
    return 1
}
ok 'the fuzzer builds' make_fuzzer
ok "the fuzzer finds nothing, with seed $seed" fuzz
ok 'the fuzzer did something' \
    [ "$(sed -n 's/^stat::number_of_executed_units: //p' "$run/fuzz_json_text.log")" -gt 1000 ]

finish_tap
