/*
 * The loop of bench/json_schema: reads a text and judges the document, in several ways that take turns, in
 * one call. What a way allocates lives in a context that is reset after each call.
 */
#include "json/schema/compile.hpp"
#include "json/schema/evaluate.hpp"
#include "json/text/json_text.hpp"
#include "json/value/reader.hpp"

#include "pg/array.hpp"
#include "pg/jsonb.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "pg/time.hpp"

#include <algorithm>
#include <cstring>

extern "C" {
#include <malloc.h>
#include <time.h>
PG_MODULE_MAGIC;
}

namespace {

using namespace opigno;
namespace schema = json::schema;

constexpr int max_rounds = 5000;
enum Way { ReadAndJudge, Judge, Copy, ways };

struct Subject {
    const schema::Program *program;
    std::string_view text;
    Jsonb *document;
    json::Value value;
};

json::Value value_of(Jsonb *document)
{
    const char *container = reinterpret_cast<const char *>(&document->root);
    return {json::container_type, {container, static_cast<std::size_t>(VARSIZE(document)) - VARHDRSZ}};
}

bool run(Way way, const Subject &subject)
{
    switch (way) {
    case ReadAndJudge:
        return schema::judge(*subject.program, value_of(json::read_json(subject.text))) ==
               schema::Verdict::Valid;
    case Judge:
        return schema::judge(*subject.program, subject.value) == schema::Verdict::Valid;
    default:
        std::memcpy(palloc(VARSIZE(subject.document)), subject.document, VARSIZE(subject.document));
        return true;
    }
}

/* Of this process: while others have the processor it does not count. */
double nanoseconds()
{
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double nanoseconds_a_call(Way way, const Subject &subject, int calls, MemoryContext per_call)
{
    MemoryContext previous = MemoryContextSwitchTo(per_call);
    bool valid = run(way, subject);
    MemoryContextReset(per_call);
    const double start = nanoseconds();
    for (int at = 0; at < calls; ++at) {
        valid = run(way, subject) && valid;
        MemoryContextReset(per_call);
    }
    MemoryContextSwitchTo(previous);
    if (!valid)
        ereport(ERROR, errmsg("the document is not valid"));
    return (nanoseconds() - start) / calls;
}

} // namespace

/* opigno_bench_judge(schema jsonb, document text, calls int, time int) RETURNS float8[]: each way's
 * nanoseconds a call, the medians of the rounds that there are in so many milliseconds, but of 7 at least. */
OPIGNO_FUNCTION(opigno_bench_judge)
{
    schema::SchemaFaults faults;
    schema::SchemaFaults unknown;
    Subject subject{};
    subject.program = schema::compile(value_of(PG_GETARG_JSONB_P(0)), {}, faults, unknown);
    if (subject.program == nullptr)
        ereport(ERROR, errmsg("%s: %s", faults[0].pointer, faults[0].message));
    subject.text = pg::view(PG_GETARG_TEXT_P_COPY(1));
    subject.document = json::read_json(subject.text);
    subject.value = value_of(subject.document);
    const int calls = PG_GETARG_INT32(2);
    MemoryContext per_call = AllocSetContextCreate(CurrentMemoryContext, "bench", ALLOCSET_DEFAULT_SIZES);
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    auto *times = static_cast<double *>(palloc(sizeof(double) * ways * max_rounds));
    int rounds = 0;
    const TimestampTz until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), PG_GETARG_INT32(3));
    for (; rounds < max_rounds && (rounds < 7 || GetCurrentTimestamp() < until); ++rounds) {
        CHECK_FOR_INTERRUPTS();
        for (int way = 0; way < ways; ++way)
            times[way * max_rounds + rounds] =
                nanoseconds_a_call(static_cast<Way>(way), subject, calls, per_call);
    }
    Datum results[ways];
    for (int way = 0; way < ways; ++way) {
        double *of_way = times + way * max_rounds;
        std::sort(of_way, of_way + rounds);
        results[way] = Float8GetDatum(of_way[rounds / 2]);
    }
    PG_RETURN_ARRAYTYPE_P(construct_array(results, ways, FLOAT8OID, 8, FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}
