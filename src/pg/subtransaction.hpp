/* Runs code in a subtransaction. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <access/xact.h>
#include <access/xlog.h>
#include <utils/resowner.h>
}

namespace opigno::pg {

/*
 * Runs body() in a subtransaction, which is committed if body() returns true and rolled back if it
 * returns false. An error rolls the subtransaction back. The error is caught if is_taken(error) is
 * true, and raised again otherwise. A caller that catches errors must limit the number of
 * subtransactions that it starts.
 */
template <typename Body, typename IsTaken> void in_subtransaction(Body body, IsTaken is_taken)
{
    MemoryContext memory = CurrentMemoryContext;
    ResourceOwner owner = CurrentResourceOwner;
    BeginInternalSubTransaction(nullptr);
    MemoryContextSwitchTo(memory);
    PG_TRY();
    {
        if (body())
            ReleaseCurrentSubTransaction();
        else
            RollbackAndReleaseCurrentSubTransaction();
        MemoryContextSwitchTo(memory);
        CurrentResourceOwner = owner;
    }
    PG_CATCH();
    {
        MemoryContextSwitchTo(memory);
        ErrorData *error = CopyErrorData();
        FlushErrorState();
        RollbackAndReleaseCurrentSubTransaction();
        MemoryContextSwitchTo(memory);
        CurrentResourceOwner = owner;
        if (!is_taken(*error))
            ReThrowError(error);
        FreeErrorData(error);
    }
    PG_END_TRY();
}

/* The same, but every error is raised again. */
template <typename Body> void in_subtransaction(Body body)
{
    in_subtransaction(body, [](const ErrorData &) { return false; });
}

/*
 * Lets the current subtransaction write in a READ ONLY transaction. The subtransaction must be rolled
 * back, which also restores READ ONLY. Raises 25006 on a standby, which cannot write at all.
 */
inline void allow_writes_to_roll_back()
{
    if (RecoveryInProgress())
        ereport(ERROR, errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
                errmsg("a dry run is not possible during recovery"),
                errhint("It writes and rolls back. Run it on the primary server."));
    XactReadOnly = false;
}

} // namespace opigno::pg
