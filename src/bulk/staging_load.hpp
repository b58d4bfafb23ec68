/* Loads the rows of a staging table. The table is only used with the rights of the caller. */
#pragma once

#include "bulk/load.hpp"
#include "bulk/staging.hpp"

namespace opigno::bulk {

/* The most errors of one load that are stored in opigno.bulk_error. They take 12 MB of memory. */
inline constexpr std::int32_t max_recorded = 25000;

struct StagingArguments {
    bool keeps_lines = false; /* store the rows that failed with their errors */
    StagingTable::Range range;
    StagingUse use;
};

/* Reads the arguments keep_lines, after_ordinal, max_rows, delete_loaded and trust_owner. keep_lines: the
 * number of the first of them. */
StagingArguments staging_arguments(FunctionCallInfo fcinfo, int keep_lines, pg::Errors &errors);

/* Stores the errors, deletes the loaded rows if the caller wants that, and returns the answer. */
Datum finish_staged_load(identity::Caller &caller, const Kind &kind, StagingTable &staging,
                         const StagingArguments &arguments, const StagingTable::Found &found, Run &run);

/*
 * Runs a whole load from the table in the first argument. columns: those of an entry in a table
 * without "line". read(row, entry, errors) reads the entry of a StagingRow and returns whether to
 * sort it; write(entries, run, staging) writes all entries, called as the owner.
 */
template <typename Entry, typename Read, typename Write>
Datum load_staged(identity::Caller &caller, FunctionCallInfo fcinfo, const Kind &kind,
                  const StagingColumns &columns, const Options &options, const StagingArguments &arguments,
                  Read read, Write write)
{
    StagingTable staging(PG_GETARG_TEXT_PP(0), columns, arguments.use);
    Run run(options, table_of(caller, kind.table), {}, arguments.use.deletes ? PG_INT32_MAX : max_recorded);
    run.owner = kind.owner;
    EntrySort<Entry> entries(options.last_wins);
    const StagingTable::Found found =
        staging.each_row(arguments.range, run.progress, [&](std::int64_t ordinal, const StagingRow &row) {
            Entry entry;
            entry.ordinal = ordinal;
            if (read(row, entry, run.errors))
                entries.add(entry);
        });
    run.received = found.received;
    entries.sort();
    identity::become_owner(caller);
    write_or_undo(caller, run, kind.key_columns, [&] { write(entries, run, staging); });
    entries.end();
    identity::become_caller(caller);
    return finish_staged_load(caller, kind, staging, arguments, found, run);
}

/* Runs a load with the arguments of a function: staging, on_error, dry_run, max_errors, those of
 * staging_arguments(), and on_duplicate. */
template <typename Entry, typename Read, typename Write>
Datum load_staged(identity::Caller &caller, FunctionCallInfo fcinfo, const Kind &kind,
                  const StagingColumns &columns, Read read, Write write)
{
    pg::Errors errors;
    pg::require(fcinfo, 0, "staging", errors);
    const Options options = options_argument(fcinfo, {1, 3, 9}, errors);
    const StagingArguments arguments = staging_arguments(fcinfo, 4, errors);
    errors.raise();
    return load_staged<Entry>(caller, fcinfo, kind, columns, options, arguments, read, write);
}

} // namespace opigno::bulk
