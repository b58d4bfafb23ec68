/* Batches of profiles, written set by set. Called between SPI_connect and SPI_finish as the owner. */
#pragma once

#include "profile/bulk_entry.hpp"

namespace opigno::profile {

enum class OnConflict { Error, Skip, Replace, Merge };

struct BulkCounts {
    std::int64_t received = 0;
    std::int64_t last_ordinal = 0; /* of a staging table, blank rows included */
    std::int64_t created = 0;
    std::int64_t replaced = 0;
    std::int64_t merged = 0;
    std::int64_t deleted = 0;
    std::int64_t unchanged = 0;
    std::int64_t skipped = 0;
    std::int64_t missing = 0; /* nothing to delete */
};

using BulkRows = pg::Vector<BulkRow>;

/*
 * Creates the users of rows whose apps exist, where they do not: active, without scopes, "Anonymous User".
 * For all rows of a load before the first profile is written: users before profiles is the order of locks.
 * The rows are in the order of their keys.
 */
void create_missing_users(const BulkRows &rows);

/*
 * Where all rows' profiles are there, replaces them or merges into them by one statement, and gives those
 * that were deleted meanwhile; else gives all rows. Only for a table whose triggers suppress nothing.
 */
BulkRows update_existing(const BulkRows &rows, bool merges, BulkCounts &counts);

/*
 * Leaves the rows whose users and apps exist, which are locked FOR KEY SHARE; the others are faults. The rows
 * are in the order of their keys.
 */
BulkRows with_known_references(const BulkRows &rows, BulkFaults &faults);

/*
 * Writes rows with distinct keys, in their order, so that two loads do not deadlock. is_patch: a profile that
 * is new holds what the merge patch makes of nothing.
 */
void write_batch(const BulkRows &rows, OnConflict on_conflict, bool is_patch, BulkCounts &counts,
                 BulkFaults &faults);

void delete_batch(const BulkRows &rows, BulkCounts &counts);

} // namespace opigno::profile
