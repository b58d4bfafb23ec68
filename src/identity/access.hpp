/*
 * The one check at the top of every writing function, and the change of role
 * that follows it. Functions run with their invoker's rights; whoever passes the
 * check acts as the functions' owner under a fixed search_path, until the body
 * returns or the transaction (or subtransaction) aborts.
 */
#pragma once

#include "identity/request.hpp"
#include "pg/postgres.hpp"

#include <type_traits>

namespace opigno::identity {

/* What a function requires of its caller. */
enum class RequiredAccess {
    Owner,      /* the rights of the extension's owner */
    Operator,   /* the owner's, or the level operator */
    Request,    /* an operator's, or the level user or gateway and a request */
    OwnRequest, /* a request that may act, and one of these levels */
    None,       /* no privilege: the function filters what the caller may see */
};

struct Caller {
    Oid function;
    Oid role; /* the effective one */
    int security_context;
    int guc_level;
    bool acts_on_all; /* else the request is what gives rights */
    bool reads_all;   /* looked up for RequiredAccess::None alone */
};

static_assert(std::is_trivially_destructible_v<Caller>);

/*
 * Raises 42501 for who may not call the function, and 28000 where a request is
 * needed and there is none.
 */
Caller check_caller(FunctionCallInfo fcinfo, RequiredAccess required);

/* Raises 28000 where there is no request. */
const Request &check_request();

/*
 * Raises 42501 unless the caller acts on every user, or the user is its request's own and may act.
 * (context/authority.hpp has the rule for user contexts, where a client also acts for users it created.)
 */
void check_acts_for_own_user(const Caller &caller, const text *user_uuid);

void become_owner(Caller &caller);
void become_caller(const Caller &caller);

template <typename Body> auto as_owner(FunctionCallInfo fcinfo, RequiredAccess required, Body body)
{
    Caller caller = check_caller(fcinfo, required);
    become_owner(caller);
    const auto result = body(caller);
    become_caller(caller);
    return result;
}

} // namespace opigno::identity
