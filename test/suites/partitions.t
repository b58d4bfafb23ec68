#!/usr/bin/env bash
# examples/partition_tables.sql: the large tables as hash partitions by user. Rows, privileges, policies, what the site
# has built on the tables, dumps and upgrades stay; pg_regress answers the same but for names and plans.
#   PARTITIONED='{profile}' scripts/test partitions      other tables
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=test/suites/catalogue.sh
. "$(dirname "$0")/catalogue.sh"
# shellcheck source=test/suites/versions.sh
. "$(dirname "$0")/versions.sh"
cd "$top" || exit 1

tables=${PARTITIONED:-'{profile,account,preference,training_progress,training_standing}'}
partition() { # DATABASE PARTITIONS [TABLES]
    "$bindir/psql" -Xq -v ON_ERROR_STOP=1 -v tables="${3:-$tables}" -v partitions="$2" \
        -f examples/partition_tables.sql "$1"
}
new_database() { "$bindir/createdb" "$1" && sql "$1" -c 'CREATE EXTENSION opigno_profiles'; }

# ---- converted with data ------------------------------------------------------------------------------

new_database partitions
ok 'users with data of every kind, and a site that builds on the tables' \
    "$bindir/psql" -Xq -v ON_ERROR_STOP=1 -o /dev/null partitions <<'SQL'
SELECT opigno.register_app('A', app_id => 0), opigno.register_app('B', app_id => 1);
SELECT opigno.set_user_context(gen_random_uuid()::text, 'User ' || n, true, 'AUTHENTICATED')
FROM generate_series(1, 300) AS n;
SELECT opigno.set_user_context('u' || n, 'User ' || n, true, 'AUTHENTICATED') FROM generate_series(1, 5) AS n;
SELECT opigno.upsert_profile(uuid, (id % 2)::integer, jsonb_build_object('id', id)) FROM opigno.user_context;
SELECT opigno.upsert_profile('u1', a, '{"a":1}') FROM generate_series(0, 1) AS a;
SELECT opigno.configure_extended_profile_field('occupation');
SELECT opigno.patch_account(uuid, '{"extended_profile":[{"field_name":"occupation","field_value":"x"}]}'),
    opigno.patch_preferences(uuid, '{"theme":"dark"}') FROM opigno.user_context WHERE id % 3 = 0;
SELECT opigno.set_training('course', 'Course');
SELECT opigno.report_progress(uuid, 'course', 'passed', 100, 5) FROM opigno.user_context WHERE id % 5 = 0;
CREATE ROLE part_user LOGIN;
CREATE ROLE part_operator LOGIN;
CREATE ROLE part_reader LOGIN IN ROLE pg_read_all_data;
CREATE ROLE part_other;
SELECT opigno.grant_access('part_user', 'user'), opigno.grant_access('part_operator', 'operator');
GRANT SELECT (user_uuid) ON opigno.profile TO part_other WITH GRANT OPTION;
CREATE TABLE note (author text REFERENCES opigno.user_context ON DELETE CASCADE, body text);
INSERT INTO note VALUES ('u1', 'a note');
CREATE VIEW theme WITH (security_invoker = true) AS SELECT user_uuid, profile_data -> 'theme' AS theme
FROM opigno.profile;
CREATE FUNCTION profiles_of(uuid text) RETURNS bigint LANGUAGE sql STABLE BEGIN ATOMIC
    SELECT count(*) FROM opigno.profile AS p WHERE p.user_uuid = $1; END;
