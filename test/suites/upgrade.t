#!/usr/bin/env bash
# From each released version, whose script is kept in test/upgrade, and from two that never were, to this one: data and
# the site's privileges stay, the catalogue is that of a fresh install.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=test/suites/catalogue.sh
. "$(dirname "$0")/catalogue.sh"
# shellcheck source=test/suites/versions.sh
. "$(dirname "$0")/versions.sh"
cd "$top" || exit 1
trap remove_versions EXIT

ok 'two older versions are made' add_older_versions
released=()
while read -r script; do
    version=${script##*--}
    released+=("${version%.sql}")
    add_script "$script"
done < <(find test/upgrade -name 'opigno_profiles--*.sql' 2>/dev/null | sort -V)
is 'from each of these there is an upgrade, and from no other' \
    "$(sql postgres -c "SELECT source FROM pg_extension_update_paths('opigno_profiles') WHERE target = '$this_version'
        AND path = source || '--' || target" | sort -V)" \
    "$(printf '%s\n' "${older_than_this[@]}" "${released[@]}" | sort -V)"

make_data() { # DATABASE: a row for each statement, by functions that every version has
    sql "$1" <<'SQL'
SELECT opigno.register_scope('MENTOR', '{AUTHENTICATED}', 'guides learners');
SELECT opigno.set_user_context('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 'John Doe', true, 'MENTOR');
SELECT opigno.set_user_context('anon-7f3a', 'Anonymous User', false);
SELECT 'no errors' WHERE json_array_length(opigno.set_user_contexts(
    '[{"uuid":"listed","displayName":"Listed","isActive":true}]') -> 'errors') = 0;
SELECT opigno.register_app('Before');
SELECT 'no errors' WHERE json_array_length(opigno.create_profiles(
    '[{"user_id":"listed","app_id":1,"profile_data":{"theme":"dark"}}]') -> 'errors') = 0;
SELECT opigno.patch_profile('listed', 1, '{"theme":"light"}');
INSERT INTO opigno.bulk_error (recorded_at, recorded_by, staging, ordinal, code, path, message)
    VALUES (now(), 'postgres', 'public.staged', 7, '22023', '', 'is wrong') RETURNING id;
SQL
}
data_of() { # DATABASE
    sql "$1" -c 'TABLE opigno.user_context' -c 'TABLE opigno.site_scope' \
        -c 'TABLE opigno.app' -c 'TABLE opigno.profile' \
        -c 'TABLE opigno.audit' -c 'SELECT id, recorded_by, staging, ordinal, message FROM opigno.bulk_error'
}
differ() { [ "$1" != "$2" ]; }
version_of() { sql "$1" -c "SELECT extversion FROM pg_extension WHERE extname = 'opigno_profiles'"; } # DATABASE

"$bindir/createdb" fresh
sql fresh -c 'CREATE EXTENSION opigno_profiles'
for version in "${released[@]}" "${older_than_this[@]}"; do
    database=upgrade_${version//./_}
    "$bindir/createdb" "$database"
    is "$version: installs" "$(sql "$database" -c "CREATE EXTENSION opigno_profiles VERSION '$version'")" ''
    sql "$database" -c 'CREATE ROLE upgrade_editor' -c "SELECT opigno.grant_access('upgrade_editor', 'operator')" \
        -c 'GRANT EXECUTE ON FUNCTION opigno.scopes TO pg_monitor' \
        -c 'REVOKE EXECUTE ON FUNCTION opigno.register_scope FROM upgrade_editor'
    ok "$version: is another version" differ "$(catalogue "$database")" "$(catalogue fresh)"
    installer=$(sql "$database" -c "SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'opigno'")
    # The library is the new one already: what an update that is not made yet leaves must go on working.
    ok "$version: the functions of before work with this library" [ "$(make_data "$database" | grep -c .)" = 8 ]
    before=$(data_of "$database")
    is "$version: is updated" "$(sql "$database" -c 'ALTER EXTENSION opigno_profiles UPDATE')" ''
    is "$version: the version is this one" "$(version_of "$database")" "$this_version"
    is "$version: data stays" "$(data_of "$database")" "$before"
    is "$version: a privilege granted by the site stays, and a dump has it" \
        "$("$bindir/pg_dump" -s "$database" | grep -c 'GRANT ALL ON FUNCTION opigno.scopes.* TO pg_monitor')" 1
    is "$version: a privilege taken away by the site does not come back, and others of its level stay" \
        "$(sql "$database" <<'SQL'
SELECT has_function_privilege('upgrade_editor', 'opigno.register_scope(text, text[], text)', 'EXECUTE'),
    has_table_privilege('upgrade_editor', 'opigno.profile', 'SELECT'),
    array(SELECT level FROM opigno.role_level WHERE role = 'upgrade_editor')
SQL
)" 'f|t|{operator}'
    sql "$database" -c 'REVOKE EXECUTE ON FUNCTION opigno.scopes FROM pg_monitor' \
        -c "SELECT opigno.revoke_access('upgrade_editor')" -c 'DROP ROLE upgrade_editor'
    is "$version: the catalogue is that of a fresh install" "$(catalogue "$database")" "$(catalogue fresh)"
    is "$version: the owner is the one it had, whoever the setting names by now" \
        "$(sql "$database" -c "SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'opigno'")" "$installer"
    ok "$version: what is new works on old data" bash -c "[ \"\$('$bindir/psql' -XqAt $database \
        -c \"SELECT app_id FROM opigno.register_app('Shop')\" \
        -c \"SELECT version > 1500000000000000
            FROM opigno.upsert_profile('17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE', 1, '{}')\" \
        -c \"SELECT opigno.patch_account('anon-7f3a', '{}') ->> 'username'\" \
        -c \"SELECT opigno.jsonb_merge_patch_agg('{}')\")\" = \$'2\nt\nanon-7f3a\n{}' ]"
    # Made by somebody who has left, for a database whose installer gave default privileges away, updated by another
    # superuser.
    "$bindir/createdb" "${database}_moved"
    sql "${database}_moved" -c "ALTER DATABASE ${database}_moved SET opigno_profiles.owner = ''"
    sql "${database}_moved" <<SQL >/dev/null
CREATE ROLE upgrade_leaver SUPERUSER;
CREATE ROLE upgrade_heir;
CREATE ROLE upgrade_favourite;
CREATE ROLE upgrade_reporter;
SET ROLE upgrade_leaver;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO upgrade_favourite;
CREATE EXTENSION opigno_profiles VERSION '$version';
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM upgrade_favourite;
RESET ROLE;
ALTER DATABASE ${database}_moved RESET opigno_profiles.owner;
REASSIGN OWNED BY upgrade_leaver TO upgrade_heir;
DROP ROLE upgrade_leaver;
GRANT USAGE ON SCHEMA opigno TO upgrade_favourite;
GRANT SELECT ON opigno.user_context TO upgrade_reporter;
GRANT INSERT ON opigno.user_context TO upgrade_favourite WITH GRANT OPTION;
GRANT REFERENCES (uuid) ON opigno.user_context TO upgrade_reporter;
SET ROLE upgrade_favourite;
GRANT INSERT ON opigno.user_context TO upgrade_reporter;
RESET ROLE;
SQL
    is "$version: the update names the roles with privileges that only the owner should have" \
        "$("$bindir/psql" -Xq -c 'ALTER EXTENSION opigno_profiles UPDATE' "${database}_moved" 2>&1 |
            sed -n 's/^WARNING: .*: //p')" 'upgrade_favourite, upgrade_reporter'
    is "$version: everything is the owner's, whoever updates" "$(sql "${database}_moved" <<'SQL'
SELECT DISTINCT owner::regrole FROM (SELECT proowner AS owner FROM pg_proc WHERE pronamespace = 'opigno'::regnamespace
    UNION SELECT relowner FROM pg_class WHERE relnamespace = 'opigno'::regnamespace
    UNION SELECT typowner FROM pg_type WHERE typnamespace = 'opigno'::regnamespace) AS o
SQL
)" upgrade_heir
    is "$version: and its functions work for it" \
        "$(sql "${database}_moved" -c 'SET ROLE upgrade_heir' \
            -c "SELECT uuid FROM opigno.set_user_context('u', 'U', true)" \
        -c "SELECT app_id FROM opigno.register_app('Shop')" -c 'SELECT count(*) FROM opigno.audit')" $'u\n1\n2'
    is "$version: refresh_grants leaves no privilege that only the owner should have" "$(sql "${database}_moved" \
        -c 'SELECT count(*) > 0 FROM opigno.owner_privilege' -c 'SET ROLE upgrade_heir' \
        -c 'SELECT opigno.refresh_grants()' -c 'TABLE opigno.owner_privilege')" $'t\n0'
    is "$version: nobody else writes a table or refers to it" "$(sql "${database}_moved" <<'SQL'
