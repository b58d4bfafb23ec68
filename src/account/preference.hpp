/* Preferences: one text for each user and key. Checks and stores them. */
#pragma once

#include "identity/audit.hpp"
#include "identity/outcome.hpp"
#include "pg/argument.hpp"
#include "pg/error.hpp"
#include "pg/jsonb.hpp"
#include "pg/version.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace opigno::account {

inline constexpr std::string_view privacy_key = "account_privacy";

/* Its values, and whether others can see more than the shared fields. */
inline constexpr pg::Word<bool> privacy_words[] = {{"private", false}, {"all_users", true}, {"custom", true}};

inline constexpr std::size_t max_preference_key = 255;

bool is_preference_key(std::string_view key);

/* Returns the key of the preference that controls who sees a member of the account or a field:
 * "visibility.name". */
const char *choice_key(std::string_view member);

/* Returns the text to store for a JSON value that is not null. If the value is not valid, adds an
 * error and returns nullptr. */
text *checked_preference(std::string_view key, const JsonbValue &value, pg::Errors &errors);

/* Raises 22023 unless the key and the value are valid. */
void check_preference(const text *key, const text *value);

struct PreferenceChange {
    text *key;
    text *value; /* nullptr: delete it */
};

/* nullptr: the preference is not set. */
bool is_same(const text *left, const text *right);

using identity::Outcome;

/*
 * All functions below are called between SPI_connect and SPI_finish as the owner. A write takes
 * three steps, so that concurrent writes cannot exceed the limits and a refused write changes
 * nothing: First call lock_to_change() for each change until it returns true, before the account or
 * a preference is locked. Then plan all changes and check their growth. Then write them.
 */

/*
 * Locks the user and raises PT412 unless its preferences have the expected version. To be called
 * before lock_to_change().
 */
void lock_and_check_version(text *user_uuid, pg::ExpectedVersion expected);

/*
 * Returns false if the preference has this value already. Otherwise locks the user, so that no
 * other transaction can write preferences of the user, and returns true. Raises 23503 for an
 * unknown user.
 */
bool lock_to_change(text *user_uuid, const PreferenceChange &change);

/* How much the user's preferences grow. */
struct Growth {
    std::int64_t rows = 0;
    std::int64_t bytes = 0; /* bytes of keys and values */
};

/* A change, and its effect on the stored preference. */
struct PlannedChange {
    PreferenceChange change;
    Outcome outcome;
    Growth growth;
};

PlannedChange plan(text *user_uuid, const PreferenceChange &change);

/* Adds an error (54000) if the user's preferences grow and would then exceed a limit. member: the
 * member of the request that has the error; nullptr: the whole request. */
void check_growth(text *user_uuid, const Growth &growth, const char *member, pg::Errors &errors);

void write_preference(text *user_uuid, const PlannedChange &planned);

/* Whether the preference is account_privacy, which is also a member of the account. */
bool is_privacy(const PlannedChange &planned);

/* Reads the preference with a new snapshot. Returns nullptr if it is not set. */
text *preference_of(text *user_uuid, text *key, bool latest);

/* Whether the preference has this value already. */
bool is_preference(text *user_uuid, const PreferenceChange &change);

inline constexpr std::int64_t max_preferences = 1000;         /* for each user */
inline constexpr std::int64_t max_preference_bytes = 1048576; /* keys and values of each user */

/*
 * SQL for all preferences of a user as one jsonb object. The result is NULL if they have more than
 * `limit` bytes, because they were stored before that limit existed or were not stored by the
 * extension's functions.
 */
#define OPIGNO_PREFERENCES_OF(user, limit)                                                                   \
    "CASE WHEN (SELECT coalesce(sum(octet_length(p.key) + octet_length(p.value)), 0) <= " limit              \
    "   FROM opigno.preference AS p WHERE p.user_uuid = " user ")"                                           \
    "  THEN (SELECT coalesce(jsonb_object_agg(p.key, p.value), '{}')"                                        \
    "   FROM opigno.preference AS p WHERE p.user_uuid = " user ") END"

/*
 * Returns all of a user's preferences as one object, or nullptr if they have more than
 * max_preference_bytes. latest: use a new snapshot, not that of the calling statement.
 */
Jsonb *preferences_of(text *user_uuid, bool latest);

/* Deletes all preferences of the user and records it. Returns whether there were any. */
bool clear_preferences(const identity::Caller &caller, text *user_uuid);

} // namespace opigno::account
