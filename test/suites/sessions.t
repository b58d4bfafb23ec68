#!/usr/bin/env bash
# What is left of a request when its transaction has ended: nothing, for the same session, and for the next
# client of a connection that PgBouncer shares. And that no setting gives an identity. One token serves two clients of
# PgBouncer at once, each with its own user.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=test/suites/catalogue.sh
. "$(dirname "$0")/catalogue.sh"
# shellcheck source=scripts/lib/common.sh
. "$top/scripts/lib/common.sh"

# ---- one session ----------------------------------------------------------------------------

# The lines that psql prints for the statements of stdin, each ended by "|"; an error is its SQLSTATE.
session() {
    timeout 60 "$bindir/psql" -XqAt -v VERBOSITY=sqlstate "$@" sessions 2>&1 | sed '/^NOTICE:/d' | tr '\n' '|'
}

"$bindir/createdb" sessions
ok 'users, profiles and a role of level user' "$bindir/psql" -Xq -v ON_ERROR_STOP=1 sessions <<'SQL'
CREATE EXTENSION opigno_profiles;
SELECT opigno.register_app('Shop', app_id => 0);
SELECT opigno.set_user_context(uuid, uuid, true), opigno.upsert_profile(uuid, 0, '{}')
    FROM unnest('{u1,u2,u3,u4}'::text[]) AS uuid;
CREATE TABLE first AS SELECT user_uuid, version FROM opigno.profile;
GRANT SELECT ON first TO PUBLIC;
-- May become the owner, but has not its rights until it does.
CREATE ROLE sessions_web LOGIN NOINHERIT IN ROLE postgres;
SELECT opigno.grant_access('sessions_web', 'user');
CREATE TABLE header AS SELECT 'Bearer ' || (opigno.issue_access_token(c.client_key, c.client_secret,
    'client_credentials') ->> 'access_token') AS header FROM opigno.register_client(0, 'Server', 'all') AS c;
CREATE FUNCTION who() RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(nullif(concat_ws(' ', opigno.request_user(), opigno.request_named_user(), opigno.request_app(),
                                     opigno.request_client(), opigno.request_scope()), ''), 'nobody') $$;
CREATE FUNCTION begin_as(uuid text) RETURNS text LANGUAGE plpgsql AS $$
    BEGIN PERFORM opigno.test_request(uuid, '{AUTHENTICATED}', 0, 5); RETURN who(); END $$;
CREATE PROCEDURE commits(INOUT before text DEFAULT NULL, INOUT after text DEFAULT NULL) LANGUAGE plpgsql AS $$
    BEGIN before := begin_as('u1'); COMMIT; after := who(); END $$;
CREATE PROCEDURE rolls_back(INOUT before text DEFAULT NULL, INOUT after text DEFAULT NULL) LANGUAGE plpgsql AS $$
    BEGIN before := begin_as('u1'); ROLLBACK; after := who(); END $$;
SQL
u1='u1 u1 0 5 {AUTHENTICATED}'

# The statements begin a request and end it; then who() says what is left.
left_by() { # DESCRIPTION STATEMENTS EXPECTED
    is "nothing is left by $1" "$(session <<<"$2; SELECT who();")" "$3"
}

left_by 'the end of a statement' "SELECT begin_as('u1')" "$u1|nobody|"
left_by 'COMMIT' "BEGIN; SELECT begin_as('u1'); SELECT who(); COMMIT" "$u1|$u1|nobody|"
left_by 'ROLLBACK' "BEGIN; SELECT begin_as('u1'); ROLLBACK" "$u1|nobody|"
left_by 'COMMIT AND CHAIN' "BEGIN; SELECT begin_as('u1'); COMMIT AND CHAIN" "$u1|nobody|"
left_by 'ROLLBACK AND CHAIN' "BEGIN; SELECT begin_as('u1'); ROLLBACK AND CHAIN" "$u1|nobody|"
left_by 'ROLLBACK TO' "BEGIN; SAVEPOINT s; SELECT begin_as('u1'); ROLLBACK TO s" "$u1|nobody|"
left_by 'an error in one statement' "SELECT 1 / length(left(begin_as('u1'), 0))" 'ERROR:  22012|nobody|'
left_by 'an error and ROLLBACK' "BEGIN; SELECT begin_as('u1'); SELECT 1 / 0; ROLLBACK" "$u1|ERROR:  22012|nobody|"
left_by 'an error and COMMIT' "BEGIN; SELECT begin_as('u1'); SELECT 1 / 0; COMMIT" "$u1|ERROR:  22012|nobody|"
left_by 'DISCARD ALL' "SELECT begin_as('u1'); DISCARD ALL" "$u1|nobody|"
left_by 'DISCARD ALL within a transaction' \
    "BEGIN; SELECT begin_as('u1'); DISCARD ALL; ROLLBACK" "$u1|ERROR:  25001|nobody|"
