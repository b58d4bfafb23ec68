/*
 * move_user_entities and purge_user_entities; functions.sql has the contracts. The tables are the
 * site's, and are written with the rights of their owners. The server fires no deferred trigger of
 * such a table, so no code of an owner runs later with other rights.
 */
#include "entity/table.hpp"
#include "identity/access.hpp"
#include "identity/user_uuid.hpp"
#include "identity/uuid_form.hpp"
#include "pg/argument.hpp"
#include "pg/array.hpp"
#include "pg/catalog.hpp"
#include "pg/lock.hpp"
#include "pg/relation.hpp"
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"
#include "pg/table_owner.hpp"
#include "pg/vector.hpp"

namespace opigno::entity {

namespace {

using identity::Caller;

constinit pg::Statement
    select_tables("SELECT e.label, e.relation::oid, e.table_owner, e.key_column, e.on_retirement = 'erase'"
                  " FROM opigno.entity_table AS e WHERE e.keyed_by = 'user' ORDER BY e.label");

struct Attached {
    EntityTable table;
    bool is_erased; /* with the user */
};

pg::Vector<Attached> attached_tables()
{
    pg::Vector<Attached> tables;
    const std::uint64_t rows = select_tables.read_committed(nullptr);
    for (std::uint64_t row = 0; row < rows; ++row)
        tables.push_back({{TextDatumGetCString(pg::column(1, row)), DatumGetObjectId(pg::column(2, row)),
                           TextDatumGetCString(pg::column(3, row)), TextDatumGetCString(pg::column(4, row)),
                           KeyedBy::User},
                          DatumGetBool(pg::column(5, row))});
    return tables;
}

/* ---- statements --------------------------------------------------------------------------- */

const char *name_of(const EntityTable &table)
{
    return quote_qualified_identifier(get_namespace_name(get_rel_namespace(table.relation)),
                                      get_rel_name(table.relation));
}

/* What the rows f of the first user and i of the second have in common if they conflict in this unique
 * index: " AND f.a = i.a". nullptr: the users' rows do not conflict, or the index has expressions or a
 * predicate. */
const char *conflict_in(HeapTuple tuple, const EntityTable &table)
{
    const auto *index = reinterpret_cast<const FormData_pg_index *>(GETSTRUCT(tuple));
    if (!index->indisunique || !index->indisvalid || !heap_attisnull(tuple, Anum_pg_index_indpred, nullptr) ||
        !heap_attisnull(tuple, Anum_pg_index_indexprs, nullptr))
        return nullptr;
    StringInfoData sql;
    initStringInfo(&sql);
    bool has_key = false;
    for (int at = 0; at < index->indnkeyatts; ++at) {
        const char *name = get_attname(table.relation, index->indkey.values[at], false);
        if (std::string_view(name) == table.key_column) {
            has_key = true;
            continue;
        }
        const char *column = quote_identifier(name);
        appendStringInfo(&sql, " AND (f.%s OPERATOR(pg_catalog.=) i.%s", column, column);
        if (index->indnullsnotdistinct)
            appendStringInfo(&sql, " OR f.%s IS NULL AND i.%s IS NULL", column, column);
        appendStringInfoChar(&sql, ')');
    }
    return has_key ? sql.data : nullptr;
}

pg::Vector<const char *> conflicts_of(const EntityTable &table)
{
    pg::Vector<const char *> conflicts;
    Relation relation = table_open(table.relation, NoLock);
    ListCell *cell = nullptr;
    foreach (cell, RelationGetIndexList(relation)) {
        HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(cell)));
        if (!HeapTupleIsValid(tuple))
            continue;
        if (const char *conflict = conflict_in(tuple, table); conflict != nullptr)
            conflicts.push_back(conflict);
        ReleaseSysCache(tuple);
    }
    table_close(relation, NoLock);
    return conflicts;
}

/* ---- running ------------------------------------------------------------------------------ */

/* Returns the number of rows. */
std::uint64_t execute(const char *sql, std::span<const Oid> types, std::span<const Datum> values)
{
    const int code =
        SPI_execute_with_args(sql, static_cast<int>(types.size()), const_cast<Oid *>(types.data()),
                              const_cast<Datum *>(values.data()), nullptr, false, 0);
    if (code < 0)
        elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(code));
    return SPI_processed;
}

[[noreturn]] void refuse(const EntityTable &table, int sqlstate)
{
    ereport(ERROR, errcode(ERRCODE_WRONG_STATE),
            errmsg("rows of entity table \"%s\" could not be written", table.label),
            errdetail("The error has SQLSTATE %s.", unpack_sql_state(sqlstate)),
            errhint("%s", pg::hint_of_write_error(sqlstate)));
}

[[noreturn]] void refuse_policies(const EntityTable &table)
{
    ereport(ERROR, errcode(ERRCODE_WRONG_STATE),
            errmsg("row security of entity table \"%s\" applies to its owner", table.label),
            errhint("%s", pg::hint_of_policies));
}

/* Calls write() with the rights of the table's owner. The message of an error may have data of the
 * row, so it is not repeated. A table that was dropped has no rows. */
