/* Opens a staging table, and checks its columns and the caller's rights. */
#pragma once

#include "pg/postgres.hpp"

#include <type_traits>

namespace opigno::profile {

/* What a load does with its staging table. */
struct StagingUse {
    bool deletes = false;      /* delete the rows that were loaded */
    bool trusts_owner = false; /* do not check who owns the table and its columns' types */
};

/* A staging table, which is locked until the end of the transaction. */
struct StagingRelation {
    Oid oid;
    const char *name; /* schema and name; does not depend on the caller's settings */
    bool has_lines;
    bool is_partitioned;
};

static_assert(std::is_trivially_destructible_v<StagingRelation>);

/*
 * Opens the table of this name in the caller's search_path, or of this OID. The lock keeps other
 * sessions from changing the properties checked here and, if the load deletes rows, from writing
 * rows. Raises 42P01 if there is no such table, 42501 without the rights, and 42809 if the table is
 * not a staging table.
 */
StagingRelation open_staging_relation(const text *name, StagingUse use);

} // namespace opigno::profile
