/* The compact form of a signed token: RFC 7515 section 7.1. Does not depend on PostgreSQL. */
#pragma once

#include <cstddef>
#include <string_view>
#include <type_traits>

namespace opigno::jwt {

inline constexpr std::size_t max_token = 16384;

struct Compact {
    std::string_view header; /* the three parts as they are in the token */
    std::string_view claims;
    std::string_view signature;
    std::string_view signed_text;
};

static_assert(std::is_trivially_destructible_v<Compact>);

/* Returns nullptr, or the reason why the token is none. */
inline const char *split(std::string_view token, Compact &parts)
{
    if (token.size() > max_token)
        return "the token has more than 16384 bytes";
    std::string_view found[3];
    std::size_t start = 0;
    for (int part = 0; part < 3; ++part) {
        const std::size_t dot = token.find('.', start);
        const bool is_last = dot == std::string_view::npos;
        if (is_last != (part == 2))
            return "the token does not have three parts";
        const std::size_t end = is_last ? token.size() : dot;
        if (end == start)
            return "a part of the token is empty";
        found[part] = {token.data() + start, end - start};
        start = end + 1;
    }
    parts = {found[0], found[1], found[2], {token.data(), found[0].size() + 1 + found[1].size()}};
    return nullptr;
}

} // namespace opigno::jwt
