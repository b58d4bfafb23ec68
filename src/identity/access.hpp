/*
 * The one check at the top of every writing function, and the change of role
 * that follows it. Functions run with their invoker's rights; whoever passes the
 * check acts as the functions' owner under a fixed search_path, until the body
 * returns or the transaction (or subtransaction) aborts.
 */
#pragma once

#include "pg/postgres.hpp"

#include <type_traits>

namespace opigno::identity {

struct Caller {
    Oid role;
    int security_context;
    int guc_level;
};

static_assert(std::is_trivially_destructible_v<Caller>);

/* Raises 42501 unless the effective role has the rights of the owner of the function called. */
Caller become_owner(FunctionCallInfo fcinfo);
void become_caller(const Caller &caller);

template <typename Body> auto as_owner(FunctionCallInfo fcinfo, Body body)
{
    const Caller caller = become_owner(fcinfo);
    const auto result = body();
    become_caller(caller);
    return result;
}

} // namespace opigno::identity
