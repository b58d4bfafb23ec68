/*
 * A growing array in the memory context that was current when the array was made. It has no
 * destructor: its memory is freed with the context, also after an error.
 */
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>
#include <type_traits>

namespace opigno::pg {

template <typename T> class Vector {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

  public:
    void push_back(const T &value)
    {
        if (size_ == capacity_)
            grow();
        items_[size_++] = value;
    }

    void pop_back() { --size_; }
    void clear() { size_ = 0; }

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] T *data() { return items_; }
    T *begin() { return items_; }
    T *end() { return items_ + size_; }
    [[nodiscard]] const T *begin() const { return items_; }
    [[nodiscard]] const T *end() const { return items_ + size_; }
    T &operator[](std::size_t at) { return items_[at]; }
    const T &operator[](std::size_t at) const { return items_[at]; }

  private:
    void grow()
    {
        capacity_ = capacity_ == 0 ? 8 : capacity_ * 2;
        const Size bytes =
            mul_size(capacity_, sizeof(T)); // NOLINT(bugprone-sizeof-expression): T may be a pointer
        items_ = static_cast<T *>(items_ == nullptr ? MemoryContextAllocHuge(context_, bytes)
                                                    : repalloc_huge(static_cast<void *>(items_), bytes));
    }

    MemoryContext context_ = CurrentMemoryContext;
    T *items_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

static_assert(std::is_trivially_destructible_v<Vector<int>>);

} // namespace opigno::pg
