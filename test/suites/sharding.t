#!/usr/bin/env bash
# A front, a hub and three shards, each a server of its own: what is called through the front answers as on one server.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=test/suites/sharded_servers.sh
. "$(dirname "$0")/sharded_servers.sh"
shopt -s lastpipe

front() { on front -c "SET search_path = sharded" -v ON_ERROR_STOP=0 -v VERBOSITY=verbose "$@" 2>&1 |
    grep -vE '^(LOCATION|CONTEXT|NOTICE|PL/pgSQL function|SQL statement)|^NOTICE'; }
start_servers 3
on front -c 'CREATE DATABASE single' >/dev/null
on front -d single -c 'CREATE EXTENSION opigno_profiles' -c 'SELECT opigno.add_retirement_salt()' >/dev/null

# ---- proxies -------------------------------------------------------------------------------------------------------

is 'a proxy for each function whose route says so' "$(on front <<'SQL'
SELECT function_name FROM opigno.function_route AS r JOIN pg_proc AS p ON p.proname = r.function_name
    AND p.pronamespace = 'opigno'::regnamespace AND p.prokind = 'f'
WHERE route <> 'local' AND NOT EXISTS (
    SELECT FROM pg_proc AS x WHERE x.pronamespace = 'sharded'::regnamespace AND x.proname = p.proname
    AND pg_get_function_arguments(x.oid) = pg_get_function_arguments(p.oid)
    AND pg_get_function_result(x.oid) = pg_get_function_result(p.oid));
SQL
)" ''
is 'nothing for PUBLIC, and a comment on each' "$(on front -c "SELECT proname FROM pg_proc
    WHERE pronamespace = 'sharded'::regnamespace AND (has_function_privilege('public', oid, 'EXECUTE')
    OR obj_description(oid, 'pg_proc') IS NULL)")" ''
definitions="SELECT md5(string_agg(pg_get_functiondef(oid) || coalesce(proacl::text, ''), '' ORDER BY proname))
    FROM pg_proc WHERE pronamespace = 'sharded'::regnamespace"
before=$(on front -c "$definitions")
on front >/dev/null <<'SQL'
DROP FUNCTION sharded.get_profile;
CREATE FUNCTION sharded.get_profile(user_uuid text) RETURNS text LANGUAGE sql AS 'SELECT $1';
COMMENT ON FUNCTION sharded.get_profile(text) IS E'Old.\nMade by opigno.sharding_script().';
CREATE FUNCTION sharded.of_the_site() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CALL opigno.install_proxies('users', 'sharded');
SELECT sharded.of_the_site();
DROP FUNCTION sharded.of_the_site();
SQL
is 'installing again gives the same, without proxies of older versions' "$(on front -c "$definitions")" "$before"
is 'roles have proxies as they have the functions' "$(on front <<'SQL'
CREATE ROLE ops LOGIN;
CREATE ROLE web LOGIN;
SELECT opigno.grant_access('ops', 'operator'), opigno.grant_access('web', 'gateway') \g /dev/null
CALL opigno.install_proxies('users', 'sharded');
SELECT grantee, p.proname FROM pg_proc AS p JOIN pg_proc AS x ON x.proname = p.proname
    AND x.pronamespace = 'sharded'::regnamespace, unnest('{ops,web}'::regrole[]) AS grantee
WHERE p.pronamespace = 'opigno'::regnamespace AND p.prokind = 'f'
    AND has_function_privilege(grantee, p.oid, 'EXECUTE') <> has_function_privilege(grantee, x.oid, 'EXECUTE');
SQL
)" ''
for server in hub shard_{0,1,2}; do
    on "$server" -c 'CREATE ROLE ops LOGIN' -c 'CREATE ROLE web LOGIN' >/dev/null
done
is 'levels, on all servers at once' "$(
    front -c "SELECT grant_access('ops', 'operator'), grant_access('web', 'gateway')" \
        -c "SET ROLE ops; SELECT count(*) FROM list_user_contexts()")" $'|\n0'

# ---- the same answers as one server --------------------------------------------------------------------------------

for database in opigno single; do
    on front -d "$database" -q -f "$top/test/suites/sharding.sql"
done
is 'a role cannot connect to the shards as another' "$(front -c 'SET ROLE web' \
    -c "CREATE USER MAPPING FOR CURRENT_USER SERVER users OPTIONS (user 'postgres')" | head -n 1)" \
    'ERROR:  42501: permission denied for user mappings of the front'
