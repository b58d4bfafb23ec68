/* Moves profiles, the fields of accounts and preferences. */
#include "document/document.hpp"
#include "pg/array.hpp"
#include "pg/error.hpp"
#include "pg/text.hpp"
#include "pg/time.hpp"
#include "pg/vector.hpp"
#include "retirement/merge.hpp"
#include "schema/check.hpp"
#include "schema/lock.hpp"
#include "json/value/document_limit.hpp"
#include "json/value/reader.hpp"

namespace opigno::retirement {

namespace {

constexpr schema::DocumentKind documents = schema::DocumentKind::Profile;

/* ---- profiles ----------------------------------------------------------------------------- */

constexpr Oid user_type[] = {TEXTOID};
constexpr Oid pair_types[] = {TEXTARRAYOID, TEXTOID};
/* Of both users, in the order of their keys, as loads lock them: then none deadlocks. */
constinit pg::BatchStatement lock_profiles("SELECT p.app_id, p.profile_data, p.user_uuid = $2"
                                           " FROM unnest($1) WITH ORDINALITY AS i (uuid, n)"
                                           " JOIN opigno.profile AS p ON p.user_uuid = i.uuid"
                                           " ORDER BY i.n, p.app_id FOR UPDATE OF p",
                                           pair_types);
constinit pg::Statement
    delete_profiles("DELETE FROM opigno.profile AS p WHERE p.user_uuid = $1 RETURNING p.version", user_type);

constexpr Oid profile_types[] = {TEXTOID, INT4OID, JSONBOID, TIMESTAMPTZOID, INT8OID, XIDOID, TIDOID};
#define SELECT_PROFILE                                                                                       \
    "SELECT p.version, p.xmin, p.ctid, p.profile_data FROM opigno.profile AS p"                              \
    " WHERE p.user_uuid = $1 AND p.app_id = $2"
constinit pg::Statement select_profile(SELECT_PROFILE, {profile_types, 2});
constinit pg::Statement lock_profile(SELECT_PROFILE " FOR NO KEY UPDATE", {profile_types, 2});
constinit pg::Statement insert_profile(
    "INSERT INTO opigno.profile (user_uuid, app_id, profile_data, version, created_at, updated_at)"
    " VALUES ($1, $2, $3, $5, $4, $4) ON CONFLICT (user_uuid, app_id) DO NOTHING RETURNING version",
    {profile_types, 5});
constinit pg::Statement update_profile(
    "UPDATE opigno.profile AS p SET profile_data = $3, version = p.version + 1,"
    "  updated_at = greatest(p.updated_at, $4)"
    " WHERE p.ctid = $7 AND p.user_uuid = $1 AND p.app_id = $2 AND p.version = $5 AND p.xmin = $6"
    " RETURNING p.version",
    profile_types);
constexpr document::Table profiles{"profile",      "opigno.profile", select_profile, lock_profile,
                                   insert_profile, update_profile,   nullptr,        pg::first_version};

struct Profile {
    std::int32_t app_id;
    Jsonb *document;
};

/* The document of the known user is the patch: its members win. nullptr: that document stays. */
Jsonb *merged(const schema::Active &active, Jsonb *moved, Jsonb *stored)
{
    if (!json::is_object(json::root_of(moved)) || !json::is_object(json::root_of(stored)))
        return nullptr;
    return schema::with_defaults(active, json::merge_patch(moved, stored));
}

/* Raises an error for a merged document that opigno.patch_profile() would refuse. */
void check_merged(const schema::Active &active, const Profile &profile, Jsonb *wanted, const Jsonb *stored,
                  schema::FaultCounts &counts)
{
    json::check_excess(json::excess_of(profile.document, wanted, stored, json::max_document),
                       json::max_document, "Make one of the two profiles smaller.");
    if (active.enforced.compiled != nullptr) {
        pg::Errors errors;
        for (const pg::Error &error : schema::violations_of(
                 *active.enforced.compiled, wanted, {"", "the merged document", schema::hint_of(documents)}))
            errors.add(error);
        errors.raise();
    }
    counts.clear();
    schema::count_faults(active, profile.app_id, wanted, counts);
}

/* Returns whether the profile of the known user was written. */
bool move_profile(const identity::Caller &caller, const Merge &merge, const Profile &profile)
{
    schema::FaultCounts counts(documents);
    const auto active = [&]() -> const schema::Active & {
        return schema::active_schemas(caller.function, documents, profile.app_id);
    };
    const bool merges = merge.on_conflict == OnConflict::Merge;
    if (merges)
        schema::lock_to_write(caller.function, documents, profile.app_id);
    const auto wanted = [&](const document::Found &found, int /*round*/) -> Jsonb * {
        if (found.version == 0 || merge.on_conflict == OnConflict::Replace)
            return profile.document;
        return merges ? merged(active(), profile.document, found.document) : nullptr;
    };
    const auto accepts = [&](Jsonb *document, const document::Found &found) {
        if (merges && found.version != 0)
            check_merged(active(), profile, document, found.document, counts);
        return true;
    };
    const document::Key key{{PointerGetDatum(merge.into_uuid), Int32GetDatum(profile.app_id)}, 2};
    const document::Written written =
        document::write(profiles, key, std::nullopt, identity::Outcome::Merged, wanted, accepts);
    if (written.outcome == identity::Outcome::Unchanged)
        return false;
    counts.store();
    return true;
}

/* ---- fields of accounts ------------------------------------------------------------------- */

constinit pg::BatchStatement lock_fields("SELECT a.extended_profile, a.user_uuid = $2"
                                         " FROM unnest($1) WITH ORDINALITY AS i (uuid, n)"
                                         " JOIN opigno.account AS a ON a.user_uuid = i.uuid"
                                         " ORDER BY i.n FOR UPDATE OF a",
                                         pair_types);
constinit pg::Statement delete_account("DELETE FROM opigno.account AS a WHERE a.user_uuid = $1", user_type);

constexpr Oid account_types[] = {TEXTOID, JSONBOID, TIMESTAMPTZOID, INT8OID, XIDOID, TIDOID};
#define SELECT_ACCOUNT                                                                                       \
    "SELECT a.version, a.xmin, a.ctid, a.extended_profile FROM opigno.account AS a WHERE a.user_uuid = $1"
constinit pg::Statement select_account(SELECT_ACCOUNT, user_type);
constinit pg::Statement lock_account(SELECT_ACCOUNT " FOR NO KEY UPDATE", user_type);
constinit pg::Statement
    insert_account("INSERT INTO opigno.account (user_uuid, extended_profile, version, created_at, updated_at)"
                   " VALUES ($1, $2, $4, $3, $3) ON CONFLICT (user_uuid) DO NOTHING RETURNING version",
                   {account_types, 4});
constinit pg::Statement
    update_account("UPDATE opigno.account AS a SET extended_profile = $2, version = a.version + 1,"
                   "  updated_at = greatest(a.updated_at, $3)"
                   " WHERE a.ctid = $6 AND a.user_uuid = $1 AND a.version = $4 AND a.xmin = $5"
                   " RETURNING a.version",
                   account_types);

/* As in opigno.account: the version of the fields counts their changes. */
std::int64_t first_version_of_fields()
{
    return 1;
}

constexpr document::Table accounts{"account",      "opigno.account", select_account, lock_account,
                                   insert_account, update_account,   nullptr,        first_version_of_fields};

bool is_empty(Jsonb *fields)
{
    return JB_ROOT_COUNT(fields) == 0;
}

/* nullptr: the stored fields stay. */
Jsonb *fields_of(OnConflict on_conflict, Jsonb *moved, Jsonb *stored)
{
    if (stored == nullptr || is_empty(stored) || on_conflict == OnConflict::Replace)
        return moved;
    return on_conflict == OnConflict::Keep ? nullptr : json::replace_members(moved, stored);
}

/* ---- preferences -------------------------------------------------------------------------- */

/* $2: whether those are moved that decide who sees the account. By default what the anonymous user allowed
 * does not. */
constexpr Oid moved_types[] = {TEXTOID, BOOLOID};
constinit pg::Statement
    select_moved("SELECT f.key::text, f.value::text FROM opigno.preference AS f WHERE f.user_uuid = $1"
                 "  AND ($2 OR (f.key <> 'account_privacy' AND NOT starts_with(f.key, 'visibility.')))"
                 " ORDER BY f.key",
                 moved_types);
constexpr Oid preference_types[] = {TEXTOID, TIMESTAMPTZOID, TEXTARRAYOID, TEXTARRAYOID};
#define INSERT_PREFERENCES                                                                                   \
    "INSERT INTO opigno.preference AS p (user_uuid, key, value, created_at, updated_at)"                     \
    " SELECT $1, i.key, i.value, $2, $2 FROM unnest($3, $4) WITH ORDINALITY AS i (key, value, n)"            \
    " ORDER BY i.n ON CONFLICT (user_uuid, key) "
constinit pg::BatchStatement add_preferences(INSERT_PREFERENCES "DO NOTHING RETURNING key::text",
                                             preference_types);
constinit pg::BatchStatement replace_preferences(INSERT_PREFERENCES
                                                 "DO UPDATE SET value = excluded.value,"
                                                 "  updated_at = greatest(p.updated_at, excluded.updated_at)"
                                                 " WHERE p.value <> excluded.value RETURNING key::text",
                                                 preference_types);
constinit pg::Statement delete_preferences("DELETE FROM opigno.preference AS p WHERE p.user_uuid = $1",
                                           user_type);
constinit pg::Statement
    measure_preferences("SELECT count(*), coalesce(sum(octet_length(p.key) + octet_length(p.value)), 0)"
                        " FROM opigno.preference AS p WHERE p.user_uuid = $1",
                        user_type);

/* As opigno.set_preference() limits them. */
constexpr std::int64_t max_preferences = 1000;
constexpr std::int64_t max_preference_bytes = 1048576;

void check_preferences(text *user_uuid)
{
    const Datum key = PointerGetDatum(user_uuid);
    measure_preferences.read_committed(&key);
    if (DatumGetInt64(pg::column(1)) <= max_preferences &&
        DatumGetInt64(pg::column(2)) <= max_preference_bytes)
        return;
    ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
            errmsg("a user has at most " INT64_FORMAT " preferences, of " INT64_FORMAT " bytes",
                   max_preferences, max_preference_bytes),
            errhint("opigno.delete_preference() takes one away."));
}

} // namespace

