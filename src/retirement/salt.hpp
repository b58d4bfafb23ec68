/* Salts of the hashes that stand for retired users. */
#pragma once

#include "identity/retired.hpp"
#include "pg/lock.hpp"

#include <cstdint>

namespace opigno::retirement {

/* Called between SPI_connect and SPI_finish as the owner. */

/* Locks a table of the extension until the transaction ends. */
void lock_table(const char *name, LOCKMODE mode);

/* Returns all salts, the newest first, and makes a random one if there is none. */
identity::Salts salts_for_erasure();

/* What stands for the user: the name by which the uuid was retired, or one by the newest salt. */
struct RetiredName {
    bytea *hash;
    text *name;
};

static_assert(std::is_trivially_destructible_v<RetiredName>);

pg::Vector<RetiredName> retired_names(const identity::Salts &salts, const pg::Vector<text *> &user_uuids);

} // namespace opigno::retirement
