/* become_shard, become_hub and become_single_server; server.sql has the contracts. */
#include "sharding/server.hpp"

#include "identity/audit.hpp"
#include "pg/argument.hpp"
#include "pg/lock.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "pg/vector.hpp"

#include <array>

namespace opigno::sharding {

namespace {

using identity::Caller;
using identity::Outcome;
using identity::ServerKind;
using identity::ServerRole;

constexpr Oid shard_types[] = {INT4OID, INT4OID};
/* A user whose data is erased has a retirement, and no user context. */
constinit pg::CallerStatement
    count_others("SELECT count(*) FROM (SELECT c.uuid::text AS uuid FROM opigno.user_context AS c"
                 "  UNION SELECT r.user_uuid::text FROM opigno.retirement AS r) AS u"
                 " WHERE $2 IS NULL OR opigno.user_shard(u.uuid, $2) <> $1",
                 shard_types);
constinit pg::Statement
    select_role("SELECT r.server_kind = 'hub', coalesce(r.shard, 0), coalesce(r.shards, 1),"
                " coalesce(r.from_shards, 0), coalesce(r.to_shards, 0), coalesce(r.slots, 0)"
                " FROM opigno.server_role AS r");
/* The kind; the shard and the number of shards, or NULL; the time; about the moves of users, or NULL. */
constexpr Oid role_types[] = {TEXTOID, INT4OID, INT4OID, TIMESTAMPTZOID, INT4OID, INT4OID, INT4OID, INT8OID};
constinit pg::Statement
    write_role("INSERT INTO opigno.server_role AS r (server_kind, shard, shards, changed_at,"
               "  from_shards, to_shards, slots, first_number)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
               " ON CONFLICT (is_this_server) DO UPDATE SET server_kind = excluded.server_kind,"
               "  shard = excluded.shard, shards = excluded.shards, changed_at = excluded.changed_at,"
               "  from_shards = excluded.from_shards, to_shards = excluded.to_shards,"
               "  slots = excluded.slots,"
               "  first_number = CASE WHEN excluded.slots IS NULL THEN NULL"
               "    ELSE coalesce(nullif(excluded.first_number, 0), r.first_number) END",
               role_types);
constexpr Oid state_type[] = {TEXTOID};
constinit pg::CallerStatement
    count_slots("SELECT count(*) FROM opigno.moving_slot AS m WHERE m.slot_state <> $1", state_type);
/* By opigno.move_users(). */
constexpr Oid shard_type[] = {INT4OID};
constinit pg::CallerStatement
    select_prepared("SELECT x.gid FROM pg_prepared_xacts AS x, pg_database AS d"
                    " WHERE x.database = d.datname AND d.datname = current_database()"
                    "  AND starts_with(x.gid, format('opigno_profiles_move/%s/%s/', d.oid, $1))"
                    " ORDER BY x.prepared LIMIT 1",
                    shard_type);
constinit pg::CallerStatement delete_slots("DELETE FROM opigno.moving_slot");
/* The update announces the change, which a deletion does not. */
constexpr Oid time_type[] = {TIMESTAMPTZOID};
constinit pg::Statement touch_role("UPDATE opigno.server_role AS r SET changed_at = $1", time_type);
constinit pg::Statement delete_role("DELETE FROM opigno.server_role");
/* Shards cannot make one. */
constinit pg::Statement select_any_salt("SELECT FROM opigno.retirement_salt LIMIT 1");
constinit pg::CallerStatement add_salt("SELECT opigno.add_retirement_salt()");
constexpr Oid secret_types[] = {BYTEAOID, TIMESTAMPTZOID};
constinit pg::Statement add_secret("INSERT INTO opigno.shard_secret (secret, created_at)"
                                   " SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM opigno.shard_secret)",
                                   secret_types);
constinit pg::CallerStatement
    select_sequences("SELECT s.sequence_name FROM opigno.sharded_sequence AS s ORDER BY s.sequence_name");

} // namespace

ServerRole stored_role()
{
    ServerRole found;
    if (select_role.read_committed(nullptr) == 0)
        return found;
    found.kind = DatumGetBool(pg::column(1)) ? ServerKind::Hub : ServerKind::Shard;
    found.shard = DatumGetInt32(pg::column(2));
    found.shards = DatumGetInt32(pg::column(3));
    found.from_shards = DatumGetInt32(pg::column(4));
    found.to_shards = DatumGetInt32(pg::column(5));
    found.slots = DatumGetInt32(pg::column(6));
    return found;
}

/* No other session writes user contexts or becomes something else until the end of the transaction. */
void lock_users()
{
    pg::execute("LOCK TABLE opigno.server_role, opigno.user_context IN SHARE ROW EXCLUSIVE MODE");
}

namespace {

bool is_same(const ServerRole &left, const ServerRole &right)
{
    return left.kind == right.kind && left.shard == right.shard && left.shards == right.shards;
}

void check_no_other_users(const ServerRole &wanted)
{
    const bool is_shard = wanted.kind == ServerKind::Shard;
    const Datum values[] = {Int32GetDatum(wanted.shard), Int32GetDatum(wanted.shards)};
    const char nulls[] = {' ', is_shard ? ' ' : 'n'};
    count_others.read_committed(values, nulls);
    const std::int64_t others = DatumGetInt64(pg::column(1));
    if (others == 0)
        return;
    char count[MAXINT8LEN + 1];
    pg_lltoa(others, count);
    ereport(ERROR, errcode(ERRCODE_WRONG_STATE),
            is_shard ? errmsg("users of other shards are stored on this server")
                     : errmsg("users are stored on this server"),
            errdetail("Their number is %s.", count), errhint("Move the users to their shards first."));
}

/* ---- sequences ---------------------------------------------------------------------------- */

/* The next number, or a higher one, that leaves the remainder `shard`. */
std::int64_t next_of_shard(std::int64_t next, const ServerRole &wanted)
{
    const std::int32_t stride = wanted.stride();
    const std::int64_t missing = (wanted.shard - next) % stride;
    return next + (missing < 0 ? missing + stride : missing);
}

struct Stride {
    Oid sequence;
    std::int64_t increment;
    std::int64_t first_free; /* no session has taken this number or a higher one */
    std::int64_t next;
};

static_assert(std::is_trivially_destructible_v<Stride>);

Stride stride_of(const char *sequence)
{
    if (SPI_execute(psprintf("SELECT q.seqrelid, q.seqincrement, s.is_called, s.last_value"
                             " FROM pg_sequence AS q, %s AS s WHERE q.seqrelid = '%s'::regclass",
                             sequence, sequence),
                    false, 1) != SPI_OK_SELECT ||
        SPI_processed != 1)
        elog(ERROR, "could not read sequence %s", sequence);
    const std::int64_t increment = DatumGetInt64(pg::column(2));
    const bool is_called = DatumGetBool(pg::column(3));
    const std::int64_t last = DatumGetInt64(pg::column(4));
    return {DatumGetObjectId(pg::column(1)), increment, is_called ? last + 1 : last,
            is_called ? last + increment : last};
}

bool is_right(const Stride &stride, const ServerRole &wanted, std::int64_t least)
{
    return stride.increment == wanted.stride() && next_of_shard(stride.next, wanted) == stride.next &&
           stride.next >= least;
}

/* Returns whether the sequence had to be changed. A single server takes every number. Waits for
 * transactions that have taken numbers, since they may take more. */
bool set_stride(const char *sequence, const ServerRole &wanted, std::int64_t least)
{
    const Stride before = stride_of(sequence);
    if (is_right(before, wanted, least))
        return false;
    LockRelationOid(before.sequence, ShareRowExclusiveLock);
    const std::int64_t first = std::max(stride_of(sequence).first_free, least);
    pg::execute(psprintf("ALTER SEQUENCE %s INCREMENT BY %d RESTART WITH %lld", sequence, wanted.stride(),
                         static_cast<long long>(next_of_shard(first, wanted))));
    return true;
}

pg::Vector<const char *> sequences()
{
    const std::uint64_t rows = select_sequences.write(nullptr);
    pg::Vector<const char *> names;
    for (std::uint64_t row = 0; row < rows; ++row)
        names.push_back(text_to_cstring(DatumGetTextPP(pg::column(1, row))));
    return names;
}

} // namespace

bool has_strides(const ServerRole &wanted)
{
    for (const char *name : sequences())
        if (!is_right(stride_of(name), wanted, 1))
            return false;
    return true;
}

bool set_strides(const ServerRole &wanted, std::int64_t least)
{
    bool has_changed = false;
    for (const char *name : sequences())
        has_changed = set_stride(name, wanted, least) || has_changed;
    return has_changed;
}

std::int64_t first_free_number()
{
    std::int64_t first = 1;
    for (const char *name : sequences())
        first = std::max(first, stride_of(name).first_free);
    return first;
}

/* ---- the change --------------------------------------------------------------------------- */

namespace {

/* first_number: of the moves; those that go on keep theirs. */
void write(const ServerRole &wanted, std::int64_t first_number)
{
    const Datum time = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
    if (wanted.kind == ServerKind::Single) {
        touch_role.write(&time);
        delete_role.write(nullptr);
        return;
    }
    const bool is_shard = wanted.kind == ServerKind::Shard;
    const Datum values[] = {CStringGetTextDatum(is_shard ? "shard" : "hub"),
                            Int32GetDatum(wanted.shard),
                            Int32GetDatum(wanted.shards),
                            time,
                            Int32GetDatum(wanted.from_shards),
                            Int32GetDatum(wanted.to_shards),
                            Int32GetDatum(wanted.slots),
                            Int64GetDatum(first_number)};
    const auto null_of = [](bool has_value) { return has_value ? ' ' : 'n'; };
    const char nulls[] = {' ',
                          null_of(is_shard),
                          null_of(is_shard),
                          ' ',
                          null_of(wanted.from_shards != 0),
                          null_of(wanted.to_shards != 0),
                          null_of(wanted.slots != 0),
                          null_of(wanted.slots != 0)};
    if (write_role.write(values, nulls) == 0)
        pg::refuse_suppressed_write();
}

const char *description_of(const ServerRole &role)
{
    switch (role.kind) {
    case ServerKind::Shard:
        if (role.to_shards != 0)
            return psprintf("shard %d of %d, users move to %d shards", role.shard, role.shards,
                            role.to_shards);
        if (role.from_shards != 0)
            return psprintf("shard %d of %d, users move from %d shards", role.shard, role.shards,
                            role.from_shards);
        return psprintf("shard %d of %d", role.shard, role.shards);
    case ServerKind::Hub:
        return "hub";
    case ServerKind::Single:
        break;
    }
    return "single server";
}

} // namespace

void change(const Caller &caller, const ServerRole &wanted, std::int64_t first_number)
{
    write(wanted, first_number);
    if (wanted.slots == 0)
        delete_slots.write(nullptr);
    identity::Event event;
    event.outcome = Outcome::Updated;
    event.subject = pg::make_text(description_of(wanted));
    identity::record(caller, event);
}

namespace {

/* Slots in another state than this one. */
std::int64_t other_slots(const char *slot_state)
{
    const Datum state = CStringGetTextDatum(slot_state);
    count_slots.read_committed(&state);
    return DatumGetInt64(pg::column(1));
}

[[noreturn]] void refuse_while_moving(std::int64_t slots, const char *hint)
{
    char count[MAXINT8LEN + 1];
    pg_lltoa(slots, count);
    ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("users are moving"),
            errdetail("The number of slots that have not moved is %s.", count), errhint("%s", hint));
}

} // namespace

