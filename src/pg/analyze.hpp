/* The planner's statistics of a table: its number of rows, and ANALYZE after a load. */
#pragma once

#include "pg/postgres.hpp"

namespace opigno::pg {

/* Returns the table's number of rows as of the last VACUUM or ANALYZE, or -1 if there was none. */
double known_rows(Oid relation);

/*
 * Runs ANALYZE on these columns ("user_uuid, app_id") within the transaction. Called between
 * SPI_connect and SPI_finish as the table's owner, after all rows are written: the new number of
 * rows is visible to all sessions immediately, and remains if the transaction is rolled back.
 *
 * Does nothing if another session holds a conflicting lock, such as for VACUUM or ALTER TABLE, or
 * has granted privileges on the table in a transaction that is not finished. Else the lock (SHARE
 * UPDATE EXCLUSIVE) is held until the transaction ends. This ANALYZE does not delay autovacuum's,
 * which analyzes all columns.
 */
void analyze(Oid relation, const char *columns);

} // namespace opigno::pg
