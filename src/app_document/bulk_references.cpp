#include "app_document/bulk_references.hpp"

#include "identity/retired.hpp"
#include "identity/shard.hpp"
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

/* Returns for each entry whether its user was not created because a retired user had the uuid. */
pg::Vector<bool> belong_to_retired(const Entries &entries, const pg::Vector<bool> &exists, bool creates_users)
{
    pg::Vector<text *> missing;
    for (std::size_t at = 0; at < entries.size(); ++at)
        if (creates_users && !exists[at])
            missing.push_back(entries[at].holder);
    const pg::Vector<bool> retired = identity::are_retired(missing);
    pg::Vector<bool> result;
    std::size_t next = 0;
    for (std::size_t at = 0; at < entries.size(); ++at)
        result.push_back(creates_users && !exists[at] && retired[next++]);
    return result;
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
            expects_document(entry) || identity::flaw_of_new_user_uuid(entry.holder) != nullptr ||
            identity::is_elsewhere(entry.holder))
            continue;
        last = pg::view(entry.holder);
        users.add(entry.holder);
    }
    const Datum parameters[] = {users.text_array(),
                                TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()),
                                Int64GetDatum(pg::first_version())};
    const std::uint64_t created = last.empty() ? 0 : insert_users.write(parameters);
    pg::Vector<text *> new_users;
    for (std::uint64_t row = 0; row < created; ++row)
        new_users.push_back(DatumGetTextPP(pg::column(1, row)));
    const pg::Vector<bool> retired = identity::take_back_retired(new_users);
    for (std::size_t at = 0; at < new_users.size(); ++at) {
        if (retired[at])
            continue;
        ++run.new_users;
        run.created_users.include(new_users[at]);
    }
}

Entries with_known_references(const Entries &entries, bool creates_users, const Store &store)
{
    bulk::Run &run = store.run;
    const Kind &kind = store.kind;
    const pg::Vector<bool> holders = known_holders(entries, kind);
    const pg::Vector<std::int32_t> apps = known_apps(entries);
    const pg::Vector<bool> retired = belong_to_retired(entries, holders, creates_users);
    Entries good;
    for (std::size_t at = 0; at < entries.size(); ++at) {
        const Entry &entry = entries[at];
        const bool has_app =
            std::binary_search(apps.begin(), apps.end(), entry.app_id) && store.judge.has_app(entry.app_id);
        const char *flaw =
            !holders[at] && creates_users ? identity::flaw_of_new_user_uuid(entry.holder) : nullptr;
        if (flaw != nullptr)
            run.errors.add(
                entry.error(ERRCODE_INVALID_PARAMETER_VALUE, "/user_id", psprintf("\"user_id\" %s", flaw)));
        else if (retired[at])
            run.errors.add(
                entry.error(ERRCODE_UNIQUE_VIOLATION, "/user_id", identity::belongs_to_retired_user));
        else if (!holders[at]) {
            const identity::MissingUser missing = kind.missing_holder(entry.holder);
            run.errors.add(
                entry.error(missing.sqlstate, pg::pointer_to(kind.holder_member), missing.message));
        }
        if (!has_app)
            run.errors.add(entry.error(ERRCODE_FOREIGN_KEY_VIOLATION, "/app_id", "app does not exist"));
        if (holders[at] && has_app)
            good.push_back(entry);
    }
    return good;
}

} // namespace opigno::app_document
