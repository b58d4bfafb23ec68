#!/usr/bin/env bash
# A server of its own that is killed (SIGKILL) a hundred times while users are being retired: no user is half wiped
# then, and a driver that finds its work in the queue goes on with each. And four drivers at once at one queue of 1,000
# users: each step of each user is done by one of them.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=test/suites/catalogue.sh
. "$(dirname "$0")/catalogue.sh"
# shellcheck source=scripts/lib/common.sh
. "$top/scripts/lib/common.sh"

home=$run/retirement
install -d -o "$server_user" -m 0700 "$home"
ln -s "$run/stage" "$home/stage"
trap 'stop_server "$home"; rm -rf "${home:?}"' EXIT
trap 'exit 1' INT TERM
init_server "$home"
# No process here dies with the machine, so no write needs to reach the disk.
as_server_user tee -a "$home/data/postgresql.conf" >/dev/null <<'SETTINGS'
fsync = off
shared_buffers = 32MB
log_error_verbosity = terse
log_min_error_statement = panic
SETTINGS
start_server "$home" "$home"
export PGHOST=$home
ask() { sql retirement "$@"; }
"$bindir/createdb" retirement

# ---- users with rows in every table ------------------------------------------------------------------------------

kills=100
ask >"$home/planted" <<SQL
CREATE EXTENSION opigno_profiles;
CREATE TABLE person AS SELECT n, format('user-%s', lpad(n::text, 4, '0')) AS uuid, (n + 1) / 2 AS unit
    FROM generate_series(1, 2 * ($kills + 30)) AS n;
CREATE UNIQUE INDEX ON person (uuid);
SELECT count(opigno.register_app('App ' || a, app_id => a)) FROM generate_series(1, 3) AS a;
SELECT FROM opigno.register_client(1, 'Client');
SELECT count(opigno.set_training('t' || t, 'Training')) FROM generate_series(1, 2) AS t;
SELECT FROM opigno.add_retirement_salt();
CREATE TABLE contract (id integer PRIMARY KEY, who text);
CREATE INDEX ON contract (who);
CREATE TABLE badge (id integer PRIMARY KEY, who text);
CREATE INDEX ON badge (who);
CREATE TABLE invoice (id integer PRIMARY KEY, who text);
CREATE INDEX ON invoice (who);
SELECT FROM opigno.attach_entity_table('contract', 'contracts', 'who', on_retirement => 'erase');
SELECT FROM opigno.attach_entity_table('badge', 'badges', 'who', on_retirement => 'anonymise');
SELECT FROM opigno.attach_entity_table('invoice', 'invoices', 'who', on_retirement => 'keep');
SELECT count(opigno.set_user_context(uuid, 'Name of ' || uuid, true, 'AUTHENTICATED')) FROM person;
SELECT count(opigno.upsert_profile(uuid, a, format('{"of": "%s"}', uuid)::jsonb))
    FROM person, generate_series(1, 3) AS a;
SELECT count(opigno.patch_account(uuid, '{"extended_profile": [{"field_name": "f", "field_value": "v"}]}')) FROM person;
SELECT count(opigno.patch_preferences(uuid, '{"key": "value", "other": "value"}')) FROM person;
SELECT count(opigno.report_progress(uuid, 't' || t, 'passed', score => 5)) FROM person, generate_series(1, 2) AS t;
SELECT count(opigno.grant_user((SELECT max(client_id) FROM opigno.client), uuid)) FROM person;
SELECT count(opigno.set_user_context('anon-' || n, 'Anonymous User', true)) FROM person;
SELECT count(opigno.merge_user_contexts('anon-' || n, uuid, 'keep')) FROM person;
INSERT INTO contract SELECT n, uuid FROM person;
INSERT INTO badge SELECT n, uuid FROM person;
INSERT INTO invoice SELECT n, uuid FROM person;
SQL
is 'users with rows in every table' "$(grep -c failed "$home/planted")" 0

# What must be known of a user after a crash, and a driver.
ask <<'SQL'
-- All rows of users: of every table with a key of users, found by the catalogue, but those of the retirement itself.
DO $$BEGIN
    EXECUTE 'CREATE VIEW held AS ' || (
        SELECT string_agg(format('SELECT t.%I::text AS uuid, %L AS place, %s AS content FROM %s AS t', a.attname,
                c.relname || '.' || a.attname,
                CASE c.relname WHEN 'user_context' THEN 't.display_name || t.id || t.scope::text' ELSE 't::text' END,
                c.oid::regclass), ' UNION ALL ')
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
        WHERE c.relkind = 'r' AND a.attnum > 0 AND (a.atttypid = 'opigno.user_uuid'::regtype
                OR c.relname IN ('contract', 'badge') AND a.attname = 'who')
            AND c.relname NOT IN ('retirement', 'retirement_partner_report', 'audit', 'bulk_error'));
