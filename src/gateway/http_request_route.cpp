/* http_request_route; functions.sql has the contract. */
#include "gateway/body.hpp"
#include "gateway/bulk_answer.hpp"
#include "gateway/graphql/reach.hpp"
#include "gateway/problem.hpp"
#include "gateway/query.hpp"
#include "gateway/request_users.hpp"
#include "gateway/token_user.hpp"
#include "identity/user_uuid.hpp"
#include "pg/function.hpp"
#include "pg/parallel.hpp"
#include "pg/row_type.hpp"
#include "pg/subtransaction.hpp"
#include "json/text/json_text.hpp"
#include "json/value/reader.hpp"

namespace opigno::gateway {

namespace {

struct Decision {
    Place place = Place::Any;
    const text *user_uuid = nullptr;
    std::string_view function = {};
    const text *request_user_uuid = nullptr; /* for whom the request acts, if that is another user */
    bool is_list = false; /* a list of all users; who is no operator sees only itself in it */
    bool is_load = false;
    bool is_lenient = false; /* of a load: errors are reported, and do not stop it */
    bool is_dry_run = false; /* of a load */
};

static_assert(std::is_trivially_destructible_v<Decision>);

/* Raises 22023 for a name that no user has. */
const text *canonical(std::string_view given)
{
    pg::Errors errors;
    const text *user_uuid = identity::checked_user_uuid(pg::make_text(given), "user_uuid", errors);
    errors.raise();
    return user_uuid;
}

/* ---- for whom a request acts ---- */

/* The user of the request, as far as its headers tell. */
struct RequestUser {
    const text *user_uuid = nullptr; /* nullptr: the headers name no user */
    bool is_operator = false;
    bool has_known_issuer = false; /* of a JWT: otherwise it may still be an operator's */
};

/* A user whom a token names by the claims of an issuer that is not registered here may be another one. */
const text *user_of_token(const TokenUser &token)
{
    pg::Errors errors;
    const text *user_uuid = token.name.empty()
                                ? nullptr
                                : identity::checked_user_uuid(pg::make_text(token.name), "user_uuid", errors);
    if (!errors.empty() && token.is_known)
        errors.raise();
    return errors.empty() ? user_uuid : nullptr;
}

RequestUser read_request_user(const Exchange &exchange, Oid function)
{
    const std::string_view header = find_header(exchange.headers, "Opigno-Client-UUID").value_or("");
    if (header.find(',') != std::string_view::npos)
        refuse(400, "the header Opigno-Client-UUID has more than one value");
    const TokenUser token = read_token_user(exchange.headers, function);
    return {header.empty() ? user_of_token(token) : canonical(header), token.is_operator, token.is_known};
}

/* What a request is about. */
struct Subject {
    Users users;
    std::string_view function = {}; /* for several users */
    bool has_request_user = false;  /* also the user of the request */
};

static_assert(std::is_trivially_destructible_v<Subject>);

/* A request about one user runs where that user is, unless it is also about the user of the request, and
 * that is another one. */
Decision decide_by_users(const Subject &subject, const RequestUser &request_user)
{
    const text *found = subject.has_request_user ? request_user.user_uuid : nullptr;
    for (const std::string_view name : subject.users) {
        CHECK_FOR_INTERRUPTS();
        const text *user = canonical(name);
        if (found != nullptr && pg::view(user) != pg::view(found))
            return {Place::Every, nullptr, subject.function};
        found = user;
    }
    const text *user = found == nullptr ? request_user.user_uuid : found;
    return {user == nullptr ? Place::Any : Place::User, user};
}

/* ---- GraphQL ---- */

graphql::Request graphql_request(const Exchange &exchange)
{
    graphql::Request request;
    const auto take_member = [&](const JsonbValue &body, const char *name, std::string_view &text) {
        with_member(body, name, [&](const JsonbValue &value) {
            if (value.type == jbvString)
                text = json::string_of(value);
        });
    };
    JsonbValue variables{};
    if (is_read(exchange.method)) {
        const Parameters &query = exchange.target.query;
        request.query = value_of(query, "query").value_or("");
        request.operation_name = value_of(query, "operationName").value_or("");
        if (const std::string_view given = value_of(query, "variables").value_or(""); !given.empty())
            variables = json::root_of(json::read_json(given));
    } else {
        const JsonbValue body = json_body(exchange);
        take_member(body, "query", request.query);
        take_member(body, "operationName", request.operation_name);
        with_member(body, "variables", [&](const JsonbValue &value) { variables = value; });
    }
    if (json::is_object(variables)) {
        auto *kept = static_cast<JsonbValue *>(palloc(sizeof(JsonbValue)));
        *kept = variables;
        request.variables = kept;
    }
    return request;
}

Decision decide_by_document(const Exchange &exchange, const RequestUser &request_user)
{
    const graphql::Reach reach = graphql::reach_of(graphql_request(exchange));
    Decision several{Place::Every, nullptr, reach.list};
    several.is_list = !reach.list.empty() && reach.users.empty() && !reach.has_hub_field;
    if (!reach.list.empty() || (reach.has_hub_field && reach.has_user_field))
        return several;
    if (reach.has_hub_field)
        return {Place::Hub};
    return decide_by_users({reach.users, {}, reach.has_own_field}, request_user);
}

/* ---- loads ---- */

/* What every server refuses raises an error. */
Decision decide_load(Exchange &exchange, const ShardRule &rule)
{
    check_query(exchange, *exchange.route);
    check_body(exchange, *exchange.route);
    static_cast<void>(body_text(exchange));
    pg::Errors errors;
    const bool is_dry_run = flag_of(exchange, "dry_run", errors).value_or(false);
    errors.raise();
    return {Place::Every, nullptr, rule.function, nullptr, false, true, is_lenient(exchange), is_dry_run};
}

/* ---- the function ---- */

/* Adds the user of the request, if that is another one. Who has a JWT that is no operator's has all that it
 * sees of a list on its own shard. */
Decision with_request_user(const Decision &decision, const RequestUser &request_user)
{
    if (decision.place == Place::Any || request_user.user_uuid == nullptr)
        return decision;
    if (decision.is_list && request_user.has_known_issuer && !request_user.is_operator)
        return {Place::User, request_user.user_uuid};
    Decision completed = decision;
    if (decision.user_uuid == nullptr || pg::view(decision.user_uuid) != pg::view(request_user.user_uuid))
        completed.request_user_uuid = request_user.user_uuid;
    return completed;
}

bool reads_body(Source source)
{
    return source == Source::Member || source == Source::Text || source == Source::Array ||
           source == Source::Elements || source == Source::Document;
}

Decision decide_by_rule(Exchange &exchange, const ShardRule &rule, const RequestUser &request_user)
{
    if (rule.place == Place::Every && exchange.route->body == Body::Bulk)
        return decide_load(exchange, rule);
    if (rule.place != Place::User) {
        Decision decision{rule.place, nullptr, rule.function};
        decision.is_list = rule.place == Place::Every && is_read(exchange.method);
        return decision;
    }
    if (reads_body(rule.source))
        check_body(exchange, *exchange.route);
    return rule.source == Source::Document
               ? decide_by_document(exchange, request_user)
               : decide_by_users({users_of(exchange, rule), rule.function}, request_user);
}

Decision decide(Exchange &exchange, std::string_view target_text, Jsonb *headers, Oid function)
{
    exchange.headers = read_headers(headers);
    const std::optional<Target> target = read_target(target_text);
    if (exchange.method == "OPTIONS" || !target.has_value())
        return {};
    exchange.target = *target;
    const Route &route = find_route(exchange);
    exchange.route = &route;
    const ShardRule rule = shard_rule_of(route);
    if (rule.place == Place::Any || (rule.place == Place::Hub && route.identity == Identity::None))
        return {rule.place};
    const RequestUser request_user = read_request_user(exchange, function);
    return with_request_user(decide_by_rule(exchange, rule, request_user), request_user);
}

std::string_view word_of(Place place)
{
    switch (place) {
    case Place::User:
        return "user";
    case Place::Hub:
        return "hub";
    case Place::Every:
        return "all";
    case Place::Any:
        break;
    }
    return "any";
}

/* Whether the error is one of the request. The functions that read it raise some for it. Denials are not:
 * nothing here is denied to it. */
bool is_of_request(const ErrorData &error)
{
    constexpr int client_error = 400;
    constexpr int server_error = 500;
    constexpr int denial = 403;
    const int status = status_of(error);
    return status >= client_error && status < server_error && status != denial;
}

/* A request that every server refuses runs on any. But shards look at the user before they read the body. */
Decision decision_of(FunctionCallInfo fcinfo)
{
    Decision decision;
    if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
        return decision;
    const Oid function = fcinfo->flinfo->fn_oid;
    bool is_read = false;
    Answer answer;
    Exchange exchange{};
    exchange.method = pg::view(PG_GETARG_TEXT_PP(0));
    exchange.given_body = PG_ARGISNULL(3) ? nullptr : PG_GETARG_BYTEA_PP(3);
    exchange.answer = &answer;
    pg::in_subtransaction(
        [&] {
            decision = decide(exchange, pg::view(PG_GETARG_TEXT_PP(1)), PG_GETARG_JSONB_P(2), function);
            is_read = true;
            return true;
        },
        is_of_request);
    if (is_read || exchange.route == nullptr || shard_rule_of(*exchange.route).place != Place::User)
        return decision;
    pg::in_subtransaction(
        [&] {
            if (const text *user = read_request_user(exchange, function).user_uuid; user != nullptr)
                decision = {Place::User, user};
            return true;
        },
        is_of_request);
    return decision;
}

} // namespace

} // namespace opigno::gateway

OPIGNO_FUNCTION(opigno_http_request_route)
{
    using namespace opigno;
    pg::refuse_parallel_query("opigno.http_request_route()");
    static constinit pg::RowType result;
    const gateway::Decision decision = gateway::decision_of(fcinfo);
    const Datum values[] = {PointerGetDatum(pg::make_text(gateway::word_of(decision.place))),
                            PointerGetDatum(decision.user_uuid),
                            PointerGetDatum(pg::make_text(decision.function)),
                            PointerGetDatum(pg::make_text(decision.is_lenient ? "report" : "abort")),
                            BoolGetDatum(decision.is_dry_run),
                            PointerGetDatum(decision.request_user_uuid)};
    const bool nulls[] = {false,
                          decision.user_uuid == nullptr,
                          decision.function.empty(),
                          !decision.is_load,
                          !decision.is_load,
                          decision.request_user_uuid == nullptr};
    return result.form(fcinfo, values, nulls);
}
