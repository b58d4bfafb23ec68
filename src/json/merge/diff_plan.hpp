/* Plans the smallest merge patch from one object to another. Does not depend on PostgreSQL. */
#pragma once

#include "json/merge/plan.hpp"

namespace opigno::json {

/* Keys from the innermost member outwards. */
using KeyPath = SmallVector<std::string_view, 16>;

/*
 * source, target: containers of objects. source is nullptr if there is no object: then the target
 * itself is the patch, and is only searched for nulls. plan: a new one. Returns false if no merge
 * patch exists, because a member is null in the target and not in the source; path then leads to
 * that member. No recursion: objects within an object are compared after it.
 */
bool plan_diff(Plan &plan, const char *source, const char *target, KeyPath &path);

} // namespace opigno::json
