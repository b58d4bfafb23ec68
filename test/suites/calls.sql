-- For jit.t and fuzz.t: calls of every function, procedure and aggregate that the catalogue has of the extension.
CREATE SCHEMA calls;

CREATE VIEW calls.routine AS
    SELECT p.oid, p.proname::text AS name, p.prokind AS kind, p.pronargs::integer AS arguments,
        (p.pronargs - p.pronargdefaults)::integer AS needed, p.proargtypes::regtype[] AS types,
        p.proargnames[:p.pronargs] AS names
    FROM pg_proc AS p JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
        JOIN pg_extension AS e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
    WHERE e.extname = 'opigno_profiles';

/*
 * A call whose arguments are these expressions, first to last. They come from a sub-select that the planner cannot
 * flatten, so that nothing of it is computed before the query runs, and the call is part of a compiled expression.
 */
CREATE FUNCTION calls.query(routine calls.routine, expressions text[]) RETURNS text LANGUAGE sql AS $$
    SELECT CASE routine.kind
        WHEN 'p' THEN format('CALL opigno.%I(%s)', routine.name, string_agg(value, ', ' ORDER BY n))
        ELSE format('SELECT (opigno.%I(%s))::text FROM (SELECT %s OFFSET 0) AS v', routine.name,
                    string_agg('v.a' || n, ', ' ORDER BY n),
                    coalesce(string_agg(value || ' AS a' || n, ', ' ORDER BY n), '1')) END
    FROM (SELECT n, format('(%s)::%s', expression, routine.types[n - 1]) AS value -- an oidvector counts from 0
          FROM unnest(expressions) WITH ORDINALITY AS e (expression, n)) AS x
$$;
