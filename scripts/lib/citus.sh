# Sourced by scripts/test and the suites of Citus: a coordinator and two nodes. CITUS_STAGE=/folder is where "make install
# DESTDIR=/folder" of Citus has put its files; without it, the Citus of the server's own folders is used.
# shellcheck shell=bash

citus_nodes=(coordinator node_1 node_2)

where_citus='set CITUS_STAGE to the DESTDIR of its "make install"'

has_citus() { [ -e "${CITUS_STAGE:-}$("$PG_CONFIG" --sharedir)/extension/citus.control" ]; }

# Ends the suite where there is no Citus. The runner counts it as failed.
require_citus() {
    has_citus && return 0
    echo "1..0 # SKIP no Citus: $where_citus"
    exit 0
}

# Citus finds its files only in the server's own folders: a copy of the server has them.
start_citus() { # HOME
    home=$1
    trap 'stop_citus; rm -rf "${home:?}"' EXIT
    trap 'exit 1' INT TERM
    install -d -o "${server_user:?}" -m 0700 "$home"
    copy_server "$home" WERROR=1
    if [ -n "${CITUS_STAGE:-}" ]; then cp -R "$CITUS_STAGE/." "$home/copy/"; fi
    chmod -R a+rX "$home/copy"
    local node
    for node in "${citus_nodes[@]}"; do
        install -d -o "$server_user" -m 0700 "$home/$node"
        init_server "$home/$node"
        as_server_user tee -a "$home/$node/data/postgresql.conf" >/dev/null <<'SETTINGS'
shared_preload_libraries = 'citus'
shared_buffers = 32MB
fsync = off
max_prepared_transactions = 50
citus.shard_count = 4
citus.node_conninfo = 'sslmode=disable'
SETTINGS
        start_server "$home/$node" "$home/$node"
        PGHOST=$home/$node "${bindir:?}/createdb" opigno
    done
}

# Starts them with the extension distributed. Its owner is the superuser: tests look into tables as that user, which
# Citus refuses after another user's writes.
start_distributed() { # HOME
    EXTENSION_OWNER=superuser start_citus "$1"
    create_citus
    on coordinator -c 'CREATE EXTENSION opigno_profiles'
    add_citus_nodes
    on coordinator -c 'CALL opigno.distribute()'
}

stop_citus() {
    local node
    for node in "${citus_nodes[@]}"; do
        server_runs "$home/$node" &&
            as_server_user "$bindir/pg_ctl" -D "$home/$node/data" -m immediate -w stop >/dev/null
    done
}

on() { PGHOST=$home/$1 PGUSER=postgres "$bindir/psql" -XqAt -v ON_ERROR_STOP=1 -d opigno "${@:2}"; } # NODE
ask() { on coordinator "$@" 2>&1; }
refused() { ask -v VERBOSITY=verbose -c "$1" | sed -n 's/^\(ERROR\|HINT\): *//p'; }

create_citus() {
    local node
    for node in "${citus_nodes[@]}"; do on "$node" -c 'CREATE EXTENSION citus'; done
    on coordinator -c "SELECT citus_set_coordinator_host('$home/coordinator', 5432)" >/dev/null
}

add_citus_nodes() {
    local node
    for node in "${citus_nodes[@]:1}"; do
        on coordinator -c "SELECT citus_add_node('$home/$node', 5432)" >/dev/null
    done
}
