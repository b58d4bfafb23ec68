/* Tables use these domains. */

CREATE DOMAIN opigno.user_uuid AS text COLLATE "C"
    CONSTRAINT user_uuid_is_canonical CHECK (opigno.is_user_uuid(VALUE));
COMMENT ON DOMAIN opigno.user_uuid IS
'Key of a user: any unique string of 1 to 255 bytes without control characters. A UUID is stored '
'in lower case; a UUIDv4 is recommended. opigno.canonical_user_uuid() returns the stored form.';

CREATE DOMAIN opigno.scope_list AS text[] COLLATE "C"
    CONSTRAINT scope_list_is_a_list_of_names
    CHECK (array_position(VALUE, NULL) IS NULL AND coalesce(array_ndims(VALUE), 1) = 1);
COMMENT ON DOMAIN opigno.scope_list IS 'Names of scopes: one dimension, no NULL.';
