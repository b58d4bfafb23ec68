#include "profile/staging.hpp"

#include "pg/array.hpp"
#include "pg/relation.hpp"

namespace opigno::profile {

namespace {

bool has_column(Oid relation, const char *name)
{
    return get_attnum(relation, name) != InvalidAttrNumber;
}

bool is_integer(Oid type)
{
    return type == INT8OID || type == INT4OID || type == INT2OID;
}

/* A unique index on this column alone and on all rows. */
bool is_unique(HeapTuple tuple, AttrNumber column)
{
    const auto *index = reinterpret_cast<const FormData_pg_index *>(GETSTRUCT(tuple));
    return index->indisunique && index->indisvalid && index->indnkeyatts == 1 &&
           index->indkey.values[0] == column && heap_attisnull(tuple, Anum_pg_index_indpred, nullptr);
}

/* A batch ends at an ordinal, so no two rows may have the same, and none may lack it. */
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

std::optional<std::string_view> text_at(int column, std::uint64_t at)
{
    const std::optional<Datum> value = pg::nullable_column(column, at);
    return value.has_value() ? std::optional(pg::view(DatumGetTextPP(*value))) : std::nullopt;
}

} // namespace

StagingTable::StagingTable(const text *name)
{
    const Oid relation = pg::relation_named(name);
    name_ = pg::qualified_name(relation);
    has_lines_ = has_column(relation, "line");
    if (!is_table(relation) || !orders_rows(relation) ||
        !(has_lines_ || (has_column(relation, "user_id") && has_column(relation, "app_id") &&
                         has_column(relation, "profile_data"))))
        ereport(
            ERROR, errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("%s is not a staging table", name_),
            errdetail("It takes an integer column \"ordinal\" that is NOT NULL and has a unique index, and "
                      "either \"line\" or \"user_id\", \"app_id\" and \"profile_data\"."),
            errhint(
                "CREATE TABLE ... (ordinal bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, line text);"));
}

Portal StagingTable::open(const Range &range) const
{
    Oid types[] = {INT8OID, INT4OID};
    Datum values[] = {Int64GetDatum(range.after), Int32GetDatum(range.max_rows.value_or(0))};
    const char nulls[] = {' ', range.max_rows.has_value() ? ' ' : 'n'};
    const char *columns =
        has_lines_ ? "s.line::pg_catalog.text"
                   : "s.user_id::pg_catalog.text, s.app_id::pg_catalog.text, s.profile_data::pg_catalog.text";
    const char *is_entry =
        has_lines_ ? "pg_catalog.btrim(s.line::pg_catalog.text, E' \\t\\r\\n') OPERATOR(pg_catalog.<>) ''"
                   : "true";
    return SPI_cursor_open_with_args(
        nullptr,
        psprintf("SELECT s.ordinal::pg_catalog.int8, %s FROM %s AS s"
                 " WHERE s.ordinal OPERATOR(pg_catalog.>) $1 AND %s ORDER BY s.ordinal LIMIT $2",
                 columns, name_, is_entry),
        2, types, values, nulls, false, CURSOR_OPT_NO_SCROLL);
}

bool StagingTable::read(std::uint64_t at, BulkRow &row, BulkFaults &faults) const
{
    if (!has_lines_)
        return read_columns({text_at(2, at), text_at(3, at), text_at(4, at)}, row, faults);
    return read_entry(text_at(2, at).value_or(std::string_view()), "profile_data", row, faults);
}

void StagingTable::select_lines(std::span<const bulk::Fault> faults) const
{
    pg::ArrayColumn ordinals;
    for (const bulk::Fault &fault : faults)
        ordinals.add(Int64GetDatum(fault.ordinal));
    Oid types[] = {INT8ARRAYOID};
    Datum values[] = {ordinals.array(INT8OID, 8, true, TYPALIGN_DOUBLE)};
    const char *line = has_lines_ ? "s.line::pg_catalog.text"
                                  : "pg_catalog.json_build_object('user_id', s.user_id, 'app_id', s.app_id,"
                                    " 'profile_data', s.profile_data)::pg_catalog.text";
    const int code =
        SPI_execute_with_args(psprintf("SELECT s.ordinal::pg_catalog.int8, %s FROM %s AS s"
                                       " WHERE s.ordinal OPERATOR(pg_catalog.=) ANY ($1) ORDER BY s.ordinal",
                                       line, name_),
                              1, types, values, nullptr, true, 0);
    if (code < 0)
        elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(code));
}

} // namespace opigno::profile
