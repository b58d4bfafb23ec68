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
    /* Makes a row of these values in the current memory context. nulls: which of them are NULL, or
     * nullptr for none. */
    Datum form(FunctionCallInfo fcinfo, const Datum *values, const bool *nulls = nullptr);

  private:
    TupleDesc description_ = nullptr;
};

static_assert(std::is_trivially_destructible_v<RowType>);

} // namespace opigno::pg
