/* The canonical form of user uuids. Does not depend on PostgreSQL. */
#pragma once

#include <cstddef>
#include <string_view>

namespace opigno::identity {

constexpr std::size_t uuid_length = 36;

constexpr bool is_hyphen_position(std::size_t at)
{
    return at == 8 || at == 13 || at == 18 || at == 23;
}

/* Whether this is 8-4-4-4-12 hexadecimal digits in any letter case. Other spellings of UUIDs do not
 * count. */
constexpr bool is_uuid(std::string_view value)
{
    if (value.size() != uuid_length)
        return false;
    for (std::size_t at = 0; at < uuid_length; ++at) {
        const char c = value[at];
        const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (is_hyphen_position(at) ? c != '-' : !digit)
            return false;
    }
    return true;
}

constexpr char canonical_digit(char c)
{
    return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
}

/* Returns false only for a UUID with upper-case digits. */
constexpr bool is_canonical(std::string_view value)
{
    if (value.size() != uuid_length)
        return true;
    bool has_upper_case_digit = false;
    for (std::size_t at = 0; at < uuid_length; ++at)
        has_upper_case_digit |= canonical_digit(value[at]) != value[at];
    return !has_upper_case_digit || !is_uuid(value);
}

} // namespace opigno::identity
