/* Moves of users between shards; user_moves.sql has the contracts. */
#include "identity/user_move.hpp"

#include "identity/audit.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "sharding/server.hpp"

namespace opigno::sharding {

namespace {

using identity::Caller;
using identity::Outcome;
using identity::ServerKind;
using identity::ServerRole;

constexpr std::int32_t default_slots = 1024;
constexpr std::int32_t max_slots = 4096;
constexpr std::int64_t max_slots_of_all = 262144; /* rows of opigno.moving_slot */

/* The shard and the number of all shards after the moves, the number before, the slots, the state. */
constexpr Oid slot_types[] = {INT4OID, INT4OID, INT4OID, INT4OID, TEXTOID};
constinit pg::CallerStatement
    insert_slots("INSERT INTO opigno.moving_slot (shard, slot, slot_state)"
                 " SELECT t.shard, s.slot, $5 FROM generate_series($1, $2 - 1, $3) AS t (shard),"
                 "  generate_series(0, $4 - 1) AS s (slot)",
                 slot_types);
/* The shard, the slot, the state before and after, users, rows, the time. */
constexpr Oid mark_types[] = {INT4OID, INT4OID, TEXTOID, TEXTOID, INT8OID, INT8OID, TIMESTAMPTZOID};
constinit pg::Statement
    update_slot("UPDATE opigno.moving_slot AS m SET slot_state = $4, moved_users = $5, moved_rows = $6,"
                "  moved_at = $7 WHERE m.shard = $1 AND m.slot = $2 AND m.slot_state = $3",
                mark_types);
constexpr Oid number_type[] = {INT8OID};
constinit pg::CallerStatement
    select_lower_number("SELECT FROM opigno.server_role AS r WHERE r.first_number < $1", number_type);
constinit pg::CallerStatement select_any_user("SELECT FROM opigno.user_context LIMIT 1");
constinit pg::CallerStatement select_any_retirement("SELECT FROM opigno.retirement LIMIT 1");

std::int32_t slots_argument(FunctionCallInfo fcinfo, int number, pg::Errors &errors)
{
    const std::int32_t slots = PG_ARGISNULL(number) ? default_slots : PG_GETARG_INT32(number);
    if (slots < 1 || slots > max_slots)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "slots", "\"slots\" must be from 1 to %d", max_slots);
    return slots;
}

ServerRole check_is_shard()
{
    const ServerRole stored = stored_role();
    if (stored.kind != ServerKind::Shard)
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("this server is not a shard"),
                errhint("Call opigno.become_shard() first. A server on its own is shard 0 of 1."));
    return stored;
}

void check_slots(const ServerRole &stored, std::int32_t slots)
{
    if (stored.slots != slots)
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("users are moving in another number of slots"),
                errdetail("The number of slots is %d.", stored.slots), errhint("Pass this number."));
}

void add_slots(std::int32_t first_shard, std::int32_t shards, std::int32_t step, std::int32_t slots,
               const char *state)
{
    const Datum values[] = {Int32GetDatum(first_shard), Int32GetDatum(shards), Int32GetDatum(step),
                            Int32GetDatum(slots), CStringGetTextDatum(state)};
    insert_slots.write(values);
}

/* ---- the shard that users leave ----------------------------------------------------------- */

void check_more_shards(const ServerRole &stored, std::int32_t shards)
{
    if (shards < stored.shards || shards % stored.shards != 0 || shards > identity::max_shards)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("\"shards\" must be a multiple of the present number of shards, and at most 65536"),
                errdetail("This is shard %d of %d.", stored.shard, stored.shards));
}

void check_number_of_slots(const ServerRole &wanted)
{
    const std::int64_t added = wanted.stride() / wanted.shards - 1;
    if (added * wanted.slots > max_slots_of_all)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("\"slots\" is too large for so many shards"),
                errdetail("Each added shard has its own slots, together at most %lld.",
                          static_cast<long long>(max_slots_of_all)));
}

