#include "pg/spi.hpp"

#include "pg/by_entry.hpp"
#include "pg/citus.hpp"
#include "pg/cursor.hpp"
#include "pg/plan.hpp"
#include "pg/relation.hpp"
#include "pg/result.hpp"
#include "pg/setting.hpp"

extern "C" {
#include <storage/bufmgr.h>
#include <utils/rls.h>
}

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

Columns::Columns(std::uint64_t row)
{
    if (row >= SPI_processed || SPI_tuptable->tupdesc->natts > most_)
        elog(ERROR, "there is no row %d, or it has too many columns", static_cast<int>(row));
    heap_deform_tuple(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, values_, nulls_);
}

std::optional<Datum> Columns::nullable(int number) const
{
    return nulls_[number - 1] ? std::nullopt : std::optional<Datum>(values_[number - 1]);
}

Datum Columns::column(int number) const
{
    if (nulls_[number - 1])
        elog(ERROR, "nothing in column %d", number);
    return values_[number - 1];
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
    const char *sql = this->sql();
    std::span<const Oid> types = types_;
    Oid types_by_entry[EntryList::most];
    if (is_by_entry_) {
        const EntryList list(sql, types_);
        list.types_by_entry(types_, types_by_entry);
        sql = list.sql_by_entry();
        types = {types_by_entry, types_.size() + 1};
    }
    SPIPlanPtr plan = SPI_prepare_cursor(sql, static_cast<int>(types.size()), const_cast<Oid *>(types.data()),
                                         CURSOR_OPT_GENERIC_PLAN);
    if (plan == nullptr)
        elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
    if (SPI_keepplan(plan) != 0)
        elog(ERROR, "SPI_keepplan failed");
    plan_ = plan;
}

CachedPlanSource &Statement::source() const
{
    return *static_cast<CachedPlanSource *>(linitial(SPI_plan_get_plan_sources(plan_)));
}

namespace {

/* Whether the plan cache would reuse its current plan. */
bool has_plan(const CachedPlanSource &source)
{
    const CachedPlan *plan = source.gplan;
    return source.is_valid && plan != nullptr && plan->is_valid &&
           (!source.dependsOnRLS ||
            (source.rewriteRoleId == GetUserId() && source.rewriteRowSecurity == row_security)) &&
           (!plan->dependsOnRole || plan->planRoleId == GetUserId()) &&
           (!TransactionIdIsValid(plan->saved_xmin) ||
            TransactionIdEquals(plan->saved_xmin, TransactionXmin)) &&
           (source.search_path == nullptr || SearchPathMatchesCurrentEnvironment(source.search_path));
}

std::uint64_t pages_of_tables(const CachedPlanSource &source)
{
    std::uint64_t pages = 0;
    ListCell *cell = nullptr;
    foreach (cell, source.relationOids) {
        Relation relation = try_relation_open(lfirst_oid(cell), AccessShareLock);
        if (relation == nullptr)
            continue;
        if (RELKIND_HAS_STORAGE(relation->rd_rel->relkind))
            pages += RelationGetNumberOfBlocks(relation);
        relation_close(relation, NoLock);
    }
    return pages;
}

/* A plan made for this many pages or more is kept: the planner uses the indexes at that size. */
constexpr std::uint64_t enough_pages = 1000;

/* Rows are locked in the right order only by nested loops. JIT is off because a scan without an
 * index has a huge cost when sequential scans are disabled. */
void forbid_reading_whole_tables()
{
    constexpr const char *off[] = {"enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit"};
    constexpr const char *on[] = {"enable_nestloop", "enable_indexscan"};
    for (const char *name : off)
        set_for_level(name, "off");
    for (const char *name : on)
        set_for_level(name, "on");
}

} // namespace

/* Gets the generic plan from the plan cache, which locks the plan's tables and makes a plan if it
 * has none. */
void Statement::get_plan()
{
    ReleaseCachedPlan(SPI_plan_get_cached_plan(plan_), CurrentResourceOwner);
}

bool Statement::has_own_plan() const
{
    return has_plan(source()) && source().gplan->generation == plan_number_;
}

bool Statement::is_outgrown() const
{
    return kind_ != Kind::Keyed && pages_ < enough_pages && pages_of_tables(source()) > 2 * pages_;
}

void Statement::prepare_again()
{
    SPI_freeplan(plan_);
    plan_ = nullptr;
    prepare();
}

/* How the tables of sql_ are distributed. A source that is not valid does not know its tables, and another
 * text has others: then the text is parsed for them. The plan may be running, so it stays. */
Distribution Statement::distribution() const
{
    if (!has_citus())
        return Distribution::None;
    if (!has_distributed_sql_ && source().is_valid)
        return distribution_of(source().relationOids);
    SPIPlanPtr parsed = SPI_prepare(sql_, static_cast<int>(types_.size()), const_cast<Oid *>(types_.data()));
    if (parsed == nullptr)
        elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
    const auto *parsed_source =
        static_cast<const CachedPlanSource *>(linitial(SPI_plan_get_plan_sources(parsed)));
    const Distribution found = distribution_of(parsed_source->relationOids);
    SPI_freeplan(parsed);
    return found;
}

