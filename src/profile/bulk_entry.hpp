/* Entries of a bulk request over profiles: from JSON to rows, and what is wrong with them. */
#pragma once

#include "bulk/fault.hpp"

#include <string_view>

namespace opigno::profile {

struct BulkRow {
    std::int64_t ordinal = 0;  /* of its entry, from 1 */
    text *user_uuid = nullptr; /* canonical */
    std::int32_t app_id = 0;
    Jsonb *document = nullptr; /* nullptr where the request has none */
    bool has_app = false;      /* false: app_id is none of the entry's */
};

using BulkFaults = bulk::Faults;

/*
 * The row of an entry, {"user_id", "app_id", and the member `document` unless that is nullptr}, in the
 * current memory; false where it is none, with all its faults.
 */
bool read_entry(std::string_view entry, const char *document, BulkRow &row, BulkFaults &faults);

/* An entry of create_profiles as columns of text; none where it is NULL. */
struct EntryColumns {
    std::optional<std::string_view> user_id;
    std::optional<std::string_view> app_id;
    std::optional<std::string_view> profile_data;
};

/* As read_entry(); the two columns behind user_id are JSON text. */
bool read_columns(const EntryColumns &columns, BulkRow &row, BulkFaults &faults);

} // namespace opigno::profile
