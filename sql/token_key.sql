-- Issuers of tokens and their keys: what is registered, changed, shown and refused. jwt.sql has the tokens.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_tokens;
CREATE ROLE regress_opigno_tokens_auditor;
SELECT app_id FROM opigno.register_app('Site', app_id => 4);
CREATE VIEW test.issuer AS SELECT issuer, app_id, audience, algorithm, user_claim, operator_claim, operator_value,
    leeway, requires_iss FROM opigno.list_token_issuers();
CREATE VIEW test.token_key AS SELECT issuer, key_id, algorithm, left(thumbprint, 8) AS thumbprint, is_of_set
    FROM opigno.list_token_keys();

\echo -- issuers
SELECT issuer, app_id, audience, algorithm, user_claim, operator_claim, operator_value, leeway, requires_iss
FROM opigno.register_token_issuer('https://idp.example');
SELECT issuer FROM opigno.register_token_issuer('site', 4, '{a,b}', 'PS256', '/user~1id', '/roles', 'admin', 0, false);
SELECT * FROM test.issuer;
SELECT issuer, operator_claim, operator_value, audience, leeway
FROM opigno.register_token_issuer('site', operator_claim => '', operator_value => '', audience => '{}', leeway => 300);
SELECT issuer FROM opigno.register_token_issuer('site', leeway => 300);
SELECT * FROM test.issuer;
SELECT * FROM test.refusal('SELECT opigno.register_token_issuer(NULL)');
SELECT * FROM test.refusal($$SELECT opigno.register_token_issuer('')$$);
SELECT * FROM test.refusal($$SELECT opigno.register_token_issuer(E'a\nb', algorithm => 'ES256', user_claim => '',
    operator_claim => 'roles', leeway => 301, audience => '{a,NULL}', operator_value => repeat('x', 1001))$$);
SELECT * FROM test.refusal($$SELECT opigno.register_token_issuer(repeat('x', 1001), leeway => -1, user_claim => '/~2',
    audience => '{{a},{b}}', algorithm => 'none')$$);
SELECT * FROM test.refusal($$SELECT opigno.register_token_issuer('site', 5)$$);

\echo -- one key
CREATE TABLE test.pem (name text, pem text);
INSERT INTO test.pem VALUES
    ('RSA', 
    E'-----BEGIN PUBLIC KEY-----\n'
    'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAxfiZeLhPei5gqCqv9dul\n'
    'gX5QrEbj+0oDGd7cif/VhhaD97tL8YN2B4USISTwUGM6eg1Kw1K1tmNDSE+YLsti\n'
    'EHLQcwX2ZOh4WYGmsxxOa/XIb7No+wEbRyN5w/vg+Ne7KdgDxGIPRbe8UZrm/NUL\n'
    'FFmIDyBw5r1p8WompkiAJbC2p/CKMj3wSOTD9+29wxAg1x8JUZ/YrYWE2PrOegiL\n'
    'AE6g093fU2yCBVcRe9qrbzCRb05IkNs91C2NYC/MEFnZeT6GX0FAZsBFeZWHGQLi\n'
    'YudX3S9orSajWW4K7OlvzVic8NL9GnTpsN9MHBAWpnglls3TKdtDTa7j1p80G8/7\n'
    'YwIDAQAB\n'
    '-----END PUBLIC KEY-----\n'),
    ('P-256', 
    E'-----BEGIN PUBLIC KEY-----\n'
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEawkNjLxTv2eeHEd43Ey8ahbwnea5\n'
    '6wIvuiVOVhoktW5dddO7gOIN5LtBQPNT9qdYnQsbbnNOnr6FCXk3aDA7dQ==\n'
    '-----END PUBLIC KEY-----\n'),
    ('P-384', 
    E'-----BEGIN PUBLIC KEY-----\n'
    'MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEgNrrNr3rPoHKR+LIohKtuA9g5V9Umy+N\n'
    'O/5frzUM0ttvaNxUc7yS7sFtm9co9Tw1oVM92egEXT8AzJy7R200ygKBPrIyDP51\n'
    '67U4JXg961GFm6gP7K9m2sQ0bV7JZusK\n'
    '-----END PUBLIC KEY-----\n'),
    ('Ed25519', 
    E'-----BEGIN PUBLIC KEY-----\n'
    'MCowBQYDK2VwAyEACDzBeoj/HZglthiwh/o7V4Woyhc0ptXxl9MAWFcOXZg=\n'
    '-----END PUBLIC KEY-----\n');
