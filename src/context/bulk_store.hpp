/*
 * Batches of user contexts, written set by set. Called between SPI_connect and SPI_finish as the owner.
 * New user contexts are created for all of a load before the first existing one is changed, both in the order
 * of the users: so two loads do not deadlock, wherever their batches end.
 */
#pragma once

#include "bulk/load.hpp"
#include "context/bulk_entry.hpp"

namespace opigno::context {

using Entries = bulk::Batch<Entry>;

/*
 * Creates the contexts of those entries that have none, each of another user as far as they are without
 * errors. Those whose contexts are to be changed go to `existing`. One that would create a context and
 * lacks what that takes is an error; of entries with errors this is all that is told.
 */
void create_new(const Entries &entries, bulk::Run &run, bulk::EntrySort<Entry> &existing);

/*
 * Changes the contexts of these entries, which are without errors. One whose context another session deleted
 * meanwhile is created, or an error.
 */
void change_existing(const Entries &entries, bulk::Run &run);

} // namespace opigno::context
