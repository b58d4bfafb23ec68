#include "profile/store.hpp"

#include "identity/request.hpp"
#include "identity/user.hpp"
#include "pg/fault.hpp"
#include "pg/spi.hpp"
#include "json/document_limit.hpp"
#include "json/merge_patch.hpp"

namespace opigno::profile {

namespace {

constexpr Oid key_types[] = {TEXTOID, INT4OID};
#define SELECT_PROFILE                                                                                       \
    "SELECT p.version, p.xmin, p.ctid, p.profile_data FROM opigno.profile AS p"                              \
    " WHERE p.user_uuid = $1 AND p.app_id = $2"
constinit pg::Statement select_profile(SELECT_PROFILE, key_types);
constinit pg::Statement lock_profile(SELECT_PROFILE " FOR NO KEY UPDATE", key_types);

constexpr Oid insert_types[] = {TEXTOID, INT4OID, JSONBOID, TIMESTAMPTZOID};
constinit pg::Statement insert_profile(
    "INSERT INTO opigno.profile (user_uuid, app_id, profile_data, version, created_at, updated_at)"
    " VALUES ($1, $2, $3, 1, $4, $4) ON CONFLICT (user_uuid, app_id) DO NOTHING",
    insert_types);

/*
 * The transaction that wrote a row and its version name its state, also where the profile was deleted and
 * made anew. Where the row stood saves a search in the index: if it moved, it was written by somebody else.
 */
constexpr Oid update_types[] = {TEXTOID, INT4OID, JSONBOID, TIMESTAMPTZOID, INT8OID, XIDOID, TIDOID};
constinit pg::Statement update_profile(
    "UPDATE opigno.profile AS p SET profile_data = $3, version = p.version + 1,"
    "  updated_at = greatest(p.updated_at, $4)"
    " WHERE p.ctid = $7 AND p.user_uuid = $1 AND p.app_id = $2 AND p.version = $5 AND p.xmin = $6"
    " RETURNING p.version",
    update_types);

constexpr Oid delete_types[] = {TEXTOID, INT4OID, INT8OID};
constinit pg::Statement
    delete_profile("DELETE FROM opigno.profile AS p WHERE p.user_uuid = $1 AND p.app_id = $2"
                   " AND ($3 IS NULL OR p.version = $3) RETURNING p.version",
                   delete_types);

constinit pg::Statement
    select_references("SELECT c.is_active, a.is_private, a.max_profile_size FROM (SELECT) AS one"
                      " LEFT JOIN opigno.user_context AS c ON c.uuid = $1"
                      " LEFT JOIN opigno.app AS a ON a.app_id = $2",
                      key_types);

/* The profile as it was found; version 0: there is none. */
struct Found {
    std::int64_t version = 0;
    TransactionId written_by = InvalidTransactionId;
    ItemPointer place = nullptr;
    Jsonb *document = nullptr;
};

Found find(const Key &key, bool lock)
{
    const Datum values[] = {PointerGetDatum(key.user_uuid), Int32GetDatum(key.app_id)};
    if ((lock ? lock_profile.write(values) : select_profile.read_latest(values)) == 0)
        return {};
    return {DatumGetInt64(pg::column(1)), DatumGetTransactionId(pg::column(2)),
            reinterpret_cast<ItemPointer>(DatumGetPointer(pg::column(3))), DatumGetJsonbP(pg::column(4))};
}

bool insert(const Key &key, const Jsonb *document)
{
    const Datum values[] = {PointerGetDatum(key.user_uuid), Int32GetDatum(key.app_id),
                            PointerGetDatum(document),
                            TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
    return insert_profile.write(values) > 0;
}

bool update(const Key &key, const Jsonb *document, const Found &found)
{
    const Datum values[] = {
        PointerGetDatum(key.user_uuid), Int32GetDatum(key.app_id),
        PointerGetDatum(document),      TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()),
        Int64GetDatum(found.version),   TransactionIdGetDatum(found.written_by),
        PointerGetDatum(found.place)};
    return update_profile.write(values) > 0;
}

/* The user's is_active, and the app's is_private and limit; nothing where there is none. */
struct References {
    std::optional<bool> is_active;
    std::optional<bool> is_private;
    SizeLimit limit;
};

References references_of(const Key &key)
{
    const Datum values[] = {PointerGetDatum(key.user_uuid), Int32GetDatum(key.app_id)};
    select_references.read_latest(values);
    const auto boolean = [](std::optional<Datum> value) {
        return value.has_value() ? std::optional<bool>(DatumGetBool(*value)) : std::nullopt;
    };
    const std::optional<Datum> limit = pg::nullable_column(3);
    return {boolean(pg::nullable_column(1)), boolean(pg::nullable_column(2)),
            limit.has_value() ? DatumGetInt32(*limit) : json::max_document};
}

void add_unknown_app(const References &references, std::int32_t app_id, pg::Faults &faults)
{
    if (references.is_private.has_value())
        return;
    faults.add(ERRCODE_FOREIGN_KEY_VIOLATION, "app_id", "app %d does not exist", app_id);
    faults.hint("opigno.apps() lists those that do.");
}

/* Raises 23503 for what the foreign keys would refuse, in words of ours. */
void check_references(const Key &key)
{
    const References references = references_of(key);
    pg::Faults faults;
    if (!references.is_active.has_value())
        identity::add_missing_user("user_uuid", faults);
    add_unknown_app(references, key.app_id, faults);
    faults.raise();
}

void record(const identity::Caller &caller, const Key &key, const char *outcome, std::int64_t version)
{
    identity::Event event;
    event.outcome = outcome;
    event.user_uuid = key.user_uuid;
    event.app_id = key.app_id;
    event.version = version;
    identity::record(caller, event);
}

/*
 * Another round is needed only when another session wrote the row between two statements: with many that
 * delete and create the same profile all the time, now and then quite a few.
 */
constexpr int max_rounds = 100;

[[noreturn]] void give_up()
{
    ereport(
        ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("could not write the profile"),
        errhint("Look for a trigger on opigno.profile that suppresses what is written, or for sessions that "
                "create and remove the same profile all the time."));
}

constexpr const char *unchanged = "unchanged";

void check_size(const Jsonb *given, const Jsonb *wanted, const Jsonb *found, SizeLimit limit)
{
    json::check_excess(
        json::excess_of(given, wanted, found, limit), limit,
        "opigno.update_app() sets what requests may store in profiles of the app, and operators "
        "may store more.");
}

/* One round; version 0: another session was faster. */
Written try_to_write(const Key &key, Operation operation, Jsonb *document, const Found &found,
                     SizeLimit limit)
{
    Jsonb *wanted = operation == Operation::Merge ? json::merge_patch(found.document, document) : document;
    if (found.version == 0) {
        check_references(key);
        check_size(wanted, wanted, nullptr, limit);
        return insert(key, wanted) ? Written{1, "created"} : Written{};
    }
    if (operation == Operation::Create)
        ereport(ERROR, errcode(ERRCODE_UNIQUE_VIOLATION), errmsg("the profile exists already"),
                errhint("opigno.patch_profile() changes it, opigno.upsert_profile() replaces it."));
    if (json::is_same(wanted, found.document))
        return {found.version, unchanged};
    check_size(document, wanted, found.document, limit);
    if (!update(key, wanted, found))
        return {};
    return {DatumGetInt64(pg::column(1)), operation == Operation::Merge ? "merged" : "replaced"};
}

} // namespace

SizeLimit check_may_write(const identity::Caller &caller, const Key &key)
{
    identity::check_acts_for_own_user(caller, key.user_uuid);
    if (caller.acts_on_all)
        return json::max_document;
    const References references = references_of(key);
    pg::Faults faults;
    if (!references.is_active.value_or(false))
        faults.add(ERRCODE_INSUFFICIENT_PRIVILEGE, "user_uuid", "the user of the request cannot act");
    const identity::Request &request = identity::check_request();
    if (request.client_id.has_value() && !request.app_id.has_value())
        faults.add(ERRCODE_INSUFFICIENT_PRIVILEGE, "app_id", "the client of the request belongs to no app");
    else if (request.app_id.has_value() && *request.app_id != key.app_id)
        faults.add(ERRCODE_INSUFFICIENT_PRIVILEGE, "app_id",
                   "the request may write the profiles of its own app only");
    else if (!request.app_id.has_value() && references.is_private.value_or(false))
        faults.add(ERRCODE_INSUFFICIENT_PRIVILEGE, "app_id",
                   "the profiles of a private app are written by requests of this app only");
    add_unknown_app(references, key.app_id, faults);
    faults.raise();
    return references.limit;
}

Written write(const identity::Caller &caller, const Key &key, Operation operation, Jsonb *document,
              pg::ExpectedVersion expected, SizeLimit limit)
{
    for (int round = 0; round < max_rounds; ++round) {
        CHECK_FOR_INTERRUPTS();
        const Found found = find(key, round > 0);
        if (round > 0)
            check_may_write(caller, key); /* the wait may have been for the one who deactivated the user */
        pg::check_version("profile", found.version, expected);
        const Written written = try_to_write(key, operation, document, found, limit);
        if (written.version == 0)
            continue;
        if (written.outcome != unchanged)
            record(caller, key, written.outcome, written.version);
        return written;
    }
    give_up();
}

bool remove(const identity::Caller &caller, const Key &key, pg::ExpectedVersion expected)
{
    const Datum values[] = {PointerGetDatum(key.user_uuid), Int32GetDatum(key.app_id),
                            Int64GetDatum(expected.value_or(0))};
    const char nulls[] = {' ', ' ', expected.has_value() ? ' ' : 'n'};
    for (int round = 0; round < max_rounds; ++round) {
        CHECK_FOR_INTERRUPTS();
        if (delete_profile.write(values, nulls) > 0) {
            record(caller, key, "deleted", DatumGetInt64(pg::column(1)));
            return true;
        }
        const Found found = find(key, false);
        pg::check_version("profile", found.version, expected);
        if (found.version == 0)
            return false;
    }
    give_up();
}

} // namespace opigno::profile
