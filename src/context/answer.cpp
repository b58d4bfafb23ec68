#include "context/answer.hpp"

#include "context/store.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"

namespace opigno::context {

void write_context(json::Writer &out)
{
    out.begin_object();
    out.key("displayName").string(TextDatumGetCString(pg::column(Column::display_name)));
    char digits[MAXINT8LEN + 1];
    pg_lltoa(DatumGetInt64(pg::column(Column::id)), digits);
    out.key("id").string(digits);
    out.key("isActive").boolean(DatumGetBool(pg::column(Column::is_active)));
    out.key("scope").begin_array();
    for (const std::string_view name : pg::names_of(DatumGetArrayTypeP(pg::column(Column::scope))))
        out.string(name);
    out.end_array();
    out.key("uuid").string(TextDatumGetCString(pg::column(Column::uuid)));
    out.end_object();
}

void write_errors(json::Writer &out, const pg::Faults &faults)
{
    out.key("errors").begin_array();
    for (const pg::Fault &fault : faults.all()) {
        CHECK_FOR_INTERRUPTS();
        out.begin_object();
        if (fault.ordinal > 0)
            out.key("ordinal").integer(fault.ordinal);
        out.key("code").string(unpack_sql_state(fault.sqlstate));
        out.key("path").string(fault.path);
        out.key("message").string(fault.message);
        out.end_object();
    }
    out.end_array();
}

} // namespace opigno::context
