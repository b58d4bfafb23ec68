/*
 * Revokes all privileges of roles other than the owner on the new objects: those that PUBLIC has by
 * default, and those that ALTER DEFAULT PRIVILEGES adds, which could make a whole group of roles
 * operators. Row types of tables are left out, because pg_dump warns of privileges on them. So are
 * objects that existed before an upgrade: after a REVOKE in an extension's script, pg_dump takes
 * the site's own grants for the extension's, and does not dump them.
 */
DO LANGUAGE plpgsql $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        WITH member AS (
            SELECT d.classid, d.objid
            FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
            WHERE e.extname = 'opigno_profiles' AND d.refclassid = 'pg_extension'::regclass
                AND d.deptype = 'e'
        ), new_member AS (
            SELECT * FROM member
            WHERE classid || ':' || objid
                <> ALL (current_setting('opigno_profiles_script.members_before')::text[])
        ), object (kind, name, acl) AS (
            SELECT 'ROUTINE', p.oid::regprocedure::text,
                coalesce(p.proacl, acldefault('f', p.proowner))
            FROM new_member JOIN pg_proc AS p ON p.oid = objid AND classid = 'pg_proc'::regclass
            UNION ALL
            SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid::regclass::text,
                c.relacl
            FROM new_member JOIN pg_class AS c ON c.oid = objid AND classid = 'pg_class'::regclass
            UNION ALL
            SELECT 'TYPE', t.oid::regtype::text, coalesce(t.typacl, acldefault('T', t.typowner))
            FROM new_member
                JOIN pg_type AS t ON t.oid = objid AND classid = 'pg_type'::regclass
            WHERE t.typtype = 'd'
            UNION ALL
            SELECT 'SCHEMA', n.oid::regnamespace::text, n.nspacl
            FROM new_member
                JOIN pg_namespace AS n ON n.oid = objid AND classid = 'pg_namespace'::regclass
        )
        SELECT DISTINCT format(
            'REVOKE ALL ON %s %s FROM %s', o.kind, o.name,
            CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
        FROM object AS o, aclexplode(o.acl) AS a WHERE a.grantee <> a.grantor
    LOOP
        EXECUTE statement;
    END LOOP;
END
$$;
