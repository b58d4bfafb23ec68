#!/usr/bin/env bash
# The proof of opigno.retire_user_data(): a server of its own gets a user with marked texts in every column that can
# have a text of a user. After the erasure no table, index, TOAST table, statistics or file has one of them, and logical
# decoding has not shown one since the erasure began, but the keys of rows that were deleted.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=test/suites/catalogue.sh
. "$(dirname "$0")/catalogue.sh"
# shellcheck source=scripts/lib/common.sh
. "$top/scripts/lib/common.sh"

home=$run/erasure
install -d -o "$server_user" -m 0700 "$home"
ln -s "$run/stage" "$home/stage"
trap 'stop_server "$home"; rm -rf "${home:?}"' EXIT
trap 'exit 1' INT TERM
init_server "$home"
as_server_user tee -a "$home/data/postgresql.conf" >/dev/null <<<$'wal_level = logical\nfsync = off\nautovacuum = off'
start_server "$home" "$home"
export PGHOST=$home
ask() { sql erasure "$@"; }

# All marked texts begin with zqx: zqxuser and zqxanon are user uuids, zqxkey is the key of a preference, and zqxmark
# stands for all other data.
"$bindir/createdb" erasure
ask >"$home/planted" <<'SQL'
CREATE EXTENSION opigno_profiles;
SELECT FROM opigno.register_app('App', app_id => 7);
SELECT FROM opigno.register_app('Other', app_id => 8);
SELECT FROM opigno.register_client(7, 'Client') \gset
SELECT FROM opigno.set_training('t', 'Training');
CREATE TABLE contract (id integer PRIMARY KEY, who text, notes text);
CREATE INDEX ON contract (who);
CREATE INDEX ON contract (notes);
CREATE TABLE badge (id integer PRIMARY KEY, who opigno.user_uuid, name text);
CREATE INDEX ON badge (who);
SELECT opigno.attach_entity_table('contract', 'contracts', 'who', on_retirement => 'erase');
SELECT opigno.attach_entity_table('badge', 'badges', 'who', on_retirement => 'anonymise');

SELECT FROM opigno.set_user_context('neighbour', 'Neighbour', true, 'AUTHENTICATED');
SELECT FROM opigno.upsert_profile('neighbour', 7, '"stays"');
-- ANALYZE leaves the statistics of an empty table as they are, so that each table keeps a row of somebody.
SELECT FROM opigno.patch_account('neighbour', '{"extended_profile": [{"field_name": "f", "field_value": "stays"}]}');
SELECT FROM opigno.patch_preferences('neighbour', '{"key": "stays"}');
SELECT FROM opigno.report_progress('neighbour', 't', 'passed', details => '{"text": "stays"}');
SELECT FROM opigno.grant_user((SELECT max(client_id) FROM opigno.client), 'neighbour');
SELECT FROM opigno.set_user_context('anon-1', 'Anonymous User', true);
SELECT FROM opigno.merge_user_contexts('anon-1', 'neighbour', 'keep');
SELECT FROM opigno.begin_retirement('neighbour');
SELECT FROM opigno.set_user_context('zqxuser', 'zqxmark name', true, 'AUTHENTICATED');
SELECT FROM opigno.set_user_context('zqxuser', 'zqxmark other name', true, 'AUTHENTICATED');
SELECT FROM opigno.upsert_profile('zqxuser', 7, '{"zqxmark member": "zqxmark value"}');
-- Random text is not compressed: its marked beginning stays as it is in the TOAST table.
SELECT FROM opigno.upsert_profile('zqxuser', 8, (SELECT to_jsonb('zqxmark ' || string_agg(encode(sha512((n ||
    random()::text)::bytea), 'base64'), '')) FROM generate_series(1, 200) AS n));
SELECT FROM opigno.patch_account('zqxuser', '{"extended_profile": [
    {"field_name": "zqxmark field", "field_value": "zqxmark value"}]}');
SELECT FROM opigno.patch_preferences('zqxuser', '{"zqxkey": "zqxmark value"}');
SELECT FROM opigno.report_progress('zqxuser', 't', 'passed', score => 5, details => '{"text": "zqxmark details"}');
SELECT FROM opigno.grant_user((SELECT max(client_id) FROM opigno.client), 'zqxuser');
BEGIN;
DO $$BEGIN PERFORM opigno.test_request('zqxuser'); END$$;
SELECT FROM opigno.patch_my_account('{"extended_profile": [
    {"field_name": "zqxmark field of a request", "field_value": 1}]}');
COMMIT;
SELECT FROM opigno.set_user_contexts('[{"uuid": "zqxuser", "displayName": "zqxmark loaded", "isActive": true},
    {"uuid": "neighbour", "displayName": "Loaded", "isActive": false}]');
CREATE TABLE staged (ordinal bigint PRIMARY KEY, line text);
INSERT INTO staged VALUES (1, '{"user_id": "zqxuser", "app_id": 99, "profile_data": "zqxmark line"}'),
    (2, '{"user_id": "zqxuser", "app_id": 7, "profile_data": zqxmark'),
    (3, '{"user_id": "neighbour", "app_id": 99, "profile_data": 1}');
