/* grant_user and revoke_user; functions.sql has the contracts. */
#include "client/client.hpp"
#include "identity/user.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"

namespace opigno::client {

namespace {

constexpr Oid types[] = {TEXTOID, INT8OID, TIMESTAMPTZOID};
constinit pg::Statement insert_user("INSERT INTO opigno.client_user AS u (user_uuid, client_id, created_at)"
                                    " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                                    types);
constinit pg::Statement
    delete_user("DELETE FROM opigno.client_user AS u WHERE u.user_uuid = $1 AND u.client_id = $2",
                {types, 2});

struct Pair {
    std::int64_t client_id;
    text *user_uuid;
};

Pair pair_from_arguments(FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    pg::require(fcinfo, 0, "client_id", errors);
    text *user_uuid = identity::checked_user_uuid(pg::text_argument(fcinfo, 1), "user_uuid", errors);
    errors.raise();
    return {PG_GETARG_INT64(0), user_uuid};
}

void record_user(const identity::Caller &caller, identity::Outcome outcome, const Pair &pair)
{
    identity::Event event;
    event.outcome = outcome;
    event.user_uuid = pair.user_uuid;
    record_client(caller, event, pair.client_id);
}

bool grant(const identity::Caller &caller, const Pair &pair)
{
    return pg::with_spi([&](MemoryContext) {
        lock_usable_client(pair.client_id);
        identity::lock_user(pair.user_uuid, identity::UserLock::KeyShare);
        const Datum values[] = {PointerGetDatum(pair.user_uuid), Int64GetDatum(pair.client_id),
                                TimestampTzGetDatum(GetCurrentTransactionStartTimestamp())};
        const bool is_new = insert_user.write(values) > 0;
        if (is_new)
            record_user(caller, identity::Outcome::Granted, pair);
        return is_new;
    });
}

bool revoke(const identity::Caller &caller, const Pair &pair)
{
    return pg::with_spi([&](MemoryContext) {
        lock_client(pair.client_id);
        const Datum values[] = {PointerGetDatum(pair.user_uuid), Int64GetDatum(pair.client_id)};
        const bool is_deleted = delete_user.write(values) > 0;
        if (is_deleted)
            record_user(caller, identity::Outcome::Revoked, pair);
        return is_deleted;
    });
}

} // namespace

} // namespace opigno::client

using namespace opigno;

OPIGNO_FUNCTION(opigno_grant_user)
{
    PG_RETURN_BOOL(identity::as_owner(fcinfo, identity::RequiredAccess::OperatorLevel,
                                      [&](const identity::Caller &caller) {
                                          return client::grant(caller, client::pair_from_arguments(fcinfo));
                                      }));
}

OPIGNO_FUNCTION(opigno_revoke_user)
{
    PG_RETURN_BOOL(identity::as_owner(fcinfo, identity::RequiredAccess::OperatorLevel,
                                      [&](const identity::Caller &caller) {
                                          return client::revoke(caller, client::pair_from_arguments(fcinfo));
                                      }));
}
