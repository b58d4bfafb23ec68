CREATE OR REPLACE FUNCTION opigno.validate_scope(scope text[]) RETURNS text[]
    LANGUAGE c STABLE PARALLEL SAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_validate_scope';
COMMENT ON FUNCTION opigno.validate_scope(text[]) IS
'Gives back the scopes as a user context would hold them: known names, each once, in the order given; {ANONYMOUS} becomes {}. Raises 22023 and names what is unknown, given twice or null; the known scopes are in the HINT.';

CREATE OR REPLACE FUNCTION opigno.scopes(OUT scope text, OUT implies text[], OUT description text, OUT built_in boolean)
    RETURNS SETOF record
    LANGUAGE c STABLE PARALLEL SAFE COST 200 ROWS 10
    AS 'MODULE_PATHNAME', 'opigno_scopes';
COMMENT ON FUNCTION opigno.scopes() IS
'All scopes a user context can hold: the built-in ones, then the site''s own by name. implies lists what is implied directly.';

CREATE OR REPLACE FUNCTION opigno.register_scope(
    name text, implies text[] DEFAULT NULL, description text DEFAULT NULL,
    OUT scope text, OUT implies text[], OUT description text, OUT built_in boolean)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 200
    AS 'MODULE_PATHNAME', 'opigno_register_scope';
COMMENT ON FUNCTION opigno.register_scope(text, text[], text) IS
'Adds a scope of this site''s own, or changes one: NULL leaves what is stored. Gives the row of opigno.scopes(). name is a GraphQL enum name of at most 63 characters; implies names known scopes. description has at most 10000 bytes. Raises 22023 for a bad or built-in name, an unknown implied scope, and a scope that would imply itself, also through others; 42501 where the caller may not. For operators.';
