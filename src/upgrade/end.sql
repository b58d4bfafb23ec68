/*
 * The end of every upgrade. What it made belongs to who ran it: give it to the extension's owner, whose rights
 * the functions take. And nobody but the owner writes a table: older versions left what default privileges had given.
 */
DO LANGUAGE plpgsql $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        WITH member AS (
            SELECT d.classid, d.objid, e.extowner FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
            WHERE e.extname = 'opigno_profiles' AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
        ), relation AS (
            SELECT c.oid::regclass::text AS name, c.relkind, c.relowner, c.relacl, extowner
            FROM member JOIN pg_class AS c ON c.oid = objid AND classid = 'pg_class'::regclass
        )
        SELECT format('ALTER %s %s OWNER TO %s', CASE relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, name, extowner::regrole)
        FROM relation WHERE relowner <> extowner
        UNION ALL
        SELECT format('ALTER ROUTINE %s OWNER TO %s', p.oid::regprocedure, extowner::regrole)
        FROM member JOIN pg_proc AS p ON p.oid = objid AND classid = 'pg_proc'::regclass WHERE p.proowner <> extowner
        UNION ALL
        SELECT format('ALTER TYPE %s OWNER TO %s', t.oid::regtype, extowner::regrole)
        FROM member JOIN pg_type AS t ON t.oid = objid AND classid = 'pg_type'::regclass AND t.typtype = 'd' WHERE t.typowner <> extowner
        UNION ALL
        SELECT DISTINCT format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER ON TABLE %s FROM %s', name,
                               CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
        FROM relation, aclexplode(relacl) AS a
        WHERE relkind IN ('r', 'v') AND a.grantee <> relowner AND a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER')
    LOOP
        EXECUTE statement;
    END LOOP;
END
$$;
