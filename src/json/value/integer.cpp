#include "json/value/integer.hpp"

#include "pg/number.hpp"
#include "json/value/document_limit.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace opigno::json {

std::optional<std::int64_t> integer_of(const JsonbValue &value)
{
    if (value.type != jbvNumeric || is_too_long(value))
        return std::nullopt;
    const Datum number = NumericGetDatum(value.val.numeric);
    const Datum whole = DirectFunctionCall2(numeric_trunc, number, Int32GetDatum(0));
    if (!DatumGetBool(DirectFunctionCall2(numeric_eq, whole, number)))
        return std::nullopt;
    constexpr std::size_t most_digits = 20;
    const char *digits = DatumGetCString(DirectFunctionCall1(numeric_out, whole));
    if (std::strlen(digits) > most_digits)
        return std::nullopt;
    errno = 0;
    const long long integer = std::strtoll(digits, nullptr, 10);
    return errno == ERANGE ? std::nullopt : std::optional<std::int64_t>(integer);
}

} // namespace opigno::json
