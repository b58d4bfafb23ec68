/*
 * jsonb's bytes (utils/jsonb.h): a container is a header with a count and a kind, one entry for
 * each child, and the children's data. An object has the entries of its keys, sorted by length
 * and then by bytes, and behind them those of its values in the same order. An entry holds the
 * length of its data, every 32nd the offset of its end instead. Numbers and containers start at
 * multiples of four; the padding before them is part of their length. Pure: knows no PostgreSQL.
 */
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace opigno::json {

inline constexpr std::uint32_t count_mask = 0x0FFFFFFF;
inline constexpr std::uint32_t scalar_flag = 0x10000000;
inline constexpr std::uint32_t object_flag = 0x20000000;
inline constexpr std::uint32_t array_flag = 0x40000000;

inline constexpr std::uint32_t length_mask = 0x0FFFFFFF;
inline constexpr std::uint32_t type_mask = 0x70000000;
inline constexpr std::uint32_t has_offset = 0x80000000;
inline constexpr std::uint32_t offset_stride = 32;

enum Type : std::uint32_t {
    string_type = 0x00000000,
    numeric_type = 0x10000000,
    false_type = 0x20000000,
    true_type = 0x30000000,
    null_type = 0x40000000,
    container_type = 0x50000000,
};

constexpr Type type_of(std::uint32_t entry)
{
    return static_cast<Type>(entry & type_mask);
}

constexpr bool is_aligned(std::uint32_t entry)
{
    return type_of(entry) == numeric_type || type_of(entry) == container_type;
}

constexpr std::uint32_t aligned(std::uint32_t offset)
{
    return (offset + 3) & ~3U;
}

/* Reads a word that is aligned in memory as all words of a detoasted jsonb are. */
inline std::uint32_t word(const char *at)
{
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return value;
}

inline void set_word(char *at, std::uint32_t value)
{
    std::memcpy(at, &value, sizeof value);
}

/* A child without the padding before it. */
struct Value {
    Type type;
    std::string_view bytes;

    bool operator==(const Value &other) const { return type == other.type && bytes == other.bytes; }
};

inline bool is_object(const Value &value)
{
    return value.type == container_type && (word(value.bytes.data()) & object_flag) != 0;
}

/* Order of keys in an object. */
inline int compare_keys(std::string_view left, std::string_view right)
{
    if (left.size() != right.size())
        return left.size() < right.size() ? -1 : 1;
    return std::memcmp(left.data(), right.data(), left.size());
}

/* A container's entries: of an object the keys' and then the values'. */
class Entries {
  public:
    explicit Entries(const char *container, std::uint32_t count) : at_(container + 4), count_(count) {}

    [[nodiscard]] std::uint32_t count() const { return count_; }
    [[nodiscard]] std::uint32_t operator[](std::uint32_t index) const
    {
        return word(at_ + index * std::size_t{4});
    }
    [[nodiscard]] const char *bytes(std::uint32_t index) const { return at_ + index * std::size_t{4}; }
    [[nodiscard]] const char *data() const { return at_ + count_ * std::size_t{4}; }

    /* Offset in data() where the child before this one ends, and so this one starts, its padding included. */
    [[nodiscard]] std::uint32_t start(std::uint32_t index) const
    {
        std::uint32_t sum = 0;
        while (index > 0) {
            const std::uint32_t entry = (*this)[--index];
            sum += entry & length_mask;
            if ((entry & has_offset) != 0)
                break;
        }
        return sum;
    }
    /* Offset of a child's end, given that of its start. */
    [[nodiscard]] std::uint32_t end(std::uint32_t index, std::uint32_t start) const
    {
        const std::uint32_t entry = (*this)[index];
        return (entry & has_offset) != 0 ? entry & length_mask : start + (entry & length_mask);
    }
    [[nodiscard]] Value value(std::uint32_t index) const
    {
        std::uint32_t from = start(index);
        const std::uint32_t to = end(index, from);
        const std::uint32_t entry = (*this)[index];
        if (is_aligned(entry))
            from = aligned(from);
        return {type_of(entry), {data() + from, to - from}};
    }

  private:
    const char *at_;
    std::uint32_t count_;
};

/* An object's container. */
class Object {
  public:
    explicit Object(const char *container)
        : size_(word(container) & count_mask), entries_(container, 2 * size_)
    {
    }

    [[nodiscard]] std::uint32_t size() const { return size_; }
    [[nodiscard]] const Entries &entries() const { return entries_; }
    [[nodiscard]] std::string_view key(std::uint32_t member) const { return entries_.value(member).bytes; }
    [[nodiscard]] Value value(std::uint32_t member) const { return entries_.value(size_ + member); }

  private:
    std::uint32_t size_;
    Entries entries_;
};

} // namespace opigno::json
