/* request_user and similar functions, require_scope and test_request; request.sql has the
 * contracts. */
#include "identity/access.hpp"
#include "identity/request.hpp"
#include "identity/scope.hpp"
#include "identity/scope_name.hpp"
#include "identity/user_uuid.hpp"
#include "pg/argument.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"

namespace opigno::identity {

namespace {

constexpr Oid app_type[] = {INT4OID};
constinit pg::Statement select_app("SELECT FROM opigno.app AS a WHERE a.app_id = $1", app_type);
constexpr Oid client_type[] = {INT8OID};
constinit pg::Statement select_client("SELECT c.app_id, c.may_act_for = 'all', c.is_operator"
                                      " FROM opigno.client AS c WHERE c.client_id = $1",
                                      client_type);

ArrayType *no_scope()
{
    return construct_empty_array(TEXTOID);
}

void check_app(std::int32_t app_id)
{
    const Datum key = Int32GetDatum(app_id);
    if (select_app.read_latest(&key) == 0)
        ereport(ERROR, errcode(ERRCODE_FOREIGN_KEY_VIOLATION), errmsg("app %d does not exist", app_id),
                errhint("opigno.list_apps() lists the existing ones."));
}

/* What a registered client has. Its secrets and whether it is valid do not count here. */
struct Client {
    std::int32_t app_id;
    bool acts_for_every_user;
    bool is_operator;
};

std::optional<Client> find_client(std::int64_t client_id)
{
    const Datum key = Int64GetDatum(client_id);
    if (select_client.read_latest(&key) == 0)
        return std::nullopt;
    return Client{DatumGetInt32(pg::column(1)), DatumGetBool(pg::column(2)), DatumGetBool(pg::column(3))};
}

/* Sets the client, and what the request has from it if it is registered. */
void add_client(std::int64_t client_id, Request &request, pg::Errors &errors)
{
    request.client_id = client_id;
    if (client_id <= 0)
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "client_id", "\"client_id\" must be positive");
    if (const std::optional<Client> client = find_client(client_id); client.has_value()) {
        if (request.app_id.value_or(client->app_id) != client->app_id)
            errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "app_id", "the client belongs to app %d",
                       client->app_id);
        request.app_id = client->app_id;
        request.acts_for_every_user = client->acts_for_every_user;
        request.acts_on_all = client->is_operator;
    } else if (!request.app_id.has_value()) {
        errors.add(ERRCODE_INVALID_PARAMETER_VALUE, "client_id", "\"app_id\" is required with \"client_id\"");
    }
}

Request request_of_arguments(FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    Request request;
    if (!PG_ARGISNULL(2))
        request.app_id = PG_GETARG_INT32(2);
    if (!PG_ARGISNULL(3))
        add_client(PG_GETARG_INT64(3), request, errors);
    if (!PG_ARGISNULL(4))
        request.acts_on_all = PG_GETARG_BOOL(4);
    if (!PG_ARGISNULL(0) || !request.acts_on_all)
        request.user_uuid = checked_user_uuid(pg::text_argument(fcinfo, 0), "uuid", errors);
    if (ArrayType *scopes = pg::array_argument(fcinfo, 1); scopes != nullptr) {
        ScopeRegistry registry(ScopeRegistry::View::Transaction);
        request.scope = checked_scopes(scopes, registry, "scopes", errors);
        request.scope_is_given = true;
    }
    errors.raise();
    return request;
}

int test_request(FunctionCallInfo fcinfo)
{
    return pg::with_spi([&](MemoryContext) {
        Request request = request_of_arguments(fcinfo);
        if (request.app_id.has_value())
            check_app(*request.app_id);
        request.names_new_user = !look_up_user(request);
        begin_request(request);
        if (!IsTransactionBlock())
            ereport(NOTICE, errmsg("the request ends with this statement"),
                    errhint("To make it last, begin a transaction first."));
        return 0;
    });
}

void require_scope(std::string_view wanted)
{
    pg::Errors errors;
    ScopeRegistry registry(ScopeRegistry::View::Statement);
    if (!registry.knows(wanted))
        registry.add_unknown(wanted, "scope", errors);
    errors.raise();
    check_request_user();
    const Request *request = acting_request();
    if (request == nullptr || !registry.implies(pg::names_of(request->scope), wanted))
        ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                errmsg("scope \"%.*s\" is required", static_cast<int>(wanted.size()), wanted.data()),
                errdetail("The user of the request does not have it."));
}

} // namespace

} // namespace opigno::identity

using namespace opigno;

OPIGNO_FUNCTION(opigno_request_user)
{
    const identity::Request *request = identity::acting_request();
    if (request == nullptr)
        PG_RETURN_NULL();
    PG_RETURN_TEXT_P(pg::make_text(pg::view(request->user_uuid)));
}

OPIGNO_FUNCTION(opigno_request_named_user)
{
    const identity::Request *request = identity::current_request();
    if (request == nullptr || request->user_uuid == nullptr)
        PG_RETURN_NULL();
    PG_RETURN_TEXT_P(pg::make_text(pg::view(request->user_uuid)));
}

OPIGNO_FUNCTION(opigno_request_scope)
{
    if (identity::current_request() == nullptr)
        PG_RETURN_NULL();
    const identity::Request *request = identity::acting_request();
    if (request == nullptr)
        PG_RETURN_ARRAYTYPE_P(identity::no_scope());
    PG_RETURN_ARRAYTYPE_P(DatumGetArrayTypePCopy(PointerGetDatum(request->scope)));
}

OPIGNO_FUNCTION(opigno_request_app)
{
    const identity::Request *request = identity::current_request();
    if (request == nullptr || !request->app_id.has_value())
        PG_RETURN_NULL();
    PG_RETURN_INT32(*request->app_id);
}

OPIGNO_FUNCTION(opigno_request_client)
{
    const identity::Request *request = identity::current_request();
    if (request == nullptr || !request->client_id.has_value())
        PG_RETURN_NULL();
    PG_RETURN_INT64(*request->client_id);
}

OPIGNO_FUNCTION(opigno_require_scope)
{
    pg::require(fcinfo, 0, "scope");
    identity::require_scope(pg::view(PG_GETARG_TEXT_PP(0)));
    PG_RETURN_VOID();
}

OPIGNO_FUNCTION(opigno_test_request)
{
    identity::as_owner(fcinfo, identity::RequiredAccess::Owner,
                       [&](const identity::Caller &) { return identity::test_request(fcinfo); });
    PG_RETURN_VOID();
}
