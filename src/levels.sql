/*
 * The privileges of each level of access, in the terms of GRANT; grant_access() reads them. The
 * names of functions are unique. No name needs quotes, even if quote_all_identifiers is on.
 *
 * The levels user and gateway may execute functions of operators too, for requests of operators. In
 * other requests these functions raise 42501, and exports show what row security lets through. What
 * reads a staging table, commits, or changes clients and token keys needs the level operator: a
 * leaked token must not give itself a lasting client.
 */
CREATE OR REPLACE VIEW opigno.level_privilege WITH (security_invoker = true) AS
    WITH granted (kind, levels, names) AS (VALUES
        ('SCHEMA', '{user,gateway,operator,auditor,learning}'::text[], '{opigno}'::text[]),
        ('TYPE', '{user,gateway,operator,auditor}'::text[], '{
            user_uuid,display_name,scope_list,domain_list,preference_key,
            extended_profile}'::text[]),
        ('TYPE', '{learning}'::text[], '{user_uuid}'::text[]),
        ('TYPE', '{user,gateway,operator,auditor,learning}'::text[], '{
            training_id,training_title,training_status,training_percentage,
            training_score}'::text[]),
        ('TABLE', '{user,gateway,operator,auditor,learning}'::text[], '{
            training,training_progress,training_standing,ranking_step,training_profile,
            visible_training_profile,app_schema,app_schema_fault}'::text[]),
        ('TABLE', '{user,gateway,operator,auditor}'::text[], '{entity_table}'::text[]),
        ('TABLE', '{user,gateway,operator,auditor}'::text[], '{
            user_context,site_scope,app,profile,visible_profile,
            extended_profile_field,preference_rule,account_setting,
            account,preference,client,client_user,
            token_issuer,token_key,profile_migration}'::text[]),
        ('TABLE', '{operator}'::text[], '{
            bulk_error,bulk_progress,function_route,moving_slot,registry_lag,server_role}'::text[]),
        ('TABLE', '{auditor}'::text[], '{
            audit,level_privilege,role_level,owner_privilege,function_route,
            moving_slot,moving_table,registry_lag,server_role,sharded_sequence,
            site_user_table,table_placement,
            bulk_progress}'::text[]),
        ('PROCEDURE', '{user}'::text[], '{access_user}'::text[]),
        ('PROCEDURE', '{gateway}'::text[], '{access_gateway}'::text[]),
        ('PROCEDURE', '{operator}'::text[], '{
            access_operator,load_in_batches,load_profiles_in_batches,
            migrate_profiles,
            load_user_contexts_in_batches,load_accounts_in_batches,purge_access_tokens}'::text[]),
        ('PROCEDURE', '{auditor}'::text[], '{access_auditor}'::text[]),
        ('PROCEDURE', '{learning}'::text[], '{access_learning}'::text[]),
        ('FUNCTION', '{learning}'::text[], '{
            canonical_user_uuid,is_user_uuid,user_shard,user_slot,check_user_place,is_user_here,
            jsonb_is_same,jsonb_text_size,jsonb_merge_patch,
            jsonb_merge_diff,jsonb_merge_patch_agg,list_apps}'::text[]),
        ('TABLE', '{learning}'::text[], '{app}'::text[]),
        ('FUNCTION', '{user,gateway,operator,auditor,learning}'::text[], '{
            may_read_progress,distributed_rows,search_key,search_key_end,may_read_app_schema,
            may_read_training_profile,may_read_whole_training_profile,
            visible_training_profile_data,get_training_profile,list_training_profiles,
            training_profile_schemas,training_profile_schema_faults,
            get_training,list_trainings,find_trainings,
            get_progress,list_progress,passed_trainings_ranking}'::text[]),
        ('FUNCTION', '{user,gateway,operator,learning}'::text[], '{
            report_progress,enrol_user,remove_enrolment,report_progress_many,
            set_training,set_trainings,delete_training,
            upsert_training_profile,patch_training_profile,delete_training_profile,
            create_training_profiles,patch_training_profiles,delete_training_profiles,
            set_training_profile_schema,drop_training_profile_schema,
            validate_training_profiles,
            refresh_passed_trainings_ranking}'::text[]),
        ('FUNCTION', '{user,gateway,operator}'::text[], '{my_progress}'::text[]),
        ('FUNCTION', '{user,gateway,operator,auditor}'::text[], '{
            list_entity_tables,user_entities,training_entities,
            get_user_bundle,get_user_bundles}'::text[]),
        /* loads over several shards, and what the front needs for them */
        ('FUNCTION', '{operator,learning,gateway}'::text[], '{
            split_bulk,connect_shard,begin_bulk_part,begin_bulk_transaction,
            bulk_transaction_committed,end_bulk_transaction,bulk_mask,masked,
            unmasked}'::text[]),
        ('TABLE', '{operator,learning,gateway}'::text[], '{bulk_transaction}'::text[]),
        ('FUNCTION', '{operator}'::text[], '{attach_entity_table,detach_entity_table}'::text[]),
        ('FUNCTION', '{user,gateway,operator,auditor}'::text[], '{
            canonical_user_uuid,is_user_uuid,user_shard,user_slot,check_user_place,
            is_user_here,common_shard,
            validate_scope,scopes,has_scope,
            jsonb_merge_patch,jsonb_merge_diff,jsonb_merge_patch_agg,jsonb_is_same,jsonb_text_size,
            may_read_user_context,may_read_profile,may_read_whole_profile,
            visible_profile_data,may_read_account,may_read_preference,
            reads_every_user,request_user,request_named_user,request_scope,request_app,
            request_client,require_scope,
            get_user_context,get_user_context_json,list_user_contexts,
            list_user_contexts_before,count_user_contexts,list_apps,list_clients,
            get_profile,list_profiles,parse_profiles,
            list_extended_profile_fields,list_preference_rules,get_account,get_accounts,
            get_preferences,get_preference,preferences_version,
            list_token_issuers,list_token_keys,profile_schemas,profile_schema_faults}'::text[]),
        /* retirement: states and process */
        ('TYPE', '{user,gateway,operator,auditor}'::text[], '{retirement_state_name}'::text[]),
        ('TABLE', '{user,gateway,operator,auditor}'::text[], '{
            retirement_state,retirement}'::text[]),
        ('TABLE', '{gateway,operator,auditor}'::text[], '{retirement_partner_report}'::text[]),
        ('FUNCTION', '{user,gateway,operator,auditor}'::text[], '{
            default_retirement_states,list_retirement_states,get_retirement,
            list_retirements}'::text[]),
        ('FUNCTION', '{user,gateway,operator}'::text[], '{
            set_retirement_states,begin_retirement,begin_retirements,cancel_retirement,
            move_retirement,retirement_queue,retirement_cleanup,queue_partner_report,
            take_partner_reports,clean_up_partner_reports}'::text[]),
        /* retirement: erasure, certificates, retired identifiers */
        ('TABLE', '{user,gateway,operator,auditor}'::text[], '{
            retired_identifier,erasure_certificate}'::text[]),
        ('FUNCTION', '{user,gateway,operator,auditor}'::text[], '{
            list_retirement_salts,retired_user_uuid,is_retired,retirement_certificate,
            verify_retirement_certificates}'::text[]),
        ('FUNCTION', '{user,gateway,operator}'::text[], '{
            import_retired_identifiers,retire_user_data,retire_users_data}'::text[]),
        ('FUNCTION', '{operator}'::text[], '{add_retirement_salt}'::text[]),
        /* merging and exporting users */
        ('TABLE', '{user,gateway,operator,auditor}'::text[], '{user_merge}'::text[]),
        ('FUNCTION', '{user,gateway,operator,auditor}'::text[], '{export_user}'::text[]),
        ('FUNCTION', '{user,gateway,operator}'::text[], '{
            merge_user_contexts,purge_anonymous_user_contexts}'::text[]),
        ('FUNCTION', '{operator}'::text[], '{purge_anonymous_user_context_batch}'::text[]),
        ('PROCEDURE', '{operator}'::text[], '{
            purge_anonymous_user_contexts_in_batches}'::text[]),
        ('FUNCTION', '{gateway}'::text[], '{
            combine_http_answers,graphql,http_request,issue_user_assertion,
            split_http_request}'::text[]),
        ('FUNCTION', '{gateway,operator}'::text[], '{http_request_route}'::text[]),
        ('FUNCTION', '{user,gateway,operator}'::text[], '{
            begin_request,issue_access_token,revoke_access_token,introspect_access_token,
            set_user_context,set_user_context_json,set_user_scopes,create_anonymous_user_context,
            anonymize_user_context,my_user_context,upsert_profile,patch_profile,
            delete_profile,explain_patch,
            my_profiles,create_my_profile,patch_my_profile,delete_my_profile,
            patch_account,my_account,patch_my_account,clear_account,
            patch_preferences,my_preferences,patch_my_preferences,
            set_preference,delete_preference,
            set_user_contexts,register_scope,register_app,update_app,
            set_profile_schema,drop_profile_schema,check_profile_schema,validate_profiles,
            configure_extended_profile_field,drop_extended_profile_field,configure_accounts,
            configure_preference,drop_preference_rule,
            patch_accounts,create_profiles,patch_profiles,delete_profiles,
            export_profiles,export_user_contexts,export_accounts}'::text[]),
        ('FUNCTION', '{operator}'::text[], '{
            attach_foreign_key,load_profiles,load_user_contexts,load_accounts,may_commit,
            migrate_profile_batch,
            register_client,update_client,rotate_client_secret,revoke_client,
            list_client_credentials,
            revoke_client_tokens,grant_user,revoke_user,delete_expired_access_tokens,
            register_token_issuer,drop_token_issuer,register_token_key,register_token_keys,
            drop_token_key}'::text[])
    ), named AS (
        SELECT level, g.kind, name
        FROM granted AS g, unnest(g.levels) AS level, unnest(g.names) AS name
    ), member AS (
        SELECT d.classid, d.objid
        FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
        WHERE e.extname = 'opigno_profiles' AND d.refclassid = 'pg_extension'::regclass
            AND d.deptype = 'e'
    )
    SELECT n.level, 'USAGE' AS privilege, n.kind, n.name AS object
    FROM named AS n WHERE n.kind = 'SCHEMA'
    UNION ALL
    SELECT n.level, 'USAGE', n.kind, 'opigno.' || t.typname
    FROM named AS n JOIN pg_type AS t ON t.typname = n.name
        JOIN member AS m ON m.classid = 'pg_type'::regclass AND m.objid = t.oid
    WHERE n.kind = 'TYPE'
    UNION ALL
    SELECT n.level, 'SELECT', n.kind, 'opigno.' || c.relname
    FROM named AS n JOIN pg_class AS c ON c.relname = n.name
        JOIN member AS m ON m.classid = 'pg_class'::regclass AND m.objid = c.oid
    WHERE n.kind = 'TABLE'
    UNION ALL
    SELECT n.level, 'EXECUTE', n.kind,
        format('opigno.%s(%s)', p.proname, replace(oidvectortypes(p.proargtypes), '"', ''))
    FROM named AS n JOIN pg_proc AS p ON p.proname = n.name
        JOIN member AS m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid
    WHERE n.kind IN ('FUNCTION', 'PROCEDURE');
