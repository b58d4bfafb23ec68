#include "bulk/staging.hpp"

#include "pg/array.hpp"
#include "pg/catalog.hpp"
#include "pg/lock.hpp"
#include "pg/plan.hpp"
#include "json/text/syntax_error.hpp"

#include <algorithm>

namespace opigno::bulk {

namespace {

/* The columns of an entry as a list of expressions of type text. */
const char *entry_columns(const StagingRelation &relation)
{
    StringInfoData list;
    initStringInfo(&list);
    for (const char *name : relation.columns) {
        const char *column = name == nullptr ? "NULL" : psprintf("s.%s", quote_identifier(name));
        appendStringInfo(&list,
                         relation.has_members ? ", pg_catalog.to_json(%s)::pg_catalog.text"
                                              : ", %s::pg_catalog.text",
                         column);
    }
    return list.data;
}

/* An entry as one JSON text. */
const char *entry_object(const StagingRelation &relation)
{
    if (relation.has_lines)
        return "s.line::pg_catalog.text";
    if (relation.has_members) /* there can be more columns than a function can have arguments */
        return "pg_catalog.row_to_json(s)::pg_catalog.text";
    StringInfoData arguments;
    initStringInfo(&arguments);
    for (const char *name : relation.columns)
        if (name != nullptr)
            appendStringInfo(&arguments, "%s%s, s.%s", arguments.len > 0 ? ", " : "",
                             quote_literal_cstr(name), quote_identifier(name));
    return psprintf("pg_catalog.json_build_object(%s)::pg_catalog.text", arguments.data);
}

/* Whether a statement is about this table. The statement must name one table that has no rules. */
bool is_about(SPIPlanPtr plan, Oid relation)
{
    const auto *source = static_cast<const CachedPlanSource *>(linitial(SPI_plan_get_plan_sources(plan)));
    const auto *query = linitial_node(Query, source->query_list);
    return rt_fetch(1, query->rtable)->relid == relation;
}

/* Returns the number of rows of a table that this transaction has deleted by any statement, or 0 if
 * track_counts is off. */
std::int64_t deleted_so_far(Oid table)
{
    return DatumGetInt64(DirectFunctionCall1(pg_stat_get_xact_tuples_deleted, ObjectIdGetDatum(table)));
}

constexpr int first_column = 2; /* of an entry; the ordinal is column 1 */

} // namespace

std::optional<std::string_view> StagingRow::value(std::size_t column) const
{
    const std::optional<Datum> found = pg::nullable_column(static_cast<int>(column) + first_column, at_);
    return found.has_value() ? std::optional(pg::view(DatumGetTextPP(*found))) : std::nullopt;
}

/* The first line of the table may start with a byte order mark, as the file did. */
std::string_view StagingRow::line() const
{
    std::string_view line = value(0).value_or(std::string_view());
    if (is_first_ && line.starts_with(json::byte_order_mark))
        line.remove_prefix(json::byte_order_mark.size());
    return line;
}

/* The statement names the table. If the schema was renamed meanwhile, the name can belong to
 * another table. */
SPIPlanPtr StagingTable::prepare(const char *sql, std::span<const Oid> types) const
{
    SPIPlanPtr plan = SPI_prepare(sql, static_cast<int>(types.size()), const_cast<Oid *>(types.data()));
    if (plan == nullptr)
        elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
    if (!is_about(plan, relation_.oid))
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE),
                errmsg("the name %s now belongs to another table", name()), errhint("Try again."));
    return plan;
}

Portal StagingTable::open(const Range &range)
{
    StringInfoData sql;
    initStringInfo(&sql);
    appendStringInfo(&sql, "SELECT s.ordinal::pg_catalog.int8%s%s FROM %s%s AS s", entry_columns(relation_),
                     deletes_ ? ", s.tableoid, s.ctid" : "", only(), name());
    appendStringInfo(&sql,
                     " WHERE s.ordinal OPERATOR(pg_catalog.>) '" INT64_FORMAT "'::pg_catalog.int8"
                     " ORDER BY s.ordinal",
                     range.after);
    if (range.max_rows.has_value())
        appendStringInfo(&sql, " LIMIT %d", *range.max_rows);
    Portal portal = SPI_cursor_open(nullptr, prepare(sql.data, {}), nullptr, nullptr, false);
    snapshot_ = RegisterSnapshot(portal->queryDesc->snapshot);
    return portal;
}

bool StagingTable::is_blank(std::uint64_t at) const
{
    return relation_.has_lines &&
           staging_row(at).line().find_first_not_of(" \t\r\n") == std::string_view::npos;
}

StagingTable::Row StagingTable::row_at(std::uint64_t at, int table_column) const
{
    return {DatumGetInt64(pg::column(1, at)), DatumGetObjectId(pg::column(table_column, at)),
            *reinterpret_cast<ItemPointer>(DatumGetPointer(pg::column(table_column + 1, at)))};
}

void StagingTable::remember(std::uint64_t at)
{
    rows_.push_back(row_at(at, first_column + static_cast<int>(relation_.columns.size())));
}

