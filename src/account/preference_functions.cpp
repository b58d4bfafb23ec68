/* The SQL functions for preferences; functions.sql has the contracts. */
#include "account/field_error.hpp"
#include "account/preference_patch.hpp"
#include "account/view.hpp"
#include "identity/request.hpp"
#include "identity/user.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/jsonb.hpp"
#include "pg/spi.hpp"
#include "pg/vector.hpp"
#include "json/error_list.hpp"
#include "json/text/repeated_members.hpp"
#include "json/value/reader.hpp"

#include <algorithm>

namespace opigno::account {

namespace {

using identity::Caller;

void record(const Caller &caller, const text *user_uuid, Outcome outcome, const text *subject)
{
    identity::Event event;
    event.outcome = outcome;
    event.user_uuid = user_uuid;
    event.subject = subject;
    identity::record(caller, event);
}

[[noreturn]] void refuse_unreadable()
{
    ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
            errmsg("the preferences of the user take more than " INT64_FORMAT " bytes", max_preference_bytes),
            errhint("The table opigno.preference shows them one by one, opigno.delete_preference() takes one "
                    "away."));
}

/*
 * Returns the preferences as JSON in the memory context `outer`, or 0 if the user does not exist.
 * If the preferences are too large to show, a read raises 54000. A write, which may have made them
 * smaller, returns null.
 */
Datum read_all(text *user_uuid, bool latest, MemoryContext outer)
{
    if (!(latest ? identity::find_user(user_uuid).has_value() : identity::user_exists(user_uuid)))
        return Datum{0};
    Jsonb *preferences = preferences_of(user_uuid, latest);
    if (preferences == nullptr && !latest)
        refuse_unreadable();
    MemoryContextSwitchTo(outer);
    json::Writer out;
    if (preferences == nullptr)
        out.null();
    else
        out.value(json::root_of(preferences));
    return out.json();
}

/* Returns the value in the current memory context, or 0 if the preference is not set. */
Datum read_one(text *user_uuid, text *key)
{
    return pg::with_spi([&](MemoryContext outer) {
        const text *value = preference_of(user_uuid, key, false);
        if (value == nullptr)
            return Datum{0};
        MemoryContextSwitchTo(outer);
        return PointerGetDatum(pg::make_text(pg::view(value)));
    });
}

bool may_read(const Caller &caller, const text *user_uuid)
{
    return Reader(caller, View::Own).view_of(user_uuid) == View::Own;
}

/* Lists the keys for the audit trail. */
text *keys_of(const PlannedChanges &changes)
{
    constexpr int max_noted = 1000;
    StringInfoData keys;
    initStringInfo(&keys);
    for (const PlannedChange &planned : changes)
        if (keys.len < max_noted)
            appendStringInfo(&keys, "%s%s", keys.len > 0 ? " " : "", text_to_cstring(planned.change.key));
    return pg::make_text({keys.data, static_cast<std::size_t>(keys.len)});
}

void write_all(const Caller &caller, text *user_uuid, const Changes &changes, const PreferenceRules &rules,
               pg::ExpectedVersion expected, pg::Errors &errors)
{
    if (expected.has_value())
        lock_and_check_version(user_uuid, expected);
    const PlannedChanges planned = plan_changes(user_uuid, changes, rules, nullptr, errors);
    if (!errors.empty() || planned.empty())
        return;
    write_changes(user_uuid, planned);
    identity::check_still_active(caller, user_uuid);
    record(caller, user_uuid, Outcome::Merged, keys_of(planned));
}

/* Adds an error for a patch that has no members. */
Changes changes_of(const JsonbValue &patch, pg::Errors &errors)
{
    if (json::is_object(patch) && JsonContainerSize(patch.val.binary.data) > 0)
        return changes_from_json(patch, errors);
    constexpr const char *no_data = "No data provided for user preference update";
    if (json::is_object(patch))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, nullptr, "%s", no_data);
    else
        add_error_at("", psprintf("%s: must be an object, not %s", no_data, json::type_of(patch)), no_data,
                     errors);
    return {};
}

