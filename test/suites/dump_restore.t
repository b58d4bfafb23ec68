#!/usr/bin/env bash
# pg_dump and restore, by the owner and by a backup role: data, sequences, the site's scopes, the levels of access
# and the catalogue come back; the next insert works. What docs/guide/backup.md says of refusals is shown here too.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=test/suites/catalogue.sh
. "$(dirname "$0")/catalogue.sh"
# shellcheck source=test/suites/versions.sh
. "$(dirname "$0")/versions.sh"
cd "$top" || exit 1

# But for the two lines that are random.
dump() { "$bindir/pg_dump" "$@" | sed '/^\\\(un\)\?restrict /d'; }
refused() { "$bindir/pg_dump" "$@" 2>&1 >/dev/null | sed -n 's/.*ERROR: *//p'; }
restore_text() { # DATABASE: from stdin
    "$bindir/createdb" "$1" && "$bindir/psql" -Xq -v ON_ERROR_STOP=1 "$1" >/dev/null
}

# What the levels of access are good for, beyond the rows of role_level.
levels_at_work() { # DATABASE
    "$bindir/psql" -XqAt -v VERBOSITY=sqlstate "$1" 2>&1 <<'SQL'
SET ROLE dump_operator;
SELECT outcome FROM opigno.upsert_profile('anon-7f3a', 2, '{"by": "operator"}');
SET ROLE dump_auditor;
SELECT acting_role, action, user_uuid, app_id FROM opigno.audit ORDER BY id DESC LIMIT 1;
SELECT opigno.upsert_profile('anon-7f3a', 2, '{"by": "auditor"}');
SET ROLE dump_user;
SELECT count(*) FROM opigno.profile;
SELECT * FROM opigno.my_profiles();
RESET ROLE;
BEGIN;
DO $$BEGIN PERFORM opigno.test_request('anon-7f3a'); END$$;
SET LOCAL ROLE dump_user;
SELECT app_id, profile_data, version > 1500000000000000 FROM opigno.my_profiles();
SELECT count(*) FROM opigno.profile;
SELECT count(*) FROM opigno.audit;
SQL
}
levels_work='created
dump_operator|upsert_profile|anon-7f3a|2
ERROR:  42501
0
ERROR:  28000
0|{"theme": "dark"}|t
2|{"by": "operator"}|t
2
ERROR:  42501'

