#!/usr/bin/env bash
# What the server log says of refused tokens and secrets: the reason, and never a token or a secret, however the server
# is set up and in both protocols. Headers with bytes that are no text. And begin_request and http_request on a hot
# standby.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=test/suites/catalogue.sh
. "$(dirname "$0")/catalogue.sh"
# shellcheck source=scripts/lib/common.sh
. "$top/scripts/lib/common.sh"

"$bindir/createdb" -T template0 -E UTF8 --locale=C.UTF-8 tokens
ok 'clients, tokens and users' "$bindir/psql" -Xq -v ON_ERROR_STOP=1 tokens <<'SQL'
CREATE EXTENSION opigno_profiles;
SELECT opigno.register_app('Shop', app_id => 0);
SELECT opigno.set_user_context(uuid, uuid, true), opigno.upsert_profile(uuid, 0, '{}')
FROM unnest(ARRAY['u1', 'u2']) AS uuid;
CREATE ROLE tokens_web LOGIN;
SELECT opigno.grant_access('tokens_web', 'user');
CREATE ROLE tokens_gateway LOGIN;
SELECT opigno.grant_access('tokens_gateway', 'gateway');
CREATE TABLE credential AS
SELECT label, c.client_id, c.client_key, c.client_secret,
    opigno.issue_access_token(c.client_key, c.client_secret, 'client_credentials') ->> 'access_token' AS access_token
FROM unnest(ARRAY['server', 'revoked token', 'expired token', 'deleted token', 'revoked client', 'expired client'])
    AS label, opigno.register_client(0, label) AS c;
SELECT opigno.grant_user(client_id, 'u1') FROM credential WHERE label = 'server';
SELECT opigno.revoke_access_token(access_token) FROM credential WHERE label = 'revoked token';
UPDATE opigno.access_token SET expires_at = now()
WHERE token_hash = (SELECT sha256(access_token::bytea) FROM credential WHERE label = 'expired token');
DELETE FROM opigno.access_token
WHERE token_hash = (SELECT sha256(access_token::bytea) FROM credential WHERE label = 'deleted token');
SELECT opigno.revoke_client(client_id) FROM credential WHERE label = 'revoked client';
UPDATE opigno.client SET expires_at = now() WHERE label = 'expired client';
CREATE FUNCTION begin(header text, client_uuid text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT opigno.begin_request(%L, %L)', header, client_uuid);
END $$;
-- All that makes a server talkative.
ALTER DATABASE tokens SET log_min_error_statement = 'debug5';
ALTER DATABASE tokens SET log_parameter_max_length_on_error = -1;
ALTER DATABASE tokens SET log_error_verbosity = 'verbose';
SQL
field() { sql tokens -c "SELECT $2 FROM credential WHERE label = '$1'"; } # LABEL COLUMN
token=$(field server access_token) key=$(field server client_key) secret=$(field server client_secret)
id_of() { field "$1" client_id; }

# ---- the server log -------------------------------------------------------------------------

# Lines of the server log that a command adds; what it prints is in $run/printed.
logged_by() { # COMMAND...
    local size
    size=$(stat -c %s "$run/server.log")
    "$@" >"$run/printed" 2>&1
    tail -c +$((size + 1)) "$run/server.log"
}
in_simple_protocol() { "$bindir/psql" -XqAt -v VERBOSITY=verbose tokens -c "$1"; } # QUERY
in_extended_protocol() { # QUERY PARAMETER...
    "$top/test/suites/protocol.pl" "$run/.s.PGSQL.$PGPORT" postgres tokens "$@"
}
export PGPORT=${PGPORT:-5432}
has_credential() { grep -Eq 'opigno_(token|secret)_[0-9A-Za-z]{9}' <<<"$1"; }
told() { grep -qF -- "$2" <<<"$1"; } # LINES WORDS
# Neither in the log nor in the message. The context of an error in PL/pgSQL shows the caller its own statement.
nothing_told() { ! has_credential "$1" && ! has_credential "$(grep -v '^CONTEXT:' "$run/printed")"; }

# A refusal in the simple protocol with literals, in the extended protocol with parameters, and inside PL/pgSQL.
refused() { # DESCRIPTION SQLSTATE REASON HEADER USER
    local way lines
    for way in simple extended within; do
        case $way in
        simple) lines=$(logged_by in_simple_protocol "SELECT opigno.begin_request('$4', '$5')") ;;
        extended) lines=$(logged_by in_extended_protocol "SELECT opigno.begin_request(\$1, \$2)" "$4" "$5") ;;
        within) lines=$(logged_by in_simple_protocol "SELECT begin('$4', '$5')") ;;
        esac
        ok "$1 ($way): refused" grep -q "$2" "$run/printed"
        ok "$1 ($way): the log has the reason" told "$lines" "$3"
        ok "$1 ($way): and no token" nothing_told "$lines"
        [ "$2" != 28000 ] || [[ $3 = *'names no user' ]] ||
            ok "$1 ($way): the reason is not told to the client" not grep -qF "$3" "$run/printed"
    done
}
not() { ! "$@"; }

