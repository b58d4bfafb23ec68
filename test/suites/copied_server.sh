# Sourced by suites that need the extension really installed: a server reads bitcode for its JIT from its own folders
# only, never from a staged one. So they run on a copy of the server, which is theirs alone.
# shellcheck shell=bash

# shellcheck source=scripts/lib/common.sh
. "${top:?}/scripts/lib/common.sh"

# start_copy NAME: starts it with JIT for whatever query, in $home. Exports PGHOST.
start_copy() {
    home=$run/$1
    install -d -o "$server_user" -m 0711 "$home"
    trap 'stop_server "$home"; rm -rf "${home:?}"' EXIT
    trap 'exit 1' INT TERM
    copy_server "$home" WERROR=1
    init_server "$home"
    as_server_user tee -a "$home/data/postgresql.conf" >/dev/null \
        <<<$'fsync = off\njit = on\nmax_parallel_workers_per_gather = 0'
    start_server "$home" "$home"
    export PGHOST=$home
    is 'the server is the copy' \
        "$(sql postgres -c "SELECT setting FROM pg_config WHERE name IN ('PKGLIBDIR', 'SHAREDIR') ORDER BY name")" \
        "$home/copy$("$PG_CONFIG" --pkglibdir)"$'\n'"$home/copy$("$PG_CONFIG" --sharedir)"
    is 'it has a JIT, if it was built with LLVM' "$(sql postgres -c 'SELECT pg_jit_available()')" \
        "$("$PG_CONFIG" --configure | grep -q -- --with-llvm && echo t || echo f)"
}

# Crashes in the server's log, and what ran then.
crashes() { grep -A 1 -E 'terminated by signal|PANIC:|Assertion' "$home/server.log"; }
