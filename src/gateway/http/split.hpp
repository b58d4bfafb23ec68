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

/* The same for the values of a header: a separator in a quoted string (RFC 9110, section 5.6.4)
 * does not count. */
inline std::string_view take_unquoted(std::string_view &rest, char separator)
{
    std::size_t end = 0;
    for (bool is_quoted = false; end < rest.size() && (is_quoted || rest[end] != separator); ++end)
        if (rest[end] == '"')
            is_quoted = !is_quoted;
        else if (is_quoted && rest[end] == '\\' && end + 1 < rest.size())
            ++end;
    const std::string_view taken(rest.data(), end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return taken;
}

} // namespace opigno::gateway
