#!/usr/bin/env bash
# A hot standby: what the catalogue has that reads answers there as on the primary, and what writes is refused (25006,
# over HTTP 503). What sessions of the standby keep is forgotten when it changes on the primary. Promoted, the standby
# writes, in the sessions that it has.
#   FUZZ_CALLS=500 scripts/test standby      more random calls of each function that reads
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=test/suites/catalogue.sh
. "$(dirname "$0")/catalogue.sh"
# shellcheck source=scripts/lib/common.sh
. "$top/scripts/lib/common.sh"
cd "$top" || exit 1

calls=${FUZZ_CALLS:-8}
standby=$run/hot_standby
install -d -o "$server_user" -m 0700 "$standby"
trap 'stop_server "$standby"; rm -rf "${standby:?}"' EXIT
trap 'exit 1' INT TERM

sql postgres -c 'CREATE ROLE standby_auditor LOGIN'
"$bindir/createdb" standby
ok 'users, profiles and arguments' "$bindir/psql" -Xq -v ON_ERROR_STOP=1 -o /dev/null standby \
    -c 'CREATE EXTENSION opigno_profiles' -f test/suites/calls.sql -f test/suites/jit.sql \
    -f test/suites/standby.sql
# Random arguments of functions that read, in a database of its own.
"$bindir/createdb" standby_fuzz
ok 'random arguments' "$bindir/psql" -Xq -v ON_ERROR_STOP=1 -o /dev/null standby_fuzz \
    -c 'CREATE EXTENSION opigno_profiles' -f test/suites/calls.sql -f test/suites/fuzz.sql \
    -f test/suites/standby.sql

ok 'a copy of the server' as_server_user "$bindir/pg_basebackup" -h "$run" -U postgres -D "$standby/data" -R -c fast
start_server "$standby" "$standby"
on_standby() { PGHOST=$standby "$@"; }
is 'it is a standby' "$(on_standby sql standby -c 'SELECT pg_is_in_recovery()')" t
has_replayed() { on_standby sql postgres -c "SELECT pg_last_wal_replay_lsn() >= '$1'" | grep -q t; } # POSITION
catches_up() {
    local position _
    position=$(sql postgres -c 'SELECT pg_current_wal_insert_lsn()')
    # The last record may be one that no flush is due for.
    sql postgres -c 'SELECT pg_switch_wal()' >/dev/null
    for _ in {1..300}; do
        if has_replayed "$position"; then return 0; fi
        sleep 0.05
    done
    return 1
}
ok 'it catches up' catches_up

# ---- every function ---------------------------------------------------------------------------------

