/* Writes an account: the display name in the user context, the fields, and one preference. */
#pragma once

#include "account/patch.hpp"
#include "account/preference_rule.hpp"
#include "document/document.hpp"
#include "identity/audit.hpp"
#include "identity/user.hpp"
#include "pg/version.hpp"

#include <cstdint>

namespace opigno::account {

using document::Written;

/* Adds the errors of the patch that depend on the stored fields, if it has others already: those of
 * fields that only operators may change, and of values that violate their schemas. */
void add_errors_of_fields(const identity::Caller &caller, text *user_uuid, const Patch &patch,
                          pg::Errors &errors);

/*
 * Applies the patch. Called between SPI_connect and SPI_finish as the owner. The outcome is Created
 * if the user had no fields before, else Merged or Unchanged; the version is that of the account. Two
 * concurrent patches both take effect. Adds an error (54000) if the fields are too large or the
 * user's preferences exceed their limit, an error (23503) if the user does not exist, an error
 * (PT412) if the account's version is not the expected one, the errors of Open edX for fields that
 * only operators may change, and errors (23514) for values that violate the schema of their field
 * or preference; then nothing is written. user: the user as it was read last. rules: nullptr to read
 * them if they are needed.
 */
Written write(const identity::Caller &caller, text *user_uuid, const identity::User &user, const Patch &patch,
              pg::ExpectedVersion expected, const PreferenceRules *rules, pg::Errors &errors);

} // namespace opigno::account
