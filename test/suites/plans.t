#!/usr/bin/env bash
# Plans of statements inside functions that are not inlined, as auto_explain shows them to a role under row security.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"

sql() { "$bindir/psql" -XqAt -v ON_ERROR_STOP=1 plans "$@"; }

"$bindir/createdb" plans
sql <<'SQL' >/dev/null
CREATE EXTENSION opigno_profiles;
SELECT opigno.set_user_contexts((SELECT json_agg(json_build_object('uuid', 'user-' || n, 'displayName', 'User ' || n,
    'isActive', true))::text
                                 FROM generate_series(1, 5000) AS n));
SELECT opigno.register_app('App ' || n, app_id => n) FROM generate_series(0, 2) AS n;
INSERT INTO opigno.profile SELECT uuid, n, '{}', 1, now(), now() FROM opigno.user_context, generate_series(0, 2) AS n;
ANALYZE;
CREATE ROLE plans_user;
SELECT opigno.grant_access('plans_user', 'user');
SQL

# plans_of CALL: all plans in a request of user-7, as the role
plans_of() {
    sql 2>&1 <<SQL
LOAD 'auto_explain';
BEGIN;
SELECT opigno.test_request('user-7');
SET LOCAL auto_explain.log_min_duration = 0;
SET LOCAL auto_explain.log_nested_statements = on;
SET LOCAL client_min_messages = log;
SET LOCAL ROLE plans_user;
SELECT * FROM opigno.$1;
COMMIT;
SQL
}

shows() { grep -E "$1" <<<"$2" || { printf '%s\n' "$2"; return 1; }; }
shows_not() { ! shows "$1" "$2"; }

plans=$(plans_of 'my_profiles()')
ok 'my_profiles: an index scan by the user' \
    shows '(Index Scan using profile_pkey on profile p|Bitmap Index Scan on profile_pkey)' "$plans"
ok 'my_profiles: the key is in the index condition' shows 'Index Cond: \(\(user_uuid\)::text = ' "$plans"
ok 'my_profiles: the rest is a filter' shows 'Filter: .*may_read_profile' "$plans"
ok 'my_profiles: nothing is set up for the identity' shows_not 'InitPlan' "$plans"
ok 'my_profiles: no scan of all profiles' shows_not 'Seq Scan on (opigno\.)?profile' "$plans"
ok 'my_user_context: an index scan' \
    shows 'Index Scan using user_context_pkey on user_context c' "$(plans_of 'my_user_context()')"
plans=$(plans_of "patch_my_profile(0, '{\"a\":1}')")
ok 'patch_my_profile: the row is found by its key' \
    shows 'Index Cond: \(\(\(user_uuid\)::text = .*\) AND \(app_id = ' "$plans"
ok 'patch_my_profile: as the owner, without policies' shows_not 'Seq Scan on (opigno\.)?(profile|user_context)' "$plans"

# Of every table a query by key uses the index under row security, with constants and with a generic plan, for each
# level; and so does a join.
sql <<'SQL' >/dev/null
CREATE ROLE plans_operator;
CREATE ROLE plans_auditor;
SELECT opigno.grant_access('plans_operator', 'operator'), opigno.grant_access('plans_auditor', 'auditor');
INSERT INTO opigno.account SELECT uuid, '{}', 1, now(), now() FROM opigno.user_context;
INSERT INTO opigno.preference
    SELECT uuid, 'k' || n, 'v', now(), now() FROM opigno.user_context, generate_series(1, 3) AS n;
INSERT INTO opigno.audit (recorded_at, action, session_role, acting_role)
    SELECT now() + n * interval '1 second', 'a', 'r', 'r' FROM generate_series(1, 5000) AS n;
INSERT INTO opigno.bulk_error (recorded_at, recorded_by, staging, ordinal, code, path, message, expires_at)
    SELECT now(), 'plans_operator', 's', n, '22023', '', 'm', 'infinity' FROM generate_series(1, 5000) AS n;
