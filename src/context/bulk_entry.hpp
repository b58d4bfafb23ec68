/* Entries of a list of user contexts: reads and checks them. */
#pragma once

#include "bulk/errors.hpp"
#include "bulk/sort.hpp"
#include "context/change.hpp"

namespace opigno::context {

struct Entry {
    std::int64_t ordinal = pg::no_ordinal; /* from 1 */
    Change change;
    bool has_errors = false; /* the entry is not written */

    static constexpr Oid columns[] = {TEXTOID, INT8OID, TEXTOID, BOOLOID, TEXTARRAYOID,
                                      TEXTOID, BOOLOID, BOOLOID, BOOLOID, INT8OID};
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
 * Reads an entry in the current memory context and adds all its errors. Returns false if the entry
 * has no valid uuid, so that it cannot be checked further.
 */
bool read_entry(std::string_view text, identity::ScopeRegistry &registry, Entry &entry, bulk::Errors &errors);

/* An entry as columns of text. A column that is NULL has no value: leave the member as it is. */
struct EntryColumns {
    std::optional<std::string_view> uuid;
    std::optional<std::string_view> display_name;
    std::optional<std::string_view> is_active; /* as the type boolean reads it */
    std::optional<std::string_view> scope;     /* "", a scope, "a, b", or an array "{a,b}" */
    std::optional<std::string_view> version;
};

/* Does the same as read_entry(). */
bool read_columns(const EntryColumns &columns, identity::ScopeRegistry &registry, Entry &entry,
                  bulk::Errors &errors);

} // namespace opigno::context
