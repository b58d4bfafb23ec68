#include "identity/access.hpp"

#include "identity/level.hpp"
#include "identity/shard.hpp"
#include "pg/acl.hpp"
#include "pg/catalog.hpp"
#include "pg/setting.hpp"
#include "pg/text.hpp"

namespace opigno::identity {

namespace {

/* hint: nullptr for none */
[[noreturn]] void refuse(Oid function, const char *needed, const char *hint)
{
    ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
            errmsg("permission denied for function %s", get_func_name(function)),
            errdetail_internal("%s", needed), hint == nullptr ? 0 : errhint("%s", hint));
}

constexpr const char *needed_for_training =
    "It requires the level \"operator\" or \"learning\", or an operator's request.";
constexpr const char *needed_for_load =
    "It requires the level \"operator\", \"learning\" or \"gateway\", or an operator's request.";
constexpr const char *hint_for_level = "opigno.grant_access() gives a role its level of access.";

void check_request_may_act()
{
    const text *user_uuid = check_request_user();
    const Request &request = *current_request();
    if (!request.is_restricted)
        return;
    if (!request.is_asserted && is_elsewhere(user_uuid))
        refuse_elsewhere(user_uuid);
    ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE), errmsg("the user of the request cannot act"),
            errdetail("The user context does not exist or is not active."));
}

/* What the user of the request owns is where the user is. */
void check_own_request()
{
    check_request_may_act();
    if (current_request()->is_asserted)
        refuse_elsewhere(current_request()->user_uuid);
}

} // namespace

const Request &check_request()
{
    const Request *request = current_request();
    if (request == nullptr)
        ereport(
            ERROR, errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
            errmsg("there is no request to act for"),
            errhint("A request lasts until the end of the transaction in which it was begun: begin it and "
                    "call this function in one transaction."));
    return *request;
}

text *check_request_user()
{
    text *user_uuid = check_request().user_uuid;
    if (user_uuid == nullptr)
        ereport(ERROR, errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION), errmsg("%s", names_no_user),
                errhint("Pass the user's uuid to opigno.begin_request() as client_uuid."));
    return user_uuid;
}

Caller check_caller(FunctionCallInfo fcinfo, RequiredAccess required)
{
    const Oid function = fcinfo->flinfo->fn_oid;
    const Access access = Access::of(function);
    Caller caller{};
    caller.function = function;
    caller.owner = access.owner();
    caller.schema = access.schema();
    const bool is_of_trainings = required == RequiredAccess::Training || required == RequiredAccess::Load ||
                                 required == RequiredAccess::Progress;
    caller.acts_on_all = is_of_trainings ? access.acts_on_trainings() : access.acts_on_all();
    caller.reads_all = required == RequiredAccess::None && access.reads_all();
    switch (required) {
    case RequiredAccess::Owner:
        if (!access.is_owner())
            refuse(function, "It requires the rights of the extension's owner.", nullptr);
        break;
    case RequiredAccess::OperatorLevel:
        if (!access.has(Level::Operator))
            refuse(function, "It requires the level \"operator\".", hint_for_level);
        break;
    case RequiredAccess::Operator:
        if (!caller.acts_on_all)
            refuse(function, "It requires the level \"operator\" or an operator's request.", hint_for_level);
        break;
    case RequiredAccess::Training:
    case RequiredAccess::Load:
        if (!caller.acts_on_all && (required == RequiredAccess::Training || !access.has(Level::Gateway)))
            refuse(function, required == RequiredAccess::Training ? needed_for_training : needed_for_load,
                   hint_for_level);
        break;
    case RequiredAccess::Gateway:
        if (!access.has(Level::Gateway))
            refuse(function, "It requires the level \"gateway\".", hint_for_level);
        if (access.has(Level::Operator) || access.has(Level::Auditor) || access.has(Level::Learning) ||
            has_bypassrls_privilege(GetUserId()))
            refuse(function, "The role may act on every user, or read all data, without a request.",
                   "SET ROLE to a role that has the level \"gateway\" alone.");
        break;
    case RequiredAccess::Backend:
    case RequiredAccess::Request:
    case RequiredAccess::Progress:
    case RequiredAccess::OwnRequest:
        if (!caller.acts_on_all && !access.acts_by_request())
            refuse(function,
                   is_of_trainings
                       ? "It requires the level \"user\", \"gateway\", \"operator\" or \"learning\"."
                       : "It requires the level \"user\", \"gateway\" or \"operator\".",
                   hint_for_level);
        if (required == RequiredAccess::OwnRequest)
            check_own_request();
        else if (required != RequiredAccess::Backend && !caller.acts_on_all)
            check_request();
        break;
    case RequiredAccess::None:
        break;
    }
    check_place(fcinfo, required == RequiredAccess::Owner);
    return caller;
}

void check_acts_for_own_user(const Caller &caller, const text *user_uuid)
{
    if (caller.acts_on_all)
        return;
    check_request_may_act();
    if (pg::view(current_request()->user_uuid) != pg::view(user_uuid))
        ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                errmsg("the request may not act for this user"),
                errhint("A request acts for its own user; operators act on every user."));
}

Oid owner_of(Oid function)
{
    return Access::of(function).owner();
}

void become_owner(Caller &caller)
{
    GetUserIdAndSecContext(&caller.role, &caller.security_context);
    caller.guc_level = pg::fix_search_path();
    SetUserIdAndSecContext(caller.owner, caller.security_context | SECURITY_LOCAL_USERID_CHANGE);
}

void become_caller(const Caller &caller)
{
    pg::leave_search_path(caller.guc_level);
    SetUserIdAndSecContext(caller.role, caller.security_context);
}

} // namespace opigno::identity
