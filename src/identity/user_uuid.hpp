/*
 * opigno.user_uuid: the key of a user. Any string of 1 to 255 bytes (counted in
 * UTF-8 whatever the database's encoding, so that a dump restores anywhere)
 * without control characters; a UUID among them is in lower case.
 */
#pragma once

#include "pg/error.hpp"

namespace opigno::identity {

/* The value with a UUID's digits in lower case; anything else as it is. Never fails. */
text *canonical_user_uuid(text *value);

/* The canonical form of what a caller gave as `member`, or nullptr and one error (22023). */
text *checked_user_uuid(text *value, const char *member, pg::Errors &errors);

} // namespace opigno::identity
