#include "profile/bulk_sort.hpp"

namespace opigno::profile {

namespace {

enum Column { user_uuid, app_id, ordinal, document };
constexpr Oid types[] = {TEXTOID, INT4OID, INT8OID, JSONBOID};
constexpr int keys = 3;

} // namespace

BulkSort::BulkSort() : sort_(types, keys)
{
}

void BulkSort::add(const BulkRow &row)
{
    const Datum values[] = {PointerGetDatum(row.user_uuid), Int32GetDatum(row.app_id),
                            Int64GetDatum(row.ordinal), PointerGetDatum(row.document)};
    const bool nulls[] = {false, false, false, row.document == nullptr};
    sort_.add(values, nulls);
}

bool BulkSort::next(BulkRow &row)
{
    if (!sort_.next())
        return false;
    MemoryContext before = MemoryContextSwitchTo(sort_.row_memory());
    row.user_uuid = DatumGetTextPP(sort_.value(user_uuid));
    row.app_id = DatumGetInt32(sort_.value(app_id));
    row.ordinal = DatumGetInt64(sort_.value(ordinal));
    row.document = sort_.is_null(document) ? nullptr : DatumGetJsonbP(sort_.value(document));
    MemoryContextSwitchTo(before);
    return true;
}

} // namespace opigno::profile
