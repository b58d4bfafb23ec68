#include "json/merge/merge_patch.hpp"

#include "json/merge/merge_plan.hpp"
#include "json/merge/plan_writer.hpp"
#include "json/value/document.hpp"
#include "json/value/reader.hpp"

namespace opigno::json {

namespace {

/* target: nullptr if there is no object to merge into. */
Jsonb *merge(Jsonb *target, Jsonb *patch, Depth depth)
{
    Plan plan;
    plan_merge(plan, target == nullptr ? std::string_view() : container_of(target), container_of(patch),
               depth);
    if (!plan.changes())
        return target == nullptr ? patch : target;
    check_pairs(plan.widest());
    const std::size_t room = (target == nullptr ? 0 : VARSIZE(target)) + VARSIZE(patch) + plan.slack();
    auto *result = static_cast<Jsonb *>(allocate(room));
    finish(result, write_plan(plan, VARDATA(result)));
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

bool loses_object(const Jsonb *target, const Jsonb *patch)
{
    return target != nullptr && is_object(target) && !is_object(patch);
}

const char *message_of_lost_object(Jsonb *patch)
{
    const JsonbValue root = root_of(patch);
    const char *guess = root.type == jbvString ? " (JSON text that was encoded twice?)"
                        : is_array(root)       ? " (a JSON Patch?)"
                                               : "";
    return psprintf("the patch of an object must be an object, not %s%s", type_of(root), guess);
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
