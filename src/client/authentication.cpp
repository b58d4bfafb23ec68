#include "client/authentication.hpp"

#include "client/credential.hpp"
#include "pg/spi.hpp"

namespace opigno::client {

namespace {

constexpr Oid types[] = {BYTEAOID, TEXTOID};
constinit pg::Statement select_client(
    "SELECT c.client_id, c.client_key, c.app_id, c.expires_at, c.revoked_at IS NOT NULL, s.expires_at"
    " FROM opigno.client_secret AS s JOIN opigno.client AS c ON c.client_id = s.client_id"
    " WHERE s.secret_hash = $1 AND c.client_key = $2",
    types);

const char *about(const char *sentence, std::int64_t client_id)
{
    return psprintf(sentence, static_cast<long long>(client_id));
}

} // namespace

void refuse_authorization(const char *reason)
{
    ereport(ERROR, errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION), errmsg("authorization failed"),
            errdetail_log("%s", reason), errhint("The server log has the reason."));
}

std::optional<Authenticated> authenticate(const text *client_key, const text *client_secret,
                                          const char *&reason)
{
    const Datum values[] = {PointerGetDatum(hash_of(pg::view(client_secret))), PointerGetDatum(client_key)};
    if (select_client.read_committed(values) == 0) {
        reason = "No client has this key and this secret.";
        return std::nullopt;
    }
    const Authenticated client{DatumGetInt64(pg::column(1)), DatumGetTextPP(pg::column(2)),
                               DatumGetInt32(pg::column(3)), DatumGetTimestampTz(pg::column(4))};
    const TimestampTz now = GetCurrentTimestamp();
    if (DatumGetBool(pg::column(5)))
        reason = about("Client %lld is revoked.", client.client_id);
    else if (client.expires_at <= now)
        reason = about("Client %lld has expired.", client.client_id);
    else if (const std::optional<Datum> end = pg::nullable_column(6);
             end.has_value() && DatumGetTimestampTz(*end) <= now)
        reason = about("The secret of client %lld was replaced and has expired.", client.client_id);
    else
        return client;
    return std::nullopt;
}

} // namespace opigno::client
