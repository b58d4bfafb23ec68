#include "context/authority.hpp"

#include "identity/request.hpp"
#include "identity/user.hpp"
#include "pg/array.hpp"
#include "pg/text.hpp"

#include <algorithm>

namespace opigno::context {

namespace {

using identity::check_request;
using identity::Request;

constexpr std::string_view scope_of_clients = "AUTHENTICATED";

bool created_by(std::int64_t client, text *user_uuid)
{
    const std::optional<identity::User> user = identity::find_user(user_uuid);
    return user.has_value() && user->created_by_client_id == client;
}

bool may_act_for(const Request &request, text *user_uuid, Act act)
{
    if (pg::view(request.user_uuid) == pg::view(user_uuid))
        return act == Act::Set || !request.is_restricted;
    return !request.is_restricted && request.client_id.has_value() &&
           created_by(*request.client_id, user_uuid);
}

/* Adds an error for each name that is in `names` and not in `others`. */
void add_scopes_beyond(const pg::Names &names, const pg::Names &others, const char *verb, pg::Errors &errors)
{
    const bool by_client = check_request().client_id.has_value();
    for (const std::string_view name : names)
        if (std::find(others.begin(), others.end(), name) == others.end() &&
            !(by_client && name == scope_of_clients))
            errors.add(ERRCODE_INSUFFICIENT_PRIVILEGE, "scope", "the request may not %s scope \"%.*s\"", verb,
                       static_cast<int>(name.size()), name.data());
}

} // namespace

void check_acts_for_own_or_created_user(const identity::Caller &caller, text *user_uuid, Act act)
{
    if (!caller.acts_on_all && !may_act_for(check_request(), user_uuid, act))
        ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                errmsg("the request may not act for this user"),
                errhint("A request acts for its own user, and a client also for those it created; operators "
                        "act on every user."));
}

void check_creates_anonymous(const identity::Caller &caller)
{
    if (caller.acts_on_all)
        return;
    const Request &request = check_request();
    if (request.is_restricted || !request.client_id.has_value())
        ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                errmsg("only operators and clients create anonymous user contexts"));
}

void check_creation(const Change &change)
{
    pg::Errors errors;
    if (change.scope != nullptr)
        add_scopes_beyond(pg::names_of(change.scope), {}, "grant", errors);
    errors.raise();
}

void check_change(const Change &change, const Stored &stored)
{
    const Request &request = check_request();
    pg::Errors errors;
    if (change.is_active.has_value() && *change.is_active != stored.is_active) {
        if (!request.client_id.has_value())
            errors.add(ERRCODE_INSUFFICIENT_PRIVILEGE, "is_active",
                       "a user's own request may not activate or deactivate the user context");
        else if (*change.is_active && stored.created_by_client_id != request.client_id)
            errors.add(ERRCODE_INSUFFICIENT_PRIVILEGE, "is_active",
                       "a client may only activate user contexts that it created");
    } else if (!stored.is_active && !request.client_id.has_value()) {
        errors.add(ERRCODE_INSUFFICIENT_PRIVILEGE, nullptr,
                   "an inactive user may not change the user context");
    }
    if (change.scope != nullptr) {
        const pg::Names wanted = pg::names_of(change.scope);
        const pg::Names held = pg::names_of(stored.scope);
        add_scopes_beyond(wanted, held, "grant", errors);
        add_scopes_beyond(held, wanted, "take away", errors);
    }
    errors.raise();
}

} // namespace opigno::context
