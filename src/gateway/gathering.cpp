#include "gateway/gathering.hpp"

#include <algorithm>

namespace opigno::gateway {

namespace {

constexpr Gathering gatherings[] = {
    {"/user-contexts", "uuid", Order::User},
    {"/trainings/:training/progress", "user_uuid", Order::User},
    {"/api/user/v1/accounts/retirement_queue/", "created", Order::Creation},
    {"/api/user/v1/accounts/retirements_by_status_and_date/", "created", Order::Creation, false},
    {"/api/user/v1/accounts", "username", Order::Names},
    {"/operator/users/bundles", "user_uuid", Order::Names},
};

} // namespace

const Gathering *read_gathering(Exchange &exchange, std::string_view target, Jsonb *headers)
{
    exchange.headers = read_headers(headers);
    const std::optional<Target> read = read_target(target);
    if ((exchange.method != "GET" && exchange.method != "HEAD") || !read.has_value())
        return nullptr;
    exchange.target = *read;
    exchange.route = known_route(exchange);
    if (exchange.route == nullptr)
        return nullptr;
    const auto *const found =
        std::find_if(std::begin(gatherings), std::end(gatherings), [&](const Gathering &gathering) {
            return gathering.pattern == exchange.route->pattern;
        });
    return found == std::end(gatherings) ? nullptr : found;
}

} // namespace opigno::gateway
