# Sourced by the suites: TAP from bash. Each suite ends with finish_tap.
# shellcheck shell=bash

# What scripts/test exports to the suites: the checkout, the server's programs, a folder for the run.
export top=${top:?the suites run through scripts/test} bindir=${bindir:?} run=${run:?}

tap_count=0
tap_failed=0

# ok DESCRIPTION COMMAND...: passes if the command succeeds; what it prints is shown if it fails.
ok() {
    local description=$1 tap_output
    shift
    tap_count=$((tap_count + 1))
    if tap_output=$("$@" 2>&1); then
        printf 'ok %d - %s\n' "$tap_count" "$description"
    else
        tap_failed=$((tap_failed + 1))
        printf 'not ok %d - %s\n' "$tap_count" "$description"
        printf '%s\n' "$tap_output" | sed 's/^/# /'
    fi
}

# is DESCRIPTION GOT EXPECTED
is() { ok "$1" same "$2" "$3"; }

same() {
    [ "$1" = "$2" ] && return 0
    printf 'got:      %s\nexpected: %s\n' "$1" "$2"
    return 1
}

finish_tap() {
    printf '1..%d\n' "$tap_count"
    [ "$tap_failed" = 0 ]
}
