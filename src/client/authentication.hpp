/* How clients prove who they are, and what is said to those who do not. */
#pragma once

#include "pg/text.hpp"
#include "pg/time.hpp"

#include <cstdint>
#include <optional>
#include <type_traits>

namespace opigno::client {

/*
 * Raises 28000 with one message for every reason. The reason, a sentence without any token or
 * secret, goes to the server log.
 */
[[noreturn]] void refuse_authorization(const char *reason);

struct Authenticated {
    std::int64_t client_id;
    text *client_key;
    std::int32_t app_id;
    TimestampTz expires_at; /* of the client */
};

static_assert(std::is_trivially_destructible_v<Authenticated>);

/*
 * Returns the client with this key and secret. If there is none, or if the client or the secret has
 * expired or was revoked, sets `reason` and returns nothing. Called between SPI_connect and
 * SPI_finish as the owner.
 */
std::optional<Authenticated> authenticate(const text *client_key, const text *client_secret,
                                          const char *&reason);

} // namespace opigno::client
