/* The names of the drafts of JSON Schema. */
#pragma once

#include "json/schema/program.hpp"

#include <cstddef>
#include <iterator>
#include <string_view>

namespace opigno::schema {

inline constexpr const char *draft_names[] = {"4", "6", "7", "2019-09", "2020-12"};

constexpr const char *name_of(json::schema::Draft draft)
{
    return draft_names[static_cast<std::size_t>(draft)];
}

/* name: one of the names. */
constexpr json::schema::Draft draft_of(std::string_view name)
{
    std::size_t at = 0;
    while (at + 1 < std::size(draft_names) && name != draft_names[at])
        ++at;
    return static_cast<json::schema::Draft>(at);
}

static_assert(draft_of("2019-09") == json::schema::Draft::Draft2019 &&
              draft_of(name_of(json::schema::Draft::Draft2020)) == json::schema::Draft::Draft2020);

} // namespace opigno::schema
