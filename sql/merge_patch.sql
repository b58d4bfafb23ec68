-- jsonb_merge_patch: RFC 7396, appendix A whole, and its example of section 3.
BEGIN;
\set ON_ERROR_ROLLBACK on
CREATE TABLE test.rfc_7396 (n serial, target jsonb, patch jsonb, result jsonb);
INSERT INTO test.rfc_7396 (target, patch, result) VALUES
    ('{"a":"b"}', '{"a":"c"}', '{"a":"c"}'),
    ('{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'),
    ('{"a":"b"}', '{"a":null}', '{}'),
    ('{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'),
    ('{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'),
    ('{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'),
    ('{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'),
    ('{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'),
    ('["a","b"]', '["c","d"]', '["c","d"]'),
    ('{"a":"b"}', '["c"]', '["c"]'),
    ('{"a":"foo"}', 'null', 'null'),
    ('{"a":"foo"}', '"bar"', '"bar"'),
    ('{"e":null}', '{"a":1}', '{"e":null,"a":1}'),
    ('[1,2]', '{"a":"b","c":null}', '{"a":"b"}'),
    ('{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'),
    ('{"title":"Goodbye!","author":{"givenName":"John","familyName":"Doe"},"tags":["example","sample"],'
    '"content":"This will be unchanged"}',
     '{"title":"Hello!","phoneNumber":"+01-123-456-7890","author":{"familyName":null},"tags":["example"]}',
     '{"title":"Hello!","author":{"givenName":"John"},"tags":["example"],"content":"This will be unchanged",'
     '"phoneNumber":"+01-123-456-7890"}');
SELECT count(*) AS all_of_it, count(*) FILTER (WHERE opigno.jsonb_merge_patch(target,
    patch)::text = result::text) AS right FROM test.rfc_7396;
