#!/usr/bin/env bash
# Two shards become four while 16 clients write through the front: no write is lost, no user is on two shards, and no
# client gets an error; then the servers and the mover are killed in the middle. MOVED_USERS=50000 moves more users.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=test/suites/sharded_servers.sh
. "$(dirname "$0")/sharded_servers.sh"

users=${MOVED_USERS:-6000}
hot=$((users / 5)) # of these, clients write
slots=64
shards=(shard_0 shard_1 shard_2 shard_3)
export PGOPTIONS='-c client_min_messages=warning' # PL/Proxy notes each connection that it makes anew
refused() { on "$1" -v ON_ERROR_STOP=0 -v VERBOSITY=verbose -c "$2" 2>&1 | sed -n 's/^ERROR: *//p'; }
seconds() { date +%s.%N; }
elapsed() { awk "BEGIN { printf \"%.1f\", $(seconds) - $1 }"; }

start_servers 2 2
on hub >/dev/null <<'SQL'
SELECT opigno.register_app('One', app_id => 1), opigno.set_training('t', 'T');
SELECT count(opigno.set_training('t' || i, 'T')) FROM generate_series(1, 16) AS i;
SQL
for shard in 0 1; do
    on shard_$shard >/dev/null <<SQL
CREATE EXTENSION dblink;
CREATE TEMP TABLE own AS SELECT CASE WHEN i <= $hot THEN 'hot-' ELSE 'cold-' END || i AS uuid, i
FROM generate_series(1, $users) AS i
WHERE opigno.user_shard(CASE WHEN i <= $hot THEN 'hot-' ELSE 'cold-' END || i, 2) = $shard;
SELECT opigno.set_user_contexts(json_agg(json_build_object('uuid', uuid, 'displayName', 'Ann \\ '' ' || i,
    'isActive', true, 'scope', 'AUTHENTICATED'))::text) FROM own;
SELECT opigno.create_profiles(json_agg(json_build_object('user_id', uuid, 'app_id', 1, 'profile_data',
    ('{"a": 1.5' || repeat('0', i % 4) || ', "b": null, "c\\\\": [true, "%s \\u00e9"]}')::json))::text) FROM own;
SELECT opigno.patch_accounts(json_agg(json_build_object('username', uuid, 'extended_profile', json_build_array(
    json_build_object('field_name', 'f', 'field_value', 'v' || i))))::text) FROM own;
SELECT opigno.report_progress_many(json_agg(json_build_object('user_id', uuid, 'training_id', 't', 'status', 'passed',
    'score', i / 7.0))::text) FROM own WHERE i % 2 = 0;
SELECT count(opigno.set_preference(uuid, 'language', 'x' || i)) FROM own WHERE i % 3 = 0;
SELECT count(opigno.begin_retirement(uuid)) FROM own WHERE uuid LIKE 'cold-%' AND i % 50 < 3;
SELECT count(opigno.move_retirement(uuid, 'RETIRING_LMS', 'x')) FROM own WHERE uuid LIKE 'cold-%' AND i % 50 < 2;
SELECT count(opigno.queue_partner_report(uuid)) FROM own WHERE uuid LIKE 'cold-%' AND i % 50 < 1;
SELECT count(opigno.retire_user_data(uuid)) FROM own WHERE uuid LIKE 'cold-%' AND i % 50 < 1;
VACUUM ANALYZE;
CREATE INDEX user_context_user_slot ON opigno.user_context (opigno.user_slot(uuid));
SQL
done
digests() { # SERVER...: a digest of the rows of each table, of users that no client writes
    local table column server
    on shard_0 -c 'SELECT table_name, user_column FROM opigno.moving_table ORDER BY 1' |
    while IFS='|' read -r table column; do
        for server; do
            on "$server" -c "SELECT t::text FROM opigno.$table AS t WHERE $column LIKE 'cold-%'"
        done | sort | md5sum | sed "s/-/$table/"
    done
}
# Documents that do not fit into one statement.
on shard_0 -c "UPDATE opigno.profile SET profile_data = profile_data || jsonb_build_object('large',
    repeat(E'\"\\\\ ' || md5(user_uuid), 40000)) WHERE user_uuid LIKE 'cold-%' AND opigno.user_shard(user_uuid, 4) = 2
    AND opigno.user_slot(user_uuid) * $slots / 65536 = 1"
