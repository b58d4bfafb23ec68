/*
 * Checks whether bytes are a jsonb document, by every rule of the format: for tests, fuzzers and
 * assertions. Does not depend on PostgreSQL.
 */
#pragma once

#include <string_view>

namespace opigno::json {

/* Returns the rule that the bytes violate, or nullptr. bytes: the root's container, at a multiple
 * of four. */
const char *format_flaw(std::string_view bytes);

} // namespace opigno::json
