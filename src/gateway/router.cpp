#include "gateway/route.hpp"

#include <array>

namespace opigno::gateway {

namespace {

std::array<std::span<const Route>, 7> all_routes()
{
    return {token_routes,      app_routes,     profile_routes, account_routes,
            preference_routes, context_routes, service_routes};
}

/* Whether the path has the route's pattern. Stores the captures. */
bool is_match(const Route &route, Exchange &exchange)
{
    exchange.captures.clear();
    std::string_view rest = route.pattern;
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

} // namespace

const char *allowed_methods(Exchange &exchange)
{
    StringInfoData methods;
    initStringInfo(&methods);
    for (const std::span<const Route> routes : all_routes())
        for (const Route &route : routes)
            if (is_match(route, exchange))
                appendStringInfo(&methods, "%s%.*s%s", methods.len > 0 ? ", " : "",
                                 static_cast<int>(route.method.size()), route.method.data(),
                                 route.method == "GET" ? ", HEAD" : "");
    if (methods.len == 0)
        refuse(404, "no route has this path");
    appendStringInfoString(&methods, ", OPTIONS");
    return methods.data;
}

const Route &find_route(Exchange &exchange)
{
    for (const std::span<const Route> routes : all_routes())
        for (const Route &route : routes)
            if (is_method(route, exchange.method) && is_match(route, exchange))
                return route;
    exchange.answer->header("Allow", allowed_methods(exchange));
    refuse(405, "this path does not have this method");
}

} // namespace opigno::gateway
