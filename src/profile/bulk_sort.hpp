/* Rows of a bulk request in the order of their keys, by the server's tuplesort, which goes to disk where they
 * are many. */
#pragma once

#include "profile/bulk_entry.hpp"

namespace opigno::profile {

class BulkSort {
  public:
    /* In the memory and the transaction that are current; ended by end(), or with the transaction. */
    BulkSort();

    void add(const BulkRow &row);
    /* After the last add(). */
    void sort();
    /* To the first row again. */
    void rewind();
    /* By user, app and ordinal. The row is the sort's, until the next one; false at the end. */
    bool next(BulkRow &row);
    void end();

  private:
    MemoryContext of_row_;
    TupleDesc description_;
    TupleTableSlot *in_;
    TupleTableSlot *out_;
    Tuplesortstate *sort_;
};

static_assert(std::is_trivially_destructible_v<BulkSort>);

} // namespace opigno::profile
