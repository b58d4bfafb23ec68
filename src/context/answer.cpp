#include "context/answer.hpp"

#include "pg/array.hpp"
#include "pg/text.hpp"

namespace opigno::context {

void write_context(const Row &row, json::Writer &out)
{
    out.begin_object();
    out.key("displayName").string(pg::view(row.display_name));
    char digits[MAXINT8LEN + 1];
    pg_lltoa(row.id, digits);
    out.key("id").string(digits);
    out.key("isActive").boolean(row.is_active);
    out.key("scope").begin_array();
    for (const std::string_view name : pg::names_of(row.scope))
        out.string(name);
    out.end_array();
    out.key("uuid").string(pg::view(row.uuid));
    out.end_object();
}

} // namespace opigno::context
