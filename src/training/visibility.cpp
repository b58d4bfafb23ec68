/* The functions that the policies call; visibility.sql has the contracts. */
#include "identity/visibility.hpp"
#include "identity/level.hpp"

OPIGNO_STRICT_FUNCTION(opigno_may_read_progress)
{
    using namespace opigno::identity;
    PG_RETURN_BOOL(
        visibility_of(PG_GETARG_TEXT_PP(0), Access::of(fcinfo->flinfo->fn_oid).reads_all_progress()) !=
        Visibility::None);
}
