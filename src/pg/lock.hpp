/* Locks on relations and other objects, and how long to wait for them. */
#pragma once

#include "pg/postgres.hpp"
#include "pg/transaction.hpp"

extern "C" {
#include <storage/lmgr.h>
#include <storage/proc.h>
}

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

} // namespace opigno::pg
