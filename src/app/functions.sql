CREATE OR REPLACE FUNCTION opigno.list_apps()
    RETURNS TABLE (domains text[], app_id integer, app text, description text)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 20
BEGIN ATOMIC
    SELECT a.domains::text[], a.app_id, a.app, a.description FROM opigno.app AS a ORDER BY a.app_id;
END;
COMMENT ON FUNCTION opigno.list_apps() IS
E'Returns all registered apps in the order of app_id.\n'
'Implements "App ID''s" of Sentinel.';

CREATE OR REPLACE FUNCTION opigno.register_app(
    app text, description text DEFAULT NULL, domains text[] DEFAULT NULL,
    app_id integer DEFAULT NULL, is_private boolean DEFAULT NULL,
    max_profile_size integer DEFAULT NULL,
    OUT domains text[], OUT app_id integer, OUT app text, OUT description text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_register_app';
COMMENT ON FUNCTION opigno.register_app(text, text, text[], integer, boolean, integer) IS
E'Registers an app and returns its row as opigno.list_apps() does.\n'
'Requires the level operator or a request of an operator.\n'
'app: the name, 1 to 255 characters, one of them visible, without bidirectional control '
'characters. No two apps have the same name.\n'
'description: a text for people, at most 10000 bytes\n'
'domains: at most 1000 domain names of 1 to 255 bytes without white space, each once\n'
'app_id: a number from 0 that no other app has; NULL takes the next free number\n'
'is_private: if true, only requests of this app can read its profiles. Default false.\n'
'max_profile_size: the largest text of a profile or training profile that a request may write, 1 '
'to 268435455 bytes. Default 1048576.\n'
'Raises 22023 for invalid arguments; the error lists all of them.\n'
'Raises 23505 for a name or number that another app has.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.\n'
'Raises PT409 if a trigger suppresses the write.\n'
'Implements "App ID''s" of Sentinel.';

CREATE OR REPLACE FUNCTION opigno.update_app(
    app_id integer, app text DEFAULT NULL, description text DEFAULT NULL,
    domains text[] DEFAULT NULL, is_private boolean DEFAULT NULL,
    max_profile_size integer DEFAULT NULL,
    OUT domains text[], OUT app_id integer, OUT app text, OUT description text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_update_app';
COMMENT ON FUNCTION opigno.update_app(integer, text, text, text[], boolean, integer) IS
E'Changes the given properties of an app and returns its row as opigno.list_apps() does.\n'
'NULL leaves a property unchanged. Requires the level operator or a request of an operator.\n'
'app_id: the number of the app\n'
'app: the new name, as in opigno.register_app()\n'
'description: the new text for people; an empty text removes it\n'
'domains: the new domain names, as in opigno.register_app()\n'
'is_private: as in opigno.register_app()\n'
'max_profile_size: as in opigno.register_app(). Larger stored profiles remain, and requests may '
'make them smaller.\n'
'Raises 22023 for invalid arguments; the error lists all of them.\n'
'Raises 23503 for an unknown app.\n'
'Raises 23505 for a name that another app has.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.';
