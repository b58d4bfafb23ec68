/* opigno.bulk_error: what was wrong with the entries of loads from staging tables. */
#pragma once

#include "identity/access.hpp"
#include "pg/array.hpp"
#include "profile/bulk_entry.hpp"

#include <span>

namespace opigno::profile {

/* Whose errors they are: of the rows behind `after` up to `last` of a staging table, loaded by a role. */
struct LoadedRows {
    Oid role;
    const text *staging;
    std::int64_t after;
    std::int64_t last;
};

/* As the owner: forgets the errors of earlier loads of these rows, and all that have expired. */
void forget_errors(const LoadedRows &rows);

/* As the owner. lines: one for each error, as text or missing. */
void record_errors(const LoadedRows &rows, std::span<const pg::Error> errors, pg::ArrayColumn &lines);

} // namespace opigno::profile
