/* What makes a table a staging table that the caller may use. */
#pragma once

#include "pg/postgres.hpp"

#include <type_traits>

namespace opigno::profile {

/* What a load does with its staging table. */
struct StagingUse {
    bool deletes = false;      /* takes what it has loaded out of it */
    bool trusts_owner = false; /* whoever that is */
};

/* The table, locked until the end of the transaction. */
struct StagingRelation {
    Oid oid;
    const char *name; /* schema and name, the same under every setting of the caller */
    bool has_lines;
    bool is_partitioned;
};

static_assert(std::is_trivially_destructible_v<StagingRelation>);

/*
 * The table of this name in the caller's search_path, or of this OID. Its lock keeps others from changing
 * what is checked here and, if the load deletes, from writing rows. Raises 42P01 and 42501, and 42809 for
 * what is no staging table.
 */
StagingRelation open_staging_relation(const text *name, StagingUse use);

} // namespace opigno::profile
