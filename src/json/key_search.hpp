/*
 * Looks up keys in an object, in ascending order, without adding up more lengths than those of one
 * stride: the key behind an entry that holds an offset starts there, so strides are passed over in
 * leaps and by halving; within one, keys are passed over by their lengths; and those of the same
 * length lie at equal distances, so they are halved again. Pure: knows no PostgreSQL.
 */
#pragma once

#include "json/jsonb_format.hpp"

#include <algorithm>

namespace opigno::json {

class KeySearch {
  public:
    explicit KeySearch(const char *container)
        : size_(word(container) & count_mask), entries_(container, 2 * size_)
    {
    }

    bool find(std::string_view key)
    {
        if (found_)
            pass(entries_.end(at_, start_));
        leap(key);
        found_ = step(key);
        return found_;
    }
    /* The member found, or the one before which the key belongs; and where its key starts. */
    [[nodiscard]] std::uint32_t at() const { return at_; }
    [[nodiscard]] std::uint32_t start() const { return start_; }

  private:
    void pass(std::uint32_t end)
    {
        ++at_;
        start_ = end;
    }

    /* Whether the stride's first key without an offset in its entry is there and not behind the one looked
     * for. */
    [[nodiscard]] bool reaches(std::uint32_t stride, std::string_view key) const
    {
        const std::uint32_t first = stride * offset_stride + 1;
        if (first >= size_)
            return false;
        const std::uint32_t start = entries_[first - 1] & length_mask;
        return compare_keys({entries_.data() + start, entries_[first] & length_mask}, key) <= 0;
    }

    void leap(std::string_view key)
    {
        const std::uint32_t here = at_ / offset_stride;
        std::uint32_t stride = here;
        std::uint32_t leap = 1;
        for (; reaches(stride + leap, key); leap *= 2)
            stride += leap;
        while ((leap /= 2) > 0)
            if (reaches(stride + leap, key))
                stride += leap;
        if (stride == here)
            return;
        at_ = stride * offset_stride + 1;
        start_ = entries_[stride * offset_stride] & length_mask;
    }

    /* From at_ to the first key of the next stride, which is behind the one looked for. */
    bool step(std::string_view key)
    {
        const std::uint32_t last = std::min(size_, (at_ / offset_stride + 1) * offset_stride + 1);
        for (; at_ < last; ++at_) {
            const std::uint32_t end = entries_.end(at_, start_);
            if (end - start_ >= key.size())
                return end - start_ == key.size() && halve(key, last);
            start_ = end;
        }
        return false;
    }

    /* From the first key of that length on, which is the one where members follow each other. */
    bool halve(std::string_view key, std::uint32_t last)
    {
        const auto length = static_cast<std::uint32_t>(key.size());
        const char *keys = entries_.data() + start_;
        int order = compare_bytes(keys, key.data(), length);
        if (order >= 0)
            return order == 0;
        std::uint32_t low = 1;
        std::uint32_t high = of_length(length, last);
        while (low < high && order != 0) {
            const std::uint32_t middle = low + (high - low) / 2;
            order = compare_bytes(keys + std::size_t{middle} * length, key.data(), length);
            if (order > 0)
                high = middle;
            else
                low = order == 0 ? middle : middle + 1;
        }
        at_ += low;
        start_ += low * length;
        return order == 0;
    }

    /* How many keys from at_ on have that length, as the first has. */
    [[nodiscard]] std::uint32_t of_length(std::uint32_t length, std::uint32_t last) const
    {
        std::uint32_t count = 1;
        std::uint32_t start = start_ + length;
        while (at_ + count < last && entries_.end(at_ + count, start) == start + length) {
            ++count;
            start += length;
        }
        return count;
    }

    std::uint32_t size_;
    Entries entries_;
    std::uint32_t at_ = 0;
    std::uint32_t start_ = 0;
    bool found_ = false;
};

static_assert(std::is_trivially_destructible_v<KeySearch>);

} // namespace opigno::json
