/* bulk/progress.hpp defines the numbers of the parameters and their values. */
CREATE OR REPLACE VIEW opigno.bulk_progress WITH (security_invoker = true) AS
    SELECT p.pid,
        (SELECT n.nspname || '.' || c.relname
         FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE c.oid = p.relid) AS target,
        (ARRAY['reading', 'creating users', 'writing'])[p.param18] AS phase,
        p.param1 AS bytes_done, nullif(p.param2, 0) AS bytes_total,
        p.param16 AS rows_read, CASE WHEN p.param18 > 1 THEN p.param16 END AS rows_total,
        p.param17 AS rows_done, p.param3 AS rows_written, p.param4 AS rows_failed,
        t.started_at,
        round((CASE WHEN p.param18 > 1 THEN p.param17 ELSE p.param16 END
               / nullif(extract(epoch FROM clock_timestamp() - t.started_at), 0))::numeric)
            AS rows_per_second
    FROM pg_stat_get_progress_info('COPY') AS p,
        LATERAL (SELECT timestamptz '2000-01-01 00:00:00+00'
                        + p.param19 * interval '1 microsecond' AS started_at) AS t
    WHERE p.param20 = 122528595406447
        AND p.datid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database());
COMMENT ON VIEW opigno.bulk_progress IS
'Progress of the bulk calls that run in this database. It shows sessions of roles whose rights '
'the caller has, and all sessions to members of pg_read_all_stats. pg_stat_progress_copy shows '
'the same calls.';
COMMENT ON COLUMN opigno.bulk_progress.pid IS 'process ID of the session, for pg_cancel_backend()';
COMMENT ON COLUMN opigno.bulk_progress.target IS 'the table that the call writes';
COMMENT ON COLUMN opigno.bulk_progress.phase IS
'reading, creating users (with create_missing_users) or writing';
COMMENT ON COLUMN opigno.bulk_progress.bytes_done IS 'bytes of the body that have been read';
COMMENT ON COLUMN opigno.bulk_progress.bytes_total IS
'size of the body in bytes; NULL for a staging table';
COMMENT ON COLUMN opigno.bulk_progress.rows_read IS 'entries that have been read';
COMMENT ON COLUMN opigno.bulk_progress.rows_total IS 'number of entries; NULL during reading';
COMMENT ON COLUMN opigno.bulk_progress.rows_done IS
'entries that have been processed, with any result';
COMMENT ON COLUMN opigno.bulk_progress.rows_written IS 'rows that have been written';
COMMENT ON COLUMN opigno.bulk_progress.rows_failed IS 'entries that have failed';
COMMENT ON COLUMN opigno.bulk_progress.started_at IS
'start of the call; in a load in batches, start of the current batch';
COMMENT ON COLUMN opigno.bulk_progress.rows_per_second IS
'entries read, or processed during writing, per second since started_at';

/* Loads in batches. A procedure that commits cannot have SET, so all names are qualified. */

CREATE OR REPLACE FUNCTION opigno.may_commit() RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE
    AS 'MODULE_PATHNAME', 'opigno_may_commit';
COMMENT ON FUNCTION opigno.may_commit() IS
'Returns whether the PL/pgSQL procedure that calls the function may run COMMIT: not inside a '
'transaction block, a function, or a block with EXCEPTION.';

CREATE OR REPLACE PROCEDURE opigno.load_in_batches(
    kind text, staging text, on_conflict text DEFAULT NULL,
    create_missing_users boolean DEFAULT NULL, keep_lines boolean DEFAULT NULL,
    batch_rows integer DEFAULT NULL, trust_owner boolean DEFAULT NULL,
    on_duplicate text DEFAULT NULL, INOUT counts jsonb DEFAULT NULL)
    LANGUAGE plpgsql AS $$
DECLARE
    relation pg_catalog.oid;
    batches pg_catalog.int8 := 0;
    name pg_catalog.text;
    after pg_catalog.int8;
    last pg_catalog.int8;
    answer pg_catalog.json;
    batch pg_catalog.jsonb;
    failed pg_catalog.int8;
