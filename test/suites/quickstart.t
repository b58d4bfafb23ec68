#!/usr/bin/env bash
# scripts/quickstart from a copy of this tree: again while the server runs, stop, clean.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
unset PGHOST PGUSER
work=$(mktemp -d)
trap 'for copy in "$work"/*; do "$copy/scripts/quickstart" clean >/dev/null 2>&1; done; rm -rf "$work"' EXIT
chmod 755 "$work"

copy_tree() { # TO
    mkdir "$1"
    (cd "$top" && git ls-files -co --exclude-standard -z | xargs -0 cp --parents -t "$1")
}
run_there() { (cd "$copy" && scripts/quickstart "$@" 2>&1); }
ask() { bash -c "$go_on -XAtc \"$1\"" 2>&1; }

try_in() { # NAME
    local name=$1 first second private
    copy=$work/$name
    first=$(run_there)
    ok "$name: quickstart succeeds" [ $? = 0 ]
    ok "$name: the tour's answers are the seeds'" grep -qF '"displayName":"Andrew M. Pearson","id":"1","isActive":true,"scope":["AUTHENTICATED"],"uuid":"3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77"}}' <<<"$first"
    ok "$name: the tour has no error" bash -c "! grep ERROR" <<<"$first"
    go_on=$(tail -n 1 <<<"$first")
    is "$name: the line to go on with works" "$(ask 'SELECT count(*) FROM opigno.user_context')" 3
    is "$name: no TCP" "$(ask 'SHOW listen_addresses')" ''
    ask "SELECT opigno.set_user_context('kept', 'Kept', true)" >/dev/null
    second=$(run_there)
    ok "$name: again while the server runs" [ $? = 0 ]
    is "$name: it is the same server" "$(tail -n 1 <<<"$second")" "$go_on"
    is "$name: data stays" "$(ask "SELECT display_name FROM opigno.get_user_context('kept')")" Kept
    ok "$name: stop" run_there stop
    ok "$name: it is stopped" bash -c "! $go_on -c 'SELECT 1'"
    ok "$name: stop again" run_there stop
    ok "$name: start again" run_there
    is "$name: data stays over a stop" "$(ask "SELECT display_name FROM opigno.get_user_context('kept')")" Kept
    private=$(cat "$copy/.cluster/private_folder")
    ok "$name: the socket is in a folder that others cannot enter" [ "$(stat -c %a "$private")" = 700 ]
    ok "$name: clean" run_there clean
    ok "$name: nothing is left" bash -c "! [ -e '$private' ] && ! [ -e '$copy/.cluster' ] && ! ls '$copy'/*.so '$copy'/src/*/*.o 2>/dev/null"
    ok "$name: clean again" run_there clean
}

copy_tree "$work/open"
try_in open
if [ "$(id -u)" = 0 ]; then
    copy_tree "$work/closed"
    chmod 700 "$work/closed"
    try_in closed
fi
ok 'an unknown word is refused' bash -c "! '$top/scripts/quickstart' begin"

finish_tap
