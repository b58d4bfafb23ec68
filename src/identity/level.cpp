/* Levels of access: finding and caching the levels of a role, the marker procedures, and
 * reads_every_user(). */
#include "identity/level.hpp"

#include "pg/acl.hpp"
#include "pg/catalog.hpp"
#include "pg/invalidation.hpp"
#include "pg/setting.hpp"

#include <cstdint>
#include <iterator>

namespace opigno::identity {

namespace {

char *owner_name = nullptr;

/* Changes with each change of what Access::of() depends on. An unused entry has 0. */
std::uint64_t generation = 1;

void forget(Datum /*argument*/, pg::CacheId /*cache*/, uint32 /*hash*/)
{
    ++generation;
}

bool may_execute_marker(const char *name, Oid schema, Oid role)
{
    const Oid marker = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(name),
                                       PointerGetDatum(buildoidvector(nullptr, 0)), ObjectIdGetDatum(schema));
    return OidIsValid(marker) && pg::may_execute(marker, role);
}

} // namespace

Access Access::found(Oid function, Oid role)
{
    HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for function %u", function);
    const auto *form = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple));
    Access access;
    access.schema_ = form->pronamespace;
    access.owner_ = form->proowner;
    ReleaseSysCache(tuple);
    access.is_owner_ = has_privs_of_role(role, access.owner_);
    for (const LevelName &name : level_names)
        if (access.is_owner_ || may_execute_marker(name.marker, access.schema_, role))
            access.levels_ |= bit_of(name.level);
    return access;
}

Access Access::of(Oid function)
{
    struct Entry {
        Oid function;
        Oid role;
        std::uint64_t generation;
        Access access;
    };
    static constinit Entry entries[128] = {};
    const Oid role = GetUserId();
    Entry &entry = entries[(function ^ role * 31U) % std::size(entries)];
    if (entry.function != function || entry.role != role || entry.generation != generation) {
        const std::uint64_t before = generation; /* the search itself can receive invalidations */
        entry = {function, role, before, found(function, role)};
    }
    return entry.access;
}

void watch_catalogs()
{
    for (const pg::CacheId cache : {PROCOID, AUTHOID, AUTHMEMROLEMEM, DATABASEOID})
        CacheRegisterSyscacheCallback(cache, forget, Datum{0});
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

OPIGNO_FUNCTION(opigno_access_learning)
{
    PG_RETURN_VOID();
}

OPIGNO_FUNCTION(opigno_reads_every_user)
{
    PG_RETURN_BOOL(identity::Access::of(fcinfo->flinfo->fn_oid).reads_all());
}
