/* Writes the entries of a load of user contexts. */
#pragma once

#include "bulk/load.hpp"
#include "context/bulk_entry.hpp"

namespace opigno::context {

/*
 * Creates and changes user contexts, as the owner. Adds errors for entries that cannot create a user
 * context because members are missing; this is all that is done for entries that have errors.
 * spelling: the names of the members, for errors.
 */
void write_all(bulk::EntrySort<Entry> &entries, bulk::Run &run, const Spelling &spelling);

} // namespace opigno::context
