#include "pg/planner.hpp"

#include "pg/postgres.hpp"

#include <algorithm>
#include <array>
#include <iterator>

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

struct Setting {
    const char *name;
    const bool *value;
};

/* Off for our statements; JIT, since what has no index would look dear enough for it. */
constexpr Setting settings[] = {{"enable_seqscan", &enable_seqscan},
                                {"enable_hashjoin", &enable_hashjoin},
                                {"enable_mergejoin", &enable_mergejoin},
                                {"jit", &jit_enabled}};

using Values = std::array<bool, std::size(settings)>;

Values values_before = {}; /* the settings' values outside the plan for large tables that is being made */

Values current_values()
{
    Values values = {};
    std::transform(std::begin(settings), std::end(settings), values.begin(),
                   [](const Setting &setting) { return *setting.value; });
    return values;
}

/* By the setting's stack, and not in its variable: an error restores both a function's values and ours. */
void set(const Values &values)
{
    for (std::size_t i = 0; i < values.size(); ++i)
        set_config_option(settings[i].name, values[i] ? "on" : "off", PGC_USERSET, PGC_S_SESSION,
                          GUC_ACTION_SAVE, true, 0, false);
}

PlannedStmt *plan_as_before(Query *query, const char *text, int options, ParamListInfo parameters)
{
    return (next_planner != nullptr ? next_planner : standard_planner)(query, text, options, parameters);
}

PlannedStmt *plan_within(bool large_tables, Query *query, const char *text, int options,
                         ParamListInfo parameters)
{
    const bool was_for_large_tables = plans_for_large_tables;
    const Values had_before = values_before;
    const int level = NewGUCNestLevel();
    if (large_tables && !plans_for_large_tables)
        values_before = current_values();
    set(large_tables ? Values{} : had_before);
    plans_for_large_tables = large_tables;
    PlannedStmt *plan = nullptr;
    PG_TRY();
    {
        plan = plan_as_before(query, text, options, parameters);
    }
    PG_FINALLY();
    {
        plans_for_large_tables = was_for_large_tables;
        values_before = had_before;
    }
    PG_END_TRY();
    AtEOXact_GUC(true, level);
    return plan;
}

/* Planning may run functions: what they have planned, and keep, is not for large tables. */
PlannedStmt *plan(Query *query, const char *text, int options, ParamListInfo parameters)
{
    const bool is_ours = (options & cursor_option_large_tables) != 0;
    return is_ours || plans_for_large_tables ? plan_within(is_ours, query, text, options, parameters)
                                             : plan_as_before(query, text, options, parameters);
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
