/* Translates regular expressions of ECMA-262 with the flag u to RE2's syntax. */
#pragma once

#include "json/value/small_vector.hpp"

#include <cstddef>
#include <string_view>

namespace opigno::json::schema {

using PatternText = SmallVector<char, 256>;

/*
 * Returns nullptr and the translation, or why there is none, such as "look-ahead is not supported".
 * is_valid: whether the source is a regular expression. Escapes of punctuation that needs none, such
 * as \-, are accepted, as without the flag u. All texts are in UTF-8.
 */
const char *translate_pattern(std::string_view source, PatternText &translated, bool &is_valid);

/* Whether the source is a regular expression. */
bool is_valid_pattern(std::string_view source);

} // namespace opigno::json::schema
