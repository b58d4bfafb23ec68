/* The lowest and the highest key, which is a user or a training, among the rows that a load has
 * changed. */
#pragma once

#include "pg/postgres.hpp"

#include <type_traits>

namespace opigno::bulk {

class KeyRange {
  public:
    void include(const text *key);

    /* Both are nullptr if no row was changed. */
    [[nodiscard]] const text *first() const { return first_; }
    [[nodiscard]] const text *last() const { return last_; }

  private:
    void replace(text *&kept, const text *by) const;

    MemoryContext context_ = CurrentMemoryContext;
    text *first_ = nullptr;
    text *last_ = nullptr;
};

static_assert(std::is_trivially_destructible_v<KeyRange>);

} // namespace opigno::bulk
