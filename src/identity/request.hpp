/*
 * Who the current request speaks for. It is kept in this backend's memory alone, where
 * no setting reaches it, and lasts no longer than the transaction, or the savepoint, in
 * which it was begun: what is rolled back brings the request before it back.
 */
#pragma once

#include "pg/array.hpp"

#include <cstdint>
#include <optional>
#include <type_traits>

namespace opigno::identity {

struct Request {
    text *user_uuid = nullptr;   /* canonical */
    ArrayType *scope = nullptr;  /* those granted; text[] */
    bool scope_is_given = false; /* rather than what the user context holds */
    /* The user context is inactive or does not exist: it may be read and set, and that is all. */
    bool is_restricted = true;
    std::optional<std::int32_t> app_id;
    std::optional<std::int64_t> client_id;
};

static_assert(std::is_trivially_destructible_v<Request>);

/* nullptr where no request was begun in this transaction. */
const Request *current_request();

/* From now on this is the request; it is copied. */
void begin_request(const Request &request);

/*
 * What the request's user context says by now goes into the request: whether its user may act, and the scopes
 * if none were given. Called as the owner.
 */
void look_up_user(Request &request);

/* The user context of this uuid, nullptr for any, was written: looks again if it is the current request's. */
void refresh_request(const text *user_uuid);

void watch_transactions();

} // namespace opigno::identity
