/*
 * The user as such, for every room: whether a user exists, whether it may act, its lock, and the error
 * for a user that does not exist. src/context reads and writes whole user contexts.
 */
#pragma once

#include "identity/access.hpp"
#include "pg/array.hpp"
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

/* All functions are called between SPI_connect and SPI_finish as the owner. User uuids are canonical. */

/* As of now. Nothing: the user does not exist. */
std::optional<User> find_user(text *user_uuid);

/* The same, locked until the end of the transaction so that nobody deletes the user. */
std::optional<User> find_user_to_keep(text *user_uuid);

/* As the calling statement sees it, for reads. */
bool user_exists(text *user_uuid);

/*
 * Locks last until the end of the transaction. KeyShare: nobody deletes the user. NoKeyUpdate: nobody
 * else changes, deletes or so locks the user; checks of foreign keys do not wait for it.
 */
enum class UserLock { KeyShare, NoKeyUpdate };

/* Raises 23503 where the user does not exist. */
void lock_user(text *user_uuid, UserLock lock);

/* Locks each user of the text[] (KeyShare). Tells of each element whether the user exists. */
pg::Vector<bool> lock_users(ArrayType *user_uuids);

/* False: the user has this display name already. Raises 23503 where the user does not exist. */
bool set_display_name(text *user_uuid, const text *name);

/*
 * The user whose data the caller is about to write. Raises 42501 unless the caller acts on every user, or
 * the user is its request's own and is active by now; 23503 where the user does not exist.
 */
User check_may_write_for(const Caller &caller, text *user_uuid);

/* To be called after a write: raises 42501 if the caller acts by its request and the user was deactivated. */
void check_still_active(const Caller &caller, text *user_uuid);

/* "user context does not exist", SQLSTATE 23503, with its hint. */
inline constexpr const char *user_does_not_exist = "user context does not exist";
[[noreturn]] void refuse_missing_user();
void add_missing_user(const char *member, pg::Errors &errors);

} // namespace opigno::identity