END$$;
CREATE VIEW digest AS SELECT uuid, md5(string_agg(place || ' ' || content, E'\n' ORDER BY place, content)) AS digest,
    count(*) AS rows, count(DISTINCT place) AS places FROM held GROUP BY uuid;
ALTER TABLE person ADD digest text;
UPDATE person AS p SET digest = d.digest FROM digest AS d WHERE d.uuid = p.uuid;

-- The last look at a retirement, before the clean-up.
CREATE TABLE kept (uuid text, current_state text, responses text);

-- Who is half wiped, or not what the retirement and the certificate say.
CREATE FUNCTION half_wiped() RETURNS TABLE (uuid text, fault text) LANGUAGE sql AS $$
    WITH found AS (
        SELECT p.uuid, p.digest AS planted, d.digest, r.user_uuid IS NOT NULL AS is_retiring, r.retired_uuid,
            s.execution_order, c.is_active, (SELECT count(*) FROM kept AS k WHERE k.uuid = p.uuid) AS kept,
            (SELECT count(*) FROM opigno.erasure_certificate AS e WHERE e.retired_uuid = n.name) AS certificates,
            b.user_uuid IS NOT NULL AS is_reported, opigno.is_retired(p.uuid) AS is_retired,
            (SELECT count(*) FROM badge AS t WHERE t.who = n.name) AS anonymised,
            (SELECT count(*) FROM invoice AS t WHERE t.who = p.uuid) AS invoices,
            EXISTS (SELECT FROM opigno.audit AS a WHERE p.uuid IN (a.user_uuid, a.last_user_uuid, a.request_user)
                OR 'anon-' || p.n IN (a.user_uuid, a.last_user_uuid, a.request_user)) AS is_in_audit
        FROM person AS p CROSS JOIN LATERAL opigno.retired_user_uuid(p.uuid) AS n (name)
            LEFT JOIN digest AS d ON d.uuid = p.uuid
            LEFT JOIN opigno.user_context AS c ON c.uuid = p.uuid
            LEFT JOIN opigno.retirement AS r ON r.user_uuid = p.uuid
            LEFT JOIN opigno.retirement_state AS s ON s.state_name = r.current_state
            LEFT JOIN opigno.retirement_partner_report AS b ON b.user_uuid = p.uuid)
    SELECT f.uuid, v.fault FROM found AS f CROSS JOIN LATERAL (VALUES
        ('has no certificate, and not all rows', certificates = 0 AND digest IS DISTINCT FROM planted),
        ('has a certificate, and rows', certificates > 0 AND digest IS NOT NULL),
        ('has two certificates', certificates > 1),
        ('has no certificate in a state after the erasure', certificates = 0 AND execution_order > 111),
        ('has a certificate in a state before the erasure', certificates > 0 AND execution_order < 111),
        ('has another hash than the certificate', (certificates > 0) <> is_retired),
        ('has another retired_uuid than the certificate', is_retiring
            AND (certificates > 0) <> (retired_uuid IS NOT NULL)),
        ('is in the audit trail after the erasure', certificates > 0 AND is_in_audit),
        ('has another badge than the certificate', certificates <> anonymised),
        ('lost what is kept', invoices <> 1),
        ('can act while being retired', is_retiring AND is_active),
        ('cannot act without a retirement', NOT is_retiring AND NOT is_active),
        ('is gone without a retirement', NOT is_retiring AND kept = 0 AND is_active IS NULL),
        ('is cleaned up and there', kept <> 0 AND (is_retiring OR certificates = 0 OR kept > 1)),
        ('has another report than the state', (coalesce(execution_order, 0) BETWEEN 91 AND 121) <> is_reported
            AND coalesce(execution_order, 0) <> 151)) AS v (fault, is_faulty)
    WHERE v.is_faulty
    UNION ALL SELECT 'certificate ' || certificate_number, v.fault FROM opigno.verify_retirement_certificates() AS v
$$;

