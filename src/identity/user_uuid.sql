/* What the domain user_uuid needs. LEAKPROOF, so that a look-up by key keeps its index under row security. */

CREATE OR REPLACE FUNCTION opigno.canonical_user_uuid(user_uuid text) RETURNS text
    LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_canonical_user_uuid';
COMMENT ON FUNCTION opigno.canonical_user_uuid(text) IS
'The form in which a user uuid is stored: a UUID (8-4-4-4-12 hexadecimal digits) in lower case, any other string as it is. Raises nothing.';

CREATE OR REPLACE FUNCTION opigno.is_user_uuid(candidate text) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_is_user_uuid';
COMMENT ON FUNCTION opigno.is_user_uuid(text) IS
'Whether a string is a user uuid in canonical form: 1 to 255 bytes of UTF-8, no control characters (C0, DEL, C1), and lower case if it is a UUID. Raises nothing.';
