#!/usr/bin/env bash
# scripts/quickstart from a copy of this tree: again while the server runs, stop, clean.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
unset EXTENSION_OWNER
unset run # or common.sh would take the PG* variables for ours
work=$(mktemp -d)
trap 'for copy in "$work"/*; do "$copy/scripts/quickstart" clean >/dev/null 2>&1; done; rm -rf "$work"' EXIT
chmod 755 "$work"

copy_tree() { # TO
    mkdir "$1"
    (cd "$top" && git ls-files -co --exclude-standard -z | xargs -0 cp --parents -t "$1")
}
run_there() { (cd "$copy" && scripts/quickstart "$@" 2>&1); }
ask() { bash -c "$go_on -XAtc \"$1\"" 2>&1; }

# Pastes the requests that quickstart printed into a shell of somebody else: one answer a line.
paste() { tail -n 3 <<<"$1" | env -i PATH="$PATH" http_proxy="${http_proxy:-}" bash; }
of_passthrough() { pgrep -cf "$private/passthrough.py" || true; }

try_http() { # NAME
    local name=$1 first second answers private
    private=$(cat "$copy/.cluster/private_folder")
    first=$(run_there http)
    ok "$name: http succeeds" [ $? = 0 ]
    answers=$(paste "$first")
    is "$name: the requests that it prints work" \
        "$(sed -E 's/opigno_token_\w{49}/token/; s/"date_joined".*"extended_profile"/.../; s/,"version".*/.../
            s/("salary": "65000"\}\}\]).*/\1/' <<<"$answers")" \
        '{"access_token":"token","token_type":"Bearer","expires_in":3600}