namespace {

/* Both users, in the order of their keys. */
Datum in_order(const Merge &merge)
{
    const bool is_first = pg::view(merge.from_uuid) < pg::view(merge.into_uuid);
    pg::ArrayColumn users;
    users.add(is_first ? merge.from_uuid : merge.into_uuid);
    users.add(is_first ? merge.into_uuid : merge.from_uuid);
    return users.text_array();
}

} // namespace

std::int64_t move_profiles(const identity::Caller &caller, const Merge &merge)
{
    const Datum users[] = {in_order(merge), PointerGetDatum(merge.from_uuid)};
    const std::uint64_t rows = lock_profiles.write(users);
    pg::Vector<Profile> moved;
    for (std::uint64_t row = 0; row < rows; ++row)
        if (DatumGetBool(pg::column(3, row)))
            moved.push_back({DatumGetInt32(pg::column(1, row)), DatumGetJsonbP(pg::column(2, row))});
    std::int64_t written = 0;
    for (const Profile &profile : moved) {
        CHECK_FOR_INTERRUPTS();
        written += move_profile(caller, merge, profile) ? 1 : 0;
    }
    const std::uint64_t deleted = delete_profiles.write(&users[1]);
    for (std::uint64_t row = 0; row < deleted; ++row)
        pg::note_deleted_version(DatumGetInt64(pg::column(1, row)));
    return written;
}

