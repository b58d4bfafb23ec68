/*
 * Memory for the code of src/json that does not depend on PostgreSQL, in unit tests and fuzzers.
 * host.cpp defines what json/value/host.hpp, json/text/host.hpp and json/schema/host.hpp declare.
 */
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace opigno::test {

/* While it lives, json::allocate() takes memory from it and json::poll() counts in it. Arenas nest. */
class Arena {
  public:
    Arena() : outer_(current_) { current_ = this; }
    ~Arena()
    {
        for (const auto &[free, object] : freed_)
            free(object);
        current_ = outer_;
    }
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
    /* Calls free(object) at the end. */
    void free_at_end(void (*free)(void *), void *object) { freed_.emplace_back(free, object); }
    [[nodiscard]] std::size_t polls() const { return polls_; }

  private:
    static inline Arena *current_ = nullptr;

    Arena *outer_;
    std::vector<std::unique_ptr<char[]>> blocks_;
    std::vector<std::pair<void (*)(void *), void *>> freed_;
    std::size_t polls_ = 0;
};

} // namespace opigno::test
