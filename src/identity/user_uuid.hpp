/*
 * opigno.user_uuid is the key of a user: any string of 1 to 255 bytes without control characters.
 * Bytes are counted in UTF-8 in every database encoding, so that a dump can be restored in any
 * encoding. A UUID is in lower case.
 */
#pragma once

#include "pg/error.hpp"

#include <string_view>

namespace opigno::identity {

/* Returns a UUID in lower case, and any other value unchanged. Never fails. */
text *canonical_user_uuid(text *value);

/* Returns the canonical form of the value that a caller gave as `member`. If the value is wrong,
 * adds an error (22023) and returns nullptr. */
text *checked_user_uuid(text *value, const char *member, pg::Errors &errors);

/* Returns the value in lower case (text/lower_case.hpp) and in UTF-8, in memory of its own. A character that
 * Unicode lacks stays as it is. */
std::string_view lower_case_utf8(const text *value);

/*
 * What keeps a new user or training from having this key, as the words after its name in a message;
 * nullptr: nothing. People cannot tell such a key from another one. Users who have one already keep it,
 * so the domain accepts it.
 */
const char *flaw_of_new_key(const text *canonical);

/* The same for a new user, who cannot have the name of a retired user either. */
const char *flaw_of_new_user_uuid(const text *canonical);

} // namespace opigno::identity
