/* Errors of a document, and places in its text. Does not depend on PostgreSQL. */
#pragma once

#include "gateway/graphql/chain.hpp"
#include "json/value/arena.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

namespace opigno::graphql {

using json::Arena;

using Offset = std::uint32_t; /* of a byte in the text of the document */

/* Both count from 1. A column is a unit of UTF-16, as in graphql-js and so in clients' editors. */
struct Position {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
};

/* Takes time in proportion to the offset: an error needs it, the parser does not. */
Position position_of(std::string_view text, Offset at);

/* The same for many places: reads the text once. */
class Positions {
  public:
    Positions(std::string_view text, Arena &arena);
    [[nodiscard]] Position of(Offset at) const;

  private:
    static constexpr std::size_t step = 256;
    std::string_view text_;
    std::span<Position> known_; /* of every step-th byte */
};

/* The message quotes names of the document, but no values. */
struct Error {
    std::string_view message;
    std::span<const Offset> at; /* may be empty */
    Error *next = nullptr;
};

using Errors = Chain<Error>;

static_assert(std::is_trivially_destructible_v<Positions>);
static_assert(std::is_trivially_destructible_v<Error> && std::is_trivially_destructible_v<Errors>);

} // namespace opigno::graphql