CREATE FUNCTION step(name text) RETURNS void LANGUAGE sql AS $$ SELECT set_config('test.step', name, false) $$;
CREATE FUNCTION order_of_states() RETURNS text[] IMMUTABLE LANGUAGE sql AS $$ SELECT '{PENDING, LOCKING_ACCOUNT,
    LOCKING_COMPLETE, RETIRING_NOTES, NOTES_COMPLETE, RETIRING_LMS, LMS_COMPLETE, COMPLETE}'::text[] $$;

-- Retires users in units of two until so many units are done, or all. It finds in the queue what is half done.
-- point: of the next unit that it begins, see die_at_point().
CREATE PROCEDURE drive(units integer, point integer) LANGUAGE plpgsql AS $$
DECLARE
    users text[];
    taken text[];
    state text;
    next_state text;
    unit_number integer;
BEGIN
    CREATE TEMP SEQUENCE IF NOT EXISTS point;
    LOOP
        PERFORM step('retirement_queue');
        SELECT array_agg(q.user_uuid ORDER BY q.user_uuid), min(q.current_state) INTO users, state
            FROM opigno.retirement_queue(order_of_states(), 0, 2) AS q;
        IF users IS NULL THEN
            EXIT WHEN units = 0;
            units := units - 1;
            SELECT array_agg(p.uuid ORDER BY p.uuid), min(p.unit) INTO users, unit_number FROM person AS p
                WHERE p.unit = (SELECT min(o.unit) FROM person AS o
                    WHERE NOT EXISTS (SELECT FROM kept AS k WHERE k.uuid = o.uuid));
            EXIT WHEN users IS NULL;
            PERFORM set_config('test.point', point::text, false), setval('pg_temp.point', 1, false);
            PERFORM step('begin_retirements');
            PERFORM opigno.begin_retirements(users);
            COMMIT;
            CONTINUE;
        END IF;
        unit_number := (SELECT p.unit FROM person AS p WHERE p.uuid = users[1]);
        next_state := (order_of_states())[array_position(order_of_states(), state) + 1];
        IF state = 'RETIRING_LMS' THEN
            PERFORM step('retire_users_data');
            IF unit_number % 2 = 0 THEN
                PERFORM opigno.retire_users_data(users);
            ELSE
                PERFORM step('retire_user_data');
                PERFORM opigno.retire_user_data(users[1]);
                COMMIT;
                PERFORM opigno.retire_user_data(users[2]);
            END IF;
            COMMIT;
        END IF;
        IF next_state IS NULL THEN
            PERFORM step('take_partner_reports');
            PERFORM opigno.take_partner_reports();
            COMMIT;
            PERFORM step('clean_up_partner_reports');
            taken := ARRAY(SELECT r.user_uuid::text FROM opigno.retirement_partner_report AS r
                WHERE r.is_being_processed);
            IF taken <> '{}' THEN
                PERFORM opigno.clean_up_partner_reports(taken);
            END IF;
            COMMIT;
            PERFORM step('retirement_cleanup');
            INSERT INTO kept SELECT r.user_uuid, r.current_state, r.responses FROM opigno.retirement AS r
                WHERE r.user_uuid = ANY (users);
            PERFORM opigno.retirement_cleanup(users);
        ELSE
            PERFORM step('move_retirement');
            PERFORM opigno.move_retirement(u, next_state, 'driven') FROM unnest(users) AS u;
            IF next_state = 'RETIRING_NOTES' THEN
                PERFORM step('queue_partner_report');
                PERFORM opigno.queue_partner_report(u) FROM unnest(users) AS u;
            END IF;
        END IF;
        COMMIT;
    END LOOP;
END $$;

CREATE FUNCTION kill(pid integer, victims text) RETURNS void LANGUAGE plpgsql AS $$BEGIN
    EXECUTE format('COPY (SELECT) TO PROGRAM %L', 'kill -KILL '
        || CASE victims WHEN 'server' THEN '$(head -n 1 postmaster.pid) ' ELSE '' END || pid);
END $$;

-- A point of a retirement is before or after a statement that writes. At the one with the number test.point the process
-- of the session is killed, or with test.victims = 'server' all.
CREATE FUNCTION die_at_point() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    IF current_setting('test.point', true) <> '' THEN
        IF nextval('pg_temp.point') = current_setting('test.point')::integer THEN
            RAISE LOG 'killed in %, % % of %', current_setting('test.step'), lower(tg_when), tg_op, tg_table_name;
            PERFORM kill(pg_backend_pid(), current_setting('test.victims'));
        END IF;
    END IF;
    RETURN NULL;
END $$;
DO $$
DECLARE
    place regclass;
    moment text;
