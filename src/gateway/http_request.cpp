/* http_request; functions.sql has the contract. */
#include "gateway/body.hpp"
#include "gateway/conditions.hpp"
#include "gateway/error_answer.hpp"
#include "gateway/http/headers.hpp"
#include "gateway/origin.hpp"
#include "gateway/query.hpp"
#include "gateway/request_identity.hpp"
#include "gateway/request_users.hpp"
#include "identity/access.hpp"
#include "pg/argument.hpp"
#include "pg/parallel.hpp"
#include "pg/row_type.hpp"
#include "pg/setting.hpp"
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"
#include "json/text/json_text.hpp"
#include "json/value/writer.hpp"

namespace opigno::gateway {

namespace {

void begin_identity(Exchange &exchange)
{
    begin_request(exchange.headers);
    exchange.client_id = identity::current_request()->client_id;
    if (exchange.route->identity == Identity::Operator && !identity::current_request()->acts_on_all)
        refuse(403, "this path is for operators");
}

/* What is JSON may also be asked for as application/json. */
void choose_media_type(Exchange &exchange, const Route &route)
{
    if (std::string_view(route.media_type) != json_type)
        exchange.answer->header("Vary", "Accept");
    if (is_accepted(exchange.headers, route.media_type))
        exchange.answer->media_type = route.media_type;
    else if (!is_accepted(exchange.headers, json_type))
        refuse(406, "the answers of this path are JSON");
}

/* Tells caches that the answer depends on who asks: to share it would show it to other users. */
void keep_from_other_users(Answer &answer)
{
    answer.header("Cache-Control", "private, no-cache");
    answer.header("Vary", "Authorization, Opigno-Client-UUID");
}

void answer_by_route(Exchange &exchange)
{
    const Route &route = find_route(exchange);
    exchange.route = &route;
    if (route.body == Body::Form)
        forbid_storing(*exchange.answer);
    if (route.identity != Identity::None)
        keep_from_other_users(*exchange.answer);
    choose_media_type(exchange, route);
    check_query(exchange, route);
    check_body(exchange, route);
    if (route.identity != Identity::None) {
        begin_identity(exchange);
        check_users_are_here(exchange);
    }
    exchange.wants_minimal_answer =
        !is_read(exchange.method) && is_preferred(exchange.headers, "return", "minimal");
    route.answer(exchange);
    if (is_read(exchange.method))
        make_not_modified(exchange);
    else
        make_minimal(exchange);
}

void run(Exchange &exchange, std::string_view target, Jsonb *headers)
{
    exchange.headers = read_headers(headers);
    pg::with_spi([&](MemoryContext) {
        const bool is_preflight = exchange.method == "OPTIONS";
        add_cross_origin(exchange);
        if (target.size() > max_target)
            refuse(414, "the request target is too long");
        const std::optional<Target> read = read_target(target);
        if (!read.has_value())
            refuse(400, "the request target is malformed");
        exchange.target = *read;
        if (is_preflight) {
            exchange.answer->header("Allow", allowed_methods(exchange));
            exchange.answer->status = 204;
            add_preflight(exchange);
        } else {
            answer_by_route(exchange);
        }
        exchange.answer->keep_body();
        return 0;
    });
}

Datum headers_of(const Answer &answer)
{
    json::Writer out;
    out.begin_object();
    if (answer.body != Datum{0})
        out.key("Content-Type").string(answer.media_type);
    for (const Parameter &header : answer.headers)
        out.member(header.name).string(header.value);
    out.end_object();
    return JsonbPGetDatum(json::read_json(pg::view(DatumGetTextPP(out.json()))));
}

/* The answer to HEAD has the headers of that to GET. */
Datum row_of(FunctionCallInfo fcinfo, const Answer &answer, bool is_head)
{
    static constinit pg::RowType result;
    const Datum values[] = {Int32GetDatum(answer.status), headers_of(answer), answer.body};
    const bool nulls[] = {false, false, is_head || answer.body == Datum{0}};
    return result.form(fcinfo, values, nulls);
}

/*
 * The request runs in a subtransaction, which an answer of 400 and above rolls back. GET and HEAD
 * cannot write there. The end of the level of settings ends the request's identity.
 */
Datum http_request(FunctionCallInfo fcinfo)
{
    pg::Errors errors;
    pg::require(fcinfo, 0, "method", errors);
    pg::require(fcinfo, 1, "target", errors);
    pg::require(fcinfo, 2, "headers", errors);
    errors.raise();
    pg::refuse_parallel_query("opigno.http_request()");
    pg::refuse_restricted_operation("opigno.http_request()");
    Answer answer;
    Exchange exchange{};
    exchange.method = pg::view(PG_GETARG_TEXT_PP(0));
    exchange.given_body = PG_ARGISNULL(3) ? nullptr : PG_GETARG_BYTEA_PP(3);
    exchange.answer = &answer;
    pg::forget_raised_errors();
    const int level = NewGUCNestLevel();
    pg::fix_search_path();
    pg::fix_row_security();
    pg::in_subtransaction(
        [&] {
            if (is_read(exchange.method))
                XactReadOnly = true;
            run(exchange, pg::view(PG_GETARG_TEXT_PP(1)), PG_GETARG_JSONB_P(2));
            return answer.status < 400;
        },
        [&](const ErrorData &error) { return answer_error(exchange, error, pg::raised_with(error)); });
    AtEOXact_GUC(false, level);
    return row_of(fcinfo, answer, exchange.method == "HEAD");
}

} // namespace

} // namespace opigno::gateway

OPIGNO_FUNCTION(opigno_http_request)
{
    opigno::identity::check_caller(fcinfo, opigno::identity::RequiredAccess::Gateway);
    return opigno::gateway::http_request(fcinfo);
}