SELECT FROM opigno.load_profiles('staged', on_error => 'report', keep_lines => true);
DROP TABLE staged;
SELECT FROM opigno.set_user_context('zqxanon', 'Anonymous User', true);
SELECT FROM opigno.merge_user_contexts('zqxanon', 'zqxuser', 'keep');
INSERT INTO opigno.profile_migration VALUES (7, '{}', 'zqxuser', now(), now());
INSERT INTO contract VALUES (1, 'zqxuser', 'zqxmark notes'), (2, 'neighbour', 'stays');
INSERT INTO badge VALUES (1, 'zqxuser', 'gold'), (2, 'neighbour', 'silver');
SELECT FROM opigno.begin_retirement('zqxuser');
SELECT FROM opigno.move_retirement('zqxuser', 'RETIRING_LMS', '');
VACUUM ANALYZE;
CHECKPOINT;
SQL
is 'a user with marked texts' "$(grep -c failed "$home/planted")" 0

# Columns that can have a text, in tables with rows of users, without a marked one. A new column fails here until this
# suite fills it: then the rest shows whether the erasure finds it.
ask -c "CREATE FUNCTION unmarked() RETURNS SETOF text LANGUAGE plpgsql AS \$\$
DECLARE
    place record;
    is_marked boolean;
BEGIN
    FOR place IN SELECT a.attrelid::regclass AS relation, a.attname
        FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_type AS t ON t.oid = a.atttypid
        WHERE c.relnamespace = 'opigno'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
            AND coalesce(nullif(t.typbasetype, 0), t.oid)
                IN ('text'::regtype, 'varchar'::regtype, 'json'::regtype, 'jsonb'::regtype, 'uuid'::regtype)
            AND EXISTS (SELECT FROM pg_attribute AS u
                WHERE u.attrelid = c.oid AND (u.attname ~ 'user_uuid$|^(uuid|into_uuid|after_uuid)$'))
        ORDER BY a.attrelid::regclass::text, a.attnum
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE %I::text LIKE ''%%zqx%%'')', place.relation, place.attname)
            INTO is_marked;
        IF NOT is_marked THEN
            RETURN NEXT place.relation || '.' || place.attname;
        END IF;
    END LOOP;
END \$\$"
is 'columns that have no text of a user' "$(ask -c 'SELECT unmarked()')" 'opigno.audit.action
opigno.audit.outcome
opigno.audit.session_role
opigno.audit.acting_role
opigno.bulk_error.staging
opigno.bulk_error.code
opigno.bulk_error.path
opigno.bulk_error.message
opigno.profile_migration.patch
opigno.retirement.retired_uuid
opigno.retirement.current_state
opigno.retirement.last_state
opigno.retirement.responses
opigno.retirement_partner_report.user_uuid
opigno.retirement_partner_report.display_name
opigno.training_progress.training_id
opigno.training_progress.status'

# Relations, by their files, that have a marked text; and other files. Temporary files and the log of writes are left
# out: pg_wal has what was written before the erasure.
marked_files() {
    local file
    (cd "$home/data" && grep -rlai zqx --exclude-dir=pg_wal .) | while read -r file; do
        case $file in
        ./base/*/[0-9]*)
            file=${file##*/}
            ask -c "SELECT coalesce(pg_filenode_relation(0, ${file%%[._]*})::text, 'file ${file%%[._]*}')"
            ;;
        *) printf '%s\n' "$file" ;;
        esac
    done | sed 's/^pg_toast\.pg_toast_.*/a TOAST table/' | sort -u
}
is 'files that have marked texts before' "$(marked_files)" "$(sort -u <<'LIST'
a TOAST table
badge
badge_who_idx
contract
contract_notes_idx
contract_who_idx
opigno.account
opigno.account_pkey
opigno.audit
opigno.bulk_error
opigno.client_user
opigno.client_user_pkey
opigno.preference
opigno.preference_pkey
opigno.profile
opigno.profile_migration
opigno.profile_pkey
opigno.retirement
opigno.retirement_pkey
opigno.training_progress
opigno.training_progress_pkey
opigno.training_progress_training_id_idx
opigno.training_standing
opigno.training_standing_pkey
opigno.user_context
opigno.user_context_anonymous_idx
opigno.user_context_pkey
opigno.user_merge
opigno.user_merge_into_uuid_idx
opigno.user_merge_pkey
pg_statistic
LIST
)"

# ---- the erasure ----------------------------------------------------------------------------------

ask >/dev/null <<'SQL'
CREATE PUBLICATION everything FOR ALL TABLES;
SELECT pg_create_logical_replication_slot('shown', 'pgoutput');
SELECT pg_create_logical_replication_slot('read', 'test_decoding');
SQL
is 'the erasure' "$(ask -c "SELECT outcome, certificate_number FROM opigno.retire_user_data('zqxuser')")" 'deleted|1'

shown() { ask -c "SELECT encode(data, 'escape') FROM pg_logical_slot_peek_binary_changes('shown', NULL, NULL,
    'proto_version', '1', 'publication_names', 'everything')"; }