COMMENT ON VIEW opigno.level_privilege IS
'the privileges of each level of access; opigno.grant_access() grants them';
COMMENT ON COLUMN opigno.level_privilege.level IS 'user, gateway, operator, auditor or learning';
COMMENT ON COLUMN opigno.level_privilege.privilege IS 'USAGE, SELECT or EXECUTE';
COMMENT ON COLUMN opigno.level_privilege.kind IS 'SCHEMA, TYPE, TABLE, FUNCTION or PROCEDURE';
COMMENT ON COLUMN opigno.level_privilege.object IS 'the object, as GRANT names it';

CREATE OR REPLACE VIEW opigno.role_level WITH (security_invoker = true) AS
    SELECT DISTINCT CASE WHEN a.grantee <> 0 THEN pg_get_userbyid(a.grantee)::text END AS role,
        m.level
    FROM (VALUES ('user', 'access_user'), ('gateway', 'access_gateway'),
                 ('operator', 'access_operator'), ('auditor', 'access_auditor'),
                 ('learning', 'access_learning'))
            AS m (level, marker)
        JOIN pg_namespace AS n ON n.nspname = 'opigno'
        JOIN pg_proc AS p ON p.pronamespace = n.oid AND p.proname = m.marker AND p.pronargs = 0,
        aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
    WHERE a.privilege_type = 'EXECUTE' AND a.grantee <> p.proowner;
