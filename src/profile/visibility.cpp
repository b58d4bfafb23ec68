/* Which profiles and which of their members a caller may see; visibility.sql has the contracts. */
#include "identity/visibility.hpp"
#include "document/public_app.hpp"
#include "identity/level.hpp"
#include "pg/invalidation.hpp"
#include "schema/rights.hpp"

namespace opigno::profile {

namespace {

using identity::Visibility;

bool may_read(Oid function, const text *user_uuid, std::int32_t app_id)
{
    switch (identity::visibility_of(user_uuid, identity::Access::of(function).reads_all())) {
    case Visibility::All:
        return true;
    case Visibility::Own:
        return identity::current_request()->app_id == app_id || document::app_is_public(function, app_id);
    case Visibility::None:
        break;
    }
    return false;
}

/* Returns nullptr if the caller sees all members of the app's profiles. A running query receives no
 * announcement of a change by itself. */
const schema::RequestRights *limits_of(Oid function, std::int32_t app_id)
{
    if (identity::Access::of(function).reads_all())
        return nullptr;
    AcceptInvalidationMessages();
    const schema::RequestRights *rights =
        schema::rights_of_request(schema::active_schemas(function, schema::DocumentKind::Profile, app_id),
                                  identity::ScopeRegistry::View::Statement);
    return rights == nullptr || rights->sees_everything() ? nullptr : rights;
}

} // namespace

} // namespace opigno::profile

using namespace opigno;

OPIGNO_STRICT_FUNCTION(opigno_may_read_profile)
{
    PG_RETURN_BOOL(profile::may_read(fcinfo->flinfo->fn_oid, PG_GETARG_TEXT_PP(0), PG_GETARG_INT32(1)));
}

OPIGNO_STRICT_FUNCTION(opigno_may_read_whole_profile)
{
    const Oid function = fcinfo->flinfo->fn_oid;
    const std::int32_t app_id = PG_GETARG_INT32(1);
    PG_RETURN_BOOL(profile::may_read(function, PG_GETARG_TEXT_PP(0), app_id) &&
                   profile::limits_of(function, app_id) == nullptr);
}

/* A document that is shown as it is stays as it is stored, perhaps compressed or in another table. */
OPIGNO_STRICT_FUNCTION(opigno_visible_profile_data)
{
    const schema::RequestRights *limits = profile::limits_of(fcinfo->flinfo->fn_oid, PG_GETARG_INT32(0));
    if (limits == nullptr)
        PG_RETURN_DATUM(PG_GETARG_DATUM(1));
    PG_RETURN_JSONB_P(limits->visible(PG_GETARG_JSONB_P(1)));
}
