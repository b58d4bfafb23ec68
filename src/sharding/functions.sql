CREATE OR REPLACE FUNCTION opigno.user_shard(user_uuid text, shards integer) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_user_shard';
COMMENT ON FUNCTION opigno.user_shard(text, integer) IS
E'Returns the shard of a user: 0 to shards - 1.\n'
'It is the same on every server, in every encoding: FNV-1a with 64 bits over the key in lower case '
'and in UTF-8, then the finaliser of MurmurHash3 (fmix64), modulo shards.\n'
'user_uuid: the user, in any letter case; the user need not exist\n'
'shards: the number of shards, 1 to 65536\n'
'Raises 22023 for another number of shards.';

/*
 * The route of each function in a sharded system. A new function needs a line here, which
 * sql/function_route.sql demands. The key argument of set_user_context_json is an object with the
 * user.
 */
CREATE OR REPLACE VIEW opigno.function_route WITH (security_invoker = true) AS
    SELECT name AS function_name, r.route, r.key_argument
    FROM (VALUES
        ('user', 'uuid', '{
            anonymize_user_context,get_user_context,get_user_context_json,has_scope,
            set_user_context,set_user_scopes}'::text[]),
        ('user', 'payload', '{set_user_context_json}'),
        ('user', 'user_uuid', '{
            begin_retirement,cancel_retirement,clear_account,delete_preference,delete_profile,
            enrol_user,explain_patch,export_user,get_account,get_preference,get_preferences,
            get_profile,get_progress,get_retirement,get_user_bundle,grant_user,is_retired,
            is_user_here,issue_user_assertion,move_retirement,patch_account,patch_preferences,
            patch_profile,preferences_version,
            queue_partner_report,remove_enrolment,report_progress,retire_user_data,
            retired_user_uuid,revoke_user,set_preference,
            upsert_profile,user_entities}'),
        ('user', 'from_uuid', '{merge_user_contexts}'),
        ('bulk', 'body', '{
            create_profiles,delete_profiles,patch_accounts,patch_profiles,report_progress_many,
            set_user_contexts}'),
        ('bulk', 'user_uuids', '{
            begin_retirements,clean_up_partner_reports,get_accounts,get_user_bundles,
            retire_users_data,retirement_cleanup}'),
        ('list', NULL, '{
            count_user_contexts,export_accounts,export_profiles,export_user_contexts,
            list_profiles,list_progress,list_retirements,list_user_contexts,
            list_user_contexts_before,profile_schema_faults,retirement_certificate,
            retirement_queue,
            validate_profiles}'),
        ('hub', NULL, '{
            add_retirement_salt,check_profile_schema,configure_accounts,
            configure_extended_profile_field,configure_preference,create_training_profiles,
            default_retirement_states,delete_expired_access_tokens,delete_training,
            delete_training_profile,delete_training_profiles,
            drop_extended_profile_field,drop_preference_rule,drop_profile_schema,
            drop_token_issuer,drop_token_key,drop_training_profile_schema,find_trainings,
            get_training,get_training_profile,introspect_access_token,issue_access_token,
            list_apps,list_client_credentials,list_clients,list_entity_tables,
            list_extended_profile_fields,list_preference_rules,list_retirement_salts,
            list_retirement_states,list_token_issuers,list_token_keys,list_training_profiles,
            list_trainings,patch_training_profile,patch_training_profiles,profile_schemas,
            purge_access_tokens,register_app,register_client,register_scope,
            register_token_issuer,register_token_key,register_token_keys,revoke_access_token,
            revoke_client,revoke_client_tokens,rotate_client_secret,scopes,set_profile_schema,
            set_retirement_states,set_training,set_training_profile_schema,set_trainings,
            training_entities,training_profile_schema_faults,training_profile_schemas,
            update_app,update_client,upsert_training_profile,validate_scope,
            validate_training_profiles}'),
        ('each', NULL, '{
            attach_entity_table,detach_entity_table,grant_access,import_retired_identifiers,
            migrate_profiles,
            purge_anonymous_user_contexts,purge_anonymous_user_contexts_in_batches,
            purge_audit,refresh_grants,revoke_access}'),
        ('any', NULL, '{create_anonymous_user_context}'),
        ('request', NULL, '{http_request}'),
        ('local', NULL, '{
            access_auditor,access_gateway,access_learning,access_operator,access_user,
            announce_app_change,announce_schema_change,announce_server_role_change,
            attach_foreign_key,await_user_moves,become_hub,become_shard,become_single_server,
            begin_bulk_part,begin_bulk_transaction,begin_request,begin_user_moves,
            bulk_mask,bulk_transaction_committed,canonical_user_uuid,check_user_place,
            cluster_shards,
            combine_http_answers,common_shard,connect_for_moves,connect_shard,create_my_profile,
            end_bulk_transaction,distribute,distributed_rows,split_bulk,split_http_request,
            delete_my_profile,graphql,http_request_route,install_proxies,is_user_uuid,
            jsonb_is_same,jsonb_merge_diff,jsonb_merge_patch,jsonb_merge_patch_agg,
            jsonb_text_size,load_accounts,load_accounts_in_batches,load_in_batches,
            load_profiles,load_profiles_in_batches,load_user_contexts,
            load_user_contexts_in_batches,lock_moving_slot,mark_moving_slot,
            masked,unmasked,
            may_commit,may_read_account,may_read_app_schema,
            may_read_preference,may_read_profile,may_read_progress,may_read_training_profile,
            may_read_user_context,may_read_whole_profile,may_read_whole_training_profile,
            merged_profile,merged_training_profile,migrate_profile_batch,move_progress,
            move_user_entities,move_user_slot,move_users,my_account,
            my_preferences,my_profiles,my_progress,my_user_context,parse_profiles,
            passed_trainings_ranking,patch_my_account,patch_my_preferences,patch_my_profile,
            purge_anonymous_user_context_batch,purge_user_entities,reads_every_user,
            refresh_passed_trainings_ranking,registry_publication_script,
            registry_subscription_script,registry_synchronous_script,request_app,
            request_client,request_named_user,request_scope,request_user,require_scope,
            search_key,search_key_end,sharding_script,take_partner_reports,test_request,
            user_shard,user_slot,
            verify_retirement_certificates,visible_profile_data,visible_training_profile_data}')
    ) AS r (route, key_argument, names), unnest(r.names) AS name;
