/* Entries of loads of profiles: from JSON to rows, and what is wrong with them. */
#pragma once

#include "bulk/errors.hpp"
#include "bulk/sort.hpp"
#include "pg/jsonb.hpp"

#include <string_view>

namespace opigno::profile {

struct Entry {
    std::int64_t ordinal = pg::no_ordinal; /* from 1 in a body */
    text *user_uuid = nullptr;             /* canonical */
    std::int32_t app_id = 0;
    Jsonb *document = nullptr; /* nullptr where the load has none */
    bool has_app = false;      /* false: app_id is none of the entry's */

    static constexpr bool has_errors = false; /* those that have some take no part */

    static constexpr Oid columns[] = {TEXTOID, INT4OID, INT8OID, JSONBOID};
    static constexpr int keys = 3;
    void put(Datum *values, bool *nulls) const;
    static Entry get(const bulk::Sort &row);

    [[nodiscard]] Entry copy() const;
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] bool has_key_of(const Entry &other) const;
    [[nodiscard]] bool is_same(const Entry &other) const;
    [[nodiscard]] pg::Error error(int sqlstate, const char *path, const char *message) const;
};

/*
 * Reads an entry, {"user_id", "app_id", and the member `document` unless that is nullptr}, in the current
 * memory context. False where it has errors, which are all added.
 */
bool read_entry(std::string_view text, const char *document, Entry &entry, bulk::Errors &errors);

/* An entry of create_profiles as columns of text; none where it is NULL. */
struct EntryColumns {
    std::optional<std::string_view> user_id;
    std::optional<std::string_view> app_id;
    std::optional<std::string_view> profile_data;
};

/* As read_entry(); the two columns behind user_id are JSON text. */
bool read_columns(const EntryColumns &columns, Entry &entry, bulk::Errors &errors);

} // namespace opigno::profile
