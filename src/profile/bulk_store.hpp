/* Batches of profiles, written set by set. Called between SPI_connect and SPI_finish as the owner. */
#pragma once

#include "bulk/load.hpp"
#include "profile/bulk_entry.hpp"

namespace opigno::profile {

enum class OnConflict { Error, Skip, Replace, Merge };

using Entries = bulk::Batch<Entry>;

/*
 * Creates the users of entries whose apps exist, where they do not: active, without scopes, "Anonymous User".
 * For all entries of a load before the first profile is written: users before profiles is the order of locks.
 * The entries are in the order of their keys.
 */
void create_missing_users(const Entries &entries);

/*
 * Where all entries' profiles are there, replaces them or merges into them by one statement, and gives those
 * that were deleted meanwhile; else gives all entries. Only for a table whose triggers suppress nothing.
 */
Entries update_existing(const Entries &entries, bool merges, bulk::Run &run);

/*
 * Leaves the entries whose users and apps exist, which are locked FOR KEY SHARE; the others are errors. The
 * entries are in the order of their keys.
 */
Entries with_known_references(const Entries &entries, bulk::Run &run);

/*
 * Writes entries with distinct keys, in their order, so that two loads do not deadlock. is_patch: a profile
 * that is new holds what the merge patch makes of nothing.
 */
void write_entries(const Entries &entries, OnConflict on_conflict, bool is_patch, bulk::Run &run);

void delete_entries(const Entries &entries, bulk::Run &run);

} // namespace opigno::profile
