/* Splits lists. */
#pragma once

#include <algorithm>
#include <string_view>

namespace opigno::gateway {

/* Removes what is before the separator from the rest, and the separator. Returns it. */
inline std::string_view take(std::string_view &rest, char separator)
{
    const std::size_t end = std::min(rest.find(separator), rest.size());
    const std::string_view taken(rest.data(), end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return taken;
}

} // namespace opigno::gateway
