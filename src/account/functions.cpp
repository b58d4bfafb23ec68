/* The SQL functions for single accounts, and to read lists of them; functions.sql has the
 * contracts. */
#include "account/account.hpp"
#include "account/view.hpp"
#include "document/expected_version.hpp"
#include "identity/request.hpp"
#include "identity/user.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/array.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "pg/vector.hpp"
#include "json/error_list.hpp"
#include "json/text/repeated_members.hpp"
#include "json/value/reader.hpp"

#include <algorithm>

namespace opigno::account {

namespace {

using identity::Caller;

/* Returns the account as it is now as JSON in the memory context `outer`, or 0 if the caller may not
 * see it. */
Datum read_latest(const Reader &reader, text *user_uuid, const Fields &fields, MemoryContext outer,
                  const pg::Names &not_shown)
{
    pg::Names names;
    names.push_back(pg::view(user_uuid));
    if (reader.look_up(names, fields, true) == 0)
        return Datum{0};
    MemoryContextSwitchTo(outer);
    json::Writer out;
    return reader.write(out, 0, fields, not_shown) ? out.json() : Datum{0};
}

Datum read_one(const Caller &caller, text *user_uuid, View most)
{
    json::Writer out;
    return pg::with_spi([&](MemoryContext outer) {
        const Reader reader(caller, most);
        if (reader.view_of(user_uuid) == View::None ||
            !reader.write_one(out, user_uuid, configured_fields(false)))
            return Datum{0};
        MemoryContextSwitchTo(outer);
        return out.json();
    });
}

void record(const Caller &caller, const text *user_uuid, const Patch &patch, std::int64_t version)
{
    identity::Event event;
    event.outcome = identity::Outcome::Merged;
    event.version = version;
    event.user_uuid = user_uuid;
    event.subject = pg::make_text(patch.given);
    identity::record(caller, event);
}

/* Returns the errors of fields in the memory context `outer`. */
Datum refusal(const pg::Errors &errors, MemoryContext outer)
{
    MemoryContextSwitchTo(outer);
    json::Writer out;
    json::write_field_errors(out, errors.all());
    return out.json();
}

constexpr std::string_view guarding_members[] = {document::version_member};

/* The member "version" of a patch is an expected version, as the argument is. */
pg::ExpectedVersion both_expected(const JsonbValue &patch, pg::ExpectedVersion argument, pg::Errors &errors)
{
    pg::ExpectedVersion member;
    if (json::is_object(patch))
        json::each_member(patch, [&](std::string_view name, const JsonbValue &value) {
            if (name == document::version_member)
                member = document::expected_version(value, errors);
        });
    if (member.has_value() && argument.has_value() && *member != *argument)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, document::version_member,
                   "\"%s\" is not the expected version", document::version_member);
    return member.has_value() ? member : argument;
}

/* argument_number: that of the patch; the next argument is the expected version. */
Datum patch_one(const Caller &caller, FunctionCallInfo fcinfo, text *user_uuid, int argument_number,
                View most, pg::Errors &errors)
{
    pg::require(fcinfo, argument_number, "patch", errors);
    const pg::ExpectedVersion argument = pg::version_argument(fcinfo, argument_number + 1, errors);
    errors.raise();
    return pg::with_spi([&](MemoryContext outer) {
        const identity::User user = identity::check_may_write_for(caller, user_uuid);
        const Fields fields = fields_to_write(caller);
        Jsonb *document = json::read_distinct(pg::view(PG_GETARG_TEXT_PP(argument_number)), errors);
        ShownAccount shown(caller, user_uuid, fields);
        Patch patch;
        pg::ExpectedVersion expected;
        if (errors.empty()) {
            const JsonbValue given = json::root_of(document);
            expected = both_expected(given, argument, errors);
            patch =
                patch_from_json(given, fields, pg::view(user.display_name), shown, errors, guarding_members);
        }
        add_errors_of_fields(caller, user_uuid, patch, errors);
        if (!errors.empty())
            return refusal(errors, outer);
        const Written written = write(caller, user_uuid, user, patch, expected, nullptr, errors);
        if (!errors.empty() && errors.all()[0].user_message != nullptr)
            return refusal(errors, outer);
        errors.raise();
        if (written.outcome != identity::Outcome::Unchanged)
            record(caller, user_uuid, patch, written.version);
        const Datum account = read_latest(Reader(caller, most), user_uuid, fields, outer, patch.not_shown);
        if (account == Datum{0})
            identity::refuse_missing_user(user_uuid);
        return account;
    });
}

/* Adds a row to the result for each of these accounts that the caller may see. */
void return_chunk(const Reader &reader, const pg::Names &user_uuids, const Fields &fields,
                  ReturnSetInfo *result)
{
    const std::uint64_t rows = reader.look_up(user_uuids, fields, false);
    MemoryContext row_context =
        AllocSetContextCreateInternal(CurrentMemoryContext, "opigno account", ALLOCSET_DEFAULT_SIZES);
    for (std::uint64_t row = 0; row < rows; ++row) {
        CHECK_FOR_INTERRUPTS();
        MemoryContext before = MemoryContextSwitchTo(row_context);
        json::Writer out;
        if (reader.write(out, row, fields)) {
            Datum values[] = {PointerGetDatum(user_of(row)), out.json()};
            bool nulls[] = {false, false};
            tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
        }
        MemoryContextSwitchTo(before);
        MemoryContextReset(row_context);
    }
}

/* The most that a request reads in a call. */
constexpr int max_accounts = 500;

/* Returns the accounts in chunks, of which a request has one. Each chunk's memory is freed before the
 * next. */
void return_accounts(const Reader &reader, const pg::Names &user_uuids, ReturnSetInfo *result)
{
    constexpr std::size_t chunk_size = max_accounts;
    if (user_uuids.empty())
        return;
    const Fields fields = configured_fields(false);
    for (std::size_t from = 0; from < user_uuids.size(); from += chunk_size)
        pg::with_spi([&](MemoryContext) {
            pg::Names chunk;
            for (std::size_t at = from; at < std::min(from + chunk_size, user_uuids.size()); ++at)
                chunk.push_back(user_uuids[at]);
            return_chunk(reader, chunk, fields, result);
            return 0;
        });
}

/* Removes duplicates, and keeps the order of first occurrence. */
pg::Names distinct(const pg::Names &names)
{
    struct Place {
        std::string_view name;
        std::size_t at;
    };
    pg::Vector<Place> places;
    for (const std::string_view name : names)
        places.push_back({name, places.size()});
    std::sort(places.begin(), places.end(), [](const Place &left, const Place &right) {
        const int order = left.name.compare(right.name);
        return order != 0 ? order < 0 : left.at < right.at;
    });
    Place *end = std::unique(places.begin(), places.end(),
                             [](const Place &left, const Place &right) { return left.name == right.name; });
    std::sort(places.begin(), end, [](const Place &left, const Place &right) { return left.at < right.at; });
    pg::Names result;
    std::for_each(places.begin(), end, [&](const Place &place) { result.push_back(place.name); });
    return result;
}

void check_number(const Reader &reader, const ArrayType *user_uuids)
{
    if (!reader.sees_all() && ArrayGetNItems(ARR_NDIM(user_uuids), ARR_DIMS(user_uuids)) > max_accounts)
        ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
                errmsg("a request reads at most %d accounts in a call", max_accounts),
                errhint("Read the others with further calls."));
}

