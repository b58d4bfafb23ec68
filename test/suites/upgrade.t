#!/usr/bin/env bash
# From each released version, whose script is kept in test/upgrade, to this one: data stays, the catalogue is that of a fresh install.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=test/suites/catalogue.sh
. "$(dirname "$0")/catalogue.sh"
cd "$top" || exit 1

# Where the server looks for extensions: staged, or its own folders.
extensions=$run/stage$("$PG_CONFIG" --sharedir)/extension
[ -z "$(sql postgres -c "SELECT 1 FROM pg_available_extensions WHERE name = 'opigno_profiles'")" ] || [ -d "$extensions" ] ||
    extensions=$("$PG_CONFIG" --sharedir)/extension

make_data_0_1_0() {
    sql "$1" <<'SQL'
SELECT opigno.register_scope('MENTOR', '{AUTHENTICATED}', 'guides learners');
SELECT opigno.set_user_context('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 'John Doe', true, 'MENTOR');
SELECT opigno.set_user_context('anon-7f3a', 'Anonymous User', false);
SELECT opigno.set_user_contexts('[{"uuid":"listed","displayName":"Listed","isActive":true}]') -> 'errors';
SQL
}

released=$(cd test/upgrade && printf '%s\n' opigno_profiles--*.sql | sed 's/opigno_profiles--\(.*\)\.sql/\1/')
ok 'there are released versions' [ -n "$released" ]
"$bindir/createdb" fresh
sql fresh -c 'CREATE EXTENSION opigno_profiles'
for version in $released; do
    database=upgrade_${version//./_}
    cp "test/upgrade/opigno_profiles--$version.sql" "$extensions/"
    chmod a+r "$extensions/opigno_profiles--$version.sql"
    "$bindir/createdb" "$database"
    is "$version: installs" "$(sql "$database" -c "CREATE EXTENSION opigno_profiles VERSION '$version'" -c "GRANT EXECUTE ON FUNCTION opigno.scopes TO pg_monitor")" ''
    # The library is the new one already: what an update that is not made yet leaves must go on working.
    ok "$version: the functions of before work with this library" [ "$(make_data_0_1_0 "$database" | grep -c .)" = 4 ]
    before=$(sql "$database" -c 'TABLE opigno.user_context' -c 'TABLE opigno.site_scope')
    is "$version: is updated" "$(sql "$database" -c 'ALTER EXTENSION opigno_profiles UPDATE')" ''
    is "$version: the version is this one" \
        "$(sql "$database" -c "SELECT extversion FROM pg_extension WHERE extname = 'opigno_profiles'")" \
        "$(sql fresh -c "SELECT extversion FROM pg_extension WHERE extname = 'opigno_profiles'")"
    is "$version: data stays" "$(sql "$database" -c 'TABLE opigno.user_context' -c 'TABLE opigno.site_scope')" "$before"
    is "$version: a privilege granted by the site stays, and a dump has it" \
        "$("$bindir/pg_dump" -s "$database" | grep -c 'GRANT ALL ON FUNCTION opigno.scopes.* TO pg_monitor')" 1
    sql "$database" -c 'REVOKE EXECUTE ON FUNCTION opigno.scopes FROM pg_monitor'
    is "$version: the catalogue is that of a fresh install" "$(catalogue "$database")" "$(catalogue fresh)"
    is "$version: the owner is who installed it, whoever the setting names by now" \
        "$(sql "$database" -c "SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'opigno'")" postgres
    ok "$version: what is new works on old data" bash -c "[ \"\$('$bindir/psql' -XqAt $database \
        -c \"SELECT app_id FROM opigno.register_app('Shop')\" \
        -c \"SELECT version FROM opigno.upsert_profile('17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE', 1, '{}')\")\" = \$'1\n1' ]"
    # Made by somebody who has left, for a database whose installer gave default privileges away, updated by another superuser.
    "$bindir/createdb" "${database}_moved"
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
        "$("$bindir/psql" -Xq -c 'ALTER EXTENSION opigno_profiles UPDATE' "${database}_moved" 2>&1 | sed -n 's/^WARNING: .*: //p')" 'upgrade_favourite, upgrade_reporter'
    is "$version: everything is the owner's, whoever updates" "$(sql "${database}_moved" <<'SQL'
SELECT DISTINCT owner::regrole FROM (SELECT proowner AS owner FROM pg_proc WHERE pronamespace = 'opigno'::regnamespace UNION SELECT relowner FROM pg_class
    WHERE relnamespace = 'opigno'::regnamespace UNION SELECT typowner FROM pg_type WHERE typnamespace = 'opigno'::regnamespace) AS o
SQL
)" upgrade_heir
    is "$version: and its functions work for it" "$(sql "${database}_moved" -c 'SET ROLE upgrade_heir' -c "SELECT uuid FROM opigno.set_user_context('u', 'U', true)" \
        -c "SELECT app_id FROM opigno.register_app('Shop')" -c 'SELECT count(*) FROM opigno.audit')" $'u\n1\n2'
    is "$version: refresh_grants leaves no privilege that only the owner should have" "$(sql "${database}_moved" \
        -c 'SELECT count(*) > 0 FROM opigno.owner_privilege' -c 'SET ROLE upgrade_heir' -c 'SELECT opigno.refresh_grants()' -c 'TABLE opigno.owner_privilege')" $'t\n0'
    is "$version: nobody else writes a table or refers to it" "$(sql "${database}_moved" <<'SQL'
SELECT c.relname, a.privilege_type FROM pg_class AS c, aclexplode(c.relacl) AS a WHERE c.relnamespace = 'opigno'::regnamespace
    AND a.grantee <> c.relowner AND a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER')
UNION ALL SELECT attname, a.privilege_type FROM pg_attribute, aclexplode(attacl) AS a
    WHERE attrelid = 'opigno.user_context'::regclass AND a.privilege_type <> 'SELECT'
SQL
)" ''
    is "$version: a dump has what the site granted" "$("$bindir/pg_dump" -s "${database}_moved" | grep -c 'GRANT SELECT ON TABLE opigno.user_context TO upgrade_reporter')" 1
    sql "${database}_moved" -c 'DROP OWNED BY upgrade_favourite, upgrade_reporter'
    is "$version: its catalogue, too, is that of a fresh install" "$(catalogue "${database}_moved")" "$(catalogue fresh)"
    sql "${database}_moved" -c 'DROP EXTENSION opigno_profiles' -c 'DROP OWNED BY upgrade_heir' -c 'DROP ROLE upgrade_heir, upgrade_favourite, upgrade_reporter'
    ok "$version: it can be dropped" "$bindir/psql" -Xq -v ON_ERROR_STOP=1 "$database" -c 'DROP EXTENSION opigno_profiles'
    rm "$extensions/opigno_profiles--$version.sql"
done

finish_tap
