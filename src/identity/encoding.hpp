/* From the database's encoding to UTF-8, for questions about characters. */
#pragma once

#include <optional>
#include <string_view>

namespace opigno::identity {

/*
 * The text in UTF-8, itself where it is so already. Nothing where a character has
 * no equivalent. A SQL_ASCII database's bytes are taken for UTF-8. Never raises.
 */
std::optional<std::string_view> as_utf8(std::string_view value);

} // namespace opigno::identity
