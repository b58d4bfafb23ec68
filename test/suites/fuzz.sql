/*
 * What fuzz.t calls functions with. kind: the name of an argument, or a type for all others. A new function needs a
 * line only if none of these values lets it succeed.
 */
CREATE TABLE calls.value (n serial, kind text, expression text);
INSERT INTO calls.value (kind, expression) SELECT kind, unnest(expressions) FROM (VALUES
    ('text', ARRAY['NULL', $$''$$, $$'u1'$$, $$repeat('x', 1000000)$$, $$repeat('x', 255)$$, $$repeat('x', 256)$$,
    $$repeat(chr(233), 128)$$, 'chr(1)', $$E'a\tb\r\nc'$$, 'chr(133)',
        $$'%s%n%1$s'$$, $$'select'$$, $$'"; DROP TABLE x; --'$$, $$E'\\'$$, $$'true'$$, $$'__typename'$$,
        $$'AUTHENTICATED'$$, $$'ANONYMOUS'$$, $$repeat('[', 100000)$$, $$repeat('{"a":', 3000)$$, 'chr(1114111)',
        'chr(8238) || chr(65279)', $$'1e131071'$$, $$'report'$$, $$'opigno.profile'$$, $$' '$$,
        $$'17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE'$$]),
    ('integer', ARRAY['NULL', '0', '1', '2', '-1', '100', '2147483647', '-2147483648']),
    ('bigint', ARRAY['NULL', '0', '1', '2', '-1', '9223372036854775807', '-9223372036854775808']),
    ('boolean', ARRAY['NULL', 'true', 'false']),
    ('timestamp with time zone', ARRAY['NULL', $$'infinity'$$, $$'-infinity'$$, $$'4713-01-01 BC'$$, $$'294276-12-31'$$,
    'now()']),
    ('text[]', ARRAY['NULL', $$'{}'$$, $$'{NULL}'$$, $$'{{u1,u2},{a,b}}'$$, $$'[5:6]={u1,u2}'$$,
    $$array_fill('u1'::text, '{501}')$$, $$'{u1,u2,U1,anon-1,none,NULL}'$$, $$'{AUTHENTICATED}'$$,
        $$'{AUTHENTICATED,ADMINISTRATOR,AUTHENTICATED}'$$, $$'{ANONYMOUS}'$$,
        $$ARRAY[repeat('x', 100000), '', chr(7)]$$, $$array(SELECT i::text FROM generate_series(1, 3000) AS i)$$]),
    ('jsonb', ARRAY['NULL', $$'{}'$$, $$'[]'$$, $$'null'$$, $$'"text"'$$, $$'{"":null," ":{"":[]}}'$$,
    $$'{"a":1e131071}'$$, $$'[-0, 1e-16383, 0.10, 1.0]'$$, $$('[' || repeat('1e131071,', 9000) || '1]')$$,
    $$('[1e999' || repeat(',1e999', 2000) || ']')$$, $$to_jsonb(repeat('x', 2000000))$$,
        $$(repeat('[', 1000) || repeat(']', 1000))$$, $$(repeat('{"a":', 1000) || '1' || repeat('}', 1000))$$,
        $$(repeat('{"a":', 1000) || 'null' || repeat('}', 1000))$$,
        $$(SELECT jsonb_agg(i) FROM generate_series(1, 20000) AS i)$$,
        $$(SELECT jsonb_object_agg('key ' || i, i) FROM generate_series(1, 3000) AS i)$$,
        $$to_jsonb(repeat('x', 300000))$$, $$('{"a":"' || repeat('\u0001', 200000) || '"}')$$,
        $$'{"a":{"b":1,"c":null},"d":[1]}'$$, $$'{"a":null,"d":{"e":2}}'$$,
        $$'{"name":"New name"}'$$, $$'{"name":"a","n\u0061me":"b","uuid":1,"uuid":2}'$$,
        $$'{"username":"u2","scope":[],"id":1}'$$,
        $$'{"extended_profile":[{"field_name":"occupation","field_value":{"a":1e131071}},{"field_name":"none"}]}'$$,
        $$'{"extended_profile":[{"field_name":"occupation","field_value":[1]}],"bio":"text"}'$$,
        $$'{"extended_profile":{"field_name":[]},"bio":{"a":null}}'$$,
        $$'{"uuid":"u1","displayName":"Name","scope":"AUTHENTICATED"}'$$,
        $$'{"uuid":"new","displayName":"New","isActive":true,"scope":[]}'$$,
        $$'{"time_zone":"Asia/Tokyo","theme":"dark"}'$$,
        $$'{"account_privacy":"all_users","visibility.bio":"all_users"}'$$,
        $$'{"time_zone":"nowhere","a b":1,"":null}'$$,
        $$(SELECT jsonb_object_agg('key' || i, 'v') FROM generate_series(1, 1001) AS i)$$]),
    ('user_uuid', ARRAY[$$'u1'$$, $$'u1'$$, $$'u2'$$, $$'u3'$$, $$'U1'$$, $$'inactive'$$, $$'none'$$, $$'anon-1'$$,
    $$'17adb4c1-eb29-44bf-9d9a-5f8d056e58ee'$$, $$'17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE'$$,
    $$'{17adb4c1-eb29-44bf-9d9a-5f8d056e58ee}'$$, $$'17adb4c1-eb29-44bf-9d9a-5f8d056e58eg'$$]),
    ('shard', ARRAY['0', '0', '1']), ('shards', ARRAY['1', '1', '2', '65537', 'NULL']),
    ('app_id', ARRAY['0', '0', '1', '2', '7']),
    ('app_ids', ARRAY['NULL', $$'{0,1}'$$, $$'{NULL}'$$, $$'{{0},{1}}'$$]), ('include', ARRAY['NULL', $$'{}'$$,
        $$'{profiles,entities,profiles}'$$, $$'{none,NULL}'$$]),
    ('entity_table', ARRAY[$$'fuzz.note'$$, $$'fuzz.note'$$, $$'fuzz.note'$$, $$'fuzz.note'$$, $$'fuzz.note'$$,
        $$'fuzz.note'$$, $$'fuzz.note'$$, $$'fuzz.note'$$,
        $$'fuzz.columns'$$, $$'fuzz.partitioned'$$, $$'fuzz.lines_view'$$,
        $$'opigno.profile'$$, $$'pg_class'$$, $$'fuzz.none; drop table x'$$]),
    ('user_column', ARRAY['NULL', $$'author'$$, $$'author'$$, $$'author'$$, $$'author'$$, $$'author'$$,
        $$'user_id'$$, $$'none'$$]),
    ('retiring_uuid', ARRAY[$$'r1'$$, $$'r1'$$, $$'r2'$$, $$'r2'$$, $$'R2'$$, $$'r3'$$, $$'r4'$$, $$'none'$$]),
    ('retiring_uuids', ARRAY[$$'{r1}'$$, $$'{r2,r4}'$$, $$'{r3}'$$, $$'{r4}'$$, $$'{r4,none,R1}'$$,
        $$'{NULL}'$$, $$'{}'$$]),
    ('retirement_states', ARRAY[$$(SELECT jsonb_agg(state_name) FROM opigno.default_retirement_states())$$,
        $$'["PENDING","RETIRING_LMS","ERRORED","ABORTED","COMPLETE"]'$$, $$'["PENDING",7,"","PENDING"]'$$, $$'{}'$$]),
    ('new_state', ARRAY[$$'LOCKING_ACCOUNT'$$, $$'RETIRING_LMS'$$, $$'COMPLETE'$$, $$'PENDING'$$, $$'NONE'$$]),
    ('expected_state', ARRAY['NULL', 'NULL', $$'PENDING'$$]), ('state_name', ARRAY['NULL', $$'PENDING'$$, $$''$$]),
    ('states', ARRAY[$$'{PENDING}'$$, $$'{PENDING,COMPLETE}'$$, $$'{NONE,NULL}'$$, $$'{}'$$]),
    ('cool_off_days', ARRAY['0', '0', '7', '-1']), ('response', ARRAY[$$'done'$$, $$''$$]),
    ('identifiers', ARRAY[$$'{retired__user_6eeb7e012f8baccfd697cb4dc11eaaf228e889e7}'$$,
        $$'{6EEB7e012f8baccfd697cb4dc11eaaf228e889e7}'$$, $$'{x,NULL}'$$]),
    ('salt', ARRAY['NULL', $$'abc'$$, $$''$$]), ('algorithm', ARRAY['NULL', $$'sha1'$$, $$'sha256'$$, $$'md5'$$]),
    ('shards', ARRAY['1', '4', '65536', '0']),
    ('slot', ARRAY['0', '7', '-1', 'NULL']), ('slots', ARRAY['1', '8', '0', 'NULL']),
    ('from_shards', ARRAY['1', '2', '0', 'NULL']), ('first_number', ARRAY['1', '1000', '0']),
    ('connection', ARRAY[$$'host=none'$$, 'NULL']), ('prepared_as', ARRAY[$$'x'$$]),
    ('cluster', ARRAY[$$'users'$$, $$'none'$$, $$'none'$$, $$'none'$$, $$'none'$$]),
    ('hub', ARRAY['NULL', 'NULL', $$'users'$$]), ('connection_name', ARRAY[$$'fuzz'$$]),
    ('function_name', ARRAY[$$'create_profiles'$$, $$'patch_accounts'$$, $$'report_progress_many'$$, $$'x'$$]),
    ('ordinals', ARRAY[$$'{1}'$$, $$'{1,2}'$$, $$'{2,1}'$$, $$'{}'$$, $$'{{1},{2}}'$$, $$'{1,NULL}'$$]),
    ('positions', ARRAY[$$'{1}'$$, $$'{1,20}'$$, $$'{0}'$$, $$'{9223372036854775807}'$$]),
    ('transaction_id', ARRAY[$$'a'$$, $$'b'$$, $$''$$, $$repeat('a', 101)$$]),
    ('redacted_uuid', ARRAY['NULL', $$'redacted'$$]),
    ('document_kind', ARRAY['NULL', $$'profile'$$, $$'training_profile'$$]),
    ('training_column', ARRAY['NULL', 'NULL', $$'author'$$]),
    ('on_retirement', ARRAY['NULL', $$'keep'$$, $$'erase'$$, $$'anonymise'$$, $$'burn'$$]),
    ('training_id', ARRAY[$$'course'$$, $$'course'$$, $$'Course'$$, $$'none'$$]),
    ('status', ARRAY['NULL', $$'not_started'$$, $$'in_progress'$$, $$'failed'$$, $$'passed'$$, $$'done'$$]),
    ('numeric', ARRAY['NULL', '0', '50', '99.999', '100', '100.001', '-1', $$'NaN'$$, $$'Infinity'$$, '1e131071',
        '1e-16383']),
    ('role', ARRAY[$$'fuzz_other'$$, $$'fuzz_other'$$, $$'none'$$, $$'public'$$, $$'pg_monitor'$$]),
    ('level', ARRAY[$$'user'$$, $$'gateway'$$, $$'operator'$$, $$'auditor'$$, $$'owner'$$]),
    ('value_schema', ARRAY['NULL', $$'true'$$, $$'{}'$$, $$'{"maxLength":3,"pattern":"^d"}'$$, $$'{"enum":1}'$$,
        $$'{"$ref":"#"}'$$, $$'{"items":{"$ref":"#"},"uniqueItems":true}'$$, $$'[]'$$]),
    ('schema', ARRAY['NULL', $$'true'$$, $$'{"properties":{"a":{"type":"integer","minimum":0,"default":7}}}'$$,
        $$'{"properties":{"a":{"readOnly":true},"d":{"x-opigno-read":[]}},"maxProperties":3}'$$,
        $$'{"$ref":"#/$defs/a","$defs":{"a":{"anyOf":[{"type":"string"},{"required":["a"]}]}}}'$$,
        $$'{"unevaluatedProperties":false,"allOf":[{"properties":{"a":true}}],"patternProperties":{"^d":{}}}'$$,
        $$'{"$ref":"#"}'$$, $$'{"type":"x","enum":[],"pattern":"(","items":1}'$$, $$'[]'$$]),
    ('mode', ARRAY['NULL', $$'enforce'$$, $$'warn'$$, $$'off'$$]),
    ('view', ARRAY['NULL', $$'own'$$, $$'operator'$$, $$'shared'$$, $$'none'$$]),
    ('key', ARRAY[$$'theme'$$, $$'time_zone'$$, $$'account_privacy'$$, $$'visibility.bio'$$, $$'a b'$$]),
    ('scope', ARRAY[$$'AUTHENTICATED'$$, $$'ADMINISTRATOR'$$, $$'ANONYMOUS'$$, $$'MENTOR'$$, $$'NONE'$$]),
    ('scopes', ARRAY[$$'{AUTHENTICATED}'$$, $$'{}'$$, $$'{MENTOR,NONE,NULL}'$$]),
    ('implies', ARRAY[$$'{AUTHENTICATED}'$$, $$'{}'$$, $$'{MENTOR}'$$]),
    ('name', ARRAY[$$'SCOPE_A'$$, $$'SCOPE_B'$$, $$'AUTHENTICATED'$$]),
    ('field_name', ARRAY[$$'occupation'$$, $$'bio'$$, $$'new'$$, $$'name'$$, $$'visibility.x'$$]),
    ('visibility', ARRAY['NULL', $$'private'$$, $$'shared'$$, $$'custom'$$]),
    ('merge', ARRAY['NULL', $$'deep'$$, $$'replace'$$]),
    ('placement', ARRAY['NULL', $$'account'$$, $$'extended_profile'$$]),
    ('on_conflict', ARRAY['NULL', $$'error'$$, $$'skip'$$, $$'replace'$$, $$'merge'$$]),
    ('on_duplicate', ARRAY['NULL', $$'error'$$, $$'last'$$]),
    ('from_uuid', ARRAY[$$'anon-1'$$, $$'anon-1'$$, $$'ANON-1'$$, $$'u1'$$, $$'none'$$]),
    ('into_uuid', ARRAY[$$'u1'$$, $$'u2'$$, $$'U1'$$, $$'inactive'$$, $$'anon-1'$$, $$'none'$$]),
    ('older_than', ARRAY['NULL', $$'2000-01-01'$$, $$'-infinity'$$, 'now()', $$'infinity'$$]),
    ('client_id', ARRAY['1', '1', '2', '99', 'NULL']),
    ('authorization', ARRAY['(SELECT header FROM calls.credential)', $$'Bearer opigno_token_x'$$, $$'JWT a.b.c'$$,
        $$repeat('Bearer ', 1000)$$]),
    ('client_uuid', ARRAY['NULL', $$'u1'$$, $$'u1'$$, $$'inactive'$$, $$'new'$$, $$''$$]),
    ('client_key', ARRAY['NULL', '(SELECT client_key FROM calls.credential)', $$'none'$$]),
    ('client_secret', ARRAY['NULL', '(SELECT client_secret FROM calls.credential)', $$'none'$$]),
    ('grant_type', ARRAY[$$'client_credentials'$$, $$'client_credentials'$$, $$'password'$$]),
    ('access_token', ARRAY['(SELECT substr(header, 8) FROM calls.credential)', $$'none'$$]),
    ('label', ARRAY[$$'Server'$$, $$'notes'$$, $$'a'$$, $$'b'$$, $$''$$]),
    ('may_act_for', ARRAY['NULL', $$'created'$$, $$'all'$$, $$'none'$$]),
    ('may_grant_scopes', ARRAY['NULL', $$'{AUTHENTICATED}'$$, $$'{NONE}'$$]),
    ('expires_at', ARRAY['NULL', $$'2100-01-01'$$, $$'-infinity'$$]),
    ('old_expires_at', ARRAY['NULL', $$now() + interval '1 day'$$, $$'infinity'$$]),
    ('issuer', ARRAY[$$'issuer'$$, $$'issuer'$$, $$'other'$$, $$''$$]),
    ('key_id', ARRAY['NULL', 'NULL', $$'one'$$, $$''$$]),
    ('algorithm', ARRAY['NULL', 'NULL', $$'HS256'$$, $$'RS256'$$, $$'EdDSA'$$, $$'none'$$]),
    ('user_claim', ARRAY['NULL', $$'/sub'$$, $$'sub'$$]), ('operator_claim', ARRAY['NULL', $$''$$, $$'/a~1b/0'$$]),
    ('leeway', ARRAY['NULL', '0', '301']), ('audience', ARRAY['NULL', $$'{}'$$, $$'{a,b}'$$, $$'{NULL}'$$]),
    ('token_key', ARRAY[$$repeat('s', 32)$$, $$repeat('s', 31)$$, $$repeat('{"a":', 3000)$$,
        $$'-----BEGIN PUBLIC KEY-----'$$,
        $$'{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}'$$]),
    ('jwks', ARRAY['NULL', $$'[]'$$, $$'{"keys":[]}'$$,
        $$('{"keys":' || repeat('[', 3000) || repeat(']', 3000) || '}')$$,
        $$'{"keys":[1,{},{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}'$$]),
    ('kind', ARRAY[$$'profiles'$$, $$'user contexts'$$, $$'accounts'$$]),
    ('on_error', ARRAY['NULL', $$'abort'$$, $$'report'$$]),
    ('app', ARRAY['NULL', $$'Shop'$$, $$md5(random()::text)$$]),
    ('expected_version', ARRAY['NULL', 'NULL', '-2', '-1', '0', '1', '2']),
    ('batch_rows', ARRAY['NULL', '1', '3']),
    ('staging', ARRAY[$$'fuzz.lines'$$, $$'fuzz.lines'$$, $$'fuzz.columns'$$, $$'fuzz.no_index'$$,
    $$'fuzz.lines_view'$$, $$'fuzz.parent'$$, $$'fuzz.partitioned'$$, $$'fuzz."Odd ""name"$$ || '''',
    $$'opigno.profile'$$, $$'pg_class'$$, $$'lines'$$,
        $$'fuzz.none'$$, $$'fuzz.lines_pkey'$$, $$'opigno.audit_id_seq'$$, $$'a.b.c.d'$$]),
    ('referencing_table', ARRAY[$$'fuzz.note'$$, $$'fuzz.note'$$, $$'fuzz.partitioned'$$, $$'fuzz.lines_view'$$,
    $$'opigno.profile'$$, $$'pg_class'$$, $$'fuzz.none'$$]),
    ('column_name', ARRAY[$$'author'$$, $$'author'$$, $$'ctid'$$, $$'line'$$, $$'user_id'$$, $$'none'$$]),
    ('method', ARRAY[$$'GET'$$, $$'GET'$$, $$'HEAD'$$, $$'POST'$$, $$'PUT'$$, $$'PATCH'$$, $$'PATCH'$$, $$'DELETE'$$,
        $$'OPTIONS'$$, $$''$$]),
    ('request_target', ARRAY[$$'/oauth/token'$$, $$'/app/all'$$, $$'/operator/app/register'$$,
        $$'/operator/profile/create-bulk'$$, $$'/operator/profile/create-bulk?on_conflict=merge&dry_run=true'$$,
        $$'/operator/users/profile/u1/0'$$, $$'/user/profiles/0'$$, $$'/user/profiles/0'$$, $$'/user/profiles/create'$$,
        $$'/api/user/v1/accounts/u1'$$, $$'/api/user/v1/accounts?username=u1,u2,none&view=shared'$$,
        $$'/api/user/v1/preferences/u1'$$, $$'/api/user/v1/preferences/u1/theme'$$, $$'/user-contexts/u1'$$,
        $$'/user-contexts/new'$$, $$'/user-contexts?limit=2&after=u1&isActive=true&scope=MENTOR'$$, $$'/health'$$,
        $$'/api/user/v1/accounts/bulk_retire_users'$$, $$'/operator/users/merge'$$,
        $$'/operator/users/bundles?users=u1,,U2&apps=0'$$, $$'/trainings/course/progress?limit=1'$$,
        $$'/api/user/v1/accounts/retirement_queue/?cool_off_days=0&states=PENDING&limit=1'$$,
        $$'/openapi.json'$$, $$'*'$$, $$'http://host.example/user-contexts/%75%31?%3D=%26'$$,
        $$'/graphql'$$, $$'/graphql'$$,
        $$'/graphql?query=%7BuserContexts%7Bedges%7Bnode%7Buuid%7D%7D%7D%7D&variables=[]'$$,
        $$repeat('/user/profiles', 4000)$$, $$'/app/all?' || repeat('limit=1&', 8000)$$]),
    ('list_target', ARRAY[$$'/user-contexts?limit=1'$$, $$'/user-contexts?limit=2&after=%41&scope=a'$$,
        $$'/trainings/%2F/progress'$$, $$'/api/user/v1/accounts/retirement_queue/?limit=1&states=a'$$,
        $$'/api/user/v1/accounts?view=shared&username=u1,U2,%C3%A9,'$$,
        $$'/operator/users/bundles?us%65rs=,u1&&users=a'$$,
        $$'/operator/users/bundles?users=' || repeat('a,', 600)$$,
        $$'http://a/user-contexts?after=' || repeat('a', 70000)$$,
        $$'/api/user/v1/accounts/retirements_by_status_and_date/'$$, $$'/user-contexts/a'$$]),
    ('answers', ARRAY[$$'[{"status":200,"body":[{"uuid":"b"},{"uuid":"a","user_uuid":7}]},{"status":200,"headers":$$
        || $$[],"body":[{"user_uuid":"\u0075\ud8001","username":"u1"},1,{"id":9e9,"created":null}]}]'$$,
        $$'[{"status":404,"headers":{"Link":{}}},{"status":200,"headers":{"A":"b","Link":"c"},"body":{"uuid":[[]]}}]'$$,
        $$'[{"status":409},{"status":200,"body":[{"uuid":"a"}]}]'$$, $$'[]'$$, $$'[{}]'$$, $$'7'$$,
        $$('[{"status":200,"body":' || repeat('[', 3000) || repeat(']', 3000) || '}]')::json$$]),
    ('headers', ARRAY[
        '(SELECT headers || merge_patch FROM calls.credential)',
        '(SELECT headers || merge_patch FROM calls.credential)',
        '(SELECT headers || json FROM calls.credential)', '(SELECT headers || json FROM calls.credential)',
        '(SELECT headers || json || operator FROM calls.credential)',
        '(SELECT headers || merge_patch || operator FROM calls.credential)',
        $$(SELECT headers || merge_patch || '{"If-Match":"*","Prefer":"return=minimal"}' FROM calls.credential)$$,
        $$(SELECT headers || json || operator || '{"Prefer":["handling=lenient","x"]}' FROM calls.credential)$$,
        $$(SELECT headers || json || '{"Accept":"text/*;q=1, */*;q=0.1","Origin":"https://[::1]:1"}' $$
            || $$FROM calls.credential)$$,
        $$(SELECT headers || '{"Opigno-Client-UUID":"inactive","If-None-Match":"\"1\", *"}' FROM calls.credential)$$,
        $$'{"Content-Type":"application/x-www-form-urlencoded"}'$$,
        $$'{"Authorization":"Bearer a.eyJzdWIiOiJ1MSJ9.c","Content-Type":"application/json"}'$$,
        $$'{"Authorization":"JWT e30.eyJVc2VySUQiOiJ1MSIsIk9wZXJhdG9yIjp0cnVlfQ.c"}'$$,
        $$'{"Content-Type":"application/x-www-form-urlencoded","Authorization":"Basic YTpi"}'$$,
        $$'{"Authorization":["Bearer a","Bearer b"],"Accept":{},"Origin":[null]}'$$,
        $$(SELECT jsonb_object_agg('Accept' || i, repeat(',', 10000)) FROM generate_series(1, 100) AS i)$$]),
    ('size', ARRAY['2', '0', '16']), ('request_masked', ARRAY['2', '2', '16', '0', 'NULL']),
    ('request_value', ARRAY[$$'ab'$$, $$'cd'$$, $$''$$]), ('request_mask', ARRAY[$$'ab'$$]),
    ('request_body', ARRAY[
        $$'{"app_id":0,"profile_data":{"a":1}}'$$, $$'{"a":{"b":null},"c":[1e131071]}'$$, $$'{"theme":"light"}'$$,
        $$'{"name":"Name","extended_profile":[{"field_name":"occupation","field_value":{"a":1}}]}'$$,
        $$'{"displayName":"New","isActive":true,"scope":["AUTHENTICATED"]}'$$, $$'{"isActive":false}'$$, $$'"value"'$$,
        $$(SELECT 'grant_type=client_credentials&client_id=' || client_key || '&client_secret=' || client_secret $$
            || $$FROM calls.credential)$$,
        $$'{"profiles":[{"user_id":"u1","app_id":0,"profile_data":1},{"user_id":"u2","app_id":0,"profile_data":2}]}'$$,
        $$format('{"app":"App %s","domains":["a.example"]}', md5(random()::text))$$, $$''$$,
        $$'{"query":"query q($n:Int){userContexts(first:$n){edges{node{uuid profiles{appId}account{name}}}}}",$$
            || $$"variables":{"n":3}}'$$,
        $$'{"usernames":"u1, U1","username":"u1","from_uuid":"u1","into_uuid":"u2"}'$$,
        $$'{"query":"query q($u:ID=\"u1\"){...F} fragment F on Query{getUserContext(uuid:$u){id}}"}'$$,
        $$'{"query":"mutation{patchProfile(appId:0,patch:{a:null,b:[1]}){errors response{profileData}}}"}'$$,
        $$repeat('x', 2000000)$$, $$repeat('{"a":', 100000)$$]),
    ('query', ARRAY[
        $$'{ userContexts(last: 2) { edges { cursor node { uuid profiles { profileData } account { fields } } } } }'$$,
        $$'query q($u: String!, $s: Scope) { getUserContext(uuid: $u) { scope preferences account { version } } $$
            || $$userContexts(scope: $s) { totalItems pageInfo { hasNextPage hasPreviousPage } } }'$$,
        $$'mutation m($u: String!, $d: JSON) { $$
            || $$setUserContext(uuid: $u, displayName: "New", isActive: true) { errors } $$
            || $$upsertProfile(userUuid: $u, appId: 0, profileData: {a: [$d, 1e131071]}) { errors } $$
            || $$setUserContexts(userContexts: [{uuid: $u, scope: MENTOR}]) { errors response { created } } }'$$,
        $$'{ __schema { types { name fields { name type { ofType { name } } } enumValues { name } } } }'$$,
        $$'{ a: __typename ...f } fragment f on Query { apps { app ...g } } $$
            || $$fragment g on App { domains @skip(if: true) }'$$,
        $$repeat('{a:', 3000)$$, $$'{ apps { app } }' || repeat('#', 300000)$$,
        $$'{' || (SELECT string_agg('a' || n || ': apps { app }', ' ') FROM generate_series(1, 200) AS n) || '}'$$]),
    ('variables', ARRAY['NULL', $$'{"u":"u1","s":"MENTOR","d":{"a":1.10}}'$$, $$'{"u":"u1","s":null,"d":[null]}'$$,
        $$'{"u":7,"s":"NONE"}'$$, $$'[]'$$]),
    ('operationName', ARRAY['NULL', 'NULL', $$'q'$$, $$''$$]), ('extensions', ARRAY['NULL', $$'{}'$$, $$'1'$$]),
    ('body', ARRAY[
        $$'[{"user_id":"u1","app_id":0,"profile_data":{"a":1}},{"user_id":"b1","app_id":1,"profile_data":[]}]'$$,
        $$E'{"user_id":"u2","app_id":1,"patch":{"a":null}}\n{"user_id":"none","app_id":-1,"patch":1e131071}\n'$$,
        $$'{"profiles":[{"user_id":"u3","app_id":2147483648,"profile_data":"\u0000"},{"user_id":"u3","app_id":0}]}'$$,
        $$'[{"training_id":"course","app_id":0,"profile_data":{"a":1}},{"training_id":"n","app_id":0,"patch":{}}]'$$,
        $$'[{"training_id":"Course","app_id":1,"patch":{"a":null,"c":[1]}},{"training_id":"course","app_id":0}]'$$,
        $$'[{"user_id":"u1","training_id":"course","status":"passed"},{"user_id":"none","training_id":"c"}]'$$,
        $$'{"reports":[{"user_id":"u2","training_id":"n","progress":1e999},{"user_id":"u2","training_id":"course"}]}'$$,
        $$'[{"uuid":"u1","displayName":"One"},{"uuid":"U2","isActive":null,"scope":["AUTHENTICATED"]},'$$
            || $$ || '{"uuid":"c1","displayName":"C","isActive":true}]')$$,
        $$'{"userContexts":[{"uuid":"u1","scope":"NONE"},{"uuid":"","displayName":""}]}'$$,
        $$'[{"username":"u1","name":"Name"},{"username":"u1","bio":{"a":null}},{"username":"none"}]'$$,
        $$'[{"username":"u2","extended_profile":[{"field_name":"occupation","field_value":1e131071}]}]'$$,
        $$'[{"user_id":"u1","app_id":0},{"user_id":"u1","app_id":0}]'$$,
        $$(SELECT string_agg(format('{"user_id":"u%s","app_id":%s,"profile_data":%s}', i % 5, i, i), E'\n')$$
            || $$ FROM generate_series(0, 500) AS i)$$, $$'[]'$$])
) AS v (kind, expressions);

/* A text damaged at some places, the same ones for the same seed. */
CREATE FUNCTION calls.damaged(whole text, seed integer) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    pieces text[] := ARRAY['', '"', '\', '{', '}', '[', ']', ',', ':', 'null', '1e131071', '-', '\u0000', '\ud800',
        chr(10), chr(1), repeat('[', 20000), repeat('9', 5000), chr(233)];
    place integer;
BEGIN
    FOR i IN 1 .. 1 + seed % 3 LOOP
        place := 1 + hashint4(seed + i)::bigint % greatest(length(whole), 1)
            + CASE WHEN hashint4(seed + i) < 0 THEN length(whole) ELSE 0 END;
        whole := left(whole, place - 1) || pieces[1 + abs(hashint4(seed * 7 + i) % array_length(pieces, 1))]
            || substr(whole, place + seed % 3);
    END LOOP;
    RETURN whole;
END $$;

/* Users who are retired are users of their own: nothing else could be done with them afterwards. */
CREATE FUNCTION calls.kind_of(routine text, argument text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN routine ~ 'retire|partner_report' AND argument IN ('user_uuid', 'user_uuids')
            THEN replace(argument, 'user', 'retiring')
        WHEN routine = 'set_retirement_states' AND argument = 'body' THEN 'retirement_states'
        WHEN routine IN ('split_http_request', 'combine_http_answers') AND argument = 'target' THEN 'list_target'
        WHEN routine = 'unmasked' THEN 'masked'
        ELSE argument END
$$;

/* A random argument. */
CREATE FUNCTION calls.random_value(name text, type regtype) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    kinds CONSTANT jsonb :=
        '{"uuid":"user_uuid","user_uuids":"text[]","after_uuid":"user_uuid","candidate":"user_uuid",
          "acting":"user_uuid","after_training_id":"training_id","target":"request_target"}';
    wanted text := CASE WHEN type = 'bytea'::regtype THEN 'request_' || name
        WHEN type = 'text'::regtype OR type NOT IN ('text', 'json', 'jsonb') THEN coalesce(kinds ->> name, name)
        ELSE name END;
    choice text[];
    value text;
BEGIN
    -- A request reaches a route only if three arguments fit.
    IF random() < (CASE WHEN wanted IN ('method', 'request_target', 'headers') THEN 0.97 ELSE 0.7 END) THEN
        SELECT array_agg(v.expression ORDER BY n) INTO choice FROM calls.value AS v WHERE v.kind = wanted
            AND NOT (name = 'scope' AND type = 'text[]'::regtype);
    END IF;
    IF choice IS NULL THEN
        SELECT array_agg(v.expression ORDER BY n) INTO choice FROM calls.value AS v
        WHERE v.kind = CASE type WHEN 'json'::regtype THEN 'jsonb' WHEN 'bytea'::regtype THEN wanted
            ELSE format_type(type, NULL) END;
    END IF;
    value := choice[1 + floor(random() * array_length(choice, 1))];
    IF type = 'text'::regtype AND random() < (CASE name WHEN 'method' THEN 0.01 ELSE 0.15 END)
        OR name = 'body' AND random() < 0.4 THEN
        value := format('calls.damaged(%s, %s)', value, floor(random() * 1000000)::integer);
    END IF;
    -- Only the session that has made a mask can undo it.
    RETURN CASE WHEN name = 'masked' THEN format('opigno.bulk_mask(%s)', value)
        WHEN type = 'bytea'::regtype
        THEN format('convert_to(%s, ''UTF8'')%s', value, CASE WHEN random() < 0.02 THEN $v$ || '\xc300'$v$ END)
        ELSE coalesce(value, 'NULL') END;
END $$;

/* So many random calls of a routine by a role: role, request, settings of JIT, statement. */
CREATE FUNCTION calls.random_calls(routine calls.routine, role text, seed integer, count integer)
RETURNS TABLE (request text, jit integer, statement text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM setseed((hashtext(routine.name || role || seed) % 1000000) / 1000000.0);
    FOR i IN 1 .. count LOOP
        request := CASE WHEN role <> 'fuzz_user' AND random() < 0.5 THEN NULL
                        ELSE (ARRAY['u1', 'u1', 'u1'', app_id => 0, client_id => ''5', 'u2', 'inactive', 'unknown'])
                            [1 + floor(random() * 6)] END;
        -- 0: none, 1: expressions are compiled, 2: and inlined and optimized, which takes a while
        jit := CASE WHEN i % 2 = 0 THEN 0 WHEN i % 50 = 1 THEN 2 ELSE 1 END;
        statement := calls.query(routine, array(
            SELECT calls.random_value(calls.kind_of(routine.name, routine.names[n]), routine.types[n - 1])
            FROM generate_series(
                1, routine.needed + floor(random() * (routine.arguments - routine.needed + 1))::integer) AS n
            ORDER BY n));
        RETURN NEXT;
    END LOOP;
END $$;

/* Makes a call. Gives its SQLSTATE, and all there is to say where that must never be. What it has written stays. */
CREATE FUNCTION calls.make(role text, request text, jit integer, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text := '';
BEGIN
    -- What follows would deadlock with these, which lock user contexts.
    IF statement !~ 'become_' THEN
        -- Earlier calls may have dropped the issuer, revoked the client and its token, changed the secret, and taken
        -- the user's scope or deactivated the user.
        PERFORM opigno.register_token_issuer('issuer');
        UPDATE opigno.client SET revoked_at = NULL, expires_at = 'infinity', may_act_for = 'all' WHERE client_id = 1;
        INSERT INTO opigno.client_secret SELECT sha256(client_secret::bytea), 1, NULL, now() FROM calls.credential
        ON CONFLICT (secret_hash) DO UPDATE SET expires_at = NULL;
        INSERT INTO opigno.access_token SELECT sha256(substr(header, 8)::bytea), 1, now(), 'infinity'
        FROM calls.credential ON CONFLICT (token_hash) DO UPDATE SET revoked_at = NULL;
    END IF;
    IF statement ~ 'retire|partner_report' THEN
        DELETE FROM opigno.retirement_partner_report;
        DELETE FROM opigno.retirement;
        DELETE FROM opigno.retired_identifier;
        INSERT INTO opigno.user_context (uuid, display_name, is_active, created_at, updated_at)
        SELECT 'r' || n, 'R', true, now(), now() FROM generate_series(1, 4) AS n ON CONFLICT DO NOTHING;
        INSERT INTO opigno.retirement (retirement_id, user_uuid, user_context_id, retired_uuid, was_active,
            current_state, last_state, responses, created_at, updated_at)
        SELECT n, 'r' || n, n, CASE s WHEN 'COMPLETE' THEN 'retired__user_3' END, true, s, s, '', now(), now()
        FROM unnest('{PENDING,RETIRING_LMS,COMPLETE}'::text[]) WITH ORDINALITY AS u (s, n)
        WHERE statement !~ 'set_retirement_states' AND NOT (n = 1 AND statement ~ 'begin_retirement');
        INSERT INTO opigno.retirement_partner_report (user_uuid, retirement_id, user_context_id, display_name,
            is_being_processed, created_at, updated_at)
        VALUES ('r4', 4, 4, 'R', true, now(), now()), ('r2', 2, 2, 'R', false, now(), now());
    END IF;
    IF request LIKE 'u1%' THEN
        PERFORM opigno.set_user_context('u1', 'u1', true, 'AUTHENTICATED');
    END IF;
    IF request IS NOT NULL THEN
        EXECUTE format('SELECT opigno.test_request(''%s'')', request);
    END IF;
    -- Not before: what comes before is called with JIT as a statement of its own.
    PERFORM set_config('jit', CASE WHEN jit > 0 THEN 'on' ELSE 'off' END, true),
        set_config('jit_above_cost', '0', true),
        set_config('jit_inline_above_cost', CASE WHEN jit = 2 THEN '0' ELSE '-1' END, true),
        set_config('jit_optimize_above_cost', CASE WHEN jit = 2 THEN '0' ELSE '-1' END, true);
    EXECUTE format('SET LOCAL ROLE %I', role);
    IF statement LIKE 'SELECT (opigno.http_request(%' THEN
        EXECUTE statement INTO answer;
    ELSE
        EXECUTE statement;
    END IF;
    RESET ROLE;
    IF statement ~ 'become_' THEN
        PERFORM opigno.become_single_server();
    END IF;
    RETURN CASE WHEN answer LIKE '(500,%'
        THEN format('XX000 %s, calls.make(%L, %L, %s, %L)', answer, role, request, jit, statement) ELSE '00000' END;
EXCEPTION WHEN query_canceled THEN
    RETURN format('57014 %s, calls.make(%L, %L, %s, %L)', SQLERRM, role, request, jit, statement);
WHEN OTHERS THEN
    RETURN SQLSTATE || CASE WHEN SQLSTATE LIKE 'XX%'
        THEN format(' %s, calls.make(%L, %L, %s, %L)', SQLERRM, role, request, jit, statement) ELSE '' END;
END $$;

CREATE ROLE fuzz_user LOGIN;
CREATE ROLE fuzz_operator LOGIN;
CREATE ROLE fuzz_gateway LOGIN;
CREATE ROLE fuzz_other;
SELECT opigno.grant_access('fuzz_user', 'user'), opigno.grant_access('fuzz_operator', 'operator'),
    opigno.grant_access('fuzz_gateway', 'gateway'),
    opigno.register_app('App ' || a, app_id => a) FROM generate_series(0, 2) AS a;
SELECT opigno.register_scope('MENTOR', '{AUTHENTICATED}'),
    opigno.register_app('Private', app_id => 7, is_private => true);
SELECT opigno.set_user_context(u, u, u <> 'inactive', 'AUTHENTICATED'), opigno.upsert_profile(u, 0, '{"a":{"b":1}}'),
    opigno.set_preference(u, 'theme', 'dark')
FROM unnest('{u1,u2,u3,inactive,17adb4c1-eb29-44bf-9d9a-5f8d056e58ee}'::text[]) AS u;
SELECT opigno.set_training('course', 'Course');
SELECT opigno.upsert_training_profile('course', a, '{"a":{"b":1}}') FROM generate_series(0, 1) AS a;
SELECT opigno.report_progress(u, 'course', 'in_progress', 10, 2, '2019-01-01') FROM unnest('{u1,u2}'::text[]) AS u;
SELECT opigno.set_user_context('anon-1', 'Anonymous', true), opigno.upsert_profile('anon-1', 0, '{"b":2}');
INSERT INTO opigno.retirement_state SELECT * FROM opigno.default_retirement_states();
SELECT opigno.register_token_issuer('issuer');
CREATE TABLE calls.credential AS SELECT c.client_key, c.client_secret, 'Bearer ' || (opigno.issue_access_token(
    c.client_key, c.client_secret, 'client_credentials') ->> 'access_token') AS header
FROM opigno.register_client(0, 'Server') AS c;
GRANT SELECT ON calls.credential TO PUBLIC;
SELECT client_id FROM opigno.register_client(1, 'Other server');
ALTER TABLE calls.credential ADD headers jsonb, ADD operator jsonb,
    ADD json jsonb DEFAULT '{"Content-Type":"application/json"}',
    ADD merge_patch jsonb DEFAULT '{"content-type":"application/merge-patch+json; charset=utf-8"}';
UPDATE calls.credential SET headers = jsonb_build_object('Authorization', header, 'Opigno-Client-UUID', 'u1'),
    operator = (SELECT jsonb_build_object('Authorization', 'Bearer ' || (opigno.issue_access_token(
        c.client_key, c.client_secret, 'client_credentials') ->> 'access_token'))
        FROM opigno.register_client(0, 'Administration', is_operator => true) AS c);
SELECT opigno.configure_extended_profile_field('occupation', visibility => 'shared'),
    opigno.configure_extended_profile_field('bio', visibility => 'custom', placement => 'account',
        value_schema => '{"maxLength": 20, "not": {"type": "number"}}'),
    opigno.configure_preference('theme', '{"maxLength": 10}');
CREATE SCHEMA fuzz;
CREATE TABLE fuzz.lines (ordinal bigint PRIMARY KEY, line text);
CREATE TABLE fuzz.no_index (ordinal bigint, line text);
CREATE TABLE fuzz.parent (ordinal bigint PRIMARY KEY, line text);
CREATE TABLE fuzz.child () INHERITS (fuzz.parent);
CREATE TABLE fuzz.partitioned (ordinal bigint PRIMARY KEY, line text) PARTITION BY RANGE (ordinal);
CREATE TABLE fuzz.part PARTITION OF fuzz.partitioned DEFAULT;
CREATE TABLE fuzz."Odd ""name" (ordinal smallint PRIMARY KEY, line text);
CREATE TABLE fuzz.columns (ordinal integer PRIMARY KEY, user_id text, app_id text, profile_data text);
CREATE TABLE fuzz.note (author text);
CREATE INDEX ON fuzz.note (author);
CREATE VIEW fuzz.lines_view AS SELECT * FROM fuzz.lines;
INSERT INTO fuzz.lines SELECT i, calls.damaged(format('{"user_id":"u%s","app_id":0,"profile_data":{"n":%s}}', i % 4, i),
    CASE WHEN i % 3 = 0 THEN i END) FROM generate_series(1, 300) AS i;
UPDATE fuzz.lines SET line = format('{"user_id":"l%s","app_id":0,"profile_data":1}', ordinal) WHERE line IS NULL;
INSERT INTO fuzz.no_index SELECT * FROM fuzz.lines;
INSERT INTO fuzz.parent SELECT * FROM fuzz.lines;
INSERT INTO fuzz.child SELECT * FROM fuzz.lines;
INSERT INTO fuzz.partitioned SELECT * FROM fuzz.lines;
INSERT INTO fuzz."Odd ""name" SELECT * FROM fuzz.lines;
INSERT INTO fuzz.columns SELECT i, 'u' || i % 4, i::text,
    CASE i % 5 WHEN 0 THEN '1e131071' WHEN 1 THEN '{' ELSE '{"a":1}' END FROM generate_series(1, 50) AS i;
GRANT USAGE ON SCHEMA fuzz, calls TO PUBLIC;
-- What somebody else owns is refused without trust_owner.
ALTER TABLE fuzz.lines OWNER TO fuzz_operator;
ALTER TABLE fuzz.columns OWNER TO fuzz_operator;
ALTER TABLE fuzz.note OWNER TO fuzz_operator;
ALTER TABLE fuzz.partitioned OWNER TO fuzz_operator;
GRANT USAGE ON SCHEMA calls TO fuzz_gateway;
GRANT SELECT ON calls.credential TO fuzz_gateway;
GRANT SELECT, DELETE ON ALL TABLES IN SCHEMA fuzz TO fuzz_operator;

-- A front. PL/Proxy checks bodies; here nothing calls them.
CREATE LANGUAGE plproxy HANDLER plpgsql_call_handler;
CREATE FOREIGN DATA WRAPPER plproxy;
CREATE SERVER users FOREIGN DATA WRAPPER plproxy OPTIONS (p0 '', p1 '');
CREATE SERVER users_hub FOREIGN DATA WRAPPER plproxy OPTIONS (p0 '');
