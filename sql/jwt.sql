-- JWTs in begin_request: what makes one valid, and each attack beside a control that differs in one thing only.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE ROLE regress_opigno_jwt;
SELECT opigno.grant_access('regress_opigno_jwt', 'user') \g /dev/null
SELECT app_id FROM opigno.register_app('Site', app_id => 4);
SELECT count(opigno.set_user_context(uuid, 'User ' || uuid, uuid <> 'idle', 'AUTHENTICATED'))
FROM unnest('{ada,bob,idle}'::text[]) AS uuid;

-- Tokens of HS256 are made here, so that each test shows what is in its token.
CREATE FUNCTION test.base64url(bytes bytea) RETURNS text LANGUAGE sql AS
    $$ SELECT rtrim(translate(encode(bytes, 'base64'), E'+/\n', '-_'), '=') $$;
CREATE FUNCTION test.padded(key bytea, pad integer) RETURNS bytea LANGUAGE sql AS $$
    SELECT string_agg(set_byte('\x00', 0, CASE WHEN n < length(key) THEN get_byte(key, n) ELSE 0 END # pad), ''
        ORDER BY n) FROM generate_series(0, 63) AS n $$;
CREATE FUNCTION test.hmac(key bytea, message bytea) RETURNS bytea LANGUAGE sql AS $$
    SELECT sha256(test.padded(key, 92) || sha256(test.padded(key, 54) || message)) $$;
CREATE FUNCTION test.signed(message text, key text) RETURNS text LANGUAGE sql AS $$
    SELECT message || '.' || test.base64url(test.hmac(convert_to(key, 'UTF8'), convert_to(message, 'UTF8'))) $$;
CREATE FUNCTION test.jwt(claims text, header text DEFAULT '{"alg":"HS256"}', key text DEFAULT repeat('s', 32))
    RETURNS text LANGUAGE sql AS $$
    SELECT test.signed(test.base64url(convert_to(header, 'UTF8')) || '.' ||
        test.base64url(convert_to(claims, 'UTF8')), key) $$;
/* What comes of a request with the token: its user, scope, app, and whether it is restricted and acts on all. */
CREATE FUNCTION test.request(token text, client_uuid text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    outcome text;
BEGIN
    SET LOCAL ROLE regress_opigno_jwt;
    PERFORM opigno.begin_request('Bearer ' || token, client_uuid);
    outcome := concat_ws(' ', coalesce(opigno.request_named_user(), '-'), opigno.request_scope(), opigno.request_app(),
        CASE WHEN opigno.request_user() IS NULL THEN 'restricted' END,
        CASE WHEN opigno.reads_every_user() THEN 'operator' END, opigno.request_client());
    RAISE EXCEPTION USING ERRCODE = 'ZZ999', MESSAGE = outcome;
EXCEPTION WHEN OTHERS THEN
    RETURN CASE SQLSTATE WHEN 'ZZ999' THEN SQLERRM ELSE SQLSTATE || ': ' || SQLERRM END;
END $$;
CREATE FUNCTION test.seconds(since interval) RETURNS text LANGUAGE sql AS
    $$ SELECT floor(extract(epoch FROM clock_timestamp() + since))::text $$;

\echo -- an issuer that signs with each algorithm
SELECT issuer, algorithm, user_claim FROM opigno.register_token_issuer('https://idp.example');
SELECT issuer, app_id, user_claim, operator_claim, requires_iss FROM opigno.register_token_issuer('sentinel', 4,
    user_claim => '/UserID', operator_claim => '/Operator', requires_iss => false);
SELECT issuer, audience, operator_claim, operator_value FROM opigno.register_token_issuer('https://keycloak.example',
    audience => '{opigno,account}', operator_claim => '/realm_access/roles', operator_value => 'admin', leeway => 0);
SELECT issuer, key_id, algorithm FROM (VALUES ('https://idp.example', 's'), ('sentinel', 't'),
    ('https://keycloak.example', 'k')) AS i (name, secret),
    opigno.register_token_key(i.name, repeat(i.secret, 32), algorithm => 'HS256');
SELECT registered, removed, skipped FROM opigno.register_token_keys('https://idp.example', (
    '{"keys":[{"kty":"RSA","n":"xfiZeLhPei5gqCqv9dulgX5QrEbj-0oDGd7cif_VhhaD97tL8YN2B4USISTwUGM6eg1Kw1K1tmNDSE-YLst'
    'iEHLQcwX2ZOh4WYGmsxxOa_XIb7No-wEbRyN5w_vg-Ne7KdgDxGIPRbe8UZrm_NULFFmIDyBw5r1p8WompkiAJbC2p_CKMj3wSOTD9-29wxAg1'
    'x8JUZ_YrYWE2PrOegiLAE6g093fU2yCBVcRe9qrbzCRb05IkNs91C2NYC_MEFnZeT6GX0FAZsBFeZWHGQLiYudX3S9orSajWW4K7OlvzVic8NL'
    '9GnTpsN9MHBAWpnglls3TKdtDTa7j1p80G8_7Yw","e":"AQAB","kid":"RS256","alg":"RS256","use":"sig"},{"kty":"RSA","n":'
    '"xfiZeLhPei5gqCqv9dulgX5QrEbj-0oDGd7cif_VhhaD97tL8YN2B4USISTwUGM6eg1Kw1K1tmNDSE-YLstiEHLQcwX2ZOh4WYGmsxxOa_XIb'
    '7No-wEbRyN5w_vg-Ne7KdgDxGIPRbe8UZrm_NULFFmIDyBw5r1p8WompkiAJbC2p_CKMj3wSOTD9-29wxAg1x8JUZ_YrYWE2PrOegiLAE6g093'
    'fU2yCBVcRe9qrbzCRb05IkNs91C2NYC_MEFnZeT6GX0FAZsBFeZWHGQLiYudX3S9orSajWW4K7OlvzVic8NL9GnTpsN9MHBAWpnglls3TKdtDT'
    'a7j1p80G8_7Yw","e":"AQAB","kid":"RS384","alg":"RS384","use":"sig"},{"kty":"RSA","n":"xfiZeLhPei5gqCqv9dulgX5Qr'
    'Ebj-0oDGd7cif_VhhaD97tL8YN2B4USISTwUGM6eg1Kw1K1tmNDSE-YLstiEHLQcwX2ZOh4WYGmsxxOa_XIb7No-wEbRyN5w_vg-Ne7KdgDxGI'
    'PRbe8UZrm_NULFFmIDyBw5r1p8WompkiAJbC2p_CKMj3wSOTD9-29wxAg1x8JUZ_YrYWE2PrOegiLAE6g093fU2yCBVcRe9qrbzCRb05IkNs91'
    'C2NYC_MEFnZeT6GX0FAZsBFeZWHGQLiYudX3S9orSajWW4K7OlvzVic8NL9GnTpsN9MHBAWpnglls3TKdtDTa7j1p80G8_7Yw","e":"AQAB",'
    '"kid":"RS512","alg":"RS512","use":"sig"},{"kty":"RSA","n":"xfiZeLhPei5gqCqv9dulgX5QrEbj-0oDGd7cif_VhhaD97tL8YN'
    '2B4USISTwUGM6eg1Kw1K1tmNDSE-YLstiEHLQcwX2ZOh4WYGmsxxOa_XIb7No-wEbRyN5w_vg-Ne7KdgDxGIPRbe8UZrm_NULFFmIDyBw5r1p8'
    'WompkiAJbC2p_CKMj3wSOTD9-29wxAg1x8JUZ_YrYWE2PrOegiLAE6g093fU2yCBVcRe9qrbzCRb05IkNs91C2NYC_MEFnZeT6GX0FAZsBFeZW'
    'HGQLiYudX3S9orSajWW4K7OlvzVic8NL9GnTpsN9MHBAWpnglls3TKdtDTa7j1p80G8_7Yw","e":"AQAB","kid":"PS256","alg":"PS256'
    '","use":"sig"},{"kty":"EC","crv":"P-256","x":"awkNjLxTv2eeHEd43Ey8ahbwnea56wIvuiVOVhoktW4","y":"XXXTu4DiDeS7QU'
    'DzU_anWJ0LG25zTp6-hQl5N2gwO3U","kid":"ES256","alg":"ES256","use":"sig"},{"kty":"EC","crv":"P-384","x":"gNrrNr3'
    'rPoHKR-LIohKtuA9g5V9Umy-NO_5frzUM0ttvaNxUc7yS7sFtm9co9Tw1","y":"oVM92egEXT8AzJy7R200ygKBPrIyDP5167U4JXg961GFm6'
    'gP7K9m2sQ0bV7JZusK","kid":"ES384","alg":"ES384","use":"sig"},{"kty":"OKP","crv":"Ed25519","x":"CDzBeoj_HZglthi'
    'wh_o7V4Woyhc0ptXxl9MAWFcOXZg","kid":"EdDSA","alg":"EdDSA","use":"sig"}]}')::json);
CREATE TABLE test.token (algorithm text, token text);
INSERT INTO test.token VALUES
    ('RS256',
    'eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6IlJTMjU2In0.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIiwic3ViIjoiYWRhIi'
    'wiZXhwIjo0MTAyNDQ0ODAwfQ.KdL6cASo9AbpyNUz1ThBL0RbASPEAI8zTj0jwRl-hn-N3EH6EnwYJhbxJmuqIlj6UESK9JND1TnhQE2_oTNzj'
    'eMjxSd_jXZwHU56t30OvzyviNqS6p7XmFCJW8GWf0WUxP5HBV_233JwyVt4u1Of2r7i6tuK1aVoG6hYW0agy5ndtp4EBsbYwG_Czkun30U_JEf'
    'sytovLoPoxU3BKZSKhijJHOlDEiLEFyt5fDhx5ac4j0VdYZEM7JQkJJXeNfq8Qce-cEKEoGcA76ajMBfb8e-VjrrZEZXlX3PhEJhghAvYLIKHb'
    'sd60AxySIJ7eznawCKRtj2qKHH8DEWGO08cEA'),
    ('RS384',
    'eyJhbGciOiJSUzM4NCIsInR5cCI6IkpXVCIsImtpZCI6IlJTMzg0In0.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIiwic3ViIjoiYWRhIi'
    'wiZXhwIjo0MTAyNDQ0ODAwfQ.Ym6len-gjnKZKHAHIWl9YfR6w7xz2zRpldVTd0fEyEho7Wi6YXkGDLvmAuxlmrIZWneOdWgQwlYVtV2ZDgmXy'
    'sZ916Mh77CvCZrAc2zQg9R_joPZQWo_Vs-KWpAc3g3-nrQVv_c-2OS1wuByRS7aD8OHKpS3MB0E_PC2fhqE4Y0L03cVm8u1D6Wsf4NqtL6KN3v'
    'zAynXsBO8pv9chBvNMDrC_1olL4h8ulBVT9zq8oPQ3nr38wrnw_5UMGiKragoCcfc8BTSoX_xALmlTZJ-V4SNnLuFrcIyO0OXBuvLBYKBSVsW8'
    '1c96sLbSG0AarfbtY_izH7dDU7r5ZPpD3W65Q'),
    ('RS512',
    'eyJhbGciOiJSUzUxMiIsInR5cCI6IkpXVCIsImtpZCI6IlJTNTEyIn0.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIiwic3ViIjoiYWRhIi'
    'wiZXhwIjo0MTAyNDQ0ODAwfQ.XsfFSgjTBZiEiwrI8nKdNpYbgD-8JRJm_XG1rOfWvQddgAdqm6ktUTxh6beEVlKpMz7nwyIMwwk_lzM1U53_h'
    'zdsaol6Rl8h1K8tnjzInBRI9H_L3FjPC_YE-SEtgQPZm48c3UOp3NmAJt2josKjoTq3zZgRGowECZ9ZhAmQ291tPyX1_HEZ5x-Y4GkDbCeiZKF'
    'X-dxuILwPfpvWxh8NZ1-KOe1MCwgzgCw8alAGp4R5eY4iFTUfMhP2AtOTXu7Qhc0T4s1XQoz-6RSx8xAMGdzyw61rHS1efuPNPEG3dNx-EtvTX'
    'lVr4zZxLLs7HC8f5hiapeA3oHjb05lvhWwPIw'),
    ('PS256',
    'eyJhbGciOiJQUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6IlBTMjU2In0.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIiwic3ViIjoiYWRhIi'
    'wiZXhwIjo0MTAyNDQ0ODAwfQ.v3SlMs91D__eAu4tmHVe_1Rv9qZ2rZ15BX-dQL0QiIozf6cnggpvokPeI5UhUEU4u1TFDNwj3PBTPXHGM5X5D'
    '7IPXjkJyXZuWL5uU982O1CAPDCrC3sBGFAQlDlN8FZQnKwd0mw7pWWiARRmo5a92OoaHiXjee8tnI1a6XGn004TNVEPeJJg0CQzMvuCWhFW6hl'
    'C_R9WibXrwGkx6zp-viLKUNCQFe6yKo8BS87Ta96SudNZJ3dXLTmLutHCQdFQg69hLDbKaxaGq7DgqiCxz6dLXw1JUr205J3pkWGf529aPKWsM'
    'LN3jxj16T_HNfZBUBLs2oYMKS8AGi-hVBgzFA'),
    ('ES256',
    'eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6IkVTMjU2In0.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIiwic3ViIjoiYWRhIi'
    'wiZXhwIjo0MTAyNDQ0ODAwfQ.k4d39LFnpoW5s5OWNc4Z36-joWSJK7QUPAJ-HtmdwdAWqzoJraRs3oCoG6M_v03GVYI_WMhcMS1Vw_CwqIfQO'
    'w'),
    ('ES384',
    'eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCIsImtpZCI6IkVTMzg0In0.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIiwic3ViIjoiYWRhIi'
    'wiZXhwIjo0MTAyNDQ0ODAwfQ.WMMgjIGz0-y9WsSuwuPM4w3dLaPZ_QGSDqv915v7IDRHbHU9NSeaDaFZdfclaZruv4gBdu99ZLAB-IZlnR2ef'
    'ktxVgqpx9Qr6jWqa4deOivRhYUgyxoCTVsfqvMzR5zF'),
    ('EdDSA',
    'eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCIsImtpZCI6IkVkRFNBIn0.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIiwic3ViIjoiYWRhIi'
    'wiZXhwIjo0MTAyNDQ0ODAwfQ.QHu9euVOExcWXdfwUR97uQws34-YIo127-LxGBG9GUyhUXTsge3FeqypJ-iPg7SJxiAQ6iY9g-0I7z4k8n_wA'
    'g');
SELECT algorithm, test.request(token) FROM test.token;
\echo -- the same tokens with a signature of another key, of another algorithm, without one, cut off, in another spelling
SELECT t.algorithm, test.request(parts || '.' || reverse(signature)) AS other,
    test.request(parts || '.' || (SELECT regexp_replace(o.token, '.*\.', '') FROM test.token AS o
        WHERE o.algorithm = CASE t.algorithm WHEN 'RS256' THEN 'PS256' ELSE 'RS256' END)) AS moved,
    test.request(parts || '.') AS stripped, test.request(parts) AS two_parts,
    test.request(parts || '.' || left(signature, -4)) AS cut_off, test.request(t.token || '=') AS padded,
    test.request(t.token || '.') AS four_parts, test.request(t.token || '.a.b') AS five_parts
FROM test.token AS t, regexp_replace(token, '\.[^.]*$', '') AS parts, regexp_replace(token, '.*\.', '') AS signature;
SELECT test.request(regexp_replace(token, '^[^.]*', test.base64url(convert_to(header, 'UTF8')))) AS outcome, count(*)
FROM test.token, unnest(ARRAY['{"alg":"none"}', '{"alg":"None"}', '{"alg":"NONE"}', '{"alg":"nOnE"}', '{"alg":""}',
    '{"alg":null}', '{}', '{"alg":"HS256"}', '{"alg":"HS256","kid":"RS256"}', '{"alg":"rs256"}']) AS header GROUP BY 1;
SELECT test.request(test.base64url('{"alg":"none"}') || '.' || regexp_replace(token, '^[^.]*\.|\.[^.]*$', '', 'g') ||
    '.') AS none FROM test.token WHERE algorithm = 'ES256';

\echo -- RS/HS confusion: the public key as the secret, in each of its forms
CREATE FUNCTION test.hmac_of_long(key bytea, message bytea) RETURNS bytea LANGUAGE sql AS
    $$ SELECT test.hmac(CASE WHEN length(key) > 64 THEN sha256(key) ELSE key END, message) $$;
SELECT test.request(message || '.' || test.base64url(test.hmac_of_long(key, convert_to(message, 'UTF8')))) AS outcome,
    count(*)
FROM opigno.token_key AS k, encode(k.public_key, 'base64') AS text64, LATERAL (VALUES (k.public_key),
    (convert_to(text64, 'UTF8')),
    (convert_to(E'-----BEGIN PUBLIC KEY-----\n' || text64 || E'\n-----END PUBLIC KEY-----\n', 'UTF8')),
    (convert_to(E'-----BEGIN PUBLIC KEY-----\n' || text64 || E'\n-----END PUBLIC KEY-----', 'UTF8'))) AS form (key),
    LATERAL (SELECT test.base64url(convert_to(format('{"alg":"HS256","kid":"%s"}', k.key_id), 'UTF8')) || '.' ||
        test.base64url('{"iss":"https://idp.example","sub":"ada","exp":4102444800}') AS message) AS m
WHERE k.public_key IS NOT NULL GROUP BY 1;

\echo -- claims: first those that are accepted, and then those that are refused
SELECT claims, test.request(test.jwt('{"iss":"https://idp.example",' || claims || '}')) FROM unnest(ARRAY[
    '"sub":"ada","exp":4102444800', '"sub":"bob","exp":4102444800.5,"nbf":0,"iat":1e9', '"exp":4.1024448e9,"sub":"ada"',
    '"sub":"idle","exp":4102444800', '"sub":"nobody","exp":4102444800', '"sub":"a\u0064a","exp":253402300799',
    '"sub":"17ADB4C1-EB29-44BF-9D9A-5F8D056E58EE","exp":4102444800',
    '"sub":"ada","exp":4102444800,"Operator":true,"realm_access":{"roles":["admin"]}']) AS claims;
SELECT claims, test.request(test.jwt('{"iss":"https://idp.example",' || claims || '}')) FROM unnest(ARRAY[
    '"exp":4102444800', '"sub":null,"exp":4102444800', '"sub":1,"exp":4102444800', '"sub":["ada"],"exp":4102444800',
    '"sub":"","exp":4102444800', '"sub":"a\nb","exp":4102444800', '"sub":"ada"', '"sub":"ada","exp":"4102444800"',
    '"sub":"ada","exp":null', '"sub":"ada","exp":-1', '"sub":"ada","exp":1e400', '"sub":"ada","exp":1e99999999999',
    '"sub":"ada","exp":253402300800', '"sub":"ada","exp":9999999999999999999999999999999999999999999999999999',
    '"sub":"ada","exp":0', '"sub":"ada","exp":1700000000', '"sub":"ada","exp":4102444800,"nbf":4102444700',
    '"sub":"ada","exp":4102444800,"nbf":"0"', '"sub":"ada","exp":4102444800,"iat":4102444700',
    '"sub":"ada","exp":4102444800,"iat":true', '"sub":"ada","exp":4102444800,"aud":"opigno"',
    '"sub":"ada","exp":4102444800,"sub":"bob"', '"sub":"ada","exp":1,"exp":4102444800',
    '"sub":"ada","exp":4102444800,"\u0073ub":"bob"', '"sub":"ada","exp":4102444800,"x":[{"a":1,"a":2}]',
    '"sub":"ada","exp":4102444800,"x":"\u0000"', '"sub":"ada","exp":4102444800,', '"sub":"ada","exp":4102444800}{',
    '"iss":"https://idp.example","sub":"ada","exp":4102444800']) AS claims;
SELECT name, test.request(test.jwt(claims)) FROM (VALUES
    ('16 kB', '{"iss":"https://idp.example","sub":"ada","exp":4102444800,"x":"' || repeat('x', 12150) || '"}'),
    ('more', '{"iss":"https://idp.example","sub":"ada","exp":4102444800,"x":"' || repeat('x', 12200) || '"}'),
    ('1 MB', '{"iss":"https://idp.example","sub":"ada","exp":4102444800,"x":"' || repeat('x', 1000000) || '"}'),
    ('32 levels', '{"iss":"https://idp.example","sub":"ada","exp":4102444800,"x":' || repeat('[', 31) ||
        repeat(']', 31) || '}'),
    ('33 levels', '{"iss":"https://idp.example","sub":"ada","exp":4102444800,"x":' || repeat('[', 32) ||
        repeat(']', 32) || '}'),
    ('6,000 levels', '{"iss":"https://idp.example","sub":"ada","exp":4102444800,"x":' || repeat('[', 6000) ||
        repeat(']', 6000) || '}'))
    AS c (name, claims);

\echo -- the clock: an issuer with a leeway of 60 seconds, and one without
SELECT since AS exp, test.request(test.jwt(format('{"iss":"https://idp.example","sub":"ada","exp":%s}',
    test.seconds(since)))) AS with_leeway, test.request(test.jwt(format('{"iss":"https://keycloak.example","sub":"ada",'
    '"aud":"opigno","exp":%s}', test.seconds(since)), key => repeat('k', 32))) AS without
FROM unnest('{1 hour,-20 seconds,-2 minutes}'::interval[]) AS since;
SELECT name, since, test.request(test.jwt(format('{"iss":"https://idp.example","sub":"ada","exp":4102444800,"%s":%s}',
    name, test.seconds(since)))) AS with_leeway, test.request(test.jwt(format('{"iss":"https://keycloak.example",'
    '"sub":"ada","aud":"opigno","exp":4102444800,"%s":%s}', name, test.seconds(since)), key => repeat('k', 32)))
    AS without
FROM unnest('{-1 hour,20 seconds,2 minutes}'::interval[]) AS since, unnest('{nbf,iat}'::text[]) AS name;

\echo -- headers: those that are accepted, and those that are refused
SELECT header, test.request(test.jwt('{"iss":"https://idp.example","sub":"ada","exp":4102444800}',
    '{"alg":"HS256"' || header || '}'))
FROM unnest(ARRAY['', ',"typ":"JWT"', ',"typ":"jwt"', ',"typ":"application/at+jwt"', ',"kid":"unknown"',
    $$,"kid":"' OR '1'='1"$$, ',"kid":"../../../../dev/null"', ',"kid":"\"; DROP TABLE opigno.token_key; --"',
    ',"jku":"https://evil.example/jwks","x5u":"https://evil.example"', ',"jwk":{"kty":"oct","k":"AAAA"}', ',"x5c":[]',
    ',"crit":["exp"]', ',"crit":[]', ',"b64":false', ',"zip":"DEF"', ',"cty":"JWT"', ',"typ":"JWE"', ',"typ":1',
    ',"kid":1', ',"kid":null', ',"alg":"HS256"', ',"alg":"none"', ',"ALG":"none"']) AS header;

\echo -- issuers: the key of one is not that of another, and iss is compared byte by byte
SELECT iss, key, test.request(test.jwt(format('{"iss":%s,"sub":"ada","UserID":"ada","aud":["opigno"],'
    '"exp":4102444800}', iss), key => repeat(key, 32)))
FROM unnest(ARRAY['"https://keycloak.example"', '"https://idp.example"', '"https://idp.example/"',
    '"HTTPS://idp.example"', '"sentinel"', '"unknown"', '""', 'null', '1', '["https://keycloak.example"]']) AS iss,
    unnest('{s,k}'::text[]) AS key ORDER BY iss COLLATE "C", key;

\echo -- audience
SELECT aud, test.request(test.jwt(format('{"iss":"https://keycloak.example","sub":"ada","exp":4102444800%s}', aud),
    key => repeat('k', 32)))
FROM unnest(ARRAY[',"aud":"opigno"', ',"aud":["other","account"]', '', ',"aud":"other"', ',"aud":[]', ',"aud":"OPIGNO"',
    ',"aud":["opigno",1]', ',"aud":{"opigno":1}']) AS aud;

\echo -- Sentinel: no iss, the user and the operator in claims of its own
SELECT claims, test.request(test.jwt(claims, key => repeat('t', 32))) AS alone,
    test.request(test.jwt(claims, key => repeat('t', 32)), 'bob') AS with_header
FROM unnest(ARRAY['{"UserID":"bob","Operator":false,"exp":4102444800}',
    '{"UserID":"bob","Operator":true,"exp":4102444800}', '{"UserID":"ada","Operator":true,"exp":4102444800}',
    '{"Operator":true,"exp":4102444800}', '{"UserID":"bob","Operator":"true","exp":4102444800}',
    '{"UserID":"idle","Operator":true,"exp":4102444800}',
    '{"exp":4102444800}', '{"iss":"sentinel","UserID":"bob","exp":4102444800}',
    '{"iss":"https://idp.example","UserID":"bob","exp":4102444800}']) AS claims;
SELECT test.request(test.jwt('{"sub":"ada","UserID":"ada","exp":4102444800}')) AS key_of_another_issuer;

\echo -- Keycloak: an operator by a role in an array
SELECT roles, test.request(test.jwt(format('{"iss":"https://keycloak.example","sub":"ada","aud":"opigno",'
    '"exp":4102444800,"realm_access":{"roles":%s}}', roles), key => repeat('k', 32)))
FROM unnest(ARRAY['["user","admin"]', '"admin"', '["user"]', '["administrator"]', '[["admin"]]', '{"admin":true}',
    'true', 'null']) AS roles;

\echo -- bytes that are not base64url, or no text
SELECT part, test.request(test.signed(part, repeat('s', 32))) FROM unnest(ARRAY[
    'eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIiwic3ViIjoiYWRhIiwiZXhwIjo0MTAyNDQ0ODAwfQ',
    'eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIiwic3ViIjoiYWRhIiwiZXhwIjo0MTAyNDQ0ODAwfQ==',
    'eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIiwic3ViIjoiYWRhIiwiZXhwIjo0MTAyNDQ0ODAwfR',
    'eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIiwic3ViIjoiYWRhIiwiZXhwIjo0MTAyNDQ0ODAwf+',
    'eyJhbGciOiJIUzI1NiJ9.gICA', 'eyJhbGciOiJIUzI1NiJ9.AAAA', 'gICA.eyJhIjoxfQ', 'W10.W10', 'bnVsbA.bnVsbA']) AS part;

\echo -- a key is tried by its kid, and without one by its algorithm
SELECT key_id, algorithm FROM opigno.register_token_key('https://idp.example', repeat('u', 32), 'second', 'HS256');
SELECT header, key, test.request(test.jwt('{"iss":"https://idp.example","sub":"ada","exp":4102444800}', header,
    repeat(key, 32))) FROM unnest(ARRAY['{"alg":"HS256"}', '{"alg":"HS256","kid":"second"}',
    '{"alg":"HS256","kid":"third"}']) AS header, unnest('{s,u,v}'::text[]) AS key;
SELECT opigno.drop_token_key('https://idp.example', 'second') AS dropped, opigno.drop_token_key('https://idp.example')
    AS without_key_id;
SELECT test.request(test.jwt('{"iss":"https://idp.example","sub":"ada","exp":4102444800}')) AS key_dropped;
SELECT opigno.drop_token_issuer('https://idp.example');
SELECT test.request(token) AS issuer_dropped, count(*) FROM test.token GROUP BY 1;
ROLLBACK;
