/* GraphQL over HTTP. */
#include "gateway/body.hpp"
#include "gateway/graphql/request.hpp"
#include "gateway/http/headers.hpp"
#include "gateway/http/split.hpp"
#include "json/text/json_text.hpp"
#include "json/value/reader.hpp"

namespace opigno::gateway {

namespace {

constexpr const char *graphql_type = "application/graphql-response+json";

/* Whether the client names the media type of GraphQL, and does not prefer application/json. Others,
 * which take any type, are older and expect the statuses that belong to application/json. */
bool knows_graphql_type(const Headers &headers)
{
    std::string_view ranges = find_header(headers, "Accept").value_or(std::string_view());
    while (!ranges.empty())
        if (is_media_type(trimmed(take_unquoted(ranges, ',')), graphql_type))
            return accepted_weight(headers, graphql_type) >= accepted_weight(headers, json_type);
    return false;
}

/* Makes the answer that of the request. bad_request: the request is malformed. */
void answer_with(Exchange &exchange, const graphql::Answer &answer, bool bad_request)
{
    const bool has_statuses = knows_graphql_type(exchange.headers);
    exchange.answer->media_type = has_statuses ? graphql_type : json_type;
    exchange.answer->body = answer.json;
    if (bad_request || (has_statuses && answer.outcome == graphql::Outcome::Refused))
        exchange.answer->status = 400;
}

/* The members of a request. nullptr: missing or null. */
struct Given {
    const JsonbValue *query = nullptr;
    const JsonbValue *variables = nullptr;
    const JsonbValue *operation_name = nullptr;
    const JsonbValue *extensions = nullptr;
};

/* Whether the client has sent a digest of the document, as automatic persisted queries do. */
bool has_digest(const Given &given)
{
    bool found = false;
    if (given.extensions != nullptr && json::is_object(*given.extensions))
        json::each_member(*given.extensions, [&](std::string_view name, const JsonbValue &) {
            found = found || name == "persistedQuery";
        });
    return found;
}

const char *fault_of(const Given &given)
{
    const auto is_string = [](const JsonbValue *value) {
        return value == nullptr || value->type == jbvString;
    };
    const auto is_map = [](const JsonbValue *value) { return value == nullptr || json::is_object(*value); };
    if (given.query == nullptr && has_digest(given))
        return "PersistedQueryNotSupported"; /* clients that get this text send the document */
    if (given.query == nullptr || !is_string(given.query))
        return "The request must have a query, which is a string.";
    if (!is_map(given.variables))
        return "The variables must be an object.";
    if (!is_string(given.operation_name))
        return "The operationName must be a string.";
    return is_map(given.extensions) ? nullptr : "The extensions must be an object.";
}

void execute(Exchange &exchange, const Given &given)
{
    if (const char *fault = fault_of(given); fault != nullptr)
        return answer_with(exchange, graphql::refusal(fault), true);
    graphql::Request request;
    request.memory = exchange.answer->memory;
    request.query = json::string_of(*given.query);
    request.variables = given.variables;
    if (given.operation_name != nullptr)
        request.operation_name = json::string_of(*given.operation_name);
    request.may_write = !is_read(exchange.method);
    const graphql::Answer answer = graphql::answer(request);
    if (answer.outcome == graphql::Outcome::Mutation) {
        exchange.answer->header("Allow", "POST");
        refuse(405, "a mutation needs the method POST");
    }
    answer_with(exchange, answer, false);
}

const JsonbValue *kept(const JsonbValue &value)
{
    if (value.type == jbvNull)
        return nullptr;
    auto *copy = static_cast<JsonbValue *>(palloc(sizeof(JsonbValue)));
    *copy = value;
    return copy;
}

/* Such JSON can be valid: too deep, or with a character that the database cannot store. */
graphql::Answer malformed(const char *what, const pg::Error &why)
{
    return graphql::refusal(psprintf("The %s cannot be read as JSON: %s.", what, why.message));
}

void answer_post(Exchange &exchange)
{
    pg::Error why{};
    Jsonb *document = json::try_read_json(body_text(exchange), why);
    if (document == nullptr)
        return answer_with(exchange, malformed("body", why), true);
    const JsonbValue root = json::root_of(document);
    if (!json::is_object(root))
        return answer_with(exchange, graphql::refusal("The body must be an object."), true);
    Given given;
    json::each_member(root, [&](std::string_view name, const JsonbValue &value) {
        if (name == "query")
            given.query = kept(value);
        else if (name == "variables")
            given.variables = kept(value);
        else if (name == "operationName")
            given.operation_name = kept(value);
        else if (name == "extensions")
            given.extensions = kept(value);
    });
    execute(exchange, given);
}

/* A parameter of the query that is JSON text. Returns false if it is malformed. */
bool read_parameter(const Parameters &query, const char *name, const JsonbValue *&value, pg::Error &why)
{
    const std::optional<std::string_view> text = value_of(query, name);
    if (!text.has_value() || text->empty())
        return true;
    Jsonb *document = json::try_read_json(*text, why);
    if (document == nullptr)
        return false;
    value = kept(json::root_of(document));
    return true;
}

const JsonbValue *string_parameter(const Parameters &query, const char *name)
{
    const std::optional<std::string_view> text = value_of(query, name);
    return text.has_value() && !text->empty() ? kept(json::string_value(*text)) : nullptr;
}

void answer_get(Exchange &exchange)
{
    const Parameters &query = exchange.target.query;
    Given given;
    given.query = string_parameter(query, "query");
    given.operation_name = string_parameter(query, "operationName");
    pg::Error why{};
    if (!read_parameter(query, "variables", given.variables, why))
        return answer_with(exchange, malformed("parameter \"variables\"", why), true);
    if (!read_parameter(query, "extensions", given.extensions, why))
        return answer_with(exchange, malformed("parameter \"extensions\"", why), true);
    execute(exchange, given);
}

constexpr Route routes[] = {
    {"GET", "/graphql", Identity::Request, Body::None, answer_get, "query variables operationName extensions",
     graphql_type, true},
    {"POST", "/graphql", Identity::Request, Body::Json, answer_post, {}, graphql_type, true},
};

} // namespace

constinit const std::span<const Route> graphql_routes(routes);

} // namespace opigno::gateway
