#include "app_document/load.hpp"

#include "app_document/bulk_references.hpp"
#include "app_document/stored_times.hpp"
#include "pg/argument.hpp"
#include "pg/catalog.hpp"
#include "pg/spi.hpp"

namespace opigno::app_document {

namespace {

using bulk::Progress;

constexpr pg::Word<OnConflict> conflict_words[] = {{"error", OnConflict::Error},
                                                   {"skip", OnConflict::Skip},
                                                   {"replace", OnConflict::Replace},
                                                   {"merge", OnConflict::Merge}};

/* is_plain: the table has no other triggers or rules than those of the extension. */
void write_batch(const LoadOptions &options, const Entries &given, bool is_plain, const Store &store)
{
    const Entries entries = with_stored_times(given, store);
    if (entries.empty())
        return;
    if (options.task == Task::Delete) {
        delete_entries(entries, store);
        return;
    }
    const bool updates = store.merges() || store.on_conflict == OnConflict::Replace;
    const Entries left = is_plain && updates ? update_existing(entries, store) : entries;
    const Entries good = with_known_references(left, options.create_missing_users, store);
    if (!good.empty())
        write_entries(good, store);
}

/* The number of the argument on_duplicate. Entries that remove documents and have one key are all equal. */
std::optional<int> on_duplicate_of(const Kind &kind, Task task)
{
    if (task == Task::Delete)
        return std::nullopt;
    return (task == Task::Create ? 5 : 4) + (kind.is_of_user ? 1 : 0);
}

} // namespace

EntryForm form_of(const Kind &kind, const LoadOptions &options, schema::AppJudge &judge)
{
    return {kind, document_of(options.task), options.task == Task::Delete ? nullptr : &judge,
            options.on_conflict == OnConflict::Merge};
}

LoadOptions options_argument(const identity::Caller &caller, FunctionCallInfo fcinfo, const Kind &kind,
                             Task task, const char *source, std::optional<int> on_duplicate,
                             pg::Errors &errors)
{
    LoadOptions options;
    options.task = task;
    options.table = bulk::table_of(caller, load_of(kind, task).table);
    pg::require(fcinfo, 0, source, errors);
    int on_error = 1;
    if (task == Task::Create)
        options.on_conflict = pg::word_argument(fcinfo, on_error++, "on_conflict", conflict_words, errors);
    else
        options.on_conflict = OnConflict::Merge;
    const int dry_run = on_error + 1;
    int max_errors = dry_run + 1;
    if (task != Task::Delete && kind.is_of_user)
        options.create_missing_users = pg::flag_argument(fcinfo, max_errors++);
    options.bulk = bulk::options_argument(fcinfo, {on_error, max_errors, on_duplicate}, errors);
    return options;
}

void write_all(const Kind &kind, const LoadOptions &options, schema::AppJudge &judge,
               bulk::EntrySort<Entry> &entries, bulk::Run &run)
{
    const Store store{kind, options.on_conflict, document_of(options.task), judge, run};
    run.may_create_users = options.task != Task::Delete && kind.is_of_user;
    if (options.create_missing_users) {
        run.enter(Progress::Phase::creating_users);
        bulk::for_each_batch(
            run, entries, [](const Entry &) { return true; },
            [&](const Entries &batch) { create_missing_users(batch, run); });
        entries.rewind();
    }
    run.enter(Progress::Phase::writing);
    const bool is_plain =
        options.task != Task::Delete && bulk::has_foreign_key_triggers_only(options.table, kind.foreign_keys);
    const auto write_batches = [&] {
        bulk::for_each_distinct_batch(run, entries, kind.holder_and_app, [&](const Entries &batch) {
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

Datum load(FunctionCallInfo fcinfo, const identity::Caller &caller, const Kind &kind, Task task)
{
    pg::Errors errors;
    const LoadOptions options =
        options_argument(caller, fcinfo, kind, task, "body", on_duplicate_of(kind, task), errors);
    errors.raise();
    schema::AppJudge judge(caller.function, kind.document_kind);
    const EntryForm form = form_of(kind, options, judge);
    return bulk::load<Entry>(
        caller, load_of(kind, task), options.bulk, pg::view(PG_GETARG_TEXT_PP(0)),
        [&](std::string_view text, Entry &entry, bulk::Errors &found) {
            return read_entry(text, form, entry, found);
        },
        [&](bulk::EntrySort<Entry> &entries, bulk::Run &run) {
            write_all(kind, options, judge, entries, run);
        });
}

} // namespace opigno::app_document
