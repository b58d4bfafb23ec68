/*
 * The bytes of jsonb (utils/jsonb.h). A container is a header with a count and a kind, one entry
 * for each child, and the children's data. An object has the entries of its keys, sorted by length
 * and then by bytes, followed by those of its values in the same order. An entry holds the length
 * of its data; every 32nd holds the offset of its end instead. Numbers and containers start at
 * multiples of four; the padding before them is part of their length. Words have the machine's byte
 * order. Does not depend on PostgreSQL.
 */
#pragma once

#include "json/value/bytes.hpp"

#include <string_view>
#include <type_traits>

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
    return (entry & 0x30000000) == 0x10000000; /* numeric_type and container_type */
}

constexpr std::uint32_t aligned(std::uint32_t offset)
{
    return (offset + 3) & ~3U;
}

/* The length word of a number of that size (varatt.h). */
constexpr std::uint32_t length_word(std::uint32_t size)
{
    return std::endian::native == std::endian::little ? size << 2U : size;
}

/* A child without the padding before it. */
struct Value {
    Type type;
    std::string_view bytes;

    bool operator==(const Value &other) const
    {
        return type == other.type && bytes.size() == other.bytes.size() &&
               compare_bytes(bytes.data(), other.bytes.data(), bytes.size()) == 0;
    }
};

inline bool is_object(const Value &value)
{
    return value.type == container_type && (word(value.bytes.data()) & object_flag) != 0;
}

/* The order of an object's keys. */
inline int compare_keys(std::string_view left, std::string_view right)
{
    if (left.size() != right.size())
        return left.size() < right.size() ? -1 : 1;
    return compare_bytes(left.data(), right.data(), left.size());
}

/* Where a child is in its container's data, including the padding before it. */
struct Span {
    std::uint32_t from;
    std::uint32_t to;
};

/* A container's entries; an object has those of its keys, followed by those of its values. */
class Entries {
  public:
    explicit Entries(const char *container, std::uint32_t count) : at_(container + 4), count_(count) {}

    [[nodiscard]] std::uint32_t count() const { return count_; }
    [[nodiscard]] std::uint32_t operator[](std::uint32_t index) const { return word(bytes(index)); }
    [[nodiscard]] const char *bytes(std::uint32_t index) const { return at_ + index * std::size_t{4}; }
    [[nodiscard]] const char *data() const { return bytes(count_); }

    /* The offset in data() where the child starts, which is where the one before it ends. */
    [[nodiscard]] std::uint32_t start(std::uint32_t index) const
    {
        if (index == 0)
            return 0;
        const std::uint32_t stride = (index - 1) / offset_stride * offset_stride;
        return ((*this)[stride] & length_mask) + lengths(stride + 1, index);
    }
    /* The length of children [from, to), none of whose entries holds an offset. Adds two at a time:
     * the lengths of a container's children do not add up beyond the mask. */
    [[nodiscard]] std::uint32_t lengths(std::uint32_t from, std::uint32_t to) const
    {
        constexpr std::uint64_t both = length_mask | std::uint64_t{length_mask} << 32U;
        std::uint64_t sum = (to - from) % 2 == 0 ? 0 : (*this)[from++] & length_mask;
        for (const char *at = bytes(from); at != bytes(to); at += 8)
            sum += two_words(at) & both;
        return static_cast<std::uint32_t>(sum) + static_cast<std::uint32_t>(sum >> 32U);
    }
    /* The offset of a child's end. start: that of its start. */
    [[nodiscard]] std::uint32_t end(std::uint32_t index, std::uint32_t start) const
    {
        const std::uint32_t entry = (*this)[index];
        return (entry & length_mask) + ((entry & has_offset) != 0 ? 0 : start);
    }
    [[nodiscard]] Span span(std::uint32_t index) const
    {
        const std::uint32_t from = start(index);
        return {from, end(index, from)};
    }
    [[nodiscard]] Value value(std::uint32_t index, Span span) const
    {
        const std::uint32_t entry = (*this)[index];
        const std::uint32_t from = is_aligned(entry) ? aligned(span.from) : span.from;
        return {type_of(entry), {data() + from, span.to - from}};
    }
    [[nodiscard]] Value value(std::uint32_t index) const { return value(index, span(index)); }

  private:
    const char *at_;
    std::uint32_t count_;
};

inline bool is_array(const Value &value)
{
    return value.type == container_type && (word(value.bytes.data()) & array_flag) != 0;
}

/* The number of members or elements of a container. */
inline std::uint32_t count_of(const Value &value)
{
    return word(value.bytes.data()) & count_mask;
}

/* Goes through an array's elements. */
class Elements {
  public:
    explicit Elements(const char *container)
        : size_(word(container) & count_mask), entries_(container, size_), span_{0, 0}
    {
        take();
    }

    [[nodiscard]] bool are_left() const { return at_ < size_; }
    void next()
    {
        ++at_;
        take();
    }
    [[nodiscard]] std::uint32_t at() const { return at_; }
    [[nodiscard]] Value value() const { return entries_.value(at_, span_); }

  private:
    void take()
    {
        if (at_ < size_)
            span_ = {span_.to, entries_.end(at_, span_.to)};
    }

    std::uint32_t size_;
    Entries entries_;
    std::uint32_t at_ = 0;
    Span span_;
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

/* Goes through an object's members. */
class Members {
  public:
    explicit Members(const char *container)
        : size_(word(container) & count_mask),
          entries_(container, 2 * size_), key_{0, 0}, value_{0, entries_.start(size_)}
    {
        take();
    }

    [[nodiscard]] bool are_left() const { return at_ < size_; }
    void next()
    {
        ++at_;
        take();
    }
    [[nodiscard]] std::uint32_t at() const { return at_; }
    [[nodiscard]] std::string_view key() const { return {entries_.data() + key_.from, key_.to - key_.from}; }
    [[nodiscard]] Value value() const { return entries_.value(size_ + at_, value_); }
    [[nodiscard]] Span key_span() const { return key_; }
    [[nodiscard]] Span value_span() const { return value_; }

  private:
    void take()
    {
        if (at_ == size_)
            return;
        key_ = {key_.to, entries_.end(at_, key_.to)};
        value_ = {value_.to, entries_.end(size_ + at_, value_.to)};
    }

    std::uint32_t size_;
    Entries entries_;
    std::uint32_t at_ = 0;
    Span key_;
    Span value_;
};

static_assert(std::is_trivially_destructible_v<Object> && std::is_trivially_destructible_v<Members> &&
              std::is_trivially_destructible_v<Elements>);

} // namespace opigno::json