[{"user_id":"3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77","app_id":0,"profile_data":{"theme": "dark"}...
{"username":"3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77","name":"Andrew M. Pearson","is_active":true,...'\
':[{"field_name":"occupation","field_value":{"name": "Organic Farmer", "salary": "65000"}}]'
    second=$(run_there http)
    ok "$name: http again" [ $? = 0 ]
    is "$name: the requests work again" "$(paste "$second" | grep -c .)" 3
    is "$name: there is one pass-through" "$(of_passthrough)" 1
    is "$name: and one client" "$(ask "SELECT count(*), count(DISTINCT client_key) FROM opigno.client
        WHERE label = 'quickstart http'")" '1|1'
    is "$name: the secret and the token of the run before are refused" "$(paste "$(
        # shellcheck disable=SC2001
        sed "s|http://127.0.0.1:[0-9]*|$(grep -o 'http://127.0.0.1:[0-9]*' <<<"$second" | tail -n 1)|" <<<"$first"
    )" | grep -oE '"error":"invalid_client"|"status":401' | tr '\n' ' ')" \
        '"error":"invalid_client" "status":401 "status":401 '
    ok "$name: stop" run_there stop
    is "$name: no pass-through is left" "$(of_passthrough)" 0
}

# What the tour of a run printed, without what differs in each run.
tour_of() { # OUTPUT
    sed -E '1,/examples\/tour(_sharded)?.sql$/d; /^== the server/,$d' <<<"$1" |
        sed -E 's/opigno_(secret|token)_\w{49}/\1/g
        s/\<[0-9]{16}\>/version/g; s/user_[0-9a-f]{16}/pseudonym/g
        s/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]+[-+][0-9:]+ */time/g'
}

try_in() { # NAME
    local name=$1 first second third private
    copy=$work/$name
    first=$(run_there)
    ok "$name: quickstart succeeds" [ $? = 0 ]
    ok "$name: the tour's answers are the documented ones" \
        grep -qF '"displayName":"Andrew M. Pearson","id":"1","isActive":true,"scope":["AUTHENTICATED"],'\
'"uuid":"3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77"}}' <<<"$first"
    is "$name: the tour has no error but the refusals that it shows" \
        "$(grep -o 'ERROR:  .*' <<<"$first" | sed -E 's/[0-9]{16}/N/')" \
        'ERROR:  PT412: the profile has version N, not the expected 1
ERROR:  42501: the client may not act for this user
ERROR:  42501: the user of the request cannot act
ERROR:  23514: "/cart/items" violates "type" of the schema, at "/properties/cart/properties/items/type"'
    ok "$name: the tour shows a token" grep -qE '"access_token":"opigno_token_\w{49}"' <<<"$first"
    go_on=$(tail -n 1 <<<"$first")
    is "$name: the line to go on with works" "$(ask 'SELECT count(*) FROM opigno.user_context')" "$tour_users"
    is "$name: the owner can neither log in nor do all" \
        "$(ask "SELECT rolname, rolcanlogin, rolsuper FROM pg_namespace JOIN pg_roles AS r ON r.oid = nspowner
            WHERE nspname = 'opigno'")" 'opigno_owner|f|f'
    is "$name: no TCP" "$(ask 'SHOW listen_addresses')" ''
    ask "SELECT opigno.set_user_context('kept', 'Kept', true)" >/dev/null
    second=$(run_there)
    ok "$name: again while the server runs" [ $? = 0 ]
    is "$name: it is the same server" "$(tail -n 1 <<<"$second")" "$go_on"
    is "$name: data stays" "$(ask "SELECT display_name FROM opigno.get_user_context('kept')")" Kept
    ok "$name: stop" run_there stop
    ok "$name: it is stopped" bash -c "! $go_on -c 'SELECT 1'"
    ok "$name: stop again" run_there stop
    third=$(run_there)
    ok "$name: start again" [ $? = 0 ]
    ok "$name: the tour plays each time" grep -q 'revoke_client_tokens' <<<"$(tour_of "$third")"
    is "$name: the tour prints the same each time" "$(tour_of "$third")" "$(tour_of "$second")"
    is "$name: no token that it has shown is left" "$(ask 'SELECT count(*) FROM opigno.access_token
        WHERE revoked_at IS NULL')" 0
    is "$name: data stays over a stop" "$(ask "SELECT display_name FROM opigno.get_user_context('kept')")" Kept
    try_http "$name"
    private=$(cat "$copy/.cluster/private_folder")
    try_sharded "$name"
    private=$(cat "$copy/.cluster/private_folder")
    ok "$name: the socket is in a folder that others cannot enter" [ "$(stat -c %a "$private")" = 700 ]
    ok "$name: clean" run_there clean
    ok "$name: the private folder is gone" [ ! -e "$private" ]
    is "$name: nothing else is left" "$(diff -rq "$copy" "$pristine")" ''
    ok "$name: clean again" run_there clean
}

# What runs of the five servers, and the sockets that are left.
of_sharded() {
    pgrep -af -- "-D $(cat "$copy/.cluster/home")/sharded/" || true
    find "$(cat "$copy/.cluster/private_folder")" -mindepth 2 -type s
}

try_sharded() { # NAME
    local name=$1 first second third private go_on data
    if [ ! -e "$("$PG_CONFIG" --pkglibdir)/plproxy.so" ] && ! run_there sharded >/dev/null; then
        is "$name: no PL/Proxy for this server" "$(run_there sharded | grep -c 'a front needs PL/Proxy')" 1
        return
    fi
    first=$(run_there sharded)
    ok "$name: sharded succeeds" [ $? = 0 ]
    is "$name: the tour through the front has no error but the refusals that it shows" \
        "$(grep -o 'ERROR:  .*' <<<"$first" | sed -E 's/[0-9]{16}/N/; s/sharded\.[^:]*: \[opigno\]/proxy:/')" \
        'ERROR:  PT412: proxy: REMOTE ERROR: the profile has version N, not the expected 1
ERROR:  PT409: the user is not on this shard'
    ok "$name: a request through the front" grep -qF '    200 | {"theme": "light"}' <<<"$first"
    ok "$name: a shard has an audit trail of requests" \
        grep -qE ' create_my_profile +\| created \| opigno_tour_gateway \|' <<<"$first"
    go_on=$(tail -n 1 <<<"$first")
    ask "SELECT sharded.set_user_context('kept', 'Kept', true)" >/dev/null
    is "$name: the line to go on with is the front's" \
        "$(ask "SELECT display_name FROM sharded.get_user_context('kept')"
            ask 'SELECT count(*) FROM opigno.user_context'
            ask 'SHOW listen_addresses')" $'Kept\n0'
    second=$(run_there sharded)
    ok "$name: sharded again while the servers run" [ $? = 0 ]
    is "$name: they are the same servers" "$(tail -n 1 <<<"$second")" "$go_on"
    is "$name: five servers" "$(of_sharded | grep -c postgres)" 5
    ok "$name: sharded stop" run_there sharded stop
    is "$name: nothing of them is left" "$(of_sharded)" ''
    ok "$name: sharded stop again" run_there sharded stop
    third=$(run_there sharded)
    ok "$name: sharded after a stop" [ $? = 0 ]
    ok "$name: the tour through the front plays each time" grep -q 'revoke_client_tokens' <<<"$(tour_of "$third")"
    is "$name: it prints the same each time" "$(tour_of "$third")" "$(tour_of "$second")"
    private=$(cat "$copy/.cluster/private_folder")
    if [ "$(cat "$copy/.cluster/home")" != "$private" ]; then
        rm -rf "$private"
        third=$(run_there sharded)
        ok "$name: sharded after the folder of the sockets was tidied up" [ $? = 0 ]
        go_on=$(tail -n 1 <<<"$third")
        is "$name: five servers, in another folder" \
            "$(of_sharded | grep -c postgres
            [ "$(cat "$copy/.cluster/private_folder")" = "$private" ]; echo $?)" $'5\n1'
    fi
    is "$name: users stay" "$(ask "SELECT display_name FROM sharded.get_user_context('kept')")" Kept
    data=$(cat "$copy/.cluster/home")/sharded
    rm "$data/sockets" # as if a run had ended before it was written
    rm -r "$data/shard_1/data/pg_wal"
    ok "$name: sharded after a run that was interrupted" run_there sharded
    is "$name: its five servers" "$(of_sharded | grep -c postgres)" 5
    ok "$name: stop, without sharded" run_there stop
    is "$name: nothing of the five is left" "$(of_sharded)" ''
    ok "$name: sharded before clean" run_there sharded
}

