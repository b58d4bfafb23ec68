#!/usr/bin/env bash
# Large loads: each planted error is reported and all else is loaded; a cancel in any phase leaves nothing.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=test/suites/catalogue.sh
. "$(dirname "$0")/catalogue.sh"

"$bindir/createdb" load
ask() { sql load "$@"; }

# ---- a million entries, 100 errors of each of 10 kinds ----------------------------------------------

is 'a million entries with a thousand errors among them' "$(
    ask <<'SQL'
CREATE EXTENSION opigno_profiles;
SET client_min_messages = error;
SELECT (opigno.set_user_contexts(string_agg(format('{"uuid":"u%s","displayName":"U","isActive":true}', u),
    E'\n')) -> 'failed')::text FROM generate_series(0, 99999) AS u;
DO $$BEGIN PERFORM opigno.register_app('App ' || a, app_id => a) FROM generate_series(0, 9) AS a; END$$;

CREATE TABLE kind (kind integer, code text, path text, message text);
INSERT INTO kind VALUES
    (1, '22P02', '', 'invalid JSON at byte BYTE: an object is not closed'),
    (2, '22003', '', 'value overflows numeric format'),
    (3, '22023', '', 'an entry must be an object, not an array'),
    (4, '22023', '/user_id', '"user_id" is required'),
    (5, '22023', '/app_id', '"app_id" must be an integer from 0 to 2147483647'),
    (6, '22023', '/a~1b~0c', 'unknown member "a/b~c"'),
    (7, '23503', '/user_id', 'user context does not exist'),
    (8, '23503', '/app_id', 'app does not exist'),
    (9, '22023', '', 'differs from an entry before'),
    (10, '23505', '', 'the profile exists already');

-- The first hundred entries are good: repetitions repeat them.
SELECT FROM setseed(0.6);
CREATE TABLE planted AS
    SELECT ordinal, (1 + row_number() OVER () % 10)::integer AS kind
    FROM (SELECT ordinal FROM generate_series(101, 1000000) AS ordinal ORDER BY random() LIMIT 1000) AS o;

CREATE TABLE entry AS
    SELECT n AS ordinal, 'u' || key / 10 AS user_id, key % 10 AS app_id, kind
    FROM generate_series(1, 1000000) AS n LEFT JOIN planted ON ordinal = n,
        LATERAL (SELECT n * bigint '7654321' % 1000000) AS k (key);
ALTER TABLE entry ADD PRIMARY KEY (ordinal);

CREATE TABLE staged AS
    SELECT e.ordinal::bigint, CASE coalesce(e.kind, 0)
        WHEN 0 THEN good
        WHEN 1 THEN left(good, -1)
        WHEN 2 THEN replace(good, '{"n":', '{"huge":1e200000,"n":')
        WHEN 3 THEN '[' || good || ']'
        WHEN 4 THEN replace(good, '"user_id":"' || e.user_id || '",', '')
        WHEN 5 THEN replace(good, '"app_id":' || e.app_id, '"app_id":2147483648')
        WHEN 6 THEN '{"a/b~c":null,' || substr(good, 2)
        WHEN 7 THEN replace(good, e.user_id, 'nobody-' || e.user_id)
        WHEN 8 THEN replace(good, '"app_id":' || e.app_id, '"app_id":10')
        WHEN 9 THEN format('{"user_id":"%s","app_id":%s,"profile_data":{"n":%s}}', r.user_id, r.app_id, e.ordinal)
        WHEN 10 THEN good
        END AS line
    FROM entry AS e JOIN entry AS r ON r.ordinal = e.ordinal % 100 + 1,
        LATERAL (SELECT format('{"user_id":"%s","app_id":%s,"profile_data":{"n":%s}}', e.user_id, e.app_id,
            e.ordinal)) AS g (good);
ALTER TABLE staged ADD PRIMARY KEY (ordinal);
-- Where the lines of kind 1 end too soon: the byte in the body, and in the line.
CREATE TABLE place AS SELECT * FROM (
    SELECT ordinal, sum(octet_length(line) + 1) OVER (ORDER BY ordinal) || ' of the body' AS in_body,
        octet_length(line) + 1 AS in_line
    FROM staged) AS p WHERE ordinal IN (SELECT ordinal FROM planted WHERE kind = 1);

CREATE VIEW good AS SELECT count(*), sum(hashtextextended(user_id || ' ' || app_id || ' ' || ordinal, 0)) FROM entry
    WHERE kind IS NULL;
