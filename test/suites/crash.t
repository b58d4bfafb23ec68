#!/usr/bin/env bash
# A server of its own that is killed (SIGKILL) ten times in the middle of a load: of a load in one transaction none
# or all is there then, a load in batches goes on and ends complete, and the indexes are sound.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=test/suites/catalogue.sh
. "$(dirname "$0")/catalogue.sh"
# shellcheck source=scripts/lib/common.sh
. "$top/scripts/lib/common.sh"

home=$run/crash
install -d -o "$server_user" -m 0700 "$home"
ln -s "$run/stage" "$home/stage"
trap 'stop_server "$home"; rm -rf "${home:?}"' EXIT
trap 'exit 1' INT TERM
init_server "$home"
start_server "$home" "$home"
export PGHOST=$home
ask() { sql crash "$@"; }

"$bindir/createdb" crash
is 'users, and profiles of a fifth of them' "$(
    ask <<'SQL'
CREATE EXTENSION opigno_profiles;
CREATE EXTENSION amcheck;
SELECT (opigno.set_user_contexts(string_agg(format('{"uuid":"u%s","displayName":"U","isActive":true}', u),
    E'\n')) -> 'failed')::text FROM generate_series(1, 100000) AS u;
DO $$BEGIN PERFORM opigno.register_app('App ' || a, app_id => a) FROM generate_series(0, 10) AS a; END$$;
SELECT opigno.create_profiles(string_agg(format('{"user_id":"u%s","app_id":0,"profile_data":{"base":true}}', u),
    E'\n')) -> 'response' ->> 'created' FROM generate_series(5, 100000, 5) AS u;
CREATE TABLE first AS SELECT user_uuid, app_id, version FROM opigno.profile;

CREATE TABLE staged (ordinal bigint PRIMARY KEY, line text);

-- The sessions of the server, when this becomes true.
CREATE FUNCTION sessions_when(condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    is_true boolean;
BEGIN
    FOR tries IN 1 .. 60000 LOOP
        EXECUTE 'SELECT ' || condition INTO is_true;
        EXIT WHEN is_true;
        PERFORM pg_sleep(0.001), pg_stat_clear_snapshot();
    END LOOP;
    RETURN string_agg(pid::text, ' ') FROM pg_stat_activity WHERE is_true AND pid <> pg_backend_pid();
END $$;

-- Raises what is wrong with indexes, and gives what is wrong with tables.
CREATE FUNCTION damage() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    relation regclass;
    by_index bigint;
    by_heap bigint;
BEGIN
    SET LOCAL enable_bitmapscan = off;
    FOR relation IN SELECT oid FROM pg_class
        WHERE relkind = 'i' AND (relnamespace = 'opigno'::regnamespace OR relname = 'staged_pkey') LOOP
        PERFORM bt_index_parent_check(relation, heapallindexed => true, rootdescend => true);
    END LOOP;
    FOR relation IN SELECT oid FROM pg_class
        WHERE relkind = 'r' AND (relnamespace = 'opigno'::regnamespace OR relname = 'staged') LOOP
        RETURN QUERY SELECT relation || ': ' || msg FROM verify_heapam(relation);
        SET LOCAL enable_seqscan = off;
        EXECUTE 'SELECT count(*) FROM ' || relation INTO by_index;
        SET LOCAL enable_seqscan = on;
        SET LOCAL enable_indexonlyscan = off;
        EXECUTE 'SELECT count(*) FROM ' || relation INTO by_heap;
        SET LOCAL enable_indexonlyscan = on;
        IF by_index <> by_heap THEN
            RETURN NEXT format('%s: %s rows by index, %s by heap', relation, by_index, by_heap);
        END IF;
    END LOOP;
END $$;
SELECT * FROM damage();
SQL
)" $'0\n20000'
is 'rows are counted by index and by heap' "$(
    ask <<'SQL' | grep -o 'Seq Scan\|Index Only Scan'
SET enable_bitmapscan = off;
SET enable_seqscan = off;
EXPLAIN SELECT count(*) FROM opigno.profile;
SET enable_seqscan = on;
SET enable_indexonlyscan = off;
EXPLAIN SELECT count(*) FROM opigno.profile;
SQL
)" $'Index Only Scan\nSeq Scan'

processes() { find /proc -maxdepth 2 -name cwd -lname "$(readlink -f "$home/data")" 2>/dev/null | cut -d / -f 3; }

# The postmaster first, with the sessions that are known; then who was begun meanwhile.
kill_server() { # SESSION...
    local others
    kill -KILL "$(head -n 1 "$home/data/postmaster.pid")" "$@" 2>/dev/null
    while others=$(processes) && [ -n "$others" ]; do
        # shellcheck disable=SC2086 # they are words
        kill -KILL $others 2>/dev/null
        sleep 0.01
    done
    rm "$home/data/postmaster.pid" "$home"/.s.PGSQL.*.lock # they count as held until the dead process is waited for
}

# Runs the statement and kills the server when the condition becomes true; then starts it again.
killed_when() { # STATEMENT CONDITION
    local sessions
    "$bindir/psql" -Xq crash -c "$1" >/dev/null 2>&1 &
    sessions=$(ask -c "SELECT sessions_when(\$\$$2\$\$)")
    [[ $sessions =~ ^[0-9\ ]+$ ]] || die "this did not become true: $2"
    # shellcheck disable=SC2086 # they are words
    kill_server $sessions
    wait
    start_server "$home" "$home"
}

