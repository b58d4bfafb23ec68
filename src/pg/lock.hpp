/* Locks on relations and other objects, and how long to wait for them. */
#pragma once

#include "pg/postgres.hpp"
#include "pg/transaction.hpp"

extern "C" {
#include <storage/lmgr.h>
#include <storage/proc.h>
#include <utils/inval.h>
}

#include <cstdint>

namespace opigno::pg {

/* Raises 25006 where a lock cannot be taken because the server is a standby. The server's own error for
 * this is 55000. */
inline void refuse_during_recovery(LOCKMODE mode)
{
    if (mode > RowExclusiveLock && RecoveryInProgress())
        ereport(ERROR, errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
                errmsg("cannot lock against other writers during recovery"),
                errhint("Call the function on the primary server."));
}

/* Something that transactions lock, named by a table and by numbers that its users choose. It need not
 * exist. */
struct LockedObject {
    Oid table;
    std::uint32_t object;
    std::uint16_t part;
};

inline LOCKTAG tag_of(const LockedObject &locked)
{
    LOCKTAG tag;
    SET_LOCKTAG_OBJECT(tag, MyDatabaseId, locked.table, locked.object, locked.part);
    return tag;
}

/* Locks it until the end of the transaction. Without wait it returns false if others are in the way. */
inline bool lock_object(const LockedObject &locked, LOCKMODE mode, bool wait)
{
    refuse_during_recovery(mode);
    const LOCKTAG tag = tag_of(locked);
    if (LockAcquire(&tag, mode, false, !wait) == LOCKACQUIRE_NOT_AVAIL)
        return false;
    AcceptInvalidationMessages();
    return true;
}

inline void unlock_object(const LockedObject &locked, LOCKMODE mode)
{
    const LOCKTAG tag = tag_of(locked);
    LockRelease(&tag, mode, false);
}

inline bool is_object_locked_by_me(const LockedObject &locked, LOCKMODE mode)
{
    const LOCKTAG tag = tag_of(locked);
#if PG_VERSION_NUM >= 170000
    return LockHeldByMe(&tag, mode, false);
#else
    return LockHeldByMe(&tag, mode);
#endif
}

/* Another number for each transaction of this session. */
inline LocalTransactionId local_transaction()
{
#if PG_VERSION_NUM >= 170000
    return MyProc->vxid.lxid;
#else
    return MyProc->lxid;
#endif
}

} // namespace opigno::pg
