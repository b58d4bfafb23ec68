/* The member "version" of a request or an entry: the version that the caller expects. */
#pragma once

#include "pg/jsonb.hpp"
#include "pg/version.hpp"

#include <string_view>

namespace opigno::document {

inline constexpr const char *version_member = "version";

/* Returns nothing for null. Adds an error (22023) unless the value is null or an integer from -1. */
pg::ExpectedVersion expected_version(const JsonbValue &value, pg::Errors &errors);

/* Does the same for a column of text. */
pg::ExpectedVersion expected_version(std::string_view text, pg::Errors &errors);

} // namespace opigno::document
