/* issue_access_token, revoke_access_token, introspect_access_token and
 * delete_expired_access_tokens; functions.sql has the contracts. */
#include "client/authentication.hpp"
#include "client/client.hpp"
#include "client/credential.hpp"
#include "identity/audit.hpp"
#include "pg/argument.hpp"
#include "pg/log.hpp"
#include "pg/result.hpp"
#include "pg/spi.hpp"
#include "json/value/writer.hpp"

#include <algorithm>
#include <string_view>

namespace opigno::client {

namespace {

constexpr std::int64_t lifetime = 3600; /* seconds */

constexpr Oid insert_types[] = {BYTEAOID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID};
constinit pg::Statement
    insert_token("INSERT INTO opigno.access_token AS t (token_hash, client_id, issued_at, expires_at)"
                 " VALUES ($1, $2, $3, $4)",
                 insert_types);

constexpr Oid client_types[] = {INT8OID, TIMESTAMPTZOID};
constinit pg::Statement
    set_all_revoked("UPDATE opigno.access_token AS t SET revoked_at = $2"
                    " WHERE t.client_id = $1 AND t.revoked_at IS NULL AND t.expires_at > $2",
                    client_types);
/* $2: the client that asks; NULL: an operator. */
constexpr Oid token_types[] = {BYTEAOID, INT8OID, TIMESTAMPTZOID};
constinit pg::Statement set_revoked("UPDATE opigno.access_token AS t SET revoked_at = $3"
                                    " WHERE t.token_hash = $1 AND ($2 IS NULL OR t.client_id = $2)"
                                    "  AND t.revoked_at IS NULL AND t.expires_at > $3 RETURNING t.client_id",
                                    token_types);
constinit pg::Statement select_active(
    "SELECT c.client_key, t.issued_at, least(t.expires_at, c.expires_at)"
    " FROM opigno.access_token AS t JOIN opigno.client AS c ON c.client_id = t.client_id"
    " WHERE t.token_hash = $1 AND ($2 IS NULL OR t.client_id = $2)"
    "  AND t.revoked_at IS NULL AND t.expires_at > $3 AND c.revoked_at IS NULL AND c.expires_at > $3",
    token_types);

/* $1 and $2: the range of expires_at. $3: the largest number of tokens. */
constexpr Oid purge_types[] = {TIMESTAMPTZOID, TIMESTAMPTZOID, INT4OID};
constinit pg::Statement delete_expired(
    "WITH expired AS MATERIALIZED (SELECT t.token_hash FROM opigno.access_token AS t"
    "  WHERE t.expires_at >= $1 AND t.expires_at < $2 ORDER BY t.expires_at LIMIT $3"
    "  FOR UPDATE SKIP LOCKED), deleted AS"
    " (DELETE FROM opigno.access_token AS t USING expired AS e WHERE t.token_hash = e.token_hash"
    "  RETURNING t.expires_at)"
    " SELECT count(*), coalesce(max(d.expires_at), $1) FROM deleted AS d",
    purge_types);

/* An answer of OAuth 2.0 (RFC 6749, section 5.2). */
Datum oauth_error(const char *error, const char *description)
{
    json::Writer out;
    out.begin_object();
    out.key("error").string(error);
    out.key("error_description").string(description);
    out.end_object();
    return out.json();
}

Datum refuse_client(const char *reason)
{
    ereport(LOG_SERVER_ONLY, errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
            errmsg("client authentication failed"), errdetail("%s", reason));
    return oauth_error("invalid_client", "client authentication failed");
}

Datum token_answer(const text *token, std::int64_t seconds)
{
    json::Writer out;
    out.begin_object();
    out.key("access_token").string(pg::view(token));
    out.key("token_type").string("Bearer");
    out.key("expires_in").integer(seconds);
    out.end_object();
    return out.json();
}

Datum issue_to(const identity::Caller &caller, const Authenticated &client, MemoryContext outer)
{
    const TimestampTz now = GetCurrentTimestamp();
    const TimestampTz expires_at = std::min(now + lifetime * USECS_PER_SEC, client.expires_at);
    const text *token = make_credential(token_prefix);
    const Datum values[] = {PointerGetDatum(hash_of(pg::view(token))), Int64GetDatum(client.client_id),
                            TimestampTzGetDatum(now), TimestampTzGetDatum(expires_at)};
    if (insert_token.write(values) == 0)
        pg::refuse_suppressed_write();
    identity::Event event;
    event.outcome = identity::Outcome::Created;
    event.app_id = client.app_id;
    record_client(caller, event, client.client_id);
    MemoryContextSwitchTo(outer);
    return token_answer(token, (expires_at - now) / USECS_PER_SEC);
}

/* Opigno has one OAuth scope, "read", which limits nothing. */
bool is_known_oauth_scope(const text *scope)
{
    return scope == nullptr || pg::view(scope).empty() || pg::view(scope) == "read";
}

Datum issue(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    const text *client_key = pg::text_argument(fcinfo, 0);
    const text *client_secret = pg::text_argument(fcinfo, 1);
    const text *grant_type = pg::text_argument(fcinfo, 2);
    if (grant_type == nullptr || pg::view(grant_type).empty())
        return oauth_error("invalid_request", "grant_type is required");
    if (pg::view(grant_type) != "client_credentials")
        return oauth_error("unsupported_grant_type", "grant_type must be client_credentials");
    if (client_key == nullptr || client_secret == nullptr)
        return refuse_client("The key or the secret of the client is missing.");
    return pg::with_spi([&](MemoryContext outer) {
        const char *reason = nullptr;
        const std::optional<Authenticated> client = authenticate(client_key, client_secret, reason);
        if (client.has_value() && is_known_oauth_scope(pg::text_argument(fcinfo, 3)))
            return issue_to(caller, *client, outer);
        MemoryContextSwitchTo(outer);
        return client.has_value() ? oauth_error("invalid_scope", "scope must be read or empty")
                                  : refuse_client(reason);
    });
}

/*
 * Returns the client that asks about a token: the one with this key and secret, or else that of the
 * request. Returns nothing for an operator. Raises 28000 if nobody of these asks.
 */
std::optional<std::int64_t> asking_client(const identity::Caller &caller, const text *client_key,
                                          const text *client_secret)
{
    if (client_key != nullptr && client_secret != nullptr) {
        const char *reason = nullptr;
        const std::optional<Authenticated> client = authenticate(client_key, client_secret, reason);
        if (!client.has_value())
            refuse_authorization(reason);
        return client->client_id;
    }
    if (client_key != nullptr || client_secret != nullptr)
        refuse_authorization("The key or the secret of the client is missing.");
    if (caller.acts_on_all)
        return std::nullopt;
    const identity::Request &request = identity::check_request();
    if (!request.client_id.has_value())
        refuse_authorization("The request has no client.");
    return request.client_id;
}

struct Question {
    Datum values[3];
    char nulls[3];
};

Question question_of(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    const std::optional<std::int64_t> client =
        asking_client(caller, pg::text_argument(fcinfo, 1), pg::text_argument(fcinfo, 2));
    return {{PointerGetDatum(hash_of(pg::view(PG_GETARG_TEXT_PP(0)))), Int64GetDatum(client.value_or(0)),
             TimestampTzGetDatum(GetCurrentTimestamp())},
            {' ', client.has_value() ? ' ' : 'n', ' '}};
}

bool revoke(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::require(fcinfo, 0, "access_token");
    return pg::with_spi([&](MemoryContext) {
        const Question question = question_of(caller, fcinfo);
        const bool is_revoked = set_revoked.write(question.values, question.nulls) > 0;
        if (is_revoked) {
            identity::Event event;
            event.outcome = identity::Outcome::Revoked;
            record_client(caller, event, DatumGetInt64(pg::column(1)));
        }
        return is_revoked;
    });
}

std::int64_t revoke_all(const identity::Caller &caller, std::int64_t client_id)
{
    return pg::with_spi([&](MemoryContext) {
        identity::Event event;
        event.outcome = identity::Outcome::Revoked;
        event.app_id = lock_client(client_id).app_id;
        const Datum values[] = {Int64GetDatum(client_id), TimestampTzGetDatum(GetCurrentTimestamp())};
        event.row_count = static_cast<std::int64_t>(set_all_revoked.write(values));
        if (*event.row_count > 0)
            record_client(caller, event, client_id);
        return *event.row_count;
    });
}

std::int64_t seconds_since_1970(TimestampTz time)
{
    constexpr std::int64_t from_1970_to_2000 =
        std::int64_t{POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE} * SECS_PER_DAY;
    return time / USECS_PER_SEC + from_1970_to_2000;
}

Datum introspect(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::require(fcinfo, 0, "access_token");
    return pg::with_spi([&](MemoryContext outer) {
        const Question question = question_of(caller, fcinfo);
        const bool is_active = select_active.read_committed(question.values, question.nulls) > 0;
        MemoryContextSwitchTo(outer);
        json::Writer out;
        out.begin_object();
        out.key("active").boolean(is_active);
        if (is_active) {
            out.key("client_id").string(pg::view(DatumGetTextPP(pg::column(1))));
            out.key("token_type").string("Bearer");
            out.key("exp").integer(seconds_since_1970(DatumGetTimestampTz(pg::column(3))));
            out.key("iat").integer(seconds_since_1970(DatumGetTimestampTz(pg::column(2))));
        }
        out.end_object();
        return out.json();
    });
}

Datum purge_batch(const identity::Caller &caller, FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    pg::require(fcinfo, 0, "max_rows", errors);
    if (!PG_ARGISNULL(0) && PG_GETARG_INT32(0) < 1)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "max_rows", "\"max_rows\" must be positive");
    errors.raise();
    const Datum values[] = {PG_ARGISNULL(1) ? TimestampTzGetDatum(DT_NOBEGIN) : PG_GETARG_DATUM(1),
                            TimestampTzGetDatum(GetCurrentTimestamp()), PG_GETARG_DATUM(0)};
    return pg::with_spi([&](MemoryContext) {
        delete_expired.write(values);
        const Datum row = pg::returned_row();
        if (const std::int64_t deleted = DatumGetInt64(pg::column(1)); deleted > 0) {
            identity::Event event;
            event.outcome = identity::Outcome::Deleted;
            event.row_count = deleted;
            identity::record(caller, event);
        }
        return row;
    });
}

/* Calls a function whose arguments contain a secret or a token. */
template <typename Body> auto call_backend(FunctionCallInfo fcinfo, Body body)
{
    return pg::without_statement_in_log(
        [&] { return identity::as_owner(fcinfo, identity::RequiredAccess::Backend, body); });
}

} // namespace

} // namespace opigno::client

