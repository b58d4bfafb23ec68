#include "json/merge/merge_patch.hpp"

#include "json/merge/merge_writer.hpp"
#include "json/value/server_document.hpp"

namespace opigno::json {

namespace {

void check_limits(const MergePlan<ServerMemory> &merge)
{
    for (std::size_t at = 0; at < merge.plans(); ++at)
        check_pairs(merge.plan(at).size);
}

/* target: nullptr where there is no object to merge into. */
Jsonb *merge(Jsonb *target, Jsonb *patch, Depth depth)
{
    ServerMemory memory;
    MergePlan<ServerMemory> plan(memory, depth);
    plan.make(target == nullptr ? std::string_view() : container_of(target), container_of(patch));
    if (!plan.changes())
        return target == nullptr ? patch : target;
    check_limits(plan);
    const std::size_t room = (target == nullptr ? 0 : VARSIZE(target)) + VARSIZE(patch) + plan.slack();
    auto *result = static_cast<Jsonb *>(ServerMemory::allocate(room));
    finish(result, MergeWriter<ServerMemory>(plan, memory).write(VARDATA(result)));
    return result;
}

} // namespace

Jsonb *merge_patch(Jsonb *target, Jsonb *patch)
{
    if (!is_object(patch))
        return patch;
    return merge(target != nullptr && is_object(target) ? target : nullptr, patch, Depth::Whole);
}

Jsonb *replace_members(Jsonb *target, Jsonb *members)
{
    return merge(is_object(target) ? target : nullptr, members, Depth::Root);
}

bool is_same(const Jsonb *left, const Jsonb *right)
{
    return left == right || (VARSIZE(left) == VARSIZE(right) && std::memcmp(left, right, VARSIZE(left)) == 0);
}

} // namespace opigno::json

using namespace opigno;

OPIGNO_STRICT_FUNCTION(opigno_jsonb_merge_patch)
{
    PG_RETURN_JSONB_P(json::merge_patch(PG_GETARG_JSONB_P(0), PG_GETARG_JSONB_P(1)));
}

OPIGNO_STRICT_FUNCTION(opigno_jsonb_is_same)
{
    PG_RETURN_BOOL(json::is_same(PG_GETARG_JSONB_P(0), PG_GETARG_JSONB_P(1)));
}
