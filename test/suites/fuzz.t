#!/usr/bin/env bash
# Calls each function, procedure and aggregate of the catalogue with random arguments from the nasty values of
# fuzz.sql: by a superuser, by an operator, and by a role of level user in a request, half of it with JIT. Nothing may
# end the server, raise an internal error, take longer than 20 seconds, leak, or spoil lists and dumps for others.
# FUZZ_SEED=... repeats a run, FUZZ_CALLS=... (200) sets how many calls each function gets from superuser and user.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=test/suites/catalogue.sh
. "$(dirname "$0")/catalogue.sh"
# shellcheck source=test/suites/copied_server.sh
. "$(dirname "$0")/copied_server.sh"
cd "$top" || exit 1

seed=${FUZZ_SEED:-$RANDOM}
calls=${FUZZ_CALLS:-200}
printf '# FUZZ_SEED=%s FUZZ_CALLS=%s\n' "$seed" "$calls"

start_copy fuzz
"$bindir/createdb" fuzz
ok 'users, profiles and values' "$bindir/psql" -Xq -v ON_ERROR_STOP=1 fuzz \
    -c 'CREATE EXTENSION opigno_profiles' -f test/suites/calls.sql -f test/suites/fuzz.sql

is 'an internal error would be found' \
    "$(sql fuzz -c $'SELECT calls.make(\'fuzz_user\', \'u1\', 2, $$DO \'BEGIN RAISE SQLSTATE \'\'XX000\'\'; END\'$$)' |
        cut -c 1-5)" XX000
is 'a call that takes too long would be found' \
    "$(sql fuzz -c 'SET statement_timeout = 10' -c "
        SELECT calls.make('postgres', NULL, 0, 'SELECT pg_sleep(10)')" | cut -c 1-5)" 57014

