/* The length of the text that jsonb_out makes of a document, without making it. Does not depend on
 * PostgreSQL. */
#pragma once

#include <cstdint>
#include <string_view>

namespace opigno::json {

struct TextSize {
    std::uint64_t bytes = 0;
    std::uint32_t longest_number = 0; /* in characters; 0: there is no number */
};

/* container: the root's. */
TextSize text_size(const char *container);

/* Measures the numbers only. Everything else has at most max_growth bytes of text for each byte of
 * jsonb. */
TextSize text_size_of_numbers(const char *container);
inline constexpr std::uint64_t max_growth = 6;

/* The characters that numeric_out writes. numeric: with its length word. */
std::uint32_t size_of_number(std::string_view numeric);

} // namespace opigno::json
