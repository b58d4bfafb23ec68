#!/usr/bin/env bash
# Plans of statements inside functions that are not inlined, as auto_explain shows them to a role under row security.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"

sql() { "$bindir/psql" -XqAt -v ON_ERROR_STOP=1 plans "$@"; }

"$bindir/createdb" plans
sql <<'SQL' >/dev/null
CREATE EXTENSION opigno_profiles;
SELECT opigno.set_user_contexts((SELECT json_agg(json_build_object('uuid', 'user-' || n, 'displayName', 'User ' || n, 'isActive', true))::text
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
ok 'my_profiles: an index scan by the user' shows '(Index Scan using profile_pkey on profile p|Bitmap Index Scan on profile_pkey)' "$plans"
ok 'my_profiles: the key is in the index condition' shows 'Index Cond: \(\(user_uuid\)::text = ' "$plans"
ok 'my_profiles: what is asked of the identity is an InitPlan' shows 'InitPlan 1' "$plans"
ok 'my_profiles: no scan of all profiles' shows_not 'Seq Scan on (opigno\.)?profile' "$plans"
ok 'my_user_context: an index scan' shows 'Index Scan using user_context_pkey on user_context c' "$(plans_of 'my_user_context()')"
plans=$(plans_of "patch_my_profile(0, '{\"a\":1}')")
ok 'patch_my_profile: the row is found by its key' shows 'Index Cond: \(\(\(user_uuid\)::text = .*\) AND \(app_id = ' "$plans"
ok 'patch_my_profile: as the owner, without policies' shows_not 'Seq Scan on (opigno\.)?(profile|user_context)' "$plans"

# Planned while the tables are empty, and known to be so: what a session that fills them goes on with.
"$bindir/createdb" empty
plans=$("$bindir/psql" -XqAt -v ON_ERROR_STOP=1 empty 2>&1 <<'SQL'
CREATE EXTENSION opigno_profiles;
VACUUM ANALYZE;
LOAD 'auto_explain';
SET auto_explain.log_min_duration = 0;
SET auto_explain.log_nested_statements = on;
SET client_min_messages = log;
SELECT opigno.set_user_context('u', 'U', true);
SELECT opigno.register_app('App', app_id => 0);
SELECT opigno.patch_profile('u', 0, '{"a": 1}');
SELECT opigno.patch_profile('u', 0, '{"a": 2}');
SELECT opigno.patch_account('u', '{"name": "V", "account_privacy": "custom", "extended_profile": [{"field_name": "a", "field_value": 1}]}');
SELECT opigno.patch_account('u', '{"extended_profile": [{"field_name": "a", "field_value": 2}]}');
SELECT opigno.patch_preferences('u', '{"a": "1", "b": "2"}');
SQL
)
ok 'of empty tables: users, profiles, accounts and preferences are found by their keys' shows 'Index Scan using account_pkey' "$plans"
ok 'of empty tables: none of them is read from end to end (x is PostgreSQL'"'"'s own check of foreign keys)' \
    shows_not 'Seq Scan on (opigno\.)?(user_context|profile|account|preference)( [^x]|$)' "$plans"
ok 'of empty tables: no plan looks dear enough for JIT' shows_not 'JIT:' "$plans"

# Planned while the tables have few rows, and are known to have few.
"$bindir/createdb" few
plans=$("$bindir/psql" -XqAt -v ON_ERROR_STOP=1 few 2>&1 <<'SQL'
CREATE EXTENSION opigno_profiles;
SELECT opigno.set_user_context('user-' || n, 'U', true) FROM generate_series(1, 4) AS n;
SELECT opigno.register_app('App', app_id => 0);
SELECT opigno.upsert_profile('user-' || n, 0, '{}') FROM generate_series(1, 2) AS n;
VACUUM ANALYZE;
LOAD 'auto_explain';
SET auto_explain.log_min_duration = 0;
SET auto_explain.log_nested_statements = on;
SET client_min_messages = log;
SELECT opigno.patch_profiles('[{"user_id": "user-1", "app_id": 0, "patch": {"a": 1}}, {"user_id": "user-2", "app_id": 0, "patch": {"a": 1}}]');
SELECT opigno.patch_profiles('[{"user_id": "user-2", "app_id": 0, "patch": {"a": 2}}, {"user_id": "user-3", "app_id": 0, "patch": {"a": 2}}]');
SELECT opigno.delete_profiles('[{"user_id": "user-1", "app_id": 0}, {"user_id": "user-4", "app_id": 0}]');
SQL
)
scans_without_key() { awk '/(Scan using|Index Scan on) (profile|user_context)_pkey/ { scan = $0; getline; if (!/Index Cond: /) print scan }' <<<"$1"; }
ok 'of tables with few rows: lists of profiles are found by their keys' shows 'Index Cond: \(\(\(user_uuid\)::text = \(i\.user_uuid\)::text\) AND \(app_id = i\.app_id\)\)' "$plans"
is 'of tables with few rows: none is read from end to end by its index' "$(scans_without_key "$plans")" ''

"$bindir/psql" -Xqc 'DROP OWNED BY plans_user; DROP ROLE plans_user' plans
finish_tap