accounts() { sql "$1" -c "SELECT md5(string_agg(account::text, '' ORDER BY a.user_uuid))
    FROM opigno.user_context AS c, opigno.get_accounts(ARRAY[c.uuid]::text[]) AS a"; } # DATABASE

# What clients can do with secrets and with a token from before: the secrets are good for new tokens, the old token is
# not there. Then the number of the next client.
clients_at_work() { # DATABASE
    "$bindir/psql" -XqAt -v VERBOSITY=terse "$1" 2>&1 <<'SQL'
SELECT * FROM credential \gset
SET ROLE dump_user;
SELECT opigno.begin_request('Bearer ' || :'access_token', 'anon-7f3a');
SELECT opigno.issue_access_token(:'client_key', secret, 'client_credentials') ->> 'token_type'
FROM unnest(ARRAY[:'client_secret', :'old_secret']) AS secret;
SELECT opigno.issue_access_token(:'client_key', :'client_secret', 'client_credentials')
    ->> 'access_token' AS token \gset
BEGIN;
SELECT FROM opigno.begin_request('Bearer ' || :'token', 'anon-7f3a');
SELECT opigno.request_user(), opigno.request_app(), opigno.request_client() = :client_id;
COMMIT;
SELECT opigno.begin_request('Bearer ' || :'token', uuid) FROM credential_of_others;
RESET ROLE;
SELECT client_id FROM opigno.register_client(0, 'Next') AS c;
SQL
}
clients_work=$'ERROR:  authorization failed\nBearer\nBearer\nanon-7f3a|0|t'
clients_work+=$'\nERROR:  the client may not act for this user\n2'

# The app ids there are, the next one, and whether the next user context, scope and rows of the audit trail get ids of
# their own.
next_ids() { # DATABASE
    sql "$1" <<'SQL'
SELECT string_agg(app_id::text, ' ' ORDER BY app_id) FROM opigno.app;
SELECT (SELECT max(id) FROM opigno.audit) AS last_audit, (SELECT max(id) FROM opigno.user_context) AS last_id \gset
SELECT app_id FROM opigno.register_app('Next');
SELECT id > :last_id FROM opigno.set_user_context('next', 'Next', true, 'MENTOR');
SELECT scope FROM opigno.register_scope('NEXT', '{MENTOR}');
SELECT count(*) FROM opigno.audit WHERE id > :last_audit;
SQL
}
ids_are_free=$'0 1 2 7\n3\nt\nNEXT\n3'

"$bindir/createdb" source
ok 'a database with everything in it' "$bindir/psql" -Xq -v ON_ERROR_STOP=1 source <<'SQL'
CREATE EXTENSION opigno_profiles;
SELECT opigno.register_scope('MENTOR', '{AUTHENTICATED}', 'guides learners');
SELECT opigno.register_scope('HEAD_MENTOR', '{MENTOR}');
SELECT opigno.set_user_contexts((SELECT json_agg(json_build_object('uuid', gen_random_uuid(), 'displayName',
    'User ' || n, 'isActive', n % 7 > 0,
    'scope', CASE n % 3 WHEN 0 THEN 'MENTOR' WHEN 1 THEN 'AUTHENTICATED' END))::text
    FROM generate_series(1, 500) AS n));
SELECT opigno.set_user_context('anon-7f3a', 'Anonymous User', true);
SELECT opigno.register_app('Chosen', app_id => 0);
SELECT opigno.register_app('Generated', 'described', '{shop.example,www.shop.example}');
SELECT opigno.register_app('In the way of the next', app_id => 2);
SELECT opigno.register_app('Private', app_id => 7, is_private => true);
SELECT opigno.upsert_profile(uuid, (id % 2 * 7)::integer, jsonb_build_object('id', id, 'big', 1e300, 'text',
    E'\\ "\t\u00e9', 'list', '[null, {}, []]'::jsonb))
    FROM opigno.user_context WHERE id <= 100;
SELECT opigno.upsert_profile('anon-7f3a', 0, '{"theme": "light"}'), opigno.patch_profile('anon-7f3a', 0,
    '{"theme": "dark"}');
SELECT opigno.configure_extended_profile_field('occupation', visibility => 'shared');
SELECT opigno.configure_extended_profile_field('bio', placement => 'account', merge => 'replace',
    editable_by => 'operator', empty_as => 'null', value_schema => '{"type": "string", "maxLength": 300}');
SELECT opigno.configure_preference('account_privacy', '{"enum": ["custom"]}');
SELECT opigno.configure_accounts('refuse', 'all_users');
SELECT opigno.patch_account(uuid, json_build_object('bio', 'number ' || id, 'extended_profile',
    json_build_array(json_build_object('field_name', 'occupation', 'field_value', id)))),
    opigno.patch_preferences(uuid,
        '{"time_zone": "Asia/Tokyo", "account_privacy": "custom", "visibility.bio": "all_users"}')
FROM opigno.user_context WHERE id <= 100;
CREATE ROLE dump_user;
CREATE ROLE dump_operator;
CREATE ROLE dump_auditor;
SELECT opigno.grant_access('dump_user', 'user'), opigno.grant_access('dump_operator', 'operator'),
    opigno.grant_access('dump_auditor', 'auditor');
CREATE TABLE course_note (author opigno.user_uuid REFERENCES opigno.user_context, body text);
INSERT INTO course_note VALUES ('anon-7f3a', 'a note');
CREATE INDEX ON course_note (author);
SELECT opigno.attach_entity_table('course_note', 'notes', user_column => 'author', on_retirement => 'erase');
SELECT opigno.set_training('course ' || n, 'Course ' || n) FROM generate_series(1, 3) AS n;
SELECT opigno.upsert_training_profile('course ' || n, 0, '{"seats": 1e300}') FROM generate_series(1, 3) AS n;
SELECT opigno.set_training_profile_schema(0, '{"properties": {"seats": {"type": "number"}}}');
SELECT opigno.report_progress(uuid, 'course ' || id % 3 + 1, CASE WHEN id % 2 = 0 THEN 'passed' END, id % 100, id,
    details => '{"lesson": 1e300}') FROM opigno.user_context WHERE id <= 100;
INSERT INTO opigno.ranking_step VALUES (1, 10, 0, 7, now()); -- there are fewer than a thousand users
SELECT opigno.set_user_context('merged', 'Anonymous User', true);
SELECT opigno.merge_user_contexts('merged', 'anon-7f3a');
SELECT opigno.set_user_context('leaving ' || n, 'Leaving', true) FROM generate_series(1, 3) AS n;
SELECT opigno.begin_retirements('{leaving 1,leaving 2,leaving 3}');
SELECT opigno.move_retirement('leaving 1', 'LOCKING_ACCOUNT', 'done');
SELECT opigno.queue_partner_report('leaving 1');
SELECT opigno.move_retirement('leaving 2', 'RETIRING_LMS', 'done');
SELECT opigno.retire_user_data('leaving 2');
CREATE TABLE course_answer (author text);
ALTER TABLE course_answer OWNER TO dump_operator;
INSERT INTO course_answer VALUES ('anon-7f3a');
SET ROLE dump_operator;
SELECT opigno.attach_foreign_key('course_answer', 'author');
RESET ROLE;
CREATE TABLE credential AS
SELECT c.*, opigno.issue_access_token(c.client_key, c.client_secret, 'client_credentials')
    ->> 'access_token' AS access_token FROM opigno.register_client(0, 'Server') AS c;
ALTER TABLE credential ADD old_secret text;
UPDATE credential SET old_secret = client_secret,
    client_secret = opigno.rotate_client_secret(client_id, now() + interval '1 day');
SELECT opigno.grant_user(client_id, 'anon-7f3a') FROM credential;
CREATE TABLE credential_of_others AS SELECT min(uuid) AS uuid FROM opigno.user_context WHERE uuid <> 'anon-7f3a';
GRANT SELECT ON credential, credential_of_others TO dump_user;
SELECT FROM opigno.set_profile_schema(0, '{"properties": {"old": {"type": "integer"}}}', 'warn');
SELECT FROM opigno.migrate_profile_batch(0, '{"no": null}', 1, false, false);
INSERT INTO opigno.token_issuer (issuer, app_id, created_at, updated_at) VALUES ('issuer', 0, now(), now());
SELECT opigno.begin_bulk_transaction('a load', true);
INSERT INTO opigno.token_key (token_key_id, issuer, algorithm, public_key, is_of_set, created_at)
VALUES (nextval('opigno.token_key_id_seq'), 'issuer', 'ES256', 'key', false, now());
INSERT INTO opigno.moving_slot (shard, slot, slot_state) VALUES (1, 0, 'here');
CREATE ROLE dump_backup LOGIN BYPASSRLS IN ROLE pg_read_all_data;
CREATE ROLE dump_no_bypass LOGIN IN ROLE pg_read_all_data;
CREATE ROLE dump_only_bypass LOGIN BYPASSRLS;
SQL
is 'there is a token, which is in no dump' \
    "$(sql source -c 'SELECT count(*) FROM opigno.access_token')
$("$bindir/pg_dump" source | grep -c "^COPY opigno.access_token\|$(sql source -c 'SELECT encode(token_hash, '\''hex'\'')
    FROM opigno.access_token')")" $'1\n0'
# A shard or a hub would refuse what follows; shard_server.t restores one.
is 'there is something to compare in every table' "$(digests source | awk -F'|' '$2 == 0 {print $1}')" \
    opigno.server_role
is 'pg_dump has no warning' "$("$bindir/pg_dump" source 2>&1 >/dev/null)" ''

# ---- what a backup role needs -----------------------------------------------------------------

dump source >"$run/by_owner.sql"
dump -U dump_backup source >"$run/by_backup_role.sql"
ok 'with BYPASSRLS and pg_read_all_data a role dumps what the owner does' \
    cmp "$run/by_owner.sql" "$run/by_backup_role.sql"
is 'without BYPASSRLS it is refused' \
    "$(refused -U dump_no_bypass source | sed 's/ for table .*//')" \
    'query would be affected by row-level security policy'
is 'without pg_read_all_data it is refused' \
    "$(refused -U dump_only_bypass source | sed 's/ for .*//')" 'permission denied'
is 'without BYPASSRLS, --enable-row-security does not help a role without a level' \
    "$(refused -U dump_no_bypass --enable-row-security source)" 'permission denied for function may_read_user_context'
sql source -c "GRANT dump_user TO dump_no_bypass"
is 'with the level user it would make a dump without any user' \
    "$(dump -U dump_no_bypass --enable-row-security source |
        sed -n '/^COPY opigno.user_context /,/^\\\.$/p' | sed 1d)" '\.'

# ---- restored -----------------------------------------------------------------------------------

ok 'a plain dump restores' restore_text plain <"$run/by_owner.sql"
"$bindir/createdb" custom
# In parallel as docs/guide/backup.md says: pg_restore does not know which rows a foreign key needs first, neither
# between the extension's tables nor from one of the site's; so triggers rest while rows come, and keys are made
# afterwards.
"$bindir/pg_dump" -Fc -f "$run/custom.dump" source
for section in pre-data data post-data; do
    ok "a custom dump restores in parallel: $section" \
        "$bindir/pg_restore" -j 4 --section="$section" --disable-triggers --exit-on-error -d custom "$run/custom.dump"
done
"$bindir/createdb" directory
ok 'a backup role dumps in parallel' "$bindir/pg_dump" -U dump_backup -Fd -j 2 -f "$run/directory.dump" source
ok 'that restores in one go' "$bindir/pg_restore" --exit-on-error -d directory "$run/directory.dump"

for restored in plain custom directory; do
    is "$restored: every table and sequence has the same rows" "$(digests "$restored")" "$(digests source)"
    is "$restored: the catalogue is the same" "$(catalogue "$restored")" "$(catalogue source)"
    is "$restored: the roles have their levels" \
        "$(sql "$restored" -c 'SELECT role, level FROM opigno.role_level ORDER BY 1')" \
        $'dump_auditor|auditor\ndump_operator|operator\ndump_user|user'
    is "$restored: the levels are in force" "$(levels_at_work "$restored")" "$levels_work"
    is "$restored: clients work with their secrets, and old tokens are gone" "$(clients_at_work "$restored")" \
        "$clients_work"
    is "$restored: accounts are shown as they were" "$(accounts "$restored")" "$(accounts source)"
    is "$restored: a table that refers to user contexts came along" \
        "$(sql "$restored" -c 'SELECT * FROM course_note')" 'anon-7f3a|a note'
    is "$restored: so did a key that was attached" \
        "$(sql "$restored" -c "SELECT pg_get_constraintdef(oid), convalidated FROM pg_constraint
            WHERE conrelid = 'course_answer'::regclass")" \
        'FOREIGN KEY (author) REFERENCES opigno.user_context(uuid)|t'
    is "$restored: the site's scopes are in force" \
        "$(sql "$restored" -c "SELECT opigno.validate_scope('{HEAD_MENTOR}')")" '{HEAD_MENTOR}'
    is "$restored: chosen app ids are kept, and the next ids are free" "$(next_ids "$restored")" "$ids_are_free"
done
ok 'a dump without the rows of the audit trail restores' \
    restore_text no_audit < <(dump --exclude-table-data=opigno.audit source)
is 'it has all the other rows' \
    "$(digests no_audit | grep -v '^opigno.audit|')" "$(digests source | grep -v '^opigno.audit|')"
is 'its audit trail goes on' \
    "$(sql no_audit -c "SELECT FROM opigno.register_scope('LATER')" -c 'SELECT count(*), min(id) FROM opigno.audit')" \
    "$(sql source -c "SELECT 1, last_value + 1 FROM opigno.audit_id_seq")"
is 'source: the same of all that' "$(levels_at_work source && next_ids source)" "$levels_work"$'\n'"$ids_are_free"

# Keys of HS256 are secrets.
"$bindir/createdb" shared_key
sql shared_key -c 'CREATE EXTENSION opigno_profiles' -c "
    INSERT INTO opigno.token_issuer (issuer, created_at, updated_at) VALUES ('issuer', now(), now());
    INSERT INTO opigno.token_key (token_key_id, issuer, algorithm, is_of_set, created_at)
    VALUES (1, 'issuer', 'HS256', false, now());
    INSERT INTO opigno.token_secret VALUES (1, repeat('secret', 9)::bytea)"
ok 'a dump of a secret key restores' restore_text no_shared_key < <(dump shared_key)
is 'without the key' \
    "$(dump shared_key | grep -c "$(printf secret | od -An -tx1 | tr -d ' ')"
    sql no_shared_key -c 'SELECT count(*) FROM opigno.token_key' -c 'SELECT count(*) FROM opigno.token_secret' \
        -c 'SELECT issuer FROM opigno.token_issuer')" $'0\n0\n0\nissuer'
