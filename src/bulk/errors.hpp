/* What is wrong with the entries of a load. */
#pragma once

#include "pg/error.hpp"
#include "pg/vector.hpp"

#include <cstdint>
#include <span>

namespace opigno::bulk {

/* Keeps the errors of the lowest ordinals, as many as are wanted, and counts all entries that have some. */
class Errors {
  public:
    explicit Errors(std::size_t max_kept) : max_kept_(max_kept) {}

    /* Copies what it points to. An entry is counted once if its errors come in a row; of those the first ten
     * are kept. */
    void add(const pg::Error &error);
    /* For an entry that had errors before, and is counted already. */
    void add_further(const pg::Error &error);

    [[nodiscard]] std::int64_t failed() const { return failed_; }
    [[nodiscard]] bool empty() const { return failed_ == 0; }

    /* By ordinal and path. */
    std::span<const pg::Error> sorted();

  private:
    void keep(const pg::Error &error);
    void drop_highest();

    MemoryContext context_ = CurrentMemoryContext;
    std::size_t max_kept_;
    std::int64_t failed_ = 0;
    std::int64_t last_ordinal_ = pg::no_ordinal;
    int of_entry_ = 0; /* errors of that entry */
    pg::Vector<pg::Error> errors_;
};

static_assert(std::is_trivially_destructible_v<Errors>);

} // namespace opigno::bulk
