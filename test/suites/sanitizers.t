#!/usr/bin/env bash
# The regression tests in one database, with the module built with AddressSanitizer and UndefinedBehaviorSanitizer.
# All databases, the other suites and valgrind: test/sanitize/run.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$top" || exit 1

output=$run/sanitizers
status=0
env -u PGHOST -u PGUSER REGRESS_IN=utf8 VERBOSE=1 test/sanitize/run address regress >"$output" 2>&1 || status=$?

while read -r verdict description; do
    ok "$description" [ "$verdict" = ok ]
done < <(sed -nE 's/^(ok|not ok) [0-9]+ - /\1 /; s/^not ok/not_ok/; /^(ok|not_ok) /p' "$output")
ok 'the planted faults and the regression tests ran' [ "$tap_count" -gt 30 ]
ok 'all is well, and no report has code of ours' bash -c "[ $status = 0 ] || { cat '$output'; exit 1; }"

finish_tap
