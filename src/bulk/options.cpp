#include "bulk/options.hpp"

#include "pg/argument.hpp"

namespace opigno::bulk {

Options options_argument(FunctionCallInfo fcinfo, int on_error, int max_errors, pg::Errors &errors)
{
    constexpr pg::Word<bool> words[] = {{"abort", false}, {"report", true}};
    Options options;
    options.report = pg::word_argument(fcinfo, on_error, "on_error", words, errors);
    options.dry_run = pg::flag_argument(fcinfo, on_error + 1);
    if (!PG_ARGISNULL(max_errors))
        options.max_errors = PG_GETARG_INT32(max_errors);
    if (options.max_errors < 0)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "max_errors", "\"max_errors\" must not be negative");
    return options;
}

} // namespace opigno::bulk
