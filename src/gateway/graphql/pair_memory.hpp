/* Which pairs of numbers have been compared. Does not depend on PostgreSQL. */
#pragma once

#include "json/value/hash_table.hpp"

namespace opigno::graphql {

using json::Arena;
using json::HashTable;

/* A pair is compared in one of two ways, of which the strict one finds all that the lax one finds. */
class PairMemory {
  public:
    explicit PairMemory(Arena &arena) : pairs_(arena) {}

    /* Whether the pair has not been compared in this way or a stricter one; now it has been. */
    bool is_new(std::size_t left, std::size_t right, bool is_lax)
    {
        const Compared wanted = is_lax ? Compared::Laxly : Compared::Strictly;
        Compared &known = pairs_[std::uint64_t{left} << 32U | right];
        if (known >= wanted)
            return false;
        known = wanted;
        return true;
    }

  private:
    enum class Compared : std::uint8_t { Never, Laxly, Strictly };

    HashTable<std::uint64_t, Compared> pairs_;
};

static_assert(std::is_trivially_destructible_v<PairMemory>);

} // namespace opigno::graphql
