/* Rows of a bulk request by user, app and ordinal. */
#pragma once

#include "bulk/sort.hpp"
#include "profile/bulk_entry.hpp"

namespace opigno::profile {

class BulkSort {
  public:
    BulkSort();

    void add(const BulkRow &row);
    /* After the last add(). */
    void sort() { sort_.sort(); }
    /* To the first row again. */
    void rewind() { sort_.rewind(); }
    /* The row is the sort's, until the next one; false at the end. */
    bool next(BulkRow &row);
    void end() { sort_.end(); }

  private:
    bulk::Sort sort_;
};

static_assert(std::is_trivially_destructible_v<BulkSort>);

} // namespace opigno::profile
