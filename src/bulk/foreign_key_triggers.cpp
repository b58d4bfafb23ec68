#include "bulk/foreign_key_triggers.hpp"

#include "pg/catalog.hpp"
#include "pg/citus.hpp"
#include "pg/lock.hpp"
#include "pg/relation.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace opigno::bulk {

namespace {

bool is_column(Oid relation, AttrNumber column, std::string_view name)
{
    return name == get_attname(relation, column, false);
}

bool is_own(const ForeignKeyCacheInfo &key, Oid schema, std::span<const ForeignKey> own)
{
    return key.nkeys == 1 && std::any_of(own.begin(), own.end(), [&](const ForeignKey &expected) {
               return key.confrelid == get_relname_relid(expected.table, schema) &&
                      is_column(key.conrelid, key.conkey[0], expected.column) &&
                      is_column(key.confrelid, key.confkey[0], expected.key);
           });
}

/* The key that a partition has, or that leads to a partition, because a partitioned table has it. */
bool is_part_of_another(const ForeignKeyCacheInfo &key)
{
    HeapTuple tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(key.conoid));
    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for constraint %u", key.conoid);
    const bool is_part =
        OidIsValid(reinterpret_cast<const FormData_pg_constraint *>(GETSTRUCT(tuple))->conparentid);
    ReleaseSysCache(tuple);
    return is_part;
}

bool are_own_keys(Relation relation, std::span<const ForeignKey> own)
{
    ListCell *cell = nullptr;
    foreach (cell, RelationGetFKeyList(relation)) {
        const ForeignKeyCacheInfo &key = *lfirst_node(ForeignKeyCacheInfo, cell);
        if (!is_own(key, RelationGetNamespace(relation), own) && !is_part_of_another(key))
            return false;
    }
    return true;
}

bool are_triggers_of_keys(const TriggerDesc *triggers)
{
    if (triggers == nullptr)
        return true;
    return std::all_of(
        triggers->triggers, triggers->triggers + triggers->numtriggers, [](const Trigger &trigger) {
            return trigger.tgfoid == F_RI_FKEY_CHECK_INS || trigger.tgfoid == F_RI_FKEY_CHECK_UPD;
        });
}

/* Triggers of a table that Citus keeps on its nodes are there. */
bool is_plain(Relation relation)
{
    return relation->rd_rules == nullptr && !relation->rd_rel->relforcerowsecurity &&
           pg::distribution_of(RelationGetRelid(relation)) == pg::Distribution::None;
}

/* Whether it holds for the table and each of its partitions, which can have triggers and constraints of
 * their own. All stay locked. */
template <typename Holds> bool holds_for_each(Oid table, Holds holds)
{
    bool for_each = true;
    ListCell *cell = nullptr;
    foreach (cell, find_all_inheritors(table, RowExclusiveLock, nullptr)) {
        Relation relation = table_open(lfirst_oid(cell), NoLock);
        for_each = for_each && holds(relation);
        table_close(relation, NoLock);
    }
    return for_each;
}

bool has_plain_deletes(Oid table)
{
    return holds_for_each(table, [](Relation relation) {
        return is_plain(relation) && are_triggers_of_keys(relation->trigdesc);
    });
}

} // namespace

bool is_referred_to_only_by(Oid table, std::span<const char *const> referring)
{
    const Oid schema = get_rel_namespace(table);
    bool is_only = holds_for_each(table, [&](Relation relation) {
        const TriggerDesc *triggers = relation->trigdesc;
        const auto is_own = [&](const Trigger &trigger) {
            return trigger.tgisinternal &&
                   std::any_of(referring.begin(), referring.end(), [&](const char *name) {
                       return trigger.tgconstrrelid == get_relname_relid(name, schema);
                   });
        };
        return is_plain(relation) &&
               (triggers == nullptr ||
                std::all_of(triggers->triggers, triggers->triggers + triggers->numtriggers, is_own));
    });
    for (const char *name : referring)
        is_only = is_only && has_plain_deletes(get_relname_relid(name, schema));
    return is_only;
}

bool has_foreign_key_triggers_only(Oid table, std::span<const ForeignKey> own)
{
    return holds_for_each(table, [&](Relation relation) {
        const TupleConstr *constraints = RelationGetDescr(relation)->constr;
        return is_plain(relation) &&
               (constraints == nullptr || (constraints->num_check == 0 && constraints->num_defval == 0)) &&
               are_triggers_of_keys(relation->trigdesc) && are_own_keys(relation, own);
    });
}

} // namespace opigno::bulk
