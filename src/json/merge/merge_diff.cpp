/* jsonb_merge_diff; the contract stands in merge_patch.sql. */
#include "pg/vector.hpp"
#include "json/merge/diff_plan.hpp"
#include "json/value/server_document.hpp"

namespace opigno::json {

namespace {

constexpr std::size_t max_shown_of_path = 200;

/* The path as a JSON Pointer, in DETAIL: names of members are structure, values are not shown. */
[[noreturn]] void refuse(const MergeDiff<ServerMemory> &diff)
{
    pg::Vector<std::string_view> keys;
    diff.flaw([&](std::string_view key) { keys.push_back(key); });
    StringInfoData path;
    initStringInfo(&path);
    for (std::size_t at = keys.size(); at-- > 0 && static_cast<std::size_t>(path.len) < max_shown_of_path;) {
        appendStringInfoChar(&path, '/');
        for (const char c : keys[at]) {
            if (c == '~')
                appendStringInfoString(&path, "~0");
            else if (c == '/')
                appendStringInfoString(&path, "~1");
            else
                appendStringInfoChar(&path, c);
        }
    }
    const int shown = pg_mbcliplen(path.data, path.len, static_cast<int>(max_shown_of_path));
    ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
            errmsg("no merge patch leads to a member that is null"),
            errdetail("The target's member at \"%.*s\"%s is null and the source's is not.", shown, path.data,
                      shown < path.len ? " ..." : ""),
            errhint("In a merge patch null removes a member. Leave such members out of the target."));
}

Jsonb *merge_diff(Jsonb *source, Jsonb *target)
{
    if (!is_object(target))
        return target;
    const bool merges = is_object(source);
    ServerMemory memory;
    MergeDiff<ServerMemory> diff(memory);
    if (!diff.make(merges ? VARDATA(source) : nullptr, VARDATA(target)))
        refuse(diff);
    if (!merges)
        return target;
    check_pairs(diff.widest());
    auto *result =
        static_cast<Jsonb *>(ServerMemory::allocate(VARSIZE(source) + VARSIZE(target) + diff.slack()));
    finish(result, diff.write(VARDATA(result)));
    return result;
}

} // namespace

} // namespace opigno::json

using namespace opigno;

OPIGNO_STRICT_FUNCTION(opigno_jsonb_merge_diff)
{
    PG_RETURN_JSONB_P(json::merge_diff(PG_GETARG_JSONB_P(0), PG_GETARG_JSONB_P(1)));
}
