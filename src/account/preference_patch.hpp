/* Several changes of a user's preferences in one call. Called between SPI_connect and SPI_finish as
 * the owner. */
#pragma once

#include "account/preference.hpp"
#include "account/preference_rule.hpp"
#include "pg/vector.hpp"

namespace opigno::account {

/* Changes, sorted with deletions first, then by key. */
using Changes = pg::Vector<PreferenceChange>;
using PlannedChanges = pg::Vector<PlannedChange>;

/* Reads the members of a patch, which is an object, and adds all errors. */
Changes changes_from_json(const JsonbValue &patch, pg::Errors &errors);

/*
 * Locks the user if a preference changes, and plans the changes. Omits those that change nothing.
 * Adds an error (54000) if a limit would be exceeded, and errors (23514) for values that violate a
 * rule. member: the member of the request that has the changes; nullptr: the whole request.
 */
PlannedChanges plan_changes(text *user_uuid, const Changes &changes, const PreferenceRules &rules,
                            const char *member, pg::Errors &errors);

/* Adds only the errors for values that violate a rule and are not stored already. */
void judge_changes(text *user_uuid, const Changes &changes, const PreferenceRules &rules, const char *member,
                   pg::Errors &errors);

/* Writes planned changes, at least one, and counts the versions of the user up. */
void write_changes(text *user_uuid, const PlannedChanges &planned);

} // namespace opigno::account
