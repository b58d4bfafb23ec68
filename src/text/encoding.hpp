/*
 * Converts between the database's encoding and UTF-8, in which characters are classified. The
 * namespace is `texts` because `text` is a type of PostgreSQL.
 */
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace opigno::texts {

/* The limit of a conversion, which takes several times as much memory as the text. Callers check
 * the length first. */
inline constexpr std::size_t max_converted = 65536; /* bytes */

/*
 * Returns the text in UTF-8: the value itself if no conversion is needed. Returns nothing if a
 * character has no equivalent. Bytes of a SQL_ASCII database are treated as UTF-8. Raises 54000 if
 * more than max_converted bytes must be converted, and no other errors.
 */
std::optional<std::string_view> as_utf8(std::string_view value);

/*
 * Returns text from outside in the database's encoding. Returns nothing if the text is not UTF-8,
 * contains a byte 0, or has a character that the encoding does not have. Raises 54000 as above.
 */
std::optional<std::string_view> from_utf8(std::string_view value);

/* Removes leading and trailing white space. In encodings other than UTF-8 it removes ASCII white
 * space only. */
std::string_view trimmed(std::string_view value);

} // namespace opigno::texts
