/*
 * What a request may do to user contexts. Operators are not asked. A client grants and takes
 * away AUTHENTICATED alone and reactivates only what it created; a request of a user's own
 * changes neither scope nor is_active.
 */
#pragma once

#include "context/change.hpp"
#include "identity/access.hpp"
#include "pg/array.hpp"

namespace opigno::context {

/* A restricted request may set its own user context, and do nothing else. */
enum class Act { Set, Other };

/*
 * Raises 42501 unless the caller may act for this user: the request's own, or one that the
 * request's client created. Unknown users and those of others are refused alike.
 */
void check_acts_for_own_or_created_user(const identity::Caller &caller, text *user_uuid, Act act);

/* Raises 42501 unless the caller may create users for others to be. */
void check_creates_anonymous(const identity::Caller &caller);

/* Raise 42501 with all that the request may not do. */
void check_creation(const Change &change);

struct Stored {
    bool is_active;
    ArrayType *scope;
    std::optional<std::int64_t> created_by_client_id;
};
void check_change(const Change &change, const Stored &stored);

} // namespace opigno::context
