/* Names of time zones that the server and browsers know. */
#pragma once

#include <string_view>

namespace opigno::account {

/* Whether this is the name of a zone or link of IANA's time zone database that pg_timezone_names
 * has. */
bool is_time_zone(std::string_view name);

} // namespace opigno::account
