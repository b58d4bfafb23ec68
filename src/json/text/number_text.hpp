/*
 * Numbers in JSON text and as the bytes of numeric (utils/adt/numeric.c): a header, and digits in
 * base 10,000 without zeros at either end. Does not depend on PostgreSQL.
 */
#pragma once

#include "json/value/jsonb_format.hpp"

namespace opigno::json {

struct NumberText {
    const char *end; /* nullptr: not a number, or one that numeric may reject */
    bool is_plain;   /* no exponent, and few enough digits for write_plain_number */
};

namespace number {

constexpr std::ptrdiff_t max_plain_integer = 64; /* digits before the point */
constexpr std::ptrdiff_t max_plain_scale = 63;   /* digits after it: what numeric's short header can hold */
constexpr std::ptrdiff_t max_size = 6000;        /* with max_exponent far below the limits of numeric */
constexpr std::ptrdiff_t max_exponent = 4;

inline const char *skip_digits(const char *at, const char *end)
{
    while (at < end && static_cast<unsigned char>(*at - '0') <= 9)
        ++at;
    return at;
}

} // namespace number

/* Finds the longest number at the start of [at, end), by the grammar of JSON. */
inline NumberText scan_number(const char *at, const char *end)
{
    const char *start = at;
    at += static_cast<std::ptrdiff_t>(*at == '-');
    const char *digits = at;
    at = number::skip_digits(at, end);
    if (at == digits || (*digits == '0' && at - digits > 1))
        return {nullptr, false};
    bool is_plain = at - digits <= number::max_plain_integer;
    if (at < end && *at == '.') {
        digits = ++at;
        at = number::skip_digits(at, end);
        if (at == digits)
            return {nullptr, false};
        is_plain = is_plain && at - digits <= number::max_plain_scale;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        ++at;
        at += static_cast<std::ptrdiff_t>(at < end && (*at == '+' || *at == '-'));
        digits = at;
        at = number::skip_digits(at, end);
        if (at == digits || at - digits > number::max_exponent)
            return {nullptr, false};
        is_plain = false;
    }
    return {at - start > number::max_size ? nullptr : at, is_plain};
}

/* The most bytes of numeric that a number of that many characters has. */
constexpr std::size_t room_of_number(std::size_t size)
{
    return 8 + 2 * (size / 4 + 3);
}

/* Writes a plain number as numeric, and returns its end. */
inline char *write_plain_number(char *to, std::string_view token)
{
    const char *at = token.data();
    const char *end = at + token.size();
    const bool is_negative = *at == '-';
    at += static_cast<std::ptrdiff_t>(is_negative);
    const char *point = number::skip_digits(at, end);
    const std::ptrdiff_t scale = point < end ? end - point - 1 : 0;
    std::int32_t weight = static_cast<std::int32_t>((point - at + 3) / 4) - 1;
    constexpr std::size_t header = 6;
    char *digit = to + header;
    char *last = digit; /* after the last digit that is not 0 */
    const auto put = [&](unsigned value) {
        if (value == 0 && digit == to + header) { /* none yet */
            --weight;
            return;
        }
        const auto stored = static_cast<std::int16_t>(value);
        std::memcpy(digit, &stored, sizeof stored);
        digit += sizeof stored;
        if (value != 0)
            last = digit;
    };
    for (std::ptrdiff_t left = point - at; left > 0;) {
        unsigned value = 0;
        for (std::ptrdiff_t few = (left - 1) % 4 + 1; few > 0; --few, --left)
            value = value * 10 + static_cast<unsigned>(*at++ - '0');
        put(value);
    }
    at += static_cast<std::ptrdiff_t>(scale > 0);
    for (std::ptrdiff_t left = scale; left > 0; left -= 4) {
        unsigned value = 0;
        for (std::ptrdiff_t place = 0; place < 4; ++place)
            value = value * 10 + (place < left ? static_cast<unsigned>(*at++ - '0') : 0);
        put(value);
    }
    const bool is_zero = last == to + header;
    const unsigned place = is_zero ? 0 : static_cast<unsigned>(weight) & 0x7FU; /* with its sign */
    const auto kind = static_cast<std::uint16_t>(0x8000U | (is_negative && !is_zero ? 0x2000U : 0U) |
                                                 static_cast<unsigned>(scale) << 7U | place);
    const auto size = static_cast<std::uint32_t>(last - to);
    set_word(to, length_word(size));
    std::memcpy(to + 4, &kind, sizeof kind);
    return last;
}

} // namespace opigno::json
