/*
 * The request target of HTTP (RFC 9112, section 3.2): a path and a query. Knows nothing of
 * PostgreSQL but its memory.
 */
#pragma once

#include "pg/vector.hpp"

#include <optional>
#include <string_view>
#include <type_traits>

namespace opigno::gateway {

struct Parameter {
    std::string_view name;
    std::string_view value;
};

using Parameters = pg::Vector<Parameter>;

/* In bytes. Web servers accept no longer ones. */
inline constexpr std::size_t max_target = 65536;

/* The control characters of a document with several lines. */
inline constexpr std::string_view white_space_controls = "\t\n\r";

/* Returns the value of the first parameter with this name. */
std::optional<std::string_view> value_of(const Parameters &parameters, std::string_view name);

struct Target {
    bool is_server = false; /* the asterisk-form, which stands for the whole server */
    /* The segments of the path, percent-decoded: a %2F stays in its segment. */
    pg::Vector<std::string_view> path;
    Parameters query;
};

static_assert(std::is_trivially_destructible_v<Target>);

/*
 * Reads a target in origin-form, absolute-form or asterisk-form. Returns nothing if it is another one,
 * or if it contains a character that a target cannot have, a % without two hexadecimal digits, an encoded
 * control character (but white_space_controls in a value of the query), or bytes that are not UTF-8 after
 * decoding.
 */
std::optional<Target> read_target(std::string_view text);

/* Reads application/x-www-form-urlencoded. Returns nothing for the same reasons, and for all encoded
 * control characters. */
std::optional<Parameters> read_form(std::string_view text);

/* Appends a value of a query, percent-encoded as UTF-8. */
void append_encoded(StringInfo out, std::string_view value);

/* Decodes one value of such a form: a + is a space. */
std::optional<std::string_view> form_decoded(std::string_view text);

} // namespace opigno::gateway
