#include "pg/row_type.hpp"

namespace opigno::pg {

Datum RowType::form(FunctionCallInfo fcinfo, const Datum *values, const bool *nulls)
{
    if (description_ == nullptr) {
        TupleDesc found = nullptr;
        if (get_call_result_type(fcinfo, nullptr, &found) != TYPEFUNC_COMPOSITE)
            elog(ERROR, "return type must be a row type");
        MemoryContext previous = MemoryContextSwitchTo(TopMemoryContext);
        description_ = BlessTupleDesc(CreateTupleDescCopy(found));
        MemoryContextSwitchTo(previous);
    }
    constexpr int max_columns = 16;
    constexpr bool none[max_columns] = {};
    Assert(description_->natts <= max_columns);
    return HeapTupleGetDatum(heap_form_tuple(description_, const_cast<Datum *>(values),
                                             const_cast<bool *>(nulls == nullptr ? none : nulls)));
}

} // namespace opigno::pg
