/*
 * The current request: the user for whom this transaction acts. It is the value of a setting that
 * only request.cpp can set. PostgreSQL restores the setting at a rollback to a savepoint, resets it
 * at the end of the transaction, and copies it to parallel workers.
 */
#pragma once

#include "pg/array.hpp"

#include <cstdint>
#include <optional>
#include <type_traits>

namespace opigno::identity {

struct Request {
    text *user_uuid = nullptr;   /* canonical; nullptr: an operator's request that names no user */
    ArrayType *scope = nullptr;  /* the scopes of the request; text[] */
    bool scope_is_given = false; /* the caller gave the scopes; otherwise they are the user context's */
    /* The user context is inactive or does not exist. The request may only read and set its user
     * context. */
    bool is_restricted = true;
    /* The user context did not exist when the request began. The request may only go on if its client
     * is the one that creates it: another client may do so meanwhile. */
    bool names_new_user = false;
    /* The user is on another server, which has signed what is said of it here. */
    bool is_asserted = false;
    /* The request is an operator's: it acts on every user, also if it is restricted. */
    bool acts_on_all = false;
    /* The client may act for every user: client.may_act_for is "all". */
    bool acts_for_every_user = false;
    std::optional<std::int32_t> app_id;
    std::optional<std::int64_t> client_id;
};

static_assert(std::is_trivially_destructible_v<Request>);

/* Returns nullptr if no request was begun in this transaction, and in a security-restricted operation:
 * code of a table's owner that runs there, perhaps while entities are read, must not act by the request. */
const Request *current_request();

/* Changes whenever the current request does. */
std::uint64_t request_number();

/* Returns the current request, or nullptr if there is none or its user may not act. */
inline const Request *acting_request()
{
    const Request *request = current_request();
    return request == nullptr || request->is_restricted ? nullptr : request;
}

/* Whether the request may act for its user, whose user context this client created. The other rules
 * were checked when the request began. */
inline bool may_act_for_creation_of(const Request &request, std::optional<std::int64_t> client_id)
{
    return !request.names_new_user || !request.client_id.has_value() || request.acts_on_all ||
           request.acts_for_every_user || request.client_id == client_id;
}

/* Makes a copy of this request the current one. The request before it stays in memory until the
 * transaction ends. */
void begin_request(const Request &request);

/*
 * Reads the user context of the request's user and sets is_restricted, and scope unless scopes were
 * given. Returns whether the user context exists. Called as the owner.
 */
bool look_up_user(Request &request);

/* To be called after the user context of this uuid was written; nullptr: that of any user. Looks up
 * the user of the current request again if that is the user. */
void refresh_request(const text *user_uuid);

void define_request_setting();

} // namespace opigno::identity
