/*
 * The user as such, for every room: whether there is one, whether it may act, its lock, and the words for one
 * that does not exist. Whole user contexts are the business of src/context.
 */
#pragma once

#include "identity/access.hpp"
#include "pg/error.hpp"
#include "pg/vector.hpp"

#include <cstdint>
#include <optional>
#include <type_traits>

namespace opigno::identity {

/* In SPI's memory. */
struct User {
    bool is_active; /* the user may act */
    text *display_name;
    ArrayType *scope; /* the scopes granted: text[] */
    std::optional<std::int64_t> created_by_client_id;
};

static_assert(std::is_trivially_destructible_v<User>);

/* Called between SPI_connect and SPI_finish as the owner, all that follow. User uuids are canonical. */

/* As of now. Nothing: the user does not exist. */
std::optional<User> find_user(text *user_uuid);

/* The same, locked until the end of the transaction so that nobody deletes the user. */
std::optional<User> find_user_to_keep(text *user_uuid);

/* As the calling statement sees it, for reads. */
bool user_exists(text *user_uuid);

/*
 * Locks last until the end of the transaction. KeyShare: nobody deletes the user. NoKeyUpdate: nobody changes
 * or deletes it, nor has this lock; checks of foreign keys do not wait for it.
 */
enum class UserLock { KeyShare, NoKeyUpdate };

/* Raises 23503 where the user does not exist. */
void lock_user(text *user_uuid, UserLock lock);

/* Locks each (KeyShare), and tells which exist, by their place in the text[]. */
pg::Vector<bool> lock_users(ArrayType *user_uuids);

/* False: the user has this display name already. Raises 23503 where the user does not exist. */
bool set_display_name(text *user_uuid, const text *name);

/*
 * The user, for a caller that acts on every user or for this one, which is its request's own. Raises 42501
 * for other callers, also where the user of the request is not active by now; 23503 where there is no user.
 */
User check_may_write_for(const Caller &caller, text *user_uuid);

/* After a write: raises 42501 where the caller's rights are its request's and the user was deactivated. */
void check_still_active(const Caller &caller, text *user_uuid);

/* "user context does not exist", SQLSTATE 23503, with its hint. */
inline constexpr const char *user_does_not_exist = "user context does not exist";
[[noreturn]] void refuse_missing_user();
void add_missing_user(const char *member, pg::Faults &faults);

} // namespace opigno::identity