BEGIN
    FOR place IN SELECT c.oid FROM pg_class AS c WHERE c.relkind = 'r'
        AND (c.relnamespace = 'opigno'::regnamespace OR c.relname IN ('contract', 'badge', 'kept')) LOOP
        FOREACH moment IN ARRAY '{BEFORE, AFTER}'::text[] LOOP
            EXECUTE format('CREATE TRIGGER %I %s INSERT OR UPDATE OR DELETE ON %s EXECUTE FUNCTION die_at_point()',
                'die ' || moment, moment, place);
        END LOOP;
    END LOOP;
END $$;

-- Kills the process of the driver after so many seconds.
CREATE FUNCTION kill_driver(seconds double precision, victims text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    driver integer;
BEGIN
    FOR tries IN 1 .. 60000 LOOP
        SELECT pid INTO driver FROM pg_stat_activity
            WHERE application_name = 'driver' AND query ~ '^(CALL drive|SELECT pg_sleep)';
        EXIT WHEN FOUND;
        PERFORM pg_sleep(0.001), pg_stat_clear_snapshot();
    END LOOP;
    IF driver IS NULL THEN
        RAISE 'the driver did not start';
    END IF;
    PERFORM pg_sleep(seconds), kill(driver, victims);
END $$;
SQL

is 'each has rows in so many places' \
    "$(ask -c 'SELECT DISTINCT rows, places FROM digest JOIN person USING (uuid)')" '14|10'
is 'in the beginning nobody is half wiped' "$(ask -c 'SELECT * FROM half_wiped()')" ''
is 'a row that is missing is seen' "$(ask -c "BEGIN" -c "DELETE FROM opigno.preference WHERE key = 'other'
        AND user_uuid = 'user-0100'" -c 'SELECT * FROM half_wiped()' -c 'ROLLBACK')" \
    'user-0100|has no certificate, and not all rows'

# ---- a hundred kills ----------------------------------------------------------------------------------------------

# Looks at what the kill before has left, and runs the driver. $home/seen has what is wrong, and the last point.
drive() { # UNITS POINT VICTIMS [STATEMENT]
    PGAPPNAME=driver "$bindir/psql" -XqAt -v ON_ERROR_STOP=1 retirement >"$home/seen" 2>"$home/failure" <<SQL
SELECT * FROM half_wiped();
SET test.victims = '$3';
CALL drive($1, $2);
${4:-}
SELECT 'point ' || nextval('pg_temp.point');
SQL
}

processes() { find /proc -maxdepth 2 -name cwd -lname "$(readlink -f "$home/data")" 2>/dev/null | cut -d / -f 3; }
starts() { grep -c 'database system is ready to accept connections' "$home/server.log"; }

# After a kill the server recovers by itself; without its first process it is started again.
recover() { # VICTIMS STARTS
    local others
    if [ "$1" = server ]; then
        while others=$(processes) && [ -n "$others" ]; do
            # shellcheck disable=SC2086 # they are words
            kill -KILL $others 2>/dev/null
            sleep 0.01
        done
        rm "$home/data/postmaster.pid" "$home"/.s.PGSQL.*.lock # they count as held until the dead process is waited for
        start_server "$home" "$home"
    fi
    for _ in {1..3000}; do
        [ "$(starts)" -gt "$2" ] && return 0
        sleep 0.01
    done
    sed 's/^/# /' "$home/seen" "$home/failure" "$home/killer" <(tail -n 20 "$home/server.log")
    die 'the server did not recover'
}

# How many points the retirement of a unit has: of one that is erased in one call, and of one with a call for each user.
drive 1 1000000 session
alone=$(sed -n 's/^point //p' "$home/seen")
drive 1 1000000 session
at_once=$(sed -n 's/^point //p' "$home/seen")
ok "a retirement has many points: $at_once, and $alone in single calls" [ "$at_once" -gt 100 ]

# Most kills are at a point: these are spread over the whole retirement, each of another unit. The last ones are at some
# time, without triggers.
RANDOM=23
timed=20
what=''
is_whole() { # after a kill, when the driver has looked again
    [ -z "$what" ] || is "$what: the driver died, and nobody is half wiped" \
        "$died$(grep -v '^point' "$home/seen")" 'connection to server was lost'
}
for ((number = 1; number <= kills; ++number)); do
    victims=$( ((number % 10)) && echo session || echo server)
    before=$(starts)
    if ((number <= kills - timed)); then
        points=$( ((number % 2)) && echo "$alone" || echo "$at_once")
        drive 1 $(((number * points) / (kills - timed + 1))) "$victims"
        is_whole
        what=$(sed -n 's/.*LOG:  killed //p' "$home/server.log" | tail -n 1)
    else
        ((number > kills - timed + 1)) || ask <<'SQL'
SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass) FROM pg_trigger WHERE tgname LIKE 'die %' \gexec
SQL
        delay=$((RANDOM % 80))
        drive 2 0 "$victims" 'SELECT pg_sleep(60);' &
        "$bindir/psql" -Xq retirement -c "SELECT kill_driver($delay / 1000.0, '$victims')" >"$home/killer" 2>&1
        wait
        is_whole
        what="after $delay ms"
    fi
    what="kill $number, of the $victims, $what"
    # What libpq says depends on what was under way; psql ends with this.
    died=$(grep -o 'connection to server was lost\|ERROR:.*' "$home/failure" | sort -u)
    recover "$victims" "$before"
