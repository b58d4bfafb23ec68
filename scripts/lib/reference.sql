-- For scripts/reference, in its own database: contracts and tables as Markdown.
CREATE SCHEMA reference;

CREATE VIEW reference.member AS
    SELECT d.classid, d.objid FROM pg_depend AS d JOIN pg_extension AS e ON d.refobjid = e.oid
    WHERE e.extname = 'opigno_profiles' AND d.refclassid = 'pg_extension'::regclass
        AND d.deptype = 'e';

CREATE VIEW reference.function AS
    SELECT p.*, obj_description(p.oid, 'pg_proc') AS contract
    FROM pg_proc AS p JOIN reference.member AS m ON m.objid = p.oid
    WHERE m.classid = 'pg_proc'::regclass;

CREATE VIEW reference.argument AS
    SELECT p.oid, p.proname, p.contract, n, p.proargnames[n] AS name,
        coalesce(p.proargmodes[n], 'i') = 'i' AS is_input,
        format_type(coalesce(p.proallargtypes[n], p.proargtypes[n - 1]), NULL) AS type,
        CASE WHEN n > p.pronargs - p.pronargdefaults
             THEN split_part(pg_get_function_arg_default(p.oid, n::integer), '::', 1)
             ELSE '' END AS default_value
    FROM reference.function AS p,
        generate_series(1, coalesce(array_length(p.proallargtypes, 1), p.pronargs)) AS n;

-- The lines of a contract: kind is argument, error, note or description.
CREATE VIEW reference.line AS
    SELECT p.oid, l.n, a.name AS argument,
        CASE WHEN a.name IS NOT NULL THEN 'argument'
             WHEN l.line ~ '^Raises [A-Z0-9]{5} ' THEN 'error'
             WHEN l.line ~ '^(Raises the |Implements )' THEN 'note'
             ELSE 'description' END AS kind,
        l.line
    FROM reference.function AS p
        CROSS JOIN string_to_table(p.contract, E'\n') WITH ORDINALITY AS l (line, n)
        LEFT JOIN reference.argument AS a
            ON a.oid = p.oid AND a.is_input AND l.line LIKE a.name || ': %';

