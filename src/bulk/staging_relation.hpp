/* Opens a staging table, and checks its columns and the caller's rights. */
#pragma once

#include "pg/vector.hpp"

#include <span>
#include <type_traits>

namespace opigno::bulk {

/* What a load does with its staging table. */
struct StagingUse {
    bool deletes = false;      /* delete the rows that were loaded */
    bool trusts_owner = false; /* do not check who owns the table and its columns' types */
};

/* The columns that hold an entry in a table without a column "line". */
struct StagingColumns {
    std::span<const char *const> required;
    std::span<const char *const> optional;
    bool others = false; /* each further column is a member of the entry, with its name */
};

/* A staging table, which is locked until the end of the transaction. */
struct StagingRelation {
    Oid oid;
    const char *name; /* schema and name; does not depend on the caller's settings */
    bool has_lines;
    bool is_partitioned;
    bool has_members; /* the columns are read as JSON values, and not as text */
    /* "line", or the columns of an entry: those required, then those optional, with nullptr for one
     * that the table does not have, then the others. */
    pg::Vector<const char *> columns;
};

static_assert(std::is_trivially_destructible_v<StagingRelation>);

/*
 * Opens the table of this name in the caller's search_path, or of this OID. The lock keeps other
 * sessions from changing the properties checked here and, if the load deletes rows, from writing
 * rows. Raises 42P01 if there is no such table, 42501 without the rights, and 42809 if the table is
 * not a staging table. columns: those of an entry of this kind of load.
 */
StagingRelation open_staging_relation(const text *name, const StagingColumns &columns, StagingUse use);

} // namespace opigno::bulk
