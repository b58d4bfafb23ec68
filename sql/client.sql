-- Clients: registration, changes, secrets, and the users that they may act for.
BEGIN;
\set ON_ERROR_ROLLBACK on
\pset format unaligned
ALTER SEQUENCE opigno.client_id_seq RESTART;
SELECT FROM test.register_scopes();
SELECT FROM opigno.register_app('Shop', app_id => 0);
SELECT FROM opigno.register_app('Forum', app_id => 1);
SELECT count(opigno.set_user_context(uuid, uuid, true)) FROM unnest(ARRAY['ada', 'john',
    '17adb4c1-eb29-44bf-9d9a-5f8d056e58ee']) AS uuid;
DELETE FROM opigno.audit;

\echo -- with the defaults, and with every argument
SELECT client_id, client_key, client_secret FROM opigno.register_client(0, 'Shop server') \gset
SELECT :client_id AS client_id, :'client_key' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' AS is_uuid,
    :'client_secret' ~ '^opigno_secret_[0-9A-Za-z]{49}$' AS has_form;
SELECT client_id FROM opigno.register_client(1, 'Forum server', 'all', '{MENTOR,AUTHENTICATED}', true,
    '2100-01-01Z');
SELECT client_id FROM opigno.register_client(1, 'Grants nothing', may_grant_scopes => '{}',
    expires_at => now() + interval '29 days');
SELECT client_id FROM opigno.register_client(1, 'For ever', 'created', expires_at => 'infinity');
CREATE FUNCTION test.clients() RETURNS TABLE (client_id bigint, app_id integer, label text, may_act_for text,
    may_grant_scopes text[], is_operator boolean, expires text, expires_soon boolean, revoked boolean)
    LANGUAGE sql AS $$
    SELECT client_id, app_id, label, may_act_for, may_grant_scopes, is_operator,
        CASE expires_at WHEN now() + interval '1 year' THEN 'in a year' WHEN now() + interval '29 days'
        THEN 'in 29 days' ELSE expires_at::text END, expires_soon, revoked_at IS NOT NULL
    FROM opigno.list_clients()
$$;
SELECT * FROM test.clients();
SELECT client_key = :'client_key' AS the_key, created_at = now() AS created_now, updated_at = now() AS updated_now
FROM opigno.list_clients() WHERE client_id = 1;
SELECT client_id, secret_hash = sha256(:'client_secret') AS is_sha256, expires_at, created_at = now() AS created_now
FROM opigno.client_secret WHERE client_id = 1;
CREATE FUNCTION test.recorded() RETURNS TABLE (action text, outcome text, app_id integer, user_uuid text,
    row_count bigint, subject text) LANGUAGE sql AS $$
    SELECT action, outcome, app_id, user_uuid, row_count, regexp_replace(subject, 'expires_at=202.*', 'expires_at=...')
    FROM opigno.audit ORDER BY id
$$;
SELECT * FROM test.recorded();
DELETE FROM opigno.audit;

\echo -- the checksum is the CRC-32 of all before it, in base 62
CREATE FUNCTION test.crc32(value bytea) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    sum bigint := 4294967295;
BEGIN
    FOR i IN 0 .. length(value) - 1 LOOP
        sum := sum # get_byte(value, i);
        FOR bit IN 1 .. 8 LOOP
            sum := (sum >> 1) # CASE sum & 1 WHEN 1 THEN 3988292384 ELSE 0 END;
        END LOOP;
    END LOOP;
    RETURN sum # 4294967295;
END $$;
CREATE FUNCTION test.base62(value bigint) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(substr('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
        (value / (62 ^ n)::bigint % 62)::integer + 1, 1), '' ORDER BY n DESC)
    FROM generate_series(0, 5) AS n
$$;
SELECT to_hex(test.crc32('123456789')) AS known_value;
SELECT right(:'client_secret', 6) = test.base62(test.crc32(left(:'client_secret', -6)::bytea)) AS is_checksum;

\echo -- a thousand secrets and a thousand tokens: all different, and each with its checksum
CREATE TEMP TABLE many AS
SELECT c.client_secret, opigno.issue_access_token(c.client_key, c.client_secret, 'client_credentials')
    ->> 'access_token' AS access_token
FROM generate_series(1, 1000) AS n, opigno.register_client(0, 'Number ' || n) AS c;
SELECT count(DISTINCT client_secret) AS secrets, count(DISTINCT access_token) AS tokens,
    bool_and(client_secret ~ '^opigno_secret_[0-9A-Za-z]{49}$') AS secrets_have_form,
    bool_and(access_token ~ '^opigno_token_[0-9A-Za-z]{49}$') AS tokens_have_form FROM many;
