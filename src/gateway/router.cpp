#include "gateway/route.hpp"

#include <array>
#include <limits>

namespace opigno::gateway {

namespace {

constexpr std::string_view all_methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

std::array<std::span<const Route>, 17> all_routes()
{
    return {
        token_routes,   app_routes,        profile_routes,          account_routes,        preference_routes,
        context_routes, training_routes,   training_profile_routes, progress_routes,       bundle_routes,
        leaving_routes, retirement_routes, retirement_queue_routes, partner_report_routes, user_data_routes,
        graphql_routes, service_routes};
}

/* Whether the path has the pattern. Stores the captures. */
bool is_match(std::string_view pattern, Exchange &exchange)
{
    exchange.captures.clear();
    std::string_view rest = pattern;
    rest.remove_prefix(1);
    for (std::size_t at = 0;; ++at) {
        const std::size_t end = rest.find('/');
        const std::string_view wanted = rest.substr(0, end);
        if (at == exchange.target.path.size())
            return false;
        const std::string_view given = exchange.target.path[at];
        if (wanted.starts_with(':') ? given.empty() : wanted != given)
            return false;
        if (wanted.starts_with(':'))
            exchange.captures.push_back(given);
        if (end == std::string_view::npos)
            return at + 1 == exchange.target.path.size();
        rest.remove_prefix(end + 1);
    }
}

bool is_method(const Route &route, std::string_view method)
{
    return route.method == method || (method == "HEAD" && route.method == "GET");
}

/* Returns the pattern of the path, and stores its captures; "" if the path is unknown. Of several patterns,
 * the path has the one with the fewest captures: /user/profiles/create is not /user/profiles/:appid. */
std::string_view find_pattern(Exchange &exchange)
{
    std::string_view best;
    std::size_t fewest = std::numeric_limits<std::size_t>::max();
    for (const std::span<const Route> routes : all_routes())
        for (const Route &route : routes)
            if (is_match(route.pattern, exchange) && exchange.captures.size() < fewest) {
                best = route.pattern;
                fewest = exchange.captures.size();
            }
    if (!best.empty())
        is_match(best, exchange);
    return best;
}

std::string_view pattern_of(Exchange &exchange)
{
    const std::string_view pattern = find_pattern(exchange);
    if (pattern.empty())
        refuse(404, "no route has this path");
    return pattern;
}

const Route *route_of(std::string_view pattern, std::string_view method)
{
    for (const std::span<const Route> routes : all_routes())
        for (const Route &route : routes)
            if (route.pattern == pattern && is_method(route, method))
                return &route;
    return nullptr;
}

const char *methods_of(std::string_view pattern)
{
    StringInfoData methods;
    initStringInfo(&methods);
    for (const std::span<const Route> routes : all_routes())
        for (const Route &route : routes)
            if (route.pattern == pattern)
                appendStringInfo(&methods, "%.*s%s, ", static_cast<int>(route.method.size()),
                                 route.method.data(), route.method == "GET" ? ", HEAD" : "");
    appendStringInfoString(&methods, "OPTIONS");
    return methods.data;
}

} // namespace

std::string_view allowed_methods(Exchange &exchange)
{
    return exchange.target.is_server ? all_methods : methods_of(pattern_of(exchange));
}

const Route *known_route(Exchange &exchange)
{
    return route_of(find_pattern(exchange), exchange.method);
}

const Route &find_route(Exchange &exchange)
{
    const std::string_view pattern = pattern_of(exchange);
    if (const Route *route = route_of(pattern, exchange.method); route != nullptr)
        return *route;
    exchange.answer->header("Allow", methods_of(pattern));
    refuse(405, "this path does not have this method");
}

} // namespace opigno::gateway
