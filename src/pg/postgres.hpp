/*
 * The wall: the only way into PostgreSQL's headers, and the names of newer
 * majors on older ones. Everything below PostgreSQL reports errors by longjmp,
 * so nothing that owns a resource through a destructor may stand on a stack
 * that can reach it; docs/decisions/0001-cpp-boundary.md has the rules.
 */
#pragma once

extern "C" {
#include <postgres.h>

#include <access/htup_details.h>
#include <access/relation.h>
#include <access/table.h>
#include <access/xact.h>
#include <catalog/namespace.h>
#include <catalog/objectaddress.h>
#include <catalog/pg_collation.h>
#include <catalog/pg_index.h>
#include <catalog/pg_inherits.h>
#include <catalog/pg_operator.h>
#include <catalog/pg_proc.h>
#include <catalog/pg_type.h>
#include <commands/progress.h>
#include <commands/tablecmds.h>
#include <commands/trigger.h>
#include <common/hashfn.h>
#include <common/jsonapi.h>
#include <executor/spi.h>
#include <executor/tuptable.h>
#include <fmgr.h>
#include <funcapi.h>
#include <mb/pg_wchar.h>
#include <miscadmin.h>
#include <nodes/makefuncs.h>
#include <parser/parsetree.h>
#include <storage/bufmgr.h>
#include <storage/itemptr.h>
#include <storage/lmgr.h>
#include <utils/acl.h>
#include <utils/array.h>
#include <utils/backend_progress.h>
#include <utils/backend_status.h>
#include <utils/builtins.h>
#include <utils/datetime.h>
#include <utils/fmgroids.h>
#include <utils/guc.h>
#include <utils/json.h>
#include <utils/jsonb.h>
#include <utils/lsyscache.h>
#include <utils/memutils.h>
#include <utils/numeric.h>
#include <utils/plancache.h>
#include <utils/portal.h>
#include <utils/rel.h>
#include <utils/relcache.h>
#include <utils/rls.h>
#include <utils/snapmgr.h>
#include <utils/syscache.h>
#include <utils/timestamp.h>
#include <utils/tuplesort.h>
#include <utils/tuplestore.h>
#include <utils/typcache.h>
#include <utils/varlena.h>
#if PG_VERSION_NUM >= 160000
#include <nodes/miscnodes.h>
#include <varatt.h>
#endif
}

#include "pg/compat.hpp"

/* Wrong state: what was found is not what the caller took for granted. PostgREST makes it HTTP 409. */
#define ERRCODE_WRONG_STATE MAKE_SQLSTATE('P', 'T', '4', '0', '9')

/* The expected version is not the stored one. PostgREST makes it HTTP 412. */
#define ERRCODE_OTHER_VERSION MAKE_SQLSTATE('P', 'T', '4', '1', '2')

namespace opigno::pg {

inline bool may_execute(Oid function, Oid role)
{
    return object_aclcheck(ProcedureRelationId, function, role, ACL_EXECUTE) == ACLCHECK_OK;
}

/* Whether an argument is NULL. */
inline bool has_null(FunctionCallInfo fcinfo)
{
    for (int number = 0; number < PG_NARGS(); ++number)
        if (PG_ARGISNULL(number))
            return true;
    return false;
}

} // namespace opigno::pg

/* Defines the C entry point of one SQL function: the SQL name with the prefix opigno_. */
#define OPIGNO_FUNCTION(name)                                                                                \
    extern "C" {                                                                                             \
    extern PGDLLEXPORT Datum name(PG_FUNCTION_ARGS);                                                         \
    PG_FUNCTION_INFO_V1(name);                                                                               \
    }                                                                                                        \
    Datum name([[maybe_unused]] PG_FUNCTION_ARGS)

/* The same for a function that is STRICT: NULL for NULL also where its owner has altered it not to be. */
#define OPIGNO_STRICT_FUNCTION(name)                                                                         \
    static Datum name##_of_values(FunctionCallInfo fcinfo);                                                  \
    OPIGNO_FUNCTION(name)                                                                                    \
    {                                                                                                        \
        if (opigno::pg::has_null(fcinfo))                                                                    \
            PG_RETURN_NULL();                                                                                \
        return name##_of_values(fcinfo);                                                                     \
    }                                                                                                        \
    static Datum name##_of_values(FunctionCallInfo fcinfo)