# The controls: the server does log statements, parameters and functions.
lines=$(logged_by in_simple_protocol "SELECT 1 / 0, '$token'")
ok 'the server logs statements' has_credential "$lines"
# shellcheck disable=SC2016 # parameters
lines=$(logged_by in_extended_protocol 'SELECT 1 / 0 + length($1)' "$token")
ok 'and parameters' has_credential "$lines"
is 'a valid token begins a request' "$(in_simple_protocol "SELECT opigno.begin_request('Bearer $token', 'u1')")" ''
# shellcheck disable=SC2016
is 'also as a parameter' "$(in_extended_protocol 'SELECT opigno.begin_request($1, $2)' "Bearer $token" u1)" ok

refused 'no header' 28000 'There is no authorization.' '' u1
refused 'another scheme' 28000 'The scheme of the authorization is neither Bearer nor JWT.' "Basic $token" u1
refused 'two tokens' 28000 'The authorization is not one scheme and one token.' "Bearer $token, Bearer $token" u1
refused 'a damaged token' 28000 'The token is neither an access token nor a JWT.' "Bearer ${token}0" u1
refused 'a secret' 28000 'The token is neither an access token nor a JWT.' "Bearer $secret" u1
refused 'an unknown token' 28000 'The access token is unknown.' "Bearer $(field 'deleted token' access_token)" u1
for label in 'revoked token' 'expired token'; do
    verb=$([ "$label" = 'revoked token' ] && echo 'was revoked' || echo 'has expired')
    refused "a token that $verb" 28000 "The access token of client $(id_of "$label") $verb." \
        "Bearer $(field "$label" access_token)" u1
done
refused 'a token of a revoked client' 28000 "Client $(id_of 'revoked client') is revoked." \
    "Bearer $(field 'revoked client' access_token)" u1
refused 'a token of an expired client' 28000 "Client $(id_of 'expired client') has expired." \
    "Bearer $(field 'expired client' access_token)" u1
refused 'no user' 28000 'the request names no user' "Bearer $token" ''
refused 'a malformed user' 22023 '"client_uuid" is longer than 255 bytes' "Bearer $token" "$(printf 'x%.0s' {1..256})"
refused 'a user of others' 42501 'the client may not act for this user' "Bearer $token" u2

# Refusals of credentials of clients, which are answers or errors.
answered() { # DESCRIPTION REASON CALL PARAMETER...
    local way lines call=$3 n=0 parameter
    for parameter in "${@:4}"; do
        n=$((n + 1))
        call=${call//\$$n/\'$parameter\'}
    done
    for way in simple extended; do
        case $way in
        simple) lines=$(logged_by in_simple_protocol "SELECT opigno.$call") ;;
        extended) lines=$(logged_by in_extended_protocol "SELECT opigno.$3" "${@:4}") ;;
        esac
        ok "$1 ($way): the log has the reason" told "$lines" "$2"
        ok "$1 ($way): and no secret or token" nothing_told "$lines"
    done
}
unknown='No client has this key and this secret.'
wrong=${secret%?????}00000
# shellcheck disable=SC2016 # parameters
{
    issue='issue_access_token($1, $2, $3)'
    answered 'a wrong secret' "$unknown" "$issue" "$key" "$wrong" client_credentials
    answered 'a secret for the key' "$unknown" "$issue" "$secret" "$key" client_credentials
    answered 'a revoked client' "Client $(id_of 'revoked client') is revoked." "$issue" \
        "$(field 'revoked client' client_key)" "$(field 'revoked client' client_secret)" client_credentials
    answered 'an expired client' "Client $(id_of 'expired client') has expired." "$issue" \
        "$(field 'expired client' client_key)" "$(field 'expired client' client_secret)" client_credentials
    for function in revoke_access_token introspect_access_token; do
        answered "$function with a wrong secret" "$unknown" "$function(\$1, \$2, \$3)" "$token" "$key" "$wrong"
        answered "$function with a secret alone" 'The key or the secret of the client is missing.' \
            "$function(\$1, nullif(\$2, ''), \$3)" "$token" '' "$secret"
    done
}
sql tokens -c 'ALTER DATABASE tokens SET default_transaction_read_only = on'
# shellcheck disable=SC2016
answered 'a transaction that may only read' 'cannot execute INSERT in a read-only transaction' \
    'issue_access_token($1, $2, $3)' "$key" "$secret" client_credentials
PGOPTIONS='-c default_transaction_read_only=off' \
    sql tokens -c 'ALTER DATABASE tokens RESET default_transaction_read_only'

