-- Arguments with which each function succeeds, by its name: a new function needs a line here. NULL leaves one out.
CREATE TABLE calls.argument_list (name text PRIMARY KEY, literals text[]);
INSERT INTO calls.argument_list VALUES
    ('access_auditor', '{}'), ('access_gateway', '{}'), ('access_operator', '{}'), ('access_user', '{}'),
    ('announce_app_change', '{}'),
    ('anonymize_user_context', '{u1,NULL,t}'),
    ('attach_foreign_key', '{public.note,author}'),
    ('canonical_user_uuid', '{17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE}'),
    ('configure_extended_profile_field', '{bio,1,custom,deep,account,operator,null,"{\"maxLength\":300}"}'),
    ('clear_account', '{u1}'),
    ('configure_accounts', '{refuse,all_users}'),
    ('configure_preference', '{theme,"{\"enum\":[\"dark\"]}"}'),
    ('create_anonymous_user_context', '{Somebody}'),
    ('access_learning', '{}'),
    ('attach_entity_table', '{public.badge,badges,learner,NULL,erase}'), ('detach_entity_table', '{course_badges}'),
    ('list_entity_tables', '{}'), ('user_entities', '{u1,badges}'), ('training_entities', '{course}'),
    ('get_user_bundle', '{u1,"{0,1}","{profiles,trainings,entities,user_context,account,preferences}"}'),
    ('get_user_bundles', '{"{u1,u2}","{0}"}'),
    ('may_read_progress', '{u1}'),
    ('report_progress', ARRAY['u1', 'course', 'in_progress', '20', '3.5', '2020-01-01', '{}', 't']),
    ('enrol_user', '{u2,course}'), ('remove_enrolment', '{u1,course}'),
    ('report_progress_many', ARRAY['[{"user_id":"u1","training_id":"course","progress":7}]', 'report', 'f', 't', '5']),
    ('get_progress', '{u1,course}'), ('list_progress', '{course,u0,10,passed}'), ('my_progress', '{course}'),
    ('passed_trainings_ranking', '{u1}'), ('refresh_passed_trainings_ranking', '{}'),
    ('create_my_profile', '{1,"{}"}'),
    ('create_profiles',
    ARRAY['[{"user_id":"u1","app_id":1,"profile_data":{"a":1}},{"user_id":"u0","app_id":1,"profile_data":2}]', NULL,
    'report', 'f', 't', '5']),
    ('delete_my_profile', '{0,-1}'),
    ('delete_preference', '{u1,theme}'),
    ('delete_profile', '{u1,0,-1}'),
    ('delete_profiles', ARRAY['[{"user_id":"u1","app_id":0}]']),
    ('drop_extended_profile_field', '{occupation}'),
    ('drop_preference_rule', '{theme}'),
    ('drop_token_issuer', '{issuer}'), ('drop_token_key', '{issuer}'),
    ('export_accounts', '{}'), ('export_profiles', '{0,NULL,2}'), ('export_user_contexts', '{u0}'),
    ('get_account', '{u1,NULL}'),
    ('get_accounts', '{"{u1,u2}",shared}'),
    ('get_preference', '{u1,theme}'),
    ('get_preferences', '{u1}'),
    ('get_profile', '{u1,0}'),
    ('preferences_version', '{u1}'),
    ('get_user_context', '{U1}'),
    ('get_user_context_json', '{u1}'),
    ('grant_access', '{jit_other,auditor}'),
    ('has_scope', '{u1,AUTHENTICATED}'),
    ('is_user_uuid', '{17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE}'),
    ('jsonb_is_same', ARRAY['{"a":1.0}', '{"a":1.00}']),
    ('jsonb_merge_diff', ARRAY['{"a":{"b":1}}', '{"a":{"c":[2]}}']),
    ('jsonb_merge_patch', ARRAY['{"a":{"b":1}}', '{"a":{"b":null,"c":[2]}}']),
    ('jsonb_merge_patch_agg', ARRAY['{"a":1}']),
    ('jsonb_text_size', ARRAY['{"a":1}']),
    ('list_apps', '{}'),
    ('list_extended_profile_fields', '{}'),
    ('list_profiles', '{0,u0,10}'),
    ('list_token_issuers', '{}'), ('list_token_keys', '{}'),
    ('list_user_contexts', '{u0,10,t,AUTHENTICATED}'), ('list_user_contexts_before', '{u9,10,t,AUTHENTICATED}'),
    ('count_user_contexts', '{t,AUTHENTICATED}'),
    ('load_profiles', '{public.staged}'),
    ('load_profiles_in_batches', '{public.staged,replace,t,t,2}'),
    ('load_accounts', '{public.staged}'), ('load_accounts_in_batches', '{public.staged}'),
    ('load_in_batches', '{profiles,public.staged,replace,t}'),
    ('load_user_contexts', '{public.staged}'), ('load_user_contexts_in_batches', '{public.staged}'),
    ('may_commit', '{}'),
    ('may_read_account', '{u1}'), ('may_read_preference', '{u1}'), ('may_read_profile', '{u1,0}'),
    ('may_read_whole_profile', '{u1,0}'), ('visible_profile_data', ARRAY['0', '{"a":1}']),
    ('may_read_user_context', '{u1,NULL}'),
    ('merged_profile', ARRAY['{"a":1}', '{"b":2}', '0', 't']),
    ('announce_schema_change', '{}'),
    ('common_shard', '{"{u1,NULL}",4}'), ('cluster_shards', '{users}'), ('sharding_script', '{users,front}'),
    ('install_proxies', '{users,front}'),
    ('split_bulk', ARRAY['create_profiles', '[{"user_id":"u1"},{"user_id":"u2"},{"user_id":"u3"}]', '4']),
    ('begin_bulk_part', ARRAY['{1,3}', '{2,40}', 'f', 'f']), ('bulk_mask', '{16}'),
    ('masked', '{a,b}'), ('unmasked', '{x}'), ('connect_shard', '{users,0,jit}'),
    ('begin_bulk_transaction', '{jit,t}'), ('bulk_transaction_committed', '{other}'),
    ('end_bulk_transaction', '{other}'),
    ('announce_server_role_change', '{}'), ('become_shard', '{0,1}'), ('become_hub', '{}'),
    ('user_slot', '{u1}'), ('is_user_here', '{u1}'), ('check_user_place', '{u1}'), ('begin_user_moves', '{2,8}'),
    ('await_user_moves', '{1,1,8}'), ('lock_moving_slot', '{1,0}'), ('mark_moving_slot', '{1,0,1,1}'),
    ('connect_for_moves', '{host=x}'), ('move_user_slot', '{1,0,x,2026-01-01}'), ('move_users', '{host=x,0,1}'),
    ('distribute', '{}'), ('distributed_rows', '{profile,"{u1,0}"}'),
    ('become_single_server', '{}'), ('registry_publication_script', '{}'),
    ('registry_subscription_script', '{0,host=hub,t}'), ('registry_synchronous_script', '{3,"{1}"}'),
    ('check_profile_schema', '{"true"}'), ('drop_profile_schema', '{0}'),
    ('validate_profiles', ARRAY['0', '{"minProperties":5}', '1', 't', 'f']),
    ('migrate_profile_batch', ARRAY['0', '{"a":1}', '10', 't', 'f']), ('migrate_profiles', ARRAY['0', '{"a":1}']),
    ('explain_patch', ARRAY['u1', '0', '{"a":1}']),
    ('profile_schemas', '{0}'), ('profile_schema_faults', '{0}'),
    ('set_profile_schema', ARRAY['0', '{"minProperties":0}', 'warn', 't', 'f', '0']),
    ('list_preference_rules', '{}'),
    ('my_account', '{}'), ('my_preferences', '{}'), ('my_profiles', '{0}'), ('my_user_context', '{}'),
    ('parse_profiles', ARRAY['{"user_id":"u1","app_id":0,"profile_data":1}' || chr(10) || 'damaged']),
    ('patch_account',
    ARRAY['u1', '{"name":"New","extended_profile":[{"field_name":"occupation","field_value":{"a":1}}]}']),
    ('patch_accounts', ARRAY['[{"username":"u1","name":"New"},{"username":"u2"}]']),
    ('patch_my_account', ARRAY['{"name":"New"}']),
    ('patch_my_preferences', ARRAY['{"time_zone":"Asia/Tokyo","theme":null}']),
    ('patch_my_profile', ARRAY['0', '{"a":null,"b":{"c":2}}']),
    ('patch_preferences', ARRAY['u1', '{"time_zone":"Asia/Tokyo","theme":null}']),
    ('patch_profile', ARRAY['u1', '0', '{"a":null,"b":{"c":2}}']),
    ('patch_profiles', ARRAY['[{"user_id":"u1","app_id":0,"patch":{"a":2}}]']),
    ('purge_audit', '{2000-01-01}'),
    ('reads_every_user', '{}'), ('refresh_grants', '{}'),
    ('register_app', '{"New app",described,"{shop.example}",NULL,t}'),
    ('register_token_issuer', '{issuer,NULL,"{a}",RS256,/sub,/roles,admin,0,f}'),
    ('register_token_key',
    ARRAY['issuer', '{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}', 'one', 'EdDSA']),
    ('register_token_keys', ARRAY['issuer',
    '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"one"}]}']),
    ('register_scope', '{MENTOR,"{AUTHENTICATED}",guides}'),
    ('request_app', '{}'), ('request_client', '{}'), ('request_named_user', '{}'), ('request_scope', '{}'),
    ('request_user', '{}'),
    ('require_scope', '{AUTHENTICATED}'),
    ('revoke_access', '{jit_other}'),
    ('scopes', '{}'),
    ('set_preference', '{u1,theme,light}'),
    ('set_user_context', '{u1,New,NULL,NULL}'),
    ('set_user_context_json', ARRAY['{"uuid":"u1","displayName":"New"}']),
    ('set_user_contexts',
    ARRAY['[{"uuid":"u1","displayName":"New"},{"uuid":"u9","displayName":"Nine","isActive":true}]']),
    ('set_user_scopes', '{u2,"{AUTHENTICATED}"}'),
    ('test_request', '{u1,"{AUTHENTICATED}",0,NULL}'),
    ('update_app', '{0,Renamed,NULL,NULL,f}'),
    ('upsert_profile', ARRAY['u1', '0', '{"b":[1,2]}', '-1']),
    ('user_shard', '{17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE,7}'),
    ('http_request_route', ARRAY['GET', '/user/profiles/0', '{"Authorization":"JWT a.eyJzdWIiOiJ1MSJ9.c"}', '']),
    ('issue_user_assertion', ARRAY['u1', '{"Opigno-Client-UUID":"u1"}']),
    ('split_http_request', ARRAY['GET', '/api/user/v1/accounts?username=u1,u2', '{}', '', '3']),
    ('combine_http_answers', ARRAY['GET', '/user-contexts?limit=1', '{}', '[{"status":200,"body":[{"uuid":"b"}]}]']),
    ('validate_scope', '{"{AUTHENTICATED}"}');