std::int64_t move_account(const Merge &merge)
{
    const Datum users[] = {in_order(merge), PointerGetDatum(merge.from_uuid)};
    const std::uint64_t rows = lock_fields.write(users);
    Jsonb *moved = nullptr;
    for (std::uint64_t row = 0; row < rows; ++row)
        if (DatumGetBool(pg::column(2, row)))
            moved = DatumGetJsonbP(pg::column(1, row));
    if (moved == nullptr)
        return 0;
    document::Written written;
    if (!is_empty(moved))
        written = document::write(
            accounts, {{PointerGetDatum(merge.into_uuid)}, 1}, std::nullopt, identity::Outcome::Merged,
            [&](const document::Found &found, int) {
                return fields_of(merge.on_conflict, moved, found.document);
            },
            [&](const Jsonb *wanted, const document::Found &found) {
                json::check_excess(json::excess_of(moved, wanted, found.document, json::max_document),
                                   json::max_document, "Remove fields of one of the two accounts.");
                return true;
            });
    delete_account.write(&users[1]);
    return written.outcome == identity::Outcome::Unchanged ? 0 : 1;
}

MovedPreferences move_preferences(const Merge &merge)
{
    const bool replaces = merge.on_conflict == OnConflict::Replace;
    const Datum from[] = {PointerGetDatum(merge.from_uuid), BoolGetDatum(replaces)};
    const std::uint64_t given = select_moved.read_latest(from);
    if (given == 0) {
        delete_preferences.write(from);
        return {0, false};
    }
    pg::ArrayColumn keys;
    pg::ArrayColumn contents;
    for (std::uint64_t row = 0; row < given; ++row) {
        keys.add(pg::column(1, row));
        contents.add(pg::column(2, row));
    }
    const Datum values[] = {PointerGetDatum(merge.into_uuid),
                            TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()), keys.text_array(),
                            contents.text_array()};
    const std::uint64_t rows = (replaces ? replace_preferences : add_preferences).write(values);
    MovedPreferences moved{static_cast<std::int64_t>(rows), false};
    for (std::uint64_t row = 0; row < rows; ++row)
        moved.has_privacy |= pg::view(DatumGetTextPP(pg::column(1, row))) == "account_privacy";
    delete_preferences.write(from);
    if (moved.rows > 0)
        check_preferences(merge.into_uuid);
    return moved;
}

} // namespace opigno::retirement