SELECT k.issuer, name, k.key_id, k.algorithm, left(k.thumbprint, 8) AS thumbprint, k.is_of_set
FROM test.pem, opigno.register_token_key('https://idp.example', pem) AS k;
SELECT k.key_id, k.algorithm, left(k.thumbprint, 8) AS thumbprint
FROM test.pem, opigno.register_token_key('https://idp.example', pem, 'rsa', 'RS512') AS k WHERE name = 'RSA';
\set okp '{"kty":"OKP","crv":"Ed25519","x":"CDzBeoj_HZglthiwh_o7V4Woyhc0ptXxl9MAWFcOXZg"}'
\set ec '{"kty":"EC","crv":"P-256","x":"awkNjLxTv2eeHEd43Ey8ahbwnea56wIvuiVOVhoktW4","y":"XXXTu4DiDeS7QUDzU_anWJ0LG25zTp6-hQl5N2gwO3U"}'
\set rsa '{"kty":"RSA","n":"xfiZeLhPei5gqCqv9dulgX5QrEbj-0oDGd7cif_VhhaD97tL8YN2B4USISTwUGM6eg1Kw1K1tmNDSE-YLstiEHLQcwX2ZOh4WYGmsxxOa_XIb7No-wEbRyN5w_vg-Ne7KdgDxGIPRbe8UZrm_NULFFmIDyBw5r1p8WompkiAJbC2p_CKMj3wSOTD9-29wxAg1x8JUZ_YrYWE2PrOegiLAE6g093fU2yCBVcRe9qrbzCRb05IkNs91C2NYC_MEFnZeT6GX0FAZsBFeZWHGQLiYudX3S9orSajWW4K7OlvzVic8NL9GnTpsN9MHBAWpnglls3TKdtDTa7j1p80G8_7Yw","e":"AQAB"}'
SELECT key_id, algorithm, left(thumbprint, 8) AS thumbprint
FROM opigno.register_token_key('https://idp.example', :'okp');
SELECT key_id, algorithm, left(thumbprint, 8) AS thumbprint FROM opigno.register_token_key('site', :'rsa');
SELECT key_id, algorithm, left(thumbprint, 8) AS thumbprint
FROM opigno.register_token_key('site', replace(:'ec', '{', '{"kid":"of the JWK","alg":"ES256","use":"sig",'));
SELECT * FROM test.token_key;
\echo -- the same key again, another key with the same key_id, and one more without
SELECT count(*) AS audited_before FROM opigno.audit \gset
SELECT key_id, algorithm FROM opigno.register_token_key('site', :'rsa');
SELECT count(*) = :audited_before AS nothing_audited FROM opigno.audit;
SELECT key_id, algorithm FROM opigno.register_token_key('site', repeat('x', 32), 'secret', 'HS256');
SELECT key_id, algorithm
FROM opigno.register_token_key('site', '{"kty":"oct","k":"' || repeat('A', 43) || '"}', 'secret');
SELECT key_id, algorithm FROM opigno.register_token_key('site', :'rsa', algorithm => 'RS256');
SELECT * FROM test.token_key WHERE issuer = 'site';
SELECT length(secret), secret = decode(repeat('00', 32), 'hex') AS is_second FROM opigno.token_secret;

