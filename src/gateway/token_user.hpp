/* What a JWT says of its user, before anybody has verified it. */
#pragma once

#include "gateway/http/headers.hpp"

namespace opigno::gateway {

struct TokenUser {
    std::string_view name; /* as in the token; empty: it names no user */
    bool is_operator = false;
    bool is_known = false; /* the issuer is registered on this server */
};

static_assert(std::is_trivially_destructible_v<TokenUser>);

/*
 * Reads the JWT in the header Authorization. The claims are those that the registered issuers have; for
 * an issuer that is not registered here, the user is in the claim sub. Only good to choose a server,
 * which verifies the token. function: whose owner reads the issuers.
 */
TokenUser read_token_user(const Headers &headers, Oid function);

} // namespace opigno::gateway
