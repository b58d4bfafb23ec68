-- What depends on the database's encoding. expected/encoding.out is UTF8's, _1 LATIN1's, _2 WIN1252's, _3 SQL_ASCII's.
\pset format unaligned
\pset tuples_only on
BEGIN;
\set ON_ERROR_ROLLBACK on
SELECT getdatabaseencoding();
ALTER SEQUENCE opigno.user_context_id_seq RESTART 1;

-- Control characters of C1 in a uuid, white space beyond ASCII in a display name. chr() takes code points in both.
SELECT count(*) FROM generate_series(128, 255) AS code WHERE NOT opigno.is_user_uuid('a' || chr(code));
SELECT test.refusal(format('SELECT opigno.set_user_context(%L, %L, true)', 'new' || chr(133),
    chr(160) || ' ' || chr(133)));

-- A C1 control, a byte without meaning in WIN1252, a byte that says nothing in SQL_ASCII.
SELECT test.refusal($$SELECT opigno.set_user_context('new' || chr(129), 'A' || chr(129), true)$$);

-- 255 characters of a display name, 255 bytes of UTF-8 of a uuid.
SELECT char_length(display_name) FROM opigno.set_user_context(repeat(chr(233), 127), repeat(chr(233), 255), true);
SELECT test.refusal($$SELECT opigno.set_user_context(repeat(chr(233), 128), 'A', true)$$);
SELECT test.refusal($$SELECT opigno.set_user_context('new-user', repeat(chr(233), 256), true)$$);

-- JSON: characters that not every encoding has. The code is the server's: 0A000 in SQL_ASCII before 16.
SELECT uuid, CASE WHEN answer -> 'errors' ->> 0 IS NULL THEN answer -> 'response' ->> 'uuid'
    WHEN answer -> 'errors' -> 0 ->> 'code' IN ('22P05', '0A000') AND answer ->> 'response' IS NULL THEN 'refused'
    ELSE answer::text END AS answer
FROM (VALUES ('e-acute', 'Andr\u00e9'), ('euro', '\u20ac'), ('em-space', '\u2003x')) AS v (uuid, name),
    LATERAL opigno.set_user_context_json(format('{"uuid":"%s","displayName":"%s","isActive":true}', uuid, name)::json)
    AS answer;
SELECT answer -> 'response' -> 'created' AS created, answer -> 'errors' -> 0 ->> 'message' AS message
FROM opigno.set_user_contexts('[{"uuid":"euro-2","displayName":"\u20ac","isActive":true}]', 'report') AS answer;
SELECT display_name = 'Andr' || chr(233) FROM opigno.get_user_context('e-acute');
SELECT test.refusal($$SELECT opigno.set_user_context('blank', chr(160) || ' ', true)$$);
SELECT count(*) FROM opigno.user_context;
-- Invisible and bidirectional control characters, where the encoding has them.
CREATE FUNCTION test.decoded(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
    RETURN convert_from(bytes, CASE getdatabaseencoding() WHEN 'SQL_ASCII' THEN 'SQL_ASCII' ELSE 'UTF8' END);
EXCEPTION WHEN untranslatable_character THEN RETURN NULL; END $$;
CREATE TABLE test.character AS SELECT name, test.decoded(bytes) AS c
FROM (VALUES ('no-break space', '\xc2a0'::bytea), ('soft hyphen', '\xc2ad'), ('zero width space', '\xe2808b'),
    ('zero width joiner', '\xe2808d'), ('word joiner', '\xe281a0'), ('byte order mark', '\xefbbbf'),
    ('right-to-left override', '\xe280ae'), ('left-to-right mark', '\xe2808e'), ('first strong isolate', '\xe281a8'),
    ('arabic letter mark', '\xd89c'), ('hangul filler', '\xe385a4'), ('braille blank', '\xe2a080'))
    AS v (name, bytes) WHERE test.decoded(bytes) IS NOT NULL;
SELECT name, place, test.refusal(format('SELECT opigno.set_user_context(%L, %L, true)', replace(place, 'x', c), name))
FROM test.character, unnest('{ax,xa,axa}'::text[]) AS place ORDER BY name COLLATE "C", place COLLATE "C";
SELECT name, place, test.refusal(format('SELECT opigno.set_user_context(%L, %L, true)', 'named',
    replace(place, 'x', c)))
FROM test.character, unnest('{xx,axa}'::text[]) AS place ORDER BY name COLLATE "C", place COLLATE "C";
-- Those who have such a uuid or name keep it, and are changed.
INSERT INTO opigno.user_context (uuid, display_name, is_active, created_at, updated_at)
SELECT 'old' || c, 'a' || c, true, now(), now() FROM test.character;
SELECT name, test.refusal(format('SELECT opigno.set_user_context(%L, %L, false)', 'old' || c, 'a' || c))
FROM test.character ORDER BY name COLLATE "C";
SELECT name, new, opigno.patch_account('old' || c, json_build_object('name', replace(new, 'x', c)))
    -> 'field_errors' -> 'name' ->> 'developer_message' AS error
FROM test.character, unnest('{ax,bx,xx}'::text[]) AS new ORDER BY name COLLATE "C", new;
SELECT count(*) FILTER (WHERE is_active) AS active FROM opigno.user_context WHERE uuid LIKE 'old%';
-- Other names that people see: of apps, of fields; a name of a field that is stored can be used.
SELECT name, test.refusal(format('SELECT opigno.register_app(%L, app_id => 9)', 'app' || c)),
    test.refusal(format('SELECT opigno.configure_extended_profile_field(%L)', 'field' || c)),
    test.refusal(format('SELECT opigno.anonymize_user_context(%L, %L)', 'named', 'a' || c)),
    test.refusal(format('SELECT opigno.create_anonymous_user_context(%L)', 'a' || c)),
    opigno.patch_account('named', json_build_object('extended_profile', json_build_array(
        json_build_object('field_name', 'a' || c, 'field_value', 1)))) -> 'field_errors' AS patched,
    opigno.drop_extended_profile_field('no field' || c) AS dropped
FROM test.character WHERE name IN ('right-to-left override', 'soft hyphen');

-- Unknown names are cut at a character's end in messages.
SELECT octet_length(message) FROM test.refusal(format('SELECT opigno.validate_scope(ARRAY[%L])',
    repeat(chr(233), 100))) AS message LIMIT 1;
ROLLBACK;