template <typename Write> void write_table(const Caller &caller, const EntityTable &table, Write write)
{
    int failure = 0;
    bool has_policies = false;
    pg::in_subtransaction(
        [&] {
            LockRelationOid(table.relation, RowExclusiveLock);
            if (!pg::relation_exists(table.relation))
                return false;
            pg::Errors errors;
            find_faults(table, caller.schema, errors);
            has_policies = errors.empty() && pg::has_policies_for_owner(table.relation);
            if (!errors.empty())
                failure = errors.all()[0].sqlstate;
            else if (!has_policies)
                pg::as_table_owner(table.relation, write);
            return true;
        },
        [&](const ErrorData &error) {
            failure = error.sqlerrcode;
            return !pg::ends_request(error);
        });
    if (failure != 0)
        refuse(table, failure);
    if (has_policies)
        refuse_policies(table);
}

/* ---- moving ------------------------------------------------------------------------------- */

struct Move {
    text *from_uuid;
    text *into_uuid;
    bool replaces; /* the second user's rows in conflicts */
};

Datum uuid_of(text *user_uuid)
{
    return DirectFunctionCall1(uuid_in, CStringGetDatum(text_to_cstring(user_uuid)));
}

std::uint64_t move_rows(const EntityTable &table, const Move &move)
{
    const bool has_uuids = has_uuid_key(table);
    const Oid type = has_uuids ? UUIDOID : TEXTOID;
    const Oid types[] = {type, type};
    Datum values[] = {PointerGetDatum(move.from_uuid), PointerGetDatum(move.into_uuid)};
    const char *name = name_of(table);
    const char *key = quote_identifier(table.key_column);
    if (has_uuids) {
        if (!identity::is_uuid(pg::view(move.from_uuid)))
            return 0;
        values[0] = uuid_of(move.from_uuid);
        const char *sql = "SELECT FROM ONLY %s WHERE %s OPERATOR(pg_catalog.=) $1 LIMIT 1";
        if (!identity::is_uuid(pg::view(move.into_uuid)) &&
            execute(psprintf(sql, name, key), {types, 1}, {values, 1}) == 0)
            return 0;
        values[1] = uuid_of(move.into_uuid); /* raises an error if the user has no uuid for the rows */
    }
    for (const char *conflict : conflicts_of(table))
        execute(psprintf("DELETE FROM ONLY %s AS %s WHERE %s.%s OPERATOR(pg_catalog.=) $%d AND EXISTS"
                         " (SELECT FROM ONLY %s AS %s WHERE %s.%s OPERATOR(pg_catalog.=) $%d%s)",
                         name, move.replaces ? "i" : "f", move.replaces ? "i" : "f", key,
                         move.replaces ? 2 : 1, name, move.replaces ? "f" : "i", move.replaces ? "f" : "i",
                         key, move.replaces ? 1 : 2, conflict),
                types, values);
    return execute(psprintf("UPDATE ONLY %s SET %s = $2 WHERE %s OPERATOR(pg_catalog.=) $1", name, key, key),
                   types, values);
}

std::int64_t move_all(const Caller &caller, const Move &move)
{
    std::uint64_t moved = 0;
    for (const Attached &attached : attached_tables())
        write_table(caller, attached.table, [&] { moved += move_rows(attached.table, move); });
    return static_cast<std::int64_t>(moved);
}

std::int64_t move_argument(const Caller &caller, FunctionCallInfo fcinfo)
{
    constexpr pg::Word<bool> words[] = {{"keep", false}, {"replace", true}, {"merge", false}};
    pg::Errors errors;
    Move move{};
    move.from_uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "from_uuid", errors);
    move.into_uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 1), "into_uuid", errors);
    move.replaces = pg::word_argument(fcinfo, 2, "on_conflict", words, errors);
    errors.raise();
    return pg::with_spi([&](MemoryContext) { return move_all(caller, move); });
}

/* ---- purging ------------------------------------------------------------------------------ */

std::uint64_t purge_rows(const EntityTable &table, const pg::Names &users)
{
    const bool has_uuids = has_uuid_key(table);
    pg::Names keys;
    for (const std::string_view user : users)
        if (!has_uuids || identity::is_uuid(user))
            keys.push_back(user);
    if (keys.empty())
        return 0;
    const Oid types[] = {TEXTARRAYOID};
    const Datum values[] = {PointerGetDatum(pg::make_array(keys))};
    return execute(psprintf("DELETE FROM ONLY %s WHERE %s OPERATOR(pg_catalog.=) ANY ($1%s)", name_of(table),
                            quote_identifier(table.key_column), has_uuids ? "::pg_catalog.uuid[]" : ""),
                   types, values);
}

std::int64_t purge_all(const Caller &caller, const pg::Names &users)
{
    std::uint64_t deleted = 0;
    for (const Attached &attached : attached_tables())
        if (attached.is_erased)
            write_table(caller, attached.table, [&] { deleted += purge_rows(attached.table, users); });
    return static_cast<std::int64_t>(deleted);
}

} // namespace

} // namespace opigno::entity

using namespace opigno;

OPIGNO_FUNCTION(opigno_move_user_entities)
{
    PG_RETURN_INT64(
        identity::as_owner(fcinfo, identity::RequiredAccess::Owner, [&](const identity::Caller &caller) {
            return entity::move_argument(caller, fcinfo);
        }));
}

OPIGNO_FUNCTION(opigno_purge_user_entities)
{
    PG_RETURN_INT64(
        identity::as_owner(fcinfo, identity::RequiredAccess::Owner, [&](const identity::Caller &caller) {
            pg::require(fcinfo, 0, "user_uuids");
            const pg::Names users = pg::names_of(PG_GETARG_ARRAYTYPE_P(0));
            return pg::with_spi([&](MemoryContext) { return entity::purge_all(caller, users); });
        }));
}
