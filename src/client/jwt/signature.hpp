/*
 * Public keys and signatures: the wall to libcrypto. These functions call nothing of PostgreSQL and
 * raise no error, so that no longjmp passes what libcrypto has allocated. They leave libcrypto's
 * queue of errors as it was. Without libcrypto they find every key and signature invalid.
 */
#pragma once

#include "client/jwt/algorithm.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace opigno::jwt {

#ifdef OPIGNO_WITH_LIBCRYPTO
inline constexpr bool has_libcrypto = true;
#else
inline constexpr bool has_libcrypto = false;
#endif

/* A key of 8192 bits needs 1062 bytes. */
inline constexpr std::size_t max_key = 1100;
inline constexpr std::size_t least_secret = 32;
inline constexpr std::size_t max_secret = 1024;

/* A public key as SubjectPublicKeyInfo in DER. */
struct PublicKey {
    std::uint8_t bytes[max_key];
    std::size_t size;
    KeyKind kind;
};

static_assert(std::is_trivially_destructible_v<PublicKey>);

inline std::string_view der_of(const PublicKey &key)
{
    return {reinterpret_cast<const char *>(key.bytes), key.size};
}

/* These make a public key, and return nullptr or the reason why it cannot be used: a constant text
 * without a subject, as "is not a PEM block". */
const char *key_of_pem(std::string_view pem, PublicKey &key);
const char *key_of_rsa(std::string_view modulus, std::string_view exponent, PublicKey &key);
const char *key_of_curve(KeyKind kind, std::string_view x, std::string_view y, PublicKey &key);
const char *key_of_ed25519(std::string_view x, PublicKey &key);

/*
 * Whether the signature is that of the text. key: SubjectPublicKeyInfo, or the secret of HS256.
 * Keeps the last keys that it was called with, since to decode a key costs more than to verify a
 * signature. They are found by their bytes, so no change of a table makes them invalid.
 */
bool verify(Algorithm algorithm, std::string_view key, std::string_view text, std::string_view signature);

} // namespace opigno::jwt
