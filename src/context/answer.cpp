#include "context/answer.hpp"

#include "context/store.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"

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

} // namespace opigno::context
