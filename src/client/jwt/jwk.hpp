/* JSON Web Keys: RFC 7517, RFC 7518 section 6, RFC 8037 section 2. Does not depend on
 * PostgreSQL. */
#pragma once

#include "client/jwt/signature.hpp"

#include <optional>
#include <string_view>
#include <type_traits>

namespace opigno::jwt {

struct Jwk {
    PublicKey key; /* unless the kind is Secret */
    KeyKind kind;
    std::string_view secret; /* if the kind is Secret */
    std::optional<std::string_view> key_id;
    std::optional<Algorithm> algorithm; /* "alg" */
    bool is_private; /* a private key: whoever sent it must not have it, and so must nobody here */
};

static_assert(std::is_trivially_destructible_v<Jwk>);

/* text: what check_object() has checked, or an object in it. Returns nullptr, or the reason why the
 * key cannot be used, as the functions in signature.hpp do. key_id may be set in both cases. */
const char *read_jwk(std::string_view text, Jwk &jwk);

} // namespace opigno::jwt