is 'privileges that are taken from a role on the front' "$(on front <<'SQL'
CREATE ROLE gone;
SELECT opigno.grant_access('gone', 'operator') \g /dev/null
CALL opigno.install_proxies('users', 'sharded');
SELECT opigno.revoke_access('gone') \g /dev/null
CALL opigno.install_proxies('users', 'sharded');
DROP ROLE gone;
SELECT 'dropped';
SQL
)" dropped
is 'the schema of the extension has no proxies' "$(front -c "CALL opigno.install_proxies('users', 'opigno')")" \
    $'ERROR:  22023: "schema" must not be opigno\nDETAIL:  The functions of the extension are there.'
is 'nobody stores users on the front' "$(front -c "SELECT opigno.set_user_context('u1', 'U', true)" | head -n 1 |
    cut -c1-14)" 'ERROR:  PT409:'

on front -d single -c "CALL compare.generate(${SHARDING_CALLS:-2000})"
on front -d single -c 'COPY compare.call (n, name, query) TO STDOUT' |
    on front -c 'COPY compare.call (n, name, query) FROM STDIN'
ok 'generated calls on one server' on front -d single -c "CALL compare.run('opigno')"
ok 'the same calls through the front' on front -c "CALL compare.run('sharded')"
answers() { on front -d "$1" -c 'SELECT n, name, query, answer FROM compare.call ORDER BY n'; }
is 'the same answers' "$(diff <(answers single) <(answers opigno) | head -n 40)" ''
is 'each proxied function was called, and has succeeded' "$(on front <<'SQL'
SELECT r.function_name FROM opigno.function_route AS r JOIN pg_proc AS p ON p.proname = r.function_name
    AND p.pronamespace = 'sharded'::regnamespace
WHERE r.function_name NOT IN (SELECT name FROM compare.excluded) AND NOT EXISTS (
    SELECT FROM compare.call AS c WHERE c.name = r.function_name AND c.answer NOT LIKE 'SQLSTATE %') ORDER BY 1;
SQL
)" clean_up_partner_reports
printf '# %s calls\n' "$(on front -c 'SELECT count(*) FROM compare.call')"

# ---- attacks -------------------------------------------------------------------------------------------------------

# Roles may execute every proxy: the privileges on the shards and the hub must be enough.
levels=(user gateway auditor learning operator)
grants="SELECT opigno.grant_access(level || '_level', level) FROM regexp_split_to_table('${levels[*]}', ' ') AS level
    \\g /dev/null"
for server in front hub shard_{0,1,2}; do
    printf 'CREATE ROLE %s_level LOGIN;\n' stranger "${levels[@]}" | on "$server"
    printf '%s\nGRANT USAGE ON SCHEMA opigno TO stranger_level;' "$grants" | on "$server"
done
printf '%s\nGRANT USAGE ON SCHEMA opigno TO stranger_level;' "$grants" | on front -d single
on front -c "CALL opigno.install_proxies('users', 'sharded')" -c 'GRANT USAGE ON SCHEMA sharded TO PUBLIC' \
    -c 'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA sharded TO PUBLIC' \
    -c 'GRANT USAGE ON FOREIGN SERVER users, users_hub TO PUBLIC'
attacks=$(awk '/^INSERT INTO test.attack/ { is_row = 1; next } is_row; is_row && /;$/ { exit }' "$top/sql/attacks.sql" |
    sed '$s/;$//')
for database in opigno single; do
    front -d "$database" -q -v attacks="$attacks" -f "$top/test/suites/sharding_attacks.sql"