using namespace opigno;
using identity::RequiredAccess;

OPIGNO_FUNCTION(opigno_issue_access_token)
{
    return client::call_backend(
        fcinfo, [&](const identity::Caller &caller) { return client::issue(caller, fcinfo); });
}

OPIGNO_FUNCTION(opigno_revoke_access_token)
{
    PG_RETURN_BOOL(client::call_backend(
        fcinfo, [&](const identity::Caller &caller) { return client::revoke(caller, fcinfo); }));
}

OPIGNO_FUNCTION(opigno_revoke_client_tokens)
{
    PG_RETURN_INT64(
        identity::as_owner(fcinfo, RequiredAccess::OperatorLevel, [&](const identity::Caller &caller) {
            pg::require(fcinfo, 0, "client_id");
            return client::revoke_all(caller, PG_GETARG_INT64(0));
        }));
}

OPIGNO_FUNCTION(opigno_introspect_access_token)
{
    return client::call_backend(
        fcinfo, [&](const identity::Caller &caller) { return client::introspect(caller, fcinfo); });
}

OPIGNO_FUNCTION(opigno_delete_expired_access_tokens)
{
    return identity::as_owner(fcinfo, RequiredAccess::OperatorLevel, [&](const identity::Caller &caller) {
        return client::purge_batch(caller, fcinfo);
    });
}