# Statements of which each prints: what was called, whether it got a transaction id, and the answer in one line.
listed_calls() {
    sql standby <<'SQL' | tr '\n' ' ' | sed 's/ROLLBACK; /&\n/g'
SELECT format('BEGIN; SELECT %L, calls.answer(%L, %L, %L), pg_current_xact_id_if_assigned() IS NOT NULL; ROLLBACK;',
    format('%s (%s)', r.name, role), role, request,
    calls.query(r, array(SELECT quote_nullable(l) FROM unnest(literals) AS l)))
FROM calls.routine AS r JOIN calls.argument_list AS a USING (name),
    (VALUES ('postgres', NULL), ('postgres', 'u1'), ('jit_user', 'u1'), ('jit_operator', NULL), ('jit_gateway', NULL),
        ('standby_auditor', NULL)) AS v (role, request)
WHERE r.kind <> 'p' ORDER BY r.name, role, request;
SQL
}
listed_calls >"$run/listed"
make_calls() { PGOPTIONS='-c client_min_messages=error' "$bindir/psql" -XqAt -f "$run/listed" "$1" 2>&1; } # DATABASE
make_calls standby >"$run/on_primary"
on_standby make_calls standby >"$run/on_standby"
is 'each call has one answer on the primary' "$(wc -l <"$run/on_primary")" "$(wc -l <"$run/listed")"
is 'and on the standby' "$(wc -l <"$run/on_standby")" "$(wc -l <"$run/listed")"
is 'the standby has no transaction ids' "$(grep -v '|f$' "$run/on_standby")" ''
# Lines of both servers that differ, as pairs: of calls of functions that may write, or of the others.
writers() { sql standby -c "SELECT r.name FROM calls.routine AS r JOIN pg_proc AS p USING (oid)
    WHERE p.provolatile = 'v'"; }
differing() { # writers|others
    paste -d '\t' "$run/on_primary" "$run/on_standby" | awk -F '\t' -v wanted="$1" '
        NR == FNR { writes[$1] = 1; next }
        { split($1, called, " "); of = called[1] in writes ? "writers" : "others" }
        of != wanted || $1 == $2 { next }
        # What is refused there was perhaps without work here. A load of errors alone answers them.
        of == "writers" && $2 ~ /\|25006: (cannot|a dry run) [^|]*\|f$/ { next }
        # What is random has the same length.
        called[1] == "bulk_mask" && length($1) == length($2) { next }
        called[1] ~ /^load_/ && $2 ~ /\|\{"errors":\[\{/ { next }
        { print $1 "\n    " $2 }' <(writers) -
}
is 'a function that reads answers the same on the standby' "$(differing others)" ''
is 'one that writes does so, too, or is refused as read-only' "$(differing writers)" ''
is 'what got a transaction id on the primary and is no load is refused on the standby' \
    "$(paste -d '\t' "$run/on_primary" "$run/on_standby" | grep -v '^load_' | grep -P '\|t\t' | grep -v '|25006: ')" ''
is 'every function that reads was called with success' "$(comm -23 \
    <(sql standby -c "SELECT r.name FROM calls.routine AS r JOIN pg_proc AS p USING (oid)
        WHERE p.provolatile <> 'v' AND r.name <> 'distributed_rows'" | LC_ALL=C sort) \
    <(grep -v '|[0-9A-Z]\{5\}: ' "$run/on_standby" | sed 's/ (.*//' | LC_ALL=C sort -u))" ''
printf '# %d calls that read, %d that write\n' "$(grep -c '|f$' "$run/on_primary")" \
    "$(grep -c '|t$' "$run/on_primary")"
procedures() {
    sql standby <<'SQL'
SELECT calls.query(r, array(SELECT quote_nullable(l) FROM unnest(literals) AS l)) || ';'
FROM calls.routine AS r JOIN calls.argument_list AS a USING (name) WHERE r.kind = 'p' ORDER BY r.name
SQL
}
procedures >"$run/listed"
is 'procedures are refused' "$(on_standby "$bindir/psql" -XqAt -v VERBOSITY=terse -f "$run/listed" standby 2>&1 |
    grep -v -e 'ERROR:  cannot .*\(read-only transaction\|during recovery\)$' \
        -e 'is not a shard$' -e 'extension citus$' -e 'dblink is not installed$')" ''

# The same random calls of each function that reads.
random_calls() {
    sql standby_fuzz <<SQL | tr '\n' ' ' | sed 's/ROLLBACK; /&\n/g'
SELECT format('BEGIN; SELECT %L, calls.answer(%L, %L, %L), false; ROLLBACK;', r.name, role,
    split_part(c.request, chr(39), 1), c.statement)
FROM calls.routine AS r JOIN pg_proc AS p ON p.oid = r.oid, unnest('{postgres,fuzz_user,fuzz_gateway}'::text[]) AS role,
    LATERAL calls.random_calls(r, role, ${FUZZ_SEED:-1}, $calls) AS c
WHERE (p.provolatile <> 'v' OR r.name IN ('begin_request', 'introspect_access_token')) AND r.kind = 'f'
ORDER BY r.name, role;
SQL
}
random_calls >"$run/listed"
make_calls standby_fuzz >"$run/on_primary"
on_standby make_calls standby_fuzz >"$run/on_standby"
is 'each random call has an answer' "$(wc -l <"$run/on_primary")" "$(wc -l <"$run/listed")"
ok 'and the same on the standby' diff "$run/on_primary" "$run/on_standby"
printf '# %d random calls, %d with success\n' "$(wc -l <"$run/listed")" \
    "$(grep -vc '|[0-9A-Z]\{5\}: ' "$run/on_primary")"

# ---- requests ---------------------------------------------------------------------------------------

# A JWT of an issuer that the database knows by a shared key.
part() { printf '%s' "$1" | base64 -w 0 | tr '+/' '-_' | tr -d '='; }
jwt() { # CLAIMS
    local signed
    signed=$(part '{"alg":"HS256"}').$(part "$1")
    printf '%s.%s' "$signed" "$(perl -MDigest::SHA=hmac_sha256_base64 -e '
        print hmac_sha256_base64($ARGV[0], "k" x 32) =~ tr{+/}{-_}r' "$signed")"
}
token=$(sql standby -c 'SELECT access_token FROM calls.client')
operator=$(sql standby -c "SELECT opigno.issue_access_token(c.client_key, c.client_secret, 'client_credentials')
    ->> 'access_token' FROM opigno.register_client(0, 'Office', 'all', is_operator => true) AS c")
jwt=$(jwt '{"iss":"site","sub":"u1","exp":4102444800}')
sql standby >/dev/null <<'SQL'
SELECT opigno.register_token_issuer('site', app_id => 0), opigno.register_token_key('site', repeat('k', 32),
    algorithm => 'HS256');
SELECT opigno.grant_access('jit_other', 'auditor');
SELECT opigno.upsert_profile('u1', 1, '{"b":2}');
SQL
ok 'the standby catches up' catches_up

reads_of_user="SELECT opigno.request_user(), opigno.request_app();
    SELECT app_id, profile_data FROM opigno.my_profiles();
    SELECT opigno.my_account() ->> 'name'; SELECT opigno.my_preferences();
    SELECT display_name, scope FROM opigno.my_user_context(); SELECT * FROM opigno.my_progress();
    SELECT opigno.get_user_bundle('u1')::text; SELECT opigno.has_scope('u1', 'AUTHENTICATED')"
read_by() { # HEADER: all that a role of level user reads in a request
    "$bindir/psql" -XqAt -U jit_user standby -c "BEGIN; SELECT FROM opigno.begin_request('$1', 'u1');
        $reads_of_user; COMMIT" 2>&1
}
for header in "Bearer $token" "JWT $jwt"; do
    on_primary=$(read_by "$header")
    is "${header%% *}: a request reads on the primary" "$(sed -n '/^0|/p' <<<"$on_primary" | head -n 1)" '0|{"a": 1}'
    is "${header%% *}: the same on the standby" "$(on_standby read_by "$header")" "$on_primary"
done

# Requests over HTTP. What differs from request to request is no part of the answers.
http() { # METHOD TARGET [BODY [CONTENT-TYPE [AUTHORIZATION]]]
    "$bindir/psql" -XqAt -U jit_gateway standby -v method="$1" -v target="$2" -v body="${3:-}" \
        -v type="${4:-application/json}" -v authorization="${5:-Bearer $token}" 2>&1 <<<"
            SELECT h.status, h.response_headers - 'Date', translate(calls.without_present(h.response_body), E'\n', ' ')
            FROM opigno.http_request(:'method', :'target', jsonb_build_object('Authorization', :'authorization',
                'Opigno-Client-UUID', 'u1', 'Content-Type', :'type'), convert_to(:'body', 'UTF8')) AS h"
}
# Each path of GET that openapi.yaml has, for u1, app 0 and what else there is.
targets() {
    awk '/^  \// { path = $1; sub(/:$/, "", path) } /^    get:/ { print path }' docs/openapi.yaml | sed '
        s/{uuid}\|{userid}\|{username}\|{user_id}/u1/; s/{appid}\|{app_id}/0/; s/{preference_key}\|{key}/theme/
        s/{training[a-z_]*}/course/; s/{[a-z_A-Z]*}/u1/'
}
http_all() {
    local target authorization
    while read -r target; do
        for authorization in "$token" "$operator"; do
            printf '%s ' "$target"
            http GET "$target" '' application/json "Bearer $authorization"
        done
    done < <(targets)
}
http_all >"$run/on_primary"
on_standby http_all >"$run/on_standby"
ok 'there is something to GET' [ "$(grep -c '^/[^ ]* 200|' "$run/on_primary")" -ge 40 ]
ok 'each GET is answered the same' diff "$run/on_primary" "$run/on_standby"
query='{"query":"{ getUserContext(uuid: \"u1\") { uuid scope profiles { appId profileData }
    account { name fields } preferences } apps { app } }"}'
query=${query//$'\n'/}
on_primary=$(http POST /graphql "$query")
is 'GraphQL answers' "$(cut -d '|' -f 1 <<<"$on_primary")$(grep -o '"errors"' <<<"$on_primary")" 200
is 'and the same on the standby' "$(on_standby http POST /graphql "$query")" "$on_primary"
is 'also for a JWT' "$(on_standby http POST /graphql "$query" application/json "JWT $jwt")" \
    "$(http POST /graphql "$query" application/json "JWT $jwt")"

# Each write of openapi.yaml: with a body that it accepts or not, it is never a 500, and nothing is written.
writes() {
    awk '/^  \// { path = $1; sub(/:$/, "", path) } /^    (put|post|patch|delete):/ { print toupper($1) path }' \
        docs/openapi.yaml | sed 's/:/ /; s/{uuid}\|{userid}\|{username}\|{user_id}/u1/; s/{appid}\|{app_id}/0/
        s/{preference_key}\|{key}/theme/; s/{training[a-z_]*}/course/; s/{[a-z_A-Z]*}/u1/'
}
http_writes() {
    local method target type
    while read -r method target; do
        for type in application/json application/merge-patch+json; do
            printf '%s %s ' "$method" "$target"
            on_standby http "$method" "$target" '{"name":"New","displayName":"New","app":"New","theme":"light",
                "profile_data":{"n":1}}' $type "Bearer $operator" | head -n 1 | cut -d '|' -f 1
        done
    done < <(writes)
}
http_writes | grep -v ' 4[0-9][0-9]$' | sort -u >"$run/statuses"
# A PUT that changes nothing is none.
is 'a write over HTTP is refused with 503, or was no good anyway' \
    "$(grep -v ' 503$\|/graphql 200$\|/enrolments/.* 204$' "$run/statuses")" ''
ok 'many are refused with 503' [ "$(grep -c ' 503$' "$run/statuses")" -ge 5 ]
is 'as a problem that says so' "$(on_standby http PATCH /user/profiles/0 '{"a":2}' application/merge-patch+json |
    grep -o 'application/problem+json\|this server is read-only' | sort -u)" \
    $'application/problem+json\nthis server is read-only'
mutation='{"query":"mutation { patchProfile(userUuid: \"u1\", appId: 0, patch: {a: 3}) { errors } }"}'
on_standby http POST /graphql "$mutation" >"$run/mutation"
is 'a mutation of GraphQL is refused, too' \
    "$(grep -o '"25006"\|read-only' "$run/mutation" | sort -u)" $'"25006"\nread-only'
is 'reads lock nothing against others' "$(on_standby sql standby <<SQL
BEGIN;
\o /dev/null
SELECT opigno.test_request('u1');
$reads_of_user;
\o
SELECT DISTINCT locktype, mode FROM pg_locks WHERE pid = pg_backend_pid() AND mode <> 'AccessShareLock';
SQL
)" 'virtualxid|ExclusiveLock'