-- Trainings.
INSERT INTO calls.argument_list VALUES
    ('search_key', '{"Some  Text"}'), ('search_key_end', '{"Some  Text"}'),
    ('set_training', '{t1,Title,t}'), ('get_training', '{t1}'), ('list_trainings', '{NULL,10,t}'),
    ('find_trainings', '{Ti,0,5}'),
    ('may_read_app_schema', '{profile}'), ('may_read_training_profile', '{0}'),
    ('may_read_whole_training_profile', '{0}'), ('visible_training_profile_data', ARRAY['0', '{"a":1}']),
    ('get_training_profile', '{course,0}'), ('list_training_profiles', '{0,a,5}'),
    ('upsert_training_profile', ARRAY['course', '0', '{"a":[1]}', '-1']),
    ('patch_training_profile', ARRAY['course', '0', '{"a":2}']),
    ('delete_training_profile', '{empty,0}'),
    ('create_training_profiles', ARRAY['[{"training_id":"course","app_id":0,"profile_data":{"b":1}}]', 'replace',
    'report', 'f', '5']),
    ('patch_training_profiles', ARRAY['[{"training_id":"course","app_id":0,"patch":{"b":2}}]']),
    ('delete_training_profiles', ARRAY['[{"training_id":"empty","app_id":0}]']),
    ('merged_training_profile', ARRAY['{"a":1}', '{"a":2}', '0', 't']),
    ('set_training_profile_schema', ARRAY['0', '{"minProperties":1}', 'warn']),
    ('drop_training_profile_schema', '{0}'),
    ('training_profile_schemas', '{0}'), ('training_profile_schema_faults', '{0}'),
    ('validate_training_profiles', ARRAY['0', '{"minProperties":5}', '1', 't', 'f']),  ('delete_training', '{unknown}'),
    ('set_trainings', ARRAY['[{"training_id":"t2","title":"Two"}]']);