# A statement for each call, so that the log of a crash names it. A crash ends the session, and so what is left is
# called in the next. A procedure that commits cannot be called by a function.
statements() { # SESSION SEED CALLS
    sql fuzz <<SQL
SELECT CASE WHEN r.name ~ '_in_batches$|^purge_|^migrate_profiles$' THEN
           format('SET ROLE %I; %s; SELECT %L, %L, :''SQLSTATE'' || '
                  'CASE WHEN :''SQLSTATE'' ~ ''^XX|^57014'' THEN %L ELSE '''' END; RESET ROLE;',
            role, c.statement, r.name, role, ' ' || c.statement)
       ELSE format('SELECT %L, %L, calls.make(%L, %L, %s, %L);', r.name, role, role, c.request, c.jit, c.statement) END
FROM calls.routine AS r JOIN (SELECT oid, row_number() OVER (ORDER BY name) AS n FROM calls.routine) AS o USING (oid),
    (VALUES ('postgres', 1.0), ('fuzz_user', 1.0), ('fuzz_operator', 0.25), ('fuzz_gateway', 2.0))
        AS role (role, share),
    calls.random_calls(r, role, $2, ceil($3 * share)::integer) AS c
WHERE n % 2 = $1 % 2 AND (role <> 'fuzz_gateway' OR r.name IN ('http_request', 'graphql',
    'http_request_route', 'issue_user_assertion', 'split_http_request', 'combine_http_answers')) ORDER BY r.name, role;
SQL
}
run_session() { # SESSION DATABASE SEED CALLS
    local file=$home/statements$1 from=1 made
    statements "$1" "$3" "$4" >"$file"
    while [ "$from" -le "$(wc -l <"$file")" ]; do
        tail -n "+$from" "$file" |
            PGOPTIONS='-c client_min_messages=error -c statement_timeout=20s' \
                "$bindir/psql" -XqAt -v VERBOSITY=verbose "$2" >"$home/part$1" 2>&1
        cat "$home/part$1" >>"$home/outcomes$1"
        grep -q 'connection to server was lost\|recovery mode' "$home/part$1" || break
        made=$(grep -cE '^[a-z_]+\|' "$home/part$1")
        from=$((from + made + 1))
        sleep 1
    done
}
# Each in a database of its own: otherwise what a call finds would depend on the other session.
for session in 0 1; do "$bindir/createdb" -T fuzz "fuzz_$session"; done
run_session 0 fuzz_0 "$seed" "$calls" &
run_session 1 fuzz_1 "$seed" "$calls" &
wait
# And some in one database, where they meet. They can wait for each other.
run_session 2 fuzz $((seed + 1)) $((calls / 10)) &
run_session 3 fuzz $((seed + 1)) $((calls / 10)) &
wait
meetings=$(grep -hE '^[a-z_]+\|' "$home/outcomes2" "$home/outcomes3")
outcomes=$(grep -hE '^[a-z_]+\|' "$home/outcomes0" "$home/outcomes1")

is 'no internal error' "$(grep -E '\|XX' <<<"$outcomes" | head -n 20)" ''
is 'nor where two sessions meet' "$(grep -E '\|XX' <<<"$meetings" | head -n 20)" ''
is 'no call takes longer than 20 seconds' "$(grep -E '\|57014' <<<"$outcomes" | head -n 20)" ''
is 'the server has not crashed' "$(crashes)" ''
is 'nothing leaked' \
    "$(grep -iE 'leak|not closed|not released|still referenced|detected write past' "$home/server.log" |
        sort | uniq -c)" ''
is 'no call was lost' "$(wc -l <<<"$outcomes")" "$(cat "$home/statements0" "$home/statements1" | wc -l)"
# With users, a server cannot become a hub, and it has no other servers to which users move or are asserted. There is
# neither dblink nor Citus, and rows of distributed_rows need a list of columns.
is 'each function has succeeded' "$(sql fuzz -c "SELECT name FROM calls.routine WHERE name <> ALL ('{become_hub,
    begin_user_moves,await_user_moves,connect_for_moves,move_users,connect_shard,distribute,distributed_rows,
    issue_user_assertion}')
    ORDER BY name" |
    grep -vxF -f <(grep '|00000' <<<"$outcomes" | cut -d '|' -f 1 | sort -u))" ''

# ---- and afterwards ----------------------------------------------------------------------------------

lists_answer() { # DATABASE
    PGOPTIONS='-c statement_timeout=60s' "$bindir/psql" -Xq -v ON_ERROR_STOP=1 -o /dev/null "$1" <<'SQL'
SELECT * FROM opigno.list_user_contexts(max_rows => 1000);
SELECT p.* FROM opigno.app AS a, opigno.list_profiles(a.app_id, max_rows => 1000) AS p;
SELECT a.* FROM opigno.get_accounts(array(SELECT uuid::text FROM opigno.user_context ORDER BY uuid LIMIT 500)) AS a;
SELECT * FROM opigno.list_apps();
SELECT * FROM opigno.scopes();
SELECT * FROM opigno.list_extended_profile_fields();
SELECT * FROM opigno.role_level;
SELECT * FROM opigno.audit;
SELECT * FROM opigno.bulk_error;
SELECT * FROM opigno.bulk_progress;
SELECT opigno.get_preferences(uuid) FROM opigno.user_context;
BEGIN;
SELECT opigno.test_request('u2', '{AUTHENTICATED}');
SET LOCAL ROLE fuzz_user;
SELECT * FROM opigno.list_user_contexts(max_rows => 1000);
SELECT * FROM opigno.list_profiles(0, max_rows => 1000);
SELECT * FROM opigno.get_accounts('{u1,u2,u3,anon-1}');
COMMIT;
SQL
}
for database in fuzz_0 fuzz_1; do
    ok "$database: every list function answers" lists_answer "$database"
    # Dumps leave keys of HS256 out.
    sql "$database" -c "DELETE FROM opigno.token_key WHERE algorithm = 'HS256'"
    # A dump would take it for the extension of this name.
    sql "$database" -c 'DROP LANGUAGE plproxy CASCADE' 2>/dev/null
    ok "$database: pg_dump works" "$bindir/pg_dump" -f "$home/dump.sql" "$database"
    "$bindir/createdb" "restored_$database"
    ok "$database: a database restored from it is accepted" \
        "$bindir/psql" -Xq -v ON_ERROR_STOP=1 -o /dev/null -f "$home/dump.sql" "restored_$database"
    is "$database: with the same rows" "$(digests "restored_$database")" "$(digests "$database")"
done
printf '# made %d calls of %d functions; of what came of them:' "$(wc -l <<<"$outcomes")" \
    "$(sql fuzz -c 'SELECT count(*) FROM calls.routine')"
cut -d '|' -f 3 <<<"$outcomes" | cut -c 1-5 | sort | uniq -c | sort -rn |
    awk '{ printf " %s %d", $2, $1 } END { print "" }'

finish_tap
