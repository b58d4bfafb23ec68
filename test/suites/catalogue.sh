# Sourced by suites: what is in a database of the extension's, as text to compare.
# shellcheck shell=bash

# A query that fails prints what no other prints, so that no comparison can pass on it.
sql() { "${bindir:?}/psql" -XqAt -v ON_ERROR_STOP=1 "$@" || printf 'failed: %s %s\n' "$RANDOM" "$*"; }

# One line for each table and sequence of the extension: its name and a digest of its rows.
digests() {
    sql "$1" <<'SQL'
SELECT format('SELECT %L, count(*), md5(string_agg(t::text, E''\n'' ORDER BY t::text)) FROM (SELECT %s FROM %s) AS t',
    c.oid::regclass,
    CASE c.relkind WHEN 'S' THEN 'last_value, is_called' ELSE '*' END, c.oid::regclass)
FROM pg_class AS c JOIN pg_depend AS d ON d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e'
JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'opigno_profiles'
WHERE c.relkind IN ('r', 'S') AND c.oid = ANY (e.extconfig) ORDER BY c.oid::regclass::text \gexec
SQL
}

# Everything the extension made, with all privileges; the owner is not named. No privileges at all and the owner's own
# are the same.
catalogue() {
    sql "$1" <<'SQL'
CREATE TEMP VIEW member AS SELECT d.classid, d.objid FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
    WHERE e.extname = 'opigno_profiles' AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e';
CREATE FUNCTION pg_temp.grants(acl aclitem[], kind "char", owner oid) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format('%s %s', g.name, a.privilege_type), ', ' ORDER BY g.name, a.privilege_type)
    FROM aclexplode(coalesce(acl, acldefault(kind, owner))) AS a, 
        LATERAL (SELECT CASE a.grantee WHEN owner THEN 'the owner' ELSE a.grantee::regrole::text END AS name) AS g $$;
SELECT pg_describe_object(classid, objid, 0), obj_description(objid, classid::regclass::name) FROM member ORDER BY 1;
SELECT pg_get_functiondef(objid), prolang, proowner = (SELECT nspowner FROM pg_namespace WHERE nspname = 'opigno'),
    pg_temp.grants(proacl, 'f', proowner) FROM member JOIN pg_proc ON oid = objid
    WHERE classid = 'pg_proc'::regclass AND prokind = 'f' ORDER BY 1;
SELECT c.relname, c.relkind, c.relowner = (SELECT nspowner FROM pg_namespace WHERE nspname = 'opigno'),
    (SELECT pg_temp.grants(t.typacl, 'T', t.typowner) FROM pg_type AS t WHERE t.oid = c.reltype), c.reloptions,
    c.relrowsecurity, c.relforcerowsecurity,
    pg_temp.grants(c.relacl, CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner)
    FROM member JOIN pg_class AS c ON c.oid = objid AND classid = 'pg_class'::regclass ORDER BY c.relname;
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attcollation::regcollation,
    a.attstorage, a.attcompression,
    pg_get_expr(x.adbin, x.adrelid), col_description(c.oid, a.attnum)
    FROM member JOIN pg_class AS c ON c.oid = objid AND classid = 'pg_class'::regclass
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
    LEFT JOIN pg_attrdef AS x ON x.adrelid = c.oid AND x.adnum = a.attnum ORDER BY c.relname, a.attnum;
SELECT c.relname, pg_get_viewdef(c.oid) FROM member JOIN pg_class AS c ON c.oid = objid
    AND classid = 'pg_class'::regclass WHERE c.relkind = 'v' ORDER BY 1;
SELECT conrelid::regclass, conname, pg_get_constraintdef(n.oid) FROM pg_constraint AS n
    JOIN member ON objid = n.conrelid ORDER BY conrelid::regclass::text, conname;
SELECT t.typname, conname, pg_get_constraintdef(n.oid), t.typcollation::regcollation,
    t.typowner = (SELECT nspowner FROM pg_namespace WHERE nspname = 'opigno'), pg_temp.grants(t.typacl, 'T', t.typowner)
    FROM pg_type AS t JOIN member ON objid = t.oid AND classid = 'pg_type'::regclass
        LEFT JOIN pg_constraint AS n ON n.contypid = t.oid WHERE t.typtype = 'd' ORDER BY 1, 2;
SELECT indexrelid::regclass, pg_get_indexdef(indexrelid) FROM pg_index JOIN member ON objid = indrelid
    ORDER BY indexrelid::regclass::text;
SELECT p.polrelid::regclass, p.polname, p.polcmd, p.polpermissive, p.polroles, pg_get_expr(p.polqual, p.polrelid),
    obj_description(p.oid, 'pg_policy')
    FROM pg_policy AS p JOIN member ON objid = p.polrelid ORDER BY p.polrelid::regclass::text, p.polname;
SELECT s.seqrelid::regclass, s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcycle
    FROM pg_sequence AS s JOIN member ON objid = s.seqrelid ORDER BY s.seqrelid::regclass::text;
SELECT extname, extversion, extrelocatable, nspname,
    (SELECT array_agg(concat(c::regclass, ' ' || nullif(rows, '')) ORDER BY c::regclass::text)
     FROM unnest(extconfig, extcondition) AS c (c, rows))
    FROM pg_extension JOIN pg_namespace AS n ON n.oid = extnamespace WHERE extname = 'opigno_profiles';
SQL
}