-- Retirement: r1 is pending, r2 is being erased, r3 has been retired, and r4 has a report.
INSERT INTO calls.argument_list VALUES
    ('default_retirement_states', '{}'), ('list_retirement_states', '{}'),
    ('set_retirement_states', ARRAY['["PENDING","RETIRING_LMS","ERRORED","ABORTED","COMPLETE"]', 't']),
    ('get_retirement', '{r1}'), ('list_retirements', '{PENDING,2000-01-01,2100-01-01,0,5}'),
    ('begin_retirement', '{u2}'), ('begin_retirements', '{"{u2}"}'), ('cancel_retirement', '{r1}'),
    ('move_retirement', '{r1,LOCKING_ACCOUNT,done,f,PENDING}'), ('retirement_queue', '{"{PENDING}",0,5}'),
    ('retirement_cleanup', '{"{r3}",redacted}'), ('queue_partner_report', '{r2}'), ('take_partner_reports', '{5}'),
    ('clean_up_partner_reports', '{"{r4}"}'),
    ('add_retirement_salt', '{salt,sha1}'), ('list_retirement_salts', '{}'), ('retired_user_uuid', '{r1}'),
    ('is_retired', '{r1}'), ('import_retired_identifiers', '{"{6eeb7e012f8baccfd697cb4dc11eaaf228e889e7}"}'),
    ('retire_user_data', '{r2}'), ('retire_users_data', '{"{r2}"}'), ('retirement_certificate', '{r3}'),
    ('verify_retirement_certificates', '{}');
