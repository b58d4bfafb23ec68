/*
 * Splits large tables of the extension into hash partitions by user, in one transaction that locks
 * them. docs/guide/large_tables.md says when, and what changes. A superuser runs it:
 *   psql -v ON_ERROR_STOP=1 -v tables='{profile}' -v partitions=16 -f examples/partition_tables.sql
 */
BEGIN;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL client_min_messages = warning;

/* The statements that give a table what another has besides its columns, constraints and rows. */
CREATE FUNCTION pg_temp.belongings(given regclass, receiver text)
    RETURNS SETOF text LANGUAGE sql AS $$
    SELECT format('ALTER TABLE %s OWNER TO %I', receiver, c.relowner::regrole::text)
    FROM pg_class AS c WHERE c.oid = given
    UNION ALL
    SELECT format('COMMENT ON TABLE %s IS %L', receiver, obj_description(given, 'pg_class'))
    UNION ALL
    SELECT format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', receiver)
    FROM pg_class AS c WHERE c.oid = given AND c.relrowsecurity
    UNION ALL
    SELECT format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', receiver)
    FROM pg_class AS c WHERE c.oid = given AND c.relforcerowsecurity
    UNION ALL
    SELECT format('CREATE POLICY %I ON %s AS %s FOR %s TO %s', p.policyname, receiver, p.permissive,
                  p.cmd, (SELECT string_agg(CASE role WHEN 'public' THEN 'PUBLIC'
                                            ELSE quote_ident(role) END, ', ')
                          FROM unnest(p.roles) AS role))
        || coalesce(' USING (' || p.qual || ')', '')
        || coalesce(' WITH CHECK (' || p.with_check || ')', '')
    FROM pg_policies AS p JOIN pg_class AS c ON c.oid = given AND c.relname = p.tablename
        JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = p.schemaname
    UNION ALL
    SELECT format('COMMENT ON POLICY %I ON %s IS %L', p.polname, receiver,
                  obj_description(p.oid, 'pg_policy'))
    FROM pg_policy AS p WHERE p.polrelid = given
$$;

