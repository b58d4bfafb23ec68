/* Where a function cannot run: in parallel queries and in security-restricted operations. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <access/parallel.h>
#include <access/xact.h>
#include <miscadmin.h>
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

/* Raises 42501 in a security-restricted operation, such as the query of a materialized view, in which there
 * is no request. */
inline void refuse_restricted_operation(const char *function)
{
    if (InSecurityRestrictedOperation())
        ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                errmsg("%s cannot run in a security-restricted operation", function));
}

} // namespace opigno::pg
