/* The SQL functions for preferences; functions.sql has the contracts. */
#include "account/field_error.hpp"
#include "account/preference.hpp"
#include "account/view.hpp"
#include "identity/request.hpp"
#include "identity/user.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/jsonb.hpp"
#include "pg/spi.hpp"
#include "pg/vector.hpp"
#include "json/error_list.hpp"
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

/* Changes, sorted with deletions first, then by key. */
using Changes = pg::Vector<PreferenceChange>;

Changes changes_from_json(const JsonbValue &patch, pg::Errors &errors)
{
    Changes changes;
    constexpr const char *no_data = "No data provided for user preference update";
    if (!json::is_object(patch)) {
        add_error_at("", psprintf("%s: must be an object, not %s", no_data, json::type_of(patch)), no_data,
                     errors);
        return changes;
    }
    if (JsonContainerSize(patch.val.binary.data) == 0) {
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, nullptr, "%s", no_data);
        return changes;
    }
    json::each_member(patch, [&](std::string_view key, const JsonbValue &value) {
        CHECK_FOR_INTERRUPTS();
        text *stored = value.type == jbvNull ? nullptr : checked_preference(key, value, errors);
        changes.push_back({pg::make_text(key), stored});
    });
    std::sort(
        changes.begin(), changes.end(), [](const PreferenceChange &left, const PreferenceChange &right) {
            const bool left_is_set = left.value != nullptr; /* deletions first: they free space */
            const bool right_is_set = right.value != nullptr;
            return left_is_set != right_is_set ? right_is_set : pg::view(left.key) < pg::view(right.key);
        });
    return changes;
}

/* Calls lock_to_change() until it returns true. Each call has its own memory context. */
bool lock_to_change_any(text *user_uuid, const Changes &changes)
{
    return std::any_of(changes.begin(), changes.end(), [&](const PreferenceChange &change) {
        CHECK_FOR_INTERRUPTS();
        return pg::with_spi([&](MemoryContext) { return lock_to_change(user_uuid, change); });
    });
}

/* Plans the changes, each in its own memory context. Omits those that change nothing. Raises 54000
 * if a limit would be exceeded. */
pg::Vector<PlannedChange> plan_all(text *user_uuid, const Changes &changes)
{
    pg::Vector<PlannedChange> planned;
    Growth growth;
    for (const PreferenceChange &change : changes) {
        const PlannedChange next = pg::with_spi([&](MemoryContext) { return plan(user_uuid, change); });
        growth.rows += next.growth.rows;
        growth.bytes += next.growth.bytes;
        if (next.outcome != Outcome::Unchanged)
            planned.push_back(next);
        if (growth.rows > max_preferences)
            break; /* deletions come first, so the number will not decrease again */
    }
    pg::Errors errors;
    check_growth(user_uuid, growth, nullptr, errors);
    errors.raise();
    return planned;
}

/* Lists the keys for the audit trail. */
text *keys_of(const pg::Vector<PlannedChange> &changes)
{
    constexpr int max_noted = 1000;
    StringInfoData keys;
    initStringInfo(&keys);
    for (const PlannedChange &planned : changes)
        if (keys.len < max_noted)
            appendStringInfo(&keys, "%s%s", keys.len > 0 ? " " : "", text_to_cstring(planned.change.key));
    return pg::make_text({keys.data, static_cast<std::size_t>(keys.len)});
}

void write_all(const Caller &caller, text *user_uuid, const Changes &changes)
{
    if (!lock_to_change_any(user_uuid, changes))
        return;
    const pg::Vector<PlannedChange> planned = plan_all(user_uuid, changes);
    if (planned.empty())
        return;
    for (const PlannedChange &change : planned)
        pg::with_spi([&](MemoryContext) {
            write_preference(user_uuid, change);
            return 0;
        });
    identity::check_still_active(caller, user_uuid);
    record(caller, user_uuid, Outcome::Merged, keys_of(planned));
}

Datum patch_all(const Caller &caller, text *user_uuid, Jsonb *patch)
{
    return pg::with_spi([&](MemoryContext outer) {
        identity::check_may_write_for(caller, user_uuid);
        pg::Errors errors;
        const Changes changes = changes_from_json(json::root_of(patch), errors);
        if (!errors.empty()) {
            MemoryContextSwitchTo(outer);
            json::Writer out;
            json::write_field_errors(out, errors.all());
            return out.json();
        }
        write_all(caller, user_uuid, changes);
        const Datum all = read_all(user_uuid, true, outer);
        if (all == Datum{0})
            identity::refuse_missing_user();
        return all;
    });
}

Outcome write_one(const Caller &caller, text *user_uuid, const PreferenceChange &change)
{
    return pg::with_spi([&](MemoryContext) {
        identity::check_may_write_for(caller, user_uuid);
        if (change.value != nullptr)
            check_preference(change.key, change.value);
        if (!lock_to_change(user_uuid, change))
            return Outcome::Unchanged;
        const PlannedChange planned = plan(user_uuid, change);
        if (planned.outcome == Outcome::Unchanged)
            return planned.outcome;
        pg::Errors errors;
        check_growth(user_uuid, planned.growth, nullptr, errors);
        errors.raise();
        write_preference(user_uuid, planned);
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
    write_all(caller, user_uuid, deletions);
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
        errors.raise();
        return account::patch_all(caller, user_uuid, PG_GETARG_JSONB_P(1));
    });
}

OPIGNO_FUNCTION(opigno_patch_my_preferences)
{
    return identity::as_owner(fcinfo, RequiredAccess::OwnRequest, [&](const Caller &caller) {
        pg::Errors errors;
        pg::require(fcinfo, 0, "patch", errors);
        errors.raise();
        return account::patch_all(caller, identity::current_request()->user_uuid, PG_GETARG_JSONB_P(0));
    });
}

OPIGNO_FUNCTION(opigno_set_preference)
{
    return identity::as_owner(fcinfo, RequiredAccess::Request, [&](const Caller &caller) {
        pg::Errors errors;
        text *user_uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "user_uuid", errors);
        pg::require(fcinfo, 1, "key", errors);
        pg::require(fcinfo, 2, "value", errors);
        errors.raise();
        const identity::Outcome outcome =
            account::write_one(caller, user_uuid, {PG_GETARG_TEXT_PP(1), PG_GETARG_TEXT_PP(2)});
        return PointerGetDatum(pg::make_text(identity::word_of(outcome)));
    });
}

OPIGNO_FUNCTION(opigno_delete_preference)
{
    PG_RETURN_BOOL(identity::as_owner(fcinfo, RequiredAccess::Request, [&](const Caller &caller) {
        pg::Errors errors;
        text *user_uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "user_uuid", errors);
        pg::require(fcinfo, 1, "key", errors);
        errors.raise();
        return account::write_one(caller, user_uuid, {PG_GETARG_TEXT_PP(1), nullptr}) ==
               identity::Outcome::Deleted;
    }));
}
