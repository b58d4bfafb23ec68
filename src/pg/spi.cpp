#include "pg/spi.hpp"

#include <algorithm>

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

namespace {

bool plans_for_large_tables = false;
get_relation_info_hook_type next_hook = nullptr;

void grow(RelOptInfo *table)
{
    constexpr BlockNumber pages = 100'000;
    constexpr double rows = 1e7;
    if (table->rtekind != RTE_RELATION || table->tuples >= rows)
        return;
    table->pages = std::max(table->pages, pages);
    table->tuples = rows;
    ListCell *cell = nullptr;
    foreach (cell, table->indexlist) {
        auto *index = lfirst_node(IndexOptInfo, cell);
        index->pages = std::max(index->pages, pages / 2);
        index->tuples = rows;
        index->tree_height = std::max(index->tree_height, 2);
    }
}

void tell_of_large_tables(PlannerInfo *root, Oid table, bool is_parent, RelOptInfo *info)
{
    if (next_hook != nullptr)
        next_hook(root, table, is_parent, info);
    if (plans_for_large_tables)
        grow(info);
}

void hook_planner()
{
    static bool is_hooked = false;
    if (is_hooked)
        return;
    next_hook = get_relation_info_hook;
    get_relation_info_hook = tell_of_large_tables;
    is_hooked = true;
}

int prefer_indexes()
{
    const int level = NewGUCNestLevel();
    for (const char *setting : {"enable_seqscan", "enable_hashjoin", "enable_mergejoin",
                                "jit"}) /* what has no index would look dear enough for JIT */
        set_config_option(setting, "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
    return level;
}

/*
 * Our statements look rows up by their keys, and rows of a list are met in its order. Planned while a table
 * is small they would read it from end to end, and go on doing so while it is filled: they are planned for a
 * large one.
 */
void plan(SPIPlanPtr statement)
{
    hook_planner();
    const int level = prefer_indexes();
    const bool was = plans_for_large_tables;
    plans_for_large_tables = true;
    PG_TRY();
    {
        ReleaseCachedPlan(SPI_plan_get_cached_plan(statement), CurrentResourceOwner);
    }
    PG_FINALLY();
    {
        plans_for_large_tables = was;
    }
    PG_END_TRY();
    AtEOXact_GUC(true, level);
}

} // namespace

void Statement::prepare()
{
    SPIPlanPtr plan = SPI_prepare_cursor(sql_, static_cast<int>(types_.size()),
                                         const_cast<Oid *>(types_.data()), CURSOR_OPT_GENERIC_PLAN);
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
    AcceptInvalidationMessages(); /* or the plan would be made anew where it is executed */
    if (!is_planned_ || !SPI_plan_is_valid(plan_))
        plan(plan_);
    is_planned_ = true;
    const int code = SPI_execute_plan(plan_, const_cast<Datum *>(values), nulls, read_only, 0);
    if (code < 0)
        elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(code));
    return SPI_processed;
}

} // namespace opigno::pg
