-- A server that has only the users of opigno.http_request_route(), or no user, answers as the one that has all. The
-- user of the request is one of them, as if that were asserted.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_gateway;
SELECT opigno.grant_access('regress_opigno_gateway', 'gateway');
SELECT app_id FROM opigno.register_app('Course shop', app_id => 0);
SELECT client_key, client_secret FROM opigno.register_client(0, 'Administration', is_operator => true) \gset ops_
SELECT client_key, client_secret FROM opigno.register_client(0, 'Shop', may_act_for => 'all') \gset shop_
SELECT count(opigno.set_user_context(uuid, 'Name of ' || uuid, true, CASE uuid WHEN 'guest' THEN ''
    ELSE 'AUTHENTICATED' END)) FROM unnest('{ada,bob,eve,guest}'::text[]) AS uuid;
SELECT count(opigno.upsert_profile(uuid, 0, '{"a": 1}')), count(opigno.set_preference(uuid, 'theme', 'dark'))
FROM unnest('{ada,bob,guest}'::text[]) AS uuid;
SELECT count(opigno.set_training(id, 'Title of ' || id)) FROM unnest('{safety,first-aid}'::text[]) AS id;
SELECT count(opigno.report_progress(uuid, 'safety', 'passed', 100, score)) FROM (VALUES ('ada', 90), ('bob', 80))
    AS v (uuid, score);
SELECT count(*) FROM opigno.set_retirement_states((SELECT jsonb_agg(state_name)
    FROM opigno.default_retirement_states()));
SELECT count(opigno.add_retirement_salt('abc')), count(opigno.begin_retirement('eve'));

/* Takes all other users away. Constraints and triggers have no part in it: the caller rolls it back. */
CREATE FUNCTION test.keep_only(uuids text[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET session_replication_role = replica AS $$
DECLARE
    place record;
BEGIN
    FOR place IN SELECT c.oid::regclass AS relation, a.attname AS name FROM pg_class AS c
        JOIN pg_attribute AS a ON a.attrelid = c.oid WHERE c.relnamespace = 'opigno'::regnamespace
        AND c.relkind = 'r' AND c.relname <> 'audit'
        AND (a.attname = 'user_uuid' OR (a.attname = 'uuid' AND c.relname = 'user_context')) LOOP
        EXECUTE format('DELETE FROM %s WHERE (%I::text = ANY ($1)) IS NOT TRUE', place.relation, place.name)
            USING uuids;
    END LOOP;
END
$$;
/* An answer without what differs from run to run. */
CREATE FUNCTION test.shown(status integer, response_body text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', status, regexp_replace(regexp_replace(response_body, '"[-0-9T:.]{19,}(Z|[-+0-9:]+)"',
        '"time"', 'g'), '"(version|id)":"?\d+"?', '"\1":0', 'g'))
$$;
CREATE FUNCTION test.compare(method text, target text, headers jsonb, body text, OUT route text, OUT status integer,
    OUT difference text) LANGUAGE plpgsql AS $$
DECLARE
    content CONSTANT bytea := convert_to(body, 'UTF8');
    request_user_uuid text;
    on_shard text;
    on_all text;
BEGIN
    SELECT concat_ws(' ', r.route, r.user_uuid, r.function_name), r.request_user_uuid INTO route, request_user_uuid
    FROM opigno.http_request_route(method, target, headers, content) AS r;
    IF route !~ '^all' THEN
        BEGIN
            PERFORM test.keep_only(ARRAY[CASE WHEN route ~ '^user ' THEN substr(route, 6) END, request_user_uuid]);
            SELECT test.shown(h.status, h.response_body) INTO on_shard
            FROM opigno.http_request(method, target, headers, content) AS h;
            RAISE EXCEPTION USING ERRCODE = 'U0001';
        EXCEPTION WHEN SQLSTATE 'U0001' THEN NULL;
        END;
    END IF;
    SELECT h.status, test.shown(h.status, h.response_body) INTO status, on_all
    FROM opigno.http_request(method, target, headers, content) AS h;
    difference := CASE WHEN on_shard <> on_all THEN left(on_shard, 80) || ' for ' || left(on_all, 80) END;
END
$$;
GRANT USAGE ON SCHEMA test TO regress_opigno_gateway;

