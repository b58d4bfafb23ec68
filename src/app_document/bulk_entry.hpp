/* Entries of loads of documents of apps: reads and checks them. */
#pragma once

#include "app_document/kind.hpp"
#include "bulk/errors.hpp"
#include "bulk/sort.hpp"
#include "pg/jsonb.hpp"
#include "pg/time.hpp"
#include "pg/version.hpp"
#include "schema/app_judge.hpp"

#include <string_view>

namespace opigno::app_document {

struct Entry {
    std::int64_t ordinal = pg::no_ordinal; /* from 1 in a body */
    text *holder = nullptr;                /* canonical */
    bool is_of_user = true;                /* the holder is a user */
    std::int32_t app_id = 0;
    Jsonb *document = nullptr; /* nullptr in a load without documents */
    bool has_app = false;      /* the entry has a valid app_id */
    pg::ExpectedVersion expected;
    std::optional<TimestampTz> created_at; /* read-only: must be the stored one */
    std::optional<TimestampTz> updated_at; /* the same */

    static constexpr bool has_errors = false; /* entries with errors are not sorted */

    static constexpr Oid columns[] = {TEXTOID, INT4OID,        INT8OID,        JSONBOID,
                                      INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID, BOOLOID};
    static constexpr int keys = 3;
    void put(Datum *values, bool *nulls) const;
    static Entry get(const bulk::Sort &row);

    [[nodiscard]] Entry copy() const;
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] bool has_key_of(const Entry &other) const;
    [[nodiscard]] bool is_same(const Entry &other) const;
    [[nodiscard]] pg::Error error(int sqlstate, const char *path, const char *message) const;
};

/* What entries of a load have. */
struct EntryForm {
    const Kind &kind;
    const char *document;              /* the member that holds the document; nullptr: there is none */
    schema::AppJudge *judge = nullptr; /* locks the app and judges the document */
    bool is_patch = false;             /* the document is not judged, but the result of the merge later */
};

/*
 * Reads an entry in the current memory context: {"user_id" or "training_id", "app_id", "version",
 * "created_at", "updated_at"} and the document, which gets the defaults of its schema. "user_id" may be
 * named "user_uuid", as in opigno.list_profiles(). If the entry has errors, adds all of them and returns
 * false.
 */
bool read_entry(std::string_view text, const EntryForm &form, Entry &entry, bulk::Errors &errors);

/* An entry of create_profiles as columns of text. A column that is NULL has no value. */
struct EntryColumns {
    std::optional<std::string_view> holder;
    std::optional<std::string_view> app_id;
    std::optional<std::string_view> profile_data;
    std::optional<std::string_view> version;
};

/* Does the same as read_entry(). app_id, profile_data and version are JSON text. */
bool read_columns(const EntryColumns &columns, const EntryForm &form, Entry &entry, bulk::Errors &errors);

} // namespace opigno::app_document
