/* The end of every upgrade. Nobody but the owner writes a table: older versions left what default privileges had given. */
DO LANGUAGE plpgsql $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        WITH relation AS (
            SELECT c.oid::regclass::text AS name, c.relkind, c.relowner, c.relacl
            FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'opigno_profiles'
                JOIN pg_class AS c ON c.oid = d.objid AND d.classid = 'pg_class'::regclass
            WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
        )
        SELECT DISTINCT format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER ON TABLE %s FROM %s', name,
                               CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
        FROM relation, aclexplode(relacl) AS a
        WHERE relkind IN ('r', 'v') AND a.grantee <> relowner AND a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER')
    LOOP
        EXECUTE statement;
    END LOOP;
END
$$;
