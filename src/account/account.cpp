#include "account/account.hpp"

#include "account/preference.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "json/merge/merge_patch.hpp"
#include "json/value/builder.hpp"
#include "json/value/document_limit.hpp"

namespace opigno::account {

namespace {

constexpr Oid key_type[] = {TEXTOID};
constinit pg::Statement
    select_user("SELECT c.display_name::text, c.is_active FROM opigno.user_context AS c WHERE c.uuid = $1",
                key_type);

constexpr Oid name_types[] = {TEXTOID, TEXTOID, TIMESTAMPTZOID};
constinit pg::Statement update_name(
    "UPDATE opigno.user_context AS c SET display_name = $2, updated_at = greatest(c.updated_at, $3)"
    " WHERE c.uuid = $1 AND c.display_name <> $2",
    name_types);

#define SELECT_ACCOUNT                                                                                       \
    "SELECT a.version, a.xmin, a.ctid, a.extended_profile FROM opigno.account AS a WHERE a.user_uuid = $1"
constinit pg::Statement select_account(SELECT_ACCOUNT, key_type);
constinit pg::Statement lock_account(SELECT_ACCOUNT " FOR NO KEY UPDATE", key_type);

constexpr Oid insert_types[] = {TEXTOID, JSONBOID, TIMESTAMPTZOID};
constinit pg::Statement
    insert_account("INSERT INTO opigno.account (user_uuid, extended_profile, version, created_at, updated_at)"
                   " VALUES ($1, $2, 1, $3, $3) ON CONFLICT (user_uuid) DO NOTHING",
                   insert_types);

constexpr Oid update_types[] = {TEXTOID, JSONBOID, TIMESTAMPTZOID, INT8OID, XIDOID, TIDOID};
constinit pg::Statement
    update_account("UPDATE opigno.account AS a SET extended_profile = $2, version = a.version + 1,"
                   "  updated_at = greatest(a.updated_at, $3)"
                   " WHERE a.ctid = $6 AND a.user_uuid = $1 AND a.version = $4 AND a.xmin = $5",
                   update_types);

constexpr document::Table accounts{"account",      "opigno.account", select_account, lock_account,
                                   insert_account, update_account,   nullptr};

constinit pg::Statement lock_user("SELECT FROM opigno.user_context AS c WHERE c.uuid = $1 FOR KEY SHARE",
                                  key_type);

Jsonb *patched(Jsonb *fields, const Patch &patch)
{
    if (patch.merged != nullptr)
        fields = json::merge_patch(fields, patch.merged);
    if (patch.replaced != nullptr)
        fields = json::replace_members(fields, patch.replaced);
    return fields;
}

/* Every reader of an account pays for its size. */
std::int64_t limit_of(const identity::Caller &caller)
{
    return caller.acts_on_all ? json::max_document : json::default_of_requests;
}

void check_size(const Patch &patch, const Jsonb *wanted, const Jsonb *stored, std::int64_t limit,
                pg::Errors &errors)
{
    for (const Jsonb *given : {patch.merged, patch.replaced})
        if (given != nullptr)
            json::add_excess(json::excess_of(given, wanted, stored, limit), limit,
                             "Operators may store larger accounts.", errors);
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
        check_size(patch, wanted, found.document, limit_of(caller), errors);
        if (found.version == 0 && errors.empty() && lock_user.write(&key) == 0)
            refuse_missing_user();
        return errors.empty();
    };
    return document::write(accounts, {{key}, 1}, expected, Outcome::Merged, merge, accepts);
}

bool write_name(text *user_uuid, const text *name)
{
    const Datum values[] = {PointerGetDatum(user_uuid), PointerGetDatum(name),
                            TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
    if (update_name.write(values) > 0)
        return true;
    const text *now = display_name_of(user_uuid);
    if (now == nullptr)
        refuse_missing_user();
    if (pg::view(now) != pg::view(name))
        pg::refuse_suppressed_write();
    return false;
}

} // namespace

void refuse_missing_user()
{
    ereport(ERROR, errcode(ERRCODE_FOREIGN_KEY_VIOLATION), errmsg("user context does not exist"),
            errhint("opigno.set_user_context() creates one."));
}

text *check_may_write(const identity::Caller &caller, text *user_uuid)
{
    identity::check_acts_for(caller, user_uuid);
    const Datum key = PointerGetDatum(user_uuid);
    const bool exists = select_user.read_latest(&key) > 0;
    if (!caller.acts_on_all && !(exists && DatumGetBool(pg::column(2))))
        ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("the user of the request cannot act"));
    if (!exists)
        refuse_missing_user();
    return DatumGetTextPP(pg::column(1));
}

void check_still_active(const identity::Caller &caller, text *user_uuid)
{
    if (!caller.acts_on_all)
        check_may_write(caller, user_uuid);
}

text *display_name_of(text *user_uuid)
{
    const Datum key = PointerGetDatum(user_uuid);
    return select_user.read_latest(&key) == 0 ? nullptr : DatumGetTextPP(pg::column(1));
}

namespace {

/* Locks the user context, which also stands for the right to write the user's preferences. */
PlannedChange plan_privacy(text *user_uuid, const Patch &patch, pg::Errors &errors)
{
    const PreferenceChange privacy{pg::make_text(privacy_key), patch.privacy};
    if (!lock_to_change(user_uuid, privacy))
        return {privacy, Outcome::Unchanged, {}};
    const PlannedChange planned = plan(user_uuid, privacy);
    check_growth(user_uuid, planned.growth, errors);
    return planned;
}

} // namespace

/*
 * Locks are taken in one order in every call: the user context, the account, the preference. Errors are found
 * before the first row is written; a name cannot be one.
 */
Written write(const identity::Caller &caller, text *user_uuid, const Patch &patch,
              pg::ExpectedVersion expected, pg::Errors &errors)
{
    const bool has_fields = patch.merged != nullptr || patch.replaced != nullptr;
    PlannedChange privacy{};
    if (patch.sets_privacy)
        privacy = plan_privacy(user_uuid, patch, errors);
    else if (patch.name != nullptr && has_fields && lock_context.write_key(user_uuid) == 0)
        refuse_missing_user();
    if (!errors.empty())
        return {};
    Written written = write_fields(caller, user_uuid, patch, expected, errors);
    if (!errors.empty())
        return {};
    bool is_changed = written.outcome != Outcome::Unchanged;
    if (patch.name != nullptr && write_name(user_uuid, patch.name))
        is_changed = true;
    if (patch.sets_privacy && privacy.outcome != Outcome::Unchanged) {
        write_preference(user_uuid, privacy);
        is_changed = true;
    }
    written.outcome = is_changed ? Outcome::Merged : Outcome::Unchanged;
    if (is_changed)
        check_still_active(caller, user_uuid);
    return written;
}

} // namespace opigno::account