CREATE VIEW loaded AS SELECT count(*),
    sum(hashtextextended(user_uuid || ' ' || app_id || ' ' || (profile_data ->> 'n'), 0))
    FROM opigno.profile AS p LEFT JOIN (SELECT DISTINCT version + 1 AS changed FROM opigno.profile) AS c
        ON c.changed = p.version
    WHERE c.changed IS NULL AND created_at = updated_at AND profile_data <> '{"old": true}';
CREATE FUNCTION make_old() RETURNS void LANGUAGE sql BEGIN ATOMIC
    SELECT opigno.upsert_profile(user_id, app_id::integer, '{"old": true}') FROM entry WHERE kind = 10;
END;
CREATE VIEW old AS SELECT count(*) FROM opigno.profile
    WHERE created_at = updated_at AND profile_data = '{"old": true}';

-- What differs between the errors that are reported and those that were planted.
CREATE TABLE told (ordinal bigint, code text, path text, message text);
CREATE FUNCTION differences(is_body boolean) RETURNS TABLE (difference text, ordinal bigint, code text, path text,
    message text) LANGUAGE sql BEGIN ATOMIC
    WITH expected AS (SELECT p.ordinal, k.code, k.path, replace(k.message, 'BYTE',
                          coalesce(CASE WHEN is_body THEN at.in_body ELSE at.in_line::text END, ''))
                      FROM planted AS p JOIN kind AS k ON k.kind = p.kind LEFT JOIN place AS at USING (ordinal)),
        found AS (SELECT t.ordinal, t.code, t.path, regexp_replace(t.message, 'differs from entry \d+, .*',
            'differs from an entry before') FROM told AS t)
    SELECT 'not told', e.* FROM (TABLE expected EXCEPT ALL TABLE found) AS e
    UNION ALL SELECT 'not planted', f.* FROM (TABLE found EXCEPT ALL TABLE expected) AS f;
END;
SELECT count(*), count(kind), count(DISTINCT kind) FROM entry;
SELECT DISTINCT count(*) FROM planted GROUP BY kind;
SQL
)" $'0\n1000000|1000|10\n100'

checks_load() { # DESCRIPTION, of what is in told, and whether a body was loaded
    is "$1: exactly the planted errors are reported, by ordinal, code, JSON Pointer and message" \
        "$(ask -c "SELECT count(*) FROM told" -c "SELECT * FROM differences($2) LIMIT 20")" 1000
    is "$1: the other 999000 profiles are there with their documents" \
        "$(ask -c 'TABLE loaded')" "$(ask -c 'TABLE good')"
    is "$1: what was there before is as it was" \
        "$(ask -c 'TABLE old' -c 'SELECT count(*) FROM opigno.profile')" $'100\n999100'
    is "$1: the audit trail has one row for it" \
        "$(ask -c "SELECT outcome, row_count FROM opigno.audit WHERE action = '$1'")" 'created|999000'
    is "$1: it shows no progress any more" "$(ask -c 'SELECT count(*) FROM opigno.bulk_progress')" 0
}

is 'create_profiles: the answer counts' "$(
    ask <<'SQL'
SELECT FROM make_old();
CREATE TABLE answer AS SELECT opigno.create_profiles(string_agg(line, E'\n' ORDER BY ordinal), on_error => 'report',
    max_errors => 2000) AS answer FROM staged;
INSERT INTO told SELECT e.* FROM answer, json_to_recordset(answer -> 'errors') AS e (ordinal bigint, code text,
    path text, message text);
SELECT answer -> 'failed', answer -> 'response' FROM answer;
SQL
)" '1000|{"received":1000000,"created":999000,"replaced":0,"merged":0,"unchanged":0,"skipped":0,"users_created":0,'\
'"failed":1000}'
checks_load create_profiles true

is 'load_profiles: the answer counts, and lists as many errors as are wanted' "$(
    ask <<'SQL' 2>&1
TRUNCATE opigno.profile, told;
SELECT FROM make_old();
\set VERBOSITY terse
SELECT json_array_length(answer -> 'errors'), answer -> 'response' FROM opigno.load_profiles('staged',
    on_error => 'report', max_errors => 7) AS answer;
INSERT INTO told SELECT ordinal, code, path, message FROM opigno.bulk_error WHERE staging = 'public.staged'
    AND recorded_by = current_user::regrole AND line IS NULL;
SQL
)" 'NOTICE:  public.staged: 1000000 received, 999000 created, 0 replaced, 0 merged, 0 unchanged, 0 skipped, 1000 failed
7|{"received":1000000,"created":999000,"replaced":0,"merged":0,"unchanged":0,"skipped":0,"users_created":0,'\
'"failed":1000,"last_ordinal":1000000}'
checks_load load_profiles false

