/* Entries of patch_accounts: a patch, and the user that its member "username" names. */
#pragma once

#include "bulk/errors.hpp"
#include "bulk/sort.hpp"
#include "bulk/staging.hpp"
#include "document/expected_version.hpp"
#include "pg/jsonb.hpp"

#include <string_view>

namespace opigno::account {

inline constexpr std::string_view username_member = "username";
/* The members of an entry that are not of the patch of an account. */
inline constexpr std::string_view preferences_member = "preferences";
inline constexpr std::string_view members_of_entry[] = {username_member, document::version_member,
                                                        preferences_member};

struct Entry {
    std::int64_t ordinal = pg::no_ordinal; /* from 1 */
    text *user_uuid = nullptr;             /* canonical */
    Jsonb *patch = nullptr;                /* an object, "username", "version" and "preferences" included */

    static constexpr bool has_errors = false; /* entries with errors are not sorted */

    static constexpr Oid columns[] = {TEXTOID, INT8OID, JSONBOID};
    static constexpr int keys = 2;
    void put(Datum *values, bool *nulls) const;
    static Entry get(const bulk::Sort &row);

    [[nodiscard]] Entry copy() const;
    [[nodiscard]] std::size_t size() const;
    [[nodiscard]] bool has_key_of(const Entry &other) const;
    [[nodiscard]] bool is_same(const Entry &other) const;
    [[nodiscard]] pg::Error error(int sqlstate, const char *path, const char *message) const;
};

/* Returns the member "preferences" if it is an object. Adds an error if it is anything else but null. */
std::optional<JsonbValue> preferences_of(const Entry &entry, pg::Errors &errors);

/* Reads the member "version". */
pg::ExpectedVersion expected_version(const Entry &entry, pg::Errors &errors);

/*
 * Reads an entry in the current memory context and checks its user. Adds errors and returns false
 * if it has any. The patch itself is checked when it is written, against the account as it is then.
 */
bool read_entry(std::string_view text, Entry &entry, bulk::Errors &errors);

/*
 * Reads the columns of a row as the members of a patch; a column that is NULL is no member. The
 * lists of fields and preferences may be JSON text in columns of type text.
 */
bool read_columns(const bulk::StagingRow &row, Entry &entry, bulk::Errors &errors);

} // namespace opigno::account
