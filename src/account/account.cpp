#include "account/account.hpp"

#include "account/field_error.hpp"
#include "account/preference.hpp"
#include "account/value_schema.hpp"
#include "document/expected_version.hpp"
#include "identity/user.hpp"
#include "pg/jsonb.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "json/merge/merge_patch.hpp"
#include "json/value/builder.hpp"
#include "json/value/document_limit.hpp"

namespace opigno::account {

namespace {

constexpr Oid key_type[] = {TEXTOID};
#define SELECT_ACCOUNT                                                                                       \
    "SELECT a.version, a.xmin, a.ctid, a.extended_profile FROM opigno.account AS a WHERE a.user_uuid = $1"
constinit pg::Statement select_account(SELECT_ACCOUNT, key_type);
constinit pg::Statement lock_account(SELECT_ACCOUNT " FOR NO KEY UPDATE", key_type);

constexpr Oid insert_types[] = {TEXTOID, JSONBOID, TIMESTAMPTZOID, INT8OID};
constinit pg::Statement
    insert_account("INSERT INTO opigno.account (user_uuid, extended_profile, version, created_at, updated_at)"
                   " VALUES ($1, $2, $4, $3, $3) ON CONFLICT (user_uuid) DO NOTHING RETURNING version",
                   insert_types);

constexpr Oid update_types[] = {TEXTOID, JSONBOID, TIMESTAMPTZOID, INT8OID, XIDOID, TIDOID};
constinit pg::Statement
    update_account("UPDATE opigno.account AS a SET extended_profile = $2, version = a.version + 1,"
                   "  updated_at = greatest(a.updated_at, $3)"
                   " WHERE a.ctid = $6 AND a.user_uuid = $1 AND a.version = $4 AND a.xmin = $5"
                   " RETURNING a.version",
                   update_types);

/* The version of the fields counts their changes, and is a part of the account's. */
std::int64_t first_version()
{
    return 1;
}

constexpr document::Table accounts{"account",      "opigno.account", select_account, lock_account,
                                   insert_account, update_account,   nullptr,        first_version};

Jsonb *patched(Jsonb *fields, const Patch &patch)
{
    if (patch.merged != nullptr)
        fields = json::merge_patch(fields, patch.merged);
    if (patch.replaced != nullptr)
        fields = json::replace_members(fields, patch.replaced);
    return fields;
}

/* The size of an account is limited because every reader of the account pays for it. */
std::int64_t limit_of(const identity::Caller &caller)
{
    return caller.acts_on_all ? json::max_document : json::default_of_requests;
}

json::Excess excess_of(const Patch &patch, const Jsonb *wanted, const Jsonb *stored, std::int64_t limit)
{
    for (const Jsonb *given : {patch.merged, patch.replaced}) {
        const json::Excess excess =
            given == nullptr ? json::Excess::None : json::excess_of(given, wanted, stored, limit);
        if (excess != json::Excess::None)
            return excess;
    }
    return json::Excess::None;
}

/* Returns nullptr if there is no object, or it does not have the member. */
const Jsonb *member_of(const Jsonb *object, std::string_view name)
{
    JsonbValue found{};
    return object == nullptr ||
                   getKeyJsonValueFromContainer(const_cast<JsonbContainer *>(&object->root), name.data(),
                                                static_cast<int>(name.size()), &found) == nullptr
               ? nullptr
               : JsonbValueToJsonb(&found);
}

void judge_field(const CheckedField &given, const Jsonb *value, pg::Errors &errors)
{
    if (errors.is_full())
        return;
    judge(given.field->value_schema, value,
          {given.value_path, psprintf("Value is not valid for field '%s': ", pg::quoted(given.field->name)),
           "This value is invalid.", "opigno.list_extended_profile_fields() shows the schema."},
          errors);
}

/* Adds an error for each field that only operators may change and that the patch changes, and errors
 * for changed values that violate the schemas of their fields. */
void check_fields(const identity::Caller &caller, const Patch &patch, const Jsonb *wanted,
                  const Jsonb *stored, pg::Errors &errors)
{
    for (const CheckedField &given : patch.checked) {
        CHECK_FOR_INTERRUPTS();
        const Jsonb *value = member_of(wanted, given.field->name);
        const Jsonb *before = member_of(stored, given.field->name);
        if (value == nullptr || before == nullptr ? value == before : json::is_same(value, before))
            continue;
        if (given.field->for_operators && !caller.acts_on_all)
            add_not_editable(given.field->name, given.path, errors);
        else if (value != nullptr && given.field->value_schema != Datum{0})
            judge_field(given, value, errors);
    }
}

/* The stored version of the fields, as other sessions have committed it by now at every isolation
 * level. */
std::int64_t committed_version(text *user_uuid)
{
    const Datum key = PointerGetDatum(user_uuid);
    return select_account.read_committed(&key) == 0 ? 0 : DatumGetInt64(pg::column(1));
}

/* fields: the version of the fields. Together with that of the user it is the account's. */
bool has_expected_version(const identity::User &user, std::int64_t fields, pg::ExpectedVersion expected,
                          pg::Errors &errors)
{
    const std::int64_t version = user.account_version + fields;
    if (pg::is_expected(version, expected))
        return true;
    pg::add_other_version("account", version, *expected, document::version_member, errors);
    return false;
}

Written write_fields(const identity::Caller &caller, text *user_uuid, const identity::User &user,
                     const Patch &patch, pg::ExpectedVersion expected, pg::Errors &errors)
{
    const Datum key = PointerGetDatum(user_uuid);
    const auto merge = [&](const document::Found &found, int /*round*/) -> Jsonb * {
        if (!has_expected_version(user, found.version, expected, errors))
            return nullptr;
        Jsonb *none = found.version == 0 ? json::ObjectBuilder().finish() : nullptr;
        Jsonb *wanted = patched(none == nullptr ? found.document : none, patch);
        return none != nullptr && json::is_same(wanted, none) ? nullptr : wanted;
    };
    const auto accepts = [&](const Jsonb *wanted, const document::Found &found) {
        check_fields(caller, patch, wanted, found.document, errors);
        if (!errors.empty())
            return false;
        const std::int64_t limit = limit_of(caller);
        json::add_excess(excess_of(patch, wanted, found.document, limit), limit,
                         "Operators may store larger accounts.", errors);
        if (found.version == 0 && errors.empty() &&
            !identity::try_to_lock_user(user_uuid, identity::UserLock::KeyShare))
            identity::add_missing_user(user_uuid, nullptr, errors);
        return errors.empty();
    };
    return document::write(accounts, {{key}, 1}, std::nullopt, Outcome::Merged, merge, accepts);
}

/* The preference account_privacy. The user context is locked, as by all writers of preferences. */
PlannedChange plan_privacy(const identity::Caller &caller, text *user_uuid, const PreferenceChange &privacy,
                           const PreferenceRules *rules, pg::Errors &errors)
{
    const PlannedChange planned = plan(user_uuid, privacy);
    judge(planned.change, rules != nullptr ? *rules : rules_to_write(caller), nullptr, errors);
    check_growth(user_uuid, planned.growth, privacy_key.data(), errors);
    return planned;
}

/*
 * Locks the user if the write changes its row, or expects a version: all writers that expect the
 * version of one account take turns. Adds an error if the user does not exist or the version is not
 * the expected one.
 */
identity::User locked(text *user_uuid, const identity::User &user, bool changes_user,
                      pg::ExpectedVersion expected, pg::Errors &errors)
{
    if (!changes_user && !expected.has_value())
        return user;
    const std::optional<identity::User> found =
        identity::try_to_lock_user(user_uuid, identity::UserLock::NoKeyUpdate);
    if (!found.has_value())
        identity::add_missing_user(user_uuid, nullptr, errors);
    else if (expected.has_value())
        has_expected_version(*found, committed_version(user_uuid), expected, errors);
    return found.value_or(user);
}

} // namespace

void add_errors_of_fields(const identity::Caller &caller, text *user_uuid, const Patch &patch,
                          pg::Errors &errors)
{
    if (errors.empty() || patch.checked.empty())
        return;
    const document::Found found = document::find(accounts, {{PointerGetDatum(user_uuid)}, 1}, false);
    Jsonb *stored = found.document != nullptr ? found.document : json::ObjectBuilder().finish();
    check_fields(caller, patch, patched(stored, patch), found.document, errors);
}

/*
 * Each call locks in the same order: the user context, the account, the preference. All errors are
 * found before the first row is written; changing the user cannot fail. A call adds 1 to the version,
 * to that of the fields if it changes some.
 */
Written write(const identity::Caller &caller, text *user_uuid, const identity::User &user, const Patch &patch,
              pg::ExpectedVersion expected, const PreferenceRules *rules, pg::Errors &errors)
{
    const PreferenceChange privacy{pg::make_text(privacy_key), patch.privacy};
    const bool sets_privacy = patch.sets_privacy && !is_preference(user_uuid, privacy);
    const identity::User now =
        locked(user_uuid, user, patch.name != nullptr || sets_privacy, expected, errors);
    if (!errors.empty())
        return {};
    PlannedChange planned{privacy, Outcome::Unchanged, {}};
    if (sets_privacy)
        planned = plan_privacy(caller, user_uuid, privacy, rules, errors);
    add_errors_of_fields(caller, user_uuid, patch, errors);
    if (!errors.empty())
        return {};
    Written written = write_fields(caller, user_uuid, now, patch, expected, errors);
    if (!errors.empty())
        return {};
    const bool changes_name = patch.name != nullptr && pg::view(patch.name) != pg::view(now.display_name);
    const bool changes_privacy = planned.outcome != Outcome::Unchanged;
    const bool changes_fields = written.outcome != Outcome::Unchanged;
    written.version += now.account_version;
    if (changes_privacy)
        write_preference(user_uuid, planned);
    if (changes_name || changes_privacy) {
        identity::change_user(user_uuid,
                              {changes_name ? patch.name : nullptr, !changes_fields, changes_privacy});
        if (!changes_fields)
            written = {written.version + 1, Outcome::Merged};
    }
    if (written.outcome != Outcome::Unchanged)
        identity::check_still_active(caller, user_uuid);
    return written;
}

} // namespace opigno::account
