/* Numbers in messages. Does not depend on PostgreSQL. */
#pragma once

#include "json/value/arena.hpp"

#include <charconv>
#include <cstdint>

namespace opigno::graphql {

using json::Arena;

inline std::string_view decimal(std::uint32_t number, Arena &arena)
{
    constexpr std::size_t digits = 10;
    char *text = arena.bytes(digits);
    return {text, static_cast<std::size_t>(std::to_chars(text, text + digits, number).ptr - text)};
}

} // namespace opigno::graphql
