/* announce_schema_change; announce.sql has the contract. */
#include "pg/catalog.hpp"
#include "pg/invalidation.hpp"

OPIGNO_FUNCTION(opigno_announce_schema_change)
{
    const Oid table = get_relname_relid("app_schema", get_func_namespace(fcinfo->flinfo->fn_oid));
    if (OidIsValid(table))
        CacheInvalidateRelcacheByRelid(table);
    PG_RETURN_BOOL(true);
}
