/*
 * The rules of a token's header and claims: RFC 7515, RFC 7519, RFC 8725. Reasons are constant and
 * contain nothing of the token. Does not depend on PostgreSQL.
 */
#pragma once

#include "client/jwt/algorithm.hpp"

#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace opigno::jwt {

struct Header {
    Algorithm algorithm;
    std::optional<std::string_view> key_id;
};

/* What an issuer's tokens must be like. */
struct Rules {
    std::span<const std::string_view> audience; /* one of them must be the token's */
    std::string_view user_claim;                /* JSON Pointers */
    std::optional<std::string_view> operator_claim;
    std::optional<std::string_view> operator_value; /* nothing: the claim is true */
    double leeway;                                  /* in seconds */
    double now;                                     /* seconds since 1970 */
};

struct Claims {
    std::optional<std::string_view> user;
    bool is_operator = false;
};

static_assert(std::is_trivially_destructible_v<Header> && std::is_trivially_destructible_v<Rules> &&
              std::is_trivially_destructible_v<Claims>);

/* These return nullptr if the text is valid, otherwise the reason. */
const char *read_header(std::string_view text, Header &header);
/* Checks that the claims are JSON, and reads the only claim that is read before the signature is
 * verified. */
const char *read_issuer(std::string_view text, std::optional<std::string_view> &issuer);
/* text: what read_issuer() has checked. */
const char *read_claims(std::string_view text, const Rules &rules, Claims &claims);

} // namespace opigno::jwt
