#include "context/authority.hpp"

#include "context/granted.hpp"
#include "identity/request.hpp"
#include "identity/user.hpp"
#include "pg/array.hpp"
#include "pg/spi.hpp"
#include "pg/text.hpp"

#include <algorithm>

namespace opigno::context {

namespace {

using identity::check_request;
using identity::Request;

/* Of a client that is not registered, which only opigno.test_request() can name. */
constexpr std::string_view default_scope_of_clients = "AUTHENTICATED";

constexpr Oid client_type[] = {INT8OID};
constinit pg::Statement
    select_grantable("SELECT c.may_grant_scopes::text[] FROM opigno.client AS c WHERE c.client_id = $1",
                     client_type);

bool created_by(std::int64_t client, text *user_uuid)
{
    const std::optional<identity::User> user = identity::find_user(user_uuid);
    return user.has_value() && user->created_by_client_id == client;
}

/* Another client may have created the user context since the request began. */
bool may_set_own(const Request &request)
{
    if (!request.names_new_user)
        return true;
    const std::optional<identity::User> user = identity::find_user(request.user_uuid);
    return !user.has_value() || identity::may_act_for_creation_of(request, user->created_by_client_id);
}

bool may_act_for(const Request &request, text *user_uuid, Act act)
{
    if (pg::view(request.user_uuid) == pg::view(user_uuid))
        return act == Act::Set ? may_set_own(request) : !request.is_restricted;
    return !request.is_restricted && request.client_id.has_value() &&
           (request.acts_for_every_user || created_by(*request.client_id, user_uuid) ||
            is_granted_now(*request.client_id, user_uuid));
}

/* The scopes that the request may grant and take away, as committed now. */
pg::Names grantable_scopes(const Request &request)
{
    pg::Names names;
    if (!request.client_id.has_value())
        return names;
    const Datum key = Int64GetDatum(*request.client_id);
    if (select_grantable.read_committed(&key) > 0)
        return pg::names_of(DatumGetArrayTypeP(pg::column(1)));
    names.push_back(default_scope_of_clients);
    return names;
}

bool contains(const pg::Names &names, std::string_view wanted)
{
    return std::find(names.begin(), names.end(), wanted) != names.end();
}

pg::Names difference(const pg::Names &names, const pg::Names &others)
{
    pg::Names rest;
    for (const std::string_view name : names)
        if (!contains(others, name))
            rest.push_back(name);
    return rest;
}

void add_refused(const pg::Names &scopes, const char *verb, pg::Errors &errors)
{
    for (const std::string_view name : scopes)
        errors.add(ERRCODE_INSUFFICIENT_PRIVILEGE, "scope", "the request may not %s scope \"%.*s\"", verb,
                   static_cast<int>(name.size()), name.data());
}

void check_scopes(const pg::Names &held, const pg::Names &wanted, pg::Errors &errors)
{
    const pg::Names granted = difference(wanted, held);
    const pg::Names taken = difference(held, wanted);
    if (granted.empty() && taken.empty())
        return;
    const pg::Names grantable = grantable_scopes(check_request());
    add_refused(difference(granted, grantable), "grant", errors);
    add_refused(difference(taken, grantable), "take away", errors);
}

[[noreturn]] void refuse_user()
{
    ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("the request may not act for this user"),
            errhint("A request acts for its own user. A client also acts for users that it created or "
                    "was granted, or for all. Operators act on every user."));
}

} // namespace

void check_may_act_for(const identity::Caller &caller, text *user_uuid, Act act)
{
    if (!caller.acts_on_all && !may_act_for(check_request(), user_uuid, act))
        refuse_user();
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
        check_scopes({}, pg::names_of(change.scope), errors);
    errors.raise();
}

void check_change(const Change &change, const Stored &stored)
{
    const Request &request = check_request();
    if (pg::view(change.uuid) == pg::view(request.user_uuid) &&
        !identity::may_act_for_creation_of(request, stored.created_by_client_id))
        refuse_user();
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
    if (change.scope != nullptr)
        check_scopes(pg::names_of(stored.scope), pg::names_of(change.scope), errors);
    errors.raise();
}

} // namespace opigno::context
