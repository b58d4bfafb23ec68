#include "pg/row_type.hpp"

namespace opigno::pg {

Datum RowType::form(FunctionCallInfo fcinfo, const Datum *values)
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
    bool nulls[max_columns] = {};
    Assert(description_->natts <= max_columns);
    return HeapTupleGetDatum(heap_form_tuple(description_, const_cast<Datum *>(values), nulls));
}

} // namespace opigno::pg
