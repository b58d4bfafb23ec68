/* Levels of access: the lookup of the marker procedures, and the functions that the policies
 * call. */
#include "identity/level.hpp"

#include "identity/request.hpp"
#include "pg/acl.hpp"
#include "pg/catalog.hpp"
#include "pg/setting.hpp"

#include <algorithm>

namespace opigno::identity {

namespace {

char *owner_name = nullptr;

} // namespace

Oid owner_of_function(Oid function)
{
    HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for function %u", function);
    const Oid owner = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple))->proowner;
    ReleaseSysCache(tuple);
    return owner;
}

Access::Access(Oid function)
    : schema_(get_func_namespace(function)),
      is_owner_(has_privs_of_role(GetUserId(), owner_of_function(function)))
{
}

bool Access::has(Level level) const
{
    if (is_owner_)
        return true;
    const LevelName *found = std::find_if(std::begin(level_names), std::end(level_names),
                                          [&](const LevelName &name) { return name.level == level; });
    const Oid marker =
        GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(found->marker),
                        PointerGetDatum(buildoidvector(nullptr, 0)), ObjectIdGetDatum(schema_));
    return OidIsValid(marker) && pg::may_execute(marker, GetUserId());
}

void define_owner_setting()
{
    DefineCustomStringVariable("opigno_profiles.owner",
                               "Sets the owner of all objects that CREATE EXTENSION opigno_profiles creates.",
                               "If empty, the owner is the role that runs CREATE EXTENSION. The owner should "
                               "be neither a login role "
                               "nor a superuser.",
                               &owner_name, "", PGC_SUSET, 0, nullptr, nullptr, nullptr);
}

} // namespace opigno::identity

using namespace opigno;

OPIGNO_FUNCTION(opigno_access_user)
{
    PG_RETURN_VOID();
}

OPIGNO_FUNCTION(opigno_access_gateway)
{
    PG_RETURN_VOID();
}

OPIGNO_FUNCTION(opigno_access_operator)
{
    PG_RETURN_VOID();
}

OPIGNO_FUNCTION(opigno_access_auditor)
{
    PG_RETURN_VOID();
}

OPIGNO_FUNCTION(opigno_reads_every_user)
{
    PG_RETURN_BOOL(identity::Access(fcinfo->flinfo->fn_oid).reads_all());
}
