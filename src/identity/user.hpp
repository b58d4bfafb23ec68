/*
 * Looks up and locks users for all other parts of the extension, and raises the error for a user
 * that does not exist. src/context reads and writes whole user contexts.
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

/* The user's data are in SPI's memory. */
struct User {
    bool is_active; /* the user may act */
    text *display_name;
    ArrayType *scope; /* the scopes granted: text[] */
    std::optional<std::int64_t> created_by_client_id;
    std::int64_t account_version;     /* the part of the account's version that is not of its fields */
    std::int64_t preferences_version; /* 0: no preference was ever set */
};

static_assert(std::is_trivially_destructible_v<User>);

/* All functions are called between SPI_connect and SPI_finish as the owner. User uuids are
 * canonical. */

/* Reads the user as it is now. Returns nothing if the user does not exist. */
std::optional<User> find_user(text *user_uuid);

/* These use the snapshot of the calling statement, for reads. */
bool user_exists(text *user_uuid);
std::optional<std::int64_t> preferences_version(text *user_uuid);

/*
 * Row locks, held until the end of the transaction. KeyShare: no session can delete the user.
 * NoKeyUpdate: no other session can change, delete or lock the user in this mode; checks of foreign
 * keys do not wait.
 */
enum class UserLock { KeyShare, NoKeyUpdate };

/* Locks the user and returns it as it is now, or nothing if it does not exist. */
std::optional<User> try_to_lock_user(text *user_uuid, UserLock lock);

/* Refuses a user who does not exist. */
User lock_user(text *user_uuid, UserLock lock);

/* Locks each user of the text[] (KeyShare). Returns for each element whether the user exists. */
pg::Vector<bool> lock_users(ArrayType *user_uuids);

struct UserChange {
    const text *display_name = nullptr;  /* another name than the stored one; nullptr: leave it */
    bool counts_for_account = false;     /* whether account_version goes up */
    bool counts_for_preferences = false; /* whether preferences_version goes up */
};

/* Changes a user that is locked (NoKeyUpdate). */
void change_user(text *user_uuid, const UserChange &change);

/*
 * Returns the user whose data the caller is about to write. Raises 42501 unless the caller acts on
 * every user, or the user is the request's own and is active now. Raises 23503 if the user does not
 * exist.
 */
User check_may_write_for(const Caller &caller, text *user_uuid);

/* To be called after a write. Raises 42501 if the caller acts by its request and its user was
 * deactivated. */
void check_still_active(const Caller &caller, text *user_uuid);

/* What is wrong with a user that does not exist here: 23503, or PT409 if it belongs on another server. */
struct MissingUser {
    int sqlstate;
    const char *message;
};

static_assert(std::is_trivially_destructible_v<MissingUser>);

MissingUser missing_user(const text *user_uuid);

/* The same with a hint. */
[[noreturn]] void refuse_missing_user(const text *user_uuid);
void add_missing_user(const text *user_uuid, const char *member, pg::Errors &errors);

} // namespace opigno::identity