interrupted() { # a run that ended at the worst moment: between initdb and its settings
    copy=$work/open
    mkdir -p "$copy/.cluster/data.new"
    printf 'half' >"$copy/.cluster/data.new/PG_VERSION"
}

tour_users=7
pristine=$work/pristine
copy_tree "$pristine"
copy_tree "$work/open"
interrupted
try_in open
if [ "$(id -u)" = 0 ]; then
    copy_tree "$work/closed"
    chmod 700 "$work/closed"
    try_in closed
fi

# What must be refused, or must not matter.
copy=$work/odd
copy_tree "$copy"
ok 'clean and stop without a server' bash -c "cd '$copy' && scripts/quickstart stop && scripts/quickstart clean"
ok 'a pg_config that is not there is refused' \
    bash -c "! PG_CONFIG=/nonexistent/pg_config '$copy/scripts/quickstart' &&
        ! PG_CONFIG=/nonexistent/pg_config '$copy/scripts/test' runner"
cat >"$work/pg_config" <<SCRIPT
#!/bin/sh
[ "\$1" = --pkglibdir ] && echo /nonexistent || exec $(command -v "$PG_CONFIG") "\$@"
SCRIPT
chmod 755 "$work/pg_config"
is 'sharded says what it lacks' "$(PG_CONFIG=$work/pg_config run_there sharded | grep -o 'a front needs PL/Proxy')" \
    'a front needs PL/Proxy'
rm "$work/pg_config"
ok 'sharded stop without servers' run_there sharded stop
mkdir "$work/white space"
mv "$copy" "$work/white space/odd"
ok 'a path with white space is refused' bash -c "! '$work/white space/odd/scripts/quickstart'"
mv "$work/white space/odd" "$copy"
rmdir "$work/white space"
export PGSERVICE=nowhere PGPORT=1 PGOPTIONS='-c nonsense=on' PGDATABASE=nowhere LANGUAGE=de CDPATH=. TMPDIR=/nonexistent
export http_proxy=http://127.0.0.1:1
ok 'the session of the caller does not matter' run_there
requests=$(run_there http)
private=$(cat "$copy/.cluster/private_folder")
is 'nor does it to http, nor does a proxy' \
    "$(paste "$requests" | grep -cE '"access_token"|"profile_data"|"Organic Farmer"')" 3
ok 'nor does it to clean' run_there clean
is 'clean ends the pass-through' "$(of_passthrough)" 0
unset PGSERVICE PGPORT PGOPTIONS PGDATABASE LANGUAGE CDPATH TMPDIR http_proxy

ok 'an unknown word is refused' bash -c "! '$top/scripts/quickstart' begin"

finish_tap
