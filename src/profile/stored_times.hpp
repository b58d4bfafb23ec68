/* The read-only members created_at and updated_at of entries, as opigno.list_profiles() shows them. */
#pragma once

#include "bulk/load.hpp"
#include "profile/bulk_entry.hpp"

namespace opigno::profile {

/* Adds an error for each time of an entry that is not that of the stored profile. Returns the entries
 * without such errors. Called between SPI_connect and SPI_finish as the owner. */
bulk::Batch<Entry> with_stored_times(const bulk::Batch<Entry> &entries, bulk::Run &run);

} // namespace opigno::profile
