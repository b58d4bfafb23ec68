#include "app_document/stored_times.hpp"

#include "pg/array.hpp"
#include "pg/spi.hpp"

#include <algorithm>

namespace opigno::app_document {

namespace {

bool has_times(const Entry &entry)
{
    return entry.created_at.has_value() || entry.updated_at.has_value();
}

void select(const Entries &entries, const Kind &kind)
{
    pg::ArrayColumn holders;
    pg::ArrayColumn apps;
    for (const Entry &entry : entries) {
        holders.add(entry.holder);
        apps.add(Int32GetDatum(entry.app_id));
    }
    const Datum values[] = {holders.text_array(), apps.integer_array()};
    kind.batch.select_times.read_latest(values);
}

/* Returns whether the time is the stored one. Otherwise adds an error. */
bool is_stored(const Entry &entry, const char *member, std::optional<TimestampTz> given,
               std::optional<TimestampTz> stored, const Store &store)
{
    if (!given.has_value() || given == stored)
        return true;
    store.run.errors.add(entry.error(
        ERRCODE_INVALID_PARAMETER_VALUE, psprintf("/%s", member),
        stored.has_value()
            ? psprintf("\"%s\" is not the stored one and cannot be changed", member)
            : psprintf("\"%s\" cannot be given to a %s that does not exist", member, store.kind.name())));
    return false;
}

} // namespace

Entries with_stored_times(const Entries &entries, const Store &store)
{
    if (std::none_of(entries.begin(), entries.end(), has_times))
        return entries;
    pg::Vector<Entry> stored; /* the times of each entry's document */
    for (std::size_t at = 0; at < entries.size(); ++at)
        stored.push_back({});
    select(entries, store.kind);
    for (std::uint64_t row = 0; row < SPI_processed; ++row) {
        Entry &times = stored[static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1)];
        times.created_at = DatumGetTimestampTz(pg::column(2, row));
        times.updated_at = DatumGetTimestampTz(pg::column(3, row));
    }
    Entries left;
    for (std::size_t at = 0; at < entries.size(); ++at) {
        const Entry &entry = entries[at];
        const bool is_created =
            is_stored(entry, "created_at", entry.created_at, stored[at].created_at, store);
        const bool is_updated =
            is_stored(entry, "updated_at", entry.updated_at, stored[at].updated_at, store);
        if (is_created && is_updated)
            left.push_back(entry);
    }
    return left;
}

} // namespace opigno::app_document
