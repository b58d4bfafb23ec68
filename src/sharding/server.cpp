/* become_shard, become_hub and become_single_server; server.sql has the contracts. */
#include "identity/audit.hpp"
#include "identity/shard.hpp"
#include "pg/argument.hpp"
#include "pg/lock.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"
#include "pg/vector.hpp"

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
    select_role("SELECT r.server_kind = 'hub', coalesce(r.shard, 0), coalesce(r.shards, 1)"
                " FROM opigno.server_role AS r");
/* The kind; the shard and the number of shards, or NULL; the time. */
constexpr Oid role_types[] = {TEXTOID, INT4OID, INT4OID, TIMESTAMPTZOID};
constinit pg::Statement
    write_role("INSERT INTO opigno.server_role AS r (server_kind, shard, shards, changed_at)"
               " VALUES ($1, $2, $3, $4)"
               " ON CONFLICT (is_this_server) DO UPDATE SET server_kind = excluded.server_kind,"
               "  shard = excluded.shard, shards = excluded.shards, changed_at = excluded.changed_at",
               role_types);
/* The update announces the change, which a deletion does not. */
constexpr Oid time_type[] = {TIMESTAMPTZOID};
constinit pg::Statement touch_role("UPDATE opigno.server_role AS r SET changed_at = $1", time_type);
constinit pg::Statement delete_role("DELETE FROM opigno.server_role");
/* Shards cannot make one. */
constinit pg::Statement select_any_salt("SELECT FROM opigno.retirement_salt LIMIT 1");
constinit pg::CallerStatement add_salt("SELECT opigno.add_retirement_salt()");
constinit pg::CallerStatement
    select_sequences("SELECT s.sequence_name FROM opigno.sharded_sequence AS s ORDER BY s.sequence_name");

ServerRole stored_role()
{
    ServerRole found;
    if (select_role.read_committed(nullptr) == 0)
        return found;
    found.kind = DatumGetBool(pg::column(1)) ? ServerKind::Hub : ServerKind::Shard;
    found.shard = DatumGetInt32(pg::column(2));
    found.shards = DatumGetInt32(pg::column(3));
    return found;
}

bool is_same(const ServerRole &left, const ServerRole &right)
{
    return left.kind == right.kind && left.shard == right.shard && left.shards == right.shards;
}

/* No other session writes user contexts or becomes something else until the end of the transaction. */
void lock_users()
{
    pg::execute("LOCK TABLE opigno.server_role, opigno.user_context IN SHARE ROW EXCLUSIVE MODE");
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
    const std::int64_t missing = (wanted.shard - next) % wanted.shards;
    return next + (missing < 0 ? missing + wanted.shards : missing);
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

bool is_right(const Stride &stride, const ServerRole &wanted)
{
    return stride.increment == wanted.shards && next_of_shard(stride.next, wanted) == stride.next;
}

/* Returns whether the sequence had to be changed. A single server takes every number. Waits for
 * transactions that have taken numbers, since they may take more. */
bool set_stride(const char *sequence, const ServerRole &wanted)
{
    const Stride before = stride_of(sequence);
    if (is_right(before, wanted))
        return false;
    LockRelationOid(before.sequence, ShareRowExclusiveLock);
    pg::execute(psprintf("ALTER SEQUENCE %s INCREMENT BY %d RESTART WITH %lld", sequence, wanted.shards,
                         static_cast<long long>(next_of_shard(stride_of(sequence).first_free, wanted))));
    return true;
}

bool set_strides(const ServerRole &wanted)
{
    const std::uint64_t rows = select_sequences.write(nullptr);
    pg::Vector<const char *> names;
    for (std::uint64_t row = 0; row < rows; ++row)
        names.push_back(text_to_cstring(DatumGetTextPP(pg::column(1, row))));
    bool has_changed = false;
    for (const char *name : names)
        has_changed = set_stride(name, wanted) || has_changed;
    return has_changed;
}

/* ---- the change --------------------------------------------------------------------------- */

void write(const ServerRole &wanted)
{
    const Datum time = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
    if (wanted.kind == ServerKind::Single) {
        touch_role.write(&time);
        delete_role.write(nullptr);
        return;
    }
    const bool is_shard = wanted.kind == ServerKind::Shard;
    const Datum values[] = {CStringGetTextDatum(is_shard ? "shard" : "hub"), Int32GetDatum(wanted.shard),
                            Int32GetDatum(wanted.shards), time};
    const char nulls[] = {' ', is_shard ? ' ' : 'n', is_shard ? ' ' : 'n', ' '};
    if (write_role.write(values, nulls) == 0)
        pg::refuse_suppressed_write();
}

const char *description_of(const ServerRole &role)
{
    switch (role.kind) {
    case ServerKind::Shard:
        return psprintf("shard %d of %d", role.shard, role.shards);
    case ServerKind::Hub:
        return "hub";
    case ServerKind::Single:
        break;
    }
    return "single server";
}

/* Returns whether anything has changed. */
Datum become(const Caller &caller, const ServerRole &wanted)
{
    return pg::with_spi([&](MemoryContext) {
        lock_users();
        if (wanted.kind != ServerKind::Single)
            check_no_other_users(wanted);
        const bool has_other_role = !is_same(stored_role(), wanted);
        const bool has_other_stride = set_strides(wanted);
        if (!has_other_role && !has_other_stride)
            return BoolGetDatum(false);
        write(wanted);
        identity::Event event;
        event.outcome = Outcome::Updated;
        event.subject = pg::make_text(description_of(wanted));
        identity::record(caller, event);
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