# ---- what sessions keep -------------------------------------------------------------------------------

# One session of the standby that lives on, which has read all that it may keep before each change.
coproc session { PGHOST=$standby exec "$bindir/psql" -XqAt -v VERBOSITY=terse standby 2>&1; }
ask() { # STATEMENTS
    local line
    printf '%s;\n\\echo that is all\n' "$1" >&"${session[1]}"
    while read -r -t 60 -u "${session[0]}" line; do
        [ "$line" != 'that is all' ] || return 0
        printf '%s|' "$line"
    done
    printf 'no answer'
}
as_user="BEGIN; SELECT opigno.test_request('u1', app_id => 1); SET LOCAL ROLE jit_user;"
learns() { # DESCRIPTION QUESTION BEFORE CHANGE AFTER
    is "$1: before" "$(ask "$2; ROLLBACK; RESET ROLE")" "$3"
    sql standby -c "$4" >/dev/null
    catches_up
    is "$1: after" "$(ask "$2; ROLLBACK; RESET ROLE")" "$5"
}
ask "SET client_min_messages = error" >/dev/null
learns 'a scope' "SELECT opigno.validate_scope('{MENTOR}')" 'ERROR:  unknown scope "MENTOR"|' \
    "SELECT opigno.register_scope('MENTOR', '{AUTHENTICATED}')" '{MENTOR}|'
