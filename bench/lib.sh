# Sourced by the benchmarks that bench/run starts: SQL, tables, instructions by callgrind, times by pgbench.
# shellcheck shell=bash
# shellcheck source=scripts/lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib/common.sh"
bindir=${bindir:?start it as bench/run NAME} run=${run:?}
export PGDATABASE=bench

sql() { "$bindir/psql" -XqAt -v ON_ERROR_STOP=1 "$@"; }

median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

# ---- tables in Markdown ----------------------------------------------------------------------

table_row() { # LABEL CELL...
    printf '| %-52s |' "$1"
    shift
    printf ' %14s |' "$@"
    echo
}

table_head() { # LABEL CELL...
    table_row "$@"
    printf '|%s|' "$(printf -- '-%.0s' {1..54})"
    shift
    printf -- '---------------:|%.0s' "$@"
    echo
}

compare() { table_row "$1" "$2" "$3" "$(ratio "$2" "$3")" "${@:4}"; } # LABEL OURS PEER [CELL...]

# ---- instructions ----------------------------------------------------------------------------

# backend_total PGBENCH-ARGUMENT...: all instructions of the backends that serve one client; the server must not run.
# That is the server of the run, or the one in the folder "counted", which pgbench may reach through another one.
backend_total() {
    local valgrind_pid server=${counted:-$run}
    rm -f "$run"/backend.*
    as_server_user valgrind --tool=callgrind --callgrind-out-file="$run/backend.%p" --toggle-collect=PostgresMain \
        "$bindir/postgres" -D "$server/data" -k "$server" -c autovacuum=off >"$run/callgrind.log" 2>&1 &
    valgrind_pid=$!
    until "$bindir/pg_isready" -q -h "$server"; do sleep 0.2; done
    "$bindir/pgbench" -n -M prepared --random-seed=1 -c 1 "$@" >"$run/pgbench.log" 2>&1 || { cat "$run/pgbench.log" >&2; return 1; }
    as_server_user "$bindir/pg_ctl" -D "$server/data" -m fast -w stop >/dev/null
    wait "$valgrind_pid"
    cat "$run"/backend.* | awk '/^totals:/ { sum += $2 } END { printf "%.0f", sum }'
}

# through_client FEW MANY PGBENCH-ARGUMENT...: instructions per transaction, the difference of two runs
through_client() {
    local few many
    few=$(backend_total -t "$1" "${@:3}")
    many=$(backend_total -t "$2" "${@:3}")
    echo $(((many - few) / ($2 - $1)))
}

# ---- times -----------------------------------------------------------------------------------

# latency PGBENCH-ARGUMENT...: of one client's transactions, in microseconds
latency() {
    "$bindir/pgbench" -n -M prepared -c 1 -T "${seconds:-2}" "$@" | awk '/^tps = / { printf "%.1f\n", 1e6 / $3 }'
}

# of the one query between \timing on and \timing off, in milliseconds
psql_time() { sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p'; }

# compare_times LABEL MEASURE OURS PEER [CELL...]: MEASURE prints a time of its argument. Medians of $rounds rounds in turn.
compare_times() {
    local round=0
    : >"$run/ours"
    : >"$run/peer"
    while ((round++ < ${rounds:-7})); do
        "$2" "$3" >>"$run/ours"
        "$2" "$4" >>"$run/peer"
    done
    table_row "$1" "$(median <"$run/ours")" "$(median <"$run/peer")" \
        "$(paste "$run/ours" "$run/peer" | awk '{ printf "%.3f\n", $1 / $2 }' | median)" "${@:5}"
}