CREATE TABLE written (user_uuid text);
GRANT ALL ON written TO PUBLIC;
CREATE FUNCTION write_down() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO public.written VALUES (NEW.user_uuid); RETURN NULL; END $$;
CREATE TRIGGER writes_down AFTER UPDATE ON opigno.profile FOR EACH ROW EXECUTE FUNCTION write_down();
CREATE INDEX profile_of_app ON opigno.profile (app_id, user_uuid);
CREATE MATERIALIZED VIEW number AS SELECT count(*) FROM opigno.profile;
SQL
# Every table by its own name.
rows() { # DATABASE
    sql "$1" <<'SQL'
SELECT format('SELECT %L, count(*), md5(string_agg(t::text, E''\n'' ORDER BY t::text)) FROM opigno.%I AS t', c.relname,
    c.relname)
FROM pg_class AS c WHERE c.relnamespace = 'opigno'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND c.relname NOT IN ('bulk_error', 'access_token')
ORDER BY c.relname \gexec
SQL
}
# The catalogue without partitions; what of a partitioned table is of partitions by nature; the same for a row type.
whole_catalogue() {
    catalogue "$1" | sed -E '/_p[0-9]+([ "._|]|$)/d; s/^([a-z_]+)\|p\|/\1|r|/
        s/^((profile|account|preference|training_[a-z]+)\|r\|[^|]*\|[^|]*\|)[^|]*\|/\1|/
        s/(CREATE[A-Z ]* INDEX \S+ ON )ONLY /\1/; s/^opigno_profiles\|.*//'
}
before=$(rows partitions)
whole_catalogue partitions >"$run/catalogue"
is 'a table that is no user'\''s is refused' \
    "$(partition partitions 2 '{app}' 2>&1 | sed -n 's/.*ERROR:  //p')" \
    'opigno.app has no primary key that begins with a user'
is 'a table that others refer to is refused' \
    "$(partition partitions 2 '{user_context}' 2>&1 | sed -n 's/.*ERROR:  //p')" \
    'other tables refer to opigno.user_context'
is 'what cannot be taken along is refused' \
    "$(partition partitions 2 '{profile}' 2>&1 | grep -o 'ERROR: .*\|materialized view .*' | head -n 2)" \
    "ERROR:  cannot drop table opigno.profile_before because other objects depend on it
materialized view public.number depends on table opigno.profile_before"
is 'and no row has changed' "$(rows partitions)" "$before"
ok 'nor the catalogue' diff "$run/catalogue" <(whole_catalogue partitions)
sql partitions -c 'DROP MATERIALIZED VIEW number' \
    -c 'CREATE PUBLICATION of_profiles FOR TABLE opigno.profile'
is 'a publication whose subscribers would get partitions is refused' \
    "$(partition partitions 2 '{profile}' 2>&1 | sed -n 's/.*ERROR:  //p')" \
    'a publication of opigno.profile would publish its partitions'
sql partitions -c 'ALTER PUBLICATION of_profiles SET (publish_via_partition_root = true)' \
    -c 'ALTER PUBLICATION of_profiles SET TABLE opigno.profile (user_uuid, app_id)'
is 'so is one with some columns' "$(partition partitions 2 '{profile}' 2>&1 | sed -n 's/.*ERROR:  //p')" \
    'a publication has some columns or rows of opigno.profile'
sql partitions -c 'ALTER PUBLICATION of_profiles SET TABLE opigno.profile' \
    -c 'ALTER TABLE opigno.profile DISABLE TRIGGER writes_down'
is 'so is a trigger that is disabled' "$(partition partitions 2 '{profile}' 2>&1 | sed -n 's/.*ERROR:  //p')" \
    'a trigger of opigno.profile is disabled, or enabled for replicas'
sql partitions -c 'ALTER TABLE opigno.profile ENABLE TRIGGER writes_down'
whole_catalogue partitions >"$run/catalogue"
ok 'the tables are partitioned' partition partitions 4
is 'every row is there' "$(rows partitions)" "$before"
ok 'the catalogue is the same but for partitions' diff "$run/catalogue" <(whole_catalogue partitions)
is 'a second time is refused' "$(partition partitions 4 2>&1 | grep -c 'ERROR:  opigno.* is not an ordinary table')" 1
is 'each table has rows in each partition, if it has many' "$(sql partitions -c "SELECT count(*) FROM (
    SELECT tableoid FROM opigno.account GROUP BY 1 UNION SELECT tableoid FROM opigno.profile GROUP BY 1) AS t")" 8
is 'a user is read in one partition' \
    "$(sql partitions -c "EXPLAIN (COSTS OFF) SELECT * FROM opigno.get_profile('u1', 0)" | grep -c 'Scan')" 1
is 'the view, the function and the trigger of the site work' "$(sql partitions \
    -c "SELECT count(*) FROM opigno.patch_profile('u1', 1, '{\"theme\":\"dark\"}')" \
    -c 'SELECT * FROM theme WHERE theme IS NOT NULL' -c "SELECT profiles_of('u1')" -c 'SELECT * FROM written')" \
    $'1\nu1|"dark"\n2\nu1'
