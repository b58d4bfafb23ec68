#include "bulk/key_range.hpp"

#include "pg/text.hpp"

namespace opigno::bulk {

void KeyRange::include(const text *user_uuid)
{
    if (first_ == nullptr || pg::view(user_uuid) < pg::view(first_))
        replace(first_, user_uuid);
    if (last_ == nullptr || pg::view(user_uuid) > pg::view(last_))
        replace(last_, user_uuid);
}

void KeyRange::replace(text *&user, const text *by) const
{
    MemoryContext before = MemoryContextSwitchTo(context_);
    if (user != nullptr)
        pfree(user);
    user = pg::make_text(pg::view(by));
    MemoryContextSwitchTo(before);
}

} // namespace opigno::bulk
