#include "gateway/gathering.hpp"

#include <algorithm>

namespace opigno::gateway {

namespace {

constexpr Gathering gatherings[] = {
    {"GET", "/user-contexts", "uuid", "", Combination::User},
    {"GET", "/trainings/:training/progress", "user_uuid", "", Combination::User},
    {"GET", "/api/user/v1/accounts/retirement_queue/", "created", "id", Combination::Creation, true},
    {"GET", "/api/user/v1/accounts/retirements_by_status_and_date/", "created", "id", Combination::Creation},
    {"GET", "/api/user/v1/accounts", "username", "", Combination::Names},
    {"GET", "/operator/users/bundles", "user_uuid", "", Combination::Names},
    {"POST", "/api/user/v1/accounts/retirement_partner_report/", "created", "user_id", Combination::Reports},
    {"POST", "/api/user/v1/accounts/bulk_retire_users", "", "", Combination::UserLists},
    {"POST", "/api/user/v1/accounts/cancel_retirement/", "", "", Combination::Found},
    {"POST", "/operator/users/purge-anonymous", "", "", Combination::Sum},
};

} // namespace

const Gathering *read_gathering(Exchange &exchange, std::string_view target, Jsonb *headers)
{
    exchange.headers = read_headers(headers);
    const std::optional<Target> read = read_target(target);
    if (!read.has_value())
        return nullptr;
    const std::string_view method = is_read(exchange.method) ? "GET" : exchange.method;
    exchange.target = *read;
    exchange.route = known_route(exchange);
    if (exchange.route == nullptr)
        return nullptr;
    const auto *const found =
        std::find_if(std::begin(gatherings), std::end(gatherings), [&](const Gathering &gathering) {
            return gathering.method == method && gathering.pattern == exchange.route->pattern;
        });
    return found == std::end(gatherings) ? nullptr : found;
}

} // namespace opigno::gateway
