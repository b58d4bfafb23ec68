#!/usr/bin/env bash
# pg_dump and restore: data, sequences, the site's scopes and the catalogue come back; the next insert works.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"

# A query that fails prints what no other prints, so that no comparison can pass on it.
sql() { "$bindir/psql" -XqAt -v ON_ERROR_STOP=1 "$@" || printf 'failed: %s %s\n' "$RANDOM" "$*"; }

# One line for each table and sequence of the extension: its name and a digest of its rows.
digests() {
    sql "$1" <<'SQL'
SELECT format('SELECT %L, count(*), md5(string_agg(t::text, E''\n'' ORDER BY t::text)) FROM (SELECT %s FROM %s) AS t', c.oid::regclass,
    CASE c.relkind WHEN 'S' THEN 'last_value, is_called' ELSE '*' END, c.oid::regclass)
FROM pg_class AS c JOIN pg_depend AS d ON d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e'
JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'opigno_profiles'
WHERE c.relkind IN ('r', 'S') ORDER BY c.oid::regclass::text \gexec
SQL
}

# Everything the extension made, as text.
catalogue() {
    sql "$1" <<'SQL'
CREATE TEMP VIEW member AS SELECT d.classid, d.objid FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
    WHERE e.extname = 'opigno_profiles' AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e';
SELECT pg_describe_object(classid, objid, 0), obj_description(objid, classid::regclass::name) FROM member ORDER BY 1;
SELECT pg_get_functiondef(objid), proacl FROM member JOIN pg_proc ON oid = objid WHERE classid = 'pg_proc'::regclass ORDER BY 1;
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attcollation::regcollation, pg_get_expr(x.adbin, x.adrelid), c.relacl
    FROM member JOIN pg_class AS c ON c.oid = objid AND classid = 'pg_class'::regclass JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
    LEFT JOIN pg_attrdef AS x ON x.adrelid = c.oid AND x.adnum = a.attnum ORDER BY c.relname, a.attnum;
SELECT conrelid::regclass, conname, pg_get_constraintdef(n.oid) FROM pg_constraint AS n JOIN member ON objid = n.conrelid ORDER BY 1, 2;
SELECT indexrelid::regclass, pg_get_indexdef(indexrelid) FROM pg_index JOIN member ON objid = indrelid ORDER BY 1;
SELECT extname, extversion, extrelocatable, nspname, extcondition,
    (SELECT array_agg(c::regclass ORDER BY c::regclass::text) FROM unnest(extconfig) AS c)
    FROM pg_extension JOIN pg_namespace AS n ON n.oid = extnamespace WHERE extname = 'opigno_profiles';
SQL
}

next_insert() {
    sql "$1" -c "SELECT opigno.set_user_context('after-restore', 'After', true, 'MENTOR')" \
        -c "SELECT opigno.register_scope('AFTER_RESTORE', '{MENTOR}')" >/dev/null &&
        is_empty "$(sql "$1" -c 'SELECT id FROM opigno.user_context GROUP BY id HAVING count(*) > 1')"
}
is_empty() { [ -z "$1" ] || { printf '%s\n' "$1"; return 1; }; }

"$bindir/createdb" source
sql source <<'SQL' >/dev/null
CREATE EXTENSION opigno_profiles;
SELECT opigno.register_scope('MENTOR', '{AUTHENTICATED}', 'guides learners');
SELECT opigno.register_scope('HEAD_MENTOR', '{MENTOR}');
SELECT opigno.set_user_contexts((SELECT json_agg(json_build_object('uuid', gen_random_uuid(), 'displayName', 'User ' || n, 'isActive', n % 7 > 0,
    'scope', CASE n % 3 WHEN 0 THEN 'MENTOR' WHEN 1 THEN 'AUTHENTICATED' END))::text FROM generate_series(1, 500) AS n));
SELECT opigno.set_user_context('anon-7f3a', 'Anonymous User', true);
CREATE TABLE course_note (author opigno.user_uuid REFERENCES opigno.user_context, body text);
INSERT INTO course_note VALUES ('anon-7f3a', 'a note');
SQL
ok 'there is something to compare' [ "$(digests source | awk -F'|' '$2 > 0' | wc -l)" -ge 3 ]

"$bindir/createdb" plain
ok 'a plain dump restores' bash -o pipefail -c "'$bindir/pg_dump' source | '$bindir/psql' -Xq -v ON_ERROR_STOP=1 plain"
"$bindir/createdb" custom
# In parallel by sections, as the README says: within one run pg_restore does not know that a foreign key
# of a table of the site's needs the rows of an extension's table first.
dump=$run/dump_restore.custom
"$bindir/pg_dump" -Fc source >"$dump"
for section in pre-data data post-data; do
    ok "a custom dump restores in parallel: $section" \
        "$bindir/pg_restore" -j 2 --section="$section" --exit-on-error -d custom "$dump"
done

for restored in plain custom; do
    is "$restored: every table and sequence has the same rows" "$(digests "$restored")" "$(digests source)"
    is "$restored: the catalogue is the same" "$(catalogue "$restored")" "$(catalogue source)"
    is "$restored: a table that refers to user contexts came along" "$(sql "$restored" -c 'SELECT * FROM course_note')" 'anon-7f3a|a note'
    is "$restored: the site's scopes are in force" "$(sql "$restored" -c "SELECT opigno.validate_scope('{HEAD_MENTOR}')")" '{HEAD_MENTOR}'
    ok "$restored: the next insert works and no id is there twice" next_insert "$restored"
done

# The longest values of a LATIN1 database fit a UTF8 one.
"$bindir/createdb" -T template0 -E LATIN1 --locale=C latin1_source
"$bindir/createdb" -T template0 -E UTF8 --locale=C utf8_target
sql latin1_source -c 'CREATE EXTENSION opigno_profiles' \
    -c "SELECT FROM opigno.set_user_context(repeat(chr(233), 127), repeat(chr(233), 255), true)" >/dev/null
ok 'a LATIN1 dump restores into UTF8' bash -o pipefail -c "'$bindir/pg_dump' latin1_source | '$bindir/psql' -Xq -v ON_ERROR_STOP=1 utf8_target"
is 'its longest values came along' \
    "$(sql utf8_target -c 'SELECT char_length(uuid), octet_length(uuid), char_length(display_name) FROM opigno.user_context')" '127|254|255'

finish_tap
