/* Preferences: one text for each user and key. What may be stored, and storing it. */
#pragma once

#include "identity/audit.hpp"
#include "identity/outcome.hpp"
#include "pg/error.hpp"
#include "pg/jsonb.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace opigno::account {

inline constexpr std::string_view privacy_key = "account_privacy";

inline constexpr std::size_t max_preference_key = 255;

bool is_preference_key(std::string_view key);

/* The key of the choice to show a member of the account, or a field: "visibility.name". */
const char *choice_key(std::string_view member);

/* The text to store for a value of JSON that is not null, or nullptr and an error. */
text *checked_preference(std::string_view key, const JsonbValue &value, pg::Errors &errors);

/* Raises 22023 unless this may be stored. */
void check_preference(const text *key, const text *value);

struct PreferenceChange {
    text *key;
    text *value; /* nullptr: delete it */
};

using identity::Outcome;

/*
 * Called between SPI_connect and SPI_finish as the owner, all that follow. A write takes three steps, so that
 * the limits hold whoever else writes, and nothing is written that they refuse. First call lock_to_change()
 * for each change, up to the first that returns true, before the account or a preference is locked. Then plan
 * all changes and check their growth. Then write them.
 */

/*
 * False: the preference is stored so already. Else the transaction is from now on the only one that writes
 * preferences of the user. Raises 23503 for an unknown user.
 */
bool lock_to_change(text *user_uuid, const PreferenceChange &change);

/* How much more there is than before. */
struct Growth {
    std::int64_t rows = 0;
    std::int64_t bytes = 0; /* of keys and values */
};

/* What a change does to the preference that is stored. */
struct PlannedChange {
    PreferenceChange change;
    Outcome outcome;
    Growth growth;
};

PlannedChange plan(text *user_uuid, const PreferenceChange &change);

/* Adds an error (54000) where a user would have more than is allowed, and more than before. member: of the
 * request, nullptr for the whole. */
void check_growth(text *user_uuid, const Growth &growth, const char *member, pg::Errors &errors);

void write_preference(text *user_uuid, const PlannedChange &planned);

/* As the transaction sees it by now; nullptr where there is none. */
text *preference_of(text *user_uuid, text *key);

/* Whether it is so already. */
bool is_preference(text *user_uuid, const PreferenceChange &change);

inline constexpr std::int64_t max_preferences = 1000;         /* of a user */
inline constexpr std::int64_t max_preference_bytes = 1048576; /* of a user's keys and values */

/*
 * SQL: all preferences of a user as one object of jsonb. NULL where they take more than `limit` bytes: such
 * rows are from before that limit, or written by hand.
 */
#define OPIGNO_PREFERENCES_OF(user, limit)                                                                   \
    "CASE WHEN (SELECT coalesce(sum(octet_length(p.key) + octet_length(p.value)), 0) <= " limit              \
    "   FROM opigno.preference AS p WHERE p.user_uuid = " user ")"                                           \
    "  THEN (SELECT coalesce(jsonb_object_agg(p.key, p.value), '{}')"                                        \
    "   FROM opigno.preference AS p WHERE p.user_uuid = " user ") END"

/*
 * All of a user's preferences as one object; nullptr where they take more than max_preference_bytes. latest:
 * as the transaction sees them by now, and not as the calling statement does.
 */
Jsonb *preferences_of(text *user_uuid, bool latest);

} // namespace opigno::account