-- Merging, purging and exporting users.
INSERT INTO calls.argument_list VALUES
    ('merge_user_contexts', '{anon-1,u1,merge}'), ('move_progress', '{u1,u2,merge}'),
    ('move_user_entities', '{u1,u2,replace}'), ('purge_user_entities', '{"{u1,u2}"}'),
    ('purge_anonymous_user_contexts', '{2000-01-01,10}'),
    ('purge_anonymous_user_context_batch', '{2000-01-01,10,2000-01-01,u0}'),
    ('purge_anonymous_user_contexts_in_batches', '{2000-01-01,10}'), ('export_user', '{u1}');

CREATE ROLE jit_user LOGIN;
CREATE ROLE jit_operator LOGIN;
CREATE ROLE jit_gateway LOGIN;
CREATE ROLE jit_other;
SELECT opigno.grant_access('jit_user', 'user'), opigno.grant_access('jit_operator', 'operator'),
    opigno.grant_access('jit_gateway', 'gateway'),
    opigno.register_app('Zero', app_id => 0), opigno.register_app('One', app_id => 1);
SELECT opigno.set_user_context(u, u, true, 'AUTHENTICATED'), opigno.upsert_profile(u, 0, '{"a":1}'),
    opigno.set_preference(u, 'theme', 'dark') FROM unnest('{u1,u2}'::text[]) AS u;
SELECT opigno.configure_extended_profile_field('occupation', visibility => 'shared');
SELECT opigno.set_training('course', 'Course'), opigno.set_training('empty', 'Empty');
SELECT opigno.upsert_training_profile('course', 0, '{"a":1}');
CREATE TABLE public.badge (learner text, course text);
CREATE INDEX ON public.badge (learner);
CREATE INDEX ON public.badge (course);
SELECT opigno.attach_entity_table('public.badge', 'course_badges', training_column => 'course');
SELECT opigno.report_progress('u1', 'course', 'failed', 10, 2, '2019-01-01');
SELECT opigno.set_retirement_states((SELECT jsonb_agg(state_name) FROM opigno.default_retirement_states()));
SELECT opigno.set_user_context('r' || n, 'R', true) FROM generate_series(1, 4) AS n;
SELECT opigno.add_retirement_salt('abc');
SELECT opigno.begin_retirements('{r1,r2,r3,r4}');
SELECT opigno.move_retirement('r4', 'LOCKING_ACCOUNT', 'done');
SELECT opigno.queue_partner_report('r4');
SELECT opigno.take_partner_reports();
SELECT opigno.move_retirement(r, 'RETIRING_LMS', 'done') FROM unnest('{r2,r3}'::text[]) AS r;
SELECT opigno.retire_user_data('r3');
SELECT opigno.move_retirement('r3', 'COMPLETE', 'done');
SELECT opigno.set_user_context('anon-1', 'Anonymous', true), opigno.upsert_profile('anon-1', 0, '{"b":2}');
SELECT opigno.register_token_issuer('issuer');
-- Arguments that contain credentials.
CREATE TABLE calls.client AS SELECT * FROM opigno.register_client(0, 'Server');
ALTER TABLE calls.client ADD access_token text;
UPDATE calls.client SET access_token
    = opigno.issue_access_token(client_key, client_secret, 'client_credentials') ->> 'access_token';
