-- jsonb_merge_patch: RFC 7396, appendix A whole, and its example of section 3.
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
    ('{"title":"Goodbye!","author":{"givenName":"John","familyName":"Doe"},"tags":["example","sample"],"content":"This will be unchanged"}',
     '{"title":"Hello!","phoneNumber":"+01-123-456-7890","author":{"familyName":null},"tags":["example"]}',
     '{"title":"Hello!","author":{"givenName":"John"},"tags":["example"],"content":"This will be unchanged","phoneNumber":"+01-123-456-7890"}');
SELECT count(*) AS all_of_it, count(*) FILTER (WHERE opigno.jsonb_merge_patch(target, patch)::text = result::text) AS right FROM test.rfc_7396;
DROP TABLE test.rfc_7396;
SELECT opigno.jsonb_merge_patch(target, patch) FROM (VALUES
    ('1'::jsonb, '{"a":{"b":null,"c":1}}'::jsonb), ('"x"', '{}'), ('[]', '{}'), ('{"a":1}', '{}'), ('{}', '{}'), ('null', 'null'), ('{"a":1.0}', '{"a":1.00}'),
    ('{"a":{"b":1,"c":{"d":2}},"e":[{"f":1}]}', '{"a":{"c":{"d":null,"g":[null]}},"e":[{"f":null}]}'), ('{"a":1}', 'false')) AS v (target, patch);
SELECT opigno.jsonb_merge_patch(NULL, '{}') IS NULL AND opigno.jsonb_merge_patch('{}', NULL) IS NULL AS strict;
-- Wide, deep, and deeper than the stack.
SELECT opigno.jsonb_merge_patch(wide, jsonb_build_object('500', NULL, 'new', 1)) = wide - '500' || '{"new":1}' AS wide
FROM (SELECT jsonb_object_agg(n::text, jsonb_build_array(n)) AS wide FROM generate_series(1, 1000) AS n) AS s;
SELECT opigno.jsonb_merge_patch((repeat('{"a":', 500) || '{"b":1}' || repeat('}', 500))::jsonb, (repeat('{"a":', 500) || '{"b":2}' || repeat('}', 500))::jsonb)::text
       = (repeat('{"a":', 500) || '{"b":2}' || repeat('}', 500))::jsonb::text AS deep;
SELECT test.refusal($$SELECT opigno.jsonb_merge_patch('{}', (repeat('{"a":', n) || '1' || repeat('}', n))::jsonb) FROM generate_series(1000, 13000, 1000) AS n$$) ~ '^54001: stack depth limit exceeded|not refused' LIMIT 1;
