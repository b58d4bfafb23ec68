#!/usr/bin/env bash
# Many sessions at the same row for a while: nothing is lost, nobody fails, nobody deadlocks.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"

sql() { "$bindir/psql" -XqAt -v ON_ERROR_STOP=1 contention "$@"; }
script=$(mktemp -d)
trap 'rm -rf "$script"' EXIT

# at_once CLIENTS TRANSACTIONS SCRIPT...: how many transactions were done, and how many clients failed
at_once() {
    local clients=$1 transactions=$2 files=()
    shift 2
    for file; do files+=(-f "$script/$file"); done
    "$bindir/pgbench" -n -c "$clients" -j 2 -t "$transactions" "${files[@]}" contention 2>&1 |
        awk '/^number of transactions actually processed/ { done = $NF } /aborted|ERROR/ { failed++ }
            END { print done, failed + 0 }'
}

"$bindir/createdb" contention
sql <<'SQL' >/dev/null
CREATE EXTENSION opigno_profiles;
SELECT opigno.set_user_context('u', 'U', true);
SELECT opigno.register_app('App', app_id => 0);
SELECT opigno.upsert_profile('u', 0, '{}');
SQL
echo "SELECT opigno.patch_profile('u', 0, jsonb_build_object(:client_id::text,
    (SELECT coalesce((profile_data ->> :client_id::text)::int, 0) + 1
        FROM opigno.get_profile('u', 0))));" >"$script/patch"
echo "SELECT opigno.upsert_profile('u', 0, jsonb_build_object('n', random()));" >"$script/upsert"
echo "SELECT opigno.delete_profile('u', 0);" >"$script/delete"
echo "SELECT opigno.patch_profile('u', 0, jsonb_build_object('p', random()));" >"$script/any"

is '16 clients that patch a member each: all is done, nobody fails' "$(at_once 16 50 patch)" '800/800 0'
is 'every patch is in the document' \
    "$(sql -c "SELECT count(*), min(value::int), max(value::int)
        FROM opigno.get_profile('u', 0), jsonb_each_text(profile_data)")" '16|50|50'
is 'the version counts every patch' "$(sql -c "SELECT p.version - a.version + 1 FROM opigno.get_profile('u', 0) AS p,
        opigno.audit AS a WHERE a.outcome = 'created' AND a.action = 'upsert_profile'")" 801
is 'and so does the audit trail' "$(sql -c "SELECT count(*) FROM opigno.audit WHERE action = 'patch_profile'")" 800
is '16 clients that delete, create and patch the same profile: nobody fails' \
    "$(at_once 16 300 delete upsert any)" '4800/4800 0'
is 'the audit trail leads to the version that is there' \
    "$(sql -c "SELECT outcome = 'deleted' OR version = (SELECT version FROM opigno.get_profile('u', 0))
        FROM opigno.audit ORDER BY recorded_at DESC LIMIT 1")" t

# ---- 64 clients that report progress of the same users, in shuffled order with repeats -------------------------

sql <<'SQL' >/dev/null
SELECT count(opigno.set_user_context('p' || n, 'P', true, 'AUTHENTICATED')) FROM generate_series(0, 4) AS n;
INSERT INTO opigno.training (training_id, title, is_active, version, created_at, updated_at)
    SELECT 't' || n, 'Training', true, 1, now(), now() FROM generate_series(0, 1) AS n;
/* Each of the 300 reports has its number in the score; the last third has passed. */
CREATE FUNCTION public.report(n integer) RETURNS void LANGUAGE sql AS $$
    SELECT opigno.report_progress('p' || n % 5, 't' || n % 2, CASE WHEN n < 200 THEN 'in_progress' ELSE 'passed' END,
        (n * 7) % 101, n, '2020-01-01Z'::timestamptz + n * interval '1 minute', jsonb_build_object('n', n))
$$;
/* Every report at least once: in a run, the clients draw from a sequence over four shuffled copies. */
CREATE TABLE public.shuffled AS
    SELECT row_number() OVER (ORDER BY random()) AS place, n FROM generate_series(0, 299) AS n, generate_series(1, 4);
ALTER TABLE public.shuffled ADD PRIMARY KEY (place);
CREATE SEQUENCE public.place;
SQL
cat >"$script/report" <<'SQL'
SELECT nextval('public.place') AS place \gset
SELECT public.report(n) FROM public.shuffled WHERE place = :place;
SQL
is '64 clients that report progress of the same users, all in shuffled order with repeats: nobody fails' \
    "$(at_once 64 20 report)" '1280/1280 0'
