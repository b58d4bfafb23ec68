#!/usr/bin/env bash
# The runner itself: a suite that fails, is missing or did not run is never green.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
planted=$(mktemp -d)
trap 'rm -rf "$planted"' EXIT

plant() { # NAME: a suite whose body is on standard input
    { printf '#!/bin/sh\n'; cat; } >"$planted/$1"
    chmod +x "$planted/$1"
}

# verdict SUITE...: the runner's exit status and its last line
verdict() {
    local output status=0
    output=$(cd "$planted" && "$top/scripts/lib/run_suites.pl" "$@" 2>&1) || status=$?
    printf '%s: %s' "$status" "$(printf '%s\n' "$output" | tail -n 1)"
}

# endings SUITE...: the lines that tell of suites that failed or are omitted
endings() { (cd "$planted" && "$top/scripts/lib/run_suites.pl" "$@" 2>&1 | grep -E '^(failed|omitted): '); }

plant good <<<'echo "ok 1"; echo "ok 2"; echo 1..2'
plant failing <<<'echo "ok 1"; echo "not ok 2 - the second"; echo 1..2; exit 1'
plant silent <<<'exit 0'
plant dying <<<'echo "ok 1"; echo 1..1; exit 3'
plant short <<<'echo 1..3; echo "ok 1"'
plant no_plan <<<'echo "ok 1"'
plant skipping <<<'echo "1..0 # SKIP nothing here"'
plant skipping_one <<<'echo 1..2; echo "ok 1"; echo "ok 2 # SKIP not today"'
plant todo <<<'echo 1..2; echo "ok 1"; echo "not ok 2 # TODO later"'
plant bailing <<<'echo 1..2; echo "ok 1"; echo "Bail out!"'
plant not_executable <<<'echo "ok 1"; echo 1..1'
chmod -x "$planted/not_executable"

is 'a good suite is green' "$(verdict good)" '0: 2 passed, 0 failed'
is 'a failing test is red' "$(verdict good failing)" '1: 3 passed, 1 failed'
is 'a missing suite is red' "$(verdict good missing)" '1: 2 passed, 1 failed'
is 'a suite without run bit is red' "$(verdict good not_executable)" '1: 2 passed, 1 failed'
is 'a suite that prints nothing is red' "$(verdict good silent | cut -c1-2)" '1:'
is 'a suite that exits with an error is red' "$(verdict good dying)" '1: 3 passed, 1 failed'
is 'a suite that stops early is red' "$(verdict good short | cut -c1-2)" '1:'
is 'a suite without a plan is red' "$(verdict good no_plan)" '1: 3 passed, 1 failed'
is 'a suite that skips itself is red' "$(verdict good skipping)" '1: 2 passed, 1 failed'
is 'a skipped test is red' "$(verdict good skipping_one)" '1: 3 passed, 1 failed'
is 'a test that is expected to fail is red' "$(verdict good todo)" '1: 3 passed, 1 failed'
is 'a suite that bails out is red' "$(verdict good bailing | cut -c1-2)" '1:'
is 'what comes after a bad suite still runs' "$(verdict missing good)" '1: 2 passed, 1 failed'

is 'suites beside count' "$(verdict good --beside good good)" '0: 6 passed, 0 failed'
is 'there may be none but those beside' "$(verdict --beside good)" '0: 2 passed, 0 failed'
is 'a bad suite beside is red' "$(verdict good --beside failing good missing)" '1: 5 passed, 2 failed'
is 'a bad suite is red with a good one beside' "$(verdict failing --beside good)" '1: 3 passed, 1 failed'
is 'failures stand together at the end' "$(endings failing skipping_one good missing dying --beside skipping)" \
    'failed: failing: 2 - the second
failed: skipping_one: 2
failed: missing: is missing or has no run bit
failed: dying: its exit status is 3
failed: skipping: ran no test'
is 'omitted suites are named' "$(endings good --omitted 'no such server' first second)" \
    'omitted: first: no such server
omitted: second: no such server'
is 'omitted suites do not count' "$(verdict good --omitted 'no such server' first)" '0: 2 passed, 0 failed'
is 'not everything can be omitted' "$(verdict --omitted 'no such server' good | cut -c1-7)" '255: us'
# shellcheck disable=SC2016 # the suite expands them
plant waiting <<<'i=0; until [ -e go ] || [ $i = 100 ]; do sleep 0.1; i=$((i + 1)); done
[ -e go ] && echo "ok 1"; echo 1..1'
plant going <<<'touch go; echo "ok 1"; echo 1..1'
is 'those beside run at the same time' "$(verdict waiting --beside going)" '0: 2 passed, 0 failed'
# shellcheck disable=SC2016
plant killing <<<'kill -KILL $PPID'
is 'the death of those beside is red' "$(verdict good --beside killing good)" '1: 2 passed, 1 failed'
plant long <<<'exec sleep 10'
# shellcheck disable=SC2016
plant beside <<<'echo $$ >started; exec sleep 100'
(cd "$planted" && exec "$top/scripts/lib/run_suites.pl" long --beside beside) >/dev/null 2>&1 &
stopped=$!
for ((i = 0; i < 100; i++)); do [ -s "$planted/started" ] && break; sleep 0.1; done
kill "$stopped"
wait "$stopped"
status=$?
beside_state() { ps -o stat= -p "$(cat "$planted/started")" | grep -v Z; }
for ((i = 0; i < 100; i++)); do [ -n "$(beside_state)" ] || break; sleep 0.1; done
is 'a runner that is stopped stops those beside' "$status: $(beside_state)" '1: '

finish_tap
