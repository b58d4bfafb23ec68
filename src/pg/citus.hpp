/* Tables that Citus has distributed. Nothing here needs Citus to be built or to run. */
#pragma once

#include "pg/postgres.hpp"

extern "C" {
#include <nodes/pg_list.h>
}

namespace opigno::pg {

/* Whether Citus keeps the rows of one of these tables, a list of OIDs, on its nodes. */
bool has_distributed_table(const List *tables);

/*
 * Where there is Citus, makes commands on several tables use one connection to each node, until
 * leave_order() is called with the result: after commands in parallel Citus refuses others in the same
 * transaction.
 */
int order_distributed_commands();
void leave_order(int level);

} // namespace opigno::pg