done
drive 1000000 0 session
is_whole
is 'the driver does the rest' "$(cat "$home/seen" "$home/failure")" 'point 1'

erasing=$(grep -c 'LOG:  killed in retire_user' "$home/server.log")
ok "at least thirty kills were in an erasure: $erasing" [ "$erasing" -ge 30 ]
is 'the others were at points, or at some time' \
    "$(grep -c 'LOG:  killed in' "$home/server.log")" $((kills - timed))
is 'each start was a recovery' "$(grep -c 'database system was not properly shut down' "$home/server.log")" $kills
is 'the server did not panic' "$(grep -c PANIC "$home/server.log")" 0
is 'each user is complete, and has taken each step once' "$(ask <<'SQL'
SELECT count(*) = (SELECT count(*) FROM person), count(DISTINCT uuid) = count(*) FROM kept;
SELECT DISTINCT current_state, responses FROM kept;
SQL
)" 't|t
COMPLETE|Created in state PENDING by begin_retirement
 Moved from PENDING to LOCKING_ACCOUNT:
driven

 Moved from LOCKING_ACCOUNT to LOCKING_COMPLETE:
driven

 Moved from LOCKING_COMPLETE to RETIRING_NOTES:
driven

 Moved from RETIRING_NOTES to NOTES_COMPLETE:
driven

 Moved from NOTES_COMPLETE to RETIRING_LMS:
driven

 Moved from RETIRING_LMS to LMS_COMPLETE:
driven

 Moved from LMS_COMPLETE to COMPLETE:
driven'
is 'one certificate each, without gaps' "$(ask -c "SELECT count(*) = (SELECT count(*) FROM person),
    count(DISTINCT retired_uuid) = count(*), min(certificate_number), max(certificate_number) = count(*)
    FROM opigno.erasure_certificate")" 't|t|1|t'
is 'which count all rows' "$(ask -c "SELECT DISTINCT erased - 'audit' FROM opigno.erasure_certificate")" \
    '{"account": {"erased": 1}, "profile": {"erased": 3}, "entities": {"badges": {"anonymised": 1}, "invoices": '\
'{"kept": 1}, "contracts": {"erased": 1}}, "bulk_error": {"erased": 0}, "preference": {"erased": 2}, "user_merge": '\
'{"erased": 1}, "client_user": {"erased": 1}, "user_context": {"erased": 1}, "profile_migration": '\
'{"anonymised": 0}, "training_progress": {"erased": 2}, "training_standing": {"erased": 1}}'
is 'nobody and no report is left, and nobody is half wiped' "$(ask <<'SQL'
SELECT count(*) FROM held JOIN person USING (uuid) WHERE place NOT LIKE 'invoice.%';
SELECT user_uuid FROM opigno.list_retirements();
SELECT user_uuid FROM opigno.retirement_partner_report;
SELECT * FROM half_wiped();
SQL
)" 0
is 'a row that is left would be seen' "$(ask -c BEGIN -c "INSERT INTO badge VALUES (0, 'user-0100')" \
    -c 'SELECT * FROM half_wiped()' -c ROLLBACK)" 'user-0100|has a certificate, and rows'

# ---- four drivers at one queue ------------------------------------------------------------------------------------

"$bindir/createdb" queue
queue() { sql queue "$@"; }
queue >"$home/planted" <<'SQL'
CREATE EXTENSION opigno_profiles;
SELECT FROM opigno.register_app('App', app_id => 1);
SELECT (opigno.set_user_contexts(string_agg(format('{"uuid":"u%s","displayName":"U","isActive":true}', u),
    E'\n')) -> 'failed')::text FROM generate_series(1, 1000) AS u;
