#include "entity/table.hpp"

#include "pg/acl.hpp"
#include "pg/catalog.hpp"
#include "pg/relation.hpp"
#include "pg/text.hpp"

#include <cstring>
#include <optional>

namespace opigno::entity {

namespace {

struct Column {
    const char *name;
    AttrNumber number;
    Oid type;
    Oid collation;
};

std::optional<Column> column_of(HeapTuple tuple)
{
    if (!HeapTupleIsValid(tuple))
        return std::nullopt;
    const auto *row = reinterpret_cast<const FormData_pg_attribute *>(GETSTRUCT(tuple));
    const Column column{pstrdup(NameStr(row->attname)), row->attnum, row->atttypid, row->attcollation};
    const bool is_dropped = row->attisdropped;
    ReleaseSysCache(tuple);
    return is_dropped ? std::nullopt : std::optional<Column>(column);
}

std::optional<Column> column_at(Oid relation, AttrNumber number)
{
    return column_of(SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(number)));
}

/* System columns do not count. */
std::optional<Column> column_named(Oid relation, const char *name)
{
    const std::optional<Column> column = column_of(SearchSysCacheAttName(relation, name));
    return column.has_value() && column->number > 0 ? column : std::nullopt;
}

std::optional<FormData_pg_class> relation_row(Oid relation)
{
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(tuple))
        return std::nullopt;
    FormData_pg_class row{};
    std::memcpy(&row, GETSTRUCT(tuple), CLASS_TUPLE_SIZE);
    ReleaseSysCache(tuple);
    return row;
}

bool is_trusted(Oid type, Oid owner);

bool are_trusted(Oid relation, Oid owner)
{
    const std::optional<FormData_pg_class> row = relation_row(relation);
    for (int number = 1; row.has_value() && number <= row->relnatts; ++number) {
        const std::optional<Column> column = column_at(relation, static_cast<AttrNumber>(number));
        if (column.has_value() && !is_trusted(column->type, owner))
            return false;
    }
    return row.has_value();
}

/*
 * Whether values of the type can be written as JSON without running code of a role other than the
 * owner and superusers: a cast from a type to json is made by the owner of the type. The same holds
 * for the types of which it consists. A domain is written as its base type.
 */
bool is_trusted(Oid type, Oid owner)
{
    check_stack_depth();
    CHECK_FOR_INTERRUPTS();
    if (type < FirstNormalObjectId)
        return true;
    HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
    if (!HeapTupleIsValid(tuple))
        return false;
    FormData_pg_type row{};
    std::memcpy(&row, GETSTRUCT(tuple), offsetof(FormData_pg_type, typcollation));
    ReleaseSysCache(tuple);
    if (row.typtype != TYPTYPE_DOMAIN && row.typowner != owner && !superuser_arg(row.typowner))
        return false;
    switch (row.typtype) {
    case TYPTYPE_DOMAIN:
        return is_trusted(row.typbasetype, owner);
    case TYPTYPE_COMPOSITE:
        return are_trusted(row.typrelid, owner);
    case TYPTYPE_RANGE:
        return is_trusted(get_range_subtype(type), owner);
    case TYPTYPE_MULTIRANGE:
        return is_trusted(get_multirange_range(type), owner);
    default:
        return !OidIsValid(row.typelem) || is_trusted(row.typelem, owner);
    }
}

constexpr const char *table_member = "entity_table";

/* For messages. The schema of a temporary table differs from session to session. */
const char *name_of(Oid relation)
{
    return isTempNamespace(get_rel_namespace(relation)) ? get_rel_name(relation)
                                                        : pg::qualified_name(relation);
}

const char *column_member(const EntityTable &table)
{
    return table.keyed_by == KeyedBy::User ? "user_column" : "training_column";
}

/* Why rows of this relation cannot be entities, as the words after its name; nullptr if they can. */
const char *flaw_of(Oid relation, const FormData_pg_class &row, Oid schema)
{
    if (relation < FirstNormalObjectId)
        return "is a table of the server";
    if (row.relnamespace == schema)
        return "is a table of the extension";
    if (row.relkind != RELKIND_RELATION)
        return "is not an ordinary table";
    if (row.relpersistence == RELPERSISTENCE_TEMP)
        return "is a temporary table";
    if (row.relispartition)
        return "is a partition";
    if (row.relhassubclass && find_inheritance_children(relation, NoLock) != NIL)
        return "is a table that others inherit from";
    return nullptr;
}

void check_table(const EntityTable &table, const FormData_pg_class &row, Oid schema, pg::Errors &errors)
{
    const char *flaw = flaw_of(table.relation, row, schema);
    if (flaw == nullptr)
        return;
    errors.add(ERRCODE_WRONG_OBJECT_TYPE, table_member, "%s %s", name_of(table.relation), flaw);
    errors.hint("Entities are rows of an ordinary table of your own: not of a view, nor of a foreign, "
                "partitioned or temporary table.");
}

/* The owner reads the table. */
void check_owner(const EntityTable &table, const FormData_pg_class &row, pg::Errors &errors)
{
    const char *owner_name = GetUserNameFromId(row.relowner, true);
    if (table.owner_name != nullptr &&
        (owner_name == nullptr || std::strcmp(owner_name, table.owner_name) != 0)) {
        errors.add(ERRCODE_INSUFFICIENT_PRIVILEGE, table_member,
                   "%s belongs to another role than when it was attached", name_of(table.relation));
        errors.hint("Have the owner detach the table and attach it again.");
    }
    if (pg_class_aclcheck(table.relation, row.relowner, ACL_SELECT) != ACLCHECK_OK) {
        errors.add(ERRCODE_INSUFFICIENT_PRIVILEGE, table_member, "the owner of %s may not read it",
                   name_of(table.relation));
        errors.hint("GRANT SELECT on the table to its owner.");
    }
    if (object_aclcheck(NamespaceRelationId, row.relnamespace, row.relowner, ACL_USAGE) != ACLCHECK_OK) {
        errors.add(ERRCODE_INSUFFICIENT_PRIVILEGE, table_member, "the owner of %s may not use its schema",
                   name_of(table.relation));
        errors.hint("GRANT USAGE on the schema to the owner of the table.");
    }
}

