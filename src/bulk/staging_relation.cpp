#include "bulk/staging_relation.hpp"

#include "pg/acl.hpp"
#include "pg/catalog.hpp"
#include "pg/lock.hpp"
#include "pg/relation.hpp"
#include "pg/text.hpp"

#include <algorithm>
#include <string_view>

namespace opigno::bulk {

namespace {

bool has_column(Oid relation, const char *name)
{
    return get_attnum(relation, name) != InvalidAttrNumber;
}

bool has_entries(Oid relation, const StagingColumns &columns)
{
    return has_column(relation, "line") ||
           std::all_of(columns.required.begin(), columns.required.end(),
                       [&](const char *name) { return has_column(relation, name); });
}

bool contains(const pg::Vector<const char *> &names, std::string_view name)
{
    return std::any_of(names.begin(), names.end(),
                       [&](const char *known) { return known != nullptr && name == known; });
}

/* Adds the columns that are not in the list yet, except for "ordinal". */
void add_others(Oid relation, pg::Vector<const char *> &columns)
{
    Relation table = table_open(relation, AccessShareLock);
    TupleDesc description = RelationGetDescr(table);
    for (int at = 0; at < description->natts; ++at) {
        const FormData_pg_attribute *column = TupleDescAttr(description, at);
        const char *name = NameStr(column->attname);
        if (!column->attisdropped && std::string_view(name) != "ordinal" && !contains(columns, name))
            columns.push_back(pstrdup(name));
    }
    table_close(table, NoLock);
}

pg::Vector<const char *> columns_of(Oid relation, const StagingColumns &columns)
{
    pg::Vector<const char *> names;
    if (has_column(relation, "line")) {
        names.push_back("line");
        return names;
    }
    for (const char *name : columns.required)
        names.push_back(name);
    for (const char *name : columns.optional)
        names.push_back(has_column(relation, name) ? name : nullptr);
    if (columns.others)
        add_others(relation, names);
    return names;
}

/* Lists the names: "a", "b" and "c". */
const char *quoted_list(std::span<const char *const> names)
{
    StringInfoData list;
    initStringInfo(&list);
    for (std::size_t at = 0; at < names.size(); ++at)
        appendStringInfo(&list, "%s\"%s\"", at == 0 ? "" : at + 1 < names.size() ? ", " : " and ", names[at]);
    return list.data;
}

bool is_integer(Oid type)
{
    return type == INT8OID || type == INT4OID || type == INT2OID;
}

/* Whether this is a valid unique index on this column only, neither partial nor deferrable. */
bool is_unique(HeapTuple tuple, AttrNumber column)
{
    const auto *index = reinterpret_cast<const FormData_pg_index *>(GETSTRUCT(tuple));
    return index->indisunique && index->indimmediate && index->indisvalid && index->indnkeyatts == 1 &&
           index->indkey.values[0] == column && heap_attisnull(tuple, Anum_pg_index_indpred, nullptr);
}

/* Whether the column "ordinal" is unique and NOT NULL. It must be, since a batch ends at an
 * ordinal. */
bool orders_rows(Oid relation)
{
    const AttrNumber column = get_attnum(relation, "ordinal");
    if (column <= 0 || !is_integer(get_atttype(relation, column)))
        return false;
    Relation table = table_open(relation, AccessShareLock);
    bool is_ordered = false;
    ListCell *cell = nullptr;
    foreach (cell, RelationGetIndexList(table)) {
        HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(cell)));
        if (!HeapTupleIsValid(tuple))
            continue;
        is_ordered = is_ordered || is_unique(tuple, column);
        ReleaseSysCache(tuple);
    }
    is_ordered = is_ordered && TupleDescAttr(RelationGetDescr(table), column - 1)->attnotnull;
    table_close(table, NoLock);
    return is_ordered;
}

bool is_table(Oid relation)
{
    const char kind = get_rel_relkind(relation);
    return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE;
}

bool has_rules(Oid relation)
{
    Relation table = table_open(relation, AccessShareLock);
    const bool has_rules = table->rd_rules != nullptr;
    table_close(table, NoLock);
    return has_rules;
}

[[noreturn]] void refuse_unknown(Oid relation)
{
    ereport(ERROR, errcode(ERRCODE_UNDEFINED_TABLE), errmsg("staging table does not exist"),
            errdetail("There is no relation with OID %u.", relation));
}

/* Refuses a name that is an OID. */
[[noreturn]] void refuse_unknown(const text *name)
{
    refuse_unknown(DatumGetObjectId(DirectFunctionCall1(oidin, CStringGetDatum(text_to_cstring(name)))));
}

[[noreturn]] void refuse(const char *name, const char *reason)
{
    ereport(
        ERROR, errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("%s is not a staging table", name),
        errdetail_internal("%s", reason),
        errhint("CREATE TABLE ... (ordinal bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, line text);"));
}

