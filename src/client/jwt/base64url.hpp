/* base64url without padding: RFC 4648 section 5, RFC 7515 section 2. Does not depend on
 * PostgreSQL. */
#pragma once

#include <optional>
#include <string_view>

namespace opigno::jwt {

/*
 * Returns the bytes, in memory of json::allocate(). Returns nothing for a text with padding, white
 * space or other characters, and for one that the encoder does not write: the unused bits of the
 * last character are 0.
 */
std::optional<std::string_view> decode_base64url(std::string_view encoded);

} // namespace opigno::jwt
