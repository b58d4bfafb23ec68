/* The SQL functions for single profiles, and validate_profiles; functions.sql and schemas.sql have the
 * contracts. */
#include "app_document/call.hpp"
#include "app_document/validate.hpp"
#include "identity/distributed_rows.hpp"
#include "identity/request.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "profile/kind.hpp"

namespace opigno::profile {

namespace {

using app_document::Key;
using app_document::Operation;
using identity::Caller;

constexpr Oid own_types[] = {TEXTOID, INT4OID};
/* Types and operators are qualified because this runs with the caller's search_path and
 * policies. */
#define SELECT_OWN(source)                                                                                   \
    "SELECT p.user_uuid, p.app_id, p.profile_data, p.version, p.created_at, p.updated_at FROM " source       \
    " WHERE p.user_uuid OPERATOR(pg_catalog.=) $1 AND ($2 IS NULL OR p.app_id OPERATOR(pg_catalog.=) $2)"    \
    " ORDER BY p.app_id"
constinit pg::CallerStatement select_own(SELECT_OWN("opigno.visible_profile AS p"), own_types,
                                         SELECT_OWN(OPIGNO_DISTRIBUTED_PROFILES));

/* Makes the key of the request's user and the app in the first argument. */
Key own_key_argument(FunctionCallInfo fcinfo, pg::Errors &errors)
{
    return {profiles, identity::current_request()->user_uuid, app_document::app_argument(fcinfo, 0, errors)};
}

Datum write_document(const Caller &caller, FunctionCallInfo fcinfo, Operation operation, bool own)
{
    pg::Errors errors;
    const Key key =
        own ? own_key_argument(fcinfo, errors) : app_document::key_argument(fcinfo, profiles, errors);
    return app_document::write_document(caller, fcinfo, key, operation, own ? 1 : 2, errors);
}

bool remove_document(const Caller &caller, FunctionCallInfo fcinfo, bool own)
{
    pg::Errors errors;
    const Key key =
        own ? own_key_argument(fcinfo, errors) : app_document::key_argument(fcinfo, profiles, errors);
    return app_document::remove_document(caller, fcinfo, key, own ? 1 : 2, errors);
}

} // namespace

} // namespace opigno::profile

using namespace opigno;
using app_document::Operation;
using identity::Caller;
using identity::RequiredAccess;

OPIGNO_FUNCTION(opigno_upsert_profile)
{
    return identity::as_owner(fcinfo, RequiredAccess::Request, [&](const Caller &caller) {
        return profile::write_document(caller, fcinfo, Operation::Replace, false);
    });
}

OPIGNO_FUNCTION(opigno_patch_profile)
{
    return identity::as_owner(fcinfo, RequiredAccess::Request, [&](const Caller &caller) {
        return profile::write_document(caller, fcinfo, Operation::Merge, false);
    });
}

OPIGNO_FUNCTION(opigno_delete_profile)
{
    PG_RETURN_BOOL(identity::as_owner(fcinfo, RequiredAccess::Request, [&](const Caller &caller) {
        return profile::remove_document(caller, fcinfo, false);
    }));
}

OPIGNO_FUNCTION(opigno_create_my_profile)
{
    return identity::as_owner(fcinfo, RequiredAccess::OwnRequest, [&](const Caller &caller) {
        return profile::write_document(caller, fcinfo, Operation::Create, true);
    });
}

OPIGNO_FUNCTION(opigno_patch_my_profile)
{
    return identity::as_owner(fcinfo, RequiredAccess::OwnRequest, [&](const Caller &caller) {
        return profile::write_document(caller, fcinfo, Operation::Merge, true);
    });
}

OPIGNO_FUNCTION(opigno_delete_my_profile)
{
    PG_RETURN_BOOL(identity::as_owner(fcinfo, RequiredAccess::OwnRequest, [&](const Caller &caller) {
        return profile::remove_document(caller, fcinfo, true);
    }));
}

OPIGNO_FUNCTION(opigno_my_profiles)
{
    identity::check_caller(fcinfo, RequiredAccess::OwnRequest);
    InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
    pg::with_spi([&](MemoryContext) {
        const bool of_all = PG_ARGISNULL(0);
        const Datum values[] = {PointerGetDatum(identity::current_request()->user_uuid),
                                of_all ? Datum{0} : PG_GETARG_DATUM(0)};
        const char nulls[] = {' ', of_all ? 'n' : ' '};
        profile::select_own.read(values, nulls);
        pg::return_rows(fcinfo);
        return 0;
    });
    return Datum{0};
}

OPIGNO_FUNCTION(opigno_validate_profiles)
{
    return identity::as_owner(fcinfo, RequiredAccess::Operator, [&](const Caller &caller) {
        return app_document::validate(fcinfo, caller, profile::profiles);
    });
}

OPIGNO_STRICT_FUNCTION(opigno_merged_profile)
{
    return app_document::merged_document(fcinfo, schema::DocumentKind::Profile);
}
