/* Accounts: UserContext.account and UserContext.preferences. */
#pragma once

#include "gateway/fields/types.hpp"

namespace opigno::fields {

extern const Type account_type;
extern const Type extended_profile_field_type;

namespace account {

enum Number : int { get, preferences, member, fields, extended_profile };

} // namespace account

inline constexpr Field account_field = {
    "account", account_type, "What the request may see of the user's account; null: nothing.",
    {},        {},           resolver(account_room, account::get)};

inline constexpr Field preferences_field = {
    "preferences",
    json_type,
    "The preferences as one object of strings; null if the request may not see them.",
    {},
    {},
    resolver(account_room, account::preferences)};

} // namespace opigno::fields
