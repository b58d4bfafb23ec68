-- A schema for programs that generate an API or types from tables and functions. Run it as a role
-- that may read the tables of the extension. Change it as your site needs.
--
-- Many generators skip objects that belong to an extension, or do not know domains. This schema is
-- your own, and has only base types. The views run with the rights of the role that reads them, and
-- under its row security. The functions run with the caller's rights.
--
--   CREATE EXTENSION opigno_profiles;
--   \i examples/wrapper_schema.sql
--   GRANT USAGE ON SCHEMA api TO site_admin;
--   GRANT SELECT ON ALL TABLES IN SCHEMA api TO site_admin;
--
-- The role also needs a level of access: see docs/guide/access.md.

CREATE SCHEMA api;

-- Lines that start with @ are for PostGraphile: a view has no keys of its own.

CREATE VIEW api.user_context WITH (security_invoker = true) AS
    SELECT uuid::text, id, display_name::text, is_active, scope::text[], created_at, updated_at
    FROM opigno.user_context;
COMMENT ON VIEW api.user_context IS E'@primaryKey uuid\nIdentity and permissions of users.';

CREATE VIEW api.app WITH (security_invoker = true) AS
    SELECT app_id, app, description, domains::text[] FROM opigno.app;
COMMENT ON VIEW api.app IS E'@primaryKey app_id\nThe registered apps.';

CREATE VIEW api.profile WITH (security_invoker = true) AS
    SELECT user_uuid::text, app_id, profile_data, version, created_at, updated_at
    FROM opigno.profile;
COMMENT ON VIEW api.profile IS
E'@primaryKey user_uuid,app_id\n'
'@foreignKey (user_uuid) references api.user_context (uuid)\n'
'@foreignKey (app_id) references api.app (app_id)\n'
'One document per user and app.';

CREATE VIEW api.preference WITH (security_invoker = true) AS
    SELECT user_uuid::text, key::text, value FROM opigno.preference;
COMMENT ON VIEW api.preference IS
E'@primaryKey user_uuid,key\n'
'@foreignKey (user_uuid) references api.user_context (uuid)\n'
'Preferences of users, one text each.';

-- A function that writes returns the row as it is then. The bodies are strings: the extension can
-- be updated while these functions exist.

CREATE FUNCTION api.set_user_context(
    uuid text, display_name text DEFAULT NULL, is_active boolean DEFAULT NULL,
    scope text DEFAULT NULL) RETURNS api.user_context LANGUAGE sql VOLATILE
AS $$
    SELECT uuid, id, display_name, is_active, scope, created_at, updated_at
    FROM opigno.set_user_context($1, $2, $3, $4)
$$;

CREATE FUNCTION api.upsert_profile(
    user_uuid text, app_id integer, profile_data jsonb, expected_version bigint DEFAULT NULL)
    RETURNS api.profile LANGUAGE sql VOLATILE
AS $$
    SELECT FROM opigno.upsert_profile($1, $2, $3, $4);
    SELECT user_uuid, app_id, profile_data, version, created_at, updated_at
    FROM opigno.get_profile($1, $2)
$$;

CREATE FUNCTION api.patch_profile(
    user_uuid text, app_id integer, patch jsonb, expected_version bigint DEFAULT NULL)
    RETURNS api.profile LANGUAGE sql VOLATILE
AS $$
    SELECT FROM opigno.patch_profile($1, $2, $3, $4);
    SELECT user_uuid, app_id, profile_data, version, created_at, updated_at
    FROM opigno.get_profile($1, $2)
$$;

CREATE FUNCTION api.delete_profile(
    user_uuid text, app_id integer, expected_version bigint DEFAULT NULL)
    RETURNS boolean LANGUAGE sql VOLATILE
AS $$ SELECT opigno.delete_profile($1, $2, $3) $$;

-- PostgREST passes the whole body of a request to a single argument without a name: JSON to an
-- argument of type json, and other text (Content-Type: text/plain), such as a file of NDJSON, to
-- one of type text. Loads are for roles of level operator.

CREATE FUNCTION api.merge_profiles(json) RETURNS json LANGUAGE sql VOLATILE
AS $$ SELECT opigno.create_profiles($1::text, on_conflict => 'merge') $$;

CREATE FUNCTION api.merge_profile_lines(text) RETURNS json LANGUAGE sql VOLATILE
AS $$ SELECT opigno.create_profiles($1, on_conflict => 'merge', on_error => 'report') $$;