BEGIN
    IF NOT opigno.may_commit() THEN
        RAISE 'a load in batches cannot run inside a transaction block'
            USING ERRCODE = '25001', DETAIL = 'It commits after each batch.',
            HINT = 'Call the procedure alone, with autocommit on: not after BEGIN, and not in a '
                'function or in a block with EXCEPTION.';
    END IF;
    IF batch_rows OPERATOR(pg_catalog.<) 1 THEN
        RAISE '"batch_rows" must be positive' USING ERRCODE = '22023';
    END IF;
    IF staging IS NULL THEN
        RAISE '"staging" is required' USING ERRCODE = '22023';
    END IF;
    counts := '{}';
    LOOP
        /* Two calls for one table take turns. READ COMMITTED: each sees what the other has done. */
        COMMIT;
        SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
        IF batches OPERATOR(pg_catalog.=) 0 THEN
            relation := CASE
                WHEN staging OPERATOR(pg_catalog.~) '^[0-9]+$' THEN staging::pg_catalog.oid
                ELSE staging::pg_catalog.regclass::pg_catalog.oid
            END;
        END IF;
        IF kind OPERATOR(pg_catalog.=) 'profiles' THEN
            answer := opigno.load_profiles(
                relation::pg_catalog.text, on_conflict, 'report', NULL, create_missing_users, 0,
                keep_lines, after, coalesce(batch_rows, 10000), true, trust_owner, on_duplicate);
        ELSIF kind OPERATOR(pg_catalog.=) 'user contexts' THEN
            answer := opigno.load_user_contexts(
                relation::pg_catalog.text, 'report', NULL, 0, keep_lines, after,
                coalesce(batch_rows, 10000), true, trust_owner, on_duplicate);
        ELSIF kind OPERATOR(pg_catalog.=) 'accounts' THEN
            answer := opigno.load_accounts(
                relation::pg_catalog.text, 'report', NULL, 0, keep_lines, after,
                coalesce(batch_rows, 10000), true, trust_owner, on_duplicate);
        ELSE
            RAISE '"kind" is unknown' USING ERRCODE = '22023';
        END IF;
        batch := answer OPERATOR(pg_catalog.->) 'response';
        /*
         * The first batch waits for its lock, and another table can have the name afterwards.
         * Later batches load the same table by its OID.
         */
        IF batches OPERATOR(pg_catalog.=) 0
                AND staging OPERATOR(pg_catalog.!~) '^[0-9]+$'
                AND relation
                    OPERATOR(pg_catalog.<>) staging::pg_catalog.regclass::pg_catalog.oid THEN
            ROLLBACK;
            CONTINUE;
        END IF;
        batches := batches OPERATOR(pg_catalog.+) 1;
        last := batch OPERATOR(pg_catalog.->>) 'last_ordinal';
        SELECT pg_catalog.jsonb_object_agg(c.key, c.value::pg_catalog.int8 OPERATOR(pg_catalog.+)
                coalesce((counts OPERATOR(pg_catalog.->>) c.key)::pg_catalog.int8, 0))
            INTO counts FROM pg_catalog.jsonb_each(
                batch OPERATOR(pg_catalog.-) 'last_ordinal'::pg_catalog.text) AS c
            WHERE pg_catalog.jsonb_typeof(c.value) OPERATOR(pg_catalog.=) 'number';
        EXIT WHEN last IS NULL OR last OPERATOR(pg_catalog.=) after;
        after := last;
    END LOOP;
    SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) INTO name
        FROM pg_catalog.pg_class AS c
            JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
        WHERE c.oid OPERATOR(pg_catalog.=) relation;
    COMMIT;
    failed := counts OPERATOR(pg_catalog.->>) 'failed';
    RAISE NOTICE '%: % rows received, % failed', name,
        counts OPERATOR(pg_catalog.->>) 'received', failed;
    IF failed OPERATOR(pg_catalog.>) 0 THEN
        RAISE NOTICE 'the rows that failed are still in %', name
            USING HINT = 'The errors are in opigno.bulk_error.';
    END IF;
END
$$;
COMMENT ON PROCEDURE opigno.load_in_batches(
    text, text, text, boolean, boolean, integer, boolean, text, jsonb) IS
E'Does the work of the procedures for each kind of load, such as '
'opigno.load_profiles_in_batches(). Call those.\n'
'kind: profiles, user contexts or accounts\n'
'staging: as in opigno.load_profiles()\n'
'on_conflict: as in opigno.load_profiles_in_batches()\n'
'create_missing_users: as in opigno.load_profiles_in_batches()\n'
'keep_lines: as in opigno.load_profiles_in_batches()\n'
'batch_rows: as in opigno.load_profiles_in_batches()\n'
'trust_owner: as in opigno.load_profiles_in_batches()\n'
'on_duplicate: as in opigno.load_profiles_in_batches()\n'
'counts: the result: the sums of the members of response, such as {"received":2,"failed":0}\n'
'Raises 22023 for an unknown kind.\n'
'Raises the errors of opigno.load_profiles_in_batches().';
