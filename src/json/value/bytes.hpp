/*
 * Copies and compares bytes as memcpy and memcmp do. Short stretches, which most keys, values and
 * runs of entries are, need no call. Does not depend on PostgreSQL.
 */
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace opigno::json {

/* Reads a word of a document. */
inline std::uint32_t word(const char *at)
{
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return value;
}

inline std::uint64_t two_words(const char *at)
{
    std::uint64_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return value;
}

inline void set_word(char *at, std::uint32_t value)
{
    std::memcpy(at, &value, sizeof value);
}

struct FourWords { /* not an array: functions with arrays on the stack get a stack protector */
    std::uint64_t first;
    std::uint64_t second;
};

/* Copies the first and the last Block, which may overlap. size: between one and two Blocks. */
template <typename Block> void copy_ends(char *to, const char *from, std::size_t size)
{
    Block head;
    Block tail;
    std::memcpy(&head, from, sizeof(Block));
    std::memcpy(&tail, from + size - sizeof(Block), sizeof(Block));
    std::memcpy(to, &head, sizeof(Block));
    std::memcpy(to + size - sizeof(Block), &tail, sizeof(Block));
}

inline void copy_bytes(char *to, const char *from, std::size_t size)
{
    constexpr std::size_t worth_a_call = 128;
    if (size > worth_a_call) {
        std::memcpy(to, from, size);
    } else if (size >= 16) {
        for (; size > 32; to += 16, from += 16, size -= 16)
            std::memcpy(to, from, 16);
        copy_ends<FourWords>(to, from, size);
    } else if (size >= 8) {
        copy_ends<std::uint64_t>(to, from, size);
    } else if (size >= 4) {
        copy_ends<std::uint32_t>(to, from, size);
    } else if (size > 0) {
        const char first = from[0];
        const char middle = from[size / 2];
        const char last = from[size - 1];
        to[0] = first;
        to[size / 2] = middle;
        to[size - 1] = last;
    }
}

/* Turns bytes into a number whose order is that of the bytes. */
inline std::uint64_t in_order(std::uint64_t value)
{
    return std::endian::native == std::endian::little ? __builtin_bswap64(value) : value;
}
inline std::uint64_t in_order(std::uint32_t value)
{
    return std::endian::native == std::endian::little ? __builtin_bswap32(value) : value;
}

/* Turns fewer than eight bytes into a number. The numbers of stretches of the same size have the
 * same order as their bytes. */
inline std::uint64_t number_of(const char *at, std::size_t size)
{
    if (size >= 4)
        return in_order(word(at)) << 32U | in_order(word(at + size - 4));
    if (size == 0)
        return 0;
    const auto byte = [at](std::size_t place) {
        return std::uint64_t{static_cast<unsigned char>(at[place])};
    };
    return byte(0) << 16U | byte(size / 2) << 8U | byte(size - 1);
}

inline int order_of(std::uint64_t left, std::uint64_t right)
{
    return left < right ? -1 : static_cast<int>(left > right);
}

inline int compare_bytes(const char *left, const char *right, std::size_t size)
{
    constexpr std::size_t worth_a_call = 64;
    if (size > worth_a_call)
        return std::memcmp(left, right, size);
    if (size < 8)
        return order_of(number_of(left, size), number_of(right, size));
    for (std::size_t at = 0; at + 8 < size; at += 8)
        if (two_words(left + at) != two_words(right + at))
            return order_of(in_order(two_words(left + at)), in_order(two_words(right + at)));
    return order_of(in_order(two_words(left + size - 8)), in_order(two_words(right + size - 8)));
}

inline bool is_same(const char *left, const char *right, std::size_t size)
{
    if (size > 16)
        return two_words(left) == two_words(right) && std::memcmp(left, right, size) == 0;
    if (size >= 8)
        return two_words(left) == two_words(right) &&
               two_words(left + size - 8) == two_words(right + size - 8);
    if (size >= 4)
        return word(left) == word(right) && word(left + size - 4) == word(right + size - 4);
    return size == 0 ||
           (left[0] == right[0] && left[size / 2] == right[size / 2] && left[size - 1] == right[size - 1]);
}

} // namespace opigno::json
