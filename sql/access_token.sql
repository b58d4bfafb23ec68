-- Access tokens: issued, revoked, looked at and deleted.
\pset format unaligned
SELECT FROM opigno.register_app('Shop', app_id => 0);
SELECT FROM opigno.set_user_context('ada', 'Ada', true);
CREATE ROLE regress_opigno_token_user;
CREATE ROLE regress_opigno_token_operator;
CREATE ROLE regress_opigno_token_auditor;
CREATE ROLE regress_opigno_token_stranger;
SELECT opigno.grant_access('regress_opigno_token_' || level, level)
FROM unnest(ARRAY['user', 'operator', 'auditor']) AS level \g /dev/null
BEGIN;
\set ON_ERROR_ROLLBACK on
SELECT client_id, client_key, client_secret FROM opigno.register_client(0, 'Server') \gset
SELECT client_id, client_key, client_secret FROM opigno.register_client(0, 'Other server') \gset other_
DELETE FROM opigno.audit;

\echo -- an answer, in the order of its members
CREATE FUNCTION test.shown(answer json) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(answer::text, 'opigno_token_[0-9A-Za-z]{49}"', 'TOKEN"')
$$;
SET ROLE regress_opigno_token_user;
SELECT opigno.issue_access_token(:'client_key', :'client_secret', 'client_credentials') AS answer \gset
RESET ROLE;
SELECT test.shown(:'answer');
SELECT :'answer'::json ->> 'access_token' AS access_token \gset
SELECT token_hash = sha256(:'access_token') AS is_sha256, client_id = :client_id AS of_client,
    expires_at - issued_at AS valid, clock_timestamp() - issued_at BETWEEN '0' AND '1 minute' AS now, revoked_at
FROM opigno.access_token;
SELECT action, outcome, acting_role, app_id, subject = 'client ' || :client_id AS names_client FROM opigno.audit;

\echo -- with scopes of OAuth, and in any level and request
SELECT scope, test.shown(opigno.issue_access_token(:'client_key', :'client_secret', 'client_credentials', scope))
FROM unnest(ARRAY[NULL, '', 'read', 'write', 'read write', 'read read', ' read', 'READ', 'AUTHENTICATED']) AS scope;
CREATE FUNCTION test.issued_by(level text, request text, client_key text, client_secret text) RETURNS text
    LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    IF request IS NOT NULL THEN
        PERFORM opigno.test_request(request);
    END IF;
    EXECUTE 'SET LOCAL ROLE regress_opigno_token_' || level;
    answer := opigno.issue_access_token(client_key, client_secret, 'client_credentials');
    RESET ROLE;
    RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = test.shown(answer::json);
EXCEPTION WHEN OTHERS THEN
    RETURN CASE SQLSTATE WHEN 'ZZ999' THEN '' ELSE SQLSTATE || ': ' END || SQLERRM;
END $$;
GRANT USAGE ON SCHEMA opigno TO regress_opigno_token_stranger;
SELECT level, request, test.issued_by(level, request, :'client_key', :'client_secret')
FROM unnest(ARRAY['user', 'operator', 'auditor', 'stranger']) AS level,
    unnest(ARRAY[NULL, 'ada', 'unknown']) AS request;

