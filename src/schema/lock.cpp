#include "schema/lock.hpp"

#include "pg/catalog.hpp"
#include "pg/lock.hpp"
#include "pg/transaction.hpp"

namespace opigno::schema {

namespace {

/* LockDatabaseObject() accepts the invalidation messages of other sessions after it has the lock. */
void lock(Oid function, std::int32_t app_id, LOCKMODE mode)
{
    const Oid table = get_relname_relid("app", get_func_namespace(function));
    LockDatabaseObject(table, static_cast<Oid>(app_id), 0, mode);
}

} // namespace

void lock_to_write(Oid function, std::int32_t app_id)
{
    if (!RecoveryInProgress()) /* nothing can be written */
        lock(function, app_id, RowExclusiveLock);
}

void lock_to_change(Oid function, std::int32_t app_id)
{
    lock(function, app_id, ExclusiveLock);
}

} // namespace opigno::schema
