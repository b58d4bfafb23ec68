/* Classes of characters in UTF-8 text. Does not depend on PostgreSQL. */
#pragma once

#include <cstdint>
#include <string_view>

namespace opigno::texts {

inline constexpr char32_t replacement_character = 0xFFFD;

/* Removes the first code point from `rest` and returns it. Each invalid byte counts as one
 * replacement character. */
constexpr char32_t take_code_point(std::string_view &rest)
{
    const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(rest[at]); };
    const std::uint8_t lead = byte(0);
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
    if (length == 1 && lead >= 0x80) {
        rest.remove_prefix(1);
        return replacement_character;
    }
    char32_t point = length == 1 ? lead : lead & (0x7FU >> length);
    for (std::size_t at = 1; at < length; ++at) {
        if (at >= rest.size() || (byte(at) & 0xC0U) != 0x80) {
            rest.remove_prefix(1);
            return replacement_character;
        }
        point = point << 6U | (byte(at) & 0x3FU);
    }
    rest.remove_prefix(length);
    return point;
}

/* C0, DEL and C1. */
constexpr bool is_control(char32_t point)
{
    return point < 0x20 || (point >= 0x7F && point <= 0x9F);
}

/* Unicode's property White_Space. */
constexpr bool is_white_space(char32_t point)
{
    return (point >= 0x09 && point <= 0x0D) || point == 0x20 || point == 0x85 || point == 0xA0 ||
           point == 0x1680 || (point >= 0x2000 && point <= 0x200A) || point == 0x2028 || point == 0x2029 ||
           point == 0x202F || point == 0x205F || point == 0x3000;
}

struct CodePoints {
    char32_t first;
    char32_t last;
};

/* Unicode's property Default_Ignorable_Code_Point, from DerivedCoreProperties.txt of version 17. The
 * ranges include code points that are reserved for such characters. */
inline constexpr CodePoints default_ignorable[] = {
    {0xAD, 0xAD},       {0x34F, 0x34F},     {0x61C, 0x61C},   {0x115F, 0x1160}, {0x17B4, 0x17B5},
    {0x180B, 0x180F},   {0x200B, 0x200F},   {0x202A, 0x202E}, {0x2060, 0x206F}, {0x3164, 0x3164},
    {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFF8}, {0x1BCA0, 0x1BCA3},
    {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
};

/* Characters that are not shown: byte order mark, zero-width and bidirectional control characters,
 * soft hyphen, variation selectors and others. */
constexpr bool is_default_ignorable(char32_t point)
{
    for (const CodePoints &range : default_ignorable)
        if (point <= range.last)
            return point >= range.first;
    return false;
}

/* Unicode's property Bidi_Control. */
constexpr bool is_bidirectional_control(char32_t point)
{
    return point == 0x61C || point == 0x200E || point == 0x200F || (point >= 0x202A && point <= 0x202E) ||
           (point >= 0x2066 && point <= 0x2069);
}

/* Whether the character leaves a mark in a text. BRAILLE PATTERN BLANK is a symbol without a dot. */
constexpr bool is_visible(char32_t point)
{
    constexpr char32_t braille_blank = 0x2800;
    return !is_control(point) && !is_white_space(point) && !is_default_ignorable(point) &&
           point != braille_blank;
}

constexpr bool is_ascii_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

constexpr bool contains(std::string_view utf8, bool (*is_wanted)(char32_t))
{
    while (!utf8.empty())
        if (is_wanted(take_code_point(utf8)))
            return true;
    return false;
}

/* Whether the text is empty or only white space. */
constexpr bool is_blank(std::string_view utf8)
{
    while (!utf8.empty())
        if (!is_white_space(take_code_point(utf8)))
            return false;
    return true;
}

/* Removes leading and trailing white space. */
constexpr std::string_view trimmed_utf8(std::string_view utf8)
{
    std::string_view kept;
    const char *start = nullptr;
    for (std::string_view rest = utf8; !rest.empty();) {
        const char *at = rest.data();
        if (is_white_space(take_code_point(rest)))
            continue;
        start = start == nullptr ? at : start;
        kept = {start, static_cast<std::size_t>(rest.data() - start)};
    }
    return kept;
}

constexpr bool is_ascii(std::string_view text)
{
    for (const char c : text)
        if (static_cast<std::uint8_t>(c) >= 0x80)
            return false;
    return true;
}

} // namespace opigno::texts