is 'the newest report of each row has won, progress is the greatest' \
    "$(sql -c "SELECT count(*), bool_and(p.status = w.status AND p.score = w.score AND p.progress = w.progress
            AND p.details = jsonb_build_object('n', w.score) AND p.reported_at = w.reported_at)
        FROM opigno.training_progress AS p JOIN (
            SELECT 'p' || n % 5 AS u, 't' || n % 2 AS t, 'passed' AS status, max(n) AS score,
                max((n * 7) % 101) AS progress,
                '2020-01-01Z'::timestamptz + max(n) * interval '1 minute' AS reported_at
            FROM generate_series(0, 299) AS n GROUP BY 1, 2) AS w ON w.u = p.user_uuid AND w.t = p.training_id")" '10|t'
is 'the standings are those of the rows' \
    "$(sql -c "SELECT count(*), bool_and(s.passed_trainings_number = p.passed AND s.score_sum = p.total)
        FROM opigno.training_standing AS s JOIN (SELECT user_uuid, count(*) AS passed, sum(score) AS total
            FROM opigno.training_progress GROUP BY 1) AS p USING (user_uuid)")" '5|t'
is 'the audit trail has a row for each change' \
    "$(sql -c "SELECT count(*) = (SELECT sum(version - first + 1) FROM opigno.training_progress JOIN (
            SELECT user_uuid, subject AS training_id, min(version) AS first FROM opigno.audit
            WHERE action = 'report_progress' GROUP BY 1, 2) AS f USING (user_uuid, training_id))
        FROM opigno.audit WHERE action = 'report_progress'")" t

# ---- 64 clients, a field each of one account; meanwhile patches of another user, who waits for nobody ----------

sql -c "SELECT opigno.set_user_context(u, u, true) FROM unnest('{many,one}'::text[]) AS u" \
    -c "SELECT opigno.configure_extended_profile_field('field ' || n, n) FROM generate_series(0, 63) AS n" >/dev/null
cat >"$script/field" <<'SQL'
SELECT coalesce(extended_profile ->> format('field %s', :client_id), '0')::integer + 1 AS n FROM (VALUES (1)) AS one
    LEFT JOIN opigno.account ON user_uuid = 'many' \gset
SELECT (SELECT e ->> 'field_value' FROM json_array_elements(answer -> 'extended_profile') AS e
    WHERE e ->> 'field_name' = format('field %s', :client_id)) = :n::text AS shown
FROM opigno.patch_account('many', json_build_object('extended_profile',
    json_build_array(json_build_object('field_name', format('field %s', :client_id), 'field_value', :n))))
    AS answer \gset
\if not :shown
SELECT 'the answer lacks its own value'::integer;
\endif
SQL
cat >"$script/other" <<'SQL'
SET lock_timeout = '1ms';
SELECT opigno.patch_account('one', json_build_object('extended_profile',
    json_build_array(json_build_object('field_name', 'field 0', 'field_value', random()))));
SQL
at_once 64 100 field >"$script/many" &
at_once 1 200 other >"$script/one"
wait
is '64 clients that patch a field each 100 times: every answer shows its own value, nobody fails' \
    "$(cat "$script/many")" '6400/6400 0'
is 'every field is at 100, the version counts every patch' \
    "$(sql -c "SELECT count(*), min(value::int), max(value::int), min(version)
        FROM opigno.account, jsonb_each_text(extended_profile) WHERE user_uuid = 'many'")" '64|100|100|6400'
is 'and so does the audit trail' \
    "$(sql -c "SELECT count(*), max(a.version) - min(c.account_version) FROM opigno.audit AS a
        JOIN opigno.user_context AS c ON c.uuid = a.user_uuid WHERE action = 'patch_account'
        AND user_uuid = 'many'")" '6400|6400'
is 'another user was patched meanwhile without waiting a millisecond' "$(cat "$script/one")" '200/200 0'

# ---- preferences in lists of any order: nobody deadlocks ------------------------------------------------------

cat >"$script/preferences" <<'SQL'
SELECT opigno.patch_preferences('many', (
    SELECT json_object_agg('key' || k, CASE WHEN random() < 0.7 THEN to_json(random()::text) END)
    FROM (SELECT k FROM generate_series(1, 12) AS k ORDER BY random() LIMIT 6) AS chosen));
SQL
is '16 clients that set and delete six of twelve preferences: nobody fails' \
    "$(at_once 16 200 preferences)" '3200/3200 0'

# ---- loads of overlapping users in opposite orders, beside patches of single profiles --------------------------------

sql -c "SELECT opigno.set_user_context('l' || n, 'L', true) FROM generate_series(1, 400) AS n" >/dev/null
cat >"$script/load" <<'SQL'
\set first random(1, 200)
SELECT opigno.create_profiles((SELECT json_agg(json_build_object('user_id', 'l' || n, 'app_id', 0, 'profile_data',
    json_build_object('c' || :client_id, random())) ORDER BY CASE WHEN :client_id % 2 = 0 THEN n ELSE -n END)::text
    FROM generate_series(:first, :first + 199) AS n), 'merge') -> 'response' -> 'failed' AS failed \gset