void StagingTable::select_lines(std::span<const pg::Error> errors) const
{
    pg::ArrayColumn ordinals;
    for (const pg::Error &error : errors)
        ordinals.add(Int64GetDatum(error.ordinal));
    constexpr Oid types[] = {INT8ARRAYOID};
    Datum values[] = {ordinals.array(INT8OID, 8, true, TYPALIGN_DOUBLE)};
    SPIPlanPtr plan = prepare(psprintf("SELECT s.ordinal::pg_catalog.int8, %s FROM %s%s AS s"
                                       " WHERE s.ordinal OPERATOR(pg_catalog.=) ANY ($1) ORDER BY s.ordinal",
                                       entry_object(relation_), only(), name()),
                              types);
    const int code = SPI_execute_snapshot(plan, values, nullptr, snapshot_, InvalidSnapshot, true, false, 0);
    if (code < 0)
        elog(ERROR, "SPI_execute_snapshot failed: %s", SPI_result_code_string(code));
}

void StagingTable::leave_out(std::span<const pg::Error> failed)
{
    std::size_t left = 0;
    auto error = failed.begin();
    for (const Row &row : rows_) {
        while (error != failed.end() && error->ordinal < row.ordinal)
            ++error;
        if (error == failed.end() || error->ordinal != row.ordinal)
            rows_[left++] = row;
    }
    while (rows_.size() > left)
        rows_.pop_back();
}

std::int64_t StagingTable::deleted_so_far() const
{
    std::int64_t deleted = 0;
    ListCell *cell = nullptr;
    foreach (cell, find_all_inheritors(relation_.oid, NoLock, nullptr))
        deleted += opigno::bulk::deleted_so_far(lfirst_oid(cell));
    return deleted;
}

/* Whether the deleted rows, which are in SPI_tuptable, are the rows that were read. */
bool StagingTable::are_deleted() const
{
    pg::Vector<bool> is_found;
    for (std::size_t at = 0; at < rows_.size(); ++at)
        is_found.push_back(false);
    for (std::uint64_t at = 0; at < SPI_processed; ++at) {
        Row deleted = row_at(at, 2);
        const Row *row =
            std::lower_bound(rows_.begin(), rows_.end(), deleted,
                             [](const Row &left, const Row &right) { return left.ordinal < right.ordinal; });
        if (row == rows_.end() || row->ordinal != deleted.ordinal || row->table != deleted.table ||
            ItemPointerCompare(const_cast<ItemPointer>(&row->place), &deleted.place) != 0)
            return false;
        bool &was_found = is_found[static_cast<std::size_t>(row - rows_.begin())];
        if (was_found)
            return false;
        was_found = true;
    }
    return true;
}

/* Deletes the rows. Afterwards the deleted rows are in SPI_tuptable. */
void StagingTable::delete_rows() const
{
    pg::ArrayColumn ordinals;
    for (const Row &row : rows_)
        ordinals.add(Int64GetDatum(row.ordinal));
    constexpr Oid types[] = {INT8ARRAYOID};
    Datum values[] = {ordinals.array(INT8OID, 8, true, TYPALIGN_DOUBLE)};
    SPIPlanPtr plan =
        prepare(psprintf("DELETE FROM %s%s AS s"
                         " WHERE s.ordinal OPERATOR(pg_catalog.>=) '" INT64_FORMAT "'::pg_catalog.int8"
                         " AND s.ordinal OPERATOR(pg_catalog.<=) '" INT64_FORMAT "'::pg_catalog.int8"
                         " AND s.ordinal OPERATOR(pg_catalog.=) ANY ($1)"
                         " RETURNING s.ordinal::pg_catalog.int8, s.tableoid, s.ctid",
                         only(), name(), rows_[0].ordinal, rows_[rows_.size() - 1].ordinal),
                types);
    const int code = SPI_execute_plan(plan, values, nullptr, false, 0);
    if (code < 0)
        elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(code));
}

/* Also counts deleted rows with deleted_so_far(): a cascade or a trigger may have deleted further
 * rows. */
void StagingTable::delete_all_but(std::span<const pg::Error> failed)
{
    leave_out(failed);
    if (rows_.empty())
        return;
    pg::with_spi([&](MemoryContext) {
        const std::int64_t before = deleted_so_far();
        delete_rows();
        const auto wanted = static_cast<std::int64_t>(rows_.size());
        const std::int64_t deleted =
            std::max(static_cast<std::int64_t>(SPI_processed), deleted_so_far() - before);
        if (deleted != wanted || !are_deleted())
            ereport(ERROR, errcode(ERRCODE_WRONG_STATE),
                    errmsg("rows that are loaded could not be taken out of %s", name()),
                    deleted == wanted
                        ? errdetail("Some of them were changed after they were read.")
                        : errdetail("Rows to delete: " INT64_FORMAT ", deleted: " INT64_FORMAT ".", wanted,
                                    deleted),
                    errhint("Look for a trigger, a policy or a foreign key of that table."));
        return 0;
    });
}

void StagingTable::end()
{
    if (snapshot_ != nullptr)
        UnregisterSnapshot(snapshot_);
    snapshot_ = nullptr;
}

} // namespace opigno::bulk
