/* The SQL functions for single profiles; functions.sql has the contracts. */
#include "identity/request.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/jsonb.hpp"
#include "pg/result.hpp"
#include "pg/row_type.hpp"
#include "pg/spi.hpp"
#include "profile/store.hpp"
#include "schema/check.hpp"
#include "json/merge/merge_patch.hpp"
#include "json/value/document_limit.hpp"

namespace opigno::profile {

namespace {

using identity::Caller;

constexpr Oid own_types[] = {TEXTOID, INT4OID};
/* Types and operators are qualified because this runs with the caller's search_path and
 * policies. */
constinit pg::CallerStatement
    select_own("SELECT p.user_uuid, p.app_id, p.profile_data, p.version, p.created_at, p.updated_at"
               " FROM opigno.visible_profile AS p WHERE p.user_uuid OPERATOR(pg_catalog.=) $1"
               "  AND ($2 IS NULL OR p.app_id OPERATOR(pg_catalog.=) $2) ORDER BY p.app_id",
               own_types);

std::int32_t app_argument(FunctionCallInfo fcinfo, int argument_number, pg::Errors &errors)
{
    pg::require(fcinfo, argument_number, "app_id", errors);
    return PG_ARGISNULL(argument_number) ? 0 : PG_GETARG_INT32(argument_number);
}

/* Reads the key from the first two arguments. */
Key key_argument(FunctionCallInfo fcinfo, pg::Errors &errors)
{
    text *user_uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "user_uuid", errors);
    return {user_uuid, app_argument(fcinfo, 1, errors)};
}

/* Makes the key of the request's user and the app in the first argument. */
Key own_key_argument(FunctionCallInfo fcinfo, pg::Errors &errors)
{
    return {identity::current_request()->user_uuid, app_argument(fcinfo, 0, errors)};
}

/* Makes the row (version, outcome). */
Datum row_of(FunctionCallInfo fcinfo, const Written &written)
{
    static constinit pg::RowType result;
    const Datum values[] = {Int64GetDatum(written.version),
                            PointerGetDatum(pg::make_text(identity::word_of(written.outcome)))};
    return result.form(fcinfo, values);
}

/* The arguments after the key are the document and, unless the operation is Create, the expected
 * version. */
Datum write_document(const Caller &caller, FunctionCallInfo fcinfo, Operation operation, bool own)
{
    pg::Errors errors;
    const Key key = own ? own_key_argument(fcinfo, errors) : key_argument(fcinfo, errors);
    const int document = own ? 1 : 2;
    pg::require(fcinfo, document, operation == Operation::Merge ? "patch" : "profile_data", errors);
    pg::ExpectedVersion expected;
    if (operation != Operation::Create)
        expected = pg::version_argument(fcinfo, document + 1, errors);
    errors.raise();
    const Written written = pg::with_spi([&](MemoryContext) {
        const SizeLimit limit = check_may_write(caller, key);
        return write(caller, key, operation, PG_GETARG_JSONB_P(document), expected, limit);
    });
    return row_of(fcinfo, written);
}

bool remove_document(const Caller &caller, FunctionCallInfo fcinfo, bool own)
{
    pg::Errors errors;
    const Key key = own ? own_key_argument(fcinfo, errors) : key_argument(fcinfo, errors);
    const pg::ExpectedVersion expected = pg::version_argument(fcinfo, own ? 1 : 2, errors);
    errors.raise();
    return pg::with_spi([&](MemoryContext) {
        check_may_write(caller, key);
        return remove(caller, key, expected);
    });
}

} // namespace

} // namespace opigno::profile

using namespace opigno;
using identity::Caller;
using identity::RequiredAccess;
using profile::Operation;

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

OPIGNO_STRICT_FUNCTION(opigno_merged_profile)
{
    Jsonb *stored = PG_GETARG_JSONB_P(0);
    Jsonb *patch = PG_GETARG_JSONB_P(1);
    const schema::Active &active = schema::active_schemas(fcinfo->flinfo->fn_oid, PG_GETARG_INT32(2));
    const bool is_judged = PG_GETARG_BOOL(3) && !active.is_none();
    Jsonb *merged = schema::with_defaults(active, json::merge_patch(stored, patch));
    if (json::loses_object(stored, patch) || json::is_same(merged, stored) ||
        json::excess_of(patch, merged, stored, json::max_document) != json::Excess::None ||
        (is_judged && !schema::satisfies_all(active, merged)))
        PG_RETURN_NULL();
    PG_RETURN_JSONB_P(merged);
}
