/* issue_user_assertion; gather.sql has the contract. */
#include "gateway/request_identity.hpp"

#include "gateway/exchange.hpp"
#include "gateway/problem.hpp"
#include "identity/access.hpp"
#include "identity/shard.hpp"
#include "identity/user_assertion.hpp"
#include "pg/argument.hpp"
#include "pg/function.hpp"
#include "pg/log.hpp"
#include "pg/parallel.hpp"
#include "pg/setting.hpp"
#include "pg/subtransaction.hpp"

namespace opigno::gateway {

namespace {

constexpr Oid types[] = {TEXTOID, TEXTOID, TEXTOID};
constinit const pg::Function begin_request_function("begin_request", types);

const text *header_text(const Headers &headers, const char *name)
{
    const std::optional<std::string_view> value = find_header(headers, name);
    return value.has_value() ? pg::make_text(*value) : nullptr;
}

/* Whether the error is a refusal of the request, and not one of the server. */
bool is_refusal(const ErrorData &error)
{
    constexpr int client_error = 400;
    constexpr int server_error = 500;
    const int status = status_of(error);
    return status >= client_error && status < server_error;
}

/* Returns nullptr if the request is refused, and an empty text if it names no user. */
text *assertion_of(Jsonb *given_headers, Oid function)
{
    text *assertion = nullptr;
    MemoryContext outer = CurrentMemoryContext;
    bool is_begun = false;
    const int level = NewGUCNestLevel();
    pg::fix_search_path();
    pg::in_subtransaction(
        [&] {
            XactReadOnly = true;
            const Headers headers = read_headers(given_headers);
            begin_request(headers);
            is_begun = true;
            const identity::Request &request = *identity::current_request();
            if (request.user_uuid != nullptr &&
                (request.is_asserted || identity::is_elsewhere(request.user_uuid)))
                identity::refuse_elsewhere(request.user_uuid);
            identity::as_owner_of(function, [&] {
                const text *made =
                    request.user_uuid == nullptr
                        ? pg::make_text("")
                        : identity::make_user_assertion(request, header_text(headers, "Authorization"));
                MemoryContext before = MemoryContextSwitchTo(outer);
                assertion = pg::make_text(pg::view(made));
                MemoryContextSwitchTo(before);
                return 0;
            });
            return true;
        },
        [&](const ErrorData &error) { return !is_begun && is_refusal(error); });
    AtEOXact_GUC(false, level);
    return assertion;
}

} // namespace

void begin_request(const Headers &headers)
{
    const text *client_uuid = header_text(headers, "Opigno-Client-UUID");
    if (client_uuid != nullptr && pg::view(client_uuid).find(',') != std::string_view::npos)
        refuse(400, "the header Opigno-Client-UUID has more than one value");
    const text *const values[] = {header_text(headers, "Authorization"), client_uuid,
                                  header_text(headers, assertion_header)};
    Datum arguments[3];
    char nulls[3];
    for (int i = 0; i < 3; ++i) {
        arguments[i] = PointerGetDatum(values[i]);
        nulls[i] = values[i] == nullptr ? 'n' : ' ';
    }
    begin_request_function.call(arguments, nulls);
}

} // namespace opigno::gateway

OPIGNO_FUNCTION(opigno_issue_user_assertion)
{
    using namespace opigno;
    const text *const assertion = pg::without_statement_in_log([&] {
        identity::check_caller(fcinfo, identity::RequiredAccess::Gateway);
        pg::Errors errors;
        pg::require(fcinfo, 0, "user_uuid", errors);
        pg::require(fcinfo, 1, "headers", errors);
        errors.raise();
        pg::refuse_parallel_query("opigno.issue_user_assertion()");
        pg::refuse_restricted_operation("opigno.issue_user_assertion()");
        if (identity::server_role().kind != identity::ServerKind::Shard)
            ereport(ERROR, errcode(ERRCODE_WRONG_STATE), errmsg("this server is not a shard"),
                    errhint("Call the function on the shard of the user."));
        return gateway::assertion_of(PG_GETARG_JSONB_P(1), fcinfo->flinfo->fn_oid);
    });
    if (assertion == nullptr)
        PG_RETURN_NULL();
    PG_RETURN_TEXT_P(assertion);
}
