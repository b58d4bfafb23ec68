CREATE OR REPLACE FUNCTION opigno.jsonb_text_size(
    document jsonb, OUT text_size bigint, OUT longest_number integer)
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50
    AS 'MODULE_PATHNAME', 'opigno_jsonb_text_size';
COMMENT ON FUNCTION opigno.jsonb_text_size(jsonb) IS
E'Returns the size of document::text in bytes, and the length of its longest number in '
'characters, without building that text.\n'
'The limits of profiles and accounts use these sizes: jsonb stores 1e131071 in 10 bytes, and '
'its text has 131072 characters. The cost is one pass over all values and the bytes of all '
'strings.\n'
'longest_number is 0 if the document has no number. Both results are NULL for NULL.\n'
'document: any jsonb value';