SELECT c.relname, a.privilege_type FROM pg_class AS c, aclexplode(c.relacl) AS a
    WHERE c.relnamespace = 'opigno'::regnamespace
    AND a.grantee <> c.relowner AND a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES',
        'TRIGGER')
UNION ALL SELECT attname, a.privilege_type FROM pg_attribute, aclexplode(attacl) AS a
    WHERE attrelid = 'opigno.user_context'::regclass AND a.privilege_type <> 'SELECT'
SQL
)" ''
    is "$version: a dump has what the site granted" \
        "$("$bindir/pg_dump" -s "${database}_moved" |
            grep -c 'GRANT SELECT ON TABLE opigno.user_context TO upgrade_reporter')" 1
    sql "${database}_moved" -c 'DROP OWNED BY upgrade_favourite, upgrade_reporter'
    is "$version: its catalogue, too, is that of a fresh install" \
        "$(catalogue "${database}_moved")" "$(catalogue fresh)"
    sql "${database}_moved" -c 'DROP EXTENSION opigno_profiles' -c 'DROP OWNED BY upgrade_heir' \
        -c 'DROP ROLE upgrade_heir, upgrade_favourite, upgrade_reporter'
    ok "$version: it can be dropped" \
        "$bindir/psql" -Xq -v ON_ERROR_STOP=1 "$database" -c 'DROP EXTENSION opigno_profiles'
