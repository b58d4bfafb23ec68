-- Answers to HTTP requests about trainings: the registry, progress, enrolment, ranks and combined requests.
CREATE ROLE regress_opigno_gateway;
SELECT opigno.grant_access('regress_opigno_gateway', 'gateway');
SELECT app_id FROM opigno.register_app('Course shop', app_id => 0);
SELECT client_key AS shop_key, client_secret AS shop_secret
FROM opigno.register_client(0, 'Shop server', may_act_for => 'all') \gset
SELECT client_key AS ops_key, client_secret AS ops_secret
FROM opigno.register_client(0, 'Administration', is_operator => true) \gset
SELECT app_id FROM opigno.register_app('Diary', app_id => 2, is_private => true);
SELECT client_key AS diary_key, client_secret AS diary_secret
FROM opigno.register_client(2, 'Diary server', may_act_for => 'all') \gset
SELECT uuid FROM opigno.set_user_context('andrew', 'Andrew M. Pearson', true, 'AUTHENTICATED');
SELECT uuid FROM opigno.set_user_context('bob', 'Bob', true, 'AUTHENTICATED');
SELECT uuid FROM opigno.set_user_context('carl', 'Carl', false, 'AUTHENTICATED');
SELECT uuid FROM opigno.set_user_context('dora', 'Dora', true, 'ADMINISTRATOR');

/* An answer without what differs from run to run. */
CREATE FUNCTION test.http(method text, target text, headers jsonb, body text DEFAULT NULL)
    RETURNS TABLE (status integer, response_headers jsonb, response_body text) LANGUAGE sql AS $$
    SELECT h.status, test.nths(regexp_replace((h.response_headers - '{Vary,Cache-Control,Content-Type}'::text[])::text,
            '-[0-9a-f]{16}(?=\\")', '-mark'))::jsonb,
        regexp_replace(test.nths(h.response_body), '"(id|created_at|updated_at|date_joined|ranked_at)":"[^"]*"',
            '"\1":"..."', 'g')
    FROM opigno.http_request(method, target, headers, convert_to(body, 'UTF8')) AS h
$$;
GRANT USAGE ON SCHEMA test TO regress_opigno_gateway;
SELECT opigno.issue_access_token(:'shop_key', :'shop_secret', 'client_credentials') ->> 'access_token' AS token,
    opigno.issue_access_token(:'diary_key', :'diary_secret', 'client_credentials') ->> 'access_token' AS diary_token,
    opigno.issue_access_token(:'ops_key', :'ops_secret', 'client_credentials') ->> 'access_token' AS ops_token \gset
SELECT jsonb_build_object('Authorization', 'Bearer ' || :'token', 'Opigno-Client-UUID', 'andrew', 'Content-Type',
        'application/json') AS own,
    jsonb_build_object('Authorization', 'Bearer ' || :'ops_token', 'Content-Type', 'application/json') AS ops \gset
SELECT :'own' || '{"Opigno-Client-UUID":"carl"}'::jsonb AS inactive,
    :'own' || '{"Opigno-Client-UUID":"dora"}'::jsonb AS admin \gset
SELECT :'admin' || jsonb_build_object('Authorization', 'Bearer ' || :'diary_token') AS diary,
    jsonb '{"Content-Type":"application/merge-patch+json"}' AS patch \gset

