\echo Use "ALTER EXTENSION opigno_profiles UPDATE" to load this file. \quit

/*
 * The Makefile appends the tables that 0.2.0 adds, and every function file. The columns of the
 * tables of 0.1.0 do not change.
 */
SET LOCAL search_path TO pg_catalog, pg_temp;
/* privileges.sql does not change the privileges of objects that existed before. */
SELECT set_config('opigno_profiles_script.members_before',
                  array_agg(d.classid || ':' || d.objid)::text, true)
FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
WHERE e.extname = 'opigno_profiles' AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e';
/* The new version has another argument. */
DROP FUNCTION opigno.set_user_contexts(text, text, boolean);
/* The descriptions of older objects. */
COMMENT ON SCHEMA opigno IS
'data of an e-learning platform about its users: user contexts, scopes, apps and their profiles';
COMMENT ON TABLE opigno.site_scope IS
'scopes that the site adds to the built-in ones; written by opigno.register_scope()';
COMMENT ON TABLE opigno.user_context IS
'identity and permissions of users; written by opigno.set_user_context() and related functions';
COMMENT ON DOMAIN opigno.scope_list IS 'Names of scopes: one dimension, no NULL.';
COMMENT ON DOMAIN opigno.user_uuid IS
'Key of a user: any unique string of 1 to 255 bytes without control characters. A UUID is stored '
'in lower case; a UUIDv4 is recommended. opigno.canonical_user_uuid() returns the stored form.';
COMMENT ON COLUMN opigno.site_scope.implies IS 'scopes that every user with this scope also has';
COMMENT ON COLUMN opigno.site_scope.description IS 'text for people';
COMMENT ON COLUMN opigno.site_scope.updated_at IS
'start of the transaction that last changed the scope';
COMMENT ON COLUMN opigno.user_context.id IS
'internal number of the user context, from a sequence; a string in JSON';
COMMENT ON COLUMN opigno.user_context.is_active IS 'whether the user can act';
COMMENT ON COLUMN opigno.user_context.scope IS
'granted scopes, without those that they imply; empty for an anonymous user';
COMMENT ON COLUMN opigno.user_context.created_by_client_id IS
'the client that created the user context; NULL if it was not created by a client';
COMMENT ON COLUMN opigno.user_context.updated_at IS
'start of the transaction that last changed the user context';
