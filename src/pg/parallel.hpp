/* Parallel workers. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <access/parallel.h>
#include <access/xact.h>
}

namespace opigno::pg {

/* Raises 25000 during a parallel query, which cannot start subtransactions. function is a name with
 * its schema and parentheses. */
inline void refuse_parallel_query(const char *function)
{
    if (IsInParallelMode())
        ereport(ERROR, errcode(ERRCODE_INVALID_TRANSACTION_STATE),
                errmsg("%s cannot run during a parallel query", function),
                errhint("Call the function in a statement of its own."));
}

} // namespace opigno::pg
