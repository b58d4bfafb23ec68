/* Entries of a list of trainings: reads and checks them. */
#pragma once

#include "bulk/errors.hpp"
#include "bulk/sort.hpp"
#include "training/change.hpp"

namespace opigno::training::registry {

struct Entry {
    std::int64_t ordinal = pg::no_ordinal; /* from 1 */
    Change change;
    bool has_errors = false; /* the entry is not written */

    static constexpr Oid columns[] = {TEXTOID, INT8OID, TEXTOID, BOOLOID, BOOLOID, BOOLOID, INT8OID};
    static constexpr int keys = 2;
    void put(Datum *values, bool *nulls) const;
    static Entry get(const bulk::Sort &row);

    [[nodiscard]] Entry copy() const;
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] bool has_key_of(const Entry &other) const;
    [[nodiscard]] bool is_same(const Entry &other) const;
    [[nodiscard]] pg::Error error(int sqlstate, const char *path, const char *message) const;
};

static_assert(std::is_trivially_destructible_v<Entry>);

/*
 * Reads an entry in the current memory context and adds all its errors. Returns false if the entry
 * has no valid training_id, so that it cannot be checked further.
 */
bool read_entry(std::string_view text, Entry &entry, bulk::Errors &errors);

} // namespace opigno::training::registry
