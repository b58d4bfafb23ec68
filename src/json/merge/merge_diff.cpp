/* jsonb_merge_diff; merge_patch.sql has its contract. */
#include "pg/encoding.hpp"
#include "pg/jsonb.hpp"
#include "pg/pointer.hpp"
#include "json/merge/diff_plan.hpp"
#include "json/merge/merge_patch.hpp"
#include "json/merge/plan_writer.hpp"
#include "json/value/document.hpp"

namespace opigno::json {

namespace {

constexpr std::size_t max_shown_of_path = 200;

/* DETAIL has the path as a JSON Pointer: members' names may be shown, values not. */
[[noreturn]] void refuse(const KeyPath &path)
{
    StringInfoData pointer;
    initStringInfo(&pointer);
    for (std::size_t at = path.size(); at-- > 0 && static_cast<std::size_t>(pointer.len) < max_shown_of_path;)
        pg::append_member(&pointer, path[at]);
    const int shown = pg_mbcliplen(pointer.data, pointer.len, static_cast<int>(max_shown_of_path));
    ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
            errmsg("no merge patch leads to a member that is null"),
            errdetail("The target's member at \"%.*s\"%s is null and the source's is not.", shown,
                      pointer.data, shown < pointer.len ? " ..." : ""),
            errhint("In a merge patch null removes a member. Leave such members out of the target."));
}

/* Returns nullptr and a path if no merge patch exists. */
Jsonb *find_diff(const Jsonb *source, Jsonb *target, KeyPath &path)
{
    if (!is_object(target))
        return target;
    const bool merges = source != nullptr && is_object(source);
    Plan plan;
    if (!plan_diff(plan, merges ? VARDATA(source) : nullptr, VARDATA(target), path))
        return nullptr;
    if (!merges)
        return target;
    check_pairs(plan.widest());
    auto *result = static_cast<Jsonb *>(allocate(VARSIZE(source) + VARSIZE(target) + plan.slack()));
    finish(result, write_plan(plan, VARDATA(result)));
    return result;
}

} // namespace

Jsonb *merge_diff(const Jsonb *source, Jsonb *target)
{
    KeyPath path;
    return find_diff(source, target, path);
}

} // namespace opigno::json

using namespace opigno;

OPIGNO_STRICT_FUNCTION(opigno_jsonb_merge_diff)
{
    json::KeyPath path;
    Jsonb *diff = json::find_diff(PG_GETARG_JSONB_P(0), PG_GETARG_JSONB_P(1), path);
    if (diff == nullptr)
        json::refuse(path);
    PG_RETURN_JSONB_P(diff);
}
