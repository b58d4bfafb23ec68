#include "identity/user.hpp"

#include "identity/shard.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"
#include "pg/time.hpp"
#include "pg/version.hpp"

namespace opigno::identity {

namespace {

constexpr Oid key_type[] = {TEXTOID};
#define SELECT_USER                                                                                          \
    "SELECT c.is_active, c.display_name::text, c.scope::text[], c.created_by_client_id, c.account_version,"  \
    " c.preferences_version FROM opigno.user_context AS c WHERE c.uuid = $1"
constinit pg::Statement select_user(SELECT_USER, key_type);

constinit pg::Statement lock_key_share(SELECT_USER " FOR KEY SHARE", key_type);
constinit pg::Statement lock_no_key_update(SELECT_USER " FOR NO KEY UPDATE", key_type);

constexpr Oid keys_type[] = {TEXTARRAYOID};
constinit pg::BatchStatement lock_each("SELECT i.n FROM unnest($1) WITH ORDINALITY AS i (uuid, n)"
                                       " JOIN opigno.user_context AS c ON c.uuid = i.uuid FOR KEY SHARE OF c",
                                       keys_type);

/* $2: the name or NULL. $3: the time. $4: what to add to account_version. $5: the first version of
 * preferences, or 0 to leave theirs as it is. */
constexpr Oid change_types[] = {TEXTOID, TEXTOID, TIMESTAMPTZOID, INT8OID, INT8OID};
constinit pg::Statement
    update_user("UPDATE opigno.user_context AS c SET display_name = coalesce($2, c.display_name),"
                "  version = c.version + CASE WHEN $2 IS NULL THEN 0 ELSE 1 END,"
                "  updated_at = CASE WHEN $2 IS NULL THEN c.updated_at ELSE greatest(c.updated_at, $3) END,"
                "  account_version = c.account_version + $4,"
                "  preferences_version = CASE WHEN $5 = 0 THEN c.preferences_version"
                "    WHEN c.preferences_version = 0 THEN $5 ELSE c.preferences_version + 1 END"
                " WHERE c.uuid = $1",
                change_types);

/* Reads the row in SPI_tuptable. */
User found_user()
{
    const std::optional<Datum> client = pg::nullable_column(4);
    return {DatumGetBool(pg::column(1)),
            DatumGetTextPP(pg::column(2)),
            DatumGetArrayTypeP(pg::column(3)),
            client.has_value() ? std::optional<std::int64_t>(DatumGetInt64(*client)) : std::nullopt,
            DatumGetInt64(pg::column(5)),
            DatumGetInt64(pg::column(6))};
}

constexpr const char *user_does_not_exist = "user context does not exist";
constexpr const char *missing_user_hint = "opigno.set_user_context() creates one.";

} // namespace

std::optional<User> find_user(text *user_uuid)
{
    const Datum key = PointerGetDatum(user_uuid);
    return select_user.read_latest(&key) == 0 ? std::nullopt : std::optional<User>(found_user());
}

bool user_exists(text *user_uuid)
{
    const Datum key = PointerGetDatum(user_uuid);
    return select_user.read(&key) > 0;
}

std::optional<std::int64_t> preferences_version(text *user_uuid)
{
    const Datum key = PointerGetDatum(user_uuid);
    return select_user.read(&key) == 0 ? std::nullopt
                                       : std::optional<std::int64_t>(found_user().preferences_version);
}

std::optional<User> try_to_lock_user(text *user_uuid, UserLock lock)
{
    const Datum key = PointerGetDatum(user_uuid);
    const std::uint64_t rows = (lock == UserLock::KeyShare ? lock_key_share : lock_no_key_update).write(&key);
    return rows == 0 ? std::nullopt : std::optional<User>(found_user());
}

User lock_user(text *user_uuid, UserLock lock)
{
    const std::optional<User> user = try_to_lock_user(user_uuid, lock);
    if (!user.has_value())
        refuse_missing_user(user_uuid);
    return *user;
}

pg::Vector<bool> lock_users(ArrayType *user_uuids)
{
    const Datum keys = PointerGetDatum(user_uuids);
    const std::uint64_t found = lock_each.write(&keys);
    pg::Vector<bool> exists;
    for (int at = 0; at < ArrayGetNItems(ARR_NDIM(user_uuids), ARR_DIMS(user_uuids)); ++at)
        exists.push_back(false);
    for (std::uint64_t row = 0; row < found; ++row)
        exists[static_cast<std::size_t>(DatumGetInt64(pg::column(1, row)) - 1)] = true;
    return exists;
}

void change_user(text *user_uuid, const UserChange &change)
{
    const Datum values[] = {PointerGetDatum(user_uuid), PointerGetDatum(change.display_name),
                            TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()),
                            Int64GetDatum(change.counts_for_account ? 1 : 0),
                            Int64GetDatum(change.counts_for_preferences ? pg::first_version() : 0)};
    const char nulls[] = {' ', change.display_name == nullptr ? 'n' : ' ', ' ', ' ', ' '};
    if (update_user.write(values, nulls) == 0)
        pg::refuse_suppressed_write();
}

User check_may_write_for(const Caller &caller, text *user_uuid)
{
    check_acts_for_own_user(caller, user_uuid);
    const std::optional<User> user = find_user(user_uuid);
    if (!caller.acts_on_all && !(user.has_value() && user->is_active))
        ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("the user of the request cannot act"));
    if (!user.has_value())
        refuse_missing_user(user_uuid);
    return *user;
}

void check_still_active(const Caller &caller, text *user_uuid)
{
    if (!caller.acts_on_all)
        check_may_write_for(caller, user_uuid);
}

MissingUser missing_user(const text *user_uuid)
{
    if (is_elsewhere(user_uuid))
        return {ERRCODE_WRONG_STATE, message_of_elsewhere()};
    return {ERRCODE_FOREIGN_KEY_VIOLATION, user_does_not_exist};
}

void refuse_missing_user(const text *user_uuid)
{
    if (is_elsewhere(user_uuid))
        refuse_elsewhere(user_uuid);
    ereport(ERROR, errcode(ERRCODE_FOREIGN_KEY_VIOLATION), errmsg("%s", user_does_not_exist),
            errhint("%s", missing_user_hint));
}

void add_missing_user(const text *user_uuid, const char *member, pg::Errors &errors)
{
    if (is_elsewhere(user_uuid)) {
        add_elsewhere(user_uuid, member, errors);
        return;
    }
    errors.add(ERRCODE_FOREIGN_KEY_VIOLATION, member, "%s", user_does_not_exist);
    errors.hint(missing_user_hint);
}

} // namespace opigno::identity
