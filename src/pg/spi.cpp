#include "pg/spi.hpp"

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

Datum column(int number, std::uint64_t row)
{
    bool is_null = row >= SPI_processed;
    const Datum value =
        is_null ? Datum{0} : SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, number, &is_null);
    if (is_null)
        elog(ERROR, "nothing in column %d", number);
    return value;
}

Datum returned_row()
{
    if (SPI_processed == 0)
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("a row is not there after it was written"),
                errhint("Look for a trigger that suppresses what is written."));
    return HeapTupleHeaderGetDatum(SPI_returntuple(SPI_tuptable->vals[0], SPI_tuptable->tupdesc));
}

void Statement::prepare()
{
    const int options = plan_choice_ == Plan::Custom ? CURSOR_OPT_CUSTOM_PLAN : 0;
    SPIPlanPtr plan =
        SPI_prepare_cursor(sql_, static_cast<int>(types_.size()), const_cast<Oid *>(types_.data()), options);
    if (plan == nullptr)
        elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
    if (SPI_keepplan(plan) != 0)
        elog(ERROR, "SPI_keepplan failed");
    plan_ = plan;
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