-- JSON as code, names of functions and guides as links, and no HTML.
CREATE FUNCTION reference.markdown(comment text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(regexp_replace(regexp_replace(
        replace(replace(comment, '<', '&lt;'), '|', '\|'),
        '(\{"\S*\})', '`\1`', 'g'),
        'opigno\.(\w+)\(\)', '[opigno.\1()](#\1)', 'g'),
        'docs/(guide/\w+\.md)', '[\1](\1)', 'g') $$;

-- NULL where there are no rows.
CREATE FUNCTION reference.markdown_table(header text, table_rows text) RETURNS text LANGUAGE sql
AS $$
    SELECT E'\n\n' || header || E'\n' || regexp_replace(header, '[^|]+', '---', 'g') || E'\n'
        || table_rows $$;

-- On one line, or one item a line.
CREATE FUNCTION reference.list(items text[]) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN length(joined) <= 60 THEN '(' || joined || ')'
                ELSE E'(\n    ' || array_to_string(items, E',\n    ') || ')' END
    FROM array_to_string(items, ', ') AS joined $$;

CREATE FUNCTION reference.signature(p reference.function) RETURNS text LANGUAGE sql AS $$
    SELECT CASE p.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END
        || ' opigno.' || p.proname
        || reference.list(coalesce(array_agg(
                                       format(CASE WHEN name ~ '[A-Z]' THEN '%I %s' ELSE '%s %s' END,
                                              name, type) ORDER BY n)
                                   FILTER (WHERE is_input), '{}'))
        || CASE WHEN p.prokind = 'p' THEN ''
                ELSE E'\nRETURNS ' || CASE WHEN p.proretset THEN 'SETOF ' ELSE '' END
                    || coalesce(reference.list(array_agg(format('%s %s', name, type) ORDER BY n)
                                               FILTER (WHERE NOT is_input)),
                                format_type(p.prorettype, NULL)) END
    FROM reference.argument AS a WHERE a.oid = p.oid $$;

CREATE FUNCTION reference.properties(p reference.function) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce('Levels: ' || string_agg(l.level, ', ' ORDER BY array_position(
                        '{user,gateway,operator,auditor}', l.level)),
                    'For the extension''s owner')
        || CASE p.provolatile WHEN 'i' THEN '; immutable' WHEN 's' THEN '; stable'
                              ELSE '; volatile' END
        || CASE WHEN p.proisstrict THEN ', strict' ELSE '' END
        || CASE p.proparallel WHEN 's' THEN ', parallel safe' WHEN 'r' THEN ', parallel restricted'
                              ELSE ', parallel unsafe' END
    FROM opigno.level_privilege AS l WHERE l.object LIKE format('opigno.%s(%%', p.proname) $$;

CREATE FUNCTION reference.contract(function_name text) RETURNS text LANGUAGE sql AS $$
    SELECT concat(
        format(E'\n### %s\n\n```sql\n%s\n```', p.proname, reference.signature(p)),
        (SELECT string_agg(E'\n\n' || reference.markdown(l.line), '' ORDER BY n)
         FROM reference.line AS l WHERE l.oid = p.oid AND kind = 'description'),
        reference.markdown_table('| argument | type | default | description |', (
            SELECT string_agg(
                format('| %s | %s | %s | %s |', a.name, a.type, a.default_value,
                       reference.markdown(substr(l.line, length(a.name) + 3))),
                E'\n' ORDER BY a.n)
            FROM reference.argument AS a
                LEFT JOIN reference.line AS l ON l.oid = a.oid AND l.argument = a.name
            WHERE a.oid = p.oid AND a.is_input)),
        reference.markdown_table('| SQLSTATE | raised |', (
            SELECT string_agg(
                format('| %s | %s |', substr(l.line, 8, 5), reference.markdown(substr(l.line, 14))),
                E'\n' ORDER BY n)
            FROM reference.line AS l WHERE l.oid = p.oid AND kind = 'error')),
        E'\n\n' || (SELECT string_agg(reference.markdown(l.line), ' ' ORDER BY n)
                    FROM reference.line AS l WHERE l.oid = p.oid AND kind = 'note'),
        format(E'\n\n%s.', reference.properties(p)))
    FROM reference.function AS p WHERE p.proname = function_name $$;

CREATE FUNCTION reference.tables() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT E'\n## Types'
    UNION ALL
    (SELECT format(E'\n### %s\n\n%s', t.typname,
                   reference.markdown(obj_description(t.oid, 'pg_type')))
     FROM pg_type AS t JOIN reference.member AS m ON m.objid = t.oid
     WHERE m.classid = 'pg_type'::regclass AND t.typtype = 'd' ORDER BY t.typname COLLATE "C")
    UNION ALL
    SELECT E'\n## Tables and views'
    UNION ALL
    (SELECT format(E'\n### %s\n\n%s', c.relname,
                   reference.markdown(obj_description(c.oid, 'pg_class')))
            || reference.markdown_table('| column | type | description |', (
                SELECT string_agg(
                    format('| %s | %s | %s |', a.attname, format_type(a.atttypid, a.atttypmod),
                           reference.markdown(col_description(c.oid, a.attnum))),
                    E'\n' ORDER BY a.attnum)
                FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0))
     FROM pg_class AS c JOIN reference.member AS m ON m.objid = c.oid
     WHERE m.classid = 'pg_class'::regclass AND c.relkind IN ('r', 'v')
     ORDER BY c.relname COLLATE "C") $$;

-- Raises an error unless these are the functions of the extension and every argument is described.
CREATE FUNCTION reference.check_complete(names text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    missing text;
BEGIN
    SELECT string_agg(coalesce(p.proname, name), ', ') INTO missing
    FROM reference.function AS p
        FULL JOIN string_to_table(trim(names), ' ') AS name ON p.proname = name
    WHERE p.oid IS NULL OR name IS NULL;
    IF missing IS NOT NULL THEN
        RAISE 'functions without an example, or examples of unknown functions: %', missing;
    END IF;
    SELECT string_agg(a.proname || '.' || a.name, ', ') INTO missing
    FROM reference.argument AS a
    WHERE a.is_input AND NOT EXISTS (
        SELECT FROM reference.line AS l WHERE l.oid = a.oid AND l.argument = a.name);
    IF missing IS NOT NULL THEN
        RAISE 'arguments that no COMMENT describes: %', missing;
    END IF;
END
$$;
