/*
 * The loop of bench/json_text: reads one text again and again in several ways that take turns, in one
 * call. What a way allocates lives in a context that is reset after each call; malloc keeps what it
 * got, as page faults are the kernel's.
 */
#include "json/text/json_text.hpp"

#include "pg/jsonb.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "pg/array.hpp"
#include "pg/text.hpp"

#include <algorithm>
#include <cstring>

extern "C" {
#include <malloc.h>
#include <time.h>
PG_MODULE_MAGIC;
}

namespace {

using namespace opigno;

constexpr int ways = 3;
constexpr int max_rounds = 5000;

/* As a cast of text does it, ours, and a copy of the text. */
void read(int way, text *document)
{
    const std::string_view bytes = pg::view(document);
    if (way == 0)
        json::read_json(bytes);
    else if (way == 1)
        DirectFunctionCall1(jsonb_in, CStringGetDatum(text_to_cstring(document)));
    else
        std::memcpy(palloc(bytes.size()), bytes.data(), bytes.size());
}

/* Of this process: while others have the processor it does not count. */
double nanoseconds()
{
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double nanoseconds_a_call(int way, text *document, int calls, MemoryContext per_call)
{
    MemoryContext previous = MemoryContextSwitchTo(per_call);
    read(way, document);
    MemoryContextReset(per_call);
    const double start = nanoseconds();
    for (int at = 0; at < calls; ++at) {
        read(way, document);
        MemoryContextReset(per_call);
    }
    MemoryContextSwitchTo(previous);
    return (nanoseconds() - start) / calls;
}

} // namespace

/* opigno_bench_read(document text, calls int, time int) RETURNS float8[]: each way's nanoseconds a call, the
 * medians of the rounds that there are in so many milliseconds, but of 7 at least. */
OPIGNO_FUNCTION(opigno_bench_read)
{
    text *document = PG_GETARG_TEXT_P_COPY(0);
    const int calls = PG_GETARG_INT32(1);
    MemoryContext per_call = AllocSetContextCreate(CurrentMemoryContext, "bench", ALLOCSET_DEFAULT_SIZES);
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    auto *times = static_cast<double *>(palloc(sizeof(double) * ways * max_rounds));
    int rounds = 0;
    const TimestampTz until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), PG_GETARG_INT32(2));
    for (; rounds < max_rounds && (rounds < 7 || GetCurrentTimestamp() < until); ++rounds) {
        CHECK_FOR_INTERRUPTS();
        for (int way = 0; way < ways; ++way)
            times[way * max_rounds + rounds] = nanoseconds_a_call(way, document, calls, per_call);
    }
    Datum results[ways];
    for (int way = 0; way < ways; ++way) {
        double *of_way = times + way * max_rounds;
        std::sort(of_way, of_way + rounds);
        results[way] = Float8GetDatum(of_way[rounds / 2]);
    }
    PG_RETURN_ARRAYTYPE_P(construct_array(results, ways, FLOAT8OID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}
