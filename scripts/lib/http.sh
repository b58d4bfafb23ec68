# Sourced by scripts/quickstart: the Python pass-through of examples/http beside the private server.
# It runs as the server's user, who alone can enter the folder of the socket.
# shellcheck shell=bash disable=SC2154 # scripts/quickstart sets private, common.sh top and bindir

http_note() { printf '%s' "$private/http.pid"; }

stop_http() {
    local pid
    pid=$(as_server_user cat "$(http_note)" 2>/dev/null) || return 0
    # The number can be another process's by now.
    if as_server_user grep -qzx "$private/passthrough.py" "/proc/$pid/cmdline" 2>/dev/null; then
        as_server_user kill "$pid" 2>/dev/null || true
    fi
    as_server_user rm -f "$(http_note)"
}

# The Python of the distribution, which has psycopg; another one can come first in PATH.
python=/usr/bin/python3

free_port() {
    "$python" -c 'import socket
print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])'
}

# Sets http_url.
start_http() {
    local port log=$private/http.log
    stop_http
    port=$(free_port)
    http_url=http://127.0.0.1:$port
    as_server_user tee "$private/passthrough.py" <"$top/examples/http/passthrough.py" >/dev/null
    # shellcheck disable=SC2016 # the shell that it starts expands these
    as_server_user env PGHOST="$private" PGDATABASE=opigno PGUSER=gateway PORT="$port" \
        sh -c 'setsid "$1" "$2" </dev/null >>"$3" 2>&1 & echo $! >"$4"' \
        sh "$python" "$private/passthrough.py" "$log" "$(http_note)" 9>&-
    for _ in $(seq 100); do
        if curl -sf -o /dev/null --noproxy '*' "$http_url/health"; then return; fi
        sleep 0.1
    done
    as_server_user cat "$log" >&2
    die "the pass-through did not start"
}

# Starts the pass-through and prints requests: a token, a profile, Open edX's PATCH of an account.
serve_http() {
    local values key secret user token curl form identity patch change
    values=$("$bindir/psql" -Xq -f "$top/scripts/lib/http.sql" opigno)
    read -r key secret user <<<"$values"
    start_http
    curl="curl -sw '\n'"
    [ -z "${http_proxy:-}${all_proxy:-}${ALL_PROXY:-}" ] || curl+=" --noproxy '*'"
    form="-d grant_type=client_credentials -d client_id=$key -d client_secret=$secret"
    token=$(bash -c "$curl $http_url/oauth/token $form" | grep -oE 'opigno_token_\w+') ||
        die "no access token was issued; see $private/http.log and $private/server.log"
    identity="-H 'Authorization: Bearer $token' -H 'Opigno-Client-UUID: $user'"
    patch='{"extended_profile": [{"field_name": "occupation", '
    patch+='"field_value": {"name": "Organic Farmer", "salary": "65000"}}]}'
    change="-X PATCH -H 'Content-Type: application/merge-patch+json' -d '$patch'"
    say "the pass-through's log is $private/http.log"
    say "requests to paste into a shell, for an hour:"
    printf '%s\n' "$curl $http_url/oauth/token $form" \
        "$curl $http_url/user/profiles/0 $identity" \
        "$curl $http_url/api/user/v1/accounts/$user $identity $change"
}
