#!/usr/bin/env bash
# pg_dump and restore: data, sequences, the site's scopes and the catalogue come back; the next insert works.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=test/suites/catalogue.sh
. "$(dirname "$0")/catalogue.sh"

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
