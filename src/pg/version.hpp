/* Versions of rows: what a caller expects of the row it is about to write. */
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>
#include <optional>

namespace opigno::pg {

/* Raises PT412 unless there is no expectation or this is the version; 0: there is no row. what: "profile". */
void check_version(const char *what, std::int64_t version, std::optional<std::int64_t> expected);

} // namespace opigno::pg