is 'its foreign key holds' "$(sql partitions -c "INSERT INTO note VALUES ('none', '')" 2>&1 |
    grep -o 'violates foreign key constraint "note_author_fkey"')" 'violates foreign key constraint "note_author_fkey"'
is 'its privileges of columns are there' "$(sql partitions -c "SELECT
    has_column_privilege('part_other', 'opigno.profile', 'user_uuid', 'SELECT WITH GRANT OPTION'),
    has_column_privilege('part_other', 'opigno.profile', 'app_id', 'SELECT')")" 't|f'
is 'the publication has the table' \
    "$(sql partitions -c 'SELECT prrelid::regclass FROM pg_publication_rel')" 'opigno.profile'
is 'who may read everything is still under row security, in partitions too' \
    "$("$bindir/psql" -XqAt -U part_reader -v VERBOSITY=sqlstate partitions \
        -c 'SELECT count(*) FROM opigno.profile_p1' -c 'SELECT count(*) FROM opigno.profile' 2>&1)" \
    $'ERROR:  42501\nERROR:  42501'
is 'levels read no partition' "$("$bindir/psql" -XqAt -U part_operator -v VERBOSITY=sqlstate partitions \
    -c 'SELECT count(*) FROM opigno.profile_p1' -c 'SELECT count(*) > 300 FROM opigno.profile' 2>&1)" \
    $'ERROR:  42501\nt'
is 'a trigger of a partition fires in a load' "$(sql partitions -c "
    CREATE TRIGGER t AFTER INSERT ON opigno.profile_p0 FOR EACH ROW EXECUTE FUNCTION write_down()" -c "
    SELECT opigno.create_profiles((SELECT json_agg(json_build_object('user_id', uuid, 'app_id', 1, 'profile_data', 1))
        FROM opigno.user_context)::text, 'skip') ->> 'failed'" -c 'DROP TRIGGER t ON opigno.profile_p0' \
    -c "SELECT count(*) > 10, count(*) = (SELECT count(*) FROM opigno.profile_p0 WHERE profile_data = '1') FROM written
        WHERE user_uuid <> 'u1'")" $'0\nt|t'
is 'a user is erased everywhere' "$(sql partitions -c "SELECT opigno.begin_retirements('{u1}')" \
    -c "SELECT opigno.move_retirement('u1', 'RETIRING_LMS', '')" \
    -c "SELECT outcome FROM opigno.retire_user_data('u1')" \
    -c "SELECT (SELECT count(*) FROM opigno.user_context WHERE uuid = 'u1'), (SELECT count(*) FROM opigno.profile
        WHERE user_uuid = 'u1'), (SELECT count(*) FROM note)" | tail -n 2)" $'deleted\n0|0|0'

# ---- dumps and upgrades -------------------------------------------------------------------------------

# Indexes of the site are in no dump, as those of other tables of the extension are not.
sql partitions -c 'DROP INDEX opigno.profile_of_app'
is 'pg_dump has no warning' "$("$bindir/pg_dump" -f "$run/partitions.sql" partitions 2>&1)" ''
"$bindir/pg_dump" --load-via-partition-root -f "$run/partitions_root.sql" partitions
restore() { "$bindir/psql" -Xq -v ON_ERROR_STOP=1 -o /dev/null -f "$2" "$1"; } # DATABASE FILE
expected=$(rows partitions)
new_database partitions_same
partition partitions_same 4
ok 'a dump restores into a database with the same partitions' restore partitions_same "$run/partitions.sql"
is 'with every row, partition and sequence' "$(digests partitions_same)" "$(digests partitions)"
ok 'and the catalogue' diff <(catalogue partitions) <(catalogue partitions_same)
new_database partitions_other
partition partitions_other 3
ok 'with --load-via-partition-root into one with others' restore partitions_other "$run/partitions_root.sql"
is 'with every row' "$(rows partitions_other)" "$expected"
"$bindir/createdb" partitions_none
ok 'and into one without' restore partitions_none "$run/partitions_root.sql"
is 'with every row there' "$(rows partitions_none)" "$expected"
"$bindir/pg_dump" -f "$run/partitions_none.sql" partitions_none
new_database partitions_from
partition partitions_from 4
ok 'a dump without partitions restores into a database with them' restore partitions_from "$run/partitions_none.sql"
is 'with every row again' "$(rows partitions_from)" "$expected"