is 'which was there' "$(sql shared_key -c 'SELECT count(*) FROM opigno.token_secret')" 1

# The longest values of a LATIN1 database fit a UTF8 one.
"$bindir/createdb" -T template0 -E LATIN1 --locale=C latin1_source
"$bindir/createdb" -T template0 -E UTF8 --locale=C utf8_target
sql latin1_source -c 'CREATE EXTENSION opigno_profiles' \
    -c "SELECT FROM opigno.set_user_context(repeat(chr(233), 127), repeat(chr(233), 255), true)" >/dev/null
ok 'a LATIN1 dump restores into UTF8' \
    bash -o pipefail -c "'$bindir/pg_dump' latin1_source | '$bindir/psql' -Xq -v ON_ERROR_STOP=1 utf8_target"
is 'its longest values came along' \
    "$(sql utf8_target \
        -c 'SELECT char_length(uuid), octet_length(uuid), char_length(display_name) FROM opigno.user_context')" \
    '127|254|255'

# ---- whose the objects are ------------------------------------------------------------------------

default_owner=opigno_owner
[ "${EXTENSION_OWNER:-}" != superuser ] || default_owner=postgres
# Owner of the schema, whether all is its own, and privileges that a dump would hold of a database where nobody was
# given any.
owner_of() { # DATABASE
    sql "$1" <<'SQL'
SELECT nspowner::regrole, NOT EXISTS (SELECT FROM (
    SELECT relowner FROM pg_class WHERE relnamespace = n.oid
    UNION ALL SELECT proowner FROM pg_proc WHERE pronamespace = n.oid
    UNION ALL SELECT typowner FROM pg_type WHERE typnamespace = n.oid) AS o (owner) WHERE owner <> nspowner)
FROM pg_namespace AS n WHERE nspname = 'opigno'
SQL
}
privileges_dumped() { "$bindir/pg_dump" -s "$1" | grep -cE '^(GRANT|REVOKE) .*opigno'; } # DATABASE

