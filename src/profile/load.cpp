#include "profile/load.hpp"

#include "pg/argument.hpp"
#include "pg/catalog.hpp"
#include "pg/spi.hpp"
#include "profile/bulk_references.hpp"
#include "profile/stored_times.hpp"

namespace opigno::profile {

namespace {

using bulk::Progress;

constexpr pg::Word<OnConflict> conflict_words[] = {{"error", OnConflict::Error},
                                                   {"skip", OnConflict::Skip},
                                                   {"replace", OnConflict::Replace},
                                                   {"merge", OnConflict::Merge}};

constexpr bulk::CountMember counts_of_writes[] = {{bulk::Outcome::Created, "created"},
                                                  {bulk::Outcome::Replaced, "replaced"},
                                                  {bulk::Outcome::Merged, "merged"},
                                                  {bulk::Outcome::Unchanged, "unchanged"},
                                                  {bulk::Outcome::Skipped, "skipped"}};
constexpr bulk::CountMember counts_of_deletes[] = {{bulk::Outcome::Deleted, "deleted"},
                                                   {bulk::Outcome::Missing, "missing"},
                                                   {bulk::Outcome::Unchanged, "unchanged"},
                                                   {bulk::Outcome::Skipped, "skipped"}};

/* is_plain: the table has no other triggers or rules than those of the extension. */
void write_batch(const LoadOptions &options, const Entries &given, bool is_plain, const Store &store)
{
    const Entries entries = with_stored_times(given, store.run);
    if (entries.empty())
        return;
    if (options.task == Task::Delete) {
        delete_entries(entries, store.run);
        return;
    }
    const bool updates = store.merges() || store.on_conflict == OnConflict::Replace;
    const Entries left = is_plain && updates ? update_existing(entries, store) : entries;
    const Entries good = with_known_references(left, options.create_missing_users, store);
    if (!good.empty())
        write_entries(good, store);
}

} // namespace

LoadOptions options_argument(const identity::Caller &caller, FunctionCallInfo fcinfo, Task task,
                             const char *source, std::optional<int> on_duplicate, pg::Errors &errors)
{
    LoadOptions options;
    options.task = task;
    options.table = bulk::table_of(caller, kind_of(task).table);
    pg::require(fcinfo, 0, source, errors);
    int on_error = 1;
    if (task == Task::Create)
        options.on_conflict = pg::word_argument(fcinfo, on_error++, "on_conflict", conflict_words, errors);
    else
        options.on_conflict = OnConflict::Merge;
    const int dry_run = on_error + 1;
    int max_errors = dry_run + 1;
    if (task != Task::Delete)
        options.create_missing_users = pg::flag_argument(fcinfo, max_errors++);
    options.bulk = bulk::options_argument(fcinfo, {on_error, max_errors, on_duplicate}, errors);
    return options;
}

void write_all(const LoadOptions &options, schema::AppJudge &judge, bulk::EntrySort<Entry> &entries,
               bulk::Run &run)
{
    const Store store{options.on_conflict, document_of(options.task), judge, run};
    run.may_create_users = options.task != Task::Delete;
    if (options.create_missing_users) {
        run.enter(Progress::Phase::creating_users);
        bulk::for_each_batch(
            run, entries, [](const Entry &) { return true; },
            [&](const Entries &batch) { create_missing_users(batch, run); });
        entries.rewind();
    }
    run.enter(Progress::Phase::writing);
    const bool is_plain =
        options.task != Task::Delete && bulk::has_foreign_key_triggers_only(options.table, foreign_keys);
    const auto write_batches = [&] {
        bulk::for_each_distinct_batch(run, entries, "user and app", [&](const Entries &batch) {
            write_batch(options, batch, is_plain, store);
        });
    };
    if (is_plain)
        bulk::without_triggers(write_batches);
    else
        write_batches();
    pg::with_spi([&](MemoryContext) {
        judge.store_counts();
        return 0;
    });
}

const char *document_of(Task task)
{
    switch (task) {
    case Task::Create:
        return "profile_data";
    case Task::Patch:
        return "patch";
    case Task::Delete:
        break;
    }
    return nullptr;
}

const bulk::Kind &kind_of(Task task)
{
    static constexpr bulk::Kind writes{"profiles", "profile", "user_uuid, app_id", counts_of_writes};
    static constexpr bulk::Kind deletes{"profiles", "profile", "user_uuid, app_id", counts_of_deletes};
    return task == Task::Delete ? deletes : writes;
}

} // namespace opigno::profile
