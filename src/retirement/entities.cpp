#include "retirement/entities.hpp"

#include "identity/retired.hpp"
#include "identity/uuid_form.hpp"
#include "pg/array.hpp"
#include "pg/catalog.hpp"
#include "pg/relation.hpp"
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"
#include "pg/table_owner.hpp"
#include "retirement/places.hpp"
#include "retirement/salt.hpp"

#include <algorithm>
#include <cstring>

namespace opigno::retirement {

namespace {

/* The problem is what keeps the rows from being shown, too. */
constinit pg::Statement
    select_tables("SELECT e.label, e.relation::oid, e.key_column, e.on_retirement, l.problem"
                  " FROM opigno.entity_table AS e JOIN opigno.list_entity_tables() AS l ON l.label = e.label"
                  " WHERE e.keyed_by = 'user' ORDER BY e.label");

struct Table {
    char *label;
    Oid relation;
    char *key_column;
    char *on_retirement;
    const char *problem; /* nullptr: none */
};

pg::Vector<Table> attached_tables()
{
    const auto string = [](int number, std::uint64_t row) {
        const std::optional<Datum> value = pg::nullable_column(number, row);
        return value.has_value() ? TextDatumGetCString(*value) : nullptr;
    };
    pg::Vector<Table> tables;
    const std::uint64_t rows = select_tables.read_latest(nullptr);
    for (std::uint64_t row = 0; row < rows; ++row)
        tables.push_back({string(1, row), DatumGetObjectId(pg::column(2, row)), string(3, row),
                          string(4, row), string(5, row)});
    return tables;
}

bool is_kept(const Table &table)
{
    return std::strcmp(table.on_retirement, "keep") == 0;
}

/* What cannot be written hinders the erasure, unless it is gone: its rows would be there for good. */
void find_problem(Table &table)
{
    const bool must_be_written = !is_kept(table) && pg::relation_exists(table.relation);
    if (table.problem != nullptr && must_be_written)
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE),
                errmsg("rows of entity table \"%s\" cannot be written", table.label),
                errhint("opigno.list_entity_tables() says why. Mend that, or detach the table."));
    if (table.problem != nullptr || !pg::has_policies_for_owner(table.relation))
        return;
    table.problem = "row security of the table applies to its owner";
    if (must_be_written)
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE),
                errmsg("row security of entity table \"%s\" applies to its owner", table.label),
                errhint("%s", pg::hint_of_policies));
}

/* Locks the tables that exist in the order of their labels, and finds their problems afterwards. */
pg::Vector<Table> lock_tables()
{
    lock_table("entity_table", ShareLock);
    for (const Table &table : attached_tables())
        if (pg::relation_exists(table.relation))
            LockRelationOid(table.relation, RowExclusiveLock);
    pg::Vector<Table> tables = attached_tables();
    for (Table &table : tables)
        find_problem(table);
    return tables;
}

const char *quoted_name(Oid relation)
{
    return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)),
                                      get_rel_name(relation));
}

/* $1: the users. $2: what stands for them. A schema can be renamed although the table is locked: then the
 * rows of the table that has the name have another tableoid. */
const char *write_of(const Table &table, AttrNumber column)
{
    const char *name = quoted_name(table.relation);
    const char *key = quote_identifier(table.key_column);
    const char *from = psprintf("unnest($1, $2) AS i (uuid, retired) WHERE t.%s OPERATOR(pg_catalog.=) i.uuid"
                                " AND t.tableoid OPERATOR(pg_catalog.=) '%u'::pg_catalog.oid",
                                key, table.relation);
    if (std::strcmp(table.on_retirement, "erase") == 0)
        return psprintf("DELETE FROM ONLY %s AS t USING %s RETURNING i.uuid", name, from);
    if (std::strcmp(table.on_retirement, "anonymise") == 0)
        return psprintf("UPDATE ONLY %s AS t SET %s = %s FROM %s RETURNING i.uuid", name, key,
                        identity::can_hold_retired_name(table.relation, column) ? "i.retired" : "NULL", from);
    return psprintf("SELECT i.uuid FROM ONLY %s AS t, %s", name, from);
}

const char *word_for(const Table &table)
{
    return std::strcmp(table.on_retirement, "erase") == 0       ? "erased"
           : std::strcmp(table.on_retirement, "anonymise") == 0 ? "anonymised"
                                                                : "kept";
}

