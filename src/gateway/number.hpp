/* Reads whole numbers. */
#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace opigno::gateway {

/* Returns nothing for text that is no number in decimal, or one that is out of range. */
template <typename Number> std::optional<Number> number_of(std::string_view digits)
{
    Number number{};
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return fault == std::errc() && end == digits.data() + digits.size() ? std::optional<Number>(number)
                                                                        : std::nullopt;
}

} // namespace opigno::gateway
