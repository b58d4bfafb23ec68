# Sourced by scripts/quickstart, scripts/test and the suites: packages, the build, a private server.
# shellcheck shell=bash

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf '%s\n' "== $*"; }
die() { printf '%s\n' "$0: $*" >&2; exit 1; }

# ---- packages -------------------------------------------------------------------------------

installed() { dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null | grep -q '^.i'; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

can_be_root() {
    [ "$(id -u)" = 0 ] && return 0
    command -v sudo >/dev/null || return 1
    sudo -n true 2>/dev/null && return 0
    [ -t 0 ] && sudo -v
}

apt_lists() { # refreshed once a run, and only if something is missing
    [ -n "${apt_lists_fresh:-}" ] || as_root apt-get -q update
    apt_lists_fresh=yes
}

# Installs what is missing of these Debian packages, or says what that is and goes on.
need_packages() {
    local missing=() package
    if command -v dpkg-query >/dev/null; then
        for package; do installed "$package" || missing+=("$package"); done
        [ ${#missing[@]} -gt 0 ] || return 0
    else
        missing=("$@")
    fi
    if command -v apt-get >/dev/null && can_be_root; then
        say "installing ${missing[*]}"
        apt_lists
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get -q -y install --no-install-recommends "${missing[@]}"
    else
        say "going on without root or apt; if something is missing, these Debian packages have it: ${missing[*]}"
    fi
}

# The major to build for: one whose server is installed already (the newest), else the distribution's own.
pg_major() {
    local newest
    newest=$(find /usr/lib/postgresql -path '*/bin/postgres' 2>/dev/null |
        sed 's|/usr/lib/postgresql/\([0-9]*\)/.*|\1|' | sort -n | tail -n 1)
    if [ -z "$newest" ] && command -v apt-cache >/dev/null; then
        newest=$(apt-cache depends postgresql 2>/dev/null |
            sed -n 's/.*Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | head -n 1)
    fi
    printf '%s' "$newest"
}

# Sets PG_CONFIG and bindir, after installing what building needs and the packages named.
prepare() {
    local major packages=(g++ make)
    if [ -z "${PG_CONFIG:-}" ]; then
        major=$(pg_major)
        if [ -z "$major" ] && command -v apt-get >/dev/null && can_be_root; then
            apt_lists
            major=$(pg_major)
        fi
        packages+=("postgresql-${major:=15}" "postgresql-server-dev-$major")
        PG_CONFIG=/usr/lib/postgresql/$major/bin/pg_config
    fi
    need_packages "${packages[@]}" "$@"
    [ -x "$PG_CONFIG" ] || PG_CONFIG=$(command -v pg_config) ||
        die "there is no pg_config; set PG_CONFIG to the one of the server to use"
    export PG_CONFIG
    bindir=$("$PG_CONFIG" --bindir)
    [ -x "$bindir/postgres" ] || die "$PG_CONFIG names $bindir, which holds no server"
    choose_server_user
}

# ---- build ----------------------------------------------------------------------------------

# build [make arguments]: starts afresh when it is for another server than the last time.
build() {
    local made_for=$top/build/made-for
    mkdir -p "$top/build"
    if [ "$(cat "$made_for" 2>/dev/null)" != "$PG_CONFIG $("$PG_CONFIG" --version)" ]; then
        make -s -C "$top" clean PG_CONFIG="$PG_CONFIG" >/dev/null
        mkdir -p "$top/build"
        printf '%s' "$PG_CONFIG $("$PG_CONFIG" --version)" >"$made_for"
    fi
    say "building for $("$PG_CONFIG" --version)"
    make -s -j2 -C "$top" PG_CONFIG="$PG_CONFIG" "$@"
}

# ---- a private server: a Unix socket in a folder of its own, no TCP ---------------------------

# PostgreSQL refuses to run as root, so root's servers belong to somebody without privileges.
choose_server_user() {
    server_user=$(id -un)
    [ "$(id -u)" = 0 ] || return 0
    for server_user in postgres nobody; do
        id "$server_user" >/dev/null 2>&1 && return 0
    done
    die "run as root, this needs a user postgres or nobody for the server"
}

as_server_user() { # in / because this folder may be closed to that user
    if [ "$(id -u)" = 0 ]; then (cd / && runuser -u "$server_user" -- "$@"); else "$@"; fi
}

# A new folder that only the server's user (and root) can enter. A socket's path ends at 107 bytes.
make_private_folder() {
    local parent=${TMPDIR:-/var/tmp} folder
    [ ${#parent} -le 60 ] || parent=/var/tmp
    folder=$(mktemp -d -p "$parent" opigno_profiles.XXXXXX)
    chown "$server_user" "$folder"
    printf '%s' "$folder"
}

# stage_extension FOLDER: installs below it, where the server of start_server looks first.
stage_extension() {
    rm -rf "$1"
    make -s -C "$top" install DESTDIR="$1" PG_CONFIG="$PG_CONFIG"
    chmod -R a+rX "$1"
}

# The settings that make a server find a staged extension; none where it cannot.
settings_for_stage() {
    local stage=$1 major
    major=$("$PG_CONFIG" --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/')
    if as_server_user "$bindir/postgres" --describe-config | grep '^extension_destdir' >/dev/null; then
        printf "extension_destdir = '%s'\n" "$stage"
    elif [ "$major" -ge 18 ]; then
        printf "extension_control_path = '%s:\$system'\n" "$stage$("$PG_CONFIG" --sharedir)"
        printf "dynamic_library_path = '%s:\$libdir'\n" "$stage$("$PG_CONFIG" --pkglibdir)"
    fi
}

# init_server DATA STAGE
init_server() {
    local data=$1 stage=$2 settings
    as_server_user "$bindir/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 \
        --no-sync >/dev/null
    settings=$(settings_for_stage "$stage")
    if [ -z "$settings" ]; then
        say "this server cannot load a staged extension: installing into its own folders"
        as_root make -s -C "$top" install PG_CONFIG="$PG_CONFIG"
    fi
    as_server_user tee -a "$data/postgresql.conf" >/dev/null <<SETTINGS
listen_addresses = ''
unix_socket_permissions = 0700
$settings
SETTINGS
}

start_server() { # DATA SOCKETS
    as_server_user "$bindir/pg_ctl" -D "$1" -l "$2/server.log" -o "-k '$2'" -w start >/dev/null ||
        { cat "$2/server.log" >&2; die "the server did not start"; }
}

server_runs() { # DATA
    as_server_user "$bindir/pg_ctl" -D "$1" status >/dev/null 2>&1
}

stop_server() { # DATA
    if server_runs "$1"; then as_server_user "$bindir/pg_ctl" -D "$1" -m fast -w stop >/dev/null; fi
}
