/*
 * Writes batches of user contexts, each with one statement or a few. Called between SPI_connect and
 * SPI_finish as the owner. A load creates all new user contexts before it changes existing ones,
 * both in the order of the users. So two loads do not deadlock, even if their batches differ.
 */
#pragma once

#include "bulk/load.hpp"
#include "context/bulk_entry.hpp"

namespace opigno::context {

using Entries = bulk::Batch<Entry>;

/*
 * Creates the user contexts that do not exist. Adds entries whose user contexts exist and differ to
 * `existing`. Adds errors for an entry that cannot create a user context because members are
 * missing; this is all that is done for entries that have errors. Entries without errors have
 * distinct users. spelling: the names of the members, for errors.
 */
void create_new(const Entries &entries, const Spelling &spelling, bulk::Run &run,
                bulk::EntrySort<Entry> &existing);

/*
 * Changes the user contexts of these entries, which have no errors. If another session has deleted
 * a user context meanwhile, creates it, or adds an error if members are missing.
 */
void change_existing(const Entries &entries, const Spelling &spelling, bulk::Run &run);

} // namespace opigno::context
