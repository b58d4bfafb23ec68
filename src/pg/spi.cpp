#include "pg/spi.hpp"

#include "pg/planner.hpp"

namespace opigno::pg {

void connect()
{
    if (SPI_connect() != SPI_OK_CONNECT)
        elog(ERROR, "SPI_connect failed");
}

void finish()
{
    if (SPI_finish() != SPI_OK_FINISH)
        elog(ERROR, "SPI_finish failed");
}

void execute(const char *sql)
{
    const int code = SPI_execute(sql, false, 0);
    if (code < 0)
        elog(ERROR, "could not execute \"%s\": %s", sql, SPI_result_code_string(code));
}

std::optional<Datum> nullable_column(int number, std::uint64_t row)
{
    if (row >= SPI_processed)
        elog(ERROR, "there is no row %d", static_cast<int>(row));
    bool is_null = false;
    const Datum value = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, number, &is_null);
    return is_null ? std::nullopt : std::optional<Datum>(value);
}

Datum column(int number, std::uint64_t row)
{
    const std::optional<Datum> value = nullable_column(number, row);
    if (!value.has_value())
        elog(ERROR, "nothing in column %d", number);
    return *value;
}

void refuse_suppressed_write()
{
    ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("a row is not there after it was written"),
            errhint("Look for a trigger that suppresses what is written."));
}

Datum returned_row()
{
    if (SPI_processed == 0)
        refuse_suppressed_write();
    return HeapTupleHeaderGetDatum(SPI_returntuple(SPI_tuptable->vals[0], SPI_tuptable->tupdesc));
}

void return_rows(FunctionCallInfo fcinfo)
{
    const auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    for (std::uint64_t row = 0; row < SPI_processed; ++row)
        tuplestore_puttuple(result->setResult, SPI_tuptable->vals[row]);
}

void Statement::prepare()
{
    SPIPlanPtr plan =
        SPI_prepare_cursor(sql_, static_cast<int>(types_.size()), const_cast<Oid *>(types_.data()),
                           CURSOR_OPT_GENERIC_PLAN | cursor_option_large_tables);
    if (plan == nullptr)
        elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
    if (SPI_keepplan(plan) != 0)
        elog(ERROR, "SPI_keepplan failed");
    plan_ = plan;
}

std::uint64_t Statement::read_committed(const Datum *values)
{
    PushActiveSnapshot(GetLatestSnapshot());
    const std::uint64_t rows = read(values);
    PopActiveSnapshot();
    return rows;
}

std::uint64_t Statement::run(const Datum *values, const char *nulls, bool read_only)
{
    if (plan_ == nullptr)
        prepare();
    const int code = SPI_execute_plan(plan_, const_cast<Datum *>(values), nulls, read_only, 0);
    if (code < 0)
        elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(code));
    return SPI_processed;
}

} // namespace opigno::pg
