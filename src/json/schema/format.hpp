/* The values of "format" that can be asserted. Does not depend on PostgreSQL. */
#pragma once

#include <cstdint>
#include <string_view>

namespace opigno::json::schema {

enum class Format : std::uint8_t {
    None,
    Date,
    Time,
    DateTime,
    Duration,
    Uuid,
    Ipv4,
    Ipv6,
    Email,
    Uri,
    UriReference,
    JsonPointer,
    RelativeJsonPointer,
    Regex,
};

/* Returns None for a name that cannot be asserted. */
Format format_named(std::string_view name);

bool has_format(std::string_view text, Format format);

} // namespace opigno::json::schema
