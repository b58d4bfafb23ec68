/* The Unicode properties of ECMA-262's \p{...}, by RE2's names. */
#pragma once

#include <string_view>

namespace opigno::json::schema {

/* Items of a class of RE2, such as \p{Lu}\p{Ll}. One of them can be empty: then only the negation of
 * the other can be written. */
struct CharacterSet {
    std::string_view members;
    std::string_view others;
};

struct UnicodeProperty {
    enum class Kind {
        Unknown,     /* ECMA-262 does not have it */
        Unsupported, /* it cannot be written */
        Set,
        Named, /* RE2 has it, or does not know it, by this name */
    };
    Kind kind = Kind::Unknown;
    CharacterSet set = {};
    std::string_view name = {};
};

/* expression: what is in the braces */
UnicodeProperty property_named(std::string_view expression);

inline constexpr CharacterSet white_space = {
    "\\t\\n\\v\\f\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}"
    "\\x{feff}",
    "\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{21}-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}"
    "\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-\\x{10ffff}"};

inline constexpr CharacterSet every_character = {"\\x{0}-\\x{10ffff}", ""};

} // namespace opigno::json::schema
