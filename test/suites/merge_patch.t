#!/usr/bin/env bash
# Merge patch, its inverse and the checker of jsonb's bytes, on random documents: against a plain reference, against
# sqlite3, and by the laws that hold of them. Then the fuzzer of the pure code, for a short while.
#   MERGE_PAIRS=1000000 scripts/test merge_patch       more than the usual 20,000
#   MERGE_SEED=12345 scripts/test merge_patch          the pairs of an earlier run, whose seed was printed
#   FUZZ_SECONDS=600 scripts/test merge_patch          a longer while
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$top" || exit 1
pairs=${MERGE_PAIRS:-20000} seed=${MERGE_SEED:-$((RANDOM << 15 | RANDOM))}
batch=20000
printf '# %s pairs; MERGE_SEED=%s gives the same ones again\n' "$pairs" "$seed"

sql() { "$bindir/psql" -XqAt -v ON_ERROR_STOP=1 -v seed="$seed" "$@" merge_patch; }

# ---- the module, the reference and the laws ----------------------------------------------------

library=$run/jsonb_check.so
make_module() {
    local flags
    flags=$(make -s -f - PG_CONFIG="$PG_CONFIG" WERROR=1 print \
        <<<$'include Makefile\nprint: ; @echo $(PG_CXXFLAGS) $(PG_CPPFLAGS)')
    # shellcheck disable=SC2086 # the flags are words
    "${CXX:-g++}" $flags -O2 -fPIC -shared -o "$library" test/module/jsonb_check.cpp \
        src/json/value/{host,jsonb_check}.cpp && chmod a+r "$library"
}
ok 'the module with checker and generator builds' make_module

"$bindir/createdb" -T template0 -E UTF8 --locale=C.UTF-8 merge_patch
ok 'the database with reference and laws' sql -v library="$library" <<'SQL'
CREATE EXTENSION opigno_profiles;
CREATE FUNCTION jsonb_flaw(jsonb) RETURNS text LANGUAGE c IMMUTABLE STRICT AS :'library';
CREATE FUNCTION jsonb_storage(jsonb) RETURNS text LANGUAGE c IMMUTABLE STRICT AS :'library';
CREATE FUNCTION jsonb_to_bytes(jsonb) RETURNS bytea LANGUAGE c IMMUTABLE STRICT AS :'library';
CREATE FUNCTION jsonb_from_bytes(bytea) RETURNS jsonb LANGUAGE c IMMUTABLE STRICT AS :'library';
CREATE FUNCTION jsonb_damaged(jsonb, seed bigint) RETURNS bytea LANGUAGE c IMMUTABLE STRICT AS :'library';
CREATE FUNCTION random_target(seed bigint, n bigint) RETURNS text LANGUAGE c IMMUTABLE STRICT AS :'library';
CREATE FUNCTION random_patch(seed bigint, n bigint) RETURNS text LANGUAGE c IMMUTABLE STRICT AS :'library';

