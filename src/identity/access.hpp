/*
 * The privilege check at the top of every writing function, and the change of role after it. The
 * functions are SECURITY INVOKER. After the check, the body of a function runs as the functions'
 * owner with a fixed search_path, until the body returns or the transaction or subtransaction
 * aborts.
 */
#pragma once

#include "identity/request.hpp"
#include "pg/postgres.hpp"
#include "pg/spi.hpp"

#include <type_traits>

namespace opigno::identity {

/* What a function requires of its caller. */
enum class RequiredAccess {
    Owner,         /* the rights of the extension's owner */
    OperatorLevel, /* the rights of the owner, or the level operator */
    Operator,      /* the rights of the owner, the level operator, or the level user or gateway and an
                    * operator's request */
    Request,       /* as Operator; or the level user or gateway, and a request */
    Training,      /* as Operator; or the level learning, which acts on all trainings */
    Load,          /* as Training; or the level gateway, for functions that write no data of users */
    Progress,      /* as Request; or the level learning, which acts on the progress of every user */
    Gateway,    /* the level gateway and neither operator, auditor nor learning, so that the role can do only
                 * what a request may do */
    Backend,    /* the level user, gateway or operator, with or without a request */
    OwnRequest, /* a request whose user may act, and the level user, gateway or operator */
    None,       /* no privilege: the function filters what the caller may see */
};

struct Caller {
    Oid function;
    Oid owner;  /* of the function */
    Oid schema; /* of the extension */
    Oid role;   /* the effective one */
    int security_context;
    int guc_level;
    bool acts_on_all; /* the caller or its request is an operator's, or its level is enough for what the
                       * function does; otherwise the request limits what the caller may do */
    bool reads_all;   /* set for RequiredAccess::None only */
};

static_assert(std::is_trivially_destructible_v<Caller>);

/*
 * Raises 42501 if the caller may not call the function, 28000 if a request is required and there is
 * none, and PT409 if the function must be called on another server (shard.hpp).
 */
Caller check_caller(FunctionCallInfo fcinfo, RequiredAccess required);

/* Returns the current request. Raises 28000 if there is none. */
const Request &check_request();

/* The message of 28000 for a request that needs a user and names none. */
inline constexpr const char *names_no_user = "the request names no user";

/* Returns the user that the current request names, who perhaps cannot act. Raises 28000 if there is
 * no request or it names no user. */
text *check_request_user();

/*
 * Raises 42501 unless the caller acts on every user, or the user is the request's own and may act.
 * context/authority.hpp has the rule for user contexts: there a client also acts for other users.
 */
void check_acts_for_own_user(const Caller &caller, const text *user_uuid);

Oid owner_of(Oid function);
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

/* Runs the body as the owner of the function, between SPI_connect and SPI_finish, whoever the caller
 * is: what a policy must know, the caller may not be able to read. */
template <typename Body> auto as_owner_of(Oid function, Body body)
{
    Caller caller{};
    caller.function = function;
    caller.owner = owner_of(function);
    become_owner(caller);
    const auto result = pg::with_spi([&](MemoryContext) { return body(); });
    become_caller(caller);
    return result;
}

} // namespace opigno::identity
