/*
 * Reads the JSON documents of tokens and keys as text. They are small and come from outside, so
 * nothing is built of them, and nesting is limited. The text is in the database's encoding. Does
 * not depend on PostgreSQL.
 */
#pragma once

#include <optional>
#include <string_view>

namespace opigno::jwt {

inline constexpr std::size_t max_levels = 32;

/*
 * Returns nullptr if the text is a JSON object in which no object, at any depth, has two members
 * with the same name; otherwise the reason, which is constant. The other functions require such a
 * text, or a value in it.
 */
const char *check_object(std::string_view text);

/* Returns the text of a member's value. */
std::optional<std::string_view> find_member(std::string_view object, std::string_view name);

/* Returns the text of the value at a JSON Pointer (RFC 6901). */
std::optional<std::string_view> find_value(std::string_view text, std::string_view pointer);

/* Whether the text is a JSON Pointer to a part of a document. */
bool is_pointer(std::string_view pointer);

/* Returns a string without its quotes and escapes; nothing if the value is not a string. */
std::optional<std::string_view> string_of(std::string_view value);

/* Whether the value is an array that has this string, or a string that is equal to it. */
bool has_string(std::string_view value, std::string_view wanted);

} // namespace opigno::jwt