before=$(digests shard_0 shard_1)
rows=$(on shard_0 -c 'SELECT count(*) FROM opigno.user_context')
ok 'there are users' test "$rows" -gt $((users / 3))

# ---- before the moves ----------------------------------------------------------------------------------------------

for shard in 2 3; do
    on "shard_$shard" >/dev/null <<SQL
SET client_min_messages = warning;
CREATE EXTENSION opigno_profiles;
SELECT opigno.become_shard($shard, 4);
SELECT command FROM opigno.registry_subscription_script($shard,
    'host=$home/hub dbname=opigno user=postgres') \gexec
SQL
    ok "shard $shard has what the hub has" \
        wait_for "$home" "shard_$shard" "SELECT bool_and(srsubstate = 'r') FROM pg_subscription_rel"
done
on hub >/dev/null <<<'SELECT command FROM opigno.registry_synchronous_script(4) \gexec'
for shard in 0 1; do
    first=$(on "shard_$shard" -c "SELECT opigno.begin_user_moves(4, $slots)")
    is "shard $shard: no moves before the other server awaits them" "$(refused "shard_$shard" \
        "CALL opigno.move_users('host=$home/shard_$((shard + 2)) dbname=opigno user=postgres')" | head -n 1)" \
        'PT409: the other server does not await users of this shard'
    is "shard $((shard + 2)) awaits users" \
        "$(on "shard_$((shard + 2))" -c "SELECT opigno.await_user_moves(2, $first, $slots)")" t
done
is 'users of another shard do not move there' "$(refused shard_0 \
    "CALL opigno.move_users('host=$home/shard_3 dbname=opigno user=postgres')" | head -n 1)" \
    'PT409: users of this shard do not move to the other server'
