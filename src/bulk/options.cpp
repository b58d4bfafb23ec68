#include "bulk/options.hpp"

#include "pg/argument.hpp"

namespace opigno::bulk {

Options options_argument(FunctionCallInfo fcinfo, const ArgumentNumbers &numbers, pg::Errors &errors)
{
    constexpr pg::Word<bool> error_words[] = {{"abort", false}, {"report", true}};
    constexpr pg::Word<bool> duplicate_words[] = {{"error", false}, {"last", true}};
    Options options;
    options.report = pg::word_argument(fcinfo, numbers.on_error, "on_error", error_words, errors);
    options.dry_run = pg::flag_argument(fcinfo, numbers.on_error + 1);
    if (!PG_ARGISNULL(numbers.max_errors))
        options.max_errors = PG_GETARG_INT32(numbers.max_errors);
    if (numbers.on_duplicate.has_value())
        options.last_wins =
            pg::word_argument(fcinfo, *numbers.on_duplicate, "on_duplicate", duplicate_words, errors);
    if (options.max_errors < 0)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "max_errors", "\"max_errors\" must not be negative");
    return options;
}

} // namespace opigno::bulk
