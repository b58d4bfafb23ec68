/* Strings in JSON text, without their quotes, as jsonb holds them. Pure: knows no PostgreSQL. */
#pragma once

#include "json/value/bytes.hpp"

#include <string_view>

namespace opigno::json {

namespace escape {

/* The value of four hexadecimal digits, or more than 0xFFFF. */
inline std::uint32_t four_digits(const char *at)
{
    std::uint32_t value = 0;
    for (int digit = 0; digit < 4; ++digit) {
        const char c = at[digit];
        if (c >= '0' && c <= '9')
            value = value << 4U | static_cast<std::uint32_t>(c - '0');
        else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
            value = value << 4U | ((static_cast<std::uint32_t>(c) | 0x20U) - 'a' + 10);
        else
            return 0x10000;
    }
    return value;
}

/* Takes the code point behind "\u"; 0 for what is none, for half of a pair, and for U+0000. */
inline std::uint32_t take_code_point(const char *&at, const char *end)
{
    if (end - at < 4)
        return 0;
    const std::uint32_t first = four_digits(at);
    at += 4;
    if (first > 0xFFFF || (first & 0xFC00U) == 0xDC00)
        return 0;
    if ((first & 0xFC00U) != 0xD800)
        return first;
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return 0;
    const std::uint32_t second = four_digits(at + 2);
    at += 6;
    return (second & 0xFFFFFC00U) == 0xDC00 ? 0x10000 + ((first & 0x3FFU) << 10U) + (second & 0x3FFU) : 0;
}

/* What a letter behind a backslash stands for, or 0. */
constexpr char meaning(char letter)
{
    switch (letter) {
    case '"':
    case '\\':
    case '/':
        return letter;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return 0;
    }
}

} // namespace escape

/* As UTF-8; at most as long as the escape was. */
inline char *write_utf8(char *to, std::uint32_t point)
{
    const auto put = [&to](std::uint32_t byte) { *to++ = static_cast<char>(byte); };
    if (point < 0x800) {
        put(0xC0 | point >> 6U);
    } else if (point < 0x10000) {
        put(0xE0 | point >> 12U);
        put(0x80 | (point >> 6U & 0x3FU));
    } else {
        put(0xF0 | point >> 18U);
        put(0x80 | (point >> 12U & 0x3FU));
        put(0x80 | (point >> 6U & 0x3FU));
    }
    put(0x80 | (point & 0x3FU));
    return to;
}

/*
 * Writes the string that is spelled so, of at most as many bytes, and returns its end; nullptr where an
 * escape is wrong or its character cannot be. Memory::write_character writes one beyond ASCII.
 */
template <typename Memory> char *write_unescaped(char *to, std::string_view spelled, Memory &memory)
{
    const char *at = spelled.data();
    const char *end = at + spelled.size();
    while (at < end) {
        const auto *slash =
            static_cast<const char *>(std::memchr(at, '\\', static_cast<std::size_t>(end - at)));
        const auto plain = static_cast<std::size_t>((slash == nullptr ? end : slash) - at);
        copy_bytes(to, at, plain);
        to += plain;
        if (slash == nullptr)
            return to;
        if (end - slash < 2)
            return nullptr;
        at = slash + 2;
        const char meant = escape::meaning(slash[1]);
        if (meant != 0) {
            *to++ = meant;
            continue;
        }
        const std::uint32_t point = slash[1] == 'u' ? escape::take_code_point(at, end) : 0;
        if (point == 0)
            return nullptr;
        if (point < 0x80) {
            *to++ = static_cast<char>(point);
        } else {
            to = memory.write_character(to, point);
            if (to == nullptr)
                return nullptr;
        }
    }
    return to;
}

} // namespace opigno::json