done
ok 'mallory and the victim, on one server' on front -d single -c "CALL compare.prepare_attacks('opigno')"
ok 'and through the front' on front -c "CALL compare.prepare_attacks('sharded')"
on front -c "SELECT opigno.register_token_issuer('idp', operator_claim => '/operator')" >/dev/null
ok 'requests on one server' on front -d single -c "CALL compare.request('opigno')"
front -c "CALL compare.request('sharded')"
requests() { on front -d "$1" -c "SELECT r.method, r.target, r.headers, r.body, r.answer
    FROM compare.request AS r ORDER BY r.n"; }
is 'the same answers over HTTP' "$(diff <(requests single) <(requests opigno))" ''
lists='^/user-contexts([?]|$)|users?(name)?=[^&]*(,|%2C)'
is 'lists with links, and empty ones' "$(on front -c "SELECT count(*) FILTER (WHERE answer ~ '\"Link\"') > 0,
        count(*) FILTER (WHERE answer ~ '\n\[\]\$') > 0
    FROM compare.request WHERE answer LIKE '200%' AND target ~ '$lists'")" 't|t'
is 'answers of all kinds' "$(on front -c "SELECT string_agg(DISTINCT split_part(answer, E'\n', 1), ' ')
    FROM compare.request")" '200 201 204 400 401 403 404 406 413 415 422'
ok 'attacks by each level on one server' on front -d single -c "CALL compare.attack('opigno')"
front -c "CALL compare.attack('sharded')"
outcomes() { on front -d "$1" -c 'SELECT o.level, o.outcome, a.statement FROM compare.outcome AS o
    JOIN compare.attack AS a USING (n) ORDER BY a.n, o.level'; }
is 'the same outcomes through the front' "$(diff <(outcomes single) <(outcomes opigno))" ''
printf '# %s attempts\n' "$(outcomes opigno | wc -l)"

# ---- requests over HTTP --------------------------------------------------------------------------------------------

front -c "SELECT 1 FROM register_app('Web', app_id => 900)" >/dev/null
IFS='|' read -r client_key client_secret <<<"$(
    front -c "SELECT client_key, client_secret FROM register_client(900, 'Web', 'all', '{AUTHENTICATED}')")"
http() { # METHOD TARGET HEADERS BODY: the status and the body
    front -c "SET ROLE web" -c "SELECT status, response_body::jsonb
        FROM http_request('$1', '$2', '$3', convert_to('$4', 'UTF8'))"
}
json='"Content-Type": "application/json"'
form="grant_type=client_credentials&client_id=$client_key&client_secret=$client_secret"
token=$(http POST /oauth/token '{"Content-Type": "application/x-www-form-urlencoded"}' "$form" |
    sed -n 's/.*"access_token": "\([^"]*\)".*/\1/p')
ok 'a token from the hub' test -n "$token"
as() { printf '{"Authorization": "Bearer %s", "Opigno-Client-UUID": "%s", %s}' "$token" "$1" "$json"; } # USER
of_shard() { on front -c "SELECT 'w' || i FROM generate_series(1, 99) AS i
    WHERE opigno.user_shard('w' || i, 3) = $1 LIMIT 1"; }
for shard in 0 1 2; do
    user=$(of_shard "$shard")
    headers=$(as "$user")
    is "$user: a user context, a profile and GraphQL through the front" "$(
        http PUT "/user-contexts/$user" "$headers" '{"displayName": "Web", "isActive": true}' | cut -d'|' -f1
        http POST /user/profiles/create "$headers" '{"app_id": 900, "profile_data": {"a": 1}}' | cut -d'|' -f1
        http GET /user/profiles/900 "$headers" '' | grep -o '"a": 1'
        http POST /graphql "$headers" "{\"query\": \"{ getUserContext(uuid: \\\"$user\\\") { displayName } }\"}"
    )" $'201\n201\n"a": 1\n200|{"data": {"getUserContext": {"displayName": "Web"}}}'
done
a=$(of_shard 0) b=$(of_shard 2)
front -c "SELECT set_user_scopes('$a', '{ADMINISTRATOR}'), set_user_scopes('$b', '{AUTHENTICATED}')" \
    -c "SELECT set_training('course', 'Course')" >/dev/null
is 'the hub lets an administrator write a training profile, and nobody else' "$(for user in "$a" "$b"; do
    http PUT /trainings/course/profiles/900 "$(as "$user")" \
        '{"profile_data": {"level": 1}}' | cut -d'|' -f1; done)" $'201\n403'
account() { http GET "/api/user/v1/accounts/$b" "$(as "$a")" '' | grep -oE '^[0-9]+|"username": "[^"]*"'; }
is 'a user sees the shared account of one on another shard, while active' "$(account
    front -c "SELECT set_user_context('$a', 'Web', false)" >/dev/null
    account
    front -c "SELECT set_user_context('$a', 'Web', true)" >/dev/null)" $'200\n"username": "'"$b"$'"\n404'