\pset format unaligned
\pset tuples_only on
SET ROLE regress_opigno_gateway;
\echo -- trainings
SELECT * FROM test.http('PUT', '/trainings/safety', :'ops', '{"title":"Safety at work"}');
SELECT * FROM test.http('PUT', '/trainings/safety', :'ops', '{"title":"Safety at work","is_active":true}');
SELECT * FROM test.http('PUT', '/trainings/safety', :'ops', '{"training_id":"safety","title":"Safety first"}');
SELECT * FROM test.http('PUT', '/trainings/first%20aid', :'ops', '{"title":"First aid","is_active":true}');
SELECT * FROM test.http('PUT', '/trainings/old', :'ops', '{"title":"Old times","is_active":false}');
SELECT * FROM test.http('PUT', '/trainings/safety', :'ops', '{"training_id":"x","title":1,"is_active":"yes","n":1}');
SELECT * FROM test.http('PUT', '/trainings/safety', :'ops', '{"title":"  "}');
SELECT * FROM test.http('PUT', '/trainings/new', :'ops', '{}');
SELECT * FROM test.http('PUT', '/trainings/safety', :'own', '{"title":"Mine"}');
SELECT * FROM test.http('GET', '/trainings/safety', :'own');
SELECT * FROM test.http('GET', '/trainings/nothing', :'own');
SELECT * FROM test.http('GET', '/trainings', :'own');
SELECT * FROM test.http('GET', '/trainings?limit=2', :'own');
SELECT * FROM test.http('GET', '/trainings?limit=1&is_active=true&after=first%20aid', :'own');
SELECT * FROM test.http('GET', '/trainings?limit=0&is_active=x', :'own');
SELECT * FROM test.http('GET', '/trainings?prefix=SAF', :'own');
SELECT * FROM test.http('GET', '/trainings?prefix=&limit=1', :'own');
SELECT * FROM test.http('GET', '/trainings?prefix=s', :'own');
SELECT * FROM test.http('GET', '/trainings?prefix=s&after=a&is_active=true&limit=1001', :'own');
SELECT response_headers ->> 'ETag' AS etag FROM opigno.http_request('GET', '/trainings/safety', :'own') \gset
SELECT * FROM test.http('GET', '/trainings/safety', :'own' || jsonb_build_object('If-None-Match', :'etag'));
SELECT * FROM test.http('PUT', '/trainings/safety', :'ops' || jsonb_build_object('If-Match', :'etag'),
    '{"title":"Safety at work"}');
SELECT * FROM test.http('PUT', '/trainings/safety', :'ops' || jsonb_build_object('If-Match', :'etag'),
    '{"title":"Safety last"}');
SELECT * FROM test.http('PUT', '/trainings/safety', :'ops' || '{"If-None-Match":"*"}'::jsonb, '{"title":"Safety"}');
SELECT * FROM test.http('PUT', '/trainings/gone', :'ops' || '{"If-None-Match":"*","Prefer":"return=minimal"}'::jsonb,
    '{"title":"Gone","is_active":true}');
SELECT * FROM test.http('DELETE', '/trainings/gone', :'ops' || jsonb_build_object('If-Match', :'etag'));
SELECT * FROM test.http('DELETE', '/trainings/gone', :'ops');
SELECT * FROM test.http('DELETE', '/trainings/gone', :'ops' || '{"If-Match":"*"}'::jsonb);
SELECT * FROM test.http('DELETE', '/trainings/gone', :'ops');
SELECT * FROM test.http('DELETE', '/trainings/safety', :'own');

\echo -- many trainings
SELECT * FROM test.http('POST', '/operator/training/set-bulk', :'ops',
    '[{"training_id":"t1","title":"One","is_active":true},{"training_id":"t2","title":"Two","is_active":true}]');
SELECT * FROM test.http('POST', '/operator/training/set-bulk', :'ops', '[{"training_id":"t1"');
SELECT * FROM test.http('POST', '/operator/training/set-bulk?dry_run=x', :'ops', '[]');
SELECT * FROM test.http('POST', '/operator/training/set-bulk', :'own', '[]');

\echo -- profiles of trainings: an administrator of the app writes, and an operator
SELECT * FROM test.http('GET', '/trainings/safety/profiles/0', :'own');
SELECT * FROM test.http('PUT', '/trainings/safety/profiles/0', :'admin', '{"profile_data":{"room":"A","seats":3.50}}');
SELECT * FROM test.http('PUT', '/trainings/safety/profiles/0', :'admin',
    '{"training_id":"safety","app_id":0,"profile_data":{"room":"B","seats":3.50}}');
