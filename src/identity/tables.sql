CREATE TABLE opigno.site_scope (
    scope text COLLATE "C" PRIMARY KEY
        CONSTRAINT site_scope_is_a_scope_name
        CHECK (scope ~ '^(?!__)[_A-Za-z][_0-9A-Za-z]{0,62}$'
               AND scope NOT IN ('true', 'false', 'null',
                                 'ANONYMOUS', 'AUTHENTICATED', 'ADMINISTRATOR')),
    implies opigno.scope_list NOT NULL DEFAULT '{}',
    description text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
COMMENT ON TABLE opigno.site_scope IS
'scopes that the site adds to the built-in ones; written by opigno.register_scope()';
COMMENT ON COLUMN opigno.site_scope.scope IS 'name: [_A-Za-z][_0-9A-Za-z]*, at most 63 characters';
COMMENT ON COLUMN opigno.site_scope.implies IS 'scopes that every user with this scope also has';
COMMENT ON COLUMN opigno.site_scope.description IS 'text for people';
COMMENT ON COLUMN opigno.site_scope.created_at IS
'start of the transaction that registered the scope';
COMMENT ON COLUMN opigno.site_scope.updated_at IS
'start of the transaction that last changed the scope';
SELECT pg_extension_config_dump('opigno.site_scope', '');
