/* The values of string literals. Does not depend on PostgreSQL. */
#pragma once

#include "json/value/arena.hpp"

#include <cstdint>

namespace opigno::graphql {

using json::Arena;

/* The number of bytes of the character of UTF-8 at the start; 0: it is none. */
std::size_t character_size(std::string_view text);

struct Escape {
    std::size_t size = 0; /* of the escape; 0: it is wrong */
    std::uint32_t point = 0;
};

/* The escape at the start of the text, which is a backslash. Two escapes of surrogates are one. */
Escape read_escape(std::string_view text);

/* The value of a string literal whose escapes are right; spelled: without its quotes. */
std::string_view string_value(std::string_view spelled, Arena &arena);

/* The value of a block string: without the indentation that its lines share, and without blank
 * lines at both ends. raw: without its quotes. */
std::string_view block_string_value(std::string_view raw, Arena &arena);

} // namespace opigno::graphql