learns 'a private app' "$as_user SELECT app_id FROM opigno.my_profiles()" '|0|1|' \
    'SELECT opigno.update_app(0, is_private => true)' '|1|'
learns 'a public app' "$as_user SELECT app_id FROM opigno.my_profiles()" '|1|' \
    'SELECT opigno.update_app(0, is_private => false)' '|0|1|'
learns 'what a schema hides' "$as_user SELECT profile_data FROM opigno.my_profiles(0)" '|{"a": 1}|' \
    "SELECT opigno.set_profile_schema(0, '{\"properties\":{\"a\":{\"x-opigno-read\":[]}}}')" '|{}|'
learns 'a schema that is dropped' "$as_user SELECT profile_data FROM opigno.my_profiles(0)" '|{}|' \
    'SELECT opigno.drop_profile_schema(0)' '|{"a": 1}|'
learns 'a level of access' "SET ROLE jit_other; SELECT count(*) > 0 FROM opigno.list_profiles(0)" 't|' \
    "SELECT opigno.revoke_access('jit_other')" 'ERROR:  permission denied for schema opigno at character 26|'
learns 'an attached table' "SELECT count(*) FROM opigno.list_entity_tables()" '1|' \
    "SELECT opigno.attach_entity_table('public.badge', 'badges', user_column => 'learner', on_retirement => 'erase')" \
    '2|'