SELECT count(*) AS with_checksum FROM many, unnest(ARRAY[client_secret, access_token]) AS value
WHERE right(value, 6) = test.base62(test.crc32(left(value, -6)::bytea));
/* 43 characters of base 62 hold a little more than 256 bits: of the first, only some values occur. */
SELECT n, count(DISTINCT substr(client_secret, 14 + n, 1)) > 50 AS many_characters
FROM many, unnest(ARRAY[2, 22, 43]) AS n GROUP BY n ORDER BY n;

\echo -- nowhere in clear text: not in any table, as text or as bytes; the label of a client is found, as the control
CREATE FUNCTION test.finds(value text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    relation regclass;
    found boolean;
BEGIN
    FOR relation IN
        SELECT c.oid FROM pg_class AS c JOIN pg_depend AS d ON d.objid = c.oid AND d.classid = 'pg_class'::regclass
            AND d.deptype = 'e'
            JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'opigno_profiles'
        WHERE c.relkind = 'r' ORDER BY c.relname
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s AS t WHERE strpos(t::text, $1) > 0 OR strpos(t::text, $2) > 0)',
            relation) INTO found USING value, encode(value::bytea, 'hex');
        IF found THEN
            RETURN NEXT relation;
        END IF;
    END LOOP;
END $$;
SELECT client_secret AS one_secret, access_token AS one_token FROM many LIMIT 1 \gset
SELECT what, test.finds(value) FROM (VALUES ('a secret', :'one_secret'), ('a token', :'one_token'),
    ('digits of a secret', substr(:'one_secret', 15, 43)), ('digits of a token', substr(:'one_token', 14, 43)),
    ('a label', 'Shop server'), ('a key', :'client_key')) AS v (what, value);
DELETE FROM opigno.access_token;
DELETE FROM opigno.client_secret WHERE client_id > 4;
DELETE FROM opigno.client WHERE client_id > 4;
DELETE FROM opigno.audit;

\echo -- changes: only what is given; nothing is written or recorded if nothing changes
SELECT opigno.update_client(1, 'The shop''s server');
SELECT opigno.update_client(1, may_act_for => 'all');
SELECT opigno.update_client(1, may_grant_scopes => '{MENTOR}', is_operator => true);
SELECT opigno.update_client(1, expires_at => '2100-01-01Z');
SELECT * FROM test.clients() WHERE client_id = 1;
SELECT * FROM test.recorded();
DELETE FROM opigno.audit;
SELECT test.digest() AS digest_before \gset
SELECT opigno.update_client(1);
SELECT opigno.update_client(1, 'The shop''s server', 'all', '{MENTOR}', true, '2100-01-01Z');
SELECT test.digest() = :'digest_before' AS nothing_changed;
SELECT opigno.update_client(1, 'Shop server', 'created', '{}', false, now() + interval '29 days');
SELECT * FROM test.clients() WHERE client_id = 1;
DELETE FROM opigno.audit;

\echo -- refused, with all errors at once
SELECT test.digest() AS digest_before \gset
SELECT call, test.refusal('SELECT opigno.' || call) FROM unnest(ARRAY[
    $$register_client(NULL, NULL)$$, $$register_client(0, NULL)$$, $$register_client(0, '')$$,
    $$register_client(0, E' \t')$$, $$register_client(0, repeat('x', 256))$$, $$register_client(0, chr(7))$$,
    $$register_client(9, 'Server')$$, $$register_client(-1, 'Server')$$,
    $$register_client(0, 'Server', 'ALL')$$, $$register_client(0, 'Server', '')$$,
    $$register_client(0, 'Server', may_grant_scopes => '{MENTOR,NONE,ANONYMOUS,NULL}')$$,
    $$register_client(0, 'Server', may_grant_scopes => '{{MENTOR},{MENTOR}}')$$,
    $$register_client(0, 'Server', may_grant_scopes => '{MENTOR,MENTOR}')$$,
    $$register_client(0, 'Server', expires_at => now())$$,
    $$register_client(0, 'Server', expires_at => '-infinity')$$,
    $$register_client(NULL, '', 'none', '{NONE}', false, '2000-01-01')$$,
    $$update_client(NULL)$$, $$update_client(99)$$, $$update_client(99, 'Server')$$,
    $$update_client(1, '', 'none', '{NONE}', false, '2000-01-01')$$, $$update_client(NULL, '', 'none')$$,
    $$rotate_client_secret(NULL, 'infinity')$$, $$rotate_client_secret(99)$$,
    $$revoke_client(NULL)$$, $$revoke_client(99)$$,
    $$revoke_client_tokens(NULL)$$, $$revoke_client_tokens(99)$$,
    $$grant_user(NULL, NULL)$$, $$grant_user(1, '')$$, $$grant_user(99, 'ada')$$, $$grant_user(1, 'nobody')$$,
    $$revoke_user(NULL, '')$$, $$revoke_user(99, 'ada')$$]) AS call;
