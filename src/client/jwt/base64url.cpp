#include "client/jwt/base64url.hpp"

#include "json/value/host.hpp"

#include <cstdint>

namespace opigno::jwt {

namespace {

constexpr std::uint32_t no_digit = 64;

constexpr std::uint32_t digit_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return static_cast<std::uint32_t>(c - 'A');
    if (c >= 'a' && c <= 'z')
        return static_cast<std::uint32_t>(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return static_cast<std::uint32_t>(c - '0') + 52;
    return c == '-' ? 62 : c == '_' ? 63 : no_digit;
}

} // namespace

std::optional<std::string_view> decode_base64url(std::string_view encoded)
{
    if (encoded.size() % 4 == 1)
        return std::nullopt;
    const std::size_t size = encoded.size() / 4 * 3 + (encoded.size() % 4 * 3) / 4;
    auto *decoded = static_cast<char *>(json::allocate(size + 1));
    char *to = decoded;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : encoded) {
        const std::uint32_t digit = digit_of(c);
        if (digit == no_digit)
            return std::nullopt;
        bits = bits << 6U | digit;
        count += 6;
        if (count >= 8) {
            count -= 8;
            *to++ = static_cast<char>(bits >> count & 0xFFU);
            bits &= (1U << count) - 1;
        }
    }
    return bits == 0 ? std::optional<std::string_view>({decoded, size}) : std::nullopt;
}

} // namespace opigno::jwt
