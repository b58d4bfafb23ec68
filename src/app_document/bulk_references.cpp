#include "app_document/bulk_references.hpp"

#include "identity/user.hpp"
#include "identity/user_uuid.hpp"
#include "pg/array.hpp"
#include "pg/pointer.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "pg/time.hpp"
#include "pg/vector.hpp"
#include "pg/version.hpp"

#include <algorithm>

namespace opigno::app_document {

namespace {

constexpr Oid user_types[] = {TEXTARRAYOID, TIMESTAMPTZOID, INT8OID};

constinit pg::BatchStatement
    insert_users("INSERT INTO opigno.user_context"
                 " (uuid, display_name, is_active, scope, version, account_version, created_at, updated_at)"
                 " SELECT i.uuid, 'Anonymous User', true, '{}', $3, $3, $2, $2 FROM unnest($1) WITH "
                 "ORDINALITY AS i (uuid, n)"
                 " WHERE NOT EXISTS (SELECT FROM opigno.user_context AS c WHERE c.uuid = i.uuid)"
                 " ORDER BY i.n ON CONFLICT (uuid) DO NOTHING RETURNING uuid::text",
                 user_types);
constexpr Oid app_types[] = {INT4ARRAYOID};
constinit pg::BatchStatement
    lock_apps("SELECT a.app_id FROM opigno.app AS a WHERE a.app_id = ANY ($1) FOR KEY SHARE OF a", app_types);

/* Locks the holders of the entries. Returns for each entry whether its holder exists. */
pg::Vector<bool> known_holders(const Entries &entries, const Kind &kind)
{
    pg::ArrayColumn holders;
    for (const Entry &entry : entries)
        holders.add(entry.holder);
    return kind.lock_holders(DatumGetArrayTypeP(holders.text_array()));
}

/* Locks the apps of the entries. Returns the ids of those that exist, sorted. */
pg::Vector<std::int32_t> known_apps(const Entries &entries)
{
    pg::Vector<std::int32_t> apps;
    for (const Entry &entry : entries)
        apps.push_back(entry.app_id);
    std::sort(apps.begin(), apps.end());
    pg::ArrayColumn distinct;
    std::for_each(apps.begin(), std::unique(apps.begin(), apps.end()),
                  [&](std::int32_t app) { distinct.add(Int32GetDatum(app)); });
    const Datum list = distinct.integer_array();
    const std::uint64_t found = lock_apps.write(&list);
    pg::Vector<std::int32_t> known;
    for (std::uint64_t row = 0; row < found; ++row)
        known.push_back(DatumGetInt32(pg::column(1, row)));
    std::sort(known.begin(), known.end());
    return known;
}

/* Whether the entry is for a document that exists. */
bool expects_document(const Entry &entry)
{
    return entry.expected.value_or(0) != 0 || entry.created_at.has_value() || entry.updated_at.has_value();
}

} // namespace

void create_missing_users(const Entries &entries, bulk::Run &run)
{
    const pg::Vector<std::int32_t> apps = known_apps(entries);
    pg::ArrayColumn users;
    std::string_view last;
    for (const Entry &entry : entries) {
        if (pg::view(entry.holder) == last || !std::binary_search(apps.begin(), apps.end(), entry.app_id) ||
            expects_document(entry) || identity::flaw_of_new_user_uuid(entry.holder) != nullptr)
            continue;
        last = pg::view(entry.holder);
        users.add(entry.holder);
    }
    const Datum parameters[] = {users.text_array(),
                                TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()),
                                Int64GetDatum(pg::first_version())};
    const std::uint64_t created = last.empty() ? 0 : insert_users.write(parameters);
    if (created == 0)
        return;
    run.new_users += static_cast<std::int64_t>(created);
    run.created_users.include(DatumGetTextPP(pg::column(1, 0)));
    run.created_users.include(DatumGetTextPP(pg::column(1, created - 1)));
}

Entries with_known_references(const Entries &entries, bool creates_users, const Store &store)
{
    bulk::Run &run = store.run;
    const Kind &kind = store.kind;
    const pg::Vector<bool> holders = known_holders(entries, kind);
    const pg::Vector<std::int32_t> apps = known_apps(entries);
    Entries good;
    for (std::size_t at = 0; at < entries.size(); ++at) {
        const Entry &entry = entries[at];
        const bool has_app =
            std::binary_search(apps.begin(), apps.end(), entry.app_id) && store.judge.has_app(entry.app_id);
        const auto add_unknown = [&](const char *path, const char *message) {
            run.errors.add(entry.error(ERRCODE_FOREIGN_KEY_VIOLATION, path, message));
        };
        const char *flaw =
            !holders[at] && creates_users ? identity::flaw_of_new_user_uuid(entry.holder) : nullptr;
        if (flaw != nullptr)
            run.errors.add(
                entry.error(ERRCODE_INVALID_PARAMETER_VALUE, "/user_id", psprintf("\"user_id\" %s", flaw)));
        else if (!holders[at])
            add_unknown(pg::pointer_to(kind.holder_member), kind.missing_holder);
        if (!has_app)
            add_unknown("/app_id", "app does not exist");
        if (holders[at] && has_app)
            good.push_back(entry);
    }
    return good;
}

} // namespace opigno::app_document
