/* A subtransaction that may be undone. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <access/xact.h>
#include <utils/resowner.h>
}

namespace opigno::pg {

/*
 * Runs `body()` in a subtransaction, which is kept if it gives true and undone if it gives false. An error
 * undoes it, and goes on unless `is_taken(error)` is true: who catches it counts the subtransactions.
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

/* The same where every error goes on. */
template <typename Body> void in_subtransaction(Body body)
{
    in_subtransaction(body, [](const ErrorData &) { return false; });
}

} // namespace opigno::pg
