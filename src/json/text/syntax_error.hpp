/*
 * Describes what is wrong with a text that is no JSON. The readers of JSON text decide whether it
 * is. Does not depend on PostgreSQL.
 */
#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>

namespace opigno::json {

inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

struct SyntaxError {
    const char *reason = nullptr; /* constant; nullptr: no error was found */
    std::size_t at = 0;           /* the offset of the byte */
    bool is_end = false;          /* the text ends before its value does */
};

static_assert(std::is_trivially_destructible_v<SyntaxError>);

/* Finds the first error. Gives up, as if there were none, beyond 8192 levels. No recursion. */
SyntaxError find_syntax_error(std::string_view text);

inline constexpr const char *trailing_comma = "a comma precedes a closing bracket";

} // namespace opigno::json
