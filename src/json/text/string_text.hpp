/* Strings in JSON text, without their quotes, as jsonb holds them. Does not depend on PostgreSQL. */
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace opigno::json {

/* Writes UTF-8, which is no longer than the escape was. Returns its end. */
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

/* The first backslash, or nullptr. */
inline const char *find_slash(std::string_view spelled)
{
    return static_cast<const char *>(std::memchr(spelled.data(), '\\', spelled.size()));
}

/*
 * Writes the string with its escapes replaced and returns its end. The result is no longer than
 * `spelled`, the string as it is in JSON text. slash: the result of find_slash(). Returns nullptr
 * for a wrong escape, and for a character that write_character() cannot write.
 */
char *write_unescaped(char *to, std::string_view spelled, const char *slash);

/* Returns the string with its escapes replaced, or `spelled` itself if it has none or wrong
 * ones. */
std::string_view unescaped(std::string_view spelled);

} // namespace opigno::json
