#include "bulk/key_range.hpp"

#include "pg/text.hpp"

namespace opigno::bulk {

void KeyRange::include(const text *key)
{
    if (first_ == nullptr || pg::view(key) < pg::view(first_))
        replace(first_, key);
    if (last_ == nullptr || pg::view(key) > pg::view(last_))
        replace(last_, key);
}

void KeyRange::replace(text *&kept, const text *by) const
{
    MemoryContext before = MemoryContextSwitchTo(context_);
    if (kept != nullptr)
        pfree(kept);
    kept = pg::make_text(pg::view(by));
    MemoryContextSwitchTo(before);
}

} // namespace opigno::bulk
