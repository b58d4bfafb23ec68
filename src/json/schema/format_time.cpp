/* Dates and times of RFC 3339. */
#include "json/schema/format_rules.hpp"
#include "json/schema/format_scan.hpp"

namespace opigno::json::schema {

namespace {

bool is_leap_year(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_of(int year, int month)
{
    constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

/* full-date of section 5.6 */
bool take_date(std::string_view &rest)
{
    int year = 0;
    int month = 0;
    int day = 0;
    return take_number(rest, 4, 0, 9999, year) && take(rest, '-') && take_number(rest, 2, 1, 12, month) &&
           take(rest, '-') && take_number(rest, 2, 1, days_of(year, month), day);
}

/* time-secfrac of section 5.6, which is optional */
bool take_fraction(std::string_view &rest)
{
    if (!take(rest, '.'))
        return true;
    const std::size_t size = count_front(rest, is_digit);
    rest.remove_prefix(size);
    return size > 0;
}

/* time-offset of section 5.6, in minutes */
bool take_offset(std::string_view &rest, int &offset)
{
    if (take(rest, 'Z') || take(rest, 'z'))
        return true;
    const int sign = rest.starts_with('-') ? -1 : 1;
    int hours = 0;
    int minutes = 0;
    if ((!take(rest, '+') && !take(rest, '-')) || !take_number(rest, 2, 0, 23, hours) || !take(rest, ':') ||
        !take_number(rest, 2, 0, 59, minutes))
        return false;
    offset = sign * (hours * 60 + minutes);
    return true;
}

/* full-time of section 5.6. A leap second is at 23:59:60 in UTC (section 5.7). */
bool take_time(std::string_view &rest)
{
    constexpr int day = 24 * 60;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int offset = 0;
    if (!take_number(rest, 2, 0, 23, hour) || !take(rest, ':') || !take_number(rest, 2, 0, 59, minute) ||
        !take(rest, ':') || !take_number(rest, 2, 0, 60, second) || !take_fraction(rest) ||
        !take_offset(rest, offset))
        return false;
    const int utc = (hour * 60 + minute - offset + day) % day;
    return second < 60 || utc == day - 1;
}

/* Takes numbers with the units in their order. As in the grammar of appendix A, no unit between the
 * first and the last one is left out. False if there is a number without a unit. */
bool take_units(std::string_view &rest, std::string_view units, bool &has_any)
{
    has_any = false;
    std::size_t next = 0;
    while (!rest.empty() && is_digit(rest[0])) {
        rest.remove_prefix(count_front(rest, is_digit));
        const std::size_t unit = rest.empty() ? std::string_view::npos : units.find(rest[0], next);
        if (unit == std::string_view::npos || (has_any && unit != next))
            return false;
        rest.remove_prefix(1);
        next = unit + 1;
        has_any = true;
    }
    return true;
}

} // namespace

bool is_date(std::string_view text)
{
    return take_date(text) && text.empty();
}

bool is_time(std::string_view text)
{
    return take_time(text) && text.empty();
}

bool is_date_time(std::string_view text)
{
    return take_date(text) && (take(text, 'T') || take(text, 't')) && take_time(text) && text.empty();
}

/* Appendix A */
bool is_duration(std::string_view text)
{
    if (!take(text, 'P'))
        return false;
    const std::size_t weeks = count_front(text, is_digit);
    if (weeks > 0 && after(text, weeks) == "W")
        return true;
    bool has_date = false;
    bool has_time = false;
    if (!take_units(text, "YMD", has_date))
        return false;
    if (!take(text, 'T'))
        return has_date && text.empty();
    return take_units(text, "HMS", has_time) && has_time && text.empty();
}

} // namespace opigno::json::schema
