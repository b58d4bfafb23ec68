/*
 * Memory for the code of src/json that does not depend on PostgreSQL, in unit tests and fuzzers.
 * host.cpp defines what json/value/host.hpp and json/text/host.hpp declare.
 */
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace opigno::test {

/* While it lives, json::allocate() takes memory from it and json::poll() counts in it. Arenas nest. */
class Arena {
  public:
    Arena() : outer_(current_) { current_ = this; }
    ~Arena() { current_ = outer_; }
    Arena(const Arena &) = delete;
    Arena &operator=(const Arena &) = delete;

    /* Aborts where there is no arena. */
    static Arena &current();

    void *allocate(std::size_t bytes)
    {
        blocks_.push_back(std::make_unique<char[]>(bytes));
        return blocks_.back().get();
    }
    void poll() { ++polls_; }
    [[nodiscard]] std::size_t polls() const { return polls_; }

  private:
    static inline Arena *current_ = nullptr;

    Arena *outer_;
    std::vector<std::unique_ptr<char[]>> blocks_;
    std::size_t polls_ = 0;
};

} // namespace opigno::test
