/* Which training profiles and which of their members a caller may see; profile_visibility.sql has the
 * contracts. */
#include "document/public_app.hpp"
#include "identity/level.hpp"
#include "pg/invalidation.hpp"
#include "schema/rights.hpp"

namespace opigno::training {

namespace {

bool may_read_profile(Oid function, std::int32_t app_id)
{
    if (identity::Access::of(function).reads_all_progress())
        return true;
    const identity::Request *request = identity::acting_request();
    return request != nullptr && (request->app_id == app_id || document::app_is_public(function, app_id));
}

/* Returns nullptr if the caller sees all members of the app's training profiles. A running query
 * receives no announcement of a change by itself. */
const schema::RequestRights *limits_of(Oid function, std::int32_t app_id)
{
    if (identity::Access::of(function).reads_all_progress())
        return nullptr;
    AcceptInvalidationMessages();
    const schema::RequestRights *rights = schema::rights_of_request(
        schema::active_schemas(function, schema::DocumentKind::TrainingProfile, app_id),
        identity::ScopeRegistry::View::Statement);
    return rights == nullptr || rights->sees_everything() ? nullptr : rights;
}

} // namespace

} // namespace opigno::training

using namespace opigno;

OPIGNO_STRICT_FUNCTION(opigno_may_read_training_profile)
{
    PG_RETURN_BOOL(training::may_read_profile(fcinfo->flinfo->fn_oid, PG_GETARG_INT32(0)));
}

OPIGNO_STRICT_FUNCTION(opigno_may_read_whole_training_profile)
{
    const Oid function = fcinfo->flinfo->fn_oid;
    const std::int32_t app_id = PG_GETARG_INT32(0);
    PG_RETURN_BOOL(training::may_read_profile(function, app_id) &&
                   training::limits_of(function, app_id) == nullptr);
}

OPIGNO_STRICT_FUNCTION(opigno_visible_training_profile_data)
{
    const schema::RequestRights *limits = training::limits_of(fcinfo->flinfo->fn_oid, PG_GETARG_INT32(0));
    if (limits == nullptr)
        PG_RETURN_DATUM(PG_GETARG_DATUM(1));
    PG_RETURN_JSONB_P(limits->visible(PG_GETARG_JSONB_P(1)));
}
