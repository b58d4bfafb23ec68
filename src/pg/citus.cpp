#include "pg/citus.hpp"

#include "pg/setting.hpp"

extern "C" {
#include <access/genam.h>
#include <access/htup_details.h>
#include <access/table.h>
#include <catalog/namespace.h>
#include <catalog/pg_namespace.h>
#include <fmgr.h>
#include <utils/fmgroids.h>
#include <utils/lsyscache.h>
#include <utils/rel.h>
}

#include <algorithm>

namespace opigno::pg {

namespace {

/* pg_dist_partition has a row for each table that Citus knows. */
constexpr AttrNumber table_column = 1;
constexpr AttrNumber method_column = 2; /* 'h': split by a hash */

/* InvalidOid where there is no Citus */
Oid partitions_table()
{
    return get_relname_relid("pg_dist_partition", PG_CATALOG_NAMESPACE);
}

Distribution distribution_in(Relation partitions, Oid table)
{
    ScanKeyData key;
    ScanKeyInit(&key, table_column, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(table));
    SysScanDesc scan = systable_beginscan(partitions, InvalidOid, false, nullptr, 1, &key);
    HeapTuple found = systable_getnext(scan);
    Distribution distribution = Distribution::None;
    bool is_null = false;
    if (HeapTupleIsValid(found))
        distribution =
            DatumGetChar(heap_getattr(found, method_column, RelationGetDescr(partitions), &is_null)) == 'h'
                ? Distribution::Split
                : Distribution::Copied;
    systable_endscan(scan);
    return distribution;
}

} // namespace

bool has_citus()
{
    return OidIsValid(partitions_table());
}

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

void commit_in_two_phases()
{
    static void (*use_two_phases)() = nullptr;
    if (use_two_phases == nullptr)
        use_two_phases = reinterpret_cast<void (*)()>(
            load_external_function("$libdir/citus", "Use2PCForCoordinatedTransaction", false, nullptr));
    if (use_two_phases == nullptr)
        ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                errmsg("this version of Citus cannot be told to commit in two phases"),
                errdetail("A write and its audit record would not be one transaction."),
                errhint("Update Citus to version 13."));
    use_two_phases();
}

Distribution distribution_of(const List *tables)
{
    const Oid partitions = partitions_table();
    if (!OidIsValid(partitions))
        return Distribution::None;
    Relation opened = table_open(partitions, AccessShareLock);
    Distribution found = Distribution::None;
    ListCell *cell = nullptr;
    foreach (cell, tables)
        found = std::max(found, distribution_in(opened, lfirst_oid(cell)));
    table_close(opened, AccessShareLock);
    return found;
}

Distribution distribution_of(Oid table)
{
    return distribution_of(lappend_oid(NIL, table));
}

} // namespace opigno::pg
