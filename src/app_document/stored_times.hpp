/* The read-only members created_at and updated_at of entries, as opigno.list_profiles() shows them. */
#pragma once

#include "app_document/bulk_store.hpp"

namespace opigno::app_document {

/* Adds an error for each time of an entry that is not that of the stored document. Returns the entries
 * without such errors. Called between SPI_connect and SPI_finish as the owner. */
Entries with_stored_times(const Entries &entries, const Store &store);

} // namespace opigno::app_document
