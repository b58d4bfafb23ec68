#include "pg/citus.hpp"

#include "pg/setting.hpp"

extern "C" {
#include <access/genam.h>
#include <access/table.h>
#include <catalog/namespace.h>
#include <catalog/pg_namespace.h>
#include <utils/fmgroids.h>
#include <utils/lsyscache.h>
#include <utils/rel.h>
}

namespace opigno::pg {

namespace {

/* pg_dist_partition has a row for each table that Citus knows. Its first column is the table. */
constexpr AttrNumber table_column = 1;

/* InvalidOid where there is no Citus */
Oid partitions_table()
{
    return get_relname_relid("pg_dist_partition", PG_CATALOG_NAMESPACE);
}

bool is_in(Relation partitions, Oid table)
{
    ScanKeyData key;
    ScanKeyInit(&key, table_column, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(table));
    SysScanDesc scan = systable_beginscan(partitions, InvalidOid, false, nullptr, 1, &key);
    const bool found = HeapTupleIsValid(systable_getnext(scan));
    systable_endscan(scan);
    return found;
}

} // namespace

int order_distributed_commands()
{
    if (!OidIsValid(partitions_table()))
        return 0;
    const int level = NewGUCNestLevel();
    set_for_level("citus.multi_shard_modify_mode", "sequential");
    return level;
}

void leave_order(int level)
{
    if (level > 0)
        AtEOXact_GUC(true, level);
}

bool has_distributed_table(const List *tables)
{
    const Oid partitions = partitions_table();
    if (!OidIsValid(partitions))
        return false;
    Relation opened = table_open(partitions, AccessShareLock);
    bool found = false;
    ListCell *cell = nullptr;
    foreach (cell, tables)
        found = found || is_in(opened, lfirst_oid(cell));
    table_close(opened, AccessShareLock);
    return found;
}

} // namespace opigno::pg
