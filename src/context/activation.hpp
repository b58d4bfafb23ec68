/*
 * A user who is being retired stays inactive until the retirement is cancelled or aborted. A write that
 * activates a user context asks this while it has the row's lock: a retirement begins under the same
 * lock, so it is either seen here, or begins afterwards and deactivates the user. Called between
 * SPI_connect and SPI_finish as the owner.
 */
#pragma once

#include "pg/error.hpp"
#include "pg/vector.hpp"

#include <cstddef>

namespace opigno::context {

/* Whether the user is being retired, as committed by now. */
bool is_in_retirement(text *user_uuid);

/* The same for each element of a text[]. */
pg::Vector<bool> are_in_retirement(Datum user_uuids, std::size_t size);

/* Adds the error (PT409) of a change that would activate such a user. member: is_active */
void add_in_retirement(const char *member, pg::Errors &errors);

} // namespace opigno::context
