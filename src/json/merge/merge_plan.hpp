/* Plans what a merge patch changes in a document. Does not depend on PostgreSQL. */
#pragma once

#include "json/merge/plan.hpp"

namespace opigno::json {

enum class Depth {
    Whole, /* RFC 7396: objects within objects merge too */
    Root,  /* members of the root are replaced as they are */
};

/* base, patch: containers of objects; base is empty where there is no object to merge into. plan: a
 * new one. No recursion: objects within an object are planned after it. */
void plan_merge(Plan &plan, std::string_view base, std::string_view patch, Depth depth);

} // namespace opigno::json
