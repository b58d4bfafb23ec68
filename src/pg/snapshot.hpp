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

/*
 * The writer of a row that was read just now, for a cache that lives long. A frozen row keeps the
 * number of its writer, which a later transaction gets again; two thousand million transactions
 * later it seems to be in the future.
 */
inline TransactionId lasting(TransactionId writer)
{
    const bool seems_to_come =
        !TransactionIdPrecedes(writer, XidFromFullTransactionId(ReadNextFullTransactionId()));
    return seems_to_come || TransactionIdPrecedes(writer, TransactionXmin) ? FrozenTransactionId : writer;
}

} // namespace opigno::pg
