/* Preferences: one text for each user and key. What may be stored, and storing it. */
#pragma once

#include "account/field_error.hpp"
#include "identity/audit.hpp"

#include <optional>
#include <string_view>

namespace opigno::account {

inline constexpr std::string_view privacy_key = "account_privacy";

bool is_preference_key(std::string_view key);

/* The text to store for a value of JSON that is not null, or nullptr and an error. */
text *checked_preference(std::string_view key, const JsonbValue &value, FieldErrors &errors);

/* Raises 22023 unless this may be stored. */
void check_preference(const text *key, const text *value);

struct PreferenceChange {
    text *key;
    text *value; /* nullptr: delete it */
};

enum class Outcome { Unchanged, Created, Replaced, Deleted };

/* "created" */
const char *name_of(Outcome outcome);

/* Called between SPI_connect and SPI_finish as the owner. Raises 23503 for an unknown user, 54000 for one who
 * has too many. */
Outcome write_preference(text *user_uuid, const PreferenceChange &change);

/* As the transaction sees it by now; nullptr where there is none. */
text *preference_of(text *user_uuid, text *key);

/* Whether it is so already. */
bool is_preference(text *user_uuid, const PreferenceChange &change);

/*
 * All of a user's preferences as one object; nullptr where there is none. latest: as the transaction sees
 * them by now, and not as the calling statement does.
 */
Jsonb *preferences_of(text *user_uuid, bool latest);

} // namespace opigno::account
