CREATE OR REPLACE FUNCTION opigno.jsonb_merge_patch(target jsonb, patch jsonb) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20
    AS 'MODULE_PATHNAME', 'opigno_jsonb_merge_patch';
COMMENT ON FUNCTION opigno.jsonb_merge_patch(jsonb, jsonb) IS
'Applies a JSON Merge Patch (RFC 7396): null removes a member, objects merge, all else replaces. {"a":"b","c":{"d":"e","f":"g"}} patched with {"a":"z","c":{"f":null}} is {"a":"z","c":{"d":"e"}}. Raises 54000 for a result beyond jsonb''s limits, 54001 for documents nested too deeply.';