\echo -- keys that are refused, with no word of them
SELECT name, test.refusal(format('SELECT opigno.register_token_key(''site'', %L%s)', key, more)) FROM (VALUES
    ('NULL', NULL, ''), ('empty', '', ''), ('no key', 'ssh-rsa AAAA', ''), ('no JWK', '{"kty":"EC"', ''),
    ('a member twice', '{"kty":"oct","kty":"EC"}', ''), ('private', replace(:'ec', '{', '{"d":"AAAA",'), ''),
    ('private PEM', E'-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', ''),
    ('encryption', replace(:'ec', '{', '{"use":"enc",'), ''), ('kind', :'ec', ', algorithm => ''RS256'''),
    ('alg', replace(:'rsa', '{', '{"alg":"RS256",'), ', algorithm => ''RS512'''),
    ('kid', replace(:'ec', '{', '{"kid":"one",'), ', ''two'''), ('empty key_id', :'ec', ', '''''),
    ('long key_id', :'ec', ', repeat(''x'', 256)'), ('unknown algorithm', :'ec', ', algorithm => ''none'''),
    ('coordinate of 33 bytes', replace(:'ec', '"y":"', '"y":"A'), ''),
    ('short RSA', '{"kty":"RSA","n":"AQAB","e":"AQAB"}', ''),
    ('other curve', '{"kty":"EC","crv":"P-521","x":"AA","y":"AA"}', ''), ('other type', '{"kty":"AKP"}', ''),
    ('Ed25519 of small order', '{"kty":"OKP","crv":"Ed25519","x":"' || repeat('A', 43) || '"}', ''),
    ('short secret', repeat('x', 31), ', algorithm => ''HS256'''),
    ('short oct', '{"kty":"oct","k":"' || repeat('A', 42) || '"}', ''),
    ('long secret', repeat('x', 1025), ', algorithm => ''HS256'''), ('secret without HS256', repeat('x', 32), ''),
    ('public JWK as secret', :'rsa', ', algorithm => ''HS256'''),
    ('public PEM as secret', (SELECT pem FROM test.pem WHERE name = 'RSA'), ', algorithm => ''HS256'''),
    ('huge', repeat('x', 100000), '')) AS k (name, key, more);
SELECT * FROM test.refusal($$SELECT opigno.register_token_key('unknown', repeat('x', 32), NULL, 'HS256')$$);
SELECT * FROM test.refusal($$SELECT opigno.register_token_key(NULL, NULL, NULL, 'RS1')$$);

\echo -- a set of keys, rotated
SELECT sum(opigno.drop_token_key('site', k)) FROM unnest('{secret,"of the JWK",NULL}'::text[]) AS k;
CREATE FUNCTION test.jwk(jwk text, members text) RETURNS text LANGUAGE sql AS $$
    SELECT replace(jwk, '{', '{' || members || ',') $$;
SELECT * FROM opigno.register_token_keys('site', format('{"keys":[%s,%s,%s]}', test.jwk(:'rsa', '"kid":"1"'),
    test.jwk(:'ec', '"kid":"2","alg":"ES256"'), test.jwk(:'okp', '"kid":"3"'))::json);
SELECT key_id, algorithm, left(thumbprint, 8) AS thumbprint, is_of_set
FROM opigno.register_token_key('site', :'okp', 'by hand');
SELECT * FROM opigno.register_token_keys('site', format('{"keys":[%s,%s,%s]}', test.jwk(:'rsa', '"kid":"1"'),
    test.jwk(:'ec', '"kid":"2","alg":"ES256"'), test.jwk(:'okp', '"kid":"3"'))::json);
SELECT * FROM opigno.register_token_keys('site', format('{"more":1,"keys":[%s,%s,%s,%s,%s,%s,%s,%s,1]}',
    test.jwk(:'rsa', '"kid":"1","use":"enc"'), test.jwk(:'ec', '"kid":"2","alg":"ES384"'),
    test.jwk(:'okp', '"kid":"4"'), test.jwk(:'ec', '"kid":"2"'), test.jwk(:'ec', '"kid":"2"'),
    '{"kty":"oct","k":"' || repeat('A', 43) || '"}',
    test.jwk(:'rsa', '"alg":"RSA-OAEP"'), '{"kty":"AKP","alg":"ML-DSA-44"}')::json);
