#include "account/preference_patch.hpp"

#include "identity/user.hpp"
#include "pg/jsonb.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "json/value/reader.hpp"

#include <algorithm>

namespace opigno::account {

namespace {

/* Calls lock_to_change() until it returns true. Each call has its own memory context. */
bool lock_to_change_any(text *user_uuid, const Changes &changes)
{
    return std::any_of(changes.begin(), changes.end(), [&](const PreferenceChange &change) {
        CHECK_FOR_INTERRUPTS();
        return pg::with_spi([&](MemoryContext) { return lock_to_change(user_uuid, change); });
    });
}

} // namespace

Changes changes_from_json(const JsonbValue &patch, pg::Errors &errors)
{
    Changes changes;
    json::each_member(patch, [&](std::string_view key, const JsonbValue &value) {
        CHECK_FOR_INTERRUPTS();
        text *stored = value.type == jbvNull ? nullptr : checked_preference(key, value, errors);
        changes.push_back({pg::make_text(key), stored});
    });
    std::sort(
        changes.begin(), changes.end(), [](const PreferenceChange &left, const PreferenceChange &right) {
            const bool left_is_set = left.value != nullptr; /* deletions first: they free space */
            const bool right_is_set = right.value != nullptr;
            return left_is_set != right_is_set ? right_is_set : pg::view(left.key) < pg::view(right.key);
        });
    return changes;
}

/* Each change is planned in a memory context of its own. */
PlannedChanges plan_changes(text *user_uuid, const Changes &changes, const PreferenceRules &rules,
                            const char *member, pg::Errors &errors)
{
    PlannedChanges planned;
    if (!lock_to_change_any(user_uuid, changes))
        return planned;
    Growth growth;
    for (const PreferenceChange &change : changes) {
        const PlannedChange next = pg::with_spi([&](MemoryContext) { return plan(user_uuid, change); });
        growth.rows += next.growth.rows;
        growth.bytes += next.growth.bytes;
        if (next.outcome != Outcome::Unchanged)
            planned.push_back(next);
        if (next.outcome != Outcome::Unchanged)
            judge(change, rules, member, errors);
        if (growth.rows > max_preferences)
            break; /* deletions come first, so the number will not decrease again */
    }
    check_growth(user_uuid, growth, member, errors);
    return planned;
}

void judge_changes(text *user_uuid, const Changes &changes, const PreferenceRules &rules, const char *member,
                   pg::Errors &errors)
{
    if (rules.empty())
        return;
    for (const PreferenceChange &change : changes)
        if (!pg::with_spi([&](MemoryContext) { return is_preference(user_uuid, change); }))
            judge(change, rules, member, errors);
}

void write_changes(text *user_uuid, const PlannedChanges &planned)
{
    for (const PlannedChange &change : planned)
        pg::with_spi([&](MemoryContext) {
            write_preference(user_uuid, change);
            return 0;
        });
    identity::change_user(user_uuid,
                          {nullptr, std::any_of(planned.begin(), planned.end(), is_privacy), true});
}

} // namespace opigno::account