SELECT * FROM test.http('PATCH', '/trainings/safety/profiles/0', :'ops' || :'patch'::jsonb,
    '{"room":null,"seats":{"all":9}}');
SELECT * FROM test.http('PATCH', '/trainings/first%20aid/profiles/0',
    :'admin' || :'patch'::jsonb || '{"Prefer":"return=minimal"}'::jsonb, '{"room":"C"}');
SELECT * FROM test.http('PATCH', '/trainings/first%20aid/profiles/0',
    :'admin' || :'patch'::jsonb || '{"Prefer":"return=minimal"}'::jsonb, '{"room":"D"}');
SELECT * FROM test.http('GET', '/trainings/safety/profiles/0', :'own');
SELECT * FROM test.http('HEAD', '/trainings/safety/profiles/0', :'own');
SELECT * FROM test.http('OPTIONS', '/trainings/safety/profiles/0', '{}');

\echo -- profiles of trainings: conditions
SELECT response_headers ->> 'ETag' AS etag
FROM opigno.http_request('GET', '/trainings/safety/profiles/0', :'own') \gset
SELECT * FROM test.http('GET', '/trainings/safety/profiles/0', :'own' || jsonb_build_object('If-None-Match', :'etag'));
SELECT * FROM test.http('PUT', '/trainings/safety/profiles/0', :'admin' || jsonb_build_object('If-Match', :'etag'),
    '{"profile_data":{"room":"E"}}');
SELECT * FROM test.http('PUT', '/trainings/safety/profiles/0', :'admin' || jsonb_build_object('If-Match', :'etag'),
    '{"profile_data":{"room":"F"}}');
SELECT * FROM test.http('PATCH', '/trainings/safety/profiles/0',
    :'admin' || :'patch'::jsonb || jsonb_build_object('If-Match', :'etag'), '{"room":"F"}');
SELECT * FROM test.http('DELETE', '/trainings/safety/profiles/0', :'admin' || jsonb_build_object('If-Match', :'etag'));
SELECT * FROM test.http('PUT', '/trainings/safety/profiles/0', :'admin' || '{"If-None-Match":"*"}'::jsonb,
    '{"profile_data":1}');
SELECT * FROM test.http('PUT', '/trainings/old/profiles/0', :'admin' || '{"If-Match":"*"}'::jsonb,
    '{"profile_data":1}');
SELECT * FROM test.http('PUT', '/trainings/old/profiles/0', :'admin' || '{"If-None-Match":"*"}'::jsonb,
    '{"profile_data":[null,"text"]}');
SELECT * FROM test.http('GET', '/trainings/safety/profiles/0', :'own');

\echo -- profiles of trainings: wrong input, all at once
SELECT * FROM test.http('PUT', '/trainings/safety/profiles/0', :'admin',
    '{"training_id":"t1","app_id":"0","profile":{},"a":1,"a":2}');
SELECT * FROM test.http('PUT', '/trainings/safety/profiles/0', :'admin', '{"training_id":1,"app_id":7}');
SELECT * FROM test.http('PUT', '/trainings/safety/profiles/0', :'admin', '[]');
SELECT * FROM test.http('PUT', '/trainings/safety/profiles/0', :'admin', '{');
SELECT * FROM test.http('PUT', '/trainings/safety/profiles/0?app_id=0', :'admin', '{"profile_data":1}');
SELECT * FROM test.http('PUT', '/trainings/nothing/profiles/7', :'ops', '{"profile_data":1}');
SELECT * FROM test.http('PUT', '/trainings/safety/profiles/x', :'ops', '{"profile_data":1}');
SELECT * FROM test.http('PATCH', '/trainings/safety/profiles/0', :'admin' || :'patch'::jsonb, '"text"');
SELECT * FROM test.http('PATCH', '/trainings/safety/profiles/0', :'admin' || :'patch'::jsonb, '{"a":1,"a":2}');
SELECT * FROM test.http('PATCH', '/trainings/safety/profiles/0', :'admin', '{"a":1}');
SELECT * FROM test.http('PATCH', '/trainings/nothing/profiles/0', :'admin' || :'patch'::jsonb, '{"a":1}');
SELECT * FROM test.http('DELETE', '/trainings/safety/profiles/7', :'ops');
SELECT * FROM test.http('DELETE', '/trainings/nothing/profiles/7', :'ops' || '{"If-Match":"*"}'::jsonb);

