# Sourced by bulk_create and bulk_modes: a server for loads, rows to load, and a client that loads them.
# shellcheck shell=bash
# shellcheck source=bench/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

start_bulk() {
    need_packages libpq-dev
    gcc -std=gnu11 -O2 -Wall -Wextra -Wpedantic -Wconversion -Werror -I"$("$PG_CONFIG" --includedir)" -o "$run/client" "$top/bench/client/bulk_create.c" -L"$("$PG_CONFIG" --libdir)" -lpq
    "$bindir/createdb" bench
    sql -c "ALTER SYSTEM SET shared_buffers = '2GB'" -c "ALTER SYSTEM SET max_wal_size = '16GB'" -c "ALTER SYSTEM SET min_wal_size = '4GB'" -c "ALTER SYSTEM SET checkpoint_timeout = '1h'" \
        -c 'ALTER SYSTEM SET autovacuum = off' -c 'ALTER SYSTEM SET synchronous_commit = off'
    stop_server "$run"
    start_server "$run" "$run"
    sql -c 'CREATE EXTENSION opigno_profiles' -f "$top/bench/profiles.sql"
    sql -o /dev/null -c "SELECT opigno.register_app('App', app_id => 1)"
}

# make_input COUNT BYTES: users and, in table input, a profile for each in random order of keys; documents are taken from a thousand
make_input() {
    sql -v count="$1" -v courses="$(($2 / 500))" >/dev/null <<'SQL'
SET client_min_messages = warning;
TRUNCATE opigno.user_context, opigno.profile, opigno.account, opigno.preference;
INSERT INTO opigno.user_context (uuid, display_name, is_active, scope, created_at, updated_at) SELECT gen_random_uuid(), 'User', true, '{}', now(), now() FROM generate_series(1, :count);
DROP TABLE IF EXISTS document, input;
CREATE TABLE document AS SELECT n, public.profile(:courses) AS data FROM generate_series(0, 999) AS n;
CREATE TABLE input AS SELECT u.uuid AS user_uuid, 1 AS app_id, d.data AS profile_data, 1::bigint AS version, now() AS created_at, now() AS updated_at, u.n
    FROM (SELECT uuid, row_number() OVER (ORDER BY random()) AS n FROM opigno.user_context) AS u JOIN document AS d ON d.n = u.n % 1000 ORDER BY u.n;
VACUUM ANALYZE;
SQL
}

entry="json_build_object('user_id', user_uuid, 'app_id', app_id, 'profile_data', profile_data)"

# make_body FILE [EXPRESSION]: a JSON array of the entry, or an expression, for each row of table input, in FILE; the first one alone in FILE.one
make_body() {
    local expression=${2:-$entry}
    sql -c "\copy (SELECT ${expression//$'\n'/ } FROM input ORDER BY n) TO STDOUT" | sed '1s/^/[/; $!s/$/,/; $s/$/]/' >"$run/$1"
    sed '1s/,$/]/; q' "$run/$1" >"$run/$1.one"
}

# make_lines FILE ORDER: table input as COPY's text
make_lines() {
    sql -c "\copy (SELECT user_uuid, app_id, profile_data, version, created_at, updated_at FROM input ORDER BY $2) TO $run/$1"
    head -n 1 "$run/$1" >"$run/$1.one"
}

# expect ROWS CONDITION: in the table; a refused load is no fast one
expect() { [ "$(sql -c "SELECT count(*) FROM opigno.profile WHERE $2")" = "$1" ] || die "not all rows were loaded: $2"; }

judged() { awk -v a="$1" -v goal="$2" 'BEGIN { printf "%.2f %s", a, (a > goal ? "missed" : "met") }'; } # RATIO MOST
