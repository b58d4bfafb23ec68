#include "schema/app.hpp"

#include "pg/spi.hpp"

namespace opigno::schema {

namespace {

constexpr Oid key_type[] = {INT4OID};
constinit pg::Statement select_app("SELECT FROM opigno.app AS a WHERE a.app_id = $1", key_type);

} // namespace

void check_app(std::int32_t app_id)
{
    const Datum key = Int32GetDatum(app_id);
    if (select_app.read_latest(&key) == 0)
        ereport(ERROR, errcode(ERRCODE_FOREIGN_KEY_VIOLATION), errmsg("app %d does not exist", app_id),
                errhint("opigno.list_apps() lists the existing ones."));
}

} // namespace opigno::schema
