-- Users, apps and clients for the suite graphql. Prints the client's key and secret.
\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on
\pset fieldsep ' '
\o /dev/null
CREATE EXTENSION opigno_profiles;
SELECT opigno.grant_access('gateway', 'gateway');
SELECT opigno.register_app('Course shop', 'sells courses', '{shop.example,www.shop.example}', 0);
SELECT opigno.register_app('Library', app_id => 1);
SELECT opigno.register_app('Diary', 'for one user', app_id => 7, is_private => true);
SELECT opigno.configure_extended_profile_field('occupation', visibility => 'shared');
SELECT opigno.configure_extended_profile_field('goals');
SELECT opigno.configure_extended_profile_field('bio', placement => 'account');
SELECT opigno.set_user_context('17adb4c1-eb29-44bf-9d9a-5f8d056e58ee', 'John Doe', true, 'AUTHENTICATED');
SELECT opigno.set_user_context('u' || to_char(n, 'FM000'), 'User "' || n || E'" \\ é', n % 7 <> 3,
    (ARRAY['AUTHENTICATED', 'ADMINISTRATOR', ''])[n % 3 + 1])
FROM generate_series(1, 150) AS n;
SELECT opigno.upsert_profile('u' || to_char(n, 'FM000'), a,
    jsonb_build_object('n', n, 'text', E'a "quoted" line\nand é', 'list', jsonb_build_array(1, null, 2.5, n % 2 = 0)))
FROM generate_series(1, 150) AS n, unnest(ARRAY[0, 1, 7]) AS a WHERE (n + a) % 4 <> 0;
SELECT opigno.patch_account('u' || to_char(n, 'FM000'), json_build_object('bio', 'B' || n, 'extended_profile',
    json_build_array(json_build_object('field_name', 'occupation', 'field_value', json_build_object('salary', n)))))
FROM generate_series(1, 150, 2) AS n;
SELECT opigno.set_preference('u' || to_char(n, 'FM000'), k, v)
FROM generate_series(1, 150, 3) AS n, (VALUES ('pref-lang', 'fr'), ('account_privacy', 'all_users')) AS p (k, v);
SELECT opigno.set_training('t' || n, 'Training ' || n || ' é', n <> 3) FROM generate_series(1, 5) AS n;
SELECT opigno.report_progress('u' || to_char(n, 'FM000'), 't' || t,
    (ARRAY['in_progress', 'failed', 'passed'])[(n + t) % 3 + 1], n % 100 + 0.25, nullif(n % 4, 0) * t / 2.0,
    '2025-11-01 10:00+00', CASE WHEN n % 5 = 0 THEN '{"page": 1.50}'::jsonb END)
FROM generate_series(1, 150, 2) AS n, generate_series(1, 4) AS t;
SELECT opigno.enrol_user('u' || to_char(n, 'FM000'), 't5') FROM generate_series(1, 150, 9) AS n;
SELECT opigno.upsert_training_profile('t' || n, a,
    jsonb_build_object('n', n, 'list', jsonb_build_array(null, 2.5, 'é')))
FROM generate_series(1, 5) AS n, unnest(ARRAY[0, 1, 7]) AS a WHERE (n + a) % 3 <> 0;
SELECT opigno.set_user_context('u' || n, 'Leaver', true, 'AUTHENTICATED') FROM generate_series(151, 152) AS n;
SELECT opigno.upsert_profile('u151', 0, '{"n": 151}');
SELECT opigno.begin_retirement('u' || n) FROM unnest(ARRAY[141, 142, 151, 152]) AS n;
SELECT opigno.move_retirement('u' || n, 'RETIRING_LMS', '') FROM unnest(ARRAY[142, 151, 152]) AS n;
SELECT opigno.retire_user_data('u' || n) FROM generate_series(151, 152) AS n;
SELECT opigno.move_retirement('u152', 'COMPLETE', '');
SELECT client_id, client_key, client_secret
FROM opigno.register_client(0, 'Administration', is_operator => true) \gset
SELECT client_id AS shop, client_key AS shop_key, client_secret AS shop_secret
FROM opigno.register_client(0, 'Shop server', may_act_for => 'all') \gset
\o
SELECT opigno.issue_access_token(:'client_key', :'client_secret', 'client_credentials') ->> 'access_token',
    opigno.issue_access_token(:'shop_key', :'shop_secret', 'client_credentials') ->> 'access_token', :client_id;
