/*
 * The peers and the loop of bench/user_context. Each case calls one SQL function
 * through fmgr, or runs one saved SPI plan, once for each of `count` users;
 * callgrind counts the instructions inside opigno_bench_measured only.
 */
#include "pg/array.hpp"
#include "pg/relation.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "pg/time.hpp"

extern "C" {
PG_MODULE_MAGIC;
}

namespace {

constexpr int warm_up_calls = 10;
constexpr int columns = 4; /* uuid, display_name, is_active, scope */

struct Calls {
    FmgrInfo function;
    SPIPlanPtr plan;
    Datum (*arguments)[columns];
    int count;
    MemoryContext per_call;
};

Datum make_text(const char *format, int number)
{
    return PointerGetDatum(cstring_to_text(psprintf(format, number)));
}

SPIPlanPtr saved_plan(const char *sql, int count, const Oid *types)
{
    SPIPlanPtr plan = SPI_prepare(sql, count, const_cast<Oid *>(types));
    if (plan == nullptr || SPI_keepplan(plan) != 0)
        elog(ERROR, "could not prepare %s", sql);
    return plan;
}

void call_function(Calls &calls, int at)
{
    LOCAL_FCINFO(fcinfo, columns);
    InitFunctionCallInfoData(*fcinfo, &calls.function, columns, InvalidOid, nullptr, nullptr);
    for (int column = 0; column < columns; ++column)
        fcinfo->args[column] = {calls.arguments[at][column], false};
    FunctionCallInvoke(fcinfo);
}

} // namespace

static void run(Calls &calls)
{
    for (int at = 0; at < calls.count; ++at) {
        MemoryContext previous = MemoryContextSwitchTo(calls.per_call);
        if (calls.plan != nullptr)
            SPI_execute_plan(calls.plan, calls.arguments[at], nullptr, true, 0);
        else
            call_function(calls, at);
        MemoryContextSwitchTo(previous);
        MemoryContextReset(calls.per_call);
        if (calls.plan != nullptr)
            SPI_freetuptable(SPI_tuptable);
    }
}

extern "C" __attribute__((noinline, visibility("default"))) void opigno_bench_measured(Calls &calls)
{
    run(calls);
}

/* The same upsert as a C function over a saved plan: what set_user_context is measured against. */
OPIGNO_FUNCTION(opigno_bench_upsert)
{
    static SPIPlanPtr plan = nullptr;
    constexpr Oid types[] = {TEXTOID, TEXTOID, BOOLOID, TEXTARRAYOID, TIMESTAMPTZOID};
    SPI_connect();
    if (plan == nullptr)
        plan = saved_plan("INSERT INTO opigno.user_context AS c"
                          " (uuid, display_name, is_active, scope, created_at, updated_at)"
                          " VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (uuid) DO UPDATE SET"
                          " display_name = excluded.display_name, is_active = excluded.is_active,"
                          " scope = excluded.scope, updated_at = excluded.updated_at"
                          " RETURNING c.uuid::text, c.id, c.display_name::text, c.is_active, c.scope::text[],"
                          " c.created_at, c.updated_at",
                          5, types);
    Datum values[] = {
        PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), PG_GETARG_DATUM(2),
        PointerGetDatum(construct_array(&fcinfo->args[3].value, 1, TEXTOID, -1, false, TYPALIGN_INT)),
        TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
    SPI_execute_plan(plan, values, nullptr, false, 0);
    const Datum row = HeapTupleHeaderGetDatum(SPI_returntuple(SPI_tuptable->vals[0], SPI_tuptable->tupdesc));
    SPI_finish();
    return row;
}

/*
 * opigno_bench_run(function regprocedure, query text, count integer, display_name text, measured boolean):
 * calls the function, or if it is 0 runs the query of one parameter, for as many users.
 */
OPIGNO_FUNCTION(opigno_bench_run)
{
    Calls calls{};
    const char *name_format = text_to_cstring(PG_GETARG_TEXT_PP(3));
    calls.count = PG_GETARG_INT32(2);
    calls.arguments = static_cast<Datum(*)[columns]>(
        palloc(sizeof(Datum[columns]) * static_cast<std::size_t>(calls.count + warm_up_calls)));
    for (int at = 0; at < calls.count + warm_up_calls; ++at) {
        Datum *row = calls.arguments[at];
        row[0] = make_text("3bc5b83f-7d96-4b0c-b1e6-%012d", (at * 7919) % 1000003);
        row[1] = make_text(name_format, at);
        row[2] = BoolGetDatum(true);
        row[3] = make_text("AUTHENTICATED", 0);
    }
    calls.per_call = AllocSetContextCreate(CurrentMemoryContext, "bench", ALLOCSET_DEFAULT_SIZES);
    SPI_connect();
    if (PG_GETARG_OID(0) != InvalidOid) {
        fmgr_info(PG_GETARG_OID(0), &calls.function);
    } else {
        constexpr Oid types[] = {TEXTOID};
        calls.plan = saved_plan(text_to_cstring(PG_GETARG_TEXT_PP(1)), 1, types);
    }
    /* Plans and caches first, on users of their own; the sixth run is the first with a generic plan. */
    Calls warm_up = calls;
    warm_up.arguments += calls.count;
    warm_up.count = warm_up_calls;
    run(warm_up);
    if (PG_GETARG_BOOL(4))
        opigno_bench_measured(calls);
    else
        run(calls);
    SPI_finish();
    PG_RETURN_VOID();
}