SELECT opigno.grant_user(client_id, 'u1') FROM calls.client;
INSERT INTO calls.argument_list SELECT a.* FROM calls.client AS c, LATERAL (VALUES
    ('begin_request', ARRAY['Bearer ' || access_token, 'u1']),
    ('delete_expired_access_tokens', '{10,2000-01-01}'),
    ('grant_user', ARRAY[client_id::text, 'u2']),
    ('http_request', ARRAY['GET', '/user/profiles/0', jsonb_build_object('Authorization', 'Bearer ' || access_token,
        'Opigno-Client-UUID', 'u1')::text, '']),
    ('graphql', ARRAY['query q($u: String!) { getUserContext(uuid: $u) { uuid profiles { appId } } }', '{"u":"u1"}',
        'q', '{}']),
    ('introspect_access_token', ARRAY[access_token, client_key, client_secret]),
    ('issue_access_token', ARRAY[client_key, client_secret, 'client_credentials', 'read']),
    ('list_clients', '{}'), ('list_client_credentials', ARRAY[client_id::text]),
    ('purge_access_tokens', '{10}'),
    ('register_client', '{0,Server,all,"{AUTHENTICATED}",f,2100-01-01}'),
    ('revoke_access_token', ARRAY[access_token, client_key, client_secret]),
    ('revoke_client', ARRAY[client_id::text]), ('revoke_client_tokens', ARRAY[client_id::text]),
    ('revoke_user', ARRAY[client_id::text, 'u1']),
    ('rotate_client_secret', ARRAY[client_id::text, 'tomorrow']),
    ('update_client', ARRAY[client_id::text, 'Renamed', 'all', '{AUTHENTICATED}', 't', '2100-01-01'])) AS a;

-- A front. PL/Proxy checks bodies; here nothing calls them.
CREATE LANGUAGE plproxy HANDLER plpgsql_call_handler;
CREATE FOREIGN DATA WRAPPER plproxy;
CREATE SERVER users FOREIGN DATA WRAPPER plproxy OPTIONS (p0 '', p1 '');
CREATE SERVER users_hub FOREIGN DATA WRAPPER plproxy OPTIONS (p0 '');
CREATE TABLE public.note (author text);
CREATE TABLE public.staged (ordinal bigint PRIMARY KEY, line text);
INSERT INTO public.staged SELECT n, format('{"user_id":"s%s","app_id":0,"profile_data":%s}', n, n)
FROM generate_series(1, 5) AS n;

/* What comes of a call of a role in a request: its SQLSTATE, or that it was compiled (a CALL is: called). It is
   undone. */
CREATE FUNCTION calls.outcome(role text, query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    outcome text := 'not compiled';
BEGIN
    PERFORM opigno.test_request('u1', app_id => 0);
    EXECUTE format('SET LOCAL ROLE %I', role);
    IF query LIKE 'CALL %' THEN
        EXECUTE query;
        outcome := 'called';
    ELSE
        FOR line IN EXECUTE 'EXPLAIN (ANALYZE) ' || query LOOP
            IF line LIKE '%Options: Inlining true, Optimization true, Expressions true%' THEN
                outcome := 'compiled';
            END IF;
        END LOOP;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = outcome;
EXCEPTION WHEN OTHERS THEN
    RETURN CASE SQLSTATE WHEN 'ZZ999' THEN SQLERRM ELSE SQLSTATE || ' ' || SQLERRM END;
END $$;
