/* begin_bulk_transaction, end_bulk_transaction and bulk_transaction_committed; bulk.sql has the
 * contracts. */
#include "identity/access.hpp"
#include "pg/argument.hpp"
#include "pg/catalog.hpp"
#include "pg/lock.hpp"
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"
#include "pg/time.hpp"
#include "pg/transaction.hpp"

namespace opigno::sharding {

namespace {

using identity::Caller;

constexpr Oid row_types[] = {TEXTOID, OIDOID, TIMESTAMPTZOID};
constinit pg::Statement
    insert_row("INSERT INTO opigno.bulk_transaction AS t (transaction_id, begun_by, begun_at)"
               " VALUES ($1, $2, $3)",
               row_types);
constinit pg::Statement
    probe_row("INSERT INTO opigno.bulk_transaction AS t (transaction_id, begun_by, begun_at)"
              " VALUES ($1, $2, $3) ON CONFLICT (transaction_id) DO NOTHING",
              row_types);
constexpr Oid delete_types[] = {TEXTOID, OIDOID, BOOLOID};
constinit pg::Statement delete_row("DELETE FROM opigno.bulk_transaction AS t"
                                   " WHERE t.transaction_id = $1 AND (t.begun_by = $2 OR $3)",
                                   delete_types);

text *id_argument(FunctionCallInfo fcinfo)
{
    constexpr std::size_t max_bytes = 100;
    pg::require(fcinfo, 0, "transaction_id");
    text *id = PG_GETARG_TEXT_PP(0);
    if (pg::view(id).empty() || pg::view(id).size() > max_bytes)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("\"transaction_id\" must have from 1 to 100 bytes"));
    return id;
}

void check_can_prepare()
{
    if (max_prepared_xacts == 0)
        ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                errmsg("a load that is atomic over several shards needs prepared transactions"),
                errdetail("\"max_prepared_transactions\" is 0 on this shard."),
                errhint("Pass on_error => 'report', or set \"max_prepared_transactions\" on each shard."));
}

/* Conflicts with itself only, and with what changes the table: rows can be written meanwhile. */
void lock_transactions(const Caller &caller)
{
    pg::refuse_during_recovery(ShareUpdateExclusiveLock);
    LockRelationOid(get_relname_relid("bulk_transaction", caller.schema), ShareUpdateExclusiveLock);
}

struct RowValues {
    Datum values[3];

    RowValues(const Caller &caller, const text *id)
        : values{PointerGetDatum(id), ObjectIdGetDatum(caller.role),
                 TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())}
    {
    }
};

static_assert(std::is_trivially_destructible_v<RowValues>);

Datum begin(const Caller &caller, const text *id, bool is_coordinator)
{
    if (!is_coordinator)
        check_can_prepare();
    lock_transactions(caller);
    if (is_coordinator)
        pg::with_spi([&](MemoryContext) { return insert_row.write(RowValues(caller, id).values); });
    return BoolGetDatum(is_coordinator);
}

Datum end(const Caller &caller, const text *id)
{
    const Datum values[] = {PointerGetDatum(id), ObjectIdGetDatum(caller.role),
                            BoolGetDatum(superuser_arg(caller.role))};
    return BoolGetDatum(pg::with_spi([&](MemoryContext) { return delete_row.write(values); }) > 0);
}

/* An insertion waits for the transaction that has inserted the same key. */
Datum is_committed(const Caller &caller, const text *id)
{
    bool is_there = false;
    pg::in_subtransaction([&] {
        is_there =
            pg::with_spi([&](MemoryContext) { return probe_row.write(RowValues(caller, id).values); }) == 0;
        return false;
    });
    return BoolGetDatum(is_there);
}

} // namespace

} // namespace opigno::sharding

using namespace opigno;
using identity::RequiredAccess;

OPIGNO_FUNCTION(opigno_begin_bulk_transaction)
{
    return identity::as_owner(fcinfo, RequiredAccess::Load, [&](const identity::Caller &caller) {
        return sharding::begin(caller, sharding::id_argument(fcinfo), pg::flag_argument(fcinfo, 1));
    });
}

OPIGNO_FUNCTION(opigno_end_bulk_transaction)
{
    return identity::as_owner(fcinfo, RequiredAccess::Load, [&](const identity::Caller &caller) {
        return sharding::end(caller, sharding::id_argument(fcinfo));
    });
}

OPIGNO_FUNCTION(opigno_bulk_transaction_committed)
{
    return identity::as_owner(fcinfo, RequiredAccess::Load, [&](const identity::Caller &caller) {
        return sharding::is_committed(caller, sharding::id_argument(fcinfo));
    });
}
