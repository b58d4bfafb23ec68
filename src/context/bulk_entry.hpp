/* Entries of a list of user contexts: from JSON to changes, and in the order of their users. */
#pragma once

#include "bulk/errors.hpp"
#include "bulk/sort.hpp"
#include "context/change.hpp"

namespace opigno::context {

struct Entry {
    std::int64_t ordinal = pg::no_ordinal; /* from 1 */
    Change change;
    bool has_errors = false; /* and so is not to be written */

    static constexpr Oid columns[] = {TEXTOID,      INT8OID, TEXTOID, BOOLOID,
                                      TEXTARRAYOID, BOOLOID, BOOLOID, BOOLOID};
    static constexpr int keys = 2;
    void put(Datum *values, bool *nulls) const;
    static Entry get(const bulk::Sort &row);

    [[nodiscard]] Entry copy() const;
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] bool has_key_of(const Entry &other) const;
    [[nodiscard]] bool is_same(const Entry &other) const;
    [[nodiscard]] pg::Error error(int sqlstate, const char *path, const char *message) const;
};

/*
 * Reads an entry in the current memory context and adds all its errors. False where its user is not known:
 * there is nothing more to say about it.
 */
bool read_entry(std::string_view text, identity::ScopeRegistry &registry, Entry &entry, bulk::Errors &errors);

/* Adds what else is wrong with an entry. */
void add_errors(const Entry &entry, const pg::Errors &found, bulk::Errors &errors);

} // namespace opigno::context
