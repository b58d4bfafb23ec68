/* What the planner knows of the size of a table, and ANALYZE after a load. */
#pragma once

#include "pg/postgres.hpp"

namespace opigno::pg {

/* Rows of the table as of the last ANALYZE or VACUUM; -1: it was never analyzed. */
double known_rows(Oid relation);

/*
 * Runs ANALYZE on these columns ("user_uuid, app_id") within the transaction. Called between SPI_connect and
 * SPI_finish as the table's owner, after the rows are written for good: the new number of rows is visible to
 * all sessions at once and stays if the transaction is rolled back.
 *
 * Gives false and does nothing if another session vacuums or analyzes the table, or changes it: nobody waits.
 * The lock (SHARE UPDATE EXCLUSIVE) is held until the transaction ends. Autovacuum counts the table's changes
 * as before, and analyzes the other columns when it is their turn.
 */
bool analyze(Oid relation, const char *columns);

} // namespace opigno::pg
