/* Whose account, and writing it: the user context's display name, the fields, and one preference. */
#pragma once

#include "account/patch.hpp"
#include "identity/audit.hpp"
#include "pg/version.hpp"
#include "json/document_limit.hpp"

#include <cstdint>

namespace opigno::account {

/* Called between SPI_connect and SPI_finish as the owner, all of them. */

struct Written {
    bool changed = false;     /* else all was so already, and nothing was written */
    std::int64_t version = 0; /* of the fields */
};

/*
 * Applies the patch. Two patches at once both take effect. Raises PT412 where expected is not the version of
 * the fields (0: none are stored), 54000 for fields that are too large.
 */
Written write(const identity::Caller &caller, text *user_uuid, const Patch &patch,
              pg::ExpectedVersion expected);

/* What is too large in the fields that write() would make by now for an operator. */
json::Excess excess_of(text *user_uuid, const Patch &patch);

/* Whether write() would change something by now. */
bool would_change(text *user_uuid, const Patch &patch);

} // namespace opigno::account
