/*
 * What test/suites/json_text.t needs in the server: the reader of JSON text beside jsonb_in, and
 * damaged texts. The reader is linked in, so that one server can try it with simdjson and without.
 */
#include "pg/encoding.hpp"
#include "pg/jsonb.hpp"
#include "pg/number.hpp"
#include "pg/subtransaction.hpp"

#include "pg/text.hpp"
#include "random_text.hpp"
#include "json/text/json_text.hpp"
#include "json/text/syntax_error.hpp"

#include <cstring>

extern "C" {
PG_MODULE_MAGIC;
}

namespace {

using namespace opigno;

enum class Reader { jsonb_in, raising, trying, raising_by_server, trying_by_server };

/* What a reader makes of a text: a document, or an error. */
struct Outcome {
    Jsonb *document;
    int sqlstate;
    const char *words; /* all that an error says */
};

Outcome ask(Reader reader, std::string_view document)
{
    pg::Error why{};
    Jsonb *result = nullptr;
    switch (reader) {
    case Reader::jsonb_in:
        result = DatumGetJsonbP(
            DirectFunctionCall1(jsonb_in, CStringGetDatum(pnstrdup(document.data(), document.size()))));
        break;
    case Reader::raising:
        result = json::read_json(document);
        break;
    case Reader::raising_by_server:
        result = json::read_json_by_server(document);
        break;
    case Reader::trying:
        result = json::try_read_json(document, why);
        break;
    case Reader::trying_by_server:
        result = json::try_read_json_by_server(document, why);
        break;
    }
    return {result, result == nullptr ? why.sqlstate : 0, why.message};
}

const char *or_nothing(const char *words)
{
    return words == nullptr ? "-" : words;
}

Outcome outcome_of(Reader reader, std::string_view document)
{
    MemoryContext context = CurrentMemoryContext;
    ResourceOwner owner = CurrentResourceOwner;
    Outcome outcome{};
    volatile bool raised = false;
    BeginInternalSubTransaction(nullptr);
    MemoryContextSwitchTo(context);
    PG_TRY();
    {
        outcome = ask(reader, document);
        ReleaseCurrentSubTransaction();
    }
    PG_CATCH();
    {
        raised = true;
    }
    PG_END_TRY();
    MemoryContextSwitchTo(context);
    if (raised) {
        ErrorData *error = CopyErrorData();
        FlushErrorState();
        RollbackAndReleaseCurrentSubTransaction();
        outcome = {nullptr, error->sqlerrcode,
                   psprintf("%s|%s|%s|%s", error->message, or_nothing(error->detail), or_nothing(error->hint),
                            or_nothing(error->context))};
        if (reader == Reader::trying || reader == Reader::trying_by_server)
            outcome.words = psprintf("RAISED %s", outcome.words);
    }
    MemoryContextSwitchTo(context);
    CurrentResourceOwner = owner;
    return outcome;
}

const char *shown(const Outcome &outcome)
{
    if (outcome.document == nullptr)
        return psprintf("%s %s", unpack_sql_state(outcome.sqlstate), or_nothing(outcome.words));
    return JsonbToCString(nullptr, &outcome.document->root, static_cast<int>(VARSIZE(outcome.document)));
}

bool is_same(const Outcome &expected, const Outcome &other, bool with_words)
{
    if (expected.document == nullptr || other.document == nullptr)
        return expected.document == other.document && expected.sqlstate == other.sqlstate &&
               (with_words ? strcmp(expected.words, other.words) == 0
                           : other.words != nullptr && strncmp(other.words, "RAISED", 6) != 0);
    return VARSIZE(expected.document) == VARSIZE(other.document) &&
           std::memcmp(expected.document, other.document, VARSIZE(expected.document)) == 0;
}

/* Whether an error is described in the texts that have one, and in no other. */
bool is_described(const Outcome &outcome, std::string_view document)
{
    const bool has_reason = json::find_syntax_error(document).reason != nullptr;
    switch (outcome.sqlstate) {
    case 0:
        return !has_reason;
    case ERRCODE_INVALID_TEXT_REPRESENTATION:
    case ERRCODE_UNTRANSLATABLE_CHARACTER:
    case ERRCODE_FEATURE_NOT_SUPPORTED:
        return has_reason;
    default:
        return true;
    }
}

const char *difference(std::string_view document)
{
    struct {
        Reader reader;
        const char *name;
        bool with_words;
    } const readers[] = {{Reader::raising, "read_json", true},
                         {Reader::trying, "try_read_json", false},
                         {Reader::raising_by_server, "read_json_by_server", true},
                         {Reader::trying_by_server, "try_read_json_by_server", false}};
    const Outcome expected = outcome_of(Reader::jsonb_in, document);
    const char *found = nullptr;
    for (const auto &other : readers) {
        MemoryContext outer = CurrentMemoryContext; /* what a reader leaves behind may be huge */
        MemoryContext inner = AllocSetContextCreate(outer, "one reader", ALLOCSET_DEFAULT_SIZES);
        MemoryContextSwitchTo(inner);
        const Outcome outcome = outcome_of(other.reader, document);
        MemoryContextSwitchTo(outer);
        if (found == nullptr && !is_same(expected, outcome, other.with_words))
            found = psprintf("jsonb_in: %s, %s: %s", shown(expected), other.name, shown(outcome));
        MemoryContextDelete(inner);
    }
    if (found == nullptr && !is_described(expected, document))
        found = psprintf("jsonb_in: %s, find_syntax_error: %s", shown(expected),
                         or_nothing(json::find_syntax_error(document).reason));
    return found;
}

std::string_view argument(FunctionCallInfo fcinfo)
{
    return pg::view(PG_GETARG_TEXT_PP(0));
}

} // namespace

