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
};

using BulkFaults = bulk::Faults;

/*
 * The row of an entry, {"user_id", "app_id", and the member `document` unless that is nullptr}, in the
 * current memory; false where it is none, with all its faults.
 */
bool read_entry(std::string_view entry, const char *document, BulkRow &row, BulkFaults &faults);

} // namespace opigno::profile
