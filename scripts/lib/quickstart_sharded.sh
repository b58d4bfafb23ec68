# Sourced by scripts/quickstart after sharding.sh: a front, a hub and three shards. "sharded" is the folder with their
# data, "private" the one with their sockets and logs.
# shellcheck shell=bash disable=SC2154 # scripts/quickstart sets private and script_sum, common.sh the others

shards=3
sharded_servers=(shard_0 shard_1 shard_2 front hub) # in the order in which they are stopped

# Written when all servers are set up: the folder of their sockets, and what their extension was made from. Without the
# first they are what an interrupted run has left.
sockets_note() { printf '%s' "$sharded/sockets"; }
sharded_script_note() { printf '%s' "$sharded/install_script"; }
recall_sharded() { as_server_user cat "$1" 2>/dev/null || true; }
note_sharded() { printf '%s' "$2" | as_server_user tee "$1" >/dev/null; } # NOTE TEXT

# PL/Proxy is built for one major. Debian's package has it for Debian's servers.
need_plproxy() {
    local library major
    library=$("$PG_CONFIG" --pkglibdir)/plproxy.so
    major=$(server_major)
    [ ! -e "$library" ] || return 0
    case $PG_CONFIG in
    /usr/lib/postgresql/*) need_packages "postgresql-$major-plproxy" || true ;;
    esac
    [ -e "$library" ] ||
        die "a front needs PL/Proxy, and PostgreSQL $major does not have it ($library): install the Debian package postgresql-$major-plproxy, or build https://github.com/plproxy/plproxy with PG_CONFIG=$PG_CONFIG"
}

stop_sharded() {
    local server
    for server in "${sharded_servers[@]}"; do stop_server "$sharded/$server"; done
}

# Stops and deletes all of them.
drop_sharded() {
    local server
    stop_sharded
    for server in "${sharded_servers[@]}"; do rm -rf "${private:?}/$server"; done
    rm -rf "${sharded:?}"
}

make_sharded() {
    say "making a front, a hub and three shards in $sharded"
    drop_sharded
    # The servers must not keep the lock.
    make_sharded_servers "$sharded" "$home/stage" "${sharded_servers[@]}" 9>&-
    join_hub "$sharded" $shards || die "the shards did not get what the hub has; see $private/shard_0/server.log"
    make_front "$sharded" $shards
    note_sharded "$(sharded_script_note)" "$(script_sum)"
    note_sharded "$(sockets_note)" "$private"
}

start_stopped() {
    local server
    for server in "${sharded_servers[@]}"; do
        # A server whose socket is gone is of no use.
        [ -S "$private/$server/.s.PGSQL.$PGPORT" ] || stop_server "$sharded/$server"
        server_runs "$sharded/$server" && continue
        install -d -o "$server_user" -m 0700 "$private/$server"
        start_server "$sharded/$server" "$private/$server" 9>&-
    done
}

# Servers name each other by the folders of their sockets. Some systems tidy up such a folder.
follow_sockets() {
    local shard
    [ "$(recall_sharded "$(sockets_note)")" != "$private" ] || return 0
    for ((shard = 0; shard < shards; ++shard)); do
        on_server "$sharded" "shard_$shard" -c "ALTER SUBSCRIPTION opigno_shard_$shard
            CONNECTION 'host=$private/hub dbname=opigno user=postgres'"
        on_server "$sharded" front \
            -c "ALTER SERVER users OPTIONS (SET p$shard 'host=$private/shard_$shard dbname=opigno')"
    done
    on_server "$sharded" front -c "ALTER SERVER users_hub OPTIONS (SET p0 'host=$private/hub dbname=opigno')"
    note_sharded "$(sockets_note)" "$private"
}

# Shards come first: the hub sends nothing then that they do not have.
update_sharded() {
    local server shard
    wait_for "$sharded" hub "SELECT count(*) = $shards AND bool_and(is_waited_for) FROM opigno.registry_lag" ||
        die "the hub does not reach all shards; see $private/hub/server.log"
    for server in "${sharded_servers[@]}"; do
        on_server "$sharded" "$server" -c 'SET client_min_messages = warning' \
            -c 'ALTER EXTENSION opigno_profiles UPDATE'
    done
    on_server "$sharded" hub <<<'SELECT command FROM opigno.registry_publication_script() \gexec'
    for ((shard = 0; shard < shards; ++shard)); do
        on_server "$sharded" "shard_$shard" \
            <<<"SELECT command FROM opigno.registry_subscription_script($shard, '') \\gexec"
    done
    on_server "$sharded" front -c "CALL opigno.install_proxies('users', 'sharded')"
    [ "$(recall_sharded "$(sharded_script_note)")" = "$(script_sum)" ] ||
        say "the SQL has changed since these databases got their extension; if something is missing: scripts/quickstart clean"
}

start_sharded() {
    export PGCTLTIMEOUT=300 # seconds; five servers begin to write at the same time
    if [ -z "$(recall_sharded "$(sockets_note)")" ]; then
        make_sharded
    else
        start_stopped
        follow_sockets
        update_sharded
    fi
}

play_sharded_tour() {
    say "examples/tour_sharded.sql"
    PGHOST=$private/front PGUSER=postgres PGOPTIONS='-c client_min_messages=warning' \
        "$bindir/psql" -X -v ON_ERROR_STOP=1 -v servers="$private" -f "$top/examples/tour_sharded.sql" opigno
}

# The last line is for the front, as that of one server is for the server.
say_sharded() {
    say "the servers' logs are $private/*/server.log; scripts/quickstart sharded stop stops the servers"
    say "the hub and a shard, to look at:"
    printf '%s\n' "$bindir/psql -h $private/hub -U postgres opigno" "$bindir/psql -h $private/shard_0 -U postgres opigno"
    say "go on with the front, whose functions are in the schema sharded:"
    printf '%s\n' "$bindir/psql -h $private/front -U postgres opigno"
}
