/* opigno.bulk_error: the errors of loads from staging tables. */
#pragma once

#include "identity/access.hpp"
#include "pg/array.hpp"
#include "pg/error.hpp"

#include <span>

namespace opigno::bulk {

/* The rows of a staging table that a role has loaded: those with ordinals greater than `after`, up
 * to `last`. */
struct LoadedRows {
    Oid role;
    const text *staging;
    std::int64_t after;
    std::int64_t last;
};

/* Deletes the errors of earlier loads of these rows, and all expired errors. Called as the
 * owner. */
void forget_errors(const LoadedRows &rows);

/* Stores the errors. lines: the line of each error as text, or NULL. Called as the owner. */
void record_errors(const LoadedRows &rows, std::span<const pg::Error> errors, pg::ArrayColumn &lines);

} // namespace opigno::bulk
