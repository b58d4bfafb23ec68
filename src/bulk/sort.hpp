/* Sorts the rows of a bulk request by their keys. The server's tuplesort spills to disk if
 * needed. */
#pragma once

#include "pg/sort.hpp"

#include <span>
#include <type_traits>

namespace opigno::bulk {

class Sort {
  public:
    /*
     * types: the types of the columns. keys: the number of leading columns to sort by, which are
     * never NULL; text is compared by its bytes. The sort lives in the current memory context and
     * transaction.
     */
    Sort(std::span<const Oid> types, int keys);

    void add(const Datum *values, const bool *nulls);
    /* To be called after the last add(). */
    void sort();
    /* Goes back to before the first row. */
    void rewind();
    /* Moves to the next row, and resets row_memory(). Returns false at the end. */
    bool next();
    [[nodiscard]] Datum value(int column) const { return out_->tts_values[column]; }
    [[nodiscard]] bool is_null(int column) const { return out_->tts_isnull[column]; }
    /* The memory context for values of the current row. */
    [[nodiscard]] MemoryContext row_memory() const { return row_context_; }
    void end();

  private:
    MemoryContext row_context_;
    TupleDesc description_;
    TupleTableSlot *in_;
    TupleTableSlot *out_;
    Tuplesortstate *sort_;
};

static_assert(std::is_trivially_destructible_v<Sort>);

} // namespace opigno::bulk
