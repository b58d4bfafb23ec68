/* References to URIs (RFC 3986), and JSON Pointers in their fragments (RFC 6901). Does not depend on
 * PostgreSQL. */
#pragma once

#include "json/value/arena.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace opigno::json::schema {

struct Target {
    std::string_view uri; /* without a fragment */
    std::string_view fragment;
};

/* Resolves a reference against a base, which has no fragment and can be a relative reference. */
Target resolve(std::string_view base, std::string_view reference, Arena &arena);

/* Replaces %XX by the byte. */
std::string_view percent_decoded(std::string_view text, Arena &arena);

/* Removes the first token, which follows a slash, from the pointer and returns it unescaped. */
std::string_view take_token(std::string_view &pointer, Arena &arena);

/* The index of an array's element, or nothing. */
std::optional<std::uint32_t> index_named(std::string_view token);

std::string_view decimal(std::uint32_t number, Arena &arena);

/* The length of a name in a pointer, and the name itself. */
std::size_t size_of_token(std::string_view name);
char *write_token(char *to, std::string_view name);

static_assert(std::is_trivially_destructible_v<Target>);

} // namespace opigno::json::schema
