/* Writes the numbers of a JSON text without exponents, which the reader of the tests leaves to a server. */
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>

namespace opigno::test {

/* mantissa: such as -1.5 */
inline std::string shifted(std::string_view mantissa, int exponent)
{
    const bool is_negative = mantissa.starts_with('-');
    mantissa.remove_prefix(is_negative ? 1 : 0);
    const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
    std::string digits(mantissa);
    if (point < digits.size())
        digits.erase(point, 1);
    int whole = static_cast<int>(point) + exponent;
    for (; whole < 1; ++whole)
        digits.insert(0, 1, '0');
    if (static_cast<std::size_t>(whole) > digits.size())
        digits.append(static_cast<std::size_t>(whole) - digits.size(), '0');
    if (static_cast<std::size_t>(whole) < digits.size())
        digits.insert(static_cast<std::size_t>(whole), 1, '.');
    while (digits.size() > 1 && digits[0] == '0' && digits[1] != '.')
        digits.erase(0, 1);
    return (is_negative ? "-" : "") + digits;
}

inline std::string with_plain_numbers(std::string_view text)
{
    std::string made;
    bool in_string = false;
    while (!text.empty()) {
        const std::size_t size =
            in_string ? 0 : std::min(text.find_first_not_of("0123456789+-.eE"), text.size());
        const std::string_view number = text.substr(0, size);
        const std::size_t mark = number.find_first_of("eE");
        if (mark != std::string_view::npos && mark > 0) {
            made += shifted(number.substr(0, mark), std::atoi(std::string(number.substr(mark + 1)).c_str()));
            text.remove_prefix(size);
            continue;
        }
        const std::size_t taken = in_string && text[0] == '\\' ? 2 : size > 0 ? size : 1;
        in_string ^= size == 0 && text[0] == '"';
        made += text.substr(0, taken);
        text.remove_prefix(taken);
    }
    return made;
}

} // namespace opigno::test
