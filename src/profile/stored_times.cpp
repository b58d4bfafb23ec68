#include "profile/stored_times.hpp"

#include "pg/array.hpp"
#include "pg/spi.hpp"

#include <algorithm>

namespace opigno::profile {

namespace {

constexpr Oid types[] = {TEXTARRAYOID, INT4ARRAYOID};
constinit pg::BatchStatement
    select_times("SELECT i.n, p.created_at, p.updated_at"
                 " FROM unnest($1, $2) WITH ORDINALITY AS i (user_uuid, app_id, n)"
                 " JOIN opigno.profile AS p ON p.user_uuid = i.user_uuid AND p.app_id = i.app_id",
                 types);

bool has_times(const Entry &entry)
{
    return entry.created_at.has_value() || entry.updated_at.has_value();
}

void select(const bulk::Batch<Entry> &entries)
{
    pg::ArrayColumn users;
    pg::ArrayColumn apps;
    for (const Entry &entry : entries) {
        users.add(entry.user_uuid);
        apps.add(Int32GetDatum(entry.app_id));
    }
    const Datum values[] = {users.text_array(), apps.integer_array()};
    select_times.read_latest(values);
}

/* Returns whether the time is the stored one. Otherwise adds an error. */
bool is_stored(const Entry &entry, const char *member, std::optional<TimestampTz> given,
               std::optional<TimestampTz> stored, bulk::Run &run)
{
    if (!given.has_value() || given == stored)
        return true;
    run.errors.add(entry.error(
        ERRCODE_INVALID_PARAMETER_VALUE, psprintf("/%s", member),
        stored.has_value() ? psprintf("\"%s\" is not the stored one and cannot be changed", member)
                           : psprintf("\"%s\" cannot be given to a profile that does not exist", member)));
    return false;
}

} // namespace

bulk::Batch<Entry> with_stored_times(const bulk::Batch<Entry> &entries, bulk::Run &run)
{
    if (std::none_of(entries.begin(), entries.end(), has_times))
        return entries;
    pg::Vector<Entry> stored; /* the times of each entry's profile */
    for (std::size_t at = 0; at < entries.size(); ++at)
        stored.push_back({});
    select(entries);
    for (std::uint64_t row = 0; row < SPI_processed; ++row) {
        Entry &times = stored[static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1)];
        times.created_at = DatumGetTimestampTz(pg::column(2, row));
        times.updated_at = DatumGetTimestampTz(pg::column(3, row));
    }
    bulk::Batch<Entry> left;
    for (std::size_t at = 0; at < entries.size(); ++at) {
        const Entry &entry = entries[at];
        const bool is_created = is_stored(entry, "created_at", entry.created_at, stored[at].created_at, run);
        const bool is_updated = is_stored(entry, "updated_at", entry.updated_at, stored[at].updated_at, run);
        if (is_created && is_updated)
            left.push_back(entry);
    }
    return left;
}

} // namespace opigno::profile