COMMENT ON VIEW opigno.function_route IS
'where each function of the extension runs in a system that is sharded by user';
COMMENT ON COLUMN opigno.function_route.function_name IS 'name of the function or procedure';
COMMENT ON COLUMN opigno.function_route.route IS
'user (the shard of one user), bulk (split by user), list (all shards, their rows merged), hub '
'(the server with the registries), each (all shards and the hub), any (any shard), request (as '
'opigno.http_request_route() says) or local (the server where it is called; a front has no proxy)';
COMMENT ON COLUMN opigno.function_route.key_argument IS
'for user and bulk: the argument that holds the user or users';

CREATE OR REPLACE FUNCTION opigno.common_shard(user_uuids text[], shards integer) RETURNS integer
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_common_shard';
COMMENT ON FUNCTION opigno.common_shard(text[], integer) IS
E'Returns the shard on which all of the users are: 0 to shards - 1.\n'
'It is 0 for an empty list and for NULL. Proxies call it for functions that write several users in '
'one transaction.\n'
'user_uuids: the users, in any letter case; NULLs are ignored\n'
'shards: the number of shards, 1 to 65536\n'
'Raises 0A000 if the users are on several shards.\n'
'Raises 22023 for another number of shards.';

CREATE OR REPLACE FUNCTION opigno.cluster_shards(cluster text) RETURNS integer
    LANGUAGE c STABLE PARALLEL SAFE COST 100
    AS 'MODULE_PATHNAME', 'opigno_cluster_shards';
COMMENT ON FUNCTION opigno.cluster_shards(text) IS
E'Returns the number of shards of a cluster of PL/Proxy: of the partitions of a foreign server.\n'
'cluster: the name of the foreign server\n'
'Raises 22023 for NULL and for a server without partitions.\n'
'Raises 42704 for an unknown server.';

/*
 * How the answers of several shards become one: a query over their rows, which are named shards. $1
 * and so on are the arguments. A column of rows without names is named r. Functions that are not
 * here have one answer.
 */
