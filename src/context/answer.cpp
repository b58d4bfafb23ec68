#include "context/answer.hpp"

#include "context/store.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"
#include "json/pointer.hpp"

namespace opigno::context {

void write_context(json::Writer &out)
{
    out.begin_object();
    out.key("displayName").string(TextDatumGetCString(stored(Column::display_name)));
    char digits[MAXINT8LEN + 1];
    pg_lltoa(DatumGetInt64(stored(Column::id)), digits);
    out.key("id").string(digits);
    out.key("isActive").boolean(DatumGetBool(stored(Column::is_active)));
    out.key("scope").begin_array();
    for (const std::string_view name : pg::names_of(DatumGetArrayTypeP(stored(Column::scope))))
        out.string(name);
    out.end_array();
    out.key("uuid").string(TextDatumGetCString(stored(Column::uuid)));
    out.end_object();
}

namespace {

/* "/3/scope/0": entry 4's first scope. */
const char *json_pointer(const pg::Fault &fault, StringInfo path)
{
    resetStringInfo(path);
    if (fault.ordinal > 0)
        appendStringInfo(path, "/" INT64_FORMAT, fault.ordinal - 1);
    if (fault.member == nullptr)
        return path->data;
    json::append_member(path, fault.member);
    if (fault.element >= 0)
        appendStringInfo(path, "/%d", fault.element);
    return path->data;
}

} // namespace

void write_errors(json::Writer &out, const pg::Faults &faults)
{
    StringInfoData path;
    initStringInfo(&path);
    out.key("errors").begin_array();
    for (const pg::Fault &fault : faults.all()) {
        CHECK_FOR_INTERRUPTS();
        out.begin_object();
        if (fault.ordinal > 0)
            out.key("ordinal").integer(fault.ordinal);
        out.key("code").string(unpack_sql_state(fault.sqlstate));
        out.key("path").string(json_pointer(fault, &path));
        out.key("message").string(fault.message);
        out.end_object();
    }
    out.end_array();
}

} // namespace opigno::context
