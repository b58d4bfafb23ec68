#include "gateway/shard_route.hpp"

#include <algorithm>

namespace opigno::gateway {

namespace {

constexpr ShardRule rules[] = {
    {"POST", "/oauth/token", Place::Hub},
    {"POST", "/oauth/revoke", Place::Hub},
    {"POST", "/operator/app/register", Place::Hub},
    {"PUT", "/trainings/:training", Place::Hub},
    {"DELETE", "/trainings/:training", Place::Hub},
    {"POST", "/operator/training/set-bulk", Place::Hub},
    {"PUT", "/trainings/:training/profiles/:appid", Place::Hub},
    {"PATCH", "/trainings/:training/profiles/:appid", Place::Hub},
    {"DELETE", "/trainings/:training/profiles/:appid", Place::Hub},
    {"POST", "/operator/training-profile/create-bulk", Place::Hub},

    {"GET", "/user-contexts", Place::Every, Source::Request, {}, "list_user_contexts"},
    {"GET", "/trainings/:training/progress", Place::Every, Source::Request, {}, "list_progress"},
    {"POST", "/operator/profile/create-bulk", Place::Every, Source::Request, {}, "create_profiles"},
    {"POST", "/operator/progress/report-bulk", Place::Every, Source::Request, {}, "report_progress_many"},
    {"POST",
     "/operator/users/purge-anonymous",
     Place::Every,
     Source::Request,
     {},
     "purge_anonymous_user_contexts"},
    {"GET", "/api/user/v1/accounts/retirement_queue/", Place::Every, Source::Request, {}, "retirement_queue"},
    {"GET",
     "/api/user/v1/accounts/retirements_by_status_and_date/",
     Place::Every,
     Source::Request,
     {},
     "list_retirements"},
    {"POST",
     "/api/user/v1/accounts/retirement_partner_report/",
     Place::Every,
     Source::Request,
     {},
     "take_partner_reports"},
    /* The body has the number of the retirement, which does not tell the user. */
    {"POST",
     "/api/user/v1/accounts/cancel_retirement/",
     Place::Every,
     Source::Request,
     {},
     "cancel_retirement"},

    {"GET", "/operator/users/bundles", Place::User, Source::Query, "users", "get_user_bundles"},
    {"GET", "/api/user/v1/accounts", Place::User, Source::Query, "username", "get_accounts"},
    /* The shard refuses if the other user is on another one. */
    {"POST", "/operator/users/merge", Place::User, Source::Member, "from_uuid"},
    {"PATCH", "/api/user/v1/accounts/update_retirement_status/", Place::User, Source::Member, "username"},
    {"POST", "/api/user/v1/accounts/retire/", Place::User, Source::Member, "username"},
    {"PUT", "/api/user/v1/accounts/retirement_partner_report/", Place::User, Source::Member, "username"},
    {"POST", "/api/user/v1/accounts/bulk_retire_users", Place::User, Source::Text, "usernames",
     "begin_retirements"},
    {"POST", "/api/user/v1/accounts/retirement_cleanup/", Place::User, Source::Array, "usernames",
     "retirement_cleanup"},
    {"POST", "/api/user/v1/accounts/retirement_partner_report_cleanup/", Place::User, Source::Elements,
     "original_username", "clean_up_partner_reports"},
    {"GET", "/graphql", Place::User, Source::Document},
    {"POST", "/graphql", Place::User, Source::Document},
};

bool has_user(std::string_view pattern)
{
    while (!pattern.empty()) {
        pattern.remove_prefix(1);
        const std::size_t end = std::min(pattern.find('/'), pattern.size());
        if (captures_user({pattern.data(), end}))
            return true;
        pattern.remove_prefix(end);
    }
    return false;
}

} // namespace

bool captures_user(std::string_view segment)
{
    return segment == ":uuid" || segment == ":userid" || segment == ":username";
}

ShardRule shard_rule_of(const Route &route)
{
    const auto *const found = std::find_if(std::begin(rules), std::end(rules), [&](const ShardRule &rule) {
        return rule.method == route.method && rule.pattern == route.pattern;
    });
    if (found != std::end(rules))
        return *found;
    if (has_user(route.pattern))
        return {route.method, route.pattern, Place::User, Source::Path};
    return {route.method, route.pattern,
            route.identity == Identity::None      ? Place::Any
            : route.identity == Identity::Request ? Place::User
                                                  : Place::Every};
}

} // namespace opigno::gateway
