/*
 * Looks up keys in an object, in ascending order. The key after an entry that holds an offset
 * starts there. So the search passes over whole strides of entries, in leaps that double and then
 * by halving, and adds up lengths within one stride only. Does not depend on PostgreSQL.
 */
#pragma once

#include "json/value/jsonb_format.hpp"

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
    /* The member found, or the one that the key belongs before; start(): where that member's key
     * starts. */
    [[nodiscard]] std::uint32_t at() const { return at_; }
    [[nodiscard]] std::uint32_t start() const { return start_; }

  private:
    void pass(std::uint32_t end)
    {
        ++at_;
        start_ = end;
    }

    /* Whether the stride has a key in its second place, and that key is not greater than the one
     * searched. */
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

    /* Halves what is left up to the next stride's second key, which is greater than the one
     * searched. The first probe is at at_: it finds the key at once where a patch has members that
     * follow each other. Only the entry at at_ can hold an offset. */
    bool step(std::string_view key)
    {
        std::uint32_t high = std::min(size_, (at_ / offset_stride + 1) * offset_stride + 1);
        std::uint32_t middle = at_;
        while (at_ < high) {
            const std::uint32_t from = start_ + entries_.lengths(at_, middle);
            const std::uint32_t to = entries_.end(middle, from);
            const int order = compare_keys({entries_.data() + from, to - from}, key);
            if (order > 0) {
                high = middle;
            } else if (order == 0) {
                at_ = middle;
                start_ = from;
                return true;
            } else {
                at_ = middle + 1;
                start_ = to;
            }
            middle = at_ + (high - at_) / 2;
        }
        return false;
    }

    std::uint32_t size_;
    Entries entries_;
    std::uint32_t at_ = 0;
    std::uint32_t start_ = 0;
    bool found_ = false;
};

static_assert(std::is_trivially_destructible_v<KeySearch>);

} // namespace opigno::json
