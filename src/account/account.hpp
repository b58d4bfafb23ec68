/* Whose account, and writing it: the user context's display name, the fields, and one preference. */
#pragma once

#include "account/patch.hpp"
#include "document/document.hpp"
#include "identity/audit.hpp"
#include "pg/version.hpp"

#include <cstdint>

namespace opigno::account {

/* Called between SPI_connect and SPI_finish as the owner, all of them. */

using document::Written;

/*
 * Applies the patch. The outcome is Created where the user had no fields stored before, Merged or Unchanged;
 * the version is that of the fields (0: none are stored).
 * Two patches at once both take effect. Adds an error (54000) for fields that are too large, and for a
 * preference beyond what a user may have: then nothing is written. Raises PT412 where expected is not the
 * version.
 */
Written write(const identity::Caller &caller, text *user_uuid, const Patch &patch,
              pg::ExpectedVersion expected, pg::Errors &errors);

} // namespace opigno::account