Datum patch_all(const Caller &caller, text *user_uuid, const text *patch, pg::ExpectedVersion expected)
{
    return pg::with_spi([&](MemoryContext outer) {
        identity::check_may_write_for(caller, user_uuid);
        pg::Errors errors;
        Jsonb *document = json::read_distinct(pg::view(patch), errors);
        Changes changes;
        if (errors.empty())
            changes = changes_of(json::root_of(document), errors);
        const PreferenceRules rules = rules_to_write(caller);
        if (errors.empty()) {
            write_all(caller, user_uuid, changes, rules, expected, errors);
            if (!errors.empty() && errors.all()[0].user_message == nullptr)
                errors.raise();
        } else {
            judge_changes(user_uuid, changes, rules, nullptr, errors);
        }
        if (!errors.empty()) {
            MemoryContextSwitchTo(outer);
            json::Writer out;
            json::write_field_errors(out, errors.all());
            return out.json();
        }
        const Datum all = read_all(user_uuid, true, outer);
        if (all == Datum{0})
            identity::refuse_missing_user(user_uuid);
        return all;
    });
}

Outcome write_one(const Caller &caller, text *user_uuid, const PreferenceChange &change,
                  pg::ExpectedVersion expected)
{
    return pg::with_spi([&](MemoryContext) {
        identity::check_may_write_for(caller, user_uuid);
        if (change.value != nullptr)
            check_preference(change.key, change.value);
        if (expected.has_value())
            lock_and_check_version(user_uuid, expected);
        if (!lock_to_change(user_uuid, change))
            return Outcome::Unchanged;
        const PlannedChange planned = plan(user_uuid, change);
        if (planned.outcome == Outcome::Unchanged)
            return planned.outcome;
        pg::Errors errors;
        if (change.value != nullptr)
            judge_argument(change, rules_to_write(caller), errors);
        check_growth(user_uuid, planned.growth, nullptr, errors);
        errors.raise();
        write_preference(user_uuid, planned);
        identity::change_user(user_uuid, {nullptr, is_privacy(planned), true});
        identity::check_still_active(caller, user_uuid);
        record(caller, user_uuid, planned.outcome, change.key);
        return planned.outcome;
    });
}

constexpr Oid user_type[] = {TEXTOID};
constinit pg::Statement
    select_keys("SELECT p.key::text FROM opigno.preference AS p WHERE p.user_uuid = $1 ORDER BY p.key",
                user_type);

} // namespace

bool clear_preferences(const Caller &caller, text *user_uuid)
{
    Changes deletions;
    const Datum user = PointerGetDatum(user_uuid);
    const std::uint64_t rows = select_keys.read_latest(&user);
    for (std::uint64_t row = 0; row < rows; ++row)
        deletions.push_back({DatumGetTextPP(pg::column(1, row)), nullptr});
    pg::Errors errors;
    write_all(caller, user_uuid, deletions, {}, std::nullopt, errors);
    errors.raise();
    return rows > 0;
}

} // namespace opigno::account

using namespace opigno;
using identity::Caller;
using identity::RequiredAccess;

OPIGNO_FUNCTION(opigno_get_preferences)
{
    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    text *user_uuid = identity::canonical_user_uuid(PG_GETARG_TEXT_PP(0));
    const Datum found = identity::as_owner(fcinfo, RequiredAccess::None, [&](const Caller &caller) {
        return pg::with_spi([&](MemoryContext outer) {
            return account::may_read(caller, user_uuid) ? account::read_all(user_uuid, false, outer)
                                                        : Datum{0};
        });
    });
    return pg::value_or_null(fcinfo, found);
}

