-- What the requests of this folder need. Prints the values that they name.
-- The variables jwks and secret are the keys of the issuer whose JWTs jwts.mjs prints.
\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on
\o /dev/null
CREATE EXTENSION opigno_profiles;
SELECT opigno.grant_access('gateway', 'gateway');
SELECT opigno.register_app('Course shop', 'sells courses', '{shop.example}', 0);
SELECT opigno.register_app('Library', app_id => 1);
SELECT opigno.register_app('Clinic', app_id => 2, is_private => true);
SELECT opigno.register_app('Empty', app_id => 3);
SELECT opigno.register_scope('MENTOR');
SELECT opigno.set_user_context('string', 'A user', true, 'AUTHENTICATED');
SELECT opigno.set_user_context('andrew', 'Andrew M. Pearson', true, 'AUTHENTICATED');
SELECT opigno.set_user_context('mallory', 'Mallory', true, 'AUTHENTICATED');
SELECT opigno.set_user_context('josé', 'José', true, 'AUTHENTICATED');
SELECT opigno.set_user_context('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 'John Doe', true, 'AUTHENTICATED');
SELECT opigno.set_user_context('gone', 'Gone', false);
SELECT opigno.set_user_context('leaver', 'Who leaves', true);
SELECT opigno.set_user_context('head', 'An administrator', true, 'ADMINISTRATOR');
SELECT opigno.upsert_profile('mallory', app_id, '{"of": "mallory"}') FROM generate_series(1, 2) AS app_id;
SELECT opigno.upsert_profile('string', 2, '{"secret": "of string"}');
SELECT opigno.set_preference('string', 'k', 'secret');
SELECT opigno.set_user_context('u' || n, 'User ' || n, true), opigno.upsert_profile('u' || n, 0, '{}')
FROM generate_series(1, 20) AS n;
SELECT opigno.register_token_issuer('https://idp.example');
SELECT opigno.register_token_keys('https://idp.example', :'jwks');
SELECT opigno.register_token_key('https://idp.example', :'secret', 'shared', 'HS256');
SELECT opigno.configure_extended_profile_field('occupation');
SELECT client_key AS shop_key, client_secret AS shop_secret
FROM opigno.register_client(0, 'Shop server', may_act_for => 'all') \gset
SELECT client_key AS ops_key, client_secret AS ops_secret
FROM opigno.register_client(0, 'Administration', is_operator => true) \gset
SELECT client_id AS small, client_key AS small_key, client_secret AS small_secret
FROM opigno.register_client(0, 'Small client', may_act_for => 'created') \gset
SELECT opigno.grant_user(:small, 'mallory');
SELECT client_id AS old, client_key AS old_key, client_secret AS old_secret
FROM opigno.register_client(0, 'Old client', may_act_for => 'all') \gset
SELECT opigno.issue_access_token(:'old_key', :'old_secret', 'client_credentials') ->> 'access_token' AS revoked \gset
SELECT opigno.revoke_client_tokens(:old);
SELECT opigno.issue_access_token(:'old_key', :'old_secret', 'client_credentials') ->> 'access_token' AS expired \gset
UPDATE opigno.access_token SET issued_at = now() - interval '2 hours', expires_at = now() - interval '1 hour'
WHERE client_id = :old AND revoked_at IS NULL;
\o
\echo SHOP_KEY :shop_key
\echo SHOP_SECRET :shop_secret
\echo OPS_KEY :ops_key
\echo OPS_SECRET :ops_secret
\echo SMALL_KEY :small_key
\echo SMALL_SECRET :small_secret
\echo REVOKED :revoked
\echo EXPIRED :expired
