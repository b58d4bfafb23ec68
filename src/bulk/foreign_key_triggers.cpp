#include "bulk/foreign_key_triggers.hpp"

#include "pg/catalog.hpp"
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

bool are_own_keys(Relation relation, std::span<const ForeignKey> own)
{
    ListCell *cell = nullptr;
    foreach (cell, RelationGetFKeyList(relation))
        if (!is_own(*lfirst_node(ForeignKeyCacheInfo, cell), RelationGetNamespace(relation), own))
            return false;
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

bool is_plain(Relation relation)
{
    return relation->rd_rules == nullptr && !relation->rd_rel->relforcerowsecurity;
}

bool has_plain_deletes(Oid table)
{
    Relation relation = table_open(table, RowExclusiveLock);
    const bool has = is_plain(relation) && are_triggers_of_keys(relation->trigdesc);
    table_close(relation, NoLock);
    return has;
}

} // namespace

bool is_referred_to_only_by(Oid table, std::span<const char *const> referring)
{
    Relation relation = table_open(table, RowExclusiveLock);
    const Oid schema = RelationGetNamespace(relation);
    const TriggerDesc *triggers = relation->trigdesc;
    const auto is_own = [&](const Trigger &trigger) {
        return trigger.tgisinternal && std::any_of(referring.begin(), referring.end(), [&](const char *name) {
                   return trigger.tgconstrrelid == get_relname_relid(name, schema);
               });
    };
    bool is_only = is_plain(relation) &&
                   (triggers == nullptr ||
                    std::all_of(triggers->triggers, triggers->triggers + triggers->numtriggers, is_own));
    table_close(relation, NoLock);
    for (const char *name : referring)
        is_only = is_only && has_plain_deletes(get_relname_relid(name, schema));
    return is_only;
}

bool has_foreign_key_triggers_only(Oid table, std::span<const ForeignKey> own)
{
    Relation relation = table_open(table, RowExclusiveLock);
    const TupleConstr *constraints = RelationGetDescr(relation)->constr;
    const bool has =
        relation->rd_rules == nullptr && !relation->rd_rel->relforcerowsecurity &&
        (constraints == nullptr || (constraints->num_check == 0 && constraints->num_defval == 0)) &&
        are_triggers_of_keys(relation->trigdesc) && are_own_keys(relation, own);
    table_close(relation, NoLock);
    return has;
}

} // namespace opigno::bulk