/* json_difference(text) text: between jsonb_in and the reader, or NULL. */
OPIGNO_FUNCTION(json_difference)
{
    const char *found = difference(argument(fcinfo));
    if (found == nullptr)
        PG_RETURN_NULL();
    PG_RETURN_TEXT_P(cstring_to_text(found));
}

/* json_outcome(text) text: "accept", or the SQLSTATE by which jsonb_in refuses. */
OPIGNO_FUNCTION(json_outcome)
{
    const Outcome outcome = outcome_of(Reader::jsonb_in, argument(fcinfo));
    PG_RETURN_TEXT_P(
        cstring_to_text(outcome.document != nullptr ? "accept" : unpack_sql_state(outcome.sqlstate)));
}

/* json_is_fast(text) boolean: whether it takes no reader of the server's. */
OPIGNO_FUNCTION(json_is_fast)
{
    bool has_repeats = false;
    PG_RETURN_BOOL(json::read_json_fast(argument(fcinfo), has_repeats) != nullptr);
}

/* json_loop(text, count integer): the reader, so many times. */
OPIGNO_FUNCTION(json_loop)
{
    MemoryContext memory = AllocSetContextCreate(CurrentMemoryContext, "loop", ALLOCSET_DEFAULT_SIZES);
    const std::string_view document = argument(fcinfo);
    MemoryContext previous = MemoryContextSwitchTo(memory);
    for (int left = PG_GETARG_INT32(1); left > 0; --left) {
        json::read_json(document);
        MemoryContextReset(memory);
    }
    MemoryContextSwitchTo(previous);
    PG_RETURN_VOID();
}

/* damaged_text(seed bigint, number bigint) text */
OPIGNO_FUNCTION(damaged_text)
{
    const auto seed = static_cast<std::uint64_t>(PG_GETARG_INT64(0)) * 0x100000001B3U +
                      static_cast<std::uint64_t>(PG_GETARG_INT64(1));
    StringInfoData whole;
    initStringInfo(&whole);
    test::RandomJson random(seed);
    test::Printer(~seed, &whole).print(random.document());
    StringInfoData out;
    initStringInfo(&out);
    test::Damage(seed ^ 0x5DEECE66DU, &out).of({whole.data, static_cast<std::size_t>(whole.len)});
    PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}