/* The users as keys of the table: text[] or uuid[]. Who has no uuid has no rows in a table of uuids. */
struct Keys {
    Oid type;
    Datum users;
    Datum retired;
};

Keys keys_of(const Subjects &subjects, bool has_uuids)
{
    if (!has_uuids)
        return {TEXTARRAYOID, uuids_of(subjects), retired_uuids_of(subjects)};
    constexpr int uuid_bytes = 16;
    pg::ArrayColumn users;
    pg::ArrayColumn retired;
    for (const Subject &subject : subjects) {
        if (!identity::is_uuid(pg::view(subject.user_uuid)))
            continue;
        users.add(DirectFunctionCall1(uuid_in, CStringGetDatum(text_to_cstring(subject.user_uuid))));
        retired.add(subject.retired_uuid);
    }
    return {UUIDARRAYOID, users.array(UUIDOID, uuid_bytes, false, TYPALIGN_CHAR), retired.text_array()};
}

void count(EntityResult *results, const Subjects &subjects, std::uint64_t found)
{
    for (std::uint64_t row = 0; row < found; ++row) {
        const std::string_view user = pg::view(DatumGetTextPP(pg::column(1, row)));
        const auto *subject = std::lower_bound(
            subjects.begin(), subjects.end(), user,
            [](const Subject &left, std::string_view right) { return pg::view(left.user_uuid) < right; });
        if (subject != subjects.end() && pg::view(subject->user_uuid) == user)
            results[subject - subjects.begin()].rows = DatumGetInt64(pg::column(2, row));
    }
}

std::uint64_t run_as_owner(const Table &table, const char *sql, const Keys &keys, int parameters)
{
    std::uint64_t rows = 0;
    pg::as_table_owner(table.relation, [&] {
        Oid types[] = {keys.type, TEXTARRAYOID};
        Datum values[] = {keys.users, keys.retired};
        const int code = SPI_execute_with_args(sql, parameters, types, values, nullptr, false, 0);
        if (code < 0)
            elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(code));
        rows = SPI_processed;
    });
    return rows;
}

/* Writes the rows, and returns whether some are there afterwards. results: of this table, one for each
 * subject. */
bool write_rows(const Table &table, const Subjects &subjects, EntityResult *results)
{
    const AttrNumber column = get_attnum(table.relation, table.key_column);
    const Keys keys = keys_of(subjects, get_atttype(table.relation, column) == UUIDOID);
    const char *counted = psprintf("WITH done AS (%s) SELECT d.uuid::pg_catalog.text, pg_catalog.count(*)"
                                   " FROM done AS d GROUP BY d.uuid",
                                   write_of(table, column));
    count(results, subjects, run_as_owner(table, counted, keys, 2));
    const char *left = psprintf("SELECT FROM ONLY %s AS t WHERE t.%s OPERATOR(pg_catalog.=) ANY ($1) LIMIT 1",
                                quoted_name(table.relation), quote_identifier(table.key_column));
    return !is_kept(table) && run_as_owner(table, left, keys, 1) > 0;
}

/* The message of an error may have data of the row, so it is not repeated. */
void retire_in(const Table &table, const Subjects &subjects, EntityResult *results)
{
    int failure = 0;
    bool is_left = false;
    pg::in_subtransaction(
        [&] {
            is_left = write_rows(table, subjects, results);
            return true;
        },
        [&](const ErrorData &error) {
            failure = error.sqlerrcode;
            return !pg::ends_request(error);
        });
    if (failure != 0)
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE),
                errmsg("rows of entity table \"%s\" could not be %s", table.label, word_for(table)),
                errdetail("The error has SQLSTATE %s.", unpack_sql_state(failure)),
                errhint("%s", pg::hint_of_write_error(failure)));
    if (is_left)
        ereport(
            ERROR, errcode(ERRCODE_WRONG_STATE),
            errmsg("rows of entity table \"%s\" are there after they were %s", table.label, word_for(table)),
            errhint("Look for a trigger that suppresses what is written."));
}

} // namespace

EntityResults retire_entities(const Subjects &subjects)
{
    EntityResults results;
    for (const Table &table : lock_tables()) {
        const std::size_t first = results.size();
        for (std::size_t at = 0; at < subjects.size(); ++at)
            results.push_back(
                {table.label, table.problem == nullptr ? word_for(table) : nullptr, table.problem, 0});
        if (table.problem == nullptr)
            retire_in(table, subjects, results.begin() + first);
    }
    return results;
}

} // namespace opigno::retirement
