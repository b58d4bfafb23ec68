/* begin_request; functions.sql has the contract. */
#include "client/authentication.hpp"
#include "client/credential.hpp"
#include "identity/access.hpp"
#include "identity/user_uuid.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"

#include <algorithm>
#include <string_view>

namespace opigno::client {

namespace {

using identity::Request;

/*
 * Reads everything that an access token ($1) and a user ($2, or NULL) decide. All joins are over
 * unique keys, so there is one row at most.
 */
constexpr Oid types[] = {BYTEAOID, TEXTOID};
constinit pg::Statement select_token(
    "SELECT t.client_id, t.expires_at, t.revoked_at IS NOT NULL, c.expires_at, c.revoked_at IS NOT NULL,"
    "  c.app_id, c.is_operator, c.may_act_for = 'all', u.is_active, u.scope::text[],"
    "  u.created_by_client_id IS NOT DISTINCT FROM c.client_id OR g.client_id IS NOT NULL"
    " FROM opigno.access_token AS t JOIN opigno.client AS c ON c.client_id = t.client_id"
    "  LEFT JOIN opigno.user_context AS u ON u.uuid = $2"
    "  LEFT JOIN opigno.client_user AS g ON g.user_uuid = $2 AND g.client_id = t.client_id"
    " WHERE t.token_hash = $1",
    types);

/* Raises an error of the user, without the statement, which can contain the token. */
[[noreturn]] void refuse_user(int sqlstate, const char *message, const char *hint)
{
    ereport(ERROR, errcode(sqlstate), errmsg("%s", message), errhint("%s", hint), errhidestmt(true),
            errhidecontext(true));
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
    std::string_view value = trimmed(pg::view(authorization));
    const std::size_t end = std::min(value.find(' '), value.size());
    const auto is_scheme = [&](std::string_view scheme) {
        return end == scheme.size() && pg_strncasecmp(value.data(), scheme.data(), end) == 0;
    };
    if (!is_scheme("bearer") && !is_scheme("jwt"))
        refuse_authorization("The scheme of the authorization is neither Bearer nor JWT.");
    value.remove_prefix(end);
    const std::string_view token = trimmed(value);
    if (token.empty() || !std::all_of(token.begin(), token.end(), is_token_character))
        refuse_authorization("The authorization is not one scheme and one token.");
    return token;
}

void check_token_row(std::int64_t client_id)
{
    const TimestampTz now = GetCurrentTimestamp();
    const auto refuse = [&](const char *reason) {
        refuse_authorization(psprintf(reason, static_cast<long long>(client_id)));
    };
    if (DatumGetBool(pg::column(3)))
        refuse("The access token of client %lld was revoked.");
    if (DatumGetTimestampTz(pg::column(2)) <= now)
        refuse("The access token of client %lld has expired.");
    if (DatumGetBool(pg::column(5)))
        refuse("Client %lld is revoked.");
    if (DatumGetTimestampTz(pg::column(4)) <= now)
        refuse("Client %lld has expired.");
}

/* Checks the token, and returns its request. user_uuid: nullptr if no valid one was given. */
Request request_of_token(std::string_view token, text *user_uuid)
{
    if (!is_credential(token, token_prefix))
        refuse_authorization("The token is neither an access token nor a JWT.");
    const Datum values[] = {PointerGetDatum(hash_of(token)), PointerGetDatum(user_uuid)};
    const char nulls[] = {' ', user_uuid == nullptr ? 'n' : ' '};
    if (select_token.read_committed(values, nulls) == 0)
        refuse_authorization("The access token is unknown.");
    Request request;
    request.client_id = DatumGetInt64(pg::column(1));
    check_token_row(*request.client_id);
    request.user_uuid = user_uuid;
    request.app_id = DatumGetInt32(pg::column(6));
    request.acts_on_all = DatumGetBool(pg::column(7));
    request.acts_for_every_user = DatumGetBool(pg::column(8));
    const std::optional<Datum> is_active = pg::nullable_column(9);
    request.is_restricted = !is_active.has_value() || !DatumGetBool(*is_active);
    request.scope =
        is_active.has_value() ? DatumGetArrayTypeP(pg::column(10)) : construct_empty_array(TEXTOID);
    const bool may_act = request.acts_on_all || request.acts_for_every_user || !is_active.has_value() ||
                         DatumGetBool(pg::column(11));
    if (!may_act)
        refuse_user(ERRCODE_INSUFFICIENT_PRIVILEGE, "the client may not act for this user",
                    "A client acts for the users that it created, and for those that opigno.grant_user() "
                    "gave it.");
    return request;
}

int begin(const text *authorization, text *given_user)
{
    pg::Errors errors;
    const std::string_view token = token_of(authorization);
    const bool names_user = given_user != nullptr && !pg::view(given_user).empty();
    text *user_uuid = names_user ? identity::checked_user_uuid(given_user, "client_uuid", errors) : nullptr;
    return pg::with_spi([&](MemoryContext) {
        const Request request = request_of_token(token, user_uuid);
        if (!errors.empty())
            refuse_user(errors.all()[0].sqlstate, errors.all()[0].message,
                        "client_uuid is the header Opigno-Client-UUID.");
        if (request.user_uuid == nullptr && !request.acts_on_all)
            refuse_user(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION, "the request names no user",
                        "Pass the header Opigno-Client-UUID as client_uuid.");
        identity::begin_request(request);
        return 0;
    });
}

} // namespace

} // namespace opigno::client

using namespace opigno;

OPIGNO_FUNCTION(opigno_begin_request)
{
    identity::as_owner(fcinfo, identity::RequiredAccess::Backend, [&](const identity::Caller &) {
        return client::begin(pg::text_argument(fcinfo, 0), pg::text_argument(fcinfo, 1));
    });
    PG_RETURN_VOID();
}
