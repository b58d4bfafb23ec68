-- A tenth of the official suite by the functions of the server: each schema is set for an app, and each value
-- written. From standard input come the lines of json_schema_runner --texts.
SET client_min_messages = error;
CREATE EXTENSION opigno_profiles;
SELECT opigno.register_app('Official tests', app_id => 1), opigno.set_user_context('ada', 'Ada', true) \g /dev/null
CREATE TABLE test (number bigint GENERATED ALWAYS AS IDENTITY, file text, test_group text, test text, schema text,
    data text, valid text);
\copy test (file, test_group, test, schema, data, valid) FROM pstdin (FORMAT csv, DELIMITER E'\t', QUOTE E'\x01')

-- The files of drafts 4 to 7 leave out "$schema".
CREATE FUNCTION with_draft(schema jsonb, file text) RETURNS jsonb LANGUAGE sql RETURN CASE
    WHEN jsonb_typeof(schema) = 'object' AND file ~ '^draft[467]/'
        THEN schema || jsonb_build_object('$schema',
            format('http://json-schema.org/draft-0%s/schema#', substr(file, 6, 1)))
    ELSE schema END;
CREATE FUNCTION outcome(file text, schema text, data text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    BEGIN
        PERFORM opigno.set_profile_schema(1, with_draft(schema::jsonb, file));
    EXCEPTION WHEN invalid_parameter_value OR untranslatable_character THEN
        RETURN 'refused';
    END;
    PERFORM opigno.upsert_profile('ada', 1, data::jsonb);
    PERFORM opigno.delete_profile('ada', 1);
    RETURN 'true';
EXCEPTION WHEN check_violation THEN
    RETURN 'false';
END $$;
CREATE TABLE result AS SELECT *, outcome(file, schema, data) FROM test WHERE number % 10 = 0;
SELECT file, test_group, test, outcome FROM result WHERE outcome NOT IN ('refused', valid) ORDER BY number;
SELECT count(*) > 400, count(*) FILTER (WHERE outcome = 'refused') < 40 FROM result;
