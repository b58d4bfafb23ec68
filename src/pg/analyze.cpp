#include "pg/analyze.hpp"

#include "pg/catalog.hpp"
#include "pg/relation.hpp"
#include "pg/spi.hpp"

namespace opigno::pg {

double known_rows(Oid relation)
{
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for relation %u", relation);
    const double rows = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->reltuples;
    ReleaseSysCache(tuple);
    return rows;
}

bool analyze(Oid relation, const char *columns)
{
    if (!ConditionalLockRelationOid(relation, ShareUpdateExclusiveLock))
        return false;
    execute(psprintf("ANALYZE %s (%s)", qualified_name(relation), columns));
    return true;
}

} // namespace opigno::pg
