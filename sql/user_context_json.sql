-- The JSON of Opigno's documentation, in and out. Ids start anew, so that answers can be compared as a whole.
\pset format unaligned
\pset tuples_only on
BEGIN;
\set ON_ERROR_ROLLBACK on
ALTER SEQUENCE opigno.user_context_id_seq RESTART 4874;
SELECT FROM test.register_scopes();

SELECT opigno.set_user_context_json('{"uuid":"3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77","displayName":"Andrew M. Pearson",'
    '"isActive":true,"scope":"AUTHENTICATED"}');
SELECT opigno.set_user_context_json('{"uuid":"3bc5b83f-7d96-4b0c-b1e6-627a01d1ab77","isActive":false}');
SELECT opigno.set_user_context_json('{"uuid":"3BC5B83F-7D96-4B0C-B1E6-627A01D1AB77","displayName":"user_12345",'
    '"isActive":true,"scope":"AUTHENTICATED"}');
SELECT opigno.set_user_context_json('{"uuid":"anon-7f3a","displayName":"Anonymous User","isActive":true}');
SELECT opigno.get_user_context_json('3BC5b83f-7D96-4B0C-B1E6-627A01D1AB77');
SELECT opigno.get_user_context_json('anon-7f3a');
SELECT opigno.get_user_context_json('unknown') IS NULL, opigno.get_user_context_json(NULL) IS NULL;

-- null leaves, a list sets, "" and [] clear.
SELECT opigno.set_user_context_json('{"uuid":"anon-7f3a","displayName":null,"isActive":null,"scope":["MENTOR",'
    '"AUTHENTICATED"]}');
SELECT opigno.set_user_context_json('{"uuid":"anon-7f3a","scope":null}');
SELECT opigno.set_user_context_json('{"uuid":"anon-7f3a","scope":""}');
SELECT opigno.set_user_context_json('{"uuid":"anon-7f3a","scope":"ADMINISTRATOR"}');
SELECT opigno.set_user_context_json('{"uuid":"anon-7f3a","scope":[]}');
SELECT opigno.set_user_context_json('{"uuid":"anon-7f3a","scope":["ANONYMOUS"]}');

-- Characters that JSON escapes come back as they went in.
SELECT opigno.set_user_context_json('{"uuid":"q\"\\/u","displayName":"a\"b\\c\td","isActive":true}');
SELECT (opigno.get_user_context_json('q"\/u') ->> 'displayName') = E'a"b\\c\td';

-- Refusals: all faults, nothing written.
SELECT test.digest() AS digest_before \gset
SELECT payload, opigno.set_user_context_json(payload::json) FROM (VALUES
    ('[]'), ('"text"'), ('null'), ('1'), ('true'), ('{}'), ('[{"uuid":"anon-7f3a"}]'),
    ('{"uuid":null}'), ('{"uuid":7}'), ('{"uuid":""}'), ('{"uuid":"tab\there"}'), ('{"uuid":["anon-7f3a"]}'),
    ('{"uuid":"new-user"}'),
    ('{"uuid":"new-user","displayName":"A"}'),
    ('{"uuid":"new-user","isActive":true}'),
    ('{"uuid":"new-user","displayName":null,"isActive":null}'),
    ('{"uuid":"new-user","displayName":"","isActive":true}'),
    ('{"uuid":"new-user","displayName":"A","isActive":true,"scope":"WIZARD"}'),
    ('{"uuid":"new-user","displayName":"A","isActive":true,"scope":["AUTHENTICATED","AUTHENTICATED"]}'),
    ('{"uuid":"new-user","displayName":"A","isActive":true,"scope":["ANONYMOUS","AUTHENTICATED"]}'),
    ('{"uuid":"new-user","displayName":"A","isActive":true,"scope":[["AUTHENTICATED"]]}'),
    ('{"uuid":"new-user","displayName":"A","isActive":true,"scope":[""]}'),
    ('{"uuid":"new-user","displayName":"A","isActive":true,"scope":[5,"WIZARD",null,"MENTOR","MENTOR"]}'),
    ('{"uuid":"new-user","displayName":"A","isActive":true,"scope":{"AUTHENTICATED":true}}'),
    ('{"uuid":"new-user","displayname":"A","isActive":true}'),
    ('{"uuid":"new-user","display/n~me":"A","displayName":"A","isActive":true}'),
    ('{"uuid":"anon-7f3a","displayName":7,"isActive":"yes","scope":1}'),
    ('{"uuid":"anon-7f3a","id":"1"}'),
    ('{"uuid":"","displayName":" ","isActive":0,"scope":["WIZARD","MENTOR","MENTOR"],"extra":1}')
) AS v (payload);
SELECT opigno.set_user_context_json(json_build_object('uuid', repeat('x', 256), 'displayName', repeat('y', 256),
    'isActive', true));
SELECT opigno.set_user_context_json(json_build_object('uuid', 'new-user', repeat('member', 50), 1));
SELECT test.digest() = :'digest_before' AS nothing_changed;

-- What is no JSON raises, as the server says it. What jsonb cannot hold is an error of the answer.
SELECT test.refusal($$SELECT opigno.set_user_context_json('{"uuid":')$$);
SELECT opigno.set_user_context_json('{"uuid":"a\u0000b","displayName":"A","isActive":true}');
SELECT test.refusal($$SELECT opigno.set_user_context_json(NULL)$$);
ROLLBACK;
