/*
 * From the database's encoding to UTF-8, for questions about characters. The namespace is texts, since
 * text is a type of PostgreSQL.
 */
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace opigno::texts {

/* Callers look at the length first: a conversion takes several times as much memory as the text. */
inline constexpr std::size_t max_converted = 65536; /* bytes */

/*
 * The text in UTF-8, itself where it is so already. Nothing where a character has
 * no equivalent. A SQL_ASCII database's bytes are taken for UTF-8. Raises 54000 for
 * more than max_converted bytes that are to be converted, and nothing else.
 */
std::optional<std::string_view> as_utf8(std::string_view value);

/* Without the white space around it; in other encodings than UTF-8 only ASCII's is known. */
std::string_view trimmed(std::string_view value);

} // namespace opigno::texts
