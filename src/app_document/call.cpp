#include "app_document/call.hpp"

#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/jsonb.hpp"
#include "pg/row_type.hpp"
#include "pg/spi.hpp"
#include "schema/check.hpp"
#include "json/merge/merge_patch.hpp"
#include "json/value/document_limit.hpp"

namespace opigno::app_document {

std::int32_t app_argument(FunctionCallInfo fcinfo, int argument_number, pg::Errors &errors)
{
    pg::require(fcinfo, argument_number, "app_id", errors);
    return PG_ARGISNULL(argument_number) ? 0 : PG_GETARG_INT32(argument_number);
}

Key key_argument(FunctionCallInfo fcinfo, const Kind &kind, pg::Errors &errors)
{
    text *holder = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), kind.holder_argument, errors);
    return {kind, holder, app_argument(fcinfo, 1, errors)};
}

namespace {

Datum row_of(FunctionCallInfo fcinfo, const Written &written)
{
    static constinit pg::RowType result;
    const Datum values[] = {Int64GetDatum(written.version),
                            PointerGetDatum(pg::make_text(identity::word_of(written.outcome)))};
    return result.form(fcinfo, values);
}

} // namespace

Datum write_document(const identity::Caller &caller, FunctionCallInfo fcinfo, const Key &key,
                     Operation operation, int first, pg::Errors &errors)
{
    pg::require(fcinfo, first, operation == Operation::Merge ? "patch" : "profile_data", errors);
    pg::ExpectedVersion expected;
    if (operation != Operation::Create)
        expected = pg::version_argument(fcinfo, first + 1, errors);
    errors.raise();
    const Written written = pg::with_spi([&](MemoryContext) {
        const SizeLimit limit = check_may_write(caller, key);
        return write(caller, key, operation, PG_GETARG_JSONB_P(first), expected, limit);
    });
    return row_of(fcinfo, written);
}

bool remove_document(const identity::Caller &caller, FunctionCallInfo fcinfo, const Key &key,
                     int version_number, pg::Errors &errors)
{
    const pg::ExpectedVersion expected = pg::version_argument(fcinfo, version_number, errors);
    errors.raise();
    return pg::with_spi([&](MemoryContext) {
        check_may_write(caller, key);
        return remove(caller, key, expected);
    });
}

Datum merged_document(FunctionCallInfo fcinfo, schema::DocumentKind kind)
{
    Jsonb *stored = PG_GETARG_JSONB_P(0);
    Jsonb *patch = PG_GETARG_JSONB_P(1);
    const schema::Active &active = schema::active_schemas(fcinfo->flinfo->fn_oid, kind, PG_GETARG_INT32(2));
    const bool is_judged = PG_GETARG_BOOL(3) && !active.is_none();
    Jsonb *merged = schema::with_defaults(active, json::merge_patch(stored, patch));
    if (json::loses_object(stored, patch) || json::is_same(merged, stored) ||
        json::excess_of(patch, merged, stored, json::max_document) != json::Excess::None ||
        (is_judged && !schema::satisfies_all(active, merged)))
        PG_RETURN_NULL();
    PG_RETURN_JSONB_P(merged);
}

} // namespace opigno::app_document