is 'whose they are where nothing else is said' "$(owner_of source)" "$default_owner|t"
sql postgres -c 'CREATE ROLE dump_owner'
"$bindir/createdb" owned
sql owned -c "ALTER DATABASE owned SET opigno_profiles.owner = 'dump_owner'"
sql owned -c 'CREATE EXTENSION opigno_profiles' -c "SELECT FROM opigno.set_user_context('u', 'U', true)"
is 'the setting of a database says whose the objects are' "$(owner_of owned)" 'dump_owner|t'
is 'a dump holds no privilege that nobody gave' "$(privileges_dumped owned)" 0
sql owned -c "SELECT opigno.grant_access('dump_user', 'user'), opigno.grant_access('dump_operator', 'operator'),
    opigno.grant_access('dump_auditor', 'auditor')" >/dev/null
was_owned=$(catalogue owned)
"$bindir/pg_dump" --create owned >"$run/owned.sql"
dump owned >"$run/owned_alone.sql"
"$bindir/dropdb" owned
ok 'pg_dump --create restores' "$bindir/psql" -Xq -v ON_ERROR_STOP=1 -f "$run/owned.sql" postgres
is 'to the same owner, since it carries the setting' "$(owner_of owned)" 'dump_owner|t'
is 'the catalogue is the same' "$(catalogue owned)" "$was_owned"
ok 'pg_dumpall does, too' \
    bash -o pipefail -c "'$bindir/pg_dumpall' --schema-only |
        grep '^ALTER DATABASE owned SET \"opigno_profiles.owner\" TO .dump_owner.;'"

