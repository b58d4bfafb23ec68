CREATE OR REPLACE FUNCTION opigno.jsonb_text_size(document jsonb, OUT text_size bigint, OUT longest_number integer)
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50
    AS 'MODULE_PATHNAME', 'opigno_jsonb_text_size';
COMMENT ON FUNCTION opigno.jsonb_text_size(jsonb) IS
'How many bytes document::text has, and how many characters the longest number in it (0: there is none), without making that text: jsonb holds 1e131071, whose text has 131072 characters, in 10 bytes. What profiles and accounts may hold is measured so. NULLs for NULL. Costs a look at each value and each byte of the strings.';
