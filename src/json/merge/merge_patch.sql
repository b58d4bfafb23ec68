CREATE OR REPLACE FUNCTION opigno.jsonb_merge_patch(target jsonb, patch jsonb) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50
    AS 'MODULE_PATHNAME', 'opigno_jsonb_merge_patch';
COMMENT ON FUNCTION opigno.jsonb_merge_patch(jsonb, jsonb) IS
'Applies a JSON Merge Patch (RFC 7396): null removes a member, objects merge, all else replaces. {"a":"b","c":{"d":"e","f":"g"}} patched with {"a":"z","c":{"f":null}} is {"a":"z","c":{"d":"e"}}. Raises 54000 for a result beyond jsonb''s limits, 54001 for documents nested too deeply.';

CREATE OR REPLACE FUNCTION opigno.jsonb_merge_diff(source jsonb, target jsonb) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100
    AS 'MODULE_PATHNAME', 'opigno_jsonb_merge_diff';
COMMENT ON FUNCTION opigno.jsonb_merge_diff(jsonb, jsonb) IS
'The smallest JSON Merge Patch (RFC 7396) that makes the target out of the source: jsonb_merge_patch(source, jsonb_merge_diff(source, target)) = target. From {"a":"b","c":{"d":"e","f":"g"}} to {"a":"z","c":{"d":"e"}} it is {"a":"z","c":{"f":null}}; {} where two objects are the same bytes. Raises 22023 and names the path where the target has a member null that is new or was not null: no merge patch can say that. Raises 54000 for a patch beyond jsonb''s limits.';

CREATE OR REPLACE AGGREGATE opigno.jsonb_merge_patch_agg(doc jsonb) (
    SFUNC = opigno.jsonb_merge_patch, STYPE = jsonb, PARALLEL = SAFE);
COMMENT ON AGGREGATE opigno.jsonb_merge_patch_agg(jsonb) IS
'The first document, patched with the second, the third and so on by jsonb_merge_patch(): jsonb_merge_patch_agg(doc ORDER BY ...). SQL NULLs are left out; NULL where there is none but them.';

CREATE OR REPLACE FUNCTION opigno.jsonb_is_same(a jsonb, b jsonb) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2
    AS 'MODULE_PATHNAME', 'opigno_jsonb_is_same';
COMMENT ON FUNCTION opigno.jsonb_is_same(jsonb, jsonb) IS
'Whether two documents are the same bytes, as the writing functions compare them to tell what is unchanged: 1.0 is not 1.00, which jsonb''s = takes for equal.';
