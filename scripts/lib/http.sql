-- scripts/quickstart http: the gateway's role, and an app, a client and a user for the requests that
-- it prints. It can be run again: the client gets a new secret then, and its old tokens end.
-- Prints client_key, client_secret and user_uuid.
\set ON_ERROR_STOP on
\set user_uuid 3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77
\pset format unaligned
\pset tuples_only on
\pset fieldsep ' '
\o /dev/null
SELECT 'CREATE ROLE gateway LOGIN' WHERE to_regrole('gateway') IS NULL \gexec
ALTER ROLE gateway SET log_parameter_max_length = 0;
ALTER ROLE gateway SET log_parameter_max_length_on_error = 0;
ALTER ROLE gateway SET statement_timeout = '30s';
BEGIN;
SELECT opigno.grant_access('gateway', 'gateway');
SELECT opigno.register_app('Course shop', 'sells courses', '{shop.example}', 0)
WHERE NOT EXISTS (SELECT FROM opigno.list_apps() WHERE app_id = 0);
SELECT opigno.register_client(0, 'quickstart http')
WHERE NOT EXISTS (SELECT FROM opigno.list_clients() WHERE label = 'quickstart http');
SELECT client_id, client_key FROM opigno.list_clients() WHERE label = 'quickstart http' \gset
SELECT opigno.revoke_client_tokens(:client_id);
SELECT opigno.rotate_client_secret(:client_id) AS client_secret \gset
SELECT opigno.set_user_context(:'user_uuid', 'Andrew M. Pearson', true, 'AUTHENTICATED');
SELECT opigno.grant_user(:client_id, :'user_uuid');
SELECT opigno.upsert_profile(:'user_uuid', 0, '{"theme": "dark"}')
WHERE NOT EXISTS (SELECT FROM opigno.get_profile(:'user_uuid', 0));
SELECT opigno.configure_extended_profile_field('occupation');
COMMIT;
\o
SELECT :'client_key', :'client_secret', :'user_uuid';
