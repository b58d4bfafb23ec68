# Sourced by suites over PL/Proxy after tap.sh: servers of a system that is sharded by user, in the folder "home".
# Ends the suite where there is no PL/Proxy.
# shellcheck shell=bash
# shellcheck source=scripts/lib/common.sh
. "$top/scripts/lib/common.sh"
# shellcheck source=scripts/lib/sharding.sh
. "$top/scripts/lib/sharding.sh"

want_packages "postgresql-$(server_major)-plproxy"
if [ ! -e "$("$PG_CONFIG" --pkglibdir)/plproxy.so" ]; then
    printf '1..0 # SKIP there is no PL/Proxy for this server\n'
    exit 0
fi

home=$run/sharded
stop_servers() {
    stop_sharded_servers "$home" shard_{0..3} hub front
    rm -rf "${home:?}"
}
trap stop_servers EXIT
trap 'exit 1' INT TERM
on() { on_server "$home" "$@"; } # SERVER [psql arguments]

# start_servers SHARDS: a front, a hub and shards. So many more are started, and are nothing yet.
start_servers() { # SHARDS [MORE]
    local names
    mapfile -t names < <(seq -f 'shard_%g' 0 $(($1 + ${2:-0} - 1)))
    ok 'a front, a hub and shards' make_sharded_servers "$home" "$run/stage" front hub "${names[@]}"
    ok 'shards have what the hub has' join_hub "$home" "$1"
    ok 'proxies' make_front "$home" "$1"
}
