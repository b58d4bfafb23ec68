/* Integers in jsonb, which stores all numbers as numeric. */
#pragma once

#include "pg/jsonb.hpp"

#include <cstdint>
#include <optional>

namespace opigno::json {

/* Returns nothing unless the value is a number without a fraction that bigint can hold. 1.0 is 1. */
std::optional<std::int64_t> integer_of(const JsonbValue &value);

} // namespace opigno::json
