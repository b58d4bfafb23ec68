/*
 * user_entities and training_entities; functions.sql has the contracts. The tables are the site's:
 * each is read with the rights of its owner, who may run code there, and no error of such a table may
 * break a request.
 */
#include "entity/table.hpp"
#include "identity/access.hpp"
#include "identity/level.hpp"
#include "identity/user_uuid.hpp"
#include "identity/uuid_form.hpp"
#include "identity/visibility.hpp"
#include "pg/catalog.hpp"
#include "pg/hash.hpp"
#include "pg/lock.hpp"
#include "pg/parallel.hpp"
#include "pg/relation.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"
#include "pg/table_owner.hpp"
#include "pg/vector.hpp"

#include <cstring>

namespace opigno::entity {

namespace {

using identity::Access;
using identity::Visibility;

constexpr std::uint64_t max_rows = 1000;
constexpr int longest_wait_ms = 2000;
constexpr int shortest_wait_ms = 1; /* 0 stands for no limit */

constexpr Oid types[] = {TEXTOID, TEXTOID};
constinit pg::Statement
    select_tables("SELECT e.label, e.relation::oid, e.table_owner, e.key_column FROM opigno.entity_table AS e"
                  " WHERE e.keyed_by = $1 AND ($2 IS NULL OR e.label = $2) ORDER BY e.label",
                  types);

/* The attached tables of this kind, as the calling statement sees them. label: of one table, or
 * nullptr. */
pg::Vector<EntityTable> attached_tables(Oid function, KeyedBy keyed_by, const text *label)
{
    pg::Vector<EntityTable> tables;
    MemoryContext outer = CurrentMemoryContext;
    identity::as_owner_of(function, [&] {
        const Datum values[] = {CStringGetTextDatum(keyed_by == KeyedBy::User ? "user" : "training"),
                                PointerGetDatum(label)};
        const char nulls[] = {' ', label == nullptr ? 'n' : ' '};
        const std::uint64_t rows = select_tables.read(values, nulls);
        MemoryContextSwitchTo(outer);
        for (std::uint64_t row = 0; row < rows; ++row)
            tables.push_back({TextDatumGetCString(pg::column(1, row)), DatumGetObjectId(pg::column(2, row)),
                              TextDatumGetCString(pg::column(3, row)),
                              TextDatumGetCString(pg::column(4, row)), keyed_by});
        return 0;
    });
    return tables;
}

/* ---- statements --------------------------------------------------------------------------- */

/* Appends the columns of the primary key, or the entity itself if there is none. */
void append_order(StringInfo sql, Oid oid)
{
    const char *separator = "";
    Relation relation = table_open(oid, NoLock);
    ListCell *cell = nullptr;
    foreach (cell, RelationGetIndexList(relation)) {
        HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(lfirst_oid(cell)));
        if (!HeapTupleIsValid(tuple))
            continue;
        const auto *index = reinterpret_cast<const FormData_pg_index *>(GETSTRUCT(tuple));
        for (int at = 0; index->indisprimary && at < index->indnkeyatts; ++at) {
            appendStringInfo(sql, "%st.%s", separator,
                             quote_identifier(get_attname(oid, index->indkey.values[at], false)));
            separator = ", ";
        }
        ReleaseSysCache(tuple);
    }
    table_close(relation, NoLock);
    if (*separator == '\0')
        appendStringInfoChar(sql, '1');
}

/* A schema can be renamed although the table is locked. If the name is another table's by then, its
 * rows have another tableoid. */
const char *query_of(const EntityTable &table)
{
    StringInfoData sql;
    initStringInfo(&sql);
    appendStringInfo(&sql,
                     "SELECT pg_catalog.to_jsonb(t.*) FROM ONLY %s AS t"
                     " WHERE t.%s OPERATOR(pg_catalog.=) $1"
                     " AND t.tableoid OPERATOR(pg_catalog.=) '%u'::pg_catalog.oid ORDER BY ",
                     quote_qualified_identifier(get_namespace_name(get_rel_namespace(table.relation)),
                                                get_rel_name(table.relation)),
                     quote_identifier(table.key_column), table.relation);
    append_order(&sql, table.relation);
    appendStringInfo(&sql, " LIMIT %d", static_cast<int>(max_rows) + 1);
    return sql.data;
}

/* The plan of the table that was last read with this hash of the label. */
struct Slot {
    char *sql = nullptr;
    SPIPlanPtr plan = nullptr;
    Oid type = InvalidOid; /* of the key */
    int reported = 0;      /* SQLSTATE of the error in the server log */
    char label[NAMEDATALEN] = {};
};

constexpr std::size_t slots = 256;
constinit Slot cache[slots];

Slot &slot_of(const EntityTable &table)
{
    const std::size_t length = std::strlen(table.label);
    Slot &slot =
        cache[hash_bytes(reinterpret_cast<const unsigned char *>(table.label), static_cast<int>(length)) %
              slots];
    if (std::strcmp(slot.label, table.label) != 0) {
        strlcpy(slot.label, table.label, sizeof slot.label);
        slot.reported = 0;
    }
    return slot;
}

void forget_plan(Slot &slot)
{
    SPIPlanPtr plan = slot.plan;
    char *sql = slot.sql;
    slot.plan = nullptr;
    slot.sql = nullptr;
    if (plan != nullptr)
        SPI_freeplan(plan);
    if (sql != nullptr)
        pfree(sql);
}

/* The plan cache makes the plan again when an object changes, from the same text. So the text must be
 * the one that names the table now. */
SPIPlanPtr plan_of(const EntityTable &table, Oid type)
{
    Slot &slot = slot_of(table);
    const char *sql = query_of(table);
    if (slot.plan != nullptr && slot.type == type && std::strcmp(slot.sql, sql) == 0)
        return slot.plan;
    forget_plan(slot);
    slot.reported = 0;
    SPIPlanPtr plan = SPI_prepare(sql, 1, &type);
    if (plan == nullptr)
        elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
    slot.sql = MemoryContextStrdup(TopMemoryContext, sql);
    slot.type = type;
    if (SPI_keepplan(plan) != 0)
        elog(ERROR, "SPI_keepplan failed");
    slot.plan = plan;
    return plan;
}

/* ---- reading ------------------------------------------------------------------------------ */

/* Whether a table is being read: code of its owner that asks for entities gets none. So plans in use
 * are not freed, and there is no recursion. */
bool is_reading = false;

/* What is sought, and where the rows go. */
struct Reading {
    text *key;
    Oid schema; /* of the extension */
    ReturnSetInfo *result;
};

void put(const Reading &reading, const EntityTable &table, std::optional<Datum> entity)
{
    Datum values[] = {CStringGetTextDatum(table.label), entity.value_or(Datum{0})};
    bool nulls[] = {false, !entity.has_value()};
    tuplestore_putvalues(reading.result->setResult, reading.result->setDesc, values, nulls);
}

void run(const Reading &reading, const EntityTable &table)
{
    const bool has_uuids = has_uuid_key(table);
    if (has_uuids && !identity::is_uuid(pg::view(reading.key)))
        return;
    Datum key = has_uuids ? DirectFunctionCall1(uuid_in, CStringGetDatum(text_to_cstring(reading.key)))
                          : PointerGetDatum(reading.key);
    pg::with_spi([&](MemoryContext) {
        const int code =
            SPI_execute_plan(plan_of(table, has_uuids ? UUIDOID : TEXTOID), &key, nullptr, true, 0);
        if (code < 0)
            elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(code));
        for (std::uint64_t row = 0; row < SPI_processed && row < max_rows; ++row)
            put(reading, table, pg::nullable_column(1, row));
        if (SPI_processed > max_rows)
            put(reading, table, std::nullopt);
        return 0;
    });
}

