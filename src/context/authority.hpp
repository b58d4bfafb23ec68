/*
 * What a request may do to user contexts. The rules do not apply to operators and their requests. A
 * client can grant and take away the scopes of its may_grant_scopes, by name: scopes that they imply
 * are not in the list. It can reactivate only user contexts that it created, whomever it may act for.
 * A request without a client cannot change scope or is_active.
 */
#pragma once

#include "context/change.hpp"
#include "identity/access.hpp"
#include "pg/array.hpp"

namespace opigno::context {

/* A restricted request may set its own user context, and do nothing else. */
enum class Act { Set, Other };

/*
 * Raises 42501 unless the caller may act for this user: the request's own, or one that the request's
 * client created or was granted, or any user if the client may act for all. The error is the same for
 * a user that does not exist.
 */
void check_may_act_for(const identity::Caller &caller, text *user_uuid, Act act);

/* Raises 42501 unless the caller may create anonymous user contexts. */
void check_creates_anonymous(const identity::Caller &caller);

/* Both functions raise 42501 with all parts of the change that the request may not make. */
void check_creation(const Change &change);

struct Stored {
    bool is_active;
    ArrayType *scope;
    std::optional<std::int64_t> created_by_client_id;
};
void check_change(const Change &change, const Stored &stored);

} // namespace opigno::context
