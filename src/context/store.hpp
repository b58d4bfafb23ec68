/*
 * Writing and reading one user context through saved plans. Called between
 * SPI_connect and SPI_finish; a function that answers true leaves the row in
 * SPI_tuptable, with the columns of get_user_context.
 */
#pragma once

#include "context/change.hpp"

namespace opigno::context {

/* Positions of get_user_context's columns. */
enum Column { uuid = 1, id, display_name, is_active, scope, created_at, updated_at };

/* Reads a context under the caller's rights and snapshot. */
bool read_row(text *user_uuid);

/* Changes what is given of an existing context. False: there is none. Writes nothing that is so already. */
bool update(const Change &change);

/* Creates a context, or changes what is given. False, with faults: there is none and it cannot be created. */
bool create_or_update(const Change &change, const Spelling &spelling, pg::Faults &faults);

/* The row in SPI_tuptable as a composite value in the caller's memory. */
Datum returned_row();

} // namespace opigno::context