/* The start of the transaction in which a table stayed locked: it waits for no other table. */
TimestampTz waited_in = 0;

/* The limit also holds for the locks on the table's indexes. It ends with the subtransaction. */
void limit_waiting(int limit_ms)
{
    if (LockTimeout == 0 || LockTimeout > limit_ms)
        pg::set_for_level("lock_timeout", psprintf("%dms", limit_ms));
}

bool lock(const EntityTable &table)
{
    const bool has_waited = waited_in == GetCurrentTransactionStartTimestamp();
    limit_waiting(has_waited ? shortest_wait_ms : longest_wait_ms);
    if (has_waited)
        return ConditionalLockRelationOid(table.relation, AccessShareLock);
    LockRelationOid(table.relation, AccessShareLock);
    return true;
}

void read_locked(const Reading &reading, const EntityTable &table)
{
    if (!lock(table))
        return;
    pg::Errors errors;
    find_faults(table, reading.schema, errors);
    if (errors.empty())
        pg::as_table_owner(table.relation, [&] { run(reading, table); });
}

/* A deadlock ends with the subtransaction, which waits for the table no longer. */
bool is_of_lock(const ErrorData &error)
{
    return error.sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE ||
           error.sqlerrcode == ERRCODE_T_R_DEADLOCK_DETECTED;
}

