/*
 * Writes entries into a table that has one row for each key. A load creates all new rows before it
 * changes existing ones, both in the order of the keys. So two loads do not deadlock, even if their
 * batches differ.
 *
 * A Store has
 *   Entry: as for load.hpp, with a member `change`;
 *   State: how the row of an entry is stored: std::int64_t version, 0 if there is no row, and
 *     bool differs, whether the entry would change it;
 *   static text *key_of(const Entry &);
 *   find(entries), insert(entries), update(entries): run a statement. They return the number of rows
 *     in SPI_tuptable: of find(), the number of the entry, from 1, and what state_of(row) reads; of
 *     insert(), the keys of the rows created, in the order of the entries; of update(), the numbers of
 *     the entries that have changed a row;
 *   static State state_of(std::uint64_t row);
 *   kept(created, run): removes the rows that must not be, and adds errors; returns the other entries;
 *   check(entry, state, errors): adds errors if the entry cannot be written;
 *   refuse(): raises an error, because a row changes whenever it is to be written.
 */
#pragma once

#include "bulk/load.hpp"

namespace opigno::bulk {

/* Adds further errors of an entry. */
template <typename Entry> void add_errors(const Entry &entry, const pg::Errors &found, Errors &errors)
{
    for (const pg::Error &error : found.all()) {
        const pg::Error entry_error = entry.error(error.sqlstate, error.path, error.message);
        if (entry.has_errors)
            errors.add_further(entry_error);
        else
            errors.add(entry_error);
    }
}

template <typename Store> class KeyedRows {
  public:
    using Entry = typename Store::Entry;
    using Entries = Batch<Entry>;

    KeyedRows(Store store, Run &run) : store_(store), run_(run) {}

    /* Writes the entries without errors. Adds errors to the others only. key_words: as for
     * for_each_distinct_batch(). */
    void write(EntrySort<Entry> &entries, const char *key_words)
    {
        run_.enter(Progress::Phase::writing);
        EntrySort<Entry> existing;
        for_each_distinct_batch(run_, entries, key_words,
                                [&](const Entries &batch) { create_new(batch, existing); });
        existing.sort();
        for_each_batch(
            run_, existing, [](const Entry & /*entry*/) { return true; },
            [&](const Entries &batch) { change_existing(batch); });
        existing.end();
    }

  private:
    struct Comparison {
        Entries to_create;
        Entries to_change;
    };

    /* Creates the rows that do not exist. Adds entries whose rows exist and differ to `existing`. */
    void create_new(const Entries &entries, EntrySort<Entry> &existing)
    {
        const Comparison found = compare(entries);
        for (const Entries &others : {found.to_change, create(found.to_create)})
            for (const Entry &entry : others)
                existing.add(entry);
    }

    /* Changes the rows of these entries. Creates those that another session has deleted meanwhile. */
    void change_existing(const Entries &entries)
    {
        constexpr int max_rounds = 5;
        Entries left = entries;
        for (int round = 0; round < max_rounds; ++round) {
            CHECK_FOR_INTERRUPTS();
            left = change(left);
            if (left.empty())
                return;
            const Comparison found = compare(left);
            left = create(found.to_create);
            for (const Entry &entry : found.to_change)
                left.push_back(entry);
            if (left.empty())
                return;
            std::sort(left.begin(), left.end(), [](const Entry &one, const Entry &other) {
                return pg::view(Store::key_of(one)) < pg::view(Store::key_of(other));
            });
        }
        store_.refuse();
    }

    /* Splits the entries into those to create and those to change. Counts those that need no change. */
    Comparison compare(const Entries &entries)
    {
        const pg::Vector<typename Store::State> states = states_of(entries);
        Comparison found;
        for (std::size_t at = 0; at < entries.size(); ++at) {
            const Entry &entry = entries[at];
            const bool is_new = states[at].version == 0;
            pg::Errors errors;
            store_.check(entry, states[at], errors);
            add_errors(entry, errors, run_.errors);
            if (entry.has_errors || !errors.empty())
                continue;
            if (!is_new && !states[at].differs)
                run_.count(Outcome::Unchanged);
            else
                (is_new ? found.to_create : found.to_change).push_back(entry);
        }
        return found;
    }

    pg::Vector<typename Store::State> states_of(const Entries &entries)
    {
        const std::uint64_t found = store_.find(entries);
        pg::Vector<typename Store::State> states;
        for (std::size_t at = 0; at < entries.size(); ++at)
            states.push_back({});
        for (std::uint64_t row = 0; row < found; ++row)
            states[entry_of(row)] = Store::state_of(row);
        return states;
    }

    /* Returns the entries whose rows exist already. */
    Entries create(const Entries &entries)
    {
        Entries left;
        if (entries.empty())
            return left;
        const std::uint64_t created = store_.insert(entries);
        Entries written;
        for (const Entry &entry : entries) {
            const bool is_created =
                written.size() < created &&
                pg::view(Store::key_of(entry)) == pg::view(DatumGetTextPP(pg::column(1, written.size())));
            (is_created ? written : left).push_back(entry);
        }
        count_written(store_.kept(written, run_), Outcome::Created);
        return left;
    }

    /* Returns the entries that changed nothing: their rows have these values already, or do not
     * exist. */
    Entries change(const Entries &entries)
    {
        const std::uint64_t updated = store_.update(entries);
        pg::Vector<bool> is_updated;
        for (std::size_t at = 0; at < entries.size(); ++at)
            is_updated.push_back(false);
        for (std::uint64_t row = 0; row < updated; ++row)
            is_updated[entry_of(row)] = true;
        Entries written;
        Entries left;
        for (std::size_t at = 0; at < entries.size(); ++at)
            (is_updated[at] ? written : left).push_back(entries[at]);
        count_written(written, Outcome::Updated);
        return left;
    }

    void count_written(const Entries &written, Outcome outcome)
    {
        if (!written.empty())
            run_.count_written(outcome, written.size(), Store::key_of(written[0]),
                               Store::key_of(written[written.size() - 1]));
    }

    static std::size_t entry_of(std::uint64_t row)
    {
        return static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1);
    }

    Store store_;
    Run &run_;
};

} // namespace opigno::bulk
