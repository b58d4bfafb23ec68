#include "schema/lock.hpp"

#include "pg/catalog.hpp"
#include "pg/lock.hpp"
#include "pg/transaction.hpp"

namespace opigno::schema {

namespace {

/* LockDatabaseObject() accepts the invalidation messages of other sessions after it has the lock. */
void lock(Oid function, DocumentKind kind, std::int32_t app_id, LOCKMODE mode)
{
    const Oid table = get_relname_relid("app", get_func_namespace(function));
    LockDatabaseObject(table, static_cast<Oid>(app_id), static_cast<uint16>(kind), mode);
}

} // namespace

void lock_to_write(Oid function, DocumentKind kind, std::int32_t app_id)
{
    if (!RecoveryInProgress()) /* nothing can be written */
        lock(function, kind, app_id, RowExclusiveLock);
}

void lock_to_change(Oid function, DocumentKind kind, std::int32_t app_id)
{
    pg::refuse_during_recovery(ExclusiveLock);
    lock(function, kind, app_id, ExclusiveLock);
}

} // namespace opigno::schema
