#include "gateway/graphql/request.hpp"

#include "gateway/fields/schema.hpp"
#include "gateway/graphql/document_cache.hpp"
#include "gateway/graphql/execution.hpp"
#include "gateway/graphql/parser.hpp"
#include "pg/setting.hpp"
#include "pg/text.hpp"
#include "text/encoding.hpp"

#include <limits>

namespace opigno::graphql {

namespace {

constexpr Limits default_limits;
constexpr int kilobyte = 1024;
int max_size = static_cast<int>(default_limits.max_bytes) / kilobyte;
int max_tokens = static_cast<int>(default_limits.max_tokens);
int max_depth = static_cast<int>(default_limits.max_depth);
int max_aliases = static_cast<int>(default_limits.max_aliases);
int max_fields = static_cast<int>(default_limits.max_fields);
int max_values = 100000;
int max_answer = 16 * kilobyte;

Answer refuse(const Errors &errors, std::string_view text)
{
    Arena arena;
    const Positions positions(text, arena);
    json::Writer out;
    out.begin_object();
    out.key("errors").begin_array();
    for (const Error &error : errors) {
        out.begin_object();
        out.key("message").string(texts::from_utf8(error.message).value_or("a message cannot be shown"));
        if (!error.at.empty())
            write_locations(out, positions, error.at);
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return {out.json(), Outcome::Refused};
}

Answer execute(const ValidDocument &valid, const Definition &operation, const Request &request)
{
    const Schema schema = fields::schema_with(valid.site_scopes);
    Variables variables(schema, operation);
    if (const Errors errors = variables.read(request.variables); !errors.empty())
        return refuse(errors, valid.text);
    const AnswerLimits most = {static_cast<std::uint64_t>(max_values),
                               static_cast<std::uint64_t>(max_answer) * kilobyte};
    Execution execution(*valid.document, operation, variables, most);
    execution.run();
    json::Writer out;
    out.begin_object();
    execution.write(out);
    out.end_object();
    MemoryContext before = MemoryContextSwitchTo(request.memory);
    const Datum json = out.json();
    MemoryContextSwitchTo(before);
    return {json};
}

void define(const char *name, const char *description, int *value, int most, int flags = 0, int least = 1)
{
    DefineCustomIntVariable(name, description, nullptr, value, *value, least, most, PGC_SUSET, flags, nullptr,
                            nullptr, nullptr);
}

} // namespace

Limits current_limits()
{
    Limits now;
    now.max_bytes = static_cast<std::uint32_t>(max_size) * kilobyte;
    now.max_tokens = static_cast<std::uint32_t>(max_tokens);
    now.max_depth = static_cast<std::uint32_t>(max_depth);
    now.max_aliases = static_cast<std::uint32_t>(max_aliases);
    now.max_fields = static_cast<std::uint32_t>(max_fields);
    return now;
}

Answer refusal(const char *message)
{
    Errors errors;
    Arena arena;
    auto *error = arena.make<Error>();
    error->message = message;
    errors.add(error);
    return refuse(errors, {});
}

Answer answer(const Request &request)
{
    const ValidDocument valid = find_document(request.query, current_limits());
    if (valid.document == nullptr || !valid.errors.empty())
        return refuse(valid.errors, valid.text);
    Arena arena;
    Error error;
    const Definition *operation =
        find_operation(*valid.document,
                       texts::as_utf8(request.operation_name).value_or(request.operation_name), arena, error);
    if (operation == nullptr)
        return refusal(pnstrdup(error.message.data(), error.message.size()));
    if (operation->kind == DefinitionKind::Subscription)
        return refusal("The schema has no subscriptions.");
    if (operation->kind == DefinitionKind::Mutation && !request.may_write)
        return {Datum{0}, Outcome::Mutation};
    return execute(valid, *operation, request);
}

void define_settings()
{
    constexpr int most_kilobytes = 16 * kilobyte;
    constexpr int most_in_answer = 256 * kilobyte;
    constexpr int least_for_rows = 64; /* the rows of some statements */
    constexpr int most = 1000000;
    constexpr int most_deep = 1000;
    define("opigno_profiles.max_graphql_size", "The largest document of GraphQL that is executed.", &max_size,
           most_kilobytes, GUC_UNIT_KB);
    define("opigno_profiles.max_graphql_tokens", "The most tokens of a document.", &max_tokens, most);
    define("opigno_profiles.max_graphql_depth",
           "The depth to which selection sets, lists and objects can be nested.", &max_depth, most_deep);
    define("opigno_profiles.max_graphql_aliases", "The most aliases of an operation.", &max_aliases, most);
    define("opigno_profiles.max_graphql_fields", "The most fields of an operation.", &max_fields, most);
    define("opigno_profiles.max_graphql_values", "The most values of an answer.", &max_values,
           std::numeric_limits<int>::max());
    define("opigno_profiles.max_graphql_answer", "The largest answer of GraphQL.", &max_answer,
           most_in_answer, GUC_UNIT_KB, least_for_rows);
}

} // namespace opigno::graphql
