/* Snapshots: which transactions a query sees. */
#pragma once

#include "pg/transaction.hpp"

extern "C" {
#include <access/transam.h>
#include <utils/snapmgr.h>
}

namespace opigno::pg {

/* Whether the current query sees what this transaction has written. false if the current
 * transaction has written it, perhaps after the query began. */
inline bool is_surely_visible(TransactionId writer)
{
    Snapshot snapshot = GetActiveSnapshot();
    return TransactionIdPrecedes(writer, snapshot->xmin) ||
           (!TransactionIdIsCurrentTransactionId(writer) && !XidInMVCCSnapshot(writer, snapshot));
}

} // namespace opigno::pg
