#include "retirement/migration_place.hpp"

#include "pg/spi.hpp"
#include "pg/text.hpp"

namespace opigno::retirement {

namespace {

constinit pg::Statement
    lock_migrations("SELECT m.app_id, m.after_uuid::text FROM opigno.profile_migration AS m ORDER BY m.app_id"
                    " FOR UPDATE");
constexpr Oid types[] = {INT4OID, TEXTOID, TEXTOID};
constinit pg::Statement
    select_user_before("SELECT p.user_uuid || '' FROM opigno.profile AS p"
                       " WHERE p.app_id = $1 AND p.user_uuid < $2 ORDER BY p.user_uuid DESC LIMIT 1",
                       {types, 2});
constinit pg::Statement update_migration("UPDATE opigno.profile_migration AS m SET after_uuid = $2"
                                         " WHERE m.app_id = $1 AND m.after_uuid = $3",
                                         types);

} // namespace

MigrationPlaces lock_migration_places()
{
    MigrationPlaces places;
    const std::uint64_t rows = lock_migrations.write(nullptr);
    for (std::uint64_t row = 0; row < rows; ++row)
        places.push_back({DatumGetInt32(pg::column(1, row)), DatumGetTextPP(pg::column(2, row))});
    return places;
}

bool go_back_before(const MigrationPlace &place, const text *user_uuid)
{
    Datum values[] = {Int32GetDatum(place.app_id), PointerGetDatum(user_uuid),
                      PointerGetDatum(place.after_uuid)};
    values[1] =
        select_user_before.read_latest(values) == 0 ? PointerGetDatum(pg::make_text("")) : pg::column(1);
    return update_migration.write(values) > 0;
}

} // namespace opigno::retirement
