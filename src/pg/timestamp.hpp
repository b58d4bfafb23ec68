/* Reads and writes timestamps. */
#pragma once

#include "pg/postgres.hpp"

#include <optional>
#include <string_view>

namespace opigno::pg {

/* Returns nothing if the text is no timestamp. Starts a subtransaction, unless the
 * text has the usual form of JSON. */
std::optional<TimestampTz> timestamp_of(std::string_view text);

/* The longest text of a timestamp. */
inline constexpr std::size_t max_timestamp_text = 128;

/* Writes ISO 8601 in UTC, as to_json() does where TimeZone is UTC, and returns what it has written. */
std::string_view utc_text(TimestampTz time, char (&text)[max_timestamp_text + 1]);

} // namespace opigno::pg
