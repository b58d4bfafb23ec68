# Sourced after common.sh: the servers of a system that is sharded by user, each with a socket in a folder of its own.
# HOME/NAME has the data of server NAME, and its socket and log, too, unless sharded_sockets is another folder than HOME.
# shellcheck shell=bash

# socket_folder HOME NAME: the folder with the socket and the log of a server.
socket_folder() { printf '%s' "${sharded_sockets:-$1}/$2"; }

# make_sharded_servers HOME STAGE NAME...: makes and starts HOME/NAME, each with an empty database "opigno". STAGE has
# the extension.
make_sharded_servers() {
    local home=$1 stage=$2 server
    install -d -o "${server_user:?}" -m 0700 "$home"
    for server in "${@:3}"; do
        install -d -o "$server_user" -m 0700 "$home/$server" "$(socket_folder "$home" "$server")"
        ln -s "$stage" "$home/$server/stage"
        init_server "$home/$server"
        as_server_user tee -a "$home/$server/data/postgresql.conf" >/dev/null <<'SETTINGS'
shared_buffers = 32MB
wal_level = logical
max_prepared_transactions = 20
wal_retrieve_retry_interval = 200ms
log_min_error_statement = panic
SETTINGS
        start_server "$home/$server" "$(socket_folder "$home" "$server")"
        PGHOST=$(socket_folder "$home" "$server") PGUSER=postgres "${bindir:?}/createdb" opigno
    done
}

# stop_sharded_servers HOME NAME...: at once, in this order; a hub that stops first would wait for its shards.
stop_sharded_servers() {
    local home=$1 server
    for server in "${@:2}"; do
        server_runs "$home/$server" &&
            as_server_user "$bindir/pg_ctl" -D "$home/$server/data" -m immediate -w stop >/dev/null
    done
}

# on_server HOME NAME [psql arguments]: psql in the database of the server.
on_server() {
    PGHOST=$(socket_folder "$1" "$2") PGUSER=postgres "$bindir/psql" -XqAt -v ON_ERROR_STOP=1 -d opigno "${@:3}"
}

# join_hub HOME SHARDS: makes "hub" the hub of shard_0 to shard_n, and waits until they have its rows.
join_hub() {
    local home=$1 shards=$2 shard
    on_server "$home" hub >/dev/null <<'SQL' || return 1
CREATE EXTENSION opigno_profiles;
SELECT opigno.become_hub();
SELECT opigno.set_retirement_states((SELECT jsonb_agg(state_name ORDER BY execution_order)
    FROM opigno.default_retirement_states()));
SELECT command FROM opigno.registry_publication_script() \gexec
SQL
    for ((shard = 0; shard < shards; ++shard)); do
        on_server "$home" "shard_$shard" >/dev/null <<SQL || return 1
SET client_min_messages = warning;
CREATE EXTENSION opigno_profiles;
SELECT opigno.become_shard($shard, $shards);
SELECT command FROM opigno.registry_subscription_script($shard,
    'host=$(socket_folder "$home" hub) dbname=opigno user=postgres') \gexec
SQL
    done
    on_server "$home" hub >/dev/null <<<"SELECT command FROM opigno.registry_synchronous_script($shards) \gexec"
    for ((shard = 0; shard < shards; ++shard)); do
        wait_for "$home" "shard_$shard" "SELECT bool_and(srsubstate = 'r') FROM pg_subscription_rel" || return 1
    done
    wait_for "$home" hub \
        "SELECT count(*) = $shards AND bool_and(is_connected AND is_waited_for) FROM opigno.registry_lag"
}

# wait_for HOME NAME QUERY: until it returns true, for half a minute.
wait_for() {
    local tries=0
    until [ "$(on_server "$1" "$2" -c "$3")" = t ]; do
        [ $((tries += 1)) -lt 300 ] || return 1
        sleep 0.1
    done
}

# make_front HOME SHARDS: proxies in the schema "sharded" of "front".
make_front() {
    local home=$1 shards=$2 shard partitions=''
    for ((shard = 0; shard < shards; ++shard)); do
        partitions+=", p$shard 'host=$(socket_folder "$home" "shard_$shard") dbname=opigno'"
    done
    on_server "$home" front >/dev/null <<SQL
CREATE EXTENSION opigno_profiles;
SELECT opigno.become_hub();
CREATE EXTENSION plproxy;
CREATE EXTENSION dblink;
GRANT EXECUTE ON FUNCTION dblink_connect_u(text, text) TO opigno_owner;
CREATE SERVER users FOREIGN DATA WRAPPER plproxy OPTIONS (modular_mapping '1'$partitions);
CREATE SERVER users_hub FOREIGN DATA WRAPPER plproxy OPTIONS (p0 'host=$(socket_folder "$home" hub) dbname=opigno');
CREATE USER MAPPING FOR PUBLIC SERVER users;
CREATE USER MAPPING FOR PUBLIC SERVER users_hub;
CALL opigno.install_proxies('users', 'sharded');
SQL
}
