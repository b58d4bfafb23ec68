#include "gateway/request_users.hpp"

#include "gateway/body.hpp"
#include "gateway/http/split.hpp"
#include "identity/request.hpp"
#include "identity/shard.hpp"
#include "identity/user_uuid.hpp"
#include "json/text/json_text.hpp"
#include "json/text/repeated_members.hpp"

#include <algorithm>

namespace opigno::gateway {

namespace {

void add_of_path(const Exchange &exchange, Users &users)
{
    std::string_view pattern = exchange.route->pattern;
    std::size_t captures = 0;
    while (!pattern.empty()) {
        pattern.remove_prefix(1);
        const std::size_t end = std::min(pattern.find('/'), pattern.size());
        const std::string_view segment(pattern.data(), end);
        if (captures_user(segment))
            users.push_back(exchange.captures[captures]);
        captures += segment.starts_with(':') ? 1 : 0;
        pattern.remove_prefix(end);
    }
}

void add_of_list(std::string_view list, Users &users)
{
    while (!list.empty())
        if (const std::string_view name = take(list, ','); !name.empty())
            users.push_back(name);
}

void add_string(const JsonbValue &value, Users &users)
{
    if (value.type == jbvString && !json::string_of(value).empty())
        users.push_back(json::string_of(value));
}

/* Names can have blanks around them. */
void add_of_text(const JsonbValue &given, Users &users)
{
    Users names;
    if (given.type == jbvString)
        add_of_list(json::string_of(given), names);
    for (const std::string_view name : names)
        if (!trimmed(name).empty())
            users.push_back(trimmed(name));
}

void add_of_array(const JsonbValue &given, Users &users)
{
    if (json::is_array(given))
        json::each_element(given, [&](const JsonbValue &name) { add_string(name, users); });
}

bool is_shard()
{
    return identity::server_role().kind == identity::ServerKind::Shard;
}

} // namespace

void check_user_is_here(std::string_view name)
{
    if (!is_shard())
        return;
    pg::Errors errors;
    const text *user_uuid = identity::checked_user_uuid(pg::make_text(name), "user_uuid", errors);
    if (errors.empty() && identity::is_elsewhere(user_uuid))
        identity::refuse_elsewhere(user_uuid);
}

void check_users_are_here(const Exchange &exchange)
{
    if (!is_shard())
        return;
    const identity::Request &request = *identity::current_request();
    if (request.user_uuid != nullptr && !request.acts_on_all && !request.is_asserted)
        check_user_is_here(pg::view(request.user_uuid));
    for (const std::string_view name : users_of(exchange, shard_rule_of(*exchange.route)))
        check_user_is_here(name);
}

JsonbValue distinct_body(const Exchange &exchange)
{
    pg::Errors errors;
    Jsonb *const document = json::read_distinct(body_text(exchange), errors);
    return document != nullptr && errors.empty() ? json::root_of(document) : JsonbValue{};
}

JsonbValue json_body(const Exchange &exchange)
{
    pg::Error why{};
    Jsonb *const document = json::try_read_json(body_text(exchange), why);
    return document == nullptr ? JsonbValue{} : json::root_of(document);
}

Users users_of(const Exchange &exchange, const ShardRule &rule)
{
    Users users;
    switch (rule.source) {
    case Source::Path:
        add_of_path(exchange, users);
        break;
    case Source::Query:
        add_of_list(value_of(exchange.target.query, rule.name).value_or(""), users);
        break;
    case Source::Member:
        with_member(distinct_body(exchange), rule.name,
                    [&](const JsonbValue &value) { add_string(value, users); });
        break;
    case Source::Text:
        with_member(distinct_body(exchange), rule.name,
                    [&](const JsonbValue &value) { add_of_text(value, users); });
        break;
    case Source::Array:
        with_member(distinct_body(exchange), rule.name,
                    [&](const JsonbValue &value) { add_of_array(value, users); });
        break;
    case Source::Elements:
        if (const JsonbValue body = distinct_body(exchange); json::is_array(body))
            json::each_element(body, [&](const JsonbValue &element) {
                with_member(element, rule.name, [&](const JsonbValue &value) { add_string(value, users); });
            });
        break;
    case Source::Request:
    case Source::Document:
        break;
    }
    return users;
}

} // namespace opigno::gateway