\echo -- profiles of trainings: who may not, and private apps
SELECT * FROM test.http('PUT', '/trainings/safety/profiles/0', :'own', '{"profile_data":1}');
SELECT * FROM test.http('PATCH', '/trainings/safety/profiles/0', :'own' || :'patch'::jsonb, '{"a":1}');
SELECT * FROM test.http('DELETE', '/trainings/safety/profiles/0', :'own');
SELECT * FROM test.http('GET', '/trainings/safety/profiles/0', '{}');
SELECT * FROM test.http('GET', '/trainings/safety/profiles/0', :'inactive');
SELECT * FROM test.http('PUT', '/trainings/safety/profiles/2', :'admin', '{"profile_data":1}');
SELECT * FROM test.http('PUT', '/trainings/safety/profiles/2', :'diary', '{"profile_data":{"secret":true}}');
SELECT * FROM test.http('PUT', '/trainings/safety/profiles/0', :'diary', '{"profile_data":1}');
SELECT * FROM test.http('GET', '/trainings/safety/profiles/2', :'diary');
SELECT * FROM test.http('GET', '/trainings/safety/profiles/2', :'ops');
SELECT * FROM test.http('GET', '/trainings/safety/profiles/2', :'admin');
SELECT * FROM test.http('PATCH', '/trainings/safety/profiles/2',
    :'admin' || :'patch'::jsonb || '{"If-Match":"*"}'::jsonb, '{"a":1}');
SELECT * FROM test.http('DELETE', '/trainings/safety/profiles/2', :'admin');
SELECT * FROM test.http('DELETE', '/trainings/safety/profiles/2', :'admin' || '{"If-Match":"*"}'::jsonb);

\echo -- profiles of trainings: a schema, with its hidden member
RESET ROLE;
SELECT outcome FROM opigno.set_training_profile_schema(2,
    '{"properties":{"seats":{"type":"integer","minimum":1},"note":{"writeOnly":true}}}');
SET ROLE regress_opigno_gateway;
SELECT * FROM test.http('PATCH', '/trainings/safety/profiles/2', :'diary' || :'patch'::jsonb, '{"seats":0,"note":"x"}');
SELECT * FROM test.http('PUT', '/trainings/safety/profiles/2', :'diary', '{"profile_data":{"seats":"many"}}');
SELECT * FROM test.http('PUT', '/trainings/safety/profiles/2', :'ops', '{"profile_data":{"seats":1,"note":"x"}}');
SELECT * FROM test.http('GET', '/trainings/safety/profiles/2', :'diary');

\echo -- profiles of trainings: lists and the search of an app
SELECT * FROM test.http('GET', '/training-profiles/0', :'own');
SELECT * FROM test.http('GET', '/training-profiles/0?limit=2', :'own');
SELECT * FROM test.http('GET', '/training-profiles/0?limit=2&after=old', :'own');
SELECT * FROM test.http('GET', '/training-profiles/0?limit=1001', :'own');
SELECT * FROM test.http('GET', '/training-profiles/0?limit=1&limit=2', :'own');
SELECT * FROM test.http('GET', '/training-profiles/2', :'own');
SELECT * FROM test.http('GET', '/training-profiles/2', :'diary');
SELECT * FROM test.http('GET', '/training-profiles/7', :'ops');
SELECT * FROM test.http('GET', '/training-profiles/x', :'ops');
SELECT * FROM test.http('GET', '/training-profiles/0', '{}');
SELECT * FROM test.http('GET', '/trainings?prefix=&app_id=0', :'own');
SELECT * FROM test.http('GET', '/trainings?prefix=s&app_id=2', :'diary');
SELECT * FROM test.http('GET', '/trainings?prefix=s&app_id=2', :'own');
SELECT * FROM test.http('GET', '/trainings?prefix=s&app_id=x&limit=0&after=a', :'own');
SELECT * FROM test.http('GET', '/trainings?app_id=0&limit=0', :'own');

