CREATE OR REPLACE FUNCTION opigno.validate_scope(scope text[]) RETURNS text[]
    LANGUAGE c STABLE PARALLEL SAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_validate_scope';
COMMENT ON FUNCTION opigno.validate_scope(text[]) IS
E'Returns the scopes in the form in which a user context stores them.\n'
'The result has the names in the order given. {ANONYMOUS} becomes {}.\n'
'scope: names of scopes\n'
'Raises 22023 for a name that is unknown, given twice or NULL, for ANONYMOUS beside other names, '
'and for NULL. The message names the scope, and the HINT lists the known scopes.';

CREATE OR REPLACE FUNCTION opigno.scopes(
    OUT scope text, OUT implies text[], OUT description text, OUT built_in boolean)
    RETURNS SETOF record
    LANGUAGE c STABLE PARALLEL SAFE COST 200 ROWS 10
    AS 'MODULE_PATHNAME', 'opigno_scopes';
COMMENT ON FUNCTION opigno.scopes() IS
E'Returns all scopes that a user context can have: the built-in ones first, then the site''s '
'own by name.\n'
'The column implies lists the scopes that the scope implies directly.';

CREATE OR REPLACE FUNCTION opigno.register_scope(
    name text, implies text[] DEFAULT NULL, description text DEFAULT NULL,
    OUT scope text, OUT implies text[], OUT description text, OUT built_in boolean)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_register_scope';
COMMENT ON FUNCTION opigno.register_scope(text, text[], text) IS
E'Adds a scope to those of the site, or changes one, and returns its row as opigno.scopes() '
'does.\n'
'NULL leaves the stored value unchanged. Requires the level operator or a request of an operator.\n'
'name: the name of the scope: 1 to 63 letters, digits and underscores. It does not start with a '
'digit or two underscores, and is not true, false or null.\n'
'implies: known scopes that every user with this scope also has\n'
'description: a text for people, at most 10000 bytes. An empty text removes it.\n'
'Raises 22023 for an invalid or built-in name, for an unknown implied scope, for a description '
'that is too long, and for a scope that would imply itself, directly or through other scopes.\n'
'Raises 42501 if neither the caller nor its request is an operator''s.';
