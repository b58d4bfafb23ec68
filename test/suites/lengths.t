#!/usr/bin/env bash
# Long text where the database's encoding is not UTF-8: refused by its length, or not found, before it is converted:
# that takes four times its memory, and is refused with 54000. Messages quote little of it.
set -uo pipefail
# shellcheck source=test/suites/tap.sh
. "$(dirname "$0")/tap.sh"

sql() { "$bindir/psql" -XqAt -v ON_ERROR_STOP=1 lengths "$@"; }
"$bindir/createdb" -T template0 -E EUC_JP --locale=C lengths
sql <<'SQL' >/dev/null
CREATE EXTENSION opigno_profiles;
SELECT opigno.set_user_context('u', 'U', true);
CREATE FUNCTION long(characters integer DEFAULT 100000) RETURNS text
    LANGUAGE sql AS $$ SELECT repeat(convert_from('\xa4a2', 'EUC_JP'), characters) $$;
CREATE FUNCTION outcome(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    EXECUTE 'SELECT opigno.' || call INTO answer;
    RETURN coalesce(answer, 'nothing');
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || CASE WHEN octet_length(SQLERRM) > 400 THEN ' with too long a message' ELSE '' END;
END $$;
SQL

outcome() { sql -v call="$1" <<<"SELECT outcome(:'call')" 2>&1; }

# Four times as many bytes are more than the server allocates.
is 'a preference of 134,217,728 characters of two bytes' \
    "$(outcome "set_preference('u', 'key', long(134217728))")" 22023
while IFS='|' read -r expected call; do
    is "$call" "$(outcome "$call")" "$expected"
done <<'CALLS'
22023|set_preference('u', 'key', long())
22023|set_preference('u', long(), 'value')
false|delete_preference('u', long())
nothing|get_preference('u', long())
nothing|get_preferences(long())
nothing|get_account(long())
22023|get_account('u', long())
nothing|get_accounts(ARRAY[long()])
false|is_user_uuid(long())
22023|set_user_context(long(), 'U', true)
22023|set_user_context('u', long())
22023|set_user_context('u', scope => long())
22023|set_user_scopes('u', ARRAY[long()])
22023|anonymize_user_context('u', long())
22023|create_anonymous_user_context(long())
22023|validate_scope(ARRAY[long()])
22023|has_scope('u', long())
22023|require_scope(long())
22023|register_scope(long())
22023|register_app(long())
22023|register_app('App', domains => ARRAY[long()])
22023|configure_extended_profile_field(long(), visibility => 'custom')
22023|drop_extended_profile_field(long())
CALLS

is 'a display name in a patch' \
    "$(outcome "patch_account('u', json_build_object('name', long())) #>> '{field_errors,name,developer_message}'")" \
    "Value is not valid for field 'name': Ensure this field has no more than 255 characters."
is 'a name of a field' \
    "$(outcome "patch_account('u', json_build_object('extended_profile', json_build_array(
        json_build_object('field_name', long(), 'field_value', 1))))
        #>> '{field_errors,/extended_profile/0/field_name,developer_message}'")" \
    '/extended_profile/0/field_name is longer than 255 characters'
is 'an unknown member of an entry' \
    "$(sql -c "SELECT max(octet_length(value ->> 'developer_message')) < 400 FROM json_each(opigno.patch_account('u',
        json_build_object('extended_profile', json_build_array(json_build_object(long(), 1))))
        -> 'field_errors')")" t
is 'a preference in a patch' \
    "$(outcome "patch_preferences('u', json_build_object('key', long())) #>> '{field_errors,key,user_message}'" |
        grep -c 'valid\|too long')" 1
is 'the same of a list' \
    "$(outcome "patch_accounts(json_build_array(json_build_object('username', long(), 'name', long()),
        json_build_object('username', 'u', 'name', long()))::text) #>> '{errors,1,code}'")" 22023
is 'of contexts' \
    "$(outcome "set_user_contexts(json_build_array(json_build_object('uuid', long(), 'displayName', long(),
        'isActive', true, 'scope', long()))::text) #>> '{errors,0,code}'")" 22023
is 'a context as JSON' \
    "$(outcome "set_user_context_json(json_build_object('uuid', 'u', 'displayName', long(), 'scope', long()))
        #>> '{errors,0,code}'")" 22023

"$bindir/dropdb" lengths
finish_tap
