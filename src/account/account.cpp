#include "account/account.hpp"

#include "account/field_error.hpp"
#include "account/preference.hpp"
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

constexpr Oid insert_types[] = {TEXTOID, JSONBOID, TIMESTAMPTZOID};
constinit pg::Statement
    insert_account("INSERT INTO opigno.account (user_uuid, extended_profile, version, created_at, updated_at)"
                   " VALUES ($1, $2, 1, $3, $3) ON CONFLICT (user_uuid) DO NOTHING RETURNING version",
                   insert_types);

constexpr Oid update_types[] = {TEXTOID, JSONBOID, TIMESTAMPTZOID, INT8OID, XIDOID, TIDOID};
constinit pg::Statement
    update_account("UPDATE opigno.account AS a SET extended_profile = $2, version = a.version + 1,"
                   "  updated_at = greatest(a.updated_at, $3)"
                   " WHERE a.ctid = $6 AND a.user_uuid = $1 AND a.version = $4 AND a.xmin = $5"
                   " RETURNING a.version",
                   update_types);

constexpr document::Table accounts{"account",      "opigno.account", select_account, lock_account,
                                   insert_account, update_account,   nullptr};

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

bool is_same_member(const Jsonb *left, const Jsonb *right, std::string_view name)
{
    const auto member_of = [&](const Jsonb *object) -> const Jsonb * {
        JsonbValue found{};
        return object == nullptr ||
                       getKeyJsonValueFromContainer(const_cast<JsonbContainer *>(&object->root), name.data(),
                                                    static_cast<int>(name.size()), &found) == nullptr
                   ? nullptr
                   : JsonbValueToJsonb(&found);
    };
    const Jsonb *given = member_of(left);
    const Jsonb *stored = member_of(right);
    return given == nullptr || stored == nullptr ? given == stored : json::is_same(given, stored);
}

/* Adds an error for each field that only operators may change and that the patch changes. */
void check_fields_for_operators(const Patch &patch, const Jsonb *wanted, const Jsonb *stored,
                                pg::Errors &errors)
{
    for (const auto &[name, path] : patch.for_operators)
        if (!is_same_member(wanted, stored, name))
            add_not_editable(name, path, errors);
}

/* Locks the user until the end of the transaction, or adds an error. */
void lock_or_add_error(text *user_uuid, identity::UserLock lock, pg::Errors &errors)
{
    if (!identity::try_to_lock_user(user_uuid, lock))
        identity::add_missing_user(nullptr, errors);
}

Written write_fields(const identity::Caller &caller, text *user_uuid, const Patch &patch,
                     pg::ExpectedVersion expected, pg::Errors &errors)
{
    const Datum key = PointerGetDatum(user_uuid);
    const auto merge = [&](const document::Found &found, int /*round*/) {
        Jsonb *none = found.version == 0 ? json::ObjectBuilder().finish() : nullptr;
        Jsonb *wanted = patched(none == nullptr ? found.document : none, patch);
        return none != nullptr && json::is_same(wanted, none) ? nullptr : wanted;
    };
    const auto accepts = [&](const Jsonb *wanted, const document::Found &found) {
        if (!caller.acts_on_all)
            check_fields_for_operators(patch, wanted, found.document, errors);
        if (!errors.empty())
            return false;
        const std::int64_t limit = limit_of(caller);
        json::add_excess(excess_of(patch, wanted, found.document, limit), limit,
                         "Operators may store larger accounts.", errors);
        if (found.version == 0 && errors.empty())
            lock_or_add_error(user_uuid, identity::UserLock::KeyShare, errors);
        return errors.empty();
    };
    return document::write(accounts, {{key}, 1}, expected, Outcome::Merged, merge, accepts);
}

/* The preference account_privacy. The user context is locked, as by all writers of preferences. */
PlannedChange plan_privacy(text *user_uuid, const PreferenceChange &privacy, pg::Errors &errors)
{
    const PlannedChange planned = plan(user_uuid, privacy);
    check_growth(user_uuid, planned.growth, privacy_key.data(), errors);
    return planned;
}

} // namespace

/*
 * Each call locks in the same order: the user context, the account, the preference. All errors are
 * found before the first row is written; writing the name cannot fail.
 */
Written write(const identity::Caller &caller, text *user_uuid, const Patch &patch,
              pg::ExpectedVersion expected, pg::Errors &errors)
{
    const PreferenceChange privacy{pg::make_text(privacy_key), patch.privacy};
    const bool sets_privacy = patch.sets_privacy && !is_preference(user_uuid, privacy);
    if (patch.name != nullptr || sets_privacy)
        lock_or_add_error(user_uuid, identity::UserLock::NoKeyUpdate, errors);
    if (!errors.empty())
        return {};
    PlannedChange planned{privacy, Outcome::Unchanged, {}};
    if (sets_privacy)
        planned = plan_privacy(user_uuid, privacy, errors);
    if (!errors.empty())
        return {};
    Written written = write_fields(caller, user_uuid, patch, expected, errors);
    if (!errors.empty())
        return {};
    const bool name_changed = patch.name != nullptr && identity::set_display_name(user_uuid, patch.name);
    if (planned.outcome != Outcome::Unchanged)
        write_preference(user_uuid, planned);
    if (written.outcome == Outcome::Unchanged && (name_changed || planned.outcome != Outcome::Unchanged))
        written.outcome = Outcome::Merged;
    if (written.outcome != Outcome::Unchanged)
        identity::check_still_active(caller, user_uuid);
    return written;
}

} // namespace opigno::account
