/* purge_anonymous_user_contexts and its batches; merge_functions.sql has the contracts. */
#include "identity/audit.hpp"
#include "identity/request.hpp"
#include "pg/argument.hpp"
#include "pg/array.hpp"
#include "pg/function.hpp"
#include "pg/row_type.hpp"
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"
#include "pg/text.hpp"
#include "pg/time.hpp"
#include "pg/version.hpp"

#include <algorithm>

namespace opigno::retirement {

namespace {

using identity::Caller;

/* Whether anything of user u was written at or after $1, or the user is being retired. */
#define IS_IN_USE(u)                                                                                         \
    "(EXISTS (SELECT FROM opigno.profile AS p WHERE p.user_uuid = " u " AND p.updated_at >= $1)"             \
    " OR EXISTS (SELECT FROM opigno.account AS a WHERE a.user_uuid = " u " AND a.updated_at >= $1)"          \
    " OR EXISTS (SELECT FROM opigno.preference AS r WHERE r.user_uuid = " u " AND r.updated_at >= $1)"       \
    " OR EXISTS (SELECT FROM opigno.training_progress AS t WHERE t.user_uuid = " u                           \
    "  AND t.updated_at >= $1)"                                                                              \
    " OR EXISTS (SELECT FROM opigno.retirement AS n WHERE n.user_uuid = " u                                  \
    "  AND n.current_state <> 'ABORTED'))"

/* $1: the time before which everything was written. $2, $3: where to start. */
constexpr Oid candidate_types[] = {TIMESTAMPTZOID, TIMESTAMPTZOID, TEXTOID, INT8OID};
#define CANDIDATES(uuid)                                                                                     \
    "SELECT c.created_at, " uuid                                                                             \
    " FROM opigno.user_context AS c WHERE c.scope = '{}' AND (c.created_at, c.uuid) > ($2, $3)"              \
    "  AND c.created_at < $1 AND c.updated_at < $1 AND NOT " IS_IN_USE(                                      \
        "c.uuid") " ORDER BY c.created_at, c.uuid LIMIT $4"
constinit pg::Statement lock_candidates(CANDIDATES("c.uuid::text") " FOR UPDATE OF c SKIP LOCKED",
                                        candidate_types, CANDIDATES("c.uuid || ''"));
/* Where Citus keeps the users it locks those of one node only, so they are locked one by one. */
constexpr Oid users_types[] = {TIMESTAMPTZOID, TEXTARRAYOID};
constinit pg::BatchStatement lock_users("SELECT u.uuid FROM unnest($2) AS u (uuid)"
                                        " JOIN opigno.user_context AS c ON c.uuid = u.uuid"
                                        " WHERE c.scope = '{}' AND c.updated_at < $1"
                                        " FOR UPDATE OF c SKIP LOCKED",
                                        users_types);

constexpr Oid list_type[] = {TEXTARRAYOID};
#define USERS " unnest($1) AS u (uuid)"
constinit pg::BatchStatement lock_profiles("SELECT FROM" USERS
                                           " JOIN opigno.profile AS t ON t.user_uuid = u.uuid"
                                           " ORDER BY t.user_uuid, t.app_id FOR UPDATE OF t",
                                           list_type);
constinit pg::BatchStatement lock_accounts("SELECT FROM" USERS
                                           " JOIN opigno.account AS t ON t.user_uuid = u.uuid"
                                           " ORDER BY t.user_uuid FOR UPDATE OF t",
                                           list_type);
constinit pg::BatchStatement lock_progress("SELECT FROM" USERS
                                           " JOIN opigno.training_progress AS t ON t.user_uuid = u.uuid"
                                           " ORDER BY t.user_uuid, t.training_id FOR UPDATE OF t",
                                           list_type);
constexpr Oid unused_types[] = {TIMESTAMPTZOID, TEXTARRAYOID};
constinit pg::BatchStatement select_unused("SELECT u.uuid FROM unnest($2) AS u (uuid)"
                                           " WHERE NOT " IS_IN_USE("u.uuid") " ORDER BY u.uuid COLLATE \"C\"",
                                           unused_types);

#define DELETE_OF(table) "DELETE FROM opigno." table " AS t USING" USERS " WHERE t.user_uuid = u.uuid"
#define DELETE_VERSIONS_OF(table)                                                                            \
    "WITH deleted AS (" DELETE_OF(table) " RETURNING t.version) SELECT max(d.version) FROM deleted AS d"
constinit pg::BatchStatement delete_profiles(DELETE_VERSIONS_OF("profile"), list_type);
constinit pg::BatchStatement delete_progress(DELETE_VERSIONS_OF("training_progress"), list_type);
constinit pg::BatchStatement delete_accounts(DELETE_OF("account"), list_type);
constinit pg::BatchStatement delete_preferences(DELETE_OF("preference"), list_type);
constinit pg::BatchStatement delete_standings(DELETE_OF("training_standing"), list_type);
/* Who had one of these names before is somebody else: reports for the user do not go to him. */
constinit pg::BatchStatement
    delete_merges("DELETE FROM opigno.user_merge AS t USING" USERS " WHERE t.from_uuid = u.uuid", list_type);
constinit pg::BatchStatement
    delete_users("DELETE FROM opigno.user_context AS t USING" USERS " WHERE t.uuid = u.uuid", list_type);

constexpr pg::Function purge_entities("purge_user_entities", list_type);

/* What a call purges, and how far it is. */
struct Purge {
    TimestampTz unused_since;
    std::int64_t max_rows;
    TimestampTz after_created_at = DT_NOBEGIN;
    text *after_uuid = nullptr; /* nullptr: from the first */
    bool is_complete = false;
    std::int64_t deleted = 0;
    text *first_uuid = nullptr; /* of those deleted, in byte order */
    text *last_uuid = nullptr;
};

static_assert(std::is_trivially_destructible_v<Purge>);

/* ---- one batch ---------------------------------------------------------------------------- */

/* In byte order, in which the users' rows are locked. */
ArrayType *locked(const Purge &purge, pg::Names &users)
{
    std::sort(users.begin(), users.end());
    ArrayType *list = pg::make_array(users);
    if (!lock_candidates.is_distributed())
        return list;
    const Datum values[] = {TimestampTzGetDatum(purge.unused_since), PointerGetDatum(list)};
    const std::uint64_t rows = lock_users.write(values);
    pg::Names names;
    for (std::uint64_t row = 0; row < rows; ++row)
        names.push_back(pg::view(DatumGetTextPP(pg::column(1, row))));
    return pg::make_array(names);
}

/* Locks the next users that seem to be unused. Goes on behind the last one in any case. */
ArrayType *candidates(Purge &purge, std::int64_t rows, MemoryContext outer)
{
    const Datum values[] = {
        TimestampTzGetDatum(purge.unused_since), TimestampTzGetDatum(purge.after_created_at),
        PointerGetDatum(purge.after_uuid == nullptr ? pg::make_text("") : purge.after_uuid),
        Int64GetDatum(rows)};
    const std::uint64_t found = lock_candidates.write(values);
    purge.is_complete = found < static_cast<std::uint64_t>(rows);
    pg::Names users;
    for (std::uint64_t row = 0; row < found; ++row)
        users.push_back(pg::view(DatumGetTextPP(pg::column(2, row))));
    if (found > 0) {
        purge.after_created_at = DatumGetTimestampTz(pg::column(1, found - 1));
        MemoryContext before = MemoryContextSwitchTo(outer);
        purge.after_uuid = DatumGetTextPCopy(pg::column(2, found - 1));
        MemoryContextSwitchTo(before);
    }
    return locked(purge, users);
}

/*
 * A write to a row that exists does not lock the user. So the rows are locked, and those that were
 * written meanwhile count: nothing is deleted that was written after the given time. New rows wait for the
 * lock on the user.
 */
pg::Names still_unused(const Purge &purge, ArrayType *users)
{
    const Datum list = PointerGetDatum(users);
    lock_profiles.write(&list);
    lock_accounts.write(&list);
    lock_progress.write(&list);
    const Datum values[] = {TimestampTzGetDatum(purge.unused_since), list};
    const std::uint64_t rows = select_unused.read_committed(values);
    pg::Names names;
    for (std::uint64_t row = 0; row < rows; ++row)
        names.push_back(pg::view(DatumGetTextPP(pg::column(1, row))));
    return names;
}

void note_deleted_versions(pg::BatchStatement &statement, const Datum *list)
{
    const std::uint64_t rows = statement.write(list);
    for (std::uint64_t row = 0; row < rows; ++row)
        if (const std::optional<Datum> version = pg::nullable_column(1, row); version.has_value())
            pg::note_deleted_version(DatumGetInt64(*version));
}

void delete_all(const pg::Names &users)
{
    const Datum list = PointerGetDatum(pg::make_array(users));
    purge_entities.call(&list);
    note_deleted_versions(delete_profiles, &list);
    note_deleted_versions(delete_progress, &list);
    delete_accounts.write(&list);
    delete_preferences.write(&list);
    delete_standings.write(&list);
    delete_merges.write(&list);
    if (delete_users.write(&list) != users.size())
        pg::refuse_suppressed_write();
}

void include(const pg::Names &users, Purge &purge, MemoryContext outer)
{
    MemoryContext before = MemoryContextSwitchTo(outer);
    if (purge.first_uuid == nullptr || users[0] < pg::view(purge.first_uuid))
        purge.first_uuid = pg::make_text(users[0]);
    if (purge.last_uuid == nullptr || users[users.size() - 1] > pg::view(purge.last_uuid))
        purge.last_uuid = pg::make_text(users[users.size() - 1]);
    MemoryContextSwitchTo(before);
    purge.deleted += static_cast<std::int64_t>(users.size());
}

/* A table of the site that refers to a user keeps it: what refuses the deletion of many is found by
 * halving. users: in byte order. */
void delete_those_possible(const pg::Names &users, Purge &purge, MemoryContext outer)
{
    if (users.empty())
        return;
    CHECK_FOR_INTERRUPTS();
    check_stack_depth();
    bool is_deleted = false;
    pg::in_subtransaction(
        [&] {
            delete_all(users);
            is_deleted = true;
            return true;
        },
        [](const ErrorData &error) {
            return error.sqlerrcode == ERRCODE_FOREIGN_KEY_VIOLATION ||
                   error.sqlerrcode == ERRCODE_RESTRICT_VIOLATION; /* of ON DELETE RESTRICT, since 18 */
        });
    if (is_deleted) {
        include(users, purge, outer);
        return;
    }
    if (users.size() == 1)
        return;
    pg::Names halves[2];
    for (std::size_t at = 0; at < users.size(); ++at)
        halves[at < users.size() / 2 ? 0 : 1].push_back(users[at]);
    for (const pg::Names &half : halves)
        delete_those_possible(half, purge, outer);
}

void purge_batch(Purge &purge, std::int64_t rows)
{
    pg::with_spi([&](MemoryContext outer) {
        ArrayType *users = candidates(purge, rows, outer);
        if (ArrayGetNItems(ARR_NDIM(users), ARR_DIMS(users)) > 0)
            delete_those_possible(still_unused(purge, users), purge, outer);
        return 0;
    });
}

/* ---- calls -------------------------------------------------------------------------------- */

/* Reads the first two arguments. */
Purge purge_argument(FunctionCallInfo fcinfo)
{
    constexpr std::int32_t default_rows = 1000;
    constexpr std::int32_t most_rows = 100000;
    const std::int32_t rows = PG_ARGISNULL(1) ? default_rows : PG_GETARG_INT32(1);
    pg::Errors errors;
    pg::require(fcinfo, 0, "older_than", errors);
    if (errors.empty() && PG_GETARG_TIMESTAMPTZ(0) > GetCurrentTimestamp())
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "older_than", "\"older_than\" must not be in the future");
    if (rows < 1 || rows > most_rows)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "max_rows", "\"max_rows\" must be from 1 to %d",
                   most_rows);
    errors.raise();
    return {PG_GETARG_TIMESTAMPTZ(0), rows};
}

