/* Names of time zones that the server knows. */
#pragma once

#include <string_view>

namespace opigno::account {

/* Whether pg_timezone_names has this name. Abbreviations and POSIX rules such as XYZ3 do not
 * count. */
bool is_time_zone(std::string_view name);

} // namespace opigno::account
