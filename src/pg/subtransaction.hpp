/* A subtransaction that may be undone. */
#pragma once

#include "pg/postgres.hpp"

namespace opigno::pg {

/*
 * Runs `body()` in a subtransaction, which is kept if it gives true and undone if it gives false. An error
 * undoes it and goes on: who catches it counts the subtransactions.
 */
template <typename Body> void in_subtransaction(Body body)
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
    }
    PG_CATCH();
    {
        MemoryContextSwitchTo(memory);
        ErrorData *error = CopyErrorData();
        FlushErrorState();
        RollbackAndReleaseCurrentSubTransaction();
        MemoryContextSwitchTo(memory);
        CurrentResourceOwner = owner;
        ReThrowError(error);
    }
    PG_END_TRY();
    MemoryContextSwitchTo(memory);
    CurrentResourceOwner = owner;
}

} // namespace opigno::pg