# ---- progress and cancel ------------------------------------------------------------------------

# Entries of unknown users, behind one whose error was raised and caught.
is 'a body of 200,000 unknown users, and a staging table' "$(
    ask <<'SQL'
TRUNCATE opigno.profile, opigno.bulk_error;
CREATE TABLE newcomer AS SELECT n AS ordinal, format('{"user_id":"new%s","app_id":0,"profile_data":{"n":%s}}', n,
    CASE n WHEN 1 THEN '1e200000' ELSE n::text END) AS line
    FROM generate_series(1, 200000) AS n;
ALTER TABLE newcomer ADD PRIMARY KEY (ordinal);
CREATE TABLE body AS SELECT string_agg(line, E'\n' ORDER BY ordinal) AS body FROM newcomer;
CREATE VIEW left_behind AS SELECT (SELECT count(*) FROM opigno.profile) AS profiles,
    (SELECT count(*) FROM opigno.user_context WHERE uuid LIKE 'new%') AS users,
    (SELECT count(*) FROM opigno.bulk_error) AS errors, (SELECT count(*) FROM opigno.bulk_progress) AS progress;

-- Until a load is in this phase, past its entry with an error: gives the session and the row.
CREATE FUNCTION wait_for_phase(wanted text) RETURNS SETOF opigno.bulk_progress LANGUAGE plpgsql AS $$
BEGIN
    FOR tries IN 1 .. 60000 LOOP
        RETURN QUERY SELECT * FROM opigno.bulk_progress AS p WHERE p.phase = wanted AND p.rows_read > 1
            AND (wanted = 'reading' OR p.rows_done > 1);
        EXIT WHEN FOUND;
        PERFORM pg_sleep(0.001), pg_stat_clear_snapshot();
    END LOOP;
END $$;
-- Gives the milliseconds to the end.
CREATE FUNCTION cancel_in(wanted text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    load CONSTANT integer := (SELECT pid FROM wait_for_phase(wanted));
    began CONSTANT timestamptz := clock_timestamp();
BEGIN
    PERFORM pg_cancel_backend(load);
    WHILE EXISTS (SELECT FROM pg_stat_activity WHERE pid = load AND state = 'active') LOOP
        PERFORM pg_sleep(0.0005), pg_stat_clear_snapshot();
    END LOOP;
    RETURN round(1000 * extract(epoch FROM clock_timestamp() - began), 1);
END $$;
SQL
)" ''

# shellcheck disable=SC2034 # as ${!call}
create="SELECT opigno.create_profiles(body, on_error => 'report',
    create_missing_users => true) -> 'response' ->> 'created' FROM body"
load="SELECT opigno.load_profiles('newcomer', on_error => 'report', create_missing_users => true,
    max_errors => 0) -> 'response' ->> 'created'"
answer=$(mktemp)
trap 'rm -f "$answer"; kill $(jobs -p) 2>/dev/null' EXIT
trap 'exit 1' INT TERM
begin_load() {
    "$bindir/psql" -XqAt -v VERBOSITY=sqlstate load -c "SET client_min_messages = warning" "$@" >"$answer" 2>&1 &
}
ends_cancelled() { # DESCRIPTION
    wait
    is "$1: ends as cancelled" "$(grep -o 'ERROR: .*' "$answer")" 'ERROR:  57014'
    is "$1: no profile, user, error or progress is left" "$(ask -c 'TABLE left_behind')" '0|0|0|0'
}

for call in create load; do
    function=${call}_profiles
    for phase in reading 'creating users' writing; do
        begin_load -c "${!call}"
        ms=$(ask -c "SELECT cancel_in('$phase')")
        ends_cancelled "$function, cancelled when $phase"
        echo "# $ms ms from the cancel to the end"
    done
    for timeout in 100 400; do
        begin_load -c "SET statement_timeout = $timeout" -c "${!call}"
        ends_cancelled "$function, statement_timeout $timeout ms"
    done
    is "$function: no cancelled load is in the audit trail" \
        "$(ask -c "SELECT count(*) FROM opigno.audit WHERE action = '$function'")" 1
done

# The server drops a session's progress at an error, also at one that is caught.
begin_load -c "$load"
is 'progress is shown in each phase after an error was caught' "$(
    ask <<'SQL'
SET search_path = public, opigno;
SELECT phase, target, rows_read BETWEEN 2 AND 200000, bytes_total, rows_total, nullif(rows_failed, 0),
    started_at BETWEEN now() - interval '1 minute' AND clock_timestamp()
