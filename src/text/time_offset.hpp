/* Times in requests and entries of loads. */
#pragma once

#include <string_view>

namespace opigno::texts {

/* Whether the text of a time ends with Z or an offset from UTC, as +01:00. One without would depend on
 * a setting. */
inline bool has_offset(std::string_view time)
{
    constexpr std::size_t date_size = 10; /* yyyy-mm-dd */
    if (time.size() <= date_size)
        return false;
    return time.ends_with('Z') || time.ends_with('z') ||
           time.substr(date_size).find_first_of("+-") != std::string_view::npos;
}

} // namespace opigno::texts
