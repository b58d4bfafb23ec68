/* The domain and what its CHECK needs: ahead of every table. */

CREATE FUNCTION opigno.canonical_user_uuid(user_uuid text) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_canonical_user_uuid';
COMMENT ON FUNCTION opigno.canonical_user_uuid(text) IS
'The form in which a user uuid is stored: a UUID (8-4-4-4-12 hexadecimal digits) in lower case, any other string as it is. Raises nothing.';

CREATE FUNCTION opigno.is_user_uuid(candidate text) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'opigno_is_user_uuid';
COMMENT ON FUNCTION opigno.is_user_uuid(text) IS
'Whether a string is a user uuid in canonical form: 1 to 255 bytes of UTF-8, no control characters (C0, DEL, C1), and lower case if it is a UUID. Raises nothing.';

CREATE DOMAIN opigno.user_uuid AS text COLLATE "C"
    CONSTRAINT user_uuid_is_canonical CHECK (opigno.is_user_uuid(VALUE));
COMMENT ON DOMAIN opigno.user_uuid IS
'Key of a user: any unique string of 1 to 255 bytes without control characters, a UUID among them in lower case (a UUIDv4 is recommended). opigno.canonical_user_uuid() makes the canonical form.';

CREATE DOMAIN opigno.scope_list AS text[] COLLATE "C"
    CONSTRAINT scope_list_is_a_list_of_names
    CHECK (array_position(VALUE, NULL) IS NULL AND coalesce(array_ndims(VALUE), 1) = 1);
COMMENT ON DOMAIN opigno.scope_list IS 'Names of scopes: one dimension, none of them NULL.';
