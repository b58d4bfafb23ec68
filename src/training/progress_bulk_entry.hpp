/* Entries of loads of progress: reads and checks them. */
#pragma once

#include "bulk/errors.hpp"
#include "bulk/sort.hpp"
#include "training/progress_store.hpp"

#include <string_view>

namespace opigno::training {

struct Entry {
    std::int64_t ordinal = pg::no_ordinal; /* from 1 in a body */
    Key key{nullptr, nullptr};
    Report report;

    static constexpr bool has_errors = false; /* entries with errors are not sorted */

    /* Reports of one row come in the order of their times. */
    static constexpr Oid columns[] = {TEXTOID, TEXTOID,    TIMESTAMPTZOID, INT8OID, INT4OID,
                                      BOOLOID, NUMERICOID, NUMERICOID,     JSONBOID};
    static constexpr int keys = 4;
    void put(Datum *values, bool *nulls) const;
    static Entry get(const bulk::Sort &row);

    [[nodiscard]] Entry copy() const;
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] bool has_key_of(const Entry &other) const;
    [[nodiscard]] pg::Error error(int sqlstate, const char *path, const char *message) const;
};

static_assert(std::is_trivially_destructible_v<Entry>);

/* Reads an entry in the current memory context. If the entry has errors, adds all of them and returns
 * false. now: the clock, which is also the time of reports without one. */
bool read_entry(std::string_view text, TimestampTz now, Entry &entry, bulk::Errors &errors);

} // namespace opigno::training
