/* Rows of a bulk request in the order of their keys, by the server's tuplesort, which goes to disk where they
 * are many. */
#pragma once

#include "pg/sort.hpp"

#include <span>
#include <type_traits>

namespace opigno::bulk {

class Sort {
  public:
    /*
     * Rows with columns of these types; the first `keys` of them are never NULL and make the order, text by
     * its bytes. In the memory and the transaction that are current; ended by end(), or with the transaction.
     */
    Sort(std::span<const Oid> types, int keys);

    void add(const Datum *values, const bool *nulls);
    /* After the last add(). */
    void sort();
    /* Before the first row again. */
    void rewind();
    /* To the next row; false at the end. What is made of it with row_memory() lives as long as it. */
    bool next();
    [[nodiscard]] Datum value(int column) const { return out_->tts_values[column]; }
    [[nodiscard]] bool is_null(int column) const { return out_->tts_isnull[column]; }
    [[nodiscard]] MemoryContext row_memory() const { return of_row_; }
    void end();

  private:
    MemoryContext of_row_;
    TupleDesc description_;
    TupleTableSlot *in_;
    TupleTableSlot *out_;
    Tuplesortstate *sort_;
};

static_assert(std::is_trivially_destructible_v<Sort>);

} // namespace opigno::bulk
