/*
 * The loader that all bulk functions share. Each kind of load defines an Entry type, which says how
 * an entry is sorted and compared, and a store, which writes entries in the order of their keys.
 * docs/decisions/0011-bulk.md has the reasons.
 *
 * An Entry has
 *   std::int64_t ordinal;
 *   bool has_errors: the entry is sorted with the others but is not written;
 *   static constexpr Oid columns[]: the types of the sort's columns, the key and the ordinal first;
 *   static constexpr int keys: the number of columns to sort by;
 *   void put(Datum *values, bool *nulls) const: converts the entry to a row of the sort;
 *   static Entry get(const Sort &): converts the current row back;
 *   Entry copy() const: a copy in the current memory context;
 *   std::size_t size() const: the size in bytes;
 *   bool has_key_of(const Entry &) const: whether the keys are equal;
 *   bool is_same(const Entry &) const: whether the contents are equal, for equal keys;
 *   pg::Error error(int sqlstate, const char *path, const char *message) const: an error about the
 *     entry.
 */
#pragma once

#include "bulk/entries.hpp"
#include "bulk/part.hpp"
#include "bulk/run.hpp"
#include "bulk/sort.hpp"
#include "identity/request.hpp"
#include "pg/argument.hpp"
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"
#include "pg/vector.hpp"

#include <algorithm>

