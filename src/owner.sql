/*
 * Gives every object to the extension's owner, which is the owner of schema opigno. An install
 * gives the schema to the role that opigno_profiles.owner names. An upgrade keeps the schema's
 * owner. At this point the library is loaded and has defined the setting, so a value that a role
 * without the right to set it left in the session has been discarded.
 * This file comes before privileges.sql. PostgreSQL stores the initial privileges of the objects
 * with the name of their owner, and pg_dump compares with them. Before PostgreSQL 17 a later
 * ALTER ... OWNER would not change them.
 */
DO LANGUAGE plpgsql $$
DECLARE
    is_install CONSTANT boolean := current_setting('opigno_profiles_script.members_before') = '{}';
    owner_name CONSTANT text :=
        CASE WHEN is_install THEN current_setting('opigno_profiles.owner') ELSE '' END;
    attributes record;
    statement text;
BEGIN
    IF owner_name <> '' THEN
        SELECT r.rolsuper, r.rolcanlogin INTO attributes
        FROM pg_roles AS r WHERE r.rolname = owner_name;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'role "%" does not exist', owner_name
                USING ERRCODE = 'undefined_object',
                DETAIL = 'The setting opigno_profiles.owner names it as the owner of the '
                    'extension''s objects.',
                HINT = format('Create it first: CREATE ROLE %I NOLOGIN;', owner_name);
        END IF;
        IF attributes.rolsuper OR attributes.rolcanlogin THEN
            RAISE WARNING 'role "%", which opigno_profiles.owner names, %', owner_name,
                CASE WHEN attributes.rolsuper THEN 'is a superuser' ELSE 'can log in' END
                USING HINT = 'The owner should be a role without login and without superuser.';
        END IF;
        EXECUTE format('ALTER SCHEMA opigno OWNER TO %I', owner_name);
    END IF;
    FOR statement IN
        WITH owner AS (
            SELECT n.nspowner AS oid FROM pg_namespace AS n WHERE n.nspname = 'opigno'
        ), member AS (
            SELECT d.classid, d.objid
            FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
            WHERE e.extname = 'opigno_profiles' AND d.refclassid = 'pg_extension'::regclass
                AND d.deptype = 'e'
        ), object (kind, name, owner) AS (
            SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END,
                c.oid::regclass::text, c.relowner
            FROM member JOIN pg_class AS c ON c.oid = objid AND classid = 'pg_class'::regclass
            UNION ALL
            SELECT 'ROUTINE', p.oid::regprocedure::text, p.proowner
            FROM member JOIN pg_proc AS p ON p.oid = objid AND classid = 'pg_proc'::regclass
            UNION ALL
            SELECT 'TYPE', t.oid::regtype::text, t.typowner
            FROM member JOIN pg_type AS t ON t.oid = objid AND classid = 'pg_type'::regclass
            WHERE t.typtype = 'd'
        )
        SELECT format('ALTER %s %s OWNER TO %s', o.kind, o.name, owner.oid::regrole)
        FROM object AS o, owner WHERE o.owner <> owner.oid
    LOOP
        EXECUTE statement;
    END LOOP;
END
$$;
