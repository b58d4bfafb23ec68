/*
 * The loop of bench/merge_patch: merges one detoasted document with one patch after the other in
 * several ways that take turns, in one call. What a way allocates lives in a context that is reset
 * after so many calls that copies fill 64 kB; malloc keeps what it got, as page faults are the kernel's.
 */
#include "pg/array.hpp"
#include "pg/jsonb.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "pg/sort.hpp"
#include "pg/number.hpp"

#include <algorithm>
#include <cstring>
#include <span>

extern "C" {
#include <malloc.h>
#include <time.h>
PG_MODULE_MAGIC;
}

namespace {

/* A leaf of a patch, as jsonb_set and #- want it. */
struct Leaf {
    Datum path;
    Datum value;
    bool removes;
};

struct Patch {
    Datum document;
    std::span<Leaf> leaves;
};

/* One way to merge: a function of (jsonb, jsonb), a copy of the document, or jsonb_set for each leaf. */
struct Way {
    bool copies;
    bool sets;
    FmgrInfo function;
    int calls;      /* in one turn */
    double *rounds; /* nanoseconds a call, of each round */
};

struct Case {
    Jsonb *target;
    std::span<Patch> patches;
    MemoryContext per_call;
    int calls_per_reset;
};

template <typename T> std::span<T> allocate(std::size_t count)
{
    return {static_cast<T *>(palloc0(sizeof(T) * count)), count};
}

Datum apply(Way &way, const Case &of, const Patch &patch)
{
    if (way.copies)
        return PointerGetDatum(std::memcpy(palloc(VARSIZE(of.target)), of.target, VARSIZE(of.target)));
    if (!way.sets)
        return FunctionCall2(&way.function, PointerGetDatum(of.target), patch.document);
    Datum result = PointerGetDatum(of.target);
    for (const Leaf &leaf : patch.leaves)
        result = leaf.removes
                     ? DirectFunctionCall2(jsonb_delete_path, result, leaf.path)
                     : DirectFunctionCall4(jsonb_set, result, leaf.path, leaf.value, BoolGetDatum(true));
    return result;
}

void call(Way &way, const Case &of, int calls)
{
    std::size_t next = 0;
    int until_reset = of.calls_per_reset;
    for (int at = 0; at < calls; ++at) {
        apply(way, of, of.patches[next]);
        next = next + 1 == of.patches.size() ? 0 : next + 1;
        if (--until_reset == 0) {
            MemoryContextReset(of.per_call);
            until_reset = of.calls_per_reset;
        }
    }
    MemoryContextReset(of.per_call);
}

/* Of this process: while others have the processor it does not count. */
double nanoseconds()
{
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/* Nor does what the way before has left in the processor's caches. */
double nanoseconds_a_call(Way &way, const Case &of)
{
    MemoryContext previous = MemoryContextSwitchTo(of.per_call);
    call(way, of, static_cast<int>(of.patches.size()));
    const double start = nanoseconds();
    call(way, of, way.calls);
    MemoryContextSwitchTo(previous);
    return (nanoseconds() - start) / way.calls;
}

Way make_way(const char *name)
{
    Way way{};
    way.copies = strcmp(name, "copy") == 0;
    way.sets = strcmp(name, "jsonb_set") == 0;
    if (!way.copies && !way.sets)
        fmgr_info(DatumGetObjectId(DirectFunctionCall1(regprocedurein, CStringGetDatum(name))),
                  &way.function);
    return way;
}

Datum copy_of(Datum value)
{
    return PointerGetDatum(PG_DETOAST_DATUM_COPY(value));
}

/* The rows of public.leaves(patch), where a value is NULL if the patch removes it. */
std::span<Leaf> leaves_of(Datum patch)
{
    MemoryContext memory = CurrentMemoryContext;
    SPI_connect();
    Oid type = JSONBOID;
    SPI_execute_with_args("SELECT path, value FROM public.leaves($1)", 1, &type, &patch, nullptr, true, 0);
    MemoryContext previous = MemoryContextSwitchTo(memory);
    const auto leaves = allocate<Leaf>(SPI_processed);
    for (std::size_t row = 0; row < leaves.size(); ++row) {
        bool is_null = false;
        const auto column = [&](int number) {
            return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, number, &is_null);
        };
        leaves[row].path = copy_of(column(1));
        const Datum value = column(2);
        leaves[row].removes = is_null;
        leaves[row].value = is_null ? value : copy_of(value);
    }
    MemoryContextSwitchTo(previous);
    SPI_finish();
    return leaves;
}

/* A turn is long enough for the clock; and all ways must come to the same document. */
void prepare(Way &way, const Case &of, Way &judge, double turn)
{
    for (const Patch &patch : of.patches) {
        const Datum ours = apply(judge, of, patch);
        if (!way.copies && !DatumGetBool(DirectFunctionCall2(jsonb_eq, ours, apply(way, of, patch))))
            elog(ERROR, "ways do not agree");
    }
    for (way.calls = 1; way.calls < 1000000; way.calls *= 2)
        if (nanoseconds_a_call(way, of) * way.calls >= turn * 1e9)
            return;
}

} // namespace

