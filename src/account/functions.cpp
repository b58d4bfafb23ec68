/* The SQL functions over one account, and over a list to read; their contracts stand in functions.sql. */
#include "account/account.hpp"
#include "account/view.hpp"
#include "identity/request.hpp"
#include "identity/user_uuid.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"

#include <algorithm>

namespace opigno::account {

namespace {

using identity::Caller;

ArrayType *list_of(text *user_uuid)
{
    pg::Names names;
    names.push_back(pg::view(user_uuid));
    return pg::make_array(names);
}

/* The account as JSON in the memory of `outer`, or 0 where nothing of it is shown. */
Datum read(const Caller &caller, text *user_uuid, View most, const Fields &fields, bool latest,
           MemoryContext outer)
{
    const View view = std::min(most, caller.acts_on_all ? View::Operator : Reader(caller).view_of(user_uuid));
    if (look_up(list_of(user_uuid), latest) == 0)
        return Datum{0};
    MemoryContextSwitchTo(outer);
    json::Writer out;
    return write_account(out, 0, view, fields) ? out.json() : Datum{0};
}

Datum read_one(const Caller &caller, text *user_uuid, View most)
{
    return pg::with_spi([&](MemoryContext outer) {
        const Fields fields = configured_fields();
        return read(caller, user_uuid, most, fields, false, outer);
    });
}

void record(const Caller &caller, const text *user_uuid, const Patch &patch, std::int64_t version)
{
    identity::Event event;
    event.outcome = "merged";
    if (version > 0)
        event.version = version;
    event.user_uuid = user_uuid;
    event.subject = pg::make_text(patch.given);
    identity::record(caller, event);
}

std::optional<std::int64_t> version_argument(FunctionCallInfo fcinfo, int number, pg::Faults &faults)
{
    if (PG_ARGISNULL(number))
        return std::nullopt;
    if (PG_GETARG_INT64(number) < 0)
        faults.add(ERRCODE_INVALID_PARAMETER_VALUE, "expected_version",
                   "\"expected_version\" must not be negative");
    return PG_GETARG_INT64(number);
}

/* number: of the argument that is the patch; behind it is the expected version. */
Datum patch_one(const Caller &caller, FunctionCallInfo fcinfo, text *user_uuid, int number, View most,
                pg::Faults &faults)
{
    if (PG_ARGISNULL(number))
        faults.add(ERRCODE_INVALID_PARAMETER_VALUE, "patch", "\"patch\" is required");
    const std::optional<std::int64_t> expected = version_argument(fcinfo, number + 1, faults);
    faults.raise();
    return pg::with_spi([&](MemoryContext outer) {
        const text *name = check_may_write(caller, user_uuid);
        const Fields fields = configured_fields();
        FieldErrors errors;
        const Patch patch =
            patch_from_json(json::root_of(PG_GETARG_JSONB_P(number)), fields, pg::view(name), errors);
        if (!errors.empty()) {
            MemoryContextSwitchTo(outer);
            json::Writer out;
            errors.write(out);
            return out.json();
        }
        if (const Written written = write(caller, user_uuid, patch, expected); written.changed)
            record(caller, user_uuid, patch, written.version);
        const Datum account = read(caller, user_uuid, most, fields, true, outer);
        if (account == Datum{0})
            refuse_missing_user();
        return account;
    });
}

/* One row for each account that is shown. */
void return_accounts(const Caller &caller, ArrayType *user_uuids, View most, FunctionCallInfo fcinfo)
{
    const auto *result = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    const Fields fields = configured_fields();
    const Reader reader(caller);
    const std::uint64_t rows = look_up(user_uuids, false);
    MemoryContext of_row =
        AllocSetContextCreateInternal(CurrentMemoryContext, "account", ALLOCSET_DEFAULT_SIZES);
    MemoryContext before = MemoryContextSwitchTo(of_row);
    for (std::uint64_t row = 0; row < rows; ++row) {
        CHECK_FOR_INTERRUPTS();
        text *user_uuid = user_of(row);
        json::Writer out;
        if (write_account(out, row, std::min(most, reader.view_of(user_uuid)), fields)) {
            Datum values[] = {PointerGetDatum(user_uuid), out.json()};
            bool nulls[] = {false, false};
            tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
        }
        MemoryContextReset(of_row);
    }
    MemoryContextSwitchTo(before);
}

/* In canonical form, NULLs left out. */
ArrayType *canonical_list(ArrayType *given)
{
    pg::Names names;
    for (const std::string_view name : pg::names_of(given)) {
        if (name.data() == nullptr)
            continue;
        names.push_back(pg::view(identity::canonical_user_uuid(pg::make_text(name))));
    }
    return pg::make_array(names);
}

} // namespace

} // namespace opigno::account

using namespace opigno;
using identity::Caller;
using identity::Takes;

OPIGNO_FUNCTION(opigno_get_account)
{
    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    text *user_uuid = identity::canonical_user_uuid(PG_GETARG_TEXT_PP(0));
    const account::View view = account::view_argument(fcinfo, 1);
    const Datum found = identity::as_owner(fcinfo, Takes::Nothing, [&](const Caller &caller) {
        return account::read_one(caller, user_uuid, view);
    });
    return pg::value_or_null(fcinfo, found);
}

OPIGNO_FUNCTION(opigno_get_accounts)
{
    InitMaterializedSRF(fcinfo, 0);
    if (PG_ARGISNULL(0))
        return Datum{0};
    ArrayType *user_uuids = account::canonical_list(PG_GETARG_ARRAYTYPE_P(0));
    const account::View view = account::view_argument(fcinfo, 1);
    identity::as_owner(fcinfo, Takes::Nothing, [&](const Caller &caller) {
        return pg::with_spi([&](MemoryContext) {
            account::return_accounts(caller, user_uuids, view, fcinfo);
            return 0;
        });
    });
    return Datum{0};
}

OPIGNO_FUNCTION(opigno_my_account)
{
    const Datum found = identity::as_owner(fcinfo, Takes::OwnRequest, [&](const Caller &caller) {
        return account::read_one(caller, identity::current_request()->user_uuid, account::View::Own);
    });
    return pg::value_or_null(fcinfo, found);
}

OPIGNO_FUNCTION(opigno_patch_account)
{
    return identity::as_owner(fcinfo, Takes::Request, [&](const Caller &caller) {
        pg::Faults faults;
        text *user_uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "user_uuid", faults);
        return account::patch_one(caller, fcinfo, user_uuid, 1, account::View::Operator, faults);
    });
}

OPIGNO_FUNCTION(opigno_patch_my_account)
{
    return identity::as_owner(fcinfo, Takes::OwnRequest, [&](const Caller &caller) {
        pg::Faults faults;
        return account::patch_one(caller, fcinfo, identity::current_request()->user_uuid, 0,
                                  account::View::Own, faults);
    });
}
