/* begin_request; functions.sql has the contract. */
#include "client/authentication.hpp"
#include "client/credential.hpp"
#include "client/jwt/jwt.hpp"
#include "identity/access.hpp"
#include "identity/shard.hpp"
#include "identity/user_assertion.hpp"
#include "identity/user_uuid.hpp"
#include "pg/array.hpp"
#include "pg/log.hpp"
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include <algorithm>
#include <string_view>

namespace opigno::client {

namespace {

using identity::Request;

/*
 * Each statement finds one row by its primary key. This costs less than one statement with all
 * joins, and such a statement, planned while the tables are small, can read a whole table.
 */
constexpr Oid token_type[] = {BYTEAOID};
constinit pg::Statement select_token("SELECT t.client_id, t.expires_at, t.revoked_at IS NOT NULL"
                                     " FROM opigno.access_token AS t WHERE t.token_hash = $1",
                                     token_type);
constexpr Oid client_type[] = {INT8OID};
constinit pg::Statement select_client(
    "SELECT c.expires_at, c.revoked_at IS NOT NULL, c.app_id, c.is_operator, c.may_act_for = 'all'"
    " FROM opigno.client AS c WHERE c.client_id = $1",
    client_type);
constexpr Oid user_types[] = {TEXTOID};
constinit pg::Statement select_user("SELECT u.is_active, u.scope::text[], u.created_by_client_id"
                                    " FROM opigno.user_context AS u WHERE u.uuid = $1",
                                    user_types);
constexpr Oid grant_types[] = {TEXTOID, INT8OID};
constinit pg::Statement select_grant("SELECT FROM opigno.client_user AS g"
                                     " WHERE g.user_uuid = $1 AND g.client_id = $2",
                                     grant_types);

[[noreturn]] void refuse_user(int sqlstate, const char *message, const char *hint)
{
    ereport(ERROR, errcode(sqlstate), errmsg("%s", message), errhint("%s", hint));
}

/* Returns the value of a header, without white space around it. */
std::string_view trimmed(std::string_view value)
{
    constexpr std::string_view white_space = " \t";
    value.remove_prefix(std::min(value.find_first_not_of(white_space), value.size()));
    value.remove_suffix(value.size() - (value.find_last_not_of(white_space) + 1));
    return value;
}

bool is_token_character(char given)
{
    return (given >= '0' && given <= '9') || (given >= 'A' && given <= 'Z') ||
           (given >= 'a' && given <= 'z') ||
           std::string_view("-._~+/=").find(given) != std::string_view::npos;
}

/* Returns the token after the scheme Bearer or JWT (RFC 6750, section 2.1). */
std::string_view token_of(const text *authorization)
{
    if (authorization == nullptr || trimmed(pg::view(authorization)).empty())
        refuse_authorization("There is no authorization.");
    std::string_view token = trimmed(pg::view(authorization));
    const std::size_t end = std::min(token.find(' '), token.size());
    const auto is_scheme = [&](std::string_view scheme) {
        return end == scheme.size() && pg_strncasecmp(token.data(), scheme.data(), end) == 0;
    };
    if (!is_scheme("bearer") && !is_scheme("jwt"))
        refuse_authorization("The scheme of the authorization is neither Bearer nor JWT.");
    token.remove_prefix(end);
    token = trimmed(token);
    if (token.empty() || !std::all_of(token.begin(), token.end(), is_token_character))
        refuse_authorization("The authorization is not one scheme and one token.");
    return token;
}

/* Checks an access token and its client, and returns the request without its user. */
Request request_of_access_token(std::string_view token)
{
    if (!is_credential(token, token_prefix))
        refuse_authorization("The token is neither an access token nor a JWT.");
    const Datum hash = PointerGetDatum(hash_of(token));
    if (select_token.read(&hash) == 0)
        refuse_authorization("The access token is unknown.");
    Request request;
    request.client_id = DatumGetInt64(pg::column(1));
    const TimestampTz now = GetCurrentTimestamp();
    const auto refuse = [&](const char *reason) {
        refuse_authorization(psprintf(reason, static_cast<long long>(*request.client_id)));
    };
    if (DatumGetBool(pg::column(3)))
        refuse("The access token of client %lld was revoked.");
    if (DatumGetTimestampTz(pg::column(2)) <= now)
        refuse("The access token of client %lld has expired.");
    const Datum client = Int64GetDatum(*request.client_id);
    if (select_client.read(&client) == 0)
        refuse("Client %lld does not exist.");
    if (DatumGetBool(pg::column(2)))
        refuse("Client %lld is revoked.");
    if (DatumGetTimestampTz(pg::column(1)) <= now)
        refuse("Client %lld has expired.");
    request.app_id = DatumGetInt32(pg::column(3));
    request.acts_on_all = DatumGetBool(pg::column(4));
    request.acts_for_every_user = DatumGetBool(pg::column(5));
    return request;
}

/* Checks a JWT, and returns its request. The user is not looked up yet. */
Request request_of_jwt(std::string_view token)
{
    jwt::JwtClaims claims;
    if (const char *reason = jwt::read_jwt(token, claims); reason != nullptr)
        refuse_authorization(reason);
    Request request;
    request.app_id = claims.app_id;
    request.acts_on_all = claims.is_operator;
    if (claims.user_uuid != nullptr) {
        pg::Errors errors;
        request.user_uuid = identity::checked_user_uuid(claims.user_uuid, "user", errors);
        if (!errors.empty())
            refuse_authorization("The JWT names a user that is no valid user uuid.");
    } else if (!claims.is_operator) {
        refuse_authorization("The JWT names no user.");
    }
    return request;
}

bool may_client_act_for(const Request &request, std::optional<Datum> creator, const Datum *user_and_client)
{
    if (!request.client_id.has_value() || request.acts_on_all || request.acts_for_every_user)
        return true;
    const bool is_creator = creator.has_value() && DatumGetInt64(*creator) == *request.client_id;
    return is_creator || select_grant.read(user_and_client) > 0;
}

/* Looks up the request's user. An operator's JWT whose own user is not active gives no rights. */
void add_user_context(Request &request, bool is_user_of_jwt)
{
    const Datum values[] = {PointerGetDatum(request.user_uuid), Int64GetDatum(request.client_id.value_or(0))};
    if (request.user_uuid == nullptr || select_user.read(values) == 0) {
        request.names_new_user = request.user_uuid != nullptr;
        request.scope = construct_empty_array(TEXTOID);
        return;
    }
    request.is_restricted = !DatumGetBool(pg::column(1));
    request.scope = DatumGetArrayTypeP(pg::column(2));
    if (!may_client_act_for(request, pg::nullable_column(3), values))
        refuse_user(ERRCODE_INSUFFICIENT_PRIVILEGE, "the client may not act for this user",
                    "A client acts for the users that it created, and for those that opigno.grant_user() "
                    "gave it.");
    if (is_user_of_jwt && request.is_restricted)
        request.acts_on_all = false;
}

/* Sets the user that the header names. A JWT may name the user, too. */
void add_given_user(Request &request, text *given)
{
    if (given == nullptr || pg::view(given).empty())
        return;
    pg::Errors errors;
    text *user_uuid = identity::checked_user_uuid(given, "client_uuid", errors);
    if (!errors.empty())
        refuse_user(errors.all()[0].sqlstate, errors.all()[0].message,
                    "client_uuid is the header Opigno-Client-UUID.");
    if (request.user_uuid != nullptr && pg::view(request.user_uuid) != pg::view(user_uuid))
        refuse_user(ERRCODE_INSUFFICIENT_PRIVILEGE, "client_uuid is not the user of the token",
                    "Leave client_uuid out, or pass the user of the token.");
    request.user_uuid = user_uuid;
}

bool is_jwt(std::string_view token)
{
    return token.find('.') != std::string_view::npos;
}

/* Adds the user of the request if the user is on another server and there is a valid assertion. An
 * operator's JWT needs one there: its user may be active no longer. */
bool add_user_of_elsewhere(Request &request, const text *authorization, const text *assertion,
                           bool is_user_of_jwt)
{
    if (request.user_uuid == nullptr || !identity::is_elsewhere(request.user_uuid))
        return false;
    if (assertion != nullptr && identity::add_asserted_user(request, authorization, assertion))
        return true;
    if (is_user_of_jwt && request.acts_on_all)
        identity::refuse_elsewhere(request.user_uuid);
    return false;
}

int begin(const text *authorization, text *given_user, const text *assertion)
{
    const std::string_view token = token_of(authorization);
    return pg::with_spi([&](MemoryContext) {
        PushActiveSnapshot(GetLatestSnapshot());
        Request request = is_jwt(token) ? request_of_jwt(token) : request_of_access_token(token);
        const bool is_user_of_jwt = request.user_uuid != nullptr;
        add_given_user(request, given_user);
        if (request.user_uuid == nullptr && !request.acts_on_all)
            refuse_user(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION, identity::names_no_user,
                        "Pass the header Opigno-Client-UUID as client_uuid.");
        if (!add_user_of_elsewhere(request, authorization, assertion, is_user_of_jwt))
            add_user_context(request, is_user_of_jwt);
        PopActiveSnapshot();
        identity::begin_request(request);
        return 0;
    });
}

} // namespace

} // namespace opigno::client

using namespace opigno;

OPIGNO_FUNCTION(opigno_begin_request)
{
    pg::without_statement_in_log([&] {
        return identity::as_owner(fcinfo, identity::RequiredAccess::Backend, [&](const identity::Caller &) {
            return client::begin(pg::text_argument(fcinfo, 0), pg::text_argument(fcinfo, 1),
                                 pg::text_argument(fcinfo, 2));
        });
    });
    PG_RETURN_VOID();
}
