#include "pg/planner.hpp"

#include "pg/postgres.hpp"

#include <algorithm>

namespace opigno::pg {

namespace {

bool plans_for_large_tables = false;
planner_hook_type next_planner = nullptr;
get_relation_info_hook_type next_relation_info = nullptr;

void grow(RelOptInfo *table)
{
    constexpr BlockNumber pages = 100'000;
    constexpr double rows = 1e7;
    if (table->tuples >= rows)
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
    if (next_relation_info != nullptr)
        next_relation_info(root, table, is_parent, info);
    if (plans_for_large_tables)
        grow(info);
}

void prefer_indexes()
{
    for (const char *setting : {"enable_seqscan", "enable_hashjoin", "enable_mergejoin",
                                "jit"}) /* what has no index would look dear enough for JIT */
        set_config_option(setting, "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

PlannedStmt *plan_as_before(Query *query, const char *text, int options, ParamListInfo parameters)
{
    return (next_planner != nullptr ? next_planner : standard_planner)(query, text, options, parameters);
}

/* A planner may plan what a function in the statement runs: that is not for large tables. */
PlannedStmt *plan_within(bool large_tables, Query *query, const char *text, int options,
                         ParamListInfo parameters)
{
    const bool was = plans_for_large_tables;
    plans_for_large_tables = large_tables;
    PlannedStmt *plan = nullptr;
    PG_TRY();
    {
        plan = plan_as_before(query, text, options, parameters);
    }
    PG_FINALLY();
    {
        plans_for_large_tables = was;
    }
    PG_END_TRY();
    return plan;
}

PlannedStmt *plan(Query *query, const char *text, int options, ParamListInfo parameters)
{
    const bool is_ours = (options & cursor_option_large_tables) != 0;
    if (!is_ours)
        return plans_for_large_tables ? plan_within(false, query, text, options, parameters)
                                      : plan_as_before(query, text, options, parameters);
    const int level = NewGUCNestLevel();
    prefer_indexes();
    PlannedStmt *planned = plan_within(true, query, text, options, parameters);
    AtEOXact_GUC(true, level);
    return planned;
}

} // namespace

void hook_planner()
{
    next_planner = planner_hook;
    planner_hook = plan;
    next_relation_info = get_relation_info_hook;
    get_relation_info_hook = tell_of_large_tables;
}

} // namespace opigno::pg
