/* create_profiles, patch_profiles and delete_profiles; the contracts stand in functions.sql. */
#include "identity/request.hpp"
#include "pg/argument.hpp"
#include "pg/subtransaction.hpp"
#include "profile/bulk_error.hpp"
#include "profile/bulk_load.hpp"

#include <algorithm>
#include <span>

namespace opigno::profile {

namespace {

constexpr pg::Word<OnConflict> conflict_words[] = {{"error", OnConflict::Error},
                                                   {"skip", OnConflict::Skip},
                                                   {"replace", OnConflict::Replace},
                                                   {"merge", OnConflict::Merge}};

/* The first argument, which is required, and those behind it that loads of this kind have in common. */
Options options_of(const Caller &caller, FunctionCallInfo fcinfo, Task task, const char *source,
                   pg::Faults &faults)
{
    Options options{task, get_relname_relid("profile", get_func_namespace(caller.function))};
    int number = 0;
    pg::require(fcinfo, number, source, faults);
    if (task == Task::Create)
        options.on_conflict = pg::word_argument(fcinfo, ++number, "on_conflict", conflict_words, faults);
    else
        options.on_conflict = OnConflict::Merge;
    options.report = pg::reports_errors(fcinfo, ++number, faults);
    options.dry_run = pg::flag_argument(fcinfo, ++number);
    if (task != Task::Delete)
        options.create_missing_users = pg::flag_argument(fcinfo, ++number);
    options.max_errors = bulk::max_errors_argument(fcinfo, ++number, faults);
    return options;
}

/*
 * In a subtransaction, which is undone for a refusal and a dry run: what is refused shows every fault, and a
 * dry run is told what would have been.
 */
void write(const Caller &caller, const Options &options, Load &rows)
{
    pg::in_subtransaction([&] {
        rows.write();
        if (rows.changed())
            rows.record(caller);
        return !options.dry_run && !rows.is_refused();
    });
    identity::refresh_request(nullptr);
    rows.end();
}

Datum answer_of(Load &rows)
{
    json::Writer answer;
    rows.write_answer(answer);
    return answer.json();
}

Datum load(const Caller &caller, FunctionCallInfo fcinfo, Task task)
{
    pg::Faults faults;
    const Options options = options_of(caller, fcinfo, task, "body", faults);
    faults.raise();
    const std::string_view body = pg::view(PG_GETARG_TEXT_PP(0));
    bulk::Progress progress(options.profile, body.size());
    Load rows(options, progress);
    rows.read(body);
    write(caller, options, rows);
    progress.end();
    return answer_of(rows);
}

/* Errors of a load that opigno.bulk_error takes: in 12 MB of memory. */
constexpr std::int32_t max_recorded = 25000;

// ---- from a staging table ------------------------------------------------------------------------

StagingTable::Range range_of(FunctionCallInfo fcinfo, int after, int max_rows, pg::Faults &faults)
{
    StagingTable::Range range;
    if (!PG_ARGISNULL(after))
        range.after = PG_GETARG_INT64(after);
    if (!PG_ARGISNULL(max_rows)) {
        range.max_rows = PG_GETARG_INT32(max_rows);
        if (*range.max_rows < 1)
            faults.add(ERRCODE_INVALID_PARAMETER_VALUE, "max_rows", "\"max_rows\" must be positive");
    }
    return range;
}

/* The line of each fault. */
pg::ArrayColumn lines_of(const StagingTable &staging, std::span<const bulk::Fault> faults, bool keeps_lines)
{
    pg::ArrayColumn lines;
    if (!keeps_lines) {
        for (std::size_t at = 0; at < faults.size(); ++at)
            lines.add_missing();
        return lines;
    }
    pg::with_spi([&](MemoryContext outer) {
        staging.select_lines(faults);
        MemoryContext inner = MemoryContextSwitchTo(outer);
        std::uint64_t row = 0;
        for (const bulk::Fault &fault : faults) {
            while (row < SPI_processed && DatumGetInt64(pg::column(1, row)) < fault.ordinal)
                ++row;
            const bool is_there = row < SPI_processed && DatumGetInt64(pg::column(1, row)) == fault.ordinal;
            const std::optional<Datum> line = is_there ? pg::nullable_column(2, row) : std::nullopt;
            lines.add(line.has_value() ? pg::make_text(pg::view(DatumGetTextPP(*line))) : nullptr);
        }
        MemoryContextSwitchTo(inner);
        return 0;
    });
    return lines;
}

/* Reads lines as the caller and writes as the owner, some at a time. */
void store_errors(Caller &caller, const StagingTable &staging, const LoadedRows &rows,
                  std::span<const bulk::Fault> faults, bool keeps_lines)
{
    constexpr std::size_t some = 100;
    MemoryContext context =
        AllocSetContextCreateInternal(CurrentMemoryContext, "opigno errors", ALLOCSET_DEFAULT_SIZES);
    MemoryContext before = MemoryContextSwitchTo(context);
    identity::become_owner(caller);
    forget_errors(rows);
    identity::become_caller(caller);
    for (std::size_t from = 0; from < faults.size(); from += some) {
        CHECK_FOR_INTERRUPTS();
        const auto chunk = faults.subspan(from, std::min(some, faults.size() - from));
        pg::ArrayColumn lines = lines_of(staging, chunk, keeps_lines);
        identity::become_owner(caller);
        record_errors(rows, chunk, lines);
        identity::become_caller(caller);
        MemoryContextReset(context);
    }
    MemoryContextSwitchTo(before);
    MemoryContextDelete(context);
}

void notify(const StagingTable &staging, const Options &options, Load &rows)
{
    const BulkCounts &counts = rows.counts();
    const std::int64_t failed = rows.faults().failed();
    if (rows.is_refused())
        ereport(NOTICE,
                errmsg("%s: nothing was written, since " INT64_FORMAT " of " INT64_FORMAT " rows failed",
                       staging.name(), failed, counts.received),
                errhint("What is wrong with them is in opigno.bulk_error."));
    else
        ereport(NOTICE,
                errmsg("%s: %s" INT64_FORMAT " received, " INT64_FORMAT " created, " INT64_FORMAT
                       " replaced, " INT64_FORMAT " merged, " INT64_FORMAT " unchanged, " INT64_FORMAT
                       " skipped, " INT64_FORMAT " failed",
                       staging.name(), options.dry_run ? "nothing was written by this dry run, else: " : "",
                       counts.received, counts.created, counts.replaced, counts.merged, counts.unchanged,
                       counts.skipped, failed),
                failed == 0 ? 0 : errhint("What is wrong with them is in opigno.bulk_error."));
}

/* delete_loaded lists all rows that it reads, and all that fail: not without max_rows. */
StagingUse use_of(FunctionCallInfo fcinfo, int delete_loaded, int trust_owner,
                  const StagingTable::Range &range, pg::Faults &faults)
{
    const StagingUse use{pg::flag_argument(fcinfo, delete_loaded), pg::flag_argument(fcinfo, trust_owner)};
    if (use.deletes && !range.max_rows.has_value())
        faults.add(ERRCODE_INVALID_PARAMETER_VALUE, "delete_loaded",
                   "\"delete_loaded\" requires \"max_rows\"");
    return use;
}

/* The rights on the table are the caller's; nothing touches it as the owner. */
Datum load_staged(Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Faults faults;
    Options options = options_of(caller, fcinfo, Task::Create, "staging", faults);
    const bool keeps_lines = pg::flag_argument(fcinfo, 6);
    const StagingTable::Range range = range_of(fcinfo, 7, 8, faults);
    const StagingUse use = use_of(fcinfo, 9, 10, range, faults);
    faults.raise();
    options.min_kept = use.deletes ? PG_INT32_MAX : max_recorded;
    StagingTable staging(PG_GETARG_TEXT_PP(0), use);
    bulk::Progress progress(options.profile, 0);
    Load rows(options, progress);
    rows.read(staging, range);

    identity::become_owner(caller);
    write(caller, options, rows);
    identity::become_caller(caller);

    const pg::Vector<bulk::Fault> &found = rows.faults().sorted();
    store_errors(caller, staging,
                 {caller.role, pg::make_text(staging.name()), range.after,
                  rows.has_read_all() ? PG_INT64_MAX : rows.counts().last_ordinal},
                 {found.begin(), found.size()}, keeps_lines);
    if (use.deletes && !options.dry_run && !rows.is_refused())
        staging.delete_all_but({found.begin(), found.size()});
    staging.end();
    progress.end();
    if (!range.max_rows.has_value())
        notify(staging, options, rows);
    return answer_of(rows);
}

} // namespace

} // namespace opigno::profile

using namespace opigno;
using identity::RequiredAccess;
using profile::Task;

OPIGNO_FUNCTION(opigno_create_profiles)
{
    return identity::as_owner(fcinfo, RequiredAccess::Operator, [&](const identity::Caller &caller) {
        return profile::load(caller, fcinfo, Task::Create);
    });
}

OPIGNO_FUNCTION(opigno_patch_profiles)
{
    return identity::as_owner(fcinfo, RequiredAccess::Operator, [&](const identity::Caller &caller) {
        return profile::load(caller, fcinfo, Task::Patch);
    });
}

OPIGNO_FUNCTION(opigno_delete_profiles)
{
    return identity::as_owner(fcinfo, RequiredAccess::Operator, [&](const identity::Caller &caller) {
        return profile::load(caller, fcinfo, Task::Delete);
    });
}

OPIGNO_FUNCTION(opigno_load_profiles)
{
    identity::Caller caller = identity::check_caller(fcinfo, RequiredAccess::Operator);
    return profile::load_staged(caller, fcinfo);
}
