CREATE OR REPLACE FUNCTION opigno.apps()
    RETURNS TABLE (domains text[], app_id integer, app text, description text)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 20
BEGIN ATOMIC
    SELECT a.domains::text[], a.app_id, a.app, a.description FROM opigno.app AS a ORDER BY a.app_id;
END;
COMMENT ON FUNCTION opigno.apps() IS
'All registered apps by app_id. Rule: Sentinel, App ID''s.';

CREATE OR REPLACE FUNCTION opigno.register_app(
    app text, description text DEFAULT NULL, domains text[] DEFAULT NULL, app_id integer DEFAULT NULL,
    is_private boolean DEFAULT NULL, max_profile_size integer DEFAULT NULL,
    OUT domains text[], OUT app_id integer, OUT app text, OUT description text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_register_app';
COMMENT ON FUNCTION opigno.register_app(text, text, text[], integer, boolean, integer) IS
'Registers an app and gives its row of opigno.apps(). app: its name, 1 to 255 characters, that no other app has. description: at most 10000 bytes. domains: at most 1000 domain names, each once. app_id: a number from 0 that no other app has; NULL takes the next free one. is_private: only requests of this app see its profiles (default false). max_profile_size: how many bytes of text a profile of this app may have that a request writes, from 1 to 268435455 (default 1048576). For operators. Raises 22023 with all faults, 23505 for a name or number that is taken, 42501 where the caller may not. Rule: Sentinel, App ID''s.';

CREATE OR REPLACE FUNCTION opigno.update_app(
    app_id integer, app text DEFAULT NULL, description text DEFAULT NULL, domains text[] DEFAULT NULL,
    is_private boolean DEFAULT NULL, max_profile_size integer DEFAULT NULL,
    OUT domains text[], OUT app_id integer, OUT app text, OUT description text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_update_app';
COMMENT ON FUNCTION opigno.update_app(integer, text, text, text[], boolean, integer) IS
'Changes what is given of an app (NULL leaves it, an empty description removes it) and gives its row of opigno.apps(). max_profile_size: as in opigno.register_app(); profiles that are larger already stay as they are, and requests may make them smaller. For operators. Raises 22023 with all faults, 23503 for an unknown app, 23505 for a name that is taken, 42501 where the caller may not.';
