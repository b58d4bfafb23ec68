/* The functions that the policies call; visibility.sql has the contracts. */
#include "identity/visibility.hpp"
#include "identity/level.hpp"

namespace {

bool may_read(FunctionCallInfo fcinfo)
{
    using namespace opigno::identity;
    return visibility_of(PG_GETARG_TEXT_PP(0), Access::of(fcinfo->flinfo->fn_oid).reads_all()) !=
           Visibility::None;
}

} // namespace

OPIGNO_STRICT_FUNCTION(opigno_may_read_account)
{
    PG_RETURN_BOOL(may_read(fcinfo));
}

OPIGNO_STRICT_FUNCTION(opigno_may_read_preference)
{
    PG_RETURN_BOOL(may_read(fcinfo));
}
