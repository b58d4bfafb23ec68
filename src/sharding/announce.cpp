/* announce_server_role_change; announce.sql has the contract. */
#include "pg/catalog.hpp"
#include "pg/invalidation.hpp"

OPIGNO_FUNCTION(opigno_announce_server_role_change)
{
    const Oid table = get_relname_relid("server_role", get_func_namespace(fcinfo->flinfo->fn_oid));
    if (OidIsValid(table))
        CacheInvalidateRelcacheByRelid(table);
    PG_RETURN_BOOL(true);
}
