/* Makes the rows that the extension's functions return. */
#pragma once

#include "pg/result.hpp"

#include <type_traits>

namespace opigno::pg {

/*
 * The row type of functions that return the same columns. It is looked up at its first use and kept
 * until the backend exits.
 */
class RowType {
  public:
    /* Makes a row of these values in the current memory context. None of them may be NULL. */
    Datum form(FunctionCallInfo fcinfo, const Datum *values);

  private:
    TupleDesc description_ = nullptr;
};

static_assert(std::is_trivially_destructible_v<RowType>);

} // namespace opigno::pg
