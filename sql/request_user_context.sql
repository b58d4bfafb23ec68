-- User contexts as a request may read and set them: of its own user, of another, of what its client created.
BEGIN;
\set ON_ERROR_ROLLBACK on
SELECT FROM test.register_scopes();
CREATE ROLE regress_opigno_app;
SELECT opigno.grant_access('regress_opigno_app', 'gateway');
SELECT app_id FROM opigno.register_app('App', app_id => 0);
SELECT count(opigno.set_user_context(uuid, uuid, uuid <> 'inactive', scope))
FROM (VALUES ('plain', ''), ('learner', 'AUTHENTICATED'), ('admin', 'ADMINISTRATOR'), ('inactive', 'AUTHENTICATED'),
    ('other', 'AUTHENTICATED')) AS v (uuid, scope);
/* What a call answers in a request, as that role; what it wrote is undone. The first row, or the refusal. */
CREATE FUNCTION test.in_request(uuid text, client bigint, call text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
    message text;
    detail text;
BEGIN
    PERFORM opigno.test_request(uuid, app_id => CASE WHEN client IS NOT NULL THEN 0 END, client_id => client);
    SET LOCAL ROLE regress_opigno_app;
    EXECUTE 'SELECT ROW(s.*)::text FROM opigno.' || call || ' AS s' INTO answer;
    RAISE EXCEPTION USING ERRCODE = 'ZZ999',
        MESSAGE = coalesce(regexp_replace(answer, ',\d+,("?)', ',id,\1'), 'no row');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN NEXT CASE SQLSTATE WHEN 'ZZ999'
        THEN test.nths(regexp_replace(regexp_replace(message, ',"[A-Z][a-z]{2} [A-Z][a-z]{2} [^"]*"', '', 'g'),
        '""id"":""\d+""', '""id"":""...""')) ELSE SQLSTATE || ': ' || message END;
    RETURN QUERY SELECT 'DETAIL: ' || detail WHERE detail <> '';
END $$;
\pset tuples_only on
\pset format unaligned
SELECT test.digest() AS digest_before \gset
\echo -- a user's own request (no client), and a client's (7)
SELECT who, call, test.in_request(who, client, call)
FROM (VALUES ('learner', NULL::bigint), ('learner', 7), ('admin', 7)) AS w (who, client),
(VALUES (1, $$my_user_context()$$), (2, $$get_user_context('learner')$$), (3, $$get_user_context('other')$$),
    (4, $$get_user_context_json('other')$$),
    (5, $$list_user_contexts()$$), (6, $$has_scope('learner', 'AUTHENTICATED')$$),
    (7, $$has_scope('other', 'AUTHENTICATED')$$)) AS c (n, call) ORDER BY client, who, n;
\echo -- what it may set of its own user context
SELECT who || coalesce(' by client ' || client, ''), call,
    test.in_request(who, client, format('set_user_context(%L, %s)', who, call))
FROM (VALUES (1, 'plain', NULL::bigint), (2, 'learner', NULL), (3, 'admin', NULL), (4, 'inactive', NULL),
    (5, 'new', NULL),
    (6, 'plain', 7), (7, 'learner', 7), (8, 'admin', 7), (9, 'inactive', 7), (10, 'new', 7)) AS w (m, who, client),
(VALUES (1, $$'Renamed'$$), (2, $$is_active => true$$), (3, $$is_active => false$$), (4, $$scope => 'AUTHENTICATED'$$),
    (5, $$scope => 'ADMINISTRATOR'$$),
    (6, $$scope => ''$$), (7, $$'New', true$$), (8, $$'New', true, 'AUTHENTICATED'$$),
    (9, $$'New', true, 'ADMINISTRATOR'$$), (10, $$' ', false, 'WIZARD'$$)) AS c (n, call)
ORDER BY m, n;
\echo -- another's, there or not: refused alike, whatever is wrong besides
SELECT client, uuid, test.in_request('learner', client, format(call, uuid))
FROM (VALUES (NULL::bigint), (7)) AS w (client), (VALUES ('other'), ('unknown')) AS u (uuid),
(VALUES (1, 'set_user_context(%L, ''Renamed'')'), (2, 'set_user_context(%L)'),
    (3, 'set_user_context(%L, '' '', true, ''WIZARD'')'), (4, 'set_user_context_json(''{"uuid":"%s"}'')'),
    (5, 'set_user_scopes(%L, ''{AUTHENTICATED}'')'), (6, 'anonymize_user_context(%L)')) AS c (n, call) ORDER BY client,
    uuid, n;
\echo -- the other functions, of a user who may act and of one who may not
SELECT who || coalesce(' by client ' || client, ''), call, test.in_request(who, client, format(call, who))
FROM (VALUES (1, 'learner', NULL::bigint), (2, 'learner', 7), (3, 'inactive', 7), (4, 'new', 7)) AS w (m, who, client),
(VALUES (1, 'set_user_scopes(%L, ''{}'')'), (2, 'set_user_scopes(%L, ''{AUTHENTICATED}'')'),
    (3, 'set_user_scopes(%L, ''{ADMINISTRATOR,MENTOR}'')'),
    (4, 'anonymize_user_context(%L, ''Somebody'')'), (5, 'my_user_context()'),
    (6, 'set_user_context_json(''{"uuid":"%s","displayName":"Renamed"}'')'), (7, 'set_user_contexts(''[]'')')) AS c (n,
    call)
ORDER BY m, n;
SELECT who, client, regexp_replace(test.in_request(who, client, 'create_anonymous_user_context()'), 'anon-[0-9a-f]+',
    'anon-...')
FROM (VALUES (1, 'learner', NULL::bigint), (2, 'learner', 7), (3, 'inactive', 7), (4, 'new', 7)) AS w (m, who, client)
ORDER BY m;
SELECT test.digest() = :'digest_before' AS nothing_changed;

\echo -- a client and what it created: it sees, changes, deactivates and reactivates that, and no other client does
SAVEPOINT before;
SELECT opigno.test_request('created', app_id => 0, client_id => 7);
SET LOCAL ROLE regress_opigno_app;
SELECT uuid, is_active FROM opigno.set_user_context('created', 'Created', true, 'AUTHENTICATED');
SELECT uuid, is_active FROM opigno.set_user_context('created', is_active => false);
SELECT uuid, is_active FROM opigno.set_user_context('created', is_active => true);
SELECT request_user FROM opigno.request_user();
RELEASE before;
RESET ROLE;
SELECT uuid, created_by_client_id FROM opigno.user_context WHERE uuid = 'created';
SELECT client, call, test.in_request('learner', client, call)
FROM (VALUES (7::bigint), (8), (NULL)) AS w (client),
    (VALUES (1, $$get_user_context('created')$$), (2, $$set_user_context('created', 'Renamed', false)$$),
    (3, $$set_user_context('created', scope => 'ADMINISTRATOR')$$),
    (4, $$anonymize_user_context('created', 'Somebody')$$), (5, $$set_user_scopes('created', '{}')$$)) AS c (n, call)
    ORDER BY client, n;
\echo -- not while the user of its request may not act
SELECT call, test.in_request('inactive', 7, call)
FROM unnest(ARRAY[$$get_user_context('created')$$, $$set_user_context('created', 'Renamed')$$]) AS call;

\echo -- what was recorded
SELECT action, outcome, acting_role, request_client, request_user, user_uuid FROM opigno.audit
WHERE request_user IS NOT NULL ORDER BY id;
ROLLBACK;
