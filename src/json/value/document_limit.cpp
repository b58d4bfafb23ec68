#include "json/value/document_limit.hpp"

#include "pg/jsonb.hpp"
#include "pg/result.hpp"
#include "json/value/document.hpp"
#include "json/value/text_size.hpp"

namespace opigno::json {

namespace {

/* Returns the exact size if it exceeds max_size; otherwise an upper bound that does not. */
TextSize bound_of(std::string_view container, std::int64_t max_size)
{
    const auto limit = static_cast<std::uint64_t>(max_size);
    const std::uint64_t bound = max_growth * container.size();
    if (bound <= limit) {
        TextSize size = text_size_of_numbers(container.data());
        size.bytes += bound;
        if (size.bytes <= limit)
            return size;
    }
    return text_size(container.data());
}

Excess excess_of(std::string_view container, std::int64_t max_size)
{
    const TextSize size = bound_of(container, max_size);
    return size.longest_number > max_number                    ? Excess::Number
           : size.bytes > static_cast<std::uint64_t>(max_size) ? Excess::Size
                                                               : Excess::None;
}

std::string_view bytes_of(const JsonbValue &number)
{
    return {reinterpret_cast<const char *>(number.val.numeric), VARSIZE(number.val.numeric)};
}

} // namespace

Excess excess_of(const Jsonb *given, std::int64_t max_size)
{
    return excess_of(container_of(given), max_size);
}

Excess excess_of(const Jsonb *given, const Jsonb *wanted, const Jsonb *stored, std::int64_t max_size)
{
    const TextSize size = bound_of(container_of(wanted), max_size);
    if (size.longest_number > max_number &&
        (given == wanted || text_size(VARDATA(given)).longest_number > max_number))
        return Excess::Number;
    const bool is_large = size.bytes > static_cast<std::uint64_t>(max_size);
    return is_large && (stored == nullptr || size.bytes > text_size(VARDATA(stored)).bytes) ? Excess::Size
                                                                                            : Excess::None;
}

Excess excess_of(const JsonbValue &given, std::int64_t max_size)
{
    switch (given.type) {
    case jbvNumeric:
        return is_too_long(given) ? Excess::Number : Excess::None;
    case jbvBinary:
        return excess_of({reinterpret_cast<const char *>(given.val.binary.data),
                          static_cast<std::size_t>(given.val.binary.len)},
                         max_size);
    default:
        return Excess::None;
    }
}

bool is_too_long(const JsonbValue &number)
{
    return size_of_number(bytes_of(number)) > max_number;
}

const char *message_of(Excess excess, std::int64_t max_size)
{
    return excess == Excess::Number
               ? psprintf("a number has more than %u characters as text", max_number)
               : psprintf("the document has more than " INT64_FORMAT " bytes as text", max_size);
}

void add_excess(Excess excess, std::int64_t max_size, const char *hint, pg::Errors &errors)
{
    if (excess == Excess::None)
        return;
    errors.add(ERRCODE_PROGRAM_LIMIT_EXCEEDED, nullptr, "%s", message_of(excess, max_size));
    if (excess == Excess::Number)
        errors.hint("Store a number as long as that as a string.");
    else if (max_size != max_document)
        errors.hint(hint);
}

void check_excess(Excess excess, std::int64_t max_size, const char *hint)
{
    pg::Errors errors;
    add_excess(excess, max_size, hint, errors);
    errors.raise();
}

} // namespace opigno::json

using namespace opigno;

OPIGNO_STRICT_FUNCTION(opigno_jsonb_text_size)
{
    TupleDesc row = nullptr;
    if (get_call_result_type(fcinfo, nullptr, &row) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "return type must be a row type");
    const json::TextSize size = json::text_size(VARDATA(PG_GETARG_JSONB_P(0)));
    Datum values[] = {Int64GetDatum(static_cast<std::int64_t>(size.bytes)),
                      Int32GetDatum(static_cast<std::int32_t>(size.longest_number))};
    bool nulls[] = {false, false};
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values, nulls));
}
