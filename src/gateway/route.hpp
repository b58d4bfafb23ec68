/*
 * The routes: what is answered for a method and a path. Each file in src/gateway/routes has the
 * table of one room. routes.hpp lists the tables.
 */
#pragma once

#include "gateway/exchange.hpp"

#include <span>

namespace opigno::gateway {

/* Who may send a request: anybody, any user or client, or an operator. */
enum class Identity { None, Request, Operator };

/* What a request body is, and what Content-Type it must have. The routes with a form are
 * those of OAuth, with its errors. */
enum class Body { None, Form, Json, MergePatch, Bulk };

struct Route {
    std::string_view method;
    /* Segments with slashes before them. :name takes any one segment that no other pattern names. */
    std::string_view pattern;
    Identity identity;
    Body body;
    void (*answer)(Exchange &exchange);
    std::string_view parameters = {}; /* the names in the query, separated with spaces */
    const char *media_type = json_type;
    /* Values in the query can have several lines, and unknown parameters of a write are ignored: as
     * clients of GraphQL expect. */
    bool is_lenient = false;
    std::string_view repeated_parameters = {}; /* those that may come several times */
};

extern const std::span<const Route> token_routes;
extern const std::span<const Route> app_routes;
extern const std::span<const Route> profile_routes;
extern const std::span<const Route> account_routes;
extern const std::span<const Route> preference_routes;
extern const std::span<const Route> context_routes;
extern const std::span<const Route> training_routes;
extern const std::span<const Route> training_profile_routes;
extern const std::span<const Route> progress_routes;
extern const std::span<const Route> bundle_routes;
extern const std::span<const Route> leaving_routes;
extern const std::span<const Route> retirement_routes;
extern const std::span<const Route> retirement_queue_routes;
extern const std::span<const Route> partner_report_routes;
extern const std::span<const Route> user_data_routes;
extern const std::span<const Route> graphql_routes;
extern const std::span<const Route> service_routes;

/*
 * Returns the route of the exchange, and stores its captures there. HEAD takes the route of GET.
 * Without a route: raises PT404, or PT405 with the header Allow if the path has other methods.
 */
const Route &find_route(Exchange &exchange);

/* The same. Returns nullptr without a route. */
const Route *known_route(Exchange &exchange);

/* Returns the methods of the path, separated with commas. Raises PT404 if the path is unknown. */
std::string_view allowed_methods(Exchange &exchange);

} // namespace opigno::gateway
