#include "account/account.hpp"

#include "account/preference.hpp"
#include "identity/user.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "json/builder.hpp"
#include "json/document_limit.hpp"
#include "json/merge_patch.hpp"

namespace opigno::account {

namespace {

constexpr Oid key_type[] = {TEXTOID};
#define SELECT_ACCOUNT                                                                                       \
    "SELECT a.version, a.xmin, a.extended_profile FROM opigno.account AS a WHERE a.user_uuid = $1"
constinit pg::Statement select_account(SELECT_ACCOUNT, key_type);
constinit pg::Statement lock_account(SELECT_ACCOUNT " FOR NO KEY UPDATE", key_type);

constexpr Oid insert_types[] = {TEXTOID, JSONBOID, TIMESTAMPTZOID};
constinit pg::Statement
    insert_account("INSERT INTO opigno.account (user_uuid, extended_profile, version, created_at, updated_at)"
                   " VALUES ($1, $2, 1, $3, $3) ON CONFLICT (user_uuid) DO NOTHING",
                   insert_types);

/* The transaction that wrote a row and its version name its state, also where it was deleted and made anew.
 */
constexpr Oid update_types[] = {TEXTOID, JSONBOID, TIMESTAMPTZOID, INT8OID, XIDOID};
constinit pg::Statement
    update_account("UPDATE opigno.account AS a SET extended_profile = $2, version = a.version + 1,"
                   "  updated_at = greatest(a.updated_at, $3)"
                   " WHERE a.user_uuid = $1 AND a.version = $4 AND a.xmin = $5",
                   update_types);

/* The fields as they were found; version 0: none are stored. */
struct Found {
    std::int64_t version;
    TransactionId written_by;
    Jsonb *fields;
};

Found find(text *user_uuid, bool lock)
{
    const Datum key = PointerGetDatum(user_uuid);
    if ((lock ? lock_account.write(&key) : select_account.read_latest(&key)) == 0)
        return {0, InvalidTransactionId, json::ObjectBuilder().finish()};
    return {DatumGetInt64(pg::column(1)), DatumGetTransactionId(pg::column(2)),
            DatumGetJsonbP(pg::column(3))};
}

bool store(text *user_uuid, const Jsonb *fields, const Found &found)
{
    if (found.version == 0)
        identity::lock_user(user_uuid, identity::UserLock::KeyShare);
    const Datum now = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
    const Datum values[] = {PointerGetDatum(user_uuid), PointerGetDatum(fields), now,
                            Int64GetDatum(found.version), TransactionIdGetDatum(found.written_by)};
    return (found.version == 0 ? insert_account : update_account).write(values) > 0;
}

Jsonb *patched(Jsonb *fields, const Patch &patch)
{
    if (patch.merged != nullptr)
        fields = json::merge_patch(fields, patch.merged);
    if (patch.replaced != nullptr)
        fields = json::replace_members(fields, patch.replaced);
    return fields;
}

/* Another round is needed only when another session wrote the row between two statements. */
constexpr int max_rounds = 100;

/* Every reader of an account pays for its size. */
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

Written write_fields(const identity::Caller &caller, text *user_uuid, const Patch &patch,
                     pg::ExpectedVersion expected)
{
    for (int round = 0; round < max_rounds; ++round) {
        CHECK_FOR_INTERRUPTS();
        const Found found = find(user_uuid, round > 0);
        pg::check_version("account", found.version, expected);
        const Jsonb *wanted = patched(found.fields, patch);
        if (json::is_same(wanted, found.fields))
            return {false, found.version};
        json::check_excess(excess_of(patch, wanted, found.fields, limit_of(caller)), limit_of(caller),
                           "Operators may store larger accounts.");
        if (store(user_uuid, wanted, found))
            return {true, found.version + 1};
    }
    ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("could not write the account"),
            errhint("Look for a trigger on opigno.account that suppresses what is written."));
}

} // namespace

/* Locks are taken in one order in every call: the user context, which also stands for the right to write the
 * user's preferences, the account, the preference. */
Written write(const identity::Caller &caller, text *user_uuid, const Patch &patch,
              pg::ExpectedVersion expected)
{
    const PreferenceChange privacy{pg::make_text(privacy_key), patch.privacy};
    const bool name_changed = patch.name != nullptr && identity::set_display_name(user_uuid, patch.name);
    const bool sets_privacy = patch.sets_privacy && lock_to_change(user_uuid, privacy);
    Written written = write_fields(caller, user_uuid, patch, expected);
    const bool privacy_changed = sets_privacy && write_preference(user_uuid, privacy) != Outcome::Unchanged;
    written.changed = written.changed || name_changed || privacy_changed;
    if (written.changed)
        identity::check_still_active(caller, user_uuid);
    return written;
}

json::Excess excess_of(text *user_uuid, const Patch &patch)
{
    if (patch.merged == nullptr && patch.replaced == nullptr)
        return json::Excess::None;
    const Found found = find(user_uuid, false);
    return excess_of(patch, patched(found.fields, patch), found.fields, json::max_document);
}

bool would_change(text *user_uuid, const Patch &patch)
{
    if (patch.name != nullptr)
        return true;
    const Found found = find(user_uuid, false);
    return !json::is_same(patched(found.fields, patch), found.fields) ||
           (patch.sets_privacy && !is_preference(user_uuid, {pg::make_text(privacy_key), patch.privacy}));
}

} // namespace opigno::account
