/* The function that the policy calls; visibility.sql has the contract. */
#include "context/granted.hpp"
#include "identity/level.hpp"
#include "identity/request.hpp"
#include "pg/text.hpp"

namespace opigno::context {

namespace {

bool is_own(const identity::Request &request, FunctionCallInfo fcinfo)
{
    if (PG_ARGISNULL(0) || pg::view(PG_GETARG_TEXT_PP(0)) != pg::view(request.user_uuid))
        return false;
    return PG_ARGISNULL(1) ? identity::may_act_for_creation_of(request, std::nullopt)
                           : identity::may_act_for_creation_of(request, PG_GETARG_INT64(1));
}

bool is_of_client(const identity::Request &request, FunctionCallInfo fcinfo)
{
    if (request.is_restricted || !request.client_id.has_value())
        return false;
    return request.acts_for_every_user || (!PG_ARGISNULL(1) && *request.client_id == PG_GETARG_INT64(1)) ||
           (!PG_ARGISNULL(0) && is_granted_in_query(fcinfo, *request.client_id, PG_GETARG_TEXT_PP(0)));
}

bool may_read(FunctionCallInfo fcinfo)
{
    if (identity::Access::of(fcinfo->flinfo->fn_oid).reads_all())
        return true;
    const identity::Request *request = identity::current_request();
    if (request == nullptr || request->user_uuid == nullptr)
        return false;
    return is_own(*request, fcinfo) || is_of_client(*request, fcinfo);
}

} // namespace

} // namespace opigno::context

OPIGNO_FUNCTION(opigno_may_read_user_context)
{
    PG_RETURN_BOOL(opigno::context::may_read(fcinfo));
}