learns 'rows of it' "SELECT count(*) FROM opigno.user_entities('u1', 'badges')" '0|' \
    "INSERT INTO public.badge VALUES ('u1')" '1|'
learns 'a rule of preferences' "SELECT count(*) FROM opigno.list_preference_rules()" '0|' \
    "SELECT opigno.configure_preference('theme', '{\"enum\": [\"dark\"]}')" '1|'
learns 'a field of accounts' "SELECT opigno.get_account('u1')::jsonb ? 'bio'" 'f|' \
    "SELECT opigno.configure_extended_profile_field('bio', placement => 'account')" 't|'
learns 'a scope of a user' "$as_user SELECT opigno.has_scope('u1', 'MENTOR')" '|f|' \
    "SELECT opigno.set_user_scopes('u1', '{MENTOR}')" '|t|'
learns 'a key of an issuer' "BEGIN; SELECT opigno.begin_request('JWT $jwt')" '|' \
    "SELECT opigno.drop_token_key('site')" 'ERROR:  authorization failed|'
learns 'a user who is not active' \
    "BEGIN; SELECT opigno.begin_request('Bearer $operator', 'u2'); SELECT opigno.request_user()" '|u2|' \
    "SELECT opigno.set_user_context('u2', is_active => false)" '||'
learns 'a client that is revoked' "BEGIN; SELECT opigno.begin_request('Bearer $token', 'u1')" '|' \
    'SELECT opigno.revoke_client(client_id) FROM calls.client' 'ERROR:  authorization failed|'

# ---- promoted -----------------------------------------------------------------------------------------

sql standby >/dev/null <<'SQL'
SELECT opigno.set_user_context('last', 'Last', true), opigno.upsert_profile('last', 0, '{"a":1}');
SELECT opigno.register_app('Last');
SQL
ok 'it catches up with the last of the primary' catches_up
is 'the session cannot write' "$(ask "SELECT opigno.patch_profile('last', 0, '{\"a\":2}')")" \
    'ERROR:  cannot execute UPDATE in a read-only transaction|'
last="SELECT (SELECT max(id) FROM opigno.user_context), (SELECT max(id) FROM opigno.audit),
    (SELECT max(app_id) FROM opigno.app), (SELECT version FROM opigno.profile WHERE user_uuid = 'last')"
IFS='|' read -r user audit app version < <(sql standby -c "$last")
is 'the same is on the standby' "$(ask "$last")" "$user|$audit|$app|$version|"
is 'as is every row' "$(on_standby digests standby | grep -v '_seq|')" "$(digests standby | grep -v '_seq|')"
ok 'it is promoted' as_server_user "$bindir/pg_ctl" -D "$standby/data" -w promote
is 'the same session writes, and versions go on' \
    "$(ask "SELECT version - $version, outcome FROM opigno.patch_profile('last', 0, '{\"a\":2}')")" '1|merged|'
is 'ids go on' "$(ask "SELECT id > $user FROM opigno.set_user_context('next', 'Next', true);
    SELECT app_id > $app FROM opigno.register_app('Next');
    SELECT count(*) FROM opigno.audit WHERE id > $audit")" 't|t|3|'
is 'what was learnt on the standby is in force for writes' \
    "$(ask "SELECT opigno.set_preference('u1', 'theme', 'light');
        SELECT scope FROM opigno.set_user_scopes('u1', '{MENTOR}'); SELECT opigno.set_user_scopes('u1', '{NONE}')")" \
    "ERROR:  \"value\" is not valid for the preference: the value violates \"enum\" of the schema, at \"/enum\"|$(
    ){MENTOR}|ERROR:  unknown scope \"NONE\"|"
ok 'the catalogue can be changed there' \
    on_standby "$bindir/psql" -Xq -v ON_ERROR_STOP=1 -c 'DROP EXTENSION opigno_profiles CASCADE' standby_fuzz
ask '\q' >/dev/null
ok 'it stops' stop_server "$standby"

sql postgres -c 'DROP DATABASE standby' -c 'DROP DATABASE standby_fuzz' \
    -c 'DROP ROLE jit_user, jit_operator, jit_gateway, jit_other, fuzz_user, fuzz_operator, fuzz_gateway, fuzz_other,
        standby_auditor'
finish_tap