-- The difference leads back: RFC's cases, in both directions where a merge patch can say it.
CREATE FUNCTION test.diff(source jsonb, target jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
BEGIN
    IF opigno.jsonb_merge_patch(source, opigno.jsonb_merge_diff(source, target))::text <> target::text THEN
        RETURN 'WRONG';
    END IF;
    RETURN opigno.jsonb_merge_diff(source, target);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN SQLSTATE || ': ' || SQLERRM || ' ' || detail;
END $$;
SELECT n, test.diff(target, result) AS there, test.diff(result, target) AS back FROM test.rfc_7396 ORDER BY n;
DROP TABLE test.rfc_7396;
SELECT source, target, test.diff(source, target) FROM (VALUES
    ('{}'::jsonb, '{}'::jsonb), ('{"a":1}', '{"a":1}'), ('{"a":1.0}', '{"a":1.00}'),
    ('{"a":{"b":{"c":1,"d":2}},"e":3}', '{"a":{"b":{"c":1,"d":4}},"e":3}'),
    ('{"a":1,"b":2}', '{}'), ('[]', '{"a":{}}'), ('{"a":[1]}', '[1]'), ('{"a":1}', 'null'), ('null', 'null'),
    ('[1]', '[1]'),
    ('{"a":{"b":1}}', '{"a":[{"b":null}]}'), ('{"a":null}', '{"a":null,"b":1}'), ('{"a":1}', '{"a":null}'),
    ('{}', '{"a":{"b/c":{"d~e":null}}}'), ('{"a":{"x":1}}', '{"a":{"x":1,"y":{"z":[1],"n":null}}}'),
    ('"text"', '{"a":{"b":null}}'), ('{"a":{"b":null}}', '{"a":{"b":null,"c":{"d":1}}}')) AS v (source, target);
SELECT test.refusal(format('SELECT opigno.jsonb_merge_diff(''{}'', %L)', jsonb_build_object(repeat('k', 500), NULL)));
DROP FUNCTION test.diff;
-- The aggregate: an ordered left fold over the first.
SELECT opigno.jsonb_merge_patch_agg(doc ORDER BY n) AS forth, opigno.jsonb_merge_patch_agg(doc ORDER BY n DESC) AS back,
    opigno.jsonb_merge_patch_agg(doc ORDER BY n) FILTER (WHERE n < 0) AS none,
    opigno.jsonb_merge_patch_agg(doc ORDER BY n) FILTER (WHERE n IN (0, 5)) AS first
FROM (VALUES (0, NULL::jsonb), (1, '{"a":1,"b":null}'), (2, '{"b":{"c":1}}'), (3, NULL), (4, '{"a":null,"b":{"d":2}}'),
    (5, '{"e":null}')) AS v (n, doc);
SELECT opigno.jsonb_merge_patch(target, patch) FROM (VALUES
    ('1'::jsonb, '{"a":{"b":null,"c":1}}'::jsonb), ('"x"', '{}'), ('[]', '{}'), ('{"a":1}', '{}'), ('{}', '{}'),
    ('null', 'null'), ('{"a":1.0}', '{"a":1.00}'),
    ('{"a":{"b":1,"c":{"d":2}},"e":[{"f":1}]}', '{"a":{"c":{"d":null,"g":[null]}},"e":[{"f":null}]}'),
    ('{"a":1}', 'false')) AS v (target, patch);
SELECT opigno.jsonb_merge_patch(NULL, '{}') IS NULL AND opigno.jsonb_merge_patch('{}', NULL) IS NULL AS strict;
-- Wide, deep, and deeper than the stack.
SELECT opigno.jsonb_merge_patch(wide, jsonb_build_object('500', NULL, 'new', 1)) = wide - '500' || '{"new":1}' AS wide
FROM (SELECT jsonb_object_agg(n::text, jsonb_build_array(n)) AS wide FROM generate_series(1, 1000) AS n) AS s;
SELECT opigno.jsonb_merge_patch((repeat('{"a":', 500) || '{"b":1}' || repeat('}', 500))::jsonb,
    (repeat('{"a":', 500) || '{"b":2}' || repeat('}', 500))::jsonb)::text
       = (repeat('{"a":', 500) || '{"b":2}' || repeat('}', 500))::jsonb::text AS deep;
-- As deep as jsonb itself takes it, which depends on the machine: what it reads is merged and compared.
CREATE FUNCTION test.deepest() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    reads integer := 1000;
    too_deep integer := 1000000;
    middle integer;
BEGIN
    WHILE too_deep - reads > 1 LOOP
        middle := (reads + too_deep) / 2;
        BEGIN
            PERFORM (repeat('{"a":', middle) || '1' || repeat('}', middle))::jsonb;
            reads := middle;
        EXCEPTION WHEN statement_too_complex THEN
            too_deep := middle;
        END;
    END LOOP;
    RETURN reads;
END $$;
SELECT depth > 2000 AS deep, opigno.jsonb_merge_patch(one, two) = two AS merged,
    opigno.jsonb_merge_patch('{}', one) = one AS new, opigno.jsonb_merge_diff(one, two) = two AS diff
FROM (SELECT depth, (repeat('{"a":', depth) || '1' || repeat('}', depth))::jsonb AS one,
    (repeat('{"a":', depth) || '2' || repeat('}', depth))::jsonb AS two FROM test.deepest() AS depth) AS s;
DROP FUNCTION test.deepest;
-- The same bytes, toasted or not.
SELECT a, b, opigno.jsonb_is_same(a, b), a = b AS equal
FROM (VALUES ('1.0'::jsonb, '1.00'::jsonb), ('{"b":1,"a":[]}', '{"a":[],"b":1}'), ('{}', '[]'), ('""', '""'),
    (NULL, '1')) AS v (a, b);
CREATE TABLE test.large AS SELECT jsonb_agg(n) AS document FROM generate_series(1, 5000) AS n;
SELECT opigno.jsonb_is_same(document, document),
    opigno.jsonb_is_same(document, (SELECT jsonb_agg(n) FROM generate_series(1, 5000) AS n)),
    opigno.jsonb_is_same(document, document - 0) FROM test.large;
ROLLBACK;
