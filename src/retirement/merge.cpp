/* merge_user_contexts; merge_functions.sql has the contract. */
#include "retirement/merge.hpp"
#include "retirement/migration_place.hpp"

#include "identity/audit.hpp"
#include "identity/user.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/array.hpp"
#include "pg/function.hpp"
#include "pg/row_type.hpp"
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"
#include "pg/time.hpp"
#include "pg/transaction.hpp"

namespace opigno::retirement {

namespace {

using identity::Caller;

constexpr Oid user_type[] = {TEXTOID};
constexpr Oid pair_types[] = {TEXTOID, TEXTOID, TIMESTAMPTZOID};
constinit pg::Statement lock_to_delete("SELECT c.scope = '{}' FROM opigno.user_context AS c"
                                       " WHERE c.uuid = $1 FOR UPDATE",
                                       user_type);
constinit pg::Statement delete_user("DELETE FROM opigno.user_context AS c WHERE c.uuid = $1", user_type);

constinit pg::Statement select_merge("SELECT m.into_uuid::text FROM opigno.user_merge AS m"
                                     " WHERE m.from_uuid = $1",
                                     user_type);
/* What was merged into the first user is now merged into the second. */
constinit pg::Statement redirect_merges("UPDATE opigno.user_merge AS m SET into_uuid = $2"
                                        " WHERE m.into_uuid = $1",
                                        {pair_types, 2});
/* A user of this name may have been merged before. A user that exists leads nowhere. */
constinit pg::Statement
    insert_merge("INSERT INTO opigno.user_merge AS m (from_uuid, into_uuid, merged_at) VALUES ($1, $2, $3)"
                 " ON CONFLICT (from_uuid) DO UPDATE SET into_uuid = excluded.into_uuid,"
                 "  merged_at = excluded.merged_at",
                 pair_types);
constinit pg::Statement delete_loops("DELETE FROM opigno.user_merge AS m WHERE m.from_uuid = $1", user_type);

constinit pg::Statement select_clients("SELECT u.client_id FROM opigno.client_user AS u"
                                       " WHERE u.user_uuid = $1 ORDER BY u.client_id",
                                       user_type);
constexpr Oid clients_types[] = {TEXTOID, TIMESTAMPTZOID, INT8ARRAYOID};
constinit pg::BatchStatement
    insert_clients("INSERT INTO opigno.client_user (user_uuid, client_id, created_at)"
                   " SELECT $1, i.client_id, $2 FROM unnest($3) WITH ORDINALITY AS i (client_id, n)"
                   " ORDER BY i.n ON CONFLICT (user_uuid, client_id) DO NOTHING",
                   clients_types);

/* The order of locks is retirements, users: that of moves and of the erasure. */
constinit pg::Statement lock_retirements("SELECT FROM opigno.retirement AS r WHERE r.user_uuid IN ($1, $2)"
                                         " ORDER BY r.user_uuid FOR UPDATE",
                                         {pair_types, 2});
constinit pg::Statement select_retirement("SELECT FROM opigno.retirement AS r"
                                          " WHERE r.user_uuid = $1 AND r.current_state <> 'ABORTED'",
                                          user_type);
constinit pg::Statement delete_aborted("DELETE FROM opigno.retirement AS r WHERE r.user_uuid = $1",
                                       user_type);

constexpr Oid profile_types[] = {TEXTOID, INT4OID};
constinit pg::Statement select_profile("SELECT FROM opigno.profile AS p WHERE p.user_uuid = $1"
                                       " AND p.app_id = $2",
                                       profile_types);

constexpr Oid move_types[] = {TEXTOID, TEXTOID, TEXTOID};
constinit pg::Function move_progress("move_progress", move_types);
constinit pg::Function move_entities("move_user_entities", move_types);

constexpr pg::Word<OnConflict> words[] = {
    {"keep", OnConflict::Keep}, {"replace", OnConflict::Replace}, {"merge", OnConflict::Merge}};

struct Counts {
    std::int64_t profiles = 0;
    std::int64_t accounts = 0;
    std::int64_t preferences = 0;
    std::int64_t trainings = 0;
    std::int64_t clients = 0;
    std::int64_t entities = 0;
};

/* ---- the users ---------------------------------------------------------------------------- */

Merge merge_argument(FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    Merge merge{};
    merge.from_uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 0), "from_uuid", errors);
    merge.into_uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 1), "into_uuid", errors);
    merge.on_conflict = pg::word_argument(fcinfo, 2, "on_conflict", words, errors);
    if (errors.empty() && pg::view(merge.from_uuid) == pg::view(merge.into_uuid))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "into_uuid",
                   "\"from_uuid\" and \"into_uuid\" must be two users");
    errors.raise();
    return merge;
}