in_the_middle=0
is_sound() { is "$1: indexes and tables are sound" "$(ask -c 'SELECT * FROM damage()')" ''; } # DESCRIPTION

# ---- in one transaction ---------------------------------------------------------------------------

# Every fifth entry is merged into a profile that is there. What is there of a load: profiles of its app, those it
# merged into, and users' versions.
entries() { # LOAD
    echo "format('{\"user_id\":\"u%s\",\"app_id\":%s,\"profile_data\":{\"load\":%s}}', u,
        CASE WHEN u % 5 = 0 THEN 0 ELSE $1 END, $1)"
}
there() { # LOAD
    ask -c "SELECT count(*) FILTER (WHERE app_id = $1), count(*) FILTER (WHERE app_id = 0),
        sum(p.version - f.version + 1) FILTER (WHERE app_id = 0),
        count(*) FILTER (WHERE profile_data -> 'load' = '$1'),
        (SELECT count(*) FROM opigno.audit WHERE action IN ('create_profiles', 'load_profiles'))
        FROM opigno.profile AS p LEFT JOIN first AS f USING (user_uuid, app_id)"
}

before=$(there 1)
for load in 1 2 3 4 5; do
    if ((load % 2)); then
        name="load $load, create_profiles"
        statement="SELECT opigno.create_profiles(string_agg($(entries $load), E'\n' ORDER BY u), 'merge')
            FROM generate_series(1, 100000) AS u"
    else
        name="load $load, load_profiles"
        ask -c 'TRUNCATE staged' -c "INSERT INTO staged SELECT u, $(entries $load) FROM generate_series(1, 100000) AS u"
        statement="SELECT opigno.load_profiles('staged', 'merge')"
    fi
    killed_when "$statement" "EXISTS (SELECT FROM opigno.bulk_progress WHERE phase = 'writing'
        AND rows_done BETWEEN $((load * 12000)) AND rows_total - 1)"
    found=$(there $load)
    if [ "$found" = "$before" ]; then
        in_the_middle=$((in_the_middle + 1))
        is_sound "$name, nothing is there"
        is "$name: the next call loads all" \
            "$(ask -c "$statement" 2>/dev/null | grep -o '"created":[0-9]*\|"merged":[0-9]*')" \
            $'"created":80000\n"merged":20000'
        found=$(there $load)
    fi
    before=$(awk -F '|' -v OFS='|' '{ print 80000, $2, $3 + $2, 100000, $5 + 1 }' <<<"$before")
    is "$name: all is there" "$found" "$before"
    before=$(there $((load + 1)))
done

# ---- in batches -------------------------------------------------------------------------------------

# What is loaded and what is left: rows, rows without repetitions, first, last; and the profiles that are not as they
# were created.
whole() { # LOAD
    ask -c "SELECT count(*), count(DISTINCT n), min(n), max(n), count(*) FILTER (WHERE is_changed) FROM (
        SELECT (profile_data ->> 'n')::bigint AS n, created_at <> updated_at AS is_changed FROM opigno.profile
            WHERE app_id = $1 UNION ALL SELECT ordinal, false FROM staged) AS s"
}
counted() { ask -c "SELECT count(*), (SELECT count(*) FROM staged), (SELECT min(ordinal) - 1 FROM staged
    WHERE line NOT LIKE '%nobody%') FROM opigno.profile WHERE app_id = $1"; } # LOAD

call="CALL opigno.load_profiles_in_batches('staged', batch_rows => 2000)"
for load in 6 7 8 9 10; do
    name="load $load, in batches"
    # Each 5000th row lacks its user.
    ask -c 'TRUNCATE staged' -c "INSERT INTO staged SELECT n,
        format('{\"user_id\":\"%s%s\",\"app_id\":$load,\"profile_data\":{\"n\":%s}}',
            CASE WHEN n % 5000 = 2500 THEN 'nobody' ELSE 'u' END, n, n)
        FROM generate_series(1, 100000) AS n"
    killed_when "$call" "EXISTS (SELECT FROM opigno.profile WHERE user_uuid = 'u$(((load - 5) * 12000))'
        AND app_id = $load)"
    IFS='|' read -r rows left end <<<"$(counted $load)"
    echo "# killed when $rows rows were loaded and $left left"
    if [ "$rows" -gt 0 ] && [ "$left" -gt 20 ]; then in_the_middle=$((in_the_middle + 1)); fi
    is "$name: what is loaded and what is left are all rows, each once" "$(whole $load)" '100000|100000|1|100000|0'
    is "$name: whole batches are loaded" "$((end % 2000))" 0
    is_sound "$name"
    is "$name: the same call goes on" \
        "$(ask -c "$call" 2>&1 | grep -o 'staged: .*')" "staged: $left rows received, 20 failed"
    is "$name: all that is good is loaded" "$(counted $load)" '99980|20|'
    is "$name: once" "$(whole $load)" '100000|100000|1|100000|0'
    is "$name: what is wrong with the others is told" \
        "$(ask -c "SELECT count(*), count(*) FILTER (WHERE s.line LIKE '%nobody%' AND e.code = '23503'
            AND e.path = '/user_id') FROM staged AS s FULL JOIN (SELECT * FROM opigno.bulk_error
                WHERE staging = 'public.staged') AS e USING (ordinal)")" '20|20'
done

is_sound 'in the end'
ok "at least eight of ten were killed in the middle: $in_the_middle" [ "$in_the_middle" -ge 8 ]
is 'each start was a recovery' "$(grep -c 'database system was not properly shut down' "$home/server.log")" 10
finish_tap
