/* Reads JSON text with jsonb_in, which decides whether a text is valid and what its error is. */
#include "pg/encoding.hpp"
#include "pg/json_parser.hpp"
#include "pg/jsonb.hpp"
#include "json/text/json_text.hpp"

#include "pg/subtransaction.hpp"

#include <algorithm>

namespace opigno::json {

namespace {

/* Within these limits jsonb_in finds no error that the functions below cannot predict: its stack is large
 * enough, and no container exceeds what jsonb can hold. */
constexpr int safe_depth = 128;
constexpr std::size_t safe_size = std::size_t{16} << 20U;

char *terminated(std::string_view text)
{
    return pnstrdup(text.data(), text.size());
}

Jsonb *jsonb_of(char *text)
{
    return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(text)));
}

/* Replaces the server's own message, which may quote the text. nullptr: the error is not about the
 * text. */
const char *message_of(int sqlstate)
{
    switch (sqlstate) {
    case ERRCODE_INVALID_TEXT_REPRESENTATION:
        return "invalid input syntax for type json";
    case ERRCODE_UNTRANSLATABLE_CHARACTER:
    case ERRCODE_FEATURE_NOT_SUPPORTED: /* no conversion from Unicode to this encoding, before 16 */
        return "unsupported Unicode escape sequence";
    case ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE:
        return "value overflows numeric format";
    case ERRCODE_STATEMENT_TOO_COMPLEX:
        return "stack depth limit exceeded";
    case ERRCODE_PROGRAM_LIMIT_EXCEEDED:
        return "the document exceeds a limit of jsonb";
    default:
        return nullptr;
    }
}

/* At least the number of levels that jsonb_in descends before it ends or finds an error. */
int depth_of(std::string_view text)
{
    int depth = 0;
    int deepest = 0;
    bool is_string = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (is_string) {
            at += static_cast<std::size_t>(c == '\\');
            is_string = c != '"';
        } else if (c == '"') {
            is_string = true;
        } else if (c == '[' || c == '{') {
            deepest = std::max(deepest, ++depth);
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return deepest;
}

enum class Verdict { readable, unreadable, unknown };

/*
 * Calls jsonb_in in a subtransaction, so that its error can be caught. Used if only jsonb_in can
 * find the error. Errors that are not about the text are raised again.
 */
Jsonb *try_in_subtransaction(char *text, pg::Error &why)
{
    Jsonb *volatile result = nullptr;
    pg::in_subtransaction(
        [&] {
            result = jsonb_of(text);
            return true;
        },
        [&](const ErrorData &error) {
            why = {error.sqlerrcode, "", message_of(error.sqlerrcode)};
            return why.message != nullptr;
        });
    return result;
}

#if PG_VERSION_NUM >= 160000

/* From 16 on jsonb_in reports most errors of a text without raising. */
Jsonb *try_softly(char *text, std::size_t /*size*/, Verdict &verdict, pg::Error &why)
{
    ErrorSaveContext errors{};
    errors.type = T_ErrorSaveContext;
    errors.details_wanted = true;
    Datum result{};
    if (DirectInputFunctionCallSafe(jsonb_in, text, InvalidOid, -1, reinterpret_cast<Node *>(&errors),
                                    &result)) {
        verdict = Verdict::readable;
        return DatumGetJsonbP(result);
    }
    why = {errors.error_data->sqlerrcode, "", message_of(errors.error_data->sqlerrcode)};
    verdict = why.message == nullptr ? Verdict::unknown : Verdict::unreadable;
    return nullptr;
}

#else

/* Whether numeric_in may refuse a number: its limits are 131,072 digits before the point and 16,383
 * after it. */
bool may_overflow(std::string_view number)
{
    constexpr std::size_t safe_digits = 6000;
    constexpr std::size_t safe_exponent = 5; /* characters, with the sign */
    const std::size_t exponent = number.find_first_of("eE");
    return number.size() > safe_digits ||
           (exponent != std::string_view::npos && number.size() - exponent - 1 > safe_exponent);
}

void note_number(void *state, char *token, JsonTokenType type)
{
    if (type == JSON_TOKEN_NUMBER && may_overflow(token))
        *static_cast<bool *>(state) = true;
}

/* Calls the parser that jsonb_in uses, which returns an error instead of raising it. */
Verdict judge(char *text, std::size_t size, pg::Error &why)
{
    /* In encodings other than UTF-8 it raises an error for a character that the encoding does not
     * have. */
    if (GetDatabaseEncoding() != PG_UTF8 && strstr(text, "\\u") != nullptr)
        return Verdict::unknown;
    bool has_huge_number = false;
    JsonSemAction actions{};
    actions.semstate = &has_huge_number;
    actions.scalar = note_number;
    JsonLexContext *lexer =
        makeJsonLexContextCstringLen(text, static_cast<int>(size), GetDatabaseEncoding(), true);
    const JsonParseErrorType error = pg_parse_json(lexer, &actions);
    if (has_huge_number)
        return Verdict::unknown;
    if (error == JSON_SUCCESS)
        return Verdict::readable;
    const bool is_character = error == JSON_UNICODE_HIGH_ESCAPE || error == JSON_UNICODE_CODE_POINT_ZERO;
    const int sqlstate =
        is_character ? ERRCODE_UNTRANSLATABLE_CHARACTER : ERRCODE_INVALID_TEXT_REPRESENTATION;
    why = {sqlstate, "", message_of(sqlstate)};
    return Verdict::unreadable;
}

Jsonb *try_softly(char *text, std::size_t size, Verdict &verdict, pg::Error &why)
{
    MemoryContext scratch =
        AllocSetContextCreateInternal(CurrentMemoryContext, "JSON text to be judged", ALLOCSET_DEFAULT_SIZES);
    MemoryContext previous = MemoryContextSwitchTo(scratch);
    verdict = judge(text, size, why);
    MemoryContextSwitchTo(previous);
    MemoryContextDelete(scratch);
    return verdict == Verdict::readable ? jsonb_of(text) : nullptr;
}

#endif

} // namespace

Jsonb *read_json_by_server(std::string_view text)
{
    char *copy = terminated(text);
    Jsonb *result = jsonb_of(copy);
    pfree(copy);
    return result;
}

Jsonb *try_read_json_by_server(std::string_view text, pg::Error &why)
{
    char *copy = terminated(text);
    Verdict verdict = Verdict::unknown;
    Jsonb *result = nullptr;
    if (text.size() <= safe_size && depth_of(text) <= safe_depth)
        result = try_softly(copy, text.size(), verdict, why);
    if (verdict == Verdict::unknown)
        result = try_in_subtransaction(copy, why);
    pfree(copy);
    return result;
}

} // namespace opigno::json
