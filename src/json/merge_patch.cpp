#include "json/merge_patch.hpp"

#include "json/jsonb_check.hpp"
#include "json/merge_writer.hpp"
#include "json/server_memory.hpp"

#include <bit>

namespace opigno::json {

namespace {

/* More pairs than these jsonb's own input cannot take in, and so no dump could be restored. */
constexpr std::size_t max_pairs = std::bit_floor(MaxAllocSize / sizeof(JsonbPair));

const char *container_of(const Jsonb *document)
{
    return VARDATA(document);
}

bool is_object(const Jsonb *document)
{
    return (word(container_of(document)) & object_flag) != 0;
}

void check_pairs(const MergePlan<ServerMemory> &merge)
{
    for (std::size_t at = 0; at < merge.plans(); ++at)
        if (merge.plan(at).size > max_pairs)
            ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                    errmsg("number of jsonb object pairs exceeds the maximum allowed (%zu)", max_pairs));
}

Jsonb *write(const MergePlan<ServerMemory> &merge, std::size_t room, ServerMemory &memory)
{
    auto *result = static_cast<Jsonb *>(ServerMemory::allocate(room));
    MergeWriter<ServerMemory> writer(merge, memory);
    const char *end = writer.write(VARDATA(result));
    if (end == nullptr)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                errmsg("total size of jsonb object elements exceeds the maximum of %u bytes", length_mask));
    SET_VARSIZE(result, end - reinterpret_cast<char *>(result));
#ifdef USE_ASSERT_CHECKING
    Checker<ServerMemory> checker(memory);
    Assert(checker.flaw_of({VARDATA(result), VARSIZE(result) - VARHDRSZ}) == nullptr);
#endif
    return result;
}

} // namespace

namespace {

/* target: nullptr where there is no object to merge into. */
Jsonb *merge(Jsonb *target, Jsonb *patch, Depth depth)
{
    ServerMemory memory;
    MergePlan<ServerMemory> plan(memory, depth);
    plan.make(target == nullptr ? nullptr : container_of(target), container_of(patch));
    if (!plan.changes())
        return target == nullptr ? patch : target;
    check_pairs(plan);
    return write(plan, (target == nullptr ? 0 : VARSIZE(target)) + VARSIZE(patch) + plan.slack(), memory);
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
    return merge(target, members, Depth::Root);
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
