#!/usr/bin/env bash
# Under forced JIT, inlining and optimization included, every function, procedure and aggregate of an extension that is
# really installed is called, by a superuser and by a role of level user. A new one needs a line in jit.sql.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=test/suites/catalogue.sh
. "$(dirname "$0")/catalogue.sh"
# shellcheck source=test/suites/copied_server.sh
. "$(dirname "$0")/copied_server.sh"
cd "$top" || exit 1

start_copy jit
# None: docs/decisions/0012-jit.md.
is 'no bitcode of ours is installed' "$(find "$home/copy" -path '*bitcode*' -name '*opigno*')" ''

"$bindir/createdb" jit
ok 'users, profiles and arguments' "$bindir/psql" -Xq -v ON_ERROR_STOP=1 jit \
    -c 'CREATE EXTENSION opigno_profiles' -f test/suites/calls.sql -f test/suites/jit.sql
names() { sql jit -c "SELECT name FROM calls.$1 EXCEPT SELECT name FROM calls.$2"; }
is 'every function has arguments' "$(names routine argument_list)" ''
is 'no arguments are there in vain' "$(names argument_list routine)" ''

forced='-c client_min_messages=warning
    -c jit_above_cost=0 -c jit_inline_above_cost=0 -c jit_optimize_above_cost=0'

# A statement for each call, so that the log of a crash names it. The outcome after the name of what was called.
call_all() { # ROLE CONDITION
    sql jit <<SQL | PGOPTIONS=$forced "$bindir/psql" -XqAt jit 2>&1
SELECT format('SELECT %L, calls.outcome(%L, %L);', r.name, '$1',
              calls.query(r, array(SELECT quote_nullable(l) FROM unnest(literals) AS l)))
FROM calls.routine AS r JOIN calls.argument_list AS a USING (name)
WHERE r.name !~ '_in_batches$|^purge_access_tokens$|^migrate_profiles$' AND $2 ORDER BY r.name;
SQL
}
says() { [ "$(grep -vE "$1" <<<"$2")" = '' ] || { grep -vE "$1" <<<"$2"; return 1; }; } # PATTERN LINES

by_superuser=$(call_all postgres true)
ok 'a superuser calls each with success, in compiled expressions' \
    says '\|compiled$|^(access_[a-z]*|install_proxies)\|called$|^(http_request|graphql)\|42501 |'\
'^(set_retirement_states|become_hub|begin_user_moves|await_user_moves|connect_for_moves|move_users)'\
'\|(PT409|25001) |^move_user_slot\|called$|^connect_shard\|42704 |^unmasked\|55000 |^issue_user_assertion\|42501 |'\
'^distribute\|0A000 |^distributed_rows\|42804 ' \
    "$by_superuser"
is 'http_request and graphql are for the level gateway alone' \
    "$(call_all jit_gateway "name IN ('http_request', 'graphql')")" $'graphql|compiled\nhttp_request|compiled'
is 'the server has not crashed' "$(crashes)" ''
by_user=$(call_all jit_user "has_function_privilege('jit_user', r.oid, 'EXECUTE')")
ok 'a role of level user calls each it may, or is refused' says \
    '\|compiled$|^access_user\|called$|\|42501 |^distributed_rows\|42804 ' "$by_user"
ok 'most are not refused' [ "$(grep -c '|compiled$' <<<"$by_user")" -gt 30 ]
is 'the server has not crashed since' "$(crashes)" ''
ok 'procedures that commit' env PGOPTIONS="$forced" "$bindir/psql" -Xq -v ON_ERROR_STOP=1 jit \
    -c "CALL opigno.load_profiles_in_batches('public.staged', 'replace', true, true, 2)" \
    -c "CALL opigno.load_in_batches('profiles', 'public.staged')" \
    -c "CALL opigno.load_user_contexts_in_batches('public.staged')" \
    -c "CALL opigno.load_accounts_in_batches('public.staged')" \
    -c "CALL opigno.migrate_profiles(0, '{\"a\": 1}')" \
    -c 'CALL opigno.purge_access_tokens(10)' \
    -c "CALL opigno.purge_anonymous_user_contexts_in_batches('2000-01-01')"
is 'it has loaded all' \
    "$(sql jit -c "SELECT count(*) FROM opigno.profile WHERE user_uuid ~ '^s[1-5]$'" \
        -c 'SELECT count(*) FROM staged')" $'5\n0'

compiled() { # ROLE STATEMENT
    PGOPTIONS=$forced "$bindir/psql" -XqAt -v VERBOSITY=sqlstate -U "$1" jit -c "$2" 2>&1
}
sql jit -c "SELECT FROM opigno.register_app('Mal', app_id => 100), opigno.set_user_context('mal', 'Mal', true)"
is 'an operator writes many profiles in one statement' \
    "$(compiled jit_operator \
    "SELECT count(opigno.upsert_profile('mal', 100, to_jsonb(i))) FROM generate_series(1, 1000) i")" 1000
is 'my_account() without a request is an error' \
    "$(compiled jit_user 'SELECT opigno.my_account() FROM (VALUES (1)) v')" 'ERROR:  28000'
is 'every table and view can be read, with row security' \
    "$(sql jit <<'SQL' | compiled jit_user "$(cat)" | grep -v '^[0-9]*$'
SELECT format('SELECT count(t::text) FROM %s AS t;', oid::regclass) FROM pg_class
WHERE relnamespace = 'opigno'::regnamespace AND relkind IN ('r', 'v') AND has_table_privilege('jit_user', oid,
    'SELECT');
SQL
)" ''
is 'the server has not crashed at all' "$(crashes)" ''

called=$(($(wc -l <<<"$by_superuser") + 7))
is 'all that the catalogue has was called' $called "$(sql jit -c 'SELECT count(*) FROM calls.routine')"
printf '# called %d functions, procedures and aggregates; %d of them as a role of level user too\n' $called \
    "$(grep -c . <<<"$by_user")"

finish_tap
