/*
 * Writing many user contexts: set-based statements over entries sorted by uuid,
 * so that two calls at once lock rows in the same order. New ones are inserted,
 * what exists by then is updated: an entry that leaves members alone leaves them
 * alone also if another session creates the context in between.
 */
#pragma once

#include "context/change.hpp"

namespace opigno::context {

struct Entry {
    std::int64_t ordinal; /* its place in the list, from 1 */
    Change change;
    bool at_fault;
    bool is_repeated; /* an earlier entry names the same user */
};

using Entries = pg::Vector<Entry>;

struct Counts {
    std::uint64_t created;
    std::uint64_t updated;
    std::uint64_t unchanged;
};

template <typename Condition> Entries entries_that(const Entries &entries, Condition condition)
{
    Entries result;
    for (const Entry &entry : entries)
        if (condition(entry))
            result.push_back(entry);
    return result;
}

/* What the entries would do to the rows as they are now. */
struct Comparison {
    Entries to_create;
    Entries to_update;
    std::uint64_t unchanged;

    [[nodiscard]] Counts counts() const { return {to_create.size(), to_update.size(), unchanged}; }
};

/*
 * Each entry is of another user. Those that would create a context and lack what
 * that takes are marked and become faults; entries at fault are not counted.
 */
Comparison compare(Entries &entries, pg::Faults &faults);

/*
 * Writes what a comparison of these entries found. An entry whose context another
 * session deleted meanwhile may come to be at fault: `report` adds it to the
 * faults and goes on, else it is raised.
 */
Counts write(Entries &entries, Comparison found, bool report, pg::Faults &faults);

} // namespace opigno::context