CREATE FUNCTION same(a jsonb, b jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE AS 'SELECT record_image_eq(ROW(a), ROW(b))';

-- RFC 7396, section 2, line by line.
CREATE FUNCTION reference(target jsonb, patch jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    name text;
    value jsonb;
BEGIN
    IF jsonb_typeof(patch) <> 'object' THEN
        RETURN patch;
    END IF;
    IF target IS NULL OR jsonb_typeof(target) <> 'object' THEN
        target := '{}';
    END IF;
    FOR name, value IN SELECT * FROM jsonb_each(patch) LOOP
        IF value = 'null' THEN
            target := target - name;
        ELSE
            target := target || jsonb_build_object(name, reference(target -> name, value));
        END IF;
    END LOOP;
    RETURN target;
END $$;

-- Whether the target has a member null that the source has not: what no patch can say.
CREATE FUNCTION has_new_null(source jsonb, target jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    name text;
    value jsonb;
BEGIN
    IF jsonb_typeof(target) <> 'object' THEN
        RETURN false;
    END IF;
    IF source IS NULL OR jsonb_typeof(source) <> 'object' THEN
        source := '{}';
    END IF;
    FOR name, value IN SELECT * FROM jsonb_each(target) AS t WHERE jsonb_typeof(t.value) IN ('null', 'object') LOOP
        IF value = 'null' AND (source -> name) IS DISTINCT FROM 'null' OR has_new_null(source -> name, value) THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END $$;

CREATE FUNCTION diff_leads(source jsonb, target jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    diff jsonb;
BEGIN
    diff := opigno.jsonb_merge_diff(source, target);
    RETURN same(opigno.jsonb_merge_patch(source, diff), target) AND jsonb_flaw(diff) IS NULL
        AND same(diff, diff::text::jsonb) AND NOT has_new_null(source, target);
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN has_new_null(source, target);
END $$;

-- The diff leads nowhere else without any one of its members, at any depth.
CREATE FUNCTION diff_is_smallest(source jsonb, target jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    diff jsonb := opigno.jsonb_merge_diff(source, target);
BEGIN
    RETURN jsonb_typeof(diff) <> 'object' OR NOT EXISTS (
        WITH RECURSIVE part (path, value) AS (
            SELECT '{}'::text[], diff
            UNION ALL
            SELECT part.path || member.key, member.value
            FROM part, jsonb_each(CASE jsonb_typeof(part.value) WHEN 'object' THEN part.value END) AS member)
        SELECT FROM part WHERE path <> '{}' AND same(opigno.jsonb_merge_patch(source, diff #- path), target));
END $$;

CREATE FUNCTION arguments_stay(target jsonb, patch jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    plain_target jsonb := target::text::jsonb;
    plain_patch jsonb := patch::text::jsonb;
BEGIN
    PERFORM opigno.jsonb_merge_patch(plain_target, plain_patch);
    RETURN same(plain_target, target) AND same(plain_patch, patch);
END $$;

-- A quarter each: as tables are, compressed in the row, out of the row, compressed and out of the row. The filler makes
-- the rows so long that the server has to.
CREATE TABLE pair (n bigint, way integer, filler text, target jsonb, patch jsonb) PARTITION BY LIST (way);
CREATE TABLE pair_0 PARTITION OF pair FOR VALUES IN (0);
CREATE TABLE pair_1 PARTITION OF pair FOR VALUES IN (1);
CREATE TABLE pair_2 PARTITION OF pair FOR VALUES IN (2);
CREATE TABLE pair_3 PARTITION OF pair FOR VALUES IN (3);
ALTER TABLE pair_1 ALTER filler SET STORAGE PLAIN, ALTER target SET STORAGE MAIN, ALTER patch SET STORAGE MAIN;
ALTER TABLE pair_2 ALTER filler SET STORAGE PLAIN, ALTER target SET STORAGE EXTERNAL, ALTER patch SET STORAGE EXTERNAL;
ALTER TABLE pair_3 ALTER filler SET STORAGE PLAIN;
CREATE TABLE by_sqlite (n bigint, result text);
CREATE TABLE fault (law text, n bigint, target text, patch text);
CREATE TABLE checked (pairs bigint);

CREATE VIEW law AS
SELECT pair.n, law.name, law.holds, target, patch
FROM pair LEFT JOIN by_sqlite USING (n),
    LATERAL (SELECT opigno.jsonb_merge_patch(target, patch) AS merged,
        reference(target, patch) AS expected OFFSET 0) AS m,
    LATERAL (VALUES
        ('the reference has the same text', merged::text = expected::text),
        ('the reference has the same bytes', same(merged, expected)),
        -- Both print what jsonb::text gave them, so nothing is made equal here but the order of members and white
        -- space,
        -- by ::jsonb: sqlite3 keeps numbers and escapes as text, is given no key twice, and takes 1,000 levels or more.
        ('sqlite3 has the same bytes', same(merged, result::jsonb)),
        ('the checker accepts what the server reads', jsonb_flaw(target) IS NULL AND jsonb_flaw(patch) IS NULL),
        ('the checker accepts what is merged', jsonb_flaw(merged) IS NULL),
        ('what is merged survives text', same(merged, merged::text::jsonb)),
        ('values in memory and in tables are merged alike',
            same(merged, opigno.jsonb_merge_patch(target::text::jsonb, patch::text::jsonb))),
        ('arguments stay as they are', arguments_stay(target, patch)),
        ('twice is once', same(merged, opigno.jsonb_merge_patch(merged, patch))),
        ('{} changes no byte of an object',
            jsonb_typeof(target) <> 'object' OR same(opigno.jsonb_merge_patch(target, '{}'), target)),
        ('the aggregate folds', same((SELECT opigno.jsonb_merge_patch_agg(doc ORDER BY at)
            FROM (VALUES (2, patch), (1, target), (3, target)) AS v (at, doc)),
            opigno.jsonb_merge_patch(merged, target))),
        ('the diff leads there, or is refused where a null is new', diff_leads(target, merged)),
        ('the diff leads back, or is refused where a null is new', diff_leads(merged, target)),
        ('the diff leads to another document, or is refused where a null is new', diff_leads(target, patch)),
        ('the diff of a document and itself is {}, or what is no object',
            same(opigno.jsonb_merge_diff(target, target),
                CASE jsonb_typeof(target) WHEN 'object' THEN '{}' ELSE target END)),
        ('the size of the texts is what jsonb_text_size() says',
            (opigno.jsonb_text_size(merged)).text_size = octet_length(merged::text)
            AND (opigno.jsonb_text_size(target)).text_size = octet_length(target::text)
            AND (opigno.jsonb_text_size(patch)).text_size = octet_length(patch::text)),
        ('the longest number is what jsonb_text_size() says', (opigno.jsonb_text_size(target)).longest_number
            = (SELECT coalesce(max(length(number #>> '{}')), 0)
               FROM jsonb_path_query(target, 'strict $.** ? (@.type() == "number")') AS number)),
        ('the diff is the smallest there is (of one in ten)',
            pair.n % 10 > 0 OR has_new_null(target, merged) OR diff_is_smallest(target, merged)),
        ('the diff back is the smallest there is (of one in ten)',
            pair.n % 10 > 0 OR has_new_null(merged, target) OR diff_is_smallest(merged, target))
    ) AS law (name, holds);
SQL

# ---- the pairs -----------------------------------------------------------------------------------

# A column ends with 0x1F and a row with 0x1E, which sqlite3 calls ascii: neither occurs in jsonb::text.
as_rows="(FORMAT csv, DELIMITER E'\\x1f', QUOTE E'\\x01')"
ask_sqlite() {
    sql -c "COPY (SELECT n, target::text, patch::text FROM pair) TO STDOUT $as_rows" | tr '\n' '\036' >"$run/pairs" &&
        sqlite3 -batch -bail :memory: >"$run/by_sqlite" <<SQL &&
CREATE TABLE pair (n INTEGER, target TEXT, patch TEXT);
.import --ascii $run/pairs pair
.mode list
.separator "\037" "\n"
SELECT n, json_patch(target, patch) FROM pair;
SQL
        sql -c "COPY by_sqlite FROM STDIN $as_rows" <"$run/by_sqlite"
}

check_pairs() { # FIRST LAST
    sql -v first="$1" -v last="$2" <<'SQL' &&
TRUNCATE pair, by_sqlite;
INSERT INTO pair SELECT n, n % 4, CASE WHEN n % 4 > 0 THEN repeat('f', 2100) END, random_target(:seed, n)::jsonb,
    random_patch(:seed, n)::jsonb
FROM generate_series(:first, :last) AS n;
SQL
        ask_sqlite && sql <<'SQL'
ANALYZE pair, by_sqlite;
BEGIN;
INSERT INTO fault SELECT name, n, target::text, patch::text FROM law WHERE holds IS NOT TRUE;
INSERT INTO checked SELECT count(*) FROM pair;
COMMIT;
SQL
}

# What is wrong with a law, by its smallest pair: random_target(seed, n) and random_patch(seed, n) make it again.
faults() { # LAW
    sql -v law="$1" -v pairs="$pairs" <<'SQL'
SELECT 'not all pairs were looked at' WHERE (SELECT sum(pairs) FROM checked) IS DISTINCT FROM :pairs;
SELECT format('%s pairs, such as %s of seed %s: %s patched with %s', count(*) OVER (), n, :seed, left(target, 500),
    left(patch, 500))
FROM fault WHERE law = :'law' ORDER BY length(target) + length(patch) LIMIT 1;
SQL
}

for ((first = 1; first <= pairs; first += batch)); do
    last=$((first + batch - 1 < pairs ? first + batch - 1 : pairs))
    ok "pairs $first to $last of seed $seed are merged" check_pairs "$first" "$last"
done
laws=$(sql -c 'SELECT DISTINCT name FROM law WHERE n IN (SELECT n FROM pair LIMIT 1)')
ok 'there are laws' [ "$(wc -l <<<"$laws")" -gt 10 ]
while read -r law; do
    is "$law" "$(faults "$law")" ''
done <<<"$laws"

# What the pairs are like; always of the same seed, so that no chance is in it.
is 'the values were stored in every way there is' "$(sql <<'SQL'
TRUNCATE pair;
INSERT INTO pair SELECT n, n % 4, CASE WHEN n % 4 > 0 THEN repeat('f', 2100) END, random_target(7396, n)::jsonb,
    random_patch(7396, n)::jsonb
FROM generate_series(1, 4000) AS n;
SELECT string_agg(storage, ', ' ORDER BY storage) FROM (
    SELECT jsonb_storage(target) AS storage FROM pair GROUP BY 1 HAVING count(*) > 20
    INTERSECT SELECT jsonb_storage(patch) FROM pair GROUP BY 1 HAVING count(*) > 20) AS s;
SQL
)" 'compressed, external, external compressed, plain, short'
is 'the pairs are of every kind' "$(sql <<'SQL'
SELECT kind FROM (
    SELECT 'objects of ' || w, (SELECT count(*) FROM pair WHERE (SELECT count(*)
        FROM jsonb_object_keys(CASE jsonb_typeof(target) WHEN 'object' THEN target END)) = w)
    FROM unnest('{0,1,31,32,33,63,64,65,200,1000}'::integer[]) AS w
    UNION ALL SELECT 'strings of ' || l,
        (SELECT count(*) FROM pair WHERE target::text LIKE '%: "' || repeat('n', l) || '"%')
    FROM generate_series(0, 5) AS l
    UNION ALL SELECT 'targets that are ' || t, (SELECT count(*) FROM pair WHERE jsonb_typeof(target) = t)
    FROM unnest('{array,string,number,boolean}'::text[]) AS t
    UNION ALL SELECT 'patches that are ' || t, (SELECT count(*) FROM pair WHERE jsonb_typeof(patch) = t)
    FROM unnest('{array,string,number,boolean}'::text[]) AS t
    UNION ALL SELECT 'targets of ' || d || ' levels',
        (SELECT count(*) FROM pair WHERE target::text LIKE repeat('%{"d": ', d) || '%')
    FROM unnest('{40,200}'::integer[]) AS d
    UNION ALL SELECT 'texts with ' || p,
        (SELECT count(*) FROM pair WHERE target::text LIKE '%' || p || '%' OR patch::text LIKE '%' || p || '%')
    FROM unnest(ARRAY['1.10', '12345678901234567890',
        '1' || repeat('0', 400), '0.' || repeat('0', 399) || '1', '\\u0001', '😀', '[null', ', null]', '[]', '{}'])
        AS p
    UNION ALL SELECT 'patches that change nothing', count(*) FROM pair
    WHERE patch <> '{}' AND jsonb_typeof(patch) = 'object' AND same(target, opigno.jsonb_merge_patch(target, patch))
    UNION ALL SELECT 'texts with a key twice', count(*)
        FROM generate_series(1, 500) AS n, LATERAL (SELECT random_target(7396, n)::json AS j) AS t
        WHERE json_typeof(j) = 'object' AND (SELECT count(*) > count(DISTINCT k)
            FROM json_object_keys(CASE json_typeof(j) WHEN 'object' THEN j END) AS k)
) AS s (kind, pairs) WHERE pairs < 3;
SQL
)" ''

# ---- the checker can fail ------------------------------------------------------------------------

is 'a document with one bit of its structure turned is refused, or is canonical all the same' "$(sql <<'SQL'
-- What is accepted is shown to the server; so no content may pass for a number, whose first byte tells its length.
CREATE FUNCTION outcome(damaged bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN CASE WHEN jsonb_flaw(jsonb_from_bytes(damaged)) IS NOT NULL THEN 'refused'
        WHEN same(jsonb_from_bytes(damaged), jsonb_from_bytes(damaged)::text::jsonb) THEN 'canonical' ELSE 'WRONG' END;
END $$;
SELECT count(*) FILTER (WHERE outcome = 'WRONG'), count(*) FILTER (WHERE outcome = 'refused') > 1000
FROM pair, generate_series(1, 10) AS seed, outcome(jsonb_damaged(target, seed))
WHERE length(target::text) = octet_length(target::text) AND length(target::text) < 2000
    AND target::text !~ '"[^"]{16,}"';
SQL
)" '0|t'

# Each rule by bytes that break this one, as words and what is behind them.
rules=$(sql <<'SQL'
CREATE FUNCTION words(VARIADIC words bigint[]) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT string_agg(substr(int8send(word), 8, 1) || substr(int8send(word), 7, 1)
        || substr(int8send(word), 6, 1) || substr(int8send(word), 5, 1), '' ORDER BY at)
    FROM unnest(words) WITH ORDINALITY AS w (word, at) $$;
SELECT CASE WHEN jsonb_flaw(jsonb_from_bytes(bytes)) IS DISTINCT FROM rule THEN 'NOT: ' ELSE '' END || rule FROM (VALUES
    ('no header', '\x2000'::bytea),
    ('a scalar is an array of one element', words(x'50000002'::bigint, x'C0000000'::bigint, x'40000000'::bigint)),
    ('neither an object nor an array', words(0)),
    ('unknown flag in a header', words(x'C0000000'::bigint)),
    ('entries beyond the end', words(x'40000003'::bigint, x'C0000000'::bigint, x'40000000'::bigint)),
    ('offset where a length belongs, or the other way round', words(x'40000001'::bigint, x'40000000'::bigint)),
    ('data beyond the end', words(x'40000001'::bigint, x'80000005'::bigint) || 'abcd'),
    ('data of a constant', words(x'40000001'::bigint, x'C0000001'::bigint) || 'a'),
    ('a string with a zero byte', words(x'40000001'::bigint, x'80000003'::bigint) || '\x610062'),
    ('unknown type', words(x'40000001'::bigint, x'E0000000'::bigint)),
    ('a number or container without bytes', words(x'40000001'::bigint, x'90000000'::bigint)),
    ('padding that is not zero',
        words(x'40000002'::bigint, x'80000001'::bigint, x'50000007'::bigint) || '\x61610000'
        || words(x'40000000'::bigint)),
    ('a number of another length', set_byte(jsonb_to_bytes('7'), 8, 36)),
    ('a scalar that is a container', words(x'50000001'::bigint, x'D0000004'::bigint, x'40000000'::bigint)),
    ('a key that is no string', words(x'20000001'::bigint, x'C0000000'::bigint, x'40000000'::bigint)),
    ('keys out of order', set_byte(jsonb_to_bytes('{"aa": 1, "ab": 2}'), 23, 97)),
    ('bytes behind the data', jsonb_to_bytes('{"a": true}') || '\x00')) AS v (rule, bytes) ORDER BY rule COLLATE "C";
SQL
)
is 'each rule of the checker can be broken, and there are no others' "$rules" \
    "$(grep -v '^#include' src/json/value/jsonb_check.cpp | grep -o '"[^"]*"' | tr -d '"' | LC_ALL=C sort -u)"

# ---- the fuzzer ----------------------------------------------------------------------------------

make_fuzzer() {
    cmake -S . -B build/fuzz -DPG_CONFIG="$PG_CONFIG" -DCMAKE_CXX_COMPILER=clang++ &&
        cmake --build build/fuzz --target fuzz_merge_patch
}
fuzz() {
    mkdir -p "$run/fuzz" && build/fuzz/fuzz_merge_patch --write_seeds="$run/fuzz" || return 1
    ASAN_OPTIONS=malloc_context_size=2:quarantine_size_mb=16 build/fuzz/fuzz_merge_patch -seed="$seed" -max_len=256 \
        -max_total_time="${FUZZ_SECONDS:-30}" -artifact_prefix=build/fuzz/ -print_final_stats=1 \
        "$run/fuzz" >"$run/fuzz.log" 2>&1 &&
        return 0
    tail -n 60 "$run/fuzz.log"
    return 1
}
ok 'the fuzzer builds' make_fuzzer
ok "the fuzzer finds nothing, with seed $seed" fuzz
ok 'the fuzzer did something' [ "$(sed -n 's/^stat::number_of_executed_units: //p' "$run/fuzz.log")" -gt 1000 ]

finish_tap
