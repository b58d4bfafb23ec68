/* Which apps are not private, cached in the backend's memory. */
#pragma once

#include "pg/postgres.hpp"

#include <cstdint>

namespace opigno::document {

/*
 * Whether every app's requests may read the profiles of this app. It is true only if the app is
 * public now and was public for the snapshot of the current query: documents that were deleted when
 * the app became public stay hidden. Sessions learn of a change right after its commit; the removal
 * of an app, which the foreign key of profiles prevents, is not announced. function: the function of
 * the extension that was called.
 */
bool app_is_public(Oid function, std::int32_t app_id);

/* Makes app_is_public() read the apps again after a change of opigno.app, which that table
 * announces. */
void watch_apps();

} // namespace opigno::document
