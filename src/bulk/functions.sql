/* The numbers and places are those of bulk/progress.hpp. */
CREATE OR REPLACE VIEW opigno.bulk_progress WITH (security_invoker = true) AS
    SELECT p.pid, (SELECT n.nspname || '.' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = p.relid) AS target,
        (ARRAY['reading', 'creating users', 'writing'])[p.param18] AS phase,
        p.param1 AS bytes_done, nullif(p.param2, 0) AS bytes_total,
        p.param16 AS rows_read, CASE WHEN p.param18 > 1 THEN p.param16 END AS rows_total,
        p.param17 AS rows_done, p.param3 AS rows_written, p.param4 AS rows_failed,
        t.started_at,
        round((CASE WHEN p.param18 > 1 THEN p.param17 ELSE p.param16 END
               / nullif(extract(epoch FROM clock_timestamp() - t.started_at), 0))::numeric) AS rows_per_second
    FROM pg_stat_get_progress_info('COPY') AS p,
        LATERAL (SELECT timestamptz '2000-01-01 00:00:00+00' + p.param19 * interval '1 microsecond' AS started_at) AS t
    WHERE p.param20 = 122528595406447 AND p.datid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database());
COMMENT ON VIEW opigno.bulk_progress IS 'how far the bulk calls are that run in this database: of sessions that logged in as a role of the caller''s, with pg_read_all_stats of all; also in pg_stat_progress_copy';
COMMENT ON COLUMN opigno.bulk_progress.pid IS 'the session, for pg_cancel_backend()';
COMMENT ON COLUMN opigno.bulk_progress.target IS 'the table that is written';
COMMENT ON COLUMN opigno.bulk_progress.phase IS 'reading, creating users (with create_missing_users) or writing';
COMMENT ON COLUMN opigno.bulk_progress.bytes_done IS 'bytes of the body that are read';
COMMENT ON COLUMN opigno.bulk_progress.bytes_total IS 'bytes of the body; NULL where a staging table is read';
COMMENT ON COLUMN opigno.bulk_progress.rows_read IS 'entries that are read';
COMMENT ON COLUMN opigno.bulk_progress.rows_total IS 'entries that there are; NULL while they are read';
COMMENT ON COLUMN opigno.bulk_progress.rows_done IS 'entries that are dealt with, whatever became of them';
COMMENT ON COLUMN opigno.bulk_progress.rows_written IS 'rows that were written';
COMMENT ON COLUMN opigno.bulk_progress.rows_failed IS 'entries that have failed';
COMMENT ON COLUMN opigno.bulk_progress.started_at IS 'when the call began; of batches the last one';
COMMENT ON COLUMN opigno.bulk_progress.rows_per_second IS 'entries read, or dealt with, in a second of the time since';
