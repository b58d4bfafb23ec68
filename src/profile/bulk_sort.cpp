#include "profile/bulk_sort.hpp"

#include <algorithm>
#include <iterator>

namespace opigno::profile {

namespace {

constexpr int columns = 4;
constexpr Oid int8_less_operator = 412; /* has no name in the server's headers */

/* As much as work_mem allows, within limits of our own: a load may use 32 MB beyond its input. */
int sort_memory()
{
    constexpr int least = 16 * 1024; /* kB */
    constexpr int most = 32 * 1024;
    return std::clamp(work_mem, least, most);
}

TupleDesc describe()
{
    TupleDesc description = CreateTemplateTupleDesc(columns);
    TupleDescInitEntry(description, 1, "user_uuid", TEXTOID, -1, 0);
    TupleDescInitEntry(description, 2, "app_id", INT4OID, -1, 0);
    TupleDescInitEntry(description, 3, "ordinal", INT8OID, -1, 0);
    TupleDescInitEntry(description, 4, "document", JSONBOID, -1, 0);
    return description;
}

} // namespace

BulkSort::BulkSort()
    : of_row_(AllocSetContextCreateInternal(CurrentMemoryContext, "opigno row", ALLOCSET_DEFAULT_SIZES)),
      description_(describe()), in_(MakeSingleTupleTableSlot(description_, &TTSOpsVirtual)),
      out_(MakeSingleTupleTableSlot(description_, &TTSOpsMinimalTuple))
{
    AttrNumber keys[] = {1, 2, 3};
    Oid operators[] = {TextLessOperator, Int4LessOperator, int8_less_operator};
    Oid collations[] = {C_COLLATION_OID, InvalidOid, InvalidOid};
    bool nulls_first[] = {false, false, false};
    sort_ = tuplesort_begin_heap(description_, static_cast<int>(std::size(keys)), keys, operators, collations,
                                 nulls_first, sort_memory(), nullptr, TUPLESORT_RANDOMACCESS);
}

void BulkSort::add(const BulkRow &row)
{
    ExecClearTuple(in_);
    in_->tts_values[0] = PointerGetDatum(row.user_uuid);
    in_->tts_values[1] = Int32GetDatum(row.app_id);
    in_->tts_values[2] = Int64GetDatum(row.ordinal);
    in_->tts_values[3] = PointerGetDatum(row.document);
    for (int column = 0; column < columns; ++column)
        in_->tts_isnull[column] = false;
    in_->tts_isnull[3] = row.document == nullptr;
    ExecStoreVirtualTuple(in_);
    tuplesort_puttupleslot(sort_, in_);
}

void BulkSort::sort()
{
    tuplesort_performsort(sort_);
}

void BulkSort::rewind()
{
    tuplesort_rescan(sort_);
}

bool BulkSort::next(BulkRow &row)
{
    if (!tuplesort_gettupleslot(sort_, true, false, out_, nullptr))
        return false;
    slot_getallattrs(out_);
    MemoryContextReset(of_row_);
    MemoryContext before = MemoryContextSwitchTo(of_row_);
    row.user_uuid = DatumGetTextPP(out_->tts_values[0]);
    row.app_id = DatumGetInt32(out_->tts_values[1]);
    row.ordinal = DatumGetInt64(out_->tts_values[2]);
    row.document = out_->tts_isnull[3] ? nullptr : DatumGetJsonbP(out_->tts_values[3]);
    MemoryContextSwitchTo(before);
    return true;
}

void BulkSort::end()
{
    tuplesort_end(sort_);
    ExecDropSingleTupleTableSlot(in_);
    ExecDropSingleTupleTableSlot(out_);
    MemoryContextDelete(of_row_);
}

} // namespace opigno::profile