for server in front hub "${shards[@]}"; do on "$server" -c 'CREATE ROLE web LOGIN'; done
on hub -c "SELECT opigno.grant_access('web', 'gateway')" >/dev/null
for server in front "${shards[@]}"; do on "$server" -c "SELECT opigno.grant_access('web', 'gateway')" >/dev/null; done
token=$(on hub -c "SELECT opigno.issue_access_token(c.client_key, c.client_secret, 'client_credentials')
    ->> 'access_token' FROM opigno.register_client(1, 'Web', 'all') AS c")
http() { # METHOD TARGET USER: the status and who was found
    on front -c 'SET ROLE web' -c "SELECT status, coalesce(response_body::jsonb ->> 'uuid', response_body)
        FROM sharded.http_request('$1', '$2', '{\"Authorization\": \"Bearer $token\",
        \"Opigno-Client-UUID\": \"$3\"}')"
}
on front >/dev/null <<SQL
ALTER SERVER users OPTIONS (ADD p2 'host=$home/shard_2 dbname=opigno', ADD p3 'host=$home/shard_3 dbname=opigno');
CALL opigno.install_proxies('users', 'sharded', from_shards => 2);
SQL
on front -q -f "$top/test/suites/move_users.sql"
on shard_0 -c "CREATE TABLE courses (learner text REFERENCES opigno.user_context (uuid));
    INSERT INTO courses SELECT uuid FROM opigno.user_context WHERE opigno.user_shard(uuid, 4) = 2 LIMIT 1;
    CREATE TABLE certificates (app integer, learner text, FOREIGN KEY (app, learner)
        REFERENCES opigno.profile (app_id, user_uuid) ON DELETE CASCADE);
    INSERT INTO certificates SELECT app_id, user_uuid FROM opigno.profile
        WHERE opigno.user_shard(user_uuid, 4) = 2 LIMIT 1;
    CREATE TABLE badges (learner text REFERENCES opigno.account ON DELETE CASCADE);
    INSERT INTO badges SELECT user_uuid FROM opigno.account WHERE opigno.user_shard(user_uuid, 4) = 0 LIMIT 1"
is 'tables of the site are named' "$(on shard_0 -v ON_ERROR_STOP=0 -c \
    "CALL opigno.move_users('host=$home/shard_2 dbname=opigno user=postgres')" 2>&1 | head -n 2)" \
    $'ERROR:  tables of the site have rows of users who move\nDETAIL:  They are public.certificates, public.courses.'
on shard_0 -c 'DROP TABLE courses, certificates, badges' -c "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql
    AS 'BEGIN RETURN NULL; END'" \
    -c 'CREATE TRIGGER keep BEFORE DELETE ON opigno.account FOR EACH ROW EXECUTE FUNCTION keep()'
is 'a trigger that keeps rows is named' "$(refused shard_0 \
    "CALL opigno.move_users('host=$home/shard_2 dbname=opigno user=postgres')" | head -n 1)" \
    'PT409: a trigger on opigno.account keeps rows'
on shard_0 -c 'DROP FUNCTION keep CASCADE'

# ---- under load ----------------------------------------------------------------------------------------------------

for client in {1..16}; do
    on front -c "CALL load.write_users($client, $hot)" >"$home/client_$client" 2>&1 &
done
mover() { # SHARD FROM TO: moves slots; prints their number
    on "shard_$1" -c "CALL opigno.move_users('host=$home/shard_$(($1 + 2)) dbname=opigno user=postgres', $2, $3)"
}
state() { on "shard_$1" -c "SELECT slot_state, count(*) FROM opigno.moving_slot GROUP BY 1 ORDER BY 1"; }
sleep 1
begun=$(seconds)
half=$((slots / 2))
mover 0 0 $((half - 1)) >"$home/moved_0" 2>&1 &
first_mover=$!
mover 1 0 $((half - 1)) >"$home/moved_1" 2>&1 &
second_mover=$!
wait_for "$home" shard_0 "SELECT count(*) > 0 FROM opigno.moving_slot WHERE slot_state = 'moved'"
for _ in {1..5}; do # between two slots, too
    refused shard_0 "CALL opigno.move_users('host=$home/shard_2 dbname=opigno user=postgres', 0, -1)"
done >"$home/others"
wait $first_mover $second_mover
is 'another mover does not come between' "$(sort -u "$home/others")" 'PT409: another session moves users to shard 2'
printf '# half of the users moved in %s seconds: %s\n' "$(elapsed "$begun")" "$(cat "$home"/moved_[01] | tr '\n' ' ')"
is 'half of the slots have moved from both' "$(cut -d'|' -f1 "$home/moved_0" "$home/moved_1")" "$half"$'\n'"$half"
sleep 0.5
is 'no client got an error' "$(on front -c 'SELECT kind, code, message, count(*) FROM load.problem
    GROUP BY 1, 2, 3 LIMIT 5')" ''

of_half() { # SHARD COMPARISON: a user who goes to this shard, whose slot has moved (<) or has not (>=)
    on front -c "SELECT 'hot-' || i FROM generate_series(1, $hot) AS i WHERE opigno.user_shard('hot-' || i, 4) = $1
        AND opigno.user_slot('hot-' || i) * $slots / 65536 $2 $half LIMIT 1"
}
for user in "$(of_half 2 '<')" "$(of_half 2 '>=')" "$(of_half 0 '<')"; do
    is "requests of $user over HTTP" "$(http GET "/user-contexts/$user" "$user")" "200|$user"
done
users_of_lists="ARRAY['$(of_half 2 '<')', '$(of_half 3 '>=')', 'nobody', '$(of_half 2 '<')', '$(of_half 1 '<')']"
is 'a list of users' "$(on front -c "SELECT user_uuid FROM sharded.get_accounts($users_of_lists)")" \
    "$(on front -c "SELECT u FROM unnest($users_of_lists) WITH ORDINALITY AS v (u, n) WHERE u <> 'nobody' AND n <> 4")"
is 'users of a list that are written in one transaction' "$(refused front \
    "SELECT sharded.retirement_cleanup($users_of_lists)")" \
    '0A000: function retirement_cleanup cannot be called while users move'

# ---- what a crash leaves between the two parts of a commit ----------------------------------------------------------

one_slot() { # END: moves a slot, but does not commit what is prepared on the other server
    on shard_0 >/dev/null <<SQL
BEGIN;
CALL opigno.connect_for_moves('host=$home/shard_2 dbname=opigno user=postgres');
CALL opigno.move_user_slot(2, $half, 'opigno_profiles_move/$database/2/$half', now());
$1;
SQL
}
prepared() { on shard_2 -c 'SELECT count(*) FROM pg_prepared_xacts'; }
database=$(on shard_2 -c "SELECT oid FROM pg_database WHERE datname = 'opigno'")
of_slot() { on front -c "SELECT 'hot-' || i FROM generate_series(1, $hot) AS i
    WHERE opigno.user_shard('hot-' || i, 4) = 2 AND opigno.user_slot('hot-' || i) * $slots / 65536 = $half LIMIT 1"; }
one_slot ROLLBACK
is 'undecided: prepared there, not moved here' "$(prepared) $(on shard_0 -c "SELECT slot_state FROM opigno.moving_slot
    WHERE slot = $half AND shard = 2")" '1 here'
is 'it is rolled back' "$(mover 0 0 0) $(prepared)" '0|0 0'
one_slot COMMIT
is 'decided: a user is not found, but is not missing' "$(prepared) $(refused front \
    "SELECT sharded.get_preferences('$(of_slot)')" | sed 's/.*REMOTE ERROR: //')" '1 the user is not on this shard'
is 'it is committed' "$(mover 0 0 0) $(prepared)" '0|0 0'
is 'and found' "$(on front -c "SELECT count(*) FROM sharded.get_user_context('$(of_slot)')")" 1
is 'clients got only errors of this slot' "$(on front -c "SELECT code, message, count(*) FROM load.problem
    WHERE message NOT LIKE '%the user is not on this shard' GROUP BY 1, 2 LIMIT 5")" ''
on front -c 'TRUNCATE load.problem'

# ---- kill -9 -------------------------------------------------------------------------------------------------------

kill_server() { # SERVER
    local postmaster children
    postmaster=$(head -n 1 "$home/$1/data/postmaster.pid")
    children=$(pgrep -P "$postmaster")
    # shellcheck disable=SC2086 # numbers
    kill -KILL "$postmaster" $children 2>/dev/null
    while kill -0 "$postmaster" 2>/dev/null; do sleep 0.05; done
    sleep 0.2
    start_server "$home/$1" "$home/$1"
}
kill_mover() { # the backend that moves users, without the server
    on shard_0 -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'CALL opigno.move_users%'"
}
# Slow moves: on the old shard between PREPARE TRANSACTION there and the commit, on the new one before.
slow="CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.1); RETURN NEW; END'"
on shard_0 -c "$slow" -c 'CREATE CONSTRAINT TRIGGER slow AFTER UPDATE ON opigno.moving_slot DEFERRABLE
        INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()'
on shard_2 -c "$slow" \
    -c 'CREATE TRIGGER slow BEFORE UPDATE ON opigno.moving_slot FOR EACH ROW EXECUTE FUNCTION slow()'
from=$((half + 1))
for victim in mover shard_2 shard_0; do
    to=$((from + 9)) # slots of its own
    in_range="FROM opigno.moving_slot WHERE slot BETWEEN $from AND $to AND slot_state = 'moved'"
    mover 0 $from $to >"$home/killed" 2>&1 &
    mover=$!
    wait_for "$home" shard_0 "SELECT count(*) >= 2 $in_range"
    if [ "$victim" = mover ]; then kill_mover >/dev/null; else kill_server "$victim"; fi
    wait $mover
    printf '# %s killed: %s; %s\n' "$victim" "$(tail -n 1 "$home/killed")" "$(state 0 | tr '\n' ' ')"
    is "$victim killed: a part of the slots has moved" "$(on shard_0 -c "SELECT count(*) BETWEEN 2 AND 9 $in_range")" t
    from=$((to + 1))
done
is 'called again, it moves the others' "$(mover 0 0 $((slots - 1)) | grep -cE '^[0-9]+\|[0-9]+$') $(state 0)" \
    "1 moved|$slots"
for server in shard_0 shard_2; do on "$server" -c 'DROP FUNCTION slow CASCADE'; done
is 'from the other shard, too' "$(mover 1 0 $((slots - 1)) | cut -d'|' -f1) $(state 1)" "$half moved|$slots"
is 'nothing is left' "$(for shard in 0 1 2 3; do on "shard_$shard" -c 'SELECT count(*) FROM pg_prepared_xacts'; done |
    sort -u)" 0
is 'all have arrived' "$(state 2) $(state 3)" "here|$slots here|$slots"
sleep 0.5
on front -c 'INSERT INTO load.stop VALUES (now())'
wait
is 'clients got errors only from servers that were down' "$(on front -c "SELECT kind, code, message, count(*)
    FROM load.problem WHERE NOT CASE code
        WHEN 'XX000' THEN message LIKE 'PL/Proxy function%' AND message ~ (
            'Connection refused|FATAL:  the database system is |server closed the connection unexpectedly|'
            'No such file or directory|Connection reset by peer|Broken pipe|could not receive|could not send')
        WHEN 'PT409' THEN message LIKE '%the user is not on this shard'
        ELSE code IN ('57P01', '57P02', '57P03', '08006') END
    GROUP BY 1, 2, 3 LIMIT 5"
    cat "$home"/client_* | grep -v "^WARNING: .*REMOTE FATAL: terminating connection")" ''

# ---- afterwards ----------------------------------------------------------------------------------------------------

end_moves() { local shard; for shard; do on "shard_$shard" -c "SELECT opigno.become_shard($shard, 4)"; done; }
is 'new shards: no users are awaited' "$(end_moves 2 3)" $'t\nt'
is 'old shards: no users of others' "$(end_moves 0 1)" $'t\nt'
on front -c "CALL opigno.install_proxies('users', 'sharded')"
is 'no user is on two shards, or on a wrong one' "$(for shard in 0 1 2 3; do on "shard_$shard" -c "SELECT uuid
    FROM opigno.user_context WHERE opigno.user_shard(uuid, 4) <> $shard"
    on "shard_$shard" -c 'SELECT uuid FROM opigno.user_context'; done | sort | uniq -d | head -n 3)" ''
is 'rows that nobody wrote are the same' "$(digests "${shards[@]}")" "$before"
is 'no write was lost' "$(on front -c "SELECT w.*, s FROM load.written AS w,
    LATERAL load.stored(w.client, w.kind, w.user_uuid) AS s
    WHERE NOT CASE WHEN w.kind IN ('new', 'read') THEN s = 1 OR w.acknowledged = 0
        ELSE coalesce(s, 0) BETWEEN w.acknowledged AND w.sent END LIMIT 5")" ''
is 'ids are unique' "$(for shard in 0 1 2 3; do on "shard_$shard" -c 'SELECT id FROM opigno.user_context'; done | sort |
    uniq -d | head -n 3)" ''
is 'nothing is left of the moves' "$(for server in "${shards[@]}"; do on "$server" -c "SELECT count(*)
    FROM opigno.moving_slot" -c "SELECT shards, slots IS NULL FROM opigno.server_role"; done | sort -u)" $'0\n4|t'
printf '# %s users, %s calls of clients\n' "$users" "$(on front -c "SELECT last_value FROM load.calls")"
finish_tap
