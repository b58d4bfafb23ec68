/* JSON Merge Patch, RFC 7396. */
#pragma once

#include "pg/postgres.hpp"

namespace opigno::json {

/* target: nullptr where there is no document yet. */
Jsonb *merge_patch(Jsonb *target, Jsonb *patch);

/* The target with these members as they are, whatever it had by their names; null removes. Both are objects.
 */
Jsonb *replace_members(Jsonb *target, Jsonb *members);

/* The same bytes: 1.0 is not 1.00. */
bool is_same(const Jsonb *left, const Jsonb *right);

} // namespace opigno::json