SELECT * FROM test.token_key WHERE issuer = 'site';
-- A key that was registered by itself stays when a set that has it is followed by one that lacks it.
SAVEPOINT own;
SELECT FROM opigno.register_token_key('site', test.jwk(:'ec', '"kid":"own"')::text);
SELECT * FROM opigno.register_token_keys('site', format('{"keys":[%s,%s]}', test.jwk(:'ec', '"kid":"own"'),
    test.jwk(:'rsa', '"kid":"1"'))::json);
SELECT * FROM opigno.register_token_keys('site', format('{"keys":[%s]}', test.jwk(:'rsa', '"kid":"1"'))::json);
SELECT key_id, algorithm, is_of_set FROM test.token_key WHERE issuer = 'site' ORDER BY key_id;
ROLLBACK TO SAVEPOINT own;
\echo -- sets that change nothing
SELECT name, test.refusal(format('SELECT opigno.register_token_keys(''site'', %L)', jwks)) FROM (VALUES
    ('NULL', NULL), ('array', '[]'), ('no keys', '{}'), ('not a list', '{"keys":{}}'), ('empty', '{"keys":[]}'),
    ('none usable', '{"keys":[' || test.jwk(:'ec', '"use":"enc"') || ']}'),
    ('private', format('{"keys":[%s,%s]}', :'ec', test.jwk(:'ec', '"kid":"p","d":"AAAA"'))),
    ('a member twice', '{"keys":[' || test.jwk(:'ec', '"kty":"EC"') || ']}'),
    ('101 keys', '{"keys":[' || repeat(:'ec' || ',', 100) || :'ec' || ']}'),
    ('huge', '{"keys":[],"x":"' || repeat('x', 300000) || '"}')) AS s (name, jwks);
SELECT * FROM test.refusal(format('SELECT opigno.register_token_keys(''unknown'', %L)', '{"keys":[' || :'ec' || ']}'));
SELECT key_id, algorithm, is_of_set FROM test.token_key WHERE issuer = 'site';

\echo -- dropped by key_id, without one, by thumbprint
SELECT opigno.drop_token_key('https://idp.example', 'rsa'), opigno.drop_token_key('https://idp.example', 'rsa');
SELECT opigno.drop_token_key('https://idp.example', thumbprint => thumbprint) FROM opigno.list_token_keys()
WHERE issuer = 'https://idp.example' AND algorithm = 'EdDSA';
SELECT opigno.drop_token_key('https://idp.example');
SELECT * FROM test.token_key WHERE issuer = 'https://idp.example';
SELECT * FROM test.refusal($$SELECT opigno.drop_token_key(NULL)$$);
SELECT * FROM test.refusal($$SELECT opigno.drop_token_key('site', 'a', 'b')$$);
SELECT * FROM test.refusal($$SELECT opigno.drop_token_issuer(NULL)$$);
SELECT opigno.drop_token_issuer('https://idp.example'), opigno.drop_token_issuer('https://idp.example');
SELECT * FROM test.token_key;
\echo -- the audit trail
SELECT action, outcome, app_id, subject FROM opigno.audit WHERE action ~ 'token' ORDER BY id;

\echo -- who sees and changes them
SELECT opigno.grant_access('regress_opigno_tokens', 'user'), opigno.grant_access('regress_opigno_tokens_auditor',
    'auditor');
SELECT opigno.register_token_key('site', repeat('x', 32), 'secret', 'HS256') \g /dev/null
SET LOCAL ROLE regress_opigno_tokens_auditor;
SELECT (SELECT count(*) FROM opigno.list_token_issuers()) AS issuers, (SELECT count(*) FROM opigno.list_token_keys())
    AS keys;
SELECT * FROM opigno.token_secret;
SET LOCAL ROLE regress_opigno_tokens;
SELECT (SELECT count(*) FROM opigno.list_token_issuers()) AS issuers, (SELECT count(*) FROM opigno.list_token_keys())
    AS keys;
SELECT opigno.drop_token_issuer('site');
SELECT opigno.register_token_key('site', repeat('x', 32), 'secret', 'HS256');
RESET ROLE;
ROLLBACK;
