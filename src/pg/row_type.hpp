/* The rows that functions of ours return. */
#pragma once

#include "pg/result.hpp"

#include <type_traits>

namespace opigno::pg {

/*
 * The row type of functions that return the same columns; looked up at its first use and kept for the
 * backend's life.
 */
class RowType {
  public:
    /* A row of these values, none of them NULL, in the current memory context. */
    Datum form(FunctionCallInfo fcinfo, const Datum *values);

  private:
    TupleDesc description_ = nullptr;
};

static_assert(std::is_trivially_destructible_v<RowType>);

} // namespace opigno::pg