FROM unnest('{reading,creating users,writing}'::text[]) AS wanted, wait_for_phase(wanted)
SQL
)" 'reading|opigno.profile|t||||t
creating users|opigno.profile|t||200000|1|t
writing|opigno.profile|t||200000|1|t'
wait
is 'and that load ends well' "$(cat "$answer")" 199999
is 'with its profiles, users and errors' "$(ask -c 'TABLE left_behind')" '199999|199999|1|0'

# ---- accounts --------------------------------------------------------------------------------------

is 'patch_accounts: 20,000 lines, a hundredth of them with errors, of which ten are listed' "$(
    ask <<'SQL'
DELETE FROM opigno.audit;
WITH answer AS (SELECT opigno.patch_accounts((
    SELECT string_agg(CASE n % 100 WHEN 7 THEN format('{"username":"nobody%s","name":1}', n)
        ELSE format('{"username":"u%s","extended_profile":[{"field_name":"f","field_value":%s}]}', n, n) END, E'\n')
    FROM generate_series(0, 19999) AS n), 'report', max_errors => 10) AS a)
SELECT json_array_length(a -> 'errors'), a -> 'errors' -> 9 ->> 'ordinal', a -> 'failed', a -> 'response' FROM answer;
SELECT count(*), outcome, user_uuid, last_user_uuid, row_count FROM opigno.audit
GROUP BY outcome, user_uuid, last_user_uuid, row_count;
SELECT count(*) FROM opigno.account;
SQL
)" '10|908|200|{"received":20000,"updated":19800,"unchanged":0,"skipped":0,"failed":200,"not_shown":["f"]}
1|merged|u0|u9999|19800
19800'

# ---- a kind of load that the extension does not have: test/module/score_load.cpp --------------------

from_make() { # WORDS-OF-THE-MAKEFILE
    make -s -f - PG_CONFIG="$PG_CONFIG" WERROR=1 print <<<$'include Makefile\nprint: ; @echo '"$1"
}
# shellcheck disable=SC2016 # make expands the words
build_kind() {
    local flags objects libraries
    read -ra flags < <(from_make '$(PG_CXXFLAGS) $(PG_CPPFLAGS)')
    read -ra objects < <(from_make '$(filter-out src/module.o,$(OBJS))')
    read -ra libraries < <(from_make '$(SHLIB_LINK)')
    "${CXX:-g++}" "${flags[@]}" -O2 -fPIC -shared -o "$run/score_load.so" test/module/score_load.cpp \
        "${objects[@]}" "${libraries[@]}" && chmod a+r "$run/score_load.so"
}
ok 'a new kind of load builds' build_kind
is 'it refuses, reports, repeats, writes, records and tries like the others' "$(
    ask -v library="$run/score_load.so" <<'SQL'
CREATE TABLE opigno.score (user_uuid text COLLATE "C", training text COLLATE "C", score integer,
    PRIMARY KEY (user_uuid, training));
CREATE FUNCTION opigno.load_scores(body text, on_error text DEFAULT NULL, dry_run boolean DEFAULT NULL,
    max_errors integer DEFAULT NULL, on_duplicate text DEFAULT NULL) RETURNS json
    LANGUAGE c AS :'library', 'opigno_load_scores';
SELECT format('ALTER FUNCTION opigno.load_scores OWNER TO %1$I; 
    ALTER TABLE opigno.score OWNER TO %1$I', nspowner::regrole) FROM pg_namespace WHERE nspname = 'opigno' \gexec
DELETE FROM opigno.audit;
SELECT '{"scores":[{"user_id":"u2","training":"t","score":7},{"user_id":"u1","training":"t","score":5},'
    '{"user_id":"u1","training":"t","score":5},{"user_id":"u1","training":"t","score":6},'
    '{"user_id":"nobody","training":"t"},{"user_id":""},{]}' AS body \gset
SELECT opigno.load_scores(:'body');
SELECT opigno.load_scores(replace(:'body', ',{]', ']'));
SELECT opigno.load_scores(replace(:'body', ',{]', ']'), 'report', dry_run => true) -> 'response';
SELECT count(*) FROM opigno.score;
SELECT opigno.load_scores(replace(:'body', ',{]', ']'), 'report', max_errors => 1);
SELECT opigno.load_scores(E'{"user_id":"u1","training":"t","score":6}\n'
    '{"user_id":"u3","training":"t","score":6}');
SELECT user_uuid, score FROM opigno.score ORDER BY user_uuid;
SELECT action, outcome, user_uuid, last_user_uuid, row_count FROM opigno.audit ORDER BY id;
SQL
)" "$(cat test/module/score_load.out)"

"$bindir/dropdb" load
finish_tap
