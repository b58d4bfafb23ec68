/*
 * A growing array whose first items need no allocation. Memory::allocate(bytes) gives the rest;
 * what was outgrown is left to the memory's owner. Pure: knows no PostgreSQL.
 */
#pragma once

#include <cstddef>
#include <cstring>
#include <type_traits>

namespace opigno::json {

template <typename T, std::size_t Inline, typename Memory> class SmallVector {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

  public:
    explicit SmallVector(Memory &memory) : memory_(memory) {}
    SmallVector(const SmallVector &) = delete;
    SmallVector &operator=(const SmallVector &) = delete;

    /* One more, to be filled in. */
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
        T *larger = static_cast<T *>(memory_.allocate(capacity_ * sizeof(T)));
        std::memcpy(static_cast<void *>(larger), items_, size_ * sizeof(T));
        items_ = larger;
    }

    Memory &memory_;
    alignas(T) std::byte inline_[Inline * sizeof(T)]; /* bytes, which nobody sets to zero */
    T *items_ = reinterpret_cast<T *>(inline_);
    std::size_t size_ = 0;
    std::size_t capacity_ = Inline;
};

} // namespace opigno::json
