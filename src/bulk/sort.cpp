#include "bulk/sort.hpp"

#include "pg/sort.hpp"
#include "pg/vector.hpp"

#include <algorithm>

namespace opigno::bulk {

namespace {

/* Returns work_mem within limits: a load may use at most 32 MB besides its input. */
int sort_memory()
{
    constexpr int min_memory = 16 * 1024; /* kB */
    constexpr int max_memory = 32 * 1024;
    return std::clamp(work_mem, min_memory, max_memory);
}

TupleDesc describe(std::span<const Oid> types)
{
    TupleDesc description = CreateTemplateTupleDesc(static_cast<int>(types.size()));
    AttrNumber number = 0;
    for (const Oid type : types)
        TupleDescInitEntry(description, ++number, nullptr, type, -1, 0);
    TupleDescFinalize(description);
    return description;
}

Tuplesortstate *begin_sort(TupleDesc description, std::span<const Oid> keys)
{
    pg::Vector<AttrNumber> numbers;
    pg::Vector<Oid> operators;
    pg::Vector<Oid> collations;
    pg::Vector<bool> nulls_first;
    for (const Oid type : keys) {
        numbers.push_back(static_cast<AttrNumber>(numbers.size() + 1));
        operators.push_back(lookup_type_cache(type, TYPECACHE_LT_OPR)->lt_opr);
        collations.push_back(type == TEXTOID ? C_COLLATION_OID : InvalidOid);
        nulls_first.push_back(false);
    }
    return tuplesort_begin_heap(description, static_cast<int>(keys.size()), numbers.data(), operators.data(),
                                collations.data(), nulls_first.data(), sort_memory(), nullptr,
                                TUPLESORT_RANDOMACCESS);
}

} // namespace

Sort::Sort(std::span<const Oid> types, int keys)
    : row_context_(AllocSetContextCreateInternal(CurrentMemoryContext, "opigno row", ALLOCSET_DEFAULT_SIZES)),
      description_(describe(types)), in_(MakeSingleTupleTableSlot(description_, &TTSOpsVirtual)),
      out_(MakeSingleTupleTableSlot(description_, &TTSOpsMinimalTuple)),
      sort_(begin_sort(description_, {types.data(), static_cast<std::size_t>(keys)}))
{
}

void Sort::add(const Datum *values, const bool *nulls)
{
    ExecClearTuple(in_);
    std::copy_n(values, description_->natts, in_->tts_values);
    std::copy_n(nulls, description_->natts, in_->tts_isnull);
    ExecStoreVirtualTuple(in_);
    tuplesort_puttupleslot(sort_, in_);
}

void Sort::sort()
{
    tuplesort_performsort(sort_);
}

void Sort::rewind()
{
    tuplesort_rescan(sort_);
}

bool Sort::next()
{
    if (!tuplesort_gettupleslot(sort_, true, false, out_, nullptr))
        return false;
    slot_getallattrs(out_);
    MemoryContextReset(row_context_);
    return true;
}

void Sort::end()
{
    tuplesort_end(sort_);
    ExecDropSingleTupleTableSlot(in_);
    ExecDropSingleTupleTableSlot(out_);
    MemoryContextDelete(row_context_);
}

} // namespace opigno::bulk