is 'several calls in one query have their own rows' "$(front \
    -c "SELECT set_preference('$a', 'time_zone', 'UTC'), set_preference('$b', 'time_zone', 'UTC')" \
    -c "SELECT (a).uuid, (b).uuid FROM (SELECT get_user_context('$a') AS a, get_user_context('$b') AS b) AS x" \
    -c "SELECT (x.a).uuid FROM (SELECT get_user_context('$a') AS a, has_scope('$b', 'AUTHENTICATED')) AS x" \
    -c "SELECT (get_user_context('$b')).*" | cut -d'|' -f1-2 | sed 's/|[0-9]*$//')" \
    "created|created"$'\n'"$a|$b"$'\n'"$a"$'\n'"$b"
is 'users are on all shards' "$(for shard in 0 1 2; do
    on "shard_$shard" -c 'SELECT count(*) > 0 FROM opigno.user_context'; done)" $'t\nt\nt'
operator="{\"Authorization\": \"Bearer $(on front -c "SELECT compare.jwt('{\"operator\": true}')")\", $json}"
is 'a clean-up is one transaction' "$(http POST /api/user/v1/accounts/retirement_cleanup/ "$operator" \
    "{\"usernames\": [\"$a\", \"$b\"]}" | grep -oE '^501|"hint": "[^"]*"')" \
    $'501\n"hint": "Call the SQL function retirement_cleanup on the front."'
front -c "SELECT begin_retirement('$a'), begin_retirement('$b')" >/dev/null
is 'retirements are cancelled by their numbers' "$(for user in "$a" "$b"; do
    number=$(front -c "SELECT retirement_id FROM get_retirement('$user')")
    for _ in 1 2; do
        http POST /api/user/v1/accounts/cancel_retirement/ "$operator" "{\"retirement_id\": $number}"
    done
    front -c "SELECT is_active FROM get_user_context('$user')"; done)" "$(for _ in 1 2; do
    echo '200|{"success": true}'
    echo '400|{"message": "Retirement does not exist!"}'
    echo t; done)"
for _ in $(seq 8); do front -c 'SELECT FROM create_anonymous_user_context()'; done
anonymous() { front -c "SELECT total FROM count_user_contexts(scope => 'ANONYMOUS')"; }
number=$(anonymous)
answer=$(http POST /operator/users/purge-anonymous "$operator" \
    "$(on front -c "SELECT json_build_object('older_than', now())")")
left=$(anonymous)
is 'anonymous users of all shards are purged, but those with data' "$answer" "200|{\"deleted\": $((number - left))}"
is 'each shard had some' "$(((number - left) >= 8)) $(for shard in 0 1 2; do
    on "shard_$shard" -c "SELECT count(*) > 0 FROM opigno.audit WHERE action ~ '^purge_anonymous'"; done)" $'1 t\nt\nt'

# ---- the user of the request is on another shard than the user it is about -------------------------------------------

query="{ getUserContext(uuid: \\\"$b\\\") { uuid } getUserPassedTrainingsRanking { __typename } }"
is 'a document about both needs several servers' "$(http POST /graphql "$(as "$a")" "{\"query\": \"$query\"}" |
    grep -oE '^501|"hint": "[^"]*"')" $'501\n"hint": "Send several requests."'
sent() { sed "s/^{/{\"$1\": \"x\", /"; } # HEADER
is 'what a client sends as assertion makes no difference' "$(
    for header in Opigno-User-Assertion opigno-user-assertion; do
        for headers in "$operator" "$(as "$a")"; do
            http GET "/user-contexts/$b" "$(sent "$header" <<<"$headers")" '' | cut -d'|' -f1
        done
    done | sort -u)" 200
# Another claim than sub, and the front does not know.
bearer() { printf '{"Authorization": "Bearer %s", %s}' "$(on front -c "SELECT compare.jwt('$1')")" "$json"; } # CLAIMS
on front -c "SELECT opigno.drop_token_issuer('idp')" >/dev/null
on hub -c "SELECT opigno.register_token_issuer('idp', user_claim => '/uid', operator_claim => '/operator')" >/dev/null
all=$(front -c 'SELECT total FROM count_user_contexts()')
is 'an operator who names no user sees the users of all shards' "$(for sub in service "$(printf 'x%.0s' {1..300})"; do
    http GET '/user-contexts?limit=1000' "$(bearer "{\"sub\": \"$sub\", \"operator\": true}")" '' |
        grep -o '"uuid":' | wc -l; done)" "$all"$'\n'"$all"
