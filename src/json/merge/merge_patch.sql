CREATE OR REPLACE FUNCTION opigno.jsonb_merge_patch(target jsonb, patch jsonb) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50
    AS 'MODULE_PATHNAME', 'opigno_jsonb_merge_patch';
COMMENT ON FUNCTION opigno.jsonb_merge_patch(jsonb, jsonb) IS
E'Applies a JSON Merge Patch (RFC 7396): null removes a member, objects are merged, any other '
'value replaces the old one.\n'
'target: the document to change\n'
'patch: the merge patch\n'
'Raises 54000 for a result beyond the limits of jsonb.\n'
'Raises 54001 for documents that are nested too deeply.';

CREATE OR REPLACE FUNCTION opigno.jsonb_merge_diff(source jsonb, target jsonb) RETURNS jsonb
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100
    AS 'MODULE_PATHNAME', 'opigno_jsonb_merge_diff';
COMMENT ON FUNCTION opigno.jsonb_merge_diff(jsonb, jsonb) IS
E'Returns the smallest JSON Merge Patch (RFC 7396) that changes source into target.\n'
'jsonb_merge_patch(source, jsonb_merge_diff(source, target)) = target. The result is {} for two '
'objects with the same bytes.\n'
'source: the document before the change\n'
'target: the document after the change\n'
'Raises 22023 if target has a member null that source does not have as null: no merge patch can '
'set it. The message names the path.\n'
'Raises 54000 for a patch beyond the limits of jsonb.';

CREATE OR REPLACE AGGREGATE opigno.jsonb_merge_patch_agg(doc jsonb) (
    SFUNC = opigno.jsonb_merge_patch, STYPE = jsonb, PARALLEL = SAFE);
COMMENT ON AGGREGATE opigno.jsonb_merge_patch_agg(jsonb) IS
E'Applies documents to each other as merge patches: the first one is patched with the second, '
'the result with the third, and so on.\n'
'Write jsonb_merge_patch_agg(doc ORDER BY ...), so that the order is defined. SQL NULLs are '
'ignored; the result is NULL if there is no other input. Raises the errors of '
'opigno.jsonb_merge_patch().\n'
'doc: the documents';

CREATE OR REPLACE FUNCTION opigno.jsonb_is_same(a jsonb, b jsonb) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2
    AS 'MODULE_PATHNAME', 'opigno_jsonb_is_same';
COMMENT ON FUNCTION opigno.jsonb_is_same(jsonb, jsonb) IS
E'Returns whether two documents have the same bytes.\n'
'The write functions compare documents in this way to detect unchanged ones: 1.0 and 1.00 are '
'different here, although the operator = of jsonb treats them as equal.\n'
'a: one document\n'
'b: the other document';
