# Sourced by scripts/quickstart: the Python pass-through of examples/http beside the private server.
# It runs as the server's user, who alone can enter the folder of the socket.
# shellcheck shell=bash

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

free_port() { python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# Sets http_url.
start_http() {
    local port log=$private/http.log
    stop_http
    port=$(free_port)
    http_url=http://127.0.0.1:$port
    as_server_user tee "$private/passthrough.py" <"$top/examples/http/passthrough.py" >/dev/null
    # shellcheck disable=SC2016 # the shell that it starts expands these
    as_server_user env PGHOST="$private" PGDATABASE=opigno PGUSER=gateway PORT="$port" \
        sh -c 'setsid python3 "$1" </dev/null >>"$2" 2>&1 & echo $! >"$3"' \
        sh "$private/passthrough.py" "$log" "$(http_note)" 9>&-
    for _ in $(seq 100); do
        if curl -sf -o /dev/null "$http_url/health"; then return; fi
        sleep 0.1
    done
    as_server_user cat "$log" >&2
    die "the pass-through did not start"
}

# Starts the pass-through and prints requests: a token, a profile, and Open edX's PATCH of an account.
serve_http() {
    local values key secret user token request
    values=$("$bindir/psql" -Xq -f "$top/scripts/lib/http.sql" opigno)
    read -r key secret user <<<"$values"
    start_http
    request="curl -sw '\\n' $http_url/oauth/token -d grant_type=client_credentials -d client_id=$key -d client_secret=$secret"
    token=$(bash -c "$request" | sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p')
    [ -n "$token" ] || die "no access token was issued; see $private/http.log and $private/server.log"
    say "the pass-through's log is $private/http.log; these lines can be pasted into a shell:"
    printf '%s\n' "$request" \
        "curl -sw '\\n' $http_url/user/profiles/0 -H 'Authorization: Bearer $token' -H 'Opigno-Client-UUID: $user'" \
        "curl -sw '\\n' -X PATCH $http_url/api/user/v1/accounts/$user -H 'Authorization: Bearer $token' -H 'Opigno-Client-UUID: $user' -H 'Content-Type: application/merge-patch+json' -d '{\"extended_profile\": [{\"field_name\": \"occupation\", \"field_value\": {\"name\": \"Organic Farmer\", \"salary\": \"65000\"}}]}'"
}