void check_none_is_prepared(const ServerRole &stored)
{
    const Datum shard = Int32GetDatum(stored.shard);
    if (stored.from_shards == 0 || select_prepared.read_committed(&shard) == 0)
        return;
    const char *name = text_to_cstring(DatumGetTextPP(pg::column(1)));
    ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("users are moving"),
            errdetail("The transaction \"%s\" is prepared here.", name),
            errhint("opigno.move_users() ends it: call it again on the shard that users come from. The "
                    "server has it in pg_prepared_xacts."));
}

void check_none_has_moved(const ServerRole &stored)
{
    if (stored.slots != 0 && other_slots(stored.to_shards != 0 ? "here" : "awaited") != 0)
        ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("users are moving"),
                errdetail("Some have moved already."), errhint("Move the others, too: opigno.move_users()."));
}

namespace {

/* While users move, what a shard is can only become what it is after the moves, when all have moved. The
 * same call as before the moves changes nothing but the strides. */
ServerRole role_during_moves(const ServerRole &stored, const ServerRole &wanted)
{
    const bool is_same_shard = wanted.kind == ServerKind::Shard && wanted.shard == stored.shard;
    if (stored.to_shards != 0 && is_same_shard && wanted.shards == stored.to_shards) {
        if (const std::int64_t left = other_slots("moved"); left != 0)
            refuse_while_moving(left, "opigno.move_users() moves them.");
        return wanted;
    }
    if (is_same_shard && wanted.shards == stored.shards) {
        if (stored.to_shards != 0 || other_slots("here") != 0)
            return stored;
        return wanted;
    }
    check_none_has_moved(stored);
    return wanted;
}

void refuse_while_awaiting()
{
    if (const std::int64_t left = other_slots("here"); left != 0)
        refuse_while_moving(left, "Call opigno.move_users() on the shards that they come from.");
}

/* What can be refused before the lock, for which a prepared transaction would make the caller wait for
 * ever, and others behind it. */
void check_before_lock(const ServerRole &given)
{
    const ServerRole stored = stored_role();
    if (stored.slots == 0)
        return;
    check_none_is_prepared(stored);
    const ServerRole wanted = role_during_moves(stored, given);
    if (wanted.from_shards != 0 && has_strides(wanted))
        refuse_while_awaiting();
}

/* Adds a secret if there is none. Returns whether it has added one. */
bool add_missing_secret()
{
    std::array<char, 32> random{};
    if (!pg_strong_random(random.data(), random.size()))
        ereport(ERROR, errcode(ERRCODE_INTERNAL_ERROR), errmsg("could not generate random values"));
    const Datum values[] = {PointerGetDatum(pg::make_text({random.data(), random.size()})),
                            TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
    return add_secret.write(values) > 0;
}

/* Returns whether anything has changed. */
Datum become(const Caller &caller, const ServerRole &given)
{
    return pg::with_spi([&](MemoryContext) {
        check_before_lock(given);
        lock_users();
        const ServerRole stored = stored_role();
        const ServerRole wanted = stored.slots != 0 ? role_during_moves(stored, given) : given;
        if (wanted.kind != ServerKind::Single)
            check_no_other_users(wanted);
        const bool has_other_role = !is_same(stored, wanted) || stored.slots != wanted.slots;
        const bool has_other_stride = set_strides(wanted);
        const bool has_new_secret = wanted.kind == ServerKind::Hub && add_missing_secret();
        if (!has_other_role && !has_other_stride && !has_new_secret) {
            if (wanted.from_shards != 0)
                refuse_while_awaiting();
            return BoolGetDatum(false);
        }
        change(caller, wanted);
        if (wanted.kind == ServerKind::Hub && select_any_salt.read_committed(nullptr) == 0)
            add_salt.write(nullptr);
        return BoolGetDatum(true);
    });
}

ServerRole shard_from_arguments(FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    pg::require(fcinfo, 0, "shard", errors);
    pg::require(fcinfo, 1, "shards", errors);
    ServerRole wanted{ServerKind::Shard, PG_GETARG_INT32(0), PG_GETARG_INT32(1)};
    const bool has_shards = wanted.shards >= 1 && wanted.shards <= identity::max_shards;
    if (!PG_ARGISNULL(1) && !has_shards)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "shards", "\"shards\" must be from 1 to 65536");
    if (!PG_ARGISNULL(0) && (wanted.shard < 0 || (has_shards && wanted.shard >= wanted.shards)))
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "shard",
                   "\"shard\" must be from 0 to the number of shards minus 1");
    errors.raise();
    return wanted;
}

} // namespace

} // namespace opigno::sharding

using namespace opigno;
using identity::RequiredAccess;

OPIGNO_FUNCTION(opigno_become_shard)
{
    return identity::as_owner(fcinfo, RequiredAccess::Owner, [&](const identity::Caller &caller) {
        return sharding::become(caller, sharding::shard_from_arguments(fcinfo));
    });
}

OPIGNO_FUNCTION(opigno_become_hub)
{
    return identity::as_owner(fcinfo, RequiredAccess::Owner, [&](const identity::Caller &caller) {
        return sharding::become(caller, {identity::ServerKind::Hub});
    });
}

OPIGNO_FUNCTION(opigno_become_single_server)
{
    return identity::as_owner(fcinfo, RequiredAccess::Owner,
                              [&](const identity::Caller &caller) { return sharding::become(caller, {}); });
}
