/* A table from names to pointers. Does not depend on PostgreSQL. */
#pragma once

#include "gateway/graphql/arena.hpp"

#include <cstdint>

namespace opigno::graphql {

template <typename T> class Names {
  public:
    Names() = default; /* for a table that is assigned later */
    explicit Names(Arena &arena) : arena_(&arena) {}

    /* Where the name's pointer is; nullptr is there for a new name. Valid until the next call. */
    T *&operator[](std::string_view name)
    {
        if (count_ * 2 >= capacity_)
            grow();
        Entry &entry = place_of(name);
        if (!entry.is_used) {
            entry = {name, nullptr, true};
            ++count_;
        }
        return entry.value;
    }

    [[nodiscard]] T *find(std::string_view name) const
    {
        return count_ == 0 ? nullptr : place_of(name).value;
    }

  private:
    struct Entry {
        std::string_view name;
        T *value = nullptr;
        bool is_used = false;
    };

    [[nodiscard]] Entry &place_of(std::string_view name) const
    {
        std::uint32_t hash = 2166136261U; /* FNV-1a */
        for (const char c : name)
            hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
        std::size_t at = hash & (capacity_ - 1);
        while (entries_[at].is_used && entries_[at].name != name)
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
                place_of(former[at].name) = former[at];
    }

    Arena *arena_ = nullptr;
    Entry *entries_ = nullptr;
    std::size_t capacity_ = 0; /* a power of two */
    std::size_t count_ = 0;
};

static_assert(std::is_trivially_destructible_v<Names<int>>);

} // namespace opigno::graphql