/* Returns the distinct canonical user uuids, without NULLs and users whom the caller may not
 * see. */
pg::Names shown_of(const Reader &reader, ArrayType *given)
{
    check_number(reader, given);
    pg::Names names;
    for (const std::string_view name : pg::names_of(given)) {
        CHECK_FOR_INTERRUPTS();
        if (name.data() == nullptr)
            continue;
        const text *user_uuid = identity::canonical_user_uuid(pg::make_text(name));
        if (reader.view_of(user_uuid) != View::None)
            names.push_back(pg::view(user_uuid));
    }
    return distinct(names);
}

} // namespace

} // namespace opigno::account

using namespace opigno;
using identity::Caller;
using identity::RequiredAccess;

OPIGNO_FUNCTION(opigno_get_account)
{
    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    text *user_uuid = identity::canonical_user_uuid(PG_GETARG_TEXT_PP(0));
    const account::View view = account::view_argument(fcinfo, 1);
    const Datum found = identity::as_owner(fcinfo, RequiredAccess::None, [&](const Caller &caller) {
        return account::read_one(caller, user_uuid, view);
    });
    return pg::value_or_null(fcinfo, found);
}

OPIGNO_FUNCTION(opigno_get_accounts)
{
    InitMaterializedSRF(fcinfo, 0);
    if (PG_ARGISNULL(0))
        return Datum{0};
    const account::View view = account::view_argument(fcinfo, 1);
    identity::as_owner(fcinfo, RequiredAccess::None, [&](const Caller &caller) {
        return pg::with_spi([&](MemoryContext) {
            const account::Reader reader(caller, view);
            if (reader.sees_anybody())
                account::return_accounts(reader, account::shown_of(reader, PG_GETARG_ARRAYTYPE_P(0)),
                                         reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo));
            return 0;
        });
    });
    return Datum{0};
}

OPIGNO_FUNCTION(opigno_my_account)
{
    const Datum found = identity::as_owner(fcinfo, RequiredAccess::OwnRequest, [&](const Caller &caller) {
        return account::read_one(caller, identity::current_request()->user_uuid, account::View::Own);
    });
    return pg::value_or_null(fcinfo, found);
}

OPIGNO_FUNCTION(opigno_patch_account)
{
    return identity::as_owner(fcinfo, RequiredAccess::Request, [&](const Caller &caller) {
        pg::Errors errors;
        text *user_uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "user_uuid", errors);
        return account::patch_one(caller, fcinfo, user_uuid, 1, account::View::Operator, errors);
    });
}

OPIGNO_FUNCTION(opigno_patch_my_account)
{
    return identity::as_owner(fcinfo, RequiredAccess::OwnRequest, [&](const Caller &caller) {
        pg::Errors errors;
        return account::patch_one(caller, fcinfo, identity::current_request()->user_uuid, 0,
                                  account::View::Own, errors);
    });
}
