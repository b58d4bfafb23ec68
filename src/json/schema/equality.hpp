/* When two values are equal for JSON Schema: numbers by their value. Does not depend on PostgreSQL. */
#pragma once

#include "json/value/jsonb_format.hpp"

#include <cstdint>

namespace opigno::json::schema {

enum class Equality : std::uint8_t { Equal, Different, TooDeep };

/* So many bytes of text cost about as much as a step. */
inline constexpr std::size_t bytes_a_step = 64;

/* steps: grows with the number of values that were compared, and their sizes. */
Equality compare(const Value &left, const Value &right, std::uint64_t &steps);

/* Equal values have the same hash, which differs between processes. is_too_deep: set to true if the
 * value is nested too deeply for the stack. */
std::uint64_t hash_of(const Value &value, std::uint64_t &steps, bool &is_too_deep);

} // namespace opigno::json::schema