is 'a user whom the front cannot know is refused if on another shard' "$(for uid in "$a" "$b"; do
    claims="{\"sub\": \"$b\", \"uid\": \"$uid\", \"operator\": true}"
    http GET "/user-contexts/$a" "$(bearer "$claims")" '' | cut -d'|' -f1; done)" $'409\n200'
on hub -c 'DELETE FROM opigno.shard_secret'
is 'without a secret' "$(http GET "/user-contexts/$b" "$(as "$a")" '' | cut -d'|' -f1
    http GET "/user-contexts/$b" "$(as "$b")" '' | cut -d'|' -f1)" $'503\n200'
is 'the hub makes another one' "$(on hub -c 'SELECT opigno.become_hub()'
    http GET "/user-contexts/$b" "$(as "$a")" '' | cut -d'|' -f1)" $'t\n200'

# ---- a shard that is down ------------------------------------------------------------------------------------------

leaving() { on front -c "SELECT 'leaving-' || i FROM generate_series(1, 99) AS i
    WHERE opigno.user_shard('leaving-' || i, 3) = $1 LIMIT 1"; }
reports() { # of users who are leaving
    http POST /api/user/v1/accounts/retirement_partner_report/ "$operator" '' |
        sed -E 's/"original_username": "([^"]*)"/\n=\1\n/g; 1s/^/=/; s/\|/\n/' | sed -n 's/^=//p' | sort | xargs
}
reports >/dev/null
for shard in 0 1 2; do
    user=$(leaving "$shard")
    ok "$user leaves" on front -c "SELECT sharded.set_user_context('$user', 'Leaving', true)" \
        -c "SELECT sharded.begin_retirement('$user')" \
        -c "SELECT sharded.move_retirement('$user', 'LOCKING_ACCOUNT', '')" \
        -c "SELECT sharded.queue_partner_report('$user')"
done
as_server_user "$bindir/pg_ctl" -D "$home/shard_2/data" -m immediate -w stop >/dev/null
is 'other shards answer' "$(
    front -c "SELECT outcome FROM upsert_profile('u8', 1, '{}')" -c "SELECT count(*) FROM get_user_context('u2')"
)" $'created\n1'
is 'reports of the others to partners are shown' "$(reports)" \
    "$(printf '%s\n' 200 "$(leaving 0)" "$(leaving 1)" | sort | xargs)"
is 'an error, if there are none' "$(reports)" 503
is 'what is purged elsewhere, too' "$(http POST /operator/users/purge-anonymous "$operator" \
    '{"older_than": "2001-01-01T00:00:00Z"}' | cut -d'|' -f1)" 503
is 'its users: an error over SQL' "$(front -c "SELECT get_profile('$(of_shard 2)', 0)" | head -n 1 | cut -c1-33)" \
    'ERROR:  XX000: PL/Proxy function '
is 'and what any shard can answer' \
    "$(for _ in $(seq 20); do http GET /health '{}' '' | cut -d'|' -f1; done | sort -u)" 200
is '503 over HTTP' "$(http GET /user/progress "{\"Opigno-Client-UUID\": \"$(of_shard 2)\"}" '' | cut -d'|' -f1)" 503
jwt=$(on front -c "SELECT compare.jwt(jsonb_build_object('sub', '$(of_shard 2)', 'operator', true))")
is 'nobody can say whether an operator of it may still act' "$(
    http GET "/user-contexts/$a" "{\"Authorization\": \"Bearer $jwt\"}" '' | cut -d'|' -f1)" 503
is 'for lists, and for several users if one of them is of it' "$(for target in "/user-contexts?limit=1" \
    "/api/user/v1/accounts?username=$a,$b" "/api/user/v1/accounts?username=$a,$(of_shard 1)"; do
    http GET "$target" "$(as "$a")" '' | cut -d'|' -f1
done)" $'503\n503\n200'
is 'the hub refuses changes that it would miss' "$(front -c "SELECT set_training('x', 'X')" | head -n 1 | cut -c1-14)" \
    'ERROR:  PT409:'
start_server "$home/shard_2" "$home/shard_2"
is 'then reports of its users are shown' "$(reports)" "200 $(leaving 2)"
ok 'it comes back' wait_for "$home" hub 'SELECT bool_and(is_waited_for) FROM opigno.registry_lag'
is 'and answers' "$(front -c "SELECT count(*) FROM list_user_contexts('u', 3)" \
    -c "SELECT set_training('x', 'X') IS NULL")" \
    $'3\nf'
finish_tap