left_by 'COMMIT in a procedure' 'CALL commits()' "$u1|nobody|nobody|"
left_by 'ROLLBACK in a procedure' 'CALL rolls_back()' "$u1|nobody|nobody|"
is 'a request can be begun again after DISCARD ALL' \
    "$(session <<<"DISCARD ALL; SELECT begin_as('u2');")" "${u1//u1/u2}|"

# ---- prepared transactions --------------------------------------------------------------------

prepare_write() { # USER NAME
    printf "BEGIN; SELECT begin_as('%s');
        SELECT (p.version - f.version + 1, outcome) FROM opigno.patch_my_profile(0, '{\"%s\": 1}') AS p
            JOIN first AS f ON f.user_uuid = '%s';
        PREPARE TRANSACTION '%s'" "$1" "$2" "$1" "$2"
}
written() { sql sessions -c "SELECT profile_data FROM opigno.profile WHERE profile_data ? '$1'" \
    -c "SELECT action, request_user, request_client, user_uuid, a.version - f.version + 1
            FROM opigno.audit AS a JOIN first AS f USING (user_uuid)
        WHERE action = 'patch_my_profile' AND user_uuid = '$2'"; }

left_by 'PREPARE TRANSACTION' "$(prepare_write u1 here)" "$u1|(2,merged)|nobody|"
left_by 'a PREPARE TRANSACTION that fails' "$(prepare_write u2 here)" "${u1//u1/u2}|(2,merged)|ERROR:  42710|nobody|"
is 'what is prepared is not there yet' "$(written here u1)" ''
left_by 'COMMIT PREPARED in another session' "COMMIT PREPARED 'here'" 'nobody|'
is 'what was written is there with its audit row' "$(written here u1)" $'{"here": 1}\npatch_my_profile|u1|5|u1|2'
left_by 'COMMIT PREPARED in the same session' "$(prepare_write u2 again); SELECT who(); COMMIT PREPARED 'again'" \
    "${u1//u1/u2}|(2,merged)|nobody|nobody|"
is 'that is there with its audit row too' "$(written again u2)" $'{"again": 1}\npatch_my_profile|u2|5|u2|2'
left_by 'COMMIT PREPARED in another session meanwhile' \
    "$(prepare_write u3 there);
\! '$bindir/psql' -Xq sessions -c \"COMMIT PREPARED 'there'\"
SELECT 'go on'" "${u1//u1/u3}|(2,merged)|go on|nobody|"
is 'that is there as well' "$(written there u3)" $'{"there": 1}\npatch_my_profile|u3|5|u3|2'
left_by 'ROLLBACK PREPARED' \
    "$(prepare_write u4 not); SELECT who(); ROLLBACK PREPARED 'not'" "${u1//u1/u4}|(2,merged)|nobody|nobody|"
is 'what was rolled back left no row of either' "$(written not u4)" ''

# ---- settings -------------------------------------------------------------------------------

# What a role of level user sees: who it is, and how many profiles, by a bare SELECT and by my_profiles().
look='SELECT who(); SELECT count(*) FROM opigno.profile; SELECT count(*) FROM opigno.my_profiles();'
nothing='nobody|0|ERROR:  28000|'
as_u1="BEGIN; SET LOCAL ROLE postgres; SELECT begin_as('u1'); SET LOCAL ROLE sessions_web;"
is 'a role of level user sees nothing without a request' "$(session -U sessions_web <<<"$look")" "$nothing"
is 'with a request it sees its one row' "$(session -U sessions_web <<<"$as_u1 $look")" "$u1|$u1|1|1|"

sets='' configs='' options=''
for name in opigno_profiles.request_user opigno_profiles.request_named_user opigno_profiles.request \
    opigno.request_user request.user_uuid; do
    sets+="SET $name = 'u1';"
    configs+="DO \$\$BEGIN PERFORM set_config('$name', 'u1', false); END\$\$;"
    options+=" -c $name=u1"
done
taken="SELECT current_setting('opigno_profiles.request_user');"
export PGOPTIONS='-c client_min_messages=error'
is 'SET gives no identity' "$(session -U sessions_web <<<"$sets $taken $look")" "u1|$nothing"
is 'set_config gives none' "$(session -U sessions_web <<<"$configs $taken $look")" "u1|$nothing"
is 'once the library is loaded there is no such setting' \
    "$(session -U sessions_web <<<"SELECT who(); SET opigno_profiles.request_user = 'u1';
        SELECT set_config('opigno_profiles.request_user', 'u1', false);")" \
    'nobody|ERROR:  42602|ERROR:  42602|'
is 'options of the connection give none' \
    "$(PGOPTIONS+=$options session -U sessions_web <<<"$taken $look")" "u1|$nothing"
sql postgres -c "ALTER ROLE sessions_web SET opigno_profiles.request_user = 'u1'"
is 'settings of the role give none' "$(session -U sessions_web <<<"$taken $look")" "u1|$nothing"
sql postgres -c 'ALTER ROLE sessions_web RESET ALL' -c "ALTER DATABASE sessions SET opigno_profiles.request_user = 'u1'"
is 'settings of the database give none' "$(session -U sessions_web <<<"$taken $look")" "u1|$nothing"
sql postgres -c 'ALTER DATABASE sessions RESET ALL'
unset PGOPTIONS

# ---- PgBouncer --------------------------------------------------------------------------------

pooler=$run/pooler
install -d -o "$server_user" -m 0700 "$pooler"
mkfifo "$pooler/statements" "$pooler/answers"
trap 'exec 8<&- 9>&-; stop_pooler' EXIT
trap 'exit 1' INT TERM

# Transactions of all clients share one connection to the server. PgBouncer refuses to run as root.
start_pooler() { # SERVER_RESET_QUERY_ALWAYS
    as_server_user tee "$pooler/users" >/dev/null <<<$'"sessions_web" ""\n"postgres" ""'
    as_server_user tee "$pooler/pgbouncer.ini" >/dev/null <<INI
[databases]
sessions = host=$run port=$PGPORT
[pgbouncer]
listen_port = 6432
unix_socket_dir = $run
auth_type = trust
auth_file = $pooler/users
admin_users = postgres
pool_mode = transaction
default_pool_size = 1
server_reset_query_always = $1
logfile = $pooler/log
pidfile = $pooler/pid
INI
    PATH=$PATH:/usr/sbin as_server_user pgbouncer -q -d "$pooler/pgbouncer.ini" </dev/null >/dev/null 2>&1
    ok "PgBouncer answers ($1)" within_20_seconds answers
}
answers() { "$bindir/psql" -Xq -p 6432 pgbouncer -c 'SHOW VERSION'; }

stop_pooler() {
    [ -e "$pooler/pid" ] || return 0
    kill "$(cat "$pooler/pid")"
    within_20_seconds [ ! -e "$pooler/pid" ] && return 0
    kill -KILL "$(cat "$pooler/pid")"
    rm "$pooler/pid"
    return 1
}

within_20_seconds() { # COMMAND...
    local _
    for _ in {1..200}; do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    "$@"
}

# Client A is one psql that lives on; client B another for each look.
open_a() {
    "$bindir/psql" -XqAt -v VERBOSITY=sqlstate -p 6432 -U sessions_web sessions \
        <"$pooler/statements" >"$pooler/answers" 2>&1 &
    a=$!
    exec 9>"$pooler/statements" 8<"$pooler/answers"
}
close_a() {
    exec 9>&- 8<&-
    wait "$a" 2>/dev/null
}
ask_a() { # STATEMENTS
    local line
    printf '%s\n\\echo that is all\n' "$1" >&9
    while read -r -t 60 line <&8; do
        [ "$line" != 'that is all' ] || return 0
        printf '%s|' "$line"
    done
    printf 'no answer'
}
b_waits() { "$bindir/psql" -XqAt -p 6432 pgbouncer -c 'SHOW POOLS' | grep -q '^sessions|sessions_web|[0-9]*|1|'; }

# A begins a request, and B waits for the connection.
a_begins() { # DESCRIPTION
    server=$(ask_a "$as_u1 SELECT pg_backend_pid();" | cut -d '|' -f 2)
    is "$1: A sees the one row of its request's user" "$(ask_a "$look")" "$u1|1|1|"
    # In one transaction: the end of one of B's own would tidy up as well.
    session -p 6432 -U sessions_web <<<"BEGIN; $look ROLLBACK; SELECT pg_backend_pid();" >"$pooler/b" 8<&- 9>&- &
    b=$!
    ok "$1: B waits for the connection" within_20_seconds b_waits
}
b_looks() { # DESCRIPTION
    wait "$b"
    is "$1: B sees nothing" "$(cut -d '|' -f 1-3 "$pooler/b")|" "$nothing"
}
a_ends_by() { # STATEMENTS
    a_begins "$1"
    ask_a "$1;" >/dev/null
    b_looks "$1"
    is "$1: it was the same connection" "$(cut -d '|' -f 4 "$pooler/b")" "$server"
    is "$1: A sees nothing either" "$(ask_a "$look")" "$nothing"
}

# A and B take turns on the same connection, with the same token.
header=$(sql sessions -c 'SELECT header FROM header')
as_user() { # USER: a transaction that changes and shows the user's profile
    printf "BEGIN; SELECT FROM opigno.begin_request('%s', '%s');
        SELECT opigno.request_user(), app_id, pg_backend_pid() FROM opigno.my_profiles();
        SELECT FROM opigno.patch_my_profile(0, '{\"by\": \"%s\"}'); COMMIT;" "$header" "$1" "$1"
}
as_users_in_turn() {
    local turn server
    server=$(ask_a 'SELECT pg_backend_pid();')
    for turn in {1..5}; do
        is "turn $turn: A acts for its user" "$(ask_a "$(as_user u1)")" "u1|0|$server"
        is "turn $turn: nothing is left for A" "$(ask_a "$look")" "$nothing"
        is "turn $turn: B acts for its user" \
            "$(session -p 6432 -U sessions_web <<<"$(as_user u2) $look")" "u2|0|$server$nothing"
        is "turn $turn: nothing is left for a third" "$(session -p 6432 -U sessions_web <<<"$look")" "$nothing"
    done
    is 'each has written the profile of its user' \
        "$(sql sessions -c "SELECT user_uuid, profile_data ->> 'by' FROM opigno.profile
            WHERE profile_data ? 'by' ORDER BY 1")" $'u1|u1\nu2|u2'
    # In statements of their own, a request and a call do not meet, even if they are on the same connection.
    is 'a request that is no transaction is over' \
        "$(ask_a "SELECT FROM opigno.begin_request('$header', 'u1'); $look")" "$nothing"
}

for reset in 0 1; do
    start_pooler $reset
    open_a
    as_users_in_turn
    a_ends_by COMMIT
    a_ends_by ROLLBACK
    a_ends_by 'SELECT 1 / 0; ROLLBACK'
    a_ends_by 'SELECT 1 / 0; COMMIT'

    is 'a setting of the session is refused' \
        "$(ask_a "SET opigno_profiles.request_user = 'u1'; \
            SELECT set_config('opigno_profiles.request_user', 'u1', false);")" 'ERROR:  42602|ERROR:  42602|'
    is "A's prepared statement sees the request's row" \
        "$(ask_a "$as_u1 PREPARE held AS SELECT count(*) FROM opigno.profile; EXECUTE held; COMMIT;")" "$u1|1|"
    is 'B sees nothing through it, or it is gone' \
        "$(session -p 6432 -U sessions_web <<<"$look EXECUTE held;")" \
        "$nothing$([ $reset = 1 ] && echo 'ERROR:  26000' || echo 0)|"

    a_begins 'A leaves'
    close_a
    b_looks 'A leaves'
    open_a
    a_begins 'A is killed'
    { kill -KILL "$a" && close_a; } 2>/dev/null
    b_looks 'A is killed'
    ok 'PgBouncer stops' stop_pooler
done

sql postgres -c 'DROP DATABASE sessions WITH (FORCE)' -c 'DROP ROLE sessions_web'
finish_tap
