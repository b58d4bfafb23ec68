/* The audit trail: one row for each call that changed something, in the same transaction. */
#pragma once

#include "identity/access.hpp"
#include "identity/outcome.hpp"

#include <cstdint>
#include <optional>

namespace opigno::identity {

/* What a call changed. record() adds the function, its caller and the request. */
struct Event {
    Outcome outcome = Outcome::Unchanged;
    const text *user_uuid = nullptr;       /* the user whose data changed; the first of a range */
    const text *last_user_uuid = nullptr;  /* the last user of a range */
    std::optional<std::int64_t> row_count; /* number of rows changed in a range */
    std::optional<std::int32_t> app_id;
    std::optional<std::int64_t> version; /* the row's new version, or the one that was deleted */
    const text *subject = nullptr;       /* another object that was changed: a scope, a role */
};

/* Writes a row of the audit trail. Called as the owner. Does not change SPI's current results. */
void record(const Caller &caller, const Event &event);

void define_audit_setting();

} // namespace opigno::identity