SELECT test.digest() = :'digest_before' AS nothing_changed;

\echo -- who sees clients: operators and auditors
CREATE ROLE regress_opigno_reader;
CREATE FUNCTION test.seen_by(level text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    seen text;
BEGIN
    PERFORM opigno.grant_access('regress_opigno_reader', level),
        opigno.test_request('ada', app_id => 0, client_id => 1);
    SET LOCAL ROLE regress_opigno_reader;
    SELECT concat_ws(' ', (SELECT count(*) FROM opigno.list_clients()), (SELECT count(*) FROM opigno.client),
        (SELECT count(*) FROM opigno.client_user)) INTO seen;
    RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = seen;
EXCEPTION WHEN SQLSTATE 'ZZ999' THEN
    RETURN SQLERRM;
END $$;
SELECT opigno.grant_user(1, 'john');
SELECT level, test.seen_by(level) FROM unnest(ARRAY['user', 'gateway', 'operator', 'auditor']) AS level;

\echo -- a request of an operator does not suffice, whatever has been granted by hand
SAVEPOINT a;
SELECT opigno.grant_access('regress_opigno_reader', 'user');
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA opigno TO regress_opigno_reader;
SELECT opigno.test_request(NULL, app_id => 0, is_operator => true);
SET LOCAL ROLE regress_opigno_reader;
SELECT call, test.refusal('SELECT opigno.' || call) FROM unnest(ARRAY[
    $$register_client(0, 'Lasting', is_operator => true)$$, $$update_client(1, is_operator => true)$$,
    $$rotate_client_secret(1)$$, $$revoke_client(1)$$, $$revoke_client_tokens(1)$$, $$grant_user(1, 'ada')$$,
    $$revoke_user(1, 'ada')$$, $$delete_expired_access_tokens(1)$$, $$list_client_credentials()$$,
    $$register_token_issuer('issuer')$$, $$drop_token_issuer('issuer')$$, $$register_token_key('issuer', 'key')$$,
    $$register_token_keys('issuer', '{}')$$, $$drop_token_key('issuer')$$]) AS call;
SELECT test.refusal($$SELECT opigno.update_app(0, description => 'by an operator')$$);
ROLLBACK TO SAVEPOINT a;

\echo -- a new secret: the old one until its time, as asked, or no longer
CREATE FUNCTION test.accepts(client_key text, client_secret text) RETURNS boolean LANGUAGE sql AS $$
    SELECT opigno.issue_access_token(client_key, client_secret, 'client_credentials') ->> 'access_token' IS NOT NULL
$$;
SELECT opigno.rotate_client_secret(1, now() + interval '1 day') AS second_secret \gset
SELECT opigno.rotate_client_secret(1, now() + interval '2 days') AS third_secret \gset
CREATE FUNCTION test.ends() RETURNS TABLE (n bigint, ends text) LANGUAGE sql AS $$
    SELECT row_number() OVER w, CASE WHEN expires_at IS NULL THEN 'current' ELSE (expires_at - now())::text END
    FROM opigno.client_secret WHERE client_id = 1 WINDOW w AS (ORDER BY expires_at) ORDER BY 1
$$;
SELECT * FROM test.ends();
SELECT test.accepts(:'client_key', :'client_secret') AS first, test.accepts(:'client_key', :'second_secret') AS second,
    test.accepts(:'client_key', :'third_secret') AS third;
UPDATE opigno.client_secret SET expires_at = now() WHERE secret_hash = sha256(:'client_secret');
SELECT test.accepts(:'client_key', :'client_secret') AS first, test.accepts(:'client_key', :'second_secret') AS second,
    test.accepts(:'client_key', :'third_secret') AS third;
-- A grace period never makes another longer, and secrets that have expired are gone with the next rotation.
SELECT client_id, kind, expires_at < now() + interval '3 days' AS ends_soon FROM opigno.list_client_credentials(1);
SELECT opigno.rotate_client_secret(1, now() + interval '7 days') AS fourth_secret \gset
SELECT * FROM test.ends();
SELECT opigno.rotate_client_secret(1) AS fifth_secret \gset
SELECT * FROM test.ends();
SELECT test.accepts(:'client_key', :'third_secret') AS third, test.accepts(:'client_key', :'fourth_secret') AS fourth,
    test.accepts(:'client_key', :'fifth_secret') AS fifth;
-- A time that has passed is refused. Secrets of other clients are not touched.
SELECT test.refusal($$SELECT opigno.rotate_client_secret(1, '2000-01-01')$$);
SELECT opigno.rotate_client_secret(1) AS sixth_secret \gset
SELECT test.accepts(:'client_key', :'fifth_secret') AS fifth, test.accepts(:'client_key', :'sixth_secret') AS sixth;
SELECT client_id, count(*) FROM opigno.client_secret GROUP BY client_id ORDER BY client_id;

\echo -- users of a client
DELETE FROM opigno.audit;
SELECT opigno.grant_user(1, 'ada') AS granted, opigno.grant_user(1, 'ada') AS again,
    opigno.grant_user(2, 'ada') AS other, opigno.grant_user(2, '17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE') AS in_capitals;
SELECT user_uuid, client_id, created_at = now() AS now FROM opigno.client_user ORDER BY user_uuid, client_id;
SELECT opigno.revoke_user(1, 'ada') AS revoked, opigno.revoke_user(1, 'ada') AS again,
    opigno.revoke_user(1, 'nobody') AS unknown;
SELECT user_uuid, client_id FROM opigno.client_user ORDER BY user_uuid, client_id;
SELECT * FROM test.recorded();

\echo -- all tokens of a client: revoked, and those of others not
DELETE FROM opigno.audit;
SELECT client_id, client_key, client_secret FROM opigno.register_client(1, 'Other') \gset other_
SELECT test.accepts(:'other_client_key', :'other_client_secret');
DELETE FROM opigno.access_token WHERE client_id = 1;
SELECT test.accepts(:'client_key', :'sixth_secret') FROM generate_series(1, 3);
UPDATE opigno.access_token SET expires_at = now() - interval '1 hour' WHERE token_hash =
    (SELECT token_hash FROM opigno.access_token WHERE client_id = 1 LIMIT 1);
DELETE FROM opigno.audit;
SELECT opigno.revoke_client_tokens(1) AS revoked, opigno.revoke_client_tokens(1) AS again;
SELECT client_id = 1 AS of_the_client, count(*), count(revoked_at) AS revoked FROM opigno.access_token GROUP BY 1
ORDER BY 1;
SELECT * FROM test.recorded();

\echo -- revoked for ever
DELETE FROM opigno.audit;
SELECT opigno.revoke_client(1) AS revoked, opigno.revoke_client(1) AS again;
SELECT * FROM test.recorded();
SELECT * FROM test.clients() WHERE client_id = 1;
SELECT test.accepts(:'client_key', :'sixth_secret');
SELECT test.digest() AS digest_before \gset
SELECT call, test.refusal('SELECT opigno.' || call) FROM unnest(ARRAY[
    $$update_client(1, expires_at => 'infinity')$$, $$rotate_client_secret(1)$$, $$grant_user(1, 'ada')$$]) AS call;
SELECT test.digest() = :'digest_before' AS nothing_changed;
SELECT opigno.revoke_user(1, 'john') AS revoked, opigno.revoke_client_tokens(1) AS tokens;

\echo -- triggers that suppress a write
CREATE TRIGGER suppress BEFORE INSERT OR UPDATE ON opigno.client FOR EACH ROW EXECUTE FUNCTION test.suppress();
SELECT call, test.refusal('SELECT opigno.' || call) FROM unnest(ARRAY[
    $$register_client(0, 'Server')$$, $$revoke_client(2)$$]) AS call;
DROP TRIGGER suppress ON opigno.client;
CREATE TRIGGER suppress BEFORE INSERT ON opigno.client_secret FOR EACH ROW EXECUTE FUNCTION test.suppress();
SELECT call, test.refusal('SELECT opigno.' || call) FROM unnest(ARRAY[
    $$register_client(0, 'Server')$$, $$rotate_client_secret(2)$$]) AS call;
DROP TRIGGER suppress ON opigno.client_secret;
CREATE TRIGGER suppress BEFORE INSERT ON opigno.access_token FOR EACH ROW EXECUTE FUNCTION test.suppress();
SELECT :'other_client_key' AS client_key, :'other_client_secret' AS client_secret \gset
SELECT test.refusal(format('SELECT opigno.issue_access_token(%L, %L, ''client_credentials'')', :'client_key',
    :'client_secret'));
DROP TRIGGER suppress ON opigno.access_token;

\echo -- an app or a user that clients refer to
SELECT test.refusal('DELETE FROM opigno.app WHERE app_id = 1');
DELETE FROM opigno.user_context WHERE uuid = 'ada';
SELECT count(*) FROM opigno.client_user WHERE user_uuid = 'ada';
ROLLBACK;