CREATE TABLE course AS SELECT 'user-' || n AS learner FROM generate_series(1, 9) AS n;
GRANT SELECT ON course TO plans_user, plans_operator, plans_auditor;
ANALYZE;
SQL
by_key() { # ROLE TABLE CONDITION
    sql <<SQL
BEGIN;
SELECT opigno.test_request('user-7');
SET LOCAL ROLE $1;
EXPLAIN (COSTS OFF) SELECT * FROM opigno.$2 AS t WHERE ${3//:user/"'user-7'"};
SET LOCAL plan_cache_mode = force_generic_plan;
PREPARE by_key (text) AS SELECT * FROM opigno.$2 AS t WHERE ${3//:user/\$1};
EXPLAIN (COSTS OFF) EXECUTE by_key ('user-7');
EXPLAIN (COSTS OFF) SELECT t.* FROM course JOIN opigno.$2 AS t ON ${3//:user/learner};
ROLLBACK;
SQL
}
uses_index() { # COLUMN PLANS
    [ "$(grep -cE "Index Cond: \(+$1" <<<"$2")" = 3 ] && shows_not 'Seq Scan on (opigno\.)?[a-z_]+ t' "$2" && return
    printf '%s\n' "$2"
    return 1
}
for role in plans_user plans_operator plans_auditor; do
    for table in profile account preference; do
        ok "$role: a query by user of $table uses the index" \
            uses_index user_uuid "$(by_key $role $table 't.user_uuid = :user')"
    done
    ok "$role: a query by key of user_context uses the index" \
        uses_index uuid "$(by_key $role user_context 't.uuid = :user')"
done
ok 'a query by time of the audit trail uses the index' shows 'Index Cond: \(recorded_at > ' \
    "$(sql -c 'SET ROLE plans_auditor' \
        -c "EXPLAIN SELECT * FROM opigno.audit WHERE recorded_at > now() + interval '4990 s'")"
ok 'errors of a load are found by their index' shows 'Index Cond: .*recorded_by.* AND .*staging.* AND \(ordinal = 7' \
    "$(sql -c 'SET ROLE plans_operator' \
        -c "EXPLAIN SELECT * FROM opigno.bulk_error WHERE staging = 's' AND ordinal = 7")"

trace="LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on;
    SET client_min_messages = log"
# traced DATABASE: runs the input after the file `before`, all plans of it told
traced() { { cat "$run/before"; printf '%s;\n' "$trace"; cat; } | "$bindir/psql" -XqAt -v ON_ERROR_STOP=1 "$1" 2>&1; }
scans_without_key() {
    awk '/(Scan using|Index Scan on) (profile|user_context)_pkey/ {
        scan = $0; getline; if (!/Index Cond: /) print scan }' <<<"$1"
}
by_key='Index Cond: \(\(\(user_uuid\)::text = \(i\.user_uuid\)::text\) AND \(app_id = i\.app_id\)\)'

for setting in plan_cache_mode=auto plan_cache_mode=force_custom_plan enable_nestloop=off; do
    export PGOPTIONS="-c $setting"
    mode=${setting#*=}

    # Planned while the tables are empty, and known to be so: what a session that fills them goes on with.
    "$bindir/createdb" "empty_$mode"
    printf 'CREATE EXTENSION opigno_profiles;\nVACUUM ANALYZE;\n' >"$run/before"
    plans=$(traced "empty_$mode" <<'SQL'
SELECT opigno.set_user_context('u', 'U', true);
SELECT opigno.register_app('App', app_id => 0);
SELECT opigno.patch_profile('u', 0, '{"a": 1}');
SELECT opigno.patch_profile('u', 0, '{"a": 2}');
SELECT opigno.patch_account('u',
    '{"name": "V", "account_privacy": "custom", "extended_profile": [{"field_name": "a", "field_value": 1}]}');
SELECT opigno.patch_account('u', '{"extended_profile": [{"field_name": "a", "field_value": 2}]}');
SELECT opigno.patch_preferences('u', '{"a": "1", "b": "2"}');
SQL
    )
    is "of empty tables, $setting: all is run" $? 0
    ok "of empty tables, $setting: users, profiles, accounts and preferences are found by their keys" \
        shows 'Index Scan using account_pkey' "$plans"
    ok "of empty tables, $setting: none of them is read from end to end (x is PostgreSQL's own check of foreign keys)" \
        shows_not 'Seq Scan on (opigno\.)?(user_context|profile|account|preference)( [^x]|$)' "$plans"
    ok "of empty tables, $setting: no plan looks dear enough for JIT" shows_not 'JIT:' "$plans"

    # Planned while the tables have few rows, and are known to have few; then another session fills them.
    "$bindir/createdb" "few_$mode"
    cat >"$run/before" <<'SQL'
CREATE EXTENSION opigno_profiles;
SELECT opigno.set_user_context('user-' || n, 'U', true) FROM generate_series(1, 4) AS n;
SELECT opigno.register_app('App', app_id => 0);
SELECT opigno.upsert_profile('user-' || n, 0, '{}') FROM generate_series(1, 2) AS n;
VACUUM ANALYZE;
SQL
    cat >"$run/lists" <<'SQL'
SELECT opigno.patch_profiles('[{"user_id": "user-1", "app_id": 0, "patch": {"a": 1}},
    {"user_id": "user-2", "app_id": 0, "patch": {"a": 1}}]');
SELECT opigno.patch_profiles('[{"user_id": "user-2", "app_id": 0, "patch": {"a": 2}},
    {"user_id": "user-3", "app_id": 0, "patch": {"a": 2}}]');
SELECT opigno.delete_profiles('[{"user_id": "user-1", "app_id": 0}, {"user_id": "user-4", "app_id": 0}]');
SQL
    cat >"$run/fill" <<'SQL'
ALTER TABLE opigno.user_context SET (autovacuum_enabled = off);
ALTER TABLE opigno.profile SET (autovacuum_enabled = off);
SELECT opigno.create_profiles((SELECT json_agg(json_build_object('user_id', 'filled-' || n, 'app_id', 0,
    'profile_data', '{}'::json))::text
                               FROM generate_series(1, 2000) AS n), create_missing_users => true);
SQL
    plans=$(traced "few_$mode" <<SQL
\\i $run/lists
\\! $bindir/psql -Xqc 'VACUUM ANALYZE' few_$mode
\\i $run/lists
\\! $bindir/psql -Xq -v ON_ERROR_STOP=1 -f $run/fill few_$mode && echo is filled
\\i $run/lists
SQL
    )
    is "of tables with few rows, $setting: all is run" $? 0
    ok "of tables with few rows, $setting: none is read from end to end but by its index" \
        shows_not 'Seq Scan on (opigno\.)?(user_context|profile)( [^x]|$)' "$plans"
    ok "of tables with few rows, $setting: another session fills them" shows '^is filled$' "$plans"
    plans=$(sed '1,/^is filled$/d' <<<"$plans")
    ok "of tables that are filled, $setting: lists of profiles are found by their keys" shows "$by_key" "$plans"
    is "of tables that are filled, $setting: none is read from end to end by its index" \
        "$(scans_without_key "$plans")" ''
done
unset PGOPTIONS

# Planned anew inside the execution, behind a lock whose holder changed what is known of the table.
waits() {
    [ "$(sql -c "SELECT count(*) FROM pg_stat_activity
        WHERE datname = 'few_auto' AND wait_event_type = 'Lock'")" = 1 ]
}
wait_for() { for ((i = 0; i < 300; i++)); do "$@" && return; sleep 0.1; done; return 1; }
: >"$run/before"
traced few_auto >"$run/waiter" <<SQL &
SELECT opigno.delete_profiles('[{"user_id": "user-3", "app_id": 0}, {"user_id": "user-4", "app_id": 0}]');
\\! touch $run/is_planned; until [ -e $run/is_locked ]; do sleep 0.1; done
\\echo behind a lock
SELECT opigno.delete_profiles('[{"user_id": "user-2", "app_id": 0}, {"user_id": "user-4", "app_id": 0}]');
SQL
waiter=$!
ok 'behind a lock: planned before' wait_for test -e "$run/is_planned"
"$bindir/psql" -Xq -v ON_ERROR_STOP=1 few_auto <<SQL &
BEGIN;
LOCK TABLE opigno.profile, opigno.user_context;
ALTER TABLE opigno.profile SET (fillfactor = 90);
ALTER TABLE opigno.user_context SET (fillfactor = 90);
\\! touch $run/is_locked; until [ -e $run/is_awaited ]; do sleep 0.1; done
COMMIT;
SQL
locker=$!
ok 'behind a lock: a session waits' wait_for waits
touch "$run/is_awaited" "$run/is_locked" # the latter for a locker that failed
wait "$locker"
is 'behind a lock: whose holder changed the tables' $? 0
wait "$waiter"
is 'behind a lock: the session goes on' $? 0
plans=$(sed '1,/behind a lock/d' "$run/waiter")
ok 'behind a lock: planned anew, lists are found by their keys' shows "$by_key" "$plans"
is 'behind a lock: nothing is read from end to end by its index' "$(scans_without_key "$plans")" ''
ok 'behind a lock: nor otherwise' shows_not 'Seq Scan on (opigno\.)?(user_context|profile)( [^x]|$)' "$plans"

# A load leaves the session's other plans alone, and the planner's settings as they were.
: >"$run/before"
plans=$(traced few_auto <<'SQL'
ANALYZE opigno.user_context;
SET plan_cache_mode = force_generic_plan;
PREPARE found_by_key (text) AS SELECT FROM opigno.user_context WHERE uuid = $1;
SET enable_seqscan = off;
EXPLAIN EXECUTE found_by_key('user-1');
SET enable_seqscan = on;
SET enable_indexscan = off;
SET enable_bitmapscan = off;
SET enable_indexonlyscan = off;
SELECT opigno.create_profiles('[{"user_id": "user-1", "app_id": 0, "profile_data": {}}]');
\echo the plan after a load
EXPLAIN EXECUTE found_by_key('user-1');
EXPLAIN SELECT FROM opigno.user_context;
SQL
)
plans=$(sed '1,/the plan after a load/d' <<<"$plans")
ok 'after a load: a plan of the session is still there' \
    shows 'Index (Only )?Scan using user_context_pkey on user_context' "$plans"
ok 'after a load: others are planned for the tables as they are' shows 'Seq Scan on user_context .* rows=2004 ' "$plans"

# Foreign keys are checked set by set in a load, row by row elsewhere.
triggers_of() {
    traced few_auto <<SQL
SET auto_explain.log_analyze = on;
SET auto_explain.log_triggers = on;
SELECT opigno.$1;
SQL
}
ok 'a single write: the triggers of foreign keys' \
    shows 'Trigger for constraint profile_app_id_fkey' "$(triggers_of "upsert_profile('user-4', 0, '{}')")"
plans=$(triggers_of "create_profiles('[{\"user_id\": \"user-2\", \"app_id\": 0, \"profile_data\": {}},
    {\"user_id\": \"user-3\", \"app_id\": 0, \"profile_data\": {}}]')")
ok 'a load: writes two' shows '"created":2,' "$plans"
ok 'a load: goes without them' shows_not 'Trigger for constraint' "$plans"

# A function of a site that is run while one of our statements is planned, and keeps its plan.
sql >"$run/plans" 2>&1 <<SQL
CREATE TABLE site_a AS SELECT n AS x FROM generate_series(1, 1000) AS n;
CREATE TABLE site_b AS TABLE site_a;
ANALYZE site_a, site_b;
CREATE FUNCTION site_app() RETURNS integer STABLE LANGUAGE plpgsql AS
    'BEGIN RETURN (SELECT count(*) - 1000 FROM public.site_a JOIN public.site_b USING (x)); END';
GRANT SELECT ON site_a, site_b TO plans_user;
CREATE POLICY site ON opigno.preference AS RESTRICTIVE FOR SELECT USING (public.site_app() = 0);
$trace;
BEGIN;
SELECT opigno.test_request('user-7');
SET LOCAL ROLE plans_user;
SELECT * FROM opigno.my_preferences();
COMMIT;
\\echo the plan it keeps
SELECT site_app();
SHOW enable_hashjoin;
DROP POLICY site ON opigno.preference;
SQL
plans=$(sed '1,/the plan it keeps/d' "$run/plans")
ok 'a function run while we plan: is planned as the session plans' shows 'Hash Join' "$plans"
ok 'a function run while we plan: the settings are as before' shows '^on$' "$plans"

"$bindir/psql" -Xqc 'DROP OWNED BY plans_user, plans_operator, plans_auditor;
    DROP ROLE plans_user, plans_operator, plans_auditor' plans
finish_tap
