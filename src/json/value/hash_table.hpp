/* Tables in an arena. Does not depend on PostgreSQL. */
#pragma once

#include "json/value/arena.hpp"
#include "json/value/hash.hpp"

#include <cstdint>
#include <string_view>

namespace opigno::json {

inline std::uint64_t hash_of(std::string_view name)
{
    return hash_of_bytes(name);
}

inline std::uint64_t hash_of(std::uint64_t number)
{
    constexpr std::uint64_t factor = 0x9E3779B97F4A7C15U;
    return number * factor >> 32U;
}

template <typename Key, typename Value> class HashTable {
  public:
    HashTable() = default; /* for a table that is assigned later */
    explicit HashTable(Arena &arena) : arena_(&arena) {}

    /* The value of the key; Value() for a new key. Valid until the next call. */
    Value &operator[](Key key)
    {
        if (count_ * 2 >= capacity_)
            grow();
        Entry &entry = place_of(key);
        if (!entry.is_used) {
            entry = {key, Value(), true};
            ++count_;
        }
        return entry.value;
    }

    /* Returns Value() for an unknown key. */
    [[nodiscard]] Value find(Key key) const { return count_ == 0 ? Value() : place_of(key).value; }

  private:
    struct Entry {
        Key key = {};
        Value value = {};
        bool is_used = false;
    };

    [[nodiscard]] Entry &place_of(Key key) const
    {
        std::size_t at = hash_of(key) & (capacity_ - 1);
        while (entries_[at].is_used && entries_[at].key != key)
            at = (at + 1) & (capacity_ - 1);
        return entries_[at];
    }

    void grow()
    {
        Entry *former = entries_;
        const std::size_t former_capacity = capacity_;
        capacity_ = former_capacity == 0 ? 8 : former_capacity * 4;
        entries_ = arena_->array<Entry>(capacity_);
        for (std::size_t at = 0; at < former_capacity; ++at)
            if (former[at].is_used)
                place_of(former[at].key) = former[at];
    }

    Arena *arena_ = nullptr;
    Entry *entries_ = nullptr;
    std::size_t capacity_ = 0; /* a power of two */
    std::size_t count_ = 0;
};

/* From names to pointers. */
template <typename T> using Names = HashTable<std::string_view, T *>;

static_assert(std::is_trivially_destructible_v<Names<int>>);

} // namespace opigno::json
