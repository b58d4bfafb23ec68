#include "identity/access.hpp"

namespace opigno::identity {

namespace {

Oid owner_of_function(Oid function)
{
    HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for function %u", function);
    const Oid owner = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple))->proowner;
    ReleaseSysCache(tuple);
    return owner;
}

void fix_search_path()
{
    set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true,
                      0, false);
}

} // namespace

Caller become_owner(FunctionCallInfo fcinfo)
{
    const Oid function = fcinfo->flinfo->fn_oid;
    const Oid owner = owner_of_function(function);
    if (!has_privs_of_role(GetUserId(), owner))
        aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_FUNCTION, get_func_name(function));

    Caller caller{};
    GetUserIdAndSecContext(&caller.role, &caller.security_context);
    caller.guc_level = NewGUCNestLevel();
    fix_search_path();
    SetUserIdAndSecContext(owner, caller.security_context | SECURITY_LOCAL_USERID_CHANGE);
    return caller;
}

void become_caller(const Caller &caller)
{
    AtEOXact_GUC(false, caller.guc_level);
    SetUserIdAndSecContext(caller.role, caller.security_context);
}

} // namespace opigno::identity
