-- Answers to HTTP requests about trainings: the registry, progress, enrolment, ranks and combined requests.
CREATE ROLE regress_opigno_gateway;
SELECT opigno.grant_access('regress_opigno_gateway', 'gateway');
SELECT app_id FROM opigno.register_app('Course shop', app_id => 0);
SELECT client_key AS shop_key, client_secret AS shop_secret
FROM opigno.register_client(0, 'Shop server', may_act_for => 'all') \gset
SELECT client_key AS ops_key, client_secret AS ops_secret
FROM opigno.register_client(0, 'Administration', is_operator => true) \gset
SELECT uuid FROM opigno.set_user_context('andrew', 'Andrew M. Pearson', true, 'AUTHENTICATED');
SELECT uuid FROM opigno.set_user_context('bob', 'Bob', true, 'AUTHENTICATED');
SELECT uuid FROM opigno.set_user_context('carl', 'Carl', false, 'AUTHENTICATED');

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
    opigno.issue_access_token(:'ops_key', :'ops_secret', 'client_credentials') ->> 'access_token' AS ops_token \gset
SELECT jsonb_build_object('Authorization', 'Bearer ' || :'token', 'Opigno-Client-UUID', 'andrew', 'Content-Type',
        'application/json') AS own,
    jsonb_build_object('Authorization', 'Bearer ' || :'ops_token', 'Content-Type', 'application/json') AS ops \gset
SELECT :'own' || '{"Opigno-Client-UUID":"carl"}'::jsonb AS inactive \gset

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
DELETE FROM opigno.training;
DELETE FROM opigno.access_token;
DELETE FROM opigno.client_secret;
DELETE FROM opigno.client;
DELETE FROM opigno.app;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
DROP OWNED BY regress_opigno_gateway;
DROP ROLE regress_opigno_gateway;
