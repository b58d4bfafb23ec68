#include "json/merge_patch.hpp"

#include "json/merge_writer.hpp"
#include "json/server_document.hpp"

namespace opigno::json {

namespace {

void check_limits(const MergePlan<ServerMemory> &merge)
{
    for (std::size_t at = 0; at < merge.plans(); ++at)
        check_pairs(merge.plan(at).size);
}

} // namespace

Jsonb *merge_patch(Jsonb *target, Jsonb *patch)
{
    if (!is_object(patch))
        return patch;
    const bool merges = target != nullptr && is_object(target);
    ServerMemory memory;
    MergePlan<ServerMemory> merge(memory);
    merge.make(merges ? container_of(target) : std::string_view(), container_of(patch));
    if (!merge.changes())
        return merges ? target : patch;
    check_limits(merge);
    const std::size_t room = (merges ? VARSIZE(target) : 0) + VARSIZE(patch) + merge.slack();
    auto *result = static_cast<Jsonb *>(ServerMemory::allocate(room));
    finish(result, MergeWriter<ServerMemory>(merge, memory).write(VARDATA(result)));
    return result;
}

bool is_same(const Jsonb *left, const Jsonb *right)
{
    return left == right || (VARSIZE(left) == VARSIZE(right) && std::memcmp(left, right, VARSIZE(left)) == 0);
}

} // namespace opigno::json

using namespace opigno;

OPIGNO_FUNCTION(opigno_jsonb_merge_patch)
{
    PG_RETURN_JSONB_P(json::merge_patch(PG_GETARG_JSONB_P(0), PG_GETARG_JSONB_P(1)));
}
