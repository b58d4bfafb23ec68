/* std::string_view::substr() without its exception. Does not depend on PostgreSQL. */
#pragma once

#include <algorithm>
#include <string_view>

namespace opigno::graphql {

/* What there is of the text from this place on, at most so many bytes. */
inline std::string_view piece(std::string_view text, std::size_t at, std::size_t size)
{
    at = std::min(at, text.size());
    return {text.data() + at, std::min(size, text.size() - at)};
}

} // namespace opigno::graphql
