#include "json/text/string_text.hpp"

#include "json/text/host.hpp"
#include "json/value/bytes.hpp"
#include "json/value/host.hpp"

namespace opigno::json {

namespace {

/* The value of four hexadecimal digits; more than 0xFFFF if one is none. */
std::uint32_t four_digits(const char *at)
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

/* Reads the code point after "\u". Returns 0 for anything else, for half of a pair, and for U+0000. */
std::uint32_t take_code_point(const char *&at, const char *end)
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

/* The character that a letter after a backslash means, or 0. */
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

} // namespace

char *write_unescaped(char *to, std::string_view spelled, const char *slash)
{
    const char *at = spelled.data();
    const char *end = at + spelled.size();
    for (; slash != nullptr; slash = find_slash({at, static_cast<std::size_t>(end - at)})) {
        const auto plain = static_cast<std::size_t>(slash - at);
        copy_bytes(to, at, plain);
        to += plain;
        if (end - slash < 2)
            return nullptr;
        at = slash + 2;
        const char meant = meaning(slash[1]);
        if (meant != 0) {
            *to++ = meant;
            continue;
        }
        const std::uint32_t point = slash[1] == 'u' ? take_code_point(at, end) : 0;
        if (point == 0)
            return nullptr;
        if (point < 0x80) {
            *to++ = static_cast<char>(point);
        } else {
            to = write_character(to, point);
            if (to == nullptr)
                return nullptr;
        }
    }
    const auto rest = static_cast<std::size_t>(end - at);
    copy_bytes(to, at, rest);
    return to + rest;
}

std::string_view unescaped(std::string_view spelled)
{
    const char *slash = find_slash(spelled);
    if (slash == nullptr)
        return spelled;
    auto *plain = static_cast<char *>(allocate(spelled.size()));
    const char *end = write_unescaped(plain, spelled, slash);
    return end == nullptr ? spelled : std::string_view(plain, static_cast<std::size_t>(end - plain));
}

} // namespace opigno::json
