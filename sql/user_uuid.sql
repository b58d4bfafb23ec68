-- The key of a user: canonical form, and what the domain refuses.
\pset null '(null)'
BEGIN;
\set ON_ERROR_ROLLBACK on

SELECT given, opigno.canonical_user_uuid(given) AS canonical, opigno.is_user_uuid(given) AS is_canonical
FROM (VALUES
    ('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77'),
    ('3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77'),
    ('3BC5b83f-7d96-4B0C-b1e6-627A01D1AB77'),
    ('{3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77}'),
    ('3BC5B83F7D964B0CB1E6627A01D1AB77'),
    ('urn:uuid:3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77'),
    ('3BC5B83F-7D96-4B0C-B1E6-627A01D1AB7G'),
    ('3BC5B83F-7D96-4B0C-B1E6627A01D1-AB77'),
    (' 3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77'),
    ('anon-7F3A'),
    (' '),
    ('')
) AS v (given);
SELECT opigno.canonical_user_uuid(NULL), opigno.is_user_uuid(NULL);

-- 1 to 255 bytes.
SELECT length, opigno.is_user_uuid(repeat('x', length)) FROM (VALUES (0), (1), (255), (256), (100000)) AS v (length);

-- No control characters: C0 and DEL here, C1 in the test of encodings.
SELECT code FROM generate_series(1, 127) AS code
WHERE NOT opigno.is_user_uuid('a' || chr(code) || 'b') ORDER BY code;

-- The domain holds canonical values only, also in the tables of others.
CREATE TABLE test.note (author opigno.user_uuid, body text);
INSERT INTO test.note VALUES ('3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77', 'kept'), ('anon-7F3A', 'kept');
SELECT test.refusal($$INSERT INTO test.note VALUES ('3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77')$$);
SELECT test.refusal($$INSERT INTO test.note VALUES ('')$$);
SELECT test.refusal($$INSERT INTO test.note VALUES (repeat('x', 256))$$);
SELECT test.refusal($$INSERT INTO test.note VALUES (E'tab\t')$$);
SELECT count(*) FROM test.note WHERE author = opigno.canonical_user_uuid('3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77');
ROLLBACK;
