/* Reads timestamps. */
#pragma once

#include "pg/postgres.hpp"

#include <optional>
#include <string_view>

namespace opigno::pg {

/* Returns nothing if the text is no timestamp. Starts a subtransaction, unless the
 * text has the usual form of JSON. */
std::optional<TimestampTz> timestamp_of(std::string_view text);

} // namespace opigno::pg
