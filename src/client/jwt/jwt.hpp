/* Reads JSON Web Tokens: RFC 7519 signed as in RFC 7515, by the keys of registered issuers. */
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace opigno::jwt {

struct JwtClaims {
    text *user_uuid = nullptr; /* as in the token, not checked; nullptr: the token names no user */
    bool is_operator = false;
    std::optional<std::int32_t> app_id;
};

static_assert(std::is_trivially_destructible_v<JwtClaims>);

/*
 * Returns nullptr if the token is valid, otherwise the reason, for the server log: a sentence
 * without anything of the token. Called as the owner, between SPI_connect and SPI_finish. Writes
 * nothing, and sees the keys that are committed by now at every isolation level.
 */
const char *read_jwt(std::string_view token, JwtClaims &claims);

} // namespace opigno::jwt
