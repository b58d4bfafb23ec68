/*
 * Writing and reading one user context through saved plans. Called between
 * SPI_connect and SPI_finish; a function that answers true leaves the row in
 * SPI_tuptable, with the columns of get_user_context.
 */
#pragma once

#include "context/change.hpp"
#include "pg/spi.hpp"

namespace opigno::context {

/* The columns of get_user_context, in order. */
enum class Column { uuid = 1, id, display_name, is_active, scope, created_at, updated_at };

/* One of them in the row in SPI_tuptable. */
inline Datum stored(Column column)
{
    return pg::column(static_cast<int>(column));
}

/* Reads a context under the caller's snapshot. */
bool read_row(text *user_uuid);

/* Reads it as the isolation level shows it by now, for who is about to write. */
bool read_latest_row(text *user_uuid);

/* What became of it; Missing: there is none, and the change lacks what creating one takes. */
enum class Outcome { Missing, Same, Changed, New };

/*
 * Changes what is given of an existing context, or creates it if the change is
 * complete. What is so already is not written. by_request: within what the current
 * request may do (authority.hpp), which is checked under the lock of the row.
 */
Outcome set(const Change &change, bool by_request);

} // namespace opigno::context
