/* Tables that Citus has distributed. Nothing here needs Citus to be built or to run. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <nodes/pg_list.h>
}

namespace opigno::pg {

/* What Citus makes of tables. */
enum class Distribution {
    None,   /* none of them is known to it */
    Copied, /* whole on every node */
    Split,  /* the rows of one of them are split over the nodes */
};

/* Whether the database has Citus. */
bool has_citus();

/* tables: a list of OIDs */
Distribution distribution_of(const List *tables);
Distribution distribution_of(Oid table);

/*
 * Where there is Citus, makes commands on several tables use one connection to each node, until
 * leave_order() is called with the result: after commands in parallel Citus refuses others in the same
 * transaction.
 */
int order_distributed_commands();
void leave_order(int level);

/*
 * Makes the current transaction commit on the nodes in two phases, with what it has written on this
 * server, as the audit trail. Citus itself does so only where two nodes are written.
 */
void commit_in_two_phases();

} // namespace opigno::pg
