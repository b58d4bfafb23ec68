/* A list of nodes whose member `next` leads to the next one. Does not depend on PostgreSQL. */
#pragma once

#include <cstddef>
#include <iterator>

namespace opigno::graphql {

template <typename T> class Chain {
  public:
    class Iterator {
      public:
        using iterator_category = std::forward_iterator_tag;
        using value_type = T;
        using difference_type = std::ptrdiff_t;
        using pointer = T *;
        using reference = T &;

        Iterator() = default;
        explicit Iterator(T *at) : at_(at) {}
        T &operator*() const { return *at_; }
        T *operator->() const { return at_; }
        Iterator &operator++()
        {
            at_ = at_->next;
            return *this;
        }
        Iterator operator++(int)
        {
            const Iterator before = *this;
            ++*this;
            return before;
        }
        bool operator==(const Iterator &other) const = default;

      private:
        T *at_ = nullptr;
    };

    void add(T *item)
    {
        (first_ == nullptr ? first_ : last_->next) = item;
        last_ = item;
        ++size_;
    }

    [[nodiscard]] Iterator begin() const { return Iterator(first_); }
    [[nodiscard]] Iterator end() const { return Iterator(); }
    [[nodiscard]] T *first() const { return first_; }
    [[nodiscard]] T *last() const { return last_; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return first_ == nullptr; }

  private:
    T *first_ = nullptr;
    T *last_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace opigno::graphql
