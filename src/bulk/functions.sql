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
