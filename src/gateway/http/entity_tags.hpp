/* The lists of entity tags in If-Match and If-None-Match (RFC 9110, sections 8.8.3 and 13.1). */
#pragma once

#include "pg/vector.hpp"

#include <string_view>
#include <type_traits>

namespace opigno::gateway {

struct EntityTag {
    std::string_view opaque; /* with its quotation marks */
    bool is_weak;
};

struct EntityTags {
    bool is_any = false; /* the header is an asterisk */
    bool is_malformed = false;
    pg::Vector<EntityTag> tags;
};

static_assert(std::is_trivially_destructible_v<EntityTags>);

/* Reads the value of such a header. The tags point into it. */
EntityTags read_entity_tags(std::string_view value);

} // namespace opigno::gateway
