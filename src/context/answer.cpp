#include "context/answer.hpp"

#include "context/store.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"
#include "json/value/pointer.hpp"

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

const char *pointer_to(const pg::Fault &fault)
{
    StringInfoData path;
    initStringInfo(&path);
    if (fault.member != nullptr)
        json::append_member(&path, fault.member);
    if (fault.element >= 0)
        appendStringInfo(&path, "/%d", fault.element);
    return path.data;
}

void write_errors(json::Writer &out, const pg::Faults &faults)
{
    out.key("errors").begin_array();
    for (const pg::Fault &fault : faults.all()) {
        CHECK_FOR_INTERRUPTS();
        out.begin_object();
        out.key("code").string(unpack_sql_state(fault.sqlstate));
        out.key("path").string(pointer_to(fault));
        out.key("message").string(fault.message);
        out.end_object();
    }
    out.end_array();
}

} // namespace opigno::context