namespace opigno::bulk {

template <typename Entry> using Batch = pg::Vector<Entry>;

/* Limits of one batch, which is held in memory. */
inline constexpr std::size_t max_batch_entries = 1000;
inline constexpr std::size_t max_batch_bytes = 4194304;

/* Sorts entries by key and ordinal. last_first: entries of one key by descending ordinal. */
template <typename Entry> class EntrySort {
  public:
    explicit EntrySort(bool last_first = false) : sort_(Entry::columns, Entry::keys), last_first_(last_first)
    {
    }

    void add(const Entry &entry)
    {
        Datum values[std::size(Entry::columns)] = {};
        bool nulls[std::size(Entry::columns)] = {};
        Entry sorted = entry;
        sorted.ordinal = sort_key_of(entry.ordinal);
        sorted.put(values, nulls);
        sort_.add(values, nulls);
    }
    /* To be called after the last add(). */
    void sort() { sort_.sort(); }
    /* Goes back to the first entry. */
    void rewind() { sort_.rewind(); }
    /* Reads the next entry, which is valid until the next call. Returns false at the end. */
    bool next(Entry &entry)
    {
        if (!sort_.next())
            return false;
        MemoryContext before = MemoryContextSwitchTo(sort_.row_memory());
        entry = Entry::get(sort_);
        entry.ordinal = sort_key_of(entry.ordinal);
        MemoryContextSwitchTo(before);
        return true;
    }
    void end() { sort_.end(); }

  private:
    /* Its own inverse. ~ reverses the order of all integers, and - not that of the lowest. */
    [[nodiscard]] std::int64_t sort_key_of(std::int64_t ordinal) const
    {
        return last_first_ ? ~ordinal : ordinal;
    }

    Sort sort_;
    bool last_first_;
};

/* The last entry without errors. It outlives the batch that it was in. */
template <typename Entry> class LastEntry {
  public:
    /* Whether the entry has the same key as the last one. */
    [[nodiscard]] bool has_key_of(const Entry &entry) const
    {
        return last_.ordinal != pg::no_ordinal && entry.has_key_of(last_);
    }
    [[nodiscard]] const Entry &get() const { return last_; }
    void set(const Entry &entry)
    {
        MemoryContextReset(context_);
        MemoryContext before = MemoryContextSwitchTo(context_);
        last_ = entry.copy();
        MemoryContextSwitchTo(before);
    }

  private:
    MemoryContext context_ =
        AllocSetContextCreateInternal(CurrentMemoryContext, "opigno entry", ALLOCSET_DEFAULT_SIZES);
    Entry last_;
};

/*
 * Calls read(text, entry, errors) for each entry of the body, and adds the entry to the sort if the
 * call returns true. Each call has a memory context of its own. list: the member of the body that
 * holds the entries.
 */
template <typename Entry, typename Read>
void read_body(std::string_view body, std::string_view list, Run &run, EntrySort<Entry> &entries, Read read)
{
    constexpr int report_after = 256;
    const Part part = take_next_part();
    run.is_of_flawed = part.is_flawed;
    const auto take = [&](std::int64_t number, std::string_view given, std::size_t end) {
        Entry entry;
        entry.ordinal = part.ordinal_of(number);
        run.received = number;
        run.errors.set_offset(part.offset_of(number, given.data() - body.data()));
        if (read(given, entry, run.errors))
            entries.add(entry);
        if (number % report_after == 0)
            run.progress.read(end, number);
    };
    run.flaw = for_each_entry(body, list, take, part.form);
    part.check_end(run.received);
    run.progress.read(body.size(), run.received);
    entries.sort();
}

/* An error context callback: errors that triggers and constraints raise name the batch's
 * entries. */
template <typename Entry> void add_error_context(void *entries)
{
    const auto *batch = static_cast<const Batch<Entry> *>(entries);
    const auto [first, last] =
        std::minmax_element(batch->begin(), batch->end(), [](const Entry &left, const Entry &right) {
            return left.ordinal < right.ordinal;
        });
    errcontext("writing %zu entries, the first of them entry " INT64_FORMAT " and the last " INT64_FORMAT,
               batch->size(), first->ordinal, last->ordinal);
}

/*
 * Reads the entries in order and collects those for which is_wanted(entry) is true into batches.
 * Calls write(batch) for each batch, between SPI_connect and SPI_finish.
 */
template <typename Entry, typename IsWanted, typename Write>
void for_each_batch(Run &run, EntrySort<Entry> &entries, IsWanted is_wanted, Write write)
{
    Entry entry;
    bool has_entry = entries.next(entry);
    while (has_entry) {
        pg::with_spi([&](MemoryContext) {
            Batch<Entry> batch;
            std::size_t bytes = 0;
            for (; has_entry && batch.size() < max_batch_entries && bytes < max_batch_bytes;
                 has_entry = entries.next(entry)) {
                CHECK_FOR_INTERRUPTS();
                ++run.taken;
                if (!is_wanted(entry))
                    continue;
                batch.push_back(entry.copy());
                bytes += entry.size();
            }
            ErrorContextCallback place{error_context_stack, add_error_context<Entry>, &batch};
            error_context_stack = &place;
            if (!batch.empty())
                write(batch);
            error_context_stack = place.previous;
            return 0;
        });
        run.report_progress();
    }
}

/*
 * Does the same, but at most one entry of each key goes into a batch, entries with errors aside: the
 * first, or the last with Options::last_wins. An entry that is equal to it counts as unchanged. An
 * entry that has the same key and differs is an error; with last_wins it is skipped. key_words: the
 * key's name in that error, as "user and app".
 */
template <typename Entry, typename Write>
void for_each_distinct_batch(Run &run, EntrySort<Entry> &entries, const char *key_words, Write write)
{
    LastEntry<Entry> last;
    const auto is_wanted = [&](const Entry &entry) {
        if (!last.has_key_of(entry)) {
            if (!entry.has_errors)
                last.set(entry);
            return true;
        }
        if (entry.has_errors)
            return false;
        if (entry.is_same(last.get()))
            run.count(Outcome::Unchanged);
        else if (run.options.last_wins)
            run.count(Outcome::Skipped);
        else
            run.errors.add(
                entry.error(ERRCODE_INVALID_PARAMETER_VALUE, "",
                            psprintf("differs from entry " INT64_FORMAT ", which is for the same %s",
                                     last.get().ordinal, key_words)));
        return false;
    };
    for_each_batch(run, entries, is_wanted, write);
}

/*
 * Runs write() and records it in the audit trail, in one subtransaction. The subtransaction is
 * rolled back if the load is refused or is a dry run. Writing first finds all errors, and gives a
 * dry run the counts of the real load, also in a READ ONLY transaction. key_columns: the table's
 * key columns, for ANALYZE.
 */
template <typename Write>
void write_or_undo(const identity::Caller &caller, Run &run, const char *key_columns, Write write)
{
    bool is_kept = false;
    pg::in_subtransaction([&] {
        if (run.options.dry_run)
            pg::allow_writes_to_roll_back();
        if (!run.is_flawed())
            write();
        run.record(caller);
        is_kept = !run.options.dry_run && !run.is_refused();
        return is_kept;
    });
    if (is_kept)
        run.analyze_grown_tables(key_columns);
    identity::refresh_request(nullptr);
}

/* The properties of one kind of load. */
struct Kind {
    const char *list;        /* the member of the body that holds the entries */
    const char *table;       /* the table to write, in the schema of the extension */
    const char *key_columns; /* the table's key columns, for ANALYZE */
    std::span<const CountMember> counts;
    Owner owner = Owner::User; /* whose rows the table has */
};

/* Runs a whole load. read(text, entry, errors) is as for read_body(); write(entries, run) writes all
 * entries. */
template <typename Entry, typename Read, typename Write>
Datum load(const identity::Caller &caller, const Kind &kind, const Options &options, std::string_view body,
           Read read, Write write)
{
    Run run(options, table_of(caller, kind.table), body);
    run.owner = kind.owner;
    EntrySort<Entry> entries(options.last_wins);
    read_body(body, kind.list, run, entries, read);
    write_or_undo(caller, run, kind.key_columns, [&] { write(entries, run); });
    entries.end();
    run.progress.end();
    return run.answer(kind.counts);
}

/* Runs a load with the arguments of a function (body, on_error, dry_run, max_errors, on_duplicate). */
template <typename Entry, typename Read, typename Write>
Datum load(const identity::Caller &caller, FunctionCallInfo fcinfo, const Kind &kind, Read read, Write write)
{
    pg::Errors errors;
    pg::require(fcinfo, 0, "body", errors);
    const Options options = options_argument(fcinfo, {1, 3, 4}, errors);
    errors.raise();
    return load<Entry>(caller, kind, options, pg::view(PG_GETARG_TEXT_PP(0)), read, write);
}

} // namespace opigno::bulk
