/*
 * Secrets of clients and access tokens: a prefix, 43 characters that encode 256 random bits, and 6
 * characters that encode the CRC-32 (IEEE) of all before them. The characters are 0-9, A-Z and a-z
 * (base 62). Scanners for leaked secrets find them by the prefix and the checksum.
 */
#pragma once

#include "pg/text.hpp"

#include <string_view>

namespace opigno::client {

inline constexpr std::string_view secret_prefix = "opigno_secret_";
inline constexpr std::string_view token_prefix = "opigno_token_";

/* Raises an internal error if the server has no random bits. */
text *make_credential(std::string_view prefix);

/* Whether the value has the form of a credential with this prefix, checksum included. */
bool is_credential(std::string_view value, std::string_view prefix);

/* Returns the SHA-256 of the value. Credentials have 256 random bits, so the hash needs no salt. */
bytea *hash_of(std::string_view value);

} // namespace opigno::client
