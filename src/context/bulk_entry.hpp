/* Entries of a list of user contexts: from JSON to changes, and in the order of their users. */
#pragma once

#include "bulk/fault.hpp"
#include "bulk/sort.hpp"
#include "context/change.hpp"

namespace opigno::context {

struct Entry {
    std::int64_t ordinal = 0; /* from 1 */
    Change change;
    bool at_fault = false; /* and so not to be written */
};

using Entries = pg::Vector<Entry>;

/* In the memory that is current. */
Entry copy_of(const Entry &entry);

/* Whether two changes of one user are the same. */
bool is_same(const Change &left, const Change &right);

/*
 * The change of an entry, in the memory that is current, with all its faults. False where its user is not
 * known: there is nothing more to say about it.
 */
bool read_entry(std::string_view text, identity::ScopeRegistry &registry, Entry &entry, bulk::Faults &faults);

/* Adds what is wrong with an entry. further: it had faults before, and is counted. */
void add_faults(const Entry &entry, const pg::Faults &found, bool further, bulk::Faults &faults);

class EntrySort {
  public:
    EntrySort();

    void add(const Entry &entry);
    /* After the last add(). */
    void sort() { sort_.sort(); }
    /* By user and ordinal. The entry is the sort's, until the next one; false at the end. */
    bool next(Entry &entry);
    void end() { sort_.end(); }

  private:
    bulk::Sort sort_;
};

static_assert(std::is_trivially_destructible_v<EntrySort>);

} // namespace opigno::context
