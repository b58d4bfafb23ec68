#include "account/time_zone.hpp"

#include "pg/spi.hpp"
#include "pg/text.hpp"

#include <algorithm>
#include <string_view>

namespace opigno::account {

namespace {

constexpr Oid name_type[] = {TEXTOID};
constinit pg::Statement select_zone("SELECT FROM pg_timezone_names AS z WHERE z.name = $1", name_type);

/* All names of zones without lower-case letters are short, such as UTC and EST5EDT; POSIX rules may look like
 * that. */
bool may_be_posix_rule(std::string_view name)
{
    return std::none_of(name.begin(), name.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

} // namespace

bool is_time_zone(const char *name)
{
    pg_tz *zone = pg_tzset(name);
    if (zone == nullptr || !pg_tz_acceptable(zone) || std::string_view(pg_get_timezone_name(zone)) != name)
        return false;
    if (!may_be_posix_rule(name))
        return true;
    const Datum key = PointerGetDatum(pg::make_text(name)); /* reads every zone, and is seldom needed */
    return select_zone.read_latest(&key) > 0;
}

} // namespace opigno::account
