/* Versions of rows: what a caller expects of the row it is about to write. */
#pragma once

#include "pg/error.hpp"

#include <cstdint>
#include <optional>

namespace opigno::pg {

/* Nothing: whatever it is. 0: there is no row yet. */
using ExpectedVersion = std::optional<std::int64_t>;

/* The argument expected_version; one error (22023) where it is negative. */
ExpectedVersion version_argument(FunctionCallInfo fcinfo, int argument_number, Errors &errors);

/* Raises PT412 unless there is no expectation or this is the version; 0: there is no row. what: "profile". */
void check_version(const char *what, std::int64_t version, ExpectedVersion expected);

} // namespace opigno::pg
