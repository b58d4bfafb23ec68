#include "context/bulk_entry.hpp"

#include "context/answer.hpp"
#include "pg/text.hpp"
#include "json/text/json_text.hpp"
#include "json/value/reader.hpp"

#include <cstring>

namespace opigno::context {

namespace {

enum Column { uuid, ordinal, display_name, is_active, scope, display_name_given, is_active_given, at_fault };
constexpr Oid types[] = {TEXTOID, INT8OID, TEXTOID, BOOLOID, TEXTARRAYOID, BOOLOID, BOOLOID, BOOLOID};
constexpr int keys = 2;

text *copy_of(const text *value)
{
    return value == nullptr ? nullptr : pg::make_text(pg::view(value));
}

ArrayType *copy_of(const ArrayType *value)
{
    return value == nullptr
               ? nullptr
               : static_cast<ArrayType *>(std::memcpy(palloc(VARSIZE(value)), value, VARSIZE(value)));
}

bool is_same(const text *left, const text *right)
{
    return left == nullptr || right == nullptr ? left == right : pg::view(left) == pg::view(right);
}

bool is_same(const ArrayType *left, const ArrayType *right)
{
    if (left == nullptr || right == nullptr)
        return left == right;
    return VARSIZE(left) == VARSIZE(right) && std::memcmp(left, right, VARSIZE(left)) == 0;
}

} // namespace

Entry copy_of(const Entry &entry)
{
    Entry copy = entry;
    copy.change.uuid = copy_of(entry.change.uuid);
    copy.change.display_name = copy_of(entry.change.display_name);
    copy.change.scope = copy_of(entry.change.scope);
    return copy;
}

bool is_same(const Change &left, const Change &right)
{
    return is_same(left.display_name, right.display_name) && left.is_active == right.is_active &&
           is_same(left.scope, right.scope);
}

bool read_entry(std::string_view text, identity::ScopeRegistry &registry, Entry &entry, bulk::Faults &faults)
{
    json::Unreadable why{};
    Jsonb *parsed = json::try_read_json(text, why);
    if (parsed == nullptr) {
        faults.add({entry.ordinal, why.sqlstate, nullptr, std::nullopt, "", why.message});
        return false;
    }
    pg::Faults found;
    entry.change = change_from_json(json::root_of(parsed), registry, found);
    entry.at_fault = !found.empty();
    if (entry.at_fault) { /* a wrong value may be of any size, and is not needed any more */
        entry.change.display_name = nullptr;
        entry.change.scope = nullptr;
    }
    add_faults(entry, found, false, faults);
    return entry.change.uuid != nullptr;
}

void add_faults(const Entry &entry, const pg::Faults &found, bool further, bulk::Faults &faults)
{
    for (const pg::Fault &fault : found.all()) {
        const bulk::Fault told{entry.ordinal, fault.sqlstate,    nullptr,
                               std::nullopt,  pointer_to(fault), fault.message};
        if (further)
            faults.add_further(told);
        else
            faults.add(told);
    }
}

EntrySort::EntrySort() : sort_(types, keys)
{
}

void EntrySort::add(const Entry &entry)
{
    const Change &change = entry.change;
    const Datum values[] = {
        PointerGetDatum(change.uuid),         Int64GetDatum(entry.ordinal),
        PointerGetDatum(change.display_name), BoolGetDatum(change.is_active.value_or(false)),
        PointerGetDatum(change.scope),        BoolGetDatum(change.display_name_given),
        BoolGetDatum(change.is_active_given), BoolGetDatum(entry.at_fault)};
    const bool nulls[] = {false,
                          false,
                          change.display_name == nullptr,
                          !change.is_active.has_value(),
                          change.scope == nullptr,
                          false,
                          false,
                          false};
    sort_.add(values, nulls);
}

bool EntrySort::next(Entry &entry)
{
    if (!sort_.next())
        return false;
    MemoryContext before = MemoryContextSwitchTo(sort_.row_memory());
    Change &change = entry.change;
    change.uuid = DatumGetTextPP(sort_.value(uuid));
    change.display_name = sort_.is_null(display_name) ? nullptr : DatumGetTextPP(sort_.value(display_name));
    change.is_active =
        sort_.is_null(is_active) ? std::nullopt : std::optional<bool>(DatumGetBool(sort_.value(is_active)));
    change.scope = sort_.is_null(scope) ? nullptr : DatumGetArrayTypeP(sort_.value(scope));
    change.display_name_given = DatumGetBool(sort_.value(display_name_given));
    change.is_active_given = DatumGetBool(sort_.value(is_active_given));
    entry.ordinal = DatumGetInt64(sort_.value(ordinal));
    entry.at_fault = DatumGetBool(sort_.value(at_fault));
    MemoryContextSwitchTo(before);
    return true;
}

} // namespace opigno::context
