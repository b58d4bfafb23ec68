/* JSON Merge Patch, RFC 7396. */
#pragma once

#include "pg/jsonb.hpp"

namespace opigno::json {

/* target: nullptr if there is no document yet. */
Jsonb *merge_patch(Jsonb *target, Jsonb *patch);

/*
 * Whether a merge would replace an object by a value that is no object. RFC 7396 allows this, but
 * such a patch is nearly always a mistake. target: nullptr if there is no document yet.
 */
bool loses_object(const Jsonb *target, const Jsonb *patch);

/* The error (22023) for such a patch, which says what the mistake may be. */
const char *message_of_lost_object(Jsonb *patch);

/* Returns the target with these members in place of its own of the same names; null removes one.
 * Objects within them do not merge. Both are objects. */
Jsonb *replace_members(Jsonb *target, Jsonb *members);

/* Returns the smallest merge patch from one document to another, or nullptr if none exists: the target
 * has a member null that the source does not have as null. source: nullptr if there is no document. */
Jsonb *merge_diff(const Jsonb *source, Jsonb *target);

/* Whether both have the same bytes. 1.0 and 1.00 differ. */
bool is_same(const Jsonb *left, const Jsonb *right);

} // namespace opigno::json