# Without --create the setting of the new database decides, and the levels are granted all the same.
for owner in dump_owner opigno_owner ''; do
    "$bindir/createdb" owned_alone
    sql owned_alone -c "ALTER DATABASE owned_alone SET opigno_profiles.owner = '$owner'"
    ok "without --create it restores for owner \"$owner\"" \
        "$bindir/psql" -Xq -v ON_ERROR_STOP=1 -f "$run/owned_alone.sql" owned_alone
    is 'who is the owner then' "$(owner_of owned_alone)" "${owner:-postgres}|t"
    is 'with the levels that there were' \
        "$(sql owned_alone -c 'SELECT role, level FROM opigno.role_level ORDER BY 1')" \
        $'dump_auditor|auditor\ndump_operator|operator\ndump_user|user'
    sql owned_alone -c 'SELECT opigno.revoke_access(role) FROM opigno.role_level' >/dev/null
    is 'and no privilege besides' "$(privileges_dumped owned_alone)" 0
    "$bindir/dropdb" owned_alone
done
is 'an owner that is not there is told' \
    "$(sed 's/dump_owner/dump_nobody/; s/ owned/ owned_by_nobody/' "$run/owned.sql" |
        "$bindir/psql" -Xq postgres 2>&1 | grep -m 1 -o 'role "dump_nobody" does not exist')" \
    'role "dump_nobody" does not exist'