OPIGNO_FUNCTION(opigno_preferences_version)
{
    if (PG_ARGISNULL(0))
        PG_RETURN_NULL();
    text *user_uuid = identity::canonical_user_uuid(PG_GETARG_TEXT_PP(0));
    const std::optional<std::int64_t> version =
        identity::as_owner(fcinfo, RequiredAccess::None, [&](const Caller &caller) {
            return pg::with_spi([&](MemoryContext) {
                return account::may_read(caller, user_uuid) ? identity::preferences_version(user_uuid)
                                                            : std::nullopt;
            });
        });
    if (!version.has_value())
        PG_RETURN_NULL();
    PG_RETURN_INT64(*version);
}

OPIGNO_FUNCTION(opigno_get_preference)
{
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
        PG_RETURN_NULL();
    text *user_uuid = identity::canonical_user_uuid(PG_GETARG_TEXT_PP(0));
    const Datum found = identity::as_owner(fcinfo, RequiredAccess::None, [&](const Caller &caller) {
        return account::may_read(caller, user_uuid) ? account::read_one(user_uuid, PG_GETARG_TEXT_PP(1))
                                                    : Datum{0};
    });
    return pg::value_or_null(fcinfo, found);
}

OPIGNO_FUNCTION(opigno_my_preferences)
{
    const Datum found =
        identity::as_owner(fcinfo, RequiredAccess::OwnRequest, [&](const Caller & /*caller*/) {
            return pg::with_spi([&](MemoryContext outer) {
                return account::read_all(identity::current_request()->user_uuid, false, outer);
            });
        });
    return pg::value_or_null(fcinfo, found);
}

OPIGNO_FUNCTION(opigno_patch_preferences)
{
    return identity::as_owner(fcinfo, RequiredAccess::Request, [&](const Caller &caller) {
        pg::Errors errors;
        text *user_uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "user_uuid", errors);
        pg::require(fcinfo, 1, "patch", errors);
        const pg::ExpectedVersion expected = pg::version_argument(fcinfo, 2, errors);
        errors.raise();
        return account::patch_all(caller, user_uuid, PG_GETARG_TEXT_PP(1), expected);
    });
}

OPIGNO_FUNCTION(opigno_patch_my_preferences)
{
    return identity::as_owner(fcinfo, RequiredAccess::OwnRequest, [&](const Caller &caller) {
        pg::Errors errors;
        pg::require(fcinfo, 0, "patch", errors);
        const pg::ExpectedVersion expected = pg::version_argument(fcinfo, 1, errors);
        errors.raise();
        return account::patch_all(caller, identity::current_request()->user_uuid, PG_GETARG_TEXT_PP(0),
                                  expected);
    });
}

OPIGNO_FUNCTION(opigno_set_preference)
{
    return identity::as_owner(fcinfo, RequiredAccess::Request, [&](const Caller &caller) {
        pg::Errors errors;
        text *user_uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "user_uuid", errors);
        pg::require(fcinfo, 1, "key", errors);
        pg::require(fcinfo, 2, "value", errors);
        const pg::ExpectedVersion expected = pg::version_argument(fcinfo, 3, errors);
        errors.raise();
        const identity::Outcome outcome =
            account::write_one(caller, user_uuid, {PG_GETARG_TEXT_PP(1), PG_GETARG_TEXT_PP(2)}, expected);
        return PointerGetDatum(pg::make_text(identity::word_of(outcome)));
    });
}

OPIGNO_FUNCTION(opigno_delete_preference)
{
    PG_RETURN_BOOL(identity::as_owner(fcinfo, RequiredAccess::Request, [&](const Caller &caller) {
        pg::Errors errors;
        text *user_uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "user_uuid", errors);
        pg::require(fcinfo, 1, "key", errors);
        const pg::ExpectedVersion expected = pg::version_argument(fcinfo, 2, errors);
        errors.raise();
        return account::write_one(caller, user_uuid, {PG_GETARG_TEXT_PP(1), nullptr}, expected) ==
               identity::Outcome::Deleted;
    }));
}
