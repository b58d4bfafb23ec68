/* Rules of the site for the values of preferences. */
#pragma once

#include "account/preference.hpp"
#include "identity/access.hpp"
#include "pg/vector.hpp"

#include <string_view>
#include <type_traits>

namespace opigno::account {

struct PreferenceRule {
    std::string_view key;
    Datum value_schema; /* jsonb */
};

using PreferenceRules = pg::Vector<PreferenceRule>;

static_assert(std::is_trivially_destructible_v<PreferenceRules>);

/* Reads the rules as they are committed now. No other session changes them until the transaction
 * ends. Called between SPI_connect and SPI_finish as the owner. */
PreferenceRules rules_to_write(const identity::Caller &caller);

/* Adds an error (23514) if the new value violates the rule of its key. member: the member of the
 * request that has the change; nullptr: the whole request. */
void judge(const PreferenceChange &change, const PreferenceRules &rules, const char *member,
           pg::Errors &errors);

/* The same for the argument "value" of a function. */
void judge_argument(const PreferenceChange &change, const PreferenceRules &rules, pg::Errors &errors);

} // namespace opigno::account
