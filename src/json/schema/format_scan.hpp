/* What the formats share: taking ASCII characters from the front of a text. */
#pragma once

#include <cstddef>
#include <string_view>

namespace opigno::json::schema {

constexpr bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

constexpr bool is_ascii_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

constexpr bool is_hex_digit(char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/* As substr(), which can throw. */
constexpr std::string_view front_of(std::string_view text, std::size_t size)
{
    return {text.data(), size < text.size() ? size : text.size()};
}

constexpr std::string_view after(std::string_view text, std::size_t size)
{
    return size < text.size() ? std::string_view(text.data() + size, text.size() - size) : std::string_view();
}

/* How many characters at the front are accepted. */
template <typename Accepts> constexpr std::size_t count_front(std::string_view text, Accepts accepts)
{
    std::size_t count = 0;
    while (count < text.size() && accepts(text[count]))
        ++count;
    return count;
}

constexpr bool take(std::string_view &rest, char c)
{
    if (!rest.starts_with(c))
        return false;
    rest.remove_prefix(1);
    return true;
}

/* Takes a number of so many digits that is in a range. */
constexpr bool take_number(std::string_view &rest, std::size_t digits, int least, int most, int &number)
{
    if (rest.size() < digits || count_front(front_of(rest, digits), is_digit) < digits)
        return false;
    number = 0;
    for (const char c : front_of(rest, digits))
        number = number * 10 + (c - '0');
    rest.remove_prefix(digits);
    return number >= least && number <= most;
}

/* Takes an integer of any size; a zero only stands alone. */
constexpr bool take_integer(std::string_view &rest)
{
    const std::size_t size = count_front(rest, is_digit);
    if (size == 0 || (size > 1 && rest[0] == '0'))
        return false;
    rest.remove_prefix(size);
    return true;
}

} // namespace opigno::json::schema
