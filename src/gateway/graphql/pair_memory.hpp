/* Which pairs of numbers have been compared. Does not depend on PostgreSQL. */
#pragma once

#include "gateway/graphql/arena.hpp"

#include <cstdint>

namespace opigno::graphql {

/* A pair is compared in one of two ways, of which the strict one finds all that the lax one finds. */
class PairMemory {
  public:
    explicit PairMemory(Arena &arena) : arena_(&arena) {}

    /* Whether the pair has not been compared in this way or a stricter one; now it has been. */
    bool is_new(std::size_t left, std::size_t right, bool is_lax)
    {
        if (count_ * 2 >= capacity_)
            grow();
        Entry &entry = place_of(std::uint64_t{left} << 32U | right);
        if (entry.is_used && (is_lax || !entry.is_lax))
            return false;
        count_ += entry.is_used ? 0 : 1;
        entry = {std::uint64_t{left} << 32U | right, true, is_lax};
        return true;
    }

  private:
    struct Entry {
        std::uint64_t pair = 0;
        bool is_used = false;
        bool is_lax = false;
    };

    [[nodiscard]] Entry &place_of(std::uint64_t pair) const
    {
        constexpr std::uint64_t factor = 0x9E3779B97F4A7C15U;
        std::size_t at = (pair * factor >> 32U) & (capacity_ - 1);
        while (entries_[at].is_used && entries_[at].pair != pair)
            at = (at + 1) & (capacity_ - 1);
        return entries_[at];
    }

    void grow()
    {
        Entry *former = entries_;
        const std::size_t former_capacity = capacity_;
        capacity_ = former_capacity == 0 ? 16 : former_capacity * 4;
        entries_ = arena_->array<Entry>(capacity_);
        for (std::size_t at = 0; at < former_capacity; ++at)
            if (former[at].is_used)
                place_of(former[at].pair) = former[at];
    }

    Arena *arena_;
    Entry *entries_ = nullptr;
    std::size_t capacity_ = 0; /* a power of two */
    std::size_t count_ = 0;
};

static_assert(std::is_trivially_destructible_v<PairMemory>);

} // namespace opigno::graphql
