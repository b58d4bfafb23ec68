#include "bulk/staging_load.hpp"

#include "bulk/bulk_error.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"

#include <algorithm>
#include <span>

namespace opigno::bulk {

namespace {

using identity::Caller;

StagingTable::Range range_of(FunctionCallInfo fcinfo, int after, int max_rows, pg::Errors &errors)
{
    StagingTable::Range range;
    if (!PG_ARGISNULL(after))
        range.after = PG_GETARG_INT64(after);
    if (!PG_ARGISNULL(max_rows)) {
        range.max_rows = PG_GETARG_INT32(max_rows);
        if (*range.max_rows < 1)
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "max_rows", "\"max_rows\" must be positive");
    }
    return range;
}

/* Returns the line of each error, or NULL for each if lines are not kept. */
pg::ArrayColumn lines_of(const StagingTable &staging, std::span<const pg::Error> errors, bool keeps_lines)
{
    pg::ArrayColumn lines;
    if (!keeps_lines) {
        for (std::size_t at = 0; at < errors.size(); ++at)
            lines.add_missing();
        return lines;
    }
    pg::with_spi([&](MemoryContext outer) {
        staging.select_lines(errors);
        MemoryContext inner = MemoryContextSwitchTo(outer);
        std::uint64_t row = 0;
        for (const pg::Error &error : errors) {
            while (row < SPI_processed && DatumGetInt64(pg::column(1, row)) < error.ordinal)
                ++row;
            const bool is_there = row < SPI_processed && DatumGetInt64(pg::column(1, row)) == error.ordinal;
            const std::optional<Datum> line = is_there ? pg::nullable_column(2, row) : std::nullopt;
            lines.add(line.has_value() ? pg::make_text(pg::view(DatumGetTextPP(*line))) : nullptr);
        }
        MemoryContextSwitchTo(inner);
        return 0;
    });
    return lines;
}

/* Stores the errors in chunks. Reads lines as the caller and writes as the owner. */
void store_errors(Caller &caller, const StagingTable &staging, const LoadedRows &rows,
                  std::span<const pg::Error> errors, bool keeps_lines)
{
    constexpr std::size_t chunk_size = 100;
    MemoryContext context =
        AllocSetContextCreateInternal(CurrentMemoryContext, "opigno errors", ALLOCSET_DEFAULT_SIZES);
    MemoryContext before = MemoryContextSwitchTo(context);
    identity::become_owner(caller);
    forget_errors(rows);
    identity::become_caller(caller);
    for (std::size_t from = 0; from < errors.size(); from += chunk_size) {
        CHECK_FOR_INTERRUPTS();
        const auto chunk = errors.subspan(from, std::min(chunk_size, errors.size() - from));
        pg::ArrayColumn lines = lines_of(staging, chunk, keeps_lines);
        identity::become_owner(caller);
        record_errors(rows, chunk, lines);
        identity::become_caller(caller);
        MemoryContextReset(context);
    }
    MemoryContextSwitchTo(before);
    MemoryContextDelete(context);
}

void notify(const Kind &kind, const StagingTable &staging, const Run &run)
{
    const std::int64_t failed = run.errors.failed();
    const char *where =
        XactReadOnly ? "The errors are in the result." : "The errors are in opigno.bulk_error.";
    if (run.is_refused()) {
        ereport(NOTICE,
                errmsg("%s: nothing was written, since " INT64_FORMAT " of " INT64_FORMAT " rows failed",
                       staging.name(), failed, run.received),
                errhint("%s", where));
        return;
    }
    StringInfoData counts;
    initStringInfo(&counts);
    for (const CountMember &member : kind.counts)
        appendStringInfo(&counts, INT64_FORMAT " %s, ", run.counted(member.outcome), member.name);
    ereport(NOTICE,
            errmsg("%s: %s" INT64_FORMAT " received, %s" INT64_FORMAT " failed%s", staging.name(),
                   run.options.dry_run ? "dry run, nothing was written: " : "", run.received, counts.data,
                   failed,
                   run.new_users > 0 ? psprintf(", " INT64_FORMAT " users created", run.new_users) : ""),
            failed == 0 ? 0 : errhint("%s", where));
}

/* delete_loaded requires max_rows because it keeps all rows read, and all errors, in memory. */
StagingUse use_of(FunctionCallInfo fcinfo, int delete_loaded, int trust_owner,
                  const StagingTable::Range &range, pg::Errors &errors)
{
    const StagingUse use{pg::flag_argument(fcinfo, delete_loaded), pg::flag_argument(fcinfo, trust_owner)};
    if (use.deletes && !range.max_rows.has_value())
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "delete_loaded",
                   "\"delete_loaded\" requires \"max_rows\"");
    return use;
}

Datum answer_of(const Kind &kind, Run &run, std::int64_t last_ordinal)
{
    return run.answer(kind.counts, [&](json::Writer &out) {
        out.key("last_ordinal");
        if (last_ordinal == pg::no_ordinal)
            out.null();
        else
            out.integer(last_ordinal);
    });
}

} // namespace

StagingArguments staging_arguments(FunctionCallInfo fcinfo, int keep_lines, pg::Errors &errors)
{
    StagingArguments arguments;
    arguments.keeps_lines = pg::flag_argument(fcinfo, keep_lines);
    arguments.range = range_of(fcinfo, keep_lines + 1, keep_lines + 2, errors);
    arguments.use = use_of(fcinfo, keep_lines + 3, keep_lines + 4, arguments.range, errors);
    return arguments;
}

Datum finish_staged_load(Caller &caller, const Kind &kind, StagingTable &staging,
                         const StagingArguments &arguments, const StagingTable::Found &found, Run &run)
{
    const auto &[keeps_lines, range, use] = arguments;
    const bool has_read_all = !range.max_rows.has_value() || found.rows < *range.max_rows;
    const std::span<const pg::Error> failed = run.errors.sorted();
    if (!XactReadOnly)
        store_errors(caller, staging,
                     {caller.role, pg::make_text(staging.name()), range.after,
                      has_read_all ? PG_INT64_MAX : found.last_ordinal},
                     failed, keeps_lines);
    if (use.deletes && !run.options.dry_run && !run.is_refused())
        staging.delete_all_but(failed);
    staging.end();
    run.progress.end();
    if (!range.max_rows.has_value())
        notify(kind, staging, run);
    return answer_of(kind, run, found.last_ordinal);
}

} // namespace opigno::bulk