# Denials of http_request name the route and the client.
as_gateway() { "$bindir/psql" -XqAt -U tokens_gateway tokens -c "$1"; }
lines=$(logged_by as_gateway "SELECT opigno.http_request('GET', '/operator/users/profile/u2/0',
    '{\"Authorization\":\"Bearer $token\",\"Opigno-Client-UUID\":\"u1\"}')")
ok 'a denial of http_request: the log has the route and the client' told "$lines" \
    "The route is GET /operator/users/profile/:userid/:appid. The client is $(id_of server)."
ok 'a denial of http_request: and no token' nothing_told "$lines"
lines=$(logged_by as_gateway "SELECT opigno.http_request('GET', '/user-contexts/u1',
    '{\"Authorization\":\"Bearer ${token}0\",\"Opigno-Client-UUID\":\"u1\"}')")
ok 'a bad token of http_request: the log has the route and the reason' told "$lines" \
    'The route is GET /user-contexts/:uuid. The token is neither an access token nor a JWT.'
ok 'a bad token of http_request: and no token' nothing_told "$lines"
lines=$(logged_by as_gateway "SELECT opigno.http_request('POST', '/graphql',
    '{\"Authorization\":\"Bearer $token\",\"Opigno-Client-UUID\":\"u1\",\"Content-Type\":\"application/json\"}',
    '{\"query\":\"mutation{patchProfile(userUuid:\\\\\"u2\\\\\",appId:0,patch:1){errors}}\"}')")
ok 'a denial of GraphQL: the log has the client' told "$lines" \
    "The field of GraphQL is patchProfile. The client is $(id_of server)."
ok 'a denial of GraphQL: and no token' nothing_told "$lines"

# ---- bytes that are no text -------------------------------------------------------------------

# The server refuses them before the function sees them.
for bytes in '\x00' '\xff' '\xc3' '\xc0\x80' '\xed\xa0\x80' '\xf4\x90\x80\x80'; do
    for place in header user; do
        header="Bearer $token" user=u1
        [ $place = user ] && user=u$bytes || header+=$bytes
        # shellcheck disable=SC2016
        lines=$(logged_by in_extended_protocol 'SELECT opigno.begin_request($1, $2)' "$header" "$user")
        is "$bytes in the $place" "$(cut -d ' ' -f 1 "$run/printed")" 22021
        ok "$bytes in the $place: no token in the log" nothing_told "$lines"
    done
    [ "$bytes" = '\x00' ] && continue # ends a query
    lines=$(logged_by in_extended_protocol "SELECT opigno.begin_request('Bearer $token$bytes', 'u1')")
    is "$bytes in a literal" "$(cut -d ' ' -f 1 "$run/printed")" 22021
    ok "$bytes in a literal: no token in the log" nothing_told "$lines"
done
"$bindir/createdb" -T template0 -E SQL_ASCII --locale=C tokens_ascii
sql tokens_ascii -c 'CREATE EXTENSION opigno_profiles'
# shellcheck disable=SC2016
is 'any bytes in SQL_ASCII' \
    "$("$top/test/suites/protocol.pl" "$run/.s.PGSQL.$PGPORT" postgres tokens_ascii \
        'SELECT opigno.begin_request($1, $2)' "Bearer $token\\xff\\xfe" u1)" '28000 authorization failed'
"$bindir/dropdb" tokens_ascii

# ---- a hot standby ----------------------------------------------------------------------------

standby=$run/standby
install -d -o "$server_user" -m 0700 "$standby"
trap 'stop_server "$standby"' EXIT
trap 'exit 1' INT TERM
ok 'a copy of the server' as_server_user "$bindir/pg_basebackup" -h "$run" -U postgres -D "$standby/data" -R -c fast
start_server "$standby" "$standby"
on_standby() { PGHOST=$standby "$bindir/psql" -XqAt -v VERBOSITY=sqlstate -U tokens_web tokens -c "$1" 2>&1; }
issue="SELECT opigno.issue_access_token('$key', '$secret', 'client_credentials') ->> 'access_token'"
new_token=$(sql tokens -c "$issue")
arrived() {
    PGHOST=$standby sql tokens -c "SELECT pg_last_wal_replay_lsn() >= '$1'" | grep -q t
}
position=$(sql tokens -c 'SELECT pg_current_wal_lsn()')
for _ in {1..100}; do
    if arrived "$position"; then break; fi
    sleep 0.1
done
is 'the server is a standby' "$(on_standby 'SELECT pg_is_in_recovery()')" t
is 'a request begins there, and reads' \
    "$(on_standby "BEGIN; SELECT opigno.begin_request('Bearer $new_token', 'u1');
        SELECT opigno.request_user(), app_id, profile_data FROM opigno.my_profiles(); COMMIT")" $'\nu1|0|{}'