SELECT opigno.create_profiles(string_agg(format('{"user_id":"u%s","app_id":1,"profile_data":{"n":%s}}', u, u),
    E'\n')) -> 'response' ->> 'created' FROM generate_series(1, 1000) AS u;
SELECT count(*), outcome FROM opigno.begin_retirements(ARRAY(SELECT 'u' || u FROM generate_series(1, 1000) AS u))
    GROUP BY outcome;

-- Does what is in the queue until nobody is left in it. Each unit has its next state from the queue.
CREATE PROCEDURE drain(driver text) LANGUAGE plpgsql AS $$
DECLARE
    states text[] := '{PENDING, LOCKING_ACCOUNT, LOCKING_COMPLETE, RETIRING_LMS, LMS_COMPLETE, COMPLETE}';
    users text[];
    steps text[];
BEGIN
    -- All begin at once.
    WHILE (SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CALL drain%') < 4 LOOP
        PERFORM pg_sleep(0.01), pg_stat_clear_snapshot();
    END LOOP;
    LOOP
        SELECT array_agg(q.user_uuid), array_agg(q.current_state) INTO users, steps
            FROM opigno.retirement_queue(states[:5], 0, 20) AS q;
        PERFORM opigno.retire_users_data(array_agg(u)) FROM unnest(users, steps) AS i (u, s) WHERE s = 'RETIRING_LMS'
            HAVING count(*) > 0;
        PERFORM opigno.move_retirement(u, states[array_position(states, s) + 1], driver, expected_state => s)
            FROM unnest(users, steps) AS i (u, s);
        COMMIT;
        EXIT WHEN users IS NULL AND NOT EXISTS (SELECT FROM opigno.retirement WHERE current_state <> 'COMPLETE');
    END LOOP;
END $$;
SQL
is '1,000 users are being retired' "$(cat "$home/planted")" $'0\n1000\n1000|created'
drivers=()
for driver in 1 2 3 4; do
    queue -c "CALL drain('driver $driver')" >"$home/drained.$driver" 2>&1 &
    drivers+=($!)
done
wait "${drivers[@]}"
is 'no driver fails' "$(cat "$home"/drained.?)" ''
is 'no deadlock' "$(grep -c 'deadlock' "$home/server.log")" 0
queue <<'SQL'
CREATE TABLE step AS SELECT r.user_uuid, m.ordinality AS n, m.moved[1] AS state_before, m.moved[2] AS state_after,
    m.moved[3] AS driver
    FROM opigno.retirement AS r CROSS JOIN LATERAL regexp_matches(r.responses,
        '\n Moved from (\w+) to (\w+):\n(driver \d)', 'g') WITH ORDINALITY AS m (moved);
SQL
is 'each step of each user was done by one of them, in the order of the states' "$(queue -c "SELECT n, state_before,
    state_after, count(DISTINCT user_uuid), count(*) FROM step GROUP BY 1, 2, 3 ORDER BY 1, 2")" \
'1|PENDING|LOCKING_ACCOUNT|1000|1000
2|LOCKING_ACCOUNT|LOCKING_COMPLETE|1000|1000
3|LOCKING_COMPLETE|RETIRING_LMS|1000|1000
4|RETIRING_LMS|LMS_COMPLETE|1000|1000
5|LMS_COMPLETE|COMPLETE|1000|1000'
is 'nothing else is in the responses' "$(queue -c "SELECT
    count(DISTINCT regexp_replace(responses, 'driver \d', '', 'g')),
    sum(length(responses) - length(replace(responses, 'Moved', 'oved'))) FROM opigno.retirement")" '1|5000'
is 'all of them worked' "$(queue -c 'SELECT count(DISTINCT driver) FROM step')" 4
echo "# steps of each: $(queue -c 'SELECT count(*) FROM step GROUP BY driver ORDER BY driver' | paste -sd ' ')"
is 'one certificate each, and the chain is whole' "$(queue <<'SQL'
SELECT count(*), count(DISTINCT retired_uuid), max(certificate_number) FROM opigno.erasure_certificate;
SELECT count(*) FROM opigno.verify_retirement_certificates();
SELECT count(*) FROM opigno.user_context;
SELECT count(*) FROM opigno.audit WHERE user_uuid LIKE 'u%' OR last_user_uuid LIKE 'u%';
SQL
)" $'1000|1000|1000\n0\n0\n0'

finish_tap