/* Returns whether there is no plan to make, because Citus makes one for each execution. */
bool Statement::find_distribution()
{
    const Distribution distribution = this->distribution();
    is_distributed_ = distribution != Distribution::None;
    const bool needs_distributed_sql = is_distributed_ && distributed_sql_ != nullptr;
    bool is_by_entry = kind_ == Kind::Batch && is_distributed_;
    if (is_by_entry) {
        const EntryList list(sql(), types_);
        is_by_entry = distribution == Distribution::Split ? list.is_there() : list.is_only_for_one();
    }
    if (is_by_entry != is_by_entry_ || needs_distributed_sql != has_distributed_sql_) {
        is_by_entry_ = is_by_entry;
        has_distributed_sql_ = needs_distributed_sql;
        prepare_again();
    }
    if (needs_distributed_sql)
        is_distributed_ = kind_ != Kind::OfCaller;
    return is_distributed_;
}

void Statement::make_plan()
{
    if (find_distribution())
        return;
    if (source().gplan != nullptr)
        source().gplan->is_valid = false;
    const int level = NewGUCNestLevel();
    if (kind_ != Kind::OfCaller)
        forbid_reading_whole_tables();
    get_plan();
    AtEOXact_GUC(true, level);
    plan_number_ = source().gplan->generation;
    if (kind_ != Kind::Keyed)
        pages_ = pages_of_tables(source());
}

void Statement::make_plan_if_needed()
{
    if (is_distributed_ && source().is_valid)
        return;
    /* While get_plan() waits for a lock, another session may change the table. Then the plan cache
     * makes a new plan. */
    if (kind_ == Kind::Batch && has_own_plan())
        get_plan();
    if (!has_own_plan() || is_outgrown())
        make_plan();
}

std::uint64_t Statement::read_committed(const Datum *values, const char *nulls)
{
    PushActiveSnapshot(GetLatestSnapshot());
    const std::uint64_t rows = read(values, nulls);
    PopActiveSnapshot();
    return rows;
}

std::uint64_t Statement::read_newest(Oid table, const Datum *values)
{
    PushActiveSnapshot(GetCatalogSnapshot(table));
    const std::uint64_t rows = read(values);
    PopActiveSnapshot();
    return rows;
}

std::uint64_t Statement::execute(const Datum *values, const char *nulls, bool read_only)
{
    const int code = SPI_execute_plan(plan_, const_cast<Datum *>(values), nulls, read_only, 0);
    if (code < 0)
        elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(code));
    return SPI_processed;
}

namespace {

/* Adds the rows of a result to another one, and frees it. */
void add_rows(SPITupleTable *all, SPITupleTable *more)
{
    MemoryContext before = MemoryContextSwitchTo(all->tuptabcxt);
    if (all->numvals + more->numvals > all->alloced) {
        all->alloced = 2 * (all->numvals + more->numvals);
        all->vals = static_cast<HeapTuple *>(repalloc_huge(all->vals, all->alloced * sizeof(HeapTuple)));
    }
    for (std::uint64_t row = 0; row < more->numvals; ++row)
        all->vals[all->numvals++] = heap_copytuple(more->vals[row]);
    MemoryContextSwitchTo(before);
    SPI_freetuptable(more);
}

} // namespace

std::uint64_t Statement::execute_by_entry(const Datum *values, const char *nulls, bool read_only)
{
    EntryArguments arguments(EntryList(sql(), types_), types_, values, nulls);
    SPITupleTable *all = nullptr;
    std::uint64_t rows = 0;
    for (int entry = 0; entry < arguments.entries(); ++entry) {
        CHECK_FOR_INTERRUPTS();
        arguments.choose(entry);
        rows += execute(arguments.values(), arguments.nulls(), read_only);
        if (all == nullptr)
            all = SPI_tuptable;
        else
            add_rows(all, SPI_tuptable);
    }
    SPI_tuptable = all;
    SPI_processed = rows;
    return rows;
}

std::uint64_t Statement::run(const Datum *values, const char *nulls, bool read_only)
{
    if (plan_ == nullptr)
        prepare();
    make_plan_if_needed();
    if (is_distributed_ && !read_only)
        commit_in_two_phases();
    const int level =
        is_distributed_ || plan_cache_mode == PLAN_CACHE_MODE_FORCE_CUSTOM_PLAN ? NewGUCNestLevel() : 0;
    if (level > 0)
        set_for_level("plan_cache_mode", is_distributed_ ? "force_custom_plan" : "auto");
    if (is_distributed_)
        set_for_level("citus.multi_shard_modify_mode", "sequential");
    const std::uint64_t rows =
        is_by_entry_ ? execute_by_entry(values, nulls, read_only) : execute(values, nulls, read_only);
    if (level > 0)
        AtEOXact_GUC(true, level);
    return rows;
}

} // namespace opigno::pg
