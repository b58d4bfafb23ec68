/* The audit trail: one row for each call that changed something, in the same transaction. */
#pragma once

#include "identity/access.hpp"
#include "identity/outcome.hpp"

#include <cstdint>
#include <optional>

namespace opigno::identity {

/* What a call did; which function it was, who called it and for whom is known already. */
struct Event {
    Outcome outcome = Outcome::Unchanged;
    const text *user_uuid = nullptr;       /* the user whose data it is; of a range the first */
    const text *last_user_uuid = nullptr;  /* of a range */
    std::optional<std::int64_t> row_count; /* rows changed of a range */
    std::optional<std::int32_t> app_id;
    std::optional<std::int64_t> version; /* that the row has now, or had when it was deleted */
    const text *subject = nullptr;       /* what else was changed: a scope, a role */
};

/* Called as the owner. Leaves SPI's results as they are. */
void record(const Caller &caller, const Event &event);

void define_audit_setting();

} // namespace opigno::identity
