/* migrate_profile_batch; schemas.sql has the contract. */
#include "app_document/load.hpp"
#include "identity/access.hpp"
#include "pg/argument.hpp"
#include "pg/jsonb.hpp"
#include "pg/row_type.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "pg/time.hpp"
#include "profile/kind.hpp"
#include "schema/app.hpp"
#include "json/error_list.hpp"
#include "json/merge/merge_patch.hpp"
#include "json/value/document.hpp"

#include <algorithm>

namespace opigno::profile {

namespace {

using namespace app_document;
using bulk::Outcome;
using identity::Caller;

constexpr Oid app_type[] = {INT4OID};
constexpr Oid begin_types[] = {INT4OID, JSONBOID, TIMESTAMPTZOID};
constinit pg::Statement
    begin_migration("INSERT INTO opigno.profile_migration AS m"
                    " (app_id, patch, after_uuid, started_at, updated_at) VALUES ($1, $2, '', $3, $3)"
                    " ON CONFLICT (app_id) DO NOTHING RETURNING m.app_id",
                    begin_types);
constinit pg::Statement lock_migration("SELECT m.patch, m.after_uuid FROM opigno.profile_migration AS m"
                                       " WHERE m.app_id = $1 FOR UPDATE",
                                       app_type);
constinit pg::Statement find_migration("SELECT FROM opigno.profile_migration AS m WHERE m.app_id = $1",
                                       app_type);
constexpr Oid continue_types[] = {INT4OID, TEXTOID, TIMESTAMPTZOID};
constinit pg::Statement
    continue_migration("UPDATE opigno.profile_migration AS m SET after_uuid = $2, updated_at = $3"
                       " WHERE m.app_id = $1",
                       continue_types);
constinit pg::Statement end_migration("DELETE FROM opigno.profile_migration AS m WHERE m.app_id = $1",
                                      app_type);
constexpr Oid page_types[] = {INT4OID, TEXTOID, INT4OID};
constinit pg::Statement select_page("SELECT p.user_uuid || '' FROM opigno.profile AS p"
                                    " WHERE p.app_id = $1 AND p.user_uuid > $2 ORDER BY p.user_uuid LIMIT $3",
                                    page_types);

constexpr std::int32_t default_batch_rows = 10000;

struct Migration {
    std::int32_t app_id;
    Jsonb *patch;
    std::int32_t batch_rows;
    bool restarts;
    bool continues; /* the call has run a batch before */
};

Datum now()
{
    return TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
}

[[noreturn]] void refuse_other_patch(std::int32_t app_id)
{
    ereport(ERROR, errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
            errmsg("a migration of the profiles of app %d with another patch is not complete", app_id),
            errhint("Call opigno.migrate_profiles() with the patch in opigno.profile_migration to complete "
                    "it, or with restart => true to forget it."));
}

/* Locks the migration, and begins it if there is none and this is the first batch of the call. Returns
 * the user after whom it goes on, or nullptr if another call has completed it. */
text *last_user(const Migration &migration, MemoryContext outer)
{
    constexpr int max_rounds = 100;
    const Datum key = Int32GetDatum(migration.app_id);
    const Datum row[] = {key, PointerGetDatum(migration.patch), now()};
    if (migration.restarts)
        end_migration.write(&key);
    for (int round = 0; round < max_rounds; ++round) {
        CHECK_FOR_INTERRUPTS();
        const bool existed = migration.continues || find_migration.read_latest(&key) > 0;
        if (lock_migration.write(&key) > 0) {
            if (!json::is_same(DatumGetJsonbP(pg::column(1)), migration.patch))
                refuse_other_patch(migration.app_id);
            MemoryContext before = MemoryContextSwitchTo(outer);
            text *after = DatumGetTextPCopy(pg::column(2));
            MemoryContextSwitchTo(before);
            return after;
        }
        if (existed)
            return nullptr;
        begin_migration.write(row);
    }
    pg::refuse_suppressed_write();
}

/* Reads the users of the next profiles. */
Entries read_page(const Migration &migration, const text *after, MemoryContext outer)
{
    MemoryContext before = MemoryContextSwitchTo(outer);
    Entries entries;
    MemoryContextSwitchTo(before);
    const Datum values[] = {Int32GetDatum(migration.app_id), PointerGetDatum(after),
                            Int32GetDatum(migration.batch_rows)};
    const std::uint64_t found = select_page.read_latest(values);
    for (std::uint64_t at = 0; at < found; ++at) {
        before = MemoryContextSwitchTo(outer);
        Entry entry;
        entry.ordinal = static_cast<std::int64_t>(at + 1);
        entry.holder = DatumGetTextPCopy(pg::column(1, at));
        entry.app_id = migration.app_id;
        entry.has_app = true;
        entry.document = migration.patch;
        entries.push_back(entry);
        MemoryContextSwitchTo(before);
    }
    return entries;
}

/* A statement gets the patch once for each entry. */
std::size_t entries_of_batch(const Migration &migration)
{
    return std::clamp<std::size_t>(bulk::max_batch_bytes / VARSIZE(migration.patch), 1,
                                   bulk::max_batch_entries);
}

/* Entries are written as those of a load that merges, but no profile is created. */
void write_page(const Migration &migration, const Entries &entries, const Store &store, bool is_plain)
{
    const std::size_t size = entries_of_batch(migration);
    for (std::size_t from = 0; from < entries.size(); from += size) {
        pg::with_spi([&](MemoryContext) {
            Entries batch;
            for (std::size_t at = from; at < std::min(from + size, entries.size()); ++at)
                batch.push_back(entries[at]);
            merge_into_existing(batch, store, is_plain);
            return 0;
        });
        store.run.report_progress();
    }
}

void write_all(const Migration &migration, const Caller &caller, const Entries &entries, bulk::Run &run)
{
    schema::AppJudge judge(caller.function, schema::DocumentKind::Profile);
    judge.has_app(migration.app_id); /* locks it */
    const Store store{profiles, OnConflict::Merge, "profile_data", judge, run};
    const bool is_plain = bulk::has_foreign_key_triggers_only(run.table, profiles.foreign_keys);
    const auto write = [&] { write_page(migration, entries, store, is_plain); };
    if (is_plain)
        bulk::without_triggers(write);
    else
        write();
    pg::with_spi([&](MemoryContext) {
        judge.store_counts();
        return 0;
    });
}

/* Stores the place, or forgets the migration if it is complete. The migration is locked. */
void go_on(const Migration &migration, const Entries &entries, bool is_complete)
{
    const Datum key = Int32GetDatum(migration.app_id);
    if (is_complete) {
        end_migration.write(&key);
        return;
    }
    const Datum values[] = {key, PointerGetDatum(entries[entries.size() - 1].holder), now()};
    continue_migration.write(values);
}

Datum errors_of(bulk::Run &run)
{
    pg::Vector<pg::Error> listed;
    for (pg::Error error : run.errors.sorted()) {
        error.ordinal = pg::no_ordinal; /* of the batch: it says nothing */
        listed.push_back(error);
    }
    json::Writer out;
    out.begin_object();
    json::write_errors(out, {listed.begin(), listed.size()}, json::Hints::Shown);
    out.end_object();
    return out.json();
}

Datum migrate(const Caller &caller, FunctionCallInfo fcinfo, const Migration &migration)
{
    bulk::Run run({.report = true}, bulk::table_of(caller, "profile"), {});
    const text *after = nullptr;
    const Entries entries = pg::with_spi([&](MemoryContext outer) {
        schema::check_app(migration.app_id);
        after = last_user(migration, outer);
        return after == nullptr ? Entries() : read_page(migration, after, outer);
    });
    const bool is_complete = entries.size() < static_cast<std::size_t>(migration.batch_rows);
    run.received = static_cast<std::int64_t>(entries.size());
    run.enter(bulk::Progress::Phase::writing);
    write_all(migration, caller, entries, run);
    pg::with_spi([&](MemoryContext) {
        if (after != nullptr)
            go_on(migration, entries, is_complete);
        return 0;
    });
    run.record(caller);
    run.progress.end();
    static constinit pg::RowType result;
    const Datum values[] = {Int64GetDatum(run.received),
                            Int64GetDatum(run.counted(Outcome::Merged)),
                            Int64GetDatum(run.counted(Outcome::Unchanged)),
                            Int64GetDatum(run.failed()),
                            BoolGetDatum(is_complete),
                            errors_of(run)};
    return result.form(fcinfo, values);
}

Migration migration_of(FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    Migration migration{};
    pg::require(fcinfo, 0, "app_id", errors);
    pg::require(fcinfo, 1, "patch", errors);
    if (!PG_ARGISNULL(1) && !json::is_object(PG_GETARG_JSONB_P(1)))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "patch", "\"patch\" must be an object");
    migration.batch_rows = PG_ARGISNULL(2) ? default_batch_rows : PG_GETARG_INT32(2);
    if (migration.batch_rows < 1)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "batch_rows", "\"batch_rows\" must be positive");
    errors.raise();
    migration.app_id = PG_GETARG_INT32(0);
    migration.patch = PG_GETARG_JSONB_P(1);
    migration.restarts = pg::flag_argument(fcinfo, 3);
    migration.continues = pg::flag_argument(fcinfo, 4);
    return migration;
}

} // namespace

} // namespace opigno::profile

using namespace opigno;

OPIGNO_FUNCTION(opigno_migrate_profile_batch)
{
    return identity::as_owner(fcinfo, identity::RequiredAccess::OperatorLevel,
                              [&](const identity::Caller &caller) {
                                  return profile::migrate(caller, fcinfo, profile::migration_of(fcinfo));
                              });
}
