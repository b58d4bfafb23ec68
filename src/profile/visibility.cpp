/* The function that the policy calls; visibility.sql has the contract. */
#include "identity/visibility.hpp"
#include "identity/level.hpp"
#include "profile/public_app.hpp"

namespace opigno::profile {

namespace {

using identity::Visibility;

bool may_read(Oid function, const text *user_uuid, std::int32_t app_id)
{
    switch (identity::visibility_of(user_uuid, identity::Access::of(function).reads_all())) {
    case Visibility::All:
        return true;
    case Visibility::Own:
        return identity::current_request()->app_id == app_id || app_is_public(function, app_id);
    case Visibility::None:
        break;
    }
    return false;
}

} // namespace

} // namespace opigno::profile

OPIGNO_STRICT_FUNCTION(opigno_may_read_profile)
{
    PG_RETURN_BOOL(
        opigno::profile::may_read(fcinfo->flinfo->fn_oid, PG_GETARG_TEXT_PP(0), PG_GETARG_INT32(1)));
}
