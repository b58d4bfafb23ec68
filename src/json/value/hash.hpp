/* Hashes of bytes. Who chooses the bytes cannot choose the hashes. Does not depend on PostgreSQL. */
#pragma once

#include "json/value/bytes.hpp"

#include <string_view>

namespace opigno::json {

__extension__ using DoubleWord = unsigned __int128;

/* Differs between processes: the address of a variable. */
inline std::uint64_t hash_seed()
{
    static const char place = 0;
    return reinterpret_cast<std::uintptr_t>(&place) * 0xD6E8FEB86659FD93U;
}

inline std::uint64_t mix(std::uint64_t hash, std::uint64_t more)
{
    const DoubleWord product = static_cast<DoubleWord>(hash ^ more) * 0x9E3779B97F4A7C15U;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

inline std::uint64_t hash_of_bytes(std::string_view bytes)
{
    std::uint64_t hash = mix(hash_seed(), bytes.size());
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8)
        hash = mix(hash, two_words(bytes.data() + at));
    std::uint64_t rest = 0;
    if (at < bytes.size())
        std::memcpy(&rest, bytes.data() + at, bytes.size() - at);
    return mix(hash, rest);
}

} // namespace opigno::json
