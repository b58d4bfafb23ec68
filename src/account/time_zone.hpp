/* Names of time zones that the server knows. */
#pragma once

#include <string_view>

namespace opigno::account {

/* As pg_timezone_names spells it; abbreviations and POSIX rules such as XYZ3 are none. */
bool is_time_zone(std::string_view name);

} // namespace opigno::account