\echo -- many profiles of trainings
SELECT * FROM test.http('POST', '/operator/training-profile/create-bulk', :'ops',
    '[{"training_id":"t1","app_id":0,"profile_data":{"room":1}},{"training_id":"t2","app_id":0,"profile_data":2}]');
SELECT * FROM test.http('POST', '/operator/training-profile/create-bulk?on_conflict=merge&dry_run=true', :'ops',
    '{"profiles":[{"training_id":"t1","app_id":0,"profile_data":{"seats":2}}]}');
SELECT * FROM test.http('POST', '/operator/training-profile/create-bulk',
    :'ops' || '{"Prefer":"handling=lenient"}'::jsonb,
    '[{"training_id":"t1","app_id":0,"profile_data":1},{"training_id":"nothing","app_id":7,"profile_data":1},
      {"training_id":"t1","app_id":2,"profile_data":{"seats":7}}]');
SELECT * FROM test.http('POST', '/operator/training-profile/create-bulk', :'ops',
    '[{"training_id":"t1","app_id":2,"profile_data":{"seats":0}},{"user_id":"andrew"}]');
SELECT * FROM test.http('POST', '/operator/training-profile/create-bulk?on_conflict=x', :'ops', '[]');
SELECT * FROM test.http('POST', '/operator/training-profile/create-bulk?dry_run=x&on_duplicate=last', :'ops', '[]');
SELECT * FROM test.http('POST', '/operator/training-profile/create-bulk', :'ops', '[{"training_id"');
SELECT * FROM test.http('POST', '/operator/training-profile/create-bulk', :'admin', '[]');
SELECT * FROM test.http('GET', '/training-profiles/0?after=safety', :'own');
SELECT * FROM test.http('DELETE', '/trainings/t1', :'ops');
SELECT * FROM test.http('DELETE', '/trainings/t1/profiles/0', :'ops' || '{"If-Match":"*"}'::jsonb);
SELECT * FROM test.http('DELETE', '/trainings/t1/profiles/0', :'ops');
SELECT * FROM test.http('DELETE', '/trainings/old/profiles/0', :'admin');

\echo -- progress of the user of the request
SELECT * FROM test.http('GET', '/user/progress', :'own');
SELECT * FROM test.http('POST', '/user/progress/safety', :'own',
    '{"status":"in_progress","progress":12.345,"score":3.50,"reported_at":"2026-11-01T10:00:00Z",
     "details":{"page":1.0}}');
SELECT * FROM test.http('POST', '/user/progress/safety', :'own',
    '{"status":"in_progress","progress":12.345,"score":3.50,"reported_at":"2026-11-01T10:00:00Z",
     "details":{"page":1.0}}');
SELECT * FROM test.http('POST', '/user/progress/safety', :'own',
    '{"progress":10,"score":1,"reported_at":"2026-11-01T11:00:00+02:00","details":null}');
SELECT * FROM test.http('POST', '/user/progress/safety', :'own',
    '{"status":"passed","progress":100,"score":88,"reported_at":"2026-11-02T10:00:00Z"}');
SELECT * FROM test.http('POST', '/user/progress/safety', :'own',
    '{"status":"in_progress","reported_at":"2026-11-03T10:00:00Z"}');
