/* The version that a caller expects the row to have before a write. */
#pragma once

#include "pg/error.hpp"

#include <cstdint>
#include <optional>

namespace opigno::pg {

/* Without a value: any version. 0: there must be no row. */
using ExpectedVersion = std::optional<std::int64_t>;

/* Reads the argument expected_version. Adds an error (22023) if it is negative. */
ExpectedVersion version_argument(FunctionCallInfo fcinfo, int argument_number, Errors &errors);

/* Raises PT412 if a version is expected and the row has another one. version: the row's; 0: there
 * is no row. what: the kind of row for the message, as "profile". */
void check_version(const char *what, std::int64_t version, ExpectedVersion expected);

} // namespace opigno::pg