/*
 * opigno_bench_merge(target jsonb, patches jsonb[], ways text[], turn float8, time int, max_rounds int)
 * RETURNS float8[]: each way's nanoseconds a call, the medians, and then the distances of their
 * quartiles. The first way judges the others. Goes on for as many milliseconds, but for 7 rounds at least.
 */
OPIGNO_FUNCTION(opigno_bench_merge)
{
    Case of{};
    of.target = DatumGetJsonbP(copy_of(PG_GETARG_DATUM(0)));
    of.calls_per_reset = std::max(1, static_cast<int>((1 << 16) / VARSIZE(of.target)));
    of.per_call = AllocSetContextCreate(CurrentMemoryContext, "bench", ALLOCSET_DEFAULT_SIZES);
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    Datum *items = nullptr;
    int count = 0;
    deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), JSONBOID, -1, false, TYPALIGN_INT, &items, nullptr, &count);
    of.patches = allocate<Patch>(static_cast<std::size_t>(count));
    for (std::size_t at = 0; at < of.patches.size(); ++at)
        of.patches[at] = {copy_of(items[at]), leaves_of(items[at])};
    deconstruct_array(PG_GETARG_ARRAYTYPE_P(2), TEXTOID, -1, false, TYPALIGN_INT, &items, nullptr, &count);
    const auto ways = allocate<Way>(static_cast<std::size_t>(count));
    const auto max_rounds = static_cast<std::size_t>(PG_GETARG_INT32(5));
    for (std::size_t at = 0; at < ways.size(); ++at) {
        ways[at] = make_way(TextDatumGetCString(items[at]));
        ways[at].rounds = allocate<double>(max_rounds).data();
        prepare(ways[at], of, ways[0], PG_GETARG_FLOAT8(3));
    }
    std::size_t rounds = 0;
    const TimestampTz until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), PG_GETARG_INT32(4));
    for (; rounds < max_rounds && (rounds < 7 || GetCurrentTimestamp() < until); ++rounds) {
        CHECK_FOR_INTERRUPTS();
        for (Way &way : ways)
            way.rounds[rounds] = nanoseconds_a_call(way, of);
    }
    const auto results = allocate<Datum>(2 * ways.size());
    for (std::size_t at = 0; at < ways.size(); ++at) {
        std::sort(ways[at].rounds, ways[at].rounds + rounds);
        results[at] = Float8GetDatum(ways[at].rounds[rounds / 2]);
        results[ways.size() + at] =
            Float8GetDatum(ways[at].rounds[rounds * 3 / 4] - ways[at].rounds[rounds / 4]);
    }
    PG_RETURN_ARRAYTYPE_P(
        construct_array(results.data(), 2 * count, FLOAT8OID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}
