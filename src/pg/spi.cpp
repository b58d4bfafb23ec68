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