SELECT * FROM test.http('POST', '/user/progress/first%20aid', :'own' || '{"Prefer":"return=minimal"}'::jsonb,
    '{"reported_at":"2026-11-01T10:00:00Z"}');
SELECT * FROM test.http('POST', '/user/progress/safety', :'own',
    '{"status":"done","progress":101,"score":"x","reported_at":"2026-11-03","details":1,"allow_decrease":0,"n":1}');
SELECT * FROM test.http('POST', '/user/progress/safety', :'own',
    '{"status":"done","progress":101,"reported_at":"2999-01-01T00:00:00Z","details":[]}');
SELECT * FROM test.http('POST', '/user/progress/safety', :'own', '{"reported_at":"2026-13-45T00:00:00Z"}');
SELECT * FROM test.http('POST', '/user/progress/nothing', :'own', '{}');
SELECT * FROM test.http('POST', '/user/progress/safety', :'ops', '{}');
SELECT * FROM test.http('POST', '/user/progress/safety', :'inactive', '{}');
SELECT * FROM test.http('GET', '/user/progress', :'own');
SELECT * FROM test.http('GET', '/user/progress', :'inactive');
SELECT * FROM test.http('GET', '/user/progress', :'ops');
SELECT * FROM test.http('GET', '/user/progress/safety', :'own');
SELECT response_headers ->> 'ETag' AS etag FROM opigno.http_request('GET', '/user/progress/safety', :'own') \gset
SELECT * FROM test.http('GET', '/user/progress/safety', :'own' || jsonb_build_object('If-None-Match', :'etag'));
SELECT * FROM test.http('GET', '/user/progress/old', :'own');

\echo -- enrolment
SELECT * FROM test.http('PUT', '/user/enrolments/old', :'own');
SELECT * FROM test.http('PUT', '/user/enrolments/old', :'own');
SELECT * FROM test.http('PUT', '/user/enrolments/old', :'own' || '{"If-None-Match":"*"}'::jsonb);
SELECT * FROM test.http('DELETE', '/user/enrolments/old', :'own' || '{"If-None-Match":"*"}'::jsonb);
SELECT * FROM test.http('GET', '/user/progress/old', :'own');
SELECT * FROM test.http('GET', '/user/enrolments/old', :'own');
SELECT response_headers ->> 'ETag' AS etag FROM opigno.http_request('GET', '/user/enrolments/old', :'own') \gset
SELECT * FROM test.http('PUT', '/user/enrolments/old', :'own' || jsonb_build_object('If-None-Match', :'etag'));
SELECT * FROM test.http('DELETE', '/user/enrolments/old', :'own' || '{"If-Match":"\"0000000000000000\""}'::jsonb);
SELECT * FROM test.http('DELETE', '/user/enrolments/old', :'own' || jsonb_build_object('If-Match', :'etag'));
SELECT * FROM test.http('GET', '/user/enrolments/old', :'own');
SELECT * FROM test.http('DELETE', '/trainings/old', :'ops');
SELECT * FROM test.http('PUT', '/user/enrolments/old', :'own');
SELECT * FROM test.http('DELETE', '/user/enrolments/old', :'own' || '{"If-Match":"*"}'::jsonb);
SELECT * FROM test.http('DELETE', '/user/enrolments/old', :'own');
SELECT * FROM test.http('PUT', '/user/enrolments/old', :'own' || '{"If-Match":"*"}'::jsonb);
SELECT * FROM test.http('PUT', '/user/enrolments/old', :'own' || '{"If-None-Match":"*"}'::jsonb);
SELECT * FROM test.http('PUT', '/user/enrolments/nothing', :'own');
SELECT * FROM test.http('DELETE', '/user/enrolments/nothing', :'own');

\echo -- operators: progress and enrolment of any user
SELECT * FROM test.http('POST', '/operator/users/progress/bob/safety', :'ops',
    '{"status":"failed","progress":100,"score":10,"reported_at":"2026-11-02T10:00:00Z"}');