is 'it may not act for others' "$(on_standby "SELECT opigno.begin_request('Bearer $new_token', 'u2')")" 'ERROR:  42501'
is 'other tokens are refused' \
    "$(on_standby "SELECT opigno.begin_request('Bearer $(field 'revoked token' access_token)', 'u1')")" 'ERROR:  28000'
is 'a token is valid there' \
    "$(on_standby "SELECT opigno.introspect_access_token('$new_token', '$key', '$secret') ->> 'active'")" true
is 'it writes nothing' \
    "$(on_standby "BEGIN; SELECT opigno.begin_request('Bearer $new_token', 'u1');
        SELECT opigno.patch_my_profile(0, '{\"a\": 1}')")" $'\nERROR:  25006'
is 'no token is issued there' "$(on_standby "$issue")" 'ERROR:  25006'
http() { # METHOD TARGET [BODY [CONTENT-TYPE]]
    PGHOST=$standby "$bindir/psql" -XqAt -U tokens_gateway tokens -v method="$1" -v target="$2" -v body="${3:-}" \
        -v authorization="Bearer $new_token" -v type="${4:-}" 2>&1 <<<"
            SELECT h.status, coalesce(h.response_body::jsonb ->> 'detail', h.response_body)
            FROM opigno.http_request(:'method', :'target', jsonb_build_object('Authorization', :'authorization',
                'Opigno-Client-UUID', 'u1', 'Content-Type', :'type'), convert_to(:'body', 'UTF8')) AS h"
}
is 'GET is answered there' "$(http GET /user-contexts/u1 | sed 's/"id":"[0-9]*",//')" \
    '200|{"displayName":"u1","isActive":true,"scope":[],"uuid":"u1"}'
read_only='503|this server is read-only'
patch=application/merge-patch+json
is 'a write is refused with a reason' "$(http PATCH /user/profiles/0 '{"a":1}' $patch)" "$read_only"
is 'also of an account' "$(http PATCH /api/user/v1/accounts/u1 '{"name":"New"}' $patch)" "$read_only"
is 'and of preferences' "$(http PUT /api/user/v1/preferences/u1/k '"v"' application/json)" "$read_only"
is 'and of a user context' "$(http PUT /user-contexts/u1 '{"displayName":"New"}' application/json)" "$read_only"
is 'DELETE, too' "$(http DELETE /user/profiles/0)" "$read_only"
form=application/x-www-form-urlencoded
is 'and a new token' \
    "$(http POST /oauth/token "grant_type=client_credentials&client_id=$key&client_secret=$secret" $form)" "$read_only"
is 'and its end' "$(http POST /oauth/revoke "token=$new_token&client_id=$key&client_secret=$secret" $form)" "$read_only"
is 'no request is left' "$(PGHOST=$standby "$bindir/psql" -XqAt -U tokens_gateway tokens \
    -c "SELECT status FROM opigno.http_request('DELETE', '/user/profiles/0', '{}')" \
    -c 'SELECT opigno.request_client() IS NULL')" $'401\nt'
is 'a wrong secret is answered all the same' \
    "$(on_standby "SELECT opigno.issue_access_token('$key', 'guessed', 'client_credentials') ->> 'error'")" \
    invalid_client
is 'no token is revoked there' \
    "$(on_standby "SELECT opigno.revoke_access_token('$new_token', '$key', '$secret')")" 'ERROR:  25006'
status_there() { # METHOD TARGET
    PGHOST=$standby sql -U tokens_gateway tokens -c "SELECT status FROM opigno.http_request('$1', '$2',
        '{\"Authorization\":\"Bearer $new_token\",\"Opigno-Client-UUID\":\"u1\",
          \"Content-Type\":\"application/merge-patch+json\",\"Origin\":\"https://a.example\"}', '{\"a\":1}')"
}
reads='/user/profiles/0 /user-contexts/u1 /api/user/v1/accounts/u1 /app/all /health'
is 'HTTP requests read there' "$(for target in $reads; do
    status_there GET "$target"
    status_there HEAD "$target"
done | sort | uniq -c | tr -s ' ')" ' 10 200'
sql tokens -c "SELECT FROM opigno.revoke_access_token('$new_token')"
position=$(sql tokens -c 'SELECT pg_current_wal_lsn()')
for _ in {1..100}; do
    if arrived "$position"; then break; fi
    sleep 0.1
done
is 'a token revoked on the primary is refused there' \
    "$(on_standby "SELECT opigno.begin_request('Bearer $new_token', 'u1')")" 'ERROR:  28000'
ok 'the standby stops' stop_server "$standby"

sql postgres -c 'DROP DATABASE tokens WITH (FORCE)' -c 'DROP ROLE tokens_web, tokens_gateway'
finish_tap
