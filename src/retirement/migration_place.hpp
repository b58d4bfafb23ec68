/* How far the migrations of profiles have come: users that leave must not be the place of one. Called
 * between SPI_connect and SPI_finish as the owner. */
#pragma once

#include "pg/postgres.hpp"
#include "pg/vector.hpp"

#include <cstdint>
#include <type_traits>

namespace opigno::retirement {

/* A migration that has not come to its end. */
struct MigrationPlace {
    std::int32_t app_id;
    text *after_uuid; /* the last user whom it has passed; empty: none */
};

static_assert(std::is_trivially_destructible_v<MigrationPlace>);

using MigrationPlaces = pg::Vector<MigrationPlace>;

/* Locks all migrations, in the order of their apps, before rows of users are locked: a migration locks in
 * this order. */
MigrationPlaces lock_migration_places();

/* Lets the migration go on after the last user before this one who has a profile. Returns whether it was
 * still at the place. */
bool go_back_before(const MigrationPlace &place, const text *user_uuid);

} // namespace opigno::retirement
