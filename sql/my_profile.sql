-- A user's own profiles: in a request of the user's own, of a client of an app, and of one that may not act.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_app;
SELECT opigno.grant_access('regress_opigno_app', 'user');
SELECT count(opigno.set_user_context(uuid, uuid, uuid <> 'inactive'))
FROM unnest(ARRAY['learner', 'other', 'inactive']) AS uuid;
SELECT count(opigno.register_app('App ' || n, app_id => n, is_private => n = 9)) FROM unnest(ARRAY[0, 1, 9]) AS n;
SELECT count(opigno.upsert_profile(uuid, n, jsonb_build_object('of', uuid)))
FROM unnest(ARRAY['learner', 'other', 'inactive']) AS uuid, unnest(ARRAY[0, 9]) AS n;
\pset tuples_only on
\pset format unaligned
/* What a call answers in a request, as that role; what it wrote is undone. */
CREATE FUNCTION test.in_request(uuid text, app integer, client bigint,
    call text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
    message text;
    detail text;
BEGIN
    IF uuid IS NOT NULL THEN
        PERFORM opigno.test_request(uuid, NULL, app, client);
    END IF;
    SET LOCAL ROLE regress_opigno_app;
    EXECUTE format('SELECT string_agg(CASE WHEN jsonb_typeof(to_jsonb(s)) = ''object'' THEN to_jsonb(s) '
        '- ''created_at'' - ''updated_at'' ELSE to_jsonb(s) END #>> ''{}'', '' '') FROM opigno.%s AS s',
        call) INTO answer;
    RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = coalesce(answer, 'no row');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN NEXT test.nths(CASE SQLSTATE WHEN 'ZZ999' THEN message ELSE SQLSTATE || ': ' || message END);
    RETURN QUERY SELECT 'DETAIL: ' || detail WHERE detail <> '';
END $$;
SELECT test.digest() AS digest_before \gset
SELECT coalesce(who, 'nobody') || coalesce(' in app ' || app, '') || coalesce(' by client ' || client, ''), call,
    test.in_request(who, app, client, call)
FROM (VALUES (1, 'learner', NULL::integer, NULL::bigint), (2, 'learner', 1, 7), (3, 'learner', 9, 7),
    (4, 'inactive', NULL, NULL), (5, 'inactive', 1, 7),
    (6, 'new', 1, 7), (7, NULL, NULL, NULL)) AS w (m, who, app, client),
(VALUES (1, 'my_profiles()'), (2, 'my_profiles(0)'), (3, 'my_profiles(9)'), (4, $$get_profile('other', 0)$$),
    (5, 'list_profiles(0)'), (6, 'list_profiles(9)'),
    (7, $$create_my_profile(1, '{"a":1}')$$), (8, $$create_my_profile(0, '{"a":1}')$$),
    (9, $$create_my_profile(9, '{}')$$), (10, $$create_my_profile(99, '{}')$$),
    (11, $$patch_my_profile(0, '{"a":1}')$$), (12, $$patch_my_profile(1, '{"a":1}', 0)$$),
    (13, $$patch_my_profile(9, '{"a":1}', 7)$$), (14, 'delete_my_profile(0)'), (15, 'delete_my_profile(1)'),
    (16, 'delete_my_profile(9)'), (17, $$upsert_profile('learner', 1, '{}')$$),
    (18, $$patch_profile('other', 0, '{}')$$), (19, $$upsert_profile('unknown', 0, '{}')$$),
    (20, $$delete_profile('other', 0)$$), (21, $$create_my_profile(NULL, NULL)$$),
    (22, $$patch_my_profile(NULL, NULL, -2)$$), (23, 'delete_my_profile(NULL, -2)')) AS c (n, call)
ORDER BY m, n;
SELECT test.digest() = :'digest_before' AS nothing_changed;

\echo -- deactivated by another call in the transaction: reading ends with the request, writing at once
SAVEPOINT before;
SELECT opigno.test_request('learner');
UPDATE opigno.user_context SET is_active = false WHERE uuid = 'learner';
SET LOCAL ROLE regress_opigno_app;
SELECT app_id FROM opigno.my_profiles();
SELECT opigno.patch_my_profile(0, '{}');
ROLLBACK TO before;

\echo -- the owner and operators have profiles of their own in a request, and are told where there is none
SELECT test.refusal('SELECT opigno.my_profiles()');
SELECT test.refusal('SELECT opigno.my_user_context()');
SAVEPOINT before;
SELECT opigno.test_request('learner');
SELECT user_uuid, app_id FROM opigno.my_profiles();
SELECT test.nth(version) AS version, outcome FROM opigno.create_my_profile(1, '{}');
ROLLBACK TO before;

\echo -- plans for such a role: index scans, what is asked of the identity once a query
SELECT opigno.set_user_contexts((SELECT json_agg(json_build_object('uuid', 'user-' || n, 'displayName', 'User ' || n,
    'isActive', true))::text FROM generate_series(1, 2000) AS n));
INSERT INTO opigno.profile SELECT uuid, 0, '{}', 1, now(), now() FROM opigno.user_context WHERE uuid LIKE 'user-%';
ANALYZE opigno.profile;
SAVEPOINT before;
SELECT opigno.test_request('user-7');
SET LOCAL ROLE regress_opigno_app;
SELECT test.plan($$SELECT profile_data FROM opigno.profile WHERE user_uuid = 'user-7'$$);
SELECT test.plan($$SELECT * FROM opigno.get_profile('USER-7', 0)$$);
SELECT test.plan($$SELECT * FROM opigno.list_profiles(0, 'user-7', 10)$$);
SET LOCAL plan_cache_mode = force_generic_plan;
PREPARE get_one (text, integer) AS SELECT * FROM opigno.get_profile($1, $2);
SELECT test.plan($$EXECUTE get_one('user-7', 0)$$);
\echo -- a bare SELECT of the whole table reads the whole table
SELECT test.plan($$SELECT profile_data FROM opigno.profile$$);
SELECT count(*) FROM opigno.profile;
RELEASE before;
DEALLOCATE get_one;
ROLLBACK;