CREATE OR REPLACE VIEW opigno.shard_combination WITH (security_invoker = true) AS
    SELECT name AS function_name, c.query
    FROM (VALUES
        ('{list_user_contexts}'::text[],
         'SELECT * FROM shards ORDER BY uuid COLLATE "C" LIMIT coalesce($2, 100)'),
        ('{list_user_contexts_before}',
         'SELECT * FROM shards ORDER BY uuid COLLATE "C" DESC LIMIT coalesce($2, 100)'),
        ('{list_profiles,list_progress}',
         'SELECT * FROM shards ORDER BY user_uuid COLLATE "C" LIMIT coalesce($3, 100)'),
        ('{list_retirements}',
         'SELECT * FROM shards ORDER BY retirement_id LIMIT coalesce($5, 100)'),
        ('{retirement_certificate}', 'SELECT * FROM shards ORDER BY issued_at, certificate_number'),
        /* Numbers of different shards are not in the order of time. */
        ('{retirement_queue}',
         'SELECT * FROM shards ORDER BY created_at, retirement_id LIMIT coalesce($3, 100)'),
        ('{export_user_contexts}',
         'SELECT r FROM shards ORDER BY r::json ->> ''uuid'' COLLATE "C" LIMIT $2'),
        ('{export_accounts}',
         'SELECT r FROM shards ORDER BY r::json ->> ''username'' COLLATE "C" LIMIT $2'),
        ('{export_profiles}',
         'SELECT r FROM shards ORDER BY r::json ->> ''user_id'' COLLATE "C" LIMIT $3'),
        ('{count_user_contexts}', 'SELECT sum(total)::bigint FROM shards'),
        ('{profile_schema_faults}',
         'SELECT version, path, keyword, schema_path, sum(faults)::bigint, min(first_at), '
         'max(last_at) FROM shards GROUP BY version, path, keyword, schema_path '
         'ORDER BY version, path COLLATE "C", schema_path COLLATE "C"'),
        ('{validate_profiles}',
         'SELECT json_build_object('
         '''errors'', (SELECT coalesce(json_agg(e.error), ''[]'') FROM (SELECT e.error '
         'FROM shards AS s, json_array_elements(s.r -> ''errors'') AS e (error) '
         'LIMIT coalesce($3, 100)) AS e), '
         '''version'', (SELECT max((s.r ->> ''version'')::bigint) FROM shards AS s), '
         '''received'', (SELECT sum((s.r ->> ''received'')::bigint) FROM shards AS s), '
         '''failed'', (SELECT sum((s.r ->> ''failed'')::bigint) FROM shards AS s), '
         '''faults'', (SELECT coalesce(json_agg(f), ''[]'') FROM (SELECT f.path, f.keyword, '
         'f.schema_path, sum(f.faults) AS faults FROM shards AS s, '
         'json_to_recordset(s.r -> ''faults'') AS f (path text, keyword text, schema_path text, '
         'faults bigint) GROUP BY f.path, f.keyword, f.schema_path '
         'ORDER BY f.path COLLATE "C", f.schema_path COLLATE "C") AS f))'),
        ('{begin_retirements,retire_users_data}',
         'SELECT * FROM shards ORDER BY user_uuid COLLATE "C" NULLS FIRST'),
        ('{get_accounts,get_user_bundles}',
         'SELECT s.* FROM shards AS s JOIN (SELECT opigno.canonical_user_uuid(i.given) '
         'AS user_uuid, min(i.n) AS n FROM unnest($1) WITH ORDINALITY AS i (given, n) '
         'GROUP BY 1) AS i '
         'ON i.user_uuid = s.user_uuid ORDER BY i.n'),
        ('{purge_anonymous_user_contexts,purge_audit,refresh_grants}',
         'SELECT sum(r) FROM shards'),
        ('{import_retired_identifiers}', 'SELECT max(r) FROM shards'),
        ('{detach_entity_table}', 'SELECT bool_or(r) FROM shards'),
        ('{attach_entity_table,grant_access,revoke_access}', 'SELECT count(*) FROM shards')
    ) AS c (names, query), unnest(c.names) AS name;
COMMENT ON VIEW opigno.shard_combination IS
'how proxies combine the answers of several shards, for opigno.sharding_script()';
COMMENT ON COLUMN opigno.shard_combination.function_name IS 'name of the function';
COMMENT ON COLUMN opigno.shard_combination.query IS
'a query over the rows of the shards, with the arguments as parameters';
