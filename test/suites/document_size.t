#!/usr/bin/env bash
# The largest documents that operators may store: 268,435,455 bytes of text, also as a merge builds them up, and
# what is stored can be copied, dumped and restored. sql/document_size.sql has the limits of requests and of numbers.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"
cd "$top" || exit 1

psql() { "$bindir/psql" -XqAt -v VERBOSITY=sqlstate document_size -c "$1" 2>&1; }
# A control character is one byte in jsonb and six of text.
text_of() { printf "repeat(E'\\\\x01', 44739240) || repeat('a', %s)" "$1"; }

"$bindir/createdb" -T template0 -E UTF8 --locale=C.UTF-8 document_size
psql "CREATE EXTENSION opigno_profiles" >/dev/null
psql "SELECT opigno.set_user_context(u, 'x', true), opigno.register_app(u) FROM unnest(ARRAY['a', 'b']) AS u" >/dev/null

is 'a byte more than the limit is refused' \
    "$(psql "SELECT outcome FROM opigno.upsert_profile('a', 1, to_jsonb($(text_of 14)))")" 'ERROR:  54000'
is 'the limit is stored' "$(psql "SELECT outcome FROM opigno.upsert_profile('a', 1, to_jsonb($(text_of 13)))")" created
is 'room for a member of 6 bytes is left' \
    "$(psql "SELECT outcome FROM opigno.upsert_profile('a', 1, jsonb_build_object('s', $(text_of 0)))")" replaced
is 'a merge that builds up is refused' \
    "$(psql "SELECT outcome FROM opigno.patch_profile('a', 1, '{\"t\":\"0123456789\"}')")" 'ERROR:  54000'
entry='{"user_id":"a","app_id":1,"patch":{"t":"0123456789"}}'
is 'as an error of its entry, where all profiles are there' \
    "$(psql "SELECT j #>> '{errors,0,code}', j ->> 'failed' FROM opigno.patch_profiles('[$entry]') AS j")" '54000|1'
is 'and where some are new; the others are written' \
    "$(psql "SELECT j #>> '{errors,0,code}', j #>> '{response,created}'
        FROM opigno.patch_profiles('[$entry,{\"user_id\":\"b\",\"app_id\":1,\"patch\":{\"t\":1}}]',
            'report') AS j")" '54000|1'

is 'what is stored can be copied' "$(psql "COPY opigno.profile TO '/dev/null'")" ''
ok 'and dumped' "$bindir/pg_dump" -Fc -f "$run/large.dump" document_size
"$bindir/createdb" -T template0 document_size_restored
ok 'and restored' "$bindir/pg_restore" --exit-on-error -d document_size_restored "$run/large.dump"

finish_tap