/* Returns whether moves have begun. */
bool begin(const Caller &caller, std::int32_t shards, std::int32_t slots)
{
    const ServerRole stored = check_is_shard();
    check_more_shards(stored, shards);
    if (stored.from_shards != 0)
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("users are moving to this shard"),
                errhint("When all have arrived, opigno.become_shard(%d, %d) ends the moves.", stored.shard,
                        stored.shards));
    ServerRole wanted{ServerKind::Shard, stored.shard, stored.shards};
    if (shards != stored.shards) {
        wanted.to_shards = shards;
        wanted.slots = slots;
        check_number_of_slots(wanted);
    }
    if (stored.to_shards == wanted.to_shards) {
        if (wanted.to_shards != 0)
            check_slots(stored, slots);
        if (set_strides(wanted))
            change(caller, wanted);
        return wanted.to_shards != 0;
    }
    check_none_has_moved(stored);
    set_strides(wanted);
    if (stored.slots != 0)
        change(caller, {ServerKind::Shard, stored.shard, stored.shards});
    if (wanted.to_shards == 0)
        return false;
    add_slots(stored.shard + stored.shards, shards, stored.shards, slots, "here");
    change(caller, wanted, first_free_number());
    return true;
}

/* ---- the shard that users come to --------------------------------------------------------- */

[[noreturn]] void refuse_other_moves(const ServerRole &stored)
{
    const bool come = stored.from_shards != 0;
    ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("users are moving in another way"),
            come ? errdetail("They come to this shard from one of %d shards.", stored.from_shards)
                 : errdetail("They move from this shard to others of %d.", stored.to_shards),
            come ? errhint("Pass %d. While none has arrived, opigno.become_single_server() ends the moves.",
                           stored.from_shards)
                 : errhint("opigno.become_shard(%d, %d) ends the moves when all have moved.", stored.shard,
                           stored.to_shards));
}

bool await(const Caller &caller, std::int32_t from_shards, std::int64_t first_number, std::int32_t slots)
{
    const ServerRole stored = check_is_shard();
    if (from_shards < 1 || stored.shards % from_shards != 0 || stored.shard < from_shards)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("users cannot come to shard %d of %d from one of %d shards", stored.shard,
                       stored.shards, from_shards),
                errhint("The number of shards is a multiple of the number before, and added shards have "
                        "the highest numbers."));
    ServerRole wanted{ServerKind::Shard, stored.shard, stored.shards};
    wanted.from_shards = from_shards;
    wanted.slots = slots;
    if (stored.slots != 0) {
        if (stored.from_shards != from_shards)
            refuse_other_moves(stored);
        check_slots(stored, slots);
        /* The old shard may have begun again, and may have given numbers in between. */
        const Datum number = Int64GetDatum(first_number);
        const bool is_higher = select_lower_number.read_committed(&number) != 0;
        const bool has_changed = set_strides(wanted, first_number) || is_higher;
        if (has_changed)
            change(caller, wanted, is_higher ? first_number : 0);
        return has_changed;
    }
    if (select_any_user.read_committed(nullptr) != 0 || select_any_retirement.read_committed(nullptr) != 0)
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("users are stored on this server"),
                errhint("Users can move only to a shard that has none."));
    set_strides(wanted, first_number);
    add_slots(stored.shard, stored.shard + 1, 1, slots, "awaited");
    change(caller, wanted, first_number);
    return true;
}

/* ---- one slot ----------------------------------------------------------------------------- */

/* A writer can have locked one of the two and wait for the other: never wait with a lock. */
void lock_slot(Oid table, std::int32_t shard, std::int32_t slot)
{
    const pg::LockedObject all = identity::all_slots_lock(table);
    const pg::LockedObject one = identity::slot_lock(table, shard, slot);
    for (;;) {
        CHECK_FOR_INTERRUPTS();
        pg::lock_object(all, AccessExclusiveLock, true);
        if (pg::lock_object(one, AccessExclusiveLock, false))
            return;
        pg::unlock_object(all, AccessExclusiveLock);
        pg::lock_object(one, AccessExclusiveLock, true);
        if (pg::lock_object(all, AccessExclusiveLock, false))
            return;
        pg::unlock_object(one, AccessExclusiveLock);
    }
}

void lock_mover(Oid table, std::int32_t shard)
{
    if (!pg::lock_object(identity::mover_lock(table, shard), ExclusiveLock, false))
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("another session moves users to shard %d", shard),
                errhint("Wait until it has ended."));
}