/* The statements that give back what refers to a table by its OID, once another has its name. */
CREATE FUNCTION pg_temp.references_to(given regclass) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', f.conrelid::regclass, f.conname,
                  pg_get_constraintdef(f.oid))
    FROM pg_constraint AS f
    WHERE f.contype = 'f' AND f.conrelid = given
    UNION ALL
    SELECT pg_get_functiondef(p.oid) FROM pg_proc AS p
    WHERE p.prosqlbody IS NOT NULL AND p.oid IN (
        SELECT d.objid FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass
            AND d.refclassid = 'pg_class'::regclass AND d.refobjid = given)
    UNION ALL
    SELECT format('CREATE OR REPLACE VIEW %s%s AS %s', v.oid::regclass,
                  ' WITH (' || array_to_string(v.reloptions, ', ') || ')', pg_get_viewdef(v.oid))
    FROM pg_class AS v WHERE v.relkind = 'v' AND v.oid IN (
        SELECT r.ev_class FROM pg_depend AS d JOIN pg_rewrite AS r ON r.oid = d.objid
        WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
            AND d.refobjid = given)
    UNION ALL
    SELECT pg_get_triggerdef(t.oid) FROM pg_trigger AS t WHERE t.tgrelid = given
        AND NOT t.tgisinternal
    UNION ALL
    SELECT format('ALTER PUBLICATION %I ADD TABLE %s', b.pubname, given)
    FROM pg_publication AS b JOIN pg_publication_rel AS r ON r.prpubid = b.oid
    WHERE r.prrelid = given
    UNION ALL
    SELECT format('GRANT %s%s ON %s TO %s%s', a.privilege_type,
                  ' (' || quote_ident(r.attname) || ')', given,
                  CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END,
                  CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
    FROM (SELECT c.relacl, NULL, c.relowner FROM pg_class AS c WHERE c.oid = given
          UNION ALL
          SELECT t.attacl, t.attname, c.relowner
          FROM pg_attribute AS t JOIN pg_class AS c ON c.oid = t.attrelid
          WHERE t.attrelid = given AND t.attnum > 0) AS r (acl, attname, owner),
        LATERAL aclexplode(r.acl) AS a
    WHERE a.grantee <> r.owner
$$;

CREATE FUNCTION pg_temp.run(statements text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    statement text;
BEGIN
    FOREACH statement IN ARRAY statements LOOP
        EXECUTE statement;
    END LOOP;
END
$$;

/*
 * Partitions are members of the extension as the table is. A dump has their rows, as it had those
 * of the table. pg_extension_config_dump() works in scripts of extensions only.
 */
CREATE FUNCTION pg_temp.join_extension(joining regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- Privileges that ALTER DEFAULT PRIVILEGES has given.
    PERFORM pg_temp.run(array(
        SELECT DISTINCT format('REVOKE ALL ON %s FROM %s', joining,
                               CASE a.grantee WHEN 0 THEN 'PUBLIC'
                               ELSE a.grantee::regrole::text END)
        FROM pg_class AS c, aclexplode(c.relacl) AS a
        WHERE c.oid = joining AND a.grantee <> c.relowner));
    EXECUTE format('ALTER EXTENSION opigno_profiles ADD TABLE %s', joining);
    UPDATE pg_extension SET extconfig = array_append(extconfig, joining::oid),
        extcondition = array_append(extcondition, '')
    WHERE extname = 'opigno_profiles';
END
$$;

CREATE PROCEDURE pg_temp.partition_table(name text, partitions integer) LANGUAGE plpgsql AS $$
DECLARE
    given CONSTANT regclass := format('opigno.%I', name);
    split CONSTANT text := format('opigno.%I', name || '_split');
    old_options CONSTANT text[] := (SELECT reloptions FROM pg_class WHERE oid = given);
    key_column text;
    later text[];
    keys text[];
    renames text[];
    part text;
BEGIN
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', given);
    IF (SELECT relkind FROM pg_class WHERE oid = given) <> 'r' THEN
        RAISE EXCEPTION '% is not an ordinary table', given;
    END IF;
    SELECT quote_ident(a.attname) INTO key_column
    FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = given AND a.attnum = i.indkey[0]
    WHERE i.indrelid = given AND i.indisprimary
        AND a.atttypid = 'opigno.user_uuid'::regtype;
    IF key_column IS NULL THEN
        RAISE EXCEPTION '% has no primary key that begins with a user', given;
    END IF;
    IF EXISTS (SELECT FROM pg_constraint AS f WHERE f.contype = 'f' AND f.confrelid = given) THEN
        RAISE EXCEPTION 'other tables refer to %', given USING HINT = 'pg_dump would not know that '
            'rows of its partitions come before rows of those tables.';
    END IF;
    IF EXISTS (SELECT FROM pg_publication_tables AS t JOIN pg_publication AS b USING (pubname)
               WHERE format('%I.%I', t.schemaname, t.tablename)::regclass = given
                   AND NOT b.pubviaroot) THEN
        RAISE EXCEPTION 'a publication of % would publish its partitions', given USING HINT =
            'ALTER PUBLICATION ... SET (publish_via_partition_root = true);';
    END IF;
    IF EXISTS (SELECT FROM pg_publication_rel AS r WHERE r.prrelid = given
                   AND (r.prattrs IS NOT NULL OR r.prqual IS NOT NULL)) THEN
        RAISE EXCEPTION 'a publication has some columns or rows of %', given
            USING HINT = 'Drop the table from it, and add the table again afterwards.';
    END IF;
    IF EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = given AND NOT t.tgisinternal
                   AND t.tgenabled <> 'O') THEN
        RAISE EXCEPTION 'a trigger of % is disabled, or enabled for replicas', given
            USING HINT = 'Drop it, and create it again afterwards.';
    END IF;
    later := array(SELECT pg_temp.references_to(given));
    keys := array(
        SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', f.conrelid::regclass, f.conname)
        FROM pg_constraint AS f WHERE f.contype = 'f' AND f.conrelid = given);

    EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING ALL EXCLUDING INDEXES)'
                   ' PARTITION BY HASH (%s)', split, given, key_column);
    PERFORM pg_temp.run(array(SELECT pg_temp.belongings(given, split)));
    FOR number IN 0 .. partitions - 1 LOOP
        part := format('opigno.%I', name || '_p' || number);
        EXECUTE format('CREATE TABLE %s PARTITION OF %s'
                       ' FOR VALUES WITH (MODULUS %s, REMAINDER %s)%s',
                       part, split, partitions, number,
                       ' WITH (' || array_to_string(old_options, ', ') || ')');
        PERFORM pg_temp.run(array(SELECT pg_temp.belongings(given, part)));
        PERFORM pg_temp.run(array(
            SELECT format('COMMENT ON COLUMN %s.%I IS %L', part, a.attname,
                          col_description(given, a.attnum))
            FROM pg_attribute AS a
            WHERE a.attrelid = given AND a.attnum > 0 AND NOT a.attisdropped));
    END LOOP;
    EXECUTE format('INSERT INTO %s SELECT * FROM %s', split, given);
    -- Names of indexes and of constraints are those of before.
    PERFORM pg_temp.run(keys);
    renames := array(
        SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', split, k.conname,
                      pg_get_constraintdef(k.oid))
        FROM pg_constraint AS k WHERE k.conrelid = given AND k.contype IN ('p', 'u')
        UNION ALL
        SELECT regexp_replace(pg_get_indexdef(i.indexrelid), ' ON \S+ USING ',
                              format(' ON %s USING ', split))
        FROM pg_index AS i WHERE i.indrelid = given
            AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = i.indexrelid));
    PERFORM pg_temp.run(array(
        SELECT format('ALTER INDEX %s RENAME TO %I', i.indexrelid::regclass, 'old_' || i.indexrelid)
        FROM pg_index AS i WHERE i.indrelid = given));
    PERFORM pg_temp.run(renames);

    EXECUTE format('ALTER TABLE %s RENAME TO %I', given, name || '_before');
    EXECUTE format('ALTER TABLE %s RENAME TO %I', split, name);
    -- In this order: what is granted later is the site's, and dumps have it.
    EXECUTE format('ALTER EXTENSION opigno_profiles DROP TABLE %s', given);
    PERFORM pg_temp.join_extension(format('opigno.%I', name)::regclass);
    FOR number IN 0 .. partitions - 1 LOOP
        PERFORM pg_temp.join_extension(format('opigno.%I', name || '_p' || number)::regclass);
    END LOOP;
    PERFORM pg_temp.run(later);
    -- If something else depends on the table, this says so, and nothing has changed.
    EXECUTE format('DROP TABLE %s', given);
    EXECUTE format('ANALYZE opigno.%I', name);
END
$$;

SELECT format('CALL pg_temp.partition_table(%L, %s)', t.name, :'partitions'::integer)
FROM unnest(:'tables'::text[]) AS t (name) \gexec
DROP PROCEDURE pg_temp.partition_table;
DROP FUNCTION pg_temp.join_extension, pg_temp.run, pg_temp.references_to, pg_temp.belongings;
COMMIT;