\if :failed
SELECT 'an entry failed'::integer;
\endif
SQL
cat >"$script/single" <<'SQL'
\set n random(1, 400)
SELECT opigno.patch_profile('l' || :n, 0, jsonb_build_object('s', random()));
SQL
at_once 4 60 single single single single >"$script/singles" &
is '8 clients load 200 overlapping profiles each in opposite orders, beside patches: nobody fails' \
    "$(at_once 8 15 load)" '120/120 0'
wait
is 'and nobody who patches single ones' "$(cat "$script/singles")" '240/240 0'

cat >"$script/contexts" <<'SQL'
\set first random(1, 500)
SELECT opigno.set_user_contexts((SELECT json_agg(json_build_object('uuid', 'c' || n, 'displayName', 'C ' || :client_id,
    'isActive', true) ORDER BY CASE WHEN :client_id % 2 = 0 THEN n ELSE -n END)::text
    FROM generate_series(:first, :first + 1499) AS n)) -> 'failed' AS failed \gset
\if :failed
SELECT 'an entry failed'::integer;
\endif
SQL
cat >"$script/rename" <<'SQL'
\set n random(1, 2000)
SELECT opigno.set_user_context('c' || :n, random()::text, true);
SQL
at_once 4 60 rename >"$script/renames" &
is '8 clients set 1500 overlapping user contexts each in opposite orders, beside single ones: nobody fails' \
    "$(at_once 8 10 contexts)" '80/80 0'
wait
is 'and nobody who sets single ones' "$(cat "$script/renames")" '240/240 0'

# ---- loads that wait for another session: their progress is seen, and a cancel ends them ----

wait_for() { # SQL: until it gives t
    for _ in {1..300}; do
        [ "$(sql -c "$1")" = t ] && return 0
        sleep 0.1
    done
    echo "gave up waiting for $1"
    return 1
}

is_cancelled_while_it_waits() { # TABLE STATEMENT, over m1000 to m5000
    mkfifo "$script/commands"
    sql <"$script/commands" >/dev/null &
    local brake=$! load
    exec 3>"$script/commands"
    echo "BEGIN; SELECT FROM opigno.user_context WHERE uuid = 'm4500' FOR UPDATE; SET application_name = 'brake';" >&3
    ok "$1: a session holds a user of the load" \
        wait_for "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'brake')"
    printf '%s\n' '\set VERBOSITY sqlstate' "SET application_name = 'load';" "$2;" >"$script/load"
    sql <"$script/load" >"$script/answer" 2>&1 &
    load=$!
    ok "$1: the load waits for it" \
        wait_for "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'load'
            AND wait_event_type = 'Lock')"
    is "$1: its progress: the whole body is read, some rows are written" \
        "$(sql -c "SELECT relid::regclass, command, type, bytes_processed = bytes_total, bytes_total > 3000000,
            tuples_processed BETWEEN 1 AND 3500, tuples_excluded FROM pg_stat_progress_copy")" \
        "$1|COPY FROM|CALLBACK|t|t|t|0"
    is "$1: it is cancelled" \
        "$(sql -c "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'load'")" t
    wait "$load"
    is "$1: the load ends as cancelled" "$(grep -o 'ERROR: .*' "$script/answer")" 'ERROR:  57014'
    is "$1: and leaves no progress" "$(sql -c "SELECT count(*) FROM pg_stat_progress_copy")" 0
    exec 3>&-
    wait "$brake"
    rm "$script/commands"
}

sql -c "DELETE FROM opigno.profile" -c "SELECT opigno.set_user_context('m' || n, 'M', true)
    FROM generate_series(1000, 5000) AS n" >/dev/null
is_cancelled_while_it_waits opigno.profile \
    "SELECT opigno.create_profiles((SELECT json_agg(json_build_object('user_id', 'm' || n, 'app_id', 0, 'profile_data',
        repeat('x', 1000)))::text FROM generate_series(1000, 5000) AS n))"
is 'nothing of the profiles is left' "$(sql -c "SELECT count(*) FROM opigno.profile")" 0
is_cancelled_while_it_waits opigno.user_context \
    "SELECT opigno.set_user_contexts((SELECT json_agg((json_build_object('uuid', 'm' || n, 'displayName',
        repeat('x', 250), 'isActive', false, 'scope', '') || repeat(' ', 600))::json)::text
        FROM generate_series(1000, 5000) AS n))"
is 'nothing of the user contexts is left' \
    "$(sql -c "SELECT count(*) FROM opigno.user_context WHERE uuid LIKE 'm%' AND NOT is_active")" 0

finish_tap