done

# ---- in two steps -------------------------------------------------------------------------------

"$bindir/createdb" middle
sql middle -c "CREATE EXTENSION opigno_profiles VERSION '0.0.2'"
"$bindir/createdb" stepwise
sql stepwise -c "CREATE EXTENSION opigno_profiles VERSION '0.0.1'"
make_data stepwise >/dev/null
before=$(data_of stepwise)
is 'the first of two updates' "$(sql stepwise -c "ALTER EXTENSION opigno_profiles UPDATE TO '0.0.2'")" ''
is 'its catalogue is that of an install of the version between' "$(catalogue stepwise)" "$(catalogue middle)"
is 'the second of two updates' "$(sql stepwise -c 'ALTER EXTENSION opigno_profiles UPDATE')" ''
is 'two updates: the catalogue is that of a fresh install' "$(catalogue stepwise)" "$(catalogue fresh)"
is 'two updates: data stays' "$(data_of stepwise)" "$before"

rm "$extensions/opigno_profiles--0.0.1--$this_version.sql"
"$bindir/createdb" through
sql through -c "CREATE EXTENSION opigno_profiles VERSION '0.0.1'"
make_data through >/dev/null
before=$(data_of through)
is 'without a script for all of the way the server goes by the version between' \
    "$(sql through -c "SELECT path FROM pg_extension_update_paths('opigno_profiles')
        WHERE source = '0.0.1' AND target = '$this_version'")" \
    "0.0.1--0.0.2--$this_version"
is 'one update of two scripts' "$(sql through -c 'ALTER EXTENSION opigno_profiles UPDATE')" ''
is 'two scripts: the catalogue is that of a fresh install' "$(catalogue through)" "$(catalogue fresh)"
is 'two scripts: data stays' "$(data_of through)" "$before"

# ---- a step that is forgotten -------------------------------------------------------------------

rm "$run/versions/this/src/upgrade/opigno_profiles--0.0.2--$this_version.sql" "$run/versions/this"/*.sql
is 'a step that is forgotten is an error of the build' \
    "$(make -s -C "$run/versions/this" PG_CONFIG="$PG_CONFIG" "opigno_profiles--0.0.1--$this_version.sql" 2>&1 |
        sed -n 's/.*\*\*\* //p')" \
    'src/upgrade has no step from version 0.0.2.  Stop.'

finish_tap