ok 'pgoutput shows the erasure' [ "$(shown | wc -l)" -gt 20 ]
is 'pgoutput shows no data of the user' "$(shown | grep -ci zqxmark)" 0
# The keys of the rows that are updated and deleted: their replica identity.
is 'decoding names the user only in keys' "$(ask -c "SELECT DISTINCT m[1]
    FROM pg_logical_slot_peek_changes('read', NULL, NULL) AS c,
        regexp_matches(c.data, '(\w+)\[[^]]+\]:''zqx', 'g') AS m ORDER BY 1")" 'from_uuid
key
user_uuid
uuid'
is 'and in these tables' "$(ask -c "SELECT DISTINCT split_part(c.data, ':', 1) || split_part(c.data, ':', 2)
    FROM pg_logical_slot_peek_changes('read', NULL, NULL) AS c WHERE c.data ~ 'zqx' ORDER BY 1")" \
    'table opigno.account DELETE
table opigno.account UPDATE
table opigno.client_user DELETE
table opigno.preference DELETE
table opigno.preference UPDATE
table opigno.profile DELETE
table opigno.profile UPDATE
table opigno.retirement UPDATE
table opigno.training_progress DELETE
table opigno.training_progress UPDATE
table opigno.training_standing DELETE
table opigno.training_standing UPDATE
table opigno.user_context DELETE
table opigno.user_context UPDATE
table opigno.user_merge DELETE'
ask -c "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots" >/dev/null

# ---- what is left ---------------------------------------------------------------------------------

# Every row of every table, TOAST tables and the server's own catalogs included.
ask -c "CREATE FUNCTION marked_rows() RETURNS SETOF text LANGUAGE plpgsql AS \$\$
DECLARE
    place record;
    is_marked boolean;
BEGIN
    FOR place IN SELECT oid::regclass AS relation, CASE relkind WHEN 't' THEN 'encode(chunk_data, ''escape'')'
            ELSE 't::text' END AS value FROM pg_class
        WHERE relkind IN ('r', 't', 'm') AND oid <> 'pg_proc'::regclass ORDER BY oid::regclass::text
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s AS t WHERE lower(%s) LIKE ''%%zqx%%'')', place.relation,
            place.value) INTO is_marked;
        IF is_marked THEN
            RETURN NEXT place.relation::text;
        END IF;
    END LOOP;
END \$\$"
is 'rows with marked texts right after it: the retirement, and statistics of the planner' \
    "$(ask -c 'SELECT marked_rows()')" 'opigno.retirement
pg_statistic'
ask -c ANALYZE
statistics="SELECT starelid::regclass FROM pg_statistic AS s WHERE s::text LIKE '%zqx%'"
is 'ANALYZE leaves them in the statistics of the retirement only' \
    "$(ask -c "$statistics" -c 'SELECT marked_rows()')" \
    'opigno.retirement
opigno.retirement
pg_statistic'
ask -c 'VACUUM FULL' -c CHECKPOINT
is 'files with marked texts after VACUUM FULL' "$(marked_files | grep -v '^pg_proc')" 'opigno.retirement
opigno.retirement_pkey
pg_statistic'
is 'the certificate' "$(ask -c "SELECT key, value FROM opigno.retirement_certificate('zqxuser'), jsonb_each(erased)
    ORDER BY key COLLATE \"C\"")" 'account|{"erased": 1}
audit|{"anonymised": 14}
bulk_error|{"erased": 1}
client_user|{"erased": 1}
entities|{"badges": {"anonymised": 1}, "contracts": {"erased": 1}}
preference|{"erased": 1}
profile|{"erased": 2}
profile_migration|{"anonymised": 1}
training_progress|{"erased": 1}
training_standing|{"erased": 1}
user_context|{"erased": 1}
user_merge|{"erased": 1}'
is 'the neighbour has everything' "$(ask <<'SQL'
SELECT display_name, profile_data FROM opigno.user_context AS c JOIN opigno.profile AS p ON p.user_uuid = c.uuid;
SELECT count(*) FROM contract WHERE who = 'neighbour';
SELECT count(*) FROM badge WHERE who = 'neighbour';
SQL
)" $'Loaded|"stays"\n1\n1'

# ---- the end --------------------------------------------------------------------------------------

ask >/dev/null <<'SQL'
SELECT FROM opigno.move_retirement('zqxuser', 'COMPLETE', '');
SELECT opigno.retirement_cleanup('{zqxuser}');
ANALYZE;
VACUUM FULL;
CHECKPOINT;
SQL
is 'rows with marked texts after the clean-up' "$(ask -c 'SELECT marked_rows()')" ''
is 'files with marked texts after the clean-up' "$(marked_files | grep -v '^pg_proc')" ''
is 'the user is known by a hash' "$(ask <<'SQL'
SELECT opigno.is_retired('ZqxUser'), opigno.is_retired('zqxanon'), opigno.is_retired('neighbour');
SELECT count(*) FROM opigno.retirement_certificate('zqxuser');
SELECT count(*) FROM opigno.verify_retirement_certificates();
SQL
)" $'t|t|f\n1\n0'

finish_tap