trap remove_versions EXIT
add_next_version() {
    local tree=$run/versions/next
    make_tree "$tree" next || return 1
    echo 'ALTER TABLE opigno.profile ADD COLUMN IF NOT EXISTS next integer;' \
        >"$tree/src/upgrade/opigno_profiles--$this_version--next.sql"
    add_scripts "$tree" "opigno_profiles--$this_version--next.sql"
}
ok 'a later version is made, with another column' add_next_version
ok 'the extension is upgraded' sql partitions_same -c "ALTER EXTENSION opigno_profiles UPDATE TO 'next'"
is 'the partitions have the column' "$(sql partitions_same -c "SELECT count(*) FROM pg_attribute AS a
    JOIN pg_class AS c ON c.oid = a.attrelid WHERE c.relname ~ '^profile(_p.)?$' AND a.attname = 'next'")" 5
is 'and it works' "$(sql partitions_same -c "SELECT outcome FROM opigno.upsert_profile('u2', 0, '{\"n\":1}')")" replaced

for database in partitions partitions_same; do
    ok "$database: the extension can be dropped" sql "$database" -c 'DROP VIEW theme; DROP FUNCTION profiles_of' \
        -c 'DROP TABLE note' -c 'DROP EXTENSION opigno_profiles'
    is "$database: with all partitions" "$(sql "$database" -c "SELECT count(*) FROM pg_class WHERE relname ~ '_p[0-9]+$'
        AND relkind = 'r' AND relname ~ 'profile|context'")" 0
done
for database in partitions partitions_same partitions_other partitions_none partitions_from; do
    "$bindir/dropdb" "$database"
done
sql postgres -c 'DROP ROLE part_user, part_operator, part_reader, part_other'

# ---- pg_regress ---------------------------------------------------------------------------------------

pg_regress=$(dirname "$("$PG_CONFIG" --pgxs)")/../test/regress/pg_regress
output=$top/build/regress/partitions
rm -rf "$output"
mkdir -p "$output"
# Not attacks, which takes half of the time. What levels see of partitions is above.
read -ra tests < <(make -s -f - PG_CONFIG="$PG_CONFIG" print <<<$'include Makefile\nprint: ; @echo $(REGRESS)' |
    sed 's/ attacks / /')
"$bindir/createdb" -T template0 -E UTF8 --locale=C.UTF-8 regress_partitions
sql regress_partitions -c 'CREATE EXTENSION opigno_profiles'
ok 'a fresh database is partitioned' partition regress_partitions 4
"$pg_regress" --bindir="$bindir" --inputdir="$top" --outputdir="$output" --use-existing \
    --dbname=regress_partitions "${tests[@]}" >"$output/summary" 2>&1

# An output without plans, numbers of partitions and widths of columns.
essence() {
    sed -E 's/(profile|account|preference|training_progress|training_standing)_p[0-9]+/\1/g
        s/(_fkey)[0-9]+/\1/g; s/[ -]+/ /g; s/ $//; s/2[0-9]{3} [0-9]{2} [0-9]{2}T[0-9:.+]+/now/g' "$1" |
        grep -vE '^ ?\([0-9]+ rows?\)$|^ ?>| (Scan|Cond:|Filter:|Sort Key:|Append$)|^ ?(Index|Seq) Scan' |
        grep -vE '^ ?Append|Subplans Removed' |
        grep -v 'extension "opigno_profiles" already exists'
}
# Lines that are in one output and not in the other, by the test. test/suites/partitions.out has those that may be.
differences() {
    local name
    for name in "${tests[@]}"; do
        diff <(essence "expected/$name.out") <(essence "$output/results/$name.out") | grep '^[<>]' | LC_ALL=C sort -u |
            sed "s/^/$name /"
    done
}
differences >"$output/differences"
is 'the outputs are the same but for what is known' "$(grep -vxFf test/suites/partitions.out "$output/differences")" ''
is 'every test has an output' "$(find "$output/results" -name '*.out' | wc -l)" "${#tests[@]}"
"$bindir/dropdb" --if-exists regress_partitions

finish_tap