/* A statement must see what others have committed while this call waited for its locks. */
void check_isolation()
{
    if (IsolationUsesXactSnapshot())
        ereport(ERROR, errcode(ERRCODE_INVALID_TRANSACTION_STATE),
                errmsg("users are merged at isolation level READ COMMITTED only"),
                errhint("BEGIN ISOLATION LEVEL READ COMMITTED sets the level."));
}

/* What is known of the users once they are locked. */
struct Found {
    bool has_from = false;
    bool is_anonymous = false;
    bool has_into = false;
};

/*
 * Locks both in the order of their keys, as all who lock several users do: so merges in opposite
 * directions do not deadlock. FOR UPDATE also keeps new rows from referring to the first user; the
 * second one can have new rows, and nothing is deleted there.
 */
Found lock_users(const Merge &merge)
{
    Found found;
    const Datum users[] = {PointerGetDatum(merge.from_uuid), PointerGetDatum(merge.into_uuid)};
    lock_retirements.write(users);
    const auto lock_from = [&] {
        const Datum key = PointerGetDatum(merge.from_uuid);
        found.has_from = lock_to_delete.write(&key) > 0;
        found.is_anonymous = found.has_from && DatumGetBool(pg::column(1));
    };
    const bool is_from_first = pg::view(merge.from_uuid) < pg::view(merge.into_uuid);
    if (is_from_first)
        lock_from();
    found.has_into = identity::try_to_lock_user(merge.into_uuid, identity::UserLock::NoKeyUpdate).has_value();
    if (!is_from_first)
        lock_from();
    return found;
}

/* The user into which the first one was merged before, or nullptr. */
text *merged_before(const Merge &merge)
{
    const Datum key = PointerGetDatum(merge.from_uuid);
    return select_merge.read_committed(&key) == 0 ? nullptr : DatumGetTextPP(pg::column(1));
}

/* A retirement begins under the lock of its user, and one that is there is locked: none changes now. */
void check_not_retiring(text *user_uuid, const char *member, pg::Errors &errors)
{
    const Datum key = PointerGetDatum(user_uuid);
    if (select_retirement.read_committed(&key) == 0)
        return;
    errors.add(ERRCODE_WRONG_STATE, member, "the user \"%s\" is being retired", member);
    errors.hint("opigno.cancel_retirement() ends a retirement in state PENDING, and "
                "opigno.move_retirement() moves others to ABORTED.");
}

void check_users(const Merge &merge, const Found &found, const text *merged_into)
{
    pg::Errors errors;
    if (!found.has_from && merged_into != nullptr) {
        errors.add(ERRCODE_WRONG_STATE, "from_uuid", "the user was merged into another one before");
        errors.hint("opigno.user_merge names it.");
    } else if (!found.has_from) {
        identity::add_missing_user(merge.from_uuid, "from_uuid", errors);
    } else if (!found.is_anonymous) {
        errors.add(ERRCODE_WRONG_STATE, "from_uuid", "the user is not anonymous: it has scopes");
        errors.hint("Only users without scopes are merged into others. opigno.set_user_scopes() takes scopes "
                    "away.");
    }
    if (!found.has_into)
        identity::add_missing_user(merge.into_uuid, "into_uuid", errors);
    if (found.has_from)
        check_not_retiring(merge.from_uuid, "from_uuid", errors);
    if (found.has_into)
        check_not_retiring(merge.into_uuid, "into_uuid", errors);
    errors.raise();
}

/* ---- the move ----------------------------------------------------------------------------- */

std::int64_t call(const pg::Function &function, const Merge &merge)
{
    const char *word = "keep";
    for (const auto &[name, value] : words)
        if (value == merge.on_conflict)
            word = name.data();
    const Datum values[] = {PointerGetDatum(merge.from_uuid), PointerGetDatum(merge.into_uuid),
                            CStringGetTextDatum(word)};
    return DatumGetInt64(function.value(values));
}

/* What refers to the user and is not ours has not moved. */
void delete_merged(const Merge &merge)
{
    const Datum key = PointerGetDatum(merge.from_uuid);
    const char *table = nullptr;
    pg::in_subtransaction(
        [&] {
            if (delete_user.write(&key) == 0)
                pg::refuse_suppressed_write();
            return true;
        },
        [&](const ErrorData &error) {
            if ((error.sqlerrcode != ERRCODE_FOREIGN_KEY_VIOLATION &&
                 error.sqlerrcode != ERRCODE_RESTRICT_VIOLATION) ||
                error.table_name == nullptr)
                return false;
            table = quote_qualified_identifier(error.schema_name, error.table_name);
            return true;
        });
    if (table != nullptr)
        ereport(ERROR, errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
                errmsg("rows of table %s refer to the anonymous user", table),
                errhint("opigno.attach_entity_table() lets rows of the table move with their user."));
}

/* A profile that was not migrated goes to a user whom the migration has passed: it goes back to him. The
 * order of locks is users, migrations, profiles. */
