/* Versions of rows: the first one of a row, and the one that a caller expects before a write. */
#pragma once

#include "pg/error.hpp"

#include <cstdint>
#include <optional>

namespace opigno::pg {

/*
 * Returns the version of a row that is about to be created: the clock in microseconds since 1970,
 * or more, so that this backend never returns a version twice, or one up to that of a row that it
 * has deleted. A later version is the one before plus one. No change takes less than a microsecond,
 * so the version of a row stays behind the clock, and a row that is deleted and created again
 * starts above it. JavaScript has such numbers exactly until the year 2255 (2^53).
 */
std::int64_t first_version();

/* To be called with the version of a deleted row. */
void note_deleted_version(std::int64_t version);

/* Without a value: any version, or no row. 0: there must be no row. any_version: there must be a
 * row. */
using ExpectedVersion = std::optional<std::int64_t>;
inline constexpr std::int64_t any_version = -1;

/* version: the row's; 0: there is no row. */
constexpr bool is_expected(std::int64_t version, ExpectedVersion expected)
{
    return !expected.has_value() || *expected == version || (*expected == any_version && version > 0);
}

/* Reads the argument expected_version. Adds an error (22023) if it is below -1. */
ExpectedVersion version_argument(FunctionCallInfo fcinfo, int argument_number, Errors &errors);

/* Returns the message for a row that is_expected() refuses. what: the kind of row, as "profile". */
const char *message_of_version(const char *what, std::int64_t version, std::int64_t expected);

/* Adds that error (PT412). member: the member of the request that has the expected version. */
void add_other_version(const char *what, std::int64_t version, std::int64_t expected, const char *member,
                       Errors &errors);

/* Raises that error if a version is expected and the row has another one. */
void check_version(const char *what, std::int64_t version, ExpectedVersion expected);

} // namespace opigno::pg