/* The message of the error may have data of the row, so it is not repeated. */
void report(const EntityTable &table, const ErrorData &error)
{
    Slot &slot = slot_of(table);
    if (slot.reported == error.sqlerrcode)
        return;
    slot.reported = error.sqlerrcode;
    ereport(LOG_SERVER_ONLY,
            errmsg("rows of entity table \"%s\" could not be read, and are left out", table.label),
            errdetail("The error has SQLSTATE %s.", unpack_sql_state(error.sqlerrcode)), errhidestmt(true),
            errhidecontext(true));
}

void read(const Reading &reading, const EntityTable &table)
{
    pg::in_subtransaction(
        [&] {
            is_reading = true;
            read_locked(reading, table);
            is_reading = false;
            return true;
        },
        [&](const ErrorData &error) {
            is_reading = false;
            if (!is_of_lock(error) && pg::ends_request(error))
                return false;
            if (is_of_lock(error))
                waited_in = GetCurrentTransactionStartTimestamp();
            report(table, error);
            return true;
        });
}

bool may_read(KeyedBy keyed_by, const text *key, const Access &access)
{
    if (keyed_by == KeyedBy::User)
        return identity::visibility_of(key, access.reads_all()) != Visibility::None;
    return access.reads_all() || identity::acting_request() != nullptr;
}

Datum entities(FunctionCallInfo fcinfo, const char *name, KeyedBy keyed_by)
{
    InitMaterializedSRF(fcinfo, 0);
    pg::refuse_parallel_query(name);
    if (PG_ARGISNULL(0) || is_reading)
        return Datum{0};
    const Oid function = fcinfo->flinfo->fn_oid;
    const Access access = Access::of(function);
    text *key = identity::canonical_user_uuid(PG_GETARG_TEXT_PP(0));
    if (!may_read(keyed_by, key, access))
        return Datum{0};
    const Reading reading{key, access.schema(), reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo)};
    for (const EntityTable &table : attached_tables(function, keyed_by, pg::text_argument(fcinfo, 1)))
        read(reading, table);
    return Datum{0};
}

} // namespace

} // namespace opigno::entity

OPIGNO_FUNCTION(opigno_user_entities)
{
    return opigno::entity::entities(fcinfo, "opigno.user_entities()", opigno::entity::KeyedBy::User);
}

OPIGNO_FUNCTION(opigno_training_entities)
{
    return opigno::entity::entities(fcinfo, "opigno.training_entities()", opigno::entity::KeyedBy::Training);
}