CREATE TABLE test.request (n serial, method text, target text, body text);
INSERT INTO test.request (method, target, body) VALUES
    ('GET', '/app/all', NULL), ('GET', '/trainings', NULL), ('GET', '/trainings/safety', NULL),
    ('POST', '/operator/app/register', '{"app": "Forum", "appid": 7}'),
    ('PUT', '/trainings/ethics', '{"title": "Ethics"}'), ('PUT', '/trainings/safety/profiles/0', '{"profile_data": 1}'),
    ('GET', '/trainings/safety/profiles/0', NULL), ('GET', '/user-contexts', NULL), ('GET', '/user-contexts/bob', NULL),
    ('PUT', '/user-contexts/new', '{"displayName": "New", "isActive": true}'),
    ('GET', '/operator/users/profile/bob/0', NULL), ('GET', '/user/profiles/0', NULL),
    ('GET', '/api/user/v1/accounts/bob', NULL), ('GET', '/api/user/v1/accounts?username=bob', NULL),
    ('GET', '/api/user/v1/accounts?username=ada,bob', NULL), ('GET', '/api/user/v1/preferences/bob', NULL),
    ('PUT', '/api/user/v1/preferences/bob/theme', '"light"'), ('GET', '/user/progress', NULL),
    ('POST', '/user/progress/first-aid', '{"progress": 50}'),
    ('POST', '/operator/users/progress/bob/first-aid', '{"progress": 60}'),
    ('PUT', '/operator/users/enrolments/bob/first-aid', NULL), ('GET', '/operator/users/ranking/bob', NULL),
    ('GET', '/operator/users/bundle/bob', NULL), ('GET', '/operator/users/bundles?users=bob', NULL),
    ('GET', '/operator/users/export/bob', NULL), ('GET', '/api/user/v1/accounts/eve/retirement_status/', NULL),
    ('PATCH', '/api/user/v1/accounts/update_retirement_status/',
    '{"username": "eve", "new_state": "LOCKING_ACCOUNT", "response": "done"}'),
    ('PUT', '/api/user/v1/accounts/retirement_partner_report/', '{"username": "eve"}'),
    ('PATCH', '/api/user/v1/accounts/update_retirement_status/',
    '{"username": "eve", "new_state": "RETIRING_LMS", "response": "done"}'),
    ('POST', '/api/user/v1/accounts/retire/', '{"username": "eve"}'),
    ('GET', '/operator/users/retirement-certificate/eve', NULL),
    ('POST', '/api/user/v1/accounts/bulk_retire_users', '{"usernames": "bob"}'),
    ('POST', '/operator/users/merge', '{"from_uuid": "guest", "into_uuid": "ada"}'),
    ('POST', '/graphql', '{"query": "{ getUserContext(uuid: \"ada\") { uuid profiles { appId } } }"}'),
    ('POST', '/graphql', '{"query": "query ($u: ID) { getUserPassedTrainingsRanking(userContextId: $u) { rank } }",
    "variables": {"u": "bob"}}'),
    ('POST', '/graphql', '{"query": "mutation { patchProfile(userUuid: \"ada\", appId: 0, patch: 2) { errors } }"}'),
    ('POST', '/graphql', '{"query": "mutation { setTraining(trainingId: \"law\", title: \"Law\") { errors } }"}'),
    ('POST', '/graphql', '{"query": "{ none(uuid: \"ada\") }"}');
GRANT SELECT ON test.request TO regress_opigno_gateway;
SELECT 'Bearer ' || (opigno.issue_access_token(:'ops_client_key', :'ops_client_secret', 'client_credentials')
    ->> 'access_token') AS ops, 'Bearer ' || (opigno.issue_access_token(:'shop_client_key', :'shop_client_secret',
    'client_credentials') ->> 'access_token') AS shop \gset

SET ROLE regress_opigno_gateway;
\echo -- an operator
SELECT method, target, c.* FROM test.request, test.compare(method, target, jsonb_build_object('Authorization', :'ops',
    'Content-Type', 'application/json'), body) AS c ORDER BY n;
\echo -- a client for ada
SELECT method, target, c.* FROM test.request, test.compare(method, target, jsonb_build_object('Authorization', :'shop',
    'Content-Type', 'application/json', 'Opigno-Client-UUID', 'ada'), body) AS c ORDER BY n;
RESET ROLE;
ROLLBACK;