void finish(const Caller &caller, const Purge &purge)
{
    if (purge.deleted == 0)
        return;
    identity::Event event;
    event.outcome = identity::Outcome::Deleted;
    event.user_uuid = purge.first_uuid;
    event.last_user_uuid = purge.deleted > 1 ? purge.last_uuid : nullptr;
    event.row_count = purge.deleted;
    event.subject = pg::make_text("user_context");
    identity::record(caller, event);
    identity::refresh_request(nullptr);
}

std::int64_t purge_up_to(const Caller &caller, FunctionCallInfo fcinfo)
{
    Purge purge = purge_argument(fcinfo);
    while (!purge.is_complete && purge.deleted < purge.max_rows)
        purge_batch(purge, purge.max_rows - purge.deleted);
    finish(caller, purge);
    return purge.deleted;
}

Datum purge_next(const Caller &caller, FunctionCallInfo fcinfo)
{
    static constinit pg::RowType result;
    Purge purge = purge_argument(fcinfo);
    if (!PG_ARGISNULL(2) && !PG_ARGISNULL(3)) {
        purge.after_created_at = PG_GETARG_TIMESTAMPTZ(2);
        purge.after_uuid = PG_GETARG_TEXT_PP(3);
    }
    /* The batch is the transaction: a foreign key that is deferred refuses here, not at the commit. */
    pg::with_spi([](MemoryContext) {
        pg::execute("SET CONSTRAINTS ALL IMMEDIATE");
        return 0;
    });
    purge_batch(purge, purge.max_rows);
    finish(caller, purge);
    const Datum values[] = {Int64GetDatum(purge.deleted), TimestampTzGetDatum(purge.after_created_at),
                            PointerGetDatum(purge.after_uuid)};
    const bool nulls[] = {false, purge.is_complete, purge.is_complete};
    return result.form(fcinfo, values, nulls);
}

} // namespace

} // namespace opigno::retirement

using namespace opigno;

OPIGNO_FUNCTION(opigno_purge_anonymous_user_contexts)
{
    PG_RETURN_INT64(
        identity::as_owner(fcinfo, identity::RequiredAccess::Operator, [&](const identity::Caller &caller) {
            return retirement::purge_up_to(caller, fcinfo);
        }));
}

OPIGNO_FUNCTION(opigno_purge_anonymous_user_context_batch)
{
    return identity::as_owner(
        fcinfo, identity::RequiredAccess::OperatorLevel,
        [&](const identity::Caller &caller) { return retirement::purge_next(caller, fcinfo); });
}