bool is_key_type(Oid type, KeyedBy keyed_by, Oid schema)
{
    const char *domain = keyed_by == KeyedBy::User ? "user_uuid" : "training_id";
    return type == TEXTOID || type == VARCHAROID || type == UUIDOID ||
           type == GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(domain),
                                   ObjectIdGetDatum(schema));
}

/* A collation that is not deterministic takes different users for equal. */
void check_key(const EntityTable &table, Oid schema, pg::Errors &errors)
{
    const std::optional<Column> key = column_named(table.relation, table.key_column);
    if (!key.has_value()) {
        errors.add(ERRCODE_UNDEFINED_COLUMN, column_member(table), "column \"%s\" of %s does not exist",
                   pg::quoted(table.key_column), name_of(table.relation));
        errors.hint("Give the name of the column without quotes, as in pg_attribute.");
    } else if (!is_key_type(key->type, table.keyed_by, schema)) {
        errors.add(ERRCODE_DATATYPE_MISMATCH, column_member(table),
                   "column \"%s\" must be of type text, varchar, uuid or opigno.%s, and is of type %s",
                   key->name, table.keyed_by == KeyedBy::User ? "user_uuid" : "training_id",
                   format_type_be(key->type));
        errors.hint("ALTER TABLE ... ALTER COLUMN ... TYPE text changes the type.");
    } else if (OidIsValid(key->collation) && !get_collation_isdeterministic(key->collation)) {
        errors.add(ERRCODE_DATATYPE_MISMATCH, column_member(table),
                   "the collation of column \"%s\" is not deterministic", key->name);
        errors.hint("Such a collation takes different keys for equal. COLLATE \"C\" is right for keys.");
    }
}

void check_types(const EntityTable &table, const FormData_pg_class &row, pg::Errors &errors)
{
    for (int number = 1; number <= row.relnatts; ++number) {
        const std::optional<Column> column = column_at(table.relation, static_cast<AttrNumber>(number));
        if (!column.has_value() || is_trusted(column->type, row.relowner))
            continue;
        errors.add(ERRCODE_INSUFFICIENT_PRIVILEGE, table_member,
                   "type %s of column \"%s\" belongs to another role than the table",
                   format_type_be(column->type), column->name);
        errors.hint("Its casts would run with the rights of the owner of the table.");
    }
}

/* Whether a look-up by this column, which comes first in the index, can use the index. */
bool finds_by(HeapTuple tuple, const Column &column)
{
    const auto *index = reinterpret_cast<const FormData_pg_index *>(GETSTRUCT(tuple));
    if (!index->indisvalid || index->indkey.values[0] != column.number ||
        !heap_attisnull(tuple, Anum_pg_index_indpred, nullptr))
        return false;
    bool is_null = false;
    const Datum collations = SysCacheGetAttr(INDEXRELID, tuple, Anum_pg_index_indcollation, &is_null);
    const Oid collation = reinterpret_cast<const oidvector *>(DatumGetPointer(collations))->values[0];
    const std::optional<FormData_pg_class> row = relation_row(index->indexrelid);
    return row.has_value() && (row->relam == BTREE_AM_OID || row->relam == HASH_AM_OID) &&
           collation == column.collation;
}

} // namespace

Oid owner_of_relation(Oid relation)
{
    const std::optional<FormData_pg_class> row = relation_row(relation);
    return row.has_value() ? row->relowner : InvalidOid;
}

bool has_uuid_key(const EntityTable &table)
{
    const std::optional<Column> key = column_named(table.relation, table.key_column);
    return key.has_value() && key->type == UUIDOID;
}

void find_faults(const EntityTable &table, Oid schema, pg::Errors &errors)
{
    const std::optional<FormData_pg_class> row = relation_row(table.relation);
    if (!row.has_value()) {
        errors.add(ERRCODE_UNDEFINED_TABLE, table_member, "the table does not exist");
        return;
    }
    check_table(table, *row, schema, errors);
    check_owner(table, *row, errors);
    if (table.key_column != nullptr)
        check_key(table, schema, errors);
    check_types(table, *row, errors);
}

void require_index(const EntityTable &table, pg::Errors &errors)
{
    const std::optional<Column> key = column_named(table.relation, table.key_column);
    if (!key.has_value())
        return;
    bool is_found = false;
    Relation relation = table_open(table.relation, NoLock);
    ListCell *cell = nullptr;
    foreach (cell, RelationGetIndexList(relation)) {
        HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(cell)));
        if (!HeapTupleIsValid(tuple))
            continue;
        is_found = is_found || finds_by(tuple, *key);
        ReleaseSysCache(tuple);
    }
    table_close(relation, NoLock);
    if (is_found)
        return;
    errors.add(ERRCODE_INVALID_OBJECT_DEFINITION, column_member(table),
               "%s has no index that starts with column \"%s\"", name_of(table.relation), key->name);
    errors.hint(psprintf("Each request would read the whole table. CREATE INDEX ON %s (%s);",
                         name_of(table.relation), quote_identifier(key->name)));
}

} // namespace opigno::entity
