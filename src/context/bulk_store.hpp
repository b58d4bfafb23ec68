/*
 * Batches of user contexts, written set by set. Called between SPI_connect and SPI_finish as the owner.
 * What is new is created for all of a load before the first context is changed, both in the order of the
 * users: so two loads do not deadlock, wherever their batches end.
 */
#pragma once

#include "context/bulk_entry.hpp"

namespace opigno::context {

/* The first and the last user of those that were written. */
class Range {
  public:
    void include(const text *user_uuid);

    [[nodiscard]] const text *first() const { return first_; }
    [[nodiscard]] const text *last() const { return last_; }

  private:
    void replace(text *&user, const text *by) const;

    MemoryContext context_ = CurrentMemoryContext;
    text *first_ = nullptr;
    text *last_ = nullptr;
};

static_assert(std::is_trivially_destructible_v<Range>);

/* What became of the entries of a load. */
struct Results {
    explicit Results(std::size_t max_faults) : faults(max_faults) {}

    std::int64_t created = 0;
    std::int64_t updated = 0;
    std::int64_t unchanged = 0;
    Range range;
    bulk::Faults faults;
};

static_assert(std::is_trivially_destructible_v<Results>);

/*
 * Creates the contexts of those entries that have none, each of another user as far as they are without
 * faults. Those whose contexts are to be changed go to `existing`. One that would create a context and
 * lacks what that takes is a fault; of entries at fault this is all that is told.
 */
void create_new(const Entries &entries, Results &results, EntrySort &existing);

/*
 * Changes the contexts of these entries, which are without faults. One whose context another session deleted
 * meanwhile is created, or a fault.
 */
void change_existing(const Entries &entries, Results &results);

} // namespace opigno::context
