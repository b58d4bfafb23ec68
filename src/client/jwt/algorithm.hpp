/* The algorithms of signatures: RFC 7518 section 3, RFC 8037. Does not depend on PostgreSQL. */
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

namespace opigno::jwt {

enum class Algorithm : std::uint8_t { RS256, RS384, RS512, PS256, ES256, ES384, EdDSA, HS256 };

/* What a key is. Each kind but RSA has one algorithm. */
enum class KeyKind : std::uint8_t { Rsa, P256, P384, Ed25519, Secret };

struct AlgorithmWord {
    const char *word;
    Algorithm algorithm;
    KeyKind kind;
};

/* In the order of Algorithm. */
inline constexpr AlgorithmWord algorithms[] = {
    {"RS256", Algorithm::RS256, KeyKind::Rsa},     {"RS384", Algorithm::RS384, KeyKind::Rsa},
    {"RS512", Algorithm::RS512, KeyKind::Rsa},     {"PS256", Algorithm::PS256, KeyKind::Rsa},
    {"ES256", Algorithm::ES256, KeyKind::P256},    {"ES384", Algorithm::ES384, KeyKind::P384},
    {"EdDSA", Algorithm::EdDSA, KeyKind::Ed25519}, {"HS256", Algorithm::HS256, KeyKind::Secret}};

constexpr std::optional<Algorithm> algorithm_of(std::string_view word)
{
    for (const AlgorithmWord &known : algorithms)
        if (word == known.word)
            return known.algorithm;
    return std::nullopt;
}

constexpr const char *word_of(Algorithm algorithm)
{
    return algorithms[static_cast<std::size_t>(algorithm)].word;
}

constexpr KeyKind kind_of(Algorithm algorithm)
{
    return algorithms[static_cast<std::size_t>(algorithm)].kind;
}

/* The algorithm of a key; nothing for RSA, which has several. */
constexpr std::optional<Algorithm> only_algorithm_of(KeyKind kind)
{
    if (kind == KeyKind::Rsa)
        return std::nullopt;
    for (const AlgorithmWord &known : algorithms)
        if (known.kind == kind)
            return known.algorithm;
    return std::nullopt;
}

} // namespace opigno::jwt
