/* What the values of keywords must be. Does not depend on PostgreSQL. */
#pragma once

#include "json/schema/keyword.hpp"
#include "json/value/arena.hpp"

#include <optional>

namespace opigno::json::schema {

/* The number of an integer that is not negative; numbers from `unlimited` are the one before it. */
std::optional<std::uint32_t> limit_of(const Value &value);

/* The bit of a type's name, or 0. "number" is number_bit and integer_bit. */
Types type_named(std::string_view name);

/* The bits of the value of "type". */
Types types_named(const Value &value);

/* How a message on the keyword goes on after its name, or an empty text if the value is right. Does
 * not look at subschemas, references, patterns and formats. */
std::string_view flaw_of(const Value &value, Shape shape, Draft draft, Arena &arena);

} // namespace opigno::json::schema