\echo -- OAuth's errors; the client is not judged before the type of the grant, and the scope not before the client
SELECT test.digest() AS digest_before \gset
SELECT what, test.shown(opigno.issue_access_token(key, secret, grant_type, scope))
FROM (VALUES ('nothing', NULL, NULL, NULL, NULL),
    ('no grant_type', :'client_key', :'client_secret', NULL, NULL),
    ('an empty grant_type', :'client_key', :'client_secret', '', NULL),
    ('another grant_type', :'client_key', :'client_secret', 'password', NULL),
    ('in capitals', :'client_key', :'client_secret', 'CLIENT_CREDENTIALS', NULL),
    ('another grant_type and no client', NULL, NULL, 'authorization_code', 'all'),
    ('no client', NULL, NULL, 'client_credentials', NULL),
    ('no key', NULL, :'client_secret', 'client_credentials', NULL),
    ('no secret', :'client_key', NULL, 'client_credentials', NULL),
    ('empty', '', '', 'client_credentials', NULL),
    ('an unknown key', 'a2b4c8d0-0000-4000-8000-000000000000', :'client_secret', 'client_credentials', NULL),
    ('a wrong secret', :'client_key', 'opigno_secret_', 'client_credentials', NULL),
    ('a secret of another client', :'client_key', :'other_client_secret', 'client_credentials', NULL),
    ('key and secret exchanged', :'client_secret', :'client_key', 'client_credentials', NULL),
    ('the hash of the secret', :'client_key', encode(sha256(:'client_secret'), 'hex'), 'client_credentials', NULL),
    ('a secret and white space', :'client_key', :'client_secret' || ' ', 'client_credentials', NULL),
    ('a key in capitals', upper(:'client_key'), :'client_secret', 'client_credentials', NULL),
    ('a secret without its end', :'client_key', left(:'client_secret', -1), 'client_credentials', NULL),
    ('SQL', ''' OR true --', ''' OR true --', 'client_credentials', NULL),
    ('a long key', repeat(:'client_key', 30000), :'client_secret', 'client_credentials', NULL),
    ('a long secret', :'client_key', repeat(:'client_secret', 20000), 'client_credentials', NULL),
    ('a wrong secret and a wrong scope', :'client_key', 'guessed', 'client_credentials', 'all'),
    ('a wrong scope', :'client_key', :'client_secret', 'client_credentials', 'all'))
    AS v (what, key, secret, grant_type, scope);
SELECT test.digest() = :'digest_before' AS nothing_changed;

\echo -- a client that expires, has expired or was revoked
CREATE FUNCTION test.of_client(change text, client_key text, client_secret text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer json;
BEGIN
    EXECUTE format('UPDATE opigno.client AS c SET %s WHERE c.client_key = %L', change, client_key);
    answer := opigno.issue_access_token(client_key, client_secret, 'client_credentials');
    RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = concat_ws(' ', answer ->> 'error',
        CASE WHEN (answer ->> 'expires_in')::integer BETWEEN 590 AND 600 THEN 'ten minutes'
        ELSE answer ->> 'expires_in' END);
EXCEPTION WHEN SQLSTATE 'ZZ999' THEN
    RETURN SQLERRM;
END $$;
SELECT change, test.of_client(change, :'client_key', :'client_secret') FROM unnest(ARRAY[
    $$expires_at = clock_timestamp() + interval '10 minutes'$$, $$expires_at = 'infinity'$$,
    $$expires_at = clock_timestamp()$$, $$expires_at = '-infinity'$$, $$revoked_at = now()$$,
    $$revoked_at = 'infinity'$$]) AS change;

\echo -- what is said about a token
SELECT regexp_replace(answer::text, '\d{10}', 'TIME', 'g') AS answer,
    (answer ->> 'exp')::bigint - (answer ->> 'iat')::bigint AS valid,
    (answer ->> 'iat')::bigint - floor(extract(epoch FROM clock_timestamp())) BETWEEN -60 AND 0 AS now
FROM (SELECT replace(opigno.introspect_access_token(:'access_token', :'client_key', :'client_secret')::text,
    :'client_key', 'KEY')::json AS answer) AS s;
/* Of this token to a role, in a request of this client (or of none), with these credentials. */
CREATE FUNCTION test.asked(function text, level text, client_id bigint, access_token text, client_key text,
    client_secret text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    IF client_id IS NOT NULL THEN
        PERFORM opigno.test_request('ada', app_id => 0, client_id => nullif(client_id, 0));
    END IF;
    EXECUTE 'SET LOCAL ROLE regress_opigno_token_' || level;
    EXECUTE format('SELECT opigno.%I($1, $2, $3)', function) INTO answer
        USING access_token, client_key, client_secret;
    RESET ROLE;
    RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = CASE function WHEN 'revoke_access_token' THEN answer
        ELSE answer::json ->> 'active' END;
EXCEPTION WHEN OTHERS THEN
    RETURN CASE SQLSTATE WHEN 'ZZ999' THEN '' ELSE SQLSTATE || ': ' END || SQLERRM;
END $$;
CREATE TEMP TABLE question (n serial, what text, level text, client_id bigint, key text, secret text);
INSERT INTO question (what, level, client_id, key, secret) VALUES
    ('its own client, by its secret', 'user', NULL, :'client_key', :'client_secret'),
    ('the same in a request of another', 'user', :other_client_id, :'client_key', :'client_secret'),
    ('its own client, in a request', 'user', :client_id, NULL, NULL),
    ('another client, by its secret', 'user', NULL, :'other_client_key', :'other_client_secret'),
    ('the same in a request of its own', 'user', :client_id, :'other_client_key', :'other_client_secret'),
    ('the same by an operator', 'operator', NULL, :'other_client_key', :'other_client_secret'),
    ('another client, in a request', 'user', :other_client_id, NULL, NULL),
    ('an operator', 'operator', NULL, NULL, NULL),
    ('an operator in a request of another client', 'operator', :other_client_id, NULL, NULL),
    ('a request of no client', 'user', 0, NULL, NULL),
    ('nobody', 'user', NULL, NULL, NULL),
    ('a wrong secret', 'user', NULL, :'client_key', 'guessed'),
    ('a wrong secret in its own request', 'user', :client_id, :'client_key', 'guessed'),
    ('a wrong secret by an operator', 'operator', NULL, :'client_key', 'guessed'),
    ('the key alone', 'user', :client_id, :'client_key', NULL),
    ('the secret alone', 'user', :client_id, NULL, :'client_secret'),
    ('an auditor', 'auditor', NULL, NULL, NULL),
    ('an auditor with key and secret', 'auditor', NULL, :'client_key', :'client_secret'),
    ('a stranger with key and secret', 'stranger', NULL, :'client_key', :'client_secret');
SELECT test.digest() AS digest_before \gset
SELECT what, test.asked('introspect_access_token', level, client_id, :'access_token', key, secret) AS introspect,
    test.asked('revoke_access_token', level, client_id, :'access_token', key, secret) AS revoke
FROM question ORDER BY n;
CREATE TEMP TABLE no_token (n serial, what text, token text);
INSERT INTO no_token (what, token) VALUES ('NULL', NULL), ('empty', ''), ('garbage', 'guessed'),
    ('in capitals', upper(:'access_token')), ('with white space', :'access_token' || ' '),
    ('with its scheme', 'Bearer ' || :'access_token'), ('a secret', :'client_secret'), ('a JWT', 'e30.e30.e30'),
    ('a hash', encode(sha256(:'access_token'), 'hex')), ('1 MB', repeat('x', 1000000)),
    ('a damaged one', left(:'access_token', -1) || CASE right(:'access_token', 1) WHEN 'x' THEN 'y' ELSE 'x' END);
SELECT what, test.asked(function, 'user', NULL, token, :'client_key', :'client_secret') AS by_client,
    test.asked(function, 'operator', NULL, token, NULL, NULL) AS by_operator
FROM no_token, unnest(ARRAY['introspect_access_token', 'revoke_access_token']) AS function ORDER BY n, function;
SELECT test.digest() = :'digest_before' AS nothing_changed;

\echo -- revoked
SELECT count(*) AS recorded_before FROM opigno.audit \gset
SELECT opigno.revoke_access_token(:'access_token', :'client_key', :'client_secret') AS revoked,
    opigno.revoke_access_token(:'access_token', :'client_key', :'client_secret') AS again,
    opigno.introspect_access_token(:'access_token', :'client_key', :'client_secret') AS told;
SELECT action, outcome, subject = 'client ' || :client_id AS names_client FROM opigno.audit ORDER BY id
OFFSET :recorded_before;
SELECT clock_timestamp() - revoked_at BETWEEN '0' AND '1 minute' AS now FROM opigno.access_token
WHERE token_hash = sha256(:'access_token');

\echo -- not active: expired, or of a client that was revoked or has expired
SELECT opigno.issue_access_token(:'client_key', :'client_secret', 'client_credentials') ->> 'access_token'
    AS access_token \gset
CREATE FUNCTION test.changed(change text, access_token text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE change;
    RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = concat_ws(' ',
        opigno.introspect_access_token(access_token) ->> 'active', opigno.revoke_access_token(access_token));
EXCEPTION WHEN SQLSTATE 'ZZ999' THEN
    RETURN SQLERRM;
END $$;
SELECT change, test.changed('UPDATE opigno.' || change, :'access_token') AS active_and_revoked FROM unnest(ARRAY[
    'access_token SET expires_at = expires_at', 'access_token SET expires_at = clock_timestamp()',
    'access_token SET revoked_at = now()', 'client SET revoked_at = now()',
    'client SET expires_at = clock_timestamp()']) AS change;
UPDATE opigno.client SET expires_at = '2100-01-01Z' WHERE client_id = :client_id;
UPDATE opigno.access_token SET expires_at = 'infinity' WHERE token_hash = sha256(:'access_token');
SELECT opigno.introspect_access_token(:'access_token') ->> 'exp'
    = extract(epoch FROM timestamptz '2100-01-01Z')::bigint::text AS ends_with_the_client;
COMMIT;
\unset ON_ERROR_ROLLBACK

\echo -- in a transaction that may only read
BEGIN READ ONLY;
SELECT test.shown(opigno.issue_access_token(:'client_key', 'guessed', 'client_credentials'));
SELECT opigno.introspect_access_token(:'access_token', :'client_key', :'client_secret') ->> 'active' AS active;
SELECT opigno.revoke_access_token('unknown', :'client_key', :'client_secret');
ROLLBACK;
BEGIN READ ONLY;
SELECT opigno.issue_access_token(:'client_key', :'client_secret', 'client_credentials');
ROLLBACK;
BEGIN READ ONLY;
SELECT opigno.revoke_access_token(:'access_token', :'client_key', :'client_secret');
ROLLBACK;

\echo -- expired ones are deleted in batches, each with a row in the audit trail; others are kept
DELETE FROM opigno.access_token;
DELETE FROM opigno.audit;
INSERT INTO opigno.access_token (token_hash, client_id, issued_at, expires_at)
SELECT sha256(n::text::bytea), 1, now(), now() - n / 3 * interval '1 minute' FROM generate_series(3, 12) AS n
UNION ALL SELECT sha256('valid ' || n::text::bytea), 1, now(), now() + n * interval '1 minute'
FROM generate_series(1, 2) AS n;
SELECT deleted, last_expires_at = now() AS at_end FROM opigno.delete_expired_access_tokens(0);
SELECT deleted FROM opigno.delete_expired_access_tokens(NULL);
SELECT deleted FROM opigno.delete_expired_access_tokens(-1);
CALL opigno.purge_access_tokens(0);
CALL opigno.purge_access_tokens(-1);
BEGIN;
CALL opigno.purge_access_tokens();
ROLLBACK;
DO $$
DECLARE
    deleted bigint;
BEGIN
    CALL opigno.purge_access_tokens(NULL, deleted);
EXCEPTION WHEN SQLSTATE '25001' THEN
    RAISE NOTICE 'refused';
END $$;
SET ROLE regress_opigno_token_user;
CALL opigno.purge_access_tokens();
SELECT FROM opigno.delete_expired_access_tokens(10);
SET ROLE regress_opigno_token_operator;
CALL opigno.purge_access_tokens(4);
CALL opigno.purge_access_tokens();
RESET ROLE;
SELECT count(*) FROM opigno.access_token;
SELECT action, outcome, row_count, acting_role FROM opigno.audit ORDER BY id;
DELETE FROM opigno.audit;

DELETE FROM opigno.access_token;
TRUNCATE opigno.client, opigno.client_secret, opigno.client_user;
DELETE FROM opigno.app;
DELETE FROM opigno.user_context;
DELETE FROM opigno.audit;
DROP FUNCTION test.shown, test.issued_by, test.of_client, test.asked, test.changed;
DROP OWNED BY regress_opigno_token_user, regress_opigno_token_operator, regress_opigno_token_auditor,
    regress_opigno_token_stranger;
DROP ROLE regress_opigno_token_user, regress_opigno_token_operator, regress_opigno_token_auditor,
    regress_opigno_token_stranger;