COMMENT ON VIEW opigno.role_level IS
'the levels of access of each database role, without levels inherited from other roles';
COMMENT ON COLUMN opigno.role_level.role IS
'name of the role; NULL means PUBLIC, that is, every role';
COMMENT ON COLUMN opigno.role_level.level IS 'user, gateway, operator, auditor or learning';

CREATE OR REPLACE VIEW opigno.owner_privilege WITH (security_invoker = true) AS
    WITH relation AS (
        SELECT c.oid, c.relkind, c.relowner, c.relacl
        FROM pg_depend AS d
            JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'opigno_profiles'
            JOIN pg_class AS c ON c.oid = d.objid AND d.classid = 'pg_class'::regclass
        WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
    )
    SELECT r.oid::regclass::text AS object, NULL::text AS object_column,
        r.relkind = 'S' AS is_sequence, a.grantee, a.privilege_type AS privilege
    FROM relation AS r, aclexplode(r.relacl) AS a
    WHERE a.grantee <> r.relowner AND a.privilege_type
        IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER')
    UNION ALL
    SELECT r.oid::regclass::text, quote_ident(c.attname), false, a.grantee, a.privilege_type
    FROM relation AS r JOIN pg_attribute AS c ON c.attrelid = r.oid, aclexplode(c.attacl) AS a
    WHERE a.grantee <> r.relowner AND a.privilege_type IN ('INSERT', 'UPDATE', 'REFERENCES');
COMMENT ON VIEW opigno.owner_privilege IS
'privileges of other roles that only the extension''s owner should have: to write to its tables, '
'to refer to them or to create triggers on them; opigno.refresh_grants() revokes them';
COMMENT ON COLUMN opigno.owner_privilege.object IS 'the table, view or sequence';
COMMENT ON COLUMN opigno.owner_privilege.object_column IS
'the column; NULL if the privilege is on the whole object';
COMMENT ON COLUMN opigno.owner_privilege.is_sequence IS 'whether the object is a sequence';
COMMENT ON COLUMN opigno.owner_privilege.grantee IS 'OID of the role; 0 means PUBLIC';
COMMENT ON COLUMN opigno.owner_privilege.privilege IS
'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES or TRIGGER';
