/*
 * The domain user_uuid needs these functions. canonical_user_uuid is LEAKPROOF, so that queries by
 * key use the index under row security.
 */

CREATE OR REPLACE FUNCTION opigno.canonical_user_uuid(user_uuid text) RETURNS text
    LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_canonical_user_uuid';
COMMENT ON FUNCTION opigno.canonical_user_uuid(text) IS
E'Returns the form in which a user uuid is stored: a UUID (8-4-4-4-12 hexadecimal digits) in '
'lower case, any other string unchanged.\n'
'Raises no error.\n'
'user_uuid: any string';

CREATE OR REPLACE FUNCTION opigno.is_user_uuid(candidate text) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_is_user_uuid';
COMMENT ON FUNCTION opigno.is_user_uuid(text) IS
E'Returns whether a string is a user uuid in canonical form.\n'
'A user uuid has 1 to 255 bytes of UTF-8 and no control characters (C0, DEL, C1). A UUID must '
'be in lower case. Raises no error.\n'
'candidate: any string';
