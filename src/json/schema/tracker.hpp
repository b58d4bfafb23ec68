/*
 * Which members of an object or elements of an array were evaluated, for unevaluatedProperties and
 * unevaluatedItems. Does not depend on PostgreSQL.
 */
#pragma once

#include "json/value/host.hpp"
#include "json/value/jsonb_format.hpp"

#include <algorithm>
#include <cstdint>
#include <type_traits>

namespace opigno::json::schema {

class Tracker {
  public:
    /* For a container, or for any other value, which has nothing to evaluate. */
    explicit Tracker(const Value &value) : count_(value.type == container_type ? count_of(value) : 0)
    {
        if (words() <= 1)
            return;
        bits_ = static_cast<std::uint64_t *>(allocate(words() * sizeof(std::uint64_t)));
        std::fill_n(bits_, words(), 0);
    }
    Tracker(const Tracker &) = delete;
    Tracker &operator=(const Tracker &) = delete;

    void add(std::uint32_t at) { bits_[at / 64] |= std::uint64_t{1} << at % 64; }
    [[nodiscard]] bool has(std::uint32_t at) const { return (bits_[at / 64] >> at % 64 & 1) != 0; }
    void add(const Tracker &other)
    {
        for (std::size_t at = 0; at < words(); ++at)
            bits_[at] |= other.bits_[at];
    }
    [[nodiscard]] std::size_t words() const { return (std::size_t{count_} + 63) / 64; }

  private:
    std::uint32_t count_;
    std::uint64_t few_ = 0;
    std::uint64_t *bits_ = &few_;
};

static_assert(std::is_trivially_destructible_v<Tracker>);

} // namespace opigno::json::schema