void check_shape(const StagingRelation &relation, const StagingColumns &columns, StagingUse use)
{
    if (!is_table(relation.oid) || !orders_rows(relation.oid) || !has_entries(relation.oid, columns))
        refuse(relation.name,
               psprintf("It must have an integer column \"ordinal\" that is NOT NULL and has a unique index, "
                        "and either \"line\" or %s.",
                        quoted_list(columns.required)));
    if (!relation.is_partitioned && find_inheritance_children(relation.oid, NoLock) != NIL)
        refuse(relation.name, "Other tables inherit from it, and its unique index does not cover them.");
    if (use.deletes && has_rules(relation.oid))
        refuse(relation.name, "It has rules, and a rule may rewrite what takes loaded rows out of it.");
}

Oid owner_of_type(Oid type)
{
    HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for type %u", type);
    const Oid owner = reinterpret_cast<const FormData_pg_type *>(GETSTRUCT(tuple))->typowner;
    ReleaseSysCache(tuple);
    return owner;
}

Oid owner_of(Oid relation)
{
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(tuple))
        refuse_unknown(relation);
    const Oid owner = reinterpret_cast<const FormData_pg_class *>(GETSTRUCT(tuple))->relowner;
    ReleaseSysCache(tuple);
    return owner;
}

/* Whether the caller may run code of this owner. For superusers only explicit membership counts,
 * although they have the rights of every role: otherwise any role could make them run its code. */
bool is_trusted(Oid owner)
{
    const Oid caller = GetUserId();
    return owner == caller || superuser_arg(owner) ||
           (is_member_of_role_nosuper(caller, owner) && has_privs_of_role(caller, owner));
}

void check_owner(Oid relation)
{
    const Oid owner = owner_of(relation);
    if (!is_trusted(owner))
        ereport(
            ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
            errmsg("permission denied for staging table %s", pg::qualified_name(relation)),
            errdetail("It belongs to role \"%s\", whose policies, casts and triggers would run with your "
                      "rights.",
                      GetUserNameFromId(owner, false)),
            errhint("Have that role copy the rows into a table of yours, or say trust_owner => true if you "
                    "trust it."));
}

/* The casts of a column's type to text run code of the type's owner. */
void check_type_owner(const StagingRelation &relation, const char *column)
{
    const AttrNumber number = get_attnum(relation.oid, column);
    const Oid type = number == InvalidAttrNumber ? TEXTOID : get_atttype(relation.oid, number);
    if (is_trusted(owner_of_type(type)) && is_trusted(owner_of_type(getBaseType(type))))
        return;
    ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
            errmsg("permission denied for staging table %s", relation.name),
            errdetail("Type %s of column \"%s\" belongs to a role whose casts would run with your rights.",
                      format_type_be(type), column),
            errhint("Make columns of type text, or say trust_owner => true if you trust that role."));
}

/* Checks the owners of the table, of its partitions, which can have triggers, and of the columns'
 * types. */
void check_owners(const StagingRelation &relation, LOCKMODE lock)
{
    check_owner(relation.oid);
    check_type_owner(relation, "ordinal");
    for (const char *column : relation.columns)
        if (column != nullptr)
            check_type_owner(relation, column);
    if (!relation.is_partitioned)
        return;
    ListCell *cell = nullptr;
    foreach (cell, find_all_inheritors(relation.oid, lock, nullptr))
        check_owner(lfirst_oid(cell));
}

/* Called before the table is locked, so that a role without rights on the table cannot block
 * others. */
void check_may_delete(Oid relation)
{
    if (pg_class_aclcheck(relation, GetUserId(), ACL_DELETE) != ACLCHECK_OK)
        aclcheck_error(ACLCHECK_NO_PRIV, get_relkind_objtype(get_rel_relkind(relation)),
                       get_rel_name(relation));
}

void check_named_for_delete(const RangeVar * /* name */, Oid relation, Oid /* before */,
                            void * /* argument */)
{
    if (OidIsValid(relation))
        check_may_delete(relation);
}

} // namespace

StagingRelation open_staging_relation(const text *name, const StagingColumns &columns, StagingUse use)
{
    const LOCKMODE lock = use.deletes ? ShareRowExclusiveLock : AccessShareLock;
    const Oid oid = pg::relation_of(name, lock, use.deletes ? check_named_for_delete : nullptr);
    if (!OidIsValid(oid))
        refuse_unknown(name);
    const StagingRelation relation{oid,
                                   pg::qualified_name(oid),
                                   has_column(oid, "line"),
                                   get_rel_relkind(oid) == RELKIND_PARTITIONED_TABLE,
                                   columns.others && !has_column(oid, "line"),
                                   columns_of(oid, columns)};
    check_shape(relation, columns, use);
    if (!use.trusts_owner)
        check_owners(relation, lock);
    else if (relation.is_partitioned)
        find_all_inheritors(oid, lock, nullptr);
    return relation;
}

} // namespace opigno::bulk
