/* report_progress_many; progress.sql has the contract. */
#include "bulk/foreign_key_triggers.hpp"
#include "identity/level.hpp"
#include "pg/argument.hpp"
#include "pg/time.hpp"
#include "training/progress_bulk_store.hpp"

#include <optional>

namespace opigno::training {

namespace {

using bulk::Progress;

constexpr bulk::CountMember counts[] = {{bulk::Outcome::Created, "created"},
                                        {bulk::Outcome::Updated, "updated"},
                                        {bulk::Outcome::Unchanged, "unchanged"},
                                        {bulk::Outcome::Skipped, "combined"}};
constexpr bulk::Kind kind{"reports", "training_progress", "user_uuid, training_id", counts};
constexpr bulk::ForeignKey foreign_keys[] = {{"user_uuid", "user_context", "uuid"},
                                             {"training_id", "training", "training_id"}};
constexpr bulk::ForeignKey foreign_key_of_standings[] = {foreign_keys[0]};

bool is_wanted(const Entry & /*entry*/)
{
    return true;
}

/* Calls write() without the triggers of the foreign keys, if the table has no others: what the rows
 * refer to is locked. */
template <typename Write> void write_plainly(Oid table, std::span<const bulk::ForeignKey> keys, Write write)
{
    if (bulk::has_foreign_key_triggers_only(table, keys))
        bulk::without_triggers(write);
    else
        write();
}

/* Reports of users who were merged go to others, so they are sorted again before the first row is
 * locked. Returns nothing if there are none. */
std::optional<bulk::EntrySort<Entry>> entries_after_merges(bulk::EntrySort<Entry> &entries, bulk::Run &run)
{
    if (!pg::with_spi([](MemoryContext) { return has_merges(); }))
        return std::nullopt;
    bool is_any_merged = false;
    bulk::for_each_batch(run, entries, is_wanted,
                         [&](Entries &batch) { is_any_merged = follow_merges(batch) || is_any_merged; });
    entries.rewind();
    if (!is_any_merged)
        return std::nullopt;
    bulk::EntrySort<Entry> moved;
    bulk::for_each_batch(run, entries, is_wanted, [&](Entries &batch) {
        follow_merges(batch);
        for (const Entry &entry : batch)
            moved.add(entry);
    });
    moved.sort();
    return moved;
}

void write_all(Oid standing_table, bool creates_users, bulk::EntrySort<Entry> &given, bulk::Run &run)
{
    run.may_create_users = true;
    std::optional<bulk::EntrySort<Entry>> moved = entries_after_merges(given, run);
    bulk::EntrySort<Entry> &entries = moved.has_value() ? *moved : given;
    if (creates_users) {
        run.enter(Progress::Phase::creating_users);
        bulk::for_each_batch(run, entries, is_wanted,
                             [&](const Entries &batch) { create_missing_users(batch, run); });
        entries.rewind();
    }
    run.enter(Progress::Phase::writing);
    Standings standings;
    const auto write = [&] {
        bulk::for_each_batch(run, entries, is_wanted, [&](const Entries &batch) {
            write_reports(batch, creates_users, standings, run);
        });
    };
    write_plainly(run.table, foreign_keys, write);
    write_plainly(standing_table, foreign_key_of_standings, [&] { standings.write(); });
    if (moved.has_value())
        moved->end();
}

/* may_create_users: the caller may write user contexts. */
Datum load(const identity::Caller &caller, FunctionCallInfo fcinfo, bool may_create_users)
{
    constexpr int create_missing_users_number = 3;
    constexpr bulk::ArgumentNumbers numbers{1, 4};
    pg::Errors errors;
    pg::require(fcinfo, 0, "body", errors);
    const bulk::Options options = bulk::options_argument(fcinfo, numbers, errors);
    errors.raise();
    const Oid standing_table = bulk::table_of(caller, "training_standing");
    const bool creates_users = pg::flag_argument(fcinfo, create_missing_users_number);
    if (creates_users && !may_create_users)
        ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                errmsg("the level \"learning\" may not create users"),
                errhint("An operator may pass create_missing_users => true."));
    const TimestampTz now = GetCurrentTimestamp();
    return bulk::load<Entry>(
        caller, kind, options, pg::view(PG_GETARG_TEXT_PP(0)),
        [&](std::string_view text, Entry &entry, bulk::Errors &found) {
            return read_entry(text, now, entry, found);
        },
        [&](bulk::EntrySort<Entry> &entries, bulk::Run &run) {
            write_all(standing_table, creates_users, entries, run);
        });
}

} // namespace

} // namespace opigno::training

using namespace opigno;

OPIGNO_FUNCTION(opigno_report_progress_many)
{
    const bool may_create_users = identity::Access::of(fcinfo->flinfo->fn_oid).acts_on_all();
    return identity::as_owner(
        fcinfo, identity::RequiredAccess::Training,
        [&](const identity::Caller &caller) { return training::load(caller, fcinfo, may_create_users); });
}