void rewind_migrations(const Merge &merge)
{
    const std::string_view from = pg::view(merge.from_uuid);
    const std::string_view into = pg::view(merge.into_uuid);
    for (const MigrationPlace &place : lock_migration_places()) {
        const Datum profile[] = {PointerGetDatum(merge.from_uuid), Int32GetDatum(place.app_id)};
        const std::string_view after = pg::view(place.after_uuid);
        if (after >= into && after < from && select_profile.read_latest(profile) > 0)
            go_back_before(place, merge.into_uuid);
    }
}

/* Returns how many clients may act for the known user that could not before. */
std::int64_t move_clients(const Merge &merge)
{
    const Datum from = PointerGetDatum(merge.from_uuid);
    const std::uint64_t given = select_clients.read_latest(&from);
    if (given == 0)
        return 0;
    pg::ArrayColumn clients;
    for (std::uint64_t row = 0; row < given; ++row)
        clients.add(pg::column(1, row));
    const Datum values[] = {PointerGetDatum(merge.into_uuid),
                            TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()),
                            clients.array(INT8OID, 8, true, TYPALIGN_DOUBLE)};
    return static_cast<std::int64_t>(insert_clients.write(values));
}

/* Everywhere the order of locks is: the user context, the profiles, the account, the preferences. */
Counts move_data(const Caller &caller, const Merge &merge)
{
    const Datum values[] = {PointerGetDatum(merge.from_uuid), PointerGetDatum(merge.into_uuid),
                            TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
    Counts counts;
    rewind_migrations(merge);
    counts.profiles = move_profiles(caller, merge);
    counts.accounts = move_account(merge);
    const MovedPreferences preferences = move_preferences(merge);
    counts.preferences = preferences.rows;
    if (preferences.rows > 0)
        identity::change_user(merge.into_uuid,
                              {nullptr, preferences.has_privacy && counts.accounts == 0, true});
    counts.trainings = call(move_progress, merge);
    counts.clients = move_clients(merge);
    counts.entities = call(move_entities, merge);
    delete_aborted.write(values);
    redirect_merges.write(values);
    insert_merge.write(values);
    delete_loops.write(&values[1]);
    delete_merged(merge);
    return counts;
}

void record(const Caller &caller, const Merge &merge, const Counts &counts)
{
    identity::Event event;
    event.outcome = identity::Outcome::Merged;
    event.user_uuid = merge.into_uuid;
    event.last_user_uuid = merge.from_uuid;
    event.row_count = counts.profiles + counts.accounts + counts.preferences + counts.trainings +
                      counts.clients + counts.entities;
    event.subject = pg::make_text(psprintf("profiles " INT64_FORMAT ", accounts " INT64_FORMAT
                                           ", preferences " INT64_FORMAT ", trainings " INT64_FORMAT
                                           ", clients " INT64_FORMAT ", entities " INT64_FORMAT,
                                           counts.profiles, counts.accounts, counts.preferences,
                                           counts.trainings, counts.clients, counts.entities));
    identity::record(caller, event);
}

Datum result_of(FunctionCallInfo fcinfo, const Merge &merge, const Counts &counts, identity::Outcome outcome)
{
    static constinit pg::RowType result;
    const Datum values[] = {
        PointerGetDatum(merge.into_uuid), Int64GetDatum(counts.profiles),
        Int64GetDatum(counts.accounts),   Int64GetDatum(counts.preferences),
        Int64GetDatum(counts.trainings),  Int64GetDatum(counts.clients),
        Int64GetDatum(counts.entities),   PointerGetDatum(pg::make_text(identity::word_of(outcome)))};
    return result.form(fcinfo, values);
}

Datum merge_users(const Caller &caller, FunctionCallInfo fcinfo)
{
    const Merge merge = merge_argument(fcinfo);
    check_isolation();
    Counts counts;
    const identity::Outcome outcome = pg::with_spi([&](MemoryContext) {
        const Found found = lock_users(merge);
        const text *before = found.has_from ? nullptr : merged_before(merge);
        if (before != nullptr && found.has_into && pg::view(before) == pg::view(merge.into_uuid))
            return identity::Outcome::Unchanged;
        check_users(merge, found, before);
        counts = move_data(caller, merge);
        record(caller, merge, counts);
        return identity::Outcome::Merged;
    });
    if (outcome == identity::Outcome::Merged)
        identity::refresh_request(merge.from_uuid);
    return result_of(fcinfo, merge, counts, outcome);
}

} // namespace

} // namespace opigno::retirement

using namespace opigno;

OPIGNO_FUNCTION(opigno_merge_user_contexts)
{
    return identity::as_owner(
        fcinfo, identity::RequiredAccess::Operator,
        [&](const identity::Caller &caller) { return retirement::merge_users(caller, fcinfo); });
}
