/* list_client_credentials; functions.sql has the contract. */
#include "identity/access.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "pg/time.hpp"

namespace opigno::client {

namespace {

constexpr Oid types[] = {INT8OID, TIMESTAMPTZOID};
constinit pg::Statement select_credentials(
    "SELECT s.client_id, 'secret', s.created_at, least(s.expires_at, c.expires_at)"
    " FROM opigno.client AS c JOIN opigno.client_secret AS s ON s.client_id = c.client_id"
    " WHERE c.revoked_at IS NULL AND c.expires_at > $2 AND (s.expires_at IS NULL OR s.expires_at > $2)"
    "  AND ($1 IS NULL OR c.client_id = $1)"
    " UNION ALL"
    " SELECT t.client_id, 'token', t.issued_at, least(t.expires_at, c.expires_at)"
    " FROM opigno.access_token AS t JOIN opigno.client AS c ON c.client_id = t.client_id"
    " WHERE c.revoked_at IS NULL AND c.expires_at > $2 AND t.revoked_at IS NULL AND t.expires_at > $2"
    "  AND ($1 IS NULL OR c.client_id = $1)"
    " ORDER BY 1, 2, 3",
    types);

} // namespace

} // namespace opigno::client

using namespace opigno;

OPIGNO_FUNCTION(opigno_list_client_credentials)
{
    InitMaterializedSRF(fcinfo, 0);
    identity::as_owner(fcinfo, identity::RequiredAccess::OperatorLevel, [&](const identity::Caller &) {
        return pg::with_spi([&](MemoryContext) {
            const Datum values[] = {PG_ARGISNULL(0) ? Datum{0} : PG_GETARG_DATUM(0),
                                    TimestampTzGetDatum(GetCurrentTimestamp())};
            const char nulls[] = {PG_ARGISNULL(0) ? 'n' : ' ', ' '};
            client::select_credentials.read(values, nulls);
            pg::return_rows(fcinfo);
            return 0;
        });
    });
    return Datum{0};
}
