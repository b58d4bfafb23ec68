/*
 * The one loader. A kind of load is an entry, which says how an entry is read, sorted and compared, and a
 * store, which writes entries in the order of their keys; docs/decisions/0011-bulk.md has the reasons.
 *
 * An Entry has
 *   std::int64_t ordinal, text *user_uuid, bool has_errors (it takes part, and is not to be written);
 *   static constexpr Oid columns[] and int keys: the sort's columns, of which the first are the key and the
 *     ordinal;
 *   void put(Datum *values, bool *nulls) const and static Entry get(const Sort &): to the sort and back;
 *   Entry copy() const: in the current memory context; std::size_t size() const: in bytes;
 *   bool has_key_of(const Entry &) const, bool is_same(const Entry &) const: also what it wants;
 *   pg::Error error(int sqlstate, const char *path, const char *message) const: about it.
 */
#pragma once

#include "bulk/entries.hpp"
#include "bulk/run.hpp"
#include "bulk/sort.hpp"
#include "identity/request.hpp"
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"
#include "pg/vector.hpp"

#include <algorithm>

namespace opigno::bulk {

template <typename Entry> using Batch = pg::Vector<Entry>;

/* What a load holds in memory at a time. */
inline constexpr std::size_t max_batch_entries = 1000;
inline constexpr std::size_t max_batch_bytes = 4194304;

/* Entries by key and ordinal. */
template <typename Entry> class EntrySort {
  public:
    EntrySort() : sort_(Entry::columns, Entry::keys) {}

    void add(const Entry &entry)
    {
        Datum values[std::size(Entry::columns)] = {};
        bool nulls[std::size(Entry::columns)] = {};
        entry.put(values, nulls);
        sort_.add(values, nulls);
    }
    /* After the last add(). */
    void sort() { sort_.sort(); }
    /* To the first entry again. */
    void rewind() { sort_.rewind(); }
    /* The entry is the sort's, until the next one; false at the end. */
    bool next(Entry &entry)
    {
        if (!sort_.next())
            return false;
        MemoryContext before = MemoryContextSwitchTo(sort_.row_memory());
        entry = Entry::get(sort_);
        MemoryContextSwitchTo(before);
        return true;
    }
    void end() { sort_.end(); }

  private:
    Sort sort_;
};

/* The last entry without errors that was taken, across batches. */
template <typename Entry> class LastEntry {
  public:
    /* Whether an entry repeats its key. */
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
 * Reads each entry of the body in memory of its own: read(text, entry, errors) tells whether it takes part.
 * list: the member of the body that holds the entries.
 */
template <typename Entry, typename Read>
void read_body(std::string_view body, std::string_view list, Run &run, EntrySort<Entry> &entries, Read read)
{
    constexpr int report_after = 256;
    run.flaw = for_each_entry(body, list, [&](std::int64_t ordinal, std::string_view given, std::size_t end) {
        Entry entry;
        entry.ordinal = ordinal;
        run.received = ordinal;
        if (read(given, entry, run.errors))
            entries.add(entry);
        if (ordinal % report_after == 0)
            run.progress.read(end, ordinal);
    });
    run.progress.read(body.size(), run.received);
    entries.sort();
}

/* What a trigger or constraint of the site raises says where to look. */
template <typename Entry> void tell_place(void *entries)
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
 * Takes the entries in their order, and calls write(batch) between SPI_connect and SPI_finish for those of
 * which is_wanted(entry) is true, batch by batch.
 */
template <typename Entry, typename IsWanted, typename Write>
void for_each_batch(Run &run, EntrySort<Entry> &entries, IsWanted is_wanted, Write write)
{
    Entry entry;
    bool is_left = entries.next(entry);
    while (is_left) {
        pg::with_spi([&](MemoryContext) {
            Batch<Entry> batch;
            std::size_t bytes = 0;
            for (; is_left && batch.size() < max_batch_entries && bytes < max_batch_bytes;
                 is_left = entries.next(entry)) {
                CHECK_FOR_INTERRUPTS();
                ++run.taken;
                if (!is_wanted(entry))
                    continue;
                batch.push_back(entry.copy());
                bytes += entry.size();
            }
            ErrorContextCallback place{error_context_stack, tell_place<Entry>, &batch};
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
 * The same for entries of distinct keys. One that repeats an earlier entry without errors counts as
 * unchanged, or is an error if it wants something else. key_words: "user and app".
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
 * Runs write() and records it, in one subtransaction that is undone for a refusal and a dry run: a refusal
 * tells every error, and a dry run what the load would tell. key_columns: of the table, for ANALYZE.
 */
template <typename Write>
void write_or_undo(const identity::Caller &caller, Run &run, const char *key_columns, Write write)
{
    bool is_kept = false;
    pg::in_subtransaction([&] {
        if (run.flaw == nullptr)
            write();
        run.record(caller);
        is_kept = !run.options.dry_run && !run.is_refused();
        return is_kept;
    });
    if (is_kept)
        run.analyze_grown_table(key_columns);
    identity::refresh_request(nullptr);
}

} // namespace opigno::bulk
