#include "pg/analyze.hpp"

#include "pg/catalog.hpp"
#include "pg/relation.hpp"
#include "pg/setting.hpp"
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"

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

void analyze(Oid relation, const char *columns)
{
    in_subtransaction(
        [&] {
            if (!ConditionalLockRelationOid(relation, ShareUpdateExclusiveLock))
                return false;
            set_for_level("lock_timeout", "10ms"); /* ends with the subtransaction */
            execute(psprintf("ANALYZE %s (%s)", qualified_name(relation), columns));
            return true;
        },
        [](const ErrorData &error) { return error.sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE; });
}

} // namespace opigno::pg
