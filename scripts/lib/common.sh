# Sourced by scripts/quickstart, scripts/test, bench/run and the suites: packages, the build, a private server.
# shellcheck shell=bash

# Nothing of the caller's session may lead to another server, another language or another folder.
# A server of ours is one whose socket is in the folder of the run.
if [ -z "${run:-}" ] || [ "${PGHOST:-}" != "$run" ]; then
    for variable in $(compgen -e | grep '^PG' | grep -v '^PG_CONFIG$'); do unset "$variable"; done
fi
unset CDPATH LANGUAGE
export LC_ALL=C.UTF-8 PGPORT=5432
[ -z "${server_program:-}" ] || export PGCTLTIMEOUT=600 # seconds; a watched server is slow

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf '%s\n' "== $*"; }
die() { printf '%s\n' "$0: $*" >&2; exit 1; }

case $top in *[[:space:]]*) die "make cannot build in a folder whose path has white space: $top" ;; esac

# ---- packages -------------------------------------------------------------------------------

installed() { dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null | grep '^.i' >/dev/null; }

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

# What the build does without where apt does not know it or cannot install it.
want_packages() {
    local package
    command -v apt-cache >/dev/null || return 0
    for package; do
        [ -n "$(apt-cache show "$package" 2>/dev/null)" ] || continue
        need_packages "$package" || say "going on without $package"
    done
}

# Sets PG_CONFIG, bindir and server_user, after installing what building needs and the packages named.
prepare() {
    local major packages=(g++ make)
    if [ -z "${PG_CONFIG:-}" ]; then
        major=$(pg_major)
        if [ -z "$major" ] && command -v apt-get >/dev/null && can_be_root; then
            apt_lists
            major=$(pg_major)
        fi
        PG_CONFIG=/usr/lib/postgresql/${major:=15}/bin/pg_config
    fi
    case $PG_CONFIG in
    /usr/lib/postgresql/*/bin/pg_config)
        major=${PG_CONFIG#/usr/lib/postgresql/}
        major=${major%%/*}
        packages+=("postgresql-$major" "postgresql-server-dev-$major")
        ;;
    esac
    need_packages "${packages[@]}" "$@"
    want_packages libsimdjson-dev libssl-dev libre2-dev
    PG_CONFIG=$(command -v "$PG_CONFIG") || die "there is no such pg_config; set PG_CONFIG to the one of the server to use"
    export PG_CONFIG
    major=$(server_major)
    [ "$major" -ge 15 ] || die "PostgreSQL 15 or later is needed, and $PG_CONFIG is of $major"
    bindir=$("$PG_CONFIG" --bindir)
    [ -x "$bindir/postgres" ] || die "$PG_CONFIG names $bindir, which holds no server"
    choose_server_user
}

server_major() { "$PG_CONFIG" --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/'; }

# ---- build ----------------------------------------------------------------------------------

build() { # [make arguments]
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

# make_private_folder PARENT: a new folder that only the server's user (and root) can enter.
# A socket's path ends at 107 bytes, and make splits at white space.
make_private_folder() {
    local parent=${TMPDIR:-$1} folder
    case $parent in
    *[[:space:]]*) parent=$1 ;;
    /*) [ ${#parent} -le 60 ] && as_server_user test -x "$parent" || parent=$1 ;;
    *) parent=$1 ;;
    esac
    folder=$(mktemp -d -p "$parent" opigno_profiles.XXXXXX) || die "could not make a folder in $parent"
    chown "$server_user" "$folder"
    printf '%s' "$folder"
}

# stage_extension HOME [make arguments]: installs below HOME/stage, where the server of start_server looks first.
stage_extension() {
    [ -d "$1" ] || die "there is no folder for the staged extension"
    rm -rf "${1:?}/stage"
    make -s -C "$top" install DESTDIR="$1/stage" PG_CONFIG="$PG_CONFIG" "${@:2}"
    chmod -R a+rX "$1/stage"
}

# The settings that make a server find a staged extension; none where it cannot.
settings_for_stage() {
    local stage=$1
    if as_server_user "$bindir/postgres" --describe-config | grep '^extension_destdir' >/dev/null; then
        printf "extension_destdir = '%s'\n" "$stage"
    elif [ "$(server_major)" -ge 18 ]; then
        printf "extension_control_path = '%s:\$system'\n" "$stage$("$PG_CONFIG" --sharedir)"
        printf "dynamic_library_path = '%s:\$libdir'\n" "$stage$("$PG_CONFIG" --pkglibdir)"
    fi
}

# copy_server HOME: copies the server's folders below HOME/copy, where its programs find each other, and installs the
# extension there as anywhere. From then on bindir is the copy's.
copy_server() { # HOME [make arguments]
    local copy=$1/copy folder
    for folder in "$bindir" "$("$PG_CONFIG" --pkglibdir)" "$("$PG_CONFIG" --sharedir)"; do
        mkdir -p "$copy$folder"
        cp -RL "$folder/." "$copy$folder"
    done
    make -s -C "$top" install DESTDIR="$copy" PG_CONFIG="$PG_CONFIG" "${@:2}"
    chmod -R a+rX "$copy"
    bindir=$copy$bindir
}

# init_server HOME: makes the cluster HOME/data, which is there whole or not at all. In each of its databases the
# extension's objects will belong to opigno_owner, a role without login and without superuser; with
# EXTENSION_OWNER=superuser to who runs CREATE EXTENSION.
init_server() {
    local new=$1/data.new settings
    rm -rf "$new"
    install -d -o "$server_user" -m 0700 "$new"
    as_server_user "$bindir/initdb" -D "$new" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
    as_server_user "$bindir/postgres" --single -D "$new" -c log_checkpoints=off postgres \
        <<<'CREATE ROLE opigno_owner NOLOGIN' >/dev/null
    settings=$([ ! -e "$1/stage" ] || settings_for_stage "$1/stage")
    [ "${EXTENSION_OWNER:-}" = superuser ] || settings+=$'\n'"opigno_profiles.owner = 'opigno_owner'"
    as_server_user tee -a "$new/postgresql.conf" >/dev/null <<SETTINGS
listen_addresses = ''
unix_socket_permissions = 0700
$settings
SETTINGS
    mv "$new" "$1/data"
}

# A server that cannot load a staged extension gets it installed, at each build.
install_if_not_staged() { # [make arguments]
    [ -z "$(settings_for_stage /)" ] || return 0
    say "this server cannot load a staged extension: installing into its own folders"
    as_root make -s -C "$top" install PG_CONFIG="$PG_CONFIG" "$@"
}

# start_server HOME SOCKETS: test/sanitize/run has its own program in the place of postgres.
start_server() {
    as_server_user "$bindir/pg_ctl" -D "$1/data" -l "$2/server.log" -o "-k '$2' -c listen_addresses=''" \
        ${server_program:+-p "$server_program"} -w start >/dev/null ||
        { cat "$2/server.log" >&2; die "the server did not start"; }
}

server_runs() { as_server_user "$bindir/pg_ctl" -D "$1/data" status >/dev/null 2>&1; } # HOME

stop_server() { # HOME
    if server_runs "$1"; then as_server_user "$bindir/pg_ctl" -D "$1/data" -m fast -w stop >/dev/null; fi
}
