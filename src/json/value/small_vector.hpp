/*
 * A growing array that holds its first items itself. Later ones come from allocate(), which also
 * decides when they are freed. Does not depend on PostgreSQL.
 */
#pragma once

#include "json/value/host.hpp"

#include <cstring>
#include <type_traits>

namespace opigno::json {

template <typename T, std::size_t Inline> class SmallVector {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

  public:
    SmallVector() = default;
    SmallVector(const SmallVector &) = delete;
    SmallVector &operator=(const SmallVector &) = delete;

    /* Adds an item for the caller to fill in: its bytes are undefined. */
    T &add()
    {
        if (size_ == capacity_)
            grow();
        return items_[size_++];
    }
    void pop_back() { --size_; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    T &operator[](std::size_t at) { return items_[at]; }
    const T &operator[](std::size_t at) const { return items_[at]; }
    T &back() { return items_[size_ - 1]; }

  private:
    void grow()
    {
        capacity_ *= 2;
        T *larger = static_cast<T *>(allocate(capacity_ * item_size));
        std::memcpy(static_cast<void *>(larger), items_, size_ * item_size);
        items_ = larger;
    }

    static constexpr std::size_t item_size =
        sizeof(T); // NOLINT(bugprone-sizeof-expression): T may be a pointer

    alignas(T) std::byte inline_[Inline * item_size]; /* bytes, so that no constructor clears them */
    T *items_ = reinterpret_cast<T *>(inline_);
    std::size_t size_ = 0;
    std::size_t capacity_ = Inline;
};

static_assert(std::is_trivially_destructible_v<SmallVector<int, 1>>);

} // namespace opigno::json