bool mark(const Caller &caller, std::int32_t shard, std::int32_t slot, std::int64_t users, std::int64_t rows)
{
    const bool leaves = stored_role().to_shards != 0;
    const Datum values[] = {Int32GetDatum(shard),
                            Int32GetDatum(slot),
                            CStringGetTextDatum(leaves ? "here" : "awaited"),
                            CStringGetTextDatum(leaves ? "moved" : "here"),
                            Int64GetDatum(users),
                            Int64GetDatum(rows),
                            TimestampTzGetDatum(GetCurrentTimestamp())};
    if (update_slot.write(values) == 0)
        return false;
    identity::Event event;
    event.outcome = Outcome::Updated;
    event.row_count = users;
    event.subject = pg::make_text(psprintf("slot %d of shard %d", slot, shard));
    identity::record(caller, event);
    return true;
}

} // namespace

} // namespace opigno::sharding

using namespace opigno;
using identity::RequiredAccess;

OPIGNO_FUNCTION(opigno_begin_user_moves)
{
    return identity::as_owner(fcinfo, RequiredAccess::Owner, [&](const identity::Caller &caller) {
        pg::Errors errors;
        pg::require(fcinfo, 0, "shards", errors);
        const std::int32_t slots = sharding::slots_argument(fcinfo, 1, errors);
        errors.raise();
        return pg::with_spi([&](MemoryContext) {
            sharding::lock_users();
            if (!sharding::begin(caller, PG_GETARG_INT32(0), slots)) {
                fcinfo->isnull = true;
                return Datum{0};
            }
            return Int64GetDatum(sharding::first_free_number());
        });
    });
}

OPIGNO_FUNCTION(opigno_await_user_moves)
{
    return identity::as_owner(fcinfo, RequiredAccess::Owner, [&](const identity::Caller &caller) {
        pg::Errors errors;
        pg::require(fcinfo, 0, "from_shards", errors);
        pg::require(fcinfo, 1, "first_number", errors);
        const std::int32_t slots = sharding::slots_argument(fcinfo, 2, errors);
        if (!PG_ARGISNULL(1) && PG_GETARG_INT64(1) < 1)
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "first_number", "\"first_number\" must be positive");
        errors.raise();
        return pg::with_spi([&](MemoryContext) {
            sharding::check_none_is_prepared(sharding::stored_role());
            sharding::lock_users();
            return BoolGetDatum(sharding::await(caller, PG_GETARG_INT32(0), PG_GETARG_INT64(1), slots));
        });
    });
}

OPIGNO_FUNCTION(opigno_lock_moving_slot)
{
    return identity::as_owner(fcinfo, RequiredAccess::Owner, [&](const identity::Caller &caller) {
        pg::require(fcinfo, 0, "shard");
        const Oid table = identity::moving_slot_table(caller.function);
        sharding::lock_mover(table, PG_GETARG_INT32(0));
        if (!PG_ARGISNULL(1))
            sharding::lock_slot(table, PG_GETARG_INT32(0), PG_GETARG_INT32(1));
        return BoolGetDatum(true);
    });
}

OPIGNO_FUNCTION(opigno_mark_moving_slot)
{
    return identity::as_owner(fcinfo, RequiredAccess::Owner, [&](const identity::Caller &caller) {
        pg::Errors errors;
        pg::require(fcinfo, 0, "shard", errors);
        pg::require(fcinfo, 1, "slot", errors);
        pg::require(fcinfo, 2, "moved_users", errors);
        pg::require(fcinfo, 3, "moved_rows", errors);
        errors.raise();
        return pg::with_spi([&](MemoryContext) {
            return BoolGetDatum(sharding::mark(caller, PG_GETARG_INT32(0), PG_GETARG_INT32(1),
                                               PG_GETARG_INT64(2), PG_GETARG_INT64(3)));
        });
    });
}

OPIGNO_STRICT_FUNCTION(opigno_user_slot)
{
    PG_RETURN_INT32(identity::user_slot(identity::canonical_user_uuid(PG_GETARG_TEXT_PP(0))));
}

OPIGNO_FUNCTION(opigno_check_user_place)
{
    if (PG_ARGISNULL(0))
        PG_RETURN_BOOL(true);
    const text *user_uuid = identity::canonical_user_uuid(PG_GETARG_TEXT_PP(0));
    if (identity::is_elsewhere(fcinfo->flinfo->fn_oid, user_uuid))
        identity::refuse_elsewhere(user_uuid);
    PG_RETURN_BOOL(true);
}

OPIGNO_FUNCTION(opigno_is_user_here)
{
    PG_RETURN_BOOL(
        PG_ARGISNULL(0) ||
        !identity::is_elsewhere(fcinfo->flinfo->fn_oid, identity::canonical_user_uuid(PG_GETARG_TEXT_PP(0))));
}