"$bindir/dropdb" owned_by_nobody
"$bindir/dropdb" owned
sql postgres -c 'DROP ROLE dump_owner'

# ---- before and after an upgrade ------------------------------------------------------------------

trap remove_versions EXIT
ok 'an older version is made' add_older_versions
# A version to come, which replays functions and privileges.
add_next_version() {
    local tree=$run/versions/next
    make_tree "$tree" next || return 1
    echo "CREATE TABLE opigno.next (); CREATE FUNCTION opigno.next() RETURNS integer
        LANGUAGE sql BEGIN ATOMIC SELECT 1; END;" \
        >"$tree/src/upgrade/opigno_profiles--$this_version--next.sql"
    add_scripts "$tree" "opigno_profiles--$this_version--next.sql"
}
ok 'a later version is made' add_next_version

"$bindir/createdb" upgraded
sql upgraded -c "CREATE EXTENSION opigno_profiles VERSION '0.0.1'" -c "SELECT FROM opigno.register_scope('MENTOR')" \
    -c "SELECT FROM opigno.set_user_context('anon-7f3a', 'Anonymous User', true)"
ok 'a dump of 0.0.1 restores into this version' restore_text from_0_0_1 < <(dump upgraded)
is 'with its users' \
    "$(sql from_0_0_1 -c 'SELECT uuid, id, display_name FROM opigno.user_context')" 'anon-7f3a|1|Anonymous User'
ok 'an upgrade is made after levels are granted' "$bindir/psql" -Xq -v ON_ERROR_STOP=1 upgraded <<'SQL'
ALTER EXTENSION opigno_profiles UPDATE;
SELECT opigno.register_app(app_id::text, app_id => app_id) FROM unnest('{0,2,7}'::integer[]) AS app_id;
SELECT opigno.register_app('Generated');
SELECT opigno.upsert_profile('anon-7f3a', 0, '{}'), opigno.patch_profile('anon-7f3a', 0, '{"theme": "dark"}');
SELECT opigno.grant_access('dump_user', 'user'), opigno.grant_access('dump_operator', 'operator'),
    opigno.grant_access('dump_auditor', 'auditor');
ALTER EXTENSION opigno_profiles UPDATE TO 'next';
SQL
is 'it is made' "$(sql upgraded -c "SELECT extversion FROM pg_extension WHERE extname = 'opigno_profiles'")" next
is 'what it adds belongs to the owner of the rest' "$(owner_of upgraded)" 'postgres|t'
"$bindir/createdb" later
sql later -c 'CREATE EXTENSION opigno_profiles' -c "ALTER EXTENSION opigno_profiles UPDATE TO 'next'"
is 'and to opigno_owner where the rest does' "$(owner_of later)" "$default_owner|t"
is 'with no privilege in the dump' "$(privileges_dumped later)" 0
ok 'its dump restores' restore_text from_upgraded < <(dump upgraded)
is 'the levels granted before the upgrade are in force' "$(levels_at_work from_upgraded)" "$levels_work"
is 'the next ids are free' "$(next_ids from_upgraded)" "$ids_are_free"

# ---- gone -----------------------------------------------------------------------------------------

for database in source plain custom directory no_audit upgraded from_upgraded; do
    ok "$database: the extension can be dropped while roles have levels" \
        "$bindir/psql" -Xq -v ON_ERROR_STOP=1 "$database" \
        -c 'DROP TABLE IF EXISTS course_note, course_answer, credential, credential_of_others' \
        -c 'DROP EXTENSION opigno_profiles'
done
ok 'the roles can be dropped then' "$bindir/psql" -Xq -v ON_ERROR_STOP=1 postgres \
    -c 'DROP ROLE dump_user, dump_operator, dump_auditor, dump_backup, dump_no_bypass, dump_only_bypass'

finish_tap