SELECT * FROM test.http('POST', '/operator/users/progress/nobody/safety', :'ops', '{}');
SELECT * FROM test.http('POST', '/operator/users/progress/bob/safety', :'own', '{}');
SELECT * FROM test.http('GET', '/operator/users/progress/bob', :'ops');
SELECT * FROM test.http('GET', '/operator/users/progress/bob/safety', :'ops');
SELECT * FROM test.http('GET', '/operator/users/progress/bob/old', :'ops');
SELECT * FROM test.http('PUT', '/operator/users/enrolments/bob/old', :'ops');
SELECT * FROM test.http('DELETE', '/operator/users/enrolments/bob/old', :'ops');
SELECT * FROM test.http('PUT', '/operator/users/enrolments/nobody/old', :'ops');
SELECT * FROM test.http('GET', '/trainings/safety/progress', :'ops');
SELECT * FROM test.http('GET', '/trainings/safety/progress?limit=1&status=failed', :'ops');
SELECT * FROM test.http('GET', '/trainings/safety/progress?limit=1&status=done', :'ops');
SELECT * FROM test.http('GET', '/trainings/nothing/progress', :'ops');
SELECT * FROM test.http('GET', '/trainings/safety/progress', :'own');

\echo -- ranks and many reports
SELECT * FROM test.http('GET', '/user/ranking', :'own');
SELECT * FROM test.http('GET', '/user/ranking', :'ops');
SELECT * FROM test.http('GET', '/operator/users/ranking/bob', :'ops');
SELECT * FROM test.http('GET', '/operator/users/ranking/nobody', :'ops');
SELECT * FROM test.http('POST', '/operator/progress/report-bulk', :'ops',
    '[{"user_uuid":"bob","training_id":"old","progress":10,"reported_at":"2026-11-01T10:00:00Z"}]');
SELECT * FROM test.http('POST', '/operator/progress/report-bulk?create_missing_users=true&dry_run=true', :'ops',
    '[{"user_uuid":"new","training_id":"old","progress":10,"reported_at":"2026-11-01T10:00:00Z"}]');
SELECT * FROM test.http('POST', '/operator/progress/report-bulk', :'ops' || '{"Prefer":"handling=lenient"}'::jsonb,
    '[{"user_uuid":"bob","training_id":"old","progress":20,"reported_at":"2026-11-02T10:00:00Z"},
      {"user_uuid":"bob","training_id":"nothing","progress":20,"reported_at":"2026-11-02T10:00:00Z"}]');
SELECT * FROM test.http('POST', '/operator/progress/report-bulk', :'own', '[]');

\echo -- combined requests
SELECT * FROM test.http('GET', '/user/bundle?include=trainings,profiles&apps=0', :'own');
SELECT * FROM test.http('GET', '/user/bundle?include=user_context', :'own');
SELECT * FROM test.http('GET', '/user/bundle?include=nothing', :'own');
SELECT * FROM test.http('GET', '/user/bundle?apps=x', :'own');
SELECT * FROM test.http('GET', '/operator/users/bundle/bob?include=trainings', :'ops');
SELECT * FROM test.http('GET', '/operator/users/bundle/bob', :'own');
SELECT * FROM test.http('GET', '/operator/users/bundles?users=bob,nobody&include=user_context', :'ops');
SELECT * FROM test.http('GET', '/operator/users/bundles', :'ops');
RESET ROLE;

DROP FUNCTION test.http;
DELETE FROM opigno.training_standing;
DELETE FROM opigno.training_progress;
DELETE FROM opigno.training_profile;
DELETE FROM opigno.training;
DELETE FROM opigno.access_token;
DELETE FROM opigno.client_secret;
DELETE FROM opigno.client;
DELETE FROM opigno.app_schema;
DELETE FROM opigno.app;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
DROP OWNED BY regress_opigno_gateway;
DROP ROLE regress_opigno_gateway;
